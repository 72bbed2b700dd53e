//! What can go wrong with the lake and the record store.

use std::path::PathBuf;

use crate::domain::{Fault, FaultKind, Retry};
use crate::frames::FrameError;

/// An error of the storage room.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// A folder or file of the home cannot be used.
    #[error("cannot {doing} {}", path.display())]
    Path {
        /// What was tried.
        doing: &'static str,
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Another process holds the home.
    #[error("another muavu holds {} ({holder})", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// What the holder wrote of itself.
        holder: String,
    },
    /// A table of the lake cannot be read or written.
    #[error("lake table {table}: cannot {doing}")]
    Lake {
        /// The table's name.
        table: &'static str,
        /// What was tried.
        doing: &'static str,
        /// What the Delta library said.
        #[source]
        source: Box<deltalake::DeltaTableError>,
    },
    /// A data file of the lake cannot be read.
    #[error("lake table {table}: cannot read {file}: {reason}")]
    File {
        /// The table's name.
        table: &'static str,
        /// The file's path inside the table.
        file: String,
        /// What the reader said.
        reason: String,
    },
    /// A record of the journal is damaged.
    #[error("journal {} is damaged at byte {at} ({reason})", path.display())]
    Journal {
        /// The segment file.
        path: PathBuf,
        /// Where the damaged record begins.
        at: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// Rows do not fit their table.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The record store cannot be used.
    #[error("record store: cannot {doing}")]
    Records {
        /// What was tried.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: sea_orm::DbErr,
    },
    /// A sealed text cannot be sealed or opened; what it holds is not repeated.
    #[error("{what} cannot be sealed or opened with the keys of this home")]
    Sealed {
        /// The kind of text.
        what: &'static str,
    },
    /// A stored record is not what it promises to be.
    #[error("record store: {what} {id:?} cannot be read: {reason}")]
    Record {
        /// The kind of record.
        what: &'static str,
        /// Its id.
        id: String,
        /// What was wrong.
        reason: String,
    },
}

impl StorageError {
    /// Returns whether somebody else took the same key first.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        let Self::Records { source, .. } = self else { return false };
        matches!(source.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
    }
}

impl Fault for StorageError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Path { .. } | Self::Locked { .. } => FaultKind::User,
            Self::File { .. }
            | Self::Record { .. }
            | Self::Journal { .. }
            | Self::Sealed { .. } => FaultKind::Data,
            Self::Lake { .. } | Self::Frame(_) | Self::Records { .. } => FaultKind::Internal,
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Locked { .. } => Retry::Later,
            _ => Retry::No,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Locked { .. } => {
                Some("wait for it to finish, or name another home with --home".to_owned())
            }
            Self::Sealed { .. } => Some(
                "the keys in secrets/phones.key are not those it was sealed with: bring the file \
                 back from the backup"
                    .to_owned(),
            ),
            Self::Path { .. } => Some("check that the folder exists and may be written".to_owned()),
            Self::File { .. } => {
                Some("the lake is damaged there: restore it, or import the set again".to_owned())
            }
            Self::Journal { .. } => Some(
                "a disk fault: move that file away (records before it are in the lake), then start \
                 again and ask the loggers to send the gap"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}
