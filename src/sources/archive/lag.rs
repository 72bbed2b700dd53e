//! Publication rules: from the time a value is true for to the time anyone could have known it.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::Offset;
use regex::Regex;

use super::spec::Lag;
use crate::domain::time::{LOCAL_OFFSET, MORNING, add_days, local_date};

/// What a rule counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// A day: the rule's days, months and time of day apply.
    Day(Date),
    /// A moment.
    Moment(Timestamp),
}

impl Base {
    /// Returns the base written in `text`: a moment with zone, a date, or a month (`2026-04`).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Some(Self::Moment(moment));
        }
        if let Ok(day) = text.parse::<Date>() {
            return Some(Self::Day(day));
        }
        format!("{text}-01").parse().ok().map(Self::Day)
    }

    /// Returns the base in a file name: the eight digits of the pattern's first group.
    #[must_use]
    pub fn from_file_name(name: &str, pattern: &Regex) -> Option<Self> {
        let digits = pattern.captures(name)?.get(1)?.as_str();
        Date::strptime("%Y%m%d", digits).ok().map(Self::Day)
    }
}

/// A publication rule, its texts read once.
#[derive(Debug, Clone)]
pub struct Rule {
    lag: Lag,
    at: Time,
    offset: Offset,
    /// The pattern of [`Lag::file_date`].
    pub file_date: Option<Regex>,
}

impl Rule {
    /// Returns the rule, or what is wrong with its texts.
    ///
    /// # Errors
    /// A sentence that names the text.
    pub fn new(lag: &Lag) -> Result<Self, String> {
        let at = match &lag.at {
            Some(text) => {
                text.parse().map_err(|_| format!("at = {text:?} is not a time of day"))?
            }
            None => MORNING,
        };
        let offset = lag.zone.as_deref().map_or(Ok(LOCAL_OFFSET), parse_offset)?;
        let file_date = match &lag.file_date {
            Some(pattern) => Some(Regex::new(pattern).map_err(|e| e.to_string())?),
            None => None,
        };
        Ok(Self { lag: lag.clone(), at, offset, file_date })
    }

    /// Returns the moment the rule leads to, `None` beyond the calendar.
    #[must_use]
    pub fn apply(&self, base: Base) -> Option<Timestamp> {
        match (base, self.lag.minutes) {
            (Base::Moment(moment), Some(minutes)) => {
                moment.checked_add(jiff::SignedDuration::from_mins(minutes)).ok()
            }
            (Base::Day(day), _) => self.at_day(day),
            (Base::Moment(moment), None) if self.lag.column.is_some() => Some(moment),
            (Base::Moment(moment), None) => self.at_day(local_date(moment)),
        }
    }

    /// Returns the day the rule leads to, without the time of day.
    #[must_use]
    pub fn day(&self, from: Date) -> Option<Date> {
        let lag = &self.lag;
        let year = from.year().checked_add(lag.years)?;
        let month = lag.month.unwrap_or(from.month());
        // Going to another month with the day of 29 February or the 31st: stay in that month.
        let day = from.day().min(days_in(year, month)?);
        let mut date = Date::new(year, month, day).ok()?;
        date = date.checked_add(jiff::Span::new().try_months(lag.months).ok()?).ok()?;
        if let Some(day) = lag.day {
            date = Date::new(date.year(), date.month(), day).ok()?;
        }
        if let Some(nth) = lag.working_day {
            date = working_day(date, nth)?;
        }
        Some(add_days(date, lag.days))
    }

    fn at_day(&self, from: Date) -> Option<Timestamp> {
        self.offset.to_timestamp(self.day(from)?.to_datetime(self.at)).ok()
    }
}

fn days_in(year: i16, month: i8) -> Option<i8> {
    Date::new(year, month, 1).ok().map(Date::days_in_month)
}

fn working_day(month: Date, nth: i8) -> Option<Date> {
    let mut left = nth;
    (1..=month.days_in_month()).find_map(|day| {
        let date = Date::new(month.year(), month.month(), day).ok()?;
        let works = !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        left -= i8::from(works);
        (works && left == 0).then_some(date)
    })
}

/// Returns the offset written `+07:00` or `-05:30`.
///
/// # Errors
/// A sentence that names the text.
pub fn parse_offset(text: &str) -> Result<Offset, String> {
    let wrong = || format!("zone = {text:?} is not an offset like \"+07:00\"");
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => return Err(wrong()),
    };
    let (hours, minutes) = rest.split_once(':').ok_or_else(wrong)?;
    let hours: i32 = hours.parse().map_err(|_| wrong())?;
    let minutes: i32 = minutes.parse().map_err(|_| wrong())?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn known(lag: &str, base: Base) -> String {
        let lag: Lag = toml::from_str(lag).unwrap();
        Rule::new(&lag).unwrap().apply(base).unwrap().to_string()
    }

    #[test]
    fn a_daily_value_is_known_the_next_morning() {
        let day = Base::Day(date(2010, 3, 14));
        assert_eq!(known("days = 1", day), "2010-03-15T00:00:00Z");
        assert_eq!(known("days = 4\nat = \"12:00\"", day), "2010-03-18T05:00:00Z");
    }

    #[test]
    fn the_index_of_january_to_march_is_known_in_april() {
        // ONI of JFM stands on February (its centre) and comes in the first ten days of April.
        let centre = Base::Day(date(2026, 2, 1));
        assert_eq!(known("months = 2\nday = 10", centre), "2026-04-10T00:00:00Z");
        let december = Base::Day(date(2025, 12, 1));
        assert_eq!(known("months = 2\nday = 10", december), "2026-02-10T00:00:00Z");
    }

    #[test]
    fn working_days_skip_the_weekend_and_zones_count() {
        // 1 November 2025 is a Saturday: the second working day is Tuesday the 4th.
        let october = Base::Day(date(2025, 10, 1));
        assert_eq!(known("months = 1\nworking_day = 2\ndays = 1", october), "2025-11-05T00:00:00Z");
        let issued = Base::Day(date(2025, 5, 1));
        let india = "column = \"issue_date\"\nat = \"13:00\"\nzone = \"+05:30\"";
        assert_eq!(known(india, issued), "2025-05-01T07:30:00Z");
    }

    #[test]
    fn years_months_and_leap_days_stay_in_the_calendar() {
        let leap = Base::Day(date(2024, 2, 29));
        assert_eq!(known("years = 1", leap), "2025-02-28T00:00:00Z");
        assert_eq!(known("years = 1\nmonth = 7\nday = 1", leap), "2025-07-01T00:00:00Z");
        let bad = toml::from_str::<Lag>("at = \"25:00\"").unwrap();
        assert!(Rule::new(&bad).unwrap_err().contains("25:00"));
        assert!(parse_offset("7").is_err());
    }

    #[test]
    fn moments_move_by_minutes() {
        let moment = Base::parse("2025-01-15T15:39:06+07:00").unwrap();
        assert_eq!(known("minutes = 0", moment), "2025-01-15T08:39:06Z");
        assert_eq!(known("minutes = 180", moment), "2025-01-15T11:39:06Z");
        assert_eq!(Base::parse("2026-04"), Some(Base::Day(date(2026, 4, 1))));
        assert_eq!(Base::parse("April"), None);
    }
}
