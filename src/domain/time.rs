//! Times: storage is UTC, days are local days, and a run has one issue time.
//!
//! Viet Nam is UTC+07:00 all year (Asia/Ho_Chi_Minh, no summer time since 1979), so the local zone
//! is a fixed offset: no time-zone database is needed and replays of old days are exact.

use jiff::civil::{Date, Time, time};
use jiff::tz::{Offset, offset};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Local time is UTC+07:00.
pub const LOCAL_OFFSET: Offset = offset(7);

/// The morning run: 07:00 local, when the station maxima of the day before are known
/// (`shared/data/README.md`, salinity: "known next morning, D+1 07:00 local" `[U]`).
pub const MORNING: Time = time(7, 0, 0, 0);

/// A time given as text that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Neither a date nor a timestamp.
    #[error(
        "time {given:?} is neither a date (2010-03-15) nor a timestamp with zone \
         (2010-03-15T07:00:00+07:00)"
    )]
    Shape {
        /// The text as given.
        given: String,
    },
    /// A date outside what calendars here can hold.
    #[error("date {given} is outside the range that can be stored")]
    Range {
        /// The date as given.
        given: String,
    },
}

/// Returns the local date at this instant.
#[must_use]
pub fn local_date(at: Timestamp) -> Date {
    LOCAL_OFFSET.to_datetime(at).date()
}

/// Returns an instant as people read it: local time with its offset, `2010-03-15T07:00:00+07:00`.
#[must_use]
pub fn local_text(at: Timestamp) -> String {
    LOCAL_OFFSET.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S+07:00").to_string()
}

/// Returns the instant of this local date and time of day.
///
/// # Errors
/// [`TimeError::Range`] for dates near the ends of the calendar (years -9999 and 9999).
pub fn local_instant(date: Date, at: Time) -> Result<Timestamp, TimeError> {
    LOCAL_OFFSET
        .to_timestamp(date.to_datetime(at))
        .map_err(|_| TimeError::Range { given: date.to_string() })
}

/// Returns the start of a local day, the `valid_time` of every daily value.
///
/// # Errors
/// [`TimeError::Range`] as in [`local_instant`].
pub fn day_start(date: Date) -> Result<Timestamp, TimeError> {
    local_instant(date, Time::midnight())
}

/// Returns the date `days` later (earlier when negative), saturating at the calendar's ends.
#[must_use]
pub fn add_days(date: Date, days: i64) -> Date {
    date.saturating_add(SignedDuration::from_hours(days.saturating_mul(24)))
}

/// Returns the number of whole days from `from` to `to`.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i64 {
    epoch_day(to) - epoch_day(from)
}

/// Returns the number of days from 1970-01-01 to this date (the Arrow Date32 value).
#[must_use]
pub fn epoch_day(date: Date) -> i64 {
    date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24
}

/// Returns the date of an Arrow Date32 value.
#[must_use]
pub fn date_of_epoch_day(days: i64) -> Date {
    add_days(Date::constant(1970, 1, 1), days)
}

/// The moment a forecast is issued; it may read only rows with `available_at <= issued_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IssuedAt(pub Timestamp);

impl IssuedAt {
    /// Returns the morning run (07:00 local) of this date.
    ///
    /// # Errors
    /// [`TimeError::Range`] as in [`local_instant`].
    pub fn morning_of(date: Date) -> Result<Self, TimeError> {
        local_instant(date, MORNING).map(Self)
    }

    /// Returns the issue time written as a date (its morning run) or as a timestamp with zone.
    ///
    /// # Errors
    /// [`TimeError::Shape`] when the text is neither.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        if let Ok(date) = text.parse::<Date>()
            && !text.contains('T')
        {
            return Self::morning_of(date);
        }
        text.parse::<Timestamp>().map(Self).map_err(|_| TimeError::Shape { given: text.to_owned() })
    }

    /// Returns the local date of the issue.
    #[must_use]
    pub fn local_date(self) -> Date {
        local_date(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_date_means_its_morning_run() {
        let issued = IssuedAt::parse("2010-03-15").unwrap();
        assert_eq!(issued.0.to_string(), "2010-03-15T00:00:00Z");
        assert_eq!(issued.local_date(), date(2010, 3, 15));
        assert_eq!(IssuedAt::parse("2010-03-15T07:00:00+07:00").unwrap(), issued);
        assert!(IssuedAt::parse("15/03/2010").unwrap_err().to_string().contains("15/03/2010"));
    }

    #[test]
    fn local_days_start_at_seventeen_utc_the_day_before() {
        let start = day_start(date(2026, 1, 1)).unwrap();
        assert_eq!(start.to_string(), "2025-12-31T17:00:00Z");
        assert_eq!(local_date(start), date(2026, 1, 1));
        assert_eq!(local_text(start), "2026-01-01T00:00:00+07:00");
        assert_eq!(local_text(start).parse::<Timestamp>().unwrap(), start);
    }

    #[test]
    fn day_arithmetic_crosses_leap_days_and_1970() {
        assert_eq!(days_between(date(2012, 2, 28), date(2012, 3, 1)), 2);
        assert_eq!(add_days(date(2012, 2, 28), 2), date(2012, 3, 1));
        assert_eq!(epoch_day(date(1969, 12, 31)), -1);
        assert_eq!(date_of_epoch_day(epoch_day(date(1924, 1, 1))), date(1924, 1, 1));
    }
}
