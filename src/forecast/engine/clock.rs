//! The step clock: whole numbers that stand one step apart, whatever the calendar says.
//!
//! A stamp is a whole number: microseconds since 1970-01-01 (UTC or as written) for dates and
//! times, the number itself for integer steps. A position counts steps from 1970-01-01 (from 0 for
//! integers), so stamps one step apart have positions one apart, and a position modulo a season
//! is a phase of the calendar. Where inside its step a series stands is its [`Anchor`].

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::error::EngineError;

/// Microseconds of an hour, a day and a week.
const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// Stamps looked at when the step is detected: enough to see the most common distance, few enough
/// to cost nothing.
const DETECT_STAMPS_MAX: usize = 50_000;

/// Working-day stamps needed before a panel without weekends is taken for one: four weeks.
const BUSINESS_STAMPS_MIN: usize = 20;

/// How far apart two neighbouring stamps of a series stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freq {
    /// Whole numbers, this many apart (above 0).
    Integer {
        /// Distance of two neighbours.
        step: i64,
    },
    /// A fixed time (above 0): seconds, minutes, hours, days, weeks.
    Fixed {
        /// Microseconds of a step.
        step: i64,
    },
    /// Mondays to Fridays.
    Business,
    /// Calendar months (above 0): months, quarters, years.
    Months {
        /// Months of a step.
        step: i64,
    },
}

/// Where inside a step the stamps of one series stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Integers and fixed times: stamp modulo step. Months and working days: time of day in µs.
    pub rest: i64,
    /// Months: day of the month, 31 for the last. Otherwise 0.
    pub day: i8,
}

impl Freq {
    /// One day.
    pub const DAILY: Self = Self::Fixed { step: DAY };

    /// Reads a step as the Python libraries write it: `D`, `B`, `W`, `h`, `15min`, `MS`, `ME`, `QS`,
    /// `YS`, `1d`, `1mo`, `1q`, `1y`, or a whole number for integer steps.
    ///
    /// # Errors
    /// [`EngineError::Freq`] when the text is none of these.
    pub fn parse(text: &str) -> Result<Self, EngineError> {
        let wrong = || EngineError::Freq { given: text.to_owned() };
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let count = if number.is_empty() { 1 } else { number.parse().map_err(|_| wrong())? };
        let unit = unit.split('-').next().unwrap_or_default();
        let fixed = |micros: i64| micros.checked_mul(count).map(|step| Self::Fixed { step });
        let months = |each: i64| each.checked_mul(count).map(|step| Self::Months { step });
        let freq = match unit {
            "" if unit.len() + number.len() == text.len() => Some(Self::Integer { step: count }),
            "s" | "S" | "sec" => fixed(HOUR / 3600),
            "min" | "m" | "T" => fixed(HOUR / 60),
            "h" | "H" => fixed(HOUR),
            "d" | "D" => fixed(DAY),
            "B" | "b" if count == 1 => Some(Self::Business),
            "w" | "W" => fixed(WEEK),
            "mo" | "M" | "MS" | "ME" => months(1),
            "q" | "Q" | "QS" | "QE" => months(3),
            "y" | "Y" | "YS" | "YE" | "A" | "AS" => months(12),
            _ => None,
        };
        freq.filter(|_| count > 0 && !text.is_empty()).ok_or_else(wrong)
    }

    /// Returns the most common step of these series (each ascending or not), dates or integers.
    ///
    /// A panel whose every stamp is a single one is daily (or steps by 1).
    #[must_use]
    pub fn detect<'a>(times: bool, series: impl Iterator<Item = &'a [i64]>) -> Self {
        let mut gaps: BTreeMap<i64, usize> = BTreeMap::new();
        let mut months: BTreeMap<i64, usize> = BTreeMap::new();
        let mut days: BTreeMap<i8, usize> = BTreeMap::new();
        let (mut looked, mut weekend) = (0, false);
        for stamps in series {
            let mut stamps: Vec<i64> = stamps.iter().copied().filter(|s| *s != i64::MIN).collect();
            stamps.sort_unstable();
            for pair in stamps.windows(2).filter(|pair| pair[0] < pair[1]) {
                *gaps.entry(pair[1].saturating_sub(pair[0])).or_default() += 1;
                if times && let (Some(a), Some(b)) = (month(pair[0]), month(pair[1])) {
                    *months.entry(b - a).or_default() += 1;
                }
            }
            if times {
                weekend |= stamps.iter().any(|s| weekday(*s) > 4);
                let months = Self::Months { step: 1 };
                for (_, anchor) in stamps.iter().filter_map(|s| months.position(*s)) {
                    *days.entry(anchor.day).or_default() += 1;
                }
            }
            looked += stamps.len();
            if looked >= DETECT_STAMPS_MAX {
                break;
            }
        }
        let common = |counts: &BTreeMap<i64, usize>| {
            counts.iter().rev().max_by_key(|(_, count)| **count).map(|(gap, _)| *gap)
        };
        match (times, common(&gaps)) {
            (false, gap) => Self::Integer { step: gap.unwrap_or(1) },
            (true, None) => Self::DAILY,
            (true, Some(gap)) if gap >= 28 * DAY && (days.len() == 1 || gap % WEEK != 0) => {
                Self::Months { step: common(&months).unwrap_or(1).max(1) }
            }
            (true, Some(DAY)) if !weekend && looked >= BUSINESS_STAMPS_MIN => Self::Business,
            (true, Some(gap)) => Self::Fixed { step: gap },
        }
    }

    /// Returns the position of a stamp and its place inside the step, or `None` when the stamp lies
    /// outside the calendar or, for working days, on a weekend.
    #[must_use]
    pub fn position(self, stamp: i64) -> Option<(i64, Anchor)> {
        match self {
            Self::Integer { step } | Self::Fixed { step } => {
                Some((stamp.div_euclid(step), Anchor { rest: stamp.rem_euclid(step), day: 0 }))
            }
            Self::Business => {
                let (day, rest) = (stamp.div_euclid(DAY), stamp.rem_euclid(DAY));
                let since_monday = weekday(stamp);
                let at = (day + 3).div_euclid(7) * 5 + since_monday;
                (since_monday < 5).then_some((at, Anchor { rest, day: 0 }))
            }
            Self::Months { step } => {
                let date = date(stamp)?;
                let month = month(stamp)?;
                let day = if date.day() == date.days_in_month() { 31 } else { date.day() };
                Some((month.div_euclid(step), Anchor { rest: stamp.rem_euclid(DAY), day }))
            }
        }
    }

    /// Returns the stamp of a position, or `None` outside the calendar.
    ///
    /// For months of several steps, the month inside the step is `month_in_step` (0 for the first).
    #[must_use]
    pub fn stamp(self, position: i64, anchor: Anchor, month_in_step: i64) -> Option<i64> {
        match self {
            Self::Integer { step } | Self::Fixed { step } => {
                position.checked_mul(step)?.checked_add(anchor.rest)
            }
            Self::Business => {
                let day = position.div_euclid(5) * 7 + position.rem_euclid(5) - 3;
                day.checked_mul(DAY)?.checked_add(anchor.rest)
            }
            Self::Months { step } => {
                let months = position.checked_mul(step)?.checked_add(month_in_step)?;
                let year = i16::try_from(1970 + months.div_euclid(12)).ok()?;
                let first = Date::new(year, months.rem_euclid(12) as i8 + 1, 1).ok()?;
                let day = anchor.day.clamp(1, first.days_in_month());
                let date = first.checked_add((i64::from(day) - 1).days()).ok()?;
                let zoned = date.to_zoned(TimeZone::UTC).ok()?;
                Some(zoned.timestamp().as_microsecond() + anchor.rest)
            }
        }
    }

    /// Returns the month inside a step of several months that a stamp stands in, 0 otherwise.
    #[must_use]
    pub fn month_in_step(self, stamp: i64) -> i64 {
        match self {
            Self::Months { step } => month(stamp).map_or(0, |m| m.rem_euclid(step)),
            _ => 0,
        }
    }

    /// Returns the seasons a clock of this step has by nature, in steps: day and week, week, year.
    ///
    /// A season longer than 400 steps is left out: no series has enough of them.
    #[must_use]
    pub fn seasons(self) -> Vec<usize> {
        let (days, longest): (&[i64], i64) = match self {
            Self::Integer { .. } => return Vec::new(),
            Self::Business => return vec![5],
            Self::Months { step } => {
                return if step < 12 && 12 % step == 0 { vec![12 / step as usize] } else { vec![] };
            }
            Self::Fixed { step: WEEK } => return vec![52],
            Self::Fixed { .. } => (&[DAY, WEEK], 400),
        };
        let Self::Fixed { step } = self else { return Vec::new() };
        let whole = days.iter().filter(|d| *d % step == 0).map(|d| d / step);
        whole.filter(|s| (2..=longest).contains(s)).map(|s| s as usize).collect()
    }

    /// Returns how many steps a year has, when it has a fractional or long year worth a wave.
    #[must_use]
    pub fn year(self) -> Option<f64> {
        match self {
            Self::Fixed { step } if step <= WEEK => Some(365.25 * DAY as f64 / step as f64),
            Self::Business => Some(260.9),
            _ => None,
        }
    }
}

impl fmt::Display for Freq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match *self {
            Self::Integer { step } => (step, ""),
            Self::Business => (1, "B"),
            Self::Months { step } if step % 12 == 0 => (step / 12, "y"),
            Self::Months { step } if step % 3 == 0 => (step / 3, "q"),
            Self::Months { step } => (step, "mo"),
            Self::Fixed { step } if step % WEEK == 0 => (step / WEEK, "w"),
            Self::Fixed { step } if step % DAY == 0 => (step / DAY, "d"),
            Self::Fixed { step } if step % HOUR == 0 => (step / HOUR, "h"),
            Self::Fixed { step } if step % (HOUR / 60) == 0 => (step / (HOUR / 60), "min"),
            Self::Fixed { step } => (step / (HOUR / 3600), "s"),
        };
        write!(f, "{count}{unit}")
    }
}

/// Days since Monday, 0 to 6; 1970-01-01 was a Thursday.
fn weekday(stamp: i64) -> i64 {
    (stamp.div_euclid(DAY) + 3).rem_euclid(7)
}

fn date(stamp: i64) -> Option<Date> {
    Timestamp::from_microsecond(stamp).ok().map(|t| t.to_zoned(TimeZone::UTC).date())
}

/// Months since 1970-01.
fn month(stamp: i64) -> Option<i64> {
    let date = date(stamp)?;
    Some((i64::from(date.year()) - 1970) * 12 + i64::from(date.month()) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamps(dates: &[&str]) -> Vec<i64> {
        let at = |d: &&str| d.parse::<Date>().unwrap().to_zoned(TimeZone::UTC).unwrap();
        dates.iter().map(|d| at(d).timestamp().as_microsecond()).collect()
    }

    #[test]
    fn month_ends_are_found_and_continued_to_the_last_day() {
        let ends = stamps(&["2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29"]);
        let freq = Freq::detect(true, [ends.as_slice()].into_iter());
        assert_eq!(freq, Freq::Months { step: 1 });
        let (at, anchor) = freq.position(ends[3]).unwrap();
        assert_eq!(freq.stamp(at + 1, anchor, 0), Some(stamps(&["2024-03-31"])[0]));
        assert_eq!(freq.stamp(at, anchor, 0), Some(ends[3]));
    }

    #[test]
    fn quarters_weeks_working_days_and_hours_are_told_apart() {
        let detect = |d: &[&str]| Freq::detect(true, [stamps(d).as_slice()].into_iter());
        assert_eq!(detect(&["2023-02-01", "2023-05-01", "2023-08-01"]), Freq::Months { step: 3 });
        assert_eq!(detect(&["2023-01-01", "2023-01-08"]), Freq::Fixed { step: WEEK });
        assert_eq!(detect(&["2023-01-01", "2024-01-01", "2025-01-01"]).to_string(), "1y");
        let week: Vec<i64> = (0..40).filter(|d| (d + 3) % 7 < 5).map(|d: i64| d * DAY).collect();
        let freq = Freq::detect(true, [week.as_slice()].into_iter());
        assert_eq!(freq, Freq::Business);
        for pair in week.windows(2) {
            let (at, anchor) = freq.position(pair[0]).unwrap();
            assert_eq!(freq.stamp(at + 1, anchor, 0), Some(pair[1]));
        }
        assert_eq!(Freq::Fixed { step: HOUR }.seasons(), [24, 168]);
        assert_eq!(Freq::DAILY.seasons(), [7]);
    }

    #[test]
    fn steps_are_read_as_the_python_libraries_write_them() {
        for (text, shown) in [
            ("D", "1d"),
            ("15min", "15min"),
            ("W-SUN", "1w"),
            ("MS", "1mo"),
            ("QE", "1q"),
            ("7", "7"),
        ] {
            assert_eq!(Freq::parse(text).unwrap().to_string(), shown);
        }
        for text in ["", "0d", "x", "-1d", "99999999999999999w"] {
            assert!(Freq::parse(text).is_err(), "{text}");
        }
    }
}
