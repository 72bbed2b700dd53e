//! Upkeep of the lake while others read it: small files are joined, old versions are let go.

use std::collections::{BTreeMap, HashMap};

use arrow::compute::concat_batches;
use deltalake::DeltaTable;
use deltalake::kernel::{Action, LogicalFileView};
use deltalake::protocol::DeltaOperation;

use super::lake::{commit, failed, write_files};
use super::read::{files, read_file};
use super::{Filter, LAKE_TABLES, Lake, StorageError};
use crate::frames::TableSpec;

/// A partition is joined when it holds at least this many files. A morning adds one file to each
/// partition it touches; eight keeps a year's partition under a day's reading cost.
pub const FILES_MIN: usize = 8;

/// Files above this size (bytes) are left alone: joining them again only costs writing.
const FILE_BYTES_MAX: i64 = 64 << 20;

/// Versions older than this (days) are let go: long enough for any reader and for a week's
/// audit; the published forecasts themselves are rows and stay for ever.
const KEEP_DAYS: i64 = 30;

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
    /// Joins small files and deletes files that no kept version refers to, table by table.
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
            let joined = self.compact(spec, FILES_MIN, FILE_BYTES_MAX).await?;
            let deleted = self.vacuum(spec, chrono_days(KEEP_DAYS)).await?;
            done.insert(spec.name, Upkeep { deleted, ..joined });
        }
        Ok(done)
    }

    /// Joins the files of every partition that holds at least `files_min` below `bytes_max`.
    ///
    /// # Errors
    /// As [`Lake::upkeep`].
    pub async fn compact(
        &self,
        spec: &'static TableSpec,
        files_min: usize,
        bytes_max: i64,
    ) -> Result<Upkeep, StorageError> {
        let Some(table) = self.table(spec).await? else { return Ok(Upkeep::default()) };
        let mut done = Upkeep::default();
        let mut actions = Vec::new();
        for group in
            small_files(spec, &table, bytes_max)?.into_values().filter(|g| g.len() >= files_min)
        {
            let mut batches = Vec::new();
            for file in &group {
                batches.extend(read_file(&table, spec, file.clone()).await?);
            }
            let joined = concat_batches(&spec.schema(), &batches)
                .map_err(|e| failed(spec, "join files")(e.into()))?;
            let adds = write_files(&table, joined).await.map_err(failed(spec, "write files"))?;
            done.joined += group.len();
            done.written += adds.len();
            actions.extend(adds.into_iter().map(keeps_data));
            actions.extend(group.iter().map(|f| Action::Remove(f.remove_action(false))));
        }
        if !actions.is_empty() {
            let operation = DeltaOperation::Optimize { predicate: None, target_size: bytes_max };
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
            .await
            .map_err(failed(spec, "vacuum"))?;
        Ok(metrics.files_deleted.len())
    }
}

fn chrono_days(days: i64) -> chrono::Duration {
    chrono::Duration::days(days)
}

fn small_files(
    spec: &'static TableSpec,
    table: &DeltaTable,
    bytes_max: i64,
) -> Result<BTreeMap<Vec<String>, Vec<LogicalFileView>>, StorageError> {
    let mut groups: BTreeMap<Vec<String>, Vec<LogicalFileView>> = BTreeMap::new();
    for file in files(table, &Filter::all()).map_err(failed(spec, "list files"))? {
        if file.size() < bytes_max {
            groups.entry(partition_of(spec, &file.partition_values_map())).or_default().push(file);
        }
    }
    Ok(groups)
}

fn partition_of(spec: &TableSpec, values: &HashMap<String, Option<String>>) -> Vec<String> {
    spec.partition_by
        .iter()
        .map(|c| values.get(*c).cloned().flatten().unwrap_or_default())
        .collect()
}

/// Marks an added file as holding rows that were there before, so that streams skip it.
fn keeps_data(action: Action) -> Action {
    match action {
        Action::Add(mut add) => {
            add.data_change = false;
            Action::Add(add)
        }
        other => other,
    }
}
