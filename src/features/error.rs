//! What can go wrong between rows and features.

use crate::domain::{Fault, FaultKind};

/// An error of the features room.
#[derive(Debug, thiserror::Error)]
pub enum FeatureError {
    /// Polars refused a frame.
    #[error("panel cannot be made: {reason}")]
    Frame {
        /// What Polars said.
        reason: String,
    },
    /// A place in the table is not one.
    #[error(transparent)]
    Place(#[from] crate::domain::place::PlaceError),
}

impl Fault for FeatureError {
    fn kind(&self) -> FaultKind {
        FaultKind::Internal
    }
}
