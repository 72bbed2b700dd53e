//! How a table is described, and how rows become Arrow columns and come back.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::FrameError;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// 64-bit float.
    Float,
    /// 64-bit integer.
    Int,
    /// True or false.
    Bool,
    /// Microseconds since 1970 in UTC.
    Time,
}

impl Kind {
    /// Returns the Arrow type.
    #[must_use]
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Float => DataType::Float64,
            Self::Int => DataType::Int64,
            Self::Bool => DataType::Boolean,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }
}

/// One column: name, type, whether it may be empty, unit and meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The name, ending in its unit where the unit is fixed.
    pub name: &'static str,
    /// The type.
    pub kind: Kind,
    /// Whether a cell may be empty.
    pub nullable: bool,
    /// What it means.
    pub meaning: &'static str,
}

impl Column {
    /// Returns a column that must be filled in every row.
    #[must_use]
    pub const fn required(name: &'static str, kind: Kind, meaning: &'static str) -> Self {
        Self { name, kind, nullable: false, meaning }
    }

    /// Returns a column whose cells may be empty.
    #[must_use]
    pub const fn optional(name: &'static str, kind: Kind, meaning: &'static str) -> Self {
        Self { name, kind, nullable: true, meaning }
    }
}

/// A table: its name, format version, columns, key and partition columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSpec {
    /// The table's name; the folder in the lake.
    pub name: &'static str,
    /// The version of the stored format; raised by a migration, never silently.
    pub version: u32,
    /// What the table holds.
    pub meaning: &'static str,
    /// The columns in order.
    pub columns: &'static [Column],
    /// The columns that identify a row.
    pub key: &'static [&'static str],
    /// The columns the lake is partitioned by (part of `columns`, all text).
    pub partition_by: &'static [&'static str],
}

impl TableSpec {
    /// Returns the Arrow schema, with meanings and the version as metadata.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        let fields: Vec<Field> = self
            .columns
            .iter()
            .map(|c| {
                let meaning = HashMap::from([("meaning".to_owned(), c.meaning.to_owned())]);
                Field::new(c.name, c.kind.arrow(), c.nullable).with_metadata(meaning)
            })
            .collect();
        let version = HashMap::from([("muavu.version".to_owned(), self.version.to_string())]);
        Arc::new(Schema::new(fields).with_metadata(version))
    }

    /// Returns the column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|c| c.name == name)
    }
}

/// Returns rows as one Arrow batch of the table's schema, checked.
///
/// # Errors
/// [`FrameError`] when the row type does not fit the schema or a check fails.
pub fn to_batch<T: Serialize>(
    spec: &'static TableSpec,
    rows: &[T],
) -> Result<RecordBatch, FrameError> {
    let batch = convert(spec, rows)?;
    super::check(spec, &batch)?;
    Ok(batch)
}

/// Returns rows as one Arrow batch of the table's schema, to be checked by whoever takes it.
///
/// # Errors
/// [`FrameError::Convert`] when the row type does not fit the schema.
pub fn convert<T: Serialize>(
    spec: &'static TableSpec,
    rows: &[T],
) -> Result<RecordBatch, FrameError> {
    let failed = |e: String| FrameError::Convert { table: spec.name, reason: e };
    let schema = spec.schema();
    let batch =
        serde_arrow::to_record_batch(schema.fields(), &rows).map_err(|e| failed(e.to_string()))?;
    RecordBatch::try_new(schema, batch.columns().to_vec()).map_err(|e| failed(e.to_string()))
}

/// Returns the rows of a batch, after checking it.
///
/// # Errors
/// [`FrameError`] when the batch is not of this table.
pub fn from_batch<T: DeserializeOwned>(
    spec: &'static TableSpec,
    batch: &RecordBatch,
) -> Result<Vec<T>, FrameError> {
    super::check(spec, batch)?;
    serde_arrow::from_record_batch(batch)
        .map_err(|e| FrameError::Convert { table: spec.name, reason: e.to_string() })
}
