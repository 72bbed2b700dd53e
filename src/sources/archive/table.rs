//! CSV bytes become rows of raw cells; what is not a table is told and left out.

use std::io::Cursor;

use csv::{ByteRecord, Position, Reader, ReaderBuilder};

use super::quarantine::{Quarantine, Spot};
use super::reason;

/// After so many broken quotes a file is not CSV, and each of them costs a read to its end.
const BROKEN_QUOTES_MAX: usize = 20;

/// How many bytes are looked at to tell text from other things.
const SNIFF_BYTES: usize = 8192;

/// A data row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Counted from 1 in the order of the file.
    pub number: i64,
    cells: ByteRecord,
}

impl Row {
    /// Returns the bytes of a cell.
    #[must_use]
    pub fn bytes(&self, column: usize) -> &[u8] {
        self.cells.get(column).unwrap_or_default()
    }

    /// Returns the text of a cell, trimmed; `None` when it is not UTF-8.
    #[must_use]
    pub fn text(&self, column: usize) -> Option<&str> {
        std::str::from_utf8(self.bytes(column)).ok().map(str::trim)
    }

    /// Returns the text of a cell for telling: trimmed, what is not UTF-8 replaced.
    #[must_use]
    pub fn raw(&self, column: usize) -> String {
        String::from_utf8_lossy(self.bytes(column)).trim().to_owned()
    }

    /// Returns whether two rows hold the same bytes everywhere but in one column.
    #[must_use]
    pub fn same_but(&self, other: &Self, column: usize) -> bool {
        self.cells.len() == other.cells.len()
            && (0..self.cells.len()).all(|i| i == column || self.cells.get(i) == other.cells.get(i))
    }
}

/// A header and the rows that have as many cells as it.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Column names, trimmed.
    pub header: Vec<String>,
    /// Rows in the order of the file.
    pub rows: Vec<Row>,
    /// How many rows there were, bad ones included.
    pub rows_read: usize,
}

impl Table {
    /// Returns where a column stands.
    #[must_use]
    pub fn index(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|h| h == column)
    }

    /// Returns the table in `bytes`; an empty one (and an issue) when there is none.
    #[must_use]
    pub fn read(bytes: &[u8], quarantine: &mut Quarantine) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if let Some((reason, detail)) = not_a_table(bytes) {
            quarantine.file(reason, "", detail.to_owned());
            return Self::default();
        }
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).from_reader(Cursor::new(bytes));
        let mut table = Self::default();
        table.read_header(&mut reader, quarantine);
        if !table.header.is_empty() {
            table.read_rows(bytes, &mut reader, quarantine);
            if table.rows_read == 0 {
                let detail = "the file has a header and no rows".to_owned();
                quarantine.file(reason::NO_ROWS, "", detail);
            }
        }
        table
    }

    fn read_header(&mut self, reader: &mut Reader<Cursor<&[u8]>>, quarantine: &mut Quarantine) {
        let mut record = ByteRecord::new();
        if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
            quarantine.file(reason::EMPTY_FILE, "", "the file holds no rows at all".to_owned());
            return;
        }
        self.header = record.iter().map(|c| String::from_utf8_lossy(c).trim().to_owned()).collect();
        for (i, name) in self.header.iter().enumerate() {
            if self.header[..i].contains(name) {
                let detail =
                    format!("column {name:?} stands twice in the header; the first is used");
                quarantine.file(reason::DOUBLED_COLUMN, name, detail);
            }
        }
    }

    fn read_rows(
        &mut self,
        bytes: &[u8],
        reader: &mut Reader<Cursor<&[u8]>>,
        quarantine: &mut Quarantine,
    ) {
        let mut broken = 0;
        let mut record = ByteRecord::new();
        loop {
            let start = reader.position().byte();
            if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
                return;
            }
            self.rows_read += 1;
            let number = i64::try_from(self.rows_read).unwrap_or(i64::MAX);
            if record.as_slice().contains(&b'\n') {
                broken += 1;
                let next = tell_broken_quote(bytes, start, number, quarantine);
                if broken > BROKEN_QUOTES_MAX || reader.seek(next).is_err() {
                    let detail = format!(
                        "more than {BROKEN_QUOTES_MAX} broken quotes: the rest is not read"
                    );
                    quarantine.file(reason::BROKEN_QUOTE, "", detail);
                    return;
                }
            } else if record.len() == self.header.len() {
                self.rows.push(Row { number, cells: std::mem::take(&mut record) });
            } else {
                let (found, wanted) = (record.len(), self.header.len());
                let raw = String::from_utf8_lossy(record.as_slice()).into_owned();
                let detail = format!("the row has {found} cells, the header has {wanted}");
                let spot = Spot { row: number, raw: &raw, ..Spot::default() };
                quarantine.one(spot, reason::WRONG_CELL_COUNT, detail);
            }
        }
    }
}

/// Tells a row that swallows the lines after it, and returns where the next line starts.
fn tell_broken_quote(
    bytes: &[u8],
    start: u64,
    number: i64,
    quarantine: &mut Quarantine,
) -> Position {
    let from = usize::try_from(start).unwrap_or(bytes.len()).min(bytes.len());
    // The position before a record may still stand on the line end of the one before.
    let blank = bytes[from..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let line = &bytes[from + blank..];
    let length = line.iter().position(|b| *b == b'\n').map_or(line.len(), |n| n + 1);
    let raw = String::from_utf8_lossy(&line[..length]).trim().to_owned();
    let detail =
        "a quotation mark is opened and not closed on its line; this line is left out".to_owned();
    let spot = Spot { row: number, raw: &raw, ..Spot::default() };
    quarantine.one(spot, reason::BROKEN_QUOTE, detail);
    let mut next = Position::new();
    next.set_byte((from + blank + length) as u64);
    next
}

/// Returns why the bytes are not a table of text, if they are not.
fn not_a_table(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Some((reason::EMPTY_FILE, "the file is empty"));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Some((reason::NOT_TEXT, "the file is UTF-16; save it as UTF-8 CSV"));
    }
    let head = &bytes[..bytes.len().min(SNIFF_BYTES)];
    if head.contains(&0) {
        return Some((reason::NOT_TEXT, "the file is not text (it holds zero bytes)"));
    }
    if head.trim_ascii_start().first() == Some(&b'<') {
        return Some((reason::NOT_TEXT, "the file is a web page, not a CSV table"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Table, Vec<String>) {
        let mut quarantine =
            Quarantine::new(&"test.archive".into(), "a.csv", jiff::Timestamp::UNIX_EPOCH);
        let table = Table::read(bytes, &mut quarantine);
        let reasons = quarantine.finish().0.iter().map(|i| i.reason.to_string()).collect();
        (table, reasons)
    }

    #[test]
    fn an_open_quote_costs_its_own_line_only() {
        let (table, reasons) = read(b"a,b\n1,2\n3,\"4\n5,6\r\n\n7,\"8,9\"\n");
        assert_eq!(reasons, ["broken_quote"]);
        let rows: Vec<_> = table.rows.iter().map(|r| (r.number, r.raw(0), r.raw(1))).collect();
        let row = |n, a: &str, b: &str| (n, a.to_owned(), b.to_owned());
        assert_eq!(rows, [row(1, "1", "2"), row(3, "5", "6"), row(4, "7", "8,9")]);
    }

    #[test]
    fn a_file_of_open_quotes_ends() {
        let bytes = "a,b\n".to_owned() + &"\"x,1\n".repeat(100_001);
        let (table, reasons) = read(bytes.as_bytes());
        assert!(table.rows.is_empty());
        assert_eq!(reasons.len(), BROKEN_QUOTES_MAX + 2);
    }

    #[test]
    fn what_is_not_a_table_is_named() {
        assert_eq!(read(b"").1, ["empty_file"]);
        assert_eq!(read(b" \n\n").1, ["empty_file"]);
        assert_eq!(read(b"a,b\n").1, ["no_rows"]);
        assert_eq!(read(b"\xff\xfea\0,\0").1, ["not_text"]);
        assert_eq!(read(b"PK\x03\x04\0\0\0").1, ["not_text"]);
        assert_eq!(read(b"<!DOCTYPE html><html>").1, ["not_text"]);
        assert_eq!(read(b"a,b\n1\n1,2,3\n").1, ["wrong_cell_count", "wrong_cell_count"]);
        assert_eq!(read(b"\xef\xbb\xbfa,b\n1,2\n").0.header, ["a", "b"]);
    }
}
