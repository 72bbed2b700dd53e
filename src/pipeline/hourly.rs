//! From the lake to the readings of a place that hourly models learn from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::PipelineError;
use crate::domain::PlaceId;
use crate::forecast::intake::Told;
use crate::frames::observations::OBSERVATION;
use crate::frames::{Observation, from_batch};
use crate::storage::{Filter, Lake};

/// Which readings are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of these places; of all when left out.
    pub places: Option<BTreeSet<PlaceId>>,
    /// Of these local years; of all when left out.
    pub years: Option<Vec<i16>>,
}

/// The place, the moment and the source that a reading and its corrections share.
type Key = (PlaceId, Timestamp, Arc<str>);

/// What was said of one reading, by revision: µS/cm if it can be used, and when it was known.
type Said = BTreeMap<i64, (Option<f64>, Timestamp)>;

/// Returns the conductivity readings of every wanted place with their corrections, without those
/// that measured nothing or come from a probe that cannot be trusted. Steps and spikes stay: they
/// are part of a front, and whether a reading was a spike is known only from what came after it.
///
/// # Errors
/// [`PipelineError::Storage`] when the lake cannot be read.
pub async fn conductivity(
    lake: &Lake,
    wanted: &Wanted,
) -> Result<BTreeMap<PlaceId, Vec<Told>>, PipelineError> {
    let mut filter = Filter::all().and("variable", ["ec_us_cm"]);
    if let Some(years) = &wanted.years {
        filter = filter.and("period", years.iter());
    }
    let mut said: BTreeMap<Key, Said> = BTreeMap::new();
    let take = |batch| {
        for row in from_batch::<Observation>(&OBSERVATION, &batch)? {
            if wanted.places.as_ref().is_none_or(|places| places.contains(&row.place)) {
                let value = (!row.qc.is_from_a_bad_probe()).then_some(row.value);
                let key = (row.place, row.valid_time, row.source);
                said.entry(key).or_default().insert(row.revision, (value, row.available_at));
            }
        }
        Ok(())
    };
    lake.each_batch(&OBSERVATION, &filter, take).await?;
    let mut places: BTreeMap<PlaceId, Vec<Told>> = BTreeMap::new();
    for ((place, at, _), said) in said {
        places.entry(place).or_default().extend(told(at, &said));
    }
    places.retain(|_, told| !told.is_empty());
    Ok(places)
}

/// Returns each usable revision with the moment the next one took its place.
fn told(at: Timestamp, said: &Said) -> impl Iterator<Item = Told> {
    let next = said.values().skip(1).map(|(_, known)| Some(*known)).chain([None]);
    said.values().zip(next).filter_map(move |((value, available_at), replaced_at)| {
        Some(Told { at, ec_us_cm: (*value)?, available_at: *available_at, replaced_at })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corrected_reading_stood_until_its_correction() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (first, second) = (at("2025-02-01T00:10:00Z"), at("2025-02-01T00:20:00Z"));
        let said = Said::from([(0, (Some(9_000.0), first)), (1, (None, second))]);
        let told: Vec<Told> = told(at("2025-02-01T00:00:00Z"), &said).collect();
        assert_eq!(told.len(), 1);
        assert!(told[0].stood_at(first) && !told[0].stood_at(second));
    }
}
