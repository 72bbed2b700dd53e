//! What every page of the console has, and how pages and refusals are drawn.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::publish::doors::gate::said;
use crate::publish::doors::{DoorError, Right, Who};
use crate::storage::StorageError;

/// What every page has.
pub struct Top {
    /// Who is signed in.
    pub name: String,
    /// The word every form carries.
    pub word: String,
    /// Whether the log may be read.
    pub manages: bool,
}

impl Top {
    /// Returns the top of a page for somebody.
    pub fn of(who: &Who) -> Self {
        Self {
            name: who.name.clone(),
            word: who.form_word.clone().unwrap_or_default(),
            manages: who.may_somewhere(Right::Manage),
        }
    }
}

/// Returns a page.
pub fn draw(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be drawn");
            let words = "Chưa vẽ được trang này; nhật ký máy chủ ghi lý do.";
            said(true, StatusCode::INTERNAL_SERVER_ERROR, words)
        }
    }
}

/// What broke on our side, as a page; the log says more.
pub struct Broken(Response);

impl From<StorageError> for Broken {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "the console cannot read the store");
        let words = "Chưa đọc được kho dữ liệu, hãy thử lại sau.";
        Self(said(true, StatusCode::INTERNAL_SERVER_ERROR, words))
    }
}

impl From<DoorError> for Broken {
    fn from(error: DoorError) -> Self {
        tracing::error!(%error, "what was done cannot be noted");
        let words = "Chưa ghi được nhật ký, nên chưa làm; hãy thử lại sau.";
        Self(said(true, StatusCode::INTERNAL_SERVER_ERROR, words))
    }
}

impl From<Response> for Broken {
    fn from(refusal: Response) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Broken {
    fn into_response(self) -> Response {
        self.0
    }
}
