//! Tests of the bias correction: no leak from the future, convergence, no harm, fair shrinkage.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::domain::time::{IssuedAt, date_of_epoch_day, day_start, epoch_day};
use crate::features::{DailySeries, Panel, SeriesKey};

const FIRST: i64 = 20_000;

/// Noise in −1 to 1, fixed by the numbers given.
fn noise(seed: u64, day: i64, place: usize) -> f64 {
    let mut mixed = seed ^ (day as u64) << 20 ^ (place as u64) << 50;
    for _ in 0..3 {
        mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    (mixed >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

fn key(place: usize, lead: i64) -> GuidanceKey {
    GuidanceKey {
        variable: "temp_mean_c".into(),
        source: "weather.someone".into(),
        lead,
        place: PlaceId::new("commune", &place.to_string()).unwrap(),
    }
}

fn morning(day: i64) -> IssuedAt {
    IssuedAt::morning_of(date_of_epoch_day(day)).unwrap()
}

/// Forecasts of days (issued every morning, two days ahead) with an error by day and place.
fn archive(days: i64, places: usize, error: impl Fn(i64, usize) -> f64) -> Vec<Archived> {
    let each = (0..days).flat_map(|day| (0..places).map(move |place| (day, place)));
    each.map(|(day, place)| Archived {
        key: key(place, 2),
        available_at: morning(FIRST + day - 2).0,
        valid_day: FIRST + day,
        value: 27.0 + error(day, place),
    })
    .collect()
}

/// Observations that were 27 every day and known the next morning.
fn panel(days: i64, places: usize) -> Panel {
    let series = (0..places).map(|place| {
        let rows: Vec<(i64, i64, f64)> = (FIRST..FIRST + days)
            .map(|day| (day, morning(day + 1).0.as_microsecond(), 27.0))
            .collect();
        let key = SeriesKey { variable: "temp_mean_c".into(), place: key(place, 2).place };
        (key, DailySeries::from_rows(&rows))
    });
    series.collect()
}

fn bias(panel: &Panel, archived: &[Archived], on: i64, place: usize) -> f64 {
    let known = Known::at(panel, morning(on));
    learn(&known, archived, &Shrinkage::default()).of(&key(place, 2)).bias
}

#[test]
fn a_constant_bias_is_learned_whatever_the_noise() {
    let panel = panel(400, 3);
    for noisy in [0.0, 1.0] {
        let archived = archive(400, 3, |day, place| 1.5 + noisy * noise(1, day, place));
        let after = [10, 60, 150, 390].map(|day| bias(&panel, &archived, FIRST + day, 1));
        assert!(after[0] < 1.0, "few days are not believed: {after:?}");
        assert!((after[2] - 1.5).abs() < 0.25 && (after[3] - 1.5).abs() < 0.2, "{after:?}");
        assert!(noisy > 0.0 || (after[3] - 1.5).abs() < 0.01, "nothing hides it: {after:?}");
    }
}

#[test]
fn without_a_bias_correction_does_no_harm() {
    let (panel, mut raw, mut corrected) = (panel(300, 4), 0.0, 0.0);
    for seed in 0..10 {
        let archived = archive(300, 4, |day, place| noise(seed, day, place));
        for day in (1..298).step_by(3) {
            let known = Known::at(&panel, morning(FIRST + day));
            let corrections = learn(&known, &archived, &Shrinkage::default());
            for place in 0..4 {
                let error = noise(seed, day + 2, place);
                raw += error * error;
                corrected += (error - corrections.of(&key(place, 2)).bias).powi(2);
            }
        }
    }
    assert!(corrected / raw < 1.003, "mean squared error grew by {}", corrected / raw - 1.0);
}

#[test]
fn a_place_with_few_samples_is_corrected_as_its_area_is() {
    let panel = panel(200, 6);
    let mut archived = archive(200, 6, |day, _| 2.0 + 0.3 * noise(4, day, 0));
    archived.retain(|row| row.key.place != key(5, 2).place || row.valid_day >= FIRST + 195);
    let known = Known::at(&panel, morning(FIRST + 200));
    let corrections = learn(&known, &archived, &Shrinkage::default());
    let (old, new, unseen) =
        (corrections.of(&key(0, 2)), corrections.of(&key(5, 2)), corrections.of(&key(9, 2)));
    assert_eq!((old.place_days, new.place_days, unseen.place_days), (200, 5, 0));
    assert_eq!((old.area_days, unseen.area_days), (200, 200));
    assert!((new.bias - old.bias).abs() < 0.1 && (unseen.bias - old.bias).abs() < 0.1);
    assert_eq!(corrections.of(&key(0, 3)), Correction::NONE, "another lead is another matter");
}

#[test]
fn a_place_unlike_its_area_gets_its_own_correction() {
    let panel = panel(300, 5);
    let archived = archive(300, 5, |day, place| {
        let own = if place == 2 { -3.0 } else { 1.0 };
        own + 0.5 * noise(5, day, place)
    });
    let found = [0, 2].map(|place| bias(&panel, &archived, FIRST + 300, place));
    assert!((found[0] - 1.0).abs() < 0.25 && (found[1] + 3.0).abs() < 0.3, "{found:?}");
}

#[test]
fn a_changed_model_loses_its_old_correction() {
    let panel = panel(500, 2);
    let archived = archive(500, 2, |day, place| {
        let old = if day < 200 { 2.0 } else { 0.0 };
        old + 0.3 * noise(6, day, place)
    });
    let after = [200, 260, 320, 480].map(|day| bias(&panel, &archived, FIRST + day, 0));
    assert!((after[0] - 2.0).abs() < 0.3 && after[1] < 0.8, "{after:?}");
    assert!(after[2].abs() < 0.3 && after[3].abs() < 0.1, "{after:?}");
}

#[test]
fn a_correction_never_leaves_the_range_of_the_variable() {
    let correction = Correction { bias: 8.0, ..Correction::NONE };
    assert_eq!(correction.apply(95.0, 0.0..=100.0), 87.0);
    assert_eq!(correction.apply(5.0, 0.0..=100.0), 0.0);
    assert_eq!(Correction::NONE.apply(5.0, 0.0..=100.0), 5.0);
}

#[test]
fn values_that_are_no_numbers_teach_nothing() {
    let pair = |forecast, observed| Matched { key: key(0, 1), valid_step: 1, forecast, observed };
    let broken = [pair(f64::NAN, 1.0), pair(1.0, f64::INFINITY)];
    assert_eq!(learn_from(&broken, &Shrinkage::default()), Corrections::default());
}

#[test]
fn an_observation_not_yet_known_teaches_nothing_yet() {
    let panel = panel(5, 1);
    let archived = archive(5, 1, |_, _| 1.0);
    let days = |on| {
        let known = Known::at(&panel, morning(on));
        learn(&known, &archived, &Shrinkage::default()).of(&key(0, 2)).area_days
    };
    assert_eq!([0, 1, 2, 5, 9].map(|day| days(FIRST + day)), [0, 1, 2, 5, 5]);
    let start = day_start(date(2024, 10, 4)).unwrap();
    assert_eq!(epoch_day(date(2024, 10, 4)), FIRST);
    assert_eq!(days_known_at(&panel, &archived, IssuedAt(start)), 0);
}

fn days_known_at(panel: &Panel, archived: &[Archived], at: IssuedAt) -> u32 {
    learn(&Known::at(panel, at), archived, &Shrinkage::default()).of(&key(0, 2)).area_days
}

#[test]
fn a_forecast_is_verified_with_the_correction_known_when_it_was_issued() {
    let panel = panel(120, 2);
    let archived = archive(120, 2, |day, _| if day < 60 { 2.0 } else { -2.0 });
    let known = Known::at(&panel, morning(FIRST + 120));
    let (_, verified) = learn_and_verify(&known, &archived, &Shrinkage::default());
    assert_eq!(verified.len(), 240);
    let corrected = |day: i64| {
        let one = verified.iter().find(|v| v.valid_step == FIRST + day).unwrap();
        assert_eq!(one.forecast - one.observed, if day < 60 { 2.0 } else { -2.0 });
        one.forecast - one.corrected
    };
    assert_eq!(corrected(1), 0.0, "nothing was known yet");
    assert!(corrected(50) > 1.0, "most of the bias was known: {}", corrected(50));
    // Issued on the day of the change, two days ahead: the change could not be known.
    assert!((corrected(61) - corrected(59)).abs() < 0.3 && corrected(62) > 1.0);
    let late = Shrinkage { late_steps: 5, ..Shrinkage::default() };
    let (_, later) = learn_and_verify(&known, &archived, &late);
    let bias = |of: &[Verified], day: i64| {
        let one = of.iter().find(|v| v.valid_step == FIRST + day).unwrap();
        one.forecast - one.corrected
    };
    assert!(bias(&later, 8) < bias(&verified, 8), "late observations teach later");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn later_issues_and_observations_never_change_an_earlier_correction(
        seed in 0_u64..1_000_000,
        cut in 1_i64..58,
        bias in -3.0..3.0_f64,
        garbage in -1e6..1e6_f64,
    ) {
        let archived = archive(60, 3, |day, place| bias + noise(seed, day, place));
        let whole = panel(60, 3);
        let now = morning(FIRST + cut);
        let told = learn(&Known::at(&whole, now), &archived, &Shrinkage::default());

        let mut spoiled: Vec<Archived> = archived.clone();
        for row in spoiled.iter_mut().filter(|row| row.available_at > now.0) {
            row.value = garbage;
        }
        let future: Panel = whole
            .iter()
            .map(|(key, series)| {
                (key.clone(), series.with_garbage_after(now.0.as_microsecond(), |_| garbage))
            })
            .collect();
        let again = learn(&Known::at(&future, now), &spoiled, &Shrinkage::default());
        prop_assert_eq!(&again, &told);

        let mut cut_off: Vec<Archived> =
            archived.iter().filter(|row| row.available_at <= now.0).cloned().collect();
        cut_off.reverse();
        prop_assert_eq!(learn(&Known::at(&whole, now), &cut_off, &Shrinkage::default()), told);
    }
}

#[test]
fn errors_that_are_over_before_the_forecast_is_are_not_corrected_far_ahead() {
    // Spells of ten days of one sign, then of the other: for the day of issue the last errors tell
    // of the next, nine days ahead they tell the contrary.
    let spells = |lead: i64| -> Vec<Matched> {
        (0..400)
            .map(|day| Matched {
                key: key(0, lead),
                valid_step: FIRST + day,
                forecast: if (day / 10) % 2 == 0 { 2.0 } else { -2.0 },
                observed: 0.0,
            })
            .collect()
    };
    let quick = Shrinkage {
        area_prior_days: 1.0,
        place_prior_days: 1.0,
        memory_steps: 3.0,
        ..Shrinkage::default()
    };
    let bias = |lead| learn_from(&spells(lead), &quick).of(&key(0, lead)).bias.abs();
    assert!(bias(0) > 0.3, "{}", bias(0));
    assert_eq!(bias(9), 0.0);
}
