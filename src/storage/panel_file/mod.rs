//! Panel files, CSV or Parquet by extension: read batch by batch, written under a temporary name.
//!
//! A panel file holds one row a series and step; what its columns mean is not known here. CSV
//! columns are typed by their first rows: `unique_id` stays text, `ds` is a whole number, a date or
//! a timestamp, every other column is numbers or is left out.

mod error;
mod read_csv;
mod write;

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

pub use error::PanelFileError;
pub use write::{PanelWriter, write_csv};

/// Rows of a batch: 1 MB of a few columns, which stays in the processor's cache.
const BATCH_ROWS: usize = 1 << 15;

/// The kinds of panel files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Comma-separated values with a header.
    Csv,
    /// Apache Parquet.
    Parquet,
}

impl Kind {
    /// Returns the kind of a file by its extension.
    ///
    /// # Errors
    /// [`PanelFileError::Extension`] for any other.
    pub fn of(path: &Path) -> Result<Self, PanelFileError> {
        let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
        match extension.as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("parquet" | "pq") => Ok(Self::Parquet),
            _ => Err(PanelFileError::Extension { path: path.to_owned() }),
        }
    }
}

/// A panel file whose columns are known.
#[derive(Debug, Clone)]
pub struct PanelFile {
    path: PathBuf,
    kind: Kind,
    schema: SchemaRef,
    /// Columns that the file's own statistics say have no missing value.
    complete: Vec<String>,
}

/// The batches of a file.
pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch, PanelFileError>> + Send>;

impl PanelFile {
    /// Looks at the columns of a file.
    ///
    /// # Errors
    /// [`PanelFileError`] when the file cannot be read or is of no known kind.
    pub fn open(path: &Path) -> Result<Self, PanelFileError> {
        let kind = Kind::of(path)?;
        let (schema, complete) = match kind {
            Kind::Csv => (read_csv::schema(path)?, Vec::new()),
            Kind::Parquet => {
                let builder = parquet_of(path)?;
                let schema = builder.schema().clone();
                let names = schema.fields().iter().map(|f| f.name().clone());
                let complete = names.filter(|name| has_no_missing(&builder, name)).collect();
                (schema, complete)
            }
        };
        Ok(Self { path: path.to_owned(), kind, schema, complete })
    }

    /// Returns the columns.
    #[must_use]
    pub const fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Returns whether the file itself says that a column has no missing value.
    #[must_use]
    pub fn is_complete(&self, column: &str) -> bool {
        self.complete.iter().any(|name| name == column)
    }

    /// Reads the named columns (those that exist), batch by batch.
    ///
    /// # Errors
    /// [`PanelFileError`] now when the file cannot be opened, later when a row cannot be read.
    pub fn batches(&self, columns: &[&str]) -> Result<Batches, PanelFileError> {
        match self.kind {
            Kind::Csv => read_csv::batches(&self.path, &self.schema, columns),
            Kind::Parquet => {
                let builder = parquet_of(&self.path)?;
                let fields = builder.schema().fields().iter().enumerate();
                let wanted = fields.filter(|(_, f)| columns.contains(&f.name().as_str()));
                let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.map(|(i, _)| i));
                let path = self.path.clone();
                let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build();
                let reader = reader.map_err(|e| PanelFileError::parquet(&path, &e))?;
                Ok(Box::new(reader.map(move |batch| {
                    batch.map_err(|e| PanelFileError::parquet(&path, &e))
                })))
            }
        }
    }
}

fn parquet_of(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, PanelFileError> {
    let file = File::open(path).map_err(|e| PanelFileError::path("read", path, e))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| PanelFileError::parquet(path, &e))
}

/// Returns whether the statistics of every row group count no missing value in a column.
fn has_no_missing(builder: &ParquetRecordBatchReaderBuilder<File>, name: &str) -> bool {
    let parquet = builder.parquet_schema();
    let place = (0..parquet.num_columns()).find(|i| parquet.column(*i).name() == name);
    place.is_some_and(|place| {
        let nulls = |group: &parquet::file::metadata::RowGroupMetaData| {
            group.column(place).statistics().and_then(|s| s.null_count_opt())
        };
        builder.metadata().row_groups().iter().all(|group| nulls(group) == Some(0))
    })
}
