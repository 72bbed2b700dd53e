//! A series made ready for all candidates: trimmed, gaps shortened and filled, logarithms taken.

use crate::forecast::engine::series::{Ask, Refusal, Regular};

/// Logarithms are taken only where the least value is at least this share of the mean: a value
/// near zero would rule the fit.
const LEAST_SHARE_FOR_LOG: f64 = 1e-3;

/// How far a path may leave the range of the series, in ranges, at the end of a horizon as long as
/// the series itself; half of it right away.
const LEEWAY_RANGES: f64 = 2.0;

/// A cleaned series.
#[derive(Debug, Clone)]
pub struct Ready<'a> {
    /// Position of the first value on the step clock.
    start: i64,
    /// Columns known for the future, cut as the series is; none where a gap was shortened.
    known: Vec<&'a [f64]>,
    /// The values, NaN where missing; the last is not missing.
    pub y: Vec<f64>,
    /// The same with gaps filled from before: the value one season earlier, or the last one.
    pub filled: Vec<f64>,
    /// Logarithms of both, where all values are well above zero.
    pub log: Option<Logarithms>,
    /// Whether every value is above zero.
    pub positive: bool,
}

/// The series on the logarithmic scale.
#[derive(Debug, Clone)]
pub struct Logarithms {
    /// `ln y`, NaN where missing.
    pub y: Vec<f64>,
    /// `ln filled`.
    pub filled: Vec<f64>,
}

impl<'a> Ready<'a> {
    /// Cleans a series.
    ///
    /// # Errors
    /// [`Refusal::AllMissing`], [`Refusal::Infinite`].
    pub fn new(series: &Regular<'a>, ask: &Ask) -> Result<Self, Refusal> {
        let count = series.y.iter().filter(|v| v.is_infinite()).count();
        if count > 0 {
            return Err(Refusal::Infinite { count });
        }
        let first = series.y.iter().position(|v| !v.is_nan()).ok_or(Refusal::AllMissing)?;
        let last = series.y.iter().rposition(|v| !v.is_nan()).ok_or(Refusal::AllMissing)?;
        let longest = ask.seasons.last().copied().unwrap_or(1);
        // A series that ends in missing values keeps them: its forecast begins after them.
        let mut y = shorten_gaps(&series.y[first..=last], longest);
        y.resize(y.len() + series.y.len() - 1 - last, f64::NAN);
        let whole = y.len() + first == series.y.len();
        let cut = |column: &&'a [f64]| &column[first..];
        let known = if whole { series.known.iter().map(cut).collect() } else { Vec::new() };
        let start = series.start.wrapping_add((series.y.len() - y.len()) as i64);
        let filled = fill(&y, ask.season());
        let values = || y.iter().copied().filter(|v| !v.is_nan());
        let least = values().fold(f64::INFINITY, f64::min);
        let mean = values().sum::<f64>() / values().count() as f64;
        let positive = least > 0.0;
        let log = (positive && least >= LEAST_SHARE_FOR_LOG * mean).then(|| {
            let ln: Vec<f64> = y.iter().map(|v| v.ln()).collect();
            let filled = ln.iter().zip(&filled).map(|(l, f)| if l.is_nan() { f.ln() } else { *l });
            Logarithms { filled: filled.collect(), y: ln }
        });
        Ok(Self { start, known, y, filled, log, positive })
    }

    /// Returns the cleaned series as the models of the engine take it.
    #[must_use]
    pub fn regular(&self) -> Regular<'_> {
        Regular { y: &self.y, start: self.start, known: self.known.clone() }
    }

    /// Returns the position of value `at` on the step clock.
    #[must_use]
    pub fn position(&self, at: usize) -> i64 {
        self.start.wrapping_add(at as i64)
    }

    /// Returns how low and how high a path of `horizon` steps after the first `upto` values may go:
    /// models explode now and then, and what was never negative stays so.
    #[must_use]
    pub fn bounds(&self, upto: usize, horizon: usize) -> (f64, f64) {
        let known = &self.filled[..upto];
        let low = known.iter().copied().fold(f64::INFINITY, f64::min);
        let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let reach = horizon as f64 / upto as f64;
        let leeway = (high - low) * LEEWAY_RANGES * (0.5 + reach);
        let floor = if low >= 0.0 { (low - leeway).max(0.0) } else { low - leeway };
        (floor, high + leeway)
    }
}

/// Shortens every gap longer than `season` by whole seasons, so that phases hold.
fn shorten_gaps(y: &[f64], season: usize) -> Vec<f64> {
    let mut short = Vec::with_capacity(y.len());
    let mut gap = 0;
    for value in y {
        if value.is_nan() {
            gap += 1;
            continue;
        }
        let kept = if gap > season { season + gap % season } else { gap };
        short.resize(short.len() + kept, f64::NAN);
        short.push(*value);
        gap = 0;
    }
    short
}

/// Fills gaps from before, so that a filled prefix is the prefix of the filled series.
fn fill(y: &[f64], season: usize) -> Vec<f64> {
    let mut filled = Vec::with_capacity(y.len());
    for (i, value) in y.iter().enumerate() {
        let before = || if i >= season { filled[i - season] } else { filled[i - 1] };
        filled.push(if value.is_nan() { before() } else { *value });
    }
    filled
}
