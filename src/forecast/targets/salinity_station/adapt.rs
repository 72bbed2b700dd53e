//! What a season teaches while it runs: a slow correction of the level, and wider or narrower
//! intervals. Both learn only from forecasts whose day has come and was observed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::HORIZONS;
use super::intervals::Scaled;
use super::members::Hindcast;

/// Days after which a verified error counts a third (1/e); stronger or faster corrections hurt.
const BIAS_DAYS: f64 = 30.0;
/// Verified errors that no error at all weighs against.
const BIAS_PRIOR: f64 = 60.0;
/// How far one verified forecast moves a width (log scale), once many have been seen.
const WIDTH_STEP: f64 = 0.06;
/// Forecasts over which the step falls from three times that size.
const WIDTH_SETTLE: f64 = 60.0;
/// The widths' limits (log scale): 0.45 to 2.7 times.
const WIDTH_LIMITS: (f64, f64) = (-0.8, 1.0);
/// What of last season's widths is kept when a season begins, and what is added (log scale): the
/// first month of a season is as uncertain as any.
const SEASON_START: (f64, f64) = (0.8, 0.02);
/// Share of outcomes that belongs beyond the quantiles watched, 10 % and 90 %.
const OUTSIDE: f64 = 0.1;
/// Width (log scale) a station without history starts from: 1.5 times.
const NEW_STATION_WIDTH: f64 = 0.4;

/// Hindcasts of one station by the last day they knew.
pub(super) type Hindcasts = BTreeMap<i64, Hindcast>;

/// Centres of forecasts (root of g/L) by horizon.
pub(super) type Centres = [f64; HORIZONS];

/// Returns the blends of one station corrected by the errors verified before each was issued.
/// `outcome` answers with roots of g/L.
pub(super) fn corrected(
    hindcasts: &Hindcasts,
    outcome: impl Fn(i64) -> Option<f64>,
) -> BTreeMap<i64, Centres> {
    let mut centres = BTreeMap::new();
    let (Some(first), Some(last)) = (hindcasts.keys().next(), hindcasts.keys().next_back()) else {
        return centres;
    };
    let fade = (-1.0 / BIAS_DAYS).exp();
    let (mut errors, mut weights) = ([0.0; HORIZONS], [0.0; HORIZONS]);
    for day in *first..=*last {
        let observed = outcome(day);
        for k in 0..HORIZONS {
            errors[k] *= fade;
            weights[k] *= fade;
            let verified = hindcasts.get(&(day - k as i64 - 1));
            if let (Some(hindcast), Some(observed)) = (verified, observed) {
                errors[k] += observed - hindcast.steps[k].blend;
                weights[k] += 1.0;
            }
        }
        if let Some(hindcast) = hindcasts.get(&day) {
            let correct = |k: usize| errors[k] / (weights[k] + BIAS_PRIOR);
            centres.insert(day, std::array::from_fn(|k| hindcast.steps[k].blend + correct(k)));
        }
    }
    centres
}

/// Widths of one station's intervals by horizon, on a log scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Widths {
    lower: [f64; HORIZONS],
    upper: [f64; HORIZONS],
    seen: [u32; HORIZONS],
}

impl Widths {
    /// Returns the widths as calibrated.
    pub(super) const CALIBRATED: Self =
        Self { lower: [0.0; HORIZONS], upper: [0.0; HORIZONS], seen: [0; HORIZONS] };

    /// Returns the widths of a station that was never calibrated.
    pub(super) const NEW_STATION: Self = Self {
        lower: [NEW_STATION_WIDTH; HORIZONS],
        upper: [NEW_STATION_WIDTH; HORIZONS],
        seen: [0; HORIZONS],
    };

    /// Begins a season, learns from it day by day, and returns for each day the quantiles as issued.
    pub(super) fn run(
        &mut self,
        forecasts: &BTreeMap<i64, [Scaled; HORIZONS]>,
        outcome: impl Fn(i64) -> Option<f64>,
    ) -> BTreeMap<i64, [[f64; 7]; HORIZONS]> {
        let mut issued = BTreeMap::new();
        let (Some(first), Some(last)) = (forecasts.keys().next(), forecasts.keys().next_back())
        else {
            return issued;
        };
        for width in self.lower.iter_mut().chain(&mut self.upper) {
            *width = SEASON_START.0 * *width + SEASON_START.1;
        }
        let mut used: BTreeMap<i64, Self> = BTreeMap::new();
        for day in *first..=*last {
            if let Some(observed) = outcome(day) {
                for k in 0..HORIZONS {
                    let issue = day - k as i64 - 1;
                    if let (Some(scaled), Some(used)) = (forecasts.get(&issue), used.get(&issue)) {
                        self.learn(k, &scaled[k], used, observed);
                    }
                }
            }
            if let Some(scaled) = forecasts.get(&day) {
                used.insert(day, *self);
                let quantiles =
                    |k: usize| scaled[k].quantiles(self.lower[k].exp(), self.upper[k].exp());
                issued.insert(day, std::array::from_fn(quantiles));
            }
        }
        issued
    }

    fn learn(&mut self, k: usize, scaled: &Scaled, used: &Self, observed: f64) {
        let error = (observed - scaled.centre) / scaled.sigma;
        self.seen[k] += 1;
        let step = WIDTH_STEP * (1.0 + 2.0 * (-f64::from(self.seen[k]) / WIDTH_SETTLE).exp());
        let below = error < scaled.shape[1] * used.lower[k].exp();
        let above = error > scaled.shape[5] * used.upper[k].exp();
        let moved = |width: f64, outside: bool| {
            let surprise = f64::from(u8::from(outside)) - OUTSIDE;
            (width + step * surprise).clamp(WIDTH_LIMITS.0, WIDTH_LIMITS.1)
        };
        self.lower[k] = moved(self.lower[k], below);
        self.upper[k] = moved(self.upper[k], above);
    }
}

#[cfg(test)]
mod tests {
    use super::super::members::Step;
    use super::*;

    fn season(days: i64) -> Hindcasts {
        let step = Step { blend: 2.0, spread: 0.05, tide_change: 0.5 };
        (0..days).map(|day| (day, Hindcast { level: 0.0, steps: [step; HORIZONS] })).collect()
    }

    #[test]
    fn a_correction_waits_for_the_outcome() {
        let hindcasts = season(60);
        let centres = corrected(&hindcasts, |_| Some(2.5));
        assert_eq!(centres[&0], [2.0; HORIZONS]);
        assert!(centres[&1][0] > 2.0 && centres[&13][13] == 2.0 && centres[&14][13] > 2.0);
        let late = |day| if day < 30 { Some(2.5) } else { Some(-99.0) };
        let other = corrected(&hindcasts, late);
        assert!((0..30).all(|day| other[&day] == centres[&day]));
    }

    #[test]
    fn intervals_widen_until_a_tenth_lies_beyond_each_end() {
        let shape = [-2.0, -1.5, -0.7, 0.0, 0.7, 1.5, 2.0];
        let scaled = Scaled { centre: 2.0, sigma: 0.05, shape };
        let forecasts: BTreeMap<i64, _> = (0..3_000).map(|d| (d, [scaled; HORIZONS])).collect();
        // Errors spread evenly over ±0.2: calibrated ends lie at ±0.16, those given at ±0.075.
        let outcome = |day: i64| Some(2.0 + 0.2 * ((day * 7_919 % 1_000) as f64 / 500.0 - 1.0));
        let issued = Widths::CALIBRATED.clone().run(&forecasts, outcome);
        let last = issued[&2_999][0];
        let ends = [1, 5].map(|k| (last[k].sqrt() - 2.0).abs());
        assert!(ends.iter().all(|end| (end - 0.16).abs() < 0.03), "{ends:?}");
    }
}
