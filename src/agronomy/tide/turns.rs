//! High and low waters, and the tide of a local day.

use jiff::civil::Date;

use super::TideModel;
use super::snapshot::Snapshot;
use crate::agronomy::{
    AgronomyError, DAY_SECONDS, date_from_epoch_day, days_from_epoch, local_midnight, lossy_f64,
};

/// Step (s) of the search: the fastest constituent, M8, turns in 11,180 s, so that two turns of the
/// water closer than this are ripples of far less than a millimetre.
const SEARCH_STEP_SECONDS: i64 = 1_200;

/// Whether the water turns from rising to falling or from falling to rising.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnKind {
    /// High water.
    High,
    /// Low water.
    Low,
}

/// A turn of the water.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TideTurn {
    /// When (Unix seconds, to the second).
    pub unix_seconds: i64,
    /// Level (m above mean sea level).
    pub level_m: f64,
    /// High or low water.
    pub kind: TurnKind,
}

/// The tide between one local midnight and the next.
#[derive(Debug, Clone, PartialEq)]
pub struct TideDay {
    /// Civil date in Việt Nam.
    pub date: Date,
    /// Highest level of the day (m above mean sea level).
    pub high_m: f64,
    /// When it is reached (Unix seconds).
    pub high_at: i64,
    /// Lowest level of the day (m above mean sea level).
    pub low_m: f64,
    /// When it is reached (Unix seconds).
    pub low_at: i64,
    /// Mean of the hourly levels, 00:00 to 23:00 (m above mean sea level).
    pub mean_m: f64,
    /// High and low waters of the day in order; none to five at a mixed-tide coast.
    pub turns: Vec<TideTurn>,
}

impl TideDay {
    /// Returns highest less lowest level (m).
    #[must_use]
    pub fn range_m(&self) -> f64 {
        self.high_m - self.low_m
    }
}

impl TideModel {
    /// Returns all high and low waters at or after `from` and before `until` (Unix seconds).
    #[must_use]
    pub fn turns(&self, from: i64, until: i64) -> Vec<TideTurn> {
        let mut turns = Vec::new();
        let mut start = from;
        let mut rise_at_start = None;
        while start < until {
            let end = until.min(start + DAY_SECONDS);
            let snapshot = Snapshot::new(self, start, start + DAY_SECONDS / 2);
            rise_at_start = Some(search(&snapshot, end, rise_at_start, &mut turns));
            start = end;
        }
        turns
    }

    /// Returns the tide of a local day.
    #[must_use]
    pub fn day(&self, date: Date) -> TideDay {
        let start = local_midnight(date);
        let end = start + DAY_SECONDS;
        let turns = self.turns(start, end);
        let hourly = self.series_m(start, 3_600, 24);
        let edges = [start, end - 1].map(|at| (at, self.level_m(at)));
        let levels = || turns.iter().map(|t| (t.unix_seconds, t.level_m)).chain(edges);
        let (high_at, high_m) = levels().fold(edges[0], |a, b| if b.1 > a.1 { b } else { a });
        let (low_at, low_m) = levels().fold(edges[0], |a, b| if b.1 < a.1 { b } else { a });
        let mean_m = hourly.iter().sum::<f64>() / 24.0;
        TideDay { date, high_m, high_at, low_m, low_at, mean_m, turns }
    }

    /// Returns the tide of `count` local days from `first` on.
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] when a day lies beyond the year 9999.
    pub fn days(&self, first: Date, count: u32) -> Result<Vec<TideDay>, AgronomyError> {
        let start = days_from_epoch(first);
        let dates = (0..i64::from(count)).map(|k| date_from_epoch_day(start + k));
        dates.map(|date| date.map(|date| self.day(date))).collect()
    }
}

/// Finds the turns from the snapshot's origin to `end`, given the rise (m/s) that the search of the
/// stretch before ended with, and returns the rise at `end`.
///
/// The rise is handed on because two snapshots differ in the sixth digit where they meet: so a turn
/// exactly there is neither lost nor found twice.
fn search(snapshot: &Snapshot, end: i64, before: Option<f64>, turns: &mut Vec<TideTurn>) -> f64 {
    let length = end - snapshot.origin;
    let whole_steps = length / SEARCH_STEP_SECONDS;
    let mut rises = snapshot.rises(lossy_f64(SEARCH_STEP_SECONDS), whole_steps + 1);
    if whole_steps * SEARCH_STEP_SECONDS < length {
        rises.push(snapshot.rise_m_per_second(lossy_f64(length)));
    }
    rises[0] = before.unwrap_or(rises[0]);
    for (k, pair) in (0..).zip(rises.windows(2)) {
        let rising = pair[0] > 0.0;
        if rising == (pair[1] > 0.0) {
            continue;
        }
        let left = k * SEARCH_STEP_SECONDS;
        let at = bisect(snapshot, left, length.min(left + SEARCH_STEP_SECONDS), rising);
        turns.push(TideTurn {
            unix_seconds: snapshot.origin + at,
            level_m: snapshot.level_m(lossy_f64(at)),
            kind: if rising { TurnKind::High } else { TurnKind::Low },
        });
    }
    rises[rises.len() - 1]
}

/// Returns the second in `left..right` at which a rise with the sign at `left` ends.
fn bisect(snapshot: &Snapshot, mut left: i64, mut right: i64, rising: bool) -> i64 {
    while right - left > 1 {
        let middle = left + (right - left) / 2;
        if (snapshot.rise_m_per_second(lossy_f64(middle)) > 0.0) == rising {
            left = middle;
        } else {
            right = middle;
        }
    }
    left
}
