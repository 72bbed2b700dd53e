//! The table of states: what an advisory may become from where, and the log that proves it.

use super::ReviewError;
use crate::frames::AdvisoryState::{
    self, Approved, Draft, Expired, Published, Rejected, Superseded, Withdrawn,
};
use crate::frames::{Advisory, ReviewEvent};

/// Every allowed step. A draft that stays a draft is the first approval of two.
pub const ALLOWED: &[(AdvisoryState, &[AdvisoryState])] = &[
    (Draft, &[Draft, Approved, Rejected, Expired, Superseded]),
    (Approved, &[Published, Withdrawn, Expired, Superseded]),
    (Published, &[Withdrawn, Expired, Superseded]),
    (Rejected, &[]),
    (Withdrawn, &[]),
    (Expired, &[]),
    (Superseded, &[]),
];

/// Returns the states that `from` may become.
#[must_use]
pub fn next(from: AdvisoryState) -> &'static [AdvisoryState] {
    ALLOWED.iter().find(|(state, _)| *state == from).map_or(&[], |(_, next)| *next)
}

/// Refuses a step that is not in the table.
///
/// # Errors
/// [`ReviewError::Transition`], naming the states allowed.
pub fn check(advisory: &str, from: AdvisoryState, to: AdvisoryState) -> Result<(), ReviewError> {
    if next(from).contains(&to) {
        return Ok(());
    }
    let names: Vec<_> = next(from).iter().map(|state| state.as_str()).collect();
    let allowed = if names.is_empty() { "nothing more".to_owned() } else { names.join(", ") };
    Err(ReviewError::Transition { advisory: advisory.to_owned(), from, to, allowed })
}

/// Returns the position of the next event, after checking that the log is this advisory's, without
/// gaps, by allowed steps only, and ends in the state the advisory is in.
///
/// # Errors
/// [`ReviewError::Log`] with the first event that does not fit.
pub fn next_sequence(advisory: &Advisory, log: &[ReviewEvent]) -> Result<i64, ReviewError> {
    let broken = |sequence: i64, reason: String| ReviewError::Log {
        advisory: advisory.id.clone(),
        sequence,
        reason,
    };
    let (mut sequence, mut state) = (1, Draft);
    for event in log {
        if event.advisory != advisory.id {
            return Err(broken(sequence, format!("belongs to advisory {}", event.advisory)));
        }
        if event.sequence != sequence {
            return Err(broken(sequence, format!("is numbered {}", event.sequence)));
        }
        if event.from != state {
            return Err(broken(sequence, format!("starts from {}, not {state}", event.from)));
        }
        check(&advisory.id, event.from, event.to).map_err(|e| broken(sequence, e.to_string()))?;
        state = event.to;
        sequence += 1;
    }
    if state == advisory.state {
        Ok(sequence)
    } else {
        Err(broken(
            sequence,
            format!("the log ends in {state}, the advisory is {}", advisory.state),
        ))
    }
}
