//! Server-sent events: readings, forecasts and alarms as they happen (`GET /v1/events`).
//!
//! `Last-Event-ID` (sent by browsers on their own) or `?after=` goes on after a line; `?place=` and
//! `?kind=` choose. A listener that fell behind, or was away for too long, gets an event `gap` and
//! knows to read the tables for what lies between.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::stream::{self, Stream, StreamExt as _};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::api::{Asked, Problem};
use super::feed::{Feed, Line, LineId};
use crate::domain::PlaceId;

/// A comment is sent after so much silence, so that proxies do not cut the line (60 s is common).
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// What a listener wants to hear.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Wanted {
    after: Option<String>,
    place: Option<PlaceId>,
    kind: Option<Kind>,
}

/// What may be heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A sensor's value.
    Reading,
    /// A forecast.
    Forecast,
    /// An alarm that began, changed or ended.
    Alarm,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Reading, Self::Forecast, Self::Alarm];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Forecast => "forecast",
            Self::Alarm => "alarm",
        }
    }
}

impl Wanted {
    fn wants(&self, line: &Line) -> bool {
        self.place.as_ref().is_none_or(|place| line.place == *place)
            && self.kind.is_none_or(|kind| line.kind == kind.as_str())
    }
}

pub(super) async fn events(
    State(feed): State<Feed>,
    headers: HeaderMap,
    Asked(wanted): Asked<Wanted>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let header = headers.get("last-event-id").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let after = header
        .or_else(|| wanted.after.clone())
        .map(|text| text.parse::<LineId>())
        .transpose()
        .map_err(|e| Problem::new(StatusCode::BAD_REQUEST, "not an event id", e))?;
    let listening = feed.listen(after);
    let gap = stream::iter(listening.gap.then(|| gap("lines before these are no longer kept")));
    let missed = stream::iter(listening.missed);
    let past = {
        let wanted = wanted.clone();
        missed.filter(move |line| futures::future::ready(wanted.wants(line)))
    };
    let lines =
        gap.chain(past.map(|line| event_of(&line))).chain(coming(listening.coming, wanted)).map(Ok);
    Ok(Sse::new(lines).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

fn coming(from: Receiver<std::sync::Arc<Line>>, wanted: Wanted) -> impl Stream<Item = Event> {
    stream::unfold((from, wanted), |(mut from, wanted)| async move {
        loop {
            match from.recv().await {
                Ok(line) if wanted.wants(&line) => {
                    return Some((event_of(&line), (from, wanted)));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(lines)) => {
                    let event = gap(&format!("you were too slow for {lines} lines"));
                    return Some((event, (from, wanted)));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    })
}

fn event_of(line: &Line) -> Event {
    Event::default().id(line.id.to_string()).event(line.kind).data(&line.json)
}

fn gap(why: &str) -> Event {
    let body = serde_json::json!({ "event": "gap", "why": why, "hint": "read /v1/alarms" });
    Event::default().event("gap").data(body.to_string())
}
