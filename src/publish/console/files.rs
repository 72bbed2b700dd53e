//! The console's style sheet and script, built into the program.

use axum::http::header;
use axum::response::IntoResponse;

const CSS: &str = include_str!("pages/console.css");
const SCRIPT: &str = include_str!("pages/console.js");

/// A new program may bring a new file: asked again after an hour.
const KEEP: &str = "public, max-age=3600";

pub(super) async fn css() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, KEEP)], CSS)
}

pub(super) async fn script() -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "text/javascript; charset=utf-8");
    ([kind, (header::CACHE_CONTROL, KEEP)], SCRIPT)
}
