//! Makes forecasts of parts and sums agree (hierarchical reconciliation).
//!
//! The reconciled forecasts are the nearest that add up, near measured by a weight a node (optimal
//! combination, Hyndman et al. 2011; trace minimisation with a diagonal, Wickramasuriya et al.
//! 2019). Written with the constraints `C y = 0`, `C = [I, -A]`, as `y - W Cᵀ (C W Cᵀ)⁻¹ C y`: the
//! system to solve has one row an aggregate, not one a bottom node.

use super::error::EngineError;
use super::linear::gram::{factorise, solve_factor};

/// Which nodes add up to which: aggregates first, then bottom nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    /// The bottom nodes of each aggregate, by their place among the bottom nodes, ascending.
    members: Vec<Vec<usize>>,
    bottoms: usize,
}

/// How much a node may be moved, relative to others.
#[derive(Debug, Clone, PartialEq)]
pub enum Method {
    /// Bottom nodes stay; aggregates are their sums.
    BottomUp,
    /// All nodes alike (ordinary least squares).
    Ols,
    /// Each node as the number of bottom nodes in it (structural weights).
    Structural,
    /// Each node as the variance of its errors (minimum trace with a diagonal).
    Variance(Vec<f64>),
}

impl Structure {
    /// Returns the structure in which aggregate `k` is the sum of the bottom nodes `members[k]`.
    ///
    /// # Errors
    /// [`EngineError::Structure`] when an aggregate is empty or names a bottom node twice or one
    /// that is not there.
    pub fn new(mut members: Vec<Vec<usize>>, bottoms: usize) -> Result<Self, EngineError> {
        for (k, nodes) in members.iter_mut().enumerate() {
            nodes.sort_unstable();
            let reason = match nodes.last() {
                None => format!("aggregate {k} is the sum of nothing"),
                Some(last) if *last >= bottoms => {
                    format!("aggregate {k} names bottom node {last} of {bottoms}")
                }
                _ if nodes.windows(2).any(|pair| pair[0] == pair[1]) => {
                    format!("aggregate {k} names a bottom node twice")
                }
                _ => continue,
            };
            return Err(EngineError::Structure { reason });
        }
        Ok(Self { members, bottoms })
    }

    /// Returns how many nodes there are, aggregates and bottom nodes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.members.len() + self.bottoms
    }

    /// Returns whether there is no node.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes forecasts agree in place (rows = nodes, aggregates first; cols = horizon).
    ///
    /// `O(aggregates³ / 6 + horizon · aggregates²)`, plus the sizes of the aggregates each node
    /// belongs to, squared.
    ///
    /// # Errors
    /// [`EngineError::Structure`] when the sizes do not fit, a value is not finite, or a variance
    /// is not above 0.
    pub fn reconcile(
        &self,
        forecasts: &mut [f64],
        horizon: usize,
        method: &Method,
    ) -> Result<(), EngineError> {
        let wrong = |reason: String| Err(EngineError::Structure { reason });
        if forecasts.len() != self.len() * horizon {
            let (given, nodes) = (forecasts.len(), self.len());
            return wrong(format!("{given} values are not {nodes} nodes by {horizon} steps"));
        }
        if let Some(at) = forecasts.iter().position(|y| !y.is_finite()) {
            return wrong(format!("the forecast of node {} is not finite", at / horizon.max(1)));
        }
        if let Some(weights) = self.weights(method)? {
            self.move_apart(forecasts, horizon, &weights);
        }
        // Sums are made of what they are sums of, so that they agree to the last digit.
        let (above, below) = forecasts.split_at_mut(self.members.len() * horizon);
        for (total, nodes) in above.chunks_exact_mut(horizon.max(1)).zip(&self.members) {
            for (h, total) in total.iter_mut().enumerate() {
                *total = nodes.iter().map(|node| below[node * horizon + h]).sum();
            }
        }
        Ok(())
    }

    /// Returns how much each node may be moved, or `None` when only aggregates are.
    fn weights(&self, method: &Method) -> Result<Option<Vec<f64>>, EngineError> {
        let sizes = self.members.iter().map(|nodes| nodes.len() as f64);
        match method {
            Method::BottomUp => Ok(None),
            Method::Ols => Ok(Some(vec![1.0; self.len()])),
            Method::Structural => {
                Ok(Some(sizes.chain(std::iter::repeat_n(1.0, self.bottoms)).collect()))
            }
            Method::Variance(variances) => {
                let fits = variances.len() == self.len();
                if fits && variances.iter().all(|v| *v > 0.0 && v.is_finite()) {
                    return Ok(Some(variances.clone()));
                }
                let reason = "there is not one variance above 0 for each node".to_owned();
                Err(EngineError::Structure { reason })
            }
        }
    }

    /// Moves all nodes by their weights until aggregates are the sums of their bottom nodes.
    fn move_apart(&self, forecasts: &mut [f64], horizon: usize, weights: &[f64]) {
        let k = self.members.len();
        let (above, below) = weights.split_at(k);
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); self.bottoms];
        for (aggregate, nodes) in self.members.iter().enumerate() {
            nodes.iter().for_each(|node| parents[*node].push(aggregate));
        }
        // C W Cᵀ, upper triangle: what two aggregates share.
        let mut upper = vec![0.0; k * k];
        above.iter().enumerate().for_each(|(i, weight)| upper[i * k + i] = *weight);
        for (parents, weight) in parents.iter().zip(below) {
            for (a, i) in parents.iter().enumerate() {
                parents[a..].iter().for_each(|j| upper[i * k + j] += weight);
            }
        }
        factorise(&mut upper, k);
        let mut gaps = vec![0.0; k];
        for h in 0..horizon {
            for (i, (gap, nodes)) in gaps.iter_mut().zip(&self.members).enumerate() {
                let sum: f64 = nodes.iter().map(|n| forecasts[(k + n) * horizon + h]).sum();
                *gap = forecasts[i * horizon + h] - sum;
            }
            solve_factor(&upper, &mut gaps);
            for (node, parents) in parents.iter().enumerate() {
                let pull: f64 = parents.iter().map(|i| gaps[*i]).sum();
                forecasts[(k + node) * horizon + h] += below[node] * pull;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Total, two groups of two: the rows are total, a, b, a1, a2, b1, b2.
    fn tree() -> Structure {
        Structure::new(vec![vec![0, 1, 2, 3], vec![0, 1], vec![2, 3]], 4).unwrap()
    }

    fn adds_up(y: &[f64]) -> bool {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        close(y[0], y[3] + y[4] + y[5] + y[6])
            && close(y[1], y[3] + y[4])
            && close(y[2], y[5] + y[6])
    }

    #[test]
    fn least_squares_is_as_worked_out_by_hand() {
        // One sum of two: the gap of 3 is shared equally, y = (10, 4, 3) becomes (9, 5, 4).
        let pair = Structure::new(vec![vec![0, 1]], 2).unwrap();
        let mut y = vec![10.0, 4.0, 3.0];
        pair.reconcile(&mut y, 1, &Method::Ols).unwrap();
        assert!(y.iter().zip([9.0, 5.0, 4.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{y:?}");
        // The total may move twice as much as each part: it takes half the gap.
        let mut y = vec![10.0, 4.0, 3.0];
        pair.reconcile(&mut y, 1, &Method::Structural).unwrap();
        assert!(y.iter().zip([8.5, 4.75, 3.75]).all(|(a, b)| (a - b).abs() < 1e-12), "{y:?}");
    }

    #[test]
    fn every_method_adds_up_and_leaves_alone_what_did() {
        let variance = Method::Variance(vec![4.0, 2.0, 2.0, 1.0, 0.5, 1.0, 3.0]);
        for method in [Method::BottomUp, Method::Ols, Method::Structural, variance] {
            let mut y = vec![11.0, 4.0, 5.0, 1.0, 2.0, 3.0, 4.0];
            tree().reconcile(&mut y, 1, &method).unwrap();
            assert!(adds_up(&y), "{method:?} {y:?}");
            let agreed = y.clone();
            tree().reconcile(&mut y, 1, &method).unwrap();
            assert!(y.iter().zip(&agreed).all(|(a, b)| (a - b).abs() < 1e-9), "{method:?}");
        }
    }

    #[test]
    fn a_node_without_variance_or_a_wrong_size_is_named() {
        let mut y = vec![0.0; 7];
        let error = tree().reconcile(&mut y, 1, &Method::Variance(vec![0.0; 7])).unwrap_err();
        assert!(error.to_string().contains("variance"), "{error}");
        assert!(tree().reconcile(&mut y, 2, &Method::Ols).is_err());
        y[5] = f64::NAN;
        let error = tree().reconcile(&mut y, 1, &Method::Ols).unwrap_err();
        assert!(error.to_string().contains("node 5"), "{error}");
        assert!(Structure::new(vec![vec![0, 0]], 2).is_err());
        assert!(Structure::new(vec![vec![2]], 2).is_err());
    }
}
