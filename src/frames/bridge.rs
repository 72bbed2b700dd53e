//! Arrow batches to Polars frames and back through the Arrow C data interface, without copying.
//!
//! Both libraries implement the same published C structs (`ArrowArray`, `ArrowSchema`), each with
//! its own Rust type; this is the only file of the project with unsafe code.
#![expect(unsafe_code, reason = "the C data interface is a foreign-function interface")]

use std::mem::transmute;

use arrow::array::{ArrayData, ArrayRef, RecordBatch, make_array};
use arrow::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi, to_ffi};
use polars::prelude::{Column, CompatLevel, DataFrame, PlSmallStr, Series};
use polars_arrow::ffi::{
    ArrowArray, ArrowSchema, export_array_to_c, export_field_to_c, import_array_from_c,
    import_field_from_c,
};

use super::FrameError;

// The two pairs of types are `repr(C)` mirrors of one published layout; a library that changed
// its mirror's size would fail to compile here.
const _: () = assert!(size_of::<FFI_ArrowArray>() == size_of::<ArrowArray>());
const _: () = assert!(size_of::<FFI_ArrowSchema>() == size_of::<ArrowSchema>());

fn convert(reason: impl ToString) -> FrameError {
    FrameError::Convert { table: "frame", reason: reason.to_string() }
}

/// Returns the batches as one Polars frame (columns shared, not copied).
///
/// # Errors
/// [`FrameError::Convert`] when a column type is unknown to Polars or the batches do not match.
pub fn to_polars(batches: &[RecordBatch]) -> Result<DataFrame, FrameError> {
    let Some(first) = batches.first() else { return Ok(DataFrame::empty()) };
    let mut columns = Vec::with_capacity(first.num_columns());
    for (index, field) in first.schema().fields().iter().enumerate() {
        let mut chunks = Vec::with_capacity(batches.len());
        for batch in batches {
            chunks.push(import(&batch.column(index).to_data())?);
        }
        let series =
            Series::try_from((PlSmallStr::from_str(field.name()), chunks)).map_err(convert)?;
        columns.push(Column::from(series));
    }
    let height = batches.iter().map(RecordBatch::num_rows).sum();
    DataFrame::new(height, columns).map_err(convert)
}

fn import(data: &ArrayData) -> Result<Box<dyn polars_arrow::array::Array>, FrameError> {
    let (array, schema) = to_ffi(data).map_err(convert)?;
    // SAFETY: source and target are `repr(C)` structs of the C data interface with the same
    // layout, and ownership moves with the value: the release callback stays inside it.
    let (array, schema) = unsafe {
        (
            transmute::<FFI_ArrowArray, ArrowArray>(array),
            transmute::<FFI_ArrowSchema, ArrowSchema>(schema),
        )
    };
    // SAFETY: the structs were just exported by arrow-rs and so are valid by that interface.
    let field = unsafe { import_field_from_c(&schema) }.map_err(convert)?;
    // SAFETY: as above; `field` describes this very array.
    unsafe { import_array_from_c(array, field.dtype) }.map_err(convert)
}

/// Returns one Polars column as an Arrow array (shared where it is one chunk).
///
/// # Errors
/// [`FrameError::Convert`] when the column type has no Arrow form.
pub fn to_arrow(column: &Column) -> Result<ArrayRef, FrameError> {
    let series = column.as_materialized_series().rechunk();
    let chunk = series.to_arrow(0, CompatLevel::oldest());
    let field = series.field().to_arrow(CompatLevel::oldest());
    let (array, schema) = (export_array_to_c(chunk), export_field_to_c(&field));
    // SAFETY: same layout on both sides, ownership moves with the value (see `import`).
    let (array, schema) = unsafe {
        (
            transmute::<ArrowArray, FFI_ArrowArray>(array),
            transmute::<ArrowSchema, FFI_ArrowSchema>(schema),
        )
    };
    // SAFETY: the structs were just exported by Polars and so are valid by that interface.
    let data = unsafe { from_ffi(array, &schema) }.map_err(convert)?;
    Ok(make_array(data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, StringArray, TimestampMicrosecondArray};
    use std::sync::Arc;

    #[test]
    fn a_batch_survives_the_way_to_polars_and_back() {
        let text: ArrayRef = Arc::new(StringArray::from(vec![Some("salt"), None, Some("mặn")]));
        let number: ArrayRef = Arc::new(Float64Array::from(vec![Some(0.1), Some(4.0), None]));
        let time: ArrayRef =
            Arc::new(TimestampMicrosecondArray::from(vec![0, 1, -5]).with_timezone("UTC"));
        let batch = RecordBatch::try_from_iter([
            ("text", Arc::clone(&text)),
            ("number", Arc::clone(&number)),
            ("time", Arc::clone(&time)),
        ])
        .unwrap();
        let frame = to_polars(&[batch.clone(), batch]).unwrap();
        assert_eq!(frame.height(), 6);
        let number_back = to_arrow(frame.column("number").unwrap()).unwrap();
        assert_eq!(number_back.len(), 6);
        assert_eq!(number_back.null_count(), 2);
        let time_back = to_arrow(frame.column("time").unwrap()).unwrap();
        assert_eq!(time_back.data_type(), time.data_type());
    }
}
