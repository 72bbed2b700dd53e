//! Each check by itself, and the table of limits.

use super::*;
use crate::domain::variable::Variables;

fn at(minute: i64, value: f64) -> At {
    At { time: Timestamp::from_second(minute * 60).unwrap(), value }
}

fn ec() -> (LimitsTable, std::sync::Arc<Variable>) {
    let variables = Variables::shipped().unwrap();
    (LimitsTable::shipped().unwrap(), variables.get("ec_us_cm").unwrap().clone())
}

#[test]
fn the_shipped_limits_name_known_variables_and_their_sources() {
    let variables = Variables::shipped().unwrap();
    let table = LimitsTable::shipped().unwrap();
    for (name, limits) in table.iter() {
        assert!(variables.get(name).is_ok(), "{name} is no variable");
        assert!(limits.source.len() > 20, "{name} does not say where its limits are from");
    }
    assert_eq!(table.of("no_such_variable"), &Limits::default());
}

#[test]
fn codes_zeros_and_the_impossible_are_told_apart() {
    let (table, variable) = ec();
    let limits = table.of("ec_us_cm");
    let flags = |value| alone(limits, &variable, value).to_string();
    assert_eq!(flags(-9999.0), "sentinel");
    assert_eq!(flags(0.0), "zero_as_missing");
    assert_eq!(flags(-5.0), "out_of_range");
    assert_eq!(flags(90_000.0), "out_of_range");
    assert_eq!(flags(f64::NAN), "out_of_range");
    assert_eq!(flags(30.0), "out_of_water");
    assert_eq!(flags(180.0), "", "the freshest of January 2025");
}

#[test]
fn a_front_is_no_step_and_a_fall_out_of_the_water_is() {
    let rule = ec().0.of("ec_us_cm").step.unwrap();
    assert!(!stepped(rule, at(0, 500.0), at(10, 3_500.0)), "a front");
    assert!(stepped(rule, at(0, 600.0), at(10, 30.0)), "November 2024");
    assert!(!stepped(rule, at(0, 600.0), at(120, 30.0)), "two hours are time enough");
    assert!(!stepped(rule, at(0, 10.0), at(10, 150.0)), "noise near nothing");
}

#[test]
fn one_reading_between_two_that_agree_is_a_spike() {
    let rule = ec().0.of("ec_us_cm").spike.unwrap();
    assert!(spiked(rule, at(0, 170.0), at(10, 2_340.0), at(20, 50.0)), "13 November 2024");
    assert!(spiked(rule, at(0, 900.0), at(10, 100.0), at(20, 950.0)), "downwards");
    assert!(!spiked(rule, at(0, 500.0), at(10, 2_500.0), at(20, 4_000.0)), "a rise");
    assert!(!spiked(rule, at(0, 170.0), at(10, 2_340.0), at(90, 50.0)), "sides too far apart");
}

#[test]
fn standing_still_takes_readings_and_hours() {
    let rule = ec().0.of("ec_us_cm").flat.unwrap();
    let since = at(0, 0.0).time;
    assert!(!flat(rule, since, 80, at(13 * 60, 0.0).time), "the healthy neap of January 2025");
    assert!(flat(rule, since, 84, at(14 * 60, 0.0).time));
    assert!(!flat(rule, since, 9, at(20 * 60, 0.0).time), "a logger that reads seldom");
}

#[test]
fn a_fouled_probe_fades_while_the_tide_does_not() {
    let rule = ec().0.of("ec_us_cm").drift.unwrap();
    let day = |own, tide_m| Swing { own, tide_m };
    let week = [day(3000.0, 3.0), day(2800.0, 2.9), day(3100.0, 3.1), day(2900.0, 3.0)];
    let with = |last: Swing| [week.as_slice(), &[last]].concat();
    assert!(drifted(rule, &with(day(600.0, 3.0))));
    assert!(!drifted(rule, &with(day(600.0, 1.9))), "a neap tide");
    assert!(!drifted(rule, &with(day(1500.0, 3.0))), "half is weather");
    assert!(!drifted(rule, &week[..3]), "too few days");
    let fresh = [day(40.0, 3.0), day(50.0, 3.0), day(40.0, 3.0), day(45.0, 3.0), day(5.0, 3.0)];
    assert!(!drifted(rule, &fresh), "fresh water has no swing to lose");
}

#[test]
fn neighbours_in_one_water_agree_within_a_gradient() {
    let rule = ec().0.of("ec_us_cm").neighbours.unwrap();
    assert!(disagree(rule, at(0, 300.0), at(5, 2_000.0)));
    assert!(!disagree(rule, at(0, 1_000.0), at(5, 2_000.0)));
    assert!(!disagree(rule, at(0, 300.0), at(60, 2_000.0)), "an hour apart");
}
