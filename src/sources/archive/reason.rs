//! The short stable words of the archive's issues, for counting.

/// The file holds no bytes.
pub const EMPTY_FILE: &str = "empty_file";
/// The file has a header and no rows.
pub const NO_ROWS: &str = "no_rows";
/// The bytes are not UTF-8 text.
pub const NOT_TEXT: &str = "not_text";
/// The file could not be read from the disk.
pub const UNREADABLE: &str = "unreadable";
/// The file is larger than any archive file may be.
pub const TOO_LARGE: &str = "too_large";
/// The manifest does not know the file.
pub const UNKNOWN_FILE: &str = "unknown_file";
/// The manifest's file is not in the folder.
pub const MISSING_FILE: &str = "missing_file";
/// The manifest does not know the column.
pub const UNKNOWN_COLUMN: &str = "unknown_column";
/// The manifest's column is not in the file.
pub const MISSING_COLUMN: &str = "missing_column";
/// The column is there twice.
pub const DOUBLED_COLUMN: &str = "doubled_column";
/// The manifest speaks of a variable or unit that the catalogue does not know.
pub const MANIFEST: &str = "manifest";
/// A row has more or fewer cells than the header.
pub const WRONG_CELL_COUNT: &str = "wrong_cell_count";
/// A quotation mark is opened and not closed on its line.
pub const BROKEN_QUOTE: &str = "broken_quote";
/// A cell is not UTF-8.
pub const WRONG_ENCODING: &str = "wrong_encoding";
/// A time cannot be read.
pub const BAD_TIME: &str = "bad_time";
/// A place is empty or not one of those there can be.
pub const UNKNOWN_PLACE: &str = "unknown_place";
/// The unit named in the row has no variable.
pub const UNKNOWN_UNIT: &str = "unknown_unit";
/// A number's unit cannot be told from the way it is written.
pub const UNIT_UNCLEAR: &str = "unit_unclear";
/// The cell is not a number.
pub const NOT_A_NUMBER: &str = "not_a_number";
/// The number is a stated mark for "missing".
pub const SENTINEL: &str = "sentinel";
/// The zero is a missing value.
pub const ZERO_AS_MISSING: &str = "zero_as_missing";
/// The constant comes from a dead sensor.
pub const DEAD_SENSOR: &str = "dead_sensor";
/// The value is outside its physical range.
pub const OUT_OF_RANGE: &str = "out_of_range";
/// Two cells of the row contradict each other.
pub const INCONSISTENT: &str = "inconsistent";
/// Two rows say different things about the same place and time.
pub const DUPLICATE_CONFLICT: &str = "duplicate_conflict";
/// The manifest forbids the use of the column or row.
pub const EXCLUDED: &str = "excluded";

/// Returns one sentence on why a single cell is not used.
#[must_use]
pub fn sentence(reason: &str, column: &str, raw: &str) -> String {
    let why = match reason {
        SENTINEL => "a stated mark for a missing value",
        NOT_A_NUMBER => "not a number",
        INCONSISTENT => "in contradiction to another column of its row; neither is kept",
        WRONG_ENCODING => "not UTF-8 text",
        UNKNOWN_UNIT => "in a unit that the manifest does not know",
        UNIT_UNCLEAR => "in a unit that its writing does not tell (dong or thousand dong)",
        OUT_OF_RANGE => "outside what is physically possible",
        DUPLICATE_CONFLICT => "in contradiction to another row of its place and time; none is kept",
        _ => "not usable",
    };
    format!("{raw:?} in column {column:?} is {why}")
}
