//! From a review event to deliveries: the event's announcement is written with it, all or none, and
//! done when its deliveries are.

use jiff::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    TransactionTrait,
};

use super::super::StorageError;
use super::super::records::{Records, failed};
use super::tables::{announcement, delivery};
use super::{Delivery, State, add};
use crate::frames::{AdvisoryState, ReviewEvent};

/// That an advisory came out, was replaced or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The advisory.
    pub advisory: String,
    /// The number of the review event.
    pub sequence: i64,
    /// When that was.
    pub at: Timestamp,
    /// `Published`, `Superseded` or `Withdrawn`.
    pub state: AdvisoryState,
}

const TOLD: [AdvisoryState; 3] =
    [AdvisoryState::Published, AdvisoryState::Superseded, AdvisoryState::Withdrawn];

/// Writes the announcement of a review event that people are to hear of, beside the event.
pub(in crate::storage) async fn announce<C: ConnectionTrait>(
    db: &C,
    event: &ReviewEvent,
) -> Result<(), sea_orm::DbErr> {
    // What was never out needs no word: only what is published, or was.
    let out = event.to == AdvisoryState::Published || event.from == AdvisoryState::Published;
    if !out || !TOLD.contains(&event.to) {
        return Ok(());
    }
    let row = announcement::ActiveModel {
        advisory: Set(event.advisory.clone()),
        sequence: Set(event.sequence),
        state: Set(event.to.as_str().to_owned()),
        at_us: Set(event.at.as_microsecond()),
        done_us: Set(None),
        note: Set(None),
    };
    let keep =
        OnConflict::columns([announcement::Column::Advisory, announcement::Column::Sequence])
            .do_nothing()
            .to_owned();
    announcement::Entity::insert(row).on_conflict(keep).exec_without_returning(db).await?;
    Ok(())
}

impl Records {
    /// Returns announcements whose deliveries are not made yet, in the order of their events, at
    /// most `count`.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn open_announcements(&self, count: u64) -> Result<Vec<Announcement>, StorageError> {
        let rows = announcement::Entity::find()
            .filter(announcement::Column::DoneUs.is_null())
            .order_by_asc(announcement::Column::AtUs)
            .order_by_asc(announcement::Column::Sequence)
            .order_by_asc(announcement::Column::Advisory)
            .limit(count)
            .all(self.db())
            .await
            .map_err(failed("read announcements"))?;
        let state = |text: &str| TOLD.into_iter().find(|state| state.as_str() == text);
        Ok(rows
            .into_iter()
            .map(|row| Announcement {
                state: state(&row.state).unwrap_or(AdvisoryState::Superseded),
                at: Timestamp::from_microsecond(row.at_us).unwrap_or_default(),
                advisory: row.advisory,
                sequence: row.sequence,
            })
            .collect())
    }

    /// Stops what is still on its way of an advisory: nothing of it is tried from here on.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn stop_deliveries(&self, advisory: &str, why: &str) -> Result<(), StorageError> {
        let put = failed("stop deliveries");
        let tx = self.db().begin().await.map_err(&put)?;
        for (tried, to) in [(false, State::Dropped), (true, State::Overtaken)] {
            let attempts = delivery::Column::Attempts;
            let attempts = if tried { attempts.gt(0) } else { attempts.eq(0) };
            delivery::Entity::update_many()
                .col_expr(delivery::Column::State, to.as_str().into())
                .col_expr(delivery::Column::LastError, why.into())
                .filter(delivery::Column::Subject.eq(advisory))
                .filter(delivery::Column::State.eq(State::Waiting.as_str()))
                .filter(attempts)
                .exec(&tx)
                .await
                .map_err(&put)?;
        }
        tx.commit().await.map_err(&put)
    }

    /// Stores the deliveries of an announcement and that it is done, all or none; done again it
    /// changes nothing.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn announcement_done(
        &self,
        announcement: &Announcement,
        deliveries: &[Delivery],
        note: &str,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        let put = failed("store deliveries");
        let tx = self.db().begin().await.map_err(&put)?;
        let marked = announcement::Entity::update_many()
            .col_expr(announcement::Column::DoneUs, at.as_microsecond().into())
            .col_expr(announcement::Column::Note, note.into())
            .filter(announcement::Column::Advisory.eq(announcement.advisory.as_str()))
            .filter(announcement::Column::Sequence.eq(announcement.sequence))
            .filter(announcement::Column::DoneUs.is_null())
            .exec(&tx)
            .await
            .map_err(&put)?;
        if marked.rows_affected == 1 {
            add(&tx, deliveries).await.map_err(&put)?;
        }
        tx.commit().await.map_err(&put)
    }

    /// Stores deliveries that no review event announces: codes that confirm numbers.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn add_deliveries(&self, deliveries: &[Delivery]) -> Result<(), StorageError> {
        add(self.db(), deliveries).await.map_err(failed("store deliveries"))
    }
}
