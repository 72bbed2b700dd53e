//! Whether the system keeps its promises, and the sensors' alarms.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asked, Problem, Shelf};
use crate::publish::files::LICENCE;
use crate::publish::heard;

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["promise", "kept", "drafts_waiting_for_review", "sensors"],
        "properties": {
            "promise": { "type": "string" },
            "kept": { "type": "boolean" },
            "newest_run": { "type": ["string", "null"] },
            "newest_issue": { "type": ["string", "null"], "format": "date-time" },
            "age_h": { "type": ["number", "null"] },
            "sample": { "type": "boolean" },
            "drafts_waiting_for_review": { "type": "integer" },
            "sensors": { "type": "array", "items": {
                "type": "object",
                "required": ["device", "place", "newest_age_min", "kept"],
            } },
        },
    })
}

pub(super) async fn health(State(shelf): State<Shelf>) -> Result<Response, Problem> {
    let newest = shelf.records.newest_run().await?;
    let newest = newest.as_ref();
    let age_h = newest.map(|r| {
        let age = (shelf.now)().duration_since(r.issued_at).as_secs_f64() / 3600.0;
        (age * 10.0).round() / 10.0
    });
    // A morning's forecast is due every 24 hours; two hours are left for a late run. The sample
    // keeps no promise.
    let kept = newest.is_some_and(|r| !r.sample) && age_h.is_some_and(|age| age <= 26.0);
    let waiting: i64 = shelf.records.drafts_by_commune().await?.values().sum();
    let said = json!({
        "promise": "a forecast issued within the last 26 hours",
        "kept": kept,
        "newest_run": newest.map(|r| &r.id),
        "newest_issue": newest.map(|r| r.issued_at),
        "age_h": age_h,
        "sample": newest.is_some_and(|r| r.sample),
        "drafts_waiting_for_review": waiting,
        "sensors": sensors(&shelf),
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(said)).into_response())
}

/// Each sensor's promise: to be heard as often as it ought to be.
fn sensors(shelf: &Shelf) -> Vec<Value> {
    let now = (shelf.now)();
    let heard = heard::read(&shelf.heard).unwrap_or_else(|error| {
        tracing::error!(%error, "who was heard cannot be read");
        Vec::new()
    });
    let sensor = |h: &heard::Heard| {
        json!({
            "device": h.device,
            "place": h.place,
            "newest_age_min": h.age_minutes(now),
            "kept": h.keeps_its_promise(now),
        })
    };
    heard.iter().map(sensor).collect()
}

#[derive(Deserialize)]
pub(super) struct AlarmQuery {
    /// Only those that are open.
    open: Option<bool>,
}

pub(super) fn alarms_schema() -> Value {
    json!({
        "type": "object",
        "required": ["licence", "alarms"],
        "properties": {
            "as_of": { "type": "string", "format": "date-time" },
            "licence": { "type": "string" },
            "alarms": { "type": "array", "items": { "type": "object" } },
        },
    })
}

/// Alarms are never kept ready: a second counts.
pub(super) async fn alarms(
    State(shelf): State<Shelf>,
    Asked(query): Asked<AlarmQuery>,
) -> Result<Response, Problem> {
    let alarms = shelf.records.alarms(query.open.unwrap_or(false)).await?;
    let said = json!({ "as_of": (shelf.now)(), "licence": LICENCE, "alarms": alarms });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(said)).into_response())
}
