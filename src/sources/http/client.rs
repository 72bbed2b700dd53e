//! The client itself: turn, condition, attempts, raw archive, counts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::archive::{Held, RawArchive};
use super::attempt::{self, Ended};
use super::caching::Validators;
use super::clock::Clock;
use super::gate::Gates;
use super::request::{Answer, Complaint, Request};
use super::retry::{Jitter, RetryTable};
use super::{Outcome, SourceError};
use crate::sources::settings::Settings;

/// How often each outcome occurred, by feed.
pub type Tally = BTreeMap<Outcome, u64>;

/// The polite client; cheap to share by reference.
pub struct Client {
    http: reqwest::Client,
    settings: Settings,
    clock: Arc<dyn Clock>,
    archive: Arc<dyn RawArchive>,
    gates: Gates,
    tallies: Mutex<BTreeMap<&'static str, Tally>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Client {
    /// Returns a client that keeps raw answers in `archive` and asks `clock` for the time.
    ///
    /// # Errors
    /// [`SourceError::Client`] when the TLS library cannot be set up.
    pub fn new(
        settings: Settings,
        archive: Arc<dyn RawArchive>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SourceError> {
        let http = transport(&settings)?;
        Ok(Self {
            http,
            settings,
            clock,
            archive,
            gates: Gates::default(),
            tallies: Mutex::default(),
        })
    }

    /// Returns the settings it was made with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the present instant by the client's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns how often each outcome occurred for a feed since the client was made.
    #[must_use]
    pub fn tally(&self, feed: &str) -> Tally {
        let tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        tallies.get(feed).cloned().unwrap_or_default()
    }

    /// Returns the answer to a request, new or still current.
    ///
    /// A current answer is given back with the bytes and the time of its first coming, so that a
    /// run that was killed after fetching reads exactly the same again.
    ///
    /// # Errors
    /// [`SourceError::Fetch`] when no attempt gave a usable answer, [`SourceError::Archive`] when
    /// the answer cannot be kept.
    pub async fn get(&self, request: &Request) -> Result<Answer, SourceError> {
        let held = self.recall(request).await;
        if let Some((note, body)) = &held
            && self.is_current(request, note)
        {
            self.count(request.feed, Outcome::Fresh);
            return Ok(answer(note, body.clone(), Outcome::Fresh));
        }
        let started = Instant::now();
        let mut made = 0;
        loop {
            let ended = self.one_attempt(request, held.as_ref().map(|(note, _)| note)).await;
            made += 1;
            let complaint = match (ended, &held) {
                (Ended::Body { body, validators, outcome }, _) => {
                    self.count(request.feed, outcome);
                    return self.keep(request, body, validators, outcome).await;
                }
                (Ended::NotModified(validators), Some((note, body))) => {
                    self.count(request.feed, Outcome::NotModified);
                    return self.confirm(request, note, body.clone(), validators).await;
                }
                (Ended::NotModified(_), None) => Complaint {
                    outcome: Outcome::StatusOdd,
                    detail: "status 304 to a request without condition".to_owned(),
                    wait: None,
                },
                (Ended::Failed(complaint), _) => complaint,
            };
            self.count(request.feed, complaint.outcome);
            tracing::debug!(feed = request.feed, attempt = made, outcome = %complaint.outcome,
                detail = complaint.detail, "attempt failed");
            match self.pause(request, made, &complaint, started) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(given_up(request, made, complaint)),
            }
        }
    }

    /// Makes one attempt, after waiting for its turn.
    async fn one_attempt(&self, request: &Request, held: Option<&Held>) -> Ended {
        let gate = self.gates.of(request.promise, self.settings.pace_percent);
        let patience = Duration::from_millis(self.settings.retry.wait_max_ms);
        let _pass = match gate.enter(request.weight, patience).await {
            Ok(pass) => pass,
            Err(wait) => {
                return Ended::Failed(Complaint {
                    outcome: Outcome::RateLimited,
                    detail: "not asked: the provider wants to be left alone for now".to_owned(),
                    wait: Some(wait),
                });
            }
        };
        let deadline = Duration::from_millis(self.settings.attempt_timeout_ms);
        let validators = held.map(|note| &note.validators);
        let clock = self.clock.as_ref();
        let ended = attempt::attempt(&self.http, request, validators, clock, deadline).await;
        if let Ended::Failed(Complaint {
            outcome: Outcome::RateLimited, wait: Some(wait), ..
        }) = &ended
        {
            gate.close_for(*wait);
        }
        ended
    }

    /// Returns how long to wait before the next attempt, if there is to be one in this run.
    fn pause(
        &self,
        request: &Request,
        made: u32,
        complaint: &Complaint,
        started: Instant,
    ) -> Option<Duration> {
        let class = RetryTable::class(complaint.outcome, request.not_yet);
        let jitter = Jitter::new(self.settings.seed, request.url.as_str());
        let wait = self.settings.retry.next_wait(class, made, complaint.wait, jitter)?;
        (started.elapsed() + wait < self.settings.request_timeout()).then_some(wait)
    }

    /// Returns whether what we hold need not be asked for again yet.
    fn is_current(&self, request: &Request, note: &Held) -> bool {
        let now = self.clock.now();
        let interval = SignedDuration::try_from(request.promise.interval_min).unwrap_or_default();
        let within_interval = now.duration_since(note.checked_at) < interval;
        let within_life = note.validators.expires.is_some_and(|expires| now < expires);
        // A note from the future (the clock was wrong then) must not silence the feed.
        note.checked_at <= now && (within_interval || within_life)
    }

    /// Returns what is held for a request, note and body.
    async fn recall(&self, request: &Request) -> Option<(Held, Bytes)> {
        let archive = Arc::clone(&self.archive);
        let (feed, url) = (request.feed, request.url.to_string());
        let load = move || {
            let note = archive.held(feed, &url)?;
            let body = archive.load(feed, &note)?;
            Some((note, body))
        };
        tokio::task::spawn_blocking(load).await.ok().flatten()
    }

    /// Keeps a new body and returns it as an answer.
    async fn keep(
        &self,
        request: &Request,
        body: Bytes,
        validators: Validators,
        outcome: Outcome,
    ) -> Result<Answer, SourceError> {
        let archive = Arc::clone(&self.archive);
        let (feed, extension) = (request.feed, request.expect.extension());
        let (url, now) = (request.url.to_string(), self.clock.now());
        let store = move || {
            let sha256 = archive.store(feed, extension, now, &body)?;
            let note = Held {
                url,
                sha256,
                extension: extension.to_owned(),
                bytes: body.len() as u64,
                fetched_at: now,
                checked_at: now,
                validators,
            };
            archive.note(feed, &note)?;
            Ok(answer(&note, body, outcome))
        };
        blocking(feed, store).await
    }

    /// Writes down that what we hold was confirmed, and returns it.
    async fn confirm(
        &self,
        request: &Request,
        note: &Held,
        body: Bytes,
        newer: Validators,
    ) -> Result<Answer, SourceError> {
        let archive = Arc::clone(&self.archive);
        let feed = request.feed;
        let note = Held {
            checked_at: self.clock.now(),
            validators: note.validators.renewed(newer),
            ..note.clone()
        };
        let store = move || {
            archive.note(feed, &note)?;
            Ok(answer(&note, body, Outcome::NotModified))
        };
        blocking(feed, store).await
    }

    fn count(&self, feed: &'static str, outcome: Outcome) {
        let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        *tallies.entry(feed).or_default().entry(outcome).or_default() += 1;
    }
}

/// Returns the transport with our deadlines and name, and without any cleverness of its own.
fn transport(settings: &Settings) -> Result<reqwest::Client, SourceError> {
    let builder = || {
        let builder = reqwest::Client::builder()
            .user_agent(settings.user_agent())
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
            .read_timeout(Duration::from_millis(settings.read_timeout_ms));
        if settings.proxy { builder } else { builder.no_proxy() }
    };
    builder().build().or_else(|first| {
        // A machine without root certificates can still read from its own mirror over http.
        tracing::warn!(reason = ?first, "no root certificates: every https source will fail");
        let bare = builder().tls_certs_only([]).build();
        bare.map_err(|_| SourceError::Client { reason: format!("{first:?}") })
    })
}

/// Runs file work off the async threads.
async fn blocking<T: Send + 'static>(
    feed: &'static str,
    work: impl FnOnce() -> Result<T, SourceError> + Send + 'static,
) -> Result<T, SourceError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| {
        Err(SourceError::Archive { path: feed.to_owned(), reason: e.to_string() })
    })
}

fn answer(note: &Held, body: Bytes, outcome: Outcome) -> Answer {
    Answer {
        url: note.url.clone(),
        body,
        fetched_at: note.fetched_at,
        sha256: note.sha256.clone(),
        outcome,
    }
}

/// Returns an address without its query: that of a hundred communes fills a screen.
fn without_query(url: &reqwest::Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}

fn given_up(request: &Request, attempts: u32, complaint: Complaint) -> SourceError {
    SourceError::Fetch {
        url: without_query(&request.url),
        outcome: complaint.outcome,
        attempts,
        detail: complaint.detail,
        wait: complaint.wait,
    }
}
