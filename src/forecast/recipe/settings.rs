//! How a recipe is learned.

use jiff::civil::Date;

use crate::domain::time::{date_of_epoch_day, epoch_day};
use crate::forecast::learn::{Booster, BoosterParams, LinearMethod};

/// How often models are fitted again, and the blocks that are held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// On 1 January.
    Year,
    /// On the first of each month, for records of less than three years.
    Month,
}

impl Period {
    /// Returns the number of the block that holds an epoch day.
    pub(super) fn block_of(self, day: i64) -> i32 {
        let date = date_of_epoch_day(day);
        match self {
            Self::Year => i32::from(date.year()),
            Self::Month => i32::from(date.year()) * 12 + i32::from(date.month()) - 1,
        }
    }

    /// Returns the first epoch day of a block.
    pub(super) fn first_day(self, block: i32) -> i64 {
        let (year, month) = match self {
            Self::Year => (block, 1),
            Self::Month => (block.div_euclid(12), block.rem_euclid(12) + 1),
        };
        epoch_day(Date::constant(year as i16, month as i8, 1))
    }
}

/// Penalties of one ridge candidate, beside the sum of squares of standardised columns: with `n`
/// mornings a coefficient is shrunk by about `n / (n + penalty)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shrink {
    /// Of what all places have in common.
    pub pooled: f64,
    /// Of a place's departure from that.
    pub place: f64,
}

/// How a recipe is learned. The defaults suit a dozen places with ten years of days.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How often it is fitted again.
    pub period: Period,
    /// Blocks before a fit that the candidates are rolled through.
    pub held_out: usize,
    /// Whether years of other places teach the first ridge. It is believed then: a few own months held
    /// out, all of one season, say how wrong it is, but neither to which side nor how much another
    /// candidate should count.
    pub taught: bool,
    /// One ridge candidate for each of these.
    pub shrink: &'static [Shrink],
    /// Forecasts that the belief in a level which stays weighs against, when the mean change from the
    /// newest value to a day ahead is learned; 0 leaves it free, for records of many years.
    pub level: f64,
    /// What a block's mornings still count a block later.
    pub ageing: f64,
    /// The pooled booster; none leaves it out.
    pub trees: Option<BoosterParams>,
    /// The most rows the booster learns from; days are thinned evenly to keep to it.
    pub tree_rows_max: usize,
    /// One candidate for each of these linfa methods, by place and horizon.
    pub methods: &'static [LinearMethod],
    /// The most rows each of those learns from, the latest.
    pub method_rows_max: usize,
    /// Baselines of the kind "the value so many days before the day ahead", beside persistence and
    /// climatology.
    pub lag_baselines: &'static [(&'static str, i64)],
    /// Forecasts fallen due before a fit, over all places and horizons, below which only baselines
    /// are published.
    pub rows_min: usize,
}

/// The value of the same day a year before.
pub const SEASONAL_NAIVE: (&str, i64) = ("seasonal_naive", 365);

impl Default for Settings {
    fn default() -> Self {
        Self {
            period: Period::Year,
            // Five years hold wet and dry ones and are recent enough to speak for the next.
            held_out: 5,
            taught: false,
            shrink: &[Shrink { pooled: 10.0, place: 100.0 }],
            level: 0.0,
            ageing: 1.0,
            trees: Some(default_trees()),
            // Beyond this the error falls by under 1 % for twice the time (water levels).
            tree_rows_max: 60_000,
            methods: &[],
            method_rows_max: 2_000,
            lag_baselines: &[SEASONAL_NAIVE],
            rows_min: 1_000,
        }
    }
}

/// Returns the booster's usual settings: small steps, shrunk leaves, random halves of rows and
/// columns, as in `salinity_station`.
#[must_use]
pub fn default_trees() -> BoosterParams {
    let params = Booster::params().n_trees(300).learning_rate(0.05).max_bins(63).seed(1);
    params.max_leaves(15).min_samples_leaf(30).l2(5.0).row_fraction(0.6).feature_fraction(0.4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_each_other_without_a_gap() {
        for period in [Period::Year, Period::Month] {
            let mut block = period.block_of(10_000);
            assert!(period.first_day(block) <= 10_000);
            for day in 10_001..12_000 {
                let next = period.block_of(day);
                assert!(next == block || (next == block + 1 && period.first_day(next) == day));
                block = next;
            }
        }
    }
}
