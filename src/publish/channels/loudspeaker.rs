//! Scripts for the loudspeakers of communes: words an announcer reads at sight, in under a minute.

use std::path::PathBuf;

use futures::future::BoxFuture;
use serde_json::json;

use super::settings::Loudspeaker;
use super::wording::{self, Need};
use super::{Address, Audience, Channel, ChannelError, Notice, Outcome, Parcel, gateway};
use crate::domain::Severity;
use crate::domain::geography::Commune;
use crate::publish::files;
use crate::publish::speak::{LOUDSPEAKER_SECS_MAX, seconds_to_read, spoken};

/// The channel's name in the outbox.
pub const NAME: &str = "loudspeaker";

/// Commune loudspeakers.
#[derive(Debug)]
pub struct LoudspeakerChannel {
    settings: Loudspeaker,
    folder: Option<PathBuf>,
    http: reqwest::Client,
}

impl LoudspeakerChannel {
    /// Returns the channel of a home, or nothing when the settings name neither folder nor address.
    #[must_use]
    pub fn of(settings: &Loudspeaker, home: &std::path::Path) -> Option<Self> {
        let folder = &settings.folder;
        let folder = (!folder.as_os_str().is_empty()).then(|| home.join(folder));
        let any = folder.is_some() || !settings.url.is_empty();
        any.then(|| Self { settings: settings.clone(), folder, http: gateway::client() })
    }

    async fn post(&self, parcel: &Parcel<'_>, commune: &str) -> Outcome {
        let turn = parcel.turn.as_str();
        let body = json!({ "commune": commune, parcel.about.as_str(): parcel.subject, "turn": turn,
            "seconds": seconds_to_read(parcel.body).round(), "text": parcel.body });
        let request = self
            .http
            .post(&self.settings.url)
            .headers(gateway::headers(&self.settings.headers))
            .header("idempotency-key", parcel.key)
            .header("content-type", "application/json")
            .body(body.to_string());
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Outcome::Received(None),
            Ok(answer) => Outcome::Unsure(format!("it answered {}", answer.status())),
            Err(error) => gateway::unanswered(error),
        }
    }
}

/// Returns the script: who is addressed, then as many lines as can be read in time, the most needed
/// first.
pub(super) fn script(notice: &Notice<'_>, commune: &Commune) -> String {
    let mut script = spoken(&format!("Kính thưa bà con {} {}.", commune.kind, commune.name));
    let mut ranked = wording::lines(notice);
    if notice.is_emergency() {
        // Why the water does the harm is heard before the work of the week.
        ranked.sort_by_key(|(need, _)| if *need == Need::Why { Need::Length } else { *need });
    }
    for (_, line) in ranked.iter().filter(|(need, _)| *need < Need::Page) {
        let line = spoken(&line.replace(" – ", ", "));
        let line = line.trim_end_matches([':', '.', ' ']);
        let longer = format!("{script}\n{line}.");
        if seconds_to_read(&longer) < LOUDSPEAKER_SECS_MAX {
            script = longer;
        }
    }
    script
}

impl Channel for LoudspeakerChannel {
    fn name(&self) -> &str {
        NAME
    }

    fn audience(&self) -> Audience {
        Audience::Communes
    }

    fn severity_min(&self) -> Severity {
        self.settings.severity_min
    }

    fn render(
        &self,
        notice: &Notice<'_>,
        communes: &[&Commune],
        _before: Option<&str>,
    ) -> Result<Option<String>, ChannelError> {
        Ok(communes.first().map(|commune| script(notice, commune)))
    }

    fn send<'a>(&'a self, parcel: Parcel<'a>) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Address::Commune(commune) = &parcel.to else {
                return Outcome::Refused("no commune".into());
            };
            let mut receipt = None;
            if let Some(folder) = &self.folder {
                // The key names the file, so that a second attempt writes the same one again.
                let name = format!("{}.txt", parcel.key.replace(['/', ':'], "_"));
                let folder = folder.join(commune.as_str());
                let put = std::fs::create_dir_all(&folder).map_err(|e| e.to_string());
                let text = format!("{}\n", parcel.body);
                let put = put.and_then(|()| {
                    files::replace(&folder.join(&name), text).map_err(|e| e.to_string())
                });
                if let Err(why) = put {
                    return Outcome::NotSent(why);
                }
                receipt = Some(name);
            }
            if self.settings.url.is_empty() {
                return Outcome::Received(receipt);
            }
            match self.post(&parcel, commune.as_str()).await {
                Outcome::Received(_) => Outcome::Received(receipt),
                other => other,
            }
        })
    }
}
