//! Tests of the whole target on traps made up here: a season, a memory, and an outbreak now and then.

use proptest::prelude::*;

use super::weeks::{KNOWN_AFTER_DAYS, Week, YEAR, first_day};
use super::*;
use crate::domain::Quantiles;
use crate::features::{DailySeries, SeriesKey};
use crate::forecast::gate::PUBLISHED;
use crate::forecast::targets::Issued;

const TRAP: &str = "pest:delta.brown_planthopper.light_trap";
const KIN: &str = "pest:delta.green_leafhopper.light_trap";
const FIRST: Week = 1990 * YEAR;

fn place(name: &str) -> PlaceId {
    name.parse().unwrap()
}

/// Returns a made-up log1p count: two peaks a year and a memory of ten weeks.
fn levels(seed: u64, years: Week) -> Vec<f64> {
    let (mut state, mut memory) = (seed, 0.0);
    let mut noise = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    (0..years * YEAR)
        .map(|week| {
            memory = 0.9 * memory + 1.2 * noise();
            let season = 5.0 + 3.0 * (2.0 * weeks::angle(week)).sin();
            (season + memory + 0.8 * noise()).max(0.0)
        })
        .collect()
}

fn series(first: Week, levels: &[f64]) -> DailySeries {
    let rows: Vec<_> = (first..)
        .zip(levels)
        .map(|(week, level)| (first_day(week), level.exp_m1().round()))
        .map(|(day, count)| (day, (day + KNOWN_AFTER_DAYS) * 86_400_000_000, count))
        .collect();
    DailySeries::from_rows(&rows)
}

fn panel(years: Week) -> Panel {
    let key = |name| SeriesKey { variable: COUNT.into(), place: place(name) };
    let both = [(TRAP, 7), (KIN, 8)];
    both.map(|(name, seed)| (key(name), series(FIRST, &levels(seed, years)))).into_iter().collect()
}

fn morning(day: i64) -> IssuedAt {
    IssuedAt::morning_of(date_of_epoch_day(day)).unwrap()
}

fn new_year(year: Week) -> i64 {
    first_day(year * YEAR)
}

fn of(issued: &[Issued], model: &str, horizon: u8) -> Quantiles {
    issued.iter().find(|i| i.model == model && i.horizon == horizon).unwrap().quantiles
}

fn issuing_days(panel: &Panel, from: i64, to: i64) -> Vec<i64> {
    let target = Planthopper;
    (from..to).filter(|d| target.issues_on(&Known::at(panel, morning(*d)), &place(TRAP))).collect()
}

#[test]
fn one_forecast_a_week_is_issued_on_the_morning_its_count_is_known() {
    let panel = panel(3);
    let days = issuing_days(&panel, new_year(1991) + 15, new_year(1992) + 15);
    assert_eq!(days.len(), 52);
    for day in days {
        let newest = newest_week(day);
        assert_eq!(first_day(newest) + KNOWN_AFTER_DAYS, day);
        assert_eq!(Planthopper.valid_day(day, &place(TRAP), 1), first_day(newest + 1));
        assert_eq!(Planthopper.valid_day(day, &place(TRAP), 6), first_day(newest + 6));
    }
}

#[test]
fn a_count_that_comes_late_is_issued_on_when_it_comes() {
    let week = FIRST + 60;
    let rows = [(first_day(week), (first_day(week) + KNOWN_AFTER_DAYS + 3) * 86_400_000_000, 9.0)];
    let key = SeriesKey { variable: COUNT.into(), place: place(TRAP) };
    let panel: Panel = [(key, DailySeries::from_rows(&rows))].into_iter().collect();
    let due = first_day(week) + KNOWN_AFTER_DAYS;
    assert_eq!(issuing_days(&panel, due - 7, due + 7), [due + 3]);
}

#[test]
fn the_model_is_published_where_it_beats_the_baselines_and_quantiles_rise_in_counts() {
    let panel = panel(9);
    let fitted = Planthopper.fit_traps(&panel, morning(new_year(1998))).unwrap();
    let gate = fitted.gate();
    assert_eq!(gate.len(), usize::from(HORIZONS));
    assert!(gate.iter().all(|v| v.model_loss.is_some() && v.baseline_loss.is_some()), "{gate:?}");
    assert!(gate[2].passes, "{gate:?}");
    let day = issuing_days(&panel, new_year(1998) + 30, new_year(1998) + 40)[0];
    let issued = fitted.issue(&Known::at(&panel, morning(day)), &place(TRAP)).unwrap();
    assert_eq!(issued.len(), 4 * usize::from(HORIZONS));
    let newest = panel.get(COUNT, &place(TRAP)).unwrap().truth(day - KNOWN_AFTER_DAYS).unwrap();
    for horizon in 1..=HORIZONS {
        let persistence = of(&issued, "persistence", horizon).median();
        assert!((persistence - newest).abs() < 1e-6 * newest, "{persistence} {newest}");
        let own = of(&issued, PUBLISHED, horizon).values();
        assert!(own[0] >= 0.0 && own[0] < own[6], "{own:?}");
    }
    for verdict in gate.iter().filter(|verdict| !verdict.passes) {
        let best = of(&issued, &verdict.best_baseline, verdict.horizon);
        assert_eq!(of(&issued, PUBLISHED, verdict.horizon), best);
    }
}

#[test]
fn stored_models_forecast_the_same_and_another_format_is_refused() {
    let panel = panel(6);
    let fitted = Planthopper.fit(&panel, morning(new_year(1995))).unwrap();
    let bytes = fitted.to_bytes().unwrap();
    let loaded = Planthopper.load(&bytes).unwrap();
    assert_eq!(loaded.to_bytes().unwrap(), bytes);
    let day = issuing_days(&panel, new_year(1995) + 30, new_year(1995) + 40)[0];
    let known = Known::at(&panel, morning(day));
    let issue = |models: &dyn Fitted| models.issue(&known, &place(TRAP)).unwrap();
    assert_eq!(issue(&*loaded), issue(&*fitted));
    let text = String::from_utf8(bytes).unwrap();
    let newer = text.replacen("\"format\":2", "\"format\":1", 1);
    let error = Planthopper.load(newer.as_bytes()).err().unwrap().to_string();
    assert!(error.contains("planthopper in format 1"), "{error}");
    let short = text.replacen("\"usual\":[[", "\"usual\":[[0,0,0,0,0,0,0],[", 1);
    assert!(Planthopper.load(short.as_bytes()).is_err());
}

#[test]
fn a_trap_of_half_a_year_is_given_baselines() {
    let key = SeriesKey { variable: COUNT.into(), place: place(TRAP) };
    let panel: Panel = [(key, series(FIRST, &levels(7, 1)[..26]))].into_iter().collect();
    let cut = first_day(FIRST + 20);
    let fitted = Planthopper.fit(&panel, morning(cut)).unwrap();
    assert!(fitted.gate().iter().all(|verdict| !verdict.passes && verdict.model_loss.is_none()));
    let day = issuing_days(&panel, cut, cut + 20)[0];
    let issued = fitted.issue(&Known::at(&panel, morning(day)), &place(TRAP)).unwrap();
    for horizon in 1..=HORIZONS {
        assert_eq!(of(&issued, PUBLISHED, horizon), of(&issued, "persistence", horizon));
    }
}

#[test]
fn a_trap_that_stands_still_is_not_forecast_from() {
    let mut counts = levels(7, 4);
    let still = (3 * YEAR + 20..4 * YEAR).find(|week| counts[*week as usize - 1] > 6.0).unwrap();
    counts[still as usize] = 0.0;
    let key = SeriesKey { variable: COUNT.into(), place: place(TRAP) };
    let panel: Panel = [(key, series(FIRST, &counts))].into_iter().collect();
    let day = first_day(FIRST + still) + KNOWN_AFTER_DAYS;
    assert!(issuing_days(&panel, day - 3, day + 3).is_empty());
    assert_eq!(issuing_days(&panel, day - 9, day - 3).len(), 1);
    let fitted = Planthopper.fit(&panel, morning(new_year(1993))).unwrap();
    assert_eq!(fitted.issue(&Known::at(&panel, morning(day)), &place(TRAP)).unwrap(), []);
    assert_eq!(Planthopper.truth(&panel, &place(TRAP), first_day(FIRST + still)), Some(0.0));
}

#[test]
fn without_a_planthopper_trap_the_fit_says_so() {
    let key = SeriesKey { variable: COUNT.into(), place: place(KIN) };
    let panel: Panel = [(key, series(FIRST, &levels(8, 4)))].into_iter().collect();
    let error = Planthopper.fit(&panel, morning(new_year(1993))).err().unwrap();
    assert!(matches!(error, ForecastError::TooLittle { target: NAME, rows: 0, .. }), "{error}");
    assert!(Planthopper.places(&panel).is_empty());
}

#[test]
fn a_week_without_a_count_is_not_forecast_from() {
    let panel = panel(4);
    let fitted = Planthopper.fit(&panel, morning(new_year(1993))).unwrap();
    let silent = Known::at(&panel, morning(first_day(FIRST + 4 * YEAR + 10)));
    assert_eq!(fitted.issue(&silent, &place(TRAP)).unwrap(), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// The leakage guard: whatever is not known yet may be anything.
    #[test]
    fn what_comes_after_the_issue_changes_nothing(week in 0..80_i32, garbage in 0.0..1e6_f64) {
        let panel = panel(6);
        let cut = morning(new_year(1994));
        let day = first_day(1994 * YEAR + week) + KNOWN_AFTER_DAYS;
        let spoil = |panel: &Panel, at: IssuedAt| -> Panel {
            let us = at.0.as_microsecond();
            panel.iter().map(|(k, s)| (k.clone(), s.with_garbage_after(us, |_| garbage))).collect()
        };
        let fitted = Planthopper.fit(&panel, cut).unwrap();
        let now = morning(day);
        let spoiled = spoil(&panel, now);
        let issue = |panel| fitted.issue(&Known::at(panel, now), &place(TRAP)).unwrap();
        prop_assert_eq!(issue(&spoiled), issue(&panel));
        let issues = |panel| Planthopper.issues_on(&Known::at(panel, now), &place(TRAP));
        prop_assert!(issues(&panel) && issues(&spoiled));
    }
}

#[test]
fn the_fit_knows_nothing_after_its_cut() {
    let panel = panel(6);
    let cut = morning(new_year(1994));
    let us = cut.0.as_microsecond();
    let spoiled: Panel =
        panel.iter().map(|(k, s)| (k.clone(), s.with_garbage_after(us, |_| 5e5))).collect();
    let bytes = |panel| Planthopper.fit(panel, cut).unwrap().to_bytes().unwrap();
    assert_eq!(bytes(&spoiled), bytes(&panel));
}
