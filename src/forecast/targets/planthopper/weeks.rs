//! Weeks as the pest records number them: the first begins on 1 January, the 52nd lasts until the
//! end of the year, so that every year has 52.

use jiff::civil::Date;

use crate::domain::time::{date_of_epoch_day, epoch_day};

/// Weeks since year 0, 52 a year.
pub(super) type Week = i32;

/// Weeks of a year.
pub(super) const YEAR: Week = 52;

/// Days from a week's first to the morning that knows its count: the week itself and one week `[U]`
/// (data/reference/manifest.toml, crop.aicrip).
pub(super) const KNOWN_AFTER_DAYS: i64 = 14;

/// Returns the first day (epoch days) of a week.
pub(super) fn first_day(week: Week) -> i64 {
    let year = i16::try_from(week.div_euclid(YEAR)).unwrap_or(i16::MAX);
    let new_year = Date::new(year, 1, 1).unwrap_or(Date::MAX);
    epoch_day(new_year) + 7 * i64::from(week.rem_euclid(YEAR))
}

/// Returns the newest week whose count can be known on the morning of `today` (epoch days).
pub(super) fn newest_week(today: i64) -> Week {
    let date = date_of_epoch_day(today - KNOWN_AFTER_DAYS);
    let of_year = Week::from((date.day_of_year() - 1) / 7).min(YEAR - 1);
    Week::from(date.year()) * YEAR + of_year
}

/// Returns the place of a week in its year, from 0.
pub(super) fn of_year(week: Week) -> usize {
    usize::try_from(week.rem_euclid(YEAR)).unwrap_or(0)
}

/// Returns the place of the week in the circle of the year (radians).
pub(super) fn angle(week: Week) -> f64 {
    std::f64::consts::TAU * f64::from(week.rem_euclid(YEAR)) / f64::from(YEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i64 {
        epoch_day(text.parse().unwrap())
    }

    #[test]
    fn the_last_week_of_a_year_is_followed_by_the_first_of_the_next() {
        let last = 2004 * YEAR + 51;
        assert_eq!(first_day(last), day("2004-12-23"));
        assert_eq!(first_day(last + 1), day("2005-01-01"));
    }

    #[test]
    fn a_week_is_known_a_week_after_its_end() {
        assert_eq!(newest_week(day("2005-01-14")), 2004 * YEAR + 51);
        assert_eq!(newest_week(day("2005-01-15")), 2005 * YEAR);
        assert_eq!(newest_week(day("2005-01-22")), 2005 * YEAR + 1);
        for week in 2003 * YEAR..2006 * YEAR {
            assert_eq!(newest_week(first_day(week) + KNOWN_AFTER_DAYS), week);
            assert_eq!(newest_week(first_day(week) + KNOWN_AFTER_DAYS - 1), week - 1);
        }
    }
}
