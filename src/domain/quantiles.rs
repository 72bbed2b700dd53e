//! The seven quantiles every forecast carries, always ordered, and odds read from them.

use serde::{Deserialize, Serialize};

/// The probability levels of every published forecast.
pub const LEVELS: [f64; 7] = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95];

/// The levels' column names in tables and files, in the order of [`LEVELS`].
pub const COLUMNS: [&str; 7] = ["q05", "q10", "q25", "q50", "q75", "q90", "q95"];

/// A set of quantiles that is not one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QuantileError {
    /// A value is NaN or infinite.
    #[error("quantiles {given:?} hold a value that is not finite")]
    NotFinite {
        /// The values as given, by level.
        given: [f64; 7],
    },
    /// The values decrease somewhere.
    #[error("quantiles {given:?} are not in rising order")]
    NotOrdered {
        /// The values as given, by level.
        given: [f64; 7],
    },
}

/// Seven finite values in rising order, one for each of [`LEVELS`], in the target's unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 7]", into = "[f64; 7]")]
pub struct Quantiles([f64; 7]);

impl Quantiles {
    /// Returns the checked quantiles.
    ///
    /// # Errors
    /// [`QuantileError`] when a value is not finite or the order is broken.
    pub fn new(values: [f64; 7]) -> Result<Self, QuantileError> {
        if values.iter().any(|v| !v.is_finite()) {
            return Err(QuantileError::NotFinite { given: values });
        }
        if values.windows(2).any(|w| w[0] > w[1]) {
            return Err(QuantileError::NotOrdered { given: values });
        }
        Ok(Self(values))
    }

    /// Returns quantiles from values that may cross, by sorting them (the rearrangement of
    /// Chernozhukov, Fernández-Val and Galichon 2010, never worse in pinball loss).
    ///
    /// # Errors
    /// [`QuantileError::NotFinite`] when a value is not finite.
    pub fn rearranged(mut values: [f64; 7]) -> Result<Self, QuantileError> {
        values.sort_by(f64::total_cmp);
        Self::new(values)
    }

    /// Returns the seven values, by level.
    #[must_use]
    pub const fn values(&self) -> [f64; 7] {
        self.0
    }

    /// Returns the 50 % quantile, our point forecast.
    #[must_use]
    pub const fn median(&self) -> f64 {
        self.0[3]
    }

    /// Returns the quantiles with a rising function applied to each value.
    ///
    /// # Errors
    /// [`QuantileError`] when the function breaks order or finiteness.
    pub fn map(&self, f: impl Fn(f64) -> f64) -> Result<Self, QuantileError> {
        Self::new(self.0.map(f))
    }

    /// Returns the probability that the quantity is above `threshold` (same unit), 0.01 to 0.99.
    ///
    /// Linear between the quantiles; beyond the outer ones the tail is an exponential whose
    /// scale is the spacing of the two outermost quantiles, so that odds fall off and never jump.
    #[must_use]
    pub fn probability_above(&self, threshold: f64) -> f64 {
        let q = &self.0;
        let below = if threshold <= q[0] {
            let scale = ((q[1] - q[0]) / (LEVELS[1] / LEVELS[0]).ln()).max(f64::MIN_POSITIVE);
            LEVELS[0] * (-(q[0] - threshold) / scale).exp()
        } else if threshold >= q[6] {
            let tail = 1.0 - LEVELS[6];
            let scale = ((q[6] - q[5]) / ((1.0 - LEVELS[5]) / tail).ln()).max(f64::MIN_POSITIVE);
            1.0 - tail * (-(threshold - q[6]) / scale).exp()
        } else {
            let i = q.partition_point(|v| *v <= threshold).clamp(1, 6);
            let width = q[i] - q[i - 1];
            let share = if width > 0.0 { (threshold - q[i - 1]) / width } else { 1.0 };
            LEVELS[i - 1] + share * (LEVELS[i] - LEVELS[i - 1])
        };
        (1.0 - below).clamp(0.01, 0.99)
    }
}

impl TryFrom<[f64; 7]> for Quantiles {
    type Error = QuantileError;

    fn try_from(values: [f64; 7]) -> Result<Self, QuantileError> {
        Self::new(values)
    }
}

impl From<Quantiles> for [f64; 7] {
    fn from(quantiles: Quantiles) -> Self {
        quantiles.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossing_or_missing_values_are_refused() {
        assert!(Quantiles::new([1.0, 0.9, 2.0, 3.0, 4.0, 5.0, 6.0]).is_err());
        assert!(Quantiles::new([f64::NAN; 7]).is_err());
        let fixed = Quantiles::rearranged([1.0, 0.9, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        assert_eq!(fixed.values()[0], 0.9);
    }

    #[test]
    fn odds_agree_with_the_quantiles_and_fall_with_the_threshold() {
        let q = Quantiles::new([0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 5.5]).unwrap();
        assert!((q.probability_above(3.0) - 0.5).abs() < 1e-12);
        assert!((q.probability_above(5.0) - 0.1).abs() < 1e-12);
        let mut last = 1.0;
        for i in 0..200 {
            let p = q.probability_above(f64::from(i) * 0.05 - 1.0);
            assert!(p <= last + 1e-12, "odds rose at step {i}");
            last = p;
        }
    }

    #[test]
    fn a_certain_forecast_still_gives_finite_odds() {
        let q = Quantiles::new([0.1; 7]).unwrap();
        assert_eq!(q.probability_above(1.0), 0.01);
        assert_eq!(q.probability_above(0.05), 0.99);
    }
}
