//! Rows become observations: one for each usable cell.

use std::sync::Arc;

use jiff::Timestamp;

use super::checks::Reading;
use super::columns::{Column, Read};
use super::quarantine::{Quarantine, Spot};
use super::reason;
use super::report::SetReport;
use super::rows::{Meta, Rows};
use super::series::{Point, Series};
use super::spec::SetSpec;
use super::table::Table;
use crate::domain::time::local_date;
use crate::domain::{PlaceId, QcFlags, Variable};
use crate::frames::Observation;
use crate::frames::observations::period_of;

/// Returns the observations in the rows, sorted by variable, place and time.
#[must_use]
pub fn observations(
    set: &SetSpec,
    columns: &[Column<'_>],
    rows: &Rows,
    table: &Table,
    seen_at: Timestamp,
    quarantine: &mut Quarantine,
    report: &mut SetReport,
) -> Vec<Observation> {
    let mut writer =
        Writer { set, rows, table, seen_at, periods: Periods::default(), out: Vec::new() };
    for column in columns {
        for metas in rows.metas.chunk_by(|a, b| column.place.is_some() || a.place == b.place) {
            let place = column
                .place
                .clone()
                .or_else(|| column.place_of(rows.places.place(metas.first()?.place)));
            let Some(place) = place else { continue };
            let mut series = Series { place, column, points: Vec::with_capacity(metas.len()) };
            fill(&mut series, metas, rows, table, quarantine, report);
            series.check(rows, table, quarantine, report);
            writer.write(&series);
        }
    }
    let mut all = writer.out;
    all.sort_by(|a, b| {
        (&a.variable, &a.place, a.valid_time).cmp(&(&b.variable, &b.place, b.valid_time))
    });
    all
}

fn fill(
    series: &mut Series<'_, '_>,
    metas: &[Meta],
    rows: &Rows,
    table: &Table,
    quarantine: &mut Quarantine,
    report: &mut SetReport,
) {
    let column = series.column;
    for meta in metas {
        let row = &table.rows[meta.row];
        match column.read(row) {
            Read::Missing => report.missing += 1,
            Read::Value(value, target) => series.points.push(Point {
                reading: Reading { at: meta.valid, value },
                meta: *meta,
                target,
                qc: QcFlags::NONE,
            }),
            Read::Bad(reason) => {
                let (time, raw) = (rows.time.written(row), column.raw(row));
                let spot = Spot {
                    row: row.number,
                    place: series.place.as_str(),
                    time: &time,
                    field: &column.name,
                    raw: &raw,
                };
                let detail = reason::sentence(reason, &column.name, &raw);
                quarantine.one(spot, reason, detail);
            }
        }
    }
}

/// Turns checked series into observations.
struct Writer<'a> {
    set: &'a SetSpec,
    rows: &'a Rows,
    table: &'a Table,
    seen_at: Timestamp,
    periods: Periods,
    out: Vec<Observation>,
}

impl Writer<'_> {
    fn write(&mut self, series: &Series<'_, '_>) {
        let column = series.column;
        let shift = jiff::SignedDuration::from_hours(24 * column.spec.shift_days);
        let flags: Vec<_> =
            self.rows.flags.iter().filter(|f| f.values.contains(&column.name)).collect();
        self.out.reserve(series.points.len());
        for point in &series.points {
            let row = &self.table.rows[point.meta.row];
            let Ok(valid_time) = point.meta.valid.checked_add(shift) else { continue };
            let own = |lag: &super::times::LagReader| lag.read(row, valid_time, &self.rows.time);
            let available_at =
                column.available.as_ref().and_then(own).unwrap_or(point.meta.available);
            let all = point.qc.iter().chain(point.meta.qc.iter()).collect::<QcFlags>();
            let qc = flags.iter().fold(all, |qc, f| f.apply(qc, row, valid_time, available_at));
            let (variable, divisor) = point.target;
            self.out.push(Observation {
                variable: Arc::clone(&variable.name),
                period: self.periods.of(variable, valid_time),
                place: PlaceId::clone(&series.place),
                valid_time,
                source: Arc::clone(&self.set.source),
                value: point.reading.value / divisor,
                unit: Arc::clone(&variable.unit),
                qc,
                available_at,
                ingested_at: self.seen_at,
                revision: 0,
            });
        }
    }
}

/// Shares the text of a period between the rows of one year.
#[derive(Default)]
struct Periods {
    last: Option<(i16, bool, Arc<str>)>,
}

impl Periods {
    fn of(&mut self, variable: &Variable, valid: Timestamp) -> Arc<str> {
        let (year, dense) = (local_date(valid).year(), variable.step.is_dense());
        match &self.last {
            Some((y, d, text)) if *y == year && *d == dense => Arc::clone(text),
            _ => {
                let text = period_of(variable, valid);
                self.last = Some((year, dense, Arc::clone(&text)));
                text
            }
        }
    }
}
