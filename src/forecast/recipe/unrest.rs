//! In which part of the year a quantity changes much, told by places whose years are known to those
//! whose are not.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use super::archive::{History, Truth};
use crate::domain::time::date_of_epoch_day;

/// A place tells of the year when so many days of it are known: two years.
const DAYS_MIN: usize = 730;

/// A part of the year is at least this restless, in parts of the mean.
const LEAST: f64 = 0.4;

/// How restless a day of the year is, in parts of the mean: the first two waves of the year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Unrest([f64; 4]);

impl Unrest {
    /// Returns what the changes over `lag` days were like before `end` at the places that know two
    /// years and more, each in parts of its own mean; the same for all days where there are none.
    pub fn of(histories: &[History], lag: i64, end: i64) -> Self {
        let waves: Vec<[f64; 4]> =
            histories.iter().filter_map(|history| waves_of(&history.truth, lag, end)).collect();
        let count = waves.len().max(1) as f64;
        Self(std::array::from_fn(|i| waves.iter().map(|wave| wave[i]).sum::<f64>() / count))
    }

    /// Returns what waves of these sizes tell.
    #[cfg(test)]
    pub const fn of_sizes(sizes: [f64; 4]) -> Self {
        Self(sizes)
    }

    /// Returns how restless an epoch day is beside the mean of the year.
    pub fn on(&self, day: i64) -> f64 {
        let wave: f64 = year(day).iter().zip(self.0).map(|(angle, size)| size * angle).sum();
        (1.0 + wave).max(LEAST)
    }
}

/// Returns the first two waves of the year at an epoch day: sine and cosine of each.
pub(super) fn year(day: i64) -> [f64; 4] {
    let angle = TAU * f64::from(date_of_epoch_day(day).day_of_year()) / 365.25;
    [angle.sin(), angle.cos(), (2.0 * angle).sin(), (2.0 * angle).cos()]
}

/// Returns the size of each wave in the changes of one place, in parts of their mean. Over whole
/// years the waves do not see each other.
fn waves_of(truth: &Truth, lag: i64, end: i64) -> Option<[f64; 4]> {
    let change = |(day, value)| Some((day, f64::abs(value - truth.on(day - lag)?)));
    let changes: Vec<(i64, f64)> = truth.before(end).filter_map(change).collect();
    let mean = changes.iter().map(|(_, change)| change).sum::<f64>() / changes.len() as f64;
    let size = |wave: usize| {
        let products = changes.iter().map(|(day, change)| year(*day)[wave] * change);
        2.0 * products.sum::<f64>() / (changes.len() as f64 * mean)
    };
    (changes.len() >= DAYS_MIN && mean > 0.0).then(|| std::array::from_fn(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days that differ from those a week before by 1, and by 3 from December to February.
    fn truth(days: i64) -> Truth {
        let first = crate::domain::time::epoch_day(jiff::civil::date(2010, 1, 1));
        let size = |day: i64| if year(day)[1] > 0.5 { 3.0 } else { 1.0 };
        let value = |day: i64| if day.div_euclid(7) % 2 == 0 { size(day) } else { 0.0 };
        Truth::new(first, (first..first + days).map(value).collect())
    }

    #[test]
    fn two_years_and_more_tell_of_the_restless_part_of_the_year() {
        let history = |days| History::only(truth(days));
        let (january, july) = (14_624, 14_805);
        let told = Unrest::of(&[history(1_500), history(200)], 7, i64::MAX);
        assert!(told.on(january) > 1.5 * told.on(july), "{told:?}");
        let mean = (january..january + 1_461).map(|day| told.on(day)).sum::<f64>() / 1_461.0;
        assert!((mean - 1.0).abs() < 0.05, "{mean}");
        // A day may speak only of what came before the end.
        let young = Unrest::of(&[history(1_500)], 7, january + 300);
        assert!((young.on(january) - 1.0).abs() < 1e-12 && (young.on(july) - 1.0).abs() < 1e-12);
    }
}
