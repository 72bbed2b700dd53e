//! Panels made from observation rows by Polars.

use std::collections::BTreeMap;

use polars::error::PolarsError;
use polars::prelude::{DataFrame, DataType, IntoLazy, SortMultipleOptions, TimeUnit, col};

use super::FeatureError;
use super::series::{DailySeries, Panel, SeriesKey};
use crate::domain::QcFlag;

/// Microseconds a day.
const DAY_US: i64 = 86_400_000_000;

/// Local time is seven hours ahead of UTC (see `domain::time`).
const LOCAL_US: i64 = 7 * 3_600_000_000;

impl Panel {
    /// Returns the panel of an observation frame (columns as in the observation table).
    ///
    /// Values whose flags hold any of `without_flags` are left out; of those left, one that was made
    /// up makes the panel a sample. Where several sources speak
    /// of one variable, place and day, the source that comes first by name stands.
    ///
    /// # Errors
    /// [`FeatureError`] when the frame is not an observation frame.
    pub fn from_frame(frame: DataFrame, without_flags: &[&str]) -> Result<Self, FeatureError> {
        let failed = |e: polars::error::PolarsError| FeatureError::Frame { reason: e.to_string() };
        let micros = |name: &str| {
            col(name).cast(DataType::Datetime(TimeUnit::Microseconds, None)).cast(DataType::Int64)
        };
        let by = ["variable", "place", "valid", "source", "revision"];
        let sorted = frame
            .lazy()
            .select([
                col("variable"),
                col("place"),
                micros("valid_time").alias("valid"),
                col("source"),
                col("revision"),
                micros("available_at").alias("available"),
                col("value"),
                col("qc"),
            ])
            .sort(by, SortMultipleOptions::default())
            .collect()
            .map_err(failed)?;
        rows_to_panel(&sorted, without_flags).map_err(failed)?
    }
}

type Rows = Vec<(i64, i64, f64)>;

fn rows_to_panel(
    sorted: &DataFrame,
    without_flags: &[&str],
) -> Result<Result<Panel, FeatureError>, PolarsError> {
    let (variables, places) = (sorted.column("variable")?.str()?, sorted.column("place")?.str()?);
    let (valid, sources) = (sorted.column("valid")?.i64()?, sorted.column("source")?.str()?);
    let (available, values) = (sorted.column("available")?.i64()?, sorted.column("value")?.f64()?);
    let flags = sorted.column("qc")?.str()?;
    let unwanted = |qc: &str| qc.split('|').any(|flag| without_flags.contains(&flag));
    let made_up = |qc: &str| qc.split('|').any(|flag| flag == QcFlag::Sample.as_str());
    let mut sample = false;
    let mut panel: BTreeMap<(String, String), (Rows, &str)> = BTreeMap::new();
    for index in 0..sorted.height() {
        let (Some(variable), Some(place), Some(valid), Some(source), Some(available), Some(value)) = (
            variables.get(index),
            places.get(index),
            valid.get(index),
            sources.get(index),
            available.get(index),
            values.get(index),
        ) else {
            continue;
        };
        let day = (valid + LOCAL_US).div_euclid(DAY_US);
        if flags.get(index).is_some_and(unwanted) {
            continue;
        }
        sample |= flags.get(index).is_some_and(made_up);
        let (rows, last_source) = panel.entry((variable.to_owned(), place.to_owned())).or_default();
        let same_day = rows.last().is_some_and(|r| r.0 == day);
        if same_day && *last_source != source {
            continue;
        }
        *last_source = source;
        rows.push((day, available, value));
    }
    let panel: Result<Panel, FeatureError> = panel
        .into_iter()
        .map(|((variable, place), (rows, _))| {
            let key = SeriesKey { variable: variable.into(), place: place.parse()? };
            Ok((key, DailySeries::from_rows(&rows)))
        })
        .collect();
    Ok(panel.map(|panel| panel.marked(sample)))
}
