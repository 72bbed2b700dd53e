//! What the candidates said at past origins of one series, and what came of it.

use super::calendar::design;
use super::candidates::Candidate;
use super::prepare::Ready;
use super::stretch::{Rolls, Stretch};
use super::weights::{Products, worth_a_fit};
use super::{Plan, Pools, windows, yardstick};
use crate::forecast::engine::classical::regression::Design;
use crate::forecast::engine::series::{Ask, Errors};

/// How far the yardstick of a past origin is moved towards that of today (geometric): one of few
/// steps is noise. Judged by a proper score, the mean interval score on inner ends of 21 panels, 0.25
/// is 0.5 % (80 %) and 1.1 % (95 %) better than 0, though 0 is 0.6 points nearer to what it says.
const NOW_SHARE: f64 = 0.25;

/// A series of more horizons than this hands out the errors of its last origins only: it has enough
/// values to fit on at each of them, and noise changes with the season. Mean distance from 95 % over
/// 9 panels of long series, inner and final: 2.8 points with all eight, 2.3 with four.
const LONG_HORIZONS: usize = 20;
const ORIGINS_OF_LONG: usize = 4;

/// What the candidates said at past origins of one series.
pub(super) struct LookBack {
    pub design: Design,
    origins: Vec<usize>,
    /// One block a candidate (rows = origins, cols = horizon).
    paths: Vec<Vec<f64>>,
    /// Products of their errors; `None` where there was nothing to look back to.
    pub products: Option<Products>,
}

impl LookBack {
    pub(super) fn new(
        ready: &Ready<'_>,
        ask: &Ask,
        candidates: &[Candidate],
        pools: &Pools,
    ) -> Self {
        let n = ready.y.len();
        let origins = windows::origins(n, ask.horizon, ask.season());
        let first = first_origin(n, ask);
        let design = design(n + ask.horizon, first, ask);
        let mut back = Self { design, origins, paths: Vec::new(), products: None };
        if back.origins.is_empty() {
            return back;
        }
        let stretch = Stretch::new(ready, &back.design, first, ask).with_pooled(&pools.back);
        let bounds: Vec<(f64, f64)> =
            back.origins.iter().map(|origin| ready.bounds(*origin, ask.horizon)).collect();
        let size = back.origins.len() * ask.horizon;
        let mut naive = vec![0.0; size];
        let mut rolls = Rolls { origins: &back.origins, horizon: ask.horizon, paths: &mut naive };
        let found = stretch.paths(Candidate::SeasonalNaive, &mut rolls);
        debug_assert!(found.is_some(), "the last season can always be repeated");
        for candidate in candidates {
            let mut paths = vec![0.0; size];
            let mut rolls =
                Rolls { origins: &back.origins, horizon: ask.horizon, paths: &mut paths };
            if stretch.paths(*candidate, &mut rolls).is_none() {
                paths.copy_from_slice(&naive);
            }
            for (path, (low, high)) in paths.chunks_exact_mut(ask.horizon).zip(&bounds) {
                for value in path {
                    *value = value.clamp(*low, *high);
                }
            }
            back.paths.push(paths);
        }
        let truth = back.truth(ready, ask.horizon);
        back.products = Products::new(&back.paths, &truth, ask.horizon);
        back
    }

    /// Returns what came after each origin, NaN where nothing did.
    fn truth(&self, ready: &Ready<'_>, horizon: usize) -> Vec<f64> {
        let at = |i: usize| ready.y.get(i).copied().unwrap_or(f64::NAN);
        self.origins.iter().flat_map(|origin| (*origin..origin + horizon).map(at)).collect()
    }

    /// Returns the errors of the weighted paths. At each origin the weights are those that the
    /// origins at least a horizon away ask for, the panel's where there are none: weights that have
    /// seen an error, or a neighbour that shares most of its steps, flatter it (inner ends of 21
    /// panels: 5.1 points from 80 % on average; with neighbours 6.1).
    pub(super) fn errors(
        &self,
        ready: &Ready<'_>,
        weights: &[f64],
        plan: &Plan,
        ask: &Ask,
    ) -> Errors {
        let Some(products) = &self.products else { return Errors::default() };
        let long = ready.y.len() > LONG_HORIZONS * ask.horizon;
        let skipped = if long { self.origins.len().saturating_sub(ORIGINS_OF_LONG) } else { 0 };
        let mut values = self.truth(ready, ask.horizon).split_off(skipped * ask.horizon);
        for (row, errors) in values.chunks_exact_mut(ask.horizon).enumerate() {
            let k = skipped + row;
            let apart = |other: usize| self.origins[other].abs_diff(self.origins[k]) >= ask.horizon;
            let others = match products.covariance(apart) {
                Some(others) => worth_a_fit(&others.weights_within(&plan.panel, weights)),
                None => plan.weights.clone(),
            };
            for (paths, weight) in self.paths.iter().zip(others) {
                let path = &paths[k * ask.horizon..(k + 1) * ask.horizon];
                for (error, forecast) in errors.iter_mut().zip(path) {
                    *error -= weight * forecast;
                }
            }
        }
        let now = yardstick::of(ready, ready.y.len(), ask);
        let scale = |origin: &usize| {
            let then = yardstick::of(ready, *origin, ask);
            then.powf(1.0 - NOW_SHARE) * now.powf(NOW_SHARE)
        };
        let origins = &self.origins[skipped..];
        let back = origins.iter().map(|origin| ready.y.len() - origin).collect();
        Errors { values, scales: origins.iter().map(scale).collect(), back }
    }
}

/// Returns where the first fit of a series of `n` values ends.
pub(super) fn first_origin(n: usize, ask: &Ask) -> usize {
    windows::origins(n, ask.horizon, ask.season()).first().copied().unwrap_or(n)
}
