//! Reading tables: partitions are pruned by name, files are read in parallel, batches are checked.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::compute::cast;
use bytes::Bytes;
use deltalake::DeltaTable;
use deltalake::kernel::LogicalFileView;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::ObjectStoreExt as _;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

use super::{Lake, StorageError};
use crate::frames::{FrameError, TableSpec, check, from_batch};

/// Files read at once: enough to hide the store's latency, few enough for a small machine.
const FILES_AT_ONCE: usize = 8;

/// Rows decoded or encoded at once (DataFusion's default): what is in memory of a file under way.
pub(super) const BATCH_ROWS: usize = 8_192;

/// Decoded batches that may wait for whoever takes them.
const BATCHES_AHEAD: usize = 2;

/// Which partitions to read: for each named partition column, the values wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter(Vec<(&'static str, Vec<String>)>);

impl Filter {
    /// Returns the filter that keeps everything.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Returns the filter with one more condition: `column` (a partition column) is in `values`.
    #[must_use]
    pub fn and<S: ToString>(
        mut self,
        column: &'static str,
        values: impl IntoIterator<Item = S>,
    ) -> Self {
        self.0.push((column, values.into_iter().map(|v| v.to_string()).collect()));
        self
    }

    fn keeps(&self, partition: &HashMap<String, Option<String>>) -> bool {
        self.0.iter().all(|(column, wanted)| {
            partition.get(*column).and_then(Option::as_ref).is_some_and(|v| wanted.contains(v))
        })
    }
}

impl Lake {
    /// Returns the batches of the wanted partitions, in the order of their file names.
    ///
    /// # Errors
    /// [`StorageError::File`] when a data file is missing or broken, [`StorageError::Frame`] when
    /// it is not of this table.
    pub async fn read(
        &self,
        spec: &'static TableSpec,
        filter: &Filter,
    ) -> Result<Vec<RecordBatch>, StorageError> {
        let Some(table) = self.table(spec).await? else { return Ok(Vec::new()) };
        let files = files(&table, filter).map_err(super::lake::failed(spec, "list files"))?;
        stream::iter(files.into_iter().map(|file| read_file(&table, spec, file)))
            .buffered(FILES_AT_ONCE)
            .try_concat()
            .await
    }

    /// Hands the batches of the wanted partitions to `take` as they are decoded, so that one file
    /// and a few batches are in memory at once.
    ///
    /// # Errors
    /// As [`Lake::read`], and whatever `take` gives.
    pub async fn each_batch(
        &self,
        spec: &'static TableSpec,
        filter: &Filter,
        mut take: impl FnMut(RecordBatch) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let Some(table) = self.table(spec).await? else { return Ok(()) };
        let files = files(&table, filter).map_err(super::lake::failed(spec, "list files"))?;
        for file in files {
            let mut decoding = Decoding::begin(&table, spec, &file).await?;
            while let Some(batch) = decoding.next().await? {
                take(batch)?;
            }
        }
        Ok(())
    }

    /// Returns the rows of the wanted partitions.
    ///
    /// # Errors
    /// As [`Lake::read`].
    pub async fn rows<T: DeserializeOwned>(
        &self,
        spec: &'static TableSpec,
        filter: &Filter,
    ) -> Result<Vec<T>, StorageError> {
        let mut rows = Vec::new();
        for batch in self.read(spec, filter).await? {
            rows.extend(from_batch::<T>(spec, &batch)?);
        }
        Ok(rows)
    }
}

/// Returns the live files of the wanted partitions, sorted by path so that reads are repeatable.
pub(super) fn files(
    table: &DeltaTable,
    filter: &Filter,
) -> Result<Vec<LogicalFileView>, deltalake::DeltaTableError> {
    let mut files: Vec<_> = table
        .snapshot()?
        .log_data()
        .into_iter()
        .filter(|file| filter.keeps(&file.partition_values_map()))
        .collect();
    files.sort_by(|a, b| a.path().cmp(&b.path()));
    Ok(files)
}

pub(super) async fn read_file(
    table: &DeltaTable,
    spec: &'static TableSpec,
    file: LogicalFileView,
) -> Result<Vec<RecordBatch>, StorageError> {
    let (name, bytes) = fetch(table, spec, &file).await?;
    let partition = file.partition_values_map();
    let decoded = tokio::task::spawn_blocking(move || batches(spec, bytes, &partition)?.collect());
    let lost = |e: JoinError| Decode::Parquet(e.to_string()).of(spec, &name);
    let decoded: Result<Vec<RecordBatch>, Decode> = decoded.await.map_err(lost)?;
    decoded.map_err(|error| error.of(spec, &name))
}

/// A file that is being decoded on another thread, a few batches ahead of whoever takes them.
pub(super) struct Decoding {
    table: &'static TableSpec,
    file: String,
    batches: mpsc::Receiver<Result<RecordBatch, Decode>>,
    task: JoinHandle<()>,
}

impl Decoding {
    /// Begins it.
    ///
    /// # Errors
    /// [`StorageError::File`] when the file is missing.
    pub(super) async fn begin(
        table: &DeltaTable,
        spec: &'static TableSpec,
        file: &LogicalFileView,
    ) -> Result<Self, StorageError> {
        let (name, bytes) = fetch(table, spec, file).await?;
        let partition = file.partition_values_map();
        let (to, from) = mpsc::channel(BATCHES_AHEAD);
        let task = tokio::task::spawn_blocking(move || {
            let sent = |batch| to.blocking_send(batch).is_ok();
            match batches(spec, bytes, &partition) {
                Ok(mut batches) => batches.all(sent),
                Err(error) => sent(Err(error)),
            };
        });
        Ok(Self { table: spec, file: name, batches: from, task })
    }

    /// Returns the next batch, `None` after the last.
    ///
    /// # Errors
    /// [`StorageError::File`] when the file is broken, [`StorageError::Frame`] when it is not of
    /// this table.
    pub(super) async fn next(&mut self) -> Result<Option<RecordBatch>, StorageError> {
        let of = |error: Decode| error.of(self.table, &self.file);
        match self.batches.recv().await {
            Some(batch) => batch.map(Some).map_err(of),
            None => {
                let lost = |e: JoinError| of(Decode::Parquet(e.to_string()));
                (&mut self.task).await.map(|()| None).map_err(lost)
            }
        }
    }
}

/// Returns a file's name and bytes.
async fn fetch(
    table: &DeltaTable,
    spec: &'static TableSpec,
    file: &LogicalFileView,
) -> Result<(String, Bytes), StorageError> {
    let name = file.path().into_owned();
    let (store, path) = (table.object_store(), file.object_store_path());
    let bytes = async { store.get(&path).await?.bytes().await }.await;
    let broken = |e: object_store::Error| Decode::Parquet(e.to_string()).of(spec, &name);
    Ok((name.clone(), bytes.map_err(broken)?))
}

enum Decode {
    Parquet(String),
    Frame(FrameError),
}

impl Decode {
    fn of(self, spec: &'static TableSpec, file: &str) -> StorageError {
        match self {
            Self::Parquet(reason) => {
                StorageError::File { table: spec.name, file: file.to_owned(), reason }
            }
            Self::Frame(error) => StorageError::Frame(error),
        }
    }
}

fn parquet(error: &dyn std::fmt::Display) -> Decode {
    Decode::Parquet(error.to_string())
}

/// Decodes one Parquet file, batch by batch.
fn batches<'a>(
    spec: &'static TableSpec,
    bytes: Bytes,
    partition: &'a HashMap<String, Option<String>>,
) -> Result<impl Iterator<Item = Result<RecordBatch, Decode>> + 'a, Decode> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)
        .and_then(|b| b.with_batch_size(BATCH_ROWS).build())
        .map_err(|e| parquet(&e))?;
    Ok(reader.map(move |batch| whole(spec, &batch.map_err(|e| parquet(&e))?, partition)))
}

/// Puts the partition columns back in their places.
fn whole(
    spec: &'static TableSpec,
    batch: &RecordBatch,
    partition: &HashMap<String, Option<String>>,
) -> Result<RecordBatch, Decode> {
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(spec.columns.len());
    for column in spec.columns {
        let array = match partition.get(column.name) {
            Some(value) => {
                let values =
                    std::iter::repeat_n(value.clone().unwrap_or_default(), batch.num_rows());
                Arc::new(StringArray::from_iter_values(values)) as ArrayRef
            }
            None => {
                let array = batch
                    .column_by_name(column.name)
                    .ok_or_else(|| parquet(&format!("no column {}", column.name)))?;
                cast(array, &column.kind.arrow()).map_err(|e| parquet(&e))?
            }
        };
        columns.push(array);
    }
    let batch = RecordBatch::try_new(spec.schema(), columns).map_err(|e| parquet(&e))?;
    check(spec, &batch).map_err(Decode::Frame)?;
    Ok(batch)
}
