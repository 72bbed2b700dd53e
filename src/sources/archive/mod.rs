//! Reads an archive folder by one manifest: file → variable, unit, place, time, lag, checks.
//!
//! There is no parser per file. `data/reference/manifest.toml` says of every set which columns
//! hold what; the code here knows how CSV, times, places, numbers and checks work, and nothing of
//! any single file. One bad cell costs that cell, one bad row that row; every loss is an issue
//! with its raw text and is counted by reason, runs of one kind (a dead sensor, zeros that are
//! missing values, an excluded column) as one issue that carries their number.
//!
//! The order within a file: cells are read (sentinels, order of two columns), dead sensors and
//! missing zeros go, then what is out of range, then doubled keys; what remains is flagged.

pub mod checks;
mod columns;
mod describe;
mod folder;
mod guide;
mod header;
mod lag;
mod manifest;
mod numbers;
mod observe;
mod places;
mod quarantine;
pub mod reason;
mod report;
mod rows;
pub mod rules;
mod series;
pub mod spec;
mod table;
mod times;
mod workbook;

use jiff::Timestamp;

pub use folder::{FileRead, Folder, read_folder};
pub use manifest::{Manifest, Matches};
pub use report::SetReport;
pub use spec::SetSpec;

use self::columns::Column;
use self::quarantine::Quarantine;
use self::spec::{Format, TableKind};
use self::table::Table;
use crate::domain::Variables;
use crate::sources::Parsed;

/// Returns the rows and issues in the bytes of one file of a set, and the counts.
///
/// Pure: `file_name` is the path inside the folder (it is named in issues, and some rules read a
/// date in it), `seen_at` becomes `ingested_at` and `seen_at`.
#[must_use]
pub fn parse_set(
    set: &SetSpec,
    file_name: &str,
    bytes: &[u8],
    catalogue: &Variables,
    seen_at: Timestamp,
) -> (Parsed, SetReport) {
    let mut report = SetReport::new(&set.name, file_name);
    if set.format == Format::PinkSheetXlsx {
        let parsed = workbook::parse(file_name, bytes, catalogue, seen_at);
        return counted(parsed, report);
    }
    let mut quarantine = Quarantine::new(&set.source, file_name, seen_at);
    let table = Table::read(bytes, &mut quarantine);
    report.rows_read = table.rows_read;
    let mut parsed = Parsed::default();
    if !table.rows.is_empty() {
        header::check(set, &table, &mut quarantine);
        if set.table == TableKind::Place {
            parsed.places = describe::places(set, &table, seen_at, &mut quarantine, &mut report);
        } else {
            let target = (&mut parsed, &mut quarantine, &mut report);
            values(set, file_name, &table, catalogue, seen_at, target);
        }
    }
    let (issues, bad, rows_bad) = quarantine.finish();
    parsed.issues = issues;
    report.bad = bad;
    report.rows_bad = rows_bad;
    report.good = parsed.good();
    if set.table != TableKind::Place {
        report.places = parsed.places.len();
        report.good -= report.places;
    }
    report.flagged = parsed.flags();
    (parsed, report)
}

fn values(
    set: &SetSpec,
    file_name: &str,
    table: &Table,
    catalogue: &Variables,
    seen_at: Timestamp,
    (parsed, quarantine, report): (&mut Parsed, &mut Quarantine, &mut SetReport),
) {
    let Some(rows) = rows::read(set, file_name, table, quarantine, report) else { return };
    let columns = Column::all(set, file_name, table, catalogue, quarantine);
    if set.table == TableKind::Guidance {
        parsed.guidance = guide::guidance(set, &columns, &rows, table, seen_at, quarantine, report);
    } else {
        parsed.observations =
            observe::observations(set, &columns, &rows, table, seen_at, quarantine, report);
    }
    parsed.places = describe::of_observations(set, &rows, table, seen_at, quarantine);
}

/// Returns rows that another parser made, with their counts.
fn counted(parsed: Parsed, mut report: SetReport) -> (Parsed, SetReport) {
    report.good = parsed.good();
    report.rows_read = parsed.good();
    report.flagged = parsed.flags();
    for (reason, count) in parsed.reasons() {
        *report.bad.entry(reason.into()).or_default() += count;
    }
    (parsed, report)
}
