//! Storing what was parsed: only what is new or corrected is written, in one commit a table.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::{Filter, Lake, StorageError};
use crate::domain::{PlaceId, QcFlags};
use crate::frames::issues::ISSUE;
use crate::frames::observations::{GUIDANCE, OBSERVATION, PLACE};
use crate::frames::{Guidance, Issue, Observation, Place};

/// What a merge did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MergeCounts {
    /// Rows whose key was not known.
    pub new: usize,
    /// Rows whose value or flags differ from the newest revision.
    pub revised: usize,
    /// Rows already known as they are.
    pub unchanged: usize,
}

impl MergeCounts {
    /// Returns the sum of two counts.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            new: self.new + other.new,
            revised: self.revised + other.revised,
            unchanged: self.unchanged + other.unchanged,
        }
    }
}

type ObservationKey = (Arc<str>, PlaceId, Timestamp, Arc<str>);

impl Lake {
    /// Stores observations: a known value is left alone, a corrected one becomes a new revision
    /// that was available only when it came in.
    ///
    /// # Errors
    /// As [`Lake::append`] and [`Lake::rows`].
    pub async fn merge_observations(
        &self,
        rows: Vec<Observation>,
    ) -> Result<MergeCounts, StorageError> {
        let known = self.known(&rows).await?;
        let mut counts = MergeCounts::default();
        let mut fresh = Vec::with_capacity(rows.len());
        for mut row in rows {
            let key = (row.variable.clone(), row.place.clone(), row.valid_time, row.source.clone());
            match known.get(&key) {
                None => counts.new += 1,
                Some((_, value, qc)) if value.to_bits() == row.value.to_bits() && *qc == row.qc => {
                    counts.unchanged += 1;
                    continue;
                }
                Some((revision, _, _)) => {
                    counts.revised += 1;
                    row.revision = revision + 1;
                    row.available_at = row.available_at.max(row.ingested_at);
                }
            }
            fresh.push(row);
        }
        self.append(&OBSERVATION, &fresh).await?;
        Ok(counts)
    }

    /// Returns the newest revision, value and flags of every key in the partitions of `rows`.
    async fn known(
        &self,
        rows: &[Observation],
    ) -> Result<HashMap<ObservationKey, (i64, f64, QcFlags)>, StorageError> {
        let variables: BTreeSet<&str> = rows.iter().map(|r| &*r.variable).collect();
        let periods: BTreeSet<&str> = rows.iter().map(|r| &*r.period).collect();
        let sources: BTreeSet<&str> = rows.iter().map(|r| &*r.source).collect();
        let filter = Filter::all().and("variable", variables).and("period", periods);
        let mut known = HashMap::new();
        for row in self.rows::<Observation>(&OBSERVATION, &filter).await? {
            if !sources.contains(&*row.source) {
                continue;
            }
            let entry = known
                .entry((row.variable, row.place, row.valid_time, row.source))
                .or_insert((row.revision, row.value, row.qc));
            if row.revision >= entry.0 {
                *entry = (row.revision, row.value, row.qc);
            }
        }
        Ok(known)
    }

    /// Stores other people's forecasts that are not known yet; a forecast once issued never
    /// changes, so a known key is left alone.
    ///
    /// # Errors
    /// As [`Lake::append`] and [`Lake::rows`].
    pub async fn merge_guidance(&self, rows: Vec<Guidance>) -> Result<MergeCounts, StorageError> {
        let key = |g: &Guidance| {
            (
                g.variable.clone(),
                g.place.clone(),
                g.source.clone(),
                g.issued_at,
                g.valid_time,
                g.member.clone(),
            )
        };
        let variables: BTreeSet<&str> = rows.iter().map(|r| &*r.variable).collect();
        let periods: BTreeSet<&str> = rows.iter().map(|r| &*r.period).collect();
        let filter = Filter::all().and("variable", variables).and("period", periods);
        let known: std::collections::HashSet<_> =
            self.rows::<Guidance>(&GUIDANCE, &filter).await?.iter().map(key).collect();
        let all = rows.len();
        let fresh: Vec<_> = rows.into_iter().filter(|g| !known.contains(&key(g))).collect();
        self.append(&GUIDANCE, &fresh).await?;
        Ok(MergeCounts { new: fresh.len(), revised: 0, unchanged: all - fresh.len() })
    }

    /// Stores descriptions of places; a changed description becomes a new revision.
    ///
    /// # Errors
    /// As [`Lake::append`] and [`Lake::rows`].
    pub async fn merge_places(&self, rows: Vec<Place>) -> Result<MergeCounts, StorageError> {
        let mut known: HashMap<(PlaceId, Arc<str>), Place> = HashMap::new();
        for place in self.rows::<Place>(&PLACE, &Filter::all()).await? {
            let key = (place.place.clone(), place.source.clone());
            if known.get(&key).is_none_or(|old| old.revision < place.revision) {
                known.insert(key, place);
            }
        }
        let mut counts = MergeCounts::default();
        let mut fresh = Vec::new();
        for mut row in rows {
            match known.get(&(row.place.clone(), row.source.clone())) {
                None => counts.new += 1,
                Some(old)
                    if (&old.name, old.lat, old.lon, &old.attributes)
                        == (&row.name, row.lat, row.lon, &row.attributes) =>
                {
                    counts.unchanged += 1;
                    continue;
                }
                Some(old) => {
                    counts.revised += 1;
                    row.revision = old.revision + 1;
                }
            }
            fresh.push(row);
        }
        self.append(&PLACE, &fresh).await?;
        Ok(counts)
    }

    /// Stores issues that are not known yet.
    ///
    /// # Errors
    /// As [`Lake::append`] and [`Lake::rows`].
    pub async fn merge_issues(&self, rows: Vec<Issue>) -> Result<MergeCounts, StorageError> {
        type Key = (Arc<str>, Arc<str>, i64, String, Arc<str>, String);
        let key = |i: &Issue| -> Key {
            let (field, raw) = (i.field.clone(), i.raw.clone());
            (i.source.clone(), i.artefact.clone(), i.row, field, i.reason.clone(), raw)
        };
        let sources: BTreeSet<&str> = rows.iter().map(|r| &*r.source).collect();
        let filter = Filter::all().and("source", sources);
        let mut known: std::collections::HashSet<Key> =
            self.rows::<Issue>(&ISSUE, &filter).await?.iter().map(key).collect();
        let all = rows.len();
        let fresh: Vec<_> = rows.into_iter().filter(|i| known.insert(key(i))).collect();
        self.append(&ISSUE, &fresh).await?;
        Ok(MergeCounts { new: fresh.len(), revised: 0, unchanged: all - fresh.len() })
    }
}
