//! Past errors of all nodes at the same moments: how large they are and how they go together.

use std::collections::BTreeMap;

use crate::forecast::engine::linear::gram::dot;
use crate::forecast::engine::series::Path;

/// Share of the mean variance of all nodes below which no variance falls: a node that never erred
/// is moved last, and divides nothing by 0.
const VARIANCE_SHARE_MIN: f64 = 1e-12;

/// Share of the nodes that must have an error at a moment for it to count: one young series must
/// not hide the past of a thousand others.
const NODES_SHARE_MIN: f64 = 0.5;

/// Errors of all nodes at past origins (rows = origin and step, cols = nodes), NaN where a node has
/// none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PastErrors {
    nodes: usize,
    rows: Vec<f64>,
    /// Origin (counted from 0) and step of each row, ascending.
    moments: Vec<(usize, usize)>,
    origins: usize,
    /// Yardstick of each node, in whose place its errors stand where it has none; may be empty.
    yardsticks: Vec<f64>,
}

impl PastErrors {
    /// Returns the errors of paths of series that end together.
    #[must_use]
    pub fn of(paths: &[Path], horizon: usize) -> Self {
        let mut of_back: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (node, path) in paths.iter().enumerate() {
            for (row, back) in path.errors.back.iter().enumerate() {
                of_back.entry(*back).or_default().push((node, row));
            }
        }
        let yardsticks = paths.iter().map(|path| path.scale).collect();
        let mut errors = Self { nodes: paths.len(), yardsticks, ..Self::default() };
        let enough = (NODES_SHARE_MIN * paths.len() as f64).ceil() as usize;
        // The farthest back is the first origin.
        for known in of_back.into_values().rev().filter(|known| known.len() >= enough) {
            let before = errors.moments.len();
            for step in 0..horizon {
                let mut row = vec![f64::NAN; paths.len()];
                for (node, at) in &known {
                    let error = paths[*node].errors.values[at * horizon + step];
                    row[*node] = if error.is_finite() { error } else { f64::NAN };
                }
                if row.iter().filter(|e| !e.is_nan()).count() >= enough {
                    errors.rows.extend(row);
                    errors.moments.push((errors.origins, step));
                }
            }
            errors.origins += usize::from(errors.moments.len() > before);
        }
        errors
    }

    /// Returns errors of one step each (rows = origins, cols = `nodes`).
    #[must_use]
    pub fn of_rows(rows: Vec<f64>, nodes: usize) -> Self {
        let origins = rows.len() / nodes.max(1);
        let moments = (0..origins).map(|origin| (origin, 0)).collect();
        Self { nodes, rows, moments, origins, yardsticks: Vec::new() }
    }

    /// Returns the origins at which most nodes have errors.
    #[must_use]
    pub const fn origins(&self) -> usize {
        self.origins
    }

    /// Returns origin, step and the errors of all nodes, row by row.
    pub fn rows(&self) -> impl Iterator<Item = ((usize, usize), &[f64])> {
        self.moments.iter().copied().zip(self.rows.chunks_exact(self.nodes.max(1)))
    }

    /// Returns at most about `most` rows, evenly taken from the steps of every origin.
    pub(super) fn thinned(&self, most: usize) -> Self {
        let every = self.moments.len().div_ceil(most.max(1)).max(1);
        let (mut rows, mut moments) = (Vec::new(), Vec::new());
        for ((origin, step), row) in self.rows().filter(|((_, step), _)| step % every == 0) {
            moments.push((origin, step));
            rows.extend_from_slice(row);
        }
        let yardsticks = self.yardsticks.clone();
        Self { rows, moments, yardsticks, nodes: self.nodes, origins: self.origins }
    }

    /// Returns the squares of all errors by origin and node.
    pub(super) fn squares(&self) -> Squares {
        let (nodes, yardsticks) = (self.nodes, self.yardsticks.clone());
        let mut sums = vec![0.0; self.origins * nodes];
        let mut counts = sums.clone();
        for ((origin, _), row) in self.rows() {
            let own = origin * nodes..(origin + 1) * nodes;
            let cells = sums[own.clone()].iter_mut().zip(&mut counts[own]);
            for ((sum, count), e) in cells.zip(row).filter(|(_, e)| !e.is_nan()) {
                *sum += e * e;
                *count += 1.0;
            }
        }
        Squares { nodes, sums, counts, yardsticks }
    }

    /// Returns the mean square of the errors of each node, above 0. A node without any stands in
    /// the same relation to its yardstick as the middle one of the others.
    #[must_use]
    pub fn mean_squares(&self) -> Vec<f64> {
        self.squares().means(None)
    }

    /// Returns rows whose products add up to the mean product of the errors: missing ones are 0,
    /// and each row is divided by the root of its origin's rows and of the origins, so that every
    /// origin counts alike.
    fn scaled_rows(&self) -> Self {
        let mut of_origin = vec![0.0_f64; self.origins];
        self.moments.iter().for_each(|(origin, _)| of_origin[*origin] += 1.0);
        let origins = of_origin.iter().filter(|rows| **rows > 0.0).count() as f64;
        let mut scaled = self.clone();
        let rows = scaled.rows.chunks_exact_mut(self.nodes.max(1));
        for ((origin, _), row) in self.moments.iter().zip(rows) {
            let factor = (of_origin[*origin] * origins).sqrt().recip();
            row.iter_mut().for_each(|e| *e = if e.is_nan() { 0.0 } else { *e * factor });
        }
        scaled
    }

    /// Returns how far correlations are shrunk towards none, 0 to 1 (Schäfer & Strimmer 2005): the
    /// sum of the variances of all correlations over the sum of their squares. An origin is one
    /// observation, since the steps of one path err together. `O(nodes · rows²)`, no matrix of nodes
    /// by nodes.
    #[must_use]
    pub fn shrinkage(&self) -> f64 {
        let spread: Vec<f64> = self.mean_squares().iter().map(|v| v.sqrt().recip()).collect();
        let mut scaled = self.scaled_rows();
        let rows = scaled.rows.chunks_exact_mut(self.nodes.max(1));
        rows.for_each(|row| row.iter_mut().zip(&spread).for_each(|(e, s)| *e *= s));
        let rows: Vec<&[f64]> = scaled.rows().map(|(_, row)| row).collect();
        let (mut all, mut within) = (0.0, 0.0);
        for (i, (origin, _)) in self.moments.iter().enumerate() {
            for (j, (other, _)) in self.moments[..=i].iter().enumerate() {
                let product = dot(rows[i], rows[j]).powi(2) * if i == j { 1.0 } else { 2.0 };
                all += product;
                within += if origin == other { product } else { 0.0 };
            }
        }
        // The diagonals are no correlations: taken off both sums.
        let mut own = vec![0.0; self.origins * self.nodes];
        for ((origin, _), row) in scaled.rows() {
            let sums = &mut own[origin * self.nodes..(origin + 1) * self.nodes];
            sums.iter_mut().zip(row).for_each(|(sum, e)| *sum += e * e);
        }
        within -= own.iter().map(|sum| sum * sum).sum::<f64>();
        let total = |node: usize| own.iter().skip(node).step_by(self.nodes).sum::<f64>();
        all -= (0..self.nodes).map(|node| total(node).powi(2)).sum::<f64>();
        // Rows carry 1 / origins: their products are parts of the mean, not the mean's terms.
        let origins = self.origins as f64;
        let variances = (within * origins - all) / (origins - 1.0);
        if all > 0.0 { (variances / all).clamp(0.0, 1.0) } else { 1.0 }
    }
}

/// Squares of past errors, added up by origin: so that an origin is left out by not adding it.
#[derive(Debug, Clone)]
pub(super) struct Squares {
    nodes: usize,
    /// Sums of squares and how many they are of (rows = origins, cols = nodes).
    sums: Vec<f64>,
    counts: Vec<f64>,
    yardsticks: Vec<f64>,
}

impl Squares {
    /// Returns the mean square of each node, above 0, over all origins but the one left out.
    pub(super) fn means(&self, blind: Option<usize>) -> Vec<f64> {
        let kept = |origin: usize| if Some(origin) == blind { 0.0 } else { 1.0 };
        let origins: Vec<f64> = (0..self.sums.len() / self.nodes.max(1)).map(kept).collect();
        let (sums, counts) = (self.weighted(&origins), self.add(&self.counts, &origins));
        let mut means: Vec<f64> = sums.iter().zip(counts).map(|(sum, count)| sum / count).collect();
        let pairs = means.iter().zip(&self.yardsticks).map(|(mean, y)| mean / (y * y));
        let mut ratios: Vec<f64> = pairs.filter(|ratio| ratio.is_finite()).collect();
        let at = ratios.len() / 2;
        let middle = if ratios.is_empty() {
            0.0
        } else {
            *ratios.select_nth_unstable_by(at, f64::total_cmp).1
        };
        for (mean, yardstick) in means.iter_mut().zip(&self.yardsticks) {
            if mean.is_nan() {
                *mean = middle * yardstick * yardstick;
            }
        }
        let known = || means.iter().copied().filter(|mean| mean.is_finite());
        let least = VARIANCE_SHARE_MIN * known().sum::<f64>() / self.nodes as f64;
        let least = if least > 0.0 { least } else { 1.0 };
        means.iter().map(|mean| if mean.is_finite() { mean.max(least) } else { least }).collect()
    }

    /// Returns the sum of squares of each node, each origin's times its weight.
    pub(super) fn weighted(&self, of_origins: &[f64]) -> Vec<f64> {
        self.add(&self.sums, of_origins)
    }

    fn add(&self, cells: &[f64], of_origins: &[f64]) -> Vec<f64> {
        let mut all = vec![0.0; self.nodes];
        for (row, weight) in cells.chunks_exact(self.nodes.max(1)).zip(of_origins) {
            all.iter_mut().zip(row).for_each(|(sum, cell)| *sum += weight * cell);
        }
        all
    }
}
