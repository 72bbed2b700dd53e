//! Jumps from one reading to the next.

use super::Reading;
use crate::sources::archive::spec::StepRule;

/// Returns the readings that jumped from the one before.
#[must_use]
pub fn steps(readings: &[Reading], rule: StepRule) -> Vec<usize> {
    (1..readings.len())
        .filter(|i| {
            let (before, now) = (readings[i - 1], readings[*i]);
            let (low, high) = (before.value.min(now.value), before.value.max(now.value));
            high > low * rule.ratio
                && high - low >= rule.apart
                && now.hours_since(&before) * 60.0 <= rule.minutes
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::series;
    use super::*;

    #[test]
    fn jumps_are_large_and_quick() {
        let rule = StepRule { ratio: 8.0, apart: 200.0, minutes: 30.0 };
        assert_eq!(steps(&series(10, &[600.0, 30.0, 40.0, 2000.0, 1900.0]), rule), [1, 3]);
        assert!(steps(&series(60, &[600.0, 30.0]), rule).is_empty());
        assert!(steps(&series(10, &[10.0, 150.0]), rule).is_empty());
    }
}
