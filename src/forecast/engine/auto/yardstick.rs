//! The yardstick of a series: the unit in which its errors are pooled with those of others.
//!
//! An error at a past origin tells of the next one only in a unit that grew with it. The mean step
//! of the whole past does not: where a series grows, its early steps are small, and intervals made
//! with it are too narrow (inner ends of three yearly panels: 80 % covered 66 to 73 %). So the
//! yardstick is the geometric mean of two that follow the series: its steps relative to its level
//! times its last level, and its recent steps. On inner ends of 21 panels that alone made the mean
//! interval score 2 to 4 % lower.

use super::prepare::Ready;
use crate::forecast::engine::series::Ask;

/// Values that make the last level, at least; a season where that is longer.
const LEVEL_VALUES_MIN: usize = 4;

/// Steps after which a step counts half for the recent ones, at least; otherwise a horizon or a
/// season, whichever is longer. Half of that, twice and four times differ by 0.2 points.
const HALF_LIFE_MIN: usize = 4;

/// Returns the yardstick of a series after its first `upto` values, 0 where all steps are 0.
pub(super) fn of(ready: &Ready<'_>, upto: usize, ask: &Ask) -> f64 {
    let (known, season) = (&ready.filled[..upto], ask.season());
    let half_life = ask.horizon.max(season).max(HALF_LIFE_MIN);
    let steady =
        if ready.log.is_some() { relative(known, season) } else { mean_step(known, season) };
    (steady * recent_step(known, season, half_life)).sqrt()
}

/// Returns the mean size of a step from season to season.
pub(super) fn mean_step(known: &[f64], season: usize) -> f64 {
    let (sum, count) =
        steps(known, season).fold((0.0, 0.0), |(s, n), (a, b)| (s + (a - b).abs(), n + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// Returns the same with each step taken relative to its own level, times the last level; values
/// are above zero.
fn relative(known: &[f64], season: usize) -> f64 {
    let share = |a: f64, b: f64| 2.0 * (a - b).abs() / (a + b);
    let (sum, count) =
        steps(known, season).fold((0.0, 0.0), |(s, n), (a, b)| (s + share(a, b), n + 1.0));
    let last = &known[known.len().saturating_sub(season.max(LEVEL_VALUES_MIN))..];
    let level = last.iter().sum::<f64>() / last.len() as f64;
    if count > 0.0 { level * sum / count } else { 0.0 }
}

/// Returns the mean size of a step in which a step counts half of one `half_life` later.
fn recent_step(known: &[f64], season: usize, half_life: usize) -> f64 {
    let fade = 0.5_f64.powf(1.0 / half_life as f64);
    let fold = |(s, n): (f64, f64), (a, b): (f64, f64)| (fade * s + (a - b).abs(), fade * n + 1.0);
    let (sum, count) = steps(known, season).fold((0.0, 0.0), fold);
    if count > 0.0 { sum / count } else { 0.0 }
}

/// Returns each value with the one a season before (one step before in a series shorter than that).
fn steps(known: &[f64], season: usize) -> impl Iterator<Item = (f64, f64)> + '_ {
    let lag = if known.len() > season { season } else { 1 };
    known.iter().skip(lag).copied().zip(known.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::engine::clock::Freq;
    use crate::forecast::engine::series::Regular;

    fn at(y: &[f64], upto: usize) -> f64 {
        let ask =
            Ask { horizon: 4, seasons: vec![], levels: vec![], freq: Freq::Integer { step: 1 } };
        of(&Ready::new(&Regular { y, ..Regular::default() }, &ask).unwrap(), upto, &ask)
    }

    #[test]
    fn it_follows_a_series_that_grows_and_leaves_one_that_does_not() {
        let growing: Vec<f64> = (0..60).map(|i| 100.0 * 1.1_f64.powi(i)).collect();
        let ratio = at(&growing, 60) / at(&growing, 40) / 1.1_f64.powi(20);
        assert!((0.95..1.05).contains(&ratio), "{ratio}");
        let flat: Vec<f64> = (0..60).map(|i| 100.0 + f64::from(i % 2)).collect();
        assert!((at(&flat, 60) / at(&flat, 40) - 1.0).abs() < 0.01);
    }

    #[test]
    fn it_is_in_the_unit_of_the_series_and_nothing_for_a_constant() {
        let y: Vec<f64> = (0..30).map(|i| f64::from(i % 5) - 2.0).collect();
        let tenfold: Vec<f64> = y.iter().map(|v| 10.0 * v).collect();
        assert!((at(&tenfold, 30) - 10.0 * at(&y, 30)).abs() < 1e-9);
        assert_eq!(at(&[7.0; 30], 30), 0.0);
        assert_eq!(at(&[7.0], 1), 0.0);
    }
}
