//! The proof that something was out and was taken back, which the channels ask for before they
//! tell people so.

use super::ReviewError;
use super::transitions;
use crate::frames::{Advisory, AdvisoryState, ReviewEvent};

/// An advisory that was published and then withdrawn by a person. Only this room can make one.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenBack {
    advisory: Advisory,
    event: ReviewEvent,
}

impl TakenBack {
    /// Returns the proof when the whole log leads to the withdrawal of what was published.
    ///
    /// # Errors
    /// [`ReviewError::Log`] when the log does not lead to the advisory's state,
    /// [`ReviewError::Transition`] when it was never published or is not withdrawn.
    pub fn from_log(advisory: Advisory, log: &[ReviewEvent]) -> Result<Self, ReviewError> {
        transitions::next_sequence(&advisory, log)?;
        match log.last() {
            Some(event)
                if (event.from, event.to)
                    == (AdvisoryState::Published, AdvisoryState::Withdrawn) =>
            {
                let event = event.clone();
                Ok(Self { advisory, event })
            }
            _ => Err(ReviewError::Transition {
                advisory: advisory.id,
                from: advisory.state,
                to: AdvisoryState::Withdrawn,
                allowed: "nothing that was not published".to_owned(),
            }),
        }
    }

    /// Returns what was taken back.
    #[must_use]
    pub const fn get(&self) -> &Advisory {
        &self.advisory
    }

    /// Returns who took it back, when and why.
    #[must_use]
    pub const fn event(&self) -> &ReviewEvent {
        &self.event
    }
}
