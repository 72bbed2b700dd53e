//! Charts as SVG: lines over an axis, and a fan of quantiles. No script, no style sheet: they stand
//! alone in a page, a model card or a file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Width and height of a chart (user units).
const SIZE: (f64, f64) = (640.0, 300.0);
/// Room for titles and axes: left, right, top, bottom.
const MARGIN: (f64, f64, f64, f64) = (52.0, 150.0, 34.0, 40.0);
/// Lines that are told apart by colour-blind readers too (Okabe and Ito 2008); the first is ours.
const COLOURS: [&str; 7] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#666666"];

/// A named line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it shows.
    pub name: String,
    /// Points from left to right.
    pub points: Vec<(f64, f64)>,
}

/// What is written around a chart.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// The title.
    pub title: &'a str,
    /// Under the horizontal axis.
    pub x: &'a str,
    /// The unit of the vertical axis.
    pub y: &'a str,
}

/// One step of a fan: its label and the quantiles 5, 10, 25, 50, 75, 90, 95 %.
pub type FanStep = (String, [f64; 7]);

/// Returns a line for each model of points (model, x, y), the published forecast first.
#[must_use]
pub fn by_model<'a>(points: impl Iterator<Item = (&'a str, f64, f64)>) -> Vec<Line> {
    let mut models: BTreeMap<(bool, &str), Vec<(f64, f64)>> = BTreeMap::new();
    for (model, x, y) in points {
        models.entry((model != "published", model)).or_default().push((x, y));
    }
    models
        .into_iter()
        .map(|((_, name), mut points)| {
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            Line { name: name.to_owned(), points }
        })
        .collect()
}

/// Returns a chart of lines; the vertical axis begins at zero. Empty without any point.
#[must_use]
pub fn lines(labels: Labels<'_>, lines: &[Line]) -> String {
    let xs = || lines.iter().flat_map(|l| l.points.iter().map(|p| p.0));
    let Some(frame) =
        Frame::around(xs(), lines.iter().flat_map(|l| l.points.iter().map(|p| p.1)), true)
    else {
        return String::new();
    };
    let mut svg = frame.open(labels);
    let mut ticks: Vec<f64> = xs().collect();
    ticks.sort_by(f64::total_cmp);
    ticks.dedup();
    let every = ticks.len().div_ceil(14);
    for x in ticks.iter().step_by(every.max(1)) {
        frame.tick_x(&mut svg, *x, &figure(*x));
    }
    for (line, colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        let path: Vec<String> = line.points.iter().map(|(x, y)| frame.at(*x, *y)).collect();
        let width = if *colour == COLOURS[0] { 3.0 } else { 1.5 };
        let _ = write!(
            svg,
            r#"<polyline fill="none" stroke="{colour}" stroke-width="{width}" points="{}"/>"#,
            path.join(" ")
        );
    }
    frame.names(&mut svg, lines);
    svg + "</svg>"
}

/// Returns a fan: the median and the bands of 50, 80 and 90 % of each step, explained in Vietnamese.
/// Empty without a step.
#[must_use]
pub fn fan(labels: Labels<'_>, steps: &[FanStep]) -> String {
    let xs = (0..steps.len()).map(|k| k as f64);
    let Some(frame) = Frame::around(xs, steps.iter().flat_map(|s| s.1), false) else {
        return String::new();
    };
    let mut svg = frame.open(labels);
    let every = steps.len().div_ceil(7).max(1);
    for (k, (label, _)) in steps.iter().enumerate().step_by(every) {
        frame.tick_x(&mut svg, k as f64, label);
    }
    for (low, high, opacity) in [(0, 6, 0.2), (1, 5, 0.25), (2, 4, 0.35)] {
        let up = steps.iter().enumerate().map(|(k, s)| frame.at(k as f64, s.1[high]));
        let down = steps.iter().enumerate().rev().map(|(k, s)| frame.at(k as f64, s.1[low]));
        let points: Vec<String> = up.chain(down).collect();
        let _ = write!(
            svg,
            r#"<polygon fill="{}" fill-opacity="{opacity}" points="{}"/>"#,
            COLOURS[0],
            points.join(" ")
        );
    }
    let median: Vec<String> =
        steps.iter().enumerate().map(|(k, s)| frame.at(k as f64, s.1[3])).collect();
    let _ = write!(
        svg,
        r#"<polyline fill="none" stroke="{}" stroke-width="2.5" points="{}"/>"#,
        COLOURS[0],
        median.join(" ")
    );
    let notes = ["đường: ở giữa", "đậm: 50 %", "nhạt: 80 %", "rất nhạt: 90 %"];
    for (k, note) in notes.iter().enumerate() {
        let y = MARGIN.2 + 14.0 + 18.0 * k as f64;
        let x = SIZE.0 - MARGIN.1 + 12.0;
        let _ = write!(svg, r##"<text x="{x}" y="{y}" fill="#333">{note}</text>"##);
    }
    svg + "</svg>"
}

/// Where numbers stand on the page.
struct Frame {
    x: (f64, f64),
    y: (f64, f64),
}

impl Frame {
    fn around(
        xs: impl Iterator<Item = f64>,
        ys: impl Iterator<Item = f64>,
        from_zero: bool,
    ) -> Option<Self> {
        let span = |values: &mut dyn Iterator<Item = f64>| {
            values.filter(|v| v.is_finite()).fold(None, |span: Option<(f64, f64)>, v| {
                Some(span.map_or((v, v), |(low, high)| (low.min(v), high.max(v))))
            })
        };
        let (x, mut y) = (span(&mut { xs })?, span(&mut { ys })?);
        if from_zero {
            y.0 = y.0.min(0.0);
        }
        let room = 0.05 * (y.1 - y.0).max(1e-9);
        Some(Self { x: (x.0, x.1.max(x.0 + 1e-9)), y: (y.0, y.1 + room) })
    }

    fn point(&self, x: f64, y: f64) -> (f64, f64) {
        let (left, right, top, bottom) = MARGIN;
        let share = |v: f64, (low, high): (f64, f64)| (v - low) / (high - low);
        let width = SIZE.0 - left - right;
        let height = SIZE.1 - top - bottom;
        (left + width * share(x, self.x), top + height * (1.0 - share(y, self.y)))
    }

    fn at(&self, x: f64, y: f64) -> String {
        let (x, y) = self.point(x, y);
        format!("{x:.1},{y:.1}")
    }

    fn open(&self, labels: Labels<'_>) -> String {
        let (width, height) = SIZE;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" font-family=\"sans-serif\" font-size=\"12\">\
             <title>{title}</title><rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\
             <text x=\"{left}\" y=\"20\" font-size=\"14\" fill=\"#111\">{title}</text>",
            title = escaped(labels.title),
            left = MARGIN.0,
        );
        for k in 0..=4 {
            let value = self.y.0 + (self.y.1 - self.y.0) * f64::from(k) / 4.0;
            let (left, y) = self.point(self.x.0, value);
            let (right, _) = self.point(self.x.1, value);
            let _ = write!(
                svg,
                "<line x1=\"{left:.1}\" x2=\"{right:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" \
                 stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" \
                 fill=\"#333\">{}</text>",
                left - 6.0,
                y + 4.0,
                figure(value),
            );
        }
        let (x, y) = (MARGIN.0, SIZE.1 - 6.0);
        let _ = write!(
            svg,
            "<text x=\"{x}\" y=\"{y}\" fill=\"#333\">{}; {}</text>",
            escaped(labels.x),
            escaped(labels.y)
        );
        svg
    }

    fn tick_x(&self, svg: &mut String, x: f64, label: &str) {
        let (x, y) = self.point(x, self.y.0);
        let _ = write!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#333\">{}</text>",
            y + 15.0,
            escaped(label)
        );
    }

    /// Writes each line's name at its right end, apart from each other.
    fn names(&self, svg: &mut String, lines: &[Line]) {
        let mut ends: Vec<(f64, usize)> = lines
            .iter()
            .enumerate()
            .filter_map(|(k, l)| l.points.last().map(|p| (self.point(p.0, p.1).1, k)))
            .collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut lowest = f64::NEG_INFINITY;
        for (y, k) in ends {
            let y = y.max(lowest + 14.0);
            lowest = y;
            let colour = COLOURS[k % COLOURS.len()];
            let x = SIZE.0 - MARGIN.1 + 8.0;
            let name = escaped(&lines[k].name);
            let _ = write!(svg, "<text x=\"{x}\" y=\"{y:.1}\" fill=\"{colour}\">{name}</text>");
        }
    }
}

/// Returns a number as people are shown it: three significant digits, no needless zeros.
pub fn figure(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = (2 - value.abs().log10().floor() as i32).clamp(0, 4);
    let text = format!("{value:.*}", usize::try_from(digits).unwrap_or(0));
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: Labels<'_> = Labels { title: "a < b", x: "days ahead", y: "g/L" };

    #[test]
    fn a_chart_names_its_lines_and_escapes_what_it_is_told() {
        let line =
            |name: &str, y: f64| Line { name: name.into(), points: vec![(1.0, y), (7.0, 2.0 * y)] };
        let svg = lines(LABELS, &[line("published", 0.5), line("persistence", 0.7)]);
        assert!(svg.contains("a &lt; b") && svg.contains(">published<") && svg.ends_with("</svg>"));
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert!(!svg.contains("NaN"));
    }

    #[test]
    fn what_is_published_is_the_first_line_and_points_go_from_left_to_right() {
        let points = [("a", 2.0, 1.0), ("published", 1.0, 0.5), ("a", 1.0, 3.0)];
        let lines = by_model(points.into_iter());
        let [first, second] = &lines[..] else { panic!("two models") };
        assert_eq!((first.name.as_str(), second.name.as_str()), ("published", "a"));
        assert_eq!(second.points, [(1.0, 3.0), (2.0, 1.0)]);
    }

    #[test]
    fn nothing_to_show_is_no_chart_and_one_point_is_drawn() {
        assert_eq!(lines(LABELS, &[]), "");
        assert_eq!(fan(LABELS, &[]), "");
        let one = fan(LABELS, &[("15/03".into(), [1.0; 7])]);
        assert!(one.contains("15/03") && !one.contains("NaN"));
    }
}
