//! The one loop that sends: it makes deliveries of what is announced and sends what is due, each
//! channel by itself, so that one that hangs holds up no other.

use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use futures::{FutureExt as _, StreamExt as _};
use jiff::Timestamp;
use tokio::sync::watch;

use super::fanout::{Fanout, FanoutError};
use super::{Address, Audience, Channel, Outcome, Parcel};
use crate::storage::outbox::{About, Delivery, Ended, State};
use crate::storage::{Records, StorageError, Vault};

/// How often the outbox is looked at: well within the seconds an alarm may take.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Deliveries taken at once.
const AT_ONCE: u64 = 50;

/// The place in the body of a confirming message where its code is put in at the last moment, so
/// that it is stored nowhere.
pub const CODE: &str = "{code}";

/// Sends for ever what falls due.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The outbox.
    pub records: Records,
    /// The channels.
    pub channels: Arc<Vec<Box<dyn Channel>>>,
    /// Makes deliveries of announcements.
    pub fanout: Fanout,
    /// Opens addresses.
    pub vault: Arc<Vault>,
    /// Asks the present moment.
    pub now: fn() -> Timestamp,
}

impl Sender {
    /// Makes deliveries and sends them until the process ends; it may be killed at any moment.
    ///
    /// Alarms are looked for by themselves, so that none waits for a morning's advice.
    pub async fn run(&self) {
        let (tell_made, made) = watch::channel(());
        let alarms = self.keep_making(&tell_made, |now| self.fanout.alarms(now).boxed());
        let advice = self.keep_making(&tell_made, |now| self.fanout.advice(now).boxed());
        let sending: Vec<BoxFuture<'_, ()>> = self
            .channels
            .iter()
            .map(|channel| self.keep_sending(channel.as_ref(), made.clone()).boxed())
            .collect();
        tokio::join!(alarms, advice, join_all(sending));
    }

    async fn keep_making<'a>(
        &'a self,
        tell_made: &watch::Sender<()>,
        make: impl Fn(Timestamp) -> BoxFuture<'a, Result<usize, FanoutError>>,
    ) {
        loop {
            match make((self.now)()).await {
                Ok(0) => {}
                Ok(_) => tell_made.send_replace(()),
                Err(error) => tracing::error!(%error, "announcements cannot be read"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Sends what is due, looking at once when something was made and often besides: what fell due
    /// by itself, or was put there by another process.
    async fn keep_sending(&self, channel: &dyn Channel, mut made: watch::Receiver<()>) {
        loop {
            made.mark_unchanged();
            match self.round(channel).await {
                Ok(sent) if sent > 0 => continue,
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "the outbox cannot be used"),
            }
            // However it ends, it is time to look again.
            let _made_or_time = tokio::time::timeout(LOOK_EVERY, made.changed()).await;
        }
    }

    /// Makes deliveries of everything announced and attempts everything due once.
    ///
    /// # Errors
    /// [`FanoutError::Storage`].
    pub async fn once(&self) -> Result<usize, FanoutError> {
        self.fanout.alarms((self.now)()).await?;
        self.fanout.advice((self.now)()).await?;
        let rounds: Vec<BoxFuture<'_, Result<usize, StorageError>>> =
            self.channels.iter().map(|channel| self.all_rounds(channel.as_ref()).boxed()).collect();
        let mut attempts = 0;
        for round in join_all(rounds).await {
            attempts += round?;
        }
        Ok(attempts)
    }

    async fn all_rounds(&self, channel: &dyn Channel) -> Result<usize, StorageError> {
        let mut attempts = 0;
        loop {
            match self.round(channel).await? {
                0 => return Ok(attempts),
                count => attempts += count,
            }
        }
    }

    /// Attempts what a channel has to send now; returns how many.
    async fn round(&self, channel: &dyn Channel) -> Result<usize, StorageError> {
        let due = self.records.due_deliveries(channel.name(), (self.now)(), AT_ONCE).await?;
        let attempts: Vec<BoxFuture<'_, Result<(), StorageError>>> =
            due.iter().map(|delivery| self.attempt(channel, delivery).boxed()).collect();
        let mut under_way = futures::stream::iter(attempts).buffer_unordered(channel.at_once());
        let mut done = 0;
        while let Some(attempted) = under_way.next().await {
            attempted?;
            done += 1;
        }
        Ok(done)
    }

    async fn attempt(
        &self,
        channel: &dyn Channel,
        delivery: &Delivery,
    ) -> Result<(), StorageError> {
        if !channel.honours_key() && self.records.was_cut_short(delivery).await? {
            let why = "the program ended while it was being sent; look whether it arrived";
            return self.records.leave_unsure(delivery, why).await;
        }
        let held = |why: &str| Ended::Held(why.to_owned());
        if delivery.expires_at.is_some_and(|end| end <= (self.now)()) {
            return self.end(delivery, &held("over before it was sent")).await;
        }
        let (to, body) = match self.addressed(channel, delivery).await {
            Ok(Some(addressed)) => addressed,
            Ok(None) => {
                return self.end(delivery, &held("the recipient wants no more messages")).await;
            }
            // One that cannot be opened holds up no other.
            Err(error @ StorageError::Sealed { .. }) => {
                return self.end(delivery, &held(&error.to_string())).await;
            }
            Err(error) => return Err(error),
        };
        if !self.records.begin_attempt(delivery, (self.now)()).await? {
            return Ok(());
        }
        let (key, subject) = (delivery.id.as_str(), delivery.subject.as_str());
        let (about, turn) = (delivery.about, delivery.turn);
        let parcel = Parcel { key, about, subject, turn, body: &body, to };
        let ended = match channel.send(parcel).await {
            Outcome::Received(receipt) => Ended::Received(receipt),
            Outcome::Refused(why) => Ended::Refused(why),
            Outcome::NotSent(why) => Ended::Again(why),
            Outcome::Unsure(why) if channel.honours_key() => Ended::Again(why),
            Outcome::Unsure(why) => Ended::Unsure(why),
        };
        self.end(delivery, &ended).await
    }

    async fn end(&self, delivery: &Delivery, ended: &Ended) -> Result<(), StorageError> {
        let state = self.records.end_attempt(delivery, ended, (self.now)()).await?;
        let (id, channel) = (delivery.id.as_str(), delivery.channel.as_str());
        match (ended, state) {
            (Ended::Received(_), _) => tracing::info!(id, channel, "delivered"),
            (Ended::Held(why), _) => tracing::info!(id, channel, why, "not sent"),
            (Ended::Again(why), State::Waiting) => {
                tracing::warn!(id, channel, why, "not delivered")
            }
            (Ended::Again(why) | Ended::Refused(why) | Ended::Unsure(why), state) => {
                tracing::error!(id, channel, why, state = state.as_str(), "left undelivered");
            }
        }
        Ok(())
    }

    /// Returns where a delivery goes and what it says; nothing when its recipient has stopped.
    async fn addressed(
        &self,
        channel: &dyn Channel,
        delivery: &Delivery,
    ) -> Result<Option<(Address, String)>, StorageError> {
        let body = delivery.body.clone();
        match channel.audience() {
            Audience::Everybody => Ok(Some((Address::Fixed, body))),
            Audience::Communes => {
                Ok(delivery.recipient.parse().ok().map(|code| (Address::Commune(code), body)))
            }
            Audience::Phones | Audience::ZaloUsers => {
                let is_code = delivery.about == About::Code;
                let found = self.records.subscriber(&delivery.recipient, is_code).await?;
                let Some(subscriber) = found else { return Ok(None) };
                let to = match channel.audience() {
                    Audience::ZaloUsers => Address::ZaloUser(subscriber.address(&self.vault)?),
                    _ => Address::Phone(subscriber.phone(&self.vault)?),
                };
                let round = delivery.id.split('/').nth(1).and_then(|round| round.parse().ok());
                let code = || self.vault.code(&subscriber.id, round.unwrap_or_default());
                let body = if is_code { body.replace(CODE, &code()) } else { body };
                Ok(Some((to, body)))
            }
        }
    }
}
