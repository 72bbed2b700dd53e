//! The pair assertion: called once before a batch is written and once after it is read.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::Float64Type;
use arrow::error::ArrowError;
use arrow::row::{Row, RowConverter, SortField};
use arrow::util::display::array_value_to_string;

use super::{FrameError, Kind, TableSpec};

/// Returns the first broken promise of `batch`: schema, empty or non-finite cells, doubled keys.
///
/// # Errors
/// [`FrameError::Schema`], [`FrameError::Missing`] or [`FrameError::Duplicate`].
pub fn check(spec: &'static TableSpec, batch: &RecordBatch) -> Result<(), FrameError> {
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
    keys(spec, batch)
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
    let convert = |e: ArrowError| FrameError::Convert { table: spec.name, reason: e.to_string() };
    let columns: Vec<ArrayRef> =
        spec.key.iter().filter_map(|name| batch.column_by_name(name)).cloned().collect();
    let fields = columns.iter().map(|c| SortField::new(c.data_type().clone())).collect();
    let rows = RowConverter::new(fields)
        .and_then(|converter| converter.convert_columns(&columns))
        .map_err(convert)?;
    let mut seen: HashMap<Row<'_>, usize> = HashMap::with_capacity(rows.num_rows());
    for (second, row) in rows.iter().enumerate() {
        if let Some(first) = seen.insert(row, second) {
            let key = describe(&columns, second).map_err(convert)?;
            return Err(FrameError::Duplicate { table: spec.name, key, first, second });
        }
    }
    Ok(())
}

fn describe(columns: &[ArrayRef], row: usize) -> Result<String, ArrowError> {
    let cells =
        columns.iter().map(|c| array_value_to_string(c, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::issues::ISSUE;
    use crate::frames::{Issue, to_batch};

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
    fn a_renamed_column_is_refused_by_name() {
        let batch = to_batch(&ISSUE, &[issue(1)]).unwrap();
        let kept: Vec<usize> = (1..batch.num_columns()).collect();
        let error = check(&ISSUE, &batch.project(&kept).unwrap()).unwrap_err().to_string();
        assert!(error.contains("artefact") && error.contains("source"), "{error}");
    }
}
