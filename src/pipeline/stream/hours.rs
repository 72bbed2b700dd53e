//! Hours being read and hours that closed, by place and variable.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::{PlaceId, Variable, time};
use crate::forecast::intake;
use crate::frames::Hour;

/// How long an hour stays open after its end for what is on its way: radio networks deliver
/// within seconds, a logger that retries within minutes.
pub const LATENESS: SignedDuration = SignedDuration::from_mins(10);

/// How long a closed hour can be reopened: a logger out of reach for a day tells of it when it is
/// back. Readings later still are stored, and their hour stays as it was.
pub const REOPEN: SignedDuration = SignedDuration::from_hours(24);

/// The state of one hour.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Open {
    unit: Arc<str>,
    n: i64,
    sum: f64,
    min: f64,
    max: f64,
    /// The next revision; `None` while it has not closed.
    next_revision: Option<i64>,
}

type Key = (Timestamp, PlaceId, Arc<str>);

/// All hours that are open or may be reopened.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Hours {
    /// Still being read, the oldest first.
    #[serde(with = "crate::domain::as_list")]
    open: BTreeMap<Key, Open>,
    /// Closed, and still to be reopened by what comes late.
    #[serde(with = "crate::domain::as_list")]
    closed: BTreeMap<Key, Open>,
}

/// Returns the start of the hour of `at`.
#[must_use]
pub fn start_of(at: Timestamp) -> Timestamp {
    intake::start_of(intake::hour_of(at))
}

impl Hours {
    /// Adds a usable reading; a closed hour is reopened and its new revision returned.
    pub fn add(
        &mut self,
        place: &PlaceId,
        variable: &Variable,
        event_time: Timestamp,
        value: f64,
        arrived_at: Timestamp,
    ) -> Option<Hour> {
        let start = start_of(event_time);
        if arrived_at.duration_since(start) > REOPEN {
            return None;
        }
        let key = (start, place.clone(), Arc::clone(&variable.name));
        // An hour that is first heard of after its closing time begins closed.
        let over = closes_at(start) <= arrived_at;
        let hours = if over { &mut self.closed } else { &mut self.open };
        let open = hours.entry(key.clone()).or_insert_with(|| Open {
            unit: Arc::clone(&variable.unit),
            n: 0,
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            next_revision: over.then_some(0),
        });
        open.n += 1;
        open.sum += value;
        open.min = open.min.min(value);
        open.max = open.max.max(value);
        open.reopened(&key, "late", arrived_at)
    }

    /// Puts right an hour after a reading in it turned out wrong: `usable` are those that stand.
    pub fn correct(
        &mut self,
        place: &PlaceId,
        variable: &Variable,
        start: Timestamp,
        usable: impl Iterator<Item = f64>,
        known_at: Timestamp,
    ) -> Option<Hour> {
        let key = (start, place.clone(), Arc::clone(&variable.name));
        let open = self.open.get_mut(&key).or_else(|| self.closed.get_mut(&key))?;
        (open.n, open.sum) = (0, 0.0);
        (open.min, open.max) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in usable {
            open.n += 1;
            open.sum += value;
            open.min = open.min.min(value);
            open.max = open.max.max(value);
        }
        open.reopened(&key, "corrected", known_at)
    }

    /// Returns when the next hour closes.
    #[must_use]
    pub fn next_closing(&self) -> Option<Timestamp> {
        self.open.first_key_value().map(|((start, _, _), _)| closes_at(*start))
    }

    /// Closes the hours whose time has come by `now`, and forgets those that stay closed.
    pub fn close(&mut self, now: Timestamp) -> Vec<Hour> {
        let mut rows = Vec::new();
        while let Some(entry) = self.open.first_entry() {
            let closing = closes_at(entry.key().0);
            if closing > now {
                break;
            }
            let (key, mut hour) = entry.remove_entry();
            hour.next_revision = Some(0);
            rows.extend(hour.reopened(&key, "closed", closing));
            self.closed.insert(key, hour);
        }
        while let Some(entry) = self.closed.first_entry() {
            if now.duration_since(entry.key().0) <= REOPEN {
                break;
            }
            entry.remove();
        }
        rows
    }
}

fn closes_at(start: Timestamp) -> Timestamp {
    start.saturating_add(SignedDuration::from_hours(1) + LATENESS).unwrap_or(start)
}

impl Open {
    /// Returns the next revision of a closed hour.
    fn reopened(&mut self, key: &Key, cause: &str, known_at: Timestamp) -> Option<Hour> {
        let revision = self.next_revision?;
        if self.n == 0 {
            return None;
        }
        self.next_revision = Some(revision + 1);
        #[expect(clippy::cast_precision_loss, reason = "readings of an hour, far below 2^52")]
        let mean = self.sum / self.n as f64;
        Some(Hour {
            variable: Arc::clone(&key.2),
            period: time::local_date(key.0).year().to_string().into(),
            place: key.1.clone(),
            valid_time: key.0,
            unit: Arc::clone(&self.unit),
            n: self.n,
            mean,
            min: self.min,
            max: self.max,
            revision,
            cause: cause.into(),
            available_at: known_at,
        })
    }
}
