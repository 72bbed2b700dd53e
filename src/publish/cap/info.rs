//! What an alert says, in one language.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Area, Category, DateTime, Emphasis, Language, ResponseType};

/// A name and a value under it, as in `eventCode`, `parameter` and `geocode`. Names that are
/// acronyms are written in capitals without stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedValue {
    /// Which value: a parameter's name ends in its unit, for example `salinity_max_g_l_p90`.
    pub value_name: String,
    /// The value.
    pub value: String,
}

impl NamedValue {
    /// Returns the value under this name.
    pub fn new(value_name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { value_name: value_name.into(), value: value.into() }
    }
}

/// An `info` of CAP. The infos of an alert say the same in different languages.
///
/// Texts are plain: no HTML; they may have several lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Info {
    /// The language.
    pub language: Language,
    /// Categories of the event, at least one.
    pub categories: Vec<Category>,
    /// The event in words, for example "Xâm nhập mặn".
    pub event: String,
    /// What recipients are to do.
    pub response_types: Vec<ResponseType>,
    /// How soon, how grave and how sure.
    pub emphasis: Emphasis,
    /// Whom it is meant for.
    pub audience: Option<String>,
    /// Codes of the event.
    pub event_codes: Vec<NamedValue>,
    /// From when the information holds; without it from `sent` on.
    pub effective: Option<DateTime>,
    /// When the event is expected to begin; may lie after `expires`, which is the information's
    /// end and not the event's.
    pub onset: Option<DateTime>,
    /// Until when the information holds. CAP leaves it open to omit it; we never do, since what does
    /// not expire stays on a receiver's screen for ever.
    pub expires: DateTime,
    /// The issuer's name, for people.
    pub sender_name: Option<String>,
    /// One line, as direct and actionable as may be; about 160 characters (CAP, `headline`).
    pub headline: String,
    /// The event at length.
    pub description: Option<String>,
    /// What to do.
    pub instruction: Option<String>,
    /// A page with more, absolute.
    pub web: Option<Url>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// Numbers that systems may want.
    pub parameters: Vec<NamedValue>,
    /// Where, at least one.
    pub areas: Vec<Area>,
}
