//! `/xa/{code}/in`: an A4 sheet for the sluice, with a QR code that leads to the screen.
//!
//! It carries no advice: paper ages. It tells how to open the screen and how to read its answers.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Deserialize;

use super::words::{Lang, Talk};
use super::{Frame, Pages, chooser, drawn, full_name, link, picture};
use crate::publish::today::Answer;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    lang: Option<String>,
}

#[derive(Template)]
#[template(path = "farmer/poster.html", config = "src/publish/pages/farmer/askama.toml")]
struct Poster {
    frame: Frame,
    w: Talk,
    sample: bool,
    name: String,
    back: String,
    address: String,
    qr: String,
    answers: Vec<Line>,
}

struct Line {
    class: &'static str,
    icon: &'static str,
    word: String,
    text: String,
}

/// Answers with the poster of a commune.
pub(super) async fn page(
    State(pages): State<Pages>,
    Path(code): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let w = Talk(Lang::of(asked.lang.as_deref()));
    let geography = &pages.board.shelf().geography;
    let Some(commune) = geography.communes.iter().find(|c| c.code.as_str() == code) else {
        return chooser::unknown(&pages, w).await;
    };
    let sample = pages.board.snapshot().await;
    let sample = sample.is_ok_and(|s| s.communes.get(&commune.code).is_some_and(|t| t.sample));
    let path = format!("/xa/{code}");
    let address = format!("{}{path}", origin(&headers));
    let name = full_name(w, commune);
    let answers = [
        (Answer::Take, w.t("answer-take"), w.t("poster-take")),
        (Answer::Test, w.t("answer-test"), w.t("poster-test")),
        (Answer::Shut, w.t("answer-shut"), w.t("poster-shut")),
    ];
    let line = |(answer, word, text): (Answer, String, String)| Line {
        class: answer.as_str(),
        icon: picture::sign(Some(answer)),
        word,
        text,
    };
    let poster = Poster {
        frame: Frame::new(w, format!("{name} – Muavu"), &format!("{path}/in"), &[]),
        w,
        sample,
        back: link(w.0, &path, &[]),
        qr: qr(&address),
        address: address.split_once("://").map_or(address.clone(), |(_, rest)| rest.to_owned()),
        name,
        answers: answers.map(line).into(),
    };
    let mut answer = drawn(&poster, StatusCode::OK);
    // It names the host it was asked at, so it is never kept for somebody else.
    let private = HeaderValue::from_static("private, no-cache");
    answer.headers_mut().insert(header::CACHE_CONTROL, private);
    answer
}

/// Returns scheme and host as the reader's browser named them: a poster printed from the public
/// address leads to the public address. Anything that is no host name is not repeated.
fn origin(headers: &HeaderMap) -> String {
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    let is_host = |host: &&str| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
        !host.is_empty() && host.len() <= 255 && host.bytes().all(allowed)
    };
    let host = text(header::HOST).filter(is_host).unwrap_or("localhost");
    let forwarded = text(header::HeaderName::from_static("x-forwarded-proto"));
    let scheme = if forwarded == Some("https") { "https" } else { "http" };
    format!("{scheme}://{host}")
}

/// Returns the code as an SVG; a quarter of it may be torn or dirty and it is still read. Empty for
/// an address too long for a code.
fn qr(address: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(address, EcLevel::Q) else {
        return String::new();
    };
    let svg = code.render::<svg::Color<'_>>().quiet_zone(true).min_dimensions(200, 200).build();
    // The XML prologue does not belong inside a page.
    let svg = svg.split_once("<svg").map_or(String::new(), |(_, rest)| format!("<svg{rest}"));
    svg.replacen("<svg ", "<svg role=\"img\" aria-label=\"QR\" ", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_host_is_not_repeated() {
        let asked = |host: &str, proto: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            headers.insert("x-forwarded-proto", proto.parse().unwrap());
            origin(&headers)
        };
        assert_eq!(asked("muavu.vn:8780", "http"), "http://muavu.vn:8780");
        assert_eq!(asked("muavu.vn", "https"), "https://muavu.vn");
        assert_eq!(asked("evil.vn/<script>", "javascript"), "http://localhost");
    }

    #[test]
    fn the_code_is_one_svg_without_a_prologue_or_a_style() {
        let svg = qr("https://muavu.vn/xa/28756");
        assert!(svg.starts_with("<svg role=") && svg.ends_with("</svg>") && !svg.contains("style"));
        assert!(svg.len() < 12_000, "{}", svg.len());
        assert_eq!(qr(&"x".repeat(5_000)), "");
    }
}
