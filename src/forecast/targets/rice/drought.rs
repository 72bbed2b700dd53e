//! How dry the river is before the dry season: the one number of drought the models use.
//!
//! The level at Tân Châu from 1 November to 31 January against the same days of earlier years, in
//! standard deviations. It was chosen by its mechanism and before any harvest was looked at: with
//! the mean salinity of February to April at stations 37, 19, 11 and 38 it correlates by 0.77
//! (1996-2014); the flood peak by 0.42, the wet season's flow 0.49, the Oceanic Niño Index 0.34. The
//! flow of December and January has 0.84, but has risen since 2014 with the release of dams.

use jiff::civil::date;

use crate::domain::PlaceId;
use crate::domain::time::epoch_day;
use crate::features::Known;

/// Levels along the river.
pub(super) const LEVEL: &str = "water_level_m";
/// Flow, where no level is known.
pub(super) const DISCHARGE: &str = "discharge_m3_s";

/// Where the river is read, in order: the second stands in when the first is silent.
const GAUGES: [(&str, &str); 2] = [(LEVEL, "river:tan_chau"), (DISCHARGE, "river:stung_treng")];

/// Share of the days of a window that must be known.
const KNOWN_SHARE: f64 = 0.6;

/// Earlier years looked back on; the delta of before the 1990s is another river.
const YEARS: i16 = 25;

/// Earlier years below which nothing is said.
const YEARS_MIN: usize = 5;

/// Days of November below which nothing is said.
const DAYS_MIN: i64 = 15;

/// Returns how dry the water year of the crop of `year` is as known on a morning: standard
/// deviations below the mean of earlier years, above 0 is dry. `None` when too little is known.
pub(super) fn dryness(known: &Known<'_>, year: i16) -> Option<f64> {
    GAUGES.iter().find_map(|(variable, place)| {
        let place: PlaceId = place.parse().ok()?;
        let series = known.series(variable, &place);
        let from = |year: i16| epoch_day(date(year - 1, 11, 1));
        // Up to the newest day known, so that every year is judged by the same part of its window.
        let newest = known.today() - 1;
        let last = (0..=DAYS_MIN).map(|back| newest - back).find(|day| series.on(*day).is_some());
        let end = epoch_day(date(year, 1, 31));
        let days = if newest > end { end } else { last?.min(end) } - from(year);
        if days < DAYS_MIN {
            return None;
        }
        let count_min = (KNOWN_SHARE * days as f64) as usize;
        let mean = |year: i16| series.mean(from(year), from(year) + days, count_min);
        let now = mean(year)?;
        let past: Vec<f64> = (year - YEARS..year).filter_map(mean).collect();
        if past.len() < YEARS_MIN {
            return None;
        }
        let n = past.len() as f64;
        let centre = past.iter().sum::<f64>() / n;
        let spread = (past.iter().map(|v| (v - centre).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        (spread > 0.0).then(|| (centre - now) / spread)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::{IssuedAt, date_of_epoch_day};
    use crate::features::{DailySeries, Panel, SeriesKey};

    fn panel(variable: &str, place: &str, level: impl Fn(i64) -> f64) -> Panel {
        let (first, last) = (epoch_day(date(2000, 1, 1)), epoch_day(date(2010, 12, 31)));
        let rows: Vec<_> =
            (first..=last).map(|day| (day, (day + 1) * 86_400_000_000, level(day))).collect();
        let key = SeriesKey { variable: variable.into(), place: place.parse().unwrap() };
        [(key, DailySeries::from_rows(&rows))].into_iter().collect()
    }

    fn on(panel: &Panel, year: i16, month: i8) -> Option<f64> {
        let day = epoch_day(date(year, month, 1));
        let at = IssuedAt::morning_of(date_of_epoch_day(day)).unwrap();
        dryness(&Known::at(panel, at), 2010)
    }

    /// Years alternate by 0.1 m; the last water year lies half a metre lower.
    fn level(day: i64) -> f64 {
        let year = date_of_epoch_day(day + 61).year();
        let own = if year % 2 == 0 { 1.0 } else { 1.1 };
        if year == 2010 { 0.5 } else { own }
    }

    #[test]
    fn a_low_river_is_dry_and_is_seen_as_early_as_december() {
        let panel = panel(LEVEL, "river:tan_chau", level);
        let december = on(&panel, 2009, 12).unwrap();
        let june = on(&panel, 2010, 6).unwrap();
        assert!(december > 8.0 && (december - june).abs() < 1e-9, "{december} {june}");
        assert_eq!(on(&panel, 2009, 11), None);
    }

    #[test]
    fn flow_stands_in_for_a_silent_gauge_and_silence_is_not_dryness() {
        assert!(on(&panel(DISCHARGE, "river:stung_treng", level), 2010, 2).unwrap() > 8.0);
        assert_eq!(on(&panel(LEVEL, "river:my_thuan", level), 2010, 2), None);
    }
}
