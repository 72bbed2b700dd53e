//! What a client asks: query and path read with errors that name what was given and what is known.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// A query read into `T`; one that cannot be read is a [`Problem`].
#[derive(Debug, Clone, Copy)]
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default().to_owned();
        Query::<T>::try_from_uri(&parts.uri).map(|Query(asked)| Self(asked)).map_err(|error| {
            let why = std::error::Error::source(&error).map(ToString::to_string);
            let detail = format!("?{query}: {}", why.unwrap_or_else(|| error.to_string()));
            Problem::bad("query cannot be read", detail)
        })
    }
}

/// Refuses parameters an address does not know, so that a misspelt one is not silently ignored.
pub async fn only_known(
    State(known): State<Arc<[&'static str]>>,
    request: Request,
    next: Next,
) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let stranger = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, _)| name.into_owned())
        .find(|name| !known.contains(&name.as_str()));
    match stranger {
        None => next.run(request).await,
        Some(name) => {
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let detail = format!("parameter {name:?} is not known here; known are: {known}");
            Problem::bad("unknown parameter", detail).into_response()
        }
    }
}
