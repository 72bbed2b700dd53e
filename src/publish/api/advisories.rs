//! Advisories that people were given, and what was done to each.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asked, Problem, Shelf, communes};
use crate::domain::Crop;
use crate::frames::{Advisory, AdvisoryState, ReviewEvent};
use crate::publish::files::LICENCE;

/// The states of what was given to people; drafts and refused ones are the reviewers' alone.
const PUBLIC: [AdvisoryState; 4] = [
    AdvisoryState::Published,
    AdvisoryState::Withdrawn,
    AdvisoryState::Superseded,
    AdvisoryState::Expired,
];

#[derive(Deserialize)]
pub(super) struct Which {
    commune: Option<String>,
    crop: Option<Crop>,
    state: Option<AdvisoryState>,
}

fn advisory_schema() -> Value {
    json!({
        "type": "object",
        "required": ["id", "commune", "crop", "severity", "action", "issued_at", "text_vi",
            "text_en", "state", "sample"],
    })
}

pub(super) fn list_schema() -> Value {
    json!({
        "type": "object",
        "required": ["licence", "advisories"],
        "properties": {
            "licence": { "type": "string" },
            "advisories": { "type": "array", "items": advisory_schema() },
        },
    })
}

pub(super) fn one_schema() -> Value {
    json!({
        "type": "object",
        "required": ["licence", "advisory", "history"],
        "properties": {
            "licence": { "type": "string" },
            "advisory": advisory_schema(),
            "history": { "type": "array", "items": {
                "type": "object",
                "required": ["at", "who", "from", "to"],
            } },
        },
    })
}

pub(super) async fn list(
    State(shelf): State<Shelf>,
    Asked(which): Asked<Which>,
) -> Result<Response, Problem> {
    let commune = which.commune.as_deref().map(|c| communes::code(&shelf, c)).transpose()?;
    let state = which.state.unwrap_or(AdvisoryState::Published);
    if !PUBLIC.contains(&state) {
        let known = PUBLIC.map(AdvisoryState::as_str).join(", ");
        let detail = format!("{state} advisories are not public; public are: {known}");
        return Err(Problem::bad("state not public", detail));
    }
    let mut wanted = shelf.records.advisories_in(state).await?;
    wanted.retain(|a| {
        commune.as_ref().is_none_or(|code| a.commune == *code)
            && which.crop.is_none_or(|crop| a.crop == crop)
    });
    let known = shelf.records.with_their_logs(wanted).await?.into_iter();
    let mut rows: Vec<Advisory> =
        known.filter(|(_, log)| was_public(log)).map(|(advisory, _)| advisory).collect();
    let newest_first = |a: &Advisory| (std::cmp::Reverse(a.issued_at), a.id.clone());
    rows.sort_by_cached_key(newest_first);
    Ok(Json(json!({ "licence": LICENCE, "advisories": rows })).into_response())
}

/// A draft that was replaced before anybody approved it was never given to anyone.
fn was_public(log: &[ReviewEvent]) -> bool {
    log.iter().any(|event| event.to == AdvisoryState::Published)
}

pub(super) async fn one(
    State(shelf): State<Shelf>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let nothing = || {
        let detail = format!("no advisory with the id {id:?} was published");
        Problem::missing("unknown advisory", detail)
    };
    let advisory = shelf.records.advisory(&id).await?.ok_or_else(nothing)?;
    let log = shelf.records.events(&id).await?;
    if !was_public(&log) {
        return Err(nothing());
    }
    let history: Vec<Value> = log
        .iter()
        .map(
            |e| json!({ "at": e.at, "who": e.who, "from": e.from, "to": e.to, "reason": e.reason }),
        )
        .collect();
    let said = json!({ "licence": LICENCE, "advisory": advisory, "history": history });
    Ok(Json(said).into_response())
}
