//! The documents rules rest on: who issued them, and how far they can be trusted.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::AdvisoryError;

/// The documents as they are shipped.
const EMBEDDED: &str = include_str!("sources.toml");

/// How far a figure can be trusted, best first (the marks of the agronomy notes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Read in the issuing authority's own document.
    Official,
    /// Read in the named source.
    Sourced,
    /// Read only where somebody else quotes the source.
    Secondary,
    /// Computed, or read into words, from a sourced figure; the reading is stated.
    Derived,
    /// General knowledge, no source found: drafts only.
    Unverified,
}

impl Confidence {
    /// Returns the name used in rule files and in `sources`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Sourced => "sourced",
            Self::Secondary => "secondary",
            Self::Derived => "derived",
            Self::Unverified => "unverified",
        }
    }
}

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Who issued it, in its own language.
    pub issuer: String,
    /// What it is, in its own language.
    pub document: String,
    /// Its number, where it has one.
    pub number: Option<String>,
    /// Its date, where it is known.
    pub date: Option<Date>,
    /// Where the figure was read.
    pub seen_in: String,
    /// The same in Vietnamese, where it is more than an address.
    pub seen_vi: Option<String>,
    /// How far it can be trusted.
    pub confidence: Confidence,
    /// How it is named to a Vietnamese reader, without its date.
    pub cite_vi: String,
    /// How it is named to an English reader, without its date.
    pub cite_en: String,
}

impl Source {
    /// Returns issuer, document, number and date in one line, for `sources`.
    #[must_use]
    pub fn line(&self) -> String {
        let number = self.number.as_deref().map(|n| format!(" {n}")).unwrap_or_default();
        let date = self.date.map_or_else(|| "undated".to_owned(), |d| d.to_string());
        format!("{}, {}{number}, {date}, read in {}", self.issuer, self.document, self.seen_in)
    }

    /// Returns the same line in Vietnamese, by the name that Vietnamese readers know it by.
    #[must_use]
    pub fn line_vi(&self) -> String {
        let day = |d: Date| d.strftime("%d/%m/%Y").to_string();
        let date = self.date.map_or_else(|| "không rõ ngày".to_owned(), day);
        let seen = self.seen_vi.as_ref().unwrap_or(&self.seen_in);
        format!("{}, {date}, đọc ở: {seen}", self.cite_vi)
    }
}

/// All documents by their short name.
pub type Sources = BTreeMap<String, Source>;

/// Returns the documents shipped with the program.
///
/// # Errors
/// [`AdvisoryError::Rule`] when the shipped file is broken (a test keeps it whole).
pub fn shipped() -> Result<Sources, AdvisoryError> {
    toml::from_str(EMBEDDED)
        .map_err(|e| AdvisoryError::Rule { file: "sources.toml".into(), reason: e.to_string() })
}
