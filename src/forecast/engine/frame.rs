//! Makes regular series of rows: sorts, checks, fills gaps with NaN, and says what cannot be used.

use std::sync::Arc;

use super::clock::{Anchor, Freq};
use super::series::{Ask, Refusal, Regular};
use super::table::{Ids, Layout, NO_STAMP, Rows};

/// Steps a series may have for each of its rows, and in any case. A series with longer gaps keeps
/// only what comes after the longest: a 10-year gap of days is spanned by 700 rows, and no file can
/// make a block need more than 32 times its own memory.
const STEPS_PER_ROW_MAX: i64 = 32;
const STEPS_MIN: i64 = 64;

/// Positions this far from 0 are outside any calendar: beyond, floating point loses whole numbers.
const POSITION_MAX: i64 = 1 << 52;

/// A block of series made regular, columns end to end. Memory: 8 bytes a step and column.
#[derive(Debug, Clone)]
pub struct Block {
    /// The id of each series, in the order of the panel.
    pub ids: Ids,
    spans: Vec<Result<Span, Refusal>>,
    y: Arc<Vec<f64>>,
    known: Arc<Vec<Vec<f64>>>,
}

/// A block while its columns grow.
#[derive(Default)]
struct Columns {
    y: Vec<f64>,
    known: Vec<Vec<f64>>,
}

/// Where one series stands in its block and on the clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    from: usize,
    len: usize,
    /// Position of the first value.
    pub start: i64,
    /// Place of its stamps inside a step.
    pub anchor: Anchor,
    /// Month of its stamps inside a step of several months.
    pub month_in_step: i64,
    /// Exogenous columns known for the whole horizon: column and first row in `known`.
    known: Vec<(usize, usize)>,
    /// Rows before a gap too long to be spanned, which were left out.
    pub rows_dropped: usize,
}

impl Span {
    /// Returns the position of the first step to forecast.
    #[must_use]
    pub const fn next(&self) -> i64 {
        self.start + self.len as i64
    }

    /// Returns the stamps of the next `horizon` steps, [`NO_STAMP`] outside the calendar.
    pub fn stamps(&self, freq: Freq, horizon: usize) -> impl Iterator<Item = i64> + '_ {
        (0..horizon as i64).map(move |h| {
            freq.stamp(self.next() + h, self.anchor, self.month_in_step).unwrap_or(NO_STAMP)
        })
    }
}

impl Block {
    /// Makes series of rows that were gathered (one run a series). `O(rows)`, plus a sort for each
    /// series that is not in order.
    #[must_use]
    pub fn new(rows: &Rows, layout: &Layout, ask: &Ask) -> Self {
        let mut columns = Columns {
            y: Vec::with_capacity(rows.y.len()),
            known: vec![Vec::new(); rows.exogenous.len()],
        };
        let mut steps = Vec::new();
        let spans = (0..rows.ends.len())
            .map(|run| columns.add(rows, rows.run(run), layout, ask, &mut steps))
            .collect();
        Self {
            ids: rows.ids.clone(),
            spans,
            y: Arc::new(columns.y),
            known: Arc::new(columns.known),
        }
    }

    /// Returns the block as it was known `steps` before the end of each series.
    ///
    /// Shares the columns. Covariates stay known beyond the end: a backtest with them assumes that
    /// they were forecast without error.
    #[must_use]
    pub fn earlier(&self, steps: usize) -> Self {
        let shorten = |span: &Result<Span, Refusal>| {
            let mut span = span.clone()?;
            let left = span.len.saturating_sub(steps);
            let seen = self.y[span.from..span.from + left].iter().any(|y| !y.is_nan());
            if !seen {
                return Err(Refusal::TooShort { rows: span.len, needed: steps + 1 });
            }
            span.len = left;
            Ok(span)
        };
        Self { spans: self.spans.iter().map(shorten).collect(), ..self.clone() }
    }

    /// Returns how many series there are, with and without a refusal.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Returns how many values (and gaps) all series have.
    #[must_use]
    pub fn values(&self) -> usize {
        self.y.len()
    }

    /// Returns whether there is no series.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Returns where series `i` stands, or why it cannot be used.
    ///
    /// # Errors
    /// The series' [`Refusal`].
    pub fn span(&self, i: usize) -> Result<&Span, Refusal> {
        self.spans[i].as_ref().map_err(Clone::clone)
    }

    /// Returns series `i`, or why it cannot be used.
    ///
    /// # Errors
    /// The series' [`Refusal`].
    pub fn series(&self, i: usize, horizon: usize) -> Result<Regular<'_>, Refusal> {
        let span = self.span(i)?;
        let known = span.known.iter();
        let known = known.map(|(c, from)| &self.known[*c][*from..from + span.len + horizon]);
        Ok(Regular {
            y: &self.y[span.from..span.from + span.len],
            start: span.start,
            known: known.collect(),
        })
    }

    /// Returns the value below which series `i` cannot fall: 0 when it stands on 0 but never below
    /// (rain, counts), none otherwise.
    #[must_use]
    pub fn floor(&self, i: usize) -> f64 {
        let Ok(span) = &self.spans[i] else { return f64::NEG_INFINITY };
        let y = &self.y[span.from..span.from + span.len];
        let low = y.iter().copied().filter(|y| !y.is_nan()).fold(f64::INFINITY, f64::min);
        if low == 0.0 { 0.0 } else { f64::NEG_INFINITY }
    }

    /// Returns the exogenous columns series `i` can use, by their place in [`Layout::exogenous`].
    #[must_use]
    pub fn known_columns(&self, i: usize) -> Vec<usize> {
        self.spans[i]
            .as_ref()
            .map_or_else(|_| Vec::new(), |s| s.known.iter().map(|k| k.0).collect())
    }
}

impl Columns {
    /// Adds a series whose rows stand as they should: the usual case, and worth a shorter way.
    fn add_even(
        &mut self,
        stamps: &[i64],
        y: &[f64],
        layout: &Layout,
        freq: Freq,
    ) -> Result<Span, Refusal> {
        let off = |stamp: i64| Refusal::OffClock { ds: layout.text(stamp), freq: freq.to_string() };
        let (start, anchor) = freq.position(stamps[0]).ok_or_else(|| off(stamps[0]))?;
        if start.abs() > POSITION_MAX {
            return Err(off(stamps[0]));
        }
        let from = self.y.len();
        self.y.extend_from_slice(y);
        let known = Vec::new();
        Ok(Span { from, len: y.len(), start, anchor, month_in_step: 0, known, rows_dropped: 0 })
    }

    fn add(
        &mut self,
        rows: &Rows,
        run: std::ops::Range<usize>,
        layout: &Layout,
        ask: &Ask,
        steps: &mut Vec<(i64, usize)>,
    ) -> Result<Span, Refusal> {
        let y = &rows.y[run.clone()];
        let infinite = y.iter().filter(|y| y.is_infinite()).count();
        if infinite > 0 {
            return Err(Refusal::Infinite { count: infinite });
        }
        let stamps = &rows.stamps[run.clone()];
        if rows.exogenous.is_empty() && evenly(stamps, ask.freq) && y.iter().all(|y| !y.is_nan()) {
            return self.add_even(stamps, y, layout, ask.freq);
        }
        let anchor = place(stamps, layout, ask.freq, steps)?;
        if steps.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            steps.sort_unstable();
            let observed = |at: &(i64, usize)| !y[at.1].is_nan();
            let mut pairs = steps.windows(2);
            let twice = pairs.find(|p| p[0].0 == p[1].0 && observed(&p[0]) && observed(&p[1]));
            if let Some(pair) = twice {
                return Err(Refusal::Duplicate { ds: layout.text(stamps[pair[0].1]) });
            }
        }
        let first = steps.iter().position(|(_, row)| !y[*row].is_nan());
        let last = steps.iter().rposition(|(_, row)| !y[*row].is_nan());
        let (Some(mut first), Some(last)) = (first, last) else {
            return Err(Refusal::AllMissing);
        };
        let rows_dropped = after_long_gaps(steps, y, &mut first, last);
        let start = steps[first].0;
        let len = usize::try_from(steps[last].0 - start).unwrap_or(0) + 1;
        let from = self.y.len();
        self.y.resize(from + len, f64::NAN);
        for (at, row) in &steps[first..=last] {
            let value = &mut self.y[from + (at - start) as usize];
            if value.is_nan() {
                *value = y[*row];
            }
        }
        let mut known = Vec::new();
        for (column, x) in rows.exogenous.iter().enumerate() {
            let into = &mut self.known[column];
            let at = into.len();
            into.resize(at + len + ask.horizon, f64::NAN);
            for (position, row) in &steps[first..] {
                let i = usize::try_from(position - start).unwrap_or(usize::MAX);
                let value = x[run.start + row];
                if i < len + ask.horizon && value.is_finite() {
                    into[at + i] = value;
                }
            }
            if into[at + len..].iter().any(|x| x.is_nan()) {
                into.truncate(at);
            } else {
                known.push((column, at));
            }
        }
        let month_in_step = ask.freq.month_in_step(stamps[steps[last].1]);
        Ok(Span { from, len, start, anchor, month_in_step, known, rows_dropped })
    }
}

/// Returns whether stamps stand exactly one fixed step apart.
fn evenly(stamps: &[i64], freq: Freq) -> bool {
    let (Freq::Fixed { step } | Freq::Integer { step }) = freq else { return false };
    stamps.first().is_some_and(|first| *first != NO_STAMP)
        && stamps.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == step)
}

/// Writes the position of each row to `steps`, and returns where the stamps stand in their step.
fn place(
    stamps: &[i64],
    layout: &Layout,
    freq: Freq,
    steps: &mut Vec<(i64, usize)>,
) -> Result<Anchor, Refusal> {
    steps.clear();
    let missing = stamps.iter().filter(|s| **s == NO_STAMP).count();
    if missing > 0 {
        return Err(Refusal::NoStamp { count: missing });
    }
    let mut anchor: Option<Anchor> = None;
    for (row, stamp) in stamps.iter().enumerate() {
        let off = || Refusal::OffClock { ds: layout.text(*stamp), freq: freq.to_string() };
        let (at, here) = freq.position(*stamp).ok_or_else(off)?;
        if at.abs() > POSITION_MAX {
            return Err(off());
        }
        let known = *anchor.get_or_insert(here);
        if known.rest != here.rest {
            return Err(off());
        }
        if here.day < known.day {
            anchor = Some(here);
        }
        steps.push((at, row));
    }
    anchor.ok_or(Refusal::AllMissing)
}

/// Moves `first` behind gaps too long to be spanned; returns how many rows that leaves out.
fn after_long_gaps(steps: &[(i64, usize)], y: &[f64], first: &mut usize, last: usize) -> usize {
    let begin = *first;
    loop {
        let observed = &steps[*first..=last];
        let rows = observed.len() as i64;
        let length = steps[last].0.saturating_sub(steps[*first].0);
        if length <= STEPS_MIN.max(STEPS_PER_ROW_MAX * rows) {
            return *first - begin;
        }
        let gap = |i: &usize| steps[*i].0.saturating_sub(steps[i - 1].0);
        let Some(behind) = (*first + 1..=last).max_by_key(gap) else { return *first - begin };
        *first = (behind..=last).find(|i| !y[steps[*i].1].is_nan()).unwrap_or(last);
    }
}
