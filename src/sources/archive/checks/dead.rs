//! A sensor that always says the same number is dead.

use std::ops::Range;

use super::{Reading, stretches};
use crate::sources::archive::spec::DeadRule;

/// Returns the stretches in which the sensor is dead.
#[must_use]
#[allow(clippy::float_cmp, reason = "a dead sensor repeats the same bits")]
pub fn dead(readings: &[Reading], rule: DeadRule) -> Vec<Range<usize>> {
    stretches(readings, |a, b| a.value == b.value)
        .into_iter()
        .filter(|run| run.len() >= rule.rows && readings[run.start].value == rule.value)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{only, series};
    use super::*;

    #[test]
    fn only_the_named_constant_in_a_long_run_is_dead() {
        let readings = series(10, &[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 2.0, 2.0]);
        assert_eq!(dead(&readings, DeadRule { value: 0.0, rows: 3 }), only(0..3));
        assert!(dead(&readings, DeadRule { value: 0.0, rows: 4 }).is_empty());
    }
}
