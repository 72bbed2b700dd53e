//! Reading a body to its end, or stopping where it goes wrong; and telling apart what went wrong.

use std::error::Error;
use std::io;

use bytes::Bytes;
use futures::StreamExt;

use super::Outcome;

/// Why there is no answer: the outcome and what the library said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How the attempt ended.
    pub outcome: Outcome,
    /// What is known about it.
    pub detail: String,
}

impl Failure {
    /// Returns a failure.
    #[must_use]
    pub fn new(outcome: Outcome, detail: impl Into<String>) -> Self {
        Self { outcome, detail: detail.into() }
    }
}

/// Returns the whole body, decompressed, of at most `bytes_max` bytes.
///
/// The cap holds while streaming and for the decompressed size, so a small file that unpacks to
/// gigabytes is cut off like a large one.
///
/// # Errors
/// [`Failure`] when the body is too large, shorter than its stated length, or breaks off.
pub async fn read(response: reqwest::Response, bytes_max: u64) -> Result<Bytes, Failure> {
    // The library hides the length of a compressed body, so this speaks of plain ones only.
    let stated = response.content_length();
    let too_large = |bytes: u64| {
        let text = format!("{bytes} bytes or more, at most {bytes_max} are allowed");
        Failure::new(Outcome::TooLarge, text)
    };
    if let Some(stated) = stated.filter(|stated| *stated > bytes_max) {
        return Err(too_large(stated));
    }
    let mut body = Vec::with_capacity(capacity(stated.unwrap_or(0)));
    let mut stream = response.bytes_stream();
    while let Some(part) = stream.next().await {
        let part = part.map_err(|error| classify(&error))?;
        let bytes = (body.len() + part.len()) as u64;
        if bytes > bytes_max {
            return Err(too_large(bytes));
        }
        body.extend_from_slice(&part);
    }
    match stated {
        // HTTP/1 and HTTP/2 below us check this too; a mismatch must never depend on that alone.
        Some(stated) if stated != body.len() as u64 => Err(Failure::new(
            Outcome::Truncated,
            format!("{} of {stated} stated bytes came", body.len()),
        )),
        _ => Ok(body.into()),
    }
}

/// Returns how much memory to reserve for a stated length: a lie must not reserve gigabytes.
fn capacity(stated: u64) -> usize {
    usize::try_from(stated.min(1 << 20)).unwrap_or(0)
}

/// Returns what a transport error means.
///
/// The library tells the stage; the chain of causes tells the rest. TLS causes are known by their
/// words only, as the TLS library is not a dependency of ours (each is covered by a test).
#[must_use]
pub fn classify(error: &reqwest::Error) -> Failure {
    let causes = causes(error);
    let text = causes.join(": ");
    let says = |words: &[&str]| words.iter().any(|w| text.to_ascii_lowercase().contains(w));
    let io_kind = io_kind(error);
    let outcome = if error.is_timeout() || io_kind == Some(io::ErrorKind::TimedOut) {
        Outcome::Slow
    } else if says(&["certificate", "handshake", "tls ", "corrupt message", "peer is incompatible"])
        || says(&["fatal alert", "peer misbehaved", "close_notify"]) && error.is_connect()
    {
        Outcome::Tls
    } else if says(&["dns error", "failed to lookup address"]) {
        Outcome::Dns
    } else if error.is_connect() {
        Outcome::Connect
    } else if error.is_body() || error.is_decode() {
        body_outcome(io_kind, &text)
    } else if error.is_request() {
        // The connection was made and then ended without an answer.
        Outcome::Reset
    } else {
        Outcome::Transport
    };
    Failure::new(outcome, text)
}

/// Returns what an error inside a body means.
fn body_outcome(kind: Option<io::ErrorKind>, text: &str) -> Outcome {
    let text = text.to_ascii_lowercase();
    let cut = ["end of file", "unexpected eof", "closed", "reset", "incomplete", "broken pipe"];
    match kind {
        Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => Outcome::Truncated,
        _ if cut.iter().any(|word| text.contains(word)) => Outcome::Truncated,
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other) => {
            Outcome::BrokenEncoding
        }
        _ if text.contains("gzip") || text.contains("deflate") => Outcome::BrokenEncoding,
        _ => Outcome::Truncated,
    }
}

/// Returns the texts of an error and its causes, without the address (it may be long).
fn causes(error: &reqwest::Error) -> Vec<String> {
    let mut texts = Vec::new();
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(cause) = next {
        texts.push(cause.to_string());
        next = cause.source();
    }
    if texts.is_empty() {
        texts.push("no more is known".to_owned());
    }
    texts.dedup();
    texts
}

/// Returns the kind of the deepest system error among the causes.
fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let mut kind = None;
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(cause) = next {
        if let Some(system) = cause.downcast_ref::<io::Error>() {
            kind = Some(system.kind());
        }
        next = cause.source();
    }
    kind
}
