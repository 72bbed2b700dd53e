//! Hourly means of the logarithm of conductivity at one place.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

const HOUR_SECS: i64 = 3600;

/// Readings are summed over ten minutes: an hour may begin at any of them, probes read no oftener.
pub const CELL_SECS: i64 = 600;
const CELLS_PER_HOUR: i64 = HOUR_SECS / CELL_SECS;

/// The longest gap (hours) that is bridged by a straight line between its sides: less than the
/// shortest rise of a tide.
const GAP_MAX: i64 = 3;

/// One usable reading: when it was true, µS/cm, and when anyone could have known it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// When it was true.
    pub at: Timestamp,
    /// µS/cm.
    pub ec_us_cm: f64,
    /// When it could be known.
    pub available_at: Timestamp,
    /// When another took its place: a spike is known for one only by what comes after it.
    pub replaced_at: Option<Timestamp>,
}

impl Told {
    /// Returns whether it stood as it is told here at `now`.
    #[must_use]
    pub fn stood_at(&self, now: Timestamp) -> bool {
        self.available_at <= now && self.replaced_at.is_none_or(|replaced| now < replaced)
    }
}

/// The usable readings of ten minutes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Its number, counted from 1970 UTC.
    pub number: i64,
    /// Sum of its readings, µS/cm.
    pub sum: f64,
    /// How many they are.
    pub n: u32,
}

impl Cell {
    /// Returns the number of the cell that holds `at`.
    #[must_use]
    pub fn number_of(at: Timestamp) -> i64 {
        at.as_second().div_euclid(CELL_SECS)
    }

    /// Returns the cells of usable readings, in any order, as they could be known at `now`, the
    /// oldest first.
    #[must_use]
    pub fn known_at(readings: &[Told], now: Timestamp) -> Vec<Self> {
        let mut cells: BTreeMap<i64, (f64, u32)> = BTreeMap::new();
        let known = |t: &&Told| t.stood_at(now) && t.at <= now && t.ec_us_cm > 0.0;
        for told in readings.iter().filter(known) {
            let (sum, n) = cells.entry(Self::number_of(told.at)).or_default();
            *sum += told.ec_us_cm;
            *n += 1;
        }
        cells.into_iter().map(|(number, (sum, n))| Self { number, sum, n }).collect()
    }
}

/// What one place's probe read, hour by hour. Hours are counted from 1970 UTC, and all begin
/// equally late after the full hour.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    /// Cells after the full hour at which its hours begin.
    late: i64,
    first: i64,
    /// Natural logarithm of µS/cm.
    log_ec: Vec<Option<f64>>,
}

/// Returns the hour that holds `at`.
#[must_use]
pub fn hour_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR_SECS)
}

/// Returns the start of an hour.
#[must_use]
pub fn start_of(hour: i64) -> Timestamp {
    Timestamp::from_second(hour.saturating_mul(HOUR_SECS)).unwrap_or_default()
}

impl Record {
    /// Returns the record of usable readings, in any order, as it could be known at `now`: up to
    /// the last whole hour, since the hour that is being read says nothing of itself yet.
    #[must_use]
    pub fn known_at(readings: &[Told], now: Timestamp) -> Self {
        let cells = Cell::known_at(readings, now);
        let over = cells.partition_point(|cell| cell.number < hour_of(now) * CELLS_PER_HOUR);
        Self::of_cells(&cells[..over], 0)
    }

    /// Returns the record of hours that end with the newest of `cells`, which are in order: what
    /// was read a moment ago is in its last hour.
    #[must_use]
    pub fn to_newest(cells: &[Cell]) -> Self {
        let late = cells.last().map_or(0, |cell| (cell.number + 1).rem_euclid(CELLS_PER_HOUR));
        Self::of_cells(cells, late)
    }

    /// Returns the record of hours that begin `late` cells after the full hour.
    fn of_cells(cells: &[Cell], late: i64) -> Self {
        let hour_of = |cell: &Cell| (cell.number - late).div_euclid(CELLS_PER_HOUR);
        let hours = cells.chunk_by(|a, b| hour_of(a) == hour_of(b)).filter_map(|cells| {
            let n: u32 = cells.iter().map(|cell| cell.n).sum();
            let mean = cells.iter().map(|cell| cell.sum).sum::<f64>() / f64::from(n);
            // An hour whose readings were all taken back has none.
            (mean > 0.0).then(|| (hour_of(&cells[0]), mean.ln()))
        });
        let hours: BTreeMap<i64, f64> = hours.collect();
        let (Some((first, _)), Some((last, _))) = (hours.first_key_value(), hours.last_key_value())
        else {
            return Self::default();
        };
        let log_ec = (*first..=*last).map(|hour| hours.get(&hour).copied()).collect();
        Self { late, first: *first, log_ec }
    }

    /// Returns when an hour of this record begins.
    #[must_use]
    pub fn start_of(&self, hour: i64) -> Timestamp {
        let second = hour.saturating_mul(HOUR_SECS).saturating_add(self.late * CELL_SECS);
        Timestamp::from_second(second).unwrap_or_default()
    }

    /// Returns how many cells after the full hour its hours begin.
    pub(super) fn late(&self) -> i64 {
        self.late
    }

    /// Returns the record with its short gaps bridged, to forecast from; never to score against.
    #[must_use]
    pub fn bridged(mut self) -> Self {
        bridge(&mut self.log_ec);
        self
    }

    /// Returns the first hour, and the hour after the last.
    #[must_use]
    pub fn span(&self) -> (i64, i64) {
        (self.first, self.first + i64::try_from(self.log_ec.len()).unwrap_or(0))
    }

    /// Returns the logarithm of an hour's mean, when it is known.
    #[must_use]
    pub fn at(&self, hour: i64) -> Option<f64> {
        let index = usize::try_from(hour - self.first).ok()?;
        self.log_ec.get(index).copied().flatten()
    }

    /// Returns the value between two hours, by the straight line between them.
    #[must_use]
    pub(super) fn between(&self, hour: f64) -> Option<f64> {
        #[expect(clippy::cast_possible_truncation, reason = "an hour since 1970")]
        let before = hour.floor() as i64;
        let share = hour - hour.floor();
        let (a, b) = (self.at(before)?, self.at(before + 1)?);
        Some(a + share * (b - a))
    }
}

/// Fills short gaps by straight lines.
fn bridge(values: &mut [Option<f64>]) {
    let known: Vec<usize> = (0..values.len()).filter(|i| values[*i].is_some()).collect();
    for pair in known.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let gap = i64::try_from(b - a - 1).unwrap_or(i64::MAX);
        let (Some(from), Some(to)) = (values[a], values[b]) else { continue };
        if (1..=GAP_MAX).contains(&gap) {
            for (step, value) in values[a + 1..b].iter_mut().enumerate() {
                #[expect(clippy::cast_precision_loss, reason = "at most three")]
                let share = (step + 1) as f64 / (b - a) as f64;
                *value = Some(from + share * (to - from));
            }
        }
    }
}
