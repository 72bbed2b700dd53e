//! What CAP forbids, said so that it can be put right.

use std::fmt;

use super::{DateTime, Language, MsgType};
use crate::domain::{Fault, FaultKind};

/// One thing that an alert may not have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CapError {
    /// A name that would break a reference.
    #[error(
        "{element} {given:?} must have letters and no blanks, commas, < or & \
         (for example salt-29050-20261122)"
    )]
    Name {
        /// Which element.
        element: &'static str,
        /// The text as given.
        given: String,
    },
    /// A time that CAP cannot write.
    #[error("time {given} is not of the form 2026-11-22T07:00:00+07:00 (UTC is -00:00)")]
    Time {
        /// The time as given.
        given: String,
    },
    /// A text that names no message.
    #[error("reference {given:?} is not of the form sender,identifier,sent")]
    Reference {
        /// The text as given.
        given: String,
    },
    /// A point outside the earth.
    #[error("point {lat},{lon} is not a latitude within ±90 and a longitude within ±180 degrees")]
    Point {
        /// Degrees north as given.
        lat: f64,
        /// Degrees east as given.
        lon: f64,
    },
    /// Points that make no polygon.
    #[error("polygon of {points} points {reason}")]
    Polygon {
        /// How many were given.
        points: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// A circle without extent.
    #[error("radius {radius_km} km is not a number of at least 0.001")]
    Radius {
        /// The radius as given.
        radius_km: f64,
    },
    /// Odds outside 0 to 1.
    #[error("probability {given} is not within 0 to 1")]
    Probability {
        /// The number as given.
        given: f64,
    },
    /// Something that must be there has nothing readable in it.
    #[error("{element}{} is empty", in_language(*language))]
    Empty {
        /// Which element.
        element: &'static str,
        /// In which `info`.
        language: Option<Language>,
    },
    /// A list item that would end its own quotes.
    #[error("{element} {given:?} holds a double quote, which lists of names are quoted by")]
    Quote {
        /// Which element.
        element: &'static str,
        /// The text as given.
        given: String,
    },
    /// An area that only people can find.
    #[error("area {area_desc:?} has no polygon, no circle and no geocode")]
    Nowhere {
        /// Its words.
        area_desc: String,
    },
    /// Information that is over before it holds.
    #[error("info in {language} expires at {expires}, not after {element} {from}")]
    Expires {
        /// In which `info`.
        language: Language,
        /// When it expires.
        expires: DateTime,
        /// `sent` or `effective`.
        element: &'static str,
        /// When it holds from.
        from: DateTime,
    },
    /// A language twice.
    #[error("two infos are in {language}")]
    Twice {
        /// The language.
        language: Language,
    },
    /// Languages that do not say the same.
    #[error("info in {language} has another {element} than the first")]
    Disagrees {
        /// The language.
        language: Language,
        /// Which element.
        element: &'static str,
    },
    /// An update or a cancellation of nothing.
    #[error("{msg_type} refers to no earlier message")]
    RefersToNone {
        /// Its nature.
        msg_type: MsgType,
    },
    /// A message that refers to itself, or to one that is sent later.
    #[error("reference {reference} is not to an earlier message")]
    RefersAhead {
        /// The reference.
        reference: String,
    },
    /// A message that follows a cancellation: only a new alert may.
    #[error("{identifier} was a Cancel: nothing is left to update or cancel")]
    Cancelled {
        /// The cancellation.
        identifier: String,
    },
    /// A cancellation of what is over by itself.
    #[error("{identifier} expired at {expires}: nothing is left to cancel")]
    Expired {
        /// The message.
        identifier: String,
        /// When it expired.
        expires: DateTime,
    },
    /// A cancellation that is silent in a language of what it cancels.
    #[error("the cancellation has no words in {language}")]
    Wordless {
        /// The language.
        language: Language,
    },
}

fn in_language(language: Option<Language>) -> String {
    language.map_or(String::new(), |language| format!(" of info in {language}"))
}

impl Fault for CapError {
    fn kind(&self) -> FaultKind {
        match self {
            // The sender stands in the settings; a person cancels.
            Self::Name { element: "sender", .. }
            | Self::Cancelled { .. }
            | Self::Expired { .. } => FaultKind::User,
            _ => FaultKind::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Cancelled { .. } | Self::Expired { .. } => Some("send a new alert".to_owned()),
            _ => None,
        }
    }
}

/// Everything that an alert may not have, at once.
#[derive(Debug, Clone, PartialEq)]
pub struct CapErrors(pub Vec<CapError>);

impl fmt::Display for CapErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(CapError::to_string).collect();
        write!(f, "not a CAP alert: {}", all.join("; "))
    }
}

impl std::error::Error for CapErrors {}

impl Fault for CapErrors {
    fn kind(&self) -> FaultKind {
        FaultKind::Internal
    }
}
