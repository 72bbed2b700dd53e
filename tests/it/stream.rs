//! The stream as it is run: real processes, a real broker, real kills.

mod broker;
mod equality;
mod http;
pub mod live;
mod outbox;
mod phones;
mod trouble;

use std::collections::BTreeMap;
use std::path::Path;

use muavu::frames::{Forecast, Hour, Issue, Observation, forecasts, hours, issues, observations};
use muavu::storage::{Filter, Lake};

/// Settings that store often, so that kills fall between all steps: at every dozen readings, each of
/// which may issue 49 hours of forecast.
pub fn eager(command: &mut std::process::Command) -> &mut std::process::Command {
    command
        .env("MUAVU__STREAM__FLUSH_ROWS", "800")
        .env("MUAVU__STREAM__FLUSH_SECS", "1")
        .env("MUAVU__STREAM__REMEMBER_SECS", "1")
}

/// Every table the stream writes, each row as text, sorted.
pub fn tables(home: &Path) -> BTreeMap<&'static str, Vec<String>> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let lake = Lake::open(&home.join("lake")).unwrap();
    let mut tables = BTreeMap::new();
    runtime.block_on(async {
        let all = Filter::all();
        let rows: Vec<Observation> = lake.rows(&observations::OBSERVATION, &all).await.unwrap();
        tables.insert("observation", texts(&rows));
        let rows: Vec<Hour> = lake.rows(&hours::HOUR, &all).await.unwrap();
        tables.insert("hour", texts(&rows));
        let rows: Vec<Forecast> = lake.rows(&forecasts::FORECAST, &all).await.unwrap();
        tables.insert("forecast", texts(&rows));
        let rows: Vec<Issue> = lake.rows(&issues::ISSUE, &all).await.unwrap();
        tables.insert("issue", texts(&rows));
        let records = muavu::storage::Records::open(&home.join("records.sqlite")).await.unwrap();
        let mut changes = records.alarm_changes(None).await.unwrap();
        changes.sort();
        tables.insert("alarm_change", changes);
        let alarms = records.alarms(false).await.unwrap();
        tables.insert("alarm", texts(&alarms));
    });
    tables
}

fn texts<T: serde::Serialize>(rows: &[T]) -> Vec<String> {
    let mut texts: Vec<String> =
        rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
    texts.sort();
    texts
}
