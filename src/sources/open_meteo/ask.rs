//! How to ask Open-Meteo: addresses, what a request weighs, and how it complains.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;

use crate::sources::error::{Outcome, SourceError};
use crate::sources::http::{Complaint, Expect, Request};
use crate::sources::json;
use crate::sources::promise::Promise;
use crate::sources::settings::Settings;
use crate::sources::site::Site;

/// The most places in one request (free hosts: 1,000).
pub const PLACES_MAX: usize = 1000;

/// The zone asked for: days are local days.
pub const ZONE: &str = "Asia/Ho_Chi_Minh";

/// The setting that holds a customer's key.
const KEY: &str = "open_meteo";

/// What to ask for beside the places.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The feed's name.
    pub feed: &'static str,
    /// The feed's promise.
    pub promise: &'static Promise,
    /// The free host's address.
    pub address: &'static str,
    /// The parameters beside position, in order.
    pub parameters: &'a [(&'a str, &'a str)],
    /// How many numbers a place and time step gets: variables times models times members.
    pub numbers: u32,
    /// How many days are asked for.
    pub days: u32,
}

/// Returns the request for these places.
///
/// # Errors
/// [`SourceError::Address`] when the configured address is not one.
pub fn request(
    question: &Question<'_>,
    sites: &[Site],
    settings: &Settings,
) -> Result<Request, SourceError> {
    let key = settings.keys.get(KEY);
    let own = match key {
        Some(_) => question.address.replacen("https://", "https://customer-", 1),
        None => question.address.to_owned(),
    };
    let mut url = settings.base(question.feed, &own)?;
    url.query_pairs_mut()
        .append_pair("latitude", &list(sites.iter().map(|s| s.lat)))
        .append_pair("longitude", &list(sites.iter().map(|s| s.lon)))
        .extend_pairs(question.parameters);
    let mut request = Request::new(question.feed, question.promise, url, Expect::Json);
    request.weight = weight(sites.len(), question.numbers, question.days);
    request.complaint = Some(complaint);
    request.secret = key.map(|key| ("x-api-key", key.clone()));
    Ok(request)
}

/// Returns positions as a comma list; four decimals are 11 m.
fn list(degrees: impl Iterator<Item = f64>) -> String {
    let mut text = String::new();
    for value in degrees {
        // Writing to a String cannot fail.
        let _ = write!(text, "{}{value:.4}", if text.is_empty() { "" } else { "," });
    }
    text
}

/// Returns how many calls a request counts as: for each place the largest of 1, numbers / 10 and
/// numbers / 10 × days / 14 (server code, read 2026-08).
#[must_use]
pub fn weight(places: usize, numbers: u32, days: u32) -> u32 {
    let tenths_of_140 = u64::from(numbers) * 14;
    let with_days = u64::from(numbers) * u64::from(days);
    let per_place_140 = tenths_of_140.max(with_days).max(140);
    let total = (per_place_140 * places as u64).div_ceil(140);
    u32::try_from(total).unwrap_or(u32::MAX)
}

/// Returns Open-Meteo's complaint, if the body is one: `{"error":true,"reason":"…"}`.
///
/// Some users report limits under status 400 or 200, so the body is looked at whatever the status.
/// Limits are counted by the clock's minute, hour and UTC day and come without `Retry-After`.
#[must_use]
pub fn complaint(body: &[u8], now: Timestamp) -> Option<Complaint> {
    // A complaint is short; parsing megabytes of data twice would be a waste.
    if body.len() > 4096 {
        return None;
    }
    let document = json::read(body).ok()?.value;
    if document.get("error")?.as_bool() != Some(true) {
        return None;
    }
    let reason = document.get("reason").and_then(|r| r.as_str()).unwrap_or("no reason given");
    let limited = |period_secs: i64| {
        let left = period_secs - now.as_second().rem_euclid(period_secs);
        // One second more: our clock and theirs differ a little.
        (Outcome::RateLimited, Some(Duration::from_secs(left.unsigned_abs() + 1)))
    };
    let says = |word: &str| reason.to_ascii_lowercase().contains(word);
    let (outcome, wait) = if says("minutely") {
        limited(60)
    } else if says("hourly api") {
        limited(3600)
    } else if says("daily api") {
        limited(86_400)
    } else if says("too many concurrent") {
        (Outcome::RateLimited, None)
    } else if says("overloaded") {
        (Outcome::Status5xx, None)
    } else {
        (Outcome::Status4xx, None)
    };
    Some(Complaint { outcome, detail: reason.chars().take(300).collect(), wait })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_follow_the_services_formula() {
        assert_eq!(weight(124, 1, 1), 124);
        assert_eq!(weight(1, 20, 7), 2);
        assert_eq!(weight(10, 20, 14), 20);
        assert_eq!(weight(10, 20, 28), 40);
        assert_eq!(weight(3, 15, 16), 6);
    }

    #[test]
    fn limits_wait_for_the_clock_and_other_complaints_do_not() {
        let now: Timestamp = "2026-11-21T06:59:20Z".parse().unwrap();
        let find = |reason: &str| {
            let body = format!("{{\"reason\":\"{reason}\",\"error\":true}}");
            let found = complaint(body.as_bytes(), now).unwrap();
            (found.outcome, found.wait.map(|w| w.as_secs()))
        };
        let limited = Outcome::RateLimited;
        let minute = find("Minutely API request limit exceeded. Please try again in one minute.");
        assert_eq!(minute, (limited, Some(41)));
        assert_eq!(find("Hourly API request limit exceeded."), (limited, Some(41)));
        assert_eq!(find("Daily API request limit exceeded."), (limited, Some(61_241)));
        assert_eq!(find("Too many concurrent requests"), (limited, None));
        let range = find("Parameter 'start_date' is out of allowed range from A to B");
        assert_eq!(range, (Outcome::Status4xx, None));
        assert_eq!(complaint(b"{\"latitude\":10.25}", now), None);
        assert_eq!(complaint(b"[{\"error\":true}]", now), None);
    }
}
