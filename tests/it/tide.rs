//! Tide against an independent predictor, whose numbers are in `tests/fixtures/tide/`.

use muavu::agronomy::tide::{
    Convention, TideConstant, TideModel, TurnKind, parse_constants, vung_tau,
};

const NEAPS: &str = include_str!("../fixtures/tide/neaps_vung_tau.csv");
const CONSTANTS: &str = include_str!("../../data/reference/tide_vung_tau.csv");

/// Constituents that the other program defines otherwise than TICON-4 meant them
/// (`src/agronomy/tide/constituents.rs` gives the evidence).
const OTHERWISE: [&str; 9] = ["M1", "SGM", "M3", "T3", "R3", "2MK5", "2MO5", "3N2", "3L2"];

/// What the other program predicts for an instant (m above mean sea level).
struct Row {
    unix_seconds: i64,
    shared_m: f64,
    all_m: f64,
}

fn rows() -> Vec<Row> {
    let lines = NEAPS.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let number = |i: usize| fields[i].parse::<f64>().expect("a number");
            Row {
                unix_seconds: fields[0].parse().expect("seconds"),
                shared_m: number(1),
                all_m: number(2),
            }
        })
        .collect()
}

fn constants() -> Vec<TideConstant<'static>> {
    parse_constants(CONSTANTS).expect("the table is read")
}

/// Returns the largest and the root mean square difference (m).
fn differences(tide: &TideModel, expected: impl Fn(&Row) -> f64) -> (f64, f64) {
    let rows = rows();
    assert_eq!(rows.len(), 360);
    let each = || rows.iter().map(|row| tide.level_m(row.unix_seconds) - expected(row));
    let mean_square = each().map(|d| d * d).sum::<f64>() / 360.0;
    (each().map(f64::abs).fold(0.0, f64::max), mean_square.sqrt())
}

#[test]
fn all_fifty_constituents_equal_the_independent_predictor_within_a_millimetre() {
    let tide = TideModel::with_convention(Convention::NeapsPredictor, &constants())
        .expect("all are known");
    assert_eq!(tide.len(), 50);
    let (largest, _) = differences(&tide, |row| row.all_m);
    assert!(largest < 0.001, "{largest} m: 0.01 is demanded");
}

#[test]
fn constituents_that_both_define_alike_need_no_convention() {
    let shared: Vec<TideConstant> =
        constants().into_iter().filter(|(name, ..)| !OTHERWISE.contains(name)).collect();
    assert_eq!(shared.len(), 41);
    let tide = TideModel::from_constants(&shared).expect("all are known");
    let (largest, _) = differences(&tide, |row| row.shared_m);
    assert!(largest < 0.001, "{largest} m: 0.01 is demanded");
}

#[test]
fn what_the_nine_other_definitions_change_is_known() {
    let (largest, rms) = differences(vung_tau(), |row| row.all_m);
    assert!((0.10..0.12).contains(&largest), "largest {largest} m");
    assert!((0.03..0.04).contains(&rms), "rms {rms} m");
}

#[test]
fn highs_and_lows_alternate_and_no_hour_lies_beyond_them() {
    let tide = vung_tau();
    let (from, until) = (1_262_304_000, 1_293_840_000);
    let turns = tide.turns(from, until);
    assert!(turns.len() > 1_300 && turns.len() < 1_500, "{}", turns.len());
    for pair in turns.windows(2) {
        assert_ne!(pair[0].kind, pair[1].kind, "{pair:?}");
        assert!(pair[0].unix_seconds < pair[1].unix_seconds);
        let rising = pair[0].kind == TurnKind::Low;
        assert_eq!(pair[1].level_m > pair[0].level_m, rising, "{pair:?}");
        let middle = i64::midpoint(pair[0].unix_seconds, pair[1].unix_seconds);
        let level = tide.level_m(middle);
        let (low, high) = if rising { (pair[0], pair[1]) } else { (pair[1], pair[0]) };
        assert!((low.level_m - 1e-4..=high.level_m + 1e-4).contains(&level), "{pair:?} {level}");
    }
}

#[test]
fn a_local_day_holds_its_own_hours() {
    let tide = vung_tau();
    let first = jiff::civil::date(2020, 2, 1);
    let days = tide.days(first, 60).expect("in range");
    for day in &days {
        let midnight = muavu::agronomy::local_midnight(day.date);
        let hours = tide.series_m(midnight, 3_600, 24);
        assert!(hours.iter().all(|h| (day.low_m - 1e-4..=day.high_m + 1e-4).contains(h)));
        for at in [day.high_at, day.low_at] {
            assert_eq!(muavu::agronomy::local_date(at), Ok(day.date));
        }
        assert!((tide.level_m(day.high_at) - day.high_m).abs() < 1e-4);
        assert!((day.range_m() - (day.high_m - day.low_m)).abs() < 1e-12);
    }
    let ranges: Vec<f64> = days.iter().map(|d| d.range_m()).collect();
    let widest = ranges.iter().copied().fold(f64::MIN, f64::max);
    let narrowest = ranges.iter().copied().fold(f64::MAX, f64::min);
    assert!(widest > 3.0 && narrowest < 2.3, "{narrowest}..{widest} m");
}
