//! Rain as an outside ensemble has it: the possible weathers of the grid cell around a commune, told
//! as odds where no gauge nearby is forecast.
//!
//! Few gauges of the delta report to this day; without this a commune would hear nothing of rain.
//! The odds are the ensemble's own and have not been held against what fell here: every reading says
//! so, and what rests on it waits for a person (`review/policy.toml`).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::PipelineError;
use super::archived::years;
use crate::advisory::Basis;
use crate::advisory::work::{Reading, Value};
use crate::domain::time::local_date;
use crate::domain::{LEVELS, PlaceId, Quantiles};
use crate::forecast::targets::rain::WET_MM;
use crate::frames::Guidance;
use crate::frames::observations::GUIDANCE;
use crate::sources::open_meteo::ensemble::{GRID, SOURCE};
use crate::storage::{Filter, Lake};

/// What is read, in the catalogue's name.
const RAIN: &str = "precipitation_mm";

/// The oldest issue that is told: the ensemble runs every six hours and each morning fetches the
/// newest; yesterday's stands in for a morning whose fetch failed.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(30);

/// The fewest members that odds are made of: half of the ensemble; fewer are a broken answer.
const MEMBERS_MIN: usize = 26;

/// What each day may bring, by quantity.
pub type Told = [(&'static str, Arc<BTreeMap<Date, Reading>>); 2];

/// The newest ensemble of each grid cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ensemble(BTreeMap<PlaceId, Issue>);

/// One issue of one cell.
#[derive(Debug, Clone, PartialEq)]
struct Issue {
    issued_at: Timestamp,
    /// The members' rain of each local day (mm), rising.
    days: BTreeMap<Date, Vec<f64>>,
}

impl Ensemble {
    /// Returns the newest ensembles that anyone could have at `at`.
    ///
    /// # Errors
    /// [`PipelineError::Storage`] when the lake cannot be read.
    pub async fn read(lake: &Lake, at: Timestamp) -> Result<Self, PipelineError> {
        let filter = Filter::all().and("variable", [RAIN]).and("period", years(at));
        let since = at.saturating_sub(AGE_MAX).unwrap_or(at);
        Ok(Self::of(lake.rows_since(&GUIDANCE, &filter, "issued_at", since).await?, at))
    }

    fn of(rows: Vec<Guidance>, at: Timestamp) -> Self {
        let told = |row: &&Guidance| {
            &*row.source == SOURCE
                && !row.member.is_empty()
                && row.available_at <= at
                && at.duration_since(row.issued_at) <= AGE_MAX
        };
        let mut cells: BTreeMap<PlaceId, Issue> = BTreeMap::new();
        for row in rows.iter().filter(told) {
            let Some(mm) = row.value else { continue };
            let fresh = || Issue { issued_at: row.issued_at, days: BTreeMap::new() };
            let cell = cells.entry(row.place.clone()).or_insert_with(fresh);
            if cell.issued_at < row.issued_at {
                *cell = fresh();
            }
            if cell.issued_at == row.issued_at {
                cell.days.entry(local_date(row.valid_time)).or_default().push(mm);
            }
        }
        for issue in cells.values_mut() {
            issue.days.retain(|_, members| members.len() >= MEMBERS_MIN);
            issue.days.values_mut().for_each(|members| members.sort_by(f64::total_cmp));
        }
        cells.retain(|_, issue| !issue.days.is_empty());
        Self(cells)
    }

    /// Returns everything in it as bytes, the same for the same ensembles.
    pub(super) fn bytes(&self) -> impl Iterator<Item = u8> {
        self.0.iter().flat_map(|(cell, issue)| {
            let values = issue.days.values().flatten().flat_map(|mm| mm.to_bits().to_le_bytes());
            let issued_at = issue.issued_at.as_microsecond().to_le_bytes();
            cell.as_str().bytes().chain(issued_at).chain(values)
        })
    }

    /// Returns the rain of the coming days at a position (degrees north and east), when its cell has
    /// an ensemble: whether a day is wet, and how much falls.
    #[must_use]
    pub fn rain_at(&self, (lat, lon): (f64, f64), at: Timestamp) -> Option<Told> {
        let issue = self.0.get(&GRID.cell_of(lat, lon)?.place)?;
        let data_age_h = at.duration_since(issue.issued_at).as_secs_f64() / 3600.0;
        let basis = Arc::new(Basis::Ensemble);
        let tell = |value: fn(&[f64]) -> Option<Value>| {
            let reading = |(day, members): (&Date, &Vec<f64>)| {
                let basis = Arc::clone(&basis);
                // Others' guidance, not a row of our forecasts: the console shows it as such.
                Some((*day, Reading { value: value(members)?, basis, data_age_h, origin: None }))
            };
            Arc::new(issue.days.iter().filter_map(reading).collect())
        };
        Some([
            ("rain_occurrence", tell(|members| Some(Value::Odds(wet(members))))),
            ("rain_amount", tell(|members| amounts(members).map(Value::Range))),
        ])
    }
}

/// Returns the odds of a wet day by Laplace's rule of succession: 51 members that all agree leave
/// one in fifty for what none of them saw.
#[expect(clippy::cast_precision_loss, reason = "51 members")]
fn wet(members: &[f64]) -> f64 {
    let wet = members.iter().filter(|mm| **mm >= WET_MM).count();
    (wet + 1) as f64 / (members.len() + 2) as f64
}

/// Returns the quantiles of rising members, on the straight line between neighbours (Hyndman and
/// Fan 1996, type 7).
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "51 members"
)]
fn amounts(members: &[f64]) -> Option<Quantiles> {
    let quantile = |level: f64| {
        let rank = level * (members.len() - 1) as f64;
        let (low, high) = (members[rank.floor() as usize], members[rank.ceil() as usize]);
        low + rank.fract() * (high - low)
    };
    Quantiles::new(LEVELS.map(quantile)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: (f64, f64) = (10.2, 106.4);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Members of 0, 1, 2… mm for one day.
    fn rows(issued_at: &str, members: u32, day: &str) -> Vec<Guidance> {
        let place = GRID.cell_of(HERE.0, HERE.1).unwrap().place;
        let row = |member: u32| Guidance {
            variable: RAIN.into(),
            period: "2026".into(),
            place: place.clone(),
            source: SOURCE.into(),
            issued_at: at(issued_at),
            valid_time: at(&format!("{day}T00:00:00+07:00")),
            member: format!("{member:02}").into(),
            value: Some(f64::from(members - 1 - member)),
            text: None,
            unit: "mm".into(),
            available_at: at(issued_at),
            ingested_at: at(issued_at),
        };
        (0..members).map(row).collect()
    }

    #[test]
    fn members_become_odds_and_amounts_of_the_cell_around() {
        let ensemble = Ensemble::of(
            rows("2026-11-21T23:00:00Z", 51, "2026-11-23"),
            at("2026-11-22T00:00:00Z"),
        );
        let [(_, wet), (_, amounts)] = ensemble.rain_at(HERE, at("2026-11-22T00:00:00Z")).unwrap();
        let day: Date = "2026-11-23".parse().unwrap();
        // 50 of 51 members have 1 mm or more.
        assert_eq!(wet[&day].value, Value::Odds(51.0 / 53.0));
        let Value::Range(quantiles) = &amounts[&day].value else { panic!("{amounts:?}") };
        assert_eq!(quantiles.values(), [2.5, 5.0, 12.5, 25.0, 37.5, 45.0, 47.5]);
        assert!((amounts[&day].data_age_h - 1.0).abs() < 1e-9);
        assert_eq!(*amounts[&day].basis, Basis::Ensemble);
        assert_eq!(ensemble.rain_at((12.0, 109.0), at("2026-11-22T00:00:00Z")), None);
    }

    #[test]
    fn only_the_newest_that_was_out_is_told_and_neither_an_old_nor_a_broken_one() {
        let now = at("2026-11-22T00:00:00Z");
        let of = |rows: Vec<Guidance>| Ensemble::of(rows, now);
        let newest = rows("2026-11-21T23:00:00Z", 51, "2026-11-23");
        let mut all = rows("2026-11-21T17:00:00Z", 40, "2026-11-23");
        all.extend(rows("2026-11-22T05:00:00Z", 30, "2026-11-23"));
        all.extend(newest.clone());
        assert_eq!(of(all), of(newest), "the one after now is not out, the one before is older");
        assert_eq!(of(rows("2026-11-20T17:00:00Z", 51, "2026-11-23")), Ensemble::default());
        assert_eq!(of(rows("2026-11-21T23:00:00Z", 25, "2026-11-23")), Ensemble::default());
    }
}
