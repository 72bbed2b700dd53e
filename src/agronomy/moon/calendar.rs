//! The Vietnamese lunar calendar: true new moons and solar terms at UTC+7.
//!
//! Rules (Hồ Ngọc Đức, "Thuật toán tính âm lịch", after the calendar in force since 1968):
//! a month begins on the local day of the new moon; the month with the winter solstice is the 11th;
//! when 13 months lie between two 11th months, the first of them without a principal solar term
//! (a longitude of the sun divisible by 30°) is leap and repeats the number of the month before.
//! The result equals that algorithm on every day from 1968 to 2099 but for one month each in 2072
//! (where the more exact new moon of PyEphem agrees with this one) and 2085 (a new moon at 23:59).
//! Before 1968 calendars in use in Việt Nam were reckoned otherwise (UTC+8); dates given here for
//! those years are the same rules carried back.

use std::fmt;

use jiff::civil::Date;

use super::ephemeris::{new_moon_unix, sun_longitude_deg};
use super::lunation_at;
use crate::agronomy::error::checked;
use crate::agronomy::{
    AgronomyError, DAY_SECONDS, VIETNAM_OFFSET_SECONDS, date_from_epoch_day, days_from_epoch,
    local_midnight, lossy_f64,
};

/// Years for which new moons and ΔT are good enough for the calendar.
const YEARS: std::ops::RangeInclusive<f64> = 1900.0..=2100.0;
/// Months of a year without leap month.
const MONTHS_OF_A_YEAR: i64 = 12;

/// A date of the Vietnamese lunar calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LunarDate {
    /// Lunar year, numbered by the civil year in which it begins.
    pub year: i16,
    /// Month, 1 (giêng) to 12 (chạp).
    pub month: u8,
    /// Whether this is the leap month (nhuận) that follows the month of the same number.
    pub leap: bool,
    /// Day of the month, 1 to 30.
    pub day: u8,
}

impl fmt::Display for LunarDate {
    /// Writes `day/month/year`, with `n` (nhuận) after a leap month.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leap = if self.leap { "n" } else { "" };
        write!(f, "{}/{}{leap}/{}", self.day, self.month, self.year)
    }
}

/// The months from one 11th month to the next.
struct Sui {
    /// Civil year of the winter solstice in the first month.
    year: i16,
    /// New moon that begins the first month.
    first: i64,
    /// Number of months, 12 or 13.
    months: i64,
    /// Place of the leap month in that count, from 1.
    leap: Option<i64>,
}

impl Sui {
    /// Returns the months that begin with the 11th lunar month of civil year `year`.
    fn beginning_in(year: i16) -> Self {
        let first = eleventh_month(year);
        let months = eleventh_month(year + 1) - first;
        let leap = (months > MONTHS_OF_A_YEAR)
            .then(|| (1..months).find(|i| !has_principal_term(first + i)))
            .flatten();
        Self { year, first, months, leap }
    }

    /// Returns lunar year, month and leap of the month `place` in this count.
    fn name(&self, place: i64) -> (i16, u8, bool) {
        let regular = place - i64::from(self.leap.is_some_and(|leap| place >= leap));
        let month = u8::try_from((regular + 10) % MONTHS_OF_A_YEAR + 1).unwrap_or(u8::MAX);
        let year = if regular < 2 { self.year } else { self.year + 1 };
        (year, month, self.leap == Some(place))
    }
}

/// Returns the lunar date of a civil date in Việt Nam.
///
/// # Errors
/// [`AgronomyError::OutOfRange`] outside the years 1900 to 2100.
pub fn lunar_date(date: Date) -> Result<LunarDate, AgronomyError> {
    check_year(date.year())?;
    let day = days_from_epoch(date);
    let k = lunation_at(local_midnight(date) + DAY_SECONDS - 1);
    let this_year = Sui::beginning_in(date.year());
    let sui = if k >= this_year.first { this_year } else { Sui::beginning_in(date.year() - 1) };
    let (year, month, leap) = sui.name(k - sui.first);
    let day = u8::try_from(day - new_moon_day(k) + 1).unwrap_or(u8::MAX);
    Ok(LunarDate { year, month, leap, day })
}

/// Returns the civil date of a lunar date.
///
/// # Errors
/// [`AgronomyError::NoSuchLunarDate`] when the year has no such leap month or the month no such
/// day; [`AgronomyError::OutOfRange`] outside the years 1900 to 2100.
pub fn civil_date(lunar: LunarDate) -> Result<Date, AgronomyError> {
    check_year(lunar.year)?;
    let missing = || AgronomyError::NoSuchLunarDate { given: lunar.to_string() };
    if !(1..=12).contains(&lunar.month) || !(1..=30).contains(&lunar.day) {
        return Err(missing());
    }
    let sui = Sui::beginning_in(if lunar.month >= 11 { lunar.year } else { lunar.year - 1 });
    let wanted = (lunar.year, lunar.month, lunar.leap);
    let place = (0..sui.months).find(|&i| sui.name(i) == wanted).ok_or_else(missing)?;
    let first = new_moon_day(sui.first + place);
    let day = first + i64::from(lunar.day) - 1;
    if day >= new_moon_day(sui.first + place + 1) {
        return Err(missing());
    }
    date_from_epoch_day(day)
}

/// Returns the civil date of Tết, the first day of a lunar year.
///
/// # Errors
/// [`AgronomyError::OutOfRange`] outside the years 1900 to 2100.
pub fn tet(year: i16) -> Result<Date, AgronomyError> {
    civil_date(LunarDate { year, month: 1, leap: false, day: 1 })
}

/// Returns the number of the leap month of a lunar year, if it has one.
///
/// # Errors
/// [`AgronomyError::OutOfRange`] outside the years 1900 to 2100.
pub fn leap_month(year: i16) -> Result<Option<u8>, AgronomyError> {
    check_year(year)?;
    let leap_of = |sui: Sui| {
        sui.leap.map(|place| sui.name(place)).filter(|name| name.0 == year).map(|name| name.1)
    };
    Ok(leap_of(Sui::beginning_in(year - 1)).or_else(|| leap_of(Sui::beginning_in(year))))
}

fn check_year(year: i16) -> Result<f64, AgronomyError> {
    checked("year of the lunar calendar", f64::from(year), YEARS, "1900 to 2100")
}

/// Returns the local day (days from 1970-01-01) of new moon number `k`.
fn new_moon_day(k: i64) -> i64 {
    let local = new_moon_unix(k) + lossy_f64(VIETNAM_OFFSET_SECONDS);
    #[expect(clippy::cast_possible_truncation, reason = "days of any year fit 64 bits")]
    let day = (local / lossy_f64(DAY_SECONDS)).floor() as i64;
    day
}

/// Returns the new moon that begins the month with the winter solstice of a civil year.
fn eleventh_month(year: i16) -> i64 {
    // The sun passes 270° between 20 and 24 December in all years from 1600 to 2400.
    let eve = local_midnight(Date::constant(year, 12, 20));
    let solstice_day = (0..5)
        .map(|day| eve + day * DAY_SECONDS)
        .find(|midnight| sun_longitude_deg(midnight + DAY_SECONDS) >= 270.0)
        .unwrap_or(eve + 4 * DAY_SECONDS);
    lunation_at(solstice_day + DAY_SECONDS - 1)
}

/// Returns whether the sun passes a multiple of 30° in the month that new moon `k` begins.
fn has_principal_term(k: i64) -> bool {
    let sector =
        |day: i64| (sun_longitude_deg(day * DAY_SECONDS - VIETNAM_OFFSET_SECONDS) / 30.0).floor();
    (sector(new_moon_day(k)) - sector(new_moon_day(k + 1))).abs() > 0.5
}

#[cfg(test)]
mod tests;
