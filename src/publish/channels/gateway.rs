//! A gateway over HTTP as its provider describes it: there is no common standard, so that body and
//! answers are settings.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

use super::Outcome;
use super::settings::{BodyFormat, Gateway, Rule};
use crate::domain::{Phone, Secret};

/// How long an answer may take; a gateway that queues answers within a second.
pub(super) const ANSWER_MAX: Duration = Duration::from_secs(15);

/// The longest answer that is read (bytes): an id and a status.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// The longest id of a gateway that is kept.
const RECEIPT_CHARS_MAX: usize = 128;

/// Returns a client that follows no redirection: numbers go where the settings say and nowhere else.
pub(in crate::publish) fn client() -> reqwest::Client {
    let built = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(ANSWER_MAX)
        .build();
    built.unwrap_or_default()
}

/// Returns the headers of the settings; a header that cannot be one is told of and left out.
pub(super) fn headers(of: &std::collections::BTreeMap<String, Secret>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in of {
        let header = (name.parse::<HeaderName>(), HeaderValue::from_str(value.expose()));
        if let (Ok(name), Ok(mut value)) = header {
            value.set_sensitive(true);
            headers.insert(name, value);
        } else {
            tracing::error!(name, "a header of the settings cannot be sent");
        }
    }
    headers
}

/// Returns what a request that got no answer means: what never reached the other side is surely not
/// there; everything else may be.
pub(super) fn unanswered(error: reqwest::Error) -> Outcome {
    let connecting = error.is_connect() || error.is_builder();
    let why = chain(&error.without_url());
    if connecting { Outcome::NotSent(why) } else { Outcome::Unsure(why) }
}

/// Returns what a library said, with everything it said beneath.
pub(in crate::publish) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Returns the body of an answer, at most as much as is read; nothing when it broke off.
pub(in crate::publish) async fn body(mut answer: reqwest::Response) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > ANSWER_BYTES_MAX {
            return None;
        }
    }
    Some(bytes)
}

/// A gateway.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    url: Url,
    settings: Gateway,
}

impl Client {
    /// Returns the gateway, or nothing when the settings name none.
    pub(super) fn of(settings: &Gateway) -> Option<Self> {
        if settings.url.is_empty() {
            return None;
        }
        match Url::parse(&settings.url) {
            Ok(url) => Some(Self { http: client(), url, settings: settings.clone() }),
            Err(error) => {
                tracing::error!(%error, "the gateway's address in the settings is none");
                None
            }
        }
    }

    /// Sends a text to a number.
    pub(super) async fn send(&self, phone: &Phone, text: &str, key: &str) -> Outcome {
        let number = phone.expose(self.settings.phone);
        let fill = |template: &str| fill(template, &number, text, key);
        let body = filled(self.settings.body.get(), &fill);
        let Ok((kind, body)) = written(self.settings.format, &body) else {
            return Outcome::NotSent("the body of the settings cannot be written".into());
        };
        let request = self
            .http
            .post(self.url.clone())
            .headers(headers(&self.settings.headers))
            .header(CONTENT_TYPE, kind)
            .header("idempotency-key", key)
            .body(body);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return unanswered(error),
        };
        let status = answer.status();
        let answer = body_json(answer).await;
        self.judge(phone, status, answer.as_ref())
    }

    /// Returns what an answer means.
    fn judge(&self, phone: &Phone, status: StatusCode, answer: Option<&Value>) -> Outcome {
        let said = |rule: &Rule| {
            let value = answer.and_then(|a| a.pointer(&rule.pointer)).map(plain);
            format!("it answered {status} {}", value.unwrap_or_default())
        };
        let said = |rule: &Rule| phone.blot(short(said(rule).trim()));
        let rules = &self.settings;
        if matches(&rules.success, status, answer) {
            let id = answer.and_then(|a| a.pointer(&rules.receipt)).map(plain);
            Outcome::Received(id.map(|id| phone.blot(short(&id))))
        } else if matches(&rules.refused, status, answer) {
            Outcome::Refused(said(&rules.refused))
        } else if matches!(status.as_u16(), 401 | 403 | 429) {
            // A wrong token or too many at once: nothing was taken in.
            Outcome::NotSent(format!("it answered {status}"))
        } else {
            Outcome::Unsure(said(&rules.success))
        }
    }
}

async fn body_json(answer: reqwest::Response) -> Option<Value> {
    serde_json::from_slice(&body(answer).await?).ok()
}

fn matches(rule: &Rule, status: StatusCode, answer: Option<&Value>) -> bool {
    let there = || answer.and_then(|a| a.pointer(&rule.pointer)).map(plain);
    rule.status.contains(&status.as_u16())
        && (rule.pointer.is_empty() || there().is_some_and(|value| rule.values.contains(&value)))
}

/// Returns a value as text: `"0"` and `0` are the same to a person who writes settings.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn short(text: &str) -> &str {
    let end = text.char_indices().nth(RECEIPT_CHARS_MAX).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Fills the places of a template in one pass: what is filled in is not filled again.
fn fill(template: &str, phone: &str, text: &str, key: &str) -> String {
    let mut filled = String::with_capacity(template.len() + text.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let places = [("{phone}", phone), ("{text}", text), ("{key}", key)];
        if let Some((place, value)) = places.into_iter().find(|(place, _)| rest.starts_with(place))
        {
            filled.push_str(value);
            rest = &rest[place.len()..];
        } else {
            filled.push('{');
            rest = &rest[1..];
        }
    }
    filled + rest
}

/// Returns a template with its texts filled: quotes in a text cannot break out of it.
pub(super) fn filled(template: &Value, fill: &dyn Fn(&str) -> String) -> Value {
    match template {
        Value::String(text) => Value::String(fill(text)),
        Value::Array(all) => all.iter().map(|v| filled(v, fill)).collect(),
        Value::Object(all) => {
            Value::Object(all.iter().map(|(k, v)| (k.clone(), filled(v, fill))).collect())
        }
        other => other.clone(),
    }
}

fn written(format: BodyFormat, body: &Value) -> Result<(&'static str, String), serde_json::Error> {
    match format {
        BodyFormat::Json => Ok(("application/json", serde_json::to_string(body)?)),
        BodyFormat::Form => {
            let fields = body.as_object().into_iter().flatten();
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            fields.for_each(|(name, value)| {
                form.append_pair(name, &plain(value));
            });
            Ok(("application/x-www-form-urlencoded", form.finish()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_filled_in_is_not_filled_again_and_stays_inside_its_text() {
        let text = "nói \"{phone}\" {key";
        let fill = |t: &str| fill(t, "0912", text, "k/1");
        let body = filled(&json!({"a": ["{text}", 1], "b": "{key}-{phone}-{x}"}), &fill);
        assert_eq!(body, json!({"a": [text, 1], "b": "k/1-0912-{x}"}));
        let (_, form) = written(BodyFormat::Form, &json!({"t": "a&b=ç", "n": 1})).unwrap();
        assert_eq!(form, "n=1&t=a%26b%3D%C3%A7");
    }
}
