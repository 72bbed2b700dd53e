//! The any-panel engine: many series of any frequency in, paths with honest intervals out.
//!
//! ```text
//! record batches ─► frame ─► series on a step clock ─► model of each series ─► intervals ─► rows
//!   unique_id        sorts,    (clock: dates, times,     linear | classical      pooled over
//!   ds               checks,    integers; gaps are       | auto, with errors     series, one
//!   y, exogenous     regular    NaN)                     at past origins         per horizon
//! ```
//!
//! Every series gets an [`Outlook`] or a [`Refusal`]; nothing here panics on data. Series are taken
//! one by one, pooled statistics are whole-number counts, so that the numbers are the same for
//! every number of threads. The shared words stand in [`series`]; the room reads no clock and does
//! no I/O.

pub mod answers;
pub mod auto;
pub mod backtest;
pub mod classical;
pub mod clock;
pub mod error;
pub mod explain;
pub mod frame;
pub mod intervals;
pub mod linear;
pub mod live;
pub mod mix;
pub mod origins;
pub mod panel;
pub mod reconcile;
pub mod series;
pub mod table;

pub use answers::Answers;
pub use backtest::{Backtest, Score, backtest};
pub use clock::Freq;
pub use error::EngineError;
pub use explain::{Explain, Explained, Part, explanations};
pub use frame::Block;
pub use intervals::Pool;
pub use live::LivePanel;
pub use mix::LinearMix;
pub use panel::{Forecasts, Question, forecast_and_keep, forecast_gathered, forecast_streamed};
pub use series::{Ask, Errors, Outlook, Path, Refusal, Regular, SeriesModel, Strategy};
pub use table::{Layout, Rows};

#[cfg(test)]
mod tests;
