//! The farmer's page: one screen that says whether water may be taken, when, how sure, and why.
//!
//! Drawn on the server, whole without a script; the script only remembers the commune on the phone
//! and tells the age of a kept page. Nothing about the reader is stored here. What is shown comes
//! from [`today`](super::today), so that only approved advice can be.
//!
//! `/` chooses a commune ([`finder`]), `/xa/{code}` is the screen, `/xa/{code}/in` a poster for the
//! sluice; `/t/…`, `/sw.js` and `/manifest.webmanifest` are the files beside them ([`assets`]).

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use super::api::Problem;
use super::files::LICENCE;
use super::today::Board;
use crate::domain::geography::{Commune, GeographyError};

pub mod age;
mod assets;
mod chooser;
pub mod finder;
mod picture;
mod poster;
mod screen;
pub mod words;

use finder::Finder;
use words::{Lang, Talk};

/// What the pages read.
#[derive(Clone)]
struct Pages {
    board: Arc<Board>,
    finder: Arc<Finder>,
}

/// Returns the routes of the farmer's pages.
///
/// # Errors
/// [`GeographyError`] when the shipped table of old communes is broken (a test keeps it whole).
pub fn router(board: Arc<Board>) -> Result<Router, GeographyError> {
    let finder = Arc::new(Finder::shipped(&board.shelf().geography)?);
    Ok(Router::new()
        .route("/", get(chooser::page))
        .route("/xa/{code}", get(screen::page))
        .route("/xa/{code}/in", get(poster::page))
        .route("/t/{name}", get(assets::file))
        .route("/sw.js", get(assets::worker))
        .route("/manifest.webmanifest", get(assets::manifest))
        .with_state(Pages { board, finder }))
}

/// Draws a page. The guard around all routes tags, compresses and keeps it; phones ask each time
/// whether it has changed.
fn drawn(page: &impl Template, status: StatusCode) -> Response {
    match page.render() {
        Ok(html) => (status, [(header::CACHE_CONTROL, "no-cache")], Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be drawn");
            let detail = "the page cannot be drawn at the moment; the log says why";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "page not drawn", detail)
                .into_response()
        }
    }
}

/// What every page has around it.
struct Frame {
    title: String,
    files: &'static assets::Files,
    /// The words with which the script tells an age; `0` stands for the number.
    ages: String,
    /// Shown by the script on a page kept from earlier; `0` stands for its age.
    offline: String,
    foot: String,
    langs: Vec<LangLink>,
}

/// A link to the page in another language.
struct LangLink {
    href: String,
    tag: &'static str,
    name: String,
}

impl Frame {
    /// Returns what is around the page at `path` with these arguments.
    fn new(w: Talk, title: String, path: &str, args: &[(&str, &str)]) -> Self {
        let counted = ["age-minutes", "age-hours", "age-days"].map(|key| w.say(key, &[("n", "0")]));
        let others = Lang::ALL.into_iter().filter(|l| *l != w.0);
        let to = |lang: Lang| LangLink {
            href: link(lang, path, args),
            tag: lang.tag(),
            name: Talk(lang).t("language"),
        };
        Self {
            title,
            files: &assets::FILES,
            ages: [&[w.t("age-now")], &counted[..]].concat().join("|"),
            offline: w.say("offline", &[("age", "0")]),
            foot: format!("{}. {}", w.t("made-by"), w.say("licence", &[("licence", LICENCE)])),
            langs: others.map(to).collect(),
        }
    }
}

/// Returns an address with its arguments and, unless it is Vietnamese, its language.
fn link(lang: Lang, path: &str, args: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(args.iter().filter(|(_, value)| !value.is_empty()));
    if lang != Lang::default() {
        query.append_pair("lang", lang.tag());
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Returns a commune's name with its kind.
fn full_name(w: Talk, commune: &Commune) -> String {
    let key = if commune.kind == "phường" { "kind-ward" } else { "kind-commune" };
    w.say(key, &[("name", &commune.name)])
}
