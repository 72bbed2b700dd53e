//! The tables rooms talk through: one constant schema each, checked when written and when read.
//!
//! A table is described once by a [`TableSpec`] (columns with unit and meaning, key, version) and
//! once by a row struct with the same field names. [`to_batch`] and [`from_batch`] cross between
//! rows and Arrow; [`check`] is called before every write and after every read (a pair assertion).
//! Polars frames are made from Arrow batches by [`bridge`], without copying.

pub mod advice;
pub mod alarms;
pub mod bridge;
pub mod checks;
pub mod forecasts;
pub mod hours;
pub mod issues;
pub mod observations;
pub mod spec;

pub use advice::{
    Advisory, AdvisoryState, Evidence, PlannedWork, ReadFrom, ReviewEvent, SetAside, WeekPlan,
    Wording,
};
pub use alarms::{AlarmChange, WordedChange};
pub use checks::{Keys, check};
pub use forecasts::{Forecast, Score};
pub use hours::Hour;
pub use issues::Issue;
pub use observations::{Guidance, Observation, Place};
pub use spec::{Column, Kind, TableSpec, convert, from_batch, to_batch};

/// A table that is not what its schema promises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A column is missing, extra, or of another type.
    #[error("table {table}: column {column:?} is {found}, the schema says {expected}")]
    Schema {
        /// The table's name.
        table: &'static str,
        /// The column's name.
        column: String,
        /// What was found.
        found: String,
        /// What the schema says.
        expected: String,
    },
    /// A cell is empty or not finite where that is not allowed.
    #[error("table {table}: row {row} has no usable {column} (empty or not finite)")]
    Missing {
        /// The table's name.
        table: &'static str,
        /// The column's name.
        column: &'static str,
        /// The row, counted from 0.
        row: usize,
    },
    /// Two rows share the key.
    #[error("table {table}: rows {first} and {second} have the same key ({key})")]
    Duplicate {
        /// The table's name.
        table: &'static str,
        /// The key's values.
        key: String,
        /// The earlier row, counted from 0.
        first: usize,
        /// The later row, counted from 0.
        second: usize,
    },
    /// Rows could not be turned into columns or back.
    #[error("table {table}: rows and columns do not convert: {reason}")]
    Convert {
        /// The table's name.
        table: &'static str,
        /// What the converter said.
        reason: String,
    },
}

impl crate::domain::Fault for FrameError {
    fn kind(&self) -> crate::domain::FaultKind {
        crate::domain::FaultKind::Internal
    }
}
