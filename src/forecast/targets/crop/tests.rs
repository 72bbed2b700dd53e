//! Whole targets on made-up weather.

use jiff::civil::{Date, date};

use super::weather::INPUTS;
use super::zones_of;
use crate::domain::PlaceId;
use crate::domain::time::{IssuedAt, date_of_epoch_day, epoch_day};
use crate::features::{DailySeries, Known, Panel, SeriesKey};
use crate::forecast::gate::PUBLISHED;
use crate::forecast::targets::crop_stage::CROP_STAGE;
use crate::forecast::targets::disease_potential::DISEASE_POTENTIAL;
use crate::forecast::targets::harvest_date::HARVEST_DATE;
use crate::forecast::targets::irrigation_need::IRRIGATION_NEED;
use crate::forecast::targets::{Issued, Target};

const TARGETS: [&dyn Target; 4] =
    [&CROP_STAGE, &HARVEST_DATE, &DISEASE_POTENTIAL, &IRRIGATION_NEED];
const DAY_US: i64 = 86_400_000_000;
/// A Monday in the summer-autumn and in every perennial's season.
const MORNING: Date = date(2016, 5, 16);

/// A number between 0 and 1 that looks like chance, the same on every run.
fn noise(day: i64, salt: i64) -> f64 {
    let mixed = (day.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(salt) >> 24) & 0xFFFF;
    mixed as f64 / 65_535.0
}

/// Nearly seven years of weather at one town; it rains on a share `wet(day)` of the days.
fn panel(wet: impl Fn(i64) -> f64) -> Panel {
    let days = epoch_day(date(2010, 1, 1))..epoch_day(date(2016, 10, 1));
    let mut panel = Panel::default();
    for (salt, town) in (0..).zip(["vinh_long"]) {
        let value = |variable: &str, day: i64| {
            let warm = 2.0 * (day as f64 / 58.1).cos() + 1.5 * noise(day / 5, salt);
            let rains = noise(day, salt + 7) < wet(day);
            match variable {
                "temp_min_c" => Some(23.0 + warm),
                "temp_max_c" => Some(30.0 + warm),
                "humidity_mean_pct" => Some(if rains { 94.0 } else { 78.0 }),
                "rain_mm" => Some(if rains { 30.0 * noise(day, salt + 3) } else { 0.0 }),
                "wind_mean_m_s" => Some(2.5),
                _ => None,
            }
        };
        for variable in INPUTS {
            let rows: Vec<(i64, i64, f64)> = days
                .clone()
                .filter_map(|day| Some((day, (day + 1) * DAY_US, value(variable, day)?)))
                .collect();
            let place = format!("city:{town}").parse().unwrap();
            let key = SeriesKey { variable: variable.into(), place };
            panel.insert(key, DailySeries::from_rows(&rows));
        }
    }
    panel
}

fn usual() -> Panel {
    panel(|day| 0.3 + 0.2 * (day as f64 / 58.1).sin())
}

fn issue(target: &dyn Target, panel: &Panel, day: Date) -> Vec<(PlaceId, Issued)> {
    let cut = IssuedAt::morning_of(target.refit_day(day)).unwrap();
    let fitted = target.fit(panel, cut).unwrap();
    let known = Known::at(panel, IssuedAt::morning_of(day).unwrap());
    let places = target.places(panel);
    let due = places.iter().filter(|place| target.issues_on(&known, place));
    due.flat_map(|place| {
        let issued = fitted.issue(&known, place).unwrap();
        issued.into_iter().map(|i| (place.clone(), i)).collect::<Vec<_>>()
    })
    .collect()
}

#[test]
fn garbage_in_the_future_changes_nothing() {
    let panel = usual();
    let at_us = IssuedAt::morning_of(MORNING).unwrap().0.as_microsecond();
    let spoiled: Panel = panel
        .iter()
        .map(|(key, series)| {
            (key.clone(), series.with_garbage_after(at_us, |day| 50.0 * noise(day, 99)))
        })
        .collect();
    assert_ne!(panel, spoiled);
    for target in TARGETS {
        let (clean, dirty) = (issue(target, &panel, MORNING), issue(target, &spoiled, MORNING));
        assert!(!clean.is_empty(), "{} issued nothing", target.name());
        assert_eq!(clean, dirty, "{} looked ahead", target.name());
    }
}

#[test]
fn without_any_data_there_is_no_place_and_no_panic() {
    let nothing = Panel::default();
    let known = Known::at(&nothing, IssuedAt::morning_of(MORNING).unwrap());
    let place: PlaceId = "zone:vinh_long.inland.ht_inland.early".parse().unwrap();
    let river: PlaceId = "salinity:37".parse().unwrap();
    for target in TARGETS {
        assert!(target.places(&nothing).is_empty());
        let cut = IssuedAt::morning_of(date(2016, 1, 1)).unwrap();
        let fitted = target.fit(&nothing, cut).unwrap();
        assert_eq!(fitted.gate().len(), usize::from(target.horizons()));
        assert!(fitted.gate().iter().all(|verdict| !verdict.passes));
        for place in [&place, &river] {
            assert!(!target.issues_on(&known, place));
            assert!(fitted.issue(&known, place).unwrap().is_empty());
            assert_eq!(target.truth(&nothing, place, known.today()), None);
        }
        target.load(&fitted.to_bytes().unwrap()).unwrap();
    }
}

#[test]
fn four_years_are_too_few_to_be_issued_from() {
    let panel = usual();
    for target in TARGETS {
        assert!(issue(target, &panel, date(2013, 5, 13)).is_empty(), "{}", target.name());
    }
}

#[test]
fn stored_models_issue_the_same_and_another_format_is_refused() {
    let panel = usual();
    let known = Known::at(&panel, IssuedAt::morning_of(MORNING).unwrap());
    for target in TARGETS {
        let cut = IssuedAt::morning_of(target.refit_day(MORNING)).unwrap();
        let fitted = target.fit(&panel, cut).unwrap();
        let bytes = fitted.to_bytes().unwrap();
        let loaded = target.load(&bytes).unwrap();
        assert_eq!(loaded.to_bytes().unwrap(), bytes);
        assert_eq!(loaded.gate(), fitted.gate());
        for place in target.places(&panel) {
            assert_eq!(
                loaded.issue(&known, &place).unwrap(),
                fitted.issue(&known, &place).unwrap()
            );
        }
        let text = String::from_utf8(bytes).unwrap();
        let other = text.replacen("\"format\":1", "\"format\":9", 1);
        let refused = target.load(other.as_bytes()).err().unwrap().to_string();
        assert!(refused.contains('9'), "{refused}");
    }
}

#[test]
fn a_harvest_told_on_mondays_is_a_week_nearer_each_week() {
    let panel = usual();
    assert!(issue(&HARVEST_DATE, &panel, MORNING.tomorrow().unwrap()).is_empty());
    let place: PlaceId = "zone:vinh_long.inland.ht_inland.early".parse().unwrap();
    let days = |day: Date| HARVEST_DATE.truth(&panel, &place, epoch_day(day)).unwrap();
    let (first, second) = (days(MORNING), days(date(2016, 5, 23)));
    assert_eq!(first - second, 7.0);
    // The stage reaches 2 at the end of the day before the harvest, and not a day earlier.
    let harvest = epoch_day(MORNING) + first as i64;
    let stage = |day: i64| CROP_STAGE.truth(&panel, &place, day).unwrap();
    assert_eq!(stage(harvest - 1), 2.0);
    assert!(stage(harvest - 2) < 2.0);
    let told = issue(&HARVEST_DATE, &panel, MORNING);
    let (_, told) = told.iter().find(|(p, i)| *p == place && i.model == PUBLISHED).unwrap();
    assert!((told.quantiles.median() - first).abs() <= 4.0, "{told:?} {first}");
    assert_eq!(
        i64::from(told.horizon),
        (epoch_day(MORNING) - epoch_day(date(2016, 3, 16))) / 7 + 1
    );
}

#[test]
fn a_stage_never_goes_back_and_nothing_is_told_after_the_harvest() {
    let panel = usual();
    let place: PlaceId = "zone:vinh_long.inland.ht_inland.late".parse().unwrap();
    let told = issue(&CROP_STAGE, &panel, MORNING);
    let medians: Vec<f64> = told
        .iter()
        .filter(|(p, i)| *p == place && i.model == PUBLISHED)
        .map(|(_, i)| i.quantiles.median())
        .collect();
    assert_eq!(medians.len(), 14);
    assert!(medians.windows(2).all(|pair| pair[0] <= pair[1]), "{medians:?}");
    let told = issue(&CROP_STAGE, &panel, date(2016, 7, 12));
    assert!(!told.iter().any(|(p, _)| p.id().ends_with("ht_inland.early")), "cut by then");
}

#[test]
fn a_season_wetter_than_all_before_ranks_high_and_asks_for_less_water() {
    let wet_from = epoch_day(date(2016, 1, 1));
    let wet = panel(|day| if day >= wet_from { 0.9 } else { 0.2 });
    let dry = panel(|day| if day >= wet_from { 0.0 } else { 0.5 });
    let day = epoch_day(date(2016, 5, 25));
    let rank = |panel| {
        let place = "zone:vinh_long.inland.ht_inland.early.sheath_blight".parse().unwrap();
        DISEASE_POTENTIAL.truth(panel, &place, day).unwrap()
    };
    assert!(rank(&wet) > 0.9 && rank(&dry) < 0.1);
    let place: PlaceId = "zone:vinh_long.any.durian".parse().unwrap();
    let sum = |panel| -> f64 {
        (day..day + 30).map(|d| IRRIGATION_NEED.truth(panel, &place, d).unwrap()).sum()
    };
    assert!(sum(&wet) < 0.3 * sum(&dry) && sum(&dry) > 60.0, "{} {}", sum(&wet), sum(&dry));
}

#[test]
fn a_commune_is_told_what_its_zones_are() {
    let code = "28777".parse().unwrap();
    let zones: Vec<&str> = zones_of(&code).map(PlaceId::as_str).collect();
    assert!(zones.contains(&"zone:ben_tre.any.coconut"), "{zones:?}");
    assert!(zones.contains(&"zone:ben_tre.coast.ht_coast.early"), "{zones:?}");
    assert!(!zones.iter().any(|zone| zone.contains("inland")), "{zones:?}");
}

#[test]
fn every_row_is_of_its_season_and_within_what_there_is() {
    let panel = usual();
    for target in TARGETS {
        let rows = issue(target, &panel, MORNING);
        for (place, row) in &rows {
            let valid = target.valid_day(epoch_day(MORNING), place, row.horizon);
            assert!(date_of_epoch_day(valid) >= MORNING);
            let [low, .., high] = row.quantiles.values();
            assert!(low >= 0.0 && high <= 200.0, "{place} {row:?}");
        }
        let published = rows.iter().filter(|(_, row)| row.model == PUBLISHED).count();
        assert_eq!(published * 4, rows.len(), "{}: every baseline beside", target.name());
    }
}
