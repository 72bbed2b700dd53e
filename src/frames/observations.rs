//! What was measured or reported, what others forecast, and where the places are.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::spec::{Column, Kind, TableSpec};
use crate::domain::{PlaceId, QcFlags, Variable, time};

/// Any measured or reported number.
pub const OBSERVATION: TableSpec = TableSpec {
    name: "observation",
    version: 1,
    meaning: "any measured or reported number; values are flagged, never overwritten; a correction is a new revision",
    columns: &[
        Column::required("variable", Kind::Text, "name in the catalogue of variables"),
        Column::required(
            "period",
            Kind::Text,
            "local year of valid_time, or all for monthly and longer steps",
        ),
        Column::required("place", Kind::Text, "kind:id"),
        Column::required("valid_time", Kind::Time, "start of the step the value is true for"),
        Column::required("source", Kind::Text, "who says so: kind.provider"),
        Column::required("value", Kind::Float, "the number, in the variable's canonical unit"),
        Column::required("unit", Kind::Text, "the variable's canonical unit"),
        Column::required("qc", Kind::Text, "quality flags, flag|flag, empty when nothing is odd"),
        Column::required("available_at", Kind::Time, "when anyone could have known it"),
        Column::required("ingested_at", Kind::Time, "when we stored it"),
        Column::required("revision", Kind::Int, "0 for the first value told, then 1, 2, …"),
    ],
    key: &["variable", "place", "valid_time", "source", "revision"],
    partition_by: &["variable", "period"],
};

/// A row of [`OBSERVATION`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Name in the catalogue of variables.
    pub variable: Arc<str>,
    /// Storage period, from [`period_of`].
    pub period: Arc<str>,
    /// Where.
    pub place: PlaceId,
    /// Start of the step the value is true for.
    pub valid_time: Timestamp,
    /// Who says so.
    pub source: Arc<str>,
    /// The number, in the variable's canonical unit.
    pub value: f64,
    /// The variable's canonical unit.
    pub unit: Arc<str>,
    /// Quality flags.
    pub qc: QcFlags,
    /// When anyone could have known it.
    pub available_at: Timestamp,
    /// When we stored it.
    pub ingested_at: Timestamp,
    /// 0 for the first value told, then 1, 2, …
    pub revision: i64,
}

/// Returns the storage period of a value: its local year for dense variables, else `all`.
///
/// Monthly, seasonal and yearly series would make a file of a dozen rows for each year
/// (`src/decisions/0003-partitions.md`).
#[must_use]
pub fn period_of(variable: &Variable, valid_time: Timestamp) -> Arc<str> {
    if variable.step.is_dense() {
        time::local_date(valid_time).year().to_string().into()
    } else {
        "all".into()
    }
}

/// Other people's forecasts, archived from the first day so that they can be verified.
pub const GUIDANCE: TableSpec = TableSpec {
    name: "guidance",
    version: 1,
    meaning: "other people's forecasts, archived so that they can be verified and corrected",
    columns: &[
        Column::required(
            "variable",
            Kind::Text,
            "name in the catalogue, or the provider's category",
        ),
        Column::required("period", Kind::Text, "local year of issued_at"),
        Column::required("place", Kind::Text, "kind:id"),
        Column::required("source", Kind::Text, "who says so: kind.provider[.model]"),
        Column::required(
            "issued_at",
            Kind::Time,
            "when the provider issued it, or when we fetched it if it does not say",
        ),
        Column::required("valid_time", Kind::Time, "start of the step it speaks of"),
        Column::required("member", Kind::Text, "ensemble member, empty for a single forecast"),
        Column::optional("value", Kind::Float, "the number, in the variable's canonical unit"),
        Column::optional("text", Kind::Text, "a category or code where there is no number"),
        Column::required("unit", Kind::Text, "the variable's canonical unit"),
        Column::required("available_at", Kind::Time, "when anyone could have known it"),
        Column::required("ingested_at", Kind::Time, "when we stored it"),
    ],
    key: &["variable", "place", "source", "issued_at", "valid_time", "member"],
    partition_by: &["variable", "period"],
};

/// A row of [`GUIDANCE`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Guidance {
    /// Name in the catalogue, or the provider's category.
    pub variable: Arc<str>,
    /// Local year of `issued_at`.
    pub period: Arc<str>,
    /// Where.
    pub place: PlaceId,
    /// Who says so.
    pub source: Arc<str>,
    /// When the provider issued it.
    pub issued_at: Timestamp,
    /// Start of the step it speaks of.
    pub valid_time: Timestamp,
    /// Ensemble member, empty for a single forecast.
    pub member: Arc<str>,
    /// The number, in the variable's canonical unit.
    pub value: Option<f64>,
    /// A category or code where there is no number.
    pub text: Option<String>,
    /// The variable's canonical unit.
    pub unit: Arc<str>,
    /// When anyone could have known it.
    pub available_at: Timestamp,
    /// When we stored it.
    pub ingested_at: Timestamp,
}

/// Places as their sources describe them.
pub const PLACE: TableSpec = TableSpec {
    name: "place",
    version: 1,
    meaning: "stations, gauges, communes and provinces as their sources describe them",
    columns: &[
        Column::required("kind", Kind::Text, "the part of place before the colon"),
        Column::required("place", Kind::Text, "kind:id"),
        Column::required("name", Kind::Text, "the source's own name"),
        Column::optional("lat", Kind::Float, "degrees north, WGS84"),
        Column::optional("lon", Kind::Float, "degrees east, WGS84"),
        Column::required("attributes", Kind::Text, "everything else the source says, as JSON"),
        Column::required("source", Kind::Text, "who says so"),
        Column::required("ingested_at", Kind::Time, "when we stored it"),
        Column::required("revision", Kind::Int, "0 for the first description, then 1, 2, …"),
    ],
    key: &["place", "source", "revision"],
    partition_by: &["kind"],
};

/// A row of [`PLACE`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The part of `place` before the colon.
    pub kind: Arc<str>,
    /// Which place.
    pub place: PlaceId,
    /// The source's own name.
    pub name: String,
    /// Degrees north, WGS84.
    pub lat: Option<f64>,
    /// Degrees east, WGS84.
    pub lon: Option<f64>,
    /// Everything else the source says, as JSON.
    pub attributes: String,
    /// Who says so.
    pub source: Arc<str>,
    /// When we stored it.
    pub ingested_at: Timestamp,
    /// 0 for the first description, then 1, 2, …
    pub revision: i64,
}
