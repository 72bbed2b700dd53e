//! A home that has seen too little salt for a model of its own publishes a baseline, says so, and
//! is honest about how wrong it may be.

use jiff::civil::Date;
use muavu::domain::PlaceId;
use muavu::domain::time::{IssuedAt, epoch_day};
use muavu::features::{DailySeries, Known, Panel, SeriesKey};
use muavu::forecast::gate::{PUBLISHED, Verdict};
use muavu::forecast::targets::salinity_station::SalinityStation;
use muavu::forecast::targets::{Issued, Target as _};

use crate::support::shared;

const DAY_US: i64 = 86_400_000_000;

fn panel(rows: &[(PlaceId, i64, f64)]) -> Panel {
    let mut places: Vec<&PlaceId> = rows.iter().map(|(place, ..)| place).collect();
    places.sort();
    places.dedup();
    let series = |place: &PlaceId| {
        let own = rows.iter().filter(|(p, ..)| p == place);
        let rows: Vec<_> = own.map(|(_, day, g_l)| (*day, (day + 1) * DAY_US, *g_l)).collect();
        let key = SeriesKey { variable: "salinity_max_g_l".into(), place: place.clone() };
        (key, DailySeries::from_rows(&rows))
    };
    places.into_iter().map(series).collect()
}

fn morning(date: Date) -> IssuedAt {
    IssuedAt::morning_of(date).unwrap()
}

/// One station whose salt swings with spring and neap, in these years from January to May.
fn tidal(years: &[i16]) -> Panel {
    let place: PlaceId = "salinity:37".parse().unwrap();
    let mut rows = Vec::new();
    for year in years {
        let first = epoch_day(Date::constant(*year, 1, 1));
        for day in first..first + 140 {
            let phase = std::f64::consts::TAU * day as f64 / 14.77;
            rows.push((place.clone(), day, 5.0 + 4.0 * phase.cos()));
        }
    }
    panel(&rows)
}

fn published(issued: &[Issued]) -> Vec<&Issued> {
    issued.iter().filter(|i| i.model == PUBLISHED).collect()
}

#[test]
fn the_first_season_is_forecast_by_persistence_and_says_so() {
    let panel = tidal(&[2010]);
    let place = "salinity:37".parse().unwrap();
    let fitted = SalinityStation.fit(&panel, morning(Date::constant(2010, 1, 1))).unwrap();
    let gate = fitted.gate();
    assert_eq!(gate.len(), 14);
    let stands_in = |v: &Verdict| !v.passes && v.model_loss.is_none() && v.baseline_loss.is_none();
    assert!(gate.iter().all(|v| stands_in(v) && v.best_baseline == "persistence"));
    let at = Known::at(&panel, morning(Date::constant(2010, 3, 15)));
    let issued = fitted.issue(&at, &place).unwrap();
    let published = published(&issued);
    assert_eq!(published.len(), 14);
    let widths: Vec<f64> =
        published.iter().map(|i| i.quantiles.values()[5] - i.quantiles.values()[1]).collect();
    assert!(widths[0] > 0.5 && widths[6] > 2.0 * widths[0], "{widths:?}");
    let again = SalinityStation.load(&fitted.to_bytes().unwrap()).unwrap();
    assert_eq!(again.issue(&at, &place).unwrap(), issued);
}

#[test]
fn after_two_seasons_the_baseline_that_did_best_stands_in() {
    let panel = tidal(&[2009, 2010, 2011]);
    let fitted = SalinityStation.fit(&panel, morning(Date::constant(2011, 1, 1))).unwrap();
    let gate = fitted.gate();
    // A week on, spring has become neap: the value of the same phase says more than today's.
    assert_eq!(gate[6].best_baseline, "analogue");
    assert!(gate[6].baseline_loss.is_some() && gate[6].model_loss.is_none());
}

#[test]
fn a_first_seasons_intervals_cover_what_they_say_on_real_stations() {
    let Some(path) = shared("data/salinity/daily.csv") else { return };
    let mut rows = Vec::new();
    for row in csv::Reader::from_path(path).unwrap().into_records().map(Result::unwrap) {
        let date: Date = row[1].parse().unwrap();
        // The last third of the record, which the shipped spread was not looked at for alone.
        if date.year() >= 2012 {
            let place = format!("salinity:{}", &row[0]).parse().unwrap();
            rows.push((place, epoch_day(date), row[3].parse().unwrap()));
        }
    }
    let panel = panel(&rows);
    let fitted = SalinityStation.fit(&panel, morning(Date::constant(2012, 1, 1))).unwrap();
    let (mut inside, mut all) = (0_u32, 0_u32);
    for day in epoch_day(Date::constant(2012, 1, 10))..epoch_day(Date::constant(2012, 6, 1)) {
        let date = muavu::domain::time::date_of_epoch_day(day);
        let known = Known::at(&panel, morning(date));
        for place in panel.places_of("salinity_max_g_l") {
            for i in published(&fitted.issue(&known, place).unwrap()) {
                let truth = panel.get("salinity_max_g_l", place).unwrap();
                let Some(y) = truth.truth(day - 1 + i64::from(i.horizon)) else { continue };
                let [_, low, .., high, _] = i.quantiles.values();
                inside += u32::from(low <= y && y <= high);
                all += 1;
            }
        }
    }
    let share = f64::from(inside) / f64::from(all);
    assert!(all > 3_000 && (0.72..0.92).contains(&share), "{share} of {all}");
}
