//! Writes a panel file under a temporary name beside it, renamed when it is whole.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use arrow::array::{Array as _, RecordBatch};
use arrow::datatypes::SchemaRef;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::Kind;
use super::error::PanelFileError;

/// A panel file being written.
pub struct PanelWriter {
    path: PathBuf,
    part: PathBuf,
    sink: Sink,
}

enum Sink {
    Csv(Box<csv::Writer<BufWriter<File>>>),
    Parquet(Box<ArrowWriter<BufWriter<File>>>),
}

impl PanelWriter {
    /// Begins a file; nothing of its name exists before [`PanelWriter::finish`].
    ///
    /// # Errors
    /// [`PanelFileError`] when the folder cannot be written or the extension is not known.
    pub fn create(path: &Path, schema: &SchemaRef) -> Result<Self, PanelFileError> {
        let kind = Kind::of(path)?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = path.with_file_name(name);
        let file = File::create(&part).map_err(|e| PanelFileError::path("write", path, e))?;
        let file = BufWriter::new(file);
        let sink = match kind {
            Kind::Csv => {
                let mut writer = csv::Writer::from_writer(file);
                let names = schema.fields().iter().map(|f| f.name());
                writer.write_record(names).map_err(|e| PanelFileError::csv(path, e))?;
                Sink::Csv(Box::new(writer))
            }
            Kind::Parquet => {
                let compression = Compression::ZSTD(ZstdLevel::default());
                // Forecasts hardly repeat: a dictionary of them would cost and save nothing.
                let mut settings = WriterProperties::builder().set_compression(compression);
                let numbers = schema.fields().iter().filter(|f| f.data_type().is_floating());
                for field in numbers {
                    let column = ColumnPath::from(field.name().as_str());
                    settings = settings.set_column_dictionary_enabled(column, false);
                }
                let settings = settings.build();
                let writer = ArrowWriter::try_new(file, schema.clone(), Some(settings));
                let writer = writer.map_err(|e| PanelFileError::parquet(path, &e))?;
                Sink::Parquet(Box::new(writer))
            }
        };
        Ok(Self { path: path.to_owned(), part, sink })
    }

    /// Appends rows.
    ///
    /// # Errors
    /// [`PanelFileError`] when they cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), PanelFileError> {
        match &mut self.sink {
            Sink::Csv(writer) => write_csv(writer, batch, &self.path),
            Sink::Parquet(writer) => {
                writer.write(batch).map_err(|e| PanelFileError::parquet(&self.path, &e))
            }
        }
    }

    /// Closes the file and gives it its name.
    ///
    /// # Errors
    /// [`PanelFileError`] when it cannot be closed or renamed.
    pub fn finish(self) -> Result<(), PanelFileError> {
        let failed = |e| PanelFileError::path("write", &self.path, e);
        let file = match self.sink {
            Sink::Csv(writer) => writer.into_inner().map_err(|e| failed(e.into_error()))?,
            Sink::Parquet(writer) => {
                writer.into_inner().map_err(|e| PanelFileError::parquet(&self.path, &e))?
            }
        };
        let file = file.into_inner().map_err(|e| failed(e.into_error()))?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(&self.part, &self.path).map_err(failed)
    }
}

/// Writes the rows of a batch as CSV; a null is an empty cell.
///
/// # Errors
/// [`PanelFileError`] when they cannot be written.
pub fn write_csv<W: std::io::Write>(
    writer: &mut csv::Writer<W>,
    batch: &RecordBatch,
    path: &Path,
) -> Result<(), PanelFileError> {
    let options = FormatOptions::default();
    let cells = batch.columns().iter().map(|c| ArrayFormatter::try_new(c.as_ref(), &options));
    let cells = cells.collect::<Result<Vec<_>, _>>();
    let cells = cells.map_err(|e| PanelFileError::parquet(path, &e))?;
    let failed = |e| PanelFileError::csv(path, e);
    let mut text = String::new();
    for row in 0..batch.num_rows() {
        for (cell, column) in cells.iter().zip(batch.columns()) {
            text.clear();
            if column.is_valid(row) {
                let written = cell.value(row).write(&mut text);
                written.map_err(|e| PanelFileError::parquet(path, &e))?;
            }
            writer.write_field(&text).map_err(failed)?;
        }
        writer.write_record(None::<&[u8]>).map_err(failed)?;
    }
    Ok(())
}
