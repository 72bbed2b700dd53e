//! The doctor: in ten seconds, whether the system is keeping its promises.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::forecast::gate::Verdict;
use crate::pipeline::fetching::{FeedState, remembered};
use crate::pipeline::forecasting::StationState;
use crate::pipeline::issuing::TargetState;
use crate::pipeline::morning::Report;
use crate::pipeline::{Home, PipelineError};
use crate::publish::heard::{self, HEARD_FILE, Heard};

/// What the doctor found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosis {
    /// Promises, each kept or broken.
    pub promises: Vec<PromiseState>,
    /// What is stored, by variable.
    pub stored: Vec<StoredVariable>,
    /// What was quarantined, by source and reason.
    pub quarantine: BTreeMap<String, BTreeMap<String, usize>>,
    /// The live sources: their newest state, and attempts since the home was made.
    pub sources: Vec<FeedState>,
    /// The stations at the newest run.
    pub stations: Vec<StationState>,
    /// Whether the salinity model beat its baselines, by horizon.
    pub gate: Vec<Verdict>,
    /// How every target stood at the newest run.
    pub targets: Vec<TargetState>,
}

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PromiseState {
    /// What is promised.
    pub promise: String,
    /// Whether it is kept.
    pub kept: bool,
    /// What was found.
    pub found: String,
}

/// What is stored of one variable.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredVariable {
    /// The variable.
    pub variable: String,
    /// Rows of all revisions.
    pub rows: u64,
    /// Data files.
    pub files: usize,
    /// The newest time a value is true for.
    pub newest: Option<Timestamp>,
    /// Its age in days.
    pub age_days: Option<f64>,
}

/// Examines the home as it stands at `now`.
///
/// # Errors
/// [`PipelineError`] when the lake or the record store cannot be read.
pub async fn examine(home: &Home, now: Timestamp) -> Result<Diagnosis, PipelineError> {
    let days = |at: Timestamp| now.duration_since(at).as_secs_f64() / 86_400.0;
    let stored: Vec<StoredVariable> = home
        .lake
        .variables()
        .await?
        .into_iter()
        .map(|(variable, facts)| StoredVariable {
            variable,
            rows: facts.rows,
            files: facts.files,
            newest: facts.newest,
            age_days: facts.newest.map(days),
        })
        .collect();
    let quarantine = home.lake.quarantined().await?;
    let runs = home.records.runs().await?;
    let newest: Option<Report> = runs
        .iter()
        .filter(|r| !r.sample)
        .find_map(|r| serde_json::from_value(r.report.clone()?).ok());
    let mut promises = promises(newest.as_ref(), &stored, now);
    promises.extend(sensors(home, now));
    let sources = remembered(home);
    let (stations, gate, targets) =
        newest.map(|r| (r.stations, r.gate, r.targets)).unwrap_or_default();
    Ok(Diagnosis { promises, stored, quarantine, sources, stations, gate, targets })
}

fn promises(
    newest: Option<&Report>,
    stored: &[StoredVariable],
    now: Timestamp,
) -> Vec<PromiseState> {
    let state = |promise: &str, kept: bool, found: String| PromiseState {
        promise: promise.to_owned(),
        kept,
        found,
    };
    let age_h = newest.map(|r| now.duration_since(r.issued_at).as_secs_f64() / 3600.0);
    let salinity = stored.iter().find(|s| s.variable == "salinity_max_g_l");
    let salinity_age = salinity.and_then(|s| s.age_days);
    let beaten = newest.map(|r| r.gate.iter().filter(|v| v.passes).count());
    let horizons = newest.map_or(0, |r| r.gate.len());
    vec![
        // The value of yesterday starts up to 31 hours before this morning's run.
        state(
            "newest station salinity is at most 2 days old",
            salinity_age.is_some_and(|age| age <= 2.0),
            salinity_age.map_or("none is stored".into(), |age| format!("{age:.1} days old")),
        ),
        // A morning every 24 hours, two left for a late run.
        state(
            "a forecast was issued within the last 26 hours",
            age_h.is_some_and(|age| age <= 26.0),
            age_h.map_or("none was issued".into(), |age| format!("{age:.1} hours ago")),
        ),
        state(
            "the published forecast is a model that beats every baseline",
            beaten.is_some_and(|n| n == horizons && n > 0),
            beaten.map_or("nothing is published".into(), |n| {
                format!("{n} of {horizons} horizons; the baseline stands in at the others")
            }),
        ),
    ]
}

/// The sensors' promise, when a stream ever ran here: each is heard as often as it ought to be.
fn sensors(home: &Home, now: Timestamp) -> Option<PromiseState> {
    let read = heard::read(&home.root.join("stream").join(HEARD_FILE));
    let promise = "every sensor is heard as often as it ought to be".to_owned();
    let devices = match read {
        Ok(devices) if devices.is_empty() => return None,
        Ok(devices) => devices,
        Err(error) => return Some(PromiseState { promise, kept: false, found: error.to_string() }),
    };
    let silent: Vec<&Heard> = devices.iter().filter(|h| !h.keeps_its_promise(now)).collect();
    let newest = devices.iter().max_by_key(|h| h.heard_at);
    let newest = newest.map(|h| format!("newest is {}, {} old", h.place, age(h, now)));
    let longest = silent.iter().min_by_key(|h| h.heard_at);
    let longest = longest.map(|h| format!("{} is silent for {}", h.place, age(h, now)));
    let count = format!("{} of {}", devices.len() - silent.len(), devices.len());
    let found = [Some(count), newest, longest].into_iter().flatten().collect::<Vec<_>>().join("; ");
    Some(PromiseState { promise, kept: silent.is_empty(), found })
}

fn age(heard: &Heard, now: Timestamp) -> String {
    match heard.age_minutes(now) {
        minutes if minutes < 120 => format!("{minutes} min"),
        minutes if minutes < 48 * 60 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1_440),
    }
}
