//! How wrong a forecast may be: a scale that depends on the situation, and the shape of the errors
//! in that scale.

use std::collections::BTreeMap;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::design::lead_curves;
use super::members::{Hindcast, Step};
use super::{FLOOR_G_L, HORIZONS};
use crate::domain::{LEVELS, PlaceId};
use crate::forecast::baselines::quantile_sorted;
use crate::forecast::learn::LearnError;
use crate::forecast::learn::normal::Normal;

/// Penalty of the scale's ridge.
const PENALTY: f64 = 50.0;
/// The least scale (root of g/L): half a step of the conductivity meter at 1.5 g/L.
const SIGMA_MIN: f64 = 0.04;
/// Larger errors count as this quantile of them, so that a single day does not set the scale.
const ERROR_CAP: f64 = 0.995;
/// Curves of the lead in the scale: one and the three of the design.
const CURVES: usize = 4;
/// Numbers of the situation in the scale: one, level, its square, tide change, spread.
const SITUATION: usize = 5;
/// Columns all stations share.
const SHARED: usize = CURVES * SITUATION;

/// One forecast of earlier seasons and how wrong it was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample<'a> {
    pub place: &'a PlaceId,
    pub horizon: usize,
    pub level: f64,
    pub step: Step,
    /// Observed less forecast (root of g/L).
    pub error: f64,
}

/// A forecast with its scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scaled {
    /// The forecast (root of g/L).
    pub centre: f64,
    /// The scale (root of g/L).
    pub sigma: f64,
    /// Quantiles of the errors in that scale.
    pub shape: [f64; 7],
}

impl Scaled {
    /// Returns the quantiles in g/L, the lower and upper ones stretched by these factors.
    pub(super) fn quantiles(&self, lower: f64, upper: f64) -> [f64; 7] {
        let mut values: [f64; 7] = std::array::from_fn(|i| {
            let stretch = if i < 3 {
                lower
            } else if i > 3 {
                upper
            } else {
                1.0
            };
            self.centre + stretch * self.shape[i] * self.sigma
        });
        values.sort_by(f64::total_cmp);
        values.map(|root| root.max(FLOOR_G_L.sqrt()).powi(2))
    }
}

/// The calibrated scale and shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Intervals {
    shared: Vec<f64>,
    stations: BTreeMap<PlaceId, Vec<f64>>,
    shape: [[f64; 7]; HORIZONS],
}

impl Intervals {
    /// Returns scale and shape learned from the errors of earlier seasons; `None` without any.
    pub(super) fn fit(samples: &[Sample<'_>]) -> Result<Option<Self>, LearnError> {
        if samples.is_empty() {
            return Ok(None);
        }
        let mut sizes: Vec<f64> = samples.iter().map(|s| s.error.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let cap = quantile_sorted(&sizes, ERROR_CAP).unwrap_or(f64::MAX);
        let places: BTreeMap<&PlaceId, usize> = {
            let mut names: Vec<&PlaceId> = samples.iter().map(|s| s.place).collect();
            names.sort();
            names.dedup();
            names.into_iter().zip((SHARED..).step_by(CURVES)).collect()
        };
        let width = SHARED + CURVES * places.len();
        let mut rows = Array2::zeros((samples.len(), width));
        let mut targets = Vec::with_capacity(samples.len());
        for (mut row, sample) in rows.rows_mut().into_iter().zip(samples) {
            let shared = shared_columns(sample.horizon, sample.level, &sample.step);
            row.iter_mut().zip(shared).for_each(|(to, from)| *to = from);
            let own = places[sample.place];
            for (k, curve) in curves(sample.horizon).into_iter().enumerate() {
                row[own + k] = curve;
            }
            targets.push(sample.error.abs().min(cap));
        }
        let mut sums = Normal::new(width);
        sums.add(rows.view(), &targets);
        let solution = sums.solve(&vec![PENALTY; width], None)?;
        let own = |from: usize| solution[from..from + CURVES].to_vec();
        let mut intervals = Self {
            shared: solution[..SHARED].to_vec(),
            stations: places.iter().map(|(place, from)| ((*place).clone(), own(*from))).collect(),
            shape: [[0.0; 7]; HORIZONS],
        };
        intervals.shape = intervals.shapes(samples);
        Ok(Some(intervals))
    }

    /// Quantiles of the scaled errors of all stations at each horizon and its two neighbours.
    fn shapes(&self, samples: &[Sample<'_>]) -> [[f64; 7]; HORIZONS] {
        let mut scaled = vec![Vec::new(); HORIZONS];
        for sample in samples {
            let sigma = self.sigma(sample.place, sample.horizon, sample.level, &sample.step);
            let k = sample.horizon - 1;
            for errors in &mut scaled[k.saturating_sub(1)..=(k + 1).min(HORIZONS - 1)] {
                errors.push(sample.error / sigma);
            }
        }
        std::array::from_fn(|k| {
            scaled[k].sort_by(f64::total_cmp);
            LEVELS.map(|level| quantile_sorted(&scaled[k], level).unwrap_or(0.0))
        })
    }

    fn sigma(&self, place: &PlaceId, horizon: usize, level: f64, step: &Step) -> f64 {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let shared = dot(&self.shared, &shared_columns(horizon, level, step));
        let own = self.stations.get(place).map_or(0.0, |own| dot(own, &curves(horizon)));
        (shared + own).max(SIGMA_MIN)
    }

    /// Returns the forecasts of one morning with their scales.
    pub(super) fn scaled(
        &self,
        place: &PlaceId,
        hindcast: &Hindcast,
        centres: &[f64; HORIZONS],
    ) -> [Scaled; HORIZONS] {
        std::array::from_fn(|k| Scaled {
            centre: centres[k],
            sigma: self.sigma(place, k + 1, hindcast.level, &hindcast.steps[k]),
            shape: self.shape[k],
        })
    }

    /// Returns whether the lengths are those of this build.
    pub(super) fn sound(&self) -> bool {
        self.shared.len() == SHARED && self.stations.values().all(|own| own.len() == CURVES)
    }
}

fn curves(horizon: usize) -> [f64; CURVES] {
    let [a, b, c] = lead_curves(horizon);
    [1.0, a, b, c]
}

fn shared_columns(horizon: usize, level: f64, step: &Step) -> [f64; SHARED] {
    let situation = [1.0, level, level * level, step.tide_change, 10.0 * step.spread];
    let curves = curves(horizon);
    std::array::from_fn(|i| situation[i / CURVES] * curves[i % CURVES])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_follows_the_situation_and_nine_in_ten_errors_lie_inside() {
        let place: PlaceId = "salinity:a".parse().unwrap();
        let sample = |k: usize| {
            // Members that differ by 0.2 are four times as wrong as members that differ by 0.05.
            let spread = if k.is_multiple_of(2) { 0.05 } else { 0.2 };
            let error = 4.0 * spread * ((k * 7_919 % 1_009) as f64 / 504.5 - 1.0);
            let step = Step { blend: 2.0, spread, tide_change: 1.0 };
            Sample { place: &place, horizon: 1 + k % 14, level: 0.0, step, error }
        };
        let samples: Vec<Sample<'_>> = (0..8_400).map(sample).collect();
        let intervals = Intervals::fit(&samples).unwrap().unwrap();
        let inside = samples.iter().filter(|s| {
            let sigma = intervals.sigma(s.place, s.horizon, s.level, &s.step);
            let shape = intervals.shape[s.horizon - 1];
            (shape[0] * sigma..=shape[6] * sigma).contains(&s.error)
        });
        let share = inside.count() as f64 / samples.len() as f64;
        assert!((share - 0.9).abs() < 0.02, "{share}");
        let sigma = |k| intervals.sigma(&place, 7, 0.0, &sample(k).step);
        assert!((sigma(1) / sigma(0) - 4.0).abs() < 0.4, "{} {}", sigma(0), sigma(1));
    }

    #[test]
    fn quantiles_are_ordered_and_never_below_the_floor() {
        let shape = [-2.0, -1.5, -0.7, 0.1, 0.7, 1.5, 2.0];
        let scaled = Scaled { centre: 0.2, sigma: 0.4, shape };
        let quantiles = scaled.quantiles(0.5, 2.0);
        assert!(quantiles.windows(2).all(|w| w[0] <= w[1]));
        assert!((quantiles[0] - FLOOR_G_L).abs() < 1e-12);
    }

    #[test]
    fn no_errors_give_no_intervals() {
        assert!(Intervals::fit(&[]).unwrap().is_none());
    }
}
