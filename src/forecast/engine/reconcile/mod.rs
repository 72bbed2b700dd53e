//! Makes forecasts of parts and sums agree (hierarchical reconciliation).
//!
//! ```text
//! names of nodes ─► hierarchy ─► sums of rows ─► forecasts of all nodes ─► projection ─► answers
//!   levels,          structure    aggregates      any strategy, with        weights by    nodes that
//!   matrix, edges    (sparse)     the panel has   errors at past origins    method        add up
//!                                 not
//! ```
//!
//! The reconciled forecasts are the nearest that add up, near measured by what the base forecasts
//! err (trace minimisation, Wickramasuriya et al. 2019). Written with the constraints `C y = 0`,
//! `C = [I, -A]`, as `y - W Cᵀ (C W Cᵀ)⁻¹ C y`: the system to solve has one row an aggregate, not
//! one a node, and a shrunk covariance, which is a diagonal and a few past errors, is never written
//! out.

mod errors;
mod files;
mod hierarchy;
mod method;
mod nodes;
mod projection;
mod structure;
mod sums;
mod system;

pub use errors::PastErrors;
pub use files::{from_edges, from_matrix};
pub use hierarchy::{Hierarchy, levels};
pub use method::Method;
pub use nodes::{Nodes, Reconciled, forecast_nodes};
pub use projection::Projection;
pub use structure::Structure;
pub use sums::with_sums;

use super::error::EngineError;

/// Returns the error of a hierarchy that is none, or does not fit its panel.
fn wrong<T>(reason: String) -> Result<T, EngineError> {
    Err(EngineError::Structure { reason })
}

#[cfg(test)]
mod tests;
