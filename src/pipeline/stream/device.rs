//! What is remembered of one device: its channels, when it was heard, whether its clock is right.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::channel::Channel;
use crate::domain::PlaceId;

/// Messages whose delay is looked at: an hour at ten minutes.
const DELAYS: usize = 6;

/// A delay that never changes and is at least this long is a clock, not a network: time zones are
/// wrong by hours or half hours.
const DELAY_MIN: SignedDuration = SignedDuration::from_mins(25);

/// How much a network's delay may vary and still be called unchanging.
const DELAY_SPREAD_MAX: SignedDuration = SignedDuration::from_mins(3);

/// The memory of a device.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Device {
    /// Where it stands.
    pub place: PlaceId,
    /// When it last reached us.
    pub heard_at: Timestamp,
    /// Whether it has been silent for too long, and said so.
    pub silent: bool,
    /// What it measures.
    pub channels: BTreeMap<Arc<str>, Channel>,
    /// Seconds from told time to arrival of its last messages, by its own clock.
    delays: Vec<i64>,
    /// The time the last of them told.
    last_told: Option<Timestamp>,
}

impl Device {
    /// Returns a device that was just heard for the first time.
    #[must_use]
    pub fn new(place: PlaceId, heard_at: Timestamp) -> Self {
        Self {
            place,
            heard_at,
            silent: false,
            channels: BTreeMap::new(),
            delays: Vec::new(),
            last_told: None,
        }
    }

    /// Notes the delay of a message told by the device's own clock; returns whether that clock
    /// looks wrong: every one of the last messages came equally late, or one tells of the future.
    pub fn clock_is_wrong(&mut self, told: Timestamp, arrived_at: Timestamp, ahead: bool) -> bool {
        // Several numbers of one message are one delay.
        if self.last_told != Some(told) {
            self.delays.push(arrived_at.duration_since(told).as_secs());
            self.last_told = Some(told);
        }
        if self.delays.len() > DELAYS {
            self.delays.remove(0);
        }
        let (low, high) =
            self.delays.iter().fold((i64::MAX, i64::MIN), |(l, h), d| (l.min(*d), h.max(*d)));
        let steady = self.delays.len() == DELAYS
            && low >= DELAY_MIN.as_secs()
            && high - low <= DELAY_SPREAD_MAX.as_secs();
        ahead || steady
    }
}
