//! What the lake holds, told from its log and its issue table, for the doctor and for lists.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::lake::failed;
use super::read::files;
use super::{Filter, Lake, StorageError};
use crate::frames::forecasts::FORECAST;
use crate::frames::issues::ISSUE;
use crate::frames::observations::OBSERVATION;
use crate::frames::{Issue, TableSpec};

/// What is stored of one variable or target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoredFacts {
    /// Rows of all revisions.
    pub rows: u64,
    /// Data files.
    pub files: usize,
    /// The newest time a value is true for, or a forecast was issued.
    pub newest: Option<Timestamp>,
}

impl Lake {
    /// Returns what is stored of each variable, from the log alone: no data file is opened.
    ///
    /// # Errors
    /// [`StorageError::Lake`] when the log cannot be read.
    pub async fn variables(&self) -> Result<BTreeMap<String, StoredFacts>, StorageError> {
        self.facts(&OBSERVATION, "variable", "valid_time").await
    }

    /// Returns what is stored of each target's forecasts, from the log alone.
    ///
    /// # Errors
    /// As [`Lake::variables`].
    pub async fn forecasts(&self) -> Result<BTreeMap<String, StoredFacts>, StorageError> {
        self.facts(&FORECAST, "target", "issued_at").await
    }

    /// Returns the facts by the values of a partition column; `time` is the one that ages.
    async fn facts(
        &self,
        spec: &'static TableSpec,
        by: &str,
        time: &str,
    ) -> Result<BTreeMap<String, StoredFacts>, StorageError> {
        let mut facts: BTreeMap<String, StoredFacts> = BTreeMap::new();
        let Some(table) = self.table(spec).await? else { return Ok(facts) };
        for file in files(&table, &Filter::all()).map_err(failed(spec, "list files"))? {
            let value = file.partition_values_map().remove(by).flatten();
            let stats: serde_json::Value =
                file.stats().and_then(|s| serde_json::from_str(&s).ok()).unwrap_or_default();
            let newest = stats["maxValues"][time].as_str().and_then(|t| t.parse().ok());
            let entry = facts.entry(value.unwrap_or_default()).or_default();
            entry.rows += stats["numRecords"].as_u64().unwrap_or(0);
            entry.files += 1;
            entry.newest = entry.newest.max(newest);
        }
        Ok(facts)
    }

    /// Returns how many rows were quarantined, by source and reason.
    ///
    /// # Errors
    /// As [`Lake::rows`].
    pub async fn quarantined(
        &self,
    ) -> Result<BTreeMap<String, BTreeMap<String, usize>>, StorageError> {
        let mut counts: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for issue in self.rows::<Issue>(&ISSUE, &Filter::all()).await? {
            let by_reason = counts.entry(issue.source.to_string()).or_default();
            *by_reason.entry(issue.reason.to_string()).or_default() += 1;
        }
        Ok(counts)
    }
}
