//! CAP documents and their feed, as they went out.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;

use super::Desk;
use crate::publish::api::{Problem, last_modified};
use crate::publish::atom::{self, Author, Entry, Feed, Rights, Urn};
use crate::publish::cap::{self, DateTime, Language, Sent};
use crate::publish::channels::cap::NAME;
use crate::publish::files::LICENCE;
use crate::storage::outbox::State as Stands;

/// Messages in the feed: some days of a bad season. Older ones are found at their own address.
const FEED_MESSAGES: u64 = 200;

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
    Ok(document.answer())
}

/// Serves the feed, newest first.
pub(super) async fn feed(State(desk): State<Desk>) -> Result<Response, Problem> {
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
    Ok(document.answer())
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
    /// Returns the document with its date; the guard of the site adds its tag and answers who has it
    /// already.
    fn answer(self) -> Response {
        let kind = format!("{}; charset=utf-8", self.media_type);
        let told = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, self.cache.to_owned())];
        let mut answer = (told, self.text).into_response();
        if let Some(changed) = last_modified(self.changed_at) {
            answer.headers_mut().insert(header::LAST_MODIFIED, changed);
        }
        answer
    }
}
