//! One variable at one place: the checks in their order, what is lost told, what is odd flagged.

use std::ops::Range;

use super::checks::duplicate::Twice;
use super::checks::{self, Reading};
use super::columns::{Column, Target};
use super::quarantine::{Quarantine, Spot};
use super::reason;
use super::report::SetReport;
use super::rows::{Meta, Rows};
use super::table::Table;
use crate::domain::{PlaceId, QcFlag, QcFlags};

/// A value on its way from a cell to an observation.
#[derive(Debug, Clone)]
pub struct Point<'c> {
    /// Time and number.
    pub reading: Reading,
    /// Its row.
    pub meta: Meta,
    /// The variable and the divisor to its unit.
    pub target: &'c Target,
    /// Its flags.
    pub qc: QcFlags,
}

/// The values of one column at one place, sorted by time.
#[derive(Debug)]
pub struct Series<'c, 's> {
    /// Where.
    pub place: PlaceId,
    /// The column.
    pub column: &'c Column<'s>,
    /// The values.
    pub points: Vec<Point<'c>>,
}

impl Series<'_, '_> {
    /// Takes out what is not a measurement, then flags what is odd about the rest.
    pub fn check(
        &mut self,
        rows: &Rows,
        table: &Table,
        quarantine: &mut Quarantine,
        report: &mut SetReport,
    ) {
        let spec = self.column.spec;
        let mut losses = Losses { rows, table, quarantine };
        if let Some(rule) = spec.dead {
            let runs = checks::dead::dead(&self.readings(), rule);
            let why = "the sensor says the same number for ever";
            self.lose_runs(runs, reason::DEAD_SENSOR, why, &mut losses);
        }
        if let Some(rule) = &spec.zero {
            let runs = checks::zero::missing_zeros(&self.readings(), rule);
            let why = "a zero here is a missing value";
            self.lose_runs(runs, reason::ZERO_AS_MISSING, why, &mut losses);
        }
        self.lose_impossible(&mut losses);
        self.fold(&mut losses, report);
        self.flag();
    }

    fn readings(&self) -> Vec<Reading> {
        self.points.iter().map(|p| p.reading).collect()
    }

    fn lose_runs(
        &mut self,
        runs: Vec<Range<usize>>,
        word: &str,
        why: &str,
        losses: &mut Losses<'_, '_>,
    ) {
        let mut lost = vec![false; self.points.len()];
        for run in runs {
            let until = losses.written(&self.points[run.end - 1]);
            let detail = format!("{why}: {} cells, the last at {until}", run.len());
            // A dead column spoils no row: it never held anything.
            if word != reason::DEAD_SENSOR {
                for point in &self.points[run.clone()] {
                    losses.quarantine.row(losses.table.rows[point.meta.row].number);
                }
            }
            losses.tell(self, run.start, word, run.len(), detail);
            lost[run].fill(true);
        }
        self.retain(&lost);
    }

    fn lose_impossible(&mut self, losses: &mut Losses<'_, '_>) {
        let mut lost = vec![false; self.points.len()];
        for (i, point) in self.points.iter().enumerate() {
            let (variable, divisor) = point.target;
            let value = point.reading.value / divisor;
            if !variable.is_possible(value) {
                let (min, max, unit) = (variable.min, variable.max, &variable.unit);
                let detail = format!("{value} {unit} is outside {min} to {max} {unit}");
                losses.tell(self, i, reason::OUT_OF_RANGE, 1, detail);
                lost[i] = true;
            }
        }
        self.retain(&lost);
    }

    fn fold(&mut self, losses: &mut Losses<'_, '_>, report: &mut SetReport) {
        let mut lost = vec![false; self.points.len()];
        for twice in checks::duplicate::doubled(&self.readings()) {
            match twice {
                Twice::Same(run) => {
                    report.duplicates += run.len() - 1;
                    lost[run.start + 1..run.end].fill(true);
                }
                Twice::Conflict(run) => {
                    for i in run.clone() {
                        let detail = format!(
                            "{} rows of the same place and time say different things; none is kept",
                            run.len()
                        );
                        losses.tell(self, i, reason::DUPLICATE_CONFLICT, 1, detail);
                    }
                    lost[run].fill(true);
                }
            }
        }
        self.retain(&lost);
    }

    #[allow(clippy::float_cmp, reason = "the lowest step is written exactly")]
    fn flag(&mut self) {
        let spec = self.column.spec;
        let readings = self.readings();
        let mut add = |at: usize, flag| self.points[at].qc = self.points[at].qc.with(flag);
        if let Some(lowest) = spec.censored_at {
            let at_lowest = readings.iter().enumerate().filter(|(_, r)| r.value == lowest);
            at_lowest.for_each(|(i, _)| add(i, QcFlag::CensoredLow));
        }
        if let Some(rule) = spec.flat {
            let all = checks::flat::flat(&readings, rule).into_iter().flatten();
            all.for_each(|i| add(i, QcFlag::FlatLine));
        }
        if let Some(rule) = spec.line {
            let all = checks::line::filled(&readings, rule).into_iter().flatten();
            all.for_each(|i| add(i, QcFlag::FilledLine));
        }
        if let Some(rule) = spec.spike {
            for i in checks::spike::spikes(&readings, rule) {
                add(i, QcFlag::Spike);
            }
        }
        if let Some(rule) = spec.step {
            for i in checks::step::steps(&readings, rule) {
                add(i, QcFlag::Step);
            }
        }
    }

    fn retain(&mut self, lost: &[bool]) {
        let mut lost = lost.iter();
        self.points.retain(|_| !lost.next().copied().unwrap_or(false));
    }
}

/// What is needed to tell a loss.
struct Losses<'a, 'q> {
    rows: &'a Rows,
    table: &'a Table,
    quarantine: &'q mut Quarantine,
}

impl Losses<'_, '_> {
    fn written(&self, point: &Point<'_>) -> String {
        self.rows.time.written(&self.table.rows[point.meta.row])
    }

    fn tell(&mut self, of: &Series<'_, '_>, at: usize, reason: &str, cells: usize, detail: String) {
        let point = &of.points[at];
        let row = &self.table.rows[point.meta.row];
        let (time, raw) = (self.written(point), of.column.raw(row));
        let spot = Spot {
            row: row.number,
            place: of.place.as_str(),
            time: &time,
            field: &of.column.name,
            raw: &raw,
        };
        if cells == 1 {
            self.quarantine.one(spot, reason, detail);
        } else {
            self.quarantine.run(spot, reason, cells, detail);
        }
    }
}
