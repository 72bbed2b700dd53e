//! Readings pushed over HTTP (`POST /v1/readings`), for loggers without MQTT: our plain schema, the
//! same journal, a device's token instead of a broker.
//!
//! The answer 202 comes when the message is kept for good. A message that could not be kept is
//! answered 503 with `Retry-After`; sent again, it is known by its own times and counted once.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::on;
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::json;

use super::ingest::{Refused, WeakIngest};
use crate::publish::api::endpoint::{Route, routed};
use crate::publish::api::{Problem, READINGS};
use crate::sources::sensor::Registry;
use crate::storage::journal::PAYLOAD_BYTES_MAX;

/// Seconds after which a refused message may be sent again.
const RETRY_AFTER_SECS: &str = "5";

/// What the way in over HTTP needs.
#[derive(Debug, Clone)]
pub struct Push {
    /// Where messages go; a connection that stays open does not keep the stream from ending.
    pub ingest: WeakIngest,
    /// Who may push.
    pub registry: Arc<Registry>,
    /// Asks the present moment.
    pub now: fn() -> Timestamp,
}

/// Returns the route.
pub fn router(push: Push) -> Router {
    let table = [Route { endpoint: READINGS, handler: |method| on(method, readings) }];
    routed(&table)
        // One byte more than is taken, so that a message too large is answered in our words.
        .layer(DefaultBodyLimit::max(PAYLOAD_BYTES_MAX + 1))
        .with_state(push)
}

async fn readings(State(push): State<Push>, headers: HeaderMap, body: Bytes) -> Response {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "));
    let Some(device) = token.and_then(|token| push.registry.holder_of(token)) else {
        let detail = "send the device's token as `Authorization: Bearer …`; devices.toml holds its \
                      SHA-256 (token_sha256)";
        let problem = Problem::new(StatusCode::UNAUTHORIZED, "no device has this token", detail);
        let ask = [(header::WWW_AUTHENTICATE, "Bearer")];
        return (ask, problem).into_response();
    };
    // Here the sender hears what is wrong; what comes by MQTT, where nobody listens, becomes an issue.
    if body.len() <= PAYLOAD_BYTES_MAX && serde_json::from_slice::<Fields>(&body).is_err() {
        let detail = "send one JSON object; README, \"Sensors\", has the fields";
        return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no JSON object", detail)
            .into_response();
    }
    // A device speaks for itself: what the message says of its sender is overruled by its token.
    let channel = format!("push/muavu/{device}");
    match keep(&push, channel, body.to_vec()).await {
        Ok(_number) => (StatusCode::ACCEPTED, Json(json!({ "kept": true }))).into_response(),
        Err(refused @ Refused::TooLarge { .. }) => {
            let detail = refused.to_string();
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "message too large", detail).into_response()
        }
        Err(refused) => {
            let problem =
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not kept", refused.to_string());
            ([(header::RETRY_AFTER, RETRY_AFTER_SECS)], problem).into_response()
        }
    }
}

/// One JSON object, whatever stands in it.
type Fields = serde_json::Map<String, serde_json::Value>;

async fn keep(push: &Push, channel: String, payload: Vec<u8>) -> Result<u64, Refused> {
    let ingest = push.ingest.upgrade().ok_or(Refused::Stopping)?;
    ingest.keep((push.now)(), channel, payload).await
}
