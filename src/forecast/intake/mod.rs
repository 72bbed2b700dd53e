//! `intake_window`: the salinity of the next 48 hours through the tide, and when water may be taken.
//!
//! Hours, not days: the readings of one probe become hourly means ([`Record`]); two ridges for each
//! band of horizons learn how the logarithm of conductivity follows its own last day and the
//! predicted tide ([`Model`]); the errors of past forecasts give the odds ([`HourForecast`]), and
//! odds become windows ([`windows`]). Why it is not a daily target: `decisions/0008-hours.md`.
//! The card is `models/intake_window/card.md`.

mod features;
mod model;
mod odds;
mod record;
#[cfg(test)]
mod tests;
pub mod trial;
pub mod windows;

pub use model::{Model, REFIT_H};
pub use odds::{HourForecast, probability_below};
pub use record::{CELL_SECS, Cell, Record, Told, hour_of, start_of};

/// The target's name.
pub const NAME: &str = "intake_window";

/// The model's name in forecasts, before the day it was fitted.
pub const MODEL_NAME: &str = "tide_ridges";

/// Hours ahead of the last one known: the hour that begins at the issue and the 48 after it.
pub const HORIZON_H: usize = 49;

/// Salinity limits (g/L) whose odds are asked for: seedlings and fruit, rice, citrus, coconut
/// (`data/reference/salinity_thresholds.csv`).
pub const THRESHOLDS_G_L: [f64; 4] = [0.5, 1.0, 2.0, 4.0];
