//! Alarms from measurements: one open alarm a place and hazard, told with manners.
//!
//! Pure: the book is told what was read and what became true, with its times, and answers with
//! changes. A change has the event's own time in its text; whether it is told at once, after the
//! quiet hours or not at all is decided here too and said openly.
//!
//! The manners answer real requests (`shared/knowledge/peers.md`, 17 and b-17): update instead of
//! repeating, hysteresis, all-clear, an alarm for silence, quiet hours, a daily cap, event time.

mod book;
mod policy;
mod telling;
#[cfg(test)]
mod tests;
mod words;

pub use book::{Book, Hazard, OpenAlarm};
pub use policy::{AlarmPolicy, Level};
pub use telling::Tell;
pub use words::text;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{PlaceId, Severity};

/// What happened to an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// It began.
    Opened,
    /// It became more severe.
    Raised,
    /// It got clearly worse within its level.
    Updated,
    /// It became less severe and goes on.
    Eased,
    /// It is over.
    Cleared,
}

impl Turn {
    /// Returns the name used in tables and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Raised => "raised",
            Self::Updated => "updated",
            Self::Eased => "eased",
            Self::Cleared => "cleared",
        }
    }
}

/// One change of one alarm: the next step of its life.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlarmChange {
    /// The alarm: place, hazard and the time it began.
    pub alarm: String,
    /// Which change of it, from 1.
    pub step: u32,
    /// Where.
    pub place: PlaceId,
    /// What.
    pub hazard: Hazard,
    /// What happened.
    pub turn: Turn,
    /// How severe it is now (before it was over, for a cleared one).
    pub severity: Severity,
    /// When the alarm began.
    pub opened_at: Timestamp,
    /// When this change was true.
    pub event_time: Timestamp,
    /// When we knew.
    pub known_at: Timestamp,
    /// The reading behind it, in the hazard's unit, where there is one.
    pub value: Option<f64>,
    /// The highest so far.
    pub peak: Option<f64>,
    /// The limit it was held against.
    pub limit: Option<f64>,
    /// Whether and when people are told.
    pub tell: Tell,
}
