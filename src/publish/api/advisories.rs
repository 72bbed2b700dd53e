//! Advisories that people were given, and what was done to each.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::table::Page;
use super::{Asked, Problem, Shelf, communes};
use crate::domain::Crop;
use crate::frames::{AdvisoryState, ReviewEvent};
use crate::publish::files::LICENCE;
use crate::storage::Mark;

/// The states of what was given to people; drafts and refused ones are the reviewers' alone.
pub(super) const PUBLIC: [AdvisoryState; 4] = [
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
    page: Page,
) -> Result<Response, Problem> {
    let commune = which.commune.as_deref().map(|c| communes::code(&shelf, c)).transpose()?;
    let state = which.state.unwrap_or(AdvisoryState::Published);
    if !PUBLIC.contains(&state) {
        let known = PUBLIC.map(AdvisoryState::as_str).join(", ");
        let detail = format!("{state} advisories are not public; public are: {known}");
        return Err(Problem::bad("state not public", detail));
    }
    let mut after = page.after().map(Mark::read);
    let mut rows = Vec::new();
    // One more than fits the page tells that there is another page.
    while rows.len() <= page.limit() {
        let records = &shelf.records;
        let some = records.advisories_after(state, commune.as_ref(), after, CHUNK).await?;
        let Some(last) = some.last().map(Mark::of) else { break };
        after = Some(last);
        let wanted = some.into_iter().filter(|a| which.crop.is_none_or(|crop| a.crop == crop));
        let known = records.with_their_logs(wanted.collect()).await?.into_iter();
        rows.extend(known.filter(|(_, log)| was_public(log)).map(|(advisory, _)| advisory));
    }
    let next = page.cut(&mut rows, |row| Mark::of(row).to_string());
    let said = json!({ "licence": LICENCE, "next": next, "advisories": rows });
    let mut answer = Json(said).into_response();
    page.tell_next(&mut answer, next.as_deref());
    Ok(answer)
}

/// Advisories read of the store at once: enough that a rare crop is found soon, few enough that a
/// small page is cheap. A document with its evidence is some ten kilobytes.
const CHUNK: u64 = 200;

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
