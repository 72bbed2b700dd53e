//! Tests of both targets on made-up gauges whose laws are known.

use super::*;
use crate::domain::time::{date_of_epoch_day, epoch_day};
use crate::features::{DailySeries, Known, SeriesKey};
use crate::forecast::gate::PUBLISHED;
use crate::forecast::targets::Issued;

const DAY_US: i64 = 86_400_000_000;
const START: Date = Date::constant(1980, 1, 1);
const CUT: Date = Date::constant(1988, 1, 1);
const END: Date = Date::constant(1989, 1, 1);

/// Uniform numbers, the same for the same seed.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Returns four gauges with a wet half-year; where `memory` is above 0, a day is wet with its odds
/// raised by it after a wet day and lowered after a dry one. Known the next morning.
fn panel(memory: f64, seed: u64) -> Panel {
    let mut draws = Draws(seed);
    let mut panel = Panel::default();
    for name in ["a", "b", "c", "d"] {
        let mut before = 0.5;
        let rows: Vec<(i64, i64, f64)> = (epoch_day(START)..epoch_day(END))
            .map(|day| {
                let wave = climate::terms(climate::day_of_year(day));
                let odds: f64 = 0.4 - 0.3 * wave[2] + memory * (before - 0.5);
                let wet = draws.next() < odds.clamp(0.02, 0.98);
                before = f64::from(u8::from(wet));
                let mm = if wet { 1.0 - 12.0 * draws.next().max(1e-9).ln() } else { 0.0 };
                (day, (day + 1) * DAY_US, mm)
            })
            .collect();
        let place = PlaceId::new(GAUGE, name).unwrap();
        panel.insert(key(RAIN, place), DailySeries::from_rows(&rows));
    }
    let globe: PlaceId = "climate:global".parse().unwrap();
    for name in RMM {
        let rows: Vec<_> = (epoch_day(START)..epoch_day(END))
            .map(|day| (day, (day + 2) * DAY_US, 4.0 * draws.next() - 2.0))
            .collect();
        panel.insert(key(name, globe.clone()), DailySeries::from_rows(&rows));
    }
    panel
}

fn key(variable: &str, place: PlaceId) -> SeriesKey {
    SeriesKey { variable: variable.into(), place }
}

fn morning(date: Date) -> IssuedAt {
    IssuedAt::morning_of(date).unwrap()
}

fn issue(fitted: &dyn Fitted, panel: &Panel, date: Date, place: &str) -> Vec<Issued> {
    fitted.issue(&Known::at(panel, morning(date)), &place.parse().unwrap()).unwrap()
}

/// Returns the mean loss of a model at a lead over the year after the cut.
fn loss(target: Rain, panel: &Panel, lead: u8, model: &str) -> f64 {
    let fitted = target.fit_rain(panel, morning(CUT)).unwrap();
    let (mut sum, mut n) = (0.0, 0.0);
    for day in (epoch_day(CUT)..epoch_day(END) - i64::from(lead)).step_by(2) {
        for place in target.places(panel) {
            let mm = panel.get(RAIN, &place).unwrap().truth(day - 1 + i64::from(lead)).unwrap();
            let all = issue(&fitted, panel, date_of_epoch_day(day), place.as_str());
            let one = all.iter().find(|i| i.horizon == lead && i.model == model).unwrap();
            sum += target.0.loss(&one.quantiles.values(), mm);
            n += 1.0;
        }
    }
    sum / n
}

#[test]
fn rain_that_lasts_is_forecast_better_than_the_climate_has_it() {
    let panel = panel(0.5, 3);
    for target in [RAIN_OCCURRENCE, RAIN_AMOUNT] {
        let [own, climate, again] =
            [PUBLISHED, "climatology", "persistence"].map(|model| loss(target, &panel, 1, model));
        // The amount of a wet day is drawn anew: only whether it is wet can be known.
        let share = if target == RAIN_AMOUNT { 0.96 } else { 0.9 };
        assert!(own < share * climate && own < again, "{}: {own} {climate} {again}", target.name());
    }
}

#[test]
fn where_yesterday_says_nothing_the_climate_is_published() {
    let panel = panel(0.0, 5);
    let fitted = RAIN_OCCURRENCE.fit_rain(&panel, morning(CUT)).unwrap();
    assert!(fitted.trust().unwrap()[0].iter().all(|share| *share < 0.5), "{:?}", fitted.trust());
    for lead in [1, 7] {
        let own = loss(RAIN_OCCURRENCE, &panel, lead, PUBLISHED);
        let climate = loss(RAIN_OCCURRENCE, &panel, lead, "climatology");
        assert!(own < 1.005 * climate, "noise costs less than half a per cent: {own} {climate}");
    }
}

#[test]
fn garbage_in_the_future_changes_neither_models_nor_forecasts() {
    let panel = panel(0.4, 7);
    let dates = [Date::constant(1988, 2, 3), Date::constant(1988, 9, 30)];
    let spoil = |at: Date, garbage: fn(i64) -> f64| -> Panel {
        let at_us = morning(at).0.as_microsecond();
        panel.iter().map(|(k, s)| (k.clone(), s.with_garbage_after(at_us, garbage))).collect()
    };
    let garbages: [fn(i64) -> f64; 2] = [|_| 0.0, |day| (day % 7) as f64 * 50.0];
    for target in [RAIN_OCCURRENCE, RAIN_AMOUNT] {
        let fitted = target.fit_rain(&panel, morning(CUT)).unwrap();
        for garbage in garbages {
            let again = target.fit_rain(&spoil(CUT, garbage), morning(CUT)).unwrap();
            assert_eq!(fitted.to_bytes().unwrap(), again.to_bytes().unwrap());
            for date in dates {
                let spoilt = issue(&fitted, &spoil(date, garbage), date, "rain:b");
                assert_eq!(issue(&fitted, &panel, date, "rain:b"), spoilt);
            }
        }
    }
}

#[test]
fn an_event_has_one_probability_and_an_amount_rising_quantiles_from_zero() {
    let panel = panel(0.4, 9);
    let date = Date::constant(1988, 1, 20);
    let odds = RAIN_OCCURRENCE.fit(&panel, morning(CUT)).unwrap();
    for one in issue(&*odds, &panel, date, "rain:a") {
        let [first, .., last] = one.quantiles.values();
        assert!(first.to_bits() == last.to_bits() && (0.0..=1.0).contains(&first), "{one:?}");
    }
    let amounts = RAIN_AMOUNT.fit_rain(&panel, morning(CUT)).unwrap();
    let all = issue(&amounts, &panel, date, "rain:a");
    let models = ["climatology", "persistence", PUBLISHED, "seasonal_naive"];
    for lead in 1..=10 {
        let mut here: Vec<&str> =
            all.iter().filter(|i| i.horizon == lead).map(|i| i.model).collect();
        here.sort_unstable();
        assert_eq!(here, models);
    }
    let dry = all.iter().find(|i| i.horizon == 9 && i.model == PUBLISHED).unwrap();
    assert_eq!(dry.quantiles.median(), 0.0, "in January most days are dry");
    let july = issue(&amounts, &panel, Date::constant(1988, 7, 20), "rain:a");
    let wet = july.iter().find(|i| i.horizon == 9 && i.model == PUBLISHED).unwrap();
    assert!(wet.quantiles.values()[6] > 10.0 && wet.quantiles.median() > 0.0, "{wet:?}");
    let known = Known::at(&panel, morning(date));
    let heavy = |mm| amounts.odds_beside_climate(&known, &"rain:a".parse().unwrap(), mm)[0].0;
    assert!(heavy(16.0) > heavy(51.0) && heavy(51.0) > heavy(101.0) && heavy(101.0) > 0.0);
}

#[test]
fn a_silent_gauge_is_not_forecast_and_an_unknown_one_has_the_climate_of_all() {
    let mut panel = panel(0.4, 11);
    let fitted = RAIN_AMOUNT.fit(&panel, morning(CUT)).unwrap();
    let date = Date::constant(1988, 6, 10);
    let day = epoch_day(date);
    let rows = |from: i64, to: i64| -> Vec<(i64, i64, f64)> {
        (from..to).map(|d| (d, (d + 1) * DAY_US, 5.0)).collect()
    };
    let place = |name: &str| PlaceId::new(GAUGE, name).unwrap();
    panel.insert(key(RAIN, place("late")), DailySeries::from_rows(&rows(day - 40, day - 1)));
    panel.insert(key(RAIN, place("new")), DailySeries::from_rows(&rows(day - 40, day)));
    assert!(issue(&*fitted, &panel, date, "rain:late").is_empty());
    let new = issue(&*fitted, &panel, date, "rain:new");
    assert_eq!(new.iter().filter(|i| i.model == "climatology").count(), 10);
    assert_eq!(new.iter().filter(|i| i.model == PUBLISHED).count(), 10);
}

#[test]
fn too_little_history_publishes_a_baseline_and_none_is_an_error() {
    let panel = panel(0.4, 13);
    let published = |cut: Date| {
        let fitted = RAIN_OCCURRENCE.fit(&panel, morning(cut)).unwrap();
        let all = issue(&*fitted, &panel, cut, "rain:a");
        let of = |model: &str| -> Vec<Issued> {
            all.iter().filter(|i| i.model == model).cloned().collect()
        };
        let same = |model: &str| {
            let (own, other) = (of(PUBLISHED), of(model));
            let both = own.len() == 10 && other.len() == 10;
            both && own.iter().zip(&other).all(|(a, b)| a.quantiles == b.quantiles)
        };
        (same("persistence"), same("climatology"))
    };
    assert_eq!(published(Date::constant(1980, 2, 1)), (true, false), "a month has no climate");
    assert!(published(Date::constant(1981, 1, 1)).1, "one year has no year to hold out");
    let nothing = RAIN_OCCURRENCE.fit(&panel, morning(START)).map(|_| ()).unwrap_err();
    assert!(matches!(nothing, ForecastError::TooLittle { rows: 0, .. }), "{nothing}");
}

#[test]
fn stored_models_forecast_the_same_and_others_are_refused() {
    let panel = panel(0.4, 15);
    let date = Date::constant(1988, 10, 1);
    let fitted = RAIN_AMOUNT.fit(&panel, morning(CUT)).unwrap();
    let bytes = fitted.to_bytes().unwrap();
    let loaded = RAIN_AMOUNT.load(&bytes).unwrap();
    assert_eq!(issue(&*fitted, &panel, date, "rain:c"), issue(&*loaded, &panel, date, "rain:c"));
    assert_eq!(bytes, loaded.to_bytes().unwrap());
    let text = String::from_utf8(bytes).unwrap();
    let refused = |target: Rain, text: &str| target.load(text.as_bytes()).map(|_| ()).unwrap_err();
    let other = refused(RAIN_AMOUNT, &text.replacen("\"format\":2", "\"format\":3", 1));
    assert!(other.to_string().contains("format 3"), "{other}");
    assert!(refused(RAIN_OCCURRENCE, &text).to_string().contains("rain_amount"));
}

#[test]
fn codes_for_a_missing_oscillation_are_not_read_as_strong_ones() {
    let mut panel = panel(0.4, 17);
    let date = Date::constant(1988, 6, 10);
    let fitted = RAIN_OCCURRENCE.fit(&panel, morning(CUT)).unwrap();
    let with = |panel: &mut Panel, code: Option<f64>| {
        let globe: PlaceId = "climate:global".parse().unwrap();
        for name in RMM {
            let rows: Vec<_> = (epoch_day(date) - 9..epoch_day(date))
                .filter_map(|day| Some((day, (day + 2) * DAY_US, code?)))
                .collect();
            panel.insert(key(name, globe.clone()), DailySeries::from_rows(&rows));
        }
        issue(&*fitted, panel, date, "rain:a")
    };
    let none = with(&mut panel, None);
    assert_eq!(with(&mut panel, Some(999.0)), none);
    assert_eq!(with(&mut panel, Some(1e36)), none);
}
