//! Which columns the linear model of a series has, in which order.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use crate::forecast::engine::series::{Ask, Regular};

/// Longest season that gets one dummy a phase: a month of days. Longer ones get waves.
const DUMMIES_MAX: usize = 31;

/// Rows a series needs for each step of a lag: with fewer, the lag has no say.
const ROWS_PER_LAG: usize = 3;

/// Share of a year that must have been seen before its wave is fitted: less would extrapolate.
const YEARS_MIN: f64 = 1.5;

/// Harmonics of a wave: the second lets rise and fall differ; more were not tried.
const HARMONICS: usize = 2;

/// The columns of one series' linear model: lags, waves, exogenous, one constant, dummies.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// Lags of the (transformed) series itself, ascending.
    pub lags: Vec<usize>,
    /// Periods of the waves, in steps; each has [`HARMONICS`] pairs of a sine and a cosine.
    pub waves: Vec<f64>,
    /// Number of exogenous columns.
    pub known: usize,
    /// Groups of dummies: a phase of the calendar lasts `.0` steps and there are `.1` of them.
    pub dummies: Vec<(usize, usize)>,
}

impl Shape {
    /// Returns the columns for a series of which `rows` values can be learned from.
    ///
    /// With `seasonal` false (the series was differenced by its season) there are no dummies and
    /// no waves.
    #[must_use]
    pub fn new(ask: &Ask, rows: usize, known: usize, seasonal: bool) -> Self {
        let season = ask.season();
        let mut lags: Vec<usize> = match season {
            1 => (1..=3).collect(),
            2..=6 => (1..=season + 1).collect(),
            7 => (1..=7).chain([14, 21, 28]).collect(),
            _ => vec![1, 2, 3, season - 1, season, season + 1],
        };
        for long in ask.seasons.iter().skip(1) {
            lags.extend([*long, long + 1]);
        }
        lags.retain(|lag| lag * ROWS_PER_LAG <= rows);
        lags.sort_unstable();
        lags.dedup();
        let mut shape = Self { lags, known, ..Self::default() };
        if seasonal {
            shape.add_calendar(ask, rows);
        }
        shape
    }

    fn add_calendar(&mut self, ask: &Ask, rows: usize) {
        let mut every = 1;
        for season in ask.seasons.iter().filter(|s| 2 * **s <= rows) {
            if season % every == 0 && season / every <= DUMMIES_MAX {
                self.dummies.push((every, season / every));
                every = *season;
            } else {
                self.waves.push(*season as f64);
            }
        }
        let year = ask.freq.year().filter(|year| YEARS_MIN * year <= rows as f64);
        if let Some(year) = year.filter(|year| self.waves.iter().all(|w| (w / year) < 0.5)) {
            self.waves.push(year);
        }
    }

    /// Returns the number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.first_dummy() + self.dummies.iter().map(|d| d.1).sum::<usize>()
    }

    /// Returns the number of wave columns.
    #[must_use]
    pub const fn wave_columns(&self) -> usize {
        2 * HARMONICS * self.waves.len()
    }

    /// Returns the number of columns that are neither lags nor constants.
    #[must_use]
    pub const fn extras(&self) -> usize {
        self.wave_columns() + self.known
    }

    /// Returns the longest lag.
    #[must_use]
    pub fn reach(&self) -> usize {
        self.lags.last().copied().unwrap_or(0)
    }

    /// Returns the column of the constant.
    #[must_use]
    pub const fn constant(&self) -> usize {
        self.lags.len() + self.extras()
    }

    /// Returns the first column of the dummies.
    #[must_use]
    pub const fn first_dummy(&self) -> usize {
        self.constant() + 1
    }

    /// Calls `set(column)` for each dummy that is 1 at a position of the clock.
    pub fn dummies_at(&self, position: i64, mut set: impl FnMut(usize)) {
        let mut first = self.first_dummy();
        for (every, size) in &self.dummies {
            let phase = position.div_euclid(*every as i64).rem_euclid(*size as i64);
            set(first + phase as usize);
            first += size;
        }
    }

    /// Adds the weight of each dummy to the steps of a path from a position of the clock on at which
    /// it is 1.
    pub fn add_dummies(&self, position: i64, weights: &[f64], path: &mut [f64]) {
        let mut first = self.first_dummy();
        for (every, size) in &self.dummies {
            let weights = &weights[first..first + size];
            let mut within = position.rem_euclid(*every as i64) as usize;
            let mut phase = position.div_euclid(*every as i64).rem_euclid(*size as i64) as usize;
            for y in &mut *path {
                *y += weights[phase];
                within += 1;
                if within == *every {
                    (within, phase) = (0, if phase + 1 < *size { phase + 1 } else { 0 });
                }
            }
            first += size;
        }
    }

    /// Returns by how much each wave (a pair of columns) turns in a step.
    pub fn turns(&self) -> impl Iterator<Item = f64> + '_ {
        let harmonics = |period: &f64| {
            let period = *period;
            (1..=HARMONICS).map(move |k| TAU * k as f64 / period)
        };
        self.waves.iter().flat_map(harmonics)
    }

    /// Appends the waves of `steps` positions, one column after the other.
    pub fn write_waves(&self, position: i64, steps: usize, into: &mut Vec<f64>) {
        for turn in self.turns() {
            let begin = (position as f64).rem_euclid(TAU / turn);
            into.extend((0..steps).map(|i| (turn * (begin + i as f64)).sin()));
            into.extend((0..steps).map(|i| (turn * (begin + i as f64)).cos()));
        }
    }

    /// Appends the exogenous columns of `steps` steps, standardised by what `seen` steps showed;
    /// missing values are the mean.
    pub fn write_known(
        &self,
        series: &Regular<'_>,
        seen: usize,
        steps: usize,
        into: &mut Vec<f64>,
    ) {
        for x in &series.known {
            let (mean, spread) = mean_and_spread(&x[..seen]);
            let standard = |x: &f64| if x.is_nan() { 0.0 } else { (x - mean) / spread };
            into.extend(x[..steps].iter().map(standard));
        }
    }
}

/// Returns the mean and the standard deviation of what is not missing; a spread of 0 is 1.
#[must_use]
pub fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    let seen = || values.iter().filter(|x| !x.is_nan());
    let n = seen().count().max(1) as f64;
    let mean = seen().sum::<f64>() / n;
    let variance = seen().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    let spread = variance.sqrt();
    (mean, if spread > 0.0 && spread.is_finite() { spread } else { 1.0 })
}
