//! The Pink Sheet's workbook: sheet "Monthly Prices", months down, series across.
//!
//! Rows are not at fixed numbers: the row of names is found by the names, the units stand below it.
//! Names bear stars and blanks; a missing price is `…`, `..`, `...` or an empty cell.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday, time as clock_time};

use crate::domain::{PlaceId, place::slug, time};
use crate::sources::gather::{At, Column, Gather, ParseContext};
use crate::sources::parsed::Parsed;

/// The sheet that holds the prices.
const SHEET: &str = "Monthly Prices";

/// The row of names is among the first rows.
const HEADER_ROWS_MAX: u32 = 20;

/// Bounds on what is read: 91 columns and 800 rows today. A broken or hostile workbook may claim
/// millions, and each would be a cell in memory.
const COLUMNS_MAX: u32 = 400;
const ROWS_MAX: u32 = 5_000;

/// The series read (names without stars) and the unit each is documented in.
pub const SERIES: [(&str, &str); 21] = [
    ("Banana, US", "$/kg"),
    ("Coconut oil", "$/mt"),
    ("Coffee, Robusta", "$/kg"),
    ("Crude oil, Brent", "$/bbl"),
    ("DAP", "$/mt"),
    ("Fish meal", "$/mt"),
    ("Maize", "$/mt"),
    ("Orange", "$/kg"),
    ("Palm oil", "$/mt"),
    ("Phosphate rock", "$/mt"),
    ("Potassium chloride", "$/mt"),
    ("Rice, Thai 25%", "$/mt"),
    ("Rice, Thai 5%", "$/mt"),
    ("Rice, Thai A.1", "$/mt"),
    ("Rice, Viet Namese 5%", "$/mt"),
    ("Shrimps, Mexican", "$/kg"),
    ("Soybean meal", "$/mt"),
    ("Sugar, world", "$/kg"),
    ("TSP", "$/mt"),
    ("Urea", "$/mt"),
    ("Wheat, US HRW", "$/mt"),
];

/// What a cell holds, as far as it matters here.
#[derive(Debug, Clone, PartialEq)]
enum Held {
    Number(f64),
    Text(String),
}

type Rows = BTreeMap<u32, BTreeMap<u32, Held>>;

/// Returns the monthly prices of [`SERIES`] in a workbook, nominal US dollars.
#[must_use]
pub fn parse(bytes: &[u8], context: &ParseContext) -> Parsed {
    let mut gather = Gather::new(context, super::PROMISE.id);
    match read_sheet(bytes) {
        Ok(rows) => read_rows(&rows, bytes, &mut gather),
        Err(reason) => gather.unreadable(&reason, &bytes[..bytes.len().min(4)]),
    }
    gather.finish()
}

/// Returns the filled cells of the sheet by row and column, both counted from 0.
///
/// Cells are streamed, so that the sheet's stated size (which may be a lie) reserves nothing.
fn read_sheet(bytes: &[u8]) -> Result<Rows, String> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let mut cells = workbook.worksheet_cells_reader(SHEET).map_err(|e| e.to_string())?;
    let mut rows = Rows::new();
    while let Some(cell) = cells.next_cell().map_err(|e| e.to_string())? {
        let (row, column) = cell.get_position();
        let held = match cell.get_value() {
            DataRef::Float(number) => Held::Number(*number),
            #[allow(clippy::cast_precision_loss, reason = "prices are far below 2^52")]
            DataRef::Int(number) => Held::Number(*number as f64),
            DataRef::String(text) => Held::Text(text.clone()),
            DataRef::SharedString(text) => Held::Text((*text).to_owned()),
            DataRef::Empty => continue,
            other => Held::Text(format!("{other:?}")),
        };
        if row >= ROWS_MAX || column >= COLUMNS_MAX {
            return Err(format!("a cell at row {row}, column {column} is out of all proportion"));
        }
        rows.entry(row).or_default().insert(column, held);
    }
    Ok(rows)
}

fn read_rows(rows: &Rows, bytes: &[u8], gather: &mut Gather<'_>) {
    let Some((header_row, columns)) = find_header(rows) else {
        gather.unreadable("no row names any of the series", &bytes[..bytes.len().min(4)]);
        return;
    };
    let units = rows.get(&(header_row + 1));
    for (series, documented) in SERIES {
        let Some(column) = columns.get(series) else {
            gather.note(series, "field_missing", "the workbook has no such series", "");
            continue;
        };
        let unit = match units.and_then(|u| u.get(column)) {
            Some(Held::Text(text)) => Some(text.trim().trim_matches(['(', ')'])),
            _ => None,
        };
        let variable = match unit {
            Some("$/kg") => "price_usd_kg",
            Some("$/bbl") => "price_usd_bbl",
            _ => "price_usd_t",
        };
        let Some(mapped) = gather.column(series, variable, unit, documented) else { continue };
        let Ok(place) = PlaceId::new("world", &slug(series)) else { continue };
        for (row, cells) in rows.range(header_row + 2..) {
            read_cell((cells, *row, *column), &mapped, &place, gather);
        }
    }
}

/// Returns the row that names series and the columns of the ones we read.
fn find_header(rows: &Rows) -> Option<(u32, BTreeMap<&'static str, u32>)> {
    let named = |(row, cells): (&u32, &BTreeMap<u32, Held>)| {
        let columns: BTreeMap<_, _> = cells
            .iter()
            .filter_map(|(column, held)| {
                let Held::Text(text) = held else { return None };
                let name = plain_name(text);
                let (series, _) = SERIES.iter().find(|(series, _)| *series == name)?;
                Some((*series, *column))
            })
            .collect();
        (*row, columns)
    };
    rows.range(..HEADER_ROWS_MAX)
        .map(named)
        .filter(|(_, columns)| !columns.is_empty())
        .max_by_key(|(row, columns)| (columns.len(), std::cmp::Reverse(*row)))
}

/// Returns a series name without footnote stars and doubled blanks.
fn plain_name(text: &str) -> String {
    text.replace('*', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn read_cell(
    (cells, row, column): (&BTreeMap<u32, Held>, u32, u32),
    mapped: &Column,
    place: &PlaceId,
    gather: &mut Gather<'_>,
) {
    let month = match cells.get(&0) {
        Some(Held::Text(text)) => text.trim(),
        _ => "",
    };
    let raw = match cells.get(&column) {
        None => return,
        Some(Held::Text(text)) if is_missing(text) => return,
        Some(held) => held,
    };
    let cell = At { row: row as usize + 1, place, time: month };
    let Some((valid_time, told)) = month_of(month).and_then(times) else {
        // Footnotes below the table stand in the first column only; a price beside them does not.
        gather.reject(cell, &mapped.field, month, "bad_time", "not a month of the form 1960M01");
        return;
    };
    let value = match raw {
        Held::Number(number) => gather.in_range(mapped, cell, *number),
        Held::Text(text) => {
            gather.reject(cell, &mapped.field, text, "not_a_number", "a number was expected");
            None
        }
    };
    if let Some(value) = value {
        gather.observe(&mapped.variable, place, valid_time, value, told);
    }
}

fn is_missing(text: &str) -> bool {
    matches!(text.trim(), "" | "…" | ".." | "..." | "n.a." | "-")
}

/// Returns the first day of a month written `1960M01`.
#[must_use]
pub fn month_of(text: &str) -> Option<Date> {
    let (year, month) = text.split_once('M')?;
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
}

/// Returns the start of a month and when its price is told.
fn times(month: Date) -> Option<(Timestamp, Timestamp)> {
    Some((time::day_start(month).ok()?, published_at(month)?))
}

/// Returns when the price of a month is usually published: on the second working day of the next
/// month in Washington, which is the morning after here.
#[must_use]
pub fn published_at(month: Date) -> Option<Timestamp> {
    let next = month.last_of_month().tomorrow().ok()?;
    let working = |date: &Date| !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
    let second = (0..7).map(|days| time::add_days(next, days)).filter(working).nth(1)?;
    time::local_instant(time::add_days(second, 1), clock_time(7, 0, 0, 0)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_months_price_is_known_after_the_second_working_day() {
        // 1 March 2026 is a Sunday: working days are the 2nd and the 3rd.
        let told = published_at(date(2026, 2, 1)).unwrap();
        assert_eq!(told.to_string(), "2026-03-04T00:00:00Z");
        let told = published_at(date(2020, 12, 1)).unwrap();
        assert_eq!(time::local_date(told), date(2021, 1, 5));
    }

    #[test]
    fn months_and_names_are_read_strictly() {
        assert_eq!(month_of("1960M01"), Some(date(1960, 1, 1)));
        for bad in ["1960M13", "1960-01", "60M01", "1960M1", "1960M001", ""] {
            assert_eq!(month_of(bad), None, "{bad} was read");
        }
        assert_eq!(plain_name(" Potassium  chloride ** "), "Potassium chloride");
    }
}
