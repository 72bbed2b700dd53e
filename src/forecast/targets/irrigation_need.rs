//! Water that a zone's fields ask of the canal on each of the 14 days ahead (mm a day, net).
//!
//! Paddies by their pond, orchards and leaf vegetables by the dual crop coefficient
//! ([`crate::agronomy::irrigation`]), from the start of the season on the weather that was seen. A
//! single field takes much on one day and nothing for a week; a zone has many fields, watered on
//! different days. So a few fields that wait differently long stand for it, and their mean is told.

use std::sync::LazyLock;

use super::crop::science::{Science, Season};
use super::crop::weather::{Day, Reads};
use super::crop::{Field, Seasons};
use crate::agronomy::AgronomyError;
use crate::agronomy::irrigation::{
    CropWater, CropWaterTable, FieldPlan, FieldState, OutlookDay, PondKeeping, irrigation_need,
};
use crate::domain::Crop;
use crate::forecast::ForecastError;

/// The target.
pub static IRRIGATION_NEED: Seasons<IrrigationNeed> = Seasons::new(IrrigationNeed);

/// How long the fields of a zone wait, as shares of what the table of coefficients lets them wait
/// (ours; nobody measured how farmers spread). Heavy rain still brings them into step.
const WAITS: [f64; 4] = [0.4, 0.6, 0.8, 1.0];
/// Net: what the field receives. Losses of canals differ and are the reader's to add.
const EFFICIENCY: f64 = 1.0;

#[expect(clippy::expect_used, reason = "the shipped table is whole: a test reads it")]
static TABLE: LazyLock<CropWaterTable> =
    LazyLock::new(|| CropWaterTable::shipped().expect("a test keeps the shipped table whole"));

/// The science of the need.
#[derive(Debug, Clone, Copy)]
pub struct IrrigationNeed;

/// Returns the entry of a field in the table of coefficients. Rice is the longer of the two there: the
/// calendar's 90 to 105 days lie between them.
fn entry_of(field: &Field) -> Option<&'static CropWater> {
    let id = match field.crop {
        Crop::Rice => "rice_103",
        Crop::RiceShrimp => "rice_shrimp_103",
        Crop::Vegetables => "leaf_vegetables",
        other => other.as_str(),
    };
    TABLE.entries().iter().find(|entry| entry.id == id)
}

/// Returns the plan and the first morning's state of each field that stands for a zone.
fn fields_of(entry: &CropWater) -> Result<Vec<(FieldPlan, FieldState)>, AgronomyError> {
    let waiting = |share: f64| {
        let mut plan = TABLE.plan(entry, PondKeeping::Flooded)?;
        let state = match &mut plan {
            FieldPlan::Paddy(paddy) => {
                let rule = &mut paddy.flooded;
                rule.refill_at_mm =
                    rule.refill_to_mm - share * (rule.refill_to_mm - rule.refill_at_mm);
                // Pre-germinated seed is sown on mud: full soil, no pond.
                FieldState::Paddy { days: 0, level_mm: 0.0 }
            }
            FieldPlan::Drained(drained) => {
                drained.wait_share *= share;
                let full = drained.balance.params().soil.field_capacity;
                FieldState::Drained(drained.balance.start(full)?)
            }
        };
        Ok((plan, state))
    };
    WAITS.into_iter().map(waiting).collect()
}

impl Science for IrrigationNeed {
    type State = Vec<(FieldPlan, FieldState)>;

    fn name(&self) -> &'static str {
        "irrigation_need"
    }

    fn variable(&self) -> &'static str {
        "temp_max_c"
    }

    fn unit(&self) -> &'static str {
        "mm/d"
    }

    fn horizons(&self) -> u8 {
        14
    }

    fn bounds(&self) -> (f64, f64) {
        // Above 50 mm a day no rule of the table lets water in.
        (0.0, 200.0)
    }

    /// Water is let in or is not: half-way between is neither.
    fn leans(&self) -> bool {
        false
    }

    fn reads(&self) -> Reads {
        Reads::Water
    }

    fn speaks_of(&self, field: &Field) -> bool {
        entry_of(field).is_some()
    }

    fn season_days(&self, field: &Field) -> i64 {
        entry_of(field).map_or(0, |entry| i64::from(entry.stages.total()))
    }

    fn observe(
        &self,
        season: &Season<'_>,
        _part: &str,
        seen: &[Day],
    ) -> Result<Self::State, ForecastError> {
        let Some(entry) = entry_of(season.field) else { return Ok(Vec::new()) };
        let days = outlook(seen);
        let mut fields = fields_of(entry)?;
        for (plan, state) in &mut fields {
            *state = irrigation_need(plan, state, &days, EFFICIENCY)?.1;
        }
        Ok(fields)
    }

    fn ahead(
        &self,
        _season: &Season<'_>,
        fields: &Self::State,
        ahead: &[Day],
    ) -> Result<Vec<f64>, ForecastError> {
        let days = outlook(ahead);
        let mut means = vec![0.0; ahead.len()];
        for (plan, state) in fields {
            let (needs, _) = irrigation_need(plan, state, &days, EFFICIENCY)?;
            for (mean, need) in means.iter_mut().zip(needs) {
                *mean += need.net_mm / fields.len() as f64;
            }
        }
        Ok(means)
    }
}

fn outlook(days: &[Day]) -> Vec<OutlookDay> {
    let day = |day: &Day| OutlookDay {
        et0_mm: day.et0_mm,
        rain_mm: day.rain_mm,
        wind_2m_m_s: day.wind_2m_m_s,
        rhmin_pct: day.rhmin_pct,
    };
    days.iter().map(day).collect()
}
