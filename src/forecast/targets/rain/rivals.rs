//! The baselines beside the climate: the newest day again, and the same day of last year.

use serde::{Deserialize, Serialize};

use super::archive::Truth;
use super::{HORIZONS, What};
use crate::domain::LEVELS;
use crate::forecast::baselines::quantile_sorted;

/// The newest day comes again.
pub(super) const PERSISTENCE: &str = "persistence";
/// What the day of the year brings at the gauge.
pub(super) const CLIMATOLOGY: &str = "climatology";
/// The same day of last year comes again.
pub(super) const SEASONAL_NAIVE: &str = "seasonal_naive";

/// Days to the same day of last year.
pub(super) const SEASON_DAYS: i64 = 365;
/// Days before a cut whose errors give the quantiles of a baseline.
const ERROR_DAYS: i64 = 6 * 365;

/// Quantiles of the past errors of both, all gauges together (mm).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Rivals {
    /// By lead.
    persistence: Vec<[f64; 7]>,
    seasonal: [f64; 7],
}

impl Rivals {
    /// Returns the errors before an epoch day.
    pub fn before(truth: &Truth, end: i64) -> Self {
        let from = truth.first.max(end - ERROR_DAYS);
        let errors = |back: i64| {
            let mut errors: Vec<f64> = (0..truth.gauges.len())
                .flat_map(|gauge| {
                    (from..end).map(move |day| truth.on(gauge, day) - truth.on(gauge, day - back))
                })
                .filter(|error| error.is_finite())
                .collect();
            errors.sort_by(f64::total_cmp);
            // The median stays the rule itself, so that it is judged as the rule it is.
            std::array::from_fn(|i| {
                let error = quantile_sorted(&errors, LEVELS[i]).unwrap_or(0.0);
                match i {
                    0..3 => error.min(0.0),
                    3 => 0.0,
                    _ => error.max(0.0),
                }
            })
        };
        let persistence = (1..=HORIZONS).map(|lead| errors(lead as i64)).collect();
        Self { persistence, seasonal: errors(SEASON_DAYS) }
    }

    /// Returns what the newest amount says of a lead.
    pub fn persistence(&self, what: What, newest_mm: f64, lead: usize) -> [f64; 7] {
        what.again(newest_mm, &self.persistence[lead - 1])
    }

    /// Returns what last year's amount says.
    pub fn seasonal(&self, what: What, last_year_mm: f64) -> [f64; 7] {
        what.again(last_year_mm, &self.seasonal)
    }

    /// Returns whether the lengths are those of this build.
    pub fn is_whole(&self) -> bool {
        self.persistence.len() == HORIZONS
    }
}
