//! What can be wrong with a panel as a whole, or with what is asked of it.

use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use crate::domain::{Fault, FaultKind};

/// An error of the engine. What is wrong with one series is a `Refusal` of that series instead.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A column the panel must have.
    #[error("column {name:?} is missing (given: {given})")]
    Column {
        /// The column.
        name: &'static str,
        /// The columns that are there.
        given: String,
    },
    /// A column of a type that cannot be what it should be.
    #[error("column {name:?} is {given}, which is not {wanted}")]
    ColumnType {
        /// The column.
        name: String,
        /// Its type.
        given: DataType,
        /// What would do.
        wanted: &'static str,
    },
    /// A step nobody knows.
    #[error(
        "step {given:?} is unknown (allowed: s, min, h, D, B, W, MS, QS, YS, each with a count before it, or a whole number)"
    )]
    Freq {
        /// As given.
        given: String,
    },
    /// Something asked that cannot be answered.
    #[error("{what} is {given}, allowed: {allowed}")]
    Ask {
        /// The setting.
        what: &'static str,
        /// As given.
        given: String,
        /// What would do.
        allowed: String,
    },
    /// No row at all.
    #[error("the panel has no rows")]
    Empty,
    /// The rows of a series do not stand together, so the panel cannot be streamed.
    #[error("the rows of series {id} do not stand together")]
    Scattered {
        /// The first such series.
        id: String,
    },
    /// Arrow refused a column.
    #[error("a column cannot be read")]
    Arrow(#[from] ArrowError),
    /// A stored model that this build cannot read.
    #[error("stored models cannot be read: {reason}")]
    Format {
        /// Why not.
        reason: String,
    },
    /// New rows that do not continue the stored series.
    #[error("series {id} cannot be updated: {reason}")]
    Update {
        /// The series.
        id: String,
        /// Why not.
        reason: String,
    },
    /// A summing structure that is none.
    #[error("the summing structure is wrong: {reason}")]
    Structure {
        /// What is wrong.
        reason: String,
    },
}

impl Fault for EngineError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Freq { .. } | Self::Ask { .. } | Self::Structure { .. } => FaultKind::User,
            Self::Arrow(_) => FaultKind::Internal,
            _ => FaultKind::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Column { .. } => "a panel has the columns unique_id, ds and y, one row a step",
            Self::ColumnType { .. } => "ds may be dates, timestamps or whole numbers, y numbers",
            Self::Scattered { .. } => "sort the file by unique_id, or leave out --stream",
            Self::Format { .. } => "fit again: muavu forecast --panel FILE --save MODELS",
            _ => return None,
        };
        Some(text.to_owned())
    }
}
