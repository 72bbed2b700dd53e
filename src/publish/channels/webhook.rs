//! Receivers over HTTP, signed: those of alarms, who hear every change as it is stored, and those of
//! advisories.

use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::{Audience, Channel, ChannelError, Notice, Outcome, Parcel, Subject, gateway};
use crate::domain::geography::Commune;
use crate::domain::time::local_text;
use crate::frames::Advisory;
use crate::frames::alarms::Hazard;
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

/// Returns a notice as machines read it; nothing when it is about no commune.
pub(super) fn document(
    notice: &Notice<'_>,
    communes: &[&Commune],
) -> Result<Option<String>, ChannelError> {
    match (notice.subject, communes) {
        (Subject::Alarm { worded, .. }, _) => Ok(Some(serde_json::to_string(worded)?)),
        (Subject::Advice { advisory, earlier, reason }, [commune, ..]) => {
            let replaces = earlier.map(|earlier| earlier.id.as_str());
            Ok(Some(advice(notice, advisory, commune, (replaces, reason)).to_string()))
        }
        (Subject::Advice { .. }, []) => Ok(None),
    }
}

fn advice(
    notice: &Notice<'_>,
    a: &Advisory,
    commune: &Commune,
    (replaces, reason): (Option<&str>, &str),
) -> Value {
    json!({
        "kind": "advisory",
        "turn": notice.turn.as_str(),
        "id": a.id,
        "version": notice.version,
        "at": local_text(notice.at),
        "reason": reason,
        "replaces": replaces,
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

    fn takes_alarms(&self, hazard: Hazard) -> bool {
        !self.advice && (self.webhook.technical || hazard.is_for_farmers())
    }

    fn render(
        &self,
        notice: &Notice<'_>,
        communes: &[&Commune],
        _before: Option<&str>,
    ) -> Result<Option<String>, ChannelError> {
        document(notice, communes)
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
