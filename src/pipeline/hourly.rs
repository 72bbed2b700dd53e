//! From the lake to the readings of a place that hourly models learn from.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::PipelineError;
use crate::domain::PlaceId;
use crate::forecast::intake::Told;
use crate::frames::Observation;
use crate::frames::observations::OBSERVATION;
use crate::storage::{Filter, Lake};

/// Returns the conductivity readings of every place: the newest revision of each, without those
/// that measured nothing or come from a probe that cannot be trusted. Steps and spikes stay: they
/// are part of a front, and whether a reading was a spike is known only from what came after it.
///
/// # Errors
/// [`PipelineError::Storage`] when the lake cannot be read.
pub async fn conductivity(lake: &Lake) -> Result<BTreeMap<PlaceId, Vec<Told>>, PipelineError> {
    let filter = Filter::all().and("variable", ["ec_us_cm"]);
    let rows: Vec<Observation> = lake.rows(&OBSERVATION, &filter).await?;
    let mut newest: BTreeMap<(PlaceId, Timestamp, std::sync::Arc<str>), Observation> =
        BTreeMap::new();
    for row in rows {
        let key = (row.place.clone(), row.valid_time, row.source.clone());
        let known = newest.get(&key).is_some_and(|old| old.revision >= row.revision);
        if !known {
            newest.insert(key, row);
        }
    }
    let mut places: BTreeMap<PlaceId, Vec<Told>> = BTreeMap::new();
    for row in newest.into_values().filter(|row| !row.qc.is_from_a_bad_probe()) {
        let told = Told { at: row.valid_time, ec_us_cm: row.value, available_at: row.available_at };
        places.entry(row.place).or_default().push(told);
    }
    Ok(places)
}
