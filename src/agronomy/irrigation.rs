//! How much water a field needs from the canal on each of the coming days.
//!
//! Given a crop, the state of its field this morning and the days ahead (reference evapotranspiration
//! and rain), [`irrigation_need`] walks the water balance and lets water in when the field asks for it.
//! Rice is kept by its pond ([`super::paddy`]), orchards and vegetables by the depletion of their roots
//! ([`super::dual_kc`]). [`CropWaterTable`] holds the coefficients, `data/reference/kc.toml`.

mod table;

pub use table::{Confidence, CropWater, CropWaterTable};

use serde::{Deserialize, Serialize};

use super::AgronomyError;
use super::dual_kc::{CropCoefficients, DualKc, DualKcDay, DualKcState, StageDays, Watering};
use super::error::checked;
use super::paddy::{PaddyField, PondRule};

/// Cubic metres a hectare of one millimetre.
pub const M3_HA_PER_MM: f64 = 10.0;

/// What the forecast says of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutlookDay {
    /// Reference evapotranspiration (mm).
    pub et0_mm: f64,
    /// Rain (mm).
    pub rain_mm: f64,
    /// Wind at 2 m (m/s); only crops on drained soil use it.
    pub wind_2m_m_s: f64,
    /// Lowest relative humidity (%); only crops on drained soil use it.
    pub rhmin_pct: f64,
}

/// How the water of a rice field is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PondKeeping {
    /// A pond all season.
    Flooded,
    /// Alternate wetting and drying, but for establishment and flowering.
    Alternate,
}

/// A rice crop in a paddy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PaddyPlan {
    /// The field.
    pub field: PaddyField,
    /// Crop coefficients.
    pub kc: CropCoefficients,
    /// Lengths of the stages.
    pub stages: StageDays,
    /// How the water is kept.
    pub keeping: PondKeeping,
    /// When a pond is kept.
    pub flooded: PondRule,
    /// When the field may dry between.
    pub alternate: PondRule,
    /// Days on which the rules change.
    pub calendar: PondCalendar,
}

/// When rice must have its pond and when it is drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PondCalendar {
    /// Days after sowing until the field may dry.
    pub establish_days: u32,
    /// Days from flowering to harvest.
    pub flowering_before_harvest_days: u32,
    /// Days before and after flowering on which the pond is kept.
    pub flowering_half_width_days: u32,
    /// Days before harvest without irrigation.
    pub drain_days: u32,
}

impl PaddyPlan {
    /// Returns the rule on a day after sowing, or `None` once the field is drained for harvest.
    #[must_use]
    pub fn rule(&self, days: u32) -> Option<PondRule> {
        let total = self.stages.total();
        let c = self.calendar;
        if days + c.drain_days >= total {
            return None;
        }
        let flowering = total.saturating_sub(c.flowering_before_harvest_days);
        let needs_pond = days < c.establish_days
            || days.abs_diff(flowering) <= c.flowering_half_width_days
            || self.keeping == PondKeeping::Flooded;
        Some(if needs_pond { self.flooded } else { self.alternate })
    }
}

/// A crop on drained soil.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DrainedPlan {
    /// Its water balance.
    pub balance: DualKc,
    /// Share of the readily available water that may be gone before water is given (0 to 1).
    pub wait_share: f64,
    /// Share of the surface that irrigation wets.
    pub wetted_share: f64,
}

/// A crop and how it is watered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FieldPlan {
    /// Rice in a paddy.
    Paddy(PaddyPlan),
    /// A crop on drained soil.
    Drained(DrainedPlan),
}

/// Where a field stands in the morning.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldState {
    /// A paddy: days since sowing and the level (mm on the field, or lacking below a full soil).
    Paddy {
        /// Days since sowing.
        days: u32,
        /// Level (mm).
        level_mm: f64,
    },
    /// A crop on drained soil.
    Drained(DualKcState),
}

/// What a day asks of the canal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DailyNeed {
    /// Evapotranspiration of the crop (mm).
    pub et_mm: f64,
    /// Rain that the field keeps (mm).
    pub kept_rain_mm: f64,
    /// Water that drains or seeps away (mm).
    pub drained_mm: f64,
    /// Irrigation that reaches the roots or pond (mm).
    pub net_mm: f64,
    /// Irrigation to take from the canal, losses on the way included (mm).
    pub gross_mm: f64,
    /// Pond, or below 0 what the soil lacks (mm), in the evening.
    pub evening_mm: f64,
    /// Share of its demand that the crop met (0 to 1).
    pub met_share: f64,
}

impl DailyNeed {
    /// Returns the irrigation to take from the canal (m³/ha).
    #[must_use]
    pub fn gross_m3_ha(&self) -> f64 {
        self.gross_mm * M3_HA_PER_MM
    }
}

/// Returns the need of each coming day and the state in which they leave the field.
///
/// `efficiency` is the share of the water taken that reaches the field (0 exclusive to 1). Water is
/// given on the day the field asks for it, so the needs sum to what the balance lacks.
///
/// # Errors
/// [`AgronomyError::OutOfRange`] when a forecast cannot be, the efficiency is not above 0 and up to 1,
/// and [`AgronomyError::StateMismatch`] when the state is of another kind of field than the plan.
pub fn irrigation_need(
    plan: &FieldPlan,
    state: &FieldState,
    outlook: &[OutlookDay],
    efficiency: f64,
) -> Result<(Vec<DailyNeed>, FieldState), AgronomyError> {
    let shares = f64::MIN_POSITIVE..=1.0;
    checked("irrigation efficiency", efficiency, shares, "above 0, to 1")?;
    let mut state = *state;
    let mut needs = Vec::with_capacity(outlook.len());
    for day in outlook {
        let (need, after) = match (plan, state) {
            (FieldPlan::Paddy(plan), FieldState::Paddy { days, level_mm }) => {
                paddy_day(plan, days, level_mm, day)?
            }
            (FieldPlan::Drained(plan), FieldState::Drained(before)) => {
                drained_day(plan, &before, day)?
            }
            _ => return Err(AgronomyError::StateMismatch),
        };
        needs.push(DailyNeed { gross_mm: need.net_mm / efficiency, ..need });
        state = after;
    }
    Ok((needs, state))
}

fn paddy_day(
    plan: &PaddyPlan,
    days: u32,
    level_mm: f64,
    day: &OutlookDay,
) -> Result<(DailyNeed, FieldState), AgronomyError> {
    checked("reference evapotranspiration (mm)", day.et0_mm, 0.0..=25.0, "0 to 25")?;
    checked("rain (mm)", day.rain_mm, 0.0..=2_000.0, "0 to 2000")?;
    let levels = -plan.field.soil_mm..=plan.field.bund_mm;
    checked("level of the field (mm)", level_mm, levels, "the soil's water to the bunds")?;
    let et_crop_mm = plan.kc.at(&plan.stages, days) * day.et0_mm;
    let net_mm = plan
        .rule(days)
        .map_or(0.0, |rule| plan.field.irrigation_mm(&rule, level_mm, et_crop_mm, day.rain_mm));
    let after = plan.field.day(level_mm, et_crop_mm, day.rain_mm + net_mm);
    let need = DailyNeed {
        et_mm: after.et_mm,
        kept_rain_mm: (day.rain_mm - after.overflow_mm).max(0.0),
        drained_mm: after.percolation_mm,
        net_mm,
        gross_mm: net_mm,
        evening_mm: after.level_mm,
        met_share: after.ks,
    };
    Ok((need, FieldState::Paddy { days: days + 1, level_mm: after.level_mm }))
}

fn drained_day(
    plan: &DrainedPlan,
    before: &DualKcState,
    day: &OutlookDay,
) -> Result<(DailyNeed, FieldState), AgronomyError> {
    checked("share of water to wait for", plan.wait_share, 0.0..=1.0, "0 to 1")?;
    let mut weather = DualKcDay {
        et_ref_mm: day.et0_mm,
        wind_2m_m_s: day.wind_2m_m_s,
        rhmin_pct: day.rhmin_pct,
        rain_mm: day.rain_mm,
        watering: None,
    };
    let (mut out, mut after) = plan.balance.step(before, &weather)?;
    let mut net_mm = 0.0;
    if after.root_depletion_mm > plan.wait_share * out.readily_mm {
        net_mm = after.root_depletion_mm;
        let wetted_share = plan.wetted_share;
        weather.watering = Some(Watering { depth_mm: net_mm, wetted_share });
        (out, after) = plan.balance.step(before, &weather)?;
    }
    let need = DailyNeed {
        et_mm: out.et_actual_mm(),
        kept_rain_mm: (day.rain_mm - out.drainage_mm).max(0.0),
        drained_mm: out.drainage_mm,
        net_mm,
        gross_mm: net_mm,
        evening_mm: -after.root_depletion_mm,
        met_share: out.ks,
    };
    Ok((need, FieldState::Drained(after)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Crop;

    fn table() -> CropWaterTable {
        CropWaterTable::shipped().expect("the shipped table is whole")
    }

    fn days(et0_mm: f64, rain_mm: f64, count: usize) -> Vec<OutlookDay> {
        vec![OutlookDay { et0_mm, rain_mm, wind_2m_m_s: 2.0, rhmin_pct: 60.0 }; count]
    }

    fn rice(keeping: PondKeeping) -> FieldPlan {
        let table = table();
        let rice = table.of(Crop::Rice).next().expect("rice is in it");
        table.plan(rice, keeping).expect("rice grows in a paddy")
    }

    #[test]
    fn dry_week_of_flooded_rice_needs_its_evapotranspiration_and_seepage() {
        let state = FieldState::Paddy { days: 45, level_mm: 50.0 };
        let plan = rice(PondKeeping::Flooded);
        let (needs, _) = irrigation_need(&plan, &state, &days(5.0, 0.0, 14), 0.8).expect("plain");
        let net: f64 = needs.iter().map(|n| n.net_mm).sum();
        let gross: f64 = needs.iter().map(DailyNeed::gross_m3_ha).sum();
        // 14 days of 1.2 × 5 + 2 mm, less what the pond may still fall to.
        assert!((92.0..=112.0).contains(&net), "{net}");
        assert!((gross - net / 0.8 * 10.0).abs() < 1e-9);
    }

    #[test]
    fn rain_enough_leaves_the_canal_alone() {
        let state = FieldState::Paddy { days: 45, level_mm: 50.0 };
        for keeping in [PondKeeping::Flooded, PondKeeping::Alternate] {
            let (needs, _) =
                irrigation_need(&rice(keeping), &state, &days(4.0, 12.0, 10), 1.0).expect("plain");
            assert!(needs.iter().all(|n| n.net_mm <= 0.0), "{needs:?}");
        }
    }

    #[test]
    fn drying_between_needs_less_and_ripe_rice_is_drained() {
        let start = FieldState::Paddy { days: 20, level_mm: 50.0 };
        let sum = |keeping| -> f64 {
            let (needs, _) =
                irrigation_need(&rice(keeping), &start, &days(5.0, 0.0, 30), 1.0).expect("plain");
            needs.iter().map(|n| n.net_mm).sum()
        };
        assert!(sum(PondKeeping::Alternate) < sum(PondKeeping::Flooded));
        let ripe = FieldState::Paddy { days: 84, level_mm: 0.0 };
        let plan = rice(PondKeeping::Flooded);
        let (needs, _) = irrigation_need(&plan, &ripe, &days(5.0, 0.0, 5), 1.0).expect("plain");
        assert!(needs.iter().all(|n| n.net_mm <= 0.0));
    }

    #[test]
    fn orchard_is_watered_when_its_easy_water_is_gone_and_not_before() {
        let table = table();
        let crop = table.of(Crop::Durian).next().expect("durian is in it");
        let plan = table.plan(crop, PondKeeping::Flooded).expect("an orchard");
        let FieldPlan::Drained(drained) = plan else { panic!("durian stands on beds") };
        let start = drained.balance.start(0.50).expect("field capacity");
        let state = FieldState::Drained(start);
        let (needs, _) = irrigation_need(&plan, &state, &days(4.5, 0.0, 40), 1.0).expect("plain");
        let first = needs.iter().position(|n| n.net_mm > 0.0).expect("40 dry days");
        assert!((5..25).contains(&first), "day {first}");
        assert!(needs.iter().all(|n| n.met_share > 0.95), "watered in time");
        let given: f64 = needs.iter().map(|n| n.net_mm).sum();
        let spent: f64 = needs.iter().map(|n| n.et_mm + n.drained_mm).sum();
        let end = needs.last().expect("40 days").evening_mm;
        assert!((given - spent - end).abs() < 1e-6, "{given} {spent} {end}");
    }

    #[test]
    fn state_of_another_field_is_refused() {
        let table = table();
        let crop = table.of(Crop::Coconut).next().expect("coconut is in it");
        let plan = table.plan(crop, PondKeeping::Flooded).expect("an orchard");
        let state = FieldState::Paddy { days: 1, level_mm: 0.0 };
        let error = irrigation_need(&plan, &state, &days(4.0, 0.0, 1), 1.0);
        assert_eq!(error.err(), Some(AgronomyError::StateMismatch));
    }
}
