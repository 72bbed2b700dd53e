//! Regular daily series, each day with everything ever told of it, and panels of such series.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::PlaceId;

/// Which series: a variable at a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    /// Name in the catalogue of variables.
    pub variable: Arc<str>,
    /// Where.
    pub place: PlaceId,
}

/// One told value: when it could be known, and what it said.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Told {
    available_us: i64,
    value: f64,
}

/// A daily series on a regular axis of local days. Each day holds every value told of it, in the
/// order of revisions, so that any past moment can be replayed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DailySeries {
    first_day: i64,
    told: Vec<Option<Told>>,
    corrections: BTreeMap<i64, Vec<Told>>,
}

impl DailySeries {
    /// Returns the series of rows (epoch day, available at in microseconds, value); rows of the
    /// same day must be in the order of their revisions.
    #[must_use]
    pub fn from_rows(rows: &[(i64, i64, f64)]) -> Self {
        let Some(first_day) = rows.iter().map(|r| r.0).min() else { return Self::default() };
        let last_day = rows.iter().map(|r| r.0).max().unwrap_or(first_day);
        let length = usize::try_from(last_day - first_day + 1).unwrap_or(0);
        let mut series = Self { first_day, told: vec![None; length], corrections: BTreeMap::new() };
        for (day, available_us, value) in rows {
            let told = Told { available_us: *available_us, value: *value };
            let index = usize::try_from(day - first_day).unwrap_or(0);
            match &mut series.told[index] {
                Some(_) => series.corrections.entry(*day).or_default().push(told),
                empty => *empty = Some(told),
            }
        }
        series
    }

    /// Returns the first and last epoch day, or `None` for an empty series.
    #[must_use]
    pub fn span(&self) -> Option<(i64, i64)> {
        let length = i64::try_from(self.told.len()).unwrap_or(0);
        (length > 0).then(|| (self.first_day, self.first_day + length - 1))
    }

    /// Returns the value of an epoch day as it was known at `at_us` (microseconds UTC).
    #[must_use]
    pub fn at(&self, day: i64, at_us: i64) -> Option<f64> {
        let index = usize::try_from(day - self.first_day).ok()?;
        let first = (*self.told.get(index)?)?;
        let mut known = (first.available_us <= at_us).then_some(first.value);
        for correction in self.corrections.get(&day).into_iter().flatten() {
            if correction.available_us <= at_us {
                known = Some(correction.value);
            }
        }
        known
    }

    /// Returns the newest value of an epoch day, whenever it came to be known. For scoring only.
    #[must_use]
    pub fn truth(&self, day: i64) -> Option<f64> {
        self.at(day, i64::MAX)
    }

    /// Returns when the value used at `at_us` became available, in microseconds UTC.
    #[must_use]
    pub fn available_us(&self, day: i64, at_us: i64) -> Option<i64> {
        let index = usize::try_from(day - self.first_day).ok()?;
        let first = (*self.told.get(index)?)?;
        let corrections = self.corrections.get(&day).into_iter().flatten();
        corrections
            .chain(std::iter::once(&first))
            .map(|told| told.available_us)
            .filter(|available| *available <= at_us)
            .max()
    }

    /// Returns the series with every value not yet available at `at_us` replaced by `garbage`.
    /// For the leakage test.
    #[must_use]
    pub fn with_garbage_after(&self, at_us: i64, garbage: impl Fn(i64) -> f64) -> Self {
        let mut copy = self.clone();
        for (day, told) in (self.first_day..).zip(&mut copy.told) {
            if let Some(told) = told.as_mut().filter(|t| t.available_us > at_us) {
                told.value = garbage(day);
            }
        }
        for (day, told) in &mut copy.corrections {
            for told in told.iter_mut().filter(|t| t.available_us > at_us) {
                told.value = garbage(*day);
            }
        }
        copy
    }
}

/// Daily series by variable and place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Panel {
    series: BTreeMap<SeriesKey, DailySeries>,
    sample: bool,
}

impl Panel {
    /// Returns one series; an absent one is empty.
    #[must_use]
    pub fn get(&self, variable: &str, place: &PlaceId) -> Option<&DailySeries> {
        self.series.get(&SeriesKey { variable: variable.into(), place: place.clone() })
    }

    /// Returns the places that have this variable, in the order of their names.
    pub fn places_of(&self, variable: &str) -> impl Iterator<Item = &PlaceId> {
        self.series.keys().filter(move |k| &*k.variable == variable).map(|k| &k.place)
    }

    /// Returns all series in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&SeriesKey, &DailySeries)> {
        self.series.iter()
    }

    /// Returns whether any of it was made up by the sample generator, so that all that comes of it
    /// is a sample.
    #[must_use]
    pub const fn is_sample(&self) -> bool {
        self.sample
    }

    pub(super) fn marked(self, sample: bool) -> Self {
        Self { sample, ..self }
    }

    /// Adds or replaces a series.
    pub fn insert(&mut self, key: SeriesKey, series: DailySeries) {
        self.series.insert(key, series);
    }
}

impl FromIterator<(SeriesKey, DailySeries)> for Panel {
    fn from_iter<I: IntoIterator<Item = (SeriesKey, DailySeries)>>(series: I) -> Self {
        Self { series: series.into_iter().collect(), sample: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correction_is_known_only_after_it_came_in() {
        let series = DailySeries::from_rows(&[(10, 100, 1.0), (10, 500, 2.0), (12, 120, 3.0)]);
        assert_eq!(series.at(10, 99), None);
        assert_eq!(series.at(10, 100), Some(1.0));
        assert_eq!(series.at(10, 499), Some(1.0));
        assert_eq!(series.at(10, 500), Some(2.0));
        assert_eq!(series.at(11, 999), None);
        assert_eq!(series.truth(12), Some(3.0));
        assert_eq!(series.span(), Some((10, 12)));
    }

    #[test]
    fn garbage_replaces_only_what_was_not_available() {
        let series = DailySeries::from_rows(&[(10, 100, 1.0), (10, 500, 2.0), (12, 120, 3.0)]);
        let spoiled = series.with_garbage_after(110, |_| -999.0);
        assert_eq!(spoiled.at(10, 110), series.at(10, 110));
        assert_eq!(spoiled.truth(10), Some(-999.0));
        assert_eq!(spoiled.truth(12), Some(-999.0));
    }
}
