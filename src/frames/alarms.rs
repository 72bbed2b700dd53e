//! Changes of alarms: what the stream's engine decides, what the store keeps with its words, and what
//! every channel tells.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{CommuneCode, PlaceId, Severity};

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hazard {
    /// The water is salt.
    Salt,
    /// Nothing comes from a device that ought to report.
    Silent,
    /// A channel measures nothing.
    DeadChannel,
    /// A channel stands still.
    FlatLine,
    /// A probe answers the tide less and less.
    Drift,
    /// Neighbours read something else.
    Disagrees,
    /// A clock that cannot be right.
    Clock,
    /// A battery near its end.
    LowBattery,
}

impl Hazard {
    /// Returns the name used in tables and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Salt => "salt",
            Self::Silent => "silent",
            Self::DeadChannel => "dead_channel",
            Self::FlatLine => "flat_line",
            Self::Drift => "drift",
            Self::Disagrees => "disagrees",
            Self::Clock => "clock",
            Self::LowBattery => "low_battery",
        }
    }

    /// Returns whether farmers are told; all others are for those who keep the devices.
    #[must_use]
    pub const fn is_for_farmers(self) -> bool {
        matches!(self, Self::Salt)
    }
}

/// Whether and when people are told of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tell {
    /// At once.
    Now,
    /// When the quiet hours are over.
    At(Timestamp),
    /// Not: the day's messages for this place are used up.
    Held,
}

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

/// A change with everything people and machines are shown of it, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WordedChange {
    /// The change.
    #[serde(flatten)]
    pub change: AlarmChange,
    /// What people call the place.
    pub place_name: String,
    /// The communes that take their water there (`devices.toml`), in order of code.
    #[serde(default)]
    pub communes: Vec<CommuneCode>,
    /// Whether farmers are told before a person has seen the alarm.
    pub before_review: bool,
    /// The Vietnamese text, in lines: what was measured, what it means for taking water, what to do.
    pub text_vi: String,
    /// The same in English.
    pub text_en: String,
}
