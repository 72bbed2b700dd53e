//! One advisory on the table: everything beside it, its words to be changed, and the deeds.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::board;
use super::evidence::{self, Beside};
use super::fields::Fields;
use super::frame::{Broken, Top, draw};
use super::queue::{Item, commune_name, waiting};
use super::{Console, words};
use crate::domain::time::local_date;
use crate::frames::{Advisory, AdvisoryState, ReviewEvent, Wording};
use crate::publish::doors::gate::{denied, said};
use crate::publish::doors::{Right, Who};
use crate::review::{Deed, Order, Outcome, Refusal};
use crate::storage::StorageError;
use crate::storage::answers::AnswerCounts;

/// Times an advisory was looked at that its page names.
const LOOKS: u64 = 100;

#[derive(Template)]
#[template(path = "case.html", config = "src/publish/console/pages/askama.toml")]
struct CasePage {
    top: Top,
    id: String,
    said: Option<String>,
    wrong: Option<String>,
    theirs: Option<Theirs>,
    state: &'static str,
    may_change: bool,
    may_withdraw: bool,
    seen: i64,
    level: &'static str,
    severity: &'static str,
    commune: String,
    crop: &'static str,
    issued: String,
    left: String,
    sure: String,
    rule: String,
    rule_title: String,
    rule_why: String,
    sources: Vec<String>,
    basis: Vec<String>,
    needs_two: bool,
    signed: String,
    text_vi: String,
    text_en: String,
    rows: usize,
    unit: String,
    values: Vec<ValueLine>,
    reason: String,
    previews: Vec<(String, String)>,
    unmatched: bool,
    beside: Beside,
    answered: Vec<AnsweredLine>,
    log: Vec<[String; 4]>,
    looks: Vec<[String; 2]>,
    place: String,
    previous: Option<String>,
    next: Option<String>,
}

/// What somebody else did meanwhile.
struct Theirs {
    what: String,
    text_vi: String,
    text_en: String,
    mine_differs: bool,
}

/// A line of evidence with its changeable figure.
struct ValueLine {
    day: String,
    value: String,
    range: String,
    limit: String,
    odds: String,
}

/// What farmers answered: to this advisory, and to all of its rule in its commune.
struct AnsweredLine {
    whose: String,
    counts: AnswerCounts,
}

#[derive(Template)]
#[template(path = "previews.html", config = "src/publish/console/pages/askama.toml")]
struct PreviewsPart {
    previews: Vec<(String, String)>,
    unmatched: bool,
}

/// An advisory on the table, with the right to it checked for its commune.
struct Case {
    advisory: Advisory,
    log: Vec<ReviewEvent>,
}

/// What a reviewer left in the form.
#[derive(Default)]
struct Mine {
    wording: Option<Wording>,
    reason: String,
    wrong: Option<String>,
    theirs: bool,
    said: Option<String>,
}

async fn open(console: &Console, who: &Who, id: &str, right: Right) -> Result<Case, Broken> {
    let Some(advisory) = console.records.advisory(id).await? else {
        return Err(said(true, StatusCode::NOT_FOUND, "Không có tin này.").into());
    };
    if !who.may(right, &advisory.commune) {
        console.doors.note(&who.name, "refused", id, &format!("{right:?}")).await?;
        return Err(denied(true).into());
    }
    let log = console.records.events(id).await?;
    Ok(Case { advisory, log })
}

#[derive(Deserialize)]
pub(super) struct ShowQuery {
    xong: Option<String>,
}

/// Answers with an advisory and everything beside it; that it was seen is noted.
pub(super) async fn show(
    State(console): State<Console>,
    who: Who,
    Path(id): Path<String>,
    Query(query): Query<ShowQuery>,
) -> Result<Response, Broken> {
    let case = open(&console, &who, &id, Right::Read).await?;
    console.doors.note(&who.name, "saw", &id, "").await?;
    let said = query.xong.as_deref().and_then(|what| match what {
        "phat" => Some("Đã phát tin trước."),
        "bac" => Some("Đã bác tin trước."),
        "cho" => Some("Đã ký lần một tin trước; tin chờ người thứ hai."),
        "sua" => Some("Đã lưu lời đã sửa."),
        _ => None,
    });
    let mine = Mine { said: said.map(str::to_owned), ..Mine::default() };
    page(&console, &who, case, mine, StatusCode::OK).await
}

pub(super) async fn approve(
    State(console): State<Console>,
    who: Who,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Broken> {
    let case = open(&console, &who, &id, Right::Review).await?;
    let wording = changed(&case.advisory, &fields);
    decide(&console, &who, case, fields, Deed::Approve { wording }).await
}

pub(super) async fn amend(
    State(console): State<Console>,
    who: Who,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Broken> {
    let case = open(&console, &who, &id, Right::Review).await?;
    let wording = changed(&case.advisory, &fields).unwrap_or_else(|| Wording::of(&case.advisory));
    decide(&console, &who, case, fields, Deed::Amend { wording }).await
}

pub(super) async fn reject(
    State(console): State<Console>,
    who: Who,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Broken> {
    let case = open(&console, &who, &id, Right::Review).await?;
    decide(&console, &who, case, fields, Deed::Reject).await
}

pub(super) async fn withdraw(
    State(console): State<Console>,
    who: Who,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Broken> {
    let case = open(&console, &who, &id, Right::Review).await?;
    decide(&console, &who, case, fields, Deed::Withdraw).await
}

#[derive(Deserialize)]
pub(super) struct PreviewQuery {
    manh: Option<String>,
}

/// Answers with how the words in the form read in each channel; nothing is stored.
pub(super) async fn preview(
    State(console): State<Console>,
    who: Who,
    Path(id): Path<String>,
    Query(query): Query<PreviewQuery>,
    fields: Fields,
) -> Result<Response, Broken> {
    let case = open(&console, &who, &id, Right::Review).await?;
    let wording = changed(&case.advisory, &fields);
    if query.manh.is_some() {
        let unmatched = unmatched(&case.advisory, wording.as_ref());
        let previews = (console.previews)(&worded(case.advisory, wording));
        return Ok(draw(StatusCode::OK, &PreviewsPart { previews, unmatched }));
    }
    let mine = Mine { wording, reason: fields.text("ly_do"), ..Mine::default() };
    page(&console, &who, case, mine, StatusCode::OK).await
}

/// Carries out a deed and goes on to the next draft; what is refused comes back with everything that
/// was in the form.
async fn decide(
    console: &Console,
    who: &Who,
    case: Case,
    fields: Fields,
    deed: Deed,
) -> Result<Response, Broken> {
    let id = case.advisory.id.clone();
    let next = next_of(console, who, &id).await?;
    let wording = changed(&case.advisory, &fields);
    let reason = fields.text("ly_do");
    let (withdraws, rejects) = (deed == Deed::Withdraw, deed == Deed::Reject);
    let order = Order {
        id: id.clone(),
        // A form without it has seen nothing that ever was.
        seen: Some(fields.get("da_xem").parse().unwrap_or(-1)),
        deed,
        who: who.name.clone(),
        reason: reason.clone(),
        at: (console.now)(),
        may_sign_last: who.may(Right::SignLast, &case.advisory.commune),
    };
    let outcome = console.desk.act_on_all(vec![order]).await.pop();
    let (what, word) = match &outcome {
        Some(Ok(Outcome::Published(_))) => ("approved", "phat"),
        Some(Ok(Outcome::Waits(_))) => ("signed first", "cho"),
        Some(Ok(Outcome::Amended(_))) => ("amended", "sua"),
        Some(Ok(Outcome::Ended(_))) if rejects => ("rejected", "bac"),
        Some(Ok(Outcome::Ended(_))) => ("withdrew", "rut"),
        Some(Err(_)) | None => ("refused", ""),
    };
    console.doors.note(&who.name, what, &id, &reason).await?;
    let mine = |wrong: Option<String>, theirs| Mine {
        wording: wording.clone(),
        reason: reason.clone(),
        wrong,
        theirs,
        said: None,
    };
    match outcome {
        Some(Ok(Outcome::Amended(_))) => {
            Ok(Redirect::to(&format!("/ban-duyet/tin/{id}?xong=sua")).into_response())
        }
        Some(Ok(_)) if withdraws => Ok(Redirect::to("/ban-duyet/da-phat").into_response()),
        Some(Ok(_)) => {
            let to = next.map_or_else(
                || format!("/ban-duyet?xong={word}"),
                |next| format!("/ban-duyet/tin/{next}?xong={word}"),
            );
            Ok(Redirect::to(&to).into_response())
        }
        Some(Err(Refusal::Changed { advisory, log })) => {
            let case = Case { advisory: *advisory, log };
            page(console, who, case, mine(None, true), StatusCode::CONFLICT).await
        }
        Some(Err(Refusal::Rule(why))) => {
            let case = open(console, who, &id, Right::Review).await?;
            let mine = mine(Some(words::refusal(&why)), false);
            page(console, who, case, mine, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Some(Err(Refusal::Fault(error))) => {
            tracing::error!(%error, "a deed of review failed");
            let case = open(console, who, &id, Right::Review).await?;
            let mine = mine(Some("Chưa làm được do lỗi máy chủ; hãy thử lại.".to_owned()), false);
            page(console, who, case, mine, StatusCode::INTERNAL_SERVER_ERROR).await
        }
        None => Err(said(true, StatusCode::NOT_FOUND, "Không có tin này.").into()),
    }
}

/// Returns the words and figures of a form where they are not those of the advisory. A figure that
/// is none makes them unfit, which review says.
fn changed(advisory: &Advisory, fields: &Fields) -> Option<Wording> {
    let was = Wording::of(advisory);
    if fields.get("loi_vi").is_empty() && fields.get("loi_en").is_empty() {
        return None;
    }
    let shown = was.values.iter().map(|v| words::number(*v, 2));
    let told = fields.all("so").map(|text| text.trim().replace(',', "."));
    let value = |((told, shown), was): ((String, String), &f64)| {
        // What was not touched keeps all its digits.
        if told == shown.replace(',', ".") { *was } else { told.parse().unwrap_or(f64::NAN) }
    };
    let values: Vec<f64> = told.zip(shown).zip(&was.values).map(value).collect();
    let values = if fields.all("so").next().is_none() { was.values.clone() } else { values };
    let now = Wording { text_vi: fields.text("loi_vi"), text_en: fields.text("loi_en"), values };
    let same = now.text_vi == was.text_vi.trim_end()
        && now.text_en == was.text_en.trim_end()
        && now.values == was.values;
    (!same).then_some(now)
}

/// Returns the advisory as it would read with these words.
fn worded(mut advisory: Advisory, wording: Option<Wording>) -> Advisory {
    if let Some(wording) = wording {
        for (line, value) in advisory.evidence.iter_mut().zip(wording.values) {
            line.value = value;
        }
        (advisory.text_vi, advisory.text_en) = (wording.text_vi, wording.text_en);
    }
    advisory
}

/// Returns whether a figure was changed and the words were not.
fn unmatched(advisory: &Advisory, wording: Option<&Wording>) -> bool {
    wording.is_some_and(|now| {
        now.values != Wording::of(advisory).values && now.text_vi == advisory.text_vi.trim_end()
    })
}

/// Returns the draft after this one that still waits for this person.
async fn next_of(console: &Console, who: &Who, id: &str) -> Result<Option<String>, Broken> {
    let items = waiting(console, who, Right::Review).await?;
    let now = (console.now)();
    let here = items.iter().position(|item| item.advisory.id == id).map_or(0, |k| k + 1);
    let waits =
        |item: &&std::sync::Arc<Item>| item.advisory.id != id && item.waits_for(&who.name, now);
    let next = items[here..].iter().find(waits).or_else(|| items[..here].iter().find(waits));
    Ok(next.map(|item| item.advisory.id.clone()))
}

async fn page(
    console: &Console,
    who: &Who,
    case: Case,
    mine: Mine,
    status: StatusCode,
) -> Result<Response, Broken> {
    let Case { advisory, log } = case;
    let now = (console.now)();
    let drafts = waiting(console, who, Right::Read).await?;
    let (place, [previous, next]) = standing(&drafts, &advisory.id);
    let mut around = drafts;
    around.extend(console.standing(AdvisoryState::Published).await?);
    let board = console.boards.of(&console.lake, &advisory, now).await?;
    let beside = evidence::beside(&advisory, &board, &console.geography, &around);
    let looks = console.records.notes(Some(&advisory.id), LOOKS).await?;
    let answered = answered(console, &advisory).await?;
    let item = Item::of(advisory.clone(), &log, &console.geography);
    let theirs = mine.theirs.then(|| theirs(&advisory, &log, mine.wording.as_ref()));
    let unmatched = unmatched(&advisory, mine.wording.as_ref());
    let shown = worded(advisory.clone(), mine.wording);
    let reviews = who.may(Right::Review, &advisory.commune);
    let page = CasePage {
        top: Top::of(who),
        said: mine.said,
        wrong: mine.wrong,
        theirs,
        state: words::state(advisory.state),
        may_change: reviews && advisory.state == AdvisoryState::Draft,
        may_withdraw: reviews
            && matches!(advisory.state, AdvisoryState::Approved | AdvisoryState::Published),
        seen: item.seen,
        level: advisory.severity.as_str(),
        severity: words::severity(advisory.severity),
        commune: commune_name(&console.geography, &advisory.commune),
        crop: words::crop(advisory.crop),
        issued: format!(
            "{} ({})",
            evidence::issued(&advisory, local_date(now)),
            words::full_moment(advisory.issued_at)
        ),
        left: words::left(advisory.expires_at, now),
        sure: words::percent(advisory.confidence),
        rule_title: console.rule_title(&advisory.rule).to_owned(),
        rule_why: console.rule_why(&advisory).to_owned(),
        rule: advisory.rule.clone(),
        sources: match advisory.sources_vi.as_slice() {
            [] => advisory.sources.clone(),
            told => told.to_vec(),
        },
        basis: basis(&advisory),
        needs_two: console.desk.needs_two(&advisory),
        signed: item.signed.join(", "),
        // About sixty characters fit a line of the field.
        rows: shown.text_vi.lines().map(|line| line.chars().count() / 60 + 1).sum(),
        unit: advisory.evidence.first().map_or_else(String::new, |e| e.unit.clone()),
        values: shown.evidence.iter().map(value_line).collect(),
        previews: (console.previews)(&shown),
        text_vi: shown.text_vi,
        text_en: shown.text_en,
        reason: mine.reason,
        unmatched,
        beside,
        answered,
        log: log.iter().map(log_line).collect(),
        looks: looks
            .into_iter()
            .filter(|note| note.what == "saw")
            .map(|note| [note.who, words::full_moment(note.at)])
            .collect(),
        place,
        previous,
        next,
        id: advisory.id,
    };
    Ok(draw(status, &page))
}

/// Returns where a draft stands in the queue, and the drafts before and after it.
fn standing(drafts: &[std::sync::Arc<Item>], id: &str) -> (String, [Option<String>; 2]) {
    let at = drafts.iter().position(|item| item.advisory.id == id);
    let id_at = |k: Option<usize>| k.and_then(|k| drafts.get(k)).map(|i| i.advisory.id.clone());
    let place = at.map_or_else(String::new, |k| format!("{} / {}", k + 1, drafts.len()));
    (place, [id_at(at.and_then(|k| k.checked_sub(1))), id_at(at.map(|k| k + 1))])
}

/// Returns what farmers answered to an advisory, and to all of its rule in its commune; nobody's answers
/// are no line.
async fn answered(
    console: &Console,
    advisory: &Advisory,
) -> Result<Vec<AnsweredLine>, StorageError> {
    let own = console.records.answers_to(&advisory.id).await?;
    let by_rule = console.records.answers_by_rule(&advisory.commune).await?;
    let mut lines = vec![AnsweredLine { whose: "Tin này".to_owned(), counts: own }];
    lines.extend(by_rule.into_iter().filter(|said| said.rule == advisory.rule).map(|said| {
        let whose = format!("Quy tắc này ở xã này ({} tin)", said.advisories);
        AnsweredLine { whose, counts: said.counts }
    }));
    lines.retain(|line| line.counts.received > 0);
    Ok(lines)
}

/// Returns what the values of an advisory rest on, each once.
fn basis(advisory: &Advisory) -> Vec<String> {
    let mut basis: Vec<String> = board::evidence(advisory)
        .map(|e| if e.basis_vi.is_empty() { &e.basis } else { &e.basis_vi })
        .cloned()
        .collect();
    basis.sort_unstable();
    basis.dedup();
    basis
}

fn value_line(evidence: &crate::frames::Evidence) -> ValueLine {
    ValueLine {
        day: evidence.day.strftime("%d/%m").to_string(),
        value: words::number(evidence.value, 2),
        range: format!("{} – {}", words::number(evidence.low, 2), words::number(evidence.high, 2)),
        limit: words::number(evidence.threshold, 2),
        odds: words::percent(evidence.probability),
    }
}

fn log_line(event: &ReviewEvent) -> [String; 4] {
    let what = match &event.was {
        Some(_) => "sửa lời".to_owned(),
        None if event.from == event.to => "ký lần một".to_owned(),
        None => words::state(event.to).to_owned(),
    };
    [words::full_moment(event.at), event.who.clone(), what, event.reason.clone()]
}

fn theirs(advisory: &Advisory, log: &[ReviewEvent], mine: Option<&Wording>) -> Theirs {
    let last = log.last().map(log_line);
    let what = last.map_or_else(String::new, |[at, who, what, reason]| {
        format!("{who} – {what} – {at}{}{reason}", if reason.is_empty() { "" } else { " – " })
    });
    Theirs {
        what,
        text_vi: advisory.text_vi.clone(),
        text_en: advisory.text_en.clone(),
        mine_differs: mine.is_some(),
    }
}
