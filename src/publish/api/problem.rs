//! Errors as problem documents (RFC 9457): what was given, what is allowed.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::storage::StorageError;

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: String,
    retry_secs: Option<u64>,
}

impl Problem {
    /// The media type of problem documents.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// Returns the problem with what was given and what is allowed.
    pub fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, title, detail: detail.into(), retry_secs: None }
    }

    /// Returns the problem of a client that asked too often and may come again after so many seconds.
    pub fn too_often(detail: impl Into<String>, retry_secs: u64) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too many requests", detail);
        Self { retry_secs: Some(retry_secs), ..problem }
    }

    /// Returns the problem of a request that asks for something that is not allowed.
    pub fn bad(title: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, title, detail)
    }

    /// Returns the problem of a request for something that is not there.
    pub fn missing(title: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, title, detail)
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "an answer could not be read");
        let detail = "the store cannot be read at the moment; the log says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "store unreadable", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let kind = [(header::CONTENT_TYPE, Self::MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")];
        let mut answer = (self.status, kind, body.to_string()).into_response();
        if let Some(seconds) = self.retry_secs {
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        answer
    }
}
