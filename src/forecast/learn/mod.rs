//! Learned models: what linfa 0.8 has, made safe, and what it lacks, behind linfa's own traits.
//!
//! ```text
//!            guard: shape, finite values, weights, feature order, before every fit and answer
//!  linfa Dataset ──┬─► booster     histogram gradient boosted regression trees, four losses
//!                  ├─► ridge       ridge regression, the penalty chosen from a list
//!                  └─► linear      linfa's least squares, elastic net and PLS, standardised
//!                         │
//!                         ▼ every fitted model is a [`Regressor`]
//!                      conformal   offsets that turn forecasts into honest quantiles
//! ```
//!
//! linfa's trees and ensembles only classify, its models ignore sample weights, and its elastic net
//! does not centre the features. All models here take a linfa `Dataset` (weights and feature names
//! included) through linfa's `Fit`, answer through linfa's `Predict`, and are stored with serde.
//! Nothing here reads a clock or draws without a given seed, and every sum has one order: the same
//! rows give the same model, bit for bit.

pub mod booster;
mod cholesky;
pub mod conformal;
pub mod error;
mod format;
pub mod guard;
pub mod linear;
pub mod linear_model;
pub(in crate::forecast) mod normal;
pub mod ridge;
mod standard;

use ndarray::{Array1, ArrayView2};

pub use booster::{Booster, BoosterParams, BoosterValidParams, Loss};
pub use conformal::{Conformal, ConformalParams, ConformalValidParams, Corrected, Kind, Outcome};
pub use error::LearnError;
pub use guard::{Features, Missing};
pub use linear::{LinearParams, LinearValidParams};
pub use linear_model::{LinearMethod, LinearModel, LinearModels};
pub use ridge::{Penalty, RidgeParams, RidgeValidParams};

use error::Result;

/// A fitted model of one target, answering with an error where linfa's `Predict` would panic.
pub trait Regressor: std::fmt::Debug + Send + Sync {
    /// Returns the name of the method, as it stands in forecast tables.
    fn name(&self) -> &'static str;

    /// Returns the features the model was fitted on, in order.
    fn features(&self) -> &Features;

    /// Returns one forecast for each row of `records` (rows = samples, cols = features).
    ///
    /// # Errors
    /// [`LearnError`] when the records do not fit the model.
    fn forecast(&self, records: ArrayView2<'_, f64>) -> Result<Array1<f64>>;

    /// Returns one forecast for each row, after checking the names of the columns.
    ///
    /// # Errors
    /// [`LearnError::FeatureOrder`] when a name differs, and those of [`Regressor::forecast`].
    fn forecast_named(
        &self,
        names: &[String],
        records: ArrayView2<'_, f64>,
    ) -> Result<Array1<f64>> {
        self.features().check_order(names)?;
        self.forecast(records)
    }
}
