//! The projection onto forecasts that add up, made once and used for every step.

use super::errors::PastErrors;
use super::method::Method;
use super::structure::Structure;
use super::wrong;
use crate::forecast::engine::error::EngineError;
use crate::forecast::engine::linear::gram::{dot, factorise, solve_factor};

/// Past moments a shrunk covariance is made of, at most: more steps of the same few origins say
/// little more, and the work grows with their square.
const SHARED_ROWS_MAX: usize = 256;

/// How forecasts of one structure are made to agree.
#[derive(Debug, Clone)]
pub struct Projection<'s> {
    structure: &'s Structure,
    method: Method,
    /// How correlations were shrunk, where a covariance was used.
    pub shrinkage: Option<f64>,
    system: Option<System>,
}

/// The factor of `C W Cᵀ`, and what `W Cᵀ` does to a bottom node.
#[derive(Debug, Clone)]
struct System {
    /// Aggregates in the order of elimination: the smallest first, so that a tree stays sparse.
    order: Vec<usize>,
    /// Upper triangle, rows and columns in that order.
    upper: Vec<f64>,
    /// The diagonal part of the weights of bottom nodes.
    below: Vec<f64>,
    shared: Option<Shared>,
}

/// The part of the weights that nodes share: past errors, scaled so that their products add up to
/// the shrunk covariance off its diagonal.
#[derive(Debug, Clone)]
struct Shared {
    /// Errors of bottom nodes (rows = past moments, cols = bottom nodes).
    bottoms: Vec<f64>,
    /// `C` times the errors (rows = past moments, cols = aggregates in the order of elimination).
    gaps: Vec<f64>,
}

impl<'s> Projection<'s> {
    /// Prepares a method; `errors` are needed by those whose [`Method::origins_needed`] is not 0.
    ///
    /// `O(aggregates³ / 6)`, less for a tree; for a shrunk covariance also `O(nodes · rows²)` with
    /// the rows of past errors. Memory: `8 aggregates²` bytes and the errors once more.
    ///
    /// # Errors
    /// [`EngineError::Structure`] when there are not enough past errors or they are not of these
    /// nodes.
    pub fn new(
        structure: &'s Structure,
        method: Method,
        errors: &PastErrors,
    ) -> Result<Self, EngineError> {
        let (found, needed) = (errors.origins(), method.origins_needed());
        if found < needed {
            let name = method.name();
            return wrong(format!(
                "{name} needs past errors of most nodes at {needed} origins or more, there are \
                 {found}: series are too short or do not overlap; wls_struct needs none"
            ));
        }
        if errors.rows().any(|(_, row)| row.len() != structure.len()) {
            return wrong(format!("past errors are not of {} nodes", structure.len()));
        }
        let shrinkage = match method {
            Method::MintShrink => Some(errors.thinned(SHARED_ROWS_MAX).shrinkage()),
            _ => None,
        };
        Ok(Self::shrunk_by(shrinkage, structure, method, errors))
    }

    /// Returns the projection that would have been used had nothing been known of one origin, `None`
    /// where it is the same: weights that have seen an error flatter it.
    #[must_use]
    pub(super) fn without(&self, origin: usize, errors: &PastErrors) -> Option<Self> {
        let others = errors.only(|other, _| other != origin);
        (self.method.origins_needed() > 0)
            .then(|| Self::shrunk_by(self.shrinkage, self.structure, self.method, &others))
    }

    fn shrunk_by(
        shrinkage: Option<f64>,
        structure: &'s Structure,
        method: Method,
        errors: &PastErrors,
    ) -> Self {
        let sizes = structure.members.iter().map(|nodes| nodes.len() as f64);
        let ones = std::iter::repeat_n(1.0, structure.bottoms);
        let weights = match method {
            Method::BottomUp => None,
            Method::Ols => Some(vec![1.0; structure.len()]),
            Method::WlsStruct => Some(sizes.chain(ones).collect()),
            Method::WlsVar | Method::MintShrink => Some(errors.mean_squares()),
        };
        let shrunk = shrinkage.map(|share| (share, errors.thinned(SHARED_ROWS_MAX).scaled_rows()));
        let system = weights.map(|weights| System::new(structure, weights, shrunk.as_ref()));
        Self { structure, method, shrinkage, system }
    }

    /// Makes one column of nodes agree, aggregates first; what agrees already stays.
    pub fn apply(&self, column: &mut [f64]) {
        if let Some(system) = &self.system {
            system.apply(self.structure, column);
        }
        // Sums are made of what they are sums of, so that they agree to the last digit.
        self.structure.sum_up(column);
    }

    /// Makes forecasts agree (rows = nodes, aggregates first; cols = `horizon`).
    ///
    /// # Errors
    /// [`EngineError::Structure`] when the sizes do not fit or a value is not finite.
    pub fn apply_all(&self, forecasts: &mut [f64], horizon: usize) -> Result<(), EngineError> {
        let nodes = self.structure.len();
        if forecasts.len() != nodes * horizon {
            let given = forecasts.len();
            return wrong(format!("{given} values are not {nodes} nodes by {horizon} steps"));
        }
        if let Some(at) = forecasts.iter().position(|y| !y.is_finite()) {
            return wrong(format!("the forecast of node {} is not finite", at / horizon.max(1)));
        }
        let mut column = vec![0.0; nodes];
        for h in 0..horizon {
            (0..nodes).for_each(|node| column[node] = forecasts[node * horizon + h]);
            self.apply(&mut column);
            (0..nodes).for_each(|node| forecasts[node * horizon + h] = column[node]);
        }
        Ok(())
    }
}

impl System {
    /// Factorises `C W Cᵀ` for `W` a diagonal, or a covariance of errors shrunk by a share.
    fn new(structure: &Structure, weights: Vec<f64>, shrunk: Option<&(f64, PastErrors)>) -> Self {
        let k = structure.aggregates();
        let mut order: Vec<usize> = (0..k).collect();
        order.sort_by_key(|i| (structure.members[*i].len(), *i));
        let weights = match shrunk {
            Some((share, errors)) => own_weights(weights, *share, errors),
            None => weights,
        };
        let (above, below) = weights.split_at(k);
        let mut upper = vec![0.0; k * k];
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); structure.bottoms];
        for (at, aggregate) in order.iter().enumerate() {
            upper[at * k + at] = above[*aggregate];
            structure.members[*aggregate].iter().for_each(|node| parents[*node].push(at));
        }
        for (parents, weight) in parents.iter().zip(below) {
            for (a, i) in parents.iter().enumerate() {
                parents[a..].iter().for_each(|j| upper[i * k + j] += weight);
            }
        }
        let shared = shrunk.filter(|(share, _)| *share < 1.0).map(|(share, errors)| {
            let shared = Shared::new(structure, &order, errors, (1.0 - share).sqrt());
            shared.add_products(&mut upper, k);
            shared
        });
        factorise(&mut upper, k);
        Self { order, upper, below: below.to_vec(), shared }
    }

    fn apply(&self, structure: &Structure, column: &mut [f64]) {
        let k = self.order.len();
        let mut gaps = vec![0.0; k];
        structure.gaps(column, &mut gaps);
        let mut pulls: Vec<f64> = self.order.iter().map(|i| gaps[*i]).collect();
        solve_factor(&self.upper, &mut pulls);
        let bottoms = &mut column[k..];
        for (i, pull) in self.order.iter().zip(&pulls) {
            for node in &structure.members[*i] {
                bottoms[*node] += self.below[*node] * pull;
            }
        }
        if let Some(shared) = &self.shared {
            shared.pull(&pulls, bottoms);
        }
    }
}

/// Returns what is left of each variance beside what its node shares with others: the share itself
/// where it has an error at every moment.
fn own_weights(mut variances: Vec<f64>, share: f64, errors: &PastErrors) -> Vec<f64> {
    let mut squares = vec![0.0; variances.len()];
    for (_, row) in errors.rows() {
        squares.iter_mut().zip(row).for_each(|(sum, e)| *sum += e * e);
    }
    for (variance, square) in variances.iter_mut().zip(squares) {
        *variance = (*variance - (1.0 - share) * square).max(share * *variance);
    }
    variances
}

impl Shared {
    fn new(structure: &Structure, order: &[usize], errors: &PastErrors, factor: f64) -> Self {
        let k = order.len();
        let (mut bottoms, mut gaps) = (Vec::new(), Vec::new());
        let mut of_row = vec![0.0; k];
        for (_, row) in errors.rows() {
            bottoms.extend(row[k..].iter().map(|e| e * factor));
            structure.gaps(row, &mut of_row);
            gaps.extend(order.iter().map(|i| of_row[*i] * factor));
        }
        Self { bottoms, gaps }
    }

    /// Adds `(C Rᵀ)(C Rᵀ)ᵀ` to an upper triangle.
    fn add_products(&self, upper: &mut [f64], k: usize) {
        for row in self.gaps.chunks_exact(k.max(1)) {
            for (i, gap) in row.iter().enumerate() {
                let cells = &mut upper[i * k + i..(i + 1) * k];
                cells.iter_mut().zip(&row[i..]).for_each(|(cell, other)| *cell += gap * other);
            }
        }
    }

    /// Takes `Rᵀ (C Rᵀ)ᵀ pulls` off the bottom nodes.
    fn pull(&self, pulls: &[f64], bottoms: &mut [f64]) {
        let rows = self.bottoms.chunks_exact(bottoms.len().max(1));
        for (row, gaps) in rows.zip(self.gaps.chunks_exact(pulls.len().max(1))) {
            let share = dot(gaps, pulls);
            bottoms.iter_mut().zip(row).for_each(|(y, e)| *y -= share * e);
        }
    }
}
