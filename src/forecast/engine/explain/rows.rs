//! Explanations as rows: one a series, step and part.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};

use super::{Group, Part, Source};
use crate::forecast::engine::answers::{Answers, FORECAST};
use crate::forecast::engine::error::EngineError;
use crate::forecast::engine::panel::Forecasts;
use crate::forecast::engine::table::{DS, ID, Layout};

/// Returns the schema of [`explanations`]: the parts of one series and step add up to `forecast`.
#[must_use]
pub fn schema(layout: &Layout) -> Schema {
    Schema::new(vec![
        Field::new(ID, layout.id.clone(), false),
        Field::new(DS, layout.ds.clone(), true),
        Field::new(FORECAST, DataType::Float64, false),
        Field::new("part", DataType::Utf8, false),
        Field::new("weight", DataType::Float64, true),
        Field::new("contribution", DataType::Float64, false),
    ])
}

/// Returns the parts of forecasts made by an [`super::Explained`] strategy, one batch a block.
pub fn explanations(
    forecasts: &Forecasts,
) -> impl Iterator<Item = Result<RecordBatch, EngineError>> + '_ {
    let some = forecasts.blocks.iter().filter(|block| !block.is_empty());
    some.map(|block| batch(block, forecasts))
}

fn batch(block: &Answers, forecasts: &Forecasts) -> Result<RecordBatch, EngineError> {
    let (layout, horizon) = (&forecasts.layout, forecasts.ask.horizon);
    let mut ids = block.ids.none_like();
    let (mut stamps, mut points) = (Vec::new(), Vec::new());
    let (mut weights, mut values) = (Vec::new(), Vec::new());
    let mut names = StringBuilder::new();
    for (i, parts) in block.parts.iter().enumerate() {
        parts.iter().for_each(|_| ids.push_from(&block.ids, i));
        for part in parts {
            stamps.extend(block.stamps(i, forecasts.ask.freq));
            points.extend_from_slice(&block.point[i * horizon..(i + 1) * horizon]);
            weights.extend(std::iter::repeat_n(
                (!part.weight.is_nan()).then_some(part.weight),
                horizon,
            ));
            values.extend_from_slice(&part.values);
            (0..horizon).for_each(|_| names.append_value(name(part, layout)));
        }
    }
    let columns: Vec<ArrayRef> = vec![
        ids.array(&layout.id, horizon)?,
        layout.stamps(stamps)?,
        Arc::new(Float64Array::from(points)),
        Arc::new(names.finish()),
        Arc::new(Float64Array::from(weights)),
        Arc::new(Float64Array::from(values)),
    ];
    Ok(RecordBatch::try_new(Arc::new(schema(layout)), columns)?)
}

/// Returns the name of a part. A covariate goes by the name of its column, with the word before it
/// where a group of features has that name.
fn name<'a>(part: &'a Part, layout: &'a Layout) -> Cow<'a, str> {
    match &part.source {
        Source::Group(group) => group.name().into(),
        Source::Model(name) => name.into(),
        Source::Covariate(column) => {
            let name = layout.exogenous.get(*column).map_or("", String::as_str);
            if Group::ALL.iter().any(|group| group.name() == name) {
                format!("covariate {name}").into()
            } else {
                name.into()
            }
        }
    }
}
