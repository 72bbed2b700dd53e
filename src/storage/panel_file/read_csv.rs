//! Reads a CSV panel into record batches.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Builder, Float64Builder, Int64Builder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use csv::{Reader, StringRecord};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};

use super::error::PanelFileError;
use super::{BATCH_ROWS, Batches};

/// The columns with a meaning of their own.
const ID: &str = "unique_id";
const DS: &str = "ds";

/// Rows looked at to tell columns of numbers from others.
const ROWS_TYPED: usize = 1000;

/// Texts that stand for a missing number.
const MISSING: [&str; 7] = ["", "NA", "NaN", "nan", "null", "NULL", "None"];

/// Returns the columns of a file, typed by its first rows.
pub(super) fn schema(path: &Path) -> Result<SchemaRef, PanelFileError> {
    let mut reader = open(path)?;
    let failed = |e| PanelFileError::csv(path, e);
    let names: Vec<String> = reader.headers().map_err(failed)?.iter().map(str::to_owned).collect();
    let rows = reader.records().take(ROWS_TYPED).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let cells = |i: usize| rows.iter().filter_map(move |row| row.get(i)).map(str::trim);
    let mut fields = Vec::new();
    for (i, name) in names.iter().enumerate() {
        let kind = match name.as_str() {
            ID => DataType::Utf8,
            DS => cells(i).find(|c| !c.is_empty()).map_or(DataType::Int64, stamp_type),
            "y" => DataType::Float64,
            _ if cells(i).all(|cell| number(cell).is_some()) => DataType::Float64,
            _ => continue,
        };
        fields.push(Field::new(name, kind, name != ID));
    }
    Ok(Arc::new(Schema::new(fields)))
}

/// Reads the named columns.
pub(super) fn batches(
    path: &Path,
    schema: &SchemaRef,
    columns: &[&str],
) -> Result<Batches, PanelFileError> {
    let mut reader = open(path)?;
    let names = reader.headers().map_err(|e| PanelFileError::csv(path, e))?.clone();
    let wanted = schema.fields().iter().filter(|f| columns.contains(&f.name().as_str()));
    let fields: Vec<_> = wanted.cloned().collect();
    let places = fields.iter().filter_map(|f| names.iter().position(|name| name == f.name()));
    Ok(Box::new(CsvBatches {
        path: path.to_owned(),
        reader,
        places: places.collect(),
        schema: Arc::new(Schema::new(fields)),
        ended: false,
    }))
}

pub(super) fn open(path: &Path) -> Result<Reader<File>, PanelFileError> {
    let file = File::open(path).map_err(|e| PanelFileError::path("read", path, e))?;
    Ok(csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file))
}

struct CsvBatches {
    path: PathBuf,
    reader: Reader<File>,
    /// Place of each column of `schema` in a row.
    places: Vec<usize>,
    schema: SchemaRef,
    ended: bool,
}

impl Iterator for CsvBatches {
    type Item = Result<RecordBatch, PanelFileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.read();
        self.ended |= batch.is_err();
        batch.transpose()
    }
}

impl CsvBatches {
    fn read(&mut self) -> Result<Option<RecordBatch>, PanelFileError> {
        let fields = self.schema.fields().clone();
        let mut columns: Vec<Column> = fields.iter().map(|f| Column::of(f.data_type())).collect();
        let mut row = StringRecord::new();
        let mut rows = 0;
        while rows < BATCH_ROWS {
            let more = self.reader.read_record(&mut row);
            if !more.map_err(|e| PanelFileError::csv(&self.path, e))? {
                self.ended = true;
                break;
            }
            for ((place, column), field) in self.places.iter().zip(&mut columns).zip(&fields) {
                let cell = row.get(*place).unwrap_or_default();
                column.push(cell).map_err(|()| PanelFileError::Cell {
                    path: self.path.clone(),
                    line: row.position().map_or(0, csv::Position::line),
                    column: field.name().clone(),
                    given: cell.to_owned(),
                })?;
            }
            rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        let arrays = columns.into_iter().map(Column::finish).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), arrays);
        batch.map(Some).map_err(|e| PanelFileError::parquet(&self.path, &e))
    }
}

/// A column that grows cell by cell.
enum Column {
    Text(StringBuilder),
    Whole(Int64Builder),
    Date(Date32Builder),
    Time(TimestampMicrosecondBuilder),
    Number(Float64Builder),
}

impl Column {
    fn of(kind: &DataType) -> Self {
        match kind {
            DataType::Utf8 => Self::Text(StringBuilder::new()),
            DataType::Int64 => Self::Whole(Int64Builder::with_capacity(BATCH_ROWS)),
            DataType::Date32 => Self::Date(Date32Builder::with_capacity(BATCH_ROWS)),
            DataType::Timestamp(..) => {
                Self::Time(TimestampMicrosecondBuilder::with_capacity(BATCH_ROWS))
            }
            _ => Self::Number(Float64Builder::with_capacity(BATCH_ROWS)),
        }
    }

    /// Adds a cell; a stamp that is none is missing, a number that is none is refused.
    fn push(&mut self, cell: &str) -> Result<(), ()> {
        match self {
            Self::Text(column) => column.append_value(cell),
            Self::Whole(column) => column.append_option(cell.parse().ok()),
            Self::Date(column) => column.append_option(date(cell)),
            Self::Time(column) => column.append_option(micros(cell)),
            Self::Number(column) => match number(cell) {
                Some(value) => column.append_option((!value.is_nan()).then_some(value)),
                None => return Err(()),
            },
        }
        Ok(())
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut column) => Arc::new(column.finish()),
            Self::Whole(mut column) => Arc::new(column.finish()),
            Self::Date(mut column) => Arc::new(column.finish()),
            Self::Time(mut column) => Arc::new(column.finish()),
            Self::Number(mut column) => Arc::new(column.finish()),
        }
    }
}

/// Returns a number, NaN for a missing one, `None` for what is neither.
fn number(cell: &str) -> Option<f64> {
    if MISSING.contains(&cell) { Some(f64::NAN) } else { cell.parse().ok() }
}

fn stamp_type(cell: &str) -> DataType {
    if cell.parse::<i64>().is_ok() {
        DataType::Int64
    } else if date(cell).is_some() {
        DataType::Date32
    } else {
        DataType::Timestamp(TimeUnit::Microsecond, None)
    }
}

/// Returns the days since 1970-01-01 of a bare date.
fn date(cell: &str) -> Option<i32> {
    let date: Date = cell.parse().ok().filter(|_| cell.len() <= "2024-01-01".len())?;
    let since = date.since((Unit::Day, Date::new(1970, 1, 1).ok()?)).ok()?;
    Some(since.get_days())
}

/// Returns the microseconds since 1970-01-01 of a time with an offset, or of a local time as it is
/// written.
fn micros(cell: &str) -> Option<i64> {
    let with_offset = cell.parse::<Timestamp>().ok();
    let local = || cell.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    with_offset.or_else(|| local().map(|z| z.timestamp())).map(|t| t.as_microsecond())
}
