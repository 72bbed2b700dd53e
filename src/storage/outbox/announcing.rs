//! From a review event or an alarm's change to deliveries: its announcement is written with it, all
//! or none, and done when its deliveries are.

use jiff::Timestamp;
use sea_orm::sea_query::{Condition, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    TransactionTrait,
};

use super::super::StorageError;
use super::super::records::{Records, failed};
use super::tables::{announcement, delivery};
use super::{ALL, About, Delivery, State, add};
use crate::frames::{AdvisoryState, ReviewEvent};

/// That an advisory came out, was replaced or taken back, or that an alarm changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The advisory or alarm.
    pub subject: String,
    /// The number of the review event, or the alarm's step.
    pub sequence: i64,
    /// When that was.
    pub at: Timestamp,
    /// What is announced.
    pub what: Announced,
}

/// What is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announced {
    /// That an advisory is now `Published`, `Superseded` or `Withdrawn`.
    Advisory(AdvisoryState),
    /// That an alarm changed, and may be told.
    Alarm,
}

const TOLD: [AdvisoryState; 3] =
    [AdvisoryState::Published, AdvisoryState::Superseded, AdvisoryState::Withdrawn];

/// The state of an announced change of an alarm.
const ALARM: &str = "alarm";

/// The state of one that waits until a person has seen the alarm.
const ALARM_UNSEEN: &str = "alarm_unseen";

impl Announced {
    fn of(text: &str) -> Option<Self> {
        let state = TOLD.into_iter().find(|state| state.as_str() == text).map(Self::Advisory);
        state.or_else(|| (text == ALARM).then_some(Self::Alarm))
    }
}

/// Writes the announcement of a review event that people are to hear of, beside the event.
pub(in crate::storage) async fn announce<C: ConnectionTrait>(
    db: &C,
    event: &ReviewEvent,
) -> Result<(), DbErr> {
    // What was never out needs no word: only what is published, or was.
    let out = event.to == AdvisoryState::Published || event.from == AdvisoryState::Published;
    if !out || !TOLD.contains(&event.to) {
        return Ok(());
    }
    write(db, (&event.advisory, event.sequence), event.to.as_str(), event.at).await
}

/// Writes the announcement of an alarm's change, beside the change; one that nobody has seen and
/// somebody must waits for [`let_out`].
pub(in crate::storage) async fn announce_alarm<C: ConnectionTrait>(
    db: &C,
    (alarm, step): (&str, i64),
    at: Timestamp,
    waits: bool,
) -> Result<(), DbErr> {
    write(db, (alarm, step), if waits { ALARM_UNSEEN } else { ALARM }, at).await
}

/// Lets out what waited for a person to see an alarm.
pub(in crate::storage) async fn let_out<C: ConnectionTrait>(
    db: &C,
    alarm: &str,
) -> Result<(), DbErr> {
    let waiting = announcement::Entity::update_many()
        .col_expr(announcement::Column::State, ALARM.into())
        .filter(announcement::Column::Subject.eq(alarm))
        .filter(announcement::Column::State.eq(ALARM_UNSEEN));
    waiting.exec(db).await.map(|_| ())
}

async fn write<C: ConnectionTrait>(
    db: &C,
    (subject, sequence): (&str, i64),
    state: &str,
    at: Timestamp,
) -> Result<(), DbErr> {
    let row = announcement::ActiveModel {
        subject: Set(subject.to_owned()),
        sequence: Set(sequence),
        state: Set(state.to_owned()),
        at_us: Set(at.as_microsecond()),
        done_us: Set(None),
        note: Set(None),
    };
    let keep = OnConflict::columns([announcement::Column::Subject, announcement::Column::Sequence])
        .do_nothing()
        .to_owned();
    announcement::Entity::insert(row).on_conflict(keep).exec_without_returning(db).await?;
    Ok(())
}

impl Records {
    /// Returns announcements about advisories or about alarms whose deliveries are to be made, in
    /// the order of their events, at most `count`.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn open_announcements(
        &self,
        about: About,
        count: u64,
    ) -> Result<Vec<Announcement>, StorageError> {
        let states = match about {
            About::Advisory => TOLD.map(AdvisoryState::as_str).to_vec(),
            About::Alarm => vec![ALARM],
            About::Code => Vec::new(),
        };
        let rows = announcement::Entity::find()
            .filter(announcement::Column::DoneUs.is_null())
            .filter(announcement::Column::State.is_in(states))
            .order_by_asc(announcement::Column::AtUs)
            .order_by_asc(announcement::Column::Sequence)
            .order_by_asc(announcement::Column::Subject)
            .limit(count)
            .all(self.db())
            .await
            .map_err(failed("read announcements"))?;
        let announcement = |row: announcement::Model| {
            Some(Announcement {
                what: Announced::of(&row.state)?,
                at: Timestamp::from_microsecond(row.at_us).unwrap_or_default(),
                subject: row.subject,
                sequence: row.sequence,
            })
        };
        Ok(rows.into_iter().filter_map(announcement).collect())
    }

    /// Stops what is still on its way of an advisory, or to people of an alarm (machines are told
    /// every change of one): nothing of it is tried from here on.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn stop_deliveries(&self, subject: &str, why: &str) -> Result<(), StorageError> {
        let put = failed("stop deliveries");
        let tx = self.db().begin().await.map_err(&put)?;
        let stopped = Condition::any()
            .add(delivery::Column::About.ne(About::Alarm.as_str()))
            .add(delivery::Column::Recipient.ne(ALL));
        for (tried, to) in [(false, State::Dropped), (true, State::Overtaken)] {
            let attempts = delivery::Column::Attempts;
            let attempts = if tried { attempts.gt(0) } else { attempts.eq(0) };
            delivery::Entity::update_many()
                .col_expr(delivery::Column::State, to.as_str().into())
                .col_expr(delivery::Column::LastError, why.into())
                .filter(delivery::Column::Subject.eq(subject))
                .filter(delivery::Column::State.eq(State::Waiting.as_str()))
                .filter(stopped.clone())
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
            .filter(announcement::Column::Subject.eq(announcement.subject.as_str()))
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

    /// Stores deliveries that nothing announces: codes that confirm numbers.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn add_deliveries(&self, deliveries: &[Delivery]) -> Result<(), StorageError> {
        add(self.db(), deliveries).await.map_err(failed("store deliveries"))
    }
}
