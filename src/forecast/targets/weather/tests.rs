//! Tests on made-up weather whose law is known.

use super::*;
use crate::domain::time::{date_of_epoch_day, epoch_day};
use crate::features::{DailySeries, SeriesKey};
use crate::forecast::backtest::last_third;
use crate::forecast::gate::PUBLISHED;
use crate::forecast::targets::Issued;

const DAY_US: i64 = 86_400_000_000;

/// Returns a series that wanders about 30 with the season: known `late` days after the next morning.
fn series(from: Date, to: Date, late: i64, seed: u64) -> DailySeries {
    let (mut state, mut level) = (seed, 0.0);
    let rows: Vec<_> = (epoch_day(from)..epoch_day(to))
        .map(|day| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let noise = (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
            level = 0.6 * level + 3.0 * noise;
            let season = 2.0 * (std::f64::consts::TAU * day as f64 / 365.25).sin();
            (day, (day + 1 + late) * DAY_US, 30.0 + season + level)
        })
        .collect();
    DailySeries::from_rows(&rows)
}

/// Returns two cities of four years, and two provinces of nine months that come four days late.
fn panel() -> Panel {
    let (old, young) = (Date::constant(2010, 1, 1), Date::constant(2025, 7, 21));
    let spans = [
        ("city:vinh_long", old, Date::constant(2014, 1, 1), 0),
        ("city:can_tho", old, Date::constant(2014, 1, 1), 0),
        ("province:vinh_long", young, Date::constant(2026, 4, 1), 4),
        ("province:can_tho", young, Date::constant(2026, 4, 1), 4),
        ("province:ha_noi", young, Date::constant(2026, 4, 1), 4),
    ];
    let one = |(i, (place, from, to, late)): (usize, (&str, Date, Date, i64))| {
        let place: PlaceId = place.parse().unwrap();
        let key = SeriesKey { variable: TMAX.variable().into(), place };
        (key, series(from, to, late, 11 + i as u64))
    };
    spans.into_iter().enumerate().map(one).collect()
}

fn morning(date: Date) -> IssuedAt {
    IssuedAt::morning_of(date).unwrap()
}

fn issue(fitted: &dyn Fitted, panel: &Panel, date: Date, place: &str) -> Vec<Issued> {
    fitted.issue(&Known::at(panel, morning(date)), &place.parse().unwrap()).unwrap()
}

#[test]
fn a_late_product_is_forecast_from_its_newest_day_for_the_same_days_ahead() {
    let (panel, date) = (panel(), Date::constant(2026, 2, 10));
    let known = Known::at(&panel, morning(date));
    let place: PlaceId = "province:vinh_long".parse().unwrap();
    let newest = known.series(TMAX.variable(), &place).last(epoch_day(date), 30).unwrap();
    assert_eq!(newest.0, epoch_day(date) - 5, "the archive is five days behind");
    assert!(TMAX.issues_on(&known, &place));
    let fitted = TMAX.fit(&panel, morning(TMAX.refit_day(date))).unwrap();
    let issued = issue(&*fitted, &panel, date, "province:vinh_long");
    for model in [PUBLISHED, "persistence"] {
        let horizons: Vec<u8> =
            issued.iter().filter(|i| i.model == model).map(|i| i.horizon).collect();
        assert_eq!(horizons, (1..=14).collect::<Vec<u8>>(), "{model}");
    }
    let again = issued.iter().filter(|i| i.model == "persistence");
    assert!(again.into_iter().all(|i| (i.quantiles.median() - newest.1).abs() < 1e-9));
}

#[test]
fn cities_and_the_provinces_of_the_south_are_places_and_the_north_is_not() {
    let places: Vec<String> = TMAX.places(&panel()).iter().map(|p| p.as_str().to_owned()).collect();
    let expected = ["city:can_tho", "city:vinh_long", "province:can_tho", "province:vinh_long"];
    assert_eq!(places, expected);
}

#[test]
fn garbage_in_the_future_changes_neither_models_nor_forecasts() {
    let panel = panel();
    let spoil = |at: Date| -> Panel {
        let at_us = morning(at).0.as_microsecond();
        let garbage = |day: i64| (day % 5) as f64 * 40.0 - 60.0;
        panel.iter().map(|(k, s)| (k.clone(), s.with_garbage_after(at_us, garbage))).collect()
    };
    let cases = [
        (Date::constant(2013, 6, 12), "city:vinh_long"),
        (Date::constant(2026, 2, 10), "province:vinh_long"),
    ];
    for (date, place) in cases {
        let cut = TMAX.refit_day(date);
        let fitted = TMAX.fit(&panel, morning(cut)).unwrap();
        let again = TMAX.fit(&spoil(cut), morning(cut)).unwrap();
        assert!(fitted.to_bytes().unwrap() == again.to_bytes().unwrap(), "{place}");
        let spoilt = issue(&*fitted, &spoil(date), date, place);
        assert_eq!(issue(&*fitted, &panel, date, place), spoilt);
    }
}

#[test]
fn stored_models_forecast_the_same_and_others_are_refused() {
    let (panel, date) = (panel(), Date::constant(2026, 1, 15));
    let fitted = TMAX.fit(&panel, morning(TMAX.refit_day(date))).unwrap();
    let bytes = fitted.to_bytes().unwrap();
    let loaded = TMAX.load(&bytes).unwrap();
    let of = |fitted: &dyn Fitted| issue(fitted, &panel, date, "province:can_tho");
    assert_eq!(of(&*fitted), of(&*loaded));
    let refused = TMIN.load(&bytes).map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("tmax"), "{refused}");
    let text = String::from_utf8(bytes).unwrap().replacen("\"format\":4", "\"format\":9", 1);
    let refused = TMAX.load(text.as_bytes()).map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("format 9"), "{refused}");
}

#[test]
fn weather_that_wanders_back_is_forecast_better_than_by_persistence() {
    let panel = panel();
    let (from, to) = (Date::constant(2013, 1, 1), Date::constant(2013, 12, 1));
    let fitted = TMAX.fit(&panel, morning(from)).unwrap();
    let place: PlaceId = "city:vinh_long".parse().unwrap();
    let mut errors = [0.0; 2];
    for day in (epoch_day(from)..epoch_day(to)).step_by(3) {
        let truth = TMAX.truth(&panel, &place, day + 6).unwrap();
        for one in issue(&*fitted, &panel, date_of_epoch_day(day), place.as_str()) {
            let which = [PUBLISHED, "persistence"].iter().position(|m| *m == one.model);
            if let (7, Some(which)) = (one.horizon, which) {
                errors[which] += (one.quantiles.median() - truth).abs();
            }
        }
    }
    assert!(errors[0] < 0.85 * errors[1], "{errors:?}");
}

#[test]
fn a_product_nobody_has_yet_is_too_little_and_not_a_crash() {
    let none =
        RADIATION.fit(&panel(), morning(Date::constant(2013, 1, 1))).map(|_| ()).unwrap_err();
    assert!(matches!(none, ForecastError::TooLittle { target: "radiation", .. }), "{none}");
}

#[test]
fn the_last_third_of_a_kind_is_that_of_its_own_record() {
    let panel = panel();
    let all = last_third(&TMAX, &panel, None).unwrap();
    let cities = last_third(&TMAX, &panel, Some("city")).unwrap();
    assert_eq!(cities.1, Date::constant(2013, 12, 31));
    assert!(cities.0.year() == 2012 && all.0 > cities.1, "{cities:?} {all:?}");
    let wrong = last_third(&TMAX, &panel, Some("town")).unwrap_err().to_string();
    assert!(wrong.contains("town") && wrong.contains("city, province"), "{wrong}");
}

#[test]
fn a_product_that_has_ended_is_not_fitted_though_it_teaches() {
    let kinds = |cut: Date| -> Vec<String> {
        let bytes = TMAX.fit(&panel(), morning(cut)).unwrap().to_bytes().unwrap();
        let stored: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let products = stored["products"].as_array().unwrap().iter();
        products.map(|product| product[0].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(Date::constant(2013, 1, 1)), ["city"]);
    assert_eq!(kinds(Date::constant(2026, 2, 1)), ["province"]);
}

/// Returns the panel with the cities so much warmer.
fn with_cities_warmer(by: f64) -> Panel {
    let shifted = |series: &DailySeries| {
        let (first, last) = series.span().unwrap();
        let row = |day| {
            let value = series.truth(day)? + by;
            Some((day, series.available_us(day, i64::MAX)?, value))
        };
        DailySeries::from_rows(&(first..=last).filter_map(row).collect::<Vec<_>>())
    };
    let all = panel();
    let warmer = all.iter().map(|(key, series)| {
        let city = key.place.kind() == "city";
        (key.clone(), if city { shifted(series) } else { series.clone() })
    });
    warmer.collect()
}

#[test]
fn cities_teach_provinces_how_departures_fade_and_not_how_warm_it_is() {
    let (from, to) = (Date::constant(2025, 11, 1), Date::constant(2026, 3, 20));
    let place: PlaceId = "province:vinh_long".parse().unwrap();
    let (panel, warmer) = (panel(), with_cities_warmer(5.0));
    let (fitted, other) = (TMAX.fit(&panel, morning(from)), TMAX.fit(&warmer, morning(from)));
    let (fitted, other) = (fitted.unwrap(), other.unwrap());
    let mut errors = [0.0; 2];
    for day in epoch_day(from)..epoch_day(to) {
        let date = date_of_epoch_day(day);
        let issued = issue(&*fitted, &panel, date, place.as_str());
        for (a, b) in issued.iter().zip(issue(&*other, &warmer, date, place.as_str())) {
            let differ = (a.quantiles.median() - b.quantiles.median()).abs();
            assert!(differ < 1e-6, "{}: {differ}", a.model);
        }
        let truth = TMAX.truth(&panel, &place, day + 2).unwrap();
        for one in issued.iter().filter(|i| i.horizon == 3) {
            let which = [PUBLISHED, "persistence"].iter().position(|m| *m == one.model);
            which.into_iter().for_each(|w| errors[w] += (one.quantiles.median() - truth).abs());
        }
    }
    assert!(errors[0] < 0.85 * errors[1], "{errors:?}");
}

#[test]
fn the_cities_year_does_not_stretch_the_usual_year_of_the_provinces() {
    let all = panel();
    let year = |key: &SeriesKey, series: &DailySeries| {
        let (first, last) = series.span().unwrap();
        let row = |day| {
            let usual = usual::temperature_c(day);
            let wanders = series.truth(day)? - 30.0;
            // The cities' year is three times as large; the provinces do just what is usual.
            let city = key.place.kind() == "city";
            let value = if city { 3.0 * usual + wanders } else { usual + 0.01 * wanders };
            Some((day, series.available_us(day, i64::MAX)?, value))
        };
        DailySeries::from_rows(&(first..=last).filter_map(row).collect::<Vec<_>>())
    };
    let panel: Panel = all.iter().map(|(key, series)| (key.clone(), year(key, series))).collect();
    let date = Date::constant(2026, 3, 1);
    let fitted = TMAX.fit(&panel, morning(date)).unwrap();
    let day = epoch_day(date) + 13;
    let usual = usual::temperature_c(day);
    let change = usual - usual::temperature_c(epoch_day(date) - 5);
    let issued = issue(&*fitted, &panel, date, "province:vinh_long");
    let last = issued.iter().find(|i| i.model == PUBLISHED && i.horizon == 14).unwrap();
    let wrong = (last.quantiles.median() - usual).abs();
    assert!(change > 0.5 && wrong < 0.2 * change, "{wrong} of {change}");
}

#[test]
fn a_city_is_told_whole_degrees_and_a_province_is_not() {
    let panel = panel();
    let medians = |date: Date, place: &str| -> Vec<f64> {
        let fitted = TMAX.fit(&panel, morning(TMAX.refit_day(date))).unwrap();
        let issued = issue(&*fitted, &panel, date, place);
        issued.iter().filter(|i| i.model == PUBLISHED).map(|i| i.quantiles.median()).collect()
    };
    let whole = |medians: &[f64]| medians.iter().all(|m| (m - m.round()).abs() < 1e-9);
    let city = medians(Date::constant(2013, 6, 12), "city:vinh_long");
    assert!(city.len() == 14 && whole(&city), "{city:?}");
    assert!(!whole(&medians(Date::constant(2026, 2, 10), "province:vinh_long")));
}
