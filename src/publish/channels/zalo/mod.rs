//! Zalo: text messages of an official account, and template messages (ZNS) to phone numbers.
//!
//! Sources: integration notes of 2026-10-05 and zalo.cloud's list of errors, as collected in
//! `shared/knowledge/interfaces/publish.md`, section 6. Answers are HTTP 200 with a field `error`;
//! only 0 is success. That Zalo honours a tracking id twice sent is written nowhere, so that what
//! may have gone out is not sent again.

mod oa;
mod tokens;
mod zns;

use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Outcome, gateway};
use crate::domain::hex;

pub use oa::ZaloOaChannel;
pub(super) use oa::text as oa_text;
pub use tokens::Tokens;
pub(super) use zns::NAME as ZNS;
pub use zns::ZnsChannel;
pub(super) use zns::parameters as zns_parameters;

/// The token was not valid any more.
const EXPIRED: i64 = -216;

/// The number or the template's data will never do: -108 phone, -109 template, -111 and -112 data.
const HOPELESS: [i64; 4] = [-108, -109, -111, -112];

/// Bytes of the hash that a tracking id is: 32 hexadecimal digits fit every field.
const TRACKING_BYTES: usize = 16;

/// Returns a delivery's key as Zalo's ids are written.
fn tracking_id(key: &str) -> String {
    hex(&Sha256::digest(key.as_bytes())[..TRACKING_BYTES])
}

/// What an answer means.
enum Said {
    /// As for every channel.
    Plain(Outcome),
    /// A newer token is wanted.
    TokenExpired,
}

/// Posts a message with the token; once more with a new one when Zalo says that it has expired.
async fn post(http: &reqwest::Client, tokens: &Arc<Tokens>, url: &Url, body: &Value) -> Outcome {
    let mut refused = None;
    for _ in 0..2 {
        let token = match tokens.access(refused.as_deref()).await {
            Ok(token) => token,
            Err(why) => return Outcome::NotSent(why),
        };
        let request = http
            .post(url.clone())
            .header("access_token", &token)
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return gateway::unanswered(error),
        };
        let status = answer.status();
        let bytes = gateway::body(answer).await.unwrap_or_default();
        match judge(status, serde_json::from_slice(&bytes).ok().as_ref()) {
            Said::Plain(outcome) => return outcome,
            Said::TokenExpired => refused = Some(token),
        }
    }
    Outcome::NotSent("Zalo does not take a new token either".into())
}

/// Zalo's own words are left out: they may repeat the number.
fn judge(status: StatusCode, answer: Option<&Value>) -> Said {
    if status == StatusCode::UNAUTHORIZED {
        return Said::TokenExpired;
    }
    let error = answer.and_then(|a| a.get("error")).and_then(Value::as_i64);
    Said::Plain(match error {
        Some(0) => {
            let id = answer.and_then(|a| a.pointer("/data/msg_id"));
            Outcome::Received(id.and_then(Value::as_str).map(str::to_owned))
        }
        Some(EXPIRED) => return Said::TokenExpired,
        Some(code) if HOPELESS.contains(&code) => Outcome::Refused(format!("Zalo error {code}")),
        Some(code) => Outcome::NotSent(format!("Zalo error {code}")),
        None => Outcome::Unsure(format!("it answered {status} without a result")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(status: u16, answer: Option<Value>) -> Option<Outcome> {
        match judge(StatusCode::from_u16(status).unwrap(), answer.as_ref()) {
            Said::Plain(outcome) => Some(outcome),
            Said::TokenExpired => None,
        }
    }

    #[test]
    fn only_zero_is_success_and_only_what_has_no_result_is_unsure() {
        let taken = said(200, Some(json!({"error": 0, "data": {"msg_id": "m1"}})));
        assert_eq!(taken, Some(Outcome::Received(Some("m1".into()))));
        assert!(matches!(said(200, Some(json!({"error": -108}))), Some(Outcome::Refused(_))));
        assert!(matches!(said(200, Some(json!({"error": -115}))), Some(Outcome::NotSent(_))));
        assert!(matches!(said(502, None), Some(Outcome::Unsure(_))));
        assert!(matches!(said(200, Some(json!("<html>"))), Some(Outcome::Unsure(_))));
        assert_eq!(said(200, Some(json!({"error": -216}))), None);
        assert_eq!(said(401, None), None);
    }
}
