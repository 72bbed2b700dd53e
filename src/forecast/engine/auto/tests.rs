//! Tests of the automatic choice, hostile series first.

use super::*;
use crate::forecast::engine::clock::Freq;

fn ask(horizon: usize, seasons: &[usize]) -> Ask {
    let freq = Freq::Integer { step: 1 };
    Ask { horizon, seasons: seasons.to_vec(), levels: vec![80.0, 95.0], freq }
}

fn series(y: &[f64]) -> Regular<'_> {
    Regular { y, start: 0, known: Vec::new() }
}

/// A number in 0..1 that looks random, the same everywhere (a Weyl sequence, scrambled).
fn noise(i: usize) -> f64 {
    let x = (i as f64 * 0.618_033_988_749_895).fract() * 43_758.545_3;
    (x.sin() * 12_345.678_9).rem_euclid(1.0)
}

fn monthly(n: usize, shift: usize) -> Vec<f64> {
    let at = |i: usize| {
        let season = [0.0, 1.0, 3.0, 6.0, 8.0, 9.0, 8.0, 6.0, 3.0, 1.0, 0.0, -1.0][i % 12];
        50.0 + 0.2 * i as f64 + 2.0 * season + 2.0 * noise(i + 977 * shift)
    };
    (0..n).map(at).collect()
}

fn plan_of(all: &[Vec<f64>], ask: &Ask) -> Plan {
    Plan::learn(&all.iter().map(|y| series(y)).collect::<Vec<_>>(), ask)
}

#[test]
fn trend_and_season_are_followed_closer_than_the_season_before() {
    let all: Vec<Vec<f64>> = (0..12).map(|k| monthly(132, k)).collect();
    let known: Vec<Vec<f64>> = all.iter().map(|y| y[..120].to_vec()).collect();
    let ask = ask(12, &[12]);
    let plan = plan_of(&known, &ask);
    let (mut error, mut naive) = (0.0, 0.0);
    for (whole, y) in all.iter().zip(&known) {
        let path = plan.path(&series(y), &ask).unwrap();
        for h in 0..12 {
            error += (whole[120 + h] - path.point[h]).abs();
            naive += (whole[120 + h] - whole[108 + h]).abs();
        }
    }
    assert!(error < 0.45 * naive, "{error} {naive}");
}

#[test]
fn hostile_series_get_a_finite_path_or_a_reason() {
    let gap = |from: usize, to: usize| {
        let mut y = monthly(200, 3);
        y[from..to].fill(f64::NAN);
        y
    };
    let mut decade = monthly(40, 1);
    decade.extend(vec![f64::NAN; 3650]);
    decade.extend(monthly(40, 2));
    let mut spikes = vec![0.0; 90];
    spikes[13] = 1e12;
    spikes[77] = -1e12;
    let hostile: Vec<Vec<f64>> = vec![
        vec![7.0],
        vec![7.0, 8.0],
        vec![1.0, 2.0, 3.0],
        vec![5.0; 60],
        vec![0.0; 60],
        vec![-3.0; 30],
        spikes,
        gap(60, 140),
        gap(0, 190),
        gap(1, 199),
        decade,
        (0..80).map(|i| f64::from(i % 2)).collect(),
        (0..80).map(|i| (f64::from(i) * 0.9).exp()).collect(),
        (0..80).map(|i| -f64::from(i) * 1e9).collect(),
        (0..60).map(|i| if i % 7 == 0 { f64::from(i) } else { 0.0 }).collect(),
        (0..50).map(|i| 1e-300 * f64::from(i)).collect(),
    ];
    for seasons in [&[][..], &[12], &[7, 30], &[24, 168], &[365]] {
        for horizon in [1, 18, 400] {
            let ask = ask(horizon, seasons);
            for plan in [Plan::learn(&[], &ask), plan_of(&hostile, &ask)] {
                for y in &hostile {
                    let path = plan.path(&series(y), &ask).unwrap();
                    assert_eq!(path.point.len(), horizon);
                    assert!(path.point.iter().all(|v| v.is_finite()), "{seasons:?} {y:?}");
                    assert_eq!(path.errors.values.len(), path.errors.scales.len() * horizon);
                    assert!(path.errors.values.iter().all(|v| !v.is_infinite()));
                }
            }
        }
    }
}

#[test]
fn missing_and_infinite_series_are_refused_with_a_reason() {
    let ask = ask(3, &[]);
    let plan = Plan::learn(&[], &ask);
    assert_eq!(plan.path(&series(&[f64::NAN; 4]), &ask), Err(Refusal::AllMissing));
    assert_eq!(plan.path(&series(&[]), &ask), Err(Refusal::AllMissing));
    let infinite = [1.0, f64::INFINITY, 2.0];
    assert_eq!(plan.path(&series(&infinite), &ask), Err(Refusal::Infinite { count: 1 }));
}

#[test]
fn a_constant_is_forecast_as_itself() {
    for seasons in [&[][..], &[12]] {
        let ask = ask(6, seasons);
        let path = Plan::learn(&[], &ask).path(&series(&[4.25; 50]), &ask).unwrap();
        assert!(path.point.iter().all(|v| (v - 4.25).abs() < 1e-9), "{:?}", path.point);
    }
}

#[test]
fn what_was_never_negative_is_not_forecast_negative() {
    let ask = ask(24, &[]);
    let falling: Vec<f64> = (0..60).map(|i| 60.0 - f64::from(i)).collect();
    let path = Plan::learn(&[], &ask).path(&series(&falling), &ask).unwrap();
    assert!(path.point.iter().all(|v| *v >= 0.0), "{:?}", path.point);
}

#[test]
fn errors_at_past_origins_do_not_know_what_came_after() {
    let ask = ask(6, &[12]);
    let y = monthly(120, 5);
    let plan = plan_of(&[y.clone(), monthly(120, 6)], &ask);
    let before = plan.path(&series(&y), &ask).unwrap();
    let mut changed = y.clone();
    let last = changed.len() - 1;
    changed[last] += 30.0;
    let after = plan.path(&series(&changed), &ask).unwrap();
    // The first origin handed out stands before the change: its candidates' paths are the same, only the
    // weights (of the other origins) may move a little.
    let moved = (before.errors.values[0] - after.errors.values[0]).abs();
    assert!(moved < 1.0, "{moved}");
    assert!((before.point[0] - after.point[0]).abs() > 1e-3, "the end must be seen");
}

#[test]
fn a_known_column_that_explains_the_series_is_used() {
    let horizon = 8;
    let ask = ask(horizon, &[]);
    let column: Vec<f64> = (0..148).map(|i| 10.0 * noise(3 * i)).collect();
    let y: Vec<f64> = (0..140).map(|i| 20.0 + 3.0 * column[i] + 0.1 * noise(i)).collect();
    let told = Regular { y: &y, start: 0, known: vec![&column] };
    let plan = Plan::learn(std::slice::from_ref(&told), &ask);
    let path = plan.path(&told, &ask).unwrap();
    let error: f64 =
        (0..horizon).map(|h| (path.point[h] - 20.0 - 3.0 * column[140 + h]).abs()).sum::<f64>()
            / horizon as f64;
    let spread = 3.0 * 2.5;
    assert!(error < 0.4 * spread, "{error} {:?}", path.model);
}

#[test]
fn the_year_of_daily_values_is_found_without_being_asked_for() {
    let daily = Ask { freq: Freq::DAILY, ..ask(14, &[7]) };
    let at = |i: usize, k: usize| {
        let year = std::f64::consts::TAU * i as f64 / 365.25;
        100.0 + 30.0 * year.sin() + [0.0, 4.0, 1.0, 3.0, 2.0, 9.0, 8.0][i % 7] + noise(i + 31 * k)
    };
    let all: Vec<Vec<f64>> = (0..4).map(|k| (0..744).map(|i| at(i, k)).collect()).collect();
    let known: Vec<Vec<f64>> = all.iter().map(|y| y[..730].to_vec()).collect();
    let plan = plan_of(&known, &daily);
    let names: Vec<&str> = plan.candidates().iter().map(|c| c.name()).collect();
    assert!(names.iter().any(|name| name.starts_with("year")), "{names:?}");
    let path = plan.path(&series(&known[0]), &daily).unwrap();
    let error = (0..14).map(|h| (path.point[h] - all[0][730 + h]).abs()).sum::<f64>() / 14.0;
    assert!(error < 1.0, "{error}");
}

#[test]
fn a_plan_survives_being_written_and_read() {
    let ask = ask(12, &[12]);
    let all: Vec<Vec<f64>> = (0..6).map(|k| monthly(90, k)).collect();
    let plan = plan_of(&all, &ask);
    let text = serde_json::to_string(&plan).unwrap();
    let read: Plan = serde_json::from_str(&text).unwrap();
    let (a, b) = (plan.path(&series(&all[0]), &ask), read.path(&series(&all[0]), &ask));
    assert_eq!(a.unwrap(), b.unwrap());
}

#[test]
fn every_origin_leaves_two_seasons_or_most_of_a_short_series_and_is_before_the_end() {
    for n in 0..300 {
        for (horizon, season) in [(1, 1), (6, 1), (18, 12), (8, 4), (14, 7), (24, 24), (400, 12)] {
            let origins = windows::origins(n, horizon, season);
            assert!(origins.len() <= windows::ORIGINS_MAX);
            assert!(origins.is_sorted());
            let least = (2.0 * season as f64 + 2.0).min(0.7 * n as f64 - 1.0) as usize;
            assert!(origins.iter().all(|o| (least..n).contains(o)), "{n} {origins:?}");
        }
    }
}

#[test]
fn weights_prefer_the_better_candidate_and_share_between_equals() {
    let truth = vec![0.0; 40];
    let wave = |phase: f64, size: f64| -> Vec<f64> {
        (0..40).map(|i| size * (f64::from(i) * 1.7 + phase).sin()).collect()
    };
    let paths = vec![wave(0.0, 1.0), wave(1.57, 1.0), wave(0.8, 6.0)];
    let own = weights::Products::new(&paths, &truth, 10).unwrap().covariance(|_| true).unwrap();
    let w = own.weights();
    assert!((w.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert!((w[0] - w[1]).abs() < 0.1 && w[2] < 0.05, "{w:?}");
}
