//! The record store: runs, advisories and review events, in SQLite by default.
//!
//! One code serves SQLite and PostgreSQL (sea-orm). Documents are stored whole as JSON beside the
//! columns that are searched; a review event can only be added, with the next number of its
//! advisory's log as a unique key, so that two people never overwrite each other.

use std::path::Path;

use jiff::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection,
    DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Schema, Select, Set,
    TransactionTrait,
};
use serde::{Deserialize, Serialize};

use super::StorageError;
use super::alarms::{alarm, alarm_change};
use super::answers::answer;
use super::outbox::announce;
use super::outbox::tables::{announcement, attempt, delivery};
use super::subscriptions::tables::{consent, subscription};
use crate::frames::{Advisory, AdvisoryState, ReviewEvent};

pub(super) mod advisory {
    //! An advisory as the engine wrote it, with the columns that are searched.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "advisory")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub commune: String,
        pub issued_at: String,
        pub state: String,
        pub run_id: String,
        #[sea_orm(column_type = "Text")]
        pub document: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod review_event {
    //! One step of an advisory's life; only ever added.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_event")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub advisory: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i64,
        #[sea_orm(column_type = "Text")]
        pub document: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod run {
    //! One pass of the pipeline.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "run")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub issued_at: String,
        #[sea_orm(column_type = "Text")]
        pub document: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One pass of the pipeline: what it read, what it made, how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The same issue time and the same inputs give the same id.
    pub id: String,
    /// The issue time.
    pub issued_at: Timestamp,
    /// Whether it was made from the shipped sample.
    pub sample: bool,
    /// What it had to say; empty while it runs or when it was killed.
    pub report: Option<serde_json::Value>,
}

/// The record store.
#[derive(Debug, Clone)]
pub struct Records {
    db: DatabaseConnection,
}

pub(super) fn failed(doing: &'static str) -> impl Fn(DbErr) -> StorageError {
    move |source| StorageError::Records { doing, source }
}

impl Records {
    /// Returns the store in the SQLite file `path`, made with its tables when absent.
    ///
    /// # Errors
    /// [`StorageError::Records`] when the file cannot be opened or is not a record store.
    pub async fn open(path: &Path) -> Result<Self, StorageError> {
        Self::connect(&format!("sqlite://{}?mode=rwc", path.display())).await
    }

    /// Returns the store at a database address (`sqlite://…`, later `postgres://…`).
    ///
    /// # Errors
    /// [`StorageError::Records`] when it cannot be reached or its tables cannot be made.
    pub async fn connect(address: &str) -> Result<Self, StorageError> {
        let mut options = ConnectOptions::new(address);
        options.sqlx_logging(false);
        let db = Database::connect(options).await.map_err(failed("connect"))?;
        if db.get_database_backend() == sea_orm::DbBackend::Sqlite {
            // WAL lets readers go on while one writes; FULL survives a power cut.
            for pragma in ["journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"] {
                db.execute_unprepared(&format!("PRAGMA {pragma}"))
                    .await
                    .map_err(failed("set up"))?;
            }
        }
        let schema = Schema::new(db.get_database_backend());
        for mut table in [
            schema.create_table_from_entity(advisory::Entity),
            schema.create_table_from_entity(review_event::Entity),
            schema.create_table_from_entity(run::Entity),
            schema.create_table_from_entity(alarm::Entity),
            schema.create_table_from_entity(alarm_change::Entity),
            schema.create_table_from_entity(delivery::Entity),
            schema.create_table_from_entity(attempt::Entity),
            schema.create_table_from_entity(announcement::Entity),
            schema.create_table_from_entity(answer::Entity),
            schema.create_table_from_entity(subscription::Entity),
            schema.create_table_from_entity(consent::Entity),
        ] {
            db.execute(table.if_not_exists()).await.map_err(failed("make its tables"))?;
        }
        super::people::tables::make(&db).await.map_err(failed("make its tables"))?;
        let records = Self { db };
        records.one_open_alarm().await?;
        records.renew_outbox().await?;
        Ok(records)
    }

    pub(super) fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// Stores advisories and the events that made them, all or none. What is already stored under
    /// the same id stays as it is: a rerun changes nothing.
    ///
    /// # Errors
    /// [`StorageError::Records`] when the store refuses; nothing is stored then.
    pub async fn add_advisories(
        &self,
        advisories: &[Advisory],
        events: &[ReviewEvent],
    ) -> Result<(), StorageError> {
        let put = failed("add advisories");
        let tx = self.db.begin().await.map_err(&put)?;
        for advisory in advisories {
            let row = advisory::ActiveModel {
                id: Set(advisory.id.clone()),
                commune: Set(advisory.commune.to_string()),
                issued_at: Set(advisory.issued_at.to_string()),
                state: Set(advisory.state.to_string()),
                run_id: Set(advisory.run_id.clone()),
                document: Set(document("advisory", &advisory.id, advisory)?),
            };
            let keep = OnConflict::column(advisory::Column::Id).do_nothing().to_owned();
            advisory::Entity::insert(row)
                .on_conflict(keep)
                .exec_without_returning(&tx)
                .await
                .map_err(&put)?;
        }
        for event in events {
            let keep = OnConflict::columns([
                review_event::Column::Advisory,
                review_event::Column::Sequence,
            ])
            .do_nothing()
            .to_owned();
            let added = review_event::Entity::insert(event_row(event)?)
                .on_conflict(keep)
                .exec_without_returning(&tx)
                .await
                .map_err(&put)?;
            if added == 1 {
                announce(&tx, event).await.map_err(&put)?;
            }
        }
        tx.commit().await.map_err(&put)
    }

    /// Stores the next step of one advisory's life with its new text and state, all or none.
    ///
    /// # Errors
    /// [`StorageError::Records`]; when somebody else took the same sequence number first, nothing
    /// is changed.
    pub async fn advance(
        &self,
        advisory: &Advisory,
        event: &ReviewEvent,
    ) -> Result<(), StorageError> {
        let put = failed("store a review");
        let tx = self.db.begin().await.map_err(&put)?;
        event_row(event)?.insert(&tx).await.map_err(&put)?;
        announce(&tx, event).await.map_err(&put)?;
        let row = advisory::ActiveModel {
            id: Set(advisory.id.clone()),
            state: Set(advisory.state.to_string()),
            document: Set(document("advisory", &advisory.id, advisory)?),
            ..Default::default()
        };
        row.update(&tx).await.map_err(&put)?;
        tx.commit().await.map_err(&put)
    }

    /// Returns the advisories a query finds, last of all by their ids.
    async fn advisories(
        &self,
        query: Select<advisory::Entity>,
    ) -> Result<Vec<Advisory>, StorageError> {
        let rows = query
            .order_by_asc(advisory::Column::Id)
            .all(&self.db)
            .await
            .map_err(failed("read advisories"))?;
        rows.iter().map(|row| parse("advisory", &row.id, &row.document)).collect()
    }

    /// Returns one advisory, or `None` when the id is not known.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn advisory(&self, id: &str) -> Result<Option<Advisory>, StorageError> {
        advisory::Entity::find_by_id(id)
            .one(&self.db)
            .await
            .map_err(failed("read an advisory"))?
            .map(|row| parse("advisory", &row.id, &row.document))
            .transpose()
    }

    /// Returns the log of one advisory, in order.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn events(&self, advisory: &str) -> Result<Vec<ReviewEvent>, StorageError> {
        review_event::Entity::find()
            .filter(review_event::Column::Advisory.eq(advisory))
            .order_by_asc(review_event::Column::Sequence)
            .all(&self.db)
            .await
            .map_err(failed("read review events"))?
            .iter()
            .map(|row| parse("review event", &row.advisory, &row.document))
            .collect()
    }

    /// Returns the run of this id, if there is one.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn run(&self, id: &str) -> Result<Option<Run>, StorageError> {
        run::Entity::find_by_id(id)
            .one(&self.db)
            .await
            .map_err(failed("read a run"))?
            .map(|row| parse("run", &row.id, &row.document))
            .transpose()
    }

    /// Returns the drafts, approved and published advisories of other runs issued at or before
    /// `issued_at`, newest last, so that a newer one can replace them.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn standing_before(
        &self,
        issued_at: Timestamp,
        run_id: &str,
    ) -> Result<Vec<Advisory>, StorageError> {
        let standing = [AdvisoryState::Draft, AdvisoryState::Approved, AdvisoryState::Published];
        let earlier = advisory::Entity::find()
            .filter(advisory::Column::State.is_in(standing.map(AdvisoryState::as_str)))
            .filter(advisory::Column::IssuedAt.lte(issued_at.to_string()))
            .filter(advisory::Column::RunId.ne(run_id))
            .order_by_asc(advisory::Column::IssuedAt);
        self.advisories(earlier).await
    }

    /// Returns the advisories in this state, by commune, those issued last first.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn advisories_in(&self, state: AdvisoryState) -> Result<Vec<Advisory>, StorageError> {
        let in_state = advisory::Entity::find()
            .filter(advisory::Column::State.eq(state.as_str()))
            .order_by_desc(advisory::Column::IssuedAt)
            .order_by_asc(advisory::Column::Commune);
        self.advisories(in_state).await
    }

    /// Stores a run, replacing what was known of it (it is written when begun and when ended).
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn put_run(&self, run: &Run) -> Result<(), StorageError> {
        let row = run::ActiveModel {
            id: Set(run.id.clone()),
            issued_at: Set(run.issued_at.to_string()),
            document: Set(document("run", &run.id, run)?),
        };
        let replace = OnConflict::column(run::Column::Id)
            .update_columns([run::Column::IssuedAt, run::Column::Document])
            .to_owned();
        run::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(&self.db)
            .await
            .map_err(failed("store a run"))?;
        Ok(())
    }

    /// Returns the run issued last of those that ended, if there is one.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn newest_run(&self) -> Result<Option<Run>, StorageError> {
        let reading = failed("read the newest run");
        let newest = run::Entity::find().order_by_desc(run::Column::IssuedAt);
        // A report holds a whole morning's advice, so runs are read one at a time.
        let mut rows = newest.paginate(&self.db, 1);
        while let Some(page) = rows.fetch_and_next().await.map_err(&reading)? {
            for row in page {
                let run: Run = parse("run", &row.id, &row.document)?;
                if run.report.is_some() {
                    return Ok(Some(run));
                }
            }
        }
        Ok(None)
    }

    /// Returns all runs, the one issued last first.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn runs(&self) -> Result<Vec<Run>, StorageError> {
        run::Entity::find()
            .order_by_desc(run::Column::IssuedAt)
            .all(&self.db)
            .await
            .map_err(failed("read runs"))?
            .iter()
            .map(|row| parse("run", &row.id, &row.document))
            .collect()
    }
}

fn event_row(event: &ReviewEvent) -> Result<review_event::ActiveModel, StorageError> {
    Ok(review_event::ActiveModel {
        advisory: Set(event.advisory.clone()),
        sequence: Set(event.sequence),
        document: Set(document("review event", &event.advisory, event)?),
    })
}

fn document<T: Serialize>(what: &'static str, id: &str, value: &T) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(|e| StorageError::Record {
        what,
        id: id.to_owned(),
        reason: e.to_string(),
    })
}

pub(super) fn parse<T: for<'de> Deserialize<'de>>(
    what: &'static str,
    id: &str,
    text: &str,
) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(|e| StorageError::Record {
        what,
        id: id.to_owned(),
        reason: e.to_string(),
    })
}
