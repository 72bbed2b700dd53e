//! Polls that repeat the reading before them.

use jiff::Timestamp;

use crate::sources::archive::spec::RepeatRule;

/// What a poll is, beside the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poll {
    /// Says something new.
    New,
    /// Says the same, and the provider has not made a new reading since: not stored again.
    SameEvent,
    /// Says the same although a new reading is due: stored and flagged.
    Repeated,
}

/// Follows the polls of one place in time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Polls {
    stored_at: Option<Timestamp>,
}

impl Polls {
    /// Returns what the next poll is; `same` says whether it equals the poll before it.
    pub fn next(&mut self, at: Timestamp, same: bool, rule: &RepeatRule) -> Poll {
        let minutes = |since: Timestamp| at.duration_since(since).as_secs_f64() / 60.0;
        let poll = match self.stored_at {
            Some(stored) if same && minutes(stored) < rule.event_minutes => Poll::SameEvent,
            Some(_) if same => Poll::Repeated,
            _ => Poll::New,
        };
        if poll != Poll::SameEvent {
            self.stored_at = Some(at);
        }
        poll
    }
}

#[cfg(test)]
mod tests {
    use super::Poll::{New, Repeated, SameEvent};
    use super::*;

    #[test]
    fn one_event_is_stored_once_and_a_frozen_provider_is_seen() {
        let rule = RepeatRule { event_minutes: 10.0 };
        let mut polls = Polls::default();
        let mut told = Vec::new();
        for (minute, same) in
            [(0, false), (2, true), (8, true), (10, true), (12, true), (14, false)]
        {
            let at = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(minute);
            told.push(polls.next(at, same, &rule));
        }
        assert_eq!(told, [New, SameEvent, SameEvent, Repeated, SameEvent, New]);
    }
}
