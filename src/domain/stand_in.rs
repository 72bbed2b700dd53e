//! Where the forecast of a place is looked up that has none of its own, and how much wider it is there.

use super::PlaceId;

/// Normal deviates of the levels every forecast carries (5, 10, 25, 50, 75, 90, 95 %).
const DEVIATES: [f64; 7] = [-1.645, -1.282, -0.674, 0.0, 0.674, 1.282, 1.645];

/// A place whose forecast stands in for another's.
#[derive(Debug, Clone, PartialEq)]
pub struct StandIn {
    /// The place that has a forecast.
    pub place: PlaceId,
    /// Distance of its point from the place asked for, km.
    pub km: f64,
    /// Standard deviation of what the two differ by, in the target's unit.
    pub differ: f64,
    /// The least and greatest value there can be, in the target's unit.
    pub range: (f64, f64),
    /// What stands in and how far away it is, for people.
    pub says_en: String,
    /// The same in Vietnamese.
    pub says_vi: String,
}

impl StandIn {
    /// Returns the stand-in's quantiles (in rising order) with the difference of the two places added:
    /// distances from the median grow as those of a sum of independent errors do.
    #[must_use]
    pub fn widened(&self, quantiles: [f64; 7]) -> [f64; 7] {
        let median = quantiles[3];
        std::array::from_fn(|i| {
            let away = (quantiles[i] - median).hypot(DEVIATES[i] * self.differ);
            let value = median + if i < 3 { -away } else { away };
            value.clamp(self.range.0, self.range.1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_is_wider_and_keeps_its_median_and_its_range() {
        let stand_in = StandIn {
            place: "province:vinh_long".parse().unwrap(),
            km: 25.0,
            differ: 0.5,
            range: (f64::NEG_INFINITY, 33.0),
            says_en: String::new(),
            says_vi: String::new(),
        };
        let given = [28.0, 28.5, 29.5, 30.0, 30.5, 31.5, 32.9];
        let wider = stand_in.widened(given);
        assert_eq!((wider[3], wider[6]), (30.0, 33.0));
        assert!(wider.windows(2).all(|w| w[0] <= w[1]));
        // 1.5 below the median, and 0.641 for the difference.
        assert!((wider[1] - (30.0 - 1.5_f64.hypot(0.641))).abs() < 1e-9);
    }
}
