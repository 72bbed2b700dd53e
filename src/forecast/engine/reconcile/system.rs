//! The equations of one projection: how far each sum is off, and which bottom nodes give way.
//!
//! Weights are made of past errors, and intervals want them blind to each origin in turn. What does
//! not change with the origin left out (the order of elimination, who adds up to whom, the gaps in
//! the past errors, their squares by origin) is made once, as the [`Basis`].

use super::errors::{PastErrors, Squares};
use super::method::Method;
use super::structure::Structure;
use crate::forecast::engine::linear::gram::{dot, factorise, solve_factor};

/// Past moments a shrunk covariance is made of, at most: more steps of the same few origins say
/// little more, and the work grows with their square.
const SHARED_ROWS_MAX: usize = 256;

/// What all systems of one method on one structure share.
#[derive(Debug)]
pub(super) struct Basis {
    method: Method,
    /// Aggregates in the order of elimination: the smallest first, so that a tree stays sparse.
    order: Vec<usize>,
    /// The aggregates of each bottom node, by their places in that order, ascending.
    parents: Vec<Vec<usize>>,
    /// Squares of past errors by origin, where the method weighs by them.
    squares: Option<Squares>,
    /// How correlations are shrunk, and the errors that nodes share.
    pub(super) shared: Option<(f64, Shared)>,
}

/// Past errors as a shrunk covariance is made of them; missing ones are 0.
#[derive(Debug)]
pub(super) struct Shared {
    /// Errors of bottom nodes (rows = past moments, cols = bottom nodes).
    bottoms: Vec<f64>,
    nodes: usize,
    /// By how much the errors of aggregates do not add up (cols = aggregates, in their order).
    gaps: Vec<f64>,
    /// Origin of each row.
    origin_of: Vec<usize>,
    /// Rows of each origin.
    rows_of: Vec<f64>,
    /// Squares of all nodes by origin, of these rows.
    squares: Squares,
}

impl Basis {
    pub(super) fn new(structure: &Structure, method: Method, errors: &PastErrors) -> Self {
        let mut order: Vec<usize> = (0..structure.aggregates()).collect();
        order.sort_by_key(|i| (structure.members[*i].len(), *i));
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); structure.bottoms];
        for (at, aggregate) in order.iter().enumerate() {
            structure.members[*aggregate].iter().for_each(|node| parents[*node].push(at));
        }
        let squares = (method.origins_needed() > 0).then(|| errors.squares());
        let shared = (method == Method::MintShrink).then(|| {
            let thinned = errors.thinned(SHARED_ROWS_MAX);
            (thinned.shrinkage(), Shared::new(structure, &order, &thinned))
        });
        Self { method, order, parents, squares, shared }
    }

    /// Returns whether weights are made of past errors.
    pub(super) const fn is_of_errors(&self) -> bool {
        self.squares.is_some()
    }

    /// Returns what each node's own weight is, nothing known of the origin left out.
    fn weights(&self, structure: &Structure, blind: Option<usize>) -> Option<Vec<f64>> {
        let sizes = structure.members.iter().map(|nodes| nodes.len() as f64);
        let mut weights = match (self.method, &self.squares) {
            (Method::BottomUp, _) => return None,
            (Method::WlsStruct, _) => {
                sizes.chain(std::iter::repeat_n(1.0, structure.bottoms)).collect()
            }
            (_, Some(squares)) => squares.means(blind),
            (_, None) => vec![1.0; structure.len()],
        };
        if let Some((share, shared)) = &self.shared {
            shared.take_off(&mut weights, *share, blind);
        }
        Some(weights)
    }
}

impl Shared {
    fn new(structure: &Structure, order: &[usize], errors: &PastErrors) -> Self {
        let k = order.len();
        let (mut bottoms, mut gaps) = (Vec::new(), Vec::new());
        let mut origin_of = Vec::new();
        let mut rows_of = vec![0.0; errors.origins()];
        let mut of_row = vec![0.0; k];
        for ((origin, _), row) in errors.rows() {
            let known: Vec<f64> = row.iter().map(|e| if e.is_nan() { 0.0 } else { *e }).collect();
            structure.gaps(&known, &mut of_row);
            bottoms.extend_from_slice(&known[k..]);
            gaps.extend(order.iter().map(|i| of_row[*i]));
            origin_of.push(origin);
            rows_of[origin] += 1.0;
        }
        let (nodes, squares) = (structure.bottoms, errors.squares());
        Self { bottoms, nodes, gaps, origin_of, rows_of, squares }
    }

    /// Returns the weight of a row of each origin in the mean product of all: every origin counts
    /// alike, the one left out not at all.
    fn of_origins(&self, blind: Option<usize>) -> Vec<f64> {
        let counts = |(origin, rows): (usize, &f64)| Some(origin) != blind && *rows > 0.0;
        let kept = self.rows_of.iter().enumerate().filter(|at| counts(*at)).count() as f64;
        let weight = |at: (usize, &f64)| if counts(at) { 1.0 / (at.1 * kept) } else { 0.0 };
        self.rows_of.iter().enumerate().map(weight).collect()
    }

    /// Leaves of each variance what its node does not share with others: the share itself where it
    /// has an error at every moment.
    fn take_off(&self, variances: &mut [f64], share: f64, blind: Option<usize>) {
        let products = self.squares.weighted(&self.of_origins(blind));
        for (variance, product) in variances.iter_mut().zip(products) {
            *variance = (*variance - (1.0 - share) * product).max(share * *variance);
        }
    }

    /// Returns gaps and errors of bottom nodes, row by row.
    fn rows(&self, aggregates: usize) -> impl Iterator<Item = (&[f64], &[f64])> {
        let bottoms = self.bottoms.chunks_exact(self.nodes.max(1));
        self.gaps.chunks_exact(aggregates.max(1)).zip(bottoms)
    }
}

/// The factor of `C W Cᵀ`, and what `W Cᵀ` does to a bottom node.
#[derive(Debug, Clone)]
pub(super) struct System {
    /// Upper triangle, rows and columns in the order of elimination.
    upper: Vec<f64>,
    /// The diagonal part of the weights of bottom nodes.
    below: Vec<f64>,
    /// The weight of each row of shared errors.
    rows: Vec<f64>,
}

impl System {
    /// Factorises `C W Cᵀ` for `W` a diagonal, or a covariance of errors shrunk by a share, nothing
    /// known of the origin left out; `None` where nothing is to be moved.
    pub(super) fn new(structure: &Structure, basis: &Basis, blind: Option<usize>) -> Option<Self> {
        let weights = basis.weights(structure, blind)?;
        let k = structure.aggregates();
        let (above, below) = weights.split_at(k);
        let mut upper = vec![0.0; k * k];
        for (at, aggregate) in basis.order.iter().enumerate() {
            upper[at * k + at] = above[*aggregate];
        }
        for (parents, weight) in basis.parents.iter().zip(below) {
            for (a, i) in parents.iter().enumerate() {
                parents[a..].iter().for_each(|j| upper[i * k + j] += weight);
            }
        }
        let mut rows = Vec::new();
        if let Some((share, shared)) = basis.shared.as_ref().filter(|(share, _)| *share < 1.0) {
            let of_origins = shared.of_origins(blind);
            rows.extend(shared.origin_of.iter().map(|origin| (1.0 - share) * of_origins[*origin]));
            for ((gaps, _), weight) in shared.rows(k).zip(&rows).filter(|(_, w)| **w > 0.0) {
                add_product(&mut upper, gaps, *weight);
            }
        }
        factorise(&mut upper, k);
        Some(Self { upper, below: below.to_vec(), rows })
    }

    /// Moves the bottom nodes of a column; sums are left to the caller.
    pub(super) fn apply(&self, structure: &Structure, basis: &Basis, column: &mut [f64]) {
        let k = basis.order.len();
        let mut gaps = vec![0.0; k];
        structure.gaps(column, &mut gaps);
        let mut pulls: Vec<f64> = basis.order.iter().map(|i| gaps[*i]).collect();
        solve_factor(&self.upper, &mut pulls);
        let bottoms = &mut column[k..];
        for ((value, parents), weight) in bottoms.iter_mut().zip(&basis.parents).zip(&self.below) {
            *value += weight * parents.iter().map(|at| pulls[*at]).sum::<f64>();
        }
        let Some((_, shared)) = &basis.shared else { return };
        for ((gaps, errors), weight) in shared.rows(k).zip(&self.rows).filter(|(_, w)| **w > 0.0) {
            let share = weight * dot(gaps, &pulls);
            bottoms.iter_mut().zip(errors).for_each(|(y, e)| *y -= share * e);
        }
    }
}

/// Adds a weighted product of a row with itself to an upper triangle.
fn add_product(upper: &mut [f64], row: &[f64], weight: f64) {
    let k = row.len();
    for (i, gap) in row.iter().enumerate().filter(|(_, gap)| **gap != 0.0) {
        let (cells, factor) = (&mut upper[i * k + i..(i + 1) * k], weight * gap);
        cells.iter_mut().zip(&row[i..]).for_each(|(cell, other)| *cell += factor * other);
    }
}
