//! Importing an archive folder: read by the manifest, file by file, and merged into the lake.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::PipelineError;
use crate::domain::{QcFlag, Variables};
use crate::sources::Parsed;
use crate::sources::archive::{Manifest, SetReport, read_folder};
use crate::storage::{Lake, MergeCounts};

/// What an import did to one set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetImport {
    /// What was read.
    pub read: SetReport,
    /// What was stored.
    pub stored: MergeCounts,
}

/// What an import did: by set, in the order of their names.
pub type ImportReport = BTreeMap<String, SetImport>;

/// How rows are marked as they come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Measured or reported.
    Measured,
    /// Made by the sample generator: flagged, and its source renamed.
    Sample,
}

/// Imports the archive at `path` (a folder or one file) into `lake`.
///
/// Rows already known are left alone; a corrected value becomes a new revision. `progress` is
/// called with the share done (0 to 1) and the file coming next.
///
/// # Errors
/// [`PipelineError::Source`] when the path cannot be read at all, [`PipelineError::Storage`] when
/// the lake cannot be written. Nothing inside a file stops an import.
pub async fn import(
    lake: &Lake,
    path: &Path,
    manifest: &Manifest,
    origin: Origin,
    now: Timestamp,
    mut progress: impl FnMut(f64, &str),
) -> Result<ImportReport, PipelineError> {
    let catalogue = Variables::shipped()?;
    let mut folder = read_folder(path, manifest, &catalogue, now)?;
    let items = folder.items();
    let mut report = ImportReport::new();
    let mut done = 0;
    loop {
        progress(done as f64 / items as f64, folder.coming().unwrap_or(""));
        let Some(mut file) = tokio::task::block_in_place(|| folder.next()) else { break };
        if origin == Origin::Sample {
            mark_as_sample(&mut file.parsed);
        }
        let stored = store(lake, file.parsed).await?;
        let entry = report.entry(file.report.set.to_string()).or_default();
        if entry.read.set.is_empty() {
            entry.read.set = file.report.set.clone();
        }
        entry.read.merge(file.report);
        entry.stored = entry.stored.plus(stored);
        done += 1;
    }
    Ok(report)
}

/// Stores everything a parser returned.
///
/// # Errors
/// [`PipelineError::Storage`] when the lake cannot be written.
pub async fn store(lake: &Lake, parsed: Parsed) -> Result<MergeCounts, PipelineError> {
    let mut counts = lake.merge_observations(parsed.observations).await?;
    if !parsed.guidance.is_empty() {
        counts = counts.plus(lake.merge_guidance(parsed.guidance).await?);
    }
    if !parsed.places.is_empty() {
        counts = counts.plus(lake.merge_places(parsed.places).await?);
    }
    if !parsed.issues.is_empty() {
        lake.merge_issues(parsed.issues).await?;
    }
    Ok(counts)
}

/// Marks every observation as made up: a flag, and a source that nobody can mistake.
fn mark_as_sample(parsed: &mut Parsed) {
    for row in &mut parsed.observations {
        row.qc = row.qc.with(QcFlag::Sample);
        row.source = format!("sample.{}", row.source).into();
    }
    parsed.issues.clear();
    parsed.places.clear();
}
