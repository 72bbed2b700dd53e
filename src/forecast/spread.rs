//! How far forecasts go wrong: quantiles of past errors, in units of their expected size, by
//! forecaster and step. For targets of few rows, where errors of many places are told as one,
//! or half as one's own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::baselines::quantile_sorted;
use crate::domain::LEVELS;

/// The fewest errors whose own quantiles are used: with 19 the outer levels are the extremes.
const ERRORS_MIN: usize = 19;

/// Quantiles of the standard normal distribution at [`LEVELS`], for a forecaster hardly tried.
const NORMAL: [f64; 7] = [-1.645, -1.282, -0.674, 0.0, 0.674, 1.282, 1.645];

/// Errors of the past, observed minus forecast, divided by their expected size.
#[derive(Debug, Clone, Default)]
pub struct ErrorLog(BTreeMap<(String, u8), Vec<f64>>);

/// The quantiles of past errors by forecaster (or forecaster and place) and step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread(BTreeMap<String, BTreeMap<u8, [f64; 7]>>);

/// Stands between forecaster and place; no name holds it.
const PLACE_SIGN: char = '@';

/// Errors of a place that count as much as those of all places together: twenty years of months.
const OWN_SHRINK: f64 = 240.0;

/// Returns the key of one place's own errors.
fn own(forecaster: &str, place: &str) -> String {
    format!("{forecaster}{PLACE_SIGN}{place}")
}

impl ErrorLog {
    /// Adds one error; one that is not a number is left out.
    pub fn push(&mut self, forecaster: &str, step: u8, error: f64) {
        if error.is_finite() {
            self.0.entry((forecaster.to_owned(), step)).or_default().push(error);
        }
    }

    /// Adds one error, to all places' and to this place's own.
    pub fn push_at(&mut self, forecaster: &str, place: &str, step: u8, error: f64) {
        self.push(forecaster, step, error);
        self.push(&own(forecaster, place), step, error);
    }

    /// Returns the quantiles of the errors so far, by [`LEVELS`]. The middle one is 0: a point
    /// forecast stays the point it is. A place's own are drawn to those of all places, the more the
    /// fewer they are.
    #[must_use]
    pub fn spread(&self) -> Spread {
        let mut spread = Spread::default();
        for ((forecaster, step), errors) in &self.0 {
            if errors.len() < ERRORS_MIN {
                continue;
            }
            let mut levels = levels_of(errors);
            if let Some((all, _)) = forecaster.split_once(PLACE_SIGN) {
                let share = errors.len() as f64 / (errors.len() as f64 + OWN_SHRINK);
                let common = self.0.get(&(all.to_owned(), *step)).map_or(NORMAL, |e| levels_of(e));
                for (own, common) in levels.iter_mut().zip(common) {
                    *own = share * *own + (1.0 - share) * common;
                }
            }
            spread.0.entry(forecaster.clone()).or_default().insert(*step, levels);
        }
        spread
    }
}

/// Returns the quantiles of errors by [`LEVELS`], with 0 in the middle.
fn levels_of(errors: &[f64]) -> [f64; 7] {
    let mut sorted = errors.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut levels = LEVELS.map(|level| quantile_sorted(&sorted, level).unwrap_or(0.0));
    for (i, value) in levels.iter_mut().enumerate() {
        *value = match i {
            0..3 => value.min(0.0),
            3 => 0.0,
            _ => value.max(0.0),
        };
    }
    levels
}

impl Spread {
    /// Adds the quantiles of other steps or forecasters.
    pub fn merge(&mut self, other: Self) {
        for (forecaster, steps) in other.0 {
            self.0.entry(forecaster).or_default().extend(steps);
        }
    }

    /// Returns the quantiles at [`LEVELS`] of errors of this forecaster and step, as multiples of
    /// their expected size; those of the normal distribution where too few errors are known.
    #[must_use]
    pub fn levels(&self, forecaster: &str, step: u8) -> [f64; 7] {
        self.0.get(forecaster).and_then(|steps| steps.get(&step)).copied().unwrap_or(NORMAL)
    }

    /// Returns the quantiles for one place: its own, drawn to those of all places; all places' where
    /// it has too few errors.
    #[must_use]
    pub fn levels_at(&self, forecaster: &str, place: &str, step: u8) -> [f64; 7] {
        let own = self.0.get(&own(forecaster, place)).and_then(|steps| steps.get(&step));
        own.copied().unwrap_or_else(|| self.levels(forecaster, step))
    }

    /// Returns whether all quantiles are finite and in rising order.
    #[must_use]
    pub fn sound(&self) -> bool {
        let rising = |q: &[f64; 7]| {
            q.iter().all(|v| v.is_finite()) && q.windows(2).all(|pair| pair[0] <= pair[1])
        };
        self.0.values().flat_map(BTreeMap::values).all(rising)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_errors_and_the_point_stays() {
        let mut log = ErrorLog::default();
        for k in 0..=100 {
            log.push("model", 2, f64::from(k) / 10.0 - 3.0);
        }
        log.push("model", 2, f64::NAN);
        let spread = log.spread();
        let levels = spread.levels("model", 2);
        assert!((levels[0] + 2.5).abs() < 1e-9 && (levels[6] - 6.5).abs() < 1e-9, "{levels:?}");
        assert_eq!(levels[3], 0.0);
        assert!(spread.sound());
    }

    #[test]
    fn a_place_is_like_itself_as_far_as_its_errors_go() {
        let mut log = ErrorLog::default();
        for k in -50..=50 {
            log.push_at("naive", "world:urea", 1, f64::from(k) / 10.0);
            log.push("naive", 1, 0.0);
        }
        let spread = log.spread();
        let (all, urea) = (spread.levels("naive", 1), spread.levels_at("naive", "world:urea", 1));
        let share = 101.0 / 341.0;
        assert!((urea[5] - share * 4.0 - (1.0 - share) * all[5]).abs() < 1e-9, "{urea:?}");
        assert_eq!(spread.levels_at("naive", "world:dap", 1), all);
    }

    #[test]
    fn a_forecaster_hardly_tried_has_the_normal_spread() {
        let mut log = ErrorLog::default();
        log.push("model", 1, 9.0);
        assert_eq!(log.spread().levels("model", 1), NORMAL);
        assert_eq!(Spread::default().levels("anyone", 3), NORMAL);
    }
}
