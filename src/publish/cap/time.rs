//! Times as CAP writes them: `2026-11-22T07:00:00+07:00`, whole seconds, never `Z`.

use std::fmt;
use std::str::FromStr;

use jiff::tz::{Offset, offset};
use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

use super::CapError;

/// Viet Nam all year (`Asia/Ho_Chi_Minh`).
const LOCAL: Offset = offset(7);

/// The widest offset that `xs:dateTime` allows, seconds.
const OFFSET_MAX_SECS: i32 = 14 * 3600;

/// An instant with the offset it is written in (CAP, section 3.3.2).
///
/// Two are equal only when they are written alike; compare their [`timestamp`](Self::timestamp)s
/// to ask which was first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DateTime {
    at: Timestamp,
    offset: Offset,
}

impl DateTime {
    /// Returns an instant in Vietnamese time, +07:00; a fraction of a second is cut off.
    ///
    /// # Errors
    /// [`CapError::Time`] before the year 1.
    pub fn local(at: Timestamp) -> Result<Self, CapError> {
        Self::new(at, LOCAL)
    }

    /// Returns an instant in another offset; a fraction of a second is cut off, since a reference
    /// must repeat exactly what was written.
    ///
    /// # Errors
    /// [`CapError::Time`] before the year 1, and for an offset with seconds or beyond
    /// 14 hours.
    pub fn new(at: Timestamp, offset: Offset) -> Result<Self, CapError> {
        let second = at.as_nanosecond().div_euclid(1_000_000_000);
        let whole = i64::try_from(second).ok().and_then(|s| Timestamp::from_second(s).ok());
        let refused = || CapError::Time { given: format!("{at} at {offset}") };
        let at = whole.ok_or_else(refused)?;
        let writable = (1..=9999).contains(&offset.to_datetime(at).year())
            && offset.seconds() % 60 == 0
            && offset.seconds().abs() <= OFFSET_MAX_SECS;
        if writable { Ok(Self { at, offset }) } else { Err(refused()) }
    }

    /// Returns the instant.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        self.at
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.offset.seconds() / 60;
        // "The timezone for UTC MUST be represented as -00:00".
        let sign = if minutes > 0 { '+' } else { '-' };
        let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
        let local = self.offset.to_datetime(self.at).strftime("%Y-%m-%dT%H:%M:%S");
        write!(f, "{local}{sign}{hours:02}:{minutes:02}")
    }
}

impl FromStr for DateTime {
    type Err = CapError;

    fn from_str(text: &str) -> Result<Self, CapError> {
        let refused = || CapError::Time { given: text.to_owned() };
        let shape = text.len() == 25
            && text.bytes().zip(b"0000-00-00T00:00:00+00:00").all(|(byte, like)| match like {
                b'0' => byte.is_ascii_digit(),
                b'+' => matches!(byte, b'+' | b'-'),
                _ => byte == *like,
            });
        if !shape {
            return Err(refused());
        }
        let local: civil::DateTime = text[..19].parse().map_err(|_| refused())?;
        let number = |digits: &str| digits.parse::<i32>().map_err(|_| refused());
        let (hours, minutes) = (number(&text[20..22])?, number(&text[23..25])?);
        let sign = if text.as_bytes()[19] == b'-' { -1 } else { 1 };
        let offset = Offset::from_seconds(sign * (hours * 3600 + minutes * 60));
        let offset = offset.ok().filter(|_| minutes < 60).ok_or_else(refused)?;
        let at = offset.to_timestamp(local).map_err(|_| refused())?;
        Self::new(at, offset).map_err(|_| refused())
    }
}

impl TryFrom<String> for DateTime {
    type Error = CapError;

    fn try_from(text: String) -> Result<Self, CapError> {
        text.parse()
    }
}

impl From<DateTime> for String {
    fn from(at: DateTime) -> Self {
        at.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn local_times_have_their_offset_and_no_fraction() {
        let written = |text| DateTime::local(at(text)).unwrap().to_string();
        assert_eq!(written("2026-11-22T00:00:00.9Z"), "2026-11-22T07:00:00+07:00");
        assert_eq!(written("1969-12-31T23:59:59.5Z"), "1970-01-01T06:59:59+07:00");
        assert_eq!(written("0099-01-01T00:00:00Z"), "0099-01-01T07:00:00+07:00");
    }

    #[test]
    fn utc_is_minus_zero() {
        let utc = DateTime::new(at("2026-11-22T00:00:00Z"), Offset::UTC).unwrap();
        assert_eq!(utc.to_string(), "2026-11-22T00:00:00-00:00");
        assert_eq!(utc.to_string().parse::<DateTime>().unwrap(), utc);
        let west = Offset::from_seconds(-12_600).unwrap();
        let west = DateTime::new(utc.timestamp(), west).unwrap();
        assert_eq!(west.to_string(), "2026-11-21T20:30:00-03:30");
        assert_eq!(west.to_string().parse::<DateTime>().unwrap(), west);
    }

    #[test]
    fn what_cap_does_not_allow_is_refused() {
        for text in [
            "2026-11-22T00:00:00Z",
            "2026-11-22T00:00:00.5+07:00",
            "2026-11-22T00:00:00+0700",
            "2026-11-22 00:00:00+07:00",
            "2026-02-30T00:00:00+07:00",
            "2026-11-22T24:00:00+07:00",
            "2026-11-22T00:00:00+14:30",
            "2026-11-22T00:00:00+07:60",
            "0000-11-22T00:00:00+07:00",
            "2026-11-22T00:00:00,07:00",
            "２026-11-22T00:00:00+07:00",
            "",
        ] {
            let error = text.parse::<DateTime>().unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
        assert!(DateTime::local(Timestamp::MIN).is_err());
        let odd = Offset::from_seconds(25_201).unwrap();
        assert!(DateTime::new(at("2026-11-22T00:00:00Z"), odd).is_err());
    }
}
