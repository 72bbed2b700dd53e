//! What a source promises, written once at the top of its file and watched by `muavu doctor`.

use std::time::Duration;

/// Who provides a source, under which terms, how often, how late, and how much at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// `<kind>.<provider>`, the `source` column of its rows.
    pub id: &'static str,
    /// Who provides it.
    pub provider: &'static str,
    /// The terms under which we may use and show it.
    pub licence: &'static str,
    /// The line to show beside displayed data.
    pub attribution: &'static str,
    /// How often the provider changes it, in words.
    pub cadence: &'static str,
    /// How old the newest value may be before the promise is broken.
    pub newest_age_max: Duration,
    /// How long to wait between two requests for the same thing.
    pub interval_min: Duration,
    /// The most bytes an answer may have.
    pub body_bytes_max: u64,
    /// The most requests under way at once to its host.
    pub concurrency_max: usize,
    /// The most requests a minute to its host.
    pub requests_per_minute_max: u32,
    /// Whether it is used without being asked for.
    pub on_by_default: bool,
}
