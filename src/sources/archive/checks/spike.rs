//! Readings that stand apart from both sides.

use super::Reading;
use crate::sources::archive::spec::SpikeRule;

/// Returns the readings above (or below) both neighbours and far from the median around them.
#[must_use]
pub fn spikes(readings: &[Reading], rule: SpikeRule) -> Vec<usize> {
    (0..readings.len()).filter(|i| is_spike(readings, *i, rule)).collect()
}

fn is_spike(readings: &[Reading], i: usize, rule: SpikeRule) -> bool {
    if i == 0 || i + 1 == readings.len() {
        return false;
    }
    let (from, to) = (i.saturating_sub(rule.around), (i + rule.around + 1).min(readings.len()));
    let mut near: Vec<f64> = (from..to).filter(|j| *j != i).map(|j| readings[j].value).collect();
    near.sort_by(f64::total_cmp);
    let median = f64::midpoint(near[(near.len() - 1) / 2], near[near.len() / 2]);
    let value = readings[i].value;
    let (before, after) = (readings[i - 1].value, readings[i + 1].value);
    if !((value > before && value > after) || (value < before && value < after)) {
        return false;
    }
    let far = value > median * rule.ratio || value * rule.ratio < median;
    far && (value - median).abs() >= rule.apart
}

#[cfg(test)]
mod tests {
    use super::super::series;
    use super::*;

    const RULE: SpikeRule = SpikeRule { around: 3, ratio: 4.0, apart: 200.0 };

    #[test]
    fn one_reading_alone_is_a_spike_a_rise_is_not() {
        let readings = series(10, &[50.0, 60.0, 2340.0, 50.0, 40.0, 50.0]);
        assert_eq!(spikes(&readings, RULE), [2]);
        assert!(
            spikes(&series(10, &[100.0, 150.0, 900.0, 2000.0, 4000.0, 6000.0]), RULE).is_empty()
        );
    }

    #[test]
    fn ends_and_small_numbers_are_left_alone() {
        assert!(spikes(&series(10, &[900.0, 10.0, 10.0, 10.0]), RULE).is_empty());
        assert!(spikes(&series(10, &[10.0, 10.0, 90.0, 10.0, 10.0]), RULE).is_empty());
    }
}
