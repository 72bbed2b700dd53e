//! The files beside the pages: style, script, service worker, manifest, icons; built in.
//!
//! Style and script carry a part of their hash in their names and are kept by phones for a year; a
//! new version has a new name.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::words::{Lang, Talk};
use crate::domain::hex;

const CSS: &str = include_str!("static/farmer.css");
const JS: &str = include_str!("static/farmer.js");
const WORKER: &str = include_str!("static/sw.js");
const ICON: &str = include_str!("static/icon.svg");
const ICON_192: &[u8] = include_bytes!("static/icon-192.png");
const ICON_512: &[u8] = include_bytes!("static/icon-512.png");

/// A year: what is named by its hash never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// A day: icons keep their names, phones ask for them on installing.
const A_DAY: &str = "public, max-age=86400";
/// The worker and the manifest are asked for anew each time, so that a fix reaches every phone.
const ANEW: &str = "no-cache";

/// The addresses of the files.
#[derive(Debug)]
pub(super) struct Files {
    /// The style.
    pub css: String,
    /// The script.
    pub js: String,
    /// The icon.
    pub icon: String,
    worker: String,
}

pub(super) static FILES: LazyLock<Files> = LazyLock::new(|| {
    let named = |name: &str, text: &str, ending: &str| {
        let hash = hex(&Sha256::digest(text)[..5]);
        format!("/t/{name}.{hash}.{ending}")
    };
    let css = named("farmer", CSS, "css");
    let js = named("farmer", JS, "js");
    let icon = named("icon", ICON, "svg");
    let version = hex(&Sha256::digest([CSS, JS, ICON, WORKER].concat())[..5]);
    let files = json!([css, js, icon]).to_string();
    let worker = WORKER.replace("@VERSION@", &version).replace("@FILES@", &files);
    Files { css, js, icon, worker }
});

/// Answers with a file of `/t/`.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    let path = format!("/t/{name}");
    let files = &*FILES;
    let (kind, keep, body): (&str, &'static str, &'static [u8]) = match path.as_str() {
        p if p == files.css => ("text/css; charset=utf-8", FOR_EVER, CSS.as_bytes()),
        p if p == files.js => ("text/javascript; charset=utf-8", FOR_EVER, JS.as_bytes()),
        p if p == files.icon => ("image/svg+xml", FOR_EVER, ICON.as_bytes()),
        "/t/icon-192.png" => ("image/png", A_DAY, ICON_192),
        "/t/icon-512.png" => ("image/png", A_DAY, ICON_512),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    answer(kind, keep, body)
}

/// Answers with the service worker.
pub(super) async fn worker() -> Response {
    answer("text/javascript; charset=utf-8", ANEW, FILES.worker.as_bytes())
}

/// Answers with the manifest: what a phone needs to install the page.
pub(super) async fn manifest() -> Response {
    let w = Talk(Lang::Vi);
    let png = |size: u32| {
        json!({ "src": format!("/t/icon-{size}.png"), "sizes": format!("{size}x{size}"),
                "type": "image/png", "purpose": "any maskable" })
    };
    let body = json!({
        "name": w.t("site"), "short_name": "Muavu", "description": w.t("about"), "lang": "vi",
        "id": "/", "start_url": "/?app=1", "scope": "/", "display": "standalone",
        "background_color": "#ffffff", "theme_color": "#0a5a1f",
        "icons": [png(192), png(512), { "src": FILES.icon, "sizes": "any", "type": "image/svg+xml" }],
    });
    answer("application/manifest+json", ANEW, body.to_string().into_bytes())
}

fn answer(kind: &str, keep: &'static str, body: impl Into<axum::body::Body>) -> Response {
    let mut answer = Response::new(body.into());
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(kind) = HeaderValue::from_str(kind) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    answer
}
