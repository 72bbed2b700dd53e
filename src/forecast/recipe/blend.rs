//! Weights of the candidates, by place and horizon: at least zero, one in sum, least squared error
//! on the blocks held out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::members::Hindcast;
use crate::domain::PlaceId;

/// Forecasts that what all places have in common weighs against a place's own.
const PRIOR_ROWS: f64 = 150.0;
/// What the neighbouring horizons count.
const NEIGHBOUR: f64 = 0.5;
/// How much candidates are taken to differ beyond what was seen, as a share of the best one's squared
/// error: it keeps weights even unless the errors say otherwise.
const EVEN: f64 = 0.1;
/// Sweeps over all pairs of candidates; a dozen candidates settle in far fewer.
const SWEEPS: usize = 60;

/// Sums of products of the candidates' errors at one horizon.
#[derive(Debug, Clone, Default)]
struct Products {
    rows: f64,
    sums: Vec<f64>,
}

/// Sums from which weights are found.
#[derive(Debug, Clone, Default)]
pub(super) struct BlendSums {
    candidates: usize,
    places: BTreeMap<PlaceId, Vec<Products>>,
}

impl BlendSums {
    /// Adds the outcome of one forecast with its weight.
    pub fn push(
        &mut self,
        place: &PlaceId,
        (k, horizons): (usize, usize),
        hindcast: &Hindcast,
        outcome: f64,
        weight: f64,
    ) {
        let errors: Vec<f64> = hindcast.at(k).iter().map(|c| outcome - c).collect();
        let n = errors.len();
        self.candidates = n;
        if !self.places.contains_key(place) {
            let empty = Products { rows: 0.0, sums: vec![0.0; n * n] };
            self.places.insert(place.clone(), vec![empty; horizons]);
        }
        let Some(products) = self.places.get_mut(place).and_then(|p| p.get_mut(k)) else { return };
        products.rows += weight;
        for (i, a) in errors.iter().enumerate() {
            for (j, b) in errors.iter().enumerate() {
                products.sums[i * n + j] += weight * a * b;
            }
        }
    }

    /// Returns the weights; `None` without any forecast.
    pub fn weights(&self) -> Option<Weights> {
        let n = self.candidates;
        let horizons = self.places.values().next()?.len();
        let smooth = |products: &[Products], k: usize| {
            let mut sum = Products { rows: 0.0, sums: vec![0.0; n * n] };
            let near = k.saturating_sub(1)..=(k + 1).min(horizons - 1);
            near.for_each(|m| sum.add(&products[m], if m == k { 1.0 } else { NEIGHBOUR }));
            sum
        };
        let mut pooled = vec![Products { rows: 0.0, sums: vec![0.0; n * n] }; horizons];
        for products in self.places.values() {
            for (k, pooled) in pooled.iter_mut().enumerate() {
                let own = smooth(products, k);
                let size = own.size(n);
                // Places count by their rows, however large their errors are.
                pooled.add(&own, 1.0 / size.max(f64::MIN_POSITIVE));
            }
        }
        let everyone = pooled.iter().map(|p| best(p, n)).collect();
        let place = |products: &Vec<Products>| {
            let weights = (0..horizons).map(|k| {
                let mut own = smooth(products, k);
                let (mine, all) = (own.size(n), pooled[k].size(n));
                let share = PRIOR_ROWS / pooled[k].rows.max(1.0);
                own.add(&pooled[k], share * mine / all.max(f64::MIN_POSITIVE));
                best(&own, n)
            });
            weights.collect()
        };
        let places = self.places.iter().map(|(name, own)| (name.clone(), place(own))).collect();
        Some(Weights { everyone, places })
    }
}

impl Products {
    fn add(&mut self, other: &Self, factor: f64) {
        self.rows += factor * other.rows;
        self.sums.iter_mut().zip(&other.sums).for_each(|(a, b)| *a += factor * b);
    }

    /// Returns the mean squared error of the candidates.
    fn size(&self, n: usize) -> f64 {
        let trace: f64 = (0..n).map(|i| self.sums[i * n + i]).sum();
        trace / (n as f64 * self.rows.max(1.0))
    }
}

/// Weights of the candidates by horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Weights {
    everyone: Vec<Vec<f64>>,
    places: BTreeMap<PlaceId, Vec<Vec<f64>>>,
}

impl Weights {
    /// Returns the weights that believe the first candidate alone.
    pub fn all_on_the_first(mut self) -> Self {
        for weights in self.places.values_mut().chain([&mut self.everyone]).flatten() {
            weights.fill(0.0);
            weights[0] = 1.0;
        }
        self
    }

    /// Returns the blended forecasts of one morning by horizon (scaled).
    pub fn blend(&self, place: &PlaceId, hindcast: &Hindcast) -> Vec<f64> {
        let weights = self.places.get(place).unwrap_or(&self.everyone).iter().enumerate();
        let at = |k: usize, w: &[f64]| hindcast.at(k).iter().zip(w).map(|(c, w)| c * w).sum();
        weights.map(|(k, w)| at(k, w)).collect()
    }

    /// Returns the weights all places have in common, by horizon.
    pub fn everyone(&self) -> &[Vec<f64>] {
        &self.everyone
    }

    /// Returns the weights by place.
    pub fn by_place(&self) -> impl Iterator<Item = (&PlaceId, &[Vec<f64>])> {
        self.places.iter().map(|(place, weights)| (place, weights.as_slice()))
    }

    /// Returns whether the lengths are those given.
    pub fn fits(&self, horizons: usize, candidates: usize) -> bool {
        let good =
            |w: &Vec<Vec<f64>>| w.len() == horizons && w.iter().all(|w| w.len() == candidates);
        good(&self.everyone) && self.places.values().all(good)
    }
}

/// Returns the weights of least squared error: from equal weights, the best shift between each pair
/// in turn, which for a convex function on the simplex ends at its least value.
fn best(products: &Products, n: usize) -> Vec<f64> {
    let mut weights = vec![1.0 / n as f64; n];
    let least = (0..n).map(|i| products.sums[i * n + i]).fold(f64::INFINITY, f64::min);
    let entry =
        |i: usize, j: usize| products.sums[i * n + j] + if i == j { EVEN * least } else { 0.0 };
    for _ in 0..SWEEPS {
        for i in 0..n {
            for j in 0..i {
                let slope: f64 = (0..n).map(|m| (entry(i, m) - entry(j, m)) * weights[m]).sum();
                let bend = entry(i, i) + entry(j, j) - 2.0 * entry(i, j);
                if bend > 0.0 {
                    let shift = (-slope / bend).clamp(-weights[i], weights[j]);
                    weights[i] += shift;
                    weights[j] -= shift;
                }
            }
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blend_weighs_by_the_errors_and_never_below_zero() {
        let independent = Products { rows: 10.0, sums: vec![4.0, 0.0, 0.0, 1.0] };
        let weights = best(&independent, 2);
        // Without the pull to evenness 1 / 5.
        assert!((weights[0] - 1.1 / 5.2).abs() < 1e-9, "{weights:?}");
        let useless = Products { rows: 10.0, sums: vec![1.0, 2.0, 2.0, 9.0] };
        assert_eq!(best(&useless, 2), [1.0, 0.0]);
    }
}
