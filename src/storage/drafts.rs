//! Advisories with their logs, read together: what a review queue is made of.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::StorageError;
use super::records::{Records, advisory, failed, parse, review_event};
use crate::frames::{Advisory, AdvisoryState, ReviewEvent};

impl Records {
    /// Returns the advisories in this state, each with its log in order: two questions to the
    /// database however many there are.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn with_logs(
        &self,
        state: AdvisoryState,
    ) -> Result<Vec<(Advisory, Vec<ReviewEvent>)>, StorageError> {
        let reading = failed("read a review queue");
        let of_state =
            || advisory::Entity::find().filter(advisory::Column::State.eq(state.as_str()));
        let ids = of_state().select_only().column(advisory::Column::Id).into_query();
        let events = review_event::Entity::find()
            .filter(review_event::Column::Advisory.in_subquery(ids))
            .order_by_asc(review_event::Column::Advisory)
            .order_by_asc(review_event::Column::Sequence)
            .all(self.db())
            .await
            .map_err(&reading)?;
        let mut logs: BTreeMap<String, Vec<ReviewEvent>> = BTreeMap::new();
        for row in events {
            let event = parse("review event", &row.advisory, &row.document)?;
            logs.entry(row.advisory).or_default().push(event);
        }
        let rows = of_state().all(self.db()).await.map_err(&reading)?;
        rows.iter()
            .map(|row| {
                let advisory = parse("advisory", &row.id, &row.document)?;
                Ok((advisory, logs.remove(&row.id).unwrap_or_default()))
            })
            .collect()
    }
}
