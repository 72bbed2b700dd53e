//! What can go wrong with a panel file.

use std::path::{Path, PathBuf};

use crate::domain::{Fault, FaultKind};

/// An error of a panel file.
#[derive(Debug, thiserror::Error)]
pub enum PanelFileError {
    /// An extension nobody reads.
    #[error("{} is neither .csv nor .parquet", path.display())]
    Extension {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be opened or written.
    #[error("cannot {doing} {}", path.display())]
    Path {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is damaged, or not what its extension says.
    #[error("cannot read {}: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        reason: String,
    },
    /// A column that is not there.
    #[error("{} has no column {column:?} (given: {given})", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// The columns that are there.
        given: String,
    },
    /// A series with two labels where it can have one.
    #[error("{}: series {id:?} has two labels in {column}: {labels}", path.display())]
    Labels {
        /// The file.
        path: PathBuf,
        /// The series.
        id: String,
        /// The column.
        column: String,
        /// Both labels.
        labels: String,
    },
    /// A cell of a CSV file that is no number.
    #[error("{}, line {line}: {column} is {given:?}, which is not a number", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// The column.
        column: String,
        /// The cell.
        given: String,
    },
}

impl PanelFileError {
    pub(super) fn path(doing: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Path { doing, path: path.to_owned(), source }
    }

    pub(super) fn parquet(path: &Path, error: &dyn std::error::Error) -> Self {
        Self::Damaged { path: path.to_owned(), reason: error.to_string() }
    }

    pub(super) fn csv(path: &Path, error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(source) => Self::path("read", path, source),
            csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
                let line = pos.map_or(0, |pos| pos.line());
                let reason = format!("line {line} has {len} cells, the first line {expected_len}");
                Self::Damaged { path: path.to_owned(), reason }
            }
            csv::ErrorKind::Utf8 { pos, .. } => {
                let line = pos.map_or(0, |pos| pos.line());
                let reason = format!("line {line} is not UTF-8");
                Self::Damaged { path: path.to_owned(), reason }
            }
            other => Self::Damaged { path: path.to_owned(), reason: format!("{other:?}") },
        }
    }
}

impl Fault for PanelFileError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Extension { .. } | Self::Path { .. } | Self::Column { .. } => FaultKind::User,
            Self::Damaged { .. } | Self::Cell { .. } | Self::Labels { .. } => FaultKind::Data,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Extension { .. } => Some("name the file .csv or .parquet".to_owned()),
            Self::Cell { .. } => Some("leave the cell empty if the value is not known".to_owned()),
            _ => None,
        }
    }
}
