//! One attempt: send, follow redirects, read the body, and say how it ended. Never retries.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION};
use reqwest::{Response, StatusCode, Url};

use super::body::{self, Failure};
use super::caching::{self, Validators};
use super::request::{Complaint, Expect, Request};
use super::{Clock, Outcome};

/// The most redirects followed; browsers allow 20, a data file needs two or three.
const REDIRECTS_MAX: usize = 5;

/// The most bytes of an error page that are read: enough for its reason.
const ERROR_BYTES_MAX: u64 = 16 * 1024;

/// How one attempt ended.
#[derive(Debug)]
pub enum Ended {
    /// A whole, usable body.
    Body {
        /// The decompressed bytes.
        body: Bytes,
        /// What its headers say about asking again.
        validators: Validators,
        /// [`Outcome::Ok`] or [`Outcome::Deprecated`].
        outcome: Outcome,
    },
    /// What we hold is still current.
    NotModified(Validators),
    /// No usable answer.
    Failed(Complaint),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(Complaint { outcome: failure.outcome, detail: failure.detail, wait: None })
    }
}

/// Sends a request once and returns how it ended, within `deadline`.
pub async fn attempt(
    http: &reqwest::Client,
    request: &Request,
    held: Option<&Validators>,
    clock: &dyn Clock,
    deadline: Duration,
) -> Ended {
    let work = async {
        match send(http, request, held).await {
            Ok(response) => judge(response, request, held.is_some(), clock.now()).await,
            Err(failure) => failure.into(),
        }
    };
    tokio::time::timeout(deadline, work).await.unwrap_or_else(|_| {
        let text = format!("not finished after {} s", deadline.as_secs_f64());
        Failure::new(Outcome::Slow, text).into()
    })
}

/// Returns the first answer that is not a redirect.
///
/// Redirects are followed here and not by the library, because the key must not travel to another
/// host and the step from https to http must be refused.
async fn send(
    http: &reqwest::Client,
    request: &Request,
    held: Option<&Validators>,
) -> Result<Response, Failure> {
    let mut url = request.url.clone();
    let mut seen = vec![url.clone()];
    loop {
        let mut builder = http.get(url.clone());
        if let Some((name, secret)) = &request.secret
            && url.origin() == request.url.origin()
        {
            builder = builder.header(*name, secret.expose());
        }
        if let Some(etag) = held.and_then(|v| v.etag.as_deref()) {
            builder = builder.header(IF_NONE_MATCH, etag);
        }
        if let Some(modified) = held.and_then(|v| v.last_modified.as_deref()) {
            builder = builder.header(IF_MODIFIED_SINCE, modified);
        }
        let response = builder.send().await.map_err(|e| body::classify(&e))?;
        if !is_redirect(response.status()) {
            return Ok(response);
        }
        let location = response.headers().get(LOCATION).and_then(|l| l.to_str().ok());
        url = next_stop(&url, location)?;
        if seen.contains(&url) || seen.len() > REDIRECTS_MAX {
            let text = format!("{} redirects, now to {url}", seen.len());
            return Err(Failure::new(Outcome::RedirectLoop, text));
        }
        seen.push(url.clone());
    }
}

/// Returns whether a status asks us to go elsewhere for the same thing.
fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Returns where a redirect leads, if it may be followed.
fn next_stop(from: &Url, location: Option<&str>) -> Result<Url, Failure> {
    let refused = |text: String| Failure::new(Outcome::RedirectRefused, text);
    let location = location.ok_or_else(|| refused("redirect without a location".to_owned()))?;
    let next =
        from.join(location).map_err(|e| refused(format!("redirect to {location:?}: {e}")))?;
    match (from.scheme(), next.scheme()) {
        ("https" | "http", "https") | ("http", "http") => Ok(next),
        _ => Err(refused(format!("redirect from {} to {next}", from.scheme()))),
    }
}

/// Returns how an attempt that got an answer ended.
async fn judge(response: Response, request: &Request, asked_if: bool, now: Timestamp) -> Ended {
    let status = response.status();
    let validators = Validators::read(response.headers(), now);
    let wait = caching::retry_after(response.headers(), now);
    match status.as_u16() {
        200 | 203 => {}
        304 if asked_if => return Ended::NotModified(validators),
        _ => return refusal(response, request, wait, now).await,
    }
    let body = match body::read(response, request.promise.body_bytes_max).await {
        Ok(body) => body,
        Err(failure) => return failure.into(),
    };
    if let Some(complaint) = request.complaint.and_then(|find| find(&body, now)) {
        return Ended::Failed(complaint);
    }
    match judge_body(request.expect, &body).await {
        Outcome::Ok if status == StatusCode::NON_AUTHORITATIVE_INFORMATION => {
            Ended::Body { body, validators, outcome: Outcome::Deprecated }
        }
        Outcome::Ok => Ended::Body { body, validators, outcome: Outcome::Ok },
        outcome => Failure::new(outcome, beginning(&body)).into(),
    }
}

/// Returns how a body is to be judged; megabytes of JSON are read off the async threads.
async fn judge_body(expect: Expect, body: &Bytes) -> Outcome {
    let body = body.clone();
    let judged = tokio::task::spawn_blocking(move || expect.judge(&body));
    judged.await.unwrap_or(Outcome::Unparsable)
}

/// Returns what a status other than success means, with the provider's reason.
async fn refusal(
    response: Response,
    request: &Request,
    wait: Option<Duration>,
    now: Timestamp,
) -> Ended {
    let status = response.status();
    // A broken error page must not hide the status.
    let body = body::read(response, ERROR_BYTES_MAX).await.unwrap_or_default();
    let outcome = match status.as_u16() {
        204 => Outcome::Empty,
        401 | 403 => Outcome::Refused,
        404 | 410 => Outcome::NotFound,
        408 => Outcome::Slow,
        429 => Outcome::RateLimited,
        503 if wait.is_some() => Outcome::RateLimited,
        400..=499 => Outcome::Status4xx,
        500..=599 => Outcome::Status5xx,
        _ => Outcome::StatusOdd,
    };
    let said = Complaint {
        outcome,
        detail: format!("status {}: {}", status.as_u16(), beginning(&body)),
        wait,
    };
    Ended::Failed(match request.complaint.and_then(|find| find(&body, now)) {
        // The header is the stronger word on how long to wait, the body on what is wrong.
        Some(complaint) => Complaint { wait: wait.or(complaint.wait), ..complaint },
        None => said,
    })
}

/// Returns the beginning of a body on one line, for a person to read.
fn beginning(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(600)]);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_never_leave_https() {
        let from = Url::parse("https://a.org/x/y").unwrap();
        let outcome = |to| next_stop(&from, to).map(String::from).map_err(|f| f.outcome);
        assert_eq!(outcome(Some("../z?q=1")), Ok("https://a.org/z?q=1".to_owned()));
        assert_eq!(outcome(Some("//b.org/z")), Ok("https://b.org/z".to_owned()));
        for bad in [None, Some("http://a.org/x/y"), Some("file:///etc/hosts"), Some("https://")] {
            assert_eq!(outcome(bad), Err(Outcome::RedirectRefused), "{bad:?} was followed");
        }
        let plain = Url::parse("http://a.org/").unwrap();
        assert!(next_stop(&plain, Some("https://a.org/")).is_ok());
    }
}
