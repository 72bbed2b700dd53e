//! Panel files, CSV or Parquet by extension: read batch by batch, written under a temporary name.
//!
//! A panel file holds one row a series and step; what its columns mean is not known here. CSV
//! columns are typed by their first rows: `unique_id` stays text, `ds` is a whole number, a date or
//! a timestamp, every other column is numbers or is left out.

mod error;
mod labels;
mod read_csv;
mod write;

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

pub use error::PanelFileError;
pub use labels::{Table, read_labels, read_table};
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
            Kind::Parquet => parquet_batches(&self.path, parquet_of(&self.path)?, columns),
        }
    }
}

fn parquet_of(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, PanelFileError> {
    let file = File::open(path).map_err(|e| PanelFileError::path("read", path, e))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| PanelFileError::parquet(path, &e))
}

fn parquet_batches(
    path: &Path,
    builder: ParquetRecordBatchReaderBuilder<File>,
    columns: &[&str],
) -> Result<Batches, PanelFileError> {
    let fields = builder.schema().fields().iter().enumerate();
    let wanted = fields.filter(|(_, f)| columns.contains(&f.name().as_str()));
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.map(|(i, _)| i));
    let path = path.to_owned();
    let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build();
    let reader = reader.map_err(|e| PanelFileError::parquet(&path, &e))?;
    Ok(Box::new(reader.map(move |batch| batch.map_err(|e| PanelFileError::parquet(&path, &e)))))
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Array as _, AsArray as _, Date32Array, Float64Array, StringArray};
    use arrow::datatypes::{DataType, Date32Type, Field, Float64Type, Schema};

    use super::*;

    fn batch() -> RecordBatch {
        let schema = Schema::new(vec![
            Field::new("unique_id", DataType::Utf8, false),
            Field::new("ds", DataType::Date32, true),
            Field::new("y", DataType::Float64, true),
        ]);
        let days = Date32Array::from(vec![Some(19_723), Some(19_724), None]);
        let y = Float64Array::from(vec![Some(0.1), None, Some(-2.5e-9)]);
        let ids = StringArray::from(vec!["a, b", "a, b", "ấp 3"]);
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(ids), Arc::new(days), Arc::new(y)])
            .unwrap()
    }

    #[test]
    fn what_is_written_is_read_again_from_csv_and_from_parquet() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["panel.csv", "panel.parquet"] {
            let path = folder.path().join(name);
            let mut writer = PanelWriter::create(&path, &batch().schema()).unwrap();
            writer.write(&batch()).unwrap();
            assert!(!path.exists(), "nothing of that name before it is whole");
            writer.finish().unwrap();
            let file = PanelFile::open(&path).unwrap();
            let read: Vec<_> = file.batches(&["unique_id", "ds", "y"]).unwrap().collect();
            let read = read[0].as_ref().unwrap();
            for (wanted, given) in batch().columns().iter().zip(read.columns()) {
                assert_eq!(wanted.to_data(), given.to_data(), "{name}");
            }
            assert!(!file.is_complete("y"), "{name}");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn csv_columns_are_typed_by_their_first_rows_and_text_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("panel.csv");
        let text = "unique_id,ds,y,price,note\n1,2024-01-01T06:00:00,NA,2,x\n1,,3.5, 4 ,y\n";
        std::fs::write(&path, text).unwrap();
        let file = PanelFile::open(&path).unwrap();
        let names: Vec<&str> = file.schema().fields().iter().map(|f| f.name().as_str()).collect();
        assert_eq!(names, ["unique_id", "ds", "y", "price"]);
        let batch = file.batches(&["y", "price"]).unwrap().next().unwrap().unwrap();
        assert!(batch.column(0).is_null(0));
        assert_eq!(batch.column(1).as_primitive::<Float64Type>().value(1), 4.0);
        let dates = "unique_id,ds,y\n1,2024-01-02,1\n";
        std::fs::write(&path, dates).unwrap();
        let file = PanelFile::open(&path).unwrap();
        let batch = file.batches(&["ds"]).unwrap().next().unwrap().unwrap();
        assert_eq!(batch.column(0).as_primitive::<Date32Type>().value(0), 19_724);
    }

    #[test]
    fn a_value_that_is_no_number_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("panel.csv");
        std::fs::write(&path, "unique_id,ds,y\n1,1,2\n1,2,about 3\n").unwrap();
        let file = PanelFile::open(&path).unwrap();
        let error = file.batches(&["y"]).unwrap().find_map(Result::err).unwrap().to_string();
        assert!(error.ends_with("line 3: y is \"about 3\", which is not a number"), "{error}");
        assert!(matches!(
            PanelFile::open(Path::new("panel.xlsx")),
            Err(PanelFileError::Extension { .. })
        ));
        std::fs::write(folder.path().join("panel.parquet"), "not parquet").unwrap();
        let error = PanelFile::open(&folder.path().join("panel.parquet")).unwrap_err();
        assert!(matches!(error, PanelFileError::Damaged { .. }), "{error}");
    }
}
