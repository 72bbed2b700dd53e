//! Sends what the outbox holds, until the other side has it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::publish::receivers::Webhook;
use crate::sources::sensor::mqtt::Publisher;
use crate::storage::Records;
use crate::storage::outbox::Delivery;

/// How often the outbox is looked at: well within the seconds an alarm may take.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Deliveries taken at once.
const AT_ONCE: u64 = 50;

/// The channel of messages to our own broker.
pub const MQTT: &str = "mqtt";

/// Everybody alarms are sent to.
#[derive(Debug, Clone)]
pub struct Receivers {
    /// Signed messages over HTTP.
    pub webhooks: Arc<Vec<Webhook>>,
    /// The broker, when alarms are published there.
    pub broker: Option<Publisher>,
}

impl Receivers {
    /// Returns receivers of nothing.
    #[must_use]
    pub fn nobody() -> Self {
        Self { webhooks: Arc::default(), broker: None }
    }

    /// Returns the channels a change goes to; `technical` ones go only to who asked for them.
    pub fn channels(&self, technical: bool) -> impl Iterator<Item = &str> {
        let webhooks = self.webhooks.iter().filter(move |w| w.technical || !technical);
        webhooks.map(|w| w.name.as_str()).chain(self.broker.iter().map(|_| MQTT))
    }

    /// Sends for ever what falls due.
    pub async fn run(self, records: Records, now: fn() -> Timestamp) {
        let client = reqwest::Client::new();
        loop {
            match records.due_deliveries(now(), AT_ONCE).await {
                Ok(due) => {
                    for delivery in due {
                        self.one(&client, &records, &delivery, now()).await;
                    }
                }
                Err(error) => tracing::error!(%error, "the outbox cannot be read"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn one(
        &self,
        client: &reqwest::Client,
        records: &Records,
        delivery: &Delivery,
        now: Timestamp,
    ) {
        let noted = match self.send(client, delivery).await {
            Ok(()) => records.delivered(&delivery.id).await.map(|()| false),
            Err(why) => {
                tracing::warn!(id = delivery.id, channel = delivery.channel, why, "not delivered");
                records.not_delivered(delivery, &why, now).await
            }
        };
        match noted {
            Ok(false) => {}
            Ok(true) => {
                tracing::error!(id = delivery.id, channel = delivery.channel, "given up");
            }
            // It is sent again then, under the same id.
            Err(error) => tracing::error!(%error, "a delivery could not be noted"),
        }
    }

    async fn send(&self, client: &reqwest::Client, delivery: &Delivery) -> Result<(), String> {
        if delivery.channel == MQTT {
            let broker = self.broker.as_ref().ok_or("no broker is published to any more")?;
            return broker.publish_retained(&topic(&delivery.alarm), &delivery.body).await;
        }
        let webhook = self.webhooks.iter().find(|w| w.name == delivery.channel);
        let webhook = webhook.ok_or("the settings no longer name this webhook")?;
        webhook.send(client, &delivery.id, &delivery.body).await
    }
}

/// Returns the topic of an alarm's place and hazard, where its last change stays for those who come
/// later.
fn topic(alarm: &str) -> String {
    let mut parts = alarm.split('/');
    let place = parts.next().unwrap_or_default().replace(':', "/");
    format!("muavu-out/alarms/{place}/{}", parts.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_place_and_hazard_have_one_topic() {
        let topic = super::topic("canal:vung_liem/salt/20250126T010000Z");
        assert_eq!(topic, "muavu-out/alarms/canal/vung_liem/salt");
    }
}
