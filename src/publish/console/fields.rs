//! The fields of a form, as they came.

use axum::extract::{FromRequest, Request};
use axum::response::Response;

use crate::publish::doors::gate::said;

/// The fields of a form in their order; a name may come again.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Returns the first field of a name, or an empty text.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Returns every field of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns a text as people wrote it: one kind of line end, nothing behind the last word.
    pub fn text(&self, name: &str) -> String {
        self.get(name).replace("\r\n", "\n").trim_end().to_owned()
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let large = |_| {
            let words = "Nội dung gửi lên quá lớn.";
            said(true, axum::http::StatusCode::PAYLOAD_TOO_LARGE, words)
        };
        let bytes = axum::body::Bytes::from_request(request, state).await.map_err(large)?;
        Ok(Self(url::form_urlencoded::parse(&bytes).into_owned().collect()))
    }
}
