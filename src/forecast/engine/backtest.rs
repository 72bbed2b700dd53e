//! Rolling-origin backtests of a panel: forecast every series as it was known at past origins, with
//! everything fitted again, and hold it against what came.
//!
//! Nothing of a window is known to its forecast: models are chosen once, before the earliest window;
//! weights and intervals are made anew at each from what stood before it.

use std::convert::Infallible;

use serde::Serialize;

use super::answers::Answers;
use super::error::EngineError;
use super::frame::Block;
use super::intervals::Pool;
use super::panel::{Prepare, Question, in_threads};
use super::series::{Ask, Regular};
use super::table::{Layout, Rows};

/// Rows of a block, so that threads share the work; see `panel`.
const BLOCK_ROWS: usize = 1 << 16;

/// What a backtest found: one line a step of the horizon, and one over all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backtest {
    /// Origins of each series.
    pub windows: usize,
    /// The step of the clock.
    pub freq: String,
    /// Season lengths in steps.
    pub seasons: Vec<usize>,
    /// Levels of the intervals in percent.
    pub levels: Vec<f64>,
    /// Scores over all steps.
    pub all: Score,
    /// Scores of each step.
    pub steps: Vec<Score>,
}

/// Scores, each a mean over series and windows (M4 definitions, Makridakis et al. 2020).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Score {
    /// Forecasts that could be scored: series, windows and steps with a value.
    pub n: usize,
    /// Mean absolute error over the in-sample mean absolute error of the seasonal naive forecast.
    pub mase: f64,
    /// Root mean squared error over the in-sample one of the seasonal naive forecast.
    pub rmsse: f64,
    /// Symmetric mean absolute percentage error, 0 to 200.
    pub smape: f64,
    /// MASE of the seasonal naive forecast in the same windows.
    pub mase_naive: f64,
    /// Share of values inside each interval, one a level.
    pub coverage: Vec<f64>,
    /// Mean scaled interval score, one a level.
    pub msis: Vec<f64>,
}

/// Backtests a panel over `windows` origins, `stride` steps apart, the last a horizon before the
/// end of each series.
///
/// A series takes part in the windows it is long enough for. `O(windows)` forecasts of the panel.
///
/// # Errors
/// What [`Question::ask`] gives, and [`EngineError::Ask`] for no window or stride.
pub fn backtest(
    rows: Rows,
    layout: &Layout,
    question: &Question,
    (windows, stride): (usize, usize),
    prepare: &Prepare<'_>,
) -> Result<Backtest, EngineError> {
    if windows == 0 || stride == 0 {
        let given = format!("{windows} and {stride}");
        let allowed = "1 or more each".to_owned();
        return Err(EngineError::Ask { what: "windows and stride", given, allowed });
    }
    let parts = rows.gather().into_parts(BLOCK_ROWS);
    let ask = question.ask(layout, parts.first().ok_or(EngineError::Empty)?)?;
    let blocks: Vec<Block> = parts.iter().map(|rows| Block::new(rows, layout, &ask)).collect();
    drop(parts);
    let back = |window: usize| ask.horizon + (windows - 1 - window) * stride;
    let pilot: Vec<Block> = blocks.iter().map(|block| block.earlier(back(0))).collect();
    let strategy = prepare(&pilot, &ask);
    drop(pilot);
    let mut sums = Sums::new(&ask);
    for window in 0..windows {
        let mut pool = Pool::new(ask.horizon);
        let known = blocks.iter().map(|block| Ok::<_, Infallible>(block.earlier(back(window))));
        let answers = in_threads(known, question.threads.get(), &mut pool, |block, pool| {
            Answers::of(&block, &ask, strategy.as_ref(), pool)
        });
        let answers: Vec<Answers> = match answers {
            Ok(answers) => answers,
            Err(never) => match never {},
        };
        let factors: Vec<_> = ask.levels.iter().map(|level| pool.factors(*level)).collect();
        for (block, answers) in blocks.iter().zip(&answers) {
            for (i, place) in answers.places.iter().enumerate() {
                if let Ok(series) = block.series(*place, ask.horizon) {
                    sums.add(&series, back(window), answers, i, &factors);
                }
            }
        }
    }
    Ok(sums.finish(windows))
}

/// Sums of scores, one entry a step.
struct Sums<'a> {
    ask: &'a Ask,
    steps: Vec<Score>,
    /// Sum of scaled squared errors of each series and window, for a root a series.
    rmsse: (f64, usize),
}

impl<'a> Sums<'a> {
    fn new(ask: &'a Ask) -> Self {
        let none = vec![0.0; ask.levels.len()];
        let step = Score { coverage: none.clone(), msis: none, ..Score::default() };
        Self { ask, steps: vec![step; ask.horizon], rmsse: (0.0, 0) }
    }

    /// Adds the scores of one series in one window, which began `back` steps before its end.
    fn add(
        &mut self,
        series: &Regular<'_>,
        back: usize,
        answers: &Answers,
        i: usize,
        factors: &[Vec<(f64, f64)>],
    ) {
        let origin = series.y.len() - back;
        let (before, after) = series.y.split_at(origin);
        let season = self.ask.season();
        let Some((scale, square)) = naive_scales(before, season) else { return };
        let mut squares = (0.0, 0_usize);
        for (h, step) in self.steps.iter_mut().enumerate() {
            let y = after[h];
            if y.is_nan() {
                continue;
            }
            let forecast = answers.point[i * self.ask.horizon + h];
            let error = (y - forecast).abs();
            squares = (squares.0 + error * error / square, squares.1 + 1);
            step.n += 1;
            step.mase += error / scale;
            step.rmsse += error * error / square;
            let size = y.abs() + forecast.abs();
            step.smape += if size > 0.0 { 200.0 * error / size } else { 0.0 };
            let naive = last_of_phase(before, h, season);
            step.mase_naive += (y - naive).abs() / scale;
            for (k, level) in self.ask.levels.iter().enumerate() {
                let (low, high) = answers.interval(i, h, factors[k][h]);
                let outside = (low - y).max(y - high).max(0.0);
                step.coverage[k] += f64::from(u8::from(low <= y && y <= high));
                step.msis[k] += (high - low + outside * 2.0 / (1.0 - level / 100.0)) / scale;
            }
        }
        if squares.1 > 0 {
            self.rmsse.0 += (squares.0 / squares.1 as f64).sqrt();
            self.rmsse.1 += 1;
        }
    }

    fn finish(self, windows: usize) -> Backtest {
        let mut all = self.steps[0].clone();
        for step in &self.steps[1..] {
            all.n += step.n;
            all.mase += step.mase;
            all.smape += step.smape;
            all.mase_naive += step.mase_naive;
            all.coverage.iter_mut().zip(&step.coverage).for_each(|(a, s)| *a += s);
            all.msis.iter_mut().zip(&step.msis).for_each(|(a, s)| *a += s);
        }
        let mut all = mean(all);
        all.rmsse = self.rmsse.0 / self.rmsse.1 as f64;
        let steps = self.steps.into_iter().map(mean).map(|s| Score { rmsse: s.rmsse.sqrt(), ..s });
        Backtest {
            windows,
            freq: self.ask.freq.to_string(),
            seasons: self.ask.seasons.clone(),
            levels: self.ask.levels.clone(),
            all,
            steps: steps.collect(),
        }
    }
}

/// Turns sums into means.
fn mean(mut sums: Score) -> Score {
    let n = sums.n as f64;
    for sum in [&mut sums.mase, &mut sums.rmsse, &mut sums.smape, &mut sums.mase_naive] {
        *sum /= n;
    }
    sums.coverage.iter_mut().chain(&mut sums.msis).for_each(|sum| *sum /= n);
    sums
}

/// Returns the mean absolute and the mean squared seasonal difference, or `None` where it is 0 or
/// cannot be known: such series are not scored.
#[must_use]
pub fn naive_scales(y: &[f64], season: usize) -> Option<(f64, f64)> {
    let steps = || y.windows(season + 1).map(|w| w[season] - w[0]).filter(|d| !d.is_nan());
    let n = steps().count() as f64;
    let absolute = steps().map(f64::abs).sum::<f64>() / n;
    let square = steps().map(|d| d * d).sum::<f64>() / n;
    (absolute > 0.0 && square.is_finite()).then_some((absolute, square))
}

/// Returns the seasonal naive forecast of step `h`: the last value of its phase that is known.
fn last_of_phase(y: &[f64], h: usize, season: usize) -> f64 {
    let first = (y.len() + h % season).checked_sub(season);
    let mut back = first.into_iter().flat_map(|i| (0..=i / season).map(move |k| i - k * season));
    let found = back.find(|i| !y[*i].is_nan()).map(|i| y[i]);
    found.or_else(|| y.iter().rev().copied().find(|y| !y.is_nan())).unwrap_or(f64::NAN)
}
