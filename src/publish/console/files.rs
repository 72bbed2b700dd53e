//! The style sheets and the script of the console and of the pages of targets, built into the
//! program: pages themselves carry neither.

use axum::http::header;
use axum::response::IntoResponse;

const CSS: &str = include_str!("pages/console.css");
const PAGES_CSS: &str = include_str!("../pages/pages.css");
const SCRIPT: &str = include_str!("pages/console.js");

/// A new program may bring a new file: asked again after an hour.
const KEEP: &str = "public, max-age=3600";

pub(super) async fn css() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, KEEP)], CSS)
}

pub(super) async fn pages_css() -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "text/css; charset=utf-8");
    ([kind, (header::CACHE_CONTROL, KEEP)], PAGES_CSS)
}

pub(super) async fn script() -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "text/javascript; charset=utf-8");
    ([kind, (header::CACHE_CONTROL, KEEP)], SCRIPT)
}
