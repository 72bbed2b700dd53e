//! The words all models share: one regular series, what is asked of it, what is answered.

use serde::{Deserialize, Serialize};

use super::clock::Freq;
use super::explain::Part;

/// What is asked of every series of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// Steps to forecast after the last value, at least 1.
    pub horizon: usize,
    /// Season lengths in steps, ascending, each at least 2; empty when there is none.
    pub seasons: Vec<usize>,
    /// Levels of the intervals in percent, ascending, each inside (0, 100).
    pub levels: Vec<f64>,
    /// The step of the clock: what a position means in the calendar.
    pub freq: Freq,
}

impl Ask {
    /// Returns the shortest season, or 1 when there is none: the lag of the seasonal naive forecast.
    #[must_use]
    pub fn season(&self) -> usize {
        self.seasons.first().copied().unwrap_or(1)
    }
}

/// One series, one value a step, borrowed from its panel.
///
/// The last value of `y` is never missing; values before it may be NaN (missing), never infinite.
#[derive(Debug, Clone, Default)]
pub struct Regular<'a> {
    /// The values, oldest first, NaN where missing.
    pub y: &'a [f64],
    /// Position of `y[0]` on the step clock; `(start + i) mod season` is a phase of the calendar.
    pub start: i64,
    /// Exogenous columns over the steps of `y` **and** the horizon after it (each of length
    /// `y.len() + horizon`, NaN where missing). Only columns known for the future are here.
    pub known: Vec<&'a [f64]>,
}

impl<'a> Regular<'a> {
    /// Returns the series as it was known after its first `n` values (rolling-origin validation).
    ///
    /// Costs nothing in `n`. The prefix may end in a missing value.
    #[must_use]
    pub fn prefix(&self, n: usize) -> Self {
        let n = n.min(self.y.len());
        let beyond = self.y.len() - n;
        let known = self.known.iter().map(|x| &x[..x.len() - beyond]).collect();
        Self { y: &self.y[..n], start: self.start, known }
    }

    /// Returns the phase of value `i` in a season of `season` steps, 0 to `season - 1`.
    ///
    /// `i` may lie beyond the last value: forecasts stand at `y.len()..y.len() + horizon`.
    #[must_use]
    pub fn phase(&self, i: usize, season: usize) -> usize {
        let at = self.start.wrapping_add(i as i64);
        at.rem_euclid(season.max(1) as i64) as usize
    }
}

/// A model of one series: fits it and answers a path, as cheaply as it can.
///
/// Implementations hold their settings only; they are shared by threads and called for one series
/// after the other, so a call must not depend on the calls before it.
pub trait SeriesModel: std::fmt::Debug + Sync {
    /// Returns the name of the model, as it stands in the `model` column.
    fn name(&self) -> &'static str;

    /// Fits on all of `series` and writes the forecast of the next `path.len()` steps.
    ///
    /// # Errors
    /// A [`Refusal`] when this model cannot be fitted on this series.
    fn path(&self, series: &Regular<'_>, ask: &Ask, path: &mut [f64]) -> Result<(), Refusal>;

    /// Forecasts from past origins: row `k` of `paths` (rows = cutoffs, cols = `ask.horizon`) is
    /// the path issued after the first `cutoffs[k]` values, with the model fitted again on these.
    ///
    /// Cutoffs are ascending. A model that can move from one origin to the next more cheaply than
    /// by fitting afresh overrides this. A row that cannot be forecast is NaN.
    fn rolling(&self, series: &Regular<'_>, ask: &Ask, cutoffs: &[usize], paths: &mut [f64]) {
        for (cutoff, path) in cutoffs.iter().zip(paths.chunks_exact_mut(ask.horizon)) {
            if self.path(&series.prefix(*cutoff), ask, path).is_err() {
                path.fill(f64::NAN);
            }
        }
    }
}

/// What decides how a series is forecast: one model, a fixed mix, or a choice made anew each time.
///
/// A strategy is prepared once for a panel (it may have looked at a pilot block of it) and then
/// asked for one series after the other, by several threads.
pub trait Strategy: std::fmt::Debug + Sync {
    /// Returns the path of one series, and the errors at past origins that intervals are made of.
    ///
    /// # Errors
    /// A [`Refusal`] when nothing can be said of this series.
    fn forecast(&self, series: &Regular<'_>, ask: &Ask) -> Result<Path, Refusal>;
}

/// The errors a forecaster made at past origins of one series: what its intervals are made of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Errors {
    /// Observed minus forecast (rows = origins, cols = horizon), NaN where nothing was observed.
    pub values: Vec<f64>,
    /// One yardstick for each origin, in the unit of the series, from values before it only:
    /// errors are pooled over series after division by it.
    pub scales: Vec<f64>,
    /// How many steps before the end of the series each origin stands: origins of several series
    /// are the same moment where these agree and the series end together.
    pub back: Vec<usize>,
}

/// What a forecaster says of one series before intervals are put around it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Path {
    /// The point forecast of each step.
    pub point: Vec<f64>,
    /// The yardstick at the end of the series, made as [`Errors::scales`] are.
    pub scale: f64,
    /// Errors at past origins; empty when the series is too short to look back.
    pub errors: Errors,
    /// What was chosen: a model's name, or several joined by `+`.
    pub model: String,
    /// What the point is the sum of; empty unless an explanation was asked for.
    pub parts: Vec<Part>,
}

/// A forecast of one series with its intervals.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outlook {
    /// The point forecast of each step.
    pub point: Vec<f64>,
    /// Lower bounds, one row a level of [`Ask::levels`] (rows = levels, cols = horizon).
    pub lower: Vec<Vec<f64>>,
    /// Upper bounds, as `lower`.
    pub upper: Vec<Vec<f64>>,
    /// What was chosen.
    pub model: String,
}

/// Why a series has no forecast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// No value at all.
    #[error("every value is missing")]
    AllMissing,
    /// Infinite values.
    #[error("{count} values are infinite")]
    Infinite {
        /// How many.
        count: usize,
    },
    /// Two rows with one stamp.
    #[error("{ds} stands in more than one row")]
    Duplicate {
        /// The first such stamp, as text.
        ds: String,
    },
    /// Rows without a stamp.
    #[error("{count} rows have no ds")]
    NoStamp {
        /// How many.
        count: usize,
    },
    /// A stamp between the steps of the clock, or outside the calendar.
    #[error("{ds} does not stand on the {freq} clock of the stamps before it")]
    OffClock {
        /// The first such stamp, as text.
        ds: String,
        /// The step.
        freq: String,
    },
    /// Fewer values than this model needs.
    #[error("{rows} values, at least {needed} are needed")]
    TooShort {
        /// Values at hand.
        rows: usize,
        /// Values needed.
        needed: usize,
    },
    /// A covariate is not given for the whole horizon.
    #[error("{column} is not known for every step of the horizon")]
    FutureUnknown {
        /// The exogenous column.
        column: String,
    },
    /// A new row of a series that was not there at the fit.
    #[error("the series is not among those fitted")]
    Unknown,
    /// The numbers left the range of floating point.
    #[error("the model gave a forecast that is not a number")]
    NotFinite,
}
