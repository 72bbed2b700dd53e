//! The stream: from a sensor's message to rows, forecasts and alarms in seconds.
//!
//! ```text
//! MQTT ─┐
//! HTTP ─┼─► ingest ─► journal (synced, then acknowledged) ─► engine ─► lake, alarms, listeners
//! file ─┘                                                    check, hours, alarms, forecasts
//! ```
//! The journal is the only way in and the order of all things. The engine is a pure step from
//! record to outputs, so a batch, a stream and a stream killed at any moment give the same tables:
//! what was not stored when it died is made again from the journal, under the same names.

pub mod alarms;
pub mod channel;
pub mod check;
pub mod device;
pub mod engine;
pub mod hours;
pub mod ingest;
pub mod metrics;
pub mod nowcast;
pub mod outputs;
pub mod push;
pub mod recording;
mod rows;
pub mod runner;
pub mod snapshot;
pub mod store;

pub use engine::{Engine, Memory, Rules};
pub use ingest::{Ingest, Refused};
pub use metrics::Metrics;
pub use nowcast::{Fits, Fitted};
pub use outputs::{Event, Outputs, What};
pub use runner::{Pace, Parts, Running, start};
pub use store::{Pending, Store, Stored, join_small_files};

/// The channel of a record that only says what time it is: written when something falls due and
/// no message comes, so that even the passing of time stands in the journal.
pub const TICK: &str = "tick";

/// The channel of a record that holds fitted models: what was learned outside the engine enters
/// its step as everything else does.
pub const FIT: &str = "fit";

/// The channel of a record after which everything before it is stored at once.
pub const SETTLE: &str = "settle";

/// The beginning of the channel of a message the broker had kept.
pub const RETAINED: &str = "mqtt-retained/";

/// The beginning of the channel of a message that is played from a recording.
pub const REPLAY: &str = "replay/";

#[cfg(test)]
mod tests;
