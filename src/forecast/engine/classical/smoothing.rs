//! Exponential smoothing with a damped trend, a season and an autocorrelated remainder.
//!
//! ```text
//! ŷ = (l + φ b) ⊕ s + ρ d         ⊕ is + or ×
//! d = ρ d + (y - ŷ)
//! l = l + φ b + α d,   b = φ b + α β d,   s = s + (1 - α) γ d
//! ```
//! with d divided by the season (level, slope) or by the level (season) where the season is
//! multiplicative. ρ = 0 gives the classes (A, N or Ad, N or A or M) of Hyndman, Koehler, Ord &
//! Snyder (2008), *Forecasting with Exponential Smoothing*; ρ > 0 the one-lag remainder of De
//! Livera, Hyndman & Snyder (2011), *Forecasting time series with complex seasonal patterns*. A
//! missing value counts as an error of zero. O(n) a pass, O(season) memory.

use super::descent::{LANES, Lanes, Recursion, Region, minimise};
use super::online::Online;
use super::season::{Form, Profile};

/// The first level and slope are those of a line through this many values, or two seasons if they
/// are longer (Hyndman et al. 2008, section 2.6.1).
const START_VALUES: usize = 10;

/// Parameters of the recursion: α, β, φ, γ, ρ.
const PARAMETERS: usize = 5;

/// Where the search begins: from nearly fixed to nearly naive, with little and much memory.
const STARTS: [[f64; PARAMETERS]; LANES] = [
    [0.05, 0.05, 0.97, 0.02, 0.3],
    [0.15, 0.2, 0.95, 0.3, 0.5],
    [0.15, 0.02, 0.95, 0.5, 0.1],
    [0.3, 0.2, 0.9, 0.2, 0.0],
    [0.5, 0.05, 0.95, 0.05, 0.2],
    [0.6, 0.02, 0.97, 0.6, 0.0],
    [0.9, 0.1, 0.9, 0.1, 0.1],
    [0.02, 0.02, 0.97, 0.1, 0.8],
];

/// The usual region; φ at most 0.98, as in Hyndman et al. (2008), where there is a season: without
/// one a slope may also last (M3 other 1.870 to 1.854, yearly panels as before; with a season M3
/// quarterly lost 0.3 %). ρ below 0 is noise on noise.
const REGION: Region<PARAMETERS> =
    Region { low: [0.001, 0.0, 0.8, 0.0, 0.0], high: [0.999, 0.9, 0.98, 0.9, 0.95] };

/// How the recursion is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Build {
    /// Whether there is a damped trend.
    pub trend: bool,
    /// Whether the remainder is autocorrelated.
    pub autocorrelated: bool,
}

/// The recursion with its parameters, standing after some value.
#[derive(Debug, Clone)]
pub struct Smoothing {
    multiplicative: bool,
    /// α, β, φ, γ, ρ as in the equations above.
    weights: [f64; PARAMETERS],
    level: f64,
    slope: f64,
    remainder: f64,
    season: Vec<f64>,
    /// Phase of the next value.
    phase: usize,
}

impl Smoothing {
    /// Fits to `y` (NaN where missing; `filled` is `y` without gaps) by least squares of the
    /// one-step errors, beginning with the season `profile`. Stands after the last value.
    #[must_use]
    pub fn fit(y: &[f64], filled: &[f64], profile: &Profile, build: Build) -> Option<Self> {
        let first = Self::before_first(filled, profile, build)?;
        let mut region = REGION;
        if profile.form == Form::None {
            region = region.fixed(3, 0.0);
            region.high[2] = 1.0;
        }
        if !build.trend {
            region = region.fixed(1, 0.0).fixed(2, 0.0);
        }
        if !build.autocorrelated {
            region = region.fixed(4, 0.0);
        }
        let (weights, sum) = minimise(&Walk { y, first: &first }, &region, &STARTS);
        let mut fitted = Self { weights, ..first };
        fitted.advance(y);
        (sum.is_finite() && fitted.level.is_finite()).then_some(fitted)
    }

    fn before_first(filled: &[f64], profile: &Profile, build: Build) -> Option<Self> {
        let season = profile.by_phase.len();
        let take = filled.len().min(START_VALUES.max(2 * season));
        if take == 0 {
            return None;
        }
        let (mut level, mut slope) = line(take, |i| profile.remove(filled[i], i));
        if !build.trend {
            level += slope * 0.5 * (take as f64 - 1.0);
            slope = 0.0;
        }
        Some(Self {
            multiplicative: profile.form == Form::Multiplicative,
            weights: [0.0; PARAMETERS],
            level: level - slope,
            slope,
            remainder: 0.0,
            season: profile.by_phase.clone(),
            phase: 0,
        })
    }
}

impl Online for Smoothing {
    fn advance(&mut self, y: &[f64]) {
        let [alpha, beta, phi, gamma, rho] = self.weights;
        for value in y {
            let moved = phi * self.slope;
            let base = self.level + moved;
            let at = &mut self.season[self.phase];
            let known = if self.multiplicative { base * *at } else { base + *at };
            let old = rho * self.remainder;
            self.remainder = if value.is_nan() { old } else { value - known };
            let (flat, shape) = if self.multiplicative {
                (self.remainder / *at, self.remainder / base)
            } else {
                (self.remainder, self.remainder)
            };
            self.level = base + alpha * flat;
            self.slope = moved + alpha * beta * flat;
            *at += (1.0 - alpha) * gamma * shape;
            self.phase = (self.phase + 1) % self.season.len();
        }
    }

    fn forecast(&self, path: &mut [f64]) {
        let [_, _, phi, _, rho] = self.weights;
        let (mut level, mut slope, mut left) = (self.level, self.slope, self.remainder);
        let mut phase = self.phase;
        for value in path {
            slope *= phi;
            level += slope;
            left *= rho;
            let at = self.season[phase];
            *value = if self.multiplicative { level * at } else { level + at } + left;
            phase = (phase + 1) % self.season.len();
        }
    }
}

/// The same recursion for eight parameter sets.
struct Walk<'a> {
    y: &'a [f64],
    first: &'a Smoothing,
}

impl Recursion<PARAMETERS> for Walk<'_> {
    fn walk(&self, weights: &[Lanes; PARAMETERS], take: impl FnMut(&Lanes)) {
        if self.first.multiplicative {
            self.walk_by::<true>(weights, take);
        } else {
            self.walk_by::<false>(weights, take);
        }
    }
}

impl Walk<'_> {
    fn walk_by<const MULTIPLICATIVE: bool>(
        &self,
        weights: &[Lanes; PARAMETERS],
        mut take: impl FnMut(&Lanes),
    ) {
        let [alpha, beta, phi, gamma, rho] = weights;
        let beta: Lanes = std::array::from_fn(|i| alpha[i] * beta[i]);
        let gamma: Lanes = std::array::from_fn(|i| (1.0 - alpha[i]) * gamma[i]);
        let (mut level, mut slope) = ([self.first.level; LANES], [self.first.slope; LANES]);
        let mut left = [self.first.remainder; LANES];
        let mut season: Vec<Lanes> = self.first.season.iter().map(|s| [*s; LANES]).collect();
        let mut phase = self.first.phase;
        let mut errors = [0.0; LANES];
        for value in self.y {
            let at = &mut season[phase];
            let seen = !value.is_nan();
            let value = if seen { *value } else { 0.0 };
            let share = f64::from(u8::from(seen));
            for i in 0..LANES {
                let moved = phi[i] * slope[i];
                let base = level[i] + moved;
                let known = if MULTIPLICATIVE { base * at[i] } else { base + at[i] };
                let old = rho[i] * left[i];
                errors[i] = share * (value - known - old);
                let new = old + errors[i];
                left[i] = new;
                let flat = if MULTIPLICATIVE { new / at[i] } else { new };
                level[i] = base + alpha[i] * flat;
                slope[i] = moved + beta[i] * flat;
                at[i] += gamma[i] * if MULTIPLICATIVE { new / base } else { new };
            }
            if seen {
                take(&errors);
            }
            phase += 1;
            if phase == season.len() {
                phase = 0;
            }
        }
    }
}

/// Returns intercept and slope of the least-squares line through `value(0..n)`.
fn line(n: usize, value: impl Fn(usize) -> f64) -> (f64, f64) {
    let middle = 0.5 * (n as f64 - 1.0);
    let (mut mean, mut dot, mut spread) = (0.0, 0.0, 0.0);
    for i in 0..n {
        let x = i as f64 - middle;
        let v = value(i);
        mean += v / n as f64;
        dot += x * v;
        spread += x * x;
    }
    let slope = if spread > 0.0 { dot / spread } else { 0.0 };
    (mean - slope * middle, slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_smoothing_is_that_of_statsforecast() {
        // statsforecast 2.1.1, SimpleExponentialSmoothing(alpha=0.5): 533.99.
        let oil = [
            445.36, 453.20, 454.41, 422.38, 456.04, 440.39, 425.19, 486.21, 500.43, 521.28, 508.95,
            488.89, 509.87, 456.72, 473.82, 525.95, 549.83, 542.34,
        ];
        let mut simple = Smoothing {
            multiplicative: false,
            weights: [0.5, 0.0, 0.0, 0.0, 0.0],
            level: oil[0],
            slope: 0.0,
            remainder: 0.0,
            season: vec![0.0],
            phase: 0,
        };
        simple.advance(&oil[1..]);
        let mut path = [0.0; 2];
        simple.forecast(&mut path);
        assert!(path.iter().all(|v| (v - 533.99).abs() < 0.005), "{path:?}");
    }
}
