//! What to ask, what to expect, and what came back.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::Url;

use super::Outcome;
use crate::domain::Secret;
use crate::sources::json;
use crate::sources::promise::Promise;

/// The kind of body that is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// One JSON document.
    Json,
    /// Lines of plain text.
    Text,
    /// Comma-separated values.
    Csv,
    /// A web page.
    Html,
    /// An Excel workbook (a ZIP file).
    Xlsx,
}

impl Expect {
    /// Returns the file ending under which such a body is kept.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "txt",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Xlsx => "xlsx",
        }
    }

    /// Returns how a whole body that came with a good status is to be judged.
    ///
    /// A failure while streaming arrives as a good status with an unreadable end (Open-Meteo
    /// writes its error text there), and maintenance pages as web pages: both must be seen here.
    #[must_use]
    pub fn judge(self, body: &[u8]) -> Outcome {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Outcome::Empty;
        }
        let page = looks_like_page(body);
        match self {
            Self::Html if page => Outcome::Ok,
            _ if page => Outcome::HtmlInstead,
            Self::Json if json::read(body).is_err() => Outcome::Unparsable,
            Self::Text | Self::Csv if body.contains(&0) => Outcome::Unparsable,
            Self::Html => Outcome::Unparsable,
            // Local file header of a ZIP file (PKWARE APPNOTE 4.3.7).
            Self::Xlsx if !body.starts_with(b"PK\x03\x04") => Outcome::Unparsable,
            _ => Outcome::Ok,
        }
    }
}

/// Returns whether a body begins like a web page.
fn looks_like_page(body: &[u8]) -> bool {
    let start = body.iter().position(|b| !b.is_ascii_whitespace());
    let head = &body[start.unwrap_or(0)..];
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head: Vec<u8> = head.iter().take(64).map(u8::to_ascii_lowercase).collect();
    [&b"<!doctype html"[..], b"<html", b"<head", b"<body", b"<!--"]
        .iter()
        .any(|tag| head.starts_with(tag))
}

/// What a provider's own words in a body mean, whatever the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// How the attempt ended.
    pub outcome: Outcome,
    /// The provider's words.
    pub detail: String,
    /// How long to wait, if the words say so.
    pub wait: Option<Duration>,
}

/// Finds a provider's complaint in a body; given the present time to work out waits.
pub type ComplaintFn = fn(body: &[u8], now: Timestamp) -> Option<Complaint>;

/// One thing to ask for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The feed it is for; names the folder in the raw archive and the counts.
    pub feed: &'static str,
    /// The promise whose limits hold.
    pub promise: &'static Promise,
    /// The address, without secrets.
    pub url: Url,
    /// The kind of body that is expected.
    pub expect: Expect,
    /// How many requests the provider counts this as.
    pub weight: u32,
    /// Whether a 404 means "not yet".
    pub not_yet: bool,
    /// A header with a key, sent to this host only.
    pub secret: Option<(&'static str, Secret)>,
    /// Finds the provider's complaint in a body.
    pub complaint: Option<ComplaintFn>,
}

impl Request {
    /// Returns a request for one answer.
    #[must_use]
    pub const fn new(
        feed: &'static str,
        promise: &'static Promise,
        url: Url,
        expect: Expect,
    ) -> Self {
        Self {
            feed,
            promise,
            url,
            expect,
            weight: 1,
            not_yet: false,
            secret: None,
            complaint: None,
        }
    }
}

/// A whole answer, new or still current.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The address asked, without secrets.
    pub url: String,
    /// The decompressed body.
    pub body: Bytes,
    /// When these bytes first came; unchanged when the provider says they are still current.
    pub fetched_at: Timestamp,
    /// The content's SHA-256, in hexadecimal; its name in the raw archive.
    pub sha256: String,
    /// How it was obtained (always a good outcome).
    pub outcome: Outcome,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_judged_by_what_they_are() {
        assert_eq!(Expect::Json.judge(b"{\"a\":1}"), Outcome::Ok);
        assert_eq!(Expect::Json.judge(b"{\"a\":1"), Outcome::Unparsable);
        assert_eq!(Expect::Json.judge(b"{\"a\":NaN}"), Outcome::Ok);
        assert_eq!(Expect::Json.judge(b" \n<!DOCTYPE html><p>"), Outcome::HtmlInstead);
        assert_eq!(Expect::Csv.judge(b"<html>"), Outcome::HtmlInstead);
        assert_eq!(Expect::Html.judge(b"\xef\xbb\xbf<HTML>"), Outcome::Ok);
        assert_eq!(Expect::Text.judge(b" \r\n"), Outcome::Empty);
        assert_eq!(Expect::Xlsx.judge(b"\xd0\xcf\x11\xe0 old xls"), Outcome::Unparsable);
        let streaming = b"[{\"latitude\":10.2},Unexpected error while streaming data: x";
        assert_eq!(Expect::Json.judge(streaming), Outcome::Unparsable);
    }
}
