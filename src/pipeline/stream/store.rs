//! Puts what the engine gave into the lake, in commits that know which records they cover.

use std::panic::resume_unwind;
use std::path::PathBuf;

use tokio::runtime::Builder;

use super::{Memory, Outputs, snapshot};
use crate::frames::{
    Forecast, Hour, Issue, Observation, TableSpec, forecasts, hours, issues, observations,
};
use crate::pipeline::PipelineError;
use crate::storage::upkeep::FILES_MIN;
use crate::storage::{Lake, MergeCounts, StorageError};

/// The name under which the lake's log notes how far the stream is stored.
const STREAM: &str = "muavu-stream";

/// Rows waiting to be stored, each with the number of the record it came from.
#[derive(Debug, Default)]
pub struct Pending {
    observations: Vec<(u64, Observation)>,
    hours: Vec<(u64, Hour)>,
    forecasts: Vec<(u64, Forecast)>,
    issues: Vec<(u64, Issue)>,
    old: Vec<Observation>,
    rows: usize,
}

/// What a flush stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stored {
    /// Rows of the stream's own tables.
    pub rows: usize,
    /// What became of readings older than the stream remembers.
    pub old: MergeCounts,
}

impl Pending {
    /// Takes over the rows one record gave.
    pub fn add(&mut self, number: u64, outputs: &mut Outputs) {
        self.rows += outputs.rows();
        self.observations.extend(outputs.observations.drain(..).map(|row| (number, row)));
        self.hours.extend(outputs.hours.drain(..).map(|row| (number, row)));
        self.forecasts.extend(outputs.forecasts.drain(..).map(|row| (number, row)));
        self.issues.extend(outputs.issues.drain(..).map(|row| (number, row)));
        self.old.append(&mut outputs.old);
    }

    /// Forgets the rows, which are stored, and keeps their room for the next: a list that grows
    /// anew is in memory twice each time it doubles.
    pub fn clear(&mut self) {
        self.observations.clear();
        self.hours.clear();
        self.forecasts.clear();
        self.issues.clear();
        self.old.clear();
        self.rows = 0;
    }

    /// Returns how many rows wait.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }
}

/// Where a stream stores: the lake and its own folder.
#[derive(Debug, Clone)]
pub struct Store {
    /// The lake.
    pub lake: Lake,
    /// The stream's folder in the home.
    pub folder: PathBuf,
}

impl Store {
    /// Stores `pending`, which holds all that the records up to `through` gave. Doing it again
    /// after a kill anywhere in between stores nothing twice.
    ///
    /// # Errors
    /// [`PipelineError::Storage`]; the rows must be given again then.
    pub async fn flush(&self, pending: &Pending, through: u64) -> Result<Stored, PipelineError> {
        let lake = &self.lake;
        let table = &observations::OBSERVATION;
        let mut rows = lake.append_through(table, STREAM, &pending.observations, through).await?;
        rows += lake.append_through(&hours::HOUR, STREAM, &pending.hours, through).await?;
        let table = &forecasts::FORECAST;
        rows += lake.append_through(table, STREAM, &pending.forecasts, through).await?;
        rows += lake.append_through(&issues::ISSUE, STREAM, &pending.issues, through).await?;
        // A merge knows by itself what is stored already.
        let old = lake.merge_observations(pending.old.clone()).await?;
        Ok(Stored { rows, old })
    }

    /// Keeps the memory, after everything it covers was stored.
    ///
    /// # Errors
    /// [`PipelineError::Memory`]; the old one stands then.
    pub fn remember(&self, memory: &Memory) -> Result<(), PipelineError> {
        snapshot::write(&self.folder, memory)
    }

    /// Returns the last record of which the lake holds anything.
    ///
    /// # Errors
    /// [`PipelineError::Storage`] when the lake cannot be read.
    pub async fn stored_through(&self) -> Result<u64, PipelineError> {
        let mut last = 0;
        for table in TABLES {
            last = last.max(self.lake.stored_through(table, STREAM).await?);
        }
        Ok(last)
    }

    /// Returns the journal's folder.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.folder.join("journal")
    }
}

/// The tables a stream writes.
const TABLES: [&TableSpec; 4] =
    [&observations::OBSERVATION, &hours::HOUR, &forecasts::FORECAST, &issues::ISSUE];

/// A stream joins files up to this size (bytes): a partition gets a few dozen of them a day, and the
/// daily run joins those.
const LARGE: i64 = 4 << 20;

/// Joins the small files of the stream's tables while it goes on; returns how many.
///
/// It works on threads of its own that end with it: an allocator keeps for a thread what it freed
/// (`decisions/0009-stream.md`, "Memory").
///
/// # Errors
/// [`PipelineError::Storage`], also when another writer was faster; nothing is changed then.
pub async fn join_small_files(lake: &Lake) -> Result<usize, PipelineError> {
    let lake = lake.clone();
    let apart = move || match Builder::new_current_thread().build() {
        Ok(runtime) => runtime.block_on(join(&lake)),
        Err(source) => Err(no_thread(source).into()),
    };
    let ended = || std::thread::spawn(apart).join().unwrap_or_else(|panic| resume_unwind(panic));
    tokio::task::spawn_blocking(ended).await?
}

async fn join(lake: &Lake) -> Result<usize, PipelineError> {
    let mut joined = 0;
    for table in TABLES {
        joined += lake.compact(table, FILES_MIN, LARGE).await?.joined;
    }
    Ok(joined)
}

fn no_thread(source: std::io::Error) -> StorageError {
    StorageError::Path { doing: "start the threads of a join in", path: PathBuf::from("."), source }
}
