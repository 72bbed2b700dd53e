//! What a running block teaches: a slow correction of the level, and wider or narrower intervals.
//! Both learn only from forecasts whose day has come and was observed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::intervals::Scaled;

/// Days after which a verified error counts a third (1/e); as in `salinity_station`.
const BIAS_DAYS: f64 = 30.0;
/// Verified errors that no error at all weighs against.
const BIAS_PRIOR: f64 = 60.0;
/// How far one verified forecast moves a width (log scale), once many have been seen.
const WIDTH_STEP: f64 = 0.05;
/// Forecasts over which the step falls from twice that size.
const WIDTH_SETTLE: f64 = 60.0;
/// The widths' limits (log scale): 0.45 to 2.7 times.
const WIDTH_LIMITS: (f64, f64) = (-0.8, 1.0);
/// Share of outcomes that belongs beyond the quantiles watched, 10 % and 90 %.
const OUTSIDE: f64 = 0.1;

/// Returns blends (by newest day, then horizon) corrected by the errors verified before each was
/// issued.
pub(super) fn corrected(
    blends: &BTreeMap<i64, Vec<f64>>,
    horizons: usize,
    outcome: &dyn Fn(i64) -> Option<f64>,
) -> BTreeMap<i64, Vec<f64>> {
    let mut centres = BTreeMap::new();
    let (Some(first), Some(last)) = (blends.keys().next(), blends.keys().next_back()) else {
        return centres;
    };
    let fade = (-1.0 / BIAS_DAYS).exp();
    let (mut errors, mut weights) = (vec![0.0; horizons], vec![0.0; horizons]);
    for day in *first..=*last {
        let observed = outcome(day);
        for k in 0..horizons {
            errors[k] *= fade;
            weights[k] *= fade;
            let verified = blends.get(&(day - k as i64 - 1));
            if let (Some(blend), Some(observed)) = (verified, observed) {
                errors[k] += observed - blend[k];
                weights[k] += 1.0;
            }
        }
        if let Some(blend) = blends.get(&day) {
            let correct = |(k, blend): (usize, &f64)| blend + errors[k] / (weights[k] + BIAS_PRIOR);
            centres.insert(day, blend.iter().enumerate().map(correct).collect());
        }
    }
    centres
}

/// Widths of one place's intervals by horizon, on a log scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Widths {
    lower: Vec<f64>,
    upper: Vec<f64>,
    seen: Vec<u32>,
}

impl Widths {
    /// Returns the widths as calibrated.
    pub fn calibrated(horizons: usize) -> Self {
        let zeros = || vec![0.0; horizons];
        Self { lower: zeros(), upper: zeros(), seen: vec![0; horizons] }
    }

    /// Learns day by day, and returns for each day the quantiles as issued, by horizon.
    pub fn run(
        &mut self,
        forecasts: &BTreeMap<i64, Vec<Scaled>>,
        outcome: &dyn Fn(i64) -> Option<f64>,
    ) -> BTreeMap<i64, Vec<[f64; 7]>> {
        let mut issued = BTreeMap::new();
        let (Some(first), Some(last)) = (forecasts.keys().next(), forecasts.keys().next_back())
        else {
            return issued;
        };
        let mut used: BTreeMap<i64, Self> = BTreeMap::new();
        for day in *first..=*last {
            if let Some(observed) = outcome(day) {
                for k in 0..self.seen.len() {
                    let issue = day - k as i64 - 1;
                    if let (Some(scaled), Some(used)) = (forecasts.get(&issue), used.get(&issue)) {
                        self.learn(k, &scaled[k], used, observed);
                    }
                }
            }
            if let Some(scaled) = forecasts.get(&day) {
                used.insert(day, self.clone());
                let quantiles = scaled
                    .iter()
                    .enumerate()
                    .map(|(k, s)| s.quantiles(self.lower[k].exp(), self.upper[k].exp()));
                issued.insert(day, quantiles.collect());
            }
        }
        issued
    }

    fn learn(&mut self, k: usize, scaled: &Scaled, used: &Self, observed: f64) {
        self.seen[k] = self.seen[k].saturating_add(1);
        let step = WIDTH_STEP * (1.0 + (-f64::from(self.seen[k]) / WIDTH_SETTLE).exp());
        let quantiles = scaled.quantiles(used.lower[k].exp(), used.upper[k].exp());
        let moved = |width: f64, outside: bool| {
            let surprise = f64::from(u8::from(outside)) - OUTSIDE;
            (width + step * surprise).clamp(WIDTH_LIMITS.0, WIDTH_LIMITS.1)
        };
        self.lower[k] = moved(self.lower[k], observed < quantiles[1]);
        self.upper[k] = moved(self.upper[k], observed > quantiles[5]);
    }

    /// Returns whether the lengths are those given.
    pub fn fits(&self, horizons: usize) -> bool {
        self.lower.len() == horizons && self.upper.len() == horizons && self.seen.len() == horizons
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correction_waits_for_the_outcome() {
        let blends: BTreeMap<i64, Vec<f64>> = (0..60).map(|d| (d, vec![2.0; 14])).collect();
        let centres = corrected(&blends, 14, &|_| Some(2.5));
        assert_eq!(centres[&0], [2.0; 14]);
        assert!(centres[&1][0] > 2.0 && centres[&13][13] == 2.0 && centres[&14][13] > 2.0);
        let late = |day| if day < 30 { Some(2.5) } else { Some(-99.0) };
        let other = corrected(&blends, 14, &late);
        assert!((0..30).all(|day| other[&day] == centres[&day]));
    }

    #[test]
    fn intervals_widen_until_a_tenth_lies_beyond_each_end() {
        let shape = [-2.0, -1.5, -0.7, 0.0, 0.7, 1.5, 2.0];
        let scaled = Scaled { centre: 2.0, sigma: 0.05, shape };
        let forecasts: BTreeMap<i64, _> = (0..3_000).map(|d| (d, vec![scaled; 3])).collect();
        // Errors spread evenly over ±0.2: calibrated ends lie at ±0.16, those given at ±0.075.
        let outcome = |day: i64| Some(2.0 + 0.2 * ((day * 7_919 % 1_000) as f64 / 500.0 - 1.0));
        let issued = Widths::calibrated(3).run(&forecasts, &outcome);
        let last = issued[&2_999][0];
        let ends = [1, 5].map(|k| (last[k] - 2.0_f64).abs());
        assert!(ends.iter().all(|end| (end - 0.16).abs() < 0.03), "{ends:?}");
    }
}
