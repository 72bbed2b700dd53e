//! The outbox as people read it: what went where, when, and what the other side called it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use super::super::StorageError;
use super::super::records::{Records, failed};
use super::tables::{attempt, delivery};
use super::{About, Delivery, State, Turn};

/// What people are told of: everything but the codes they asked for.
const MESSAGES: [&str; 2] = [About::Advisory.as_str(), About::Alarm.as_str()];

/// How a state of the outbox is counted for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutboxCounts {
    /// On their way.
    pub waiting: u64,
    /// Received.
    pub sent: u64,
    /// Given up.
    pub given_up: u64,
    /// Left to a person, since nobody knows whether they went out.
    pub unsure: u64,
}

/// One attempt to send a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// Which, from 1.
    pub number: i32,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it ended; nothing when the process died in it.
    pub ended_at: Option<Timestamp>,
    /// How.
    pub outcome: Option<String>,
}

impl Records {
    /// Returns the deliveries of an alarm or advisory, in the order they were made.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn deliveries_of(&self, subject: &str) -> Result<Vec<Delivery>, StorageError> {
        let rows = delivery::Entity::find()
            .filter(delivery::Column::Subject.eq(subject))
            .order_by_asc(delivery::Column::MadeUs)
            .order_by_asc(delivery::Column::Id)
            .all(self.db())
            .await
            .map_err(failed("read the outbox"))?;
        Ok(rows.into_iter().map(Delivery::of).collect())
    }

    /// Returns a delivery.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn delivery(&self, id: &str) -> Result<Option<Delivery>, StorageError> {
        let row = delivery::Entity::find_by_id(id).one(self.db()).await;
        Ok(row.map_err(failed("read the outbox"))?.map(Delivery::of))
    }

    /// Returns deliveries, those made last first, at most `count`.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn deliveries(
        &self,
        state: Option<State>,
        channel: Option<&str>,
        count: u64,
    ) -> Result<Vec<Delivery>, StorageError> {
        let mut query = delivery::Entity::find();
        if let Some(state) = state {
            query = query.filter(delivery::Column::State.eq(state.as_str()));
        }
        if let Some(channel) = channel {
            query = query.filter(delivery::Column::Channel.eq(channel));
        }
        let rows = query
            .order_by_desc(delivery::Column::MadeUs)
            .order_by_asc(delivery::Column::Id)
            .limit(count)
            .all(self.db())
            .await
            .map_err(failed("read the outbox"))?;
        Ok(rows.into_iter().map(Delivery::of).collect())
    }

    /// Returns what a channel's receiver calls so: the newest, should it call two alike.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn received_as(
        &self,
        channel: &str,
        receipt: &str,
    ) -> Result<Option<Delivery>, StorageError> {
        let row = delivery::Entity::find()
            .filter(delivery::Column::Channel.eq(channel))
            .filter(delivery::Column::Receipt.eq(receipt))
            .order_by_desc(delivery::Column::MadeUs)
            .one(self.db())
            .await;
        Ok(row.map_err(failed("read the outbox"))?.map(Delivery::of))
    }

    /// Returns the advisory or alarm a recipient was told of last.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn last_told(&self, recipient: &str) -> Result<Option<String>, StorageError> {
        let row = delivery::Entity::find()
            .filter(delivery::Column::Recipient.eq(recipient))
            .filter(delivery::Column::About.is_in(MESSAGES))
            .filter(delivery::Column::State.eq(State::Sent.as_str()))
            .order_by_desc(delivery::Column::ReceivedUs)
            .one(self.db())
            .await;
        Ok(row.map_err(failed("read the outbox"))?.map(|row| row.subject))
    }

    /// Returns the attempts of a delivery, in order.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn attempts_of(&self, id: &str) -> Result<Vec<Attempt>, StorageError> {
        let rows = attempt::Entity::find()
            .filter(attempt::Column::Delivery.eq(id))
            .order_by_asc(attempt::Column::Number)
            .all(self.db())
            .await
            .map_err(failed("read attempts"))?;
        let time = |us: i64| Timestamp::from_microsecond(us).unwrap_or_default();
        Ok(rows
            .into_iter()
            .map(|row| Attempt {
                number: row.number,
                begun_at: time(row.begun_us),
                ended_at: row.ended_us.map(time),
                outcome: row.outcome,
            })
            .collect())
    }

    /// Returns how many messages each recipient is told between two instants; that something is over
    /// or withdrawn and what is not sent are not counted.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn told_between(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<(String, String), u32>, StorageError> {
        let ends = [Turn::Over, Turn::Withdrawn].map(Turn::as_str);
        let told = [State::Waiting, State::Sent, State::Unsure, State::GivenUp, State::Overtaken];
        let rows: Vec<(String, String)> = delivery::Entity::find()
            .select_only()
            .column(delivery::Column::Channel)
            .column(delivery::Column::Recipient)
            .filter(delivery::Column::About.is_in(MESSAGES))
            .filter(delivery::Column::Turn.is_not_in(ends))
            .filter(delivery::Column::State.is_in(told.map(State::as_str)))
            .filter(delivery::Column::DueUs.gte(from.as_microsecond()))
            .filter(delivery::Column::DueUs.lt(to.as_microsecond()))
            .into_tuple()
            .all(self.db())
            .await
            .map_err(failed("read the outbox"))?;
        let mut counts = BTreeMap::new();
        for key in rows {
            *counts.entry(key).or_insert(0) += 1;
        }
        Ok(counts)
    }

    /// Returns how many deliveries stand where.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn outbox(&self) -> Result<OutboxCounts, StorageError> {
        let states: Vec<(String, i64)> = delivery::Entity::find()
            .select_only()
            .column(delivery::Column::State)
            .column_as(delivery::Column::Id.count(), "count")
            .group_by(delivery::Column::State)
            .into_tuple()
            .all(self.db())
            .await
            .map_err(failed("read the outbox"))?;
        let count = |state: State| {
            let of = states.iter().find(|(name, _)| name == state.as_str());
            of.map_or(0, |(_, count)| u64::try_from(*count).unwrap_or(0))
        };
        Ok(OutboxCounts {
            waiting: count(State::Waiting),
            sent: count(State::Sent),
            given_up: count(State::GivenUp),
            unsure: count(State::Unsure),
        })
    }
}
