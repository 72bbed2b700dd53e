//! Plays the cases of the rules of work and of the conflicts between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::book::WorkBook;
use super::judge::{WorkOutcome, outcome};
use super::reading::{Reading, Readings, Value};
use super::rule::{Given, WorkCase, WorkRule};
use crate::advisory::basis::Basis;
use crate::advisory::outlook::Field;
use crate::advisory::rule::Expect;
use crate::domain::time::add_days;
use crate::domain::{Quantiles, Stage};

/// Standard normal quantiles of 75 %, 90 % and 95 %, for the four quantiles a case leaves out.
const Z: [f64; 3] = [0.6745, 1.2816, 1.6449];

/// Returns what did not hold in a rule's case.
///
/// # Errors
/// What was expected and what happened.
pub fn play(rule: &WorkRule, case: &WorkCase, today: Date) -> Result<(), String> {
    let field = Field { crop: case.crop, stage: case.stage.unwrap_or(Stage::Any) };
    let readings = readings(&case.given, today)?;
    let (found, level) = match outcome(rule, &readings, today) {
        _ if !rule.covers_field(field) => (Expect::Silent, None),
        WorkOutcome::Missing(_) => (Expect::Missing, None),
        WorkOutcome::Silent => (Expect::Silent, None),
        WorkOutcome::Fires(finding) => (Expect::Fires, Some(finding.level)),
    };
    let told = level.map(|l| format!(" ({}, {})", l.severity, l.action)).unwrap_or_default();
    if found != case.expect {
        return Err(format!("expected {:?}, got {found:?}{told}", case.expect));
    }
    let Some(level) = level else { return Ok(()) };
    if case.severity.is_some_and(|severity| severity != level.severity)
        || case.action.as_ref().is_some_and(|action| *action != level.action)
    {
        return Err(format!("expected {:?} {:?}, got{told}", case.severity, case.action));
    }
    Ok(())
}

/// Returns what a case tells, on days counted from `today`.
///
/// # Errors
/// When a quantity is told twice of a day, or not in one of the three ways.
pub fn readings(given: &[Given], today: Date) -> Result<Readings, String> {
    let mut days: BTreeMap<&str, BTreeMap<Date, Reading>> = BTreeMap::new();
    for told in given {
        let value = match (told.range, told.odds, told.value) {
            (Some(range), None, None) => Value::Range(spread(range)?),
            (None, Some(odds), None) => Value::Odds(odds),
            (None, None, Some(value)) => Value::Exact(value),
            _ => return Err(format!("{}: needs one of range, odds, value", told.quantity)),
        };
        let series = days.entry(&told.quantity).or_default();
        for ahead in told.from..=told.to {
            let reading =
                Reading { value, basis: Basis::Case.into(), data_age_h: 0.0, origin: None };
            if series.insert(add_days(today, ahead), reading).is_some() {
                return Err(format!("{}: day {ahead} is given twice", told.quantity));
            }
        }
    }
    let mut readings = Readings::default();
    for (quantity, series) in days {
        readings.put(quantity, Arc::new(series));
    }
    Ok(readings)
}

/// Returns seven quantiles from three: a normal distribution on each side of the median, not below
/// 0 where the low one is not.
fn spread([low, mid, high]: [f64; 3]) -> Result<Quantiles, String> {
    let (down, up) = ((mid - low) / Z[1], (high - mid) / Z[1]);
    let floor = if low < 0.0 { f64::NEG_INFINITY } else { 0.0 };
    let below = |z: f64| (mid - z * down).max(floor);
    Quantiles::new([below(Z[2]), low, below(Z[0]), mid, mid + Z[0] * up, high, mid + Z[2] * up])
        .map_err(|e| e.to_string())
}

/// Returns what did not hold in the cases of the conflicts: the conflict, the case, and why.
#[must_use]
pub fn play_conflicts(book: &WorkBook, today: Date) -> (usize, Vec<(String, String, String)>) {
    let mut played = 0;
    let mut failures = Vec::new();
    for conflict in book.conflicts() {
        for case in &conflict.cases {
            played += 1;
            let result = readings(&case.given, today)
                .map(|readings| conflict.holds(&case.plan, &readings, today).is_some());
            let reason = match result {
                Ok(holds) if holds == case.resolves => continue,
                Ok(holds) => format!("expected resolves = {}, got {holds}", case.resolves),
                Err(reason) => reason,
            };
            failures.push((conflict.id.clone(), case.name.clone(), reason));
        }
    }
    (played, failures)
}
