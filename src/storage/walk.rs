//! Walking through all advisories of a state, newest first, from where an earlier walk ended.

use std::fmt;

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::StorageError;
use super::records::{Records, advisory, failed, parse};
use crate::domain::CommuneCode;
use crate::frames::{Advisory, AdvisoryState};

/// The place of an advisory in the walk: its issue time as it is stored, and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    issued_at: String,
    id: String,
}

impl Mark {
    /// Returns the place of an advisory.
    #[must_use]
    pub fn of(advisory: &Advisory) -> Self {
        Self { issued_at: advisory.issued_at.to_string(), id: advisory.id.clone() }
    }

    /// Reads what [`Display`](fmt::Display) wrote; anything else is a place too, where nothing is.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (issued_at, id) = text.split_once('|').unwrap_or((&text, ""));
        Self { issued_at: issued_at.to_owned(), id: id.to_owned() }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}", self.issued_at, self.id)
    }
}

impl Records {
    /// Returns the next advisories in a state, of all communes or of one: newest first, those of
    /// one issue by their ids.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn advisories_after(
        &self,
        state: AdvisoryState,
        commune: Option<&CommuneCode>,
        after: Option<Mark>,
        count: u64,
    ) -> Result<Vec<Advisory>, StorageError> {
        use advisory::Column;
        let mut query = advisory::Entity::find().filter(Column::State.eq(state.as_str()));
        if let Some(commune) = commune {
            query = query.filter(Column::Commune.eq(commune.as_str()));
        }
        if let Some(Mark { issued_at, id }) = after {
            let same_issue =
                Condition::all().add(Column::IssuedAt.eq(&issued_at)).add(Column::Id.gt(id));
            let later = Condition::any().add(Column::IssuedAt.lt(issued_at)).add(same_issue);
            query = query.filter(later);
        }
        let rows = query
            .order_by_desc(Column::IssuedAt)
            .order_by_asc(Column::Id)
            .limit(count)
            .all(self.db())
            .await
            .map_err(failed("read advisories"))?;
        rows.iter().map(|row| parse("advisory", &row.id, &row.document)).collect()
    }
}
