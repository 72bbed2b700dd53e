//! Hourly summaries of readings, reopened when late ones come.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::spec::{Column, Kind, TableSpec};
use crate::domain::PlaceId;

/// Hourly summaries of what sensors read.
pub const HOUR: TableSpec = TableSpec {
    name: "hour",
    version: 1,
    meaning: "hourly summaries of usable readings; a late reading reopens its hour as a new revision",
    columns: &[
        Column::required("variable", Kind::Text, "name in the catalogue of variables"),
        Column::required("period", Kind::Text, "local year of valid_time"),
        Column::required("place", Kind::Text, "kind:id"),
        Column::required("valid_time", Kind::Time, "start of the hour"),
        Column::required("unit", Kind::Text, "the variable's canonical unit"),
        Column::required("n", Kind::Int, "usable readings in it"),
        Column::required("mean", Kind::Float, "their mean"),
        Column::required("min", Kind::Float, "the lowest"),
        Column::required("max", Kind::Float, "the highest"),
        Column::required("revision", Kind::Int, "0 when the hour closed, then 1, 2, …"),
        Column::required("cause", Kind::Text, "closed, late or corrected"),
        Column::required("available_at", Kind::Time, "when this revision could be known"),
    ],
    key: &["variable", "place", "valid_time", "revision"],
    partition_by: &["variable", "period"],
};

/// A row of [`HOUR`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the columns of HOUR say what each field means")]
pub struct Hour {
    pub variable: Arc<str>,
    pub period: Arc<str>,
    pub place: PlaceId,
    pub valid_time: Timestamp,
    pub unit: Arc<str>,
    pub n: i64,
    pub mean: f64,
    pub min: f64,
    pub max: f64,
    pub revision: i64,
    pub cause: Arc<str>,
    pub available_at: Timestamp,
}
