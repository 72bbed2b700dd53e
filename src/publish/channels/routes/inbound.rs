//! What people answer by SMS, as the gateway hands it over.
//!
//! Everything here may come twice: an answer said again changes nothing, nor does a stop.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::keywords::{Said, said};
use super::{Desk, Given};
use crate::domain::Phone;
use crate::publish::api::Problem;
use crate::storage::subscriptions::Confirmed;

/// Takes one message. The answer is 200 whatever it says, so that a gateway does not send it again.
pub(super) async fn take(
    State(desk): State<Desk>,
    headers: HeaderMap,
    given: Result<Given<Map<String, Value>>, Problem>,
) -> Result<Json<Value>, Problem> {
    let inbound = &desk.settings.sms.inbound;
    if !is_gateway(inbound.token.expose(), &headers) {
        let detail = "send the token of [channels.sms.inbound] as `Authorization: Bearer …`";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "not the gateway", detail));
    }
    let Given(fields) = given?;
    let fields = Value::Object(fields);
    let text = |pointer: &str| fields.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let Ok(phone) = text(&inbound.from).parse::<Phone>() else {
        return Ok(Json(json!({ "taken": false })));
    };
    let taken = act(&desk, &phone, said(text(&inbound.text))).await?;
    Ok(Json(json!({ "taken": taken })))
}

async fn act(desk: &Desk, phone: &Phone, said: Said) -> Result<bool, Problem> {
    let (records, vault, now) = (&desk.records, &desk.vault, (desk.now)());
    match said {
        Said::Stop => Ok(records.stop_subscription(vault, phone, now).await?),
        Said::Code(code) => {
            let confirmed = records.confirm_subscription(vault, phone, &code, now).await?;
            Ok(confirmed == Confirmed::Yes)
        }
        Said::Answer(answer) => {
            let Some(who) = records.subscription_of(vault, phone).await? else { return Ok(false) };
            let Some(advisory) = records.last_told(&who).await? else { return Ok(false) };
            Ok(records.add_answer(&advisory, &who, answer, "sms", now).await?)
        }
        Said::Unknown => Ok(false),
    }
}

/// Compares hashes, so that the time it takes tells nothing of the token; without a token in the
/// settings nobody is the gateway.
fn is_gateway(token: &str, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let given = given.and_then(|v| v.strip_prefix("Bearer ")).unwrap_or_default();
    !token.is_empty() && Sha256::digest(token) == Sha256::digest(given)
}
