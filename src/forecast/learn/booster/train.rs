//! The rounds of boosting: derivatives, a tree, its leaf values, the new forecasts.

use ndarray::Array1;

use super::bins::{Column, bin_columns};
use super::grow::{Grower, Grown, GrownLeaf};
use super::histogram::{Derivatives, Unweighted, Weighted};
use super::loss::{Loss, Residual};
use super::model::Booster;
use super::params::BoosterValidParams;
use super::sample::Draws;
use super::split::Limits;
use super::tree::Tree;
use crate::forecast::learn::guard::Sample;

/// Gains below this share of the first round's sum of squared gradients are rounding: 1e-20 is a
/// change of 1e-10 of the target's spread.
const ROUNDING_GAIN: f64 = 1e-20;

/// Returns the booster fitted to the checked rows; `later` are rows to stop by, if any.
pub(super) fn train(
    params: &BoosterValidParams,
    sample: &Sample<'_>,
    later: Option<&Sample<'_>>,
) -> Booster {
    let columns = bin_columns(sample.records.view(), params.max_bins);
    let targets = sample.targets.column(0).to_vec();
    let weights = sample.weights.as_ref().map(Array1::to_vec);
    let weights = weights.as_deref();
    let judge = later.map(|later| Judge::new(params, later));
    let rounds = Rounds {
        params,
        columns: &columns,
        targets: &targets,
        weights,
        start: constant(params.loss, &targets, weights),
    };
    let (trees, judge) = match weights {
        None => rounds.run(Unweighted::new(targets.len()), judge),
        Some(weights) => rounds.run(Weighted::new(weights), judge),
    };
    Booster {
        params: params.clone(),
        features: sample.features.clone(),
        start: rounds.start,
        trees,
        validation_loss: judge.map(|j| j.history).unwrap_or_default(),
    }
}

/// Returns the best constant forecast; exactly the target when that never changes.
fn constant(loss: Loss, targets: &[f64], weights: Option<&[f64]>) -> f64 {
    if targets.iter().all(|t| t.total_cmp(&targets[0]).is_eq()) {
        return targets[0];
    }
    let mut residuals: Vec<Residual> = targets
        .iter()
        .enumerate()
        .map(|(row, &value)| Residual { value, weight: weights.map_or(1.0, |w| w[row]) })
        .collect();
    loss.location(&mut residuals)
}

struct Rounds<'a> {
    params: &'a BoosterValidParams,
    columns: &'a [Column],
    targets: &'a [f64],
    weights: Option<&'a [f64]>,
    start: f64,
}

impl Rounds<'_> {
    fn run<const N: usize>(
        &self,
        mut derivatives: impl Derivatives<N>,
        mut judge: Option<Judge>,
    ) -> (Vec<Tree>, Option<Judge>) {
        let params = self.params;
        let mut draws = Draws::new(params.seed);
        let mut forecasts = vec![self.start; self.targets.len()];
        let mut trees = Vec::new();
        if let Some(judge) = &mut judge {
            judge.begin(self.start);
        }
        let sampled = params.row_fraction < 1.0 || params.feature_fraction < 1.0;
        let mut grower = Grower::new(self.columns, self.limits(), params.max_leaves);
        for _ in 0..params.n_trees {
            derivatives.set(|row| params.loss.gradient(forecasts[row], self.targets[row]));
            let features = draws.choose(self.columns.len(), params.feature_fraction);
            let rows = draws.choose(self.targets.len(), params.row_fraction);
            let mut grown = grower.grow(rows, &features, &derivatives);
            if grown.leaves.len() == 1 {
                if sampled {
                    continue;
                }
                break;
            }
            self.settle(&mut grown, &mut forecasts);
            let tree = grown.tree;
            let go_on = judge.as_mut().is_none_or(|judge| judge.hear(&tree));
            trees.push(tree);
            if !go_on {
                break;
            }
        }
        if let Some(judge) = &judge {
            trees.truncate(judge.best_trees);
        }
        (trees, judge)
    }

    #[expect(clippy::cast_precision_loss, reason = "row limits are far below 2^53")]
    fn limits(&self) -> Limits {
        let squares: f64 = (0..self.targets.len())
            .map(|row| {
                let slope = self.params.loss.gradient(self.start, self.targets[row]);
                self.weights.map_or(1.0, |w| w[row]) * slope * slope
            })
            .sum();
        Limits {
            min_rows: self.params.min_samples_leaf as f64,
            min_hessian: self.params.min_sum_hessian,
            min_gain: self.params.min_gain.max(squares * ROUNDING_GAIN),
            l2: self.params.l2,
        }
    }

    /// Gives the leaves their values and adds them to the forecasts of all rows.
    fn settle(&self, grown: &mut Grown, forecasts: &mut [f64]) {
        let mut residuals = Vec::new();
        for leaf in &grown.leaves {
            let rows = &grown.rows[leaf.rows.clone()];
            let value =
                self.params.learning_rate * self.leaf_value(leaf, rows, forecasts, &mut residuals);
            grown.tree.nodes[leaf.node].value = value;
        }
        if grown.rows.len() < forecasts.len() {
            for (row, forecast) in forecasts.iter_mut().enumerate() {
                *forecast += grown.tree.nodes[grown.node_of(row, self.columns)].value;
            }
        } else {
            for leaf in &grown.leaves {
                let value = grown.tree.nodes[leaf.node].value;
                for &row in &grown.rows[leaf.rows.clone()] {
                    forecasts[row as usize] += value;
                }
            }
        }
        grown.tree.fill_branch_values();
    }

    fn leaf_value(
        &self,
        leaf: &GrownLeaf,
        rows: &[u32],
        forecasts: &[f64],
        residuals: &mut Vec<Residual>,
    ) -> f64 {
        if !self.params.loss.refits_leaves() {
            return -leaf.gradient / (leaf.hessian + self.params.l2);
        }
        residuals.clear();
        residuals.extend(rows.iter().map(|&row| {
            let row = row as usize;
            let weight = self.weights.map_or(1.0, |w| w[row]);
            Residual { value: self.targets[row] - forecasts[row], weight }
        }));
        self.params.loss.location(residuals)
    }
}

/// Watches the loss on later rows and says when to stop.
struct Judge {
    loss: Loss,
    patience: Option<usize>,
    /// The rows one after the other, each `width` long.
    records: Vec<f64>,
    width: usize,
    targets: Vec<f64>,
    weights: Option<Vec<f64>>,
    forecasts: Vec<f64>,
    best_loss: f64,
    best_trees: usize,
    /// The mean loss before the first tree and after each.
    history: Vec<f64>,
}

impl Judge {
    fn new(params: &BoosterValidParams, later: &Sample<'_>) -> Self {
        Self {
            loss: params.loss,
            patience: params.early_stopping_rounds,
            records: later.records.iter().copied().collect(),
            width: later.records.ncols().max(1),
            targets: later.targets.column(0).to_vec(),
            weights: later.weights.as_ref().map(Array1::to_vec),
            forecasts: Vec::new(),
            best_loss: f64::INFINITY,
            best_trees: 0,
            history: Vec::new(),
        }
    }

    fn begin(&mut self, start: f64) {
        self.forecasts = vec![start; self.targets.len()];
        self.best_loss = self.mean_loss();
        self.history.push(self.best_loss);
    }

    /// Returns whether to go on after this tree.
    fn hear(&mut self, tree: &Tree) -> bool {
        for (forecast, row) in self.forecasts.iter_mut().zip(self.records.chunks_exact(self.width))
        {
            *forecast += tree.value(row);
        }
        let loss = self.mean_loss();
        self.history.push(loss);
        let trees = self.history.len() - 1;
        if loss < self.best_loss {
            self.best_loss = loss;
            self.best_trees = trees;
        }
        self.patience.is_none_or(|rounds| trees - self.best_trees < rounds)
    }

    fn mean_loss(&self) -> f64 {
        let mut sum = 0.0;
        let mut total = 0.0;
        for (row, (&forecast, &target)) in self.forecasts.iter().zip(&self.targets).enumerate() {
            let weight = self.weights.as_ref().map_or(1.0, |w| w[row]);
            sum += weight * self.loss.of(forecast, target);
            total += weight;
        }
        sum / total
    }
}
