//! Regression on a line and harmonics of the seasons, with an autoregressive remainder.
//!
//! Dynamic harmonic regression (Hyndman & Athanasopoulos 2021, *Forecasting: principles and
//! practice*, 3rd edition, section 10.5) in two steps: least squares, then [`Autoregression`] of
//! what is left. The columns do not depend on the values, so one [`Design`] and one [`Gram`] serve
//! all regressions of a series. O(n × columns²) once, O(n × columns) a regression.

use super::autoregression::Autoregression;
use super::online::Online;

/// Added to the diagonal for each row: keeps a column that repeats others from stopping the fit.
const RIDGE_PER_ROW: f64 = 1e-8;

/// Steps over which the line rises by one: only keeps the columns of like size.
const LINE_STEPS: f64 = 100.0;

/// Rows a column, at least; below this the regression would draw the noise.
const ROWS_PER_COLUMN_MIN: usize = 2;

/// The columns of all regressions of one series: a constant, the season's harmonics, a line, the
/// harmonics of the year.
#[derive(Debug, Clone)]
pub struct Design {
    width: usize,
    /// Row by row (rows = steps, cols = `width`).
    cells: Vec<f64>,
    /// Columns of constant and seasons; the line stands right after them.
    seasonal: usize,
}

/// Which columns one regression uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uses {
    /// The straight line.
    pub line: bool,
    /// The harmonics of the year.
    pub year: bool,
}

/// A seasonal block: period in steps and number of harmonics.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waves {
    /// Steps of one turn.
    pub period: f64,
    /// A sine and a cosine each.
    pub harmonics: usize,
}

impl Design {
    /// Returns the columns of `steps` steps.
    #[must_use]
    pub fn new(steps: usize, seasons: &[Waves], year: Option<Waves>) -> Self {
        let columns = |w: &Waves| 2 * w.harmonics - usize::from(w.is_full());
        let seasonal = 1 + seasons.iter().map(columns).sum::<usize>();
        let width = seasonal + 1 + year.iter().map(columns).sum::<usize>();
        let mut cells = vec![0.0; steps * width];
        for (i, row) in cells.chunks_exact_mut(width).enumerate() {
            row[0] = 1.0;
            row[seasonal] = i as f64 / LINE_STEPS;
        }
        let mut at = 1;
        for waves in seasons {
            waves.write(&mut cells, width, at);
            at += columns(waves);
        }
        if let Some(waves) = year {
            waves.write(&mut cells, width, seasonal + 1);
        }
        Self { width, cells, seasonal }
    }

    fn row(&self, at: usize) -> &[f64] {
        &self.cells[at * self.width..(at + 1) * self.width]
    }

    fn columns(&self, uses: Uses) -> impl Iterator<Item = usize> + use<> {
        let (line, year) = (self.seasonal, self.seasonal + 1);
        let line = if uses.line { line..line + 1 } else { 0..0 };
        let year = if uses.year { year..self.width } else { 0..0 };
        (0..self.seasonal).chain(line).chain(year)
    }

    fn expected(&self, at: usize, weights: &[f64]) -> f64 {
        self.row(at).iter().zip(weights).map(|(x, w)| x * w).sum()
    }
}

impl Waves {
    /// Returns whether the last harmonic alternates from step to step, so that it has no sine.
    fn is_full(&self) -> bool {
        (2 * self.harmonics) as f64 >= self.period
    }

    /// Writes the block from column `first` on.
    fn write(&self, cells: &mut [f64], width: usize, first: usize) {
        for k in 1..=self.harmonics {
            let turn = std::f64::consts::TAU * k as f64 / self.period;
            let (step_sin, step_cos) = turn.sin_cos();
            let (mut sin, mut cos) = (0.0, 1.0);
            let at = first + 2 * (k - 1);
            let both = k < self.harmonics || !self.is_full();
            for row in cells.chunks_exact_mut(width) {
                row[at] = cos;
                if both {
                    row[at + 1] = sin;
                }
                (sin, cos) = (sin * step_cos + cos * step_sin, cos * step_cos - sin * step_sin);
            }
        }
    }
}

/// `XᵀX` of the first rows of a design (lower triangle).
#[derive(Debug, Clone)]
pub struct Gram {
    cells: Vec<f64>,
    rows: usize,
}

impl Gram {
    /// Returns the sums over the first `rows` rows.
    #[must_use]
    pub fn new(design: &Design, rows: usize) -> Self {
        let mut gram = Self { cells: vec![0.0; design.width * design.width], rows: 0 };
        gram.extend(design, rows);
        gram
    }

    /// Adds the rows up to `rows`.
    pub fn extend(&mut self, design: &Design, rows: usize) {
        let width = design.width;
        for at in self.rows..rows {
            let row = design.row(at);
            for (i, value) in row.iter().enumerate() {
                let cells = &mut self.cells[i * width..=i * width + i];
                for (cell, other) in cells.iter_mut().zip(row) {
                    *cell += value * other;
                }
            }
        }
        self.rows = self.rows.max(rows);
    }
}

/// A fitted regression standing after some value.
#[derive(Debug, Clone)]
pub struct Harmonic<'a> {
    design: &'a Design,
    /// One weight a column of the design, 0 where it is not used.
    weights: Vec<f64>,
    remainder: Autoregression,
    /// What the regression left over, newest last.
    past: Vec<f64>,
    /// The row of the next value.
    at: usize,
}

impl<'a> Harmonic<'a> {
    /// Fits to `filled` (no NaN), the values of the first rows of the design, with an
    /// autoregression of at most `order_max` lags. `gram` holds at least these rows.
    #[must_use]
    pub fn fit(
        design: &'a Design,
        gram: &Gram,
        filled: &[f64],
        uses: Uses,
        order_max: usize,
    ) -> Option<Self> {
        let columns: Vec<usize> = design.columns(uses).collect();
        let n = filled.len();
        if n < ROWS_PER_COLUMN_MIN * columns.len() + 2 {
            return None;
        }
        let mut moment = vec![0.0; design.width];
        for (at, y) in filled.iter().enumerate() {
            for (sum, x) in moment.iter_mut().zip(design.row(at)) {
                *sum += x * y;
            }
        }
        let k = columns.len();
        let mut square = vec![0.0; k * k];
        for (i, a) in columns.iter().enumerate() {
            for (j, b) in columns[..=i].iter().enumerate() {
                let beyond: f64 =
                    (n..gram.rows).map(|at| design.row(at)[*a] * design.row(at)[*b]).sum();
                square[i * k + j] = gram.cells[a * design.width + b] - beyond;
            }
            square[i * k + i] += RIDGE_PER_ROW * n as f64;
        }
        let right = columns.iter().map(|c| moment[*c]).collect();
        let solved = solve(square, right)?;
        let mut weights = vec![0.0; design.width];
        for (column, weight) in columns.iter().zip(solved) {
            weights[*column] = weight;
        }
        let past: Vec<f64> =
            filled.iter().enumerate().map(|(at, y)| y - design.expected(at, &weights)).collect();
        let remainder = Autoregression::fit(&past, order_max);
        Some(Self { design, weights, remainder, past, at: n })
    }
}

impl Online for Harmonic<'_> {
    fn advance(&mut self, y: &[f64]) {
        for value in y {
            let left = if value.is_nan() {
                self.remainder.expected(&self.past)
            } else {
                value - self.design.expected(self.at, &self.weights)
            };
            self.past.push(left);
            self.at += 1;
        }
    }

    fn forecast(&self, path: &mut [f64]) {
        let order = self.remainder.lags.len();
        let mut past = self.past[self.past.len().saturating_sub(order)..].to_vec();
        for (ahead, value) in path.iter_mut().enumerate() {
            let left = self.remainder.expected(&past);
            past.push(left);
            *value = self.design.expected(self.at + ahead, &self.weights) + left;
        }
    }
}

/// Returns the solution of a symmetric system (lower triangle given) by its Cholesky factor.
#[must_use]
pub fn solve(mut lower: Vec<f64>, mut x: Vec<f64>) -> Option<Vec<f64>> {
    let k = x.len();
    for i in 0..k {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|c| lower[i * k + c] * lower[j * k + c]).sum();
            let rest = lower[i * k + j] - dot;
            if i == j && (rest.is_nan() || rest <= 0.0) {
                return None;
            }
            lower[i * k + j] = if i == j { rest.sqrt() } else { rest / lower[j * k + j] };
        }
        let dot: f64 = (0..i).map(|c| lower[i * k + c] * x[c]).sum();
        x[i] = (x[i] - dot) / lower[i * k + i];
    }
    for i in (0..k).rev() {
        let dot: f64 = (i + 1..k).map(|c| lower[c * k + i] * x[c]).sum();
        x[i] = (x[i] - dot) / lower[i * k + i];
    }
    x.iter().all(|v| v.is_finite()).then_some(x)
}
