//! The last days of one gauge, as departures from what the season brings there.

use super::morning::wet;
use super::{TRACE_MM, WET_MM};

/// Days that are read of a gauge by itself.
pub(super) const DAYS: usize = 3;

/// What a day of the year brings at a gauge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Usual {
    /// Odds of a wet day.
    pub wet: f64,
    /// Odds of any rain at all, [`TRACE_MM`] or more.
    pub trace: f64,
    /// Mean of ln(1 + mm).
    pub log_mm: f64,
}

/// How far one day was from the usual; 0 where it was not known, as the climate has it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Departure {
    /// 1 or 0 less the odds of a wet day.
    pub wet: f64,
    /// 1 or 0 less the odds of any rain.
    pub trace: f64,
    /// Of ln(1 + mm).
    pub log_mm: f64,
}

impl Departure {
    /// Returns the departure of an amount (mm) that may not be known.
    pub fn of(mm: f64, usual: Usual) -> Self {
        if mm.is_nan() {
            return Self::default();
        }
        Self {
            wet: wet(mm) - usual.wet,
            trace: f64::from(u8::from(mm >= TRACE_MM)) - usual.trace,
            log_mm: mm.max(0.0).ln_1p() - usual.log_mm,
        }
    }

    /// Adds another.
    pub fn add(&mut self, other: Self) {
        self.wet += other.wet;
        self.trace += other.trace;
        self.log_mm += other.log_mm;
    }
}

/// The last days of a gauge, newest first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recent {
    /// Whether the newest day is known.
    pub is_known: bool,
    pub days: [Departure; DAYS],
    /// Odds of a wet day at the newest.
    pub odds: f64,
}

const _: () = assert!(TRACE_MM < WET_MM, "rain that is too little for a wet day");
