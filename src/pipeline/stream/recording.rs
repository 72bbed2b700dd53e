//! A recording played through the very path of live messages: a file of readings becomes the
//! messages a logger would have sent, each with the time it arrived.
//!
//! Understood are a table (CSV) with a column of times and columns named like sensor fields, and a
//! log of messages (JSON lines: `{"arrived_at": …, "channel": …, "payload": …}`).

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::pipeline::PipelineError;
use crate::sources::sensor::Fields;
use crate::storage::journal::Arrival;

/// Names of the column that holds the time, in the order they are looked for.
const TIME_COLUMNS: [&str; 4] = ["timestamp", "time", "datetime", "event_time"];

#[derive(Deserialize)]
struct Logged {
    arrived_at: Timestamp,
    channel: String,
    payload: Value,
}

/// Returns the messages of a recording in the order they arrived.
///
/// # Errors
/// [`PipelineError::Recording`] with the line, when the file is neither.
pub fn read(path: &Path, device: &str, fields: &Fields) -> Result<Vec<Arrival>, PipelineError> {
    let is_log = path.extension().is_some_and(|e| e == "jsonl" || e == "ndjson");
    let mut arrivals = if is_log { log(path)? } else { table(path, device, fields)? };
    // A recording may be out of order in its own times; it is played as it arrived.
    arrivals.sort_by_key(|a| a.arrived_at);
    Ok(arrivals)
}

fn wrong(path: &Path, line: usize, reason: impl std::fmt::Display) -> PipelineError {
    let path: PathBuf = path.to_owned();
    PipelineError::Recording { path, reason: format!("line {line}: {reason}") }
}

fn log(path: &Path) -> Result<Vec<Arrival>, PipelineError> {
    let file = std::fs::File::open(path).map_err(|e| wrong(path, 0, e))?;
    let mut arrivals = Vec::new();
    for (line, text) in (1..).zip(BufReader::new(file).lines()) {
        let text = text.map_err(|e| wrong(path, line, e))?;
        if text.trim().is_empty() {
            continue;
        }
        let logged: Logged = serde_json::from_str(&text).map_err(|e| wrong(path, line, e))?;
        let payload = match logged.payload {
            Value::String(text) => text,
            other => other.to_string(),
        };
        arrivals.push(Arrival {
            arrived_at: logged.arrived_at,
            channel: logged.channel,
            payload: payload.into_bytes(),
        });
    }
    Ok(arrivals)
}

fn table(path: &Path, device: &str, fields: &Fields) -> Result<Vec<Arrival>, PipelineError> {
    let mut reader = csv::Reader::from_path(path).map_err(|e| wrong(path, 0, e))?;
    let header = reader.headers().map_err(|e| wrong(path, 1, e))?.clone();
    let time =
        TIME_COLUMNS.iter().find_map(|name| header.iter().position(|h| h == *name)).ok_or_else(
            || wrong(path, 1, format!("no column of times ({})", TIME_COLUMNS.join(", "))),
        )?;
    if !header.iter().any(|name| fields.get(name).is_some()) {
        let known = fields.names().join(", ");
        return Err(wrong(path, 1, format!("no column is a sensor field (known: {known})")));
    }
    let mut arrivals = Vec::new();
    for (line, row) in (2..).zip(reader.records()) {
        let row = row.map_err(|e| wrong(path, line, e))?;
        let told = row.get(time).unwrap_or_default();
        let arrived_at: Timestamp = told
            .parse()
            .map_err(|_| wrong(path, line, format!("{told:?} is not a time with zone")))?;
        let mut message = Map::new();
        message.insert("time".to_owned(), told.into());
        for (name, cell) in header.iter().zip(&row).filter(|(name, _)| fields.get(name).is_some()) {
            if !cell.trim().is_empty() {
                message.insert(name.to_owned(), cell.into());
            }
        }
        arrivals.push(Arrival {
            arrived_at,
            channel: format!("replay/muavu/{device}"),
            payload: Value::Object(message).to_string().into_bytes(),
        });
    }
    Ok(arrivals)
}
