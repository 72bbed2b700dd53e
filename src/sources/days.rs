//! Local days from hourly values: only days that are whole count.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::time;

/// Hours in a local day: Viet Nam has no summer time.
const HOURS: usize = 24;

/// Returns the values of each local day for which all 24 hours are there, in the hours' order.
///
/// `hours` are starts of hours with their value; for amounts "of the hour before" the caller takes
/// an hour off first. Of two values for the same hour the first counts.
#[must_use]
pub fn whole_days(hours: impl IntoIterator<Item = (Timestamp, f64)>) -> BTreeMap<Date, Vec<f64>> {
    let mut days: BTreeMap<Date, BTreeMap<Timestamp, f64>> = BTreeMap::new();
    for (start, value) in hours {
        let on_the_hour = start.as_second() % 3600 == 0;
        if on_the_hour && value.is_finite() {
            days.entry(time::local_date(start)).or_default().entry(start).or_insert(value);
        }
    }
    days.retain(|_, hours| hours.len() == HOURS);
    let values = |(date, hours): (Date, BTreeMap<_, f64>)| (date, hours.into_values().collect());
    days.into_iter().map(values).collect()
}

/// How the hours of a day become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Daily {
    /// The mean of the hours.
    Mean,
    /// The highest hour.
    Max,
    /// The lowest hour.
    Min,
    /// The sum of the hours.
    Sum,
}

impl Daily {
    /// Returns the day's number; `hours` must not be empty.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a day has 24 hours")]
    pub fn of(self, hours: &[f64]) -> f64 {
        match self {
            Self::Mean => hours.iter().sum::<f64>() / hours.len() as f64,
            Self::Max => hours.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::Min => hours.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Sum => hours.iter().sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    #[test]
    fn days_with_a_missing_hour_are_left_out() {
        let start: Timestamp = "2026-11-20T17:00:00Z".parse().unwrap();
        let hours = (0..49_i64).filter(|h| *h != 30).map(|h| (start + h.hours(), h as f64));
        let days = whole_days(hours);
        assert_eq!(days.keys().map(ToString::to_string).collect::<Vec<_>>(), ["2026-11-21"]);
        let day = &days[&jiff::civil::date(2026, 11, 21)];
        assert_eq!((day[0], day[23]), (0.0, 23.0));
        assert_eq!(Daily::Mean.of(day), 11.5);
        assert_eq!(Daily::Sum.of(day), 276.0);
    }
}
