//! The sender of a home: the channels of the settings, the broker among them, and one loop that
//! sends. Of several processes on one home one sends; the others take over when it ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::Timestamp;

use super::{Home, PipelineError};
use crate::domain::Geography;
use crate::publish::channels::fanout::Fanout;
use crate::publish::channels::{
    CapChannel, Channel, LoudspeakerChannel, MqttChannel, Sender, Settings, SmsChannel, Tokens,
    Topics, WebhookChannel, ZaloOaChannel, ZnsChannel,
};
use crate::publish::receivers::Webhook;
use crate::sources::sensor::mqtt::{Broker, Publisher};
use crate::storage::{HomeLock, Records, Vault};

/// How often a process that may not send looks whether it now may.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What the settings say of the ways out.
#[derive(Debug, Clone)]
pub struct Outward {
    /// The channels of advice.
    pub channels: Settings,
    /// Receivers of alarms.
    pub alarms: Vec<Webhook>,
    /// The broker, which is published to when it has an address and says so.
    pub broker: Broker,
}

#[derive(Debug)]
struct ToBroker(Publisher);

impl Topics for ToBroker {
    fn publish<'a>(&'a self, topic: &'a str, body: &'a str) -> BoxFuture<'a, Result<(), String>> {
        self.0.publish_retained(topic, body).boxed()
    }
}

/// Begins to send in the background, for as long as the process lives.
///
/// # Errors
/// [`PipelineError`] when a shipped table is broken; that another process sends is none.
pub fn start(home: &Home, outward: Outward, now: fn() -> Timestamp) -> Result<(), PipelineError> {
    let (root, records) = (home.root.clone(), home.records.clone());
    let geography = Geography::shipped()?;
    tokio::spawn(async move {
        // Held for the life of the process; the system lets it go however that ends.
        let _alone = alone(&root, now).await;
        match sender(&root, records, &outward, &geography, now) {
            Ok(sender) => sender.run().await,
            Err(error) => tracing::error!(%error, "nothing can be sent"),
        }
    });
    Ok(())
}

/// Makes deliveries of everything announced and attempts everything due once; returns how many
/// attempts were made.
///
/// # Errors
/// [`PipelineError`] when another process sends, or the store refuses.
pub async fn once(
    home: &Home,
    outward: &Outward,
    now: fn() -> Timestamp,
) -> Result<usize, PipelineError> {
    let _alone = HomeLock::take(&folder(&home.root), &holder(now()))?;
    let geography = Geography::shipped()?;
    let sender = sender(&home.root, home.records.clone(), outward, &geography, now)?;
    Ok(sender.once().await?)
}

fn folder(root: &std::path::Path) -> PathBuf {
    root.join("outbox")
}

fn holder(now: Timestamp) -> String {
    format!("sending since {now}")
}

async fn alone(root: &std::path::Path, now: fn() -> Timestamp) -> HomeLock {
    loop {
        match HomeLock::take(&folder(root), &holder(now())) {
            Ok(lock) => return lock,
            Err(error) => tracing::debug!(%error, "somebody else sends"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn sender(
    root: &std::path::Path,
    records: Records,
    outward: &Outward,
    geography: &Geography,
    now: fn() -> Timestamp,
) -> Result<Sender, PipelineError> {
    let settings = &outward.channels;
    let mut channels: Vec<Box<dyn Channel>> = vec![Box::new(CapChannel::of(&settings.cap))];
    for webhook in &outward.alarms {
        channels.push(Box::new(WebhookChannel::of_alarms(webhook)));
    }
    for webhook in &settings.webhooks {
        channels.push(Box::new(WebhookChannel::of_advice(webhook)));
    }
    if outward.broker.publish && !outward.broker.url.is_empty() {
        let topics = Box::new(ToBroker(outward.broker.publisher()?));
        channels.push(Box::new(MqttChannel::of(topics, settings.mqtt)));
    }
    let boxed = |channel| Box::new(channel) as Box<dyn Channel>;
    channels.extend(SmsChannel::of(&settings.sms).map(boxed));
    if let Some(speaker) = LoudspeakerChannel::of(&settings.loudspeaker, root) {
        channels.push(Box::new(speaker));
    }
    if let Some(tokens) = Tokens::of(&settings.zalo, root, now).map(Arc::new) {
        channels.push(Box::new(ZaloOaChannel::of(&settings.zalo, &tokens)));
        if let Some(zns) = ZnsChannel::of(&settings.zalo, &tokens) {
            channels.push(Box::new(zns));
        }
    }
    let channels = Arc::new(channels);
    let fanout = Fanout::new(records.clone(), Arc::clone(&channels), settings.clone(), geography);
    Ok(Sender { records, channels, fanout, vault: Arc::new(Vault::open(root)?), now })
}
