//! The communes, and what stands for one of them today.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asked, Problem, Shelf, last_modified};
use crate::domain::CommuneCode;
use crate::frames::{Advisory, AdvisoryState, ReviewEvent};
use crate::publish::files::LICENCE;
use crate::review::Approved;

pub(super) fn list_schema() -> Value {
    json!({
        "type": "object",
        "required": ["licence", "communes"],
        "properties": {
            "licence": { "type": "string" },
            "communes": { "type": "array", "items": {
                "type": "object",
                "required": ["code", "name", "type", "former_province"],
                "properties": {
                    "code": { "type": "string" }, "name": { "type": "string" },
                    "type": { "type": "string" }, "lat": { "type": "number" },
                    "lon": { "type": "number" }, "former_province": { "type": "string" },
                },
            } },
        },
    })
}

pub(super) async fn list(State(shelf): State<Shelf>) -> Json<Value> {
    let list: Vec<Value> = shelf
        .geography
        .communes
        .iter()
        .map(|c| {
            json!({
                "code": c.code, "name": c.name, "type": c.kind, "lat": c.lat, "lon": c.lon,
                "former_province": c.former_province,
            })
        })
        .collect();
    Json(json!({ "licence": LICENCE, "communes": list }))
}

pub(super) fn today_schema() -> Value {
    json!({
        "type": "object",
        "required": ["commune", "issued_at", "sample", "licence", "waiting_for_review", "advisories"],
        "properties": {
            "commune": { "type": "object", "required": ["code", "name", "type"] },
            "issued_at": { "type": ["string", "null"], "format": "date-time" },
            "sample": { "type": "boolean" },
            "licence": { "type": "string" },
            "water": { "type": ["object", "null"] },
            "waiting_for_review": { "type": "integer" },
            "advisories": { "type": "array", "items": {
                "type": "object",
                "required": ["id", "crop", "severity", "action", "confidence", "expires_at", "text",
                    "state", "approved_by", "approved_at"],
                "properties": {
                    "id": { "type": "string", "description": "/v1/advisories/{id} has the evidence" },
                    "crop": { "type": "string" }, "stage": { "type": "string" },
                    "hazard": { "type": "string" }, "severity": { "type": "string" },
                    "action": { "type": "string" },
                    "confidence": { "type": "number", "minimum": 0, "maximum": 1 },
                    "expires_at": { "type": "string", "format": "date-time" },
                    "data_age_h": { "type": ["number", "null"],
                        "description": "age of the newest measurement behind it, at issue" },
                    "text": { "type": "string" }, "state": { "type": "string" },
                    "approved_by": { "type": ["string", "null"] },
                    "approved_at": { "type": ["string", "null"], "format": "date-time" },
                },
            } },
        },
    })
}

#[derive(Deserialize)]
pub(super) struct Spoken {
    lang: Option<Lang>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Lang {
    #[default]
    Vi,
    En,
}

/// What fits one screen of an advisory; its evidence and sources are two kilobytes more.
fn short(advisory: &Advisory, log: &[ReviewEvent], lang: Lang) -> Value {
    let approved = log.iter().rev().find(|event| event.to == AdvisoryState::Approved);
    json!({
        "id": advisory.id, "crop": advisory.crop, "stage": advisory.stage,
        "hazard": advisory.hazard, "severity": advisory.severity, "action": advisory.action,
        "confidence": (advisory.confidence * 100.0).round() / 100.0,
        "expires_at": advisory.expires_at,
        "data_age_h": advisory.evidence.first().map(|e| e.data_age_h),
        "text": match lang { Lang::Vi => &advisory.text_vi, Lang::En => &advisory.text_en },
        "state": advisory.state,
        "approved_by": approved.map(|event| &event.who),
        "approved_at": approved.map(|event| event.at),
    })
}

/// Reads a commune's code, known to the province.
pub(super) fn code(shelf: &Shelf, given: &str) -> Result<CommuneCode, Problem> {
    let code = given
        .parse::<CommuneCode>()
        .map_err(|e| Problem::bad("not a commune code", e.to_string()))?;
    if shelf.geography.communes.iter().any(|c| c.code == code) {
        return Ok(code);
    }
    let detail = format!("{code} is none of the 124 codes listed at /v1/communes");
    Err(Problem::missing("unknown commune", detail))
}

pub(super) async fn today(
    State(shelf): State<Shelf>,
    Path(given): Path<String>,
    Asked(spoken): Asked<Spoken>,
) -> Result<Response, Problem> {
    let lang = spoken.lang.unwrap_or_default();
    let commune = code(&shelf, &given)?;
    let known = shelf.geography.communes.iter().find(|c| c.code == commune);
    let water = shelf.geography.water.get(&commune);
    let published = published(&shelf, &commune).await?;
    let newest = published.iter().map(|(a, _)| a.get().issued_at).max();
    let standing: Vec<_> =
        published.iter().filter(|(a, _)| Some(a.get().issued_at) == newest).collect();
    let sample = standing.iter().any(|(a, _)| a.get().sample);
    let advice: Vec<Value> = standing.iter().map(|(a, log)| short(a.get(), log, lang)).collect();
    let waiting = shelf.records.drafts_by_commune().await?;
    let waiting = waiting.get(commune.as_str()).copied().unwrap_or_default();
    let said = json!({
        "commune": known.map(|k| json!({ "code": k.code, "name": k.name, "type": k.kind })),
        "issued_at": newest,
        "sample": sample,
        "licence": LICENCE,
        "water": water.map(|w| json!({ "note_vi": w.note_vi, "note_en": w.note_en })),
        "waiting_for_review": waiting,
        "advisories": advice,
    });
    let mut answer = Json(said).into_response();
    if let Some(at) = newest.and_then(last_modified) {
        answer.headers_mut().insert(header::LAST_MODIFIED, at);
    }
    Ok(answer)
}

/// Returns what is published for a commune and not yet over, each with its proof of approval and
/// its log.
async fn published(
    shelf: &Shelf,
    commune: &CommuneCode,
) -> Result<Vec<(Approved<Advisory>, Vec<ReviewEvent>)>, Problem> {
    let now = (shelf.now)();
    let mut standing = shelf.records.advisories_in(AdvisoryState::Published).await?;
    standing.retain(|a| a.commune == *commune && (a.sample || a.expires_at > now));
    let mut proofs = Vec::new();
    for (advisory, log) in shelf.records.with_their_logs(standing).await? {
        match Approved::from_log(advisory, &log) {
            Ok(proof) => proofs.push((proof, log)),
            Err(error) => tracing::error!(%error, "a published advisory has no proof of approval"),
        }
    }
    Ok(proofs)
}
