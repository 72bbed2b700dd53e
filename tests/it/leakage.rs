//! The leakage guard and the first target: whatever was not yet known on a morning may be anything,
//! and no forecast of that morning changes by a bit.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use jiff::civil::Date;
use muavu::agronomy::tide::vung_tau;
use muavu::domain::PlaceId;
use muavu::domain::time::{IssuedAt, date_of_epoch_day, epoch_day};
use muavu::features::{DailySeries, Known, Panel, SeriesKey};
use muavu::forecast::targets::salinity_station::{FittedSalinity, SalinityStation};
use muavu::forecast::targets::{Fitted as _, Issued};

use crate::support::shared;

const DAY_US: i64 = 86_400_000_000;
const CUT: Date = Date::constant(2011, 1, 1);
type Rows = BTreeMap<(&'static str, String), Vec<(i64, i64, f64)>>;

/// Adds a value that is known at 07:00 local (00:00 UTC) `lag` days after its day.
fn tell(rows: &mut Rows, variable: &'static str, place: &str, (day, lag): (i64, i64), value: f64) {
    let key = (variable, place.to_owned());
    rows.entry(key).or_default().push((day, (day + lag) * DAY_US, value));
}

fn panel_of(rows: Rows) -> Panel {
    rows.into_iter()
        .map(|((variable, place), rows)| {
            let key = SeriesKey { variable: variable.into(), place: place.parse().unwrap() };
            (key, DailySeries::from_rows(&rows))
        })
        .collect()
}

/// A random number from 0 to 1 fixed by `n`.
fn noise(n: i64) -> f64 {
    let mut z = n.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

/// Five dry seasons at a station that follows tide and river, one at a second, three weeks at a
/// third.
fn synthetic() -> Panel {
    let mut rows = Rows::new();
    for year in 2007..=2011 {
        let first = epoch_day(Date::constant(year, 1, 1));
        for day in first - 200..first + 200 {
            let wave = (day as f64 / 365.25 * std::f64::consts::TAU).cos();
            let flow = 8_000.0 - 5_000.0 * wave + 500.0 * noise(day);
            tell(&mut rows, "discharge_m3_s", "river:stung_treng", (day, 4), flow);
            tell(&mut rows, "water_level_m", "river:tan_chau", (day, 1), flow / 8_000.0);
        }
        for k in 0..145 {
            let day = first + k;
            let noon = day * 86_400 + 5 * 3_600;
            let spring = vung_tau().species(noon, 2).amplitude_m;
            let season = (std::f64::consts::PI * k as f64 / 145.0).sin();
            let salt = |n: i64| (4.0 * spring * season + 0.6 * noise(day * 7 + n)).max(0.1);
            tell(&mut rows, "salinity_max_g_l", "salinity:37", (day, 1), salt(1));
            if year >= 2010 {
                tell(&mut rows, "salinity_max_g_l", "salinity:19", (day, 1), 0.8 * salt(2));
            }
            if year == 2011 && k >= 60 {
                tell(&mut rows, "salinity_max_g_l", "salinity:new", (day, 1), 1.2 * salt(3));
            }
        }
    }
    panel_of(rows)
}

/// The stations' records, the flow at Stung Treng and levels along the river.
fn measured(salinity: &Path, discharge: &Path, levels: &Path) -> Panel {
    let mut rows = Rows::new();
    let day = |text: &str| epoch_day(text.parse().unwrap());
    let read = |path: &Path| csv::Reader::from_path(path).unwrap().into_records();
    for row in read(salinity).map(Result::unwrap) {
        let place = format!("salinity:{}", &row[0]);
        let value = row[3].parse().unwrap();
        tell(&mut rows, "salinity_max_g_l", &place, (day(&row[1]), 1), value);
    }
    for row in read(discharge).map(Result::unwrap).filter(|row| &row[0] >= "1990") {
        let value = row[1].parse().unwrap();
        tell(&mut rows, "discharge_m3_s", "river:stung_treng", (day(&row[0]), 4), value);
    }
    for row in read(levels).map(Result::unwrap) {
        for (column, place) in
            [(1, "kratie"), (2, "tan_chau"), (5, "phnom_penh_port"), (12, "my_thuan")]
        {
            if let Ok(value) = row[column].parse() {
                let place = format!("river:{place}");
                tell(&mut rows, "water_level_m", &place, (day(&row[0]), 1), value);
            }
        }
    }
    panel_of(rows)
}

fn stored() -> &'static (Panel, Vec<u8>) {
    static STORED: OnceLock<(Panel, Vec<u8>)> = OnceLock::new();
    STORED.get_or_init(|| {
        let panel = synthetic();
        let fitted = SalinityStation.fit_salinity(&panel, morning(epoch_day(CUT))).unwrap();
        let bytes = fitted.to_bytes().unwrap();
        (panel, bytes)
    })
}

/// The model read back from bytes: it remembers nothing of earlier issues.
fn fresh() -> FittedSalinity {
    FittedSalinity::from_bytes(&stored().1).unwrap()
}

fn morning(day: i64) -> IssuedAt {
    IssuedAt::morning_of(date_of_epoch_day(day)).unwrap()
}

fn spoiled(panel: &Panel, after: IssuedAt) -> Panel {
    let at_us = after.0.as_microsecond();
    let garbage = |day: i64| 1e6 * (noise(day) - 0.5);
    panel.iter().map(|(k, s)| (k.clone(), s.with_garbage_after(at_us, garbage))).collect()
}

fn issue(panel: &Panel, at: IssuedAt, place: &PlaceId) -> Vec<Issued> {
    fresh().issue(&Known::at(panel, at), place).unwrap()
}

fn bits(issued: &[Issued]) -> Vec<(u8, &'static str, [u64; 7])> {
    let bits = |i: &Issued| (i.horizon, i.model, i.quantiles.values().map(f64::to_bits));
    issued.iter().map(bits).collect()
}

/// Holds forecasts from the panel against those from the same with all that came later spoiled, on
/// mornings drawn at random; returns how many there were.
fn assert_blind_to_the_future(panel: &Panel, days: (i64, i64), draws: i64) -> usize {
    let places: Vec<PlaceId> = panel.places_of("salinity_max_g_l").cloned().collect();
    let mut held = 0;
    for draw in 0..draws {
        let day = days.0 + (noise(3 * draw) * (days.1 - days.0) as f64) as i64;
        let at = morning(day);
        let spoiled = spoiled(panel, at);
        for place in &places {
            let clean = issue(panel, at, place);
            assert_eq!(bits(&clean), bits(&issue(&spoiled, at, place)), "{place} on day {day}");
            held += clean.len();
        }
    }
    held
}

#[test]
fn forecasts_are_bit_identical_when_everything_later_is_garbage() {
    let first = epoch_day(CUT);
    let held = assert_blind_to_the_future(&stored().0, (first + 2, first + 110), 8);
    assert!(held > 500, "only {held} forecasts were compared");
}

#[test]
fn forecasts_from_real_records_are_blind_to_the_future_too() {
    let (Some(salinity), Some(discharge), Some(levels)) = (
        shared("data/salinity/daily.csv"),
        shared("data/hydrology/discharge_stungtreng.csv"),
        shared("data/hydrology/waterlevel_daily.csv"),
    ) else {
        return;
    };
    let panel = measured(&salinity, &discharge, &levels);
    let span = (Date::constant(2012, 2, 1), Date::constant(2012, 4, 20));
    let held = assert_blind_to_the_future(&panel, (epoch_day(span.0), epoch_day(span.1)), 3);
    assert!(held > 300, "only {held} forecasts were compared");
}

#[test]
fn the_leakage_test_can_fail() {
    let (panel, _) = stored();
    let at = morning(epoch_day(CUT) + 90);
    let place = "salinity:37".parse().unwrap();
    let too_early = spoiled(panel, morning(epoch_day(CUT) + 88));
    assert_ne!(bits(&issue(panel, at, &place)), bits(&issue(&too_early, at, &place)));
}

#[test]
fn a_fit_knows_nothing_later_than_its_cut_and_is_the_same_made_alone() {
    let (panel, bytes) = stored();
    let cut = morning(epoch_day(CUT));
    let alone = FittedSalinity::fit_alone(&spoiled(panel, cut), cut).unwrap();
    assert!(*bytes == alone.to_bytes().unwrap(), "two fits of the same past differ");
}

#[test]
fn every_horizon_has_ordered_quantiles_above_the_floor_and_all_baselines() {
    let (panel, _) = stored();
    let fitted = fresh();
    assert_eq!(fitted.gate().len(), 14);
    for (place, day) in [("salinity:37", 100), ("salinity:19", 100), ("salinity:new", 61)] {
        let at = morning(epoch_day(CUT) + day);
        let issued = fitted.issue(&Known::at(panel, at), &place.parse().unwrap()).unwrap();
        for model in ["published", "persistence", "climatology", "analogue"] {
            let horizons: Vec<u8> =
                issued.iter().filter(|i| i.model == model).map(|i| i.horizon).collect();
            assert_eq!(horizons, (1..=14).collect::<Vec<u8>>(), "{model} at {place}");
        }
        assert!(issued.iter().all(|i| i.quantiles.values()[0] >= 0.1 - 1e-12));
    }
}

#[test]
fn a_station_without_yesterday_is_not_forecast() {
    let (panel, _) = stored();
    let place = "salinity:new".parse().unwrap();
    assert!(issue(panel, morning(epoch_day(CUT) + 60), &place).is_empty());
    assert!(!issue(panel, morning(epoch_day(CUT) + 61), &place).is_empty());
}

#[test]
fn a_sensor_of_yesterday_gets_wider_intervals_than_an_old_station() {
    let (panel, _) = stored();
    let at = morning(epoch_day(CUT) + 61);
    let width = |place: &str| {
        let issued = issue(panel, at, &place.parse().unwrap());
        let week = issued.iter().find(|i| i.horizon == 3 && i.model == "published").unwrap();
        let roots = week.quantiles.values().map(f64::sqrt);
        roots[5] - roots[1]
    };
    assert!(width("salinity:new") > 1.1 * width("salinity:37"));
}

#[test]
fn missing_rivers_cost_accuracy_but_never_a_forecast() {
    let (panel, _) = stored();
    let stations_only: Panel = panel
        .iter()
        .filter(|(key, _)| &*key.variable == "salinity_max_g_l")
        .map(|(key, series)| (key.clone(), series.clone()))
        .collect();
    let at = morning(epoch_day(CUT) + 80);
    let place = "salinity:37".parse().unwrap();
    let (with, without) = (issue(panel, at, &place), issue(&stations_only, at, &place));
    assert_eq!(with.len(), without.len());
    assert_ne!(bits(&with), bits(&without));
}

#[test]
fn a_model_of_another_format_is_refused_by_its_number() {
    let text = String::from_utf8(stored().1.clone()).unwrap();
    let other = text.replacen("\"format\":2", "\"format\":7", 1);
    let refused = FittedSalinity::from_bytes(other.as_bytes()).unwrap_err().to_string();
    assert!(refused.contains("format 7"), "{refused}");
    assert!(FittedSalinity::from_bytes(&stored().1[..1_000]).is_err());
}
