//! Readings of the same place and time.

use std::ops::Range;

use super::{Reading, stretches};

/// What stands twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Twice {
    /// All say the same: the first is kept.
    Same(Range<usize>),
    /// They contradict each other: none is kept, since nothing says which is right.
    Conflict(Range<usize>),
}

/// Returns the groups of readings that share their time.
#[must_use]
#[allow(clippy::float_cmp, reason = "the same number written twice has the same bits")]
pub fn doubled(readings: &[Reading]) -> Vec<Twice> {
    stretches(readings, |a, b| a.at == b.at)
        .into_iter()
        .filter(|run| run.len() > 1)
        .map(|run| {
            let first = readings[run.start].value;
            let same = readings[run.clone()].iter().all(|r| r.value == first);
            if same { Twice::Same(run) } else { Twice::Conflict(run) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::series;
    use super::*;

    #[test]
    fn equal_twins_are_one_unequal_twins_are_none() {
        let mut readings = series(1, &[1.0, 1.0, 2.0, 3.0, 4.0]);
        readings[1].at = readings[0].at;
        readings[3].at = readings[2].at;
        assert_eq!(doubled(&readings), [Twice::Same(0..2), Twice::Conflict(2..4)]);
    }
}
