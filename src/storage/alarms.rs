//! Alarms in the record store: one open alarm a place and hazard, by a unique key of the database.
//!
//! The stream's engine decides; here what it decided is kept, announced, shown and acknowledged.
//! Every write may be made again: a change is known by its alarm and step.

mod telling;

use jiff::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Set, SqlErr,
    TransactionTrait,
};
use serde::{Deserialize, Serialize};

use super::StorageError;
use super::outbox;
use super::records::{Records, failed};
use crate::frames::WordedChange;

pub use telling::{HOLDS, LetOut};

pub(super) mod alarm {
    //! An alarm as it stands.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "alarm")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub place: String,
        pub hazard: String,
        pub severity: String,
        pub opened_at: String,
        pub step: i64,
        /// When it was over; empty while it is open.
        pub closed_at: Option<String>,
        pub acknowledged_by: Option<String>,
        pub acknowledged_at: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub document: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod alarm_change {
    //! One change of an alarm; only ever added.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "alarm_change")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub alarm: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub step: i64,
        pub known_at: String,
        #[sea_orm(column_type = "Text")]
        pub document: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The unique key: whoever writes, two open alarms of one place and hazard cannot stand. Known to
/// SQLite and PostgreSQL alike.
pub(super) const ONE_OPEN: &str = "CREATE UNIQUE INDEX IF NOT EXISTS alarm_one_open \
                                   ON alarm (place, hazard) WHERE closed_at IS NULL";

/// A change as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// The alarm's id.
    pub alarm: String,
    /// Which change of it, from 1.
    pub step: i64,
    /// Where.
    pub place: String,
    /// What.
    pub hazard: String,
    /// How severe it is after the change.
    pub severity: String,
    /// When the alarm, not the change, began.
    pub opened_at: Timestamp,
    /// When this was known.
    pub known_at: Timestamp,
    /// Whether it is over with this change.
    pub closes: bool,
    /// Who is to hear of it.
    pub announce: Announce,
    /// The change with its texts (`frames::alarms::WordedChange`), as JSON.
    pub document: String,
}

/// Whether and when a change is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announce {
    /// To nobody.
    Never,
    /// With the change itself.
    AtOnce,
    /// When a person has seen the alarm; at once when one has already.
    WhenSeen,
}

/// An alarm as people see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlarmView {
    /// Its id.
    pub id: String,
    /// Where.
    pub place: String,
    /// What.
    pub hazard: String,
    /// How severe.
    pub severity: String,
    /// Since when.
    pub opened_at: String,
    /// Until when, once it is over.
    pub closed_at: Option<String>,
    /// Who has seen it.
    pub acknowledged_by: Option<String>,
    /// When.
    pub acknowledged_at: Option<String>,
    /// Its last change with its texts.
    pub last: serde_json::Value,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is stored.
    New,
    /// It was stored before.
    Known,
    /// Another writer holds an open alarm of this place and hazard.
    OtherOpen,
}

impl Records {
    /// Stores one change, the alarm as it then stands and its announcement, all or none.
    ///
    /// # Errors
    /// [`StorageError::Records`] when the store refuses for another reason than what [`Kept`] says.
    pub async fn keep_change(&self, row: &ChangeRow) -> Result<Kept, StorageError> {
        let put = failed("store an alarm");
        let tx = self.db().begin().await.map_err(&put)?;
        let change = alarm_change::ActiveModel {
            alarm: Set(row.alarm.clone()),
            step: Set(row.step),
            known_at: Set(row.known_at.to_string()),
            document: Set(row.document.clone()),
        };
        // The first statement writes, so that SQLite gives the lock before anything was read.
        let keep = OnConflict::columns([alarm_change::Column::Alarm, alarm_change::Column::Step])
            .do_nothing()
            .to_owned();
        let added = alarm_change::Entity::insert(change).on_conflict(keep);
        if added.exec_without_returning(&tx).await.map_err(&put)? == 0 {
            return Ok(Kept::Known);
        }
        let stands = alarm::ActiveModel {
            id: Set(row.alarm.clone()),
            place: Set(row.place.clone()),
            hazard: Set(row.hazard.clone()),
            severity: Set(row.severity.clone()),
            opened_at: Set(row.opened_at.to_string()),
            step: Set(row.step),
            closed_at: Set(row.closes.then(|| row.known_at.to_string())),
            document: Set(row.document.clone()),
            ..Default::default()
        };
        let update = OnConflict::column(alarm::Column::Id)
            .update_columns([
                alarm::Column::Severity,
                alarm::Column::Step,
                alarm::Column::ClosedAt,
                alarm::Column::Document,
            ])
            .to_owned();
        let stored =
            alarm::Entity::insert(stands).on_conflict(update).exec_without_returning(&tx).await;
        match stored {
            Ok(_) => {
                announce(&tx, row).await.map_err(&put)?;
                tx.commit().await.map_err(&put).map(|()| Kept::New)
            }
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                tx.rollback().await.map_err(&put).map(|()| Kept::OtherOpen)
            }
            Err(error) => Err(put(error)),
        }
    }

    /// Returns the alarms that are open, or all, those that began last first.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn alarms(&self, open_only: bool) -> Result<Vec<AlarmView>, StorageError> {
        let mut query = alarm::Entity::find();
        if open_only {
            query = query.filter(alarm::Column::ClosedAt.is_null());
        }
        let rows = query
            .order_by_desc(alarm::Column::OpenedAt)
            .order_by_asc(alarm::Column::Id)
            .all(self.db())
            .await
            .map_err(failed("read alarms"))?;
        rows.into_iter().map(view).collect()
    }

    /// Returns every change of every alarm, or of one, in the order they were known, as JSON.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn alarm_changes(&self, of: Option<&str>) -> Result<Vec<String>, StorageError> {
        let mut query = alarm_change::Entity::find();
        if let Some(id) = of {
            query = query.filter(alarm_change::Column::Alarm.eq(id));
        }
        let rows = query
            .order_by_asc(alarm_change::Column::KnownAt)
            .order_by_asc(alarm_change::Column::Alarm)
            .order_by_asc(alarm_change::Column::Step)
            .all(self.db())
            .await
            .map_err(failed("read alarm changes"))?;
        Ok(rows.into_iter().map(|row| row.document).collect())
    }

    /// Returns every change of an alarm, in order.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn worded_changes(&self, alarm: &str) -> Result<Vec<WordedChange>, StorageError> {
        let documents = self.alarm_changes(Some(alarm)).await?;
        let worded = documents.iter().map(|text| telling::worded(alarm, text));
        worded.collect()
    }

    /// Notes that `who` has seen an alarm, and lets go what waited for that; the first to see it
    /// stands. Returns the alarm, or `None` when there is none of this id.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn acknowledge_alarm(
        &self,
        id: &str,
        who: &str,
        at: Timestamp,
    ) -> Result<Option<AlarmView>, StorageError> {
        let put = failed("acknowledge an alarm");
        let tx = self.db().begin().await.map_err(&put)?;
        alarm::Entity::update_many()
            .col_expr(alarm::Column::AcknowledgedBy, who.into())
            .col_expr(alarm::Column::AcknowledgedAt, at.to_string().into())
            .filter(alarm::Column::Id.eq(id))
            .filter(alarm::Column::AcknowledgedBy.is_null())
            .exec(&tx)
            .await
            .map_err(&put)?;
        outbox::let_out(&tx, id).await.map_err(&put)?;
        tx.commit().await.map_err(&put)?;
        let row = alarm::Entity::find_by_id(id).one(self.db()).await.map_err(&put)?;
        row.map(view).transpose()
    }

    /// Makes the unique key when it is not there.
    pub(super) async fn one_open_alarm(&self) -> Result<(), StorageError> {
        let made = self.db().execute_unprepared(ONE_OPEN).await;
        made.map(|_| ()).map_err(failed("make its keys"))
    }
}

/// Writes the announcement of a change; what must be seen first waits unless it was.
async fn announce<C: ConnectionTrait>(db: &C, row: &ChangeRow) -> Result<(), DbErr> {
    let waits = match row.announce {
        Announce::Never => return Ok(()),
        Announce::AtOnce => false,
        Announce::WhenSeen => {
            let stands = alarm::Entity::find_by_id(&row.alarm).one(db).await?;
            stands.is_none_or(|alarm| alarm.acknowledged_by.is_none())
        }
    };
    outbox::announce_alarm(db, (&row.alarm, row.step), row.known_at, waits).await
}

fn view(row: alarm::Model) -> Result<AlarmView, StorageError> {
    let last = serde_json::from_str(&row.document).map_err(|e| StorageError::Record {
        what: "alarm",
        id: row.id.clone(),
        reason: e.to_string(),
    })?;
    Ok(AlarmView {
        id: row.id,
        place: row.place,
        hazard: row.hazard,
        severity: row.severity,
        opened_at: row.opened_at,
        closed_at: row.closed_at,
        acknowledged_by: row.acknowledged_by,
        acknowledged_at: row.acknowledged_at,
        last,
    })
}
