//! What people and machines ask of the channels: subscriptions, answers, CAP documents and their
//! feed.

mod addresses;
mod alerts;
mod answers;
mod inbound;
mod keywords;
mod limits;
mod subscriptions;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::settings::Settings;
use crate::publish::api::Problem;
use crate::publish::api::endpoint::routed;
use crate::storage::{Records, Vault};
use limits::Limits;

pub use addresses::WAYS;

/// The longest request that is read (bytes): a number, some communes, a word.
const BODY_BYTES_MAX: usize = 16 << 10;

/// Fields that are lists however often a form names them.
const LISTS: [&str; 3] = ["communes", "crops", "hazards"];

/// What the routes need.
#[derive(Debug, Clone)]
pub struct Desk {
    records: Records,
    vault: Arc<Vault>,
    settings: Arc<Settings>,
    now: fn() -> Timestamp,
    limits: Arc<Limits>,
}

impl Desk {
    /// Returns the desk of a home.
    #[must_use]
    pub fn new(records: Records, vault: Vault, settings: Settings, now: fn() -> Timestamp) -> Self {
        let (vault, settings) = (Arc::new(vault), Arc::new(settings));
        Self { records, vault, settings, now, limits: Arc::new(Limits::new()) }
    }
}

/// Returns the routes.
pub fn router(desk: Desk) -> Router {
    routed(WAYS).layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).with_state(desk)
}

/// Returns the body of a request, JSON or a form, as JSON.
fn fields(headers: &HeaderMap, body: &[u8]) -> Result<Value, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return serde_json::from_slice(body).map_err(|error| {
            let detail = format!("send JSON or a form: {error}");
            Problem::new(StatusCode::BAD_REQUEST, "body not understood", detail)
        });
    }
    let mut fields = Map::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        let value = Value::String(value.into_owned());
        if LISTS.contains(&name.as_ref()) {
            let list = fields.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().into_iter().for_each(|list| list.push(value.clone()));
        } else {
            fields.insert(name.into_owned(), value);
        }
    }
    Ok(Value::Object(fields))
}

/// The body of a request, read into what is allowed in it.
struct Given<T>(T);

impl<T: DeserializeOwned> FromRequest<Desk> for Given<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, desk).await.map_err(|refused| {
            let (title, detail) = match refused.status() {
                StatusCode::PAYLOAD_TOO_LARGE => {
                    ("body too large", format!("at most {BODY_BYTES_MAX} bytes are allowed"))
                }
                _ => ("body not read", refused.body_text()),
            };
            Problem::new(refused.status(), title, detail)
        })?;
        // What the reader says never repeats a number: `Phone` tells only what is allowed.
        serde_json::from_value(fields(&headers, &body)?).map(Self).map_err(|error| {
            let detail = error.to_string();
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "a field is not allowed", detail)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_the_same_as_json() {
        let mut headers = HeaderMap::new();
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        let form = b"phone=%2B84912345678&communes=29083&communes=28756&crops=pomelo";
        let json = r#"{"phone":"+84912345678","communes":["29083","28756"],"crops":["pomelo"]}"#;
        let Ok(from_form) = fields(&headers, form) else { panic!() };
        let Ok(from_json) = fields(&HeaderMap::new(), json.as_bytes()) else { panic!() };
        assert_eq!(from_form, from_json);
    }
}
