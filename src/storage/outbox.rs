//! The outbox: what is to be sent of an alarm, stored with the change it tells of, sent until the
//! other side has it.
//!
//! A delivery is known by its change and its channel, so that it is written once however often the
//! change is made again; the receiver is given that id and can leave out what it has already.

use jiff::{SignedDuration, Timestamp};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use super::StorageError;
use super::records::{Records, failed};

pub(super) mod delivery {
    //! One message to one receiver.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "delivery")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub alarm: String,
        pub channel: String,
        /// `waiting`, `review` (a person must see it first), `sent` or `given_up`.
        pub state: String,
        /// Microseconds since 1970: when it is to be sent, or tried again.
        pub due_us: i64,
        pub attempts: i32,
        pub last_error: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Attempts after which a receiver is given up: with waits that double from five seconds to an
/// hour, about a day.
const ATTEMPTS_MAX: i32 = 30;

const WAIT_SECS_MIN: i64 = 5;
const WAIT_SECS_MAX: i64 = 3_600;

/// A message to one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Change and channel; the receiver's idempotency key.
    pub id: String,
    /// The alarm it tells of.
    pub alarm: String,
    /// Which receiver: a name of the settings.
    pub channel: String,
    /// When it is to be sent.
    pub due: Timestamp,
    /// Whether a person must see the alarm first.
    pub after_review: bool,
    /// What is sent.
    pub body: String,
    /// How often it was tried.
    pub attempts: i32,
}

/// How a state of the outbox is counted for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutboxCounts {
    /// On their way.
    pub waiting: u64,
    /// Waiting for a person.
    pub for_review: u64,
    /// Received.
    pub sent: u64,
    /// Given up.
    pub given_up: u64,
}

/// Writes deliveries beside their change; known ones are left as they are.
pub(super) async fn add<C: ConnectionTrait>(
    db: &C,
    deliveries: &[Delivery],
) -> Result<(), sea_orm::DbErr> {
    for d in deliveries {
        let row = delivery::ActiveModel {
            id: Set(d.id.clone()),
            alarm: Set(d.alarm.clone()),
            channel: Set(d.channel.clone()),
            state: Set(if d.after_review { "review" } else { "waiting" }.to_owned()),
            due_us: Set(d.due.as_microsecond()),
            attempts: Set(0),
            last_error: Set(None),
            body: Set(d.body.clone()),
        };
        let keep = OnConflict::column(delivery::Column::Id).do_nothing().to_owned();
        delivery::Entity::insert(row).on_conflict(keep).exec_without_returning(db).await?;
    }
    Ok(())
}

impl Records {
    /// Returns what is due by `now`, oldest first, at most `count`.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn due_deliveries(
        &self,
        now: Timestamp,
        count: u64,
    ) -> Result<Vec<Delivery>, StorageError> {
        let rows = delivery::Entity::find()
            .filter(delivery::Column::State.eq("waiting"))
            .filter(delivery::Column::DueUs.lte(now.as_microsecond()))
            .order_by_asc(delivery::Column::DueUs)
            .order_by_asc(delivery::Column::Id)
            .limit(count)
            .all(self.db())
            .await
            .map_err(failed("read the outbox"))?;
        Ok(rows
            .into_iter()
            .map(|row| Delivery {
                due: Timestamp::from_microsecond(row.due_us).unwrap_or(now),
                after_review: false,
                id: row.id,
                alarm: row.alarm,
                channel: row.channel,
                body: row.body,
                attempts: row.attempts,
            })
            .collect())
    }

    /// Notes that a delivery was received.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn delivered(&self, id: &str) -> Result<(), StorageError> {
        let row = delivery::ActiveModel {
            id: Set(id.to_owned()),
            state: Set("sent".to_owned()),
            last_error: Set(None),
            ..Default::default()
        };
        row.update(self.db()).await.map(|_| ()).map_err(failed("note a delivery"))
    }

    /// Notes that a delivery failed: it is tried again later and later, and given up after about
    /// a day. Returns whether it was given up.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn not_delivered(
        &self,
        delivery: &Delivery,
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let attempts = delivery.attempts + 1;
        let given_up = attempts >= ATTEMPTS_MAX;
        let doubled = u32::try_from(delivery.attempts.clamp(0, 12)).unwrap_or(0);
        let wait = (WAIT_SECS_MIN << doubled).min(WAIT_SECS_MAX);
        let due = now.saturating_add(SignedDuration::from_secs(wait)).unwrap_or(now);
        let row = delivery::ActiveModel {
            id: Set(delivery.id.clone()),
            state: Set(if given_up { "given_up" } else { "waiting" }.to_owned()),
            attempts: Set(attempts),
            due_us: Set(due.as_microsecond()),
            last_error: Set(Some(why.to_owned())),
            ..Default::default()
        };
        let noted = row.update(self.db()).await;
        noted.map(|_| given_up).map_err(failed("note a failed delivery"))
    }

    /// Lets go what waited for a person to see `alarm`.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub(super) async fn release_reviewed(
        &self,
        alarm: &str,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        delivery::Entity::update_many()
            .col_expr(delivery::Column::State, "waiting".into())
            .col_expr(delivery::Column::DueUs, now.as_microsecond().into())
            .filter(delivery::Column::Alarm.eq(alarm))
            .filter(delivery::Column::State.eq("review"))
            .exec(self.db())
            .await
            .map(|_| ())
            .map_err(failed("let go what was reviewed"))
    }

    /// Returns how many deliveries stand where.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn outbox(&self) -> Result<OutboxCounts, StorageError> {
        let states: Vec<String> = delivery::Entity::find()
            .select_only()
            .column(delivery::Column::State)
            .into_tuple()
            .all(self.db())
            .await
            .map_err(failed("read the outbox"))?;
        let count = |state: &str| states.iter().filter(|s| *s == state).count() as u64;
        Ok(OutboxCounts {
            waiting: count("waiting"),
            for_review: count("review"),
            sent: count("sent"),
            given_up: count("given_up"),
        })
    }
}
