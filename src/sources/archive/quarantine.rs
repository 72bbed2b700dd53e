//! Collects what could not be used: every loss is counted, runs of one kind are told once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::frames::Issue;
use crate::frames::issues::clip;

/// How many issues one file may tell for one reason: the largest honest number in the archive is
/// about 1,200 (RMM sentinels); a file in the wrong encoding would tell one per row for ever.
/// Counts go on beyond it, and a last issue says how many more there were.
const TOLD_PER_REASON_MAX: usize = 5_000;

/// Where a bad cell stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spot<'a> {
    /// Data row counted from 1; 0 for the whole file.
    pub row: i64,
    /// `kind:id`, empty when unknown.
    pub place: &'a str,
    /// Time as written, empty when unknown.
    pub time: &'a str,
    /// The column's own name.
    pub field: &'a str,
    /// The text as it came.
    pub raw: &'a str,
}

/// The issues of one file and their counts.
#[derive(Debug)]
pub struct Quarantine {
    source: Arc<str>,
    artefact: Arc<str>,
    seen_at: Timestamp,
    issues: Vec<Issue>,
    /// Lost cells (or rows, or whole files) by reason.
    lost: BTreeMap<Arc<str>, usize>,
    told: BTreeMap<Arc<str>, usize>,
    rows: BTreeSet<i64>,
    columns: BTreeSet<(String, Arc<str>)>,
}

impl Quarantine {
    /// Returns an empty quarantine for one file.
    #[must_use]
    pub fn new(source: &Arc<str>, artefact: &str, seen_at: Timestamp) -> Self {
        Self {
            source: Arc::clone(source),
            artefact: artefact.into(),
            seen_at,
            issues: Vec::new(),
            lost: BTreeMap::new(),
            told: BTreeMap::new(),
            rows: BTreeSet::new(),
            columns: BTreeSet::new(),
        }
    }

    /// Tells something about the whole file or one of its columns.
    pub fn file(&mut self, reason: &str, field: &str, detail: String) {
        self.run(Spot { field, ..Spot::default() }, reason, 1, detail);
    }

    /// Tells one lost cell or row.
    pub fn one(&mut self, spot: Spot<'_>, reason: &str, detail: String) {
        self.row(spot.row);
        self.run(spot, reason, 1, detail);
    }

    /// Tells `cells` lost cells of one kind as one issue, at the first of them; which rows
    /// lost something is for [`Self::row`] to say.
    pub fn run(&mut self, spot: Spot<'_>, reason: &str, cells: usize, detail: String) {
        let reason = self.word(reason);
        *self.lost.entry(Arc::clone(&reason)).or_default() += cells;
        let told = self.told.entry(Arc::clone(&reason)).or_default();
        *told += 1;
        // The same column twice in a header is one message.
        let again = spot.row == 0 && !self.columns.insert((spot.field.into(), Arc::clone(&reason)));
        if *told <= TOLD_PER_REASON_MAX && !again {
            self.push(spot, reason, detail);
        }
    }

    /// Notes that a row lost at least one cell.
    pub fn row(&mut self, row: i64) {
        if row > 0 {
            self.rows.insert(row);
        }
    }

    /// Returns the issues, the lost cells by reason, and the number of rows that lost any.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Issue>, BTreeMap<Arc<str>, usize>, usize) {
        let more: Vec<_> = self
            .told
            .iter()
            .filter(|(_, told)| **told > TOLD_PER_REASON_MAX)
            .map(|(reason, told)| (Arc::clone(reason), told - TOLD_PER_REASON_MAX))
            .collect();
        for (reason, rest) in more {
            let detail =
                format!("{rest} more issues of this kind are counted but not kept one by one");
            self.push(Spot::default(), reason, detail);
        }
        (self.issues, self.lost, self.rows.len())
    }

    fn push(&mut self, spot: Spot<'_>, reason: Arc<str>, detail: String) {
        self.issues.push(Issue {
            source: Arc::clone(&self.source),
            artefact: Arc::clone(&self.artefact),
            row: spot.row,
            place: spot.place.to_owned(),
            time: spot.time.to_owned(),
            field: spot.field.to_owned(),
            raw: clip(spot.raw),
            reason,
            detail,
            seen_at: self.seen_at,
        });
    }

    fn word(&self, reason: &str) -> Arc<str> {
        self.lost
            .get_key_value(reason)
            .map_or_else(|| reason.into(), |(known, _)| Arc::clone(known))
    }
}
