//! What can go wrong while the steps are walked.

use std::path::PathBuf;

use super::stream::Refused;
use crate::advisory::AdvisoryError;
use crate::domain::geography::GeographyError;
use crate::domain::time::TimeError;
use crate::domain::variable::VariableError;
use crate::domain::{Fault, FaultKind, Retry};
use crate::features::FeatureError;
use crate::forecast::ForecastError;
use crate::publish::PublishError;
use crate::publish::channels::fanout::FanoutError;
use crate::review::ReviewError;
use crate::sources::SourceError;
use crate::sources::sensor::RegistryError;
use crate::sources::sensor::mqtt::BrokerError;
use crate::storage::StorageError;

/// An error of the pipeline: that of a room, or one of its own.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// A folder that cannot be used.
    #[error("cannot use the folder {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Nothing recent enough was known at the issue time.
    #[error("no station can be forecast on the morning of {day}: {newest}")]
    NothingKnown {
        /// The local day of the issue.
        day: String,
        /// What the newest value is.
        newest: String,
        /// Whether a past morning was asked for.
        replay: bool,
    },
    /// A target that has nothing to say on a morning.
    #[error("no {target} can be issued on the morning of {day}: {reason}")]
    NotIssued {
        /// The target.
        target: &'static str,
        /// The local day of the issue.
        day: String,
        /// Why.
        reason: String,
    },
    /// A place a target was not issued for.
    #[error("{target} is not issued for {given:?} on this morning")]
    NoSuchPlace {
        /// The target.
        target: &'static str,
        /// The place as given.
        given: String,
    },
    /// An advisory that is not stored here.
    #[error("no advisory has the id {given:?}")]
    NoAdvisory {
        /// The id as given.
        given: String,
    },
    /// Somebody else did something with the advisory at the same moment.
    #[error("somebody else did something with advisory {advisory} at the same moment")]
    Changed {
        /// The advisory.
        advisory: String,
    },
    /// An account that is not stored here.
    #[error("no account has the name {given:?}")]
    NoAccount {
        /// The name as given.
        given: String,
    },
    /// A shipped table is not what its reader needs.
    #[error("{table} is broken: {reason}")]
    Reference {
        /// The table's file.
        table: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// What the stream remembers cannot be kept or read back.
    #[error("the stream's memory {} cannot be used: {reason}", path.display())]
    Memory {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A recording that cannot be played.
    #[error("{} cannot be played: {reason}", path.display())]
    Recording {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// No place has hourly readings in the window asked for.
    #[error(
        "no place has trusted conductivity readings of two days, up to the last hour, in what was asked for"
    )]
    NothingHourly,
    /// A commune whose water no probe tells.
    #[error(
        "no probe tells the water of {given:?}: devices.toml names the communes a device stands for \
         (communes = [\"28777\"])"
    )]
    NoProbe {
        /// The commune as given.
        given: String,
    },
    /// A message the stream did not take.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// No stream answers.
    #[error("no stream answers at {address}: {reason}")]
    NoStream {
        /// Where it was looked for.
        address: String,
        /// What the connection said.
        reason: String,
    },
    /// An alarm that is not stored here.
    #[error("no alarm has the id {given:?}")]
    NoAlarm {
        /// The id as given.
        given: String,
    },
    /// Work on another thread was lost.
    #[error("work on another thread was lost: {0}")]
    Thread(#[from] tokio::task::JoinError),
    /// From the storage room.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// From the sources room.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The sensors' registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// From the features room.
    #[error(transparent)]
    Feature(#[from] FeatureError),
    /// From the forecast room.
    #[error(transparent)]
    Forecast(#[from] ForecastError),
    /// From the advisory room.
    #[error(transparent)]
    Advisory(#[from] AdvisoryError),
    /// From the review room.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// From the publish room.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// From the channels.
    #[error(transparent)]
    Fanout(#[from] FanoutError),
    /// The settings of the broker.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// A delivery that is not stored here.
    #[error("the outbox holds nothing of {given:?}")]
    NoDelivery {
        /// The id as given.
        given: String,
    },
    /// A shipped catalogue is broken.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// A shipped table of places is broken.
    #[error(transparent)]
    Geography(#[from] GeographyError),
    /// A day outside the calendar.
    #[error(transparent)]
    Time(#[from] TimeError),
}

impl PipelineError {
    fn inner(&self) -> Option<&dyn Fault> {
        match self {
            Self::Storage(e) => Some(e),
            Self::Source(e) => Some(e),
            Self::Registry(e) => Some(e),
            Self::Feature(e) => Some(e),
            Self::Forecast(e) => Some(e),
            Self::Advisory(e) => Some(e),
            Self::Review(e) => Some(e),
            Self::Publish(e) => Some(e),
            Self::Fanout(e) => Some(e),
            Self::Broker(e) => Some(e),
            _ => None,
        }
    }
}

impl Fault for PipelineError {
    fn kind(&self) -> FaultKind {
        match (self.inner(), self) {
            (Some(inner), _) => inner.kind(),
            (None, Self::NothingKnown { replay: false, .. }) => FaultKind::Upstream,
            (
                None,
                Self::Folder { .. }
                | Self::NothingKnown { .. }
                | Self::NotIssued { .. }
                | Self::NoSuchPlace { .. }
                | Self::NoAdvisory { .. }
                | Self::NoProbe { .. }
                | Self::Changed { .. }
                | Self::NoAccount { .. }
                | Self::Recording { .. }
                | Self::Refused(_)
                | Self::NoStream { .. }
                | Self::NoAlarm { .. }
                | Self::NoDelivery { .. }
                | Self::NothingHourly
                | Self::Time(_),
            ) => FaultKind::User,
            (None, _) => FaultKind::Internal,
        }
    }

    fn retry(&self) -> Retry {
        self.inner().map_or(Retry::No, Fault::retry)
    }

    fn hint(&self) -> Option<String> {
        if let Self::NothingKnown { replay, .. } = self {
            return Some(match replay {
                true => "import an archive that covers that day: muavu import PATH".to_owned(),
                false => {
                    "import the newest station readings (muavu import PATH), or replay a past \
                          morning with --as-of"
                        .to_owned()
                }
            });
        }
        if let Self::NotIssued { .. } = self {
            let hint = "import an archive that covers the days before (muavu import PATH), or take a \
                        past morning with --as-of";
            return Some(hint.to_owned());
        }
        if let Self::NoSuchPlace { target, .. } = self {
            return Some(format!("see every place: muavu forecast {target} --format csv"));
        }
        if let Self::NoAdvisory { .. } = self {
            return Some("list what waits: muavu review list".to_owned());
        }
        match self {
            Self::Changed { .. } => Some("look at it again: muavu review show ID".to_owned()),
            Self::NoAccount { .. } => Some("list the accounts: muavu people list".to_owned()),
            Self::NoDelivery { .. } => Some("list what was sent: muavu outbox list".to_owned()),
            _ => self.inner().and_then(Fault::hint),
        }
    }
}
