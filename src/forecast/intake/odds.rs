//! From a forecast and the size of past errors to odds.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::THRESHOLDS_G_L;
use super::record::Record;
use crate::agronomy::salinity_units::HYDROMET_US_CM_PER_G_L;
use crate::domain::LEVELS;

/// Degrees of freedom of the errors' Student distribution: salt fronts err by much now and then.
/// What a day's or two days' change of the daily maximum at 27 stations is like, at 0.2 to 4 g/L,
/// beside the changes of the ten days before it, 1995 to 2014: 3.4 and 4.2 are likeliest.
const NU: f64 = 4.0;

/// Returns the probability that a quantity lies below `limit` when it was forecast at `centre`
/// with errors of size `scale` (all in the same unit; `scale` above 0).
///
/// Student's distribution with four degrees of freedom in closed form (Abramowitz and Stegun
/// 26.7.4).
#[must_use]
pub fn probability_below(limit: f64, centre: f64, scale: f64) -> f64 {
    let t = (limit - centre) / scale;
    let q = 1.0 + t * t / NU;
    0.5 + 0.375 * t / q.sqrt() * (1.0 - t * t / q / 12.0)
}

/// Returns the natural logarithm of the conductivity (µS/cm) of a salinity (g/L).
pub(super) fn log_limit(salinity_g_l: f64) -> f64 {
    (salinity_g_l * HYDROMET_US_CM_PER_G_L).ln()
}

/// The logarithms of [`THRESHOLDS_G_L`], reckoned once: a stream asks for them thousands of times
/// a second.
static LIMITS: LazyLock<[f64; 4]> = LazyLock::new(|| THRESHOLDS_G_L.map(log_limit));

/// The hours of a week, as logarithms of µS/cm, rising.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Week(Vec<f64>);

impl Week {
    /// Returns the known hours of the seven days before hour `end` of a record.
    pub(super) fn before(record: &Record, end: i64) -> Self {
        let mut hours: Vec<f64> = (end - 168..end).filter_map(|hour| record.at(hour)).collect();
        hours.sort_by(f64::total_cmp);
        Self(hours)
    }

    /// Returns how many of its hours are known.
    pub(super) fn hours(&self) -> usize {
        self.0.len()
    }

    /// Returns the share of its hours below a logarithm; 0 when none is known.
    pub(super) fn below(&self, log_ec: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "at most 168")]
        let share = |count: usize| count as f64 / self.0.len().max(1) as f64;
        share(self.0.partition_point(|hour| *hour < log_ec))
    }
}

/// What is said of one hour: the model's Student distribution, mixed with the week before the fit
/// as far as that did better on the last days' forecasts.
#[derive(Debug, Clone, PartialEq)]
pub struct HourForecast {
    /// When the hour it speaks of begins.
    pub from: Timestamp,
    /// Hours ahead of the last one known; 1 is the hour that begins at the issue.
    pub horizon_h: i64,
    /// The model's centre: natural logarithm of µS/cm.
    pub log_ec: f64,
    /// The size of errors at this horizon, in the same unit.
    pub scale: f64,
    /// The weight of the model beside the week, at each of [`THRESHOLDS_G_L`].
    pub trust: [f64; 4],
    /// The week before the fit.
    pub week: Arc<Week>,
}

impl HourForecast {
    /// Returns the probability that the hour stays below a salinity (g/L).
    #[must_use]
    pub fn below(&self, salinity_g_l: f64) -> f64 {
        self.below_log(log_limit(salinity_g_l), &self.at_limits())
    }

    /// Returns the quantiles of the logarithm of conductivity (µS/cm) at [`LEVELS`], rising: those
    /// of the same distribution that [`Self::below`] tells the odds of.
    #[must_use]
    pub fn log_ec_quantiles(&self) -> [f64; 7] {
        // Ten sizes of error leave 1 in 10,000 outside, far beyond the outermost level.
        let (far, week) = (10.0 * self.scale, &self.week.0);
        let low = week.first().map_or(self.log_ec, |w| w.min(self.log_ec)) - far;
        let high = week.last().map_or(self.log_ec, |w| w.max(self.log_ec)) + far;
        let at_limits = self.at_limits();
        let mut quantiles = LEVELS.map(|level| {
            let (mut low, mut high) = (low, high);
            // Halved to a billionth of the range: far below what anyone reads.
            for _ in 0..30 {
                let middle = f64::midpoint(low, high);
                let below = self.below_log(middle, &at_limits) < level;
                *(if below { &mut low } else { &mut high }) = middle;
            }
            high
        });
        // Between two limits, where the trust changes, the odds may still fall a little.
        quantiles.sort_by(f64::total_cmp);
        quantiles
    }

    /// The odds below a logarithm. Each limit has its own trust, so the odds of a higher limit may
    /// come out the lower ones: half way between the highest below it and the lowest above it they
    /// are in order again, and where they were in order they stay.
    fn below_log(&self, limit: f64, at_limits: &[f64; 4]) -> f64 {
        let here = self.mixed(limit);
        let (mut highest, mut lowest) = (here, here);
        for (known, odds) in LIMITS.iter().zip(at_limits) {
            if *known < limit {
                highest = odds.max(highest);
            } else {
                lowest = odds.min(lowest);
            }
        }
        f64::midpoint(highest, lowest)
    }

    fn at_limits(&self) -> [f64; 4] {
        LIMITS.map(|limit| self.mixed(limit))
    }

    fn mixed(&self, limit: f64) -> f64 {
        let own = probability_below(limit, self.log_ec, self.scale);
        let week = self.week.below(limit);
        week + self.trust_at(limit) * (own - week)
    }

    /// The weight of the model at any limit: on the straight line between the limits that have
    /// one, by the logarithm; beyond them that of the last.
    fn trust_at(&self, limit: f64) -> f64 {
        let limits = &*LIMITS;
        let above = limits.partition_point(|known| *known <= limit).clamp(1, limits.len() - 1);
        let (from, to) = (limits[above - 1], limits[above]);
        let share = ((limit - from) / (to - from)).clamp(0.0, 1.0);
        self.trust[above - 1] + share * (self.trust[above] - self.trust[above - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(trust: [f64; 4]) -> HourForecast {
        // A week of 80 fresh hours around 0.4 g/L and 80 salt ones around 3 g/L.
        let week = [0.4, 3.0].iter().flat_map(|around| {
            (0..80).map(move |i| log_limit(around * (1.0 + f64::from(i - 40) / 200.0)))
        });
        HourForecast {
            from: Timestamp::UNIX_EPOCH,
            horizon_h: 5,
            log_ec: log_limit(1.5),
            scale: 0.4,
            trust,
            week: Arc::new(Week(week.collect())),
        }
    }

    #[test]
    fn a_model_that_is_trusted_has_students_quantiles() {
        // R, qt(c(.05, .1, .25, .5, .75, .9, .95), 4)
        let t = [-2.131_847, -1.533_206, -0.740_697, 0.0, 0.740_697, 1.533_206, 2.131_847];
        for (quantile, t) in hour([1.0; 4]).log_ec_quantiles().into_iter().zip(t) {
            assert!((quantile - (log_limit(1.5) + 0.4 * t)).abs() < 1e-6, "{quantile}");
        }
    }

    #[test]
    fn the_odds_of_a_higher_limit_are_never_the_lower_ones() {
        // The week alone says that 0.5 to 2 g/L hold half the time, the model that 4 g/L hardly does.
        let hour = HourForecast { log_ec: log_limit(5.0), ..hour([0.0, 0.0, 0.0, 1.0]) };
        assert!(hour.mixed(log_limit(4.0)) < hour.mixed(log_limit(2.0)));
        let odds = [0.3, 0.5, 1.0, 2.0, 4.0, 9.0].map(|limit| hour.below(limit));
        assert!(odds.is_sorted(), "{odds:?}");
    }

    #[test]
    fn quantiles_and_odds_are_of_one_distribution() {
        let hour = hour([0.9, 0.6, 0.3, 0.2]);
        // At a limit with its own trust: half the week's hours are below 1 and 2 g/L.
        let own = |limit| probability_below(log_limit(limit), hour.log_ec, hour.scale);
        assert!((hour.below(1.0) - (0.6 * own(1.0) + 0.4 * 0.5)).abs() < 1e-12);
        assert!((hour.below(9.0) - (0.2 * own(9.0) + 0.8)).abs() < 1e-12);
        let (quantiles, at_limits) = (hour.log_ec_quantiles(), hour.at_limits());
        assert!(quantiles.is_sorted());
        for (quantile, level) in quantiles.into_iter().zip(LEVELS) {
            // The week's hours are steps of the odds: just before one they are not reached yet.
            assert!(hour.below_log(quantile - 1e-7, &at_limits) <= level + 1e-6);
            assert!(hour.below_log(quantile + 1e-7, &at_limits) >= level - 1e-6);
        }
    }

    #[test]
    fn the_odds_are_students() {
        // R: pt(c(-2, -1, 0, 0.5, 3), 4)
        let expected = [
            (-2.0, 0.058_058_26),
            (-1.0, 0.186_950_48),
            (0.0, 0.5),
            (0.5, 0.678_335_02),
            (3.0, 0.980_029_02),
        ];
        for (t, p) in expected {
            assert!((probability_below(t, 0.0, 1.0) - p).abs() < 1e-6, "{t}");
            assert!((probability_below(3.0 * t + 1.0, 1.0, 3.0) - p).abs() < 1e-6, "{t} scaled");
        }
    }
}
