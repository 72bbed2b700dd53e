//! Answers kept ready until something stored changes: each with a strong `ETag`, and gzipped once.
//!
//! The key is the whole address and what the client accepts; the mark of what is stored
//! ([`Stamp`]) and the minute say whether a kept answer still holds, so a withdrawn advisory is
//! gone within a second and an expired one within a minute.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use super::problem::Problem;
use crate::domain::hex;
use crate::storage::Stamp;

/// Kept answers may take this much memory (bytes); then all are let go. Every commune's screen in
/// all forms is below a tenth of it.
const KEPT_BYTES: usize = 64 << 20;

/// No answer is larger (bytes): ten thousand rows are about three megabytes.
const ANSWER_BYTES: usize = 64 << 20;

/// Below this an answer fits a packet, and gzip gains nothing (bytes).
const GZIP_BYTES_MIN: usize = 512;

/// Misses of addresses that fall together are made one after the other.
const LANES: usize = 32;

/// What a kept answer is found by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    address: String,
    accept: Option<HeaderValue>,
    gzip: bool,
}

/// What is stored, and the minute.
type Mark = (u64, i64);

#[derive(Debug)]
struct Kept {
    mark: Mark,
    headers: HeaderMap,
    body: Bytes,
}

/// The kept answers and what they take, bytes.
#[derive(Debug, Default)]
struct Answers {
    bytes: usize,
    by_key: HashMap<Key, Arc<Kept>>,
}

/// The kept answers.
#[derive(Debug, Clone)]
pub struct Cache {
    stamp: Arc<Stamp>,
    now: fn() -> jiff::Timestamp,
    kept: Arc<RwLock<Answers>>,
    lanes: Arc<[tokio::sync::Mutex<()>; LANES]>,
}

impl Cache {
    /// Returns an empty cache of answers about what `stamp` watches; `now` asks the present moment.
    #[must_use]
    pub fn new(stamp: Arc<Stamp>, now: fn() -> jiff::Timestamp) -> Self {
        let lanes = Arc::new(std::array::from_fn(|_| tokio::sync::Mutex::default()));
        Self { stamp, now, kept: Arc::default(), lanes }
    }

    fn mark(&self) -> Mark {
        (self.stamp.now(), (self.now)().as_second() / 60)
    }

    fn find(&self, key: &Key, mark: Mark) -> Option<Arc<Kept>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.by_key.get(key).filter(|kept| kept.mark == mark).map(Arc::clone)
    }

    fn keep(&self, key: Key, answer: &Arc<Kept>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + answer.body.len() > KEPT_BYTES {
            *kept = Answers::default();
        }
        kept.bytes += answer.body.len();
        if let Some(old) = kept.by_key.insert(key, Arc::clone(answer)) {
            kept.bytes -= old.body.len();
        }
    }
}

/// Answers reads from what is kept; makes, marks and keeps what is not.
pub async fn kept_ready(State(cache): State<Cache>, request: Request, next: Next) -> Response {
    let reads = request.method() == Method::GET || request.method() == Method::HEAD;
    // Whoever says who he is may be told what is for him alone.
    let named =
        [header::COOKIE, header::AUTHORIZATION].iter().any(|n| request.headers().contains_key(n));
    if !reads || named {
        return next.run(request).await;
    }
    let asked = request.headers().clone();
    let head = request.method() == Method::HEAD;
    let key = key_of(&request);
    let mark = cache.mark();
    if let Some(kept) = cache.find(&key, mark) {
        return answer(&kept, &asked, head);
    }
    let lane = &cache.lanes[lane_of(&key.address)];
    let turn = lane.lock().await;
    if let Some(kept) = cache.find(&key, mark) {
        return answer(&kept, &asked, head);
    }
    let (mut parts, body) = request.into_parts();
    // The whole answer is made, whichever part of it is asked for.
    parts.method = Method::GET;
    let made = next.run(Request::from_parts(parts, body)).await;
    if !may_be_kept(&made) {
        drop(turn);
        return made;
    }
    match whole(made, mark, key.gzip).await {
        Ok(kept) => {
            let kept = Arc::new(kept);
            cache.keep(key, &kept);
            answer(&kept, &asked, head)
        }
        Err(problem) => problem.into_response(),
    }
}

fn key_of(request: &Request) -> Key {
    let headers = request.headers();
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok());
    Key {
        address: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
        accept: headers.get(header::ACCEPT).cloned(),
        gzip: accepts.is_some_and(|encodings| encodings.contains("gzip")),
    }
}

fn lane_of(address: &str) -> usize {
    address.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()))
        % LANES
}

/// Streams, errors, cookies and what says so itself are not kept.
fn may_be_kept(made: &Response) -> bool {
    let says = |name| made.headers().get(name).and_then(|v: &HeaderValue| v.to_str().ok());
    made.status() == StatusCode::OK
        && !says(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/event-stream"))
        && !says(header::CACHE_CONTROL)
            .is_some_and(|c| c.contains("no-store") || c.contains("private"))
        && !made.headers().contains_key(header::SET_COOKIE)
}

/// Reads a made answer to its end, compresses it if that helps, and marks it.
async fn whole(made: Response, mark: Mark, gzip: bool) -> Result<Kept, Problem> {
    let (parts, body) = made.into_parts();
    let too_large = |error: axum::Error| {
        tracing::error!(%error, "an answer could not be read to its end");
        let detail = "the answer is too large: ask for less, by limit or by narrower conditions";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "answer too large", detail)
    };
    let mut body = to_bytes(body, ANSWER_BYTES).await.map_err(too_large)?;
    let mut headers = parts.headers;
    headers.remove(header::CONTENT_LENGTH);
    let coded = headers.contains_key(header::CONTENT_ENCODING);
    if gzip && !coded && body.len() >= GZIP_BYTES_MIN {
        let smaller = gzipped(&body).filter(|smaller| smaller.len() < body.len());
        if let Some(smaller) = smaller {
            body = smaller.into();
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    // Over the bytes as sent: another encoding is another representation (RFC 9110, 8.8.3.3).
    let tag = format!("\"{}\"", hex(&Sha256::digest(&body)[..16]));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    let vary = HeaderValue::from_static("accept, accept-encoding");
    headers.insert(header::VARY, vary);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("public, no-cache"));
    Ok(Kept { mark, headers, body })
}

/// Returns how many bytes a body takes on the wire for a client that takes gzip.
pub(super) fn wire_bytes(body: &[u8]) -> usize {
    gzipped(body).map_or(body.len(), |smaller| smaller.len().min(body.len()))
}

fn gzipped(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

/// Returns a kept answer, or that the client has it already.
fn answer(kept: &Kept, asked: &HeaderMap, head: bool) -> Response {
    if has_it(kept, asked) {
        let mut same = StatusCode::NOT_MODIFIED.into_response();
        for name in [
            header::ETAG,
            header::CACHE_CONTROL,
            header::VARY,
            header::LAST_MODIFIED,
            header::CONTENT_LOCATION,
        ] {
            if let Some(value) = kept.headers.get(&name) {
                same.headers_mut().insert(name, value.clone());
            }
        }
        return same;
    }
    let body = if head { Body::empty() } else { Body::from(kept.body.clone()) };
    let mut whole = Response::new(body);
    *whole.headers_mut() = kept.headers.clone();
    whole.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(kept.body.len()));
    whole
}

/// Whether the client's conditions say that it has the answer; `If-None-Match` wins (RFC 9110, 13).
fn has_it(kept: &Kept, asked: &HeaderMap) -> bool {
    let tag = kept.headers.get(header::ETAG).and_then(|v| v.to_str().ok());
    if asked.contains_key(header::IF_NONE_MATCH) {
        return asked
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|list| list.split(','))
            .map(|one| one.trim().trim_start_matches("W/"))
            .any(|one| one == "*" || Some(one) == tag);
    }
    let since = asked.get(header::IF_MODIFIED_SINCE).and_then(http_date);
    let changed = kept.headers.get(header::LAST_MODIFIED).and_then(http_date);
    since.zip(changed).is_some_and(|(since, changed)| changed <= since)
}

fn http_date(value: &HeaderValue) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value.to_str().ok()?).ok()
}

/// Returns a moment as `Last-Modified` says it (RFC 9110, 5.6.7).
#[must_use]
pub fn last_modified(at: jiff::Timestamp) -> Option<HeaderValue> {
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    HeaderValue::try_from(printer.timestamp_to_rfc9110_string(&at).ok()?).ok()
}
