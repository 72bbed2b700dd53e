//! Our own broker: what stands, kept there for those who come later.

use std::fmt;

use futures::future::BoxFuture;
use serde_json::Value;

use super::{Audience, Channel, ChannelError, Notice, Outcome, Parcel, webhook};
use crate::domain::geography::Commune;
use crate::frames::alarms::Hazard;
use crate::storage::outbox::About;

/// The channel's name in the outbox.
pub const NAME: &str = "mqtt";

/// Somebody who publishes to a broker (`sources::sensor::mqtt`, which this room does not know).
pub trait Topics: Send + Sync + fmt::Debug {
    /// Publishes a message that stays under its topic, and returns when the broker has it.
    fn publish<'a>(&'a self, topic: &'a str, body: &'a str) -> BoxFuture<'a, Result<(), String>>;
}

/// The broker.
#[derive(Debug)]
pub struct MqttChannel {
    topics: Box<dyn Topics>,
    advice: bool,
}

impl MqttChannel {
    /// Returns the channel; `advice` tells whether advisories are published beside alarms.
    #[must_use]
    pub fn of(topics: Box<dyn Topics>, advice: bool) -> Self {
        Self { topics, advice }
    }
}

/// Returns the topic of a message: an alarm's place and hazard, or an advisory's commune and crop,
/// under which the newest stands.
fn topic(parcel: &Parcel<'_>) -> String {
    if parcel.about == About::Advisory {
        let document: Value = serde_json::from_str(parcel.body).unwrap_or_default();
        let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or("unknown");
        return format!("muavu-out/advisories/{}/{}", text("commune"), text("crop"));
    }
    let mut parts = parcel.subject.split('/');
    let place = parts.next().unwrap_or_default().replace(':', "/");
    format!("muavu-out/alarms/{place}/{}", parts.next().unwrap_or_default())
}

impl Channel for MqttChannel {
    fn name(&self) -> &str {
        NAME
    }

    fn audience(&self) -> Audience {
        Audience::Everybody
    }

    fn takes_advice(&self) -> bool {
        self.advice
    }

    fn takes_alarms(&self, _hazard: Hazard) -> bool {
        true
    }

    fn render(
        &self,
        notice: &Notice<'_>,
        communes: &[&Commune],
        _before: Option<&str>,
    ) -> Result<Option<String>, ChannelError> {
        webhook::document(notice, communes)
    }

    fn send<'a>(&'a self, parcel: Parcel<'a>) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            // A retained topic holds one message however often it is published.
            match self.topics.publish(&topic(&parcel), parcel.body).await {
                Ok(()) => Outcome::Received(None),
                Err(why) => Outcome::Unsure(why),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::channels::Address;
    use crate::storage::outbox::Turn;

    #[test]
    fn a_place_and_hazard_have_one_topic_and_a_commune_and_crop_another() {
        let parcel = |about, subject, body| {
            let (key, turn, to) = ("k", Turn::New, Address::Fixed);
            Parcel { key, about, subject, turn, body, to }
        };
        let alarm = "canal:vung_liem/salt/20250126T010000Z";
        let alarm = topic(&parcel(About::Alarm, alarm, "{}"));
        assert_eq!(alarm, "muavu-out/alarms/canal/vung_liem/salt");
        let body = r#"{"kind":"advisory","commune":"29083","crop":"pomelo"}"#;
        assert_eq!(
            topic(&parcel(About::Advisory, "0af3", body)),
            "muavu-out/advisories/29083/pomelo"
        );
    }
}
