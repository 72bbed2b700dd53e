//! Upkeep of the lake while others read it: small files are joined, old versions are let go.

use std::collections::{BTreeMap, HashMap};

use deltalake::DeltaTable;
use deltalake::kernel::{Action, Add, LogicalFileView};
use deltalake::operations::vacuum::VacuumMode;
use deltalake::protocol::DeltaOperation;
use deltalake::writer::DeltaWriter as _;

use super::lake::{commit, failed, writer};
use super::read::{Decoding, files};
use super::{Filter, LAKE_TABLES, Lake, StorageError};
use crate::frames::TableSpec;

/// A partition is joined when it holds at least this many files. A morning adds one file to each
/// partition it touches; eight keeps a year's partition under a day's reading cost.
pub const FILES_MIN: usize = 8;

/// A file of this size (bytes) is left alone: joining it again would only cost writing.
const LARGE: i64 = 64 << 20;

/// Files that were joined into others are kept for so many days: long enough for any reader. What was
/// known when is in the rows (`available_at`, `revision`), not in old versions of a table, and a stream
/// of five variables lets 15,000 files go a day.
pub(super) const KEEP_DAYS: i64 = 2;

/// What an upkeep did to one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Upkeep {
    /// Files joined into fewer.
    pub joined: usize,
    /// Files written in their place.
    pub written: usize,
    /// Unreferenced files deleted.
    pub deleted: usize,
}

impl Lake {
    /// Joins small files, deletes files that no kept version refers to and sums up the log, table by
    /// table.
    ///
    /// Readers are never disturbed: a join is one commit, and what it replaces stays on disk for
    /// [`KEEP_DAYS`] days.
    ///
    /// # Errors
    /// [`StorageError::Lake`] when a table cannot be read or committed; a lost race against
    /// another writer is such an error and leaves the table as it was.
    pub async fn upkeep(&self) -> Result<BTreeMap<&'static str, Upkeep>, StorageError> {
        let mut done = BTreeMap::new();
        for spec in LAKE_TABLES {
            let joined = self.compact(spec, FILES_MIN, LARGE).await?;
            let deleted = self.vacuum(spec, chrono_days(KEEP_DAYS)).await?;
            self.sum_up_log(spec).await?;
            done.insert(spec.name, Upkeep { deleted, ..joined });
        }
        Ok(done)
    }

    /// Joins the files of every partition that holds at least `files_min` which are not of `large`
    /// bytes; in memory are a few batches of rows and the file that is written, as it is on disk.
    ///
    /// # Errors
    /// As [`Lake::upkeep`].
    pub async fn compact(
        &self,
        spec: &'static TableSpec,
        files_min: usize,
        large: i64,
    ) -> Result<Upkeep, StorageError> {
        let Some(table) = self.table(spec).await? else { return Ok(Upkeep::default()) };
        let mut done = Upkeep::default();
        let mut actions = Vec::new();
        let partitions = small_files(spec, &table, large)?.into_values();
        let many = partitions.filter(|files| files.len() >= files_min);
        for group in many.flat_map(|files| groups(files, large)) {
            let adds = joined(&table, spec, &group).await?;
            done.joined += group.len();
            done.written += adds.len();
            actions.extend(adds.into_iter().map(keeps_data));
            actions.extend(group.iter().map(|f| Action::Remove(f.remove_action(false))));
        }
        if !actions.is_empty() {
            let operation = DeltaOperation::Optimize { predicate: None, target_size: large };
            commit(&table, actions, operation).await.map_err(failed(spec, "commit the join"))?;
        }
        Ok(done)
    }

    /// Deletes files that no version younger than `keep` refers to; returns how many.
    ///
    /// # Errors
    /// As [`Lake::upkeep`].
    pub async fn vacuum(
        &self,
        spec: &'static TableSpec,
        keep: chrono::Duration,
    ) -> Result<usize, StorageError> {
        let Some(table) = self.table(spec).await? else { return Ok(0) };
        let (_, metrics) = table
            .vacuum()
            .with_retention_period(keep)
            .with_enforce_retention_duration(false)
            // Also what a killed writer left, and what the log no longer names.
            .with_mode(VacuumMode::Full)
            .await
            .map_err(failed(spec, "vacuum"))?;
        Ok(metrics.files_deleted.len())
    }
}

/// Writes the rows of many files into one.
async fn joined(
    table: &DeltaTable,
    spec: &'static TableSpec,
    files: &[LogicalFileView],
) -> Result<Vec<Add>, StorageError> {
    let failed = failed(spec, "write files");
    let mut writer = writer(table, spec).map_err(&failed)?;
    for file in files {
        let mut decoding = Decoding::begin(table, spec, file).await?;
        while let Some(batch) = decoding.next().await? {
            writer.write(batch).await.map_err(&failed)?;
        }
    }
    writer.flush().await.map_err(&failed)
}

fn chrono_days(days: i64) -> chrono::Duration {
    chrono::Duration::days(days)
}

fn small_files(
    spec: &'static TableSpec,
    table: &DeltaTable,
    large: i64,
) -> Result<BTreeMap<Vec<String>, Vec<LogicalFileView>>, StorageError> {
    let mut groups: BTreeMap<Vec<String>, Vec<LogicalFileView>> = BTreeMap::new();
    for file in files(table, &Filter::all()).map_err(failed(spec, "list files"))? {
        if file.size() < large {
            groups.entry(partition_of(spec, &file.partition_values_map())).or_default().push(file);
        }
    }
    Ok(groups)
}

/// Returns the files of a partition in groups that make a large one, two or more each.
fn groups(mut files: Vec<LogicalFileView>, large: i64) -> Vec<Vec<LogicalFileView>> {
    files.sort_by_cached_key(|file| (file.size(), file.path().into_owned()));
    let mut groups: Vec<Vec<LogicalFileView>> = Vec::new();
    let mut bytes = large;
    for file in files {
        if bytes >= large {
            groups.push(Vec::new());
            bytes = 0;
        }
        bytes += file.size();
        if let Some(group) = groups.last_mut() {
            group.push(file);
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

fn partition_of(spec: &TableSpec, values: &HashMap<String, Option<String>>) -> Vec<String> {
    spec.partition_by
        .iter()
        .map(|c| values.get(*c).cloned().flatten().unwrap_or_default())
        .collect()
}

/// Marks an added file as holding rows that were there before, so that streams skip it.
fn keeps_data(mut add: Add) -> Action {
    add.data_change = false;
    Action::Add(add)
}
