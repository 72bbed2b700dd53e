//! The review console for agronomists: the morning's queue, each draft with everything needed to judge
//! it, and the deeds: approve, amend, reject, withdraw.
//!
//! Server-rendered forms that work without script; a small script adds keys, the live preview and
//! drafts that survive a lost connection. What is done is done by the desk ([`Reviews`]), which is the
//! pipeline's; what is seen and done is noted for ever.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::routing::{get, post};
use futures::future::BoxFuture;
use jiff::Timestamp;

use super::doors::{BODY_BYTES_MAX, Doors, OpenTo, Right, Route, gate, headers, sign_in};
use crate::domain::Geography;
use crate::frames::{Advisory, AdvisoryState};
use crate::review::{Order, Outcome, Refusal};
use crate::storage::{Lake, Records, StorageError};

mod alarms;
mod board;
mod case;
mod drawing;
mod evidence;
mod files;
mod fields;
mod frame;
mod list;
pub mod queue;
mod series;
mod words;

/// The desk that carries out what reviewers ask for; the pipeline's.
pub trait Reviews: Send + Sync {
    /// Carries out orders one by one; one that is refused does not hold up the others.
    fn act_on_all(&self, orders: Vec<Order>) -> BoxFuture<'_, Vec<Result<Outcome, Refusal>>>;

    /// Returns whether an advisory needs two persons.
    fn needs_two(&self, advisory: &Advisory) -> bool;
}

/// How an advisory reads in each channel: the channel's name and its text. The channels' renderers
/// are given to the console from outside.
pub type Previews = fn(&Advisory) -> Vec<(String, String)>;

/// Returns the one form that every advisory has: its text on a screen.
#[must_use]
pub fn on_screen(advisory: &Advisory) -> Vec<(String, String)> {
    vec![("Màn hình".to_owned(), advisory.text_vi.clone())]
}

/// What a rule says of itself, for whoever judges its drafts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleNote {
    /// What it protects, in one Vietnamese line.
    pub title: String,
    /// Why it speaks, in Vietnamese: of each level its urgency, its action and the reason.
    pub why: Vec<(crate::domain::Severity, String, String)>,
}

/// Everything the console reads and does.
#[derive(Clone)]
pub struct Console {
    /// Who is let in.
    pub doors: Doors,
    /// The numbers.
    pub lake: Lake,
    /// Advisories, alarms, people.
    pub records: Records,
    /// The province.
    pub geography: Arc<Geography>,
    /// Asks the present moment.
    pub now: fn() -> Timestamp,
    /// Carries out deeds.
    pub desk: Arc<dyn Reviews>,
    /// How an advisory reads in each channel.
    pub previews: Previews,
    /// What the rules say of themselves, by id.
    pub rules: Arc<std::collections::BTreeMap<String, RuleNote>>,
    /// What lies beside the drafts of a morning.
    pub boards: Boards,
    /// What was read of the record store.
    pub shelf: Shelf,
}

impl Console {
    /// Returns what a rule is called; one that is not known any more, by its id.
    fn rule_title<'a>(&'a self, rule: &'a str) -> &'a str {
        self.rules.get(rule).map_or(rule, |note| note.title.as_str())
    }

    /// Returns why the rule of an advisory speaks: of the level that has its action, and of several
    /// such the one of its urgency, which other rules may have raised.
    fn rule_why<'a>(&'a self, advisory: &Advisory) -> &'a str {
        let why = self.rules.get(&advisory.rule).map(|note| note.why.as_slice());
        let of_action = why.unwrap_or_default().iter().filter(|(_, a, _)| *a == advisory.action);
        let level = of_action.min_by_key(|(severity, ..)| *severity != advisory.severity);
        level.map_or("", |(.., why)| why)
    }

    /// Returns the advisories in this state, in no order.
    async fn standing(&self, state: AdvisoryState) -> Result<Vec<Arc<Item>>, StorageError> {
        self.shelf.in_state(&self.records, &self.geography, state).await
    }
}

pub use board::{Boards, MEASURED};
use queue::Item;
pub use queue::Shelf;

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}

/// Returns every route of the console and whom it is open to; the router is built from nothing else.
pub fn routes() -> Vec<Route<Console>> {
    let to = |right| {
        move |method, path, handler| Route {
            method,
            path,
            open_to: OpenTo::Holders(right),
            handler,
        }
    };
    let (read, review) = (to(Right::Read), to(Right::Review));
    let open =
        |path, handler| Route { method: Method::GET, path, open_to: OpenTo::Anyone, handler };
    vec![
        read(Method::GET, "/ban-duyet", get(list::queue)),
        read(Method::GET, "/ban-duyet/nhom", get(list::group)),
        review(Method::POST, "/ban-duyet/nhom", post(list::approve_group)),
        read(Method::GET, "/ban-duyet/da-phat", get(list::published)),
        read(Method::GET, "/ban-duyet/tin/{id}", get(case::show)),
        review(Method::POST, "/ban-duyet/tin/{id}/duyet", post(case::approve)),
        review(Method::POST, "/ban-duyet/tin/{id}/sua", post(case::amend)),
        review(Method::POST, "/ban-duyet/tin/{id}/bac", post(case::reject)),
        review(Method::POST, "/ban-duyet/tin/{id}/rut", post(case::withdraw)),
        review(Method::POST, "/ban-duyet/tin/{id}/xem-truoc", post(case::preview)),
        read(Method::GET, "/ban-duyet/bao-dong", get(alarms::list)),
        to(Right::SeeAlarm)(Method::POST, "/ban-duyet/bao-dong/da-nhan", post(alarms::seen)),
        to(Right::Manage)(Method::GET, "/ban-duyet/nhat-ky", get(list::log)),
        read(Method::GET, "/v1/review/drafts", get(list::drafts_json)),
        to(Right::SeeAlarm)(Method::POST, "/v1/review/alarms/seen", post(alarms::seen_json)),
        open("/ban-duyet/tep/console.css", get(files::css)),
        open("/ban-duyet/tep/console.js", get(files::script)),
        open("/ban-duyet/tep/pages.css", get(files::pages_css)),
    ]
}

/// Returns the console with its doors, its headers and its limits.
pub fn router(console: Console) -> Router {
    let doors = console.doors.clone();
    let inside = gate::router(&doors, routes()).with_state(console);
    let way_in = gate::router(&doors, sign_in::routes()).with_state(doors);
    let all = inside.merge(way_in).layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    headers::with_headers(all)
}
