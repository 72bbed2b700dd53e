//! Readings that stand still for longer than the quantity ever does.

use std::ops::Range;

use super::{Reading, stretches};
use crate::sources::archive::spec::FlatRule;

/// Returns the stretches that stand still.
#[must_use]
#[allow(clippy::float_cmp, reason = "a stuck reading repeats the same bits")]
pub fn flat(readings: &[Reading], rule: FlatRule) -> Vec<Range<usize>> {
    stretches(readings, |a, b| a.value == b.value)
        .into_iter()
        .filter(|run| {
            let hours = readings[run.end - 1].hours_since(&readings[run.start]);
            run.len() > 1 && run.len() >= rule.rows && hours >= rule.hours
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{only, series};
    use super::*;

    #[test]
    fn rows_and_hours_must_both_be_reached() {
        let readings = series(60, &[1.0, 5.0, 5.0, 5.0, 5.0, 2.0]);
        assert_eq!(flat(&readings, FlatRule { rows: 4, hours: 3.0 }), only(1..5));
        assert!(flat(&readings, FlatRule { rows: 4, hours: 3.5 }).is_empty());
        assert!(flat(&readings, FlatRule { rows: 5, hours: 0.0 }).is_empty());
    }
}
