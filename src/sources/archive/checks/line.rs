//! Values that lie on an exact straight line were filled in by somebody.

use std::ops::Range;

use super::Reading;
use crate::sources::archive::spec::LineRule;

/// Returns the insides of straight lines: the two ends are the measurements the line was drawn
/// between. Constant stretches are not lines (see `flat`), and a line does not cross a gap.
#[must_use]
pub fn filled(readings: &[Reading], rule: LineRule) -> Vec<Range<usize>> {
    let step = |i: usize| (readings[i + 1].value - readings[i].value, gap(readings, i));
    let mut lines = Vec::new();
    let mut start = 0;
    while start + 1 < readings.len() {
        let (rise, pace) = step(start);
        let mut end = start + 1;
        while end + 1 < readings.len() && {
            let (next_rise, next_pace) = step(end);
            (next_rise - rise).abs() <= rule.tolerance && next_pace == pace
        } {
            end += 1;
        }
        if end - start + 1 >= rule.points.max(3) && rise.abs() > rule.tolerance {
            lines.push(start + 1..end);
        }
        start = end;
    }
    lines
}

fn gap(readings: &[Reading], i: usize) -> i64 {
    readings[i + 1].at.duration_since(readings[i].at).as_secs()
}

#[cfg(test)]
mod tests {
    use super::super::{only, series};
    use super::*;

    const RULE: LineRule = LineRule { points: 5, tolerance: 1e-9 };

    #[test]
    fn the_inside_of_a_line_is_filled_its_ends_are_not() {
        let readings = series(1440, &[9.0, 1.0, 1.1, 1.2, 1.3, 1.4, 0.0]);
        assert_eq!(filled(&readings, RULE), only(2..5));
    }

    #[test]
    fn short_lines_constants_and_gaps_are_not_lines() {
        assert!(filled(&series(1440, &[1.0, 2.0, 3.0, 4.0, 0.0]), RULE).is_empty());
        assert!(filled(&series(1440, &[2.0; 9]), RULE).is_empty());
        let mut gapped = series(1440, &[1.0, 2.0, 3.0, 4.0, 5.0]);
        gapped[4].at += jiff::SignedDuration::from_hours(24);
        assert!(filled(&gapped, RULE).is_empty());
        assert!(filled(&[], RULE).is_empty());
    }
}
