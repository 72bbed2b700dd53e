//! Which gauges have rain on the same days: how much each says of each other one.

use serde::{Deserialize, Serialize};

/// Power of the correlation that makes a weight: neighbours correlate 0.3 to 0.4 and distant gauges
/// 0.15 to 0.2 (1980-1989), so a neighbour weighs some twenty times as much. Powers of 2 and 6
/// together were no better on 1985-1989.
const POWER: i32 = 4;

/// By gauge, the shares of the others (sum 1, its own 0); all 0 for a gauge like no other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Kin(Vec<Vec<f64>>);

impl Kin {
    /// Returns the kin of gauges by their departures from the climate (by gauge, then day; 0 where
    /// nothing was known).
    pub fn of(departures: &[Vec<f64>]) -> Self {
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let sizes: Vec<f64> = departures.iter().map(|d| product(d, d).sqrt()).collect();
        let likeness = |one: usize, other: usize| {
            let both = sizes[one] * sizes[other];
            if one == other || both <= 0.0 {
                return 0.0;
            }
            (product(&departures[one], &departures[other]) / both).max(0.0).powi(POWER)
        };
        let shares = |one: usize| {
            let all: Vec<f64> = (0..departures.len()).map(|other| likeness(one, other)).collect();
            let sum = all.iter().sum::<f64>();
            if sum > 0.0 { all.iter().map(|v| v / sum).collect() } else { all }
        };
        Self((0..departures.len()).map(shares).collect())
    }

    /// Returns the weighted mean of what the kin of a gauge have.
    pub fn mean(&self, gauge: usize, of: impl Fn(usize) -> f64) -> f64 {
        self.0[gauge].iter().enumerate().map(|(other, share)| share * of(other)).sum()
    }

    /// Returns whether it was made for this many gauges.
    pub fn is_of(&self, gauges: usize) -> bool {
        self.0.len() == gauges && self.0.iter().all(|shares| shares.len() == gauges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likest_gauge_weighs_most_and_a_silent_one_nothing() {
        let a = vec![1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 0.5, 0.5];
        let like = vec![1.0, -1.0, 1.0, -1.0, 1.0, 1.0, 0.5, -0.5];
        let opposite: Vec<f64> = a.iter().map(|v| -v).collect();
        let kin = Kin::of(&[a, like, opposite, vec![0.0; 8]]);
        assert_eq!(kin.0[0], [0.0, 1.0, 0.0, 0.0], "only the second is like the first");
        assert_eq!(kin.0[3], [0.0; 4]);
        assert_eq!(kin.mean(0, |other| other as f64), 1.0);
        assert!(kin.is_of(4) && !kin.is_of(3));
    }

    #[test]
    fn shares_go_with_the_fourth_power_of_the_correlation() {
        let one = vec![1.0; 16];
        let with_minus = |n| (0..16).map(|i| if i < n { -1.0 } else { 1.0 }).collect();
        // Their correlations with the first are 8/16 and 4/16.
        let kin = Kin::of(&[one, with_minus(4), with_minus(6)]);
        let expected = [0.0, 16.0 / 17.0, 1.0 / 17.0];
        assert!(kin.0[0].iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{kin:?}");
    }
}
