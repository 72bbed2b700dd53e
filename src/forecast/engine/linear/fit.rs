//! Fits the linear model of one series and walks it into the future, from one or many origins.

use super::Linear;
use super::gram::{Factor, Gram, dot, solve};
use super::live::End;
use super::shape::{Shape, mean_and_spread};
use super::sums::{Dummies, add_lag_phases, add_lags, add_wave_lags, phase_sums};
use super::transform::Transform;
use crate::forecast::engine::series::{Ask, Refusal, Regular};

/// Fewer rows than this are added one by one: sums over columns would not pay.
const ROWS_TOGETHER_MIN: usize = 24;

/// Rows a model needs beyond its longest lag.
const ROWS_MIN: usize = 4;

/// Scratch memory of one thread; what it holds between calls changes no answer.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    /// Levels (logarithms, if so asked), gaps filled.
    levels: Vec<f64>,
    /// Standardised differences of the levels.
    w: Vec<f64>,
    missing: Vec<bool>,
    /// Waves and exogenous columns, each `steps` long.
    extras: Vec<f64>,
    steps: usize,
    /// What the waves in `extras` were made for.
    waves_of: Option<(i64, usize, Vec<f64>)>,
    pub(super) gram: Gram,
    pub(super) factor: Factor,
    pub(super) weights: Vec<f64>,
    pub(super) penalty: Vec<f64>,
    pub(super) prior: Vec<f64>,
    pub(super) row: Vec<f64>,
    sums: Vec<f64>,
    pub(super) tail: Vec<f64>,
}

/// What a fit leaves behind: enough to go on with one more row.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The columns.
    pub shape: Shape,
    /// The transform with its numbers.
    pub transform: Transform,
    /// Highest level seen.
    pub top: f64,
}

impl Workspace {
    /// Fits at each of the ascending `cutoffs` and writes a path from each (rows = cutoffs,
    /// cols = horizon) and the standard deviation of the residuals up to there, in the unit of the
    /// series. The normal equations grow from one cutoff to the next.
    ///
    /// `O(n width² + cutoffs (width³ + horizon width))`, `n` the length of the series.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] and, for logarithms of what has none, [`Refusal::NotFinite`].
    pub fn run(
        &mut self,
        linear: &Linear,
        series: &Regular<'_>,
        ask: &Ask,
        cutoffs: &[usize],
        paths: &mut [f64],
        sigmas: &mut [f64],
    ) -> Result<Fit, Refusal> {
        let mut transform = Transform::new(linear.log, linear.difference, ask);
        let first = cutoffs.first().copied().unwrap_or(series.y.len());
        let shape = linear.shape(series, ask, first);
        let begin = shape.reach() + transform.lag;
        if first < begin + ROWS_MIN {
            return Err(Refusal::TooShort { rows: first, needed: begin + ROWS_MIN });
        }
        self.prepare(&mut transform, series, ask, first)?;
        self.write_extras(&shape, series, first, series.y.len() + ask.horizon);
        self.gram.reset(shape.width());
        linear.hold(&shape, &mut self.penalty, &mut self.prior);
        let mut done = begin;
        let mut top = f64::NEG_INFINITY;
        for (k, cutoff) in cutoffs.iter().enumerate() {
            self.accumulate(&shape, series.start, done, *cutoff);
            done = *cutoff;
            self.solve();
            let path = &mut paths[k * ask.horizon..(k + 1) * ask.horizon];
            self.tail.clear();
            self.tail.extend_from_slice(&self.w[cutoff - shape.reach()..*cutoff]);
            let at = series.start + *cutoff as i64;
            let future = Future { extras: &self.extras, stride: self.steps, offset: *cutoff };
            walk(&shape, &self.weights, &mut self.tail, &future, at, path);
            top = self.levels[..*cutoff].iter().fold(top, |top, level| top.max(*level));
            transform.back(path, &self.levels[..*cutoff], top);
            let freedom = (self.gram.rows as f64 - 0.5 * shape.width() as f64).max(1.0);
            let sigma = (self.gram.residual(&self.weights) / freedom).sqrt();
            sigmas[k] = transform.unit(sigma, self.levels[cutoff - 1]);
        }
        Ok(Fit { shape, transform, top })
    }

    /// Returns what the last run left behind, so that rows can be added one by one.
    pub(super) fn end(&self, fit: Fit) -> End {
        let Fit { shape, transform, top } = fit;
        let tail = self.w[self.w.len() - shape.reach()..].to_vec();
        let levels = self.levels[self.levels.len() - transform.lag..].to_vec();
        End { shape, transform, top, gram: self.gram.clone(), tail, levels }
    }

    /// Returns what each group of columns gives to the path of the last run, at its last cutoff, the
    /// end of the series (rows = groups: level, history, season, year, then each covariate; cols = horizon).
    ///
    /// The path is linear in all of them, past values included: what a step owes to a group goes on
    /// into the steps that look back at it. Logarithms are shared out by the logarithmic mean (LMDI,
    /// Ang 2004), so that the groups always add up to the path.
    pub(super) fn contributions(&self, fit: &Fit, position: i64, horizon: usize) -> Vec<Vec<f64>> {
        let (shape, transform) = (&fit.shape, &fit.transform);
        let n = self.w.len();
        let groups = GROUPS + shape.known;
        let mut path: Vec<Vec<f64>> = Vec::with_capacity(horizon);
        let mut levels: Vec<Vec<f64>> = Vec::with_capacity(horizon);
        for h in 0..horizon {
            let mut step = vec![0.0; groups];
            step[LEVEL] += self.weights[shape.constant()];
            for (lag, weight) in shape.lags.iter().zip(&self.weights) {
                match h.checked_sub(*lag) {
                    Some(k) => step.iter_mut().zip(&path[k]).for_each(|(s, p)| *s += weight * p),
                    None => step[HISTORY] += weight * self.w[n + h - lag],
                }
            }
            for k in 0..shape.extras() {
                let group = k.checked_sub(shape.wave_columns()).map_or(YEAR, |k| GROUPS + k);
                let x = self.extras[k * self.steps + n + h];
                step[group] += self.weights[shape.lags.len() + k] * x;
            }
            shape.dummies_at(position + h as i64, |d| step[SEASON] += self.weights[d]);
            let mut level: Vec<f64> = step.iter().map(|s| s * transform.spread).collect();
            level[LEVEL] += transform.mean;
            if transform.lag > 0 {
                match h.checked_sub(transform.lag) {
                    Some(k) => level.iter_mut().zip(&levels[k]).for_each(|(l, b)| *l += b),
                    None => level[HISTORY] += self.levels[n + h - transform.lag],
                }
            }
            path.push(step);
            levels.push(level);
        }
        if transform.log {
            levels.iter_mut().for_each(|level| share_out(level));
        }
        (0..groups).map(|g| levels.iter().map(|level| level[g]).collect()).collect()
    }

    pub(super) fn solve(&mut self) {
        solve(&self.gram, &self.penalty, &self.prior, &mut self.factor, &mut self.weights);
    }

    /// Fills `levels`, `w` and `missing`; mean and spread are those of the first `known` steps.
    fn prepare(
        &mut self,
        transform: &mut Transform,
        series: &Regular<'_>,
        ask: &Ask,
        known: usize,
    ) -> Result<(), Refusal> {
        let y = series.y;
        if transform.log && y.iter().any(|y| *y <= 0.0) {
            return Err(Refusal::NotFinite);
        }
        self.missing.clear();
        self.missing.extend(y.iter().map(|y| y.is_nan()));
        self.levels.clear();
        self.levels.extend(y.iter().map(|y| transform.level(*y)));
        if self.missing.iter().any(|m| *m) {
            fill_gaps(&mut self.levels, ask.season());
        }
        let lag = transform.lag;
        self.w.clear();
        self.w.resize(lag, 0.0);
        if lag == 0 {
            self.w.extend_from_slice(&self.levels);
        } else {
            self.w.extend(self.levels.windows(lag + 1).map(|pair| pair[lag] - pair[0]));
        }
        let (mean, spread) = mean_and_spread(&self.w[lag..known]);
        transform.mean = if lag == 0 { mean } else { 0.0 };
        transform.spread = spread;
        for value in &mut self.w[lag..] {
            *value = (*value - transform.mean) / spread;
        }
        Ok(())
    }

    fn write_extras(&mut self, shape: &Shape, series: &Regular<'_>, seen: usize, steps: usize) {
        let same = self.waves_of.as_ref().is_some_and(|(start, length, waves)| {
            (*start, *length) == (series.start, steps) && *waves == shape.waves
        });
        self.steps = steps;
        if !same {
            self.extras.clear();
            shape.write_waves(series.start, steps, &mut self.extras);
            self.waves_of = Some((series.start, steps, shape.waves.clone()));
        }
        self.extras.truncate(shape.wave_columns() * steps);
        shape.write_known(series, seen, steps, &mut self.extras);
    }

    /// Adds the rows with the targets `from..to` to the normal equations.
    fn accumulate(&mut self, shape: &Shape, start: i64, from: usize, to: usize) {
        let gaps = self.missing[from..to].iter().any(|m| *m);
        let one_season = shape.dummies.len() < 2 && shape.dummies.iter().all(|d| d.0 == 1);
        if gaps || !one_season || to - from < ROWS_TOGETHER_MIN {
            for t in (from..to).filter(|t| !self.missing[*t]) {
                let row = &mut self.row;
                row.clear();
                row.extend(shape.lags.iter().map(|lag| self.w[t - lag]));
                row.extend((0..shape.extras()).map(|k| self.extras[k * self.steps + t]));
                row.push(1.0);
                row.resize(shape.width(), 0.0);
                shape.dummies_at(start + t as i64, |d| row[d] = 1.0);
                self.gram.add_row(row, self.w[t]);
            }
            return;
        }
        self.accumulate_together(shape, start, from, to);
    }

    /// As `accumulate`, for many rows without gaps and at most one group of dummies.
    fn accumulate_together(&mut self, shape: &Shape, start: i64, from: usize, to: usize) {
        let Self { w, extras, gram, steps, .. } = self;
        let phase = |season: usize| (start + from as i64).rem_euclid(season as i64) as usize;
        let season = shape.dummies.first().map_or(0, |d| d.1);
        let dummies = Dummies { season, phase: if season > 0 { phase(season) } else { 0 } };
        let lags = shape.lags.len();
        let constant = shape.constant();
        add_lags(gram, w, shape, from, to, &mut self.sums);
        add_lag_phases(gram, w, shape, &dummies, from, to, &mut self.sums);
        let column = |k: usize| &extras[k * *steps..(k + 1) * *steps];
        for k in 0..shape.extras() {
            let x = &column(k)[from..to];
            for j in 0..=k {
                *gram.at(lags + k, lags + j) += dot(x, &column(j)[from..to]);
            }
            gram.moment[lags + k] += dot(x, &w[from..to]);
            let all = phase_sums(x, season, &mut self.sums);
            *gram.at(lags + k, constant) += all;
            for (p, sum) in self.sums.iter().enumerate() {
                *gram.at(lags + k, dummies.column(shape, p)) += sum;
            }
        }
        for (k, turn) in shape.turns().enumerate() {
            let (sine, cosine) = (column(2 * k), column(2 * k + 1));
            add_wave_lags(gram, w, shape, (2 * k, turn), (sine, cosine), from..to);
        }
        for k in shape.wave_columns()..shape.extras() {
            let x = &column(k)[from..to];
            for (j, lag) in shape.lags.iter().enumerate() {
                *gram.at(lags + k, j) += dot(x, &w[from - lag..to - lag]);
            }
        }
        gram.rows += to - from;
    }
}

/// The groups of every model; covariates follow.
pub(super) const GROUPS: usize = 4;
const LEVEL: usize = 0;
const HISTORY: usize = 1;
const SEASON: usize = 2;
const YEAR: usize = 3;

/// Turns contributions to a logarithm into contributions to the value: the level's own is its
/// exponential, the others share the rest by the logarithmic mean of both.
fn share_out(level: &mut [f64]) {
    let (base, all) = (level[LEVEL], level.iter().sum::<f64>());
    let apart = all - base;
    let mean = if apart.abs() < 1e-9 { base.exp() } else { (all.exp() - base.exp()) / apart };
    level.iter_mut().for_each(|part| *part *= mean);
    level[LEVEL] = base.exp();
}

/// The columns other than lags over the steps of a path: `extras[k * stride + offset + h]`.
#[derive(Debug, Clone, Copy)]
pub struct Future<'a> {
    /// The columns, one after the other.
    pub extras: &'a [f64],
    /// Length of a column.
    pub stride: usize,
    /// The first step of the path in its column.
    pub offset: usize,
}

/// Walks the model into the future, each step from the steps before it. `O(path width)`.
///
/// `tail` holds the last values (as many as the longest lag) and is left longer by the path.
pub fn walk(
    shape: &Shape,
    weights: &[f64],
    tail: &mut Vec<f64>,
    future: &Future<'_>,
    position: i64,
    path: &mut [f64],
) {
    let (lagged, rest) = weights.split_at(shape.lags.len());
    path.fill(weights[shape.constant()]);
    for (k, weight) in rest[..shape.extras()].iter().enumerate() {
        let column = &future.extras[k * future.stride + future.offset..];
        path.iter_mut().zip(column).for_each(|(y, x)| *y += weight * x);
    }
    shape.add_dummies(position, weights, path);
    for y in path {
        for (lag, weight) in shape.lags.iter().zip(lagged) {
            *y += weight * tail[tail.len() - lag];
        }
        tail.push(*y);
    }
}

/// Fills gaps with the value a season before, or the one before, as far as these are known.
fn fill_gaps(levels: &mut [f64], season: usize) {
    for i in 0..levels.len() {
        if levels[i].is_nan() {
            let back = if i >= season { season } else { 1 };
            levels[i] = if i >= back { levels[i - back] } else { 0.0 };
        }
    }
}
