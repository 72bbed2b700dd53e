//! Attempts: begun in writing, ended in writing.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    TransactionTrait,
};

use super::super::StorageError;
use super::super::records::{Records, failed};
use super::tables::{attempt, delivery};
use super::{Delivery, State};

/// Attempts after which a receiver is given up: with waits that double from five seconds to an
/// hour, about a day.
const ATTEMPTS_MAX: i32 = 30;

const WAIT_SECS_MIN: i64 = 5;
const WAIT_SECS_MAX: i64 = 3_600;

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The other side has it, under this name of its own.
    Received(Option<String>),
    /// The other side will never take it.
    Refused(String),
    /// To be tried again.
    Again(String),
    /// It may have it, and must not be asked again.
    Unsure(String),
    /// Nobody will ever be asked again: it is over, or the recipient wants no more.
    Held(String),
}

impl Records {
    /// Returns what a channel has to send by `now`, at most `count`: codes, for which somebody waits,
    /// then alarms, so that none stands in line behind a morning's advice, then the oldest first.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn due_deliveries(
        &self,
        channel: &str,
        now: Timestamp,
        count: u64,
    ) -> Result<Vec<Delivery>, StorageError> {
        let rows = delivery::Entity::find()
            .filter(delivery::Column::Channel.eq(channel))
            .filter(delivery::Column::State.eq(State::Waiting.as_str()))
            .filter(delivery::Column::DueUs.lte(now.as_microsecond()))
            .order_by_desc(delivery::Column::About)
            .order_by_asc(delivery::Column::DueUs)
            .order_by_asc(delivery::Column::Id)
            .limit(count)
            .all(self.db())
            .await
            .map_err(failed("read the outbox"))?;
        Ok(rows.into_iter().map(Delivery::of).collect())
    }

    /// Notes that an attempt begins; returns whether it may: the delivery may have been stopped
    /// meanwhile.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn begin_attempt(
        &self,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let put = failed("note an attempt");
        let number = delivery.attempts + 1;
        let tx = self.db().begin().await.map_err(&put)?;
        let begun = delivery::Entity::update_many()
            .col_expr(delivery::Column::Attempts, number.into())
            .filter(delivery::Column::Id.eq(delivery.id.as_str()))
            .filter(delivery::Column::State.eq(State::Waiting.as_str()))
            .filter(delivery::Column::Attempts.eq(delivery.attempts))
            .exec(&tx)
            .await
            .map_err(&put)?;
        if begun.rows_affected == 0 {
            return tx.rollback().await.map_err(&put).map(|()| false);
        }
        let row = attempt::ActiveModel {
            delivery: Set(delivery.id.clone()),
            number: Set(number),
            begun_us: Set(now.as_microsecond()),
            ended_us: Set(None),
            outcome: Set(None),
        };
        attempt::Entity::insert(row).exec_without_returning(&tx).await.map_err(&put)?;
        tx.commit().await.map_err(&put).map(|()| true)
    }

    /// Notes how the attempt that was begun ended. Returns where the delivery then stands.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn end_attempt(
        &self,
        delivery: &Delivery,
        ended: &Ended,
        now: Timestamp,
    ) -> Result<State, StorageError> {
        let put = failed("note how an attempt ended");
        let number = delivery.attempts + 1;
        let (state, why) = match ended {
            Ended::Received(_) => (State::Sent, None),
            Ended::Refused(why) => (State::Refused, Some(why)),
            Ended::Again(why) if number >= ATTEMPTS_MAX => (State::GivenUp, Some(why)),
            Ended::Again(why) => (State::Waiting, Some(why)),
            Ended::Unsure(why) => (State::Unsure, Some(why)),
            Ended::Held(why) => (State::Held, Some(why)),
        };
        let mut row = delivery::Entity::update_many()
            .col_expr(delivery::Column::LastError, why.cloned().into())
            .col_expr(delivery::Column::DueUs, due_again(delivery, now).as_microsecond().into())
            .col_expr(delivery::Column::State, state.as_str().into())
            .filter(delivery::Column::Id.eq(delivery.id.as_str()));
        if let Ended::Received(receipt) = ended {
            row = row
                .col_expr(delivery::Column::ReceivedUs, now.as_microsecond().into())
                .col_expr(delivery::Column::Receipt, receipt.clone().into());
        } else {
            // What was stopped meanwhile stays so, unless it has arrived all the same.
            row = row.filter(delivery::Column::State.eq(State::Waiting.as_str()));
        }
        let tx = self.db().begin().await.map_err(&put)?;
        row.exec(&tx).await.map_err(&put)?;
        let outcome = why
            .map_or_else(|| state.as_str().to_owned(), |why| format!("{}: {why}", state.as_str()));
        let noted = attempt::ActiveModel {
            delivery: Set(delivery.id.clone()),
            number: Set(number),
            ended_us: Set(Some(now.as_microsecond())),
            outcome: Set(Some(outcome)),
            ..Default::default()
        };
        // What ends without having begun has no attempt to note.
        if !matches!(ended, Ended::Held(_)) {
            noted.update(&tx).await.map_err(&put)?;
        }
        tx.commit().await.map_err(&put).map(|()| state)
    }

    /// Notes that an attempt was cut short and must not be made again.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn leave_unsure(&self, delivery: &Delivery, why: &str) -> Result<(), StorageError> {
        delivery::Entity::update_many()
            .col_expr(delivery::Column::State, State::Unsure.as_str().into())
            .col_expr(delivery::Column::LastError, why.into())
            .filter(delivery::Column::Id.eq(delivery.id.as_str()))
            .filter(delivery::Column::State.eq(State::Waiting.as_str()))
            .exec(self.db())
            .await
            .map(|_| ())
            .map_err(failed("note an attempt"))
    }

    /// Returns whether the last attempt of a delivery was begun and never ended: the process died.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn was_cut_short(&self, delivery: &Delivery) -> Result<bool, StorageError> {
        if delivery.attempts == 0 {
            return Ok(false);
        }
        let key = (delivery.id.clone(), delivery.attempts);
        let last = attempt::Entity::find_by_id(key).one(self.db()).await;
        let last = last.map_err(failed("read an attempt"))?;
        Ok(last.is_some_and(|attempt| attempt.ended_us.is_none()))
    }
}

fn due_again(delivery: &Delivery, now: Timestamp) -> Timestamp {
    let doubled = u32::try_from(delivery.attempts.clamp(0, 12)).unwrap_or(0);
    let wait = Ord::min(WAIT_SECS_MIN << doubled, WAIT_SECS_MAX);
    now.saturating_add(SignedDuration::from_secs(wait)).unwrap_or(now)
}
