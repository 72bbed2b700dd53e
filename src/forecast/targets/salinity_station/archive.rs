//! All mornings of earlier seasons with what was known on each, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::Date;

use super::HORIZONS;
use super::morning::{Morning, Origin, SALINITY, mix};
use crate::domain::time::{IssuedAt, date_of_epoch_day, epoch_day};
use crate::domain::{Geography, PlaceId};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;

/// Days of history that make a station a main one: three dry seasons nearly complete.
const MAIN_DAYS: usize = 400;
/// Seasons of history that make a station a main one.
const MAIN_SEASONS: usize = 3;
/// A main station also has at least this share of the longest history: each costs as much to learn
/// from as any other, and the short ones end decades ago.
const MAIN_SHARE: f64 = 0.5;

/// The stations of the province, which are learned from before all others: its rivers are served,
/// and stations beyond it taught nothing (all long records together: no better, 1.6 times the time).
#[expect(clippy::expect_used, reason = "the shipped table is kept whole by a test")]
static IN_PROVINCE: LazyLock<BTreeSet<PlaceId>> = LazyLock::new(|| {
    let geography = Geography::shipped().expect("the shipped tables are whole");
    geography.stations.into_iter().filter(|(_, s)| s.in_province).map(|(place, _)| place).collect()
});

/// Earlier seasons; a season is the calendar year of its mornings (the salt comes December to July).
#[derive(Debug)]
pub(super) struct Archive {
    /// The first season that is not in it.
    pub until: i16,
    seasons: BTreeMap<i16, BTreeMap<PlaceId, Vec<Origin>>>,
    truth: BTreeMap<PlaceId, BTreeMap<i64, f64>>,
    prints: BTreeMap<i16, u64>,
}

impl Archive {
    /// Returns the seasons before the year of `cut`, every morning with what was known then and
    /// every outcome as it was known at the cut.
    pub(super) fn before(panel: &Panel, cut: IssuedAt) -> Result<Self, ForecastError> {
        let until = cut.local_date().year();
        let end = first_day(until);
        let known = Known::at(panel, cut);
        let mut truth = BTreeMap::new();
        let mut days = BTreeSet::new();
        for place in panel.places_of(SALINITY) {
            let Some((first, last)) = panel.get(SALINITY, place).and_then(|s| s.span()) else {
                continue;
            };
            let series = known.series(SALINITY, place);
            let values: BTreeMap<i64, f64> = (first..=last.min(end - 1))
                .filter_map(|day| series.on(day).map(|g_l| (day, g_l.max(0.0).sqrt())))
                .collect();
            days.extend(values.keys().copied());
            truth.insert(place.clone(), values);
        }
        let mut seasons: BTreeMap<i16, BTreeMap<PlaceId, Vec<Origin>>> = BTreeMap::new();
        for day in days.into_iter().filter(|day| day + 1 < end) {
            let date = date_of_epoch_day(day + 1);
            let morning = Morning::read(&Known::at(panel, IssuedAt::morning_of(date)?));
            let season = seasons.entry(date.year()).or_default();
            for place in truth.keys() {
                if let Some(origin) = morning.origin(place) {
                    season.entry(place.clone()).or_default().push(origin);
                }
            }
        }
        let prints = BTreeMap::new();
        let mut archive = Self { until, seasons, truth, prints };
        archive.prints = archive.fingerprints();
        Ok(archive)
    }

    fn fingerprints(&self) -> BTreeMap<i16, u64> {
        let mut prints = BTreeMap::new();
        let mut hash = 0;
        for (year, season) in &self.seasons {
            for (place, origins) in season {
                hash = place.as_str().bytes().fold(hash, |hash, b| mix(hash, u64::from(b)));
                for origin in origins {
                    hash = mix(hash, origin.fingerprint());
                    hash = mix(hash, self.outcome(place, origin.day).unwrap_or(-1.0).to_bits());
                }
            }
            prints.insert(*year, hash);
        }
        prints
    }

    /// Returns a number that differs when anything in the seasons before `year` differs.
    pub(super) fn fingerprint(&self, year: i16) -> u64 {
        self.prints.range(..year).next_back().map_or(0, |(_, print)| *print)
    }

    /// Returns what was observed (root of g/L).
    pub(super) fn outcome(&self, place: &PlaceId, day: i64) -> Option<f64> {
        self.truth.get(place)?.get(&day).copied()
    }

    /// Returns all that was observed at each station: epoch day and root of g/L.
    pub(super) fn truth(&self) -> &BTreeMap<PlaceId, BTreeMap<i64, f64>> {
        &self.truth
    }

    /// Returns the mornings of a station in one season.
    pub(super) fn origins(&self, year: i16, place: &PlaceId) -> &[Origin] {
        self.seasons.get(&year).and_then(|s| s.get(place)).map_or(&[], Vec::as_slice)
    }

    /// Returns the seasons before `year`, oldest first.
    pub(super) fn years_before(&self, year: i16) -> impl DoubleEndedIterator<Item = i16> {
        self.seasons.range(..year).map(|(year, _)| *year)
    }

    /// Returns the first and last day any tide is needed for; `None` without any season.
    pub(super) fn span(&self) -> Option<(i64, i64)> {
        let days = self.truth.values().filter_map(|v| Some((v.keys().next()?, v.keys().last()?)));
        let span = days.fold((i64::MAX, i64::MIN), |s, (a, b)| (s.0.min(*a), s.1.max(*b)));
        (span.0 <= span.1).then(|| (span.0 - 1, span.1 + HORIZONS as i64 + 1))
    }

    /// Returns the stations to learn from before `year`, in order: those of the province with enough
    /// history, whether they reported lately or not (a station that returns is known again); without
    /// any, those with enough history elsewhere.
    pub(super) fn mains(&self, year: i16) -> Vec<PlaceId> {
        let history = |place: &PlaceId| {
            let days = self.years_before(year).map(|y| self.origins(y, place).len());
            days.filter(|n| *n > 0).fold((0, 0), |(sum, seasons), n| (sum + n, seasons + 1))
        };
        let all: Vec<_> = self.truth.keys().map(|place| (place, history(place))).collect();
        let ours: Vec<_> = all.iter().filter(|(p, _)| IN_PROVINCE.contains(*p)).copied().collect();
        let known_here = ours.iter().any(|(_, (days, seasons))| is_long(*days, *seasons));
        let stations = if known_here { ours } else { all };
        let longest = stations.iter().map(|(_, (days, _))| *days).max().unwrap_or(0);
        let share = (longest as f64 * MAIN_SHARE) as usize;
        stations
            .into_iter()
            .filter(|(_, (days, seasons))| is_long(*days, *seasons) && *days >= share)
            .map(|(place, _)| place.clone())
            .collect()
    }

    /// Returns the forecasts of a station that fell due before `year` was over: horizon and outcome
    /// of each, by morning.
    pub(super) fn due<'a>(
        &'a self,
        year: i16,
        place: &'a PlaceId,
    ) -> impl Iterator<Item = (&'a Origin, usize, f64)> {
        let end = first_day(year + 1);
        self.origins(year, place).iter().flat_map(move |origin| {
            (1..=HORIZONS).filter_map(move |h| {
                let day = origin.day + h as i64;
                let outcome = self.outcome(place, day).filter(|_| day < end)?;
                Some((origin, h, outcome))
            })
        })
    }
}

/// Returns whether a history is long enough to learn from.
const fn is_long(days: usize, seasons: usize) -> bool {
    days >= MAIN_DAYS && seasons >= MAIN_SEASONS
}

/// Returns 1 January as an epoch day.
pub(super) fn first_day(year: i16) -> i64 {
    epoch_day(Date::constant(year, 1, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{DailySeries, SeriesKey};

    /// Stations with these first and last seasons, each observed for this many days from 1 January.
    fn archive(stations: &[(&str, i16, i16)], days: i64) -> Archive {
        let series = stations.iter().map(|(id, from, to)| {
            let days = (*from..=*to).flat_map(|year| first_day(year)..first_day(year) + days);
            let rows: Vec<(i64, i64, f64)> = days.map(|day| (day, 0, 2.0)).collect();
            let place = PlaceId::new("salinity", id).unwrap();
            (SeriesKey { variable: SALINITY.into(), place }, DailySeries::from_rows(&rows))
        });
        let cut = IssuedAt::morning_of(Date::constant(2011, 1, 1)).unwrap();
        Archive::before(&series.collect(), cut).unwrap()
    }

    fn mains(stations: &[(&str, i16, i16)]) -> Vec<String> {
        archive(stations, 150).mains(2011).iter().map(|place| place.id().to_owned()).collect()
    }

    #[test]
    fn stations_of_the_province_are_learned_from_also_when_they_fell_silent() {
        let here = [("37", 2002, 2010), ("38", 2000, 2005)];
        let elsewhere = ("41", 2000, 2010);
        assert_eq!(mains(&[here[0], here[1], elsewhere]), ["37", "38"]);
        assert_eq!(mains(&[elsewhere, ("37", 2010, 2010)]), ["41"]);
    }

    #[test]
    fn short_records_are_never_main() {
        assert_eq!(mains(&[("long", 2002, 2010), ("short", 2008, 2010)]), ["long"]);
        assert!(mains(&[("new", 2009, 2010)]).is_empty());
    }

    #[test]
    fn what_falls_due_after_new_year_is_not_learned_from() {
        let archive = archive(&[("a", 2002, 2010)], 365);
        let place = PlaceId::new("salinity", "a").unwrap();
        let last = first_day(2010) - 1;
        let newest = archive.due(2009, &place).map(|(o, h, _)| o.day + h as i64).max();
        assert_eq!(newest, Some(last));
        assert!(archive.outcome(&place, last + 1).is_some());
        assert!(archive.truth()[&place].keys().all(|day| *day < first_day(2011)));
        assert_ne!(archive.fingerprint(2010), archive.fingerprint(2011));
    }
}
