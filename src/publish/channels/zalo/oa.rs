//! Text messages of an official account to those who follow it.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::json;
use url::Url;

use super::{Tokens, post};
use crate::domain::Severity;
use crate::domain::geography::Commune;
use crate::publish::channels::settings::Zalo;
use crate::publish::channels::wording::{self, Need};
use crate::publish::channels::{
    Address, Audience, Channel, ChannelError, Notice, Outcome, Parcel, gateway,
};

/// The channel's name in the outbox.
pub const NAME: &str = "zalo_oa";

/// Characters of a text message (Zalo's own limit, as client libraries state it).
const CHARS_MAX: usize = 2_000;

/// Text messages.
#[derive(Debug)]
pub struct ZaloOaChannel {
    url: Url,
    severity_min: Severity,
    tokens: Arc<Tokens>,
    http: reqwest::Client,
}

impl ZaloOaChannel {
    /// Returns the channel of an app.
    #[must_use]
    pub fn of(settings: &Zalo, tokens: &Arc<Tokens>) -> Self {
        let (url, severity_min) = (settings.oa_url.clone(), settings.severity_min);
        Self { url, severity_min, tokens: Arc::clone(tokens), http: gateway::client() }
    }
}

/// Returns the message: everything but what only a page has room for.
pub(in crate::publish::channels) fn text(notice: &Notice<'_>) -> String {
    let ranked = wording::lines(notice);
    wording::cut(&wording::joined(&ranked, |need| need < Need::Page, "\n"), CHARS_MAX)
}

impl Channel for ZaloOaChannel {
    fn name(&self) -> &str {
        NAME
    }

    fn audience(&self) -> Audience {
        Audience::ZaloUsers
    }

    fn severity_min(&self) -> Severity {
        self.severity_min
    }

    fn honours_key(&self) -> bool {
        false
    }

    fn render(
        &self,
        notice: &Notice<'_>,
        _communes: &[&Commune],
        _before: Option<&str>,
    ) -> Result<Option<String>, ChannelError> {
        Ok(Some(text(notice)))
    }

    fn send<'a>(&'a self, parcel: Parcel<'a>) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Address::ZaloUser(user) = &parcel.to else {
                return Outcome::Refused("no Zalo user".into());
            };
            let body = json!({
                "recipient": { "user_id": user.expose() },
                "message": { "text": parcel.body },
            });
            post(&self.http, &self.tokens, &self.url, &body).await
        })
    }
}
