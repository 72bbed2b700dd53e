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

    /// Returns the rows of which `keep` takes origin and step, under the same numbers.
    pub(super) fn only(&self, keep: impl Fn(usize, usize) -> bool) -> Self {
        let mut kept = Self { rows: Vec::new(), moments: Vec::new(), ..self.clone() };
        for ((origin, step), row) in self.rows().filter(|((origin, step), _)| keep(*origin, *step))
        {
            kept.moments.push((origin, step));
            kept.rows.extend_from_slice(row);
        }
        kept
    }

    /// Returns at most about `most` rows, evenly taken from the steps of every origin.
    pub(super) fn thinned(&self, most: usize) -> Self {
        let every = self.moments.len().div_ceil(most.max(1)).max(1);
        self.only(|_, step| step % every == 0)
    }

    /// Returns the mean square of the errors of each node, above 0. A node without any stands in
    /// the same relation to its yardstick as the middle one of the others.
    #[must_use]
    pub fn mean_squares(&self) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); self.nodes];
        for (_, row) in self.rows() {
            for ((sum, count), e) in sums.iter_mut().zip(row).filter(|(_, e)| !e.is_nan()) {
                *sum += e * e;
                *count += 1.0;
            }
        }
        let mut means: Vec<f64> = sums.iter().map(|(sum, count)| sum / count).collect();
        let pairs = means.iter().zip(&self.yardsticks).map(|(mean, y)| mean / (y * y));
        let mut ratios: Vec<f64> = pairs.filter(|ratio| ratio.is_finite()).collect();
        ratios.sort_by(f64::total_cmp);
        let middle = ratios.get(ratios.len() / 2).copied().unwrap_or(0.0);
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

    /// Returns rows whose products add up to the mean product of the errors: missing ones are 0,
    /// and each row is divided by the root of its origin's rows and of the origins, so that every
    /// origin counts alike.
    pub(super) fn scaled_rows(&self) -> Self {
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
