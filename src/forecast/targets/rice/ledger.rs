//! What is known of past harvests: area, yield and production of each place, year by year.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::Measure;
use super::calendar::{OLD_PROVINCE, Season, merged, parts};
use super::loss::LOST_SHARE;
use crate::domain::PlaceId;
use crate::domain::time::date_of_epoch_day;
use crate::features::{Known, Panel};

/// Yield by province and season.
pub(super) const YIELD: &str = "rice_yield_t_ha";
/// Area by province and season.
pub(super) const AREA: &str = "rice_area_kha";

/// The first year looked for: the statistics by season begin in 1995.
const FIRST_YEAR: i16 = 1990;
/// The last year looked for when nobody says how late it is, far beyond any archive.
const LAST_YEAR: i16 = 2100;

/// Years that tell whether a place still grows a crop.
const GROWN_YEARS: i16 = 10;

/// A change of area from one year to the next by more than this factor is a change of what is
/// counted, not of the crop: 2015 moved Trà Vinh's main season into summer_autumn (89 to 2.6
/// thousand hectares), 2004 split Hậu Giang off (`shared/data/README.md`, crop).
const BREAK_FACTOR: f64 = 1.5;

/// One harvest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Harvest {
    /// Thousand hectares.
    pub area_kha: f64,
    /// Tonnes a hectare.
    pub yield_t_ha: f64,
}

impl Harvest {
    /// Returns the amount in the measure's unit; production is area times yield, thousand tonnes.
    pub fn amount(self, measure: Measure) -> f64 {
        match measure {
            Measure::Yield | Measure::Loss => self.yield_t_ha,
            Measure::Area => self.area_kha,
            Measure::Production => self.area_kha * self.yield_t_ha,
        }
    }
}

/// The values of a series by day.
type Lookup<'a> = Box<dyn Fn(i64) -> Option<f64> + 'a>;

/// The harvests of one place by year.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct History(BTreeMap<i16, Harvest>);

impl History {
    /// Returns the history of a place in these years; `series` gives the values of a variable at a
    /// place by day.
    fn read<'a>(
        place: &PlaceId,
        years: RangeInclusive<i16>,
        series: impl Fn(&str, &PlaceId) -> Lookup<'a>,
    ) -> Self {
        let Some(season) = Season::of(place) else { return Self::default() };
        let own = |place: &PlaceId| {
            let (area, yields) = (series(AREA, place), series(YIELD, place));
            let harvest = |year| {
                let day = season.start(year);
                let area_kha = area(day).filter(|v| *v > 0.0)?;
                let yield_t_ha = yields(day).filter(|v| *v > 0.0)?;
                Some((year, Harvest { area_kha, yield_t_ha }))
            };
            Self(years.clone().filter_map(harvest).collect())
        };
        let parts: Vec<Self> = parts(place).iter().map(own).collect();
        if parts.is_empty() { own(place) } else { Self::sum(&parts) }
    }

    /// Returns the sum of parts: areas and productions add up, the yield is their quotient. A part
    /// that grew the crop the year before and has no number yet leaves the year open.
    fn sum(parts: &[Self]) -> Self {
        let years: Vec<i16> = parts.iter().flat_map(|part| part.0.keys().copied()).collect();
        let total = |year: i16| {
            let missing =
                |part: &&Self| !part.0.contains_key(&year) && part.0.contains_key(&(year - 1));
            if parts.iter().any(|part| missing(&part)) {
                return None;
            }
            let grown = || parts.iter().filter_map(|part| part.0.get(&year));
            let area_kha: f64 = grown().map(|h| h.area_kha).sum();
            let production: f64 = grown().map(|h| h.amount(Measure::Production)).sum();
            Some((year, Harvest { area_kha, yield_t_ha: production / area_kha }))
        };
        Self(years.into_iter().filter_map(total).collect())
    }

    /// Returns what happened to a place, from the whole panel. For scoring only.
    pub fn truth(panel: &Panel, place: &PlaceId) -> Self {
        Self::read(place, FIRST_YEAR..=LAST_YEAR, |variable, place| {
            let series = panel.get(variable, place);
            Box::new(move |day| series?.truth(day))
        })
    }

    /// Returns the harvest of a year.
    pub fn get(&self, year: i16) -> Option<Harvest> {
        self.0.get(&year).copied()
    }

    /// Returns the years known, in order.
    pub fn years(&self) -> impl Iterator<Item = i16> {
        self.0.keys().copied()
    }

    /// Returns the years and harvests of `from..year`, oldest first.
    pub fn between(&self, from: i16, year: i16) -> impl DoubleEndedIterator<Item = (i16, Harvest)> {
        self.0.range(from.min(year)..year).map(|(year, harvest)| (*year, *harvest))
    }

    /// Returns the harvests of the five years before `year` that are of its kind: those since the
    /// last break of the area.
    pub fn recent(&self, year: i16) -> Vec<(i16, Harvest)> {
        let mut recent: Vec<(i16, Harvest)> = self.between(year - 5, year).collect();
        if let Some(broken) = recent.iter().rposition(|(y, _)| self.breaks(*y)) {
            recent.drain(..broken);
        }
        recent
    }

    /// Returns whether the area of a year is not of a kind with the year before. Fields given up
    /// because the crop was lost come back: they are no break.
    pub fn breaks(&self, year: i16) -> bool {
        let (Some(now), Some(before)) = (self.get(year), self.get(year - 1)) else { return false };
        let ratio = now.area_kha / before.area_kha;
        let lost = now.yield_t_ha < LOST_SHARE * before.yield_t_ha;
        !lost && !(1.0 / BREAK_FACTOR..=BREAK_FACTOR).contains(&ratio)
    }

    /// Returns the log changes of a measure from year to year, of `from..year`, breaks left out.
    pub fn changes(&self, measure: Measure, from: i16, year: i16) -> impl Iterator<Item = f64> {
        self.between(from, year).filter(|(y, _)| !self.breaks(*y)).filter_map(move |(y, now)| {
            let before = self.get(y - 1)?;
            Some((now.amount(measure) / before.amount(measure)).ln())
        })
    }
}

/// Every place's harvests, as known at one moment; the merged province among them.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger(BTreeMap<PlaceId, History>);

impl Ledger {
    /// Returns what was known then.
    pub fn known(known: &Known<'_>) -> Self {
        // The crop in the field may be counted to the next year.
        let this_year = date_of_epoch_day(known.today()).year();
        Self::read(known, &Season::ALL, FIRST_YEAR..=this_year + 1)
    }

    /// Returns what tells whether the places of a season grow the crop of `year`.
    pub fn before(known: &Known<'_>, season: Season, year: i16) -> Self {
        Self::read(known, &[season], year - GROWN_YEARS..=year - 1)
    }

    fn read(known: &Known<'_>, seasons: &[Season], years: RangeInclusive<i16>) -> Self {
        let history = |place: &PlaceId| {
            History::read(place, years.clone(), |variable, place| {
                let series = known.series(variable, place);
                Box::new(move |day| series.on(day))
            })
        };
        let old = known.places_of(YIELD).filter(|place| {
            place.kind() == OLD_PROVINCE && Season::of(place).is_some_and(|s| seasons.contains(&s))
        });
        let places: Vec<PlaceId> =
            old.cloned().chain(seasons.iter().filter_map(|season| merged(*season))).collect();
        Self(places.into_iter().map(|place| (place.clone(), history(&place))).collect())
    }

    /// Returns whether a place grew the crop in the newest year known of it anywhere, or the year
    /// before: an absent row is a season not grown.
    pub fn grows(&self, place: &PlaceId, year: i16) -> bool {
        let newest = |history: &History| {
            history.between(year - GROWN_YEARS, year).next_back().map(|(year, _)| year)
        };
        let season = Season::of(place).into_iter().flat_map(|season| self.old(season));
        let anywhere = season.filter_map(|(_, history)| newest(history)).max();
        let own = self.0.get(place).and_then(newest);
        own.zip(anywhere).is_some_and(|(own, all)| own >= all - 1)
    }

    /// Returns the history of a place; an unknown one has none.
    pub fn of(&self, place: &PlaceId) -> History {
        self.0.get(place).cloned().unwrap_or_default()
    }

    /// Returns the old provinces of a season and their histories.
    pub fn old(&self, season: Season) -> impl Iterator<Item = (&PlaceId, &History)> {
        self.0.iter().filter(move |(place, _)| {
            place.kind() == OLD_PROVINCE && Season::of(place) == Some(season)
        })
    }

    /// Returns all places and their histories.
    pub fn iter(&self) -> impl Iterator<Item = (&PlaceId, &History)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(rows: &[(i16, f64, f64)]) -> History {
        let harvest = |(year, area_kha, yield_t_ha): &(i16, f64, f64)| {
            (*year, Harvest { area_kha: *area_kha, yield_t_ha: *yield_t_ha })
        };
        History(rows.iter().map(harvest).collect())
    }

    #[test]
    fn parts_add_up_and_the_yield_is_weighted_by_area() {
        let total = History::sum(&[
            history(&[(2016, 15.1, 0.05)]),
            history(&[(2016, 68.8, 4.04)]),
            history(&[(2016, 61.2, 6.38)]),
        ]);
        let harvest = total.get(2016).unwrap();
        assert!((harvest.area_kha - 145.1).abs() < 1e-9);
        assert!((harvest.amount(Measure::Production) - 669.163).abs() < 1e-9);
        assert!((harvest.yield_t_ha - 669.163 / 145.1).abs() < 1e-12);
    }

    #[test]
    fn a_part_not_yet_told_leaves_the_sum_open_and_one_no_longer_grown_does_not() {
        let total = History::sum(&[
            history(&[(2004, 10.0, 4.0), (2005, 10.0, 4.0), (2006, 10.0, 4.0)]),
            history(&[(2004, 2.0, 4.0)]),
        ]);
        assert_eq!(total.years().collect::<Vec<_>>(), [2004, 2006]);
    }

    #[test]
    fn years_before_a_break_of_the_area_are_not_looked_at() {
        let moved = history(&[(2013, 90.0, 5.2), (2014, 89.0, 5.3), (2015, 2.6, 4.3)]);
        assert!(moved.breaks(2015) && !moved.breaks(2014));
        assert_eq!(moved.recent(2016).len(), 1);
        assert_eq!(moved.recent(2015).len(), 2);
        assert_eq!(moved.changes(Measure::Yield, 2010, 2016).count(), 1);
        let lost = history(&[(2014, 29.2, 4.5), (2015, 27.9, 4.3), (2016, 9.8, 2.1)]);
        assert!(!lost.breaks(2016) && lost.recent(2017).len() == 3);
    }
}
