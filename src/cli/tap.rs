//! `muavu tap`: the live flow in a terminal.

use std::process::ExitCode;

use clap::Args;
use futures::StreamExt as _;
use serde_json::Value;

use super::{Context, Failure};
use crate::domain::time;
use crate::pipeline::PipelineError;

/// Show readings, forecasts and alarms of a running stream as they happen
#[derive(Debug, Args)]
#[command(after_help = "Example: muavu tap --kind alarm")]
pub struct Tap {
    /// Where the stream serves, instead of the settings' address
    #[arg(long, value_name = "URL")]
    url: Option<url::Url>,
    /// Only this kind: reading, forecast or alarm
    #[arg(long, value_parser = ["reading", "forecast", "alarm"])]
    kind: Option<String>,
    /// Only this place
    #[arg(long, value_name = "PLACE")]
    place: Option<String>,
    /// Print each event's JSON as it comes
    #[arg(long)]
    json: bool,
}

impl Tap {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let base = match &self.url {
            Some(url) => url.to_string(),
            None => format!("http://{}/", context.settings.serve.listen),
        };
        let address = format!("{}/v1/events", base.trim_end_matches('/'));
        let unreachable = |reason: reqwest::Error| PipelineError::NoStream {
            address: address.clone(),
            reason: reason.without_url().to_string(),
        };
        let chosen = [("kind", &self.kind), ("place", &self.place)];
        let chosen: Vec<_> = chosen.iter().filter_map(|(k, v)| Some((k, v.as_ref()?))).collect();
        let answer = reqwest::Client::new()
            .get(&address)
            .query(&chosen)
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(&unreachable)?;
        let mut chunks = answer.bytes_stream();
        let mut buffer = Vec::new();
        while let Some(chunk) = chunks.next().await {
            buffer.extend_from_slice(&chunk.map_err(&unreachable)?);
            while let Some(end) = buffer.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = buffer.drain(..=end).collect();
                self.show(String::from_utf8_lossy(&line).trim_end());
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn show(&self, line: &str) {
        let Some(json) = line.strip_prefix("data:").map(str::trim_start) else { return };
        match serde_json::from_str::<Value>(json) {
            Ok(event) if !self.json => println!("{}", sentence(&event)),
            _ => println!("{json}"),
        }
    }
}

/// Returns an event as one line for people: local time, place, what.
fn sentence(event: &Value) -> String {
    let text = |name: &str| event[name].as_str().unwrap_or_default();
    let local =
        |name: &str| text(name).parse().map_or_else(|_| text(name).to_owned(), time::local_text);
    match text("event") {
        "reading" => {
            let flags = text("qc");
            let odd = if flags.is_empty() { String::new() } else { format!("  [{flags}]") };
            let value = event["value"].as_f64().unwrap_or(f64::NAN);
            format!(
                "{}  {}  {} {value} {}{odd}",
                local("event_time"),
                text("place"),
                text("variable"),
                text("unit"),
            )
        }
        "alarm" => format!(
            "{}  {}  ALARM {} {} ({}) value {}",
            local("event_time"),
            text("place"),
            text("hazard"),
            text("turn"),
            text("severity"),
            event["value"],
        ),
        "forecast" => {
            format!("{}  {}  forecast {}", local("issued_at"), text("place"), text("target"))
        }
        _ => event.to_string(),
    }
}
