//! The fetch step: ask every live source once, store what came, report what did not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::import::store;
use super::{Home, PipelineError};
use crate::domain::{Geography, PlaceId, Variables};
use crate::sources::fetched::Morning;
use crate::sources::http::{Client, FolderArchive, SystemClock};
use crate::sources::registry::{FEEDS, SourceReport, fetch_one};
use crate::sources::settings::Settings;

/// Hosts that are tried before all feeds are: when none answers, the machine has no network, and a
/// run goes on at once with what is stored instead of waiting for ten feeds to give up.
const PROBES: [&str; 3] =
    ["api.open-meteo.com:443", "power.larc.nasa.gov:443", "www.cpc.ncep.noaa.gov:443"];

/// How long a probe may take: a handshake over a bad line takes under two seconds.
const PROBE_PATIENCE: Duration = Duration::from_secs(3);

/// How a feed stands that was not asked because the machine has no network.
pub const OFFLINE: &str = "offline";

/// The file of the home that remembers how the feeds fared.
const STATES: &str = "sources.json";

/// What became of one feed, for the report and for `muavu doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedState {
    /// The feed's name.
    pub feed: String,
    /// How it stands to its promise.
    pub health: String,
    /// Rows stored that were new.
    pub new_rows: usize,
    /// Rows quarantined.
    pub issues: usize,
    /// How often each outcome of an attempt occurred since the home was made.
    pub outcomes: BTreeMap<String, u64>,
    /// The newest instant its rows speak of.
    pub newest: Option<Timestamp>,
    /// What kept rows away, in a sentence each.
    pub errors: Vec<String>,
}

/// Fetches every feed that is switched on within `deadline`, and stores what came.
///
/// A feed that is not done by then is reported as late; nothing upstream stops the run. Without any
/// network nothing is asked, and the states say so.
///
/// # Errors
/// [`PipelineError::Source`] when the client cannot be made or a setting is wrong,
/// [`PipelineError::Storage`] when the lake cannot be written.
pub async fn fetch(
    home: &Home,
    geography: &Geography,
    settings: &Settings,
    now: Timestamp,
    deadline: Duration,
) -> Result<Vec<FeedState>, PipelineError> {
    if settings.base_urls.is_empty() && !is_online().await {
        let mut states: Vec<FeedState> = FEEDS
            .iter()
            .filter(|feed| settings.is_on(feed.name, feed.promise.on_by_default))
            .map(|feed| unreachable(feed.name))
            .collect();
        remember(home, &mut states)?;
        return Ok(states);
    }
    let archive = Arc::new(FolderArchive::new(home.raw()));
    let client = Client::new(settings.clone(), archive, Arc::new(SystemClock))?;
    let communes: Vec<(PlaceId, f64, f64)> =
        geography.communes.iter().map(|c| (c.code.place(), c.lat, c.lon)).collect();
    let variables = Arc::new(Variables::shipped()?);
    let morning = Morning::new(&communes, now, variables, Arc::new(settings.clone()));
    let fetching = FEEDS.iter().map(|feed| {
        let (client, morning) = (&client, &morning);
        async move {
            let report = tokio::time::timeout(deadline, fetch_one(feed, client, morning)).await;
            (feed.name, report)
        }
    });
    let mut states = Vec::new();
    for (name, report) in futures::future::join_all(fetching).await {
        states.push(match report {
            Ok(report) => keep(home, report).await?,
            Err(_) => late(name, deadline),
        });
    }
    remember(home, &mut states)?;
    Ok(states)
}

/// Returns what is remembered of the feeds: their newest state, and attempts counted since the
/// home was made. Empty when nothing was ever fetched.
#[must_use]
pub fn remembered(home: &Home) -> Vec<FeedState> {
    let text = std::fs::read(home.root.join(STATES)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Adds the attempts counted before, and keeps the states for `muavu doctor`.
fn remember(home: &Home, states: &mut [FeedState]) -> Result<(), PipelineError> {
    for before in remembered(home) {
        if let Some(state) = states.iter_mut().find(|s| s.feed == before.feed) {
            for (outcome, count) in before.outcomes {
                *state.outcomes.entry(outcome).or_default() += count;
            }
            state.newest = state.newest.max(before.newest);
        }
    }
    let path = home.root.join(STATES);
    let json = serde_json::to_vec_pretty(&states).map_err(crate::publish::PublishError::from)?;
    crate::publish::files::replace(&path, &json)?;
    Ok(())
}

/// Returns whether any provider's host takes a connection.
async fn is_online() -> bool {
    let probes = PROBES.map(|host| {
        let connecting = tokio::time::timeout(PROBE_PATIENCE, tokio::net::TcpStream::connect(host));
        Box::pin(async { connecting.await.ok()?.ok() })
    });
    let mut waiting: futures::stream::FuturesUnordered<_> = probes.into_iter().collect();
    while let Some(connected) = waiting.next().await {
        if connected.is_some() {
            return true;
        }
    }
    false
}

fn unreachable(feed: &str) -> FeedState {
    FeedState {
        feed: feed.to_owned(),
        health: OFFLINE.to_owned(),
        new_rows: 0,
        issues: 0,
        outcomes: BTreeMap::from([("no_network".to_owned(), 1)]),
        newest: None,
        errors: vec![format!("no network: none of {} takes a connection", PROBES.join(", "))],
    }
}

async fn keep(home: &Home, report: SourceReport) -> Result<FeedState, PipelineError> {
    let issues = report.parsed.issues.len();
    let stored = store(&home.lake, report.parsed).await?;
    Ok(FeedState {
        feed: report.feed.to_owned(),
        health: report.health.as_str().to_owned(),
        new_rows: stored.new + stored.revised,
        issues,
        outcomes: report.outcomes.iter().map(|(k, v)| (k.to_string(), *v)).collect(),
        newest: report.newest,
        errors: report.errors.iter().map(ToString::to_string).collect(),
    })
}

fn late(feed: &str, deadline: Duration) -> FeedState {
    FeedState {
        feed: feed.to_owned(),
        health: "late".to_owned(),
        new_rows: 0,
        issues: 0,
        outcomes: BTreeMap::new(),
        newest: None,
        errors: vec![format!("not done within {} s; the next run asks again", deadline.as_secs())],
    }
}
