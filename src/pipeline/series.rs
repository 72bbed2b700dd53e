//! From the lake to a target's panel.

use std::collections::BTreeSet;

use arrow::array::RecordBatch;

use super::PipelineError;
use crate::features::Panel;
use crate::forecast::targets::Target;
use crate::frames::bridge::to_polars;
use crate::frames::observations::OBSERVATION;
use crate::storage::{Filter, Lake};

/// Flags whose values no model reads: frozen instruments and impossible jumps. Not `filled_line`:
/// a line is known as one only by what came after, and a past morning must not depend on that (the
/// replay test found it).
const NOT_FOR_MODELS: [&str; 2] = ["flat_line", "spike"];

/// Returns the daily series these targets read, with everything ever told of them.
///
/// # Errors
/// [`PipelineError`] when the lake cannot be read.
pub async fn panel(lake: &Lake, targets: &[&dyn Target]) -> Result<Panel, PipelineError> {
    let inputs: BTreeSet<&str> = targets.iter().flat_map(|t| t.inputs()).copied().collect();
    let filter = Filter::all().and("variable", inputs);
    let batches = lake.read(&OBSERVATION, &filter).await?;
    tokio::task::spawn_blocking(move || to_panel(&batches)).await?
}

fn to_panel(batches: &[RecordBatch]) -> Result<Panel, PipelineError> {
    let frame = to_polars(batches).map_err(crate::storage::StorageError::Frame)?;
    if frame.height() == 0 {
        return Ok(Panel::default());
    }
    Ok(Panel::from_frame(frame, &NOT_FOR_MODELS)?)
}
