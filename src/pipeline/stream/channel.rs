//! What is remembered of one channel: one variable of one device.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::check::{self, At, Limits, Swing};
use crate::agronomy::tide;
use crate::domain::{QcFlag, QcFlags, Variable, time};
use crate::forecast::intake::Cell;

/// Readings remembered: eight hours at ten minutes, twice the longest flight of a front between
/// two readings that a check looks at.
const RECENT_MAX: usize = 48;

/// Told times remembered, by which repeats are known: a day at ten minutes. What is older is
/// held against the lake when it is stored.
const TOLD_MAX: usize = 144;

/// Cells of ten minutes remembered for forecasts issued at once: the two days that the hours'
/// model looks back, a lunar day being the longer, and some hours more.
const CELLS_MAX: usize = 56 * 6;

/// Days of swing remembered, for the drift check.
const SWINGS_MAX: usize = 8;

/// A day's swing counts when at least this many usable readings make it: half a day at ten
/// minutes, so that both tides can be in it.
const SWING_ROWS_MIN: usize = 72;

/// A reading that was kept, with what is odd about it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// When and what.
    pub at: At,
    /// Flags.
    pub qc: QcFlags,
}

/// An earlier reading that turned out to be a spike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turned {
    /// The reading, with its flags now.
    pub kept: Kept,
    /// Whether it had been taken for usable.
    pub was_usable: bool,
}

/// What a reading turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Told before, word for word.
    Repeat,
    /// Older than all that is remembered: the lake must say whether it is new.
    Old(QcFlags),
    /// New; and an earlier reading may have turned out to be a spike.
    New {
        /// Its flags.
        qc: QcFlags,
        /// Whether it is later than all before it.
        in_order: bool,
        /// That earlier reading.
        turned: Option<Turned>,
    },
}

/// The memory of a channel.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Channel {
    /// The newest readings, by time.
    recent: Vec<Kept>,
    /// Their told times (µs) and those of days past, sorted.
    told: Vec<i64>,
    /// Since when it stands still, and for how many readings.
    still: Option<(Timestamp, usize)>,
    /// Barred readings in a row.
    barred: usize,
    /// The last reading that measured nothing of the river, of two or more in a row.
    out_since: Option<Timestamp>,
    /// Usable readings by ten minutes, in order.
    cells: Vec<Cell>,
    swings: Vec<Swing>,
    today: Option<Day>,
    drifted: bool,
}

/// The local day that is being read.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Day {
    date: jiff::civil::Date,
    low: f64,
    high: f64,
    rows: usize,
}

impl Channel {
    /// Takes a reading in and says what it is. `early` are flags it came with, `told` the time as
    /// its sender told it.
    pub fn hear(
        &mut self,
        limits: &Limits,
        variable: &Variable,
        now: At,
        told: Timestamp,
        early: QcFlags,
    ) -> Heard {
        let alone = check::alone(limits, variable, now.value);
        let mut qc = early.iter().chain(alone.iter()).collect::<QcFlags>();
        match self.remember_told(told.as_microsecond()) {
            Told::Known => return Heard::Repeat,
            Told::TooOld => return Heard::Old(qc.with(QcFlag::Late)),
            Told::New => {}
        }
        let in_order = self.recent.last().is_none_or(|last| last.at.time < now.time);
        if !in_order {
            qc = qc.with(QcFlag::Late);
        }
        qc = self.runs(limits, now, qc, in_order);
        if !qc.is_barred() {
            let before = self.usable_before(now.time);
            if let (Some(rule), Some(before)) = (limits.step, before)
                && check::stepped(rule, before, now)
            {
                qc = qc.with(QcFlag::Step);
            }
            if limits.low.is_some_and(|low| now.value < low) {
                qc = qc.with(QcFlag::LowBattery);
            }
            if in_order {
                self.swing(limits, now);
            }
            if self.drifted {
                qc = qc.with(QcFlag::Drift);
            }
        }
        let turned = if qc.is_barred() { None } else { self.turn_spike(limits, now) };
        if let Some(spike) = turned.as_ref().filter(|s| s.was_usable) {
            self.count_out(spike.kept.at);
        }
        if !qc.is_doubtful() {
            self.count_in(now);
        }
        self.keep(Kept { at: now, qc });
        Heard::New { qc, in_order, turned }
    }

    /// The usable readings remembered, by time.
    pub fn usable(&self) -> impl DoubleEndedIterator<Item = &Kept> {
        self.recent.iter().filter(|k| !k.qc.is_doubtful())
    }

    /// The newest usable readings by ten minutes, the oldest first.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Flags the newest reading after it was kept: neighbours are asked when it is known.
    pub fn flag_newest(&mut self, flag: QcFlag) {
        if let Some(last) = self.recent.last_mut() {
            last.qc = last.qc.with(flag);
        }
    }

    /// Adds a reading to its cell.
    fn count_in(&mut self, at: At) {
        let number = Cell::number_of(at.time);
        match self.cells.binary_search_by_key(&number, |cell| cell.number) {
            Ok(index) => {
                let cell = &mut self.cells[index];
                (cell.sum, cell.n) = (cell.sum + at.value, cell.n + 1);
            }
            Err(0) if self.cells.len() >= CELLS_MAX => {}
            Err(index) => {
                self.cells.insert(index, Cell { number, sum: at.value, n: 1 });
                if self.cells.len() > CELLS_MAX {
                    self.cells.remove(0);
                }
            }
        }
    }

    /// Takes a reading out of its cell again.
    fn count_out(&mut self, at: At) {
        let number = Cell::number_of(at.time);
        if let Ok(index) = self.cells.binary_search_by_key(&number, |cell| cell.number) {
            let cell = &mut self.cells[index];
            (cell.sum, cell.n) = (cell.sum - at.value, cell.n.saturating_sub(1));
            // A cell that is left empty was never read.
            if cell.n == 0 {
                self.cells.remove(index);
            }
        }
    }

    fn remember_told(&mut self, told: i64) -> Told {
        match self.told.binary_search(&told) {
            Ok(_) => Told::Known,
            Err(0) if self.told.len() >= TOLD_MAX => Told::TooOld,
            Err(at) => {
                if self.told.is_empty() {
                    // All it will ever hold: doubling would take up to twice that.
                    self.told.reserve_exact(TOLD_MAX + 1);
                }
                self.told.insert(at, told);
                if self.told.len() > TOLD_MAX {
                    self.told.remove(0);
                }
                Told::New
            }
        }
    }

    /// Runs of equal and of barred readings; only the order of time makes a run.
    #[expect(clippy::float_cmp, reason = "a stuck probe repeats the same bits")]
    fn runs(&mut self, limits: &Limits, now: At, mut qc: QcFlags, in_order: bool) -> QcFlags {
        if !in_order {
            return qc;
        }
        let same = self.recent.last().is_some_and(|last| last.at.value == now.value);
        self.still = match self.still {
            Some((since, rows)) if same => Some((since, rows + 1)),
            _ => Some((now.time, 1)),
        };
        self.barred = if qc.is_barred() { self.barred + 1 } else { 0 };
        // One dropped value is a dropped value; two say that the probe is elsewhere.
        if self.barred >= 2 {
            self.out_since = Some(now.time);
        }
        if let (Some(hours), Some(out)) = (limits.settle_hours, self.out_since)
            && !qc.is_barred()
            && now.time.duration_since(out).as_secs_f64() < hours * 3600.0
        {
            qc = qc.with(QcFlag::Unsettled);
        }
        if limits.dead_rows.is_some_and(|rows| self.barred >= rows) {
            qc = qc.with(QcFlag::DeadChannel);
        }
        if let (Some(rule), Some((since, rows))) = (limits.flat, self.still)
            && !qc.is_barred()
            && check::flat(rule, since, rows, now.time)
        {
            qc = qc.with(QcFlag::FlatLine);
        }
        qc
    }

    fn usable_before(&self, time: Timestamp) -> Option<At> {
        let earlier = self.recent.iter().rev().filter(|k| k.at.time < time);
        earlier.filter(|k| !k.qc.is_barred() && !k.qc.has(QcFlag::Spike)).map(|k| k.at).next()
    }

    /// The reading before `now` stands apart from both its sides: it was a spike.
    fn turn_spike(&mut self, limits: &Limits, now: At) -> Option<Turned> {
        let rule = limits.spike?;
        let usable = |k: &&mut Kept| !k.qc.is_barred() && k.at.time < now.time;
        let mut before = self.recent.iter_mut().rev().filter(usable);
        let middle = before.next()?;
        let first = before.next()?;
        if middle.qc.has(QcFlag::Spike) || !check::spiked(rule, first.at, middle.at, now) {
            return None;
        }
        let was_usable = !middle.qc.is_doubtful();
        middle.qc = middle.qc.with(QcFlag::Spike);
        Some(Turned { kept: *middle, was_usable })
    }

    fn keep(&mut self, kept: Kept) {
        let at = self.recent.partition_point(|k| k.at.time <= kept.at.time);
        self.recent.insert(at, kept);
        if self.recent.len() > RECENT_MAX {
            self.recent.remove(0);
        }
    }

    /// Adds a reading to its day's swing; a day that has ended is held against those before it.
    fn swing(&mut self, limits: &Limits, now: At) {
        let Some(rule) = limits.drift else { return };
        let date = time::local_date(now.time);
        match &mut self.today {
            Some(day) if day.date == date => {
                day.low = day.low.min(now.value);
                day.high = day.high.max(now.value);
                day.rows += 1;
            }
            today => {
                let ended = today.replace(Day { date, low: now.value, high: now.value, rows: 1 });
                if let Some(swing) = ended.and_then(swing_of) {
                    self.swings.push(swing);
                    if self.swings.len() > SWINGS_MAX {
                        self.swings.remove(0);
                    }
                    self.drifted = check::drifted(rule, &self.swings);
                }
            }
        }
    }
}

enum Told {
    Known,
    TooOld,
    New,
}

fn swing_of(day: Day) -> Option<Swing> {
    if day.rows < SWING_ROWS_MIN {
        return None;
    }
    let tide = tide::vung_tau().hourly_days(time::epoch_day(day.date), 1).pop()?;
    Some(Swing { own: day.high - day.low, tide_m: tide.high_m - tide.low_m })
}
