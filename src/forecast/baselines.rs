//! The baselines every model must beat: persistence, the week's climatology, the seasonal naive.
//!
//! Each gives a point and honest quantiles around it: the quantiles of its own past errors at the
//! same horizon, learned only from what was known when it was fitted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ForecastError;
use crate::domain::time::date_of_epoch_day;
use crate::domain::{LEVELS, Quantiles};

/// Errors kept of a forecaster, by horizon, sorted when asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PastErrors(BTreeMap<u8, Vec<f64>>);

impl PastErrors {
    /// Adds one error, observed minus forecast.
    pub fn push(&mut self, horizon: u8, error: f64) {
        self.0.entry(horizon).or_default().push(error);
    }

    /// Sorts the errors; call once after the last [`PastErrors::push`].
    pub fn sort(&mut self) {
        self.0.values_mut().for_each(|errors| errors.sort_by(f64::total_cmp));
    }

    /// Returns the quantiles of a point forecast: the point with its past errors, floored.
    ///
    /// The median stays the point itself, so that the baseline is judged as the rule it is.
    ///
    /// # Errors
    /// [`ForecastError::Quantiles`] when the point is not finite.
    pub fn around(&self, horizon: u8, point: f64, floor: f64) -> Result<Quantiles, ForecastError> {
        let errors = self.0.get(&horizon).map_or(&[][..], Vec::as_slice);
        let mut values = LEVELS.map(|level| point + quantile_sorted(errors, level).unwrap_or(0.0));
        for (i, value) in values.iter_mut().enumerate() {
            let kept = match i {
                0..3 => value.min(point),
                3 => point,
                _ => value.max(point),
            };
            *value = kept.max(floor);
        }
        Ok(Quantiles::rearranged(values)?)
    }
}

/// Returns a quantile of sorted values, linear between neighbours (type 7 of Hyndman and Fan 1996).
#[must_use]
pub fn quantile_sorted(sorted: &[f64], level: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = level * last as f64;
    let below = at.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (at - below as f64) * (sorted[above] - sorted[below]))
}

/// The mean and spread of each ISO week, of one place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WeekClimatology(BTreeMap<i8, Vec<f64>>);

impl WeekClimatology {
    /// Returns the climatology of rows (epoch day, value).
    #[must_use]
    pub fn of(rows: impl IntoIterator<Item = (i64, f64)>) -> Self {
        let mut weeks: BTreeMap<i8, Vec<f64>> = BTreeMap::new();
        for (day, value) in rows {
            weeks.entry(iso_week(day)).or_default().push(value);
        }
        weeks.values_mut().for_each(|values| values.sort_by(f64::total_cmp));
        Self(weeks)
    }

    /// Returns the week's mean with the quantiles of its years, or `None` for a week never seen.
    ///
    /// # Errors
    /// [`ForecastError::Quantiles`] when a value is not finite.
    pub fn quantiles(&self, day: i64) -> Result<Option<Quantiles>, ForecastError> {
        let Some(values) = self.0.get(&iso_week(day)) else { return Ok(None) };
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let mut quantiles = LEVELS.map(|level| quantile_sorted(values, level).unwrap_or(mean));
        // The mean stands as the point, as in the table of shared/data/README.md, section 3.
        quantiles[3] = mean;
        quantiles[..3].iter_mut().for_each(|q| *q = q.min(mean));
        quantiles[4..].iter_mut().for_each(|q| *q = q.max(mean));
        Ok(Some(Quantiles::rearranged(quantiles)?))
    }
}

fn iso_week(day: i64) -> i8 {
    date_of_epoch_day(day).iso_week_date().week()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_keeps_its_point_and_covers_its_past_errors() {
        let mut errors = PastErrors::default();
        for k in -50..=50 {
            errors.push(7, f64::from(k) / 10.0);
        }
        errors.sort();
        let q = errors.around(7, 3.0, 0.1).unwrap();
        assert_eq!(q.median(), 3.0);
        assert!((q.values()[5] - 7.0).abs() < 1e-9);
        assert_eq!(q.values()[0], 0.1);
        assert_eq!(errors.around(1, 3.0, 0.1).unwrap().values(), [3.0; 7]);
    }

    #[test]
    fn climatology_is_the_mean_of_the_week() {
        // 2010-03-15 and 2011-03-14 are both Mondays of ISO week 11.
        let days = [14_683_i64, 15_047];
        let climatology = WeekClimatology::of([(days[0], 2.0), (days[1], 6.0)]);
        assert_eq!(climatology.quantiles(days[0] + 1).unwrap().unwrap().median(), 4.0);
        assert_eq!(climatology.quantiles(days[0] + 60).unwrap(), None);
    }
}
