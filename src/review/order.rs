//! What a reviewer asks for, and what came of it; the desk and the console speak by these.

use super::{Act, ReviewError};
use crate::domain::Fault;
use crate::frames::{Advisory, ReviewEvent, Wording};

/// What is to be done with an advisory.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Approve it; with other words when a reviewer changed them first.
    Approve {
        /// The words as the reviewer left them.
        wording: Option<Wording>,
    },
    /// Change the words of a draft, and no more.
    Amend {
        /// The words as the reviewer left them.
        wording: Wording,
    },
    /// Refuse a draft.
    Reject,
    /// Take back what was approved or published.
    Withdraw,
}

/// A deed with who does it, why, and what they had before their eyes.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The advisory.
    pub id: String,
    /// The last event of its log that the person had seen; none is asked for when nobody looked.
    pub seen: Option<i64>,
    /// What is to be done.
    pub deed: Deed,
    /// Who.
    pub who: String,
    /// Why; may be empty for an approval.
    pub reason: String,
    /// When.
    pub at: jiff::Timestamp,
    /// Whether this person may give the last word on a class that needs two.
    pub may_sign_last: bool,
}

impl Order {
    /// Returns the act of this order.
    #[must_use]
    pub fn act(&self) -> Act<'_> {
        Act { who: &self.who, at: self.at, reason: &self.reason }
    }
}

/// What came of an order.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is published.
    Published(Box<Advisory>),
    /// It waits, and for what.
    Waits(String),
    /// Its words were changed.
    Amended(Box<Advisory>),
    /// It is refused, or taken back.
    Ended(Box<Advisory>),
}

/// Why nothing was done.
#[derive(Debug)]
pub enum Refusal {
    /// Somebody else did something meanwhile: how it stands now.
    Changed {
        /// The advisory.
        advisory: Box<Advisory>,
        /// Its log.
        log: Vec<ReviewEvent>,
    },
    /// A rule of review said no.
    Rule(ReviewError),
    /// Something else failed.
    Fault(Box<dyn Fault>),
}
