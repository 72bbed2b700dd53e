//! What is known when hour `o` has just been read, about hour `o + h`.

use super::record::{CELL_SECS, Record};
use crate::agronomy::tide;

/// The tide comes back after this many hours: a lunar day (24 h 50 min).
pub(super) const LUNAR_DAY_H: f64 = 24.84;

/// Hours of the last day and of the day before it.
const DAY_H: i64 = 24;

/// How many features there are.
pub(super) const COUNT: usize = 16;

/// Lags (minutes) at which the tide of Vũng Tàu is looked at: its wave needs some hours to the
/// probe, and which is for the ridge to find.
const LAGS_MIN: [i64; 6] = [0, 60, 120, 180, 240, 360];

/// Features of one origin and horizon, with what the two ridges start from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) values: [f64; COUNT],
    /// Mean of the last day.
    pub(super) day_mean: f64,
    /// The same moment of the newest tide that is known.
    pub(super) last_tide: f64,
}

/// The predicted tide by ten minutes, over the hours of a record it is asked for.
#[derive(Debug, Clone)]
pub(super) struct Tide {
    /// Hour of the first level.
    first: i64,
    /// Which cell of a full hour the record's hours begin with.
    late: i64,
    levels_m: Vec<f64>,
}

/// Levels in an hour, one at the beginning of each cell.
const LEVELS_PER_HOUR: i64 = 3600 / CELL_SECS;

impl Tide {
    /// Returns the tide from three days before hour `first` of a record to a day after `last`.
    pub(super) fn over(record: &Record, first: i64, last: i64) -> Self {
        // The tide's slow terms are renewed in chunks from the first level on: begun at whole days
        // an hour's level is the same to the bit whatever else is asked for.
        let first = (first - 72).div_euclid(24) * 24;
        let count = (last - first + 25).max(0) * LEVELS_PER_HOUR + 1;
        let levels_m = tide::vung_tau().series_m(
            first * 3600,
            u32::try_from(CELL_SECS).unwrap_or(600),
            usize::try_from(count).unwrap_or(0),
        );
        Self { first, late: record.late(), levels_m }
    }

    /// Returns the level (m) in the middle of an hour, `lag` minutes earlier.
    fn level(&self, hour: i64, lag_min: i64) -> f64 {
        let at = self.index(hour, 1800 - lag_min * 60);
        at.and_then(|i| self.levels_m.get(i)).copied().unwrap_or(0.0)
    }

    /// Returns the range (m) of the 25 hours before an hour: springs against neaps.
    fn range(&self, hour: i64) -> f64 {
        let end = self.index(hour, 0).unwrap_or(0).min(self.levels_m.len());
        let day = &self.levels_m[end.saturating_sub(150)..end];
        let (low, high) =
            day.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), m| (l.min(*m), h.max(*m)));
        if day.is_empty() { 0.0 } else { high - low }
    }

    /// Where the level of a moment is, some seconds after the beginning of an hour.
    fn index(&self, hour: i64, after_secs: i64) -> Option<usize> {
        let cells = (hour - self.first) * LEVELS_PER_HOUR + self.late;
        usize::try_from(cells + after_secs.div_euclid(CELL_SECS)).ok()
    }
}

/// Returns the features of hour `origin + horizon` when `origin` was the last hour known, or
/// nothing when the two days before are not known well enough.
pub(super) fn row(record: &Record, tide: &Tide, origin: i64, horizon: i64) -> Option<Row> {
    let valid = origin + horizon;
    let now = record.at(origin)?;
    let day = known(record, origin - DAY_H, origin)?;
    let before = known(record, origin - 2 * DAY_H, origin - DAY_H)?;
    #[expect(clippy::cast_precision_loss, reason = "hours since 1970 and hours ahead")]
    let (valid_f, ahead) = (valid as f64, horizon as f64);
    let tides_back = (ahead / LUNAR_DAY_H).ceil();
    let last_tide = record.between(valid_f - tides_back * LUNAR_DAY_H).unwrap_or(day.mean);
    let mut values = [0.0; COUNT];
    values[..6].copy_from_slice(&[
        last_tide,
        now,
        day.mean,
        day.high,
        day.low,
        day.mean - before.mean,
    ]);
    for (value, lag) in values[6..12].iter_mut().zip(LAGS_MIN) {
        *value = tide.level(valid, lag);
    }
    values[12..].copy_from_slice(&[
        tide.range(valid) - tide.range(origin),
        tide.range(valid),
        tide.level(valid, 0) - tide.level(origin, 0),
        ahead / 24.0,
    ]);
    Some(Row { values, day_mean: day.mean, last_tide })
}

struct Stretch {
    mean: f64,
    high: f64,
    low: f64,
}

/// Returns the summary of hours `from..=to`, when at least two thirds of them are known.
fn known(record: &Record, from: i64, to: i64) -> Option<Stretch> {
    let values: Vec<f64> = (from..=to).filter_map(|hour| record.at(hour)).collect();
    let enough = values.len() * 3 >= usize::try_from(to - from + 1).unwrap_or(0) * 2;
    #[expect(clippy::cast_precision_loss, reason = "at most 25")]
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    enough.then(|| Stretch {
        mean,
        high: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        low: values.iter().copied().fold(f64::INFINITY, f64::min),
    })
}
