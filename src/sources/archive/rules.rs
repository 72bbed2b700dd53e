//! The words of the manifest for quality checks: parameters only, the checks are in `checks`.

use serde::Deserialize;

/// When a zero is a missing value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZeroRule {
    /// Always.
    #[serde(default)]
    pub always: bool,
    /// In these months (1–12) of the local calendar.
    #[serde(default)]
    pub months: Vec<i8>,
    /// In runs of at least this many rows of one place.
    pub run_rows: Option<usize>,
}

/// When a constant is a dead sensor.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadRule {
    /// The constant.
    pub value: f64,
    /// At least so many rows of one place in a row.
    pub rows: usize,
}

/// When equal values in a row are a stuck reading; both limits count when both are given.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlatRule {
    /// At least so many rows.
    #[serde(default)]
    pub rows: usize,
    /// Lasting at least so long.
    #[serde(default)]
    pub hours: f64,
}

/// When values on a straight line were filled in.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineRule {
    /// At least so many points, both ends counted.
    pub points: usize,
    /// How far two steps may differ and still be equal (rounding of the file), column's unit.
    pub tolerance: f64,
}

/// When a value stands apart from the readings around it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpikeRule {
    /// How many readings on each side give the median.
    pub around: usize,
    /// Above `ratio` times the median, or below the median divided by it …
    pub ratio: f64,
    /// … and at least so far from it, column's unit.
    pub apart: f64,
}

/// When a value jumped from the reading before it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRule {
    /// Above `ratio` times the reading before, or below it divided by `ratio` …
    pub ratio: f64,
    /// … and at least so far from it, column's unit …
    pub apart: f64,
    /// … within so many minutes.
    pub minutes: f64,
}

/// Rows that are not data.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkipRule {
    /// The column that tells.
    pub column: String,
    /// Texts that tell.
    #[serde(default)]
    pub equals: Vec<String>,
    /// A pattern that tells.
    pub matches: Option<String>,
    /// Short stable word.
    pub reason: String,
    /// One sentence.
    pub detail: String,
}

/// A flag for rows that share a property; every condition given must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagRule {
    /// The flag's name, as in [`crate::domain::QcFlags`].
    pub flag: String,
    /// Only from this local date on.
    pub from: Option<String>,
    /// Only before this local date.
    pub before: Option<String>,
    /// Only where this column …
    pub column: Option<String>,
    /// … holds one of these texts.
    #[serde(default)]
    pub equals: Vec<String>,
    /// Only values known more than this many days after their day.
    pub known_after_days: Option<i64>,
    /// Only for these value columns; all when empty.
    #[serde(default)]
    pub values: Vec<String>,
}

/// Two columns of which the first must never exceed the second in the same row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderRule {
    /// The smaller.
    pub low: String,
    /// The larger.
    pub high: String,
}

/// How polls that repeat the reading before them are recognised.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatRule {
    /// The provider makes a new reading this often: an equal poll sooner than this after the last
    /// stored one is the same event and is not stored again; later it is stored and flagged.
    pub event_minutes: f64,
}
