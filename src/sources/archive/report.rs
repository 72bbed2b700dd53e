//! What became of each row of a set: the honest counts that `muavu import` prints.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The counts of one set (one file, or all its files merged).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetReport {
    /// The set's name in the manifest.
    pub set: Arc<str>,
    /// The files read, relative to the folder.
    pub files: Vec<String>,
    /// Data rows read (without the header).
    pub rows_read: usize,
    /// Rows that lost at least one cell, or all of them.
    pub rows_bad: usize,
    /// Rows of our tables that came out of it: one per usable cell, or per place described.
    pub good: usize,
    /// Places described beside the values (counted in no other number).
    pub places: usize,
    /// How many of those carry each quality flag.
    pub flagged: BTreeMap<&'static str, usize>,
    /// Lost cells by reason; whole rows and files count one.
    pub bad: BTreeMap<Arc<str>, usize>,
    /// Empty cells: missing and said so.
    pub missing: usize,
    /// Cells that said the same as another row of the same place and time; stored once.
    pub duplicates: usize,
    /// Rows that repeat the reading before them within one event; not stored again.
    pub same_event: usize,
    /// Rows that stood before an earlier row of the same place; sorted.
    pub unsorted: usize,
}

impl SetReport {
    /// Returns an empty report of one file of this set.
    #[must_use]
    pub fn new(set: &Arc<str>, file: &str) -> Self {
        Self { set: Arc::clone(set), files: vec![file.to_owned()], ..Self::default() }
    }

    /// Adds the counts of another file of the same set.
    pub fn merge(&mut self, other: Self) {
        self.files.extend(other.files);
        self.rows_read += other.rows_read;
        self.rows_bad += other.rows_bad;
        self.good += other.good;
        self.places += other.places;
        self.missing += other.missing;
        self.duplicates += other.duplicates;
        self.same_event += other.same_event;
        self.unsorted += other.unsorted;
        for (flag, count) in other.flagged {
            *self.flagged.entry(flag).or_default() += count;
        }
        for (reason, count) in other.bad {
            *self.bad.entry(reason).or_default() += count;
        }
    }

    /// Returns the number of lost cells of all reasons.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.bad.values().sum()
    }
}
