//! The console's drawings as SVG: colours come from the style sheet, so that they follow the reader's
//! light or dark; every drawing has a title, and its numbers stand in a table beside it.

use std::fmt::Write as _;

use jiff::civil::Date;

use crate::domain::time::days_between;

/// Width and height (user units), and the room for axes: left, right, top, bottom.
const SIZE: (f64, f64) = (640.0, 260.0);
const ROOM: (f64, f64, f64, f64) = (44.0, 12.0, 12.0, 30.0);

/// Our forecast of a day: the quantiles 5, 10, 25, 50, 75, 90, 95 %.
pub type Day = (Date, [f64; 7]);

/// A named line of points.
pub struct Line {
    /// Its class in the style sheet.
    pub class: &'static str,
    /// Its points.
    pub points: Vec<(Date, f64)>,
}

/// A fan over days with what was measured before, the baselines, and the limits.
pub struct Fan<'a> {
    /// What it shows, for those who cannot see it.
    pub title: &'a str,
    /// Our forecast, in the order of days.
    pub days: &'a [Day],
    /// Measurements and baselines.
    pub lines: &'a [Line],
    /// The limits of the rule.
    pub limits: &'a [f64],
}

impl Fan<'_> {
    /// Returns the drawing; empty without any point.
    pub fn svg(&self) -> String {
        let dates = || {
            let lines = self.lines.iter().flat_map(|l| l.points.iter().map(|p| p.0));
            self.days.iter().map(|d| d.0).chain(lines)
        };
        let (Some(first), Some(last)) = (dates().min(), dates().max()) else {
            return String::new();
        };
        let (bottom, top) = self.range();
        let plot = Plot { first, days: days_between(first, last).max(1) as f64, bottom, top };
        let mut svg = plot.open(self.title);
        for (low, high, class) in [(0, 6, "band b90"), (1, 5, "band b80"), (2, 4, "band b50")] {
            let up = self.days.iter().map(|(day, q)| plot.at(*day, q[high]));
            let down = self.days.iter().rev().map(|(day, q)| plot.at(*day, q[low]));
            let points: Vec<String> = up.chain(down).collect();
            let _ = write!(svg, r#"<polygon class="{class}" points="{}"/>"#, points.join(" "));
        }
        for limit in self.limits {
            let (left, right) = (plot.at(first, *limit), plot.at(last, *limit));
            let _ = write!(svg, r#"<polyline class="limit" points="{left} {right}"/>"#);
        }
        for line in self.lines {
            let points: Vec<String> = line.points.iter().map(|(d, v)| plot.at(*d, *v)).collect();
            let _ = write!(
                svg,
                r#"<polyline class="line {}" points="{}"/>"#,
                line.class,
                points.join(" ")
            );
        }
        let median: Vec<String> = self.days.iter().map(|(d, q)| plot.at(*d, q[3])).collect();
        let _ = write!(svg, r#"<polyline class="line median" points="{}"/>"#, median.join(" "));
        svg + "</svg>"
    }
}

impl Fan<'_> {
    /// Returns the ends of the vertical axis. It begins at zero, unless all that is shown lies far from
    /// it (a price, a temperature) or some lies below it (a river under its gauge's zero).
    fn range(&self) -> (f64, f64) {
        let lines = self.lines.iter().flat_map(|l| l.points.iter().map(|p| p.1));
        let ends = self.days.iter().flat_map(|d| [d.1[0], d.1[6]]);
        let all = || ends.clone().chain(lines.clone()).chain(self.limits.iter().copied());
        let low = all().fold(f64::INFINITY, f64::min);
        let high = all().fold(f64::NEG_INFINITY, f64::max);
        let air = 0.05 * (high - low).max(1e-6);
        let bottom = if low < 0.0 || low > 0.5 * high { low - air } else { 0.0 };
        (bottom, high + air)
    }
}

/// Where numbers stand in a drawing.
struct Plot {
    first: Date,
    days: f64,
    bottom: f64,
    top: f64,
}

impl Plot {
    fn point(&self, day: Date, value: f64) -> (f64, f64) {
        let (left, right, top, bottom) = ROOM;
        let (width, height) = (SIZE.0 - left - right, SIZE.1 - top - bottom);
        let x = left + width * days_between(self.first, day) as f64 / self.days;
        (x, top + height * (self.top - value) / (self.top - self.bottom))
    }

    fn at(&self, day: Date, value: f64) -> String {
        let (x, y) = self.point(day, value);
        format!("{x:.1},{y:.1}")
    }

    fn open(&self, title: &str) -> String {
        let (width, height) = SIZE;
        let mut svg = format!(
            r#"<svg class="fan" viewBox="0 0 {width} {height}" role="img"><title>{}</title>"#,
            escaped(title)
        );
        for k in 0..=4 {
            let value = self.bottom + (self.top - self.bottom) * f64::from(k) / 4.0;
            let (x, y) = self.point(self.first, value);
            let _ = write!(
                svg,
                r#"<line class="grid" x1="{x:.1}" x2="{:.1}" y1="{y:.1}" y2="{y:.1}"/><text x="{:.1}" y="{:.1}" class="end">{}</text>"#,
                SIZE.0 - ROOM.1,
                x - 5.0,
                y + 4.0,
                super::words::amount(value),
            );
        }
        let every = (self.days / 8.0).ceil().max(1.0);
        let mut day = 0.0;
        while day <= self.days {
            let date = crate::domain::time::add_days(self.first, day as i64);
            let (x, _) = self.point(date, self.bottom);
            let _ = write!(
                svg,
                r#"<text x="{x:.1}" y="{:.1}" class="mid">{}</text>"#,
                height - 10.0,
                date.strftime("%d/%m")
            );
            day += every;
        }
        svg
    }
}

/// A commune on the map.
pub struct Dot {
    /// Degrees north and east.
    pub at: (f64, f64),
    /// Its class: the urgency of what is said there, `none`, or `station`.
    pub class: &'static str,
    /// Its name.
    pub name: String,
    /// Whether it is the one that is looked at.
    pub here: bool,
}

/// Returns the map of neighbours; what is looked at is drawn last, with a ring.
pub fn map(title: &str, dots: &[Dot]) -> String {
    let span = |pick: fn(&Dot) -> f64| {
        dots.iter().map(pick).fold(None, |span: Option<(f64, f64)>, v| {
            Some(span.map_or((v, v), |(low, high)| (low.min(v), high.max(v))))
        })
    };
    let (Some(lat), Some(lon)) = (span(|d| d.at.0), span(|d| d.at.1)) else {
        return String::new();
    };
    // At ten degrees north a degree of longitude is 0.985 of one of latitude.
    let side = (lat.1 - lat.0).max((lon.1 - lon.0) * 0.985).max(0.01);
    let place = |at: (f64, f64)| {
        let x = 15.0 + 290.0 * (at.1 - lon.0) * 0.985 / side;
        let y = 15.0 + 290.0 * (lat.1 - at.0) / side;
        (x, y)
    };
    let height = 30.0 + 290.0 * (lat.1 - lat.0) / side;
    let mut svg = format!(
        r#"<svg class="map" viewBox="0 0 320 {height:.0}" role="img"><title>{}</title>"#,
        escaped(title)
    );
    let ordered = dots.iter().filter(|d| !d.here).chain(dots.iter().filter(|d| d.here));
    for dot in ordered {
        let (x, y) = place(dot.at);
        let name = escaped(&dot.name);
        if dot.class == "station" {
            let _ = write!(
                svg,
                r#"<rect class="dot station" x="{:.1}" y="{:.1}" width="7" height="7"><title>{name}</title></rect>"#,
                x - 3.5,
                y - 3.5
            );
            continue;
        }
        let _ = write!(
            svg,
            r#"<circle class="dot {}" cx="{x:.1}" cy="{y:.1}" r="4.5"><title>{name}</title></circle>"#,
            dot.class
        );
        if dot.here {
            let _ = write!(svg, r#"<circle class="ring" cx="{x:.1}" cy="{y:.1}" r="9"></circle>"#);
        }
    }
    svg + "</svg>"
}

/// Returns text as it may stand in a drawing.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fan_is_drawn_without_anything_the_policy_forbids_and_escapes_its_title() {
        let day = Date::constant(2014, 3, 15);
        let days = [(day, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6])];
        let lines = [Line { class: "measured", points: vec![(day, 0.3)] }];
        let fan = Fan { title: "a < b", days: &days, lines: &lines, limits: &[0.3] };
        let svg = fan.svg();
        assert!(svg.contains("a &lt; b") && svg.ends_with("</svg>") && !svg.contains("NaN"));
        assert!(!svg.contains("style="), "styles inside a page are forbidden by our own policy");
        let nothing = Fan { title: "", days: &[], lines: &[], limits: &[] };
        assert_eq!(nothing.svg(), "");
    }
}
