//! What a review step can refuse, naming what was given and what is allowed.

use jiff::Timestamp;

use crate::domain::{Fault, FaultKind};
use crate::frames::AdvisoryState;

/// Why a review step was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// The state does not lead there.
    #[error("advisory {advisory} is {from} and cannot become {to} (allowed: {allowed})")]
    Transition {
        /// The advisory.
        advisory: String,
        /// The state it is in.
        from: AdvisoryState,
        /// The state asked for.
        to: AdvisoryState,
        /// The states allowed from there, or `nothing more`.
        allowed: String,
    },
    /// No reason was given.
    #[error("a reason is needed for {what}; given was an empty text")]
    NoReason {
        /// What was asked for.
        what: &'static str,
    },
    /// The name of the person cannot be one.
    #[error("{given:?} is not a person's sign-in name (not empty, not `engine`, not `policy:…`)")]
    Who {
        /// The name as given.
        given: String,
    },
    /// The second approval came from the first person.
    #[error("{who} has approved advisory {advisory} already; class {class} needs another person")]
    SamePerson {
        /// The person.
        who: String,
        /// The advisory.
        advisory: String,
        /// The policy class.
        class: String,
    },
    /// It is too late to approve.
    #[error("advisory {advisory} expired at {expired_at}, it is now {now}")]
    Expired {
        /// The advisory.
        advisory: String,
        /// When it expired.
        expired_at: Timestamp,
        /// The time of the step.
        now: Timestamp,
    },
    /// It is too early to expire.
    #[error("advisory {advisory} stands until {expires_at}, it is now {now}")]
    StillStands {
        /// The advisory.
        advisory: String,
        /// When it expires.
        expires_at: Timestamp,
        /// The time of the step.
        now: Timestamp,
    },
    /// The log does not belong to the advisory or does not lead to its state.
    #[error("log of advisory {advisory}, event {sequence}: {reason}")]
    Log {
        /// The advisory.
        advisory: String,
        /// The event's position, from 1.
        sequence: i64,
        /// What does not fit.
        reason: String,
    },
    /// Words or figures that cannot stand.
    #[error("the changed words cannot stand: {reason}")]
    Wording {
        /// What is wrong with them.
        reason: String,
    },
    /// The last word on a class that needs two persons came from somebody who may not give it.
    #[error("{who} may not give the last word on advisory {advisory}: that needs an approver")]
    NotLast {
        /// The person.
        who: String,
        /// The advisory.
        advisory: String,
    },
    /// The policy file is not what its schema says.
    #[error("review policy: {reason}")]
    Policy {
        /// What is wrong, with the values allowed.
        reason: String,
    },
}

impl Fault for ReviewError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Log { .. } => FaultKind::Internal,
            _ => FaultKind::User,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::SamePerson { .. } => Some("ask a second approver to look at it".into()),
            Self::Expired { .. } => Some("run again: the new run writes a new draft".into()),
            _ => None,
        }
    }
}
