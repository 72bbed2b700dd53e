//! What can go wrong when a learned model is set up, fitted, asked or read back.

use crate::domain::{Fault, FaultKind};

/// Every error of the learned models.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// A hyper-parameter is outside its range.
    #[error("{name} is {given}, allowed is {allowed}")]
    Param {
        /// The hyper-parameter.
        name: &'static str,
        /// The value given.
        given: String,
        /// The values allowed.
        allowed: &'static str,
    },
    /// Two arrays that must agree in length do not.
    #[error("{what} has {given} entries, {expected} are needed")]
    Shape {
        /// The array.
        what: &'static str,
        /// The length needed.
        expected: usize,
        /// The length given.
        given: usize,
    },
    /// A value that must be a finite number is not.
    #[error("{what} holds {given} in row {row}, only finite numbers are allowed")]
    NotFinite {
        /// The array, or the feature's name.
        what: String,
        /// The row, counted from zero.
        row: usize,
        /// The value given.
        given: f64,
    },
    /// A sample weight is negative, or none is positive.
    #[error(
        "weight {given} in row {row} is not allowed, weights are finite, at least 0, not all 0"
    )]
    Weight {
        /// The row, counted from zero.
        row: usize,
        /// The weight given.
        given: f32,
    },
    /// There are too few rows for what was asked.
    #[error("{given} rows are too few, at least {needed} are needed {reason}")]
    TooFewRows {
        /// The rows needed.
        needed: usize,
        /// The rows given.
        given: usize,
        /// Why so many.
        reason: &'static str,
    },
    /// The features are not those the model was fitted on, or not in that order.
    #[error("feature {position} is {given:?}, the model was fitted with {expected:?} there")]
    FeatureOrder {
        /// The position, counted from zero.
        position: usize,
        /// The name at fitting.
        expected: String,
        /// The name given.
        given: String,
    },
    /// A feature is (nearly) a combination of those before it.
    #[error("feature {feature:?} is a linear combination of other features")]
    Collinear {
        /// The feature's name.
        feature: String,
    },
    /// A linfa model has no way to weigh samples.
    #[error("{model} cannot weigh samples, give it a dataset without weights")]
    WeightsUnsupported {
        /// The model.
        model: &'static str,
    },
    /// The solver ended without a usable answer.
    #[error("{model} did not converge: {detail}")]
    NotConverged {
        /// The model.
        model: &'static str,
        /// What the solver said.
        detail: String,
    },
    /// A stored model contradicts itself.
    #[error("stored model is damaged: {detail}")]
    Damaged {
        /// What does not fit.
        detail: String,
    },
    /// An error of linfa itself.
    #[error("linfa: {0}")]
    Linfa(#[from] linfa::Error),
    /// An error of linfa's least squares.
    #[error("least squares: {0}")]
    LeastSquares(#[from] linfa_linear::LinearError<f64>),
    /// An error of linfa's elastic net.
    #[error("elastic net: {0}")]
    ElasticNet(#[from] linfa_elasticnet::ElasticNetError),
    /// An error of linfa's partial least squares.
    #[error("partial least squares: {0}")]
    Pls(#[from] linfa_pls::PlsError),
}

impl Fault for LearnError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Param { .. } => FaultKind::User,
            Self::NotFinite { .. }
            | Self::Weight { .. }
            | Self::TooFewRows { .. }
            | Self::Collinear { .. }
            | Self::NotConverged { .. }
            | Self::Damaged { .. } => FaultKind::Data,
            _ => FaultKind::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Collinear { .. } => "drop the feature, or fit a ridge with a positive penalty",
            Self::NotConverged { .. } => "raise the penalty or the number of iterations",
            Self::Damaged { .. } => "fit the model again",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

/// The result of everything in this room.
pub type Result<T> = std::result::Result<T, LearnError>;
