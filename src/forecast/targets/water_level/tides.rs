//! The tide at Vũng Tàu of the day ahead and of the newest day, as columns.

use std::f64::consts::TAU;

use crate::agronomy::tide::vung_tau;
use crate::domain::time::date_of_epoch_day;
use crate::forecast::recipe::{Column, Step};

/// Days before and after whose tide is part of a day's figures: it takes a day or two to come up
/// the river, and spring tides hold water back for longer.
const AROUND: i64 = 4;
/// Levels of one day: highest, lowest and mean of its 24 hours.
const LEVELS: [&str; 3] = ["high", "low", "mean"];
/// Figures of the two species: amplitudes, which tide is the higher, and the amplitudes' changes.
const SPECIES: [&str; 6] = ["diurnal", "semidiurnal", "phase cos", "phase sin", "d1", "d2"];
/// Hours between the levels given: gauges are read at hours of their own, which nobody stated.
const HOUR_STEP: usize = 2;
const HOURS: usize = 24 / HOUR_STEP;
/// Levels of nine days and the species.
const FIGURES: usize = LEVELS.len() * (2 * AROUND as usize + 1) + SPECIES.len();
/// Days around that the trees are told of.
const TREES_AROUND: i64 = 2;

/// Figures and hours of one day.
#[derive(Debug, Clone)]
struct Day {
    figures: [f64; FIGURES],
    hours: [f64; HOURS],
}

/// The tide of a span of days (m).
#[derive(Debug)]
pub struct Tides {
    first: i64,
    days: Vec<Day>,
}

impl Tides {
    /// Returns the tide of all epoch days from `first` to `last`.
    pub(super) fn between(first: i64, last: i64) -> Self {
        let count = usize::try_from(last - first + 1).unwrap_or(0);
        let margin = AROUND as usize;
        let raw = vung_tau().hourly_days(first - AROUND, count + 2 * margin);
        let day = |i: usize| {
            let mut figures = [0.0; FIGURES];
            let around = 2 * margin + 1;
            for k in 0..around {
                let levels = [raw[i + k].high_m, raw[i + k].low_m, raw[i + k].mean_m];
                for (level, value) in levels.into_iter().enumerate() {
                    figures[level * around + k] = value;
                }
            }
            let here = &raw[i + margin];
            let (before, after) = (&raw[i + margin - 1], &raw[i + margin + 1]);
            let change = |s: usize| after.amplitudes_m[s] - before.amplitudes_m[s];
            let [cos, sin] = here.phase;
            let [diurnal, semidiurnal] = here.amplitudes_m;
            figures[LEVELS.len() * around..].copy_from_slice(&[
                diurnal,
                semidiurnal,
                cos,
                sin,
                change(0),
                change(1),
            ]);
            Day { figures, hours: std::array::from_fn(|h| here.hours_m[h * HOUR_STEP]) }
        };
        Self { first, days: (0..count).map(day).collect() }
    }

    /// Returns the tide of a day.
    ///
    /// # Panics
    /// When the day is outside the span.
    fn on(&self, day: i64) -> &Day {
        &self.days[(day - self.first) as usize]
    }
}

/// Whether the trees are told of a figure.
fn for_trees(figure: usize) -> bool {
    let around = 2 * AROUND as usize + 1;
    let days_off = (figure % around) as i64 - AROUND;
    figure >= LEVELS.len() * around || days_off.abs() <= TREES_AROUND
}

fn figure_name(figure: usize) -> String {
    let around = 2 * AROUND as usize + 1;
    match SPECIES.get(figure.wrapping_sub(LEVELS.len() * around)) {
        Some(species) => (*species).to_owned(),
        None => format!("{} {:+}", LEVELS[figure / around], (figure % around) as i64 - AROUND),
    }
}

/// Returns the columns that [`ahead`] fills.
pub(super) fn columns() -> Vec<Column> {
    let tide = "tide";
    let mut columns = Vec::new();
    for figure in 0..FIGURES {
        let name = figure_name(figure);
        let then = if for_trees(figure) { Column::all } else { Column::linear };
        columns.push(then(tide, format!("{name} then")));
        columns.push(Column::linear(tide, format!("{name} now")));
        columns.push(Column::linear("tide by level", format!("{name} then by level")));
        let change = if for_trees(figure) { Column::trees } else { Column::carried };
        columns.push(change(tide, format!("{name} change")));
    }
    columns.extend((0..HOURS).map(|h| Column::all(tide, format!("hour {}", h * HOUR_STEP))));
    columns.push(Column::linear("own history", "square of level"));
    columns.push(Column::trees("season", "day of year"));
    for k in 1..=3 {
        columns.push(Column::linear("season", format!("sin {k}")));
        columns.push(Column::linear("season", format!("cos {k}")));
    }
    columns
}

/// Adds the columns of one day ahead; `state` is how high the river stands (m).
pub(super) fn ahead(tides: &Tides, step: &Step<'_>, state: f64, out: &mut Vec<f64>) {
    let (then, now) = (tides.on(step.day), tides.on(step.newest));
    for (then, now) in then.figures.iter().zip(&now.figures) {
        out.extend([*then, *now, then * state, then - now]);
    }
    out.extend(then.hours);
    out.push(state * state);
    let day = f64::from(date_of_epoch_day(step.day).day_of_year());
    out.push(day);
    for k in 1..=3 {
        let (sin, cos) = (TAU * f64::from(k) * day / 365.25).sin_cos();
        out.extend([sin, cos]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_day_do_not_depend_on_the_span_asked_for() {
        let (long, short) = (Tides::between(14_000, 14_400), Tides::between(14_300, 14_310));
        for (a, b) in long.on(14_305).figures.iter().zip(&short.on(14_305).figures) {
            assert!((a - b).abs() < 1e-12);
        }
        // The highest level three days later is that of the day three days later.
        assert_eq!(long.on(14_305).figures[7], long.on(14_308).figures[4]);
        assert_eq!(figure_name(7), "high +3");
        assert_eq!(figure_name(FIGURES - 1), "d2");
    }

    #[test]
    fn there_are_as_many_numbers_as_columns() {
        let tides = Tides::between(14_000, 14_020);
        let place = "river:my_thuan".parse().unwrap();
        let step = Step { place: &place, newest: 14_000, horizon: 3, day: 14_003, origin: &[] };
        let mut row = Vec::new();
        ahead(&tides, &step, 1.2, &mut row);
        assert_eq!(row.len(), columns().len());
        assert!(row.iter().all(|v| v.is_finite()));
    }
}
