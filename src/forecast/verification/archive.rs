//! Archived category forecasts, each taken once and joined to what was observed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::events::EventPair;
use super::rain_words::{CodeKey, RainClass};
use crate::domain::PlaceId;

/// What a provider said about one place and day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryForecast {
    /// The area it speaks of.
    pub place: PlaceId,
    /// The local day of issue (epoch day).
    pub issued_day: i64,
    /// The local day it speaks of (epoch day).
    pub valid_day: i64,
    /// The provider's code, as text.
    pub code: String,
}

/// Place, day of issue and day spoken of.
type Key = (PlaceId, i64, i64);

/// Forecasts, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Archive {
    /// What was said; `None` where two rows contradict each other.
    said: BTreeMap<Key, Option<String>>,
    repeated: usize,
}

/// Forecasts joined to observations, and what could not be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Joined {
    /// The pairs, in the order of places and days.
    pub pairs: Vec<EventPair>,
    /// Forecasts whose code has no rain class, by code.
    pub unclassed: BTreeMap<String, usize>,
    /// Forecasts without an observation, by place.
    pub unobserved: BTreeMap<PlaceId, usize>,
}

impl FromIterator<CategoryForecast> for Archive {
    fn from_iter<I: IntoIterator<Item = CategoryForecast>>(rows: I) -> Self {
        let mut archive = Self::default();
        for row in rows {
            match archive.said.entry((row.place, row.issued_day, row.valid_day)) {
                Entry::Vacant(free) => {
                    free.insert(Some(row.code));
                }
                Entry::Occupied(mut taken) => {
                    archive.repeated += 1;
                    if taken.get().as_ref() != Some(&row.code) {
                        taken.insert(None);
                    }
                }
            }
        }
        archive
    }
}

impl Archive {
    /// Returns how many forecasts there are, contradictory ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.said.len()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// Returns how many rows said something about a place and day already spoken of in that issue.
    #[must_use]
    pub const fn repeated(&self) -> usize {
        self.repeated
    }

    /// Returns how many forecasts were dropped because two rows said different things.
    #[must_use]
    pub fn contradictory(&self) -> usize {
        self.said.values().filter(|code| code.is_none()).count()
    }

    /// Returns the forecasts that `event` or a higher class of rain comes, joined to whether it did.
    ///
    /// `whole` gives for a place the place whose observations it is verified with; where several
    /// forecasts of one issue fall on one whole (a district and its mountain part), the highest
    /// class counts. `happened` gives whether the event was observed at a place on a day.
    pub fn join(
        &self,
        key: &CodeKey,
        event: RainClass,
        whole: impl Fn(&PlaceId) -> PlaceId,
        happened: impl Fn(&PlaceId, i64) -> Option<bool>,
    ) -> Joined {
        let mut joined = Joined::default();
        let mut highest: BTreeMap<Key, RainClass> = BTreeMap::new();
        for ((place, issued_day, valid_day), code) in &self.said {
            let Some(code) = code else { continue };
            let Some(class) = key.class(code) else {
                *joined.unclassed.entry(code.clone()).or_default() += 1;
                continue;
            };
            let of_whole = highest.entry((whole(place), *issued_day, *valid_day)).or_insert(class);
            *of_whole = class.max(*of_whole);
        }
        for ((place, issued_day, valid_day), class) in highest {
            let Some(happened) = happened(&place, valid_day) else {
                *joined.unobserved.entry(place).or_default() += 1;
                continue;
            };
            let (lead_days, forecast) = (valid_day - issued_day, class >= event);
            joined.pairs.push(EventPair { issued_day, lead_days, forecast, happened });
        }
        joined
    }
}

/// Returns whether at least one gauge of an area had `threshold_mm`, from all gauges that should
/// have told: yes as soon as one did; no only when at least half told and none did, for the silent
/// ones could have been the wet ones; else `None`. Half is our own choice.
#[must_use]
pub fn area_event(gauges_mm: &[Option<f64>], threshold_mm: f64) -> Option<bool> {
    let told = gauges_mm.iter().flatten().filter(|rain_mm| rain_mm.is_finite());
    if told.clone().any(|rain_mm| *rain_mm >= threshold_mm) {
        return Some(true);
    }
    let count = told.count();
    (count > 0 && 2 * count >= gauges_mm.len()).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(id: &str) -> PlaceId {
        PlaceId::new("area", id).unwrap()
    }

    fn row(id: &str, issued_day: i64, valid_day: i64, code: &str) -> CategoryForecast {
        CategoryForecast { place: place(id), issued_day, valid_day, code: code.to_owned() }
    }

    fn key() -> CodeKey {
        CodeKey::from_rows([("1", "dry"), ("5", "heavy rain"), ("43", "cyclone")])
    }

    #[test]
    fn a_repeated_row_counts_once_and_a_contradiction_not_at_all() {
        let rows = [
            row("a", 10, 11, "5"),
            row("a", 10, 11, "5"),
            row("b", 10, 11, "5"),
            row("b", 10, 11, "1"),
            row("b", 10, 11, "5"),
        ];
        let archive: Archive = rows.into_iter().collect();
        assert_eq!((archive.len(), archive.repeated(), archive.contradictory()), (2, 3, 1));
        let joined = archive.join(&key(), RainClass::Heavy, Clone::clone, |_, day| Some(day == 11));
        let expected = EventPair { issued_day: 10, lead_days: 1, forecast: true, happened: true };
        assert_eq!(joined.pairs, [expected]);
    }

    #[test]
    fn what_cannot_be_joined_is_counted_by_its_cause() {
        let rows =
            [row("a", 1, 1, "43"), row("a", 1, 2, "99"), row("a", 1, 3, "1"), row("b", 1, 3, "1")];
        let archive: Archive = rows.into_iter().collect();
        let joined = archive.join(&key(), RainClass::Light, Clone::clone, |at, _| {
            (at == &place("a")).then_some(false)
        });
        assert_eq!(joined.pairs.len(), 1);
        assert_eq!(joined.unclassed, BTreeMap::from([("43".to_owned(), 1), ("99".to_owned(), 1)]));
        assert_eq!(joined.unobserved, BTreeMap::from([(place("b"), 1)]));
        assert!(!archive.is_empty());
    }

    #[test]
    fn a_part_of_a_district_can_raise_its_class_but_not_lower_it() {
        let rows = [
            row("a", 1, 2, "1"),
            row("part_of_a", 1, 2, "5"),
            row("part_of_a", 1, 3, "1"),
            row("a", 1, 3, "5"),
        ];
        let archive: Archive = rows.into_iter().collect();
        let joined = archive.join(&key(), RainClass::Heavy, |_| place("a"), |_, _| Some(false));
        assert!(joined.pairs.iter().all(|pair| pair.forecast), "{joined:?}");
        assert_eq!(joined.pairs.len(), 2);
    }

    #[test]
    fn silent_gauges_can_hide_rain_but_not_undo_it() {
        assert_eq!(area_event(&[Some(80.0), None, None, None], 64.5), Some(true));
        assert_eq!(area_event(&[Some(8.0), None, None], 64.5), None);
        assert_eq!(area_event(&[Some(8.0), None], 64.5), Some(false));
        assert_eq!(area_event(&[Some(f64::NAN), None], 64.5), None);
        assert_eq!(area_event(&[], 64.5), None);
    }
}
