//! Receivers over HTTP, signed: those of alarms and those of advisories.

use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::{Audience, Channel, ChannelError, Notice, Outcome, Parcel, gateway};
use crate::domain::geography::Commune;
use crate::domain::time::local_text;
use crate::publish::files::LICENCE;
use crate::publish::receivers::Webhook;

/// A webhook.
#[derive(Debug)]
pub struct WebhookChannel {
    name: String,
    webhook: Webhook,
    advice: bool,
    http: reqwest::Client,
}

impl WebhookChannel {
    /// Returns a receiver of alarms, under its own name.
    #[must_use]
    pub fn of_alarms(webhook: &Webhook) -> Self {
        let (name, webhook) = (webhook.name.clone(), webhook.clone());
        Self { name, webhook, advice: false, http: gateway::client() }
    }

    /// Returns a receiver of advisories.
    #[must_use]
    pub fn of_advice(webhook: &Webhook) -> Self {
        let (name, webhook) = (format!("webhook:{}", webhook.name), webhook.clone());
        Self { name, webhook, advice: true, http: gateway::client() }
    }
}

/// Returns a notice as machines read it.
pub(super) fn document(notice: &Notice<'_>, commune: &Commune) -> Value {
    let a = notice.advisory;
    json!({
        "kind": "advisory",
        "turn": notice.turn.as_str(),
        "id": a.id,
        "version": notice.version,
        "at": local_text(notice.at),
        "reason": notice.reason,
        "replaces": notice.earlier.map(|earlier| &earlier.id),
        "commune": a.commune,
        "commune_name": format!("{} {}", commune.kind, commune.name),
        "crop": a.crop,
        "stage": a.stage,
        "rule": a.rule,
        "hazard": a.hazard,
        "severity": a.severity,
        "action": a.action,
        "issued_at": local_text(a.issued_at),
        "valid_from": local_text(a.valid_from),
        "expires_at": local_text(a.expires_at),
        "confidence": a.confidence,
        "sources": a.sources,
        "text_vi": a.text_vi,
        "text_en": a.text_en,
        "sample": a.sample,
        "licence": LICENCE,
    })
}

impl Channel for WebhookChannel {
    fn name(&self) -> &str {
        &self.name
    }

    fn audience(&self) -> Audience {
        Audience::Everybody
    }

    fn takes_advice(&self) -> bool {
        self.advice
    }

    fn render(
        &self,
        notice: &Notice<'_>,
        commune: &Commune,
        _before: Option<&str>,
    ) -> Result<Option<String>, ChannelError> {
        Ok(Some(document(notice, commune).to_string()))
    }

    fn send<'a>(&'a self, parcel: Parcel<'a>) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match self.webhook.send(&self.http, parcel.key, parcel.body).await {
                Ok(()) => Outcome::Received(None),
                // Everything is tried again for a day: whoever repairs a receiver wants it then.
                Err(why) => Outcome::Unsure(why),
            }
        })
    }
}
