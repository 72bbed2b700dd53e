//! The baselines at stations: today's value, the week's climatology, the tide fifteen days ago.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::archive::Archive;
use super::{FLOOR_G_L, HORIZONS};
use crate::domain::{PlaceId, Quantiles};
use crate::forecast::ForecastError;
use crate::forecast::baselines::{PastErrors, WeekClimatology};

/// The value of today stays.
pub(super) const PERSISTENCE: &str = "persistence";
/// What the week has brought in other years.
pub(super) const CLIMATOLOGY: &str = "climatology";
/// The value fifteen days before, when spring and neap stood as they will.
pub(super) const ANALOGUE: &str = "analogue";

/// How many baselines there are.
pub(super) const BASELINES: usize = 3;

/// Days of the analogue: one spring–neap cycle, 14.77 days.
pub(super) const ANALOGUE_DAYS: i64 = 15;
/// Errors at a station below which those of all stations are taken.
const ERRORS_MIN: usize = 100;

/// Scale of persistence's errors by horizon where none were ever seen (root of g/L): the 80 %
/// quantile of the size of change over so many days, 27 stations, 1995-2014 (computed here from
/// the set salinity/daily.csv of shared/data).
const PRIOR_SCALE: [f64; HORIZONS] =
    [0.23, 0.38, 0.49, 0.59, 0.66, 0.72, 0.76, 0.78, 0.80, 0.80, 0.81, 0.81, 0.81, 0.81];
/// Shape of those errors in that scale, the same at every horizon within a tenth. Fifteen days
/// apart, as the analogue's are, they are those of the last horizon.
const PRIOR_SHAPE: [f64; 7] = [-1.42, -1.06, -0.55, 0.0, 0.36, 0.94, 1.35];

/// Quantiles of past errors by horizon, to be added to a point.
type Offsets = [[f64; 7]; HORIZONS];

/// The baselines, learned from all that was known at the fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Rivals {
    persistence: Option<Offsets>,
    persistence_at: BTreeMap<PlaceId, Offsets>,
    analogue: Option<Offsets>,
    analogue_at: BTreeMap<PlaceId, Offsets>,
    climatology: WeekClimatology,
    climatology_at: BTreeMap<PlaceId, WeekClimatology>,
}

impl Rivals {
    /// Returns the baselines of all that was observed before the epoch day `end`.
    pub(super) fn before(archive: &Archive, end: i64) -> Result<Self, ForecastError> {
        let g_l = |(day, root): (&i64, &f64)| (*day, root * root);
        let mut all = [PastErrors::default(), PastErrors::default()];
        let mut at = [BTreeMap::new(), BTreeMap::new()];
        let mut climatology_at = BTreeMap::new();
        let mut seen = 0;
        for (place, truth) in archive.truth() {
            let values: BTreeMap<i64, f64> = truth.range(..end).map(g_l).collect();
            let mut own = [PastErrors::default(), PastErrors::default()];
            let mut count = 0;
            for (day, value) in &values {
                for horizon in 1..=HORIZONS {
                    let Some(then) = values.get(&(day + horizon as i64)) else { continue };
                    let old = values.get(&(day + horizon as i64 - ANALOGUE_DAYS));
                    let points = [*value, old.copied().unwrap_or(*value)];
                    for (k, point) in points.into_iter().enumerate() {
                        all[k].push(horizon as u8, then - point);
                        own[k].push(horizon as u8, then - point);
                    }
                    count += usize::from(horizon == 1);
                }
            }
            seen += count;
            if count >= ERRORS_MIN {
                for (k, errors) in own.into_iter().enumerate() {
                    at[k].insert(place.clone(), offsets(errors)?);
                }
            }
            climatology_at.insert(place.clone(), WeekClimatology::of(values));
        }
        let everything = archive.truth().values().flat_map(|truth| truth.range(..end)).map(g_l);
        let [persistence_at, analogue_at] = at;
        let [persistence, analogue] = all;
        Ok(Self {
            persistence: (seen >= ERRORS_MIN).then(|| offsets(persistence)).transpose()?,
            persistence_at,
            analogue: (seen >= ERRORS_MIN).then(|| offsets(analogue)).transpose()?,
            analogue_at,
            climatology: WeekClimatology::of(everything),
            climatology_at,
        })
    }

    /// Returns the forecasts of all baselines for one day: `today` is the newest value, `old` the one
    /// fifteen days before the day, in its absence today's (all g/L). A week that no station
    /// was ever observed in has no climatology.
    pub(super) fn forecasts(
        &self,
        place: &PlaceId,
        (day, horizon): (i64, usize),
        today: f64,
        old: Option<f64>,
    ) -> Result<Vec<(&'static str, Quantiles)>, ForecastError> {
        let k = horizon - 1;
        let persistence = self.persistence_at.get(place).or(self.persistence.as_ref());
        let analogue = self.analogue_at.get(place).or(self.analogue.as_ref());
        let mut forecasts = vec![
            (PERSISTENCE, around(today, persistence.map(|o| &o[k]), k)?),
            (ANALOGUE, around(old.unwrap_or(today), analogue.map(|o| &o[k]), HORIZONS - 1)?),
        ];
        let own = match self.climatology_at.get(place) {
            Some(weeks) => weeks.quantiles(day)?,
            None => None,
        };
        let week = match own {
            Some(own) => Some(own),
            None => self.climatology.quantiles(day)?,
        };
        forecasts.extend(week.map(|quantiles| (CLIMATOLOGY, quantiles)));
        Ok(forecasts)
    }
}

fn offsets(mut errors: PastErrors) -> Result<Offsets, ForecastError> {
    errors.sort();
    let mut offsets = [[0.0; 7]; HORIZONS];
    for (k, offsets) in offsets.iter_mut().enumerate() {
        *offsets = errors.around(k as u8 + 1, 0.0, f64::NEG_INFINITY)?.values();
    }
    Ok(offsets)
}

/// Returns the quantiles around a point: with past errors, or with those of stations elsewhere.
fn around(
    point: f64,
    offsets: Option<&[f64; 7]>,
    prior: usize,
) -> Result<Quantiles, ForecastError> {
    let values = match offsets {
        Some(offsets) => offsets.map(|offset| point + offset),
        None => {
            PRIOR_SHAPE.map(|shape| (point.sqrt() + shape * PRIOR_SCALE[prior]).max(0.0).powi(2))
        }
    };
    Ok(Quantiles::rearranged(values.map(|g_l| g_l.max(FLOOR_G_L)))?)
}
