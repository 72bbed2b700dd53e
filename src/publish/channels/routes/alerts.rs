//! CAP documents and their feed, as they went out.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::Desk;
use crate::domain::hex;
use crate::publish::api::Problem;
use crate::publish::atom::{self, Author, Entry, Feed, Rights, Urn};
use crate::publish::cap::{self, DateTime, Language, Sent};
use crate::publish::channels::cap::NAME;
use crate::publish::files::LICENCE;
use crate::storage::outbox::State as Stands;

/// Messages in the feed: some days of a bad season. Older ones are found at their own address.
const FEED_MESSAGES: u64 = 200;

/// How HTTP writes times (RFC 9110, section 5.6.7).
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// A document as it is served.
struct Document {
    media_type: &'static str,
    changed_at: Timestamp,
    cache: &'static str,
    text: String,
}

/// Serves a CAP document, for ever: receivers look at what expired too.
pub(super) async fn document(
    State(desk): State<Desk>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let unknown = || {
        let detail = "known documents are listed in /v1/cap.atom, as /v1/cap/{identifier}.xml";
        Problem::new(StatusCode::NOT_FOUND, "unknown document", detail)
    };
    let identifier = file.strip_suffix(".xml").ok_or_else(unknown)?;
    let found = desk.records.received_as(NAME, identifier).await?.ok_or_else(unknown)?;
    let sent = sent(&found.body)?;
    let document = Document {
        media_type: cap::MEDIA_TYPE,
        changed_at: sent.message().get().envelope.sent.timestamp(),
        // What was sent never changes; a change is a message of its own.
        cache: "public, max-age=86400, immutable",
        text: sent.message().to_xml(),
    };
    Ok(document.answer(&headers))
}

/// Serves the feed, newest first.
pub(super) async fn feed(
    State(desk): State<Desk>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let stored = desk.records.deliveries(Some(Stands::Sent), Some(NAME), FEED_MESSAGES).await?;
    let messages: Vec<Sent> = stored.iter().map(|d| sent(&d.body)).collect::<Result<_, _>>()?;
    let settings = &desk.settings.cap;
    let at = |path: &str| settings.base_url.join(path).map_err(|error| unwritable(&error));
    let mut entries = Vec::with_capacity(messages.len());
    for message in &messages {
        let message = message.message();
        let document = at(&format!("v1/cap/{}.xml", message.get().envelope.identifier))?;
        entries.push(Entry { message, document, page: None });
    }
    let began = DateTime::local(Timestamp::UNIX_EPOCH).map_err(|error| unwritable(&error))?;
    let newest = messages.iter().map(|m| m.message().get().envelope.sent.timestamp()).max();
    let licence = "https://creativecommons.org/licenses/by/4.0/";
    let feed = Feed {
        id: Urn::of_name(&at("v1/cap.atom")?),
        title: "Muavu: tin cảnh báo nông nghiệp tỉnh Vĩnh Long (CAP 1.2)".to_owned(),
        subtitle: None,
        language: Language::Vietnamese,
        address: at("v1/cap.atom")?,
        author: Author { name: "Muavu".to_owned(), uri: Some(at("")?) },
        rights: Rights {
            text: LICENCE.to_owned(),
            licence: licence.parse().map_err(|error| unwritable(&error))?,
        },
        since: began,
        open: settings.public,
        entries,
    };
    let document = Document {
        media_type: atom::MEDIA_TYPE,
        changed_at: newest.unwrap_or(began.timestamp()),
        cache: "public, max-age=60",
        text: feed.to_xml(),
    };
    Ok(document.answer(&headers))
}

fn sent(body: &str) -> Result<Sent, Problem> {
    serde_json::from_str(body).map_err(|error| unwritable(&error))
}

fn unwritable(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "a CAP message cannot be shown");
    let detail = "the message cannot be shown; the log says why";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "message unreadable", detail)
}

impl Document {
    /// Returns the document, or only its headers when the client has it.
    fn answer(self, asked: &HeaderMap) -> Response {
        let tag = format!("\"{}\"", hex(&Sha256::digest(&self.text)[..16]));
        let changed = self.changed_at.strftime(HTTP_DATE).to_string();
        let known = self.is_known(asked, &tag);
        let kind = format!("{}; charset=utf-8", self.media_type);
        let mut answer = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, kind)], self.text).into_response()
        };
        let told = [
            (header::ETAG, tag.as_str()),
            (header::LAST_MODIFIED, changed.as_str()),
            (header::CACHE_CONTROL, self.cache),
        ];
        for (name, value) in told {
            if let Ok(value) = HeaderValue::from_str(value) {
                answer.headers_mut().insert(name, value);
            }
        }
        answer
    }

    /// `If-None-Match` wins over `If-Modified-Since` (RFC 9110, section 13.1.3).
    fn is_known(&self, asked: &HeaderMap, tag: &str) -> bool {
        let text = |name| asked.get(name).and_then(|v: &HeaderValue| v.to_str().ok());
        if let Some(tags) = text(header::IF_NONE_MATCH) {
            let mut tags = tags.split(',').map(|t| t.trim().trim_start_matches("W/"));
            return tags.any(|known| known == tag || known == "*");
        }
        let since = text(header::IF_MODIFIED_SINCE);
        let since = since.and_then(|date| jiff::civil::DateTime::strptime(HTTP_DATE, date).ok());
        let since = since.and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok());
        // Times of HTTP have whole seconds.
        let changed = self.changed_at - SignedDuration::from_nanos(i64::from(self.changed_at.subsec_nanosecond()));
        since.is_some_and(|since| changed <= since.timestamp())
    }
}
