//! Pictures drawn on the server: the three answers, and the salinity of the week as a strip.

use std::fmt::Write as _;

use super::words::Talk;
use crate::publish::today::{Answer, DayAhead};

/// Width and height of the strip (user units; 1 unit is about 1 px on a narrow phone).
const SIZE: (f64, f64) = (320.0, 190.0);
/// Room above for the limit's name and below for the days.
const MARGIN: (f64, f64) = (26.0, 40.0);

/// Returns the sign of an answer: a tick, a dipstick, a crossed gate. Shapes, not only colours, tell
/// them apart.
pub(super) fn sign(answer: Option<Answer>) -> &'static str {
    match answer {
        Some(Answer::Take) => {
            r#"<svg viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="21" fill="none" stroke="currentColor" stroke-width="5"/><path d="M13 25l8 8 15-17" fill="none" stroke="currentColor" stroke-width="6"/></svg>"#
        }
        Some(Answer::Test) => {
            r#"<svg viewBox="0 0 48 48" aria-hidden="true"><path d="M24 4L46 44H2z" fill="none" stroke="currentColor" stroke-width="5" stroke-linejoin="round"/><path d="M24 17v14m0 4v5" stroke="currentColor" stroke-width="5"/></svg>"#
        }
        Some(Answer::Shut) => {
            r#"<svg viewBox="0 0 48 48" aria-hidden="true"><path d="M15 3h18l12 12v18L33 45H15L3 33V15z" fill="none" stroke="currentColor" stroke-width="5"/><path d="M15 15l18 18m0-18L15 33" stroke="currentColor" stroke-width="6"/></svg>"#
        }
        None => {
            r#"<svg viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="21" fill="none" stroke="currentColor" stroke-width="5"/><path d="M24 21v14m0-24v5" stroke="currentColor" stroke-width="5"/></svg>"#
        }
    }
}

/// Returns the strip: for each day a bar from the lower to the upper end, its middle, and the limit
/// across. Nothing for no days.
pub(super) fn strip(w: Talk, days: &[DayAhead]) -> String {
    let Some(last) = days.last() else { return String::new() };
    let top = days.iter().map(|d| d.high.max(d.limit)).fold(0.0, f64::max) * 1.05;
    if !(top.is_finite() && top > 0.0) {
        return String::new();
    }
    let floor = SIZE.1 - MARGIN.1;
    let y = |value: f64| floor - (floor - MARGIN.0) * (value / top).clamp(0.0, 1.0);
    #[expect(clippy::cast_precision_loss, reason = "seven days")]
    let step = SIZE.0 / days.len() as f64;
    let mut svg = format!(
        r#"<svg class="strip" viewBox="0 0 {} {}" role="img" aria-label="{}">"#,
        SIZE.0,
        SIZE.1,
        w.t("week-picture"),
    );
    let _ = write!(svg, r#"<path class="axis" d="M0 {floor}H{}"/>"#, SIZE.0);
    let mut middle = step / 2.0;
    for day in days {
        let (low, mid, high) = (y(day.low), y(day.mid), y(day.high));
        let _ = write!(
            svg,
            r#"<rect class="band" x="{:.1}" y="{high:.1}" width="20" height="{:.1}"/><rect class="mid" x="{:.1}" y="{:.1}" width="28" height="5"/><text x="{middle:.1}" y="{}" text-anchor="middle">{}<tspan x="{middle:.1}" dy="17">{}</tspan></text>"#,
            middle - 10.0,
            (low - high).max(2.0),
            middle - 14.0,
            mid - 2.5,
            floor + 17.0,
            w.weekday(day.day),
            day.day.day(),
        );
        middle += step;
    }
    // One line where the limit is one, a step where the stage changes it.
    let mut from = 0.0;
    for day in days {
        let (y, to) = (y(day.limit), from + step);
        let _ = write!(svg, r#"<path class="lim" d="M{from:.1} {y:.1}H{to:.1}"/>"#);
        from = to;
    }
    let limit = w.say("week-limit", &[("limit", &w.figure(last.limit))]);
    // Its name stands above the picture, where no bar reaches.
    let _ =
        write!(svg, r#"<path class="lim" d="M0 11H36"/><text x="42" y="16">{limit}</text></svg>"#);
    svg
}

#[cfg(test)]
mod tests {
    use super::super::words::Lang;
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_strip_has_a_bar_a_day_and_stays_in_its_frame() {
        let day = |n: i8, high: f64| DayAhead {
            day: date(2010, 2, n),
            low: 0.1,
            mid: 0.4,
            high,
            limit: 1.0,
            usable: Some(0.5),
        };
        let days = [day(1, 0.5), day(2, 30.0), day(3, 0.2)];
        let svg = strip(Talk(Lang::Vi), &days);
        assert_eq!(svg.matches("class=\"band\"").count(), 3);
        assert!(svg.contains("mức chịu 1‰") && !svg.contains("NaN") && !svg.contains("=\"-"));
        assert_eq!(strip(Talk(Lang::Vi), &[]), "");
        let nought = DayAhead { high: 0.0, limit: 0.0, ..days[0] };
        assert_eq!(strip(Talk(Lang::Vi), &[nought]), "");
    }
}
