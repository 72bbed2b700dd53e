//! From the lake's rows to regular series, and to features that know nothing of the future.
//!
//! [`panel`] turns observations into daily [`series`] with Polars. [`known`] is the leakage guard: a
//! feature can read a series only through [`known::Known`], which holds an issue time and answers
//! nothing that was not available then. A property test feeds the future as garbage.

pub mod error;
pub mod known;
pub mod panel;
pub mod series;

pub use error::FeatureError;
pub use known::Known;
pub use series::{DailySeries, Panel, SeriesKey};
