//! Rows become guidance: what somebody else forecast, as a number or as a category.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::columns::{Column, Read};
use super::quarantine::{Quarantine, Spot};
use super::reason;
use super::report::SetReport;
use super::rows::{Meta, Rows};
use super::spec::{Number, SetSpec};
use super::table::Table;
use crate::domain::PlaceId;
use crate::domain::time::local_date;
use crate::frames::Guidance;

/// The unit of a category.
const CATEGORY_UNIT: &str = "category";

/// Returns the guidance in the rows, sorted by variable, place, issue and time.
#[must_use]
pub fn guidance(
    set: &SetSpec,
    columns: &[Column<'_>],
    rows: &Rows,
    table: &Table,
    seen_at: Timestamp,
    quarantine: &mut Quarantine,
    report: &mut SetReport,
) -> Vec<Guidance> {
    let mut all = Vec::new();
    for column in columns {
        let mut told: BTreeMap<(PlaceId, Timestamp, Timestamp), Vec<(Meta, Guidance)>> =
            BTreeMap::new();
        for meta in &rows.metas {
            let Some(place) = column.place_of(rows.places.place(meta.place)) else { continue };
            let says = match says(column, table, meta) {
                Ok(Some(says)) => says,
                Ok(None) => {
                    report.missing += 1;
                    continue;
                }
                Err(reason) => {
                    tell(column, rows, table, meta, &place, reason, quarantine);
                    continue;
                }
            };
            let key = (place.clone(), meta.issued, meta.valid);
            let row = row(set, meta, place, says, seen_at);
            told.entry(key).or_default().push((*meta, row));
        }
        for ((place, ..), mut twins) in told {
            let first = twins[0].1.clone();
            if twins.iter().all(|(_, twin)| *twin == first) {
                report.duplicates += twins.len() - 1;
                all.push(twins.swap_remove(0).1);
            } else {
                for (meta, _) in &twins {
                    let reason = reason::DUPLICATE_CONFLICT;
                    tell(column, rows, table, meta, &place, reason, quarantine);
                }
            }
        }
    }
    all
}

/// What one cell says: variable, number, text, unit.
type Says = (Arc<str>, Option<f64>, Option<String>, Arc<str>);

fn says(column: &Column<'_>, table: &Table, meta: &Meta) -> Result<Option<Says>, &'static str> {
    let row = &table.rows[meta.row];
    if column.spec.number == Number::Text {
        let text = column.raw(row);
        let says =
            (column.spec.variable.as_str().into(), None, Some(text), Arc::from(CATEGORY_UNIT));
        return Ok(says.2.as_ref().is_some_and(|t| !t.is_empty()).then_some(says));
    }
    match column.read(row) {
        Read::Missing => Ok(None),
        Read::Bad(reason) => Err(reason),
        Read::Value(value, (variable, divisor)) => {
            let value = value / divisor;
            if !variable.is_possible(value) {
                return Err(reason::OUT_OF_RANGE);
            }
            Ok(Some((Arc::clone(&variable.name), Some(value), None, Arc::clone(&variable.unit))))
        }
    }
}

fn row(set: &SetSpec, meta: &Meta, place: PlaceId, says: Says, seen_at: Timestamp) -> Guidance {
    let (variable, value, text, unit) = says;
    Guidance {
        variable,
        period: local_date(meta.issued).year().to_string().into(),
        place,
        source: Arc::clone(&set.source),
        issued_at: meta.issued,
        valid_time: meta.valid,
        member: "".into(),
        value,
        text,
        unit,
        available_at: meta.available,
        ingested_at: seen_at,
    }
}

fn tell(
    column: &Column<'_>,
    rows: &Rows,
    table: &Table,
    meta: &Meta,
    place: &PlaceId,
    reason: &'static str,
    quarantine: &mut Quarantine,
) {
    let row = &table.rows[meta.row];
    let (time, raw) = (rows.time.written(row), column.raw(row));
    let spot = Spot {
        row: row.number,
        place: place.as_str(),
        time: &time,
        field: &column.name,
        raw: &raw,
    };
    let detail = reason::sentence(reason, &column.name, &raw);
    quarantine.one(spot, reason, detail);
}
