//! Past errors of all nodes at the same moments: how large they are and how they go together.

use std::collections::BTreeSet;

use crate::forecast::engine::linear::gram::dot;
use crate::forecast::engine::series::Path;

/// Share of the mean variance of all nodes below which no variance falls: a node that never erred
/// is moved last, and divides nothing by 0.
const VARIANCE_SHARE_MIN: f64 = 1e-12;

/// Errors of all nodes at past origins (rows = origin and step, cols = nodes). Moments at which a
/// node has no error are left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PastErrors {
    nodes: usize,
    rows: Vec<f64>,
    /// Origin (counted from 0) and step of each row, ascending.
    moments: Vec<(usize, usize)>,
    origins: usize,
}

impl PastErrors {
    /// Returns the errors of paths of series that end together.
    #[must_use]
    pub fn of(paths: &[Path], horizon: usize) -> Self {
        let of_node = |path: &Path| path.errors.back.iter().copied().collect::<BTreeSet<usize>>();
        let shared = paths.iter().map(of_node).reduce(|a, b| &a & &b).unwrap_or_default();
        let mut errors = Self { nodes: paths.len(), ..Self::default() };
        // The farthest back is the first origin.
        for back in shared.into_iter().rev() {
            let row_of = |path: &Path| path.errors.back.iter().position(|b| *b == back);
            let rows: Vec<usize> = paths.iter().filter_map(row_of).collect();
            let before = errors.moments.len();
            for step in 0..horizon {
                let value = |(path, row): (&Path, &usize)| path.errors.values[row * horizon + step];
                let values = paths.iter().zip(&rows).map(value);
                let from = errors.rows.len();
                errors.rows.extend(values);
                if errors.rows[from..].iter().all(|e| e.is_finite()) {
                    errors.moments.push((errors.origins, step));
                } else {
                    errors.rows.truncate(from);
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
        Self { nodes, rows, moments: (0..origins).map(|origin| (origin, 0)).collect(), origins }
    }

    /// Returns the origins at which every node has an error.
    #[must_use]
    pub const fn origins(&self) -> usize {
        self.origins
    }

    /// Returns origin, step and the errors of all nodes, row by row.
    pub fn rows(&self) -> impl Iterator<Item = ((usize, usize), &[f64])> {
        self.moments.iter().copied().zip(self.rows.chunks_exact(self.nodes.max(1)))
    }

    /// Changes every row in place.
    pub(super) fn change_rows(&mut self, mut change: impl FnMut(&mut [f64])) {
        self.rows.chunks_exact_mut(self.nodes.max(1)).for_each(&mut change);
    }

    /// Returns the mean square of the errors of each node, each origin counting alike, above 0.
    #[must_use]
    pub fn mean_squares(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.nodes];
        for (_, row) in self.scaled_rows().rows() {
            sums.iter_mut().zip(row).for_each(|(sum, e)| *sum += e * e);
        }
        let least = VARIANCE_SHARE_MIN * sums.iter().sum::<f64>() / self.nodes as f64;
        let least = if least > 0.0 { least } else { 1.0 };
        sums.iter().map(|sum| sum.max(least)).collect()
    }

    /// Returns at most about `most` rows, evenly taken from the steps of every origin.
    pub(super) fn thinned(&self, most: usize) -> Self {
        let every = self.moments.len().div_ceil(most.max(1)).max(1);
        let mut thin = Self { nodes: self.nodes, origins: self.origins, ..Self::default() };
        for (moment, row) in self.rows().filter(|((_, step), _)| step % every == 0) {
            thin.moments.push(moment);
            thin.rows.extend_from_slice(row);
        }
        thin
    }

    /// Returns rows whose products add up to the mean product of the errors: each row divided by
    /// the root of its origin's rows and of the origins, so that every origin counts alike.
    pub(super) fn scaled_rows(&self) -> Self {
        let mut of_origin = vec![0.0_f64; self.origins];
        self.moments.iter().for_each(|(origin, _)| of_origin[*origin] += 1.0);
        let mut scaled = self.clone();
        let rows = scaled.rows.chunks_exact_mut(self.nodes.max(1));
        for ((origin, _), row) in self.moments.iter().zip(rows) {
            let factor = (of_origin[*origin] * self.origins as f64).sqrt().recip();
            row.iter_mut().for_each(|e| *e *= factor);
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
        scaled.change_rows(|row| row.iter_mut().zip(&spread).for_each(|(e, s)| *e *= s));
        let rows: Vec<&[f64]> = scaled.rows().map(|(_, row)| row).collect();
        let (mut all, mut within) = (0.0, 0.0);
        for (i, (origin, _)) in self.moments.iter().enumerate() {
            for (j, (other, _)) in self.moments[..=i].iter().enumerate() {
                let product = dot(rows[i], rows[j]).powi(2) * if i == j { 1.0 } else { 2.0 };
                all += product;
                within += if origin == other { product } else { 0.0 };
            }
        }
        let origins = self.origins as f64;
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
        let variances = (within * origins - all) / (origins - 1.0);
        if all > 0.0 { (variances / all).clamp(0.0, 1.0) } else { 1.0 }
    }
}
