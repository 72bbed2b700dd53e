//! What can go wrong while fitting and forecasting.

use super::learn::LearnError;
use crate::domain::quantiles::QuantileError;
use crate::domain::time::TimeError;
use crate::domain::{Fault, FaultKind};

/// An error of the forecast room.
#[derive(Debug, thiserror::Error)]
pub enum ForecastError {
    /// A target nobody defined.
    #[error("target {given:?} is unknown (allowed: {allowed})")]
    UnknownTarget {
        /// The name as given.
        given: String,
        /// The names that exist.
        allowed: String,
    },
    /// Too little was known to fit a model.
    #[error("{target}: only {rows} training rows were known at {at}, at least {needed} are needed")]
    TooLittle {
        /// The target.
        target: &'static str,
        /// Rows at hand.
        rows: usize,
        /// Rows needed.
        needed: usize,
        /// The moment of the fit.
        at: String,
    },
    /// A window without a day in it, or without any observed day.
    #[error("no {target} can be issued from {from} to {to}: {reason}")]
    EmptyWindow {
        /// The target.
        target: &'static str,
        /// First issue day asked for.
        from: String,
        /// Last issue day asked for.
        to: String,
        /// What is missing.
        reason: String,
    },
    /// A model refused its data.
    #[error(transparent)]
    Learn(#[from] LearnError),
    /// A model gave quantiles that are not.
    #[error("a model gave a forecast that is not one")]
    Quantiles(#[from] QuantileError),
    /// A day outside the calendar.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// A river branch cannot be profiled.
    #[error(transparent)]
    Profile(#[from] crate::agronomy::river_profile::ProfileError),
    /// Science refused its input.
    #[error(transparent)]
    Agronomy(#[from] crate::agronomy::AgronomyError),
}

impl Fault for ForecastError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::UnknownTarget { .. } | Self::EmptyWindow { .. } => FaultKind::User,
            Self::TooLittle { .. } => FaultKind::Data,
            _ => FaultKind::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::TooLittle { .. } | Self::EmptyWindow { .. } => {
                Some("import an archive that covers those years: muavu import PATH".to_owned())
            }
            _ => None,
        }
    }
}
