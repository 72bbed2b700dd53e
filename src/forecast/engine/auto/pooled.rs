//! One linear model for all series of a panel.
//!
//! Each series is brought to one [`Footing`]; the next value is regressed on its lags, the means of
//! its last seasons and the phase of the calendar, over the rows of all pilot series together;
//! longer paths feed on their own values. A panel whose series
//! obey one law (weather of neighbours, counters of one town) teaches more than any one of them
//! (Montero-Manso & Hyndman 2021, *Principles and algorithms for forecasting groups of time
//! series*). O(rows × columns²) to fit, O(horizon × columns) a path.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use super::prepare::Ready;
use super::yardstick::mean_step;
use crate::forecast::engine::classical::regression::solve;
use crate::forecast::engine::series::Ask;

/// Rows the fit is made of, at most: 100 a column and more, and a fraction of a second.
const ROWS_MAX: usize = 24_000;

/// Rows a column, at least.
const ROWS_PER_COLUMN_MIN: usize = 10;

/// Series of a pool, at least.
const SERIES_MIN: usize = 4;

/// The longest lag is at most this share of the median series.
const LAG_SHARE_MAX: f64 = 0.4;

/// Values of the shortest trailing mean.
const MEAN_MIN: usize = 4;

/// Phases that have a dummy each; a longer season has this many harmonics.
const DUMMIES_MAX: usize = 24;
const HARMONICS: usize = 6;

/// Pull of every weight towards zero, in rows of a hundred.
const RIDGE_SHARE: f64 = 1e-3;

/// About what values are taken, and in which unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Footing {
    /// About the mean of the series, in its spread: what goes astray comes back.
    Series,
    /// About the mean of the last season, in steps from season to season: levels wander.
    Season,
}

impl Footing {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Series, Self::Season];
}

/// A fitted model of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pooled {
    footing: Footing,
    /// Steps back, ascending.
    lags: Vec<usize>,
    /// Lengths of the trailing means.
    means: Vec<usize>,
    seasons: Vec<usize>,
    weights: Vec<f64>,
}

/// The first values of a series in the unit of its footing.
struct Scaled {
    values: Vec<f64>,
    mean: f64,
    unit: f64,
}

impl Pooled {
    /// Returns the footing.
    #[must_use]
    pub const fn footing(&self) -> Footing {
        self.footing
    }

    /// Fits to the first values (so many) of each series; `None` where there is too little.
    #[must_use]
    pub fn fit(pilot: &[(&Ready<'_>, usize)], footing: Footing, ask: &Ask) -> Option<Self> {
        let mut lengths: Vec<usize> = pilot.iter().map(|(_, upto)| *upto).collect();
        lengths.sort_unstable();
        let median = *lengths.get(lengths.len() / 2)?;
        let reach = (LAG_SHARE_MAX * median as f64) as usize;
        let mut model = Self::columns(footing, ask, reach);
        let width = model.width();
        let rows: usize = lengths.iter().map(|n| n.saturating_sub(model.longest())).sum();
        if pilot.len() < SERIES_MIN || rows < ROWS_PER_COLUMN_MIN * width {
            return None;
        }
        let stride = rows.div_ceil(ROWS_MAX);
        let (mut square, mut moment) = (vec![0.0; width * width], vec![0.0; width]);
        let mut row = Vec::with_capacity(width);
        let mut taken = 0.0;
        for (number, (ready, upto)) in pilot.iter().enumerate() {
            let Some(scaled) = model.scaled(ready, *upto) else { continue };
            for at in (model.longest() + number % stride..*upto).step_by(stride) {
                if ready.y[at].is_nan() {
                    continue;
                }
                let base = model.row(&scaled.values[..at], ready.position(at), &mut row);
                for (i, x) in row.iter().enumerate() {
                    moment[i] += x * (scaled.values[at] - base);
                    let cells = &mut square[i * width..=i * width + i];
                    cells.iter_mut().zip(&row).for_each(|(cell, other)| *cell += x * other);
                }
                taken += 1.0;
            }
        }
        for i in 0..width {
            square[i * width + i] += RIDGE_SHARE * taken;
        }
        model.weights = solve(square, moment)?;
        Some(model)
    }

    /// Writes the path after the first `upto` values; `None` where these are too few or constant.
    pub fn path(&self, ready: &Ready<'_>, upto: usize, path: &mut [f64]) -> Option<()> {
        let Scaled { mut values, mean, unit } = self.scaled(ready, upto)?;
        if upto < self.longest() {
            return None;
        }
        let mut row = Vec::with_capacity(self.weights.len());
        for (ahead, value) in path.iter_mut().enumerate() {
            let base = self.row(&values, ready.position(upto + ahead), &mut row);
            let next = base + row.iter().zip(&self.weights).map(|(x, w)| x * w).sum::<f64>();
            values.push(next);
            *value = mean + unit * next;
        }
        Some(())
    }

    fn columns(footing: Footing, ask: &Ask, reach: usize) -> Self {
        let mut lags = vec![1, 2, 3];
        let mut means = vec![MEAN_MIN];
        for season in &ask.seasons {
            lags.extend([*season, season + 1, 2 * season]);
            means.extend([*season, 4 * season]);
        }
        let within = |lag: &usize| *lag <= reach.max(1);
        lags.retain(within);
        means.retain(within);
        for all in [&mut lags, &mut means] {
            all.sort_unstable();
            all.dedup();
        }
        Self { footing, lags, means, seasons: ask.seasons.clone(), weights: Vec::new() }
    }

    fn longest(&self) -> usize {
        self.lags.iter().chain(&self.means).copied().max().unwrap_or(1)
    }

    fn width(&self) -> usize {
        let phases = |season: &usize| if *season <= DUMMIES_MAX { *season } else { 2 * HARMONICS };
        1 + self.lags.len() + self.means.len() + self.seasons.iter().map(phases).sum::<usize>()
    }

    /// Returns the values a mean is taken over for [`Footing::Season`]: a season where it can be.
    fn window(&self) -> Option<usize> {
        let season = self.seasons.first().filter(|season| self.means.contains(season));
        season.or(self.means.first()).copied()
    }

    /// Writes the columns of the value after `before`, which stands at `position` of the calendar,
    /// and returns about what they and the value are taken.
    fn row(&self, before: &[f64], position: i64, row: &mut Vec<f64>) -> f64 {
        let n = before.len();
        let mean = |w: usize| before[n - w..].iter().sum::<f64>() / w as f64;
        let base = match self.footing {
            Footing::Series => 0.0,
            Footing::Season => self.window().map_or(before[n - 1], mean),
        };
        row.clear();
        row.push(1.0);
        row.extend(self.lags.iter().map(|lag| before[n - lag] - base));
        row.extend(self.means.iter().map(|w| mean(*w) - base));
        for season in &self.seasons {
            let phase = position.rem_euclid(*season as i64) as usize;
            if *season <= DUMMIES_MAX {
                row.extend((0..*season).map(|k| f64::from(u8::from(k == phase))));
            } else {
                let turn = TAU * phase as f64 / *season as f64;
                row.extend((1..=HARMONICS).flat_map(|k| {
                    let (sin, cos) = (turn * k as f64).sin_cos();
                    [sin, cos]
                }));
            }
        }
        base
    }

    /// Returns the first values in the unit of the footing; `None` where it is nothing.
    fn scaled(&self, ready: &Ready<'_>, upto: usize) -> Option<Scaled> {
        let known = &ready.filled[..upto];
        let count = known.len() as f64;
        let mean = known.iter().sum::<f64>() / count;
        let unit = match self.footing {
            Footing::Series => {
                (known.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt()
            }
            Footing::Season => mean_step(known, self.seasons.first().copied().unwrap_or(1)),
        };
        let values = || known.iter().map(|v| (v - mean) / unit).collect();
        (unit > 0.0 && unit.is_finite()).then(|| Scaled { values: values(), mean, unit })
    }
}
