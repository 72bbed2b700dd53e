//! What an answer's headers say about how long it lives and how to ask for it again.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{
    AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, HeaderMap, LAST_MODIFIED, RETRY_AFTER,
};
use serde::{Deserialize, Serialize};

/// The longest life we believe an answer's headers: a year's `Expires` set by mistake must not
/// silence a feed that runs every morning.
const LIFE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// What to send back to ask "has it changed?", and until when not to ask at all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Validators {
    /// The `ETag` as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The `Last-Modified` as it came: it must be sent back unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Until when the answer is current without asking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

impl Validators {
    /// Returns what the headers of an answer that came at `now` say.
    ///
    /// `max-age` goes before `Expires` (RFC 9111, 5.3). `Expires` is taken relative to the
    /// provider's own `Date`, so that a clock that is off by minutes does no harm.
    #[must_use]
    pub fn read(headers: &HeaderMap, now: Timestamp) -> Self {
        let text = |name| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let life = max_age(headers).or_else(|| {
            let expires = http_date(&text(EXPIRES)?)?;
            let date = text(DATE).and_then(|d| http_date(&d)).unwrap_or(now);
            Some(expires.duration_since(date))
        });
        let expires = life
            .filter(SignedDuration::is_positive)
            .map(|life| now.saturating_add(life.min(LIFE_MAX)).unwrap_or(now));
        Self { etag: text(ETAG), last_modified: text(LAST_MODIFIED), expires }
    }

    /// Returns these validators renewed by those of a "not modified" answer.
    #[must_use]
    pub fn renewed(&self, newer: Self) -> Self {
        Self {
            etag: newer.etag.or_else(|| self.etag.clone()),
            last_modified: newer.last_modified.or_else(|| self.last_modified.clone()),
            expires: newer.expires,
        }
    }
}

/// Returns how long the provider asks to be left alone: seconds or a date (RFC 9110, 10.2.3).
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(secs) = text.parse::<u64>() {
        return Some(Duration::from_secs(secs));
    }
    let wait = http_date(text)?.duration_since(now);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}

/// Returns the `max-age` left after `Age`; nothing, when caching is forbidden or not spoken of.
fn max_age(headers: &HeaderMap) -> Option<SignedDuration> {
    let control = headers.get(CACHE_CONTROL)?.to_str().ok()?.to_ascii_lowercase();
    let mut directives = control.split(',').map(str::trim);
    if directives.clone().any(|d| d == "no-cache" || d == "no-store") {
        return Some(SignedDuration::ZERO);
    }
    let secs = directives.find_map(|d| d.strip_prefix("max-age=")?.parse::<u32>().ok())?;
    let age = headers.get(AGE).and_then(|v| v.to_str().ok()?.parse::<u32>().ok()).unwrap_or(0);
    Some(SignedDuration::from_secs(i64::from(secs) - i64::from(age)))
}

/// Returns the instant of a date as HTTP writes it (`Fri, 21 Nov 2026 07:28:00 GMT`).
fn http_date(text: &str) -> Option<Timestamp> {
    // Providers get weekdays wrong; the date itself counts.
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.clone(), HeaderValue::from_static(v))).collect()
    }

    fn now() -> Timestamp {
        "2026-11-21T07:00:00Z".parse().unwrap()
    }

    #[test]
    fn expires_counts_from_the_providers_own_clock() {
        let read = Validators::read(
            &headers(&[
                (DATE, "Sat, 21 Nov 2026 06:00:00 GMT"),
                (EXPIRES, "Sat, 21 Nov 2026 06:30:00 GMT"),
                (LAST_MODIFIED, "Sat, 21 Nov 2026 05:59:59 GMT"),
            ]),
            now(),
        );
        assert_eq!(read.expires.unwrap().to_string(), "2026-11-21T07:30:00Z");
        assert_eq!(read.last_modified.as_deref(), Some("Sat, 21 Nov 2026 05:59:59 GMT"));
    }

    #[test]
    fn absurd_or_past_lives_are_not_believed() {
        let read = |pairs: &[_]| Validators::read(&headers(pairs), now()).expires;
        assert_eq!(read(&[(EXPIRES, "0")]), None);
        assert_eq!(read(&[(EXPIRES, "Thu, 01 Jan 1970 00:00:00 GMT")]), None);
        let far = read(&[(CACHE_CONTROL, "public, max-age=31536000")]).unwrap();
        assert_eq!(far.to_string(), "2026-11-22T07:00:00Z");
        let none =
            [(CACHE_CONTROL, "no-cache, max-age=600"), (EXPIRES, "Sat, 21 Nov 2099 06:30:00 GMT")];
        assert_eq!(read(&none), None);
        assert_eq!(read(&[(CACHE_CONTROL, "max-age=60"), (AGE, "60")]), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let read = |v| retry_after(&headers(&[(RETRY_AFTER, v)]), now());
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read("Sat, 21 Nov 2026 07:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(read("Sat, 21 Nov 2026 06:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
    }
}
