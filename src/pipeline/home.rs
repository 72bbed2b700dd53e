//! The home folder: where all state of one installation lives.

use std::path::{Path, PathBuf};

use super::PipelineError;
use crate::storage::{HomeLock, Lake, ModelShelf, Records};

/// An opened home: lake, record store, and folders for what is published and archived.
#[derive(Debug)]
pub struct Home {
    /// The folder.
    pub root: PathBuf,
    /// The numbers.
    pub lake: Lake,
    /// Runs, advisories, reviews.
    pub records: Records,
    /// Fitted models.
    pub models: ModelShelf,
}

impl Home {
    /// Opens the home at `root`, made when absent. Readers need no more.
    ///
    /// # Errors
    /// [`PipelineError::Storage`] when the folder, the lake or the record store cannot be used.
    pub async fn open(root: &Path) -> Result<Self, PipelineError> {
        let lake = Lake::open(&root.join("lake"))?;
        let records = Records::open(&root.join("records.sqlite")).await?;
        Ok(Self { root: root.to_owned(), lake, records, models: ModelShelf::of(root) })
    }

    /// Opens the home and takes its lock, for everything that writes.
    ///
    /// # Errors
    /// As [`Home::open`], and [`crate::storage::StorageError::Locked`] when another writer is on.
    pub async fn open_to_write(root: &Path, who: &str) -> Result<(Self, HomeLock), PipelineError> {
        let lock = HomeLock::take(root, who)?;
        Ok((Self::open(root).await?, lock))
    }

    /// Returns the folder of published files.
    #[must_use]
    pub fn published(&self) -> PathBuf {
        self.root.join("published")
    }

    /// Returns the folder of raw answers of live sources.
    #[must_use]
    pub fn raw(&self) -> PathBuf {
        self.root.join("raw")
    }

    /// Returns the home of replayed mornings, so that the past is never mistaken for today.
    #[must_use]
    pub fn replays_root(&self) -> PathBuf {
        self.root.join("replays")
    }

    /// Returns the home of the sample, apart from everything measured.
    #[must_use]
    pub fn sample_root(&self) -> PathBuf {
        self.root.join("sample")
    }
}
