//! Months as numbers, and monthly prices on the log scale as known at one moment.

use jiff::civil::Date;

use crate::domain::PlaceId;
use crate::domain::time::{date_of_epoch_day, epoch_day};
use crate::features::Known;

/// Months since year 0.
pub(super) type Month = i32;

/// The first month looked at: the world prices begin in January 1960.
const FIRST: Month = 1960 * 12;

/// Missing months that the last price stands in for; the longest gap of the Vietnamese price is six
/// (December 2007 to May 2008).
const FILL_MONTHS: usize = 6;

/// The standard deviation of normal changes for a mean absolute change of one: √(π/2), rounded.
const ABSOLUTE_TO_STANDARD: f64 = 1.25;

/// Returns the month of a day.
pub(super) fn month_of(day: i64) -> Month {
    let date = date_of_epoch_day(day);
    Month::from(date.year()) * 12 + Month::from(date.month()) - 1
}

/// Returns the first day (epoch days) of a month.
pub(super) fn first_day(month: Month) -> i64 {
    let year = i16::try_from(month.div_euclid(12)).unwrap_or(i16::MAX);
    let number = i8::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
    epoch_day(Date::constant(year, number, 1))
}

/// The logs of one price by month.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    raw: Vec<f64>,
    filled: Vec<f64>,
}

impl History {
    /// Returns what was known of a price up to the month of the issue.
    pub fn read(known: &Known<'_>, variable: &str, place: &str) -> Self {
        let Ok(place) = place.parse::<PlaceId>() else { return Self::default() };
        let series = known.series(variable, &place);
        let price = |month| series.on(first_day(month)).filter(|price| *price > 0.0);
        let last = month_of(known.today());
        Self::of((FIRST..=last).map(|month| price(month).map_or(f64::NAN, f64::ln)).collect())
    }

    fn of(raw: Vec<f64>) -> Self {
        let mut filled = raw.clone();
        let mut since = FILL_MONTHS;
        for i in 0..filled.len() {
            since = if filled[i].is_finite() { 0 } else { since + 1 };
            if (1..=FILL_MONTHS).contains(&since) && i > 0 {
                filled[i] = filled[i - 1];
            }
        }
        Self { raw, filled }
    }

    fn at(values: &[f64], month: Month) -> Option<f64> {
        let index = usize::try_from(month - FIRST).ok()?;
        values.get(index).copied().filter(|v| v.is_finite())
    }

    /// Returns the log price of a month that was really told.
    pub fn told(&self, month: Month) -> Option<f64> {
        Self::at(&self.raw, month)
    }

    /// Returns the log price of a month, that of up to six months before standing in.
    pub fn get(&self, month: Month) -> Option<f64> {
        Self::at(&self.filled, month)
    }

    /// Returns the change from `months` before to `month`.
    pub fn change(&self, month: Month, months: Month) -> Option<f64> {
        Some(self.get(month)? - self.get(month - months)?)
    }

    /// Returns the mean of the `months` up to `month` of which at least `count_min` are known.
    pub fn mean(&self, month: Month, months: Month, count_min: usize) -> Option<f64> {
        mean((0..months).filter_map(|back| self.get(month - back)), count_min)
    }

    /// Returns the standard deviation of the monthly changes of the `months` up to `month` of which
    /// at least `count_min` are known.
    pub fn volatility(&self, month: Month, months: Month, count_min: usize) -> Option<f64> {
        let changes: Vec<f64> =
            (0..months).filter_map(|back| self.change(month - back, 1)).collect();
        let centre = mean(changes.iter().copied(), count_min)?;
        let spread = ABSOLUTE_TO_STANDARD * mean(changes.iter().map(|c| (c - centre).abs()), 1)?;
        (spread > 0.0).then_some(spread)
    }

    /// Returns the usual size of the monthly changes up to `month`, those of `half_life` months
    /// before counting half: what the price does lately. `None` where nothing is known.
    pub fn swing(&self, month: Month, half_life: f64) -> Option<f64> {
        let weighted = (0..(8.0 * half_life) as Month).filter_map(|back| {
            let weight = 0.5_f64.powf(f64::from(back) / half_life);
            Some((weight * self.change(month - back, 1)?.abs(), weight))
        });
        let (sum, weights) = weighted.fold((0.0, 0.0), |(a, b), (c, w)| (a + c, b + w));
        (sum > 0.0).then(|| ABSOLUTE_TO_STANDARD * sum / weights)
    }

    /// Returns whether nothing was ever told.
    pub fn is_empty(&self) -> bool {
        !self.raw.iter().any(|v| v.is_finite())
    }
}

/// Returns the mean of at least `count_min` values.
pub(super) fn mean(values: impl Iterator<Item = f64>, count_min: usize) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0_usize), |(sum, n), v| (sum + v, n + 1));
    (n >= count_min.max(1)).then(|| sum / n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_days_agree_across_years() {
        let month = month_of(epoch_day(Date::constant(2015, 12, 31)));
        assert_eq!(date_of_epoch_day(first_day(month)), Date::constant(2015, 12, 1));
        assert_eq!(date_of_epoch_day(first_day(month + 1)), Date::constant(2016, 1, 1));
    }

    #[test]
    fn the_swing_follows_the_last_half_year_and_forgets_what_came_before() {
        let calm = (0..60).map(|i| if i % 2 == 0 { 0.0 } else { 0.02 });
        let wild = (0..12).map(|i| if i % 2 == 0 { 0.0 } else { 0.2 });
        let history = History::of(calm.chain(wild).collect());
        let swing = |month| history.swing(FIRST + month, 6.0).unwrap();
        assert!((swing(59) - 0.025).abs() < 1e-9, "{}", swing(59));
        assert!(swing(71) > 0.18 && swing(71) < 0.25, "{}", swing(71));
        assert_eq!(History::of(vec![1.0; 9]).swing(FIRST + 8, 6.0), None);
    }

    #[test]
    fn a_gap_is_bridged_for_six_months_and_never_told() {
        let mut raw = vec![f64::NAN; 2];
        raw.push(1.0);
        raw.extend([f64::NAN; 8]);
        let history = History::of(raw);
        assert_eq!((history.get(FIRST + 1), history.get(FIRST + 8)), (None, Some(1.0)));
        assert_eq!((history.get(FIRST + 9), history.told(FIRST + 3)), (None, None));
    }
}
