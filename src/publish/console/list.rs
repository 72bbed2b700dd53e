//! The lists: the queue, a group that one deed may approve, what is published, the log.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::fields::Fields;
use super::frame::{Broken, Top, draw};
use super::queue::{Group, Item, gist, group_name, groups, waiting};
use super::{Console, words};
use crate::frames::AdvisoryState;
use crate::publish::doors::{Right, Who};
use crate::review::{Deed, Order, Outcome};

/// Drafts on one page: more than a morning's reading, few enough for a phone to draw at once.
const PER_PAGE: usize = 100;
/// Lines of the log on its page.
const LOG_LINES: u64 = 500;

#[derive(Template)]
#[template(path = "queue.html", config = "src/publish/console/pages/askama.toml")]
struct QueuePage {
    top: Top,
    done: Option<String>,
    count: usize,
    over: usize,
    groups: Vec<GroupLine>,
    lines: Vec<Line>,
    page: usize,
    pages: usize,
}

#[derive(Template)]
#[template(path = "group.html", config = "src/publish/console/pages/askama.toml")]
struct GroupPage {
    top: Top,
    changed: bool,
    name: String,
    query: [String; 4],
    digest: String,
    may: bool,
    needs_two: bool,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "published.html", config = "src/publish/console/pages/askama.toml")]
struct PublishedPage {
    top: Top,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "log.html", config = "src/publish/console/pages/askama.toml")]
struct LogPage {
    top: Top,
    lines: Vec<[String; 5]>,
}

/// A draft as the lists show it.
pub struct Line {
    id: String,
    level: &'static str,
    severity: &'static str,
    commune: String,
    crop: &'static str,
    gist: String,
    sure: String,
    left: String,
    signed: String,
    amended: bool,
    answers: String,
    text: String,
}

/// A group as the queue shows it.
pub struct GroupLine {
    level: &'static str,
    name: String,
    count: usize,
    href: String,
}

fn line(item: &Item, now: jiff::Timestamp) -> Line {
    let a = &item.advisory;
    Line {
        id: a.id.clone(),
        level: a.severity.as_str(),
        severity: words::severity(a.severity),
        commune: item.commune.clone(),
        crop: words::crop(a.crop),
        gist: gist(a),
        sure: words::percent(a.confidence),
        left: words::left(a.expires_at, now),
        signed: item.signed.join(", "),
        amended: item.amended,
        answers: String::new(),
        text: a.text_vi.clone(),
    }
}

fn group_line(console: &Console, group: &Group) -> GroupLine {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("muc", group.key.severity.0.as_str())
        .append_pair("luat", &group.key.rule)
        .append_pair("viec", &group.key.action)
        .append_pair("nhanh", &group.key.branch)
        .finish();
    GroupLine {
        level: group.key.severity.0.as_str(),
        name: group_name(console, &group.key),
        count: group.count,
        href: format!("/ban-duyet/nhom?{query}"),
    }
}

#[derive(Deserialize)]
pub(super) struct QueueQuery {
    trang: Option<usize>,
    xong: Option<String>,
    so: Option<usize>,
}

/// Answers with the queue of the communes one may read.
pub(super) async fn queue(
    State(console): State<Console>,
    who: Who,
    Query(query): Query<QueueQuery>,
) -> Result<Response, Broken> {
    let now = (console.now)();
    let items = waiting(&console, &who, Right::Read).await?;
    console.doors.note(&who.name, "saw", "queue", &format!("{} drafts", items.len())).await?;
    let pages = items.len().div_ceil(PER_PAGE).max(1);
    let page = query.trang.unwrap_or(1).clamp(1, pages);
    let shown = items.iter().skip((page - 1) * PER_PAGE).take(PER_PAGE);
    let done = query.xong.as_deref().map(|what| match what {
        "nhom" => format!("Đã duyệt {} tin của nhóm.", query.so.unwrap_or(0)),
        "nhom-cho" => {
            format!("Đã ký lần một {} tin của nhóm; chờ người thứ hai.", query.so.unwrap_or(0))
        }
        "bac" => "Đã bác tin cuối.".to_owned(),
        "cho" => "Đã ký lần một; tin chờ người thứ hai.".to_owned(),
        _ => "Đã phát tin cuối.".to_owned(),
    });
    let page = QueuePage {
        top: Top::of(&who),
        done,
        count: items.len(),
        over: items.iter().filter(|i| i.advisory.expires_at <= now).count(),
        groups: groups(&items, &who.name, now)
            .iter()
            .filter(|g| g.count > 1)
            .map(|g| group_line(&console, g))
            .collect(),
        lines: shown.map(|item| line(item, now)).collect(),
        page,
        pages,
    };
    Ok(draw(StatusCode::OK, &page))
}

#[derive(Debug, Deserialize)]
pub(super) struct GroupQuery {
    muc: String,
    luat: String,
    viec: String,
    nhanh: String,
}

impl GroupQuery {
    fn fits(&self, item: &Item) -> bool {
        let a = &item.advisory;
        a.severity.as_str() == self.muc
            && a.rule == self.luat
            && a.action == self.viec
            && item.branch == self.nhanh
    }
}

/// Returns the drafts of a group that one may treat by this right and has not signed, and that still
/// stand.
async fn members(
    console: &Console,
    who: &Who,
    right: Right,
    query: &GroupQuery,
) -> Result<Vec<Arc<Item>>, Broken> {
    let mut items = waiting(console, who, right).await?;
    let now = (console.now)();
    items.retain(|item| query.fits(item) && item.waits_for(&who.name, now));
    Ok(items)
}

fn group_page(
    console: &Console,
    who: &Who,
    query: GroupQuery,
    items: &[Arc<Item>],
    changed: bool,
) -> Response {
    let now = (console.now)();
    let whole = groups(items, &who.name, now);
    let group = whole.first();
    let page = GroupPage {
        top: Top::of(who),
        changed,
        name: group.map_or_else(String::new, |g| group_name(console, &g.key)),
        digest: group.map_or_else(String::new, |g| g.digest.clone()),
        may: !items.is_empty() && items.iter().all(|i| who.may(Right::Review, &i.advisory.commune)),
        needs_two: items.first().is_some_and(|i| console.desk.needs_two(&i.advisory)),
        query: [query.muc, query.luat, query.viec, query.nhanh],
        lines: items.iter().map(|item| line(item, now)).collect(),
    };
    draw(if changed { StatusCode::CONFLICT } else { StatusCode::OK }, &page)
}

/// Answers with the drafts of one rule and urgency on one branch, to be read before they are approved.
pub(super) async fn group(
    State(console): State<Console>,
    who: Who,
    Query(query): Query<GroupQuery>,
) -> Result<Response, Broken> {
    let right = if who.may_somewhere(Right::Review) { Right::Review } else { Right::Read };
    let items = members(&console, &who, right, &query).await?;
    let about = format!("group {} {} {} {}", query.muc, query.luat, query.viec, query.nhanh);
    console.doors.note(&who.name, "saw", &about, &format!("{} drafts", items.len())).await?;
    Ok(group_page(&console, &who, query, &items, false))
}

/// Approves the drafts of a group, exactly those that were seen as they were seen.
pub(super) async fn approve_group(
    State(console): State<Console>,
    who: Who,
    fields: Fields,
) -> Result<Response, Broken> {
    let text = |name: &str| fields.get(name).to_owned();
    let query = GroupQuery {
        muc: text("muc"),
        luat: text("luat"),
        viec: text("viec"),
        nhanh: text("nhanh"),
    };
    let items = members(&console, &who, Right::Review, &query).await?;
    if super::queue::digest(&items.iter().map(|item| &**item).collect::<Vec<_>>())
        != fields.get("dau")
    {
        return Ok(group_page(&console, &who, query, &items, true));
    }
    let reason = format!("cả nhóm {} {} {}", query.muc, query.luat, query.nhanh);
    let order = |item: &Arc<Item>| Order {
        id: item.advisory.id.clone(),
        seen: Some(item.seen),
        deed: Deed::Approve { wording: None },
        who: who.name.clone(),
        reason: reason.clone(),
        at: (console.now)(),
        may_sign_last: who.may(Right::SignLast, &item.advisory.commune),
    };
    let outcomes = console.desk.act_on_all(items.iter().map(order).collect()).await;
    let (mut approved, mut word) = (0, "nhom");
    for (item, outcome) in items.iter().zip(&outcomes) {
        let what = match outcome {
            Ok(Outcome::Waits(_)) => {
                // A group is of one class: when one waits for a second person, all do.
                word = "nhom-cho";
                "signed first"
            }
            Ok(_) => "approved",
            Err(_) => "refused",
        };
        approved += usize::from(outcome.is_ok());
        console.doors.note(&who.name, what, &item.advisory.id, &reason).await?;
    }
    Ok(Redirect::to(&format!("/ban-duyet?xong={word}&so={approved}")).into_response())
}

/// Answers with what is published, newest first, with what farmers answered; each to be withdrawn if it
/// was wrong.
pub(super) async fn published(
    State(console): State<Console>,
    who: Who,
) -> Result<Response, Broken> {
    let now = (console.now)();
    let mut items = console.standing(AdvisoryState::Published).await?;
    items.retain(|item| who.may(Right::Read, &item.advisory.commune));
    items.sort_by_cached_key(|item| (std::cmp::Reverse(item.advisory.issued_at), item.order(now)));
    items.truncate(5 * PER_PAGE);
    let ids = items.iter().map(|item| item.advisory.id.as_str());
    let answered = console.records.answers_to_each(ids).await?;
    let told = |item: &Arc<Item>| Line {
        answers: answered.get(&item.advisory.id).map(words::answers).unwrap_or_default(),
        ..line(item, now)
    };
    let lines = items.iter().map(told).collect();
    Ok(draw(StatusCode::OK, &PublishedPage { top: Top::of(&who), lines }))
}

/// Answers with who saw and did what, newest first.
pub(super) async fn log(State(console): State<Console>, who: Who) -> Result<Response, Broken> {
    let notes = console.records.notes(None, LOG_LINES).await?;
    let line = |note: crate::storage::people::Note| {
        [
            words::full_moment(note.at),
            words::noted(&note.who),
            words::deed(&note.what),
            words::noted(&note.about),
            words::noted(&note.detail),
        ]
    };
    let page = LogPage { top: Top::of(&who), lines: notes.into_iter().map(line).collect() };
    Ok(draw(StatusCode::OK, &page))
}

/// Answers scripts with what waits in the communes they may read.
pub(super) async fn drafts_json(
    State(console): State<Console>,
    who: Who,
) -> Result<Json<Value>, Broken> {
    let items = waiting(&console, &who, Right::Read).await?;
    console.doors.note(&who.name, "saw", "queue", &format!("{} drafts", items.len())).await?;
    let drafts: Vec<Value> = items
        .iter()
        .map(|item| {
            json!({ "advisory": item.advisory, "seen": item.seen, "signed_by": item.signed })
        })
        .collect();
    Ok(Json(json!({ "as_of": (console.now)(), "drafts": drafts })))
}
