//! What the pages that many people open need to know cheaply: whether anything has changed, how
//! many drafts wait, and the newest rows of a growing table.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};
use serde::de::DeserializeOwned;

use super::lake::failed as lake_failed;
use super::read::{files, read_file};
use super::records::failed;
use super::{Filter, Lake, Records, StorageError};
use crate::frames::{TableSpec, from_batch};

/// Changes whenever an advisory is added, a review step is taken, or a run ends: every change of
/// an advisory's state comes with a review event, and of a run's with its document.
const MARK: &str = "SELECT (SELECT count(*) FROM advisory) AS advisories, \
     (SELECT count(*) FROM review_event) AS events, \
     (SELECT count(*) FROM run) AS runs, \
     (SELECT coalesce(max(length(document)), 0) FROM run \
      WHERE issued_at = (SELECT max(issued_at) FROM run)) AS newest_run";

const DRAFTS: &str =
    "SELECT commune, count(*) AS waiting FROM advisory WHERE state = 'draft' GROUP BY commune";

impl Records {
    /// Returns a mark that differs from an earlier one when anything was added since.
    ///
    /// # Errors
    /// [`StorageError::Records`] when the store cannot be read.
    pub async fn mark(&self) -> Result<String, StorageError> {
        let read = |row: &QueryResult| -> Result<String, DbErr> {
            let count = |name| row.try_get::<i64>("", name);
            Ok(format!(
                "{}.{}.{}.{}",
                count("advisories")?,
                count("events")?,
                count("runs")?,
                count("newest_run")?
            ))
        };
        let marks: Vec<String> = self.asked(MARK, "read its mark", read).await?;
        Ok(marks.into_iter().next().unwrap_or_default())
    }

    /// Returns how many drafts wait for review, by commune code; communes without any are left out.
    ///
    /// # Errors
    /// [`StorageError::Records`] when the store cannot be read.
    pub async fn drafts_by_commune(&self) -> Result<BTreeMap<String, i64>, StorageError> {
        let read = |row: &QueryResult| -> Result<(String, i64), DbErr> {
            Ok((row.try_get("", "commune")?, row.try_get("", "waiting")?))
        };
        Ok(self.asked(DRAFTS, "count drafts", read).await?.into_iter().collect())
    }

    async fn asked<T>(
        &self,
        sql: &str,
        doing: &'static str,
        read: impl Fn(&QueryResult) -> Result<T, DbErr>,
    ) -> Result<Vec<T>, StorageError> {
        let statement = Statement::from_string(self.db().get_database_backend(), sql);
        let rows = self.db().query_all_raw(statement).await.map_err(failed(doing))?;
        rows.iter().map(read).collect::<Result<_, _>>().map_err(failed(doing))
    }
}

impl Lake {
    /// Returns the newest version of a table, `None` when nothing was ever written to it.
    ///
    /// # Errors
    /// [`StorageError::Lake`] when its log cannot be read.
    pub async fn version_of(&self, spec: &'static TableSpec) -> Result<Option<u64>, StorageError> {
        Ok(self.table(spec).await?.and_then(|table| table.version()))
    }

    /// Returns the rows of the files whose newest `time` is at or after `since`: with a stream the
    /// table of forecasts grows by the minute, and only its youngest files are wanted. Older rows
    /// of such a file come too.
    ///
    /// # Errors
    /// As [`Lake::rows`].
    pub async fn rows_since<T: DeserializeOwned>(
        &self,
        spec: &'static TableSpec,
        filter: &Filter,
        time: &str,
        since: Timestamp,
    ) -> Result<Vec<T>, StorageError> {
        let Some(table) = self.table(spec).await? else { return Ok(Vec::new()) };
        let mut rows = Vec::new();
        for file in files(&table, filter).map_err(lake_failed(spec, "list files"))? {
            let stats: serde_json::Value =
                file.stats().and_then(|s| serde_json::from_str(&s).ok()).unwrap_or_default();
            let newest: Option<Timestamp> =
                stats["maxValues"][time].as_str().and_then(|t| t.parse().ok());
            // Statistics are cut to milliseconds.
            if newest.is_some_and(|newest| newest.as_second() + 1 < since.as_second()) {
                continue;
            }
            for batch in read_file(&table, spec, file).await? {
                rows.extend(from_batch::<T>(spec, &batch)?);
            }
        }
        Ok(rows)
    }
}
