//! What a fetch brings home: rows and the errors that cost some, and how a feed is described.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;

use super::error::SourceError;
use super::gather::ParseContext;
use super::http::archive::sha256_hex;
use super::http::{Answer, Client, Request};
use super::parsed::Parsed;
use super::promise::Promise;
use super::settings::Settings;
use super::site::Site;
use crate::domain::{PlaceId, Variables, time};

/// What a morning's fetch is about.
#[derive(Debug, Clone)]
pub struct Morning {
    /// The communes to ask for.
    pub communes: Arc<[Site]>,
    /// The instant of the run; windows of days are counted from its local date.
    pub now: Timestamp,
    /// The catalogue of variables.
    pub variables: Arc<Variables>,
    /// The settings of this room.
    pub settings: Arc<Settings>,
}

impl Morning {
    /// Returns the morning of `now` for communes given as place, degrees north, degrees east.
    #[must_use]
    pub fn new(
        communes: &[(PlaceId, f64, f64)],
        now: Timestamp,
        variables: Arc<Variables>,
        settings: Arc<Settings>,
    ) -> Self {
        Self { communes: Site::list(communes).into(), now, variables, settings }
    }

    /// Returns the local date of the run.
    #[must_use]
    pub fn today(&self) -> Date {
        time::local_date(self.now)
    }
}

/// The rows of a fetch, and what kept others away.
#[derive(Debug, Default)]
pub struct Fetched {
    /// The rows and issues of all answers that came.
    pub parsed: Parsed,
    /// What kept other answers away.
    pub errors: Vec<SourceError>,
}

impl Fetched {
    /// Returns a fetch that brought nothing but an error.
    #[must_use]
    pub fn failed(error: SourceError) -> Self {
        Self { parsed: Parsed::default(), errors: vec![error] }
    }

    /// Adds the outcome of one request and returns whether to ask the provider for more.
    pub fn add(&mut self, result: Result<Parsed, SourceError>) -> bool {
        match result {
            Ok(parsed) => {
                self.parsed.append(parsed);
                true
            }
            Err(error) => {
                let go_on = !error.ends_all();
                self.errors.push(error);
                go_on
            }
        }
    }
}

impl From<Result<Parsed, SourceError>> for Fetched {
    fn from(result: Result<Parsed, SourceError>) -> Self {
        let mut fetched = Self::default();
        fetched.add(result);
        fetched
    }
}

/// Fetches one feed for one morning.
pub type FetchFn = for<'a> fn(&'a Client, &'a Morning) -> BoxFuture<'a, Fetched>;

/// One thing we read from a provider: its name, its promise, and how to fetch it.
#[derive(Debug, Clone, Copy)]
pub struct Feed {
    /// `<kind>.<provider>.<what>`: the name in settings, in the raw archive and in `doctor`.
    pub name: &'static str,
    /// The promise.
    pub promise: &'static Promise,
    /// The fetch.
    pub fetch: FetchFn,
}

/// Returns the rows of the answer to a request, parsed off the async threads.
///
/// # Errors
/// Whatever kept the request from being made; [`SourceError::Fetch`] when there is no answer; [`SourceError::Parser`] when the parser stopped
/// (a workbook can make its reader panic; that must not end the run).
pub async fn rows(
    client: &Client,
    request: Result<Request, SourceError>,
    variables: &Arc<Variables>,
    parse: impl FnOnce(&[u8], &ParseContext) -> Parsed + Send + 'static,
) -> Result<Parsed, SourceError> {
    let request = request?;
    let answer = client.get(&request).await?;
    rows_of(request.feed, answer, Arc::clone(variables), parse).await
}

/// Returns the rows of an answer that is at hand, parsed off the async threads.
///
/// # Errors
/// [`SourceError::Parser`] as in [`rows`].
pub async fn rows_of(
    feed: &'static str,
    answer: Answer,
    variables: Arc<Variables>,
    parse: impl FnOnce(&[u8], &ParseContext) -> Parsed + Send + 'static,
) -> Result<Parsed, SourceError> {
    let work = move || {
        let context = ParseContext {
            artefact: artefact(feed, &answer).into(),
            seen_at: answer.fetched_at,
            live: true,
            variables,
        };
        parse(&answer.body, &context)
    };
    let stopped = |e: tokio::task::JoinError| SourceError::Parser { feed, reason: e.to_string() };
    tokio::task::spawn_blocking(work).await.map_err(stopped)
}

/// Returns the name issues give to an answer: the feed, the first digits of its content hash (which
/// find the body in the raw archive) and of its address (two addresses may answer the same).
fn artefact(feed: &str, answer: &Answer) -> String {
    let address = sha256_hex(answer.url.as_bytes());
    format!("{feed}#{:.16}@{address:.8}", answer.sha256)
}
