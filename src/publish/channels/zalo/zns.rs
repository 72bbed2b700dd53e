//! Template messages (ZNS): the words are approved beforehand, only their parameters are ours.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Tokens, post, tracking_id};
use crate::domain::geography::Commune;
use crate::domain::time::local_date;
use crate::domain::{PhoneForm, Severity};
use crate::publish::channels::settings::Zalo;
use crate::publish::channels::wording::{self, Need, Ranked};
use crate::publish::channels::{
    Address, Audience, Channel, ChannelError, Notice, Outcome, Parcel, gateway,
};
use crate::storage::outbox::Turn;

/// The channel's name in the outbox.
pub const NAME: &str = "zalo_zns";

/// Template messages.
#[derive(Debug)]
pub struct ZnsChannel {
    settings: Zalo,
    tokens: Arc<Tokens>,
    http: reqwest::Client,
}

/// A template message as it is stored.
#[derive(Serialize, Deserialize)]
struct Template {
    template_id: String,
    template_data: BTreeMap<String, String>,
}

impl ZnsChannel {
    /// Returns the channel of an app, or nothing when the settings name no template.
    #[must_use]
    pub fn of(settings: &Zalo, tokens: &Arc<Tokens>) -> Option<Self> {
        let any = !settings.template.is_empty();
        any.then(|| Self {
            settings: settings.clone(),
            tokens: Arc::clone(tokens),
            http: gateway::client(),
        })
    }
}

/// Returns the template's parameters, each cut to what a parameter may hold.
pub(in crate::publish::channels) fn parameters(
    notice: &Notice<'_>,
    settings: &Zalo,
) -> BTreeMap<String, String> {
    let ranked = wording::lines(notice);
    let day = local_date(notice.of_when());
    let filled = |template: &String| {
        let places = [
            ("{headline}", wording::first(&ranked, Need::Headline).to_owned()),
            ("{date}", format!("{:02}/{:02}/{}", day.day(), day.month(), day.year())),
            ("{answer}", or_work(&ranked, Need::Answer, 0).to_owned()),
            ("{action}", or_work(&ranked, Need::Action, 1).to_owned()),
            ("{reason}", notice.reason().to_owned()),
        ];
        let text =
            places.iter().fold(template.clone(), |text, (place, value)| text.replace(place, value));
        wording::cut(&text, settings.parameter_chars_max)
    };
    let all = match notice.turn() {
        Turn::New | Turn::Update | Turn::Over => &settings.parameters,
        Turn::Withdrawn => &settings.parameters_withdrawn,
    };
    all.iter().map(|(name, template)| (name.clone(), filled(template))).collect()
}

/// Returns the first line of a need; of advice that tells the week's work alone the `nth` line of
/// that, since a template has no place for nothing.
fn or_work(ranked: &[Ranked], wanted: Need, nth: usize) -> &str {
    let said = wording::first(ranked, wanted);
    if !said.is_empty() {
        return said;
    }
    let mut works = ranked.iter().filter(|(need, _)| *need == Need::Work);
    works.nth(nth).map_or("", |(_, line)| line)
}

impl Channel for ZnsChannel {
    fn name(&self) -> &str {
        NAME
    }

    fn audience(&self) -> Audience {
        Audience::Phones
    }

    fn severity_min(&self) -> Severity {
        self.settings.severity_min
    }

    fn honours_key(&self) -> bool {
        false
    }

    fn at_once(&self) -> usize {
        4
    }

    fn render(
        &self,
        notice: &Notice<'_>,
        _communes: &[&Commune],
        _before: Option<&str>,
    ) -> Result<Option<String>, ChannelError> {
        let template_id = match notice.turn() {
            Turn::New | Turn::Update | Turn::Over => &self.settings.template,
            Turn::Withdrawn => &self.settings.template_withdrawn,
        };
        if template_id.is_empty() {
            return Err(ChannelError::Empty { channel: NAME });
        }
        let template_data = parameters(notice, &self.settings);
        let template = Template { template_id: template_id.clone(), template_data };
        Ok(Some(serde_json::to_string(&template)?))
    }

    fn send<'a>(&'a self, parcel: Parcel<'a>) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Address::Phone(phone) = &parcel.to else {
                return Outcome::Refused("no phone number".into());
            };
            let Ok(template) = serde_json::from_str::<Template>(parcel.body) else {
                return Outcome::Refused("the stored message is damaged".into());
            };
            let body = json!({
                "phone": phone.expose(PhoneForm::Country),
                "template_id": template.template_id,
                "template_data": template.template_data,
                "tracking_id": tracking_id(parcel.key),
            });
            post(&self.http, &self.tokens, &self.settings.zns_url, &body).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_of_work_alone_fills_the_template_with_its_work() {
        let lines = ["Việc tuần này, gấp trước:", "1. Rút nước."];
        let work: Vec<Ranked> = lines.map(|line| (Need::Work, line.to_owned())).to_vec();
        assert_eq!(or_work(&work, Need::Answer, 0), lines[0]);
        assert_eq!(or_work(&work, Need::Action, 1), lines[1]);
        let salt = [(Need::Answer, "KHÔNG LẤY NƯỚC.".to_owned())];
        let both = [&salt[..], &work].concat();
        assert_eq!(or_work(&both, Need::Answer, 0), salt[0].1);
    }
}
