//! Changes that may be told: their class goes before review, or a person has seen the alarm.

use jiff::{SignedDuration, Timestamp};
use sea_orm::EntityTrait;

use super::super::StorageError;
use super::super::outbox::Announcement;
use super::super::records::{Records, failed};
use super::{alarm, alarm_change};
use crate::frames::WordedChange;

/// How long a measurement is told as an alarm. A day of both tides: by then the next change has
/// said how it went on, or nothing is known any more. Our own judgement [unverified].
pub const HOLDS: SignedDuration = SignedDuration::from_hours(24);

/// A change that may be told; only the store makes one, so that nothing else is.
#[derive(Debug, Clone, PartialEq)]
pub struct LetOut {
    worded: WordedChange,
    seen_at: Option<Timestamp>,
}

impl LetOut {
    /// Returns the change with its words.
    #[must_use]
    pub const fn worded(&self) -> &WordedChange {
        &self.worded
    }

    /// Returns whether it goes before a person has seen the alarm.
    #[must_use]
    pub const fn is_unseen(&self) -> bool {
        self.seen_at.is_none()
    }

    /// Returns when it could be told: when it was known, or seen.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.seen_at.map_or(self.worded.change.known_at, |at| at.max(self.worded.change.known_at))
    }

    /// Returns until when it is worth telling: a day from when it was true, or from when a person
    /// let it out.
    #[must_use]
    pub fn holds_until(&self) -> Timestamp {
        let event_time = self.worded.change.event_time;
        let from = self.seen_at.map_or(event_time, |at| at.max(event_time));
        from.saturating_add(HOLDS).unwrap_or(from)
    }
}

impl Records {
    /// Returns the change of an announcement; nothing when there is none, or when a person must see
    /// the alarm first and nobody has.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn let_out(
        &self,
        announcement: &Announcement,
    ) -> Result<Option<LetOut>, StorageError> {
        let read = failed("read an alarm");
        let key = (announcement.subject.clone(), announcement.sequence);
        let change = alarm_change::Entity::find_by_id(key).one(self.db()).await.map_err(&read)?;
        let stands = alarm::Entity::find_by_id(&announcement.subject).one(self.db()).await;
        let (Some(change), Some(stands)) = (change, stands.map_err(&read)?) else {
            return Ok(None);
        };
        let worded = worded(&announcement.subject, &change.document)?;
        let seen_at = stands.acknowledged_at.map(|at| at.parse()).transpose();
        let seen_at: Option<Timestamp> =
            seen_at.map_err(|e: jiff::Error| broken(&announcement.subject, &e))?;
        let must_be_seen = worded.change.hazard.is_for_farmers() && !worded.before_review;
        if must_be_seen && seen_at.is_none() {
            return Ok(None);
        }
        Ok(Some(LetOut { worded, seen_at }))
    }
}

pub(super) fn worded(alarm: &str, document: &str) -> Result<WordedChange, StorageError> {
    serde_json::from_str(document).map_err(|error| broken(alarm, &error))
}

fn broken(alarm: &str, error: &dyn std::error::Error) -> StorageError {
    StorageError::Record { what: "alarm", id: alarm.to_owned(), reason: error.to_string() }
}
