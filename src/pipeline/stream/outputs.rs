//! What a step of the stream gives: rows for the lake, changes of alarms, events for listeners.

use jiff::Timestamp;
use serde::Serialize;

use crate::advisory::alarm::AlarmChange;
use crate::domain::{PlaceId, QcFlags};
use crate::frames::{Forecast, Hour, Issue, Observation};

/// What one or more steps gave, in order.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Outputs {
    /// Readings nobody told before, and earlier ones whose flags changed.
    pub observations: Vec<Observation>,
    /// Readings too old to know here whether they are new: the lake decides.
    pub old: Vec<Observation>,
    /// Hours that closed or were reopened.
    pub hours: Vec<Hour>,
    /// Forecasts issued at once.
    pub forecasts: Vec<Forecast>,
    /// What could not be understood.
    pub issues: Vec<Issue>,
    /// Changes of alarms.
    pub alarms: Vec<AlarmChange>,
    /// What listeners hear.
    pub events: Vec<Event>,
    /// Readings told before.
    pub repeats: u64,
}

impl Outputs {
    /// Adds what came later.
    pub fn extend(&mut self, later: Self) {
        self.observations.extend(later.observations);
        self.old.extend(later.old);
        self.hours.extend(later.hours);
        self.forecasts.extend(later.forecasts);
        self.issues.extend(later.issues);
        self.alarms.extend(later.alarms);
        self.events.extend(later.events);
        self.repeats += later.repeats;
    }

    /// Returns the number of rows for the lake.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.observations.len()
            + self.old.len()
            + self.hours.len()
            + self.forecasts.len()
            + self.issues.len()
    }
}

/// Something listeners are told of, with its place in the order of all things.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Number of the journal's record that gave it.
    #[serde(skip)]
    pub number: u64,
    /// Which of that record's events.
    #[serde(skip)]
    pub part: u32,
    /// Where.
    pub place: PlaceId,
    /// What it is.
    #[serde(flatten)]
    pub what: What,
}

/// The kinds of events.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// A new reading.
    Reading {
        /// The device.
        device: std::sync::Arc<str>,
        /// The variable.
        variable: std::sync::Arc<str>,
        /// In the unit.
        value: f64,
        /// The variable's unit.
        unit: std::sync::Arc<str>,
        /// When it was true.
        event_time: Timestamp,
        /// When it reached us.
        arrived_at: Timestamp,
        /// What is odd about it.
        qc: QcFlags,
    },
    /// A change of an alarm.
    Alarm(Box<AlarmChange>),
    /// A forecast of the place was issued.
    Forecast {
        /// Its target.
        target: std::sync::Arc<str>,
        /// When.
        issued_at: Timestamp,
    },
}

impl What {
    /// Returns the name of the kind.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Reading { .. } => "reading",
            Self::Alarm(_) => "alarm",
            Self::Forecast { .. } => "forecast",
        }
    }
}
