//! The section `[channels]` of the settings; `ops/default.toml` explains every key.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Time;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::domain::{PhoneForm, Secret, Severity};
use crate::publish::cap;
use crate::publish::receivers::Webhook;
use crate::publish::sms::Encoding;

/// Every way out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// From when people are left in peace.
    pub quiet_from: Time,
    /// Until when.
    pub quiet_to: Time,
    /// From this severity on they are woken.
    pub quiet_spares: Severity,
    /// Messages of advice a person gets on a day at most; withdrawals are not counted.
    pub daily_cap: u32,
    /// CAP 1.2.
    pub cap: Cap,
    /// SMS over an HTTP gateway.
    pub sms: Sms,
    /// Zalo.
    pub zalo: Zalo,
    /// Commune loudspeakers.
    pub loudspeaker: Loudspeaker,
    /// Receivers of advisories over HTTP.
    pub webhooks: Vec<Webhook>,
    /// Whether advisories are published to the broker of `[stream.broker]`.
    pub mqtt: bool,
}

/// CAP 1.2 documents and their feed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// Who sends, in the form of an e-mail address or domain.
    pub sender: cap::Sender,
    /// `Exercise` until the province authorises.
    pub status: cap::Status,
    /// Whether it is for everybody; needs the province's authority.
    pub public: bool,
    /// For whom it is while it is not public.
    pub restriction: String,
    /// Where this installation is reached from outside.
    pub base_url: Url,
    /// The mildest severity that becomes an alert.
    pub severity_min: Severity,
}

/// An SMS gateway over HTTP.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// How texts are encoded.
    pub encoding: Encoding,
    /// Parts a message may take.
    pub parts_max: usize,
    /// The mildest severity that is sent.
    pub severity_min: Severity,
    /// The gateway.
    pub gateway: Gateway,
    /// Answers that come back.
    pub inbound: Inbound,
}

/// How a gateway is asked and what its answers mean.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// Where messages are posted; empty for none.
    pub url: String,
    /// Headers, which may hold a token.
    pub headers: BTreeMap<String, Secret>,
    /// How the body is written.
    pub format: BodyFormat,
    /// The body with `{phone}`, `{text}` and `{key}` in its texts.
    pub body: BodyTemplate,
    /// How `{phone}` is written.
    pub phone: PhoneForm,
    /// What means that it was taken.
    pub success: Rule,
    /// What means that it never will be.
    pub refused: Rule,
    /// Where in the answer the gateway's id of the message stands (JSON pointer).
    pub receipt: String,
    /// Whether a message sent twice under one key goes out once.
    pub honours_key: bool,
}

/// A body written as JSON, with places to fill in its texts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct BodyTemplate(Value);

impl BodyTemplate {
    /// Returns the template.
    #[must_use]
    pub const fn get(&self) -> &Value {
        &self.0
    }
}

impl TryFrom<String> for BodyTemplate {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        serde_json::from_str(&text).map(Self)
    }
}

/// How a request's body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`, of a body one level deep.
    Form,
}

/// Which answers are meant: of these statuses and, with a pointer, with one of these values there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// HTTP statuses.
    pub status: Vec<u16>,
    /// Where in the answer to look (JSON pointer); empty for nowhere.
    pub pointer: String,
    /// The values that count there, as text.
    pub values: Vec<String>,
}

/// The webhook by which a gateway hands over what people answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbound {
    /// What the gateway sends as `Authorization: Bearer …`; empty: nothing is taken.
    pub token: Secret,
    /// Where the sender's number stands (JSON pointer).
    pub from: String,
    /// Where the text stands.
    pub text: String,
    /// Where the gateway's id of the message stands.
    pub id: String,
}

/// A Zalo official account.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zalo {
    /// The app; empty for no Zalo.
    pub app_id: String,
    /// Its secret.
    pub secret_key: Secret,
    /// The first refresh token, as a person obtained it; used up at once, later ones are kept.
    pub refresh_token: Secret,
    /// Where tokens are refreshed.
    pub token_url: Url,
    /// Where messages of the account go.
    pub oa_url: Url,
    /// Where template messages go.
    pub zns_url: Url,
    /// The approved template of advice; empty for no template messages.
    pub template: String,
    /// The approved template of withdrawals.
    pub template_withdrawn: String,
    /// The parameters of the template of advice.
    pub parameters: BTreeMap<String, String>,
    /// The parameters of the template of withdrawals.
    pub parameters_withdrawn: BTreeMap<String, String>,
    /// Characters a parameter may have.
    pub parameter_chars_max: usize,
    /// The mildest severity that is sent.
    pub severity_min: Severity,
}

/// Commune loudspeakers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loudspeaker {
    /// Where scripts are put, one folder a commune; empty for nowhere.
    pub folder: PathBuf,
    /// Where scripts are posted; empty for nowhere.
    pub url: String,
    /// Headers, which may hold a token.
    pub headers: BTreeMap<String, Secret>,
    /// The mildest severity that is read out.
    pub severity_min: Severity,
}
