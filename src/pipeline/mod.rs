//! The only glue: the list of steps, and what walks it — a morning's run, an import, a backtest.

pub mod advising;
mod archived;
pub mod ensemble;
pub mod error;
pub mod fetching;
pub mod forecasting;
pub mod guided;
pub mod home;
pub mod hourly;
pub mod import;
pub mod issuing;
pub mod lifecycle;
pub mod morning;
pub mod neighbours;
pub mod plan;
pub mod reviewing;
pub mod sample;
pub mod sending;
pub mod series;
pub mod sights;
pub mod stream;

pub use error::PipelineError;
pub use home::Home;
