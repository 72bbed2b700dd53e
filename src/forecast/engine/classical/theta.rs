//! The dynamic optimised theta model.
//!
//! Assimakopoulos & Nikolopoulos (2000), *The theta model: a decomposition approach to
//! forecasting*; as a recursion after Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler (2016),
//! *Models for optimising the theta method and their relationship to state space models*:
//! ```text
//! μ(t) = l + (1 - 1/θ) [ (1 - α)^(t-1) A + (1 - (1 - α)^t) / α · B ]
//! l    = α y + (1 - α) l
//! ```
//! with A and B the intercept and slope of the line through all values so far. The season is taken
//! out before and put back after. O(n) a pass.

use super::descent::{LANES, Lanes, Recursion, Region, minimise};
use super::online::Online;
use super::season::Profile;

/// Parameters: α, 1 - 1/θ, the first level (0 the least, 1 the greatest of the first values).
const PARAMETERS: usize = 3;

/// Where the search begins; θ = 2 (share 0.5) is the classical method.
const STARTS: [[f64; PARAMETERS]; LANES] = [
    [0.1, 0.5, 0.5],
    [0.3, 0.5, 0.5],
    [0.6, 0.5, 0.5],
    [0.9, 0.5, 0.5],
    [0.2, 0.8, 0.3],
    [0.5, 0.8, 0.7],
    [0.3, 0.1, 0.5],
    [0.8, 0.2, 0.5],
];

/// α as usual; θ from 1 to 10: above it nearly nothing but the line is left.
const REGION: Region<PARAMETERS> = Region { low: [0.02, 0.0, -0.5], high: [0.99, 0.9, 1.5] };

/// One-step errors count from this value on: before it there is no line.
const SKIPPED: usize = 2;

/// The first level is looked for around this many first values.
const FIRST_VALUES: usize = 12;

/// The recursion with its parameters, standing after some value.
#[derive(Debug, Clone)]
pub struct Theta {
    profile: Profile,
    alpha: f64,
    /// 1 - 1/θ.
    share: f64,
    level: f64,
    /// (1 - α)^t.
    decay: f64,
    line: RunningLine,
}

impl Theta {
    /// Fits to `filled` (no NaN) without its season `profile`, by least squares of the one-step
    /// errors. Stands after the last value; `None` below three values.
    #[must_use]
    pub fn fit(filled: &[f64], profile: Profile) -> Option<Self> {
        let flat: Vec<f64> = (0..filled.len()).map(|i| profile.remove(filled[i], i)).collect();
        if flat.len() <= SKIPPED {
            return None;
        }
        let first = &flat[..flat.len().min(FIRST_VALUES)];
        let low = first.iter().copied().fold(f64::INFINITY, f64::min);
        let high = first.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let walk = Walk { lines: RunningLine::along(&flat), flat: &flat, low, spread: high - low };
        let (best, sum) = minimise(&walk, &REGION, &STARTS);
        let line = RunningLine::default();
        let level = low + best[2] * (high - low);
        let mut fitted = Self { profile, alpha: best[0], share: best[1], level, decay: 1.0, line };
        for value in &flat {
            fitted.take(*value);
        }
        sum.is_finite().then_some(fitted)
    }

    /// Returns the expected next value without its season.
    fn expected(&self) -> f64 {
        let after = self.decay * (1.0 - self.alpha);
        let drift = (1.0 - after) / self.alpha * self.line.slope;
        self.level + self.share * (self.decay * self.line.intercept + drift)
    }

    fn take(&mut self, flat: f64) {
        self.level += self.alpha * (flat - self.level);
        self.decay *= 1.0 - self.alpha;
        self.line.take(flat);
    }
}

impl Online for Theta {
    fn advance(&mut self, y: &[f64]) {
        for value in y {
            let at = self.line.taken;
            let seen = !value.is_nan();
            self.take(if seen { self.profile.remove(*value, at) } else { self.expected() });
        }
    }

    fn forecast(&self, path: &mut [f64]) {
        let mut ahead = Self { profile: Profile::none(), ..*self };
        for value in path {
            let flat = ahead.expected();
            *value = self.profile.restore(flat, ahead.line.taken);
            ahead.take(flat);
        }
    }
}

/// The least-squares line through all values so far, in O(1) a value.
#[derive(Debug, Clone, Copy, Default)]
struct RunningLine {
    mean: f64,
    intercept: f64,
    slope: f64,
    taken: usize,
}

impl RunningLine {
    fn take(&mut self, value: f64) {
        self.taken += 1;
        let t = self.taken as f64;
        let apart = value - self.mean;
        self.mean += apart / t;
        if self.taken > 1 {
            self.slope = ((t - 2.0) * self.slope + 6.0 * apart / t) / (t + 1.0);
        }
        self.intercept = self.mean - self.slope * (t + 1.0) * 0.5;
    }

    /// Returns intercept and slope before each value.
    fn along(flat: &[f64]) -> Vec<(f64, f64)> {
        let mut line = Self::default();
        flat.iter()
            .map(|value| {
                let before = (line.intercept, line.slope);
                line.take(*value);
                before
            })
            .collect()
    }
}

/// The same recursion for eight parameter sets.
struct Walk<'a> {
    flat: &'a [f64],
    /// Intercept and slope before each value: they do not depend on the parameters.
    lines: Vec<(f64, f64)>,
    low: f64,
    spread: f64,
}

impl Recursion<PARAMETERS> for Walk<'_> {
    fn walk(&self, weights: &[Lanes; PARAMETERS], mut take: impl FnMut(&Lanes)) {
        let [alpha, share, first] = weights;
        let mut level: Lanes = std::array::from_fn(|i| self.low + first[i] * self.spread);
        let per_alpha: Lanes = std::array::from_fn(|i| 1.0 / alpha[i]);
        let mut decay = [1.0; LANES];
        let mut errors = [0.0; LANES];
        for (t, (value, (intercept, slope))) in self.flat.iter().zip(&self.lines).enumerate() {
            for i in 0..LANES {
                let after = decay[i] * (1.0 - alpha[i]);
                let drift = (1.0 - after) * per_alpha[i] * slope;
                errors[i] = value - level[i] - share[i] * (decay[i] * intercept + drift);
                level[i] += alpha[i] * (value - level[i]);
                decay[i] = after;
            }
            if t >= SKIPPED {
                take(&errors);
            }
        }
    }
}
