//! Alarms of the stream: what is open, and saying that it was seen.

use std::collections::BTreeMap;

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use super::fields::Fields;
use super::frame::{Broken, Top, draw};
use super::{Console, words};
use crate::publish::doors::gate::said;
use crate::publish::doors::{Right, Who};
use crate::storage::alarms::AlarmView;
use crate::storage::answers::AnswerCounts;

#[derive(Template)]
#[template(path = "alarms.html", config = "src/publish/console/pages/askama.toml")]
struct AlarmsPage {
    top: Top,
    may: bool,
    open: Vec<AlarmLine>,
    over: Vec<AlarmLine>,
}

struct AlarmLine {
    id: String,
    level: String,
    text: String,
    since: String,
    until: String,
    seen: String,
    answers: String,
}

/// Alarms that are over, shown at most.
const OVER_MAX: usize = 50;

/// Answers with the alarms.
pub(super) async fn list(State(console): State<Console>, who: Who) -> Result<Response, Broken> {
    let alarms = console.records.alarms(false).await?;
    let ids = alarms.iter().map(|alarm| alarm.id.as_str());
    let answers = console.records.answers_to_each(ids).await?;
    let line = |alarm: AlarmView| line(&answers, alarm);
    let (open, over): (Vec<AlarmView>, Vec<AlarmView>) =
        alarms.into_iter().partition(|alarm| alarm.closed_at.is_none());
    let page = AlarmsPage {
        top: Top::of(&who),
        may: who.may_somewhere(Right::SeeAlarm),
        open: open.into_iter().map(line).collect(),
        over: over.into_iter().take(OVER_MAX).map(line).collect(),
    };
    Ok(draw(StatusCode::OK, &page))
}

fn line(answers: &BTreeMap<String, AnswerCounts>, alarm: AlarmView) -> AlarmLine {
    let local = |text: &str| text.parse().map_or_else(|_| text.to_owned(), words::full_moment);
    let told = alarm.last.get("text_vi").and_then(Value::as_str).map(str::to_owned);
    let seen = alarm.acknowledged_by.map(|by| {
        let at = alarm.acknowledged_at.as_deref().map(local).unwrap_or_default();
        format!("{by}, {at}")
    });
    AlarmLine {
        level: alarm.severity,
        text: told.unwrap_or_else(|| format!("{} · {}", alarm.place, alarm.hazard)),
        since: local(&alarm.opened_at),
        until: alarm.closed_at.as_deref().map(local).unwrap_or_default(),
        seen: seen.unwrap_or_default(),
        answers: answers.get(&alarm.id).map(words::answers).unwrap_or_default(),
        id: alarm.id,
    }
}

/// Notes that an alarm was seen.
pub(super) async fn seen(
    State(console): State<Console>,
    who: Who,
    fields: Fields,
) -> Result<Response, Broken> {
    match acknowledge(&console, &who, fields.get("id")).await? {
        Some(_) => Ok(Redirect::to("/ban-duyet/bao-dong").into_response()),
        None => Ok(said(true, StatusCode::NOT_FOUND, "Không có báo động này.")),
    }
}

/// The same for scripts.
pub(super) async fn seen_json(
    State(console): State<Console>,
    who: Who,
    fields: Fields,
) -> Result<Response, Broken> {
    match acknowledge(&console, &who, fields.get("id")).await? {
        Some(alarm) => Ok(Json(json!({ "alarm": alarm })).into_response()),
        None => Ok(said(false, StatusCode::NOT_FOUND, "no alarm has this id")),
    }
}

async fn acknowledge(console: &Console, who: &Who, id: &str) -> Result<Option<AlarmView>, Broken> {
    let alarm = console.records.acknowledge_alarm(id, &who.name, (console.now)()).await?;
    if alarm.is_some() {
        console.doors.note(&who.name, "acknowledged", id, "").await?;
    }
    Ok(alarm)
}
