//! Quality checks on one series (one variable at one place, sorted by time): pure functions that
//! say which readings are lost or odd. Their parameters stand in the manifest.

pub mod dead;
pub mod duplicate;
pub mod flat;
pub mod line;
pub mod order;
pub mod repeat;
pub mod spike;
pub mod step;
pub mod zero;

use std::ops::Range;

use jiff::Timestamp;

/// A reading as the checks see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// When it is true.
    pub at: Timestamp,
    /// The number, in the column's own unit.
    pub value: f64,
}

impl Reading {
    /// Returns the hours from `earlier` to this reading.
    #[must_use]
    pub fn hours_since(&self, earlier: &Self) -> f64 {
        self.at.duration_since(earlier.at).as_secs_f64() / 3600.0
    }
}

/// Returns the longest stretches in which every neighbour pair satisfies `same`.
pub(crate) fn stretches(
    readings: &[Reading],
    same: impl Fn(&Reading, &Reading) -> bool,
) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut start = 0;
    for end in 1..=readings.len() {
        if end == readings.len() || !same(&readings[end - 1], &readings[end]) {
            all.push(start..end);
            start = end;
        }
    }
    all
}

#[cfg(test)]
pub(crate) fn series(step_minutes: i64, values: &[f64]) -> Vec<Reading> {
    let start = Timestamp::UNIX_EPOCH;
    (0_i64..)
        .zip(values)
        .map(|(i, value)| Reading {
            at: start + jiff::SignedDuration::from_mins(step_minutes * i),
            value: *value,
        })
        .collect()
}

#[cfg(test)]
pub(crate) fn only(range: Range<usize>) -> Vec<Range<usize>> {
    std::iter::once(range).collect()
}
