//! What can go wrong in this room: a rule, a message, a calendar or an input that cannot be used.

use crate::domain::{Fault, FaultKind};

/// Why advice could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdvisoryError {
    /// A rule or source file is not what the schema says.
    #[error("rule file {file}: {reason}")]
    Rule {
        /// The file's name, without folder.
        file: String,
        /// What is wrong, with the value given and the values allowed.
        reason: String,
    },
    /// A message is missing, or is formatted with the wrong arguments.
    #[error("message {key:?} in {lang}: {reason}")]
    Message {
        /// The language's tag.
        lang: &'static str,
        /// The message's key.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// A line of the crop calendar cannot be read.
    #[error("crop calendar, line {line}: {reason}")]
    Calendar {
        /// The line, counted from 1 (the header).
        line: usize,
        /// What is wrong, with the value given and the values allowed.
        reason: String,
    },
    /// A commune's forecast cannot be used.
    #[error("salt outlook of commune {commune}: {reason}")]
    Outlook {
        /// The commune's code.
        commune: String,
        /// What is wrong.
        reason: String,
    },
    /// A reason for having no value that is not in the list.
    #[error("reason {given:?} is unknown; known are {known}")]
    Reason {
        /// The text as given.
        given: String,
        /// The known reasons, separated by commas.
        known: String,
    },
}

impl Fault for AdvisoryError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Rule { .. } | Self::Message { .. } => FaultKind::Internal,
            Self::Calendar { .. } | Self::Outlook { .. } | Self::Reason { .. } => FaultKind::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Rule { .. } => Some("run `muavu rules check` to see every broken rule".into()),
            _ => None,
        }
    }
}
