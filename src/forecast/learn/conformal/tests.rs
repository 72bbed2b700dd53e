//! What a correction must do, whatever it keeps inside.

use super::*;
use linfa::ParamGuard;
use proptest::prelude::*;

/// Numbers in [0, 1), fixed by the seed.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 32).unwrap()) / 2.0_f64.powi(32)
    }

    /// An error with a long tail to the right.
    fn skewed(&mut self) -> f64 {
        -(1.0 - self.next()).ln() - 0.3
    }
}

fn start(params: ConformalParams) -> Conformal {
    params.check().unwrap().start()
}

/// Shares of measured values at or below each corrected quantile, learning as it goes.
fn coverage(
    conformal: &mut Conformal,
    days: usize,
    mut day: impl FnMut(usize) -> Outcome,
) -> [f64; 7] {
    let mut below = [0.0; 7];
    let mut counted = 0.0;
    for i in 0..days {
        let outcome = day(i);
        if let Ok(c) = conformal.correct(&["all"], &outcome.forecast, outcome.scale) {
            counted += 1.0;
            for (sum, q) in below.iter_mut().zip(c.quantiles.values()) {
                *sum += f64::from(u8::from(outcome.measured <= q));
            }
        }
        conformal.observe(&["all"], &outcome).unwrap();
    }
    below.map(|b| b / counted)
}

fn assert_covers(shares: [f64; 7], tolerance: f64) {
    for (share, level) in shares.iter().zip(LEVELS) {
        assert!((share - level).abs() < tolerance, "{level} covers {share}: {shares:?}");
    }
}

#[test]
fn lopsided_errors_get_lopsided_quantiles_that_cover() {
    let mut noise = Noise(1);
    let mut conformal = start(ConformalParams::new(Kind::Point));
    let shares = coverage(&mut conformal, 4_000, |_| Outcome::point(5.0, 5.0 + noise.skewed()));
    assert_covers(shares, 0.02);
    let (offsets, _, rows) = conformal.offsets(&["all"], 1.0).unwrap();
    assert_eq!(rows, 4_000);
    assert!(offsets[6] > 5.0 * offsets[0].abs(), "{offsets:?}");
}

#[test]
fn quantiles_that_are_too_narrow_and_biased_are_put_right() {
    let mut noise = Noise(2);
    let narrow = [0.4, 0.42, 0.45, 0.5, 0.55, 0.58, 0.6];
    let mut conformal = start(ConformalParams::new(Kind::Quantiles));
    let shares = coverage(&mut conformal, 4_000, |i| {
        let level = (i % 10) as f64;
        let forecast = narrow.map(|q| q + level);
        Outcome { forecast, issued: None, scale: 1.0, measured: level + 0.2 + noise.next() }
    });
    assert_covers(shares, 0.02);
}

#[test]
fn the_scale_makes_calm_and_rough_days_comparable() {
    let mut noise = Noise(3);
    let mut conformal = start(ConformalParams::new(Kind::Point));
    let mut covered = [0.0; 2];
    for i in 0..4_000 {
        let scale = [0.1, 10.0][i % 2];
        let outcome = Outcome { scale, ..Outcome::point(0.0, scale * noise.skewed()) };
        if let Ok(c) = conformal.correct(&["all"], &outcome.forecast, scale) {
            let q = c.quantiles.values();
            covered[i % 2] +=
                f64::from(u8::from(outcome.measured > q[1] && outcome.measured <= q[5]));
        }
        conformal.observe(&["all"], &outcome).unwrap();
    }
    assert!(covered.iter().all(|c| (c / 1_990.0 - 0.8).abs() < 0.03), "{covered:?}");
}

#[test]
fn levels_that_adapt_and_windows_follow_a_drift_that_all_errors_together_miss() {
    let run = |params: ConformalParams| {
        let mut noise = Noise(4);
        let mut conformal = start(params);
        let drift = |i: usize| 1.0 + 4.0 * i as f64 / 4_000.0;
        coverage(&mut conformal, 4_000, |i| Outcome::point(0.0, drift(i) * noise.skewed()))
    };
    let plain = run(ConformalParams::new(Kind::Point));
    assert!(plain[5] < 0.87, "{plain:?}");
    assert_covers(run(ConformalParams::new(Kind::Point).rate(0.02)), 0.02);
    assert_covers(run(ConformalParams::new(Kind::Point).window(250)), 0.02);
}

#[test]
fn levels_follow_what_was_issued_if_that_is_known() {
    let mut conformal = start(ConformalParams::new(Kind::Point).rate(0.5));
    for i in 0..200 {
        let measured = f64::from(i % 21 - 10);
        let outcome = Outcome { issued: Some([-100.0; 7]), ..Outcome::point(0.0, measured) };
        conformal.observe(&["all"], &outcome).unwrap();
    }
    // Nothing issued ever covered, so every level went up as far as it can.
    assert_eq!(conformal.offsets(&["all"], 1.0).unwrap().0, [10.0; 7]);
}

#[test]
fn a_key_with_too_few_errors_gives_way_to_a_general_one() {
    let mut conformal = start(ConformalParams::new(Kind::Point).min_rows(30));
    let outcome = |i: i32| Outcome::point(0.0, f64::from(i % 10));
    (0..40).for_each(|i| conformal.observe(&["old", "all"], &outcome(i)).unwrap());
    (0..29).for_each(|i| conformal.observe(&["new", "all"], &outcome(10 * i)).unwrap());
    let key = |keys: &[&str]| conformal.offsets(keys, 1.0).map(|(_, key, rows)| (key, rows));
    assert_eq!(key(&["old", "all"]).unwrap(), (0, 40));
    assert_eq!(key(&["new", "all"]).unwrap(), (1, 69));
    assert_eq!(key(&["never seen", "new", "all"]).unwrap(), (2, 69));
    let text = key(&["never seen", "new"]).unwrap_err().to_string();
    assert!(text.starts_with("29 rows are too few, at least 30"), "{text}");
}

#[test]
fn values_that_are_no_errors_and_settings_out_of_range_are_refused() {
    let mut conformal = start(ConformalParams::new(Kind::Point));
    let good = Outcome::point(0.0, 1.0);
    for bad in [
        Outcome { measured: f64::NAN, ..good },
        Outcome { forecast: [f64::INFINITY; 7], ..good },
        Outcome { scale: 0.0, ..good },
        Outcome { scale: -1.0, ..good },
    ] {
        assert!(conformal.observe(&["all"], &bad).is_err());
    }
    assert_eq!(conformal.rows("all"), 0);
    let params = || ConformalParams::new(Kind::Point);
    for bad in [params().min_rows(18), params().window(5), params().rate(1.0), params().rate(-0.1)]
    {
        assert!(bad.check().is_err());
    }
}

#[test]
fn a_stored_correction_goes_on_as_if_it_had_not_stopped() {
    let mut noise = Noise(5);
    let params = ConformalParams::new(Kind::Quantiles).window(50).rate(0.01);
    let mut conformal = start(params);
    let mut outcome =
        || Outcome { forecast: LEVELS, issued: None, scale: 0.5, measured: noise.skewed() };
    (0..80).for_each(|_| conformal.observe(&["a", "b"], &outcome()).unwrap());
    let json = serde_json::to_string(&conformal).unwrap();
    let mut back: Conformal = serde_json::from_str(&json).unwrap();
    assert_eq!(back, conformal);
    for _ in 0..40 {
        let next = outcome();
        back.observe(&["a"], &next).unwrap();
        conformal.observe(&["a"], &next).unwrap();
    }
    assert_eq!(back.offsets(&["a"], 1.0).unwrap(), conformal.offsets(&["a"], 1.0).unwrap());
    let newer = json.replacen("\"format\":1", "\"format\":9", 1);
    let text = serde_json::from_str::<Conformal>(&newer).unwrap_err().to_string();
    assert!(text.starts_with("model format 9 is unknown"), "{text}");
    let mixed = json.replacen("\"kind\":\"quantiles\"", "\"kind\":\"point\"", 1);
    let text = serde_json::from_str::<Conformal>(&mixed).unwrap_err().to_string();
    assert!(text.contains("are not 1 equal lists"), "{text}");
}

proptest! {
    #[test]
    fn offsets_of_points_and_corrected_quantiles_always_rise(
        errors in prop::collection::vec(-1e6..1e6_f64, 19..120),
        rate in prop::sample::select(vec![0.0, 0.3]),
        forecast in prop::array::uniform7(-1e3..1e3_f64),
    ) {
        for kind in [Kind::Point, Kind::Quantiles] {
            let mut conformal = start(ConformalParams::new(kind).rate(rate));
            for error in &errors {
                let forecast = if kind == Kind::Point { [0.0; 7] } else { forecast };
                let outcome = Outcome { forecast, ..Outcome::point(0.0, *error) };
                conformal.observe(&["all"], &outcome).unwrap();
            }
            let (offsets, ..) = conformal.offsets(&["all"], 2.0).unwrap();
            if kind == Kind::Point {
                prop_assert!(offsets.windows(2).all(|w| w[0] <= w[1]));
            }
            let q = conformal.correct(&["all"], &forecast, 1.0).unwrap().quantiles.values();
            prop_assert!(q.windows(2).all(|w| w[0] <= w[1]));
        }
    }
}
