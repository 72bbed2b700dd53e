//! The projection onto forecasts that add up, made once and used for every step.

use std::sync::Arc;

use super::errors::PastErrors;
use super::method::Method;
use super::structure::Structure;
use super::system::{Basis, System};
use super::wrong;
use crate::forecast::engine::error::EngineError;

/// How forecasts of one structure are made to agree.
#[derive(Debug, Clone)]
pub struct Projection<'s> {
    structure: &'s Structure,
    /// How correlations were shrunk, where a covariance was used.
    pub shrinkage: Option<f64>,
    basis: Arc<Basis>,
    /// None where nothing is to be moved.
    system: Option<System>,
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
        let basis = Arc::new(Basis::new(structure, method, errors));
        let shrinkage = basis.shared.as_ref().map(|(share, _)| *share);
        let system = System::new(structure, &basis, None);
        Ok(Self { structure, shrinkage, basis, system })
    }

    /// Returns the projection that would have been used had nothing been known of one origin, `None`
    /// where it is the same: weights that have seen an error flatter it.
    #[must_use]
    pub(super) fn without(&self, origin: usize) -> Option<Self> {
        self.basis.is_of_errors().then(|| {
            let system = System::new(self.structure, &self.basis, Some(origin));
            Self { basis: Arc::clone(&self.basis), system, ..*self }
        })
    }

    /// Makes one column of nodes agree, aggregates first; what agrees already stays.
    pub fn apply(&self, column: &mut [f64]) {
        if let Some(system) = &self.system {
            system.apply(self.structure, &self.basis, column);
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
