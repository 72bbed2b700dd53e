//! The pair assertion: called once before a batch is written and once after it is read.

use std::collections::{HashMap, HashSet};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::Float64Type;
use arrow::error::ArrowError;
use arrow::row::{Row, RowConverter, Rows, SortField};
use arrow::util::display::array_value_to_string;

use super::{FrameError, Kind, TableSpec};

/// Returns the first broken promise of `batch`: schema, empty or non-finite cells, doubled keys.
///
/// # Errors
/// [`FrameError::Schema`], [`FrameError::Missing`] or [`FrameError::Duplicate`].
pub fn check(spec: &'static TableSpec, batch: &RecordBatch) -> Result<(), FrameError> {
    cells(spec, batch)?;
    keys(spec, batch)
}

fn cells(spec: &'static TableSpec, batch: &RecordBatch) -> Result<(), FrameError> {
    schema(spec, batch)?;
    for (index, column) in spec.columns.iter().enumerate() {
        let array = batch.column(index);
        let missing = |row| FrameError::Missing { table: spec.name, column: column.name, row };
        if !column.nullable
            && let Some(row) = (0..array.len()).find(|row| array.is_null(*row))
        {
            return Err(missing(row));
        }
        if column.kind == Kind::Float {
            let floats = array.as_primitive::<Float64Type>();
            let bad = floats.iter().position(|v| v.is_some_and(|v| !v.is_finite()));
            if let Some(row) = bad {
                return Err(missing(row));
            }
        }
    }
    Ok(())
}

fn schema(spec: &'static TableSpec, batch: &RecordBatch) -> Result<(), FrameError> {
    let wrong = |column: &str, found: String, expected: String| FrameError::Schema {
        table: spec.name,
        column: column.to_owned(),
        found,
        expected,
    };
    let found = batch.schema();
    for (index, column) in spec.columns.iter().enumerate() {
        let expected = column.kind.arrow();
        match found.fields().get(index) {
            None => return Err(wrong(column.name, "absent".into(), expected.to_string())),
            Some(field) if field.name() != column.name => {
                return Err(wrong(field.name(), "out of place".into(), column.name.into()));
            }
            Some(field) if *field.data_type() != expected => {
                let found = field.data_type().to_string();
                return Err(wrong(column.name, found, expected.to_string()));
            }
            Some(_) => {}
        }
    }
    match found.fields().get(spec.columns.len()) {
        Some(extra) => Err(wrong(extra.name(), "extra".into(), "absent".into())),
        None => Ok(()),
    }
}

fn keys(spec: &'static TableSpec, batch: &RecordBatch) -> Result<(), FrameError> {
    let (columns, rows) = key_rows(spec, batch)?;
    let mut seen: HashMap<Row<'_>, usize> = HashMap::with_capacity(rows.num_rows());
    for (second, row) in rows.iter().enumerate() {
        if let Some(first) = seen.insert(row, second) {
            let key = describe(spec, &columns, second)?;
            return Err(FrameError::Duplicate { table: spec.name, key, first, second });
        }
    }
    Ok(())
}

/// The keys of a table's rows that came in one batch after another.
#[derive(Debug)]
pub struct Keys {
    spec: &'static TableSpec,
    seen: HashSet<Box<[u8]>>,
}

impl Keys {
    /// Returns no keys of `spec` yet.
    #[must_use]
    pub fn of(spec: &'static TableSpec) -> Self {
        Self { spec, seen: HashSet::new() }
    }

    /// Returns `batch` without the rows whose key came before, and says those keys in the log.
    ///
    /// # Errors
    /// As [`check`], but for doubled keys.
    pub fn first_of_each(&mut self, batch: RecordBatch) -> Result<RecordBatch, FrameError> {
        cells(self.spec, &batch)?;
        let (columns, rows) = key_rows(self.spec, &batch)?;
        let mut first = Vec::with_capacity(rows.num_rows());
        for (index, row) in rows.iter().enumerate() {
            let new = self.seen.insert(row.data().into());
            if !new {
                let key = describe(self.spec, &columns, index)?;
                tracing::error!(
                    table = self.spec.name,
                    key,
                    "of rows with one key the first is kept"
                );
            }
            first.push(new);
        }
        if first.iter().all(|new| *new) {
            return Ok(batch);
        }
        filter_record_batch(&batch, &BooleanArray::from(first)).map_err(converting(self.spec))
    }
}

fn key_rows(
    spec: &'static TableSpec,
    batch: &RecordBatch,
) -> Result<(Vec<ArrayRef>, Rows), FrameError> {
    let columns: Vec<ArrayRef> =
        spec.key.iter().filter_map(|name| batch.column_by_name(name)).cloned().collect();
    let fields = columns.iter().map(|c| SortField::new(c.data_type().clone())).collect();
    let rows = RowConverter::new(fields)
        .and_then(|converter| converter.convert_columns(&columns))
        .map_err(converting(spec))?;
    Ok((columns, rows))
}

fn converting(spec: &'static TableSpec) -> impl Fn(ArrowError) -> FrameError {
    |error| FrameError::Convert { table: spec.name, reason: error.to_string() }
}

fn describe(
    spec: &'static TableSpec,
    columns: &[ArrayRef],
    row: usize,
) -> Result<String, FrameError> {
    let cells: Result<Vec<_>, _> = columns.iter().map(|c| array_value_to_string(c, row)).collect();
    Ok(cells.map_err(converting(spec))?.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::issues::ISSUE;
    use crate::frames::{Issue, convert, to_batch};

    fn issue(row: i64) -> Issue {
        Issue {
            source: "test.made".into(),
            artefact: "a.csv".into(),
            row,
            place: String::new(),
            time: String::new(),
            field: "value".into(),
            raw: "-9999".into(),
            reason: "sentinel".into(),
            detail: "a sentinel".into(),
            seen_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn two_rows_with_one_key_are_refused_and_named() {
        assert!(to_batch(&ISSUE, &[issue(1), issue(2)]).is_ok());
        let error = to_batch(&ISSUE, &[issue(1), issue(2), issue(1)]).unwrap_err();
        assert!(matches!(error, FrameError::Duplicate { first: 0, second: 2, .. }), "{error}");
        assert!(error.to_string().contains("a.csv"), "{error}");
    }

    #[test]
    fn of_rows_with_one_key_in_two_batches_the_first_is_kept() {
        let mut keys = Keys::of(&ISSUE);
        let mut rows_kept = |rows: &[i64]| {
            let issues: Vec<Issue> = rows.iter().map(|row| issue(*row)).collect();
            keys.first_of_each(convert(&ISSUE, &issues).unwrap()).unwrap().num_rows()
        };
        assert_eq!(rows_kept(&[1, 2]), 2);
        assert_eq!(rows_kept(&[2, 3, 3, 1, 4]), 2);
    }

    #[test]
    fn a_renamed_column_is_refused_by_name() {
        let batch = to_batch(&ISSUE, &[issue(1)]).unwrap();
        let kept: Vec<usize> = (1..batch.num_columns()).collect();
        let error = check(&ISSUE, &batch.project(&kept).unwrap()).unwrap_err().to_string();
        assert!(error.contains("artefact") && error.contains("source"), "{error}");
    }
}
