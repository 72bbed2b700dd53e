//! The proof of approval that `publish` asks for.

use super::ReviewError;
use super::transitions;
use crate::frames::{Advisory, AdvisoryState, ReviewEvent};

/// Something that has passed review. Only this room can make one; it cannot be read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Approved<T>(T);

impl<T> Approved<T> {
    /// Returns the proof. Private to `review`.
    pub(super) const fn new(inner: T) -> Self {
        Self(inner)
    }

    /// Returns what was approved.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.0
    }

    /// Returns what was approved and gives up the proof.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl Approved<Advisory> {
    /// Returns the proof for an advisory read back from the record store, when its whole log
    /// shows that it is approved or published now.
    ///
    /// # Errors
    /// [`ReviewError::Log`] when the log does not lead to its state, [`ReviewError::Transition`]
    /// when that state may not be published.
    pub fn from_log(advisory: Advisory, log: &[ReviewEvent]) -> Result<Self, ReviewError> {
        transitions::next_sequence(&advisory, log)?;
        if advisory.state != AdvisoryState::Published {
            transitions::check(&advisory.id, advisory.state, AdvisoryState::Published)?;
        }
        Ok(Self(advisory))
    }
}
