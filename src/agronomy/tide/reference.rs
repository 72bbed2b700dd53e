//! The harmonic constants that ship with Muavu: Vũng Tàu, TICON-4, CC BY 4.0.

use std::sync::LazyLock;

use super::{TideConstant, TideModel};
use crate::agronomy::AgronomyError;

/// The table as text; its head says where it is from.
const VUNG_TAU_CSV: &str = include_str!("../../../data/reference/tide_vung_tau.csv");

#[expect(clippy::expect_used, reason = "the embedded table is read by a test")]
static VUNG_TAU: LazyLock<TideModel> = LazyLock::new(|| {
    let constants = parse_constants(VUNG_TAU_CSV).expect("the embedded table is read by a test");
    TideModel::from_constants(&constants).expect("the embedded table is read by a test")
});

/// Returns the tide at Vũng Tàu (10.34° N, 107.072° E), the gauge nearest the Mekong's mouths.
///
/// Levels are relative to the mean sea level of 2007–2025. The river feels this tide later and
/// weaker with every kilometre; features learn that from data.
#[must_use]
pub fn vung_tau() -> &'static TideModel {
    &VUNG_TAU
}

/// Reads a table of harmonic constants: comment lines from `#`, one header, then
/// `constituent,amplitude_m,phase_greenwich_deg,source`.
///
/// # Errors
/// [`AgronomyError::Table`] with the line number when a line has other fields.
pub fn parse_constants(text: &str) -> Result<Vec<TideConstant<'_>>, AgronomyError> {
    const HEADER: &str = "constituent,amplitude_m,phase_greenwich_deg,source";
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line.trim_end()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    match lines.next() {
        Some((_, HEADER)) => {}
        other => {
            let (line, found) = other.unwrap_or((1, ""));
            return Err(AgronomyError::Table {
                line,
                reason: format!("header is {found:?}: allowed is {HEADER:?}"),
            });
        }
    }
    lines.map(|(line, text)| parse_line(line, text)).collect()
}

fn parse_line(line: usize, text: &str) -> Result<TideConstant<'_>, AgronomyError> {
    let fail = |reason: String| AgronomyError::Table { line, reason };
    let fields: Vec<&str> = text.split(',').collect();
    let [name, amplitude, phase, _source] = fields[..] else {
        return Err(fail(format!("{} fields: allowed are 4", fields.len())));
    };
    let number = |field: &str| {
        field.parse::<f64>().map_err(|e| fail(format!("{field:?} is no number: {e}")))
    };
    Ok((name, number(amplitude)?, number(phase)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_table_has_all_fifty_constituents() {
        assert_eq!(vung_tau().len(), 50);
    }

    #[test]
    fn broken_lines_are_named() {
        let head = "constituent,amplitude_m,phase_greenwich_deg,source\n";
        for (text, line) in [
            ("M2,1,2\n".to_owned(), 1),
            (format!("{head}M2,1\n"), 2),
            (format!("# note\n{head}M2,0.7,190,x\nS2,wide,1,x\n"), 4),
            (String::new(), 1),
        ] {
            match parse_constants(&text) {
                Err(AgronomyError::Table { line: found, .. }) => assert_eq!(found, line, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
