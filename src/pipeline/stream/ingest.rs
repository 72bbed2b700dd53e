//! The way in: messages are written to the journal in groups, synced, and only then acknowledged.

use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::storage::journal::{Arrival, Numbered, PAYLOAD_BYTES_MAX};
use crate::storage::{Journal, StorageError};

/// Messages that may wait to be written. With the sync of some milliseconds a group seldom holds
/// more than a hundred; beyond this the sources wait, and with them the broker.
const WAITING_MAX: usize = 4096;

/// A group is written when it holds this much: bigger ones sync no faster.
const GROUP_BYTES: usize = 4 << 20;

/// Why a message was not taken. It may be sent again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Larger than any sensor's message.
    #[error("the message has {bytes} bytes, at most {PAYLOAD_BYTES_MAX} are taken")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The disk is full or fails.
    #[error("it could not be kept: {reason}")]
    NotKept {
        /// What the disk said.
        reason: String,
    },
    /// The stream is stopping.
    #[error("the stream is stopping")]
    Stopping,
}

/// Says, when its message is on the disk, under which number it is.
pub type Kept = oneshot::Receiver<Result<u64, Refused>>;

struct Submission {
    arrival: Arrival,
    done: oneshot::Sender<Result<u64, Refused>>,
}

/// Where sources hand in what arrived.
#[derive(Debug, Clone)]
pub struct Ingest {
    to: mpsc::Sender<Submission>,
}

/// A way in that does not keep the stream running by itself.
#[derive(Debug, Clone)]
pub struct WeakIngest(mpsc::WeakSender<Submission>);

impl WeakIngest {
    /// Returns the way in while anybody else holds it.
    #[must_use]
    pub fn upgrade(&self) -> Option<Ingest> {
        self.0.upgrade().map(|to| Ingest { to })
    }
}

impl Ingest {
    /// Returns a way in that does not keep the stream running.
    #[must_use]
    pub fn downgrade(&self) -> WeakIngest {
        WeakIngest(self.to.downgrade())
    }

    /// Starts the writer of `journal`, which hands every kept record on to `engine`.
    ///
    /// # Errors
    /// [`StorageError::Path`] when no thread can be started.
    pub fn start(
        journal: Journal,
        engine: SyncSender<Vec<Numbered>>,
    ) -> Result<(Self, JoinHandle<()>), StorageError> {
        let (to, from) = mpsc::channel(WAITING_MAX);
        let writer = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write(journal, from, &engine))
            .map_err(|source| StorageError::Path {
                doing: "start the journal's thread in",
                path: PathBuf::from("."),
                source,
            })?;
        Ok((Self { to }, writer))
    }

    /// Hands in a message; waits while too many wait already. The answer comes when it is kept.
    ///
    /// # Errors
    /// [`Refused::TooLarge`] or [`Refused::Stopping`].
    pub async fn hand_in(
        &self,
        arrived_at: Timestamp,
        channel: String,
        payload: Vec<u8>,
    ) -> Result<Kept, Refused> {
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(Refused::TooLarge { bytes: payload.len() });
        }
        let (done, kept) = oneshot::channel();
        let arrival = Arrival { arrived_at, channel, payload };
        self.to.send(Submission { arrival, done }).await.map_err(|_| Refused::Stopping)?;
        Ok(kept)
    }

    /// Hands in a message and waits until it is kept; returns its number in the journal.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn keep(
        &self,
        arrived_at: Timestamp,
        channel: String,
        payload: Vec<u8>,
    ) -> Result<u64, Refused> {
        kept(self.hand_in(arrived_at, channel, payload).await?).await
    }

    /// Resolves when nothing is taken any more: the writer or the engine has ended by an error.
    pub async fn closed(&self) {
        self.to.closed().await;
    }

    /// Returns how many messages wait to be written.
    #[must_use]
    pub fn waiting(&self) -> usize {
        WAITING_MAX - self.to.capacity()
    }
}

/// Waits for the answer to a message that was handed in: its number in the journal.
///
/// # Errors
/// [`Refused`], also when the writer is gone.
pub async fn kept(kept: Kept) -> Result<u64, Refused> {
    kept.await.unwrap_or(Err(Refused::Stopping))
}

/// Writes until every source is gone.
fn write(
    mut journal: Journal,
    mut from: mpsc::Receiver<Submission>,
    engine: &SyncSender<Vec<Numbered>>,
) {
    while let Some(first) = from.blocking_recv() {
        let mut bytes = first.arrival.payload.len();
        let mut group = vec![first];
        while bytes < GROUP_BYTES
            && let Ok(next) = from.try_recv()
        {
            bytes += next.arrival.payload.len();
            group.push(next);
        }
        let (arrivals, done): (Vec<_>, Vec<_>) =
            group.into_iter().map(|s| (s.arrival, s.done)).unzip();
        let number = journal.next_number();
        let answer = journal.append(&arrivals).map_err(|error| {
            tracing::error!(%error, messages = arrivals.len(), "messages could not be kept");
            let source = std::error::Error::source(&error).map(ToString::to_string);
            Refused::NotKept { reason: source.unwrap_or_else(|| error.to_string()) }
        });
        for (number, done) in (number..).zip(done) {
            // A source that no longer waits for its answer will hand the message in again.
            let _gone = done.send(answer.clone().map(|()| number));
        }
        if answer.is_ok() {
            let numbered =
                (number..).zip(arrivals).map(|(number, arrival)| Numbered { number, arrival });
            if engine.send(numbered.collect()).is_err() {
                return;
            }
        }
    }
}
