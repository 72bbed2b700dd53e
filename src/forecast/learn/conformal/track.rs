//! The latest errors of one key and level, kept sorted.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Errors in units of their scale: by arrival, to forget the oldest, and sorted, to look up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "VecDeque<f64>", into = "VecDeque<f64>")]
pub(super) struct Track {
    by_arrival: VecDeque<f64>,
    sorted: Vec<f64>,
}

impl Track {
    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Adds an error and forgets those before the latest `window`.
    pub(super) fn push(&mut self, error: f64, window: usize) {
        while self.by_arrival.len() >= window
            && let Some(oldest) = self.by_arrival.pop_front()
        {
            let place = self.sorted.partition_point(|e| e.total_cmp(&oldest).is_lt());
            self.sorted.remove(place);
        }
        let place = self.sorted.partition_point(|e| e.total_cmp(&error).is_lt());
        self.by_arrival.push_back(error);
        self.sorted.insert(place, error);
    }

    /// Returns the error that the next one stays below with this chance, if they are exchangeable.
    ///
    /// With `n` errors the next is equally likely to fall into each of the `n + 1` gaps, so the one
    /// at place `level · (n + 1)` is taken, rounded away from the median: at least the level above
    /// it, at most the level below it. The median is the usual one.
    pub(super) fn quantile(&self, level: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "the number of errors is far below 2^53")]
        let place = level * (self.len() + 1) as f64;
        // Nineteen errors have their 5 % at place 1 whatever 0.05 · 20 is in binary.
        let (low, high) = ((place + 1e-9).floor(), (place - 1e-9).ceil());
        if level < 0.5 {
            self.at(low)
        } else if level > 0.5 {
            self.at(high)
        } else {
            let (a, b) = (self.at(low), self.at(high));
            a + (b - a) / 2.0
        }
    }

    /// Returns the error at a place counted from 1, the first or last one beyond the ends.
    fn at(&self, place: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number, negative ones become 0"
        )]
        let place = place as usize;
        self.sorted[place.clamp(1, self.len()) - 1]
    }
}

impl From<VecDeque<f64>> for Track {
    fn from(by_arrival: VecDeque<f64>) -> Self {
        let mut sorted = Vec::from(by_arrival.clone());
        sorted.sort_by(f64::total_cmp);
        Self { by_arrival, sorted }
    }
}

impl From<Track> for VecDeque<f64> {
    fn from(track: Track) -> Self {
        track.by_arrival
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nineteen_errors_are_just_enough_for_the_outer_levels() {
        let mut track = Track::default();
        (1..=19).rev().for_each(|e| track.push(f64::from(e), 100));
        let at = |level| track.quantile(level);
        assert_eq!([at(0.05), at(0.1), at(0.25), at(0.5)], [1.0, 2.0, 5.0, 10.0]);
        assert_eq!([at(0.75), at(0.9), at(0.95)], [15.0, 18.0, 19.0]);
        assert_eq!([at(0.0), at(1.0)], [1.0, 19.0]);
        track.push(0.0, 100);
        let at = |level| track.quantile(level);
        assert_eq!([at(0.05), at(0.25), at(0.5), at(0.75), at(0.95)], [0.0, 4.0, 9.5, 15.0, 19.0]);
    }

    proptest! {
        #[test]
        fn a_track_holds_the_latest_errors_sorted(
            errors in prop::collection::vec(-5..5_i8, 1..60), window in 1_usize..30,
        ) {
            let mut track = Track::default();
            errors.iter().for_each(|&e| track.push(f64::from(e), window));
            let kept = &errors[errors.len().saturating_sub(window)..];
            let mut sorted: Vec<f64> = kept.iter().map(|&e| f64::from(e)).collect();
            prop_assert_eq!(track.by_arrival.make_contiguous().to_vec(), sorted.clone());
            sorted.sort_by(f64::total_cmp);
            prop_assert_eq!(track.sorted, sorted);
        }

        /// The promise itself: of n + 1 different errors, each is the next one equally often.
        #[test]
        fn the_next_error_stays_below_as_often_as_promised(n in 19_usize..60, level in 0.05..0.95_f64) {
            let all: Vec<f64> = (0..=n).map(|i| (i * i) as f64).collect();
            let below = (0..=n).filter(|&next| {
                let others = all.iter().enumerate().filter(|(i, _)| *i != next).map(|(_, e)| *e);
                let track = Track::from(others.collect::<VecDeque<f64>>());
                all[next] <= track.quantile(level)
            });
            let share = below.count() as f64 / (n + 1) as f64;
            let gap = 1.0 / (n + 1) as f64 + 1e-9;
            if level < 0.5 {
                prop_assert!(share <= level + 1e-9 && share > level - gap, "{share} for {level}");
            } else {
                prop_assert!(share >= level - 1e-9 && share < level + gap, "{share} for {level}");
            }
        }
    }
}
