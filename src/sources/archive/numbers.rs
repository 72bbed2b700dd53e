//! How the archive's cells are written, and the few conversions into canonical units.

use super::reason;
use super::spec::Number;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    /// Nothing: missing and said so.
    Empty,
    /// A number, in the column's unit.
    Value(f64),
    /// Something that is not one, with the reason.
    Bad(&'static str),
}

/// The 16 points of the compass, clockwise from north, 22.5 degrees each.
const COMPASS: [&str; 16] = [
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW",
    "NNW",
];

/// Returns the divisor from a column's unit to a variable's, if the two are known to convert.
#[must_use]
pub fn divisor(from: &str, to: &str) -> Option<f64> {
    match (from, to) {
        _ if from == to => Some(1.0),
        ("km/h", "m/s") => Some(3.6),
        // A tạ (quintal) is 100 kg.
        ("ta/ha" | "q/ha", "t/ha") => Some(10.0),
        _ => None,
    }
}

/// Returns what the text of a cell holds.
#[must_use]
pub fn read(text: &str, number: Number, bare_is_thousands: bool) -> Cell {
    let text = text.trim();
    if text.is_empty() {
        return Cell::Empty;
    }
    match number {
        Number::Plain => finite(text),
        Number::DotThousands => dot_thousands(text, bare_is_thousands),
        Number::Compass => COMPASS
            .iter()
            .zip(0_u8..)
            .find(|(point, _)| point.eq_ignore_ascii_case(text))
            .map_or(Cell::Bad(reason::NOT_A_NUMBER), |(_, i)| Cell::Value(f64::from(i) * 22.5)),
        Number::Text => Cell::Bad(reason::NOT_A_NUMBER),
    }
}

fn finite(text: &str) -> Cell {
    // Rust also reads "inf", "infinity" and "nan"; none of them is a measurement.
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Cell::Value(value),
        _ => Cell::Bad(reason::NOT_A_NUMBER),
    }
}

/// Returns `15.000` as 15,000 and a bare `85` as 85,000 where the row is known to count in
/// thousands; elsewhere a bare number below 1,000 could be either, so it is refused.
fn dot_thousands(text: &str, bare_is_thousands: bool) -> Cell {
    let groups: Vec<&str> = text.split('.').collect();
    let digits = |g: &&str| !g.is_empty() && g.bytes().all(|b| b.is_ascii_digit());
    if !groups.iter().all(digits) {
        return Cell::Bad(reason::NOT_A_NUMBER);
    }
    let grouped = groups.len() > 1;
    if grouped && (groups[0].len() > 3 || groups[1..].iter().any(|g| g.len() != 3)) {
        return Cell::Bad(reason::UNIT_UNCLEAR);
    }
    match groups.concat().parse::<f64>() {
        Ok(value) if grouped || value >= 1000.0 => Cell::Value(value),
        Ok(value) if bare_is_thousands => Cell::Value(value * 1000.0),
        Ok(_) => Cell::Bad(reason::UNIT_UNCLEAR),
        Err(_) => Cell::Bad(reason::NOT_A_NUMBER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dong_are_read_with_dots_and_bare_thousands_only_where_known() {
        let read = |text, bare| read(text, Number::DotThousands, bare);
        assert_eq!(read("15.000", false), Cell::Value(15_000.0));
        assert_eq!(read("1.250.000", false), Cell::Value(1_250_000.0));
        assert_eq!(read("85", true), Cell::Value(85_000.0));
        assert_eq!(read("85", false), Cell::Bad(reason::UNIT_UNCLEAR));
        assert_eq!(read("85.5", true), Cell::Bad(reason::UNIT_UNCLEAR));
        assert_eq!(read("1,5", true), Cell::Bad(reason::NOT_A_NUMBER));
    }

    #[test]
    fn words_for_infinity_are_not_numbers() {
        for text in ["nan", "inf", "-Infinity", "1e999", "--", "1,234", "0x10"] {
            assert_eq!(read(text, Number::Plain, false), Cell::Bad(reason::NOT_A_NUMBER), "{text}");
        }
        assert_eq!(read(" -0.5 ", Number::Plain, false), Cell::Value(-0.5));
        assert_eq!(read("  ", Number::Plain, false), Cell::Empty);
    }

    #[test]
    fn the_compass_runs_clockwise_from_north() {
        for (text, degrees) in [("N", 0.0), ("NNE", 22.5), ("e", 90.0), ("NNW", 337.5)] {
            assert_eq!(read(text, Number::Compass, false), Cell::Value(degrees));
        }
        assert_eq!(read("NX", Number::Compass, false), Cell::Bad(reason::NOT_A_NUMBER));
    }
}
