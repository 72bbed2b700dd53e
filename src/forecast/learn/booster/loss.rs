//! What a booster reduces: first derivatives, the constant to start from, and leaf values.
//!
//! The second derivative is taken as one (times the weight) for every loss, which is exact for the
//! squared loss. For the others a leaf is first found with these derivatives and its value is then
//! refitted on the residuals in it (Friedman 2001, Greedy function approximation, algorithms 3
//! and 4): the residual median, quantile, or Huber's one-step location. Without that refit a 0.9
//! quantile does not cover 0.9.

use serde::{Deserialize, Serialize};

use super::params::require;
use crate::forecast::learn::LearnError;

/// The loss a booster reduces, a mean over the rows' weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Half the squared error: forecasts the mean.
    Squared,
    /// The absolute error: forecasts the median.
    Absolute,
    /// The pinball loss at this level inside (0, 1): forecasts that quantile.
    Quantile(f64),
    /// Huber's loss, squared up to this residual (in the target's unit) and linear beyond it.
    Huber(f64),
}

/// A residual (target minus forecast) with its weight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Residual {
    pub(super) value: f64,
    pub(super) weight: f64,
}

impl Loss {
    pub(super) fn check(self) -> Result<(), LearnError> {
        match self {
            Self::Squared | Self::Absolute => Ok(()),
            Self::Quantile(level) => {
                require("quantile level", level, "above 0 and below 1", level > 0.0 && level < 1.0)
            }
            Self::Huber(delta) => require(
                "huber delta",
                delta,
                "a finite number above 0",
                delta.is_finite() && delta > 0.0,
            ),
        }
    }

    /// Returns the derivative of the loss by the forecast, 0 where it has a kink.
    #[inline]
    pub(super) fn gradient(self, forecast: f64, target: f64) -> f64 {
        let error = forecast - target;
        match self {
            Self::Squared => error,
            Self::Absolute => f64::from(i8::from(error > 0.0) - i8::from(error < 0.0)),
            Self::Quantile(level) => {
                f64::from(u8::from(error > 0.0)) * (1.0 - level)
                    - f64::from(u8::from(error < 0.0)) * level
            }
            Self::Huber(delta) => error.clamp(-delta, delta),
        }
    }

    /// Returns the loss of one forecast.
    #[must_use]
    pub fn of(self, forecast: f64, target: f64) -> f64 {
        let residual = target - forecast;
        match self {
            Self::Squared => 0.5 * residual * residual,
            Self::Absolute => residual.abs(),
            Self::Quantile(level) => (level * residual).max((level - 1.0) * residual),
            Self::Huber(delta) if residual.abs() <= delta => 0.5 * residual * residual,
            Self::Huber(delta) => delta * (residual.abs() - 0.5 * delta),
        }
    }

    /// Returns whether leaf values are refitted on the residuals.
    pub(super) fn refits_leaves(self) -> bool {
        self != Self::Squared
    }

    /// Returns the constant that reduces the loss of the residuals; reorders them.
    ///
    /// For Huber it is one step from the median (Friedman 2001, equation 20).
    pub(super) fn location(self, residuals: &mut [Residual]) -> f64 {
        match self {
            Self::Squared => mean(residuals, |r| r.value),
            Self::Absolute => quantile(residuals, 0.5),
            Self::Quantile(level) => quantile(residuals, level),
            Self::Huber(delta) => {
                let median = quantile(residuals, 0.5);
                median + mean(residuals, |r| (r.value - median).clamp(-delta, delta))
            }
        }
    }
}

fn mean(residuals: &[Residual], value: impl Fn(&Residual) -> f64) -> f64 {
    let weight: f64 = residuals.iter().map(|r| r.weight).sum();
    residuals.iter().map(|r| r.weight * value(r)).sum::<f64>() / weight
}

/// Returns the weighted quantile; reorders the residuals.
///
/// It is the value at place `level · (n + 1)` of the sorted rows, with a straight line between
/// neighbours (type 6 of Hyndman and Fan 1996). Of all types this is the one whose chance to cover
/// one more row is the level: in a leaf of 20 rows the usual types cover 0.07 for 0.05, and
/// boosting would repeat that in every tree. A row of weight two counts as two rows; where rows
/// weigh less than one on average, the one in `n + 1` shrinks with them.
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
fn quantile(residuals: &mut [Residual], level: f64) -> f64 {
    let total: f64 = residuals.iter().map(|r| r.weight).sum();
    let unit = (total / residuals.len() as f64).min(1.0);
    let mut place = (level * (total + unit)).min(total);
    // Weighted quick select: every round keeps the side that holds the place. Of what is dropped
    // on the left only the largest value can matter, which is kept in `below`.
    let mut below = f64::NEG_INFINITY;
    let mut rest = residuals;
    loop {
        let middle = rest.len() / 2;
        let (left, pivot, right) =
            rest.select_nth_unstable_by(middle, |a, b| a.value.total_cmp(&b.value));
        let pivot = *pivot;
        let before: f64 = left.iter().map(|r| r.weight).sum();
        if place <= before && !left.is_empty() {
            rest = left;
        } else if place > before + pivot.weight && !right.is_empty() {
            place -= before + pivot.weight;
            below = pivot.value;
            rest = right;
        } else {
            let below = left.iter().map(|r| r.value).fold(below, f64::max);
            let share = (place - before) / unit.min(pivot.weight);
            let between = below.is_finite() && share < 1.0;
            return if between { below + share * (pivot.value - below) } else { pivot.value };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit(values: &[f64]) -> Vec<Residual> {
        values.iter().map(|&value| Residual { value, weight: 1.0 }).collect()
    }

    /// The definition itself, on rows repeated as often as they weigh.
    fn quantile_by_definition(rows: &[(i32, u8)], level: f64) -> f64 {
        let mut sorted: Vec<f64> =
            rows.iter().flat_map(|&(v, w)| vec![f64::from(v); w.into()]).collect();
        sorted.sort_by(f64::total_cmp);
        let place = (level * (sorted.len() + 1) as f64).clamp(1.0, sorted.len() as f64);
        let (low, share) = (place.floor() as usize, place.fract());
        sorted[low - 1] + share * (sorted[low.min(sorted.len() - 1)] - sorted[low - 1])
    }

    #[test]
    fn quantiles_of_nine_numbers_are_those_of_the_textbook() {
        let values: Vec<f64> = (1..=9).rev().map(f64::from).collect();
        for (level, expected) in [(0.05, 1.0), (0.1, 1.0), (0.25, 2.5), (0.5, 5.0), (0.95, 9.0)] {
            assert_eq!(quantile(&mut unit(&values), level), expected, "level {level}");
        }
        assert_eq!(quantile(&mut unit(&[3.0]), 0.9), 3.0);
    }

    #[test]
    fn small_weights_are_a_matter_of_scale_only() {
        let row = |i: i32, scale: f64| Residual { value: f64::from(i * i), weight: scale };
        let mut small: Vec<Residual> = (0..20).map(|i| row(i, 1e-6)).collect();
        let mut whole: Vec<Residual> = (0..20).map(|i| row(i, 1.0)).collect();
        for level in [0.05, 0.3, 0.5, 0.9] {
            let (a, b) = (quantile(&mut small, level), quantile(&mut whole, level));
            assert!((a - b).abs() < 1e-6, "level {level}: {a} and {b}");
        }
    }

    #[test]
    fn huber_location_is_mean_for_wide_and_median_for_narrow_delta() {
        let values = [0.0, 1.0, 2.0, 3.0, 100.0];
        let mean = Loss::Huber(1e6).location(&mut unit(&values));
        assert!((mean - 21.2).abs() < 1e-12);
        let median = Loss::Huber(1e-9).location(&mut unit(&values));
        assert!((median - 2.0).abs() < 1e-8);
    }

    proptest! {
        #[test]
        fn quantile_agrees_with_its_definition_on_repeated_rows(
            rows in prop::collection::vec((-20_i32..20, 1_u8..4), 1..60),
            level in prop::sample::select(vec![0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]),
        ) {
            let mut weighted: Vec<Residual> = rows
                .iter()
                .map(|&(v, w)| Residual { value: f64::from(v), weight: f64::from(w) })
                .collect();
            let expected = quantile_by_definition(&rows, level);
            prop_assert!((quantile(&mut weighted, level) - expected).abs() < 1e-9);
        }

        #[test]
        fn gradient_is_the_slope_of_the_loss(
            forecast in -5.0..5.0_f64, target in -5.0..5.0_f64, level in 0.05..0.95_f64,
        ) {
            prop_assume!((forecast - target).abs() > 1e-3);
            for loss in [Loss::Squared, Loss::Absolute, Loss::Quantile(level), Loss::Huber(1.0)] {
                let step = 1e-6;
                let slope = (loss.of(forecast + step, target) - loss.of(forecast - step, target))
                    / (2.0 * step);
                prop_assert!((slope - loss.gradient(forecast, target)).abs() < 1e-5);
            }
        }
    }
}
