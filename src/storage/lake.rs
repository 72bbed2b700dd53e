//! The lake: one Delta table for each spec, committed atomically, readable by any engine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake::kernel::{Action, Add, StructType, Transaction};
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::writer::{DeltaWriter, RecordBatchWriter};
use deltalake::{DeltaTable, DeltaTableBuilder, DeltaTableError};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use serde::Serialize;
use url::Url;

use super::StorageError;
use super::read::BATCH_ROWS;
use super::upkeep::KEEP_DAYS;
use crate::frames::{
    Keys, Kind, TableSpec, check, convert, forecasts, hours, issues, observations,
};

/// Every table of the lake.
pub const LAKE_TABLES: [&TableSpec; 7] = [
    &observations::OBSERVATION,
    &hours::HOUR,
    &observations::GUIDANCE,
    &observations::PLACE,
    &forecasts::FORECAST,
    &forecasts::SCORE,
    &issues::ISSUE,
];

/// Zstandard level 3: the library's default, a third smaller than Snappy at the same read speed.
const ZSTD_LEVEL: i32 = 3;

/// Commits after which a table's log is summed up in one file. Whoever opens the table reads each
/// commit since, one file and 1.4 MB of memory a commit; the library does it every 100, Spark every 10.
const CHECKPOINT_EVERY: usize = 20;

/// The tables under one folder.
#[derive(Debug, Clone)]
pub struct Lake {
    root: PathBuf,
    pinned: Arc<BTreeMap<String, u64>>,
}

impl Lake {
    /// Returns the lake under `root`, making the folder when it is absent.
    ///
    /// # Errors
    /// [`StorageError::Path`] when the folder cannot be made.
    pub fn open(root: &Path) -> Result<Self, StorageError> {
        let failed = |source| StorageError::Path {
            doing: "make the lake folder",
            path: root.to_owned(),
            source,
        };
        std::fs::create_dir_all(root).map_err(failed)?;
        let root = root.canonicalize().map_err(failed)?;
        Ok(Self { root, pinned: Arc::default() })
    }

    /// Returns the same lake as it stood at these table versions (exact replay).
    #[must_use]
    pub fn pinned(&self, versions: BTreeMap<String, u64>) -> Self {
        Self { root: self.root.clone(), pinned: Arc::new(versions) }
    }

    /// Returns the newest version of each table that exists.
    ///
    /// # Errors
    /// [`StorageError::Lake`] when a table's log cannot be read.
    pub async fn versions(&self) -> Result<BTreeMap<String, u64>, StorageError> {
        let mut versions = BTreeMap::new();
        for spec in LAKE_TABLES {
            if let Some(version) = self.table(spec).await?.and_then(|t| t.version()) {
                versions.insert(spec.name.to_owned(), version);
            }
        }
        Ok(versions)
    }

    /// Appends rows as one commit: readers see all of them or none. No rows, no commit.
    ///
    /// # Errors
    /// [`StorageError::Frame`] when rows break the schema, [`StorageError::Lake`] when the commit
    /// fails; nothing is visible then.
    pub async fn append<T: Serialize>(
        &self,
        spec: &'static TableSpec,
        rows: &[T],
    ) -> Result<(), StorageError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.append_batch(spec, convert(spec, rows)?).await
    }

    /// Appends one batch as one commit.
    ///
    /// # Errors
    /// As [`Lake::append`].
    pub async fn append_batch(
        &self,
        spec: &'static TableSpec,
        batch: RecordBatch,
    ) -> Result<(), StorageError> {
        check(spec, &batch)?;
        let table = self.table_or_new(spec).await?;
        let adds = write_files(&table, spec, batch).await.map_err(failed(spec, "write files"))?;
        commit(&table, adds, append_of(spec)).await.map_err(failed(spec, "commit"))
    }

    /// Appends the rows of a stream's records that are not stored yet, as one commit that also
    /// notes the last record: storing the same records twice stores them once.
    ///
    /// `rows` carry the number of the record they came from; `through` is the last record of which
    /// `stream` has nothing more to store. Returns how many rows were new.
    ///
    /// # Errors
    /// As [`Lake::append`].
    pub async fn append_through<T: Serialize>(
        &self,
        spec: &'static TableSpec,
        stream: &str,
        rows: &[(u64, T)],
        through: u64,
    ) -> Result<usize, StorageError> {
        if rows.is_empty() {
            return Ok(0);
        }
        let table = self.table_or_new(spec).await?;
        let stored = stored_through(&table, stream).await.map_err(failed(spec, "read its log"))?;
        let fresh: Vec<&T> = rows.iter().filter(|(n, _)| *n > stored).map(|(_, row)| row).collect();
        if fresh.is_empty() {
            return Ok(0);
        }
        let (adds, written) = write_first_of_each(&table, spec, &fresh).await?;
        let mut actions: Vec<Action> = adds.into_iter().map(Action::Add).collect();
        let version = i64::try_from(through).unwrap_or(i64::MAX);
        actions.push(Action::Txn(Transaction::new(stream, version)));
        commit(&table, actions, append_of(spec)).await.map_err(failed(spec, "commit"))?;
        Ok(written)
    }

    /// Returns the last record of `stream` that `spec` holds, 0 when it holds none.
    ///
    /// # Errors
    /// [`StorageError::Lake`] when the table's log cannot be read.
    pub async fn stored_through(
        &self,
        spec: &'static TableSpec,
        stream: &str,
    ) -> Result<u64, StorageError> {
        match self.table(spec).await? {
            Some(table) => stored_through(&table, stream).await.map_err(failed(spec, "read")),
            None => Ok(0),
        }
    }

    /// Returns the folder of a table's log (Delta protocol).
    pub(super) fn log_folder(&self, spec: &'static TableSpec) -> PathBuf {
        self.root.join(spec.name).join("_delta_log")
    }

    /// Returns the table, or `None` when nothing was ever written to it.
    pub(super) async fn table(
        &self,
        spec: &'static TableSpec,
    ) -> Result<Option<DeltaTable>, StorageError> {
        let folder = self.root.join(spec.name);
        if !self.log_folder(spec).is_dir() {
            return Ok(None);
        }
        let open = async {
            let builder = DeltaTableBuilder::from_url(url(&folder)?)?;
            match self.pinned.get(spec.name) {
                Some(version) => builder.with_version(*version).load().await,
                None => builder.load().await,
            }
        };
        match open.await {
            Ok(table) => Ok(Some(table)),
            Err(DeltaTableError::NotATable(_)) => Ok(None),
            Err(error) => Err(failed(spec, "open")(error)),
        }
    }

    async fn table_or_new(&self, spec: &'static TableSpec) -> Result<DeltaTable, StorageError> {
        if let Some(table) = self.table(spec).await? {
            return Ok(table);
        }
        let folder = self.root.join(spec.name);
        std::fs::create_dir_all(&folder).map_err(|source| StorageError::Path {
            doing: "make the table folder",
            path: folder.clone(),
            source,
        })?;
        create(&folder, spec).await.map_err(failed(spec, "create"))
    }
}

fn append_of(spec: &TableSpec) -> DeltaOperation {
    DeltaOperation::Write {
        mode: SaveMode::Append,
        partition_by: Some(spec.partition_by.iter().map(ToString::to_string).collect()),
        predicate: None,
    }
}

/// Returns the last record of `stream` that the table holds, 0 when none.
async fn stored_through(table: &DeltaTable, stream: &str) -> Result<u64, DeltaTableError> {
    let log = table.log_store();
    let version = table.snapshot()?.transaction_version(log.as_ref(), stream).await?;
    Ok(version.and_then(|v| u64::try_from(v).ok()).unwrap_or(0))
}

pub(super) fn failed(
    table: &'static TableSpec,
    doing: &'static str,
) -> impl Fn(DeltaTableError) -> StorageError {
    move |source| StorageError::Lake { table: table.name, doing, source: Box::new(source) }
}

fn url(folder: &Path) -> Result<Url, DeltaTableError> {
    Url::from_directory_path(folder)
        .map_err(|()| DeltaTableError::InvalidTableLocation(folder.display().to_string()))
}

async fn create(folder: &Path, spec: &TableSpec) -> Result<DeltaTable, DeltaTableError> {
    use deltalake::kernel::engine::arrow_conversion::TryIntoKernel as _;
    let schema: StructType = spec.schema().as_ref().try_into_kernel()?;
    let table = DeltaTableBuilder::from_url(url(folder)?)?.build()?;
    // The log knows a commit, and a file that was let go, a day longer than the upkeep keeps the file.
    // Whoever opens the table lists the log and reads those names.
    let log_kept = format!("interval {} days", KEEP_DAYS + 1);
    let properties = [
        ("muavu.version", spec.version.to_string()),
        ("delta.checkpointInterval", CHECKPOINT_EVERY.to_string()),
        ("delta.deletedFileRetentionDuration", log_kept.clone()),
        ("delta.logRetentionDuration", log_kept),
    ];
    table
        .create()
        .with_table_name(spec.name)
        .with_comment(spec.meaning)
        .with_columns(schema.fields().cloned())
        .with_partition_columns(spec.partition_by.iter().copied())
        .with_configuration(properties.map(|(name, value)| (name.to_owned(), Some(value))))
        .with_raise_if_key_not_exists(false)
        .await
}

/// Writes the rows of one batch as Parquet files, one or more for each partition, uncommitted.
async fn write_files(
    table: &DeltaTable,
    spec: &TableSpec,
    batch: RecordBatch,
) -> Result<Vec<Action>, DeltaTableError> {
    let mut writer = writer(table, spec)?;
    writer.write(batch).await?;
    Ok(writer.flush().await?.into_iter().map(Action::Add).collect())
}

/// Writes rows as Parquet files, uncommitted, a few at a time so that a stream's memory stays level;
/// returns how many were written. Of rows with one key the first is kept: a stream cannot be sent back
/// to its sender, and one odd pair must not hold up all that come after it.
async fn write_first_of_each<T: Serialize>(
    table: &DeltaTable,
    spec: &'static TableSpec,
    rows: &[&T],
) -> Result<(Vec<Add>, usize), StorageError> {
    let failed = failed(spec, "write files");
    let mut writer = writer(table, spec).map_err(&failed)?;
    let (mut keys, mut written) = (Keys::of(spec), 0);
    for rows in rows.chunks(BATCH_ROWS) {
        let batch = keys.first_of_each(convert(spec, rows)?)?;
        written += batch.num_rows();
        writer.write(batch).await.map_err(&failed)?;
    }
    Ok((writer.flush().await.map_err(&failed)?, written))
}

/// Returns what makes Parquet files of batches, as all of a table's files are.
///
/// Times are kept as differences: a dictionary of times that are all different takes memory and then
/// gives up (the observations of the shared archive are 40 % smaller, a stream's 36 %).
pub(super) fn writer(
    table: &DeltaTable,
    spec: &TableSpec,
) -> Result<RecordBatchWriter, DeltaTableError> {
    let zstd = Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default());
    let times = spec.columns.iter().filter(|column| column.kind == Kind::Time);
    let properties = times.map(|column| ColumnPath::from(column.name)).fold(
        WriterProperties::builder().set_compression(zstd),
        |properties, time| {
            properties
                .set_column_dictionary_enabled(time.clone(), false)
                .set_column_encoding(time, Encoding::DELTA_BINARY_PACKED)
        },
    );
    Ok(RecordBatchWriter::for_table(table)?.with_writer_properties(properties.build()))
}

/// Commits actions as the table's next version, and sums up the log when it is time to.
pub(super) async fn commit(
    table: &DeltaTable,
    actions: Vec<Action>,
    operation: DeltaOperation,
) -> Result<(), DeltaTableError> {
    let snapshot = table.snapshot()?.snapshot();
    // What has expired is looked for by the upkeep: it means listing the whole log.
    let properties = CommitProperties::default().with_cleanup_expired_logs(Some(false));
    CommitBuilder::from(properties)
        .with_actions(actions)
        .build(Some(snapshot), table.log_store(), operation)
        .await?;
    Ok(())
}
