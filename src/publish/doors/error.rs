//! What the doors can refuse or fail at.

use crate::domain::{Fault, FaultKind};
use crate::storage::StorageError;

/// An error of the doors.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    Random,
    /// A password that cannot be taken; said to the person in Vietnamese.
    #[error("{0}")]
    Password(&'static str),
    /// A sign-in name that cannot be one.
    #[error(
        "{given:?} cannot be a sign-in name (2 to 32 of a-z, 0-9, dot, hyphen; not `engine`, not \
         `policy…`)"
    )]
    Name {
        /// The name as given.
        given: String,
    },
    /// An account that is there already.
    #[error("an account {given:?} is there already")]
    Taken {
        /// The name as given.
        given: String,
    },
    /// An identity that another account has.
    #[error("another account has this identity")]
    Held,
    /// Settings of the identity provider that cannot be used.
    #[error("the settings of [oidc] cannot be used: {}", .0.join("; "))]
    Oidc(Vec<String>),
    /// From the record store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Fault for DoorError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Random => FaultKind::Internal,
            Self::Password(_)
            | Self::Name { .. }
            | Self::Taken { .. }
            | Self::Held
            | Self::Oidc(_) => FaultKind::User,
            Self::Storage(inner) => inner.kind(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Held => Some(
                "take it away there first: muavu people list, then muavu people identity NAME \
                 --remove"
                    .to_owned(),
            ),
            Self::Oidc(_) => {
                Some("every key with its meaning and default: muavu doctor --settings".to_owned())
            }
            Self::Storage(inner) => inner.hint(),
            _ => None,
        }
    }
}
