//! Hyper-parameters of the booster: unchecked [`BoosterParams`] become [`BoosterValidParams`].

use linfa::ParamGuard;
use serde::{Deserialize, Serialize};

use super::loss::Loss;
use crate::forecast::learn::LearnError;

/// Checked hyper-parameters of a booster; see [`BoosterParams`] for their meaning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BoosterValidParams {
    pub(super) loss: Loss,
    pub(super) n_trees: usize,
    pub(super) max_leaves: usize,
    pub(super) learning_rate: f64,
    pub(super) min_samples_leaf: usize,
    pub(super) min_sum_hessian: f64,
    pub(super) min_gain: f64,
    pub(super) l2: f64,
    pub(super) feature_fraction: f64,
    pub(super) row_fraction: f64,
    pub(super) max_bins: usize,
    pub(super) early_stopping_rounds: Option<usize>,
    pub(super) seed: u64,
}

/// Hyper-parameters of a booster, not yet checked.
///
/// The defaults are those of the widely used boosters (100 trees of 31 leaves, rate 0.1), so that
/// a comparison with them needs no setting.
///
/// | Name | Default | Purpose | Range |
/// | :--- | :--- | :--- | :--- |
/// | [loss](Self::loss) | squared | what the trees reduce | [`Loss`] |
/// | [n_trees](Self::n_trees) | 100 | most trees | `1..=100_000` |
/// | [max_leaves](Self::max_leaves) | 31 | most leaves of one tree | `2..=65_536` |
/// | [learning_rate](Self::learning_rate) | 0.1 | share of each leaf that is added | `(0, 1]` |
/// | [min_samples_leaf](Self::min_samples_leaf) | 20 | fewest rows of a leaf | `1..` |
/// | [min_sum_hessian](Self::min_sum_hessian) | 1e-3 | least sum of weights of a leaf | `[0, inf)` |
/// | [min_gain](Self::min_gain) | 0 | least gain of a split | `[0, inf)` |
/// | [l2](Self::l2) | 0 | shrinks leaves, and the gain of small ones | `[0, inf)` |
/// | [feature_fraction](Self::feature_fraction) | 1 | share of features seen by a tree | `(0, 1]` |
/// | [row_fraction](Self::row_fraction) | 1 | share of rows seen by a tree | `(0, 1]` |
/// | [max_bins](Self::max_bins) | 255 | most bins of a feature, beside the one for NaN | `2..=255` |
/// | [early_stopping_rounds](Self::early_stopping_rounds) | none | rounds without gain | `1..` |
/// | [seed](Self::seed) | 0 | of the draws of rows and features | any |
#[derive(Debug, Clone, PartialEq)]
pub struct BoosterParams(BoosterValidParams);

impl Default for BoosterParams {
    fn default() -> Self {
        Self(BoosterValidParams {
            loss: Loss::Squared,
            n_trees: 100,
            max_leaves: 31,
            learning_rate: 0.1,
            min_samples_leaf: 20,
            min_sum_hessian: 1e-3,
            min_gain: 0.0,
            l2: 0.0,
            feature_fraction: 1.0,
            row_fraction: 1.0,
            max_bins: 255,
            early_stopping_rounds: None,
            seed: 0,
        })
    }
}

impl BoosterParams {
    /// Returns the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the loss that the trees reduce.
    #[must_use]
    pub const fn loss(mut self, loss: Loss) -> Self {
        self.0.loss = loss;
        self
    }

    /// Sets the number of trees, or with early stopping the most there can be.
    #[must_use]
    pub const fn n_trees(mut self, n_trees: usize) -> Self {
        self.0.n_trees = n_trees;
        self
    }

    /// Sets the most leaves that one tree may have.
    #[must_use]
    pub const fn max_leaves(mut self, max_leaves: usize) -> Self {
        self.0.max_leaves = max_leaves;
        self
    }

    /// Sets the share of every leaf's value that is added to the forecast.
    #[must_use]
    pub const fn learning_rate(mut self, learning_rate: f64) -> Self {
        self.0.learning_rate = learning_rate;
        self
    }

    /// Sets the fewest rows a leaf may hold; rows are counted, whatever they weigh.
    #[must_use]
    pub const fn min_samples_leaf(mut self, min_samples_leaf: usize) -> Self {
        self.0.min_samples_leaf = min_samples_leaf;
        self
    }

    /// Sets the least sum of second derivatives in a leaf: for all losses here the sum of weights.
    #[must_use]
    pub const fn min_sum_hessian(mut self, min_sum_hessian: f64) -> Self {
        self.0.min_sum_hessian = min_sum_hessian;
        self
    }

    /// Sets the least gain (in squared gradients per weight) that a split must bring.
    #[must_use]
    pub const fn min_gain(mut self, min_gain: f64) -> Self {
        self.0.min_gain = min_gain;
        self
    }

    /// Sets the penalty on squared leaf values; leaves refitted by a quantile are not shrunk.
    #[must_use]
    pub const fn l2(mut self, l2: f64) -> Self {
        self.0.l2 = l2;
        self
    }

    /// Sets the share of the features that each tree may split on.
    #[must_use]
    pub const fn feature_fraction(mut self, feature_fraction: f64) -> Self {
        self.0.feature_fraction = feature_fraction;
        self
    }

    /// Sets the share of the rows that each tree is grown on.
    #[must_use]
    pub const fn row_fraction(mut self, row_fraction: f64) -> Self {
        self.0.row_fraction = row_fraction;
        self
    }

    /// Sets the most bins a feature is cut into.
    #[must_use]
    pub const fn max_bins(mut self, max_bins: usize) -> Self {
        self.0.max_bins = max_bins;
        self
    }

    /// Sets after how many rounds without gain on the validation rows fitting stops.
    #[must_use]
    pub const fn early_stopping_rounds(mut self, rounds: Option<usize>) -> Self {
        self.0.early_stopping_rounds = rounds;
        self
    }

    /// Sets the seed of the draws of rows and features.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }
}

impl BoosterValidParams {
    pub(super) fn check_all(&self) -> Result<(), LearnError> {
        let counts = "a whole number of at least 1";
        let share = "above 0 and at most 1";
        let free = "a finite number of at least 0";
        self.loss.check()?;
        inside("n_trees", self.n_trees, 1, 100_000, "1 to 100000")?;
        inside("max_leaves", self.max_leaves, 2, 65_536, "2 to 65536")?;
        inside("min_samples_leaf", self.min_samples_leaf, 1, usize::MAX, counts)?;
        inside("max_bins", self.max_bins, 2, 255, "2 to 255")?;
        let rounds = self.early_stopping_rounds.unwrap_or(1);
        inside("early_stopping_rounds", rounds, 1, usize::MAX, counts)?;
        for (name, value) in [
            ("learning_rate", self.learning_rate),
            ("feature_fraction", self.feature_fraction),
            ("row_fraction", self.row_fraction),
        ] {
            require(name, value, share, value > 0.0 && value <= 1.0)?;
        }
        for (name, value) in [
            ("min_sum_hessian", self.min_sum_hessian),
            ("min_gain", self.min_gain),
            ("l2", self.l2),
        ] {
            require(name, value, free, value.is_finite() && value >= 0.0)?;
        }
        Ok(())
    }
}

/// Returns an error unless the hyper-parameter `holds`.
pub(super) fn require(
    name: &'static str,
    given: f64,
    allowed: &'static str,
    holds: bool,
) -> Result<(), LearnError> {
    if holds { Ok(()) } else { Err(LearnError::Param { name, given: given.to_string(), allowed }) }
}

fn inside(
    name: &'static str,
    given: usize,
    least: usize,
    most: usize,
    allowed: &'static str,
) -> Result<(), LearnError> {
    if (least..=most).contains(&given) {
        Ok(())
    } else {
        Err(LearnError::Param { name, given: given.to_string(), allowed })
    }
}

impl ParamGuard for BoosterParams {
    type Checked = BoosterValidParams;
    type Error = LearnError;

    fn check_ref(&self) -> Result<&Self::Checked, LearnError> {
        self.0.check_all()?;
        Ok(&self.0)
    }

    fn check(self) -> Result<Self::Checked, LearnError> {
        self.0.check_all()?;
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_pass_the_check() {
        assert!(BoosterParams::new().check().is_ok());
    }

    #[test]
    fn values_outside_their_range_are_named() {
        let cases = [
            (BoosterParams::new().n_trees(0), "n_trees is 0"),
            (BoosterParams::new().max_leaves(1), "max_leaves is 1"),
            (BoosterParams::new().learning_rate(f64::NAN), "learning_rate is NaN"),
            (BoosterParams::new().max_bins(256), "max_bins is 256"),
            (BoosterParams::new().l2(-1.0), "l2 is -1"),
            (BoosterParams::new().row_fraction(0.0), "row_fraction is 0"),
            (BoosterParams::new().loss(Loss::Quantile(1.0)), "quantile level is 1"),
            (BoosterParams::new().early_stopping_rounds(Some(0)), "early_stopping_rounds is 0"),
        ];
        for (params, expected) in cases {
            let text = params.check().expect_err(expected).to_string();
            assert!(text.starts_with(expected), "{text}");
        }
    }
}
