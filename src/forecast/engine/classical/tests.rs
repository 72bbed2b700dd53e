//! Tests of the classical models against other people's numbers and by hand.

use super::autoregression::Autoregression;
use super::online::{Online, roll};
use super::regression::{Design, Gram, Harmonic, Uses, Waves};
use super::season::{Form, Profile, is_seasonal};
use super::smoothing::{Build, Smoothing};
use super::theta::Theta;

/// Monthly air passengers 1949–1960 (Box & Jenkins 1976, series G), thousands.
const PASSENGERS: [f64; 144] = [
    112.0, 118.0, 132.0, 129.0, 121.0, 135.0, 148.0, 148.0, 136.0, 119.0, 104.0, 118.0, 115.0,
    126.0, 141.0, 135.0, 125.0, 149.0, 170.0, 170.0, 158.0, 133.0, 114.0, 140.0, 145.0, 150.0,
    178.0, 163.0, 172.0, 178.0, 199.0, 199.0, 184.0, 162.0, 146.0, 166.0, 171.0, 180.0, 193.0,
    181.0, 183.0, 218.0, 230.0, 242.0, 209.0, 191.0, 172.0, 194.0, 196.0, 196.0, 236.0, 235.0,
    229.0, 243.0, 264.0, 272.0, 237.0, 211.0, 180.0, 201.0, 204.0, 188.0, 235.0, 227.0, 234.0,
    264.0, 302.0, 293.0, 259.0, 229.0, 203.0, 229.0, 242.0, 233.0, 267.0, 269.0, 270.0, 315.0,
    364.0, 347.0, 312.0, 274.0, 237.0, 278.0, 284.0, 277.0, 317.0, 313.0, 318.0, 374.0, 413.0,
    405.0, 355.0, 306.0, 271.0, 306.0, 315.0, 301.0, 356.0, 348.0, 355.0, 422.0, 465.0, 467.0,
    404.0, 347.0, 305.0, 336.0, 340.0, 318.0, 362.0, 348.0, 363.0, 435.0, 491.0, 505.0, 404.0,
    359.0, 310.0, 337.0, 360.0, 342.0, 406.0, 396.0, 420.0, 472.0, 548.0, 559.0, 463.0, 407.0,
    362.0, 405.0, 417.0, 391.0, 419.0, 461.0, 472.0, 535.0, 622.0, 606.0, 508.0, 461.0, 390.0,
    432.0,
];

/// Oil production of Saudi Arabia 1996–2013, million tonnes (Hyndman & Athanasopoulos 2021, 8.1).
const OIL: [f64; 18] = [
    445.36, 453.20, 454.41, 422.38, 456.04, 440.39, 425.19, 486.21, 500.43, 521.28, 508.95, 488.89,
    509.87, 456.72, 473.82, 525.95, 549.83, 542.34,
];

const LEVEL: Build = Build { trend: false, autocorrelated: false };

fn path(model: &impl Online, steps: usize) -> Vec<f64> {
    let mut path = vec![0.0; steps];
    model.forecast(&mut path);
    path
}

fn apart(ours: &[f64], theirs: &[f64]) -> f64 {
    let shares = ours.iter().zip(theirs).map(|(a, b)| ((a - b) / b).abs());
    shares.sum::<f64>() / ours.len() as f64
}

#[test]
fn smoothed_oil_production_is_that_of_the_textbook() {
    // Textbook and statsforecast 2.1.1 (AutoETS, model ANN): 542.68; their first level is fitted.
    let model = Smoothing::fit(&OIL, &OIL, &Profile::none(), LEVEL).unwrap();
    assert!((path(&model, 1)[0] - 542.68).abs() < 1.0, "{:?}", path(&model, 1));
}

#[test]
fn smoothed_logarithms_of_passengers_are_near_those_of_statsforecast() {
    // statsforecast 2.1.1, AutoETS(season_length=12, model="ANA") on logarithms, two digits.
    let theirs = [6.08, 6.01, 6.1, 6.18, 6.19, 6.31, 6.45, 6.43, 6.25, 6.14, 5.97, 6.07];
    let log = PASSENGERS.map(f64::ln);
    let profile = Profile::of(&log, 12, Form::Additive);
    let model = Smoothing::fit(&log, &log, &profile, LEVEL).unwrap();
    let ours = path(&model, 12);
    // Their season learns faster; the optimum is flat.
    assert!(apart(&ours, &theirs) < 0.01, "{ours:?}");
}

#[test]
fn theta_of_passengers_is_near_that_of_statsforecast() {
    // statsforecast 2.1.1, DynamicOptimizedTheta(season_length=12).
    let theirs = [
        442.93, 432.3, 495.48, 482.58, 487.87, 556.12, 616.22, 616.11, 538.4, 470.41, 411.0, 463.48,
    ];
    assert!(is_seasonal(&PASSENGERS, 12));
    let profile = Profile::of(&PASSENGERS, 12, Form::Multiplicative);
    let ours = path(&Theta::fit(&PASSENGERS, profile).unwrap(), 12);
    assert!(apart(&ours, &theirs) < 0.02, "{ours:?}");
}

#[test]
fn a_profile_is_found_exactly_where_there_is_nothing_else() {
    let shape = [3.0, -1.0, -4.0, 2.0];
    let additive: Vec<f64> = (0..22).map(|i| 10.0 + 0.5 * i as f64 + shape[i % 4]).collect();
    let found = Profile::of(&additive, 4, Form::Additive).by_phase;
    assert!(found.iter().zip(shape).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
    let factors = [1.2, 0.7, 1.1];
    let multiplicative: Vec<f64> = (0..20).map(|i| 50.0 * factors[i % 3]).collect();
    let found = Profile::of(&multiplicative, 3, Form::Multiplicative).by_phase;
    assert!(found.iter().zip(factors).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
}

#[test]
fn a_season_stands_out_only_where_there_is_one() {
    let flat: Vec<f64> = (0..60).map(|i| f64::from((i * 7919) % 101)).collect();
    assert!(!is_seasonal(&flat, 12));
    assert!(!is_seasonal(&[5.0; 60], 12), "a constant has no season");
    assert!(!is_seasonal(&PASSENGERS[..24], 12), "two seasons say nothing");
}

#[test]
fn an_autoregression_finds_the_wave_it_was_made_of() {
    // x(t) = 1.6 x(t-1) - 0.9 x(t-2) + small noise.
    let mut x = vec![1.0, 1.5];
    for t in 2..400 {
        let noise = ((t * 7919 % 1009) as f64 / 1009.0 - 0.5) * 0.2;
        x.push(1.6 * x[t - 1] - 0.9 * x[t - 2] + noise);
    }
    let lags = Autoregression::fit(&x, 13).lags;
    assert!((lags[0] - 1.6).abs() < 0.1 && (lags[1] + 0.9).abs() < 0.1, "{lags:?}");
}

#[test]
fn an_autoregression_of_a_constant_or_of_nothing_has_no_lags() {
    assert!(Autoregression::fit(&[0.0; 50], 13).lags.is_empty());
    assert!(Autoregression::fit(&[], 13).lags.is_empty());
    assert!(Autoregression::fit(&[1.0], 13).lags.is_empty());
}

#[test]
fn a_line_with_waves_is_continued_exactly() {
    let season = Waves { period: 6.0, harmonics: 3 };
    let year = Waves { period: 30.5, harmonics: 1 };
    let at = |i: usize| {
        let turn = std::f64::consts::TAU * i as f64;
        5.0 + 0.3 * i as f64
            + (turn / 6.0).cos()
            + f64::from(i.is_multiple_of(2))
            + 4.0 * (turn / 30.5).sin()
    };
    let y: Vec<f64> = (0..90).map(at).collect();
    let design = Design::new(100, &[season], Some(year));
    let gram = Gram::new(&design, 90);
    let uses = Uses { line: true, year: true };
    let model = Harmonic::fit(&design, &gram, &y, uses, 0).unwrap();
    let ours = path(&model, 10);
    assert!((0..10).all(|h| (ours[h] - at(90 + h)).abs() < 1e-3), "{ours:?}");
}

#[test]
fn a_gram_of_more_rows_serves_a_shorter_fit() {
    let design = Design::new(60, &[Waves { period: 4.0, harmonics: 2 }], None);
    let y: Vec<f64> = PASSENGERS[..50].to_vec();
    let uses = Uses { line: true, year: false };
    let (long, short) = (Gram::new(&design, 60), Gram::new(&design, 50));
    let a = path(&Harmonic::fit(&design, &long, &y, uses, 5).unwrap(), 5);
    let b = path(&Harmonic::fit(&design, &short, &y, uses, 5).unwrap(), 5);
    assert!(apart(&a, &b) < 1e-9, "{a:?} {b:?}");
}

#[test]
fn rolling_on_equals_walking_there() {
    let profile = Profile::of(&PASSENGERS[..96], 12, Form::Multiplicative);
    let build = Build { trend: true, autocorrelated: true };
    let fit = || Smoothing::fit(&PASSENGERS[..96], &PASSENGERS[..96], &profile, build).unwrap();
    let mut rolled = vec![0.0; 3 * 4];
    roll(fit(), &PASSENGERS, &[96, 101, 130], 4, &mut rolled);
    let mut walked = fit();
    walked.advance(&PASSENGERS[96..130]);
    assert_eq!(rolled[8..], path(&walked, 4)[..]);
}

#[test]
fn a_missing_value_neither_moves_the_level_nor_stops_the_walk() {
    let mut y = PASSENGERS.map(f64::ln).to_vec();
    let filled = y.clone();
    y[40..44].fill(f64::NAN);
    let profile = Profile::of(&filled, 12, Form::Additive);
    let model = Smoothing::fit(&y, &filled, &profile, LEVEL).unwrap();
    let whole = Smoothing::fit(&filled, &filled, &profile, LEVEL).unwrap();
    assert!(apart(&path(&model, 12), &path(&whole, 12)) < 0.01);
}
