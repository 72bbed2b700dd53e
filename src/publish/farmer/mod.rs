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
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest as _, Sha256};
use tower_http::compression::CompressionLayer;

use super::api::Problem;
use super::files::LICENCE;
use super::today::Board;
use crate::domain::geography::{Commune, GeographyError};
use crate::domain::hex;

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

/// Only our own files: no word of the outside runs or is loaded on these pages.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     manifest-src 'self'; worker-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// The headers of every answer here.
const HEADERS: [(&str, &str); 5] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "geolocation=(self), camera=(), microphone=()"),
    ("cross-origin-opener-policy", "same-origin"),
];

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
        .layer(from_fn(headed))
        .layer(CompressionLayer::new())
        .with_state(Pages { board, finder }))
}

/// Puts the headers of these pages on an answer.
async fn headed(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// Draws a page and answers with it, or with 304 when the reader has it already. The tag is weak:
/// the same page goes out compressed and not.
fn drawn(page: &impl Template, status: StatusCode, asked: &HeaderMap) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a page could not be drawn");
            let detail = "the page cannot be drawn at the moment; the log says why";
            return Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "page not drawn", detail)
                .into_response();
        }
    };
    let tag = format!("W/\"{}\"", hex(&Sha256::digest(&html)[..12]));
    let has = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
    let same = has.flat_map(|v| v.split(',')).any(|v| v.trim() == tag || v.trim() == "*");
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::ETAG, tag),
    ];
    if same && status == StatusCode::OK {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (status, headers, html).into_response()
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
