//! Forecasts: baselines, learned models behind linfa's traits, targets, backtests and scores.
//!
//! A [`targets::Target`] is one file: what it forecasts, from which features, with which models.
//! It fits on what was known at one moment and issues quantiles; the rolling [`backtest`] is
//! nothing but many such moments. A target whose model does not beat its baselines publishes the
//! best baseline and says so ([`gate`]).

pub mod backtest;
pub mod baselines;
pub mod card;
pub mod communes;
pub mod diebold_mariano;
pub mod engine;
pub mod error;
pub mod gate;
pub mod intake;
pub mod guidance;
pub mod learn;
mod rolling;
pub mod scores;
pub mod spread;
pub mod stored;
pub mod table;
pub mod recipe;
pub mod targets;
pub mod verification;

pub use error::ForecastError;
