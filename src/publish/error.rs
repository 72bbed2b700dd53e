//! What can go wrong on the way out.

use std::path::PathBuf;

use crate::domain::{Fault, FaultKind};
use crate::storage::StorageError;

/// An error of the publish room.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The API cannot listen.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: std::net::SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A shipped table of places is broken.
    #[error("table of places {table}: {reason}")]
    Places {
        /// The table's file.
        table: &'static str,
        /// What was wrong.
        reason: String,
    },
    /// A document cannot be written as JSON.
    #[error("document cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// What is to be published cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Fault for PublishError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Write { .. } | Self::Listen { .. } => FaultKind::User,
            Self::Places { .. } | Self::Json(_) => FaultKind::Internal,
            Self::Storage(inner) => inner.kind(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Listen { .. } => Some(
                "another program may hold the port: name another with --listen or \
                 MUAVU__SERVE__LISTEN"
                    .to_owned(),
            ),
            Self::Storage(inner) => inner.hint(),
            _ => None,
        }
    }
}
