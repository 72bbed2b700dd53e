//! Every live feed, one line each, and the fetch of one morning. Adding a feed is adding its line.

use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::error::{Outcome, SourceError};
use super::fetched::{Feed, Fetched, Morning};
use super::http::retry::Jitter;
use super::http::{Client, Tally};
use super::parsed::Parsed;
use super::promise::Promise;
use super::{met_norway, mrc, nasa_power, noaa_oni, wfp, world_bank};
use crate::sources::open_meteo::{ensemble, flood, forecast, reanalysis};

/// All live feeds, in the order of their names.
#[rustfmt::skip]
pub const FEEDS: &[Feed] = &[
    Feed { name: noaa_oni::FEED, promise: &noaa_oni::PROMISE, fetch: noaa_oni::fetch },
    Feed { name: mrc::FEED, promise: &mrc::PROMISE, fetch: mrc::fetch },
    Feed { name: flood::FEED, promise: &flood::PROMISE, fetch: flood::fetch },
    Feed { name: wfp::FEED, promise: &wfp::PROMISE, fetch: wfp::fetch },
    Feed { name: world_bank::FEED, promise: &world_bank::PROMISE, fetch: world_bank::fetch },
    Feed { name: met_norway::FEED, promise: &met_norway::PROMISE, fetch: met_norway::fetch },
    Feed { name: nasa_power::FEED, promise: &nasa_power::PROMISE, fetch: nasa_power::fetch },
    Feed { name: reanalysis::FEED, promise: &reanalysis::PROMISE, fetch: reanalysis::fetch },
    Feed { name: ensemble::FEED, promise: &ensemble::PROMISE, fetch: ensemble::fetch },
    Feed { name: forecast::FEED, promise: &forecast::PROMISE, fetch: forecast::fetch },
];

/// What became of one feed this morning.
#[derive(Debug)]
pub struct SourceReport {
    /// The feed's name.
    pub feed: &'static str,
    /// Its promise.
    pub promise: &'static Promise,
    /// Whether it was switched on; if not, nothing was asked.
    pub enabled: bool,
    /// The rows and issues it brought.
    pub parsed: Parsed,
    /// What kept rows away.
    pub errors: Vec<SourceError>,
    /// How often each outcome of an attempt occurred.
    pub outcomes: Tally,
    /// The newest instant its rows speak of.
    pub newest: Option<Timestamp>,
    /// How it stands to its promise.
    pub health: Health,
}

/// How a feed stands to its promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Rows came and are new enough.
    Kept,
    /// Some answers or fields are missing, what came is new enough.
    Partial,
    /// Rows came, the newest of them are older than promised.
    Late,
    /// No row came.
    Silent,
    /// Switched off.
    Off,
}

impl Health {
    /// Returns the name used in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Partial => "partial",
            Self::Late => "late",
            Self::Silent => "silent",
            Self::Off => "off",
        }
    }
}

/// Fetches every feed that is switched on, side by side; never fails as a whole.
pub async fn fetch_all(client: &Client, morning: &Morning) -> Vec<SourceReport> {
    join_all(FEEDS.iter().map(|feed| fetch_one(feed, client, morning))).await
}

/// Fetches one feed; whatever goes wrong, a panic included, is in the report.
pub async fn fetch_one(feed: &Feed, client: &Client, morning: &Morning) -> SourceReport {
    if !morning.settings.is_on(feed.name, feed.promise.on_by_default) {
        return report(feed, false, Fetched::default(), Tally::new(), morning.now);
    }
    let jitter = Jitter::new(morning.settings.seed ^ seed_of(morning), feed.name);
    let start = Duration::from_millis(morning.settings.start_jitter_ms);
    tokio::time::sleep(jitter.below(0, start)).await;
    let before = client.tally(feed.name);
    let work = std::panic::AssertUnwindSafe((feed.fetch)(client, morning));
    let fetched = work.catch_unwind().await.unwrap_or_else(|_| {
        let reason = "it panicked; the message is in the log".to_owned();
        Fetched::failed(SourceError::Parser { feed: feed.name, reason })
    });
    let outcomes = since(&before, client.tally(feed.name));
    let report = report(feed, true, fetched, outcomes, morning.now);
    tracing::info!(
        feed = report.feed,
        health = report.health.as_str(),
        rows = report.parsed.good(),
        issues = report.parsed.issues.len(),
        errors = report.errors.len(),
        "feed fetched"
    );
    report
}

/// Returns a seed that differs from morning to morning, so that no provider always goes first.
fn seed_of(morning: &Morning) -> u64 {
    morning.now.as_second().unsigned_abs()
}

/// Returns what was counted after `before`.
fn since(before: &Tally, after: Tally) -> Tally {
    let grown = |(outcome, count): (Outcome, u64)| {
        let count = count - before.get(&outcome).copied().unwrap_or(0);
        (count > 0).then_some((outcome, count))
    };
    after.into_iter().filter_map(grown).collect()
}

fn report(
    feed: &Feed,
    enabled: bool,
    fetched: Fetched,
    outcomes: Tally,
    now: Timestamp,
) -> SourceReport {
    let newest = newest(&fetched.parsed);
    let health = if enabled { health(feed.promise, &fetched, newest, now) } else { Health::Off };
    SourceReport {
        feed: feed.name,
        promise: feed.promise,
        enabled,
        parsed: fetched.parsed,
        errors: fetched.errors,
        outcomes,
        newest,
        health,
    }
}

/// Returns the newest instant that rows speak of.
fn newest(parsed: &Parsed) -> Option<Timestamp> {
    let observed = parsed.observations.iter().map(|o| o.valid_time);
    observed.chain(parsed.guidance.iter().map(|g| g.valid_time)).max()
}

/// Returns how what came stands to a promise.
fn health(
    promise: &Promise,
    fetched: &Fetched,
    newest: Option<Timestamp>,
    now: Timestamp,
) -> Health {
    let Some(newest) = newest else { return Health::Silent };
    let allowed = SignedDuration::try_from(promise.newest_age_max).unwrap_or(SignedDuration::MAX);
    let lost = |reason: &str| {
        matches!(reason, "field_missing" | "unit_unknown" | "unit_missing" | "all_missing")
    };
    if now.duration_since(newest) > allowed {
        Health::Late
    } else if !fetched.errors.is_empty() || fetched.parsed.issues.iter().any(|i| lost(&i.reason)) {
        Health::Partial
    } else {
        Health::Kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_have_names_of_their_own_under_their_promises() {
        let names: Vec<_> = FEEDS.iter().map(|f| f.name).collect();
        assert!(names.is_sorted(), "feeds are not in the order of their names: {names:?}");
        for feed in FEEDS {
            let provider = feed.promise.id.split('.').nth(1).unwrap();
            assert!(feed.name.contains(provider), "{} is not of {provider}", feed.name);
            assert!(!feed.promise.attribution.is_empty() && !feed.promise.licence.is_empty());
            assert!(feed.promise.body_bytes_max > 0 && feed.promise.requests_per_minute_max > 0);
        }
    }
}
