//! Gradient boosted regression trees over histograms, behind linfa's `Fit` and `Predict`.
//!
//! Reading order: [`params`] what can be set · [`loss`] what is reduced · `bins` features as bytes ·
//! `histogram` sums by bin · `split` the best cut of a leaf · `grow` one tree, leaf by leaf ·
//! `train` the rounds · [`model`] the fitted booster · `artifact` how it is stored.
//!
//! The method is that of Friedman (2001, Greedy function approximation: a gradient boosting machine)
//! with the histograms and leaf-wise growth of Ke et al. (2017, `LightGBM`).
//!
//! ```
//! use linfa::{Dataset, ParamGuard, traits::{Fit, Predict}};
//! use muavu::forecast::learn::{Booster, Loss};
//! use ndarray::{Array1, Array2};
//!
//! let x = Array2::from_shape_fn((200, 1), |(i, _)| i as f64);
//! let y = Array1::from_shape_fn(200, |i| if i < 100 { 1.0 } else { 3.0 });
//! let train = Dataset::new(x, y);
//! let model: Booster = Booster::params().loss(Loss::Absolute).fit(&train)?;
//! let forecast = model.predict(&train);
//! assert!((forecast[0] - 1.0).abs() < 0.01);
//! # Ok::<(), muavu::forecast::learn::LearnError>(())
//! ```

mod artifact;
mod bins;
mod grow;
mod histogram;
pub mod loss;
pub mod model;
pub mod params;
mod sample;
mod split;
mod train;
mod tree;

pub use loss::Loss;
pub use model::Booster;
pub use params::{BoosterParams, BoosterValidParams};

#[cfg(test)]
mod tests;
