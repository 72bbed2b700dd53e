//! Checks of single readings as they come: small pure functions, their limits in a table.
//!
//! A check says what is odd; the value stays as it was sent. Each is given what was read before
//! (and, for spikes, after) on the same channel, never a clock.

mod limits;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{QcFlag, QcFlags, Variable};

pub use limits::{Drift, Flat, Limits, LimitsTable, Spike, Step};

/// A value and when it was true.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct At {
    /// When.
    #[serde(with = "jiff::fmt::serde::timestamp::microsecond::required")]
    pub time: Timestamp,
    /// The value, canonical unit.
    pub value: f64,
}

/// What a value is on its own: a code for nothing, a zero that means nothing, beyond what can be.
#[must_use]
pub fn alone(limits: &Limits, variable: &Variable, value: f64) -> QcFlags {
    if limits.sentinels.contains(&value) {
        return QcFlags::NONE.with(QcFlag::Sentinel);
    }
    if limits.zero_is_missing && value == 0.0 {
        return QcFlags::NONE.with(QcFlag::ZeroAsMissing);
    }
    if !variable.is_possible(value) {
        return QcFlags::NONE.with(QcFlag::OutOfRange);
    }
    if limits.out_of_water_below.is_some_and(|least| value < least) {
        return QcFlags::NONE.with(QcFlag::OutOfWater);
    }
    QcFlags::NONE
}

/// Whether `now` jumped from `before` further and faster than the quantity does.
#[must_use]
pub fn stepped(rule: Step, before: At, now: At) -> bool {
    let (low, high) = (before.value.min(now.value), before.value.max(now.value));
    high > low * rule.ratio
        && high - low >= rule.apart
        && minutes(before.time, now.time) <= rule.minutes
}

/// Whether `middle` stands apart from what came before it and from what came after.
#[must_use]
pub fn spiked(rule: Spike, before: At, middle: At, after: At) -> bool {
    let (low, high) = (before.value.min(after.value), before.value.max(after.value));
    let above = middle.value > high * rule.ratio && middle.value - high >= rule.apart;
    let below = middle.value * rule.ratio < low && low - middle.value >= rule.apart;
    (above || below) && minutes(before.time, after.time) <= rule.minutes
}

/// Whether a channel that has read the same since `since`, `rows` times, stands still for longer
/// than the quantity ever does.
#[must_use]
pub fn flat(rule: Flat, since: Timestamp, rows: usize, now: Timestamp) -> bool {
    rows >= rule.rows && minutes(since, now) >= rule.hours * 60.0
}

/// The swing of one local day: the quantity's own and the tide's.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Swing {
    /// Highest less lowest usable reading of the day.
    pub own: f64,
    /// Highest less lowest predicted tide of the day, m.
    pub tide_m: f64,
}

/// Whether the swing of the newest of `days` (oldest first) has faded against the days before it
/// while the tide's has not. Days before must be enough and must have had a swing at all.
#[must_use]
pub fn drifted(rule: Drift, days: &[Swing]) -> bool {
    let Some((newest, before)) = days.split_last() else { return false };
    if before.len() < rule.days_min {
        return false;
    }
    let own = median(before.iter().map(|d| d.own));
    let tide = median(before.iter().map(|d| d.tide_m));
    own >= rule.swing_min
        && newest.own < rule.faded_below * own
        && newest.tide_m >= rule.tide_at_least * tide
}

/// Whether two readings of the same water at the same time cannot both be right.
#[must_use]
pub fn disagree(rule: Spike, one: At, other: At) -> bool {
    let (low, high) = (one.value.min(other.value), one.value.max(other.value));
    high > low * rule.ratio
        && high - low >= rule.apart
        && minutes(one.time, other.time) <= rule.minutes
}

fn minutes(a: Timestamp, b: Timestamp) -> f64 {
    SignedDuration::abs(b.duration_since(a)).as_secs_f64() / 60.0
}

/// Returns the middle value; 0 of none.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n => f64::midpoint(values[(n - 1) / 2], values[n / 2]),
    }
}
