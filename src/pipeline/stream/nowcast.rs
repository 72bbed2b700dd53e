//! Forecasts issued the moment a reading comes in.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::check::At;
use crate::domain::PlaceId;
use crate::frames::Forecast;

/// How long a place's forecast stands before a new reading issues it anew: a probe that reports
/// every second changes nothing a farmer could act on within a minute.
pub const EVERY: SignedDuration = SignedDuration::from_secs(60);

/// A fitted model that forecasts one place from its newest readings.
pub trait Nowcast: fmt::Debug + Send + Sync {
    /// Returns the forecast of `place` issued at `at` from its usable readings (oldest first, in
    /// the variable's canonical unit), or nothing when the model does not know the place or has
    /// too little to go on.
    fn issue(&self, place: &PlaceId, recent: &[At], at: Timestamp) -> Vec<Forecast>;
}
