//! What was quarantined and why, with the raw text: issues are rows too.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::spec::{Column, Kind, TableSpec};

/// What was quarantined and why.
pub const ISSUE: TableSpec = TableSpec {
    name: "issue",
    version: 1,
    meaning: "what was quarantined and why, with the raw text",
    columns: &[
        Column::required("source", Kind::Text, "who sent it: kind.provider"),
        Column::required("artefact", Kind::Text, "file or request it stood in"),
        Column::required(
            "row",
            Kind::Int,
            "data row counted from 1; 0 when it concerns the whole artefact",
        ),
        Column::required("place", Kind::Text, "kind:id, empty when unknown"),
        Column::required("time", Kind::Text, "time as written, empty when unknown"),
        Column::required("field", Kind::Text, "the provider's own name of the field"),
        Column::required("raw", Kind::Text, "the text as it came, at most 200 characters"),
        Column::required("reason", Kind::Text, "short stable word, for counting"),
        Column::required("detail", Kind::Text, "one sentence for a person"),
        Column::required("seen_at", Kind::Time, "when we met it"),
    ],
    key: &["source", "artefact", "row", "field", "reason", "raw"],
    partition_by: &["source"],
};

/// A row of [`ISSUE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Who sent it.
    pub source: Arc<str>,
    /// File or request it stood in.
    pub artefact: Arc<str>,
    /// Data row counted from 1; 0 when it concerns the whole artefact.
    pub row: i64,
    /// Where, empty when unknown.
    pub place: String,
    /// Time as written, empty when unknown.
    pub time: String,
    /// The provider's own name of the field.
    pub field: String,
    /// The text as it came, at most [`RAW_CHARS_MAX`] characters.
    pub raw: String,
    /// Short stable word, for counting.
    pub reason: Arc<str>,
    /// One sentence for a person.
    pub detail: String,
    /// When we met it.
    pub seen_at: Timestamp,
}

/// How much raw text an issue keeps: enough for any number or stamp, not for a whole page.
pub const RAW_CHARS_MAX: usize = 200;

/// Returns the beginning of a raw text, cut to [`RAW_CHARS_MAX`] characters.
#[must_use]
pub fn clip(raw: &str) -> String {
    raw.chars().take(RAW_CHARS_MAX).collect()
}
