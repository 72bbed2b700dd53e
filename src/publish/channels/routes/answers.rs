//! What farmers answer on the page: once a person, without an account.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::limits::Doing;
use super::{Desk, Given};
use crate::frames::AdvisoryState;
use crate::publish::api::Problem;
use crate::publish::files::LICENCE;
use crate::storage::answers::Answer;
use crate::storage::vault::random_hex;

/// The cookie that lets one phone answer once.
const COOKIE: &str = "muavu_answer";

/// The shortest token that is one: what is shorter is shared by chance.
const TOKEN_CHARS_MIN: usize = 16;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    answer: Answer,
    /// An anonymous token of the client's own; without one it is given a cookie.
    token: Option<String>,
    /// Where a page without scripts goes on: a path of ours.
    next: Option<String>,
}

/// Takes an answer.
pub(super) async fn answer(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    extensions: Extensions,
    headers: HeaderMap,
    given: Result<Given<Said>, Problem>,
) -> Result<Response, Problem> {
    desk.limits.check(Doing::Answering, &extensions, &headers)?;
    let Given(given) = given?;
    was_told(&desk, &id).await?;
    let own = given.token.or_else(|| cookie(&headers));
    let own = own.filter(|token| (TOKEN_CHARS_MIN..=128).contains(&token.len()));
    let token = own.unwrap_or_else(|| random_hex(16));
    // The token itself is not kept: whoever has the database cannot answer in its owner's name.
    let who = desk.vault.name_of_text("answer", &token);
    if !desk.records.add_answer(&id, &who, given.answer, "web", (desk.now)()).await? {
        let detail = "this phone has answered often enough to this advisory";
        return Err(Problem::new(StatusCode::CONFLICT, "too many answers", detail));
    }
    let keep = format!("{COOKIE}={token}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax");
    let keep = [(header::SET_COOKIE, keep)];
    // A path of ours and nothing else: `//other.example` is an address elsewhere.
    let ours =
        |next: &String| next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    if let Some(next) = given.next.filter(ours) {
        let to = [(header::LOCATION, next)];
        return Ok((StatusCode::SEE_OTHER, keep, to).into_response());
    }
    let counts = desk.records.answers_to(&id).await?.for_everybody();
    let said = json!({ "taken": true, "token": token, "counts": counts });
    Ok((StatusCode::OK, keep, Json(said)).into_response())
}

/// Tells what was answered, once enough persons have.
pub(super) async fn counts(
    State(desk): State<Desk>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    was_told(&desk, &id).await?;
    let counts = desk.records.answers_to(&id).await?.for_everybody();
    Ok(Json(json!({
        "advisory": id, "as_of": (desk.now)(), "licence": LICENCE,
        "counts": counts, "share_right": counts.and_then(|counts| counts.share_right()),
    })))
}

/// Tells how often farmers said right, by rule and commune.
pub(super) async fn by_rule(State(desk): State<Desk>) -> Result<Json<Value>, Problem> {
    let rules = desk.records.said_right(None).await?;
    Ok(Json(json!({ "as_of": (desk.now)(), "licence": LICENCE, "rules": rules })))
}

/// Drafts and what was refused are nobody's to answer, nor to know of.
async fn was_told(desk: &Desk, id: &str) -> Result<(), Problem> {
    let never = [AdvisoryState::Draft, AdvisoryState::Approved, AdvisoryState::Rejected];
    let found = desk.records.advisory(id).await?;
    if found.is_some_and(|advisory| !never.contains(&advisory.state)) {
        return Ok(());
    }
    let detail = "no published advisory has this id";
    Err(Problem::new(StatusCode::NOT_FOUND, "unknown advisory", detail))
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|v| v.to_str().ok());
    let mut pairs =
        all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned())
}
