//! Advisories with their logs, read together: what a review queue is made of.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::StorageError;
use super::records::{Records, advisory, failed, parse, review_event};
use crate::frames::{Advisory, AdvisoryState, ReviewEvent};

/// Ids asked for by one question: SQLite takes some thousands.
const IDS_AT_ONCE: usize = 500;

impl Records {
    /// Returns the ids of the advisories in this state, each with the number of its last event (0
    /// without any). An advisory changes only together with its log, so a number that was seen before
    /// says that nothing has changed.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn standing(&self, state: AdvisoryState) -> Result<Vec<(String, i64)>, StorageError> {
        let reading = failed("read a review queue");
        let ids = || {
            advisory::Entity::find()
                .filter(advisory::Column::State.eq(state.as_str()))
                .select_only()
                .column(advisory::Column::Id)
        };
        let events: Vec<(String, i64)> = review_event::Entity::find()
            .filter(review_event::Column::Advisory.in_subquery(ids().into_query()))
            .select_only()
            .column(review_event::Column::Advisory)
            .column_as(review_event::Column::Sequence.max(), "last")
            .group_by(review_event::Column::Advisory)
            .into_tuple()
            .all(self.db())
            .await
            .map_err(&reading)?;
        let last: BTreeMap<String, i64> = events.into_iter().collect();
        let ids: Vec<String> = ids().into_tuple().all(self.db()).await.map_err(&reading)?;
        let numbered = |id: String| {
            let last = last.get(&id).copied().unwrap_or(0);
            (id, last)
        };
        Ok(ids.into_iter().map(numbered).collect())
    }

    /// Returns the logs of these advisories, each in order; one without any is left out.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn logs_of(
        &self,
        ids: &[String],
    ) -> Result<BTreeMap<String, Vec<ReviewEvent>>, StorageError> {
        let mut logs: BTreeMap<String, Vec<ReviewEvent>> = BTreeMap::new();
        for ids in ids.chunks(IDS_AT_ONCE) {
            let events = review_event::Entity::find()
                .filter(review_event::Column::Advisory.is_in(ids))
                .order_by_asc(review_event::Column::Sequence);
            for row in events.all(self.db()).await.map_err(failed("read review events"))? {
                let event = parse("review event", &row.advisory, &row.document)?;
                logs.entry(row.advisory).or_default().push(event);
            }
        }
        Ok(logs)
    }

    /// Returns advisories that were read, in their order, each with its log.
    ///
    /// # Errors
    /// As [`Records::logs_of`].
    pub async fn with_their_logs(
        &self,
        advisories: Vec<Advisory>,
    ) -> Result<Vec<(Advisory, Vec<ReviewEvent>)>, StorageError> {
        let ids: Vec<String> = advisories.iter().map(|a| a.id.clone()).collect();
        let mut logs = self.logs_of(&ids).await?;
        let with = |a: Advisory| {
            let log = logs.remove(&a.id).unwrap_or_default();
            (a, log)
        };
        Ok(advisories.into_iter().map(with).collect())
    }

    /// Returns these advisories, each with its log in order; an id that is not known is left out.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn with_logs(
        &self,
        ids: &[String],
    ) -> Result<Vec<(Advisory, Vec<ReviewEvent>)>, StorageError> {
        let mut all = Vec::with_capacity(ids.len());
        for ids in ids.chunks(IDS_AT_ONCE) {
            // The log first: what is read after it is not older than its last number says.
            let mut logs = self.logs_of(ids).await?;
            let rows = advisory::Entity::find().filter(advisory::Column::Id.is_in(ids));
            for row in rows.all(self.db()).await.map_err(failed("read a review queue"))? {
                let advisory = parse("advisory", &row.id, &row.document)?;
                all.push((advisory, logs.remove(&row.id).unwrap_or_default()));
            }
        }
        Ok(all)
    }
}
