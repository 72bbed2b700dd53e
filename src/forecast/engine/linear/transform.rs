//! What is done to a series before its linear model, and undone after it.

use serde::{Deserialize, Serialize};

use crate::forecast::engine::series::Ask;

/// How far above the highest value seen a forecast made in logarithms may rise, as a factor: an
/// unstable recursion in logarithms would otherwise leave the range of numbers.
const RISE_MAX_LN: f64 = 2.0;

/// Which difference of the series is modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The values themselves.
    None,
    /// Each value less the one before.
    Step,
    /// Each value less the one a season before.
    Season,
}

/// A transform with all its numbers: logarithm, difference, then mean and spread.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Transform {
    /// Whether logarithms are taken.
    pub log: bool,
    /// The lag that is subtracted; 0 for none.
    pub lag: usize,
    /// Mean that is taken off the differences.
    pub mean: f64,
    /// Spread the differences are divided by.
    pub spread: f64,
}

impl Transform {
    /// Returns a transform whose mean and spread are not known yet.
    #[must_use]
    pub fn new(log: bool, difference: Difference, ask: &Ask) -> Self {
        let lag = match difference {
            Difference::None => 0,
            Difference::Step => 1,
            Difference::Season => ask.season(),
        };
        Self { log, lag, mean: 0.0, spread: 1.0 }
    }

    /// Returns value `y` before differencing.
    #[must_use]
    pub fn level(&self, y: f64) -> f64 {
        if self.log { y.ln() } else { y }
    }

    /// Returns the standardised difference of two levels (`before` is not looked at for lag 0).
    #[must_use]
    pub fn forward(&self, level: f64, before: f64) -> f64 {
        let step = if self.lag == 0 { level } else { level - before };
        (step - self.mean) / self.spread
    }

    /// Returns the level of a standardised difference from the level it was taken of.
    #[must_use]
    pub fn undo(&self, value: f64, before: f64) -> f64 {
        value * self.spread + self.mean + if self.lag == 0 { 0.0 } else { before }
    }

    /// Turns a path of standardised differences into values; `levels` are those known, the last
    /// at the end (at least `lag` of them), `top` the highest of all.
    pub fn back(&self, path: &mut [f64], levels: &[f64], top: f64) {
        for h in 0..path.len() {
            let mut level = path[h] * self.spread + self.mean;
            if self.lag > 0 {
                level += match h.checked_sub(self.lag) {
                    Some(k) => path[k],
                    None => levels[levels.len() + h - self.lag],
                };
            }
            path[h] = if self.log { level.min(top + RISE_MAX_LN) } else { level };
        }
        if self.log {
            path.iter_mut().for_each(|level| *level = level.exp());
        }
    }

    /// Returns the spread of a residual of standard deviation `sigma` in the unit of the series,
    /// near a level.
    #[must_use]
    pub fn unit(&self, sigma: f64, level: f64) -> f64 {
        sigma * self.spread * if self.log { level.exp() } else { 1.0 }
    }
}
