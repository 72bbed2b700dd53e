//! Who is told of a change: the receivers of alarms in the settings. `pipeline::sending` sends it.

use std::sync::Arc;

use crate::publish::channels::mqtt;
use crate::publish::receivers::Webhook;

/// Everybody alarms are sent to.
#[derive(Debug, Clone)]
pub struct Receivers {
    /// Signed messages over HTTP.
    pub webhooks: Arc<Vec<Webhook>>,
    /// Whether alarms are published to the broker.
    pub broker: bool,
}

impl Receivers {
    /// Returns receivers of nothing.
    #[must_use]
    pub fn nobody() -> Self {
        Self { webhooks: Arc::default(), broker: false }
    }

    /// Returns the channels a change goes to; `technical` ones go only to who asked for them.
    pub fn channels(&self, technical: bool) -> impl Iterator<Item = &str> {
        let webhooks = self.webhooks.iter().filter(move |w| w.technical || !technical);
        webhooks.map(|w| w.name.as_str()).chain(self.broker.then_some(mqtt::NAME))
    }
}
