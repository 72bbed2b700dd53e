//! A linear model that goes on: one new row is `O(width²)`, a new path one small solution.

use super::Linear;
use super::fit::{Future, walk};
use super::gram::{Factor, Gram, solve};
use super::shape::Shape;
use super::transform::Transform;

/// One series' model between two rows. Memory: `width² + reach` numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    /// The columns.
    pub(crate) shape: Shape,
    /// The transform; its mean and spread stay as they were at the fit.
    pub(crate) transform: Transform,
    /// Highest level seen.
    pub(crate) top: f64,
    /// The normal equations.
    pub(crate) gram: Gram,
    /// The last transformed values, as many as the longest lag.
    pub(crate) tail: Vec<f64>,
    /// The last levels, as many as the difference looks back.
    pub(crate) levels: Vec<f64>,
    /// Position of the next row.
    pub(crate) next: i64,
}

/// Scratch memory for live models; waves are kept as long as positions stay the same.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// Waves of the row to add, and of the path.
    now: Waves,
    path: Waves,
    row: Vec<f64>,
    tail: Vec<f64>,
    factor: Factor,
    weights: Vec<f64>,
    penalty: Vec<f64>,
    prior: Vec<f64>,
}

/// Waves of some positions, one column after the other, and what they were made for.
#[derive(Debug, Clone, Default)]
struct Waves {
    columns: Vec<f64>,
    of: Option<(i64, usize, Vec<f64>)>,
}

impl Waves {
    fn at(&mut self, shape: &Shape, position: i64, steps: usize) -> &[f64] {
        let same = self.of.as_ref().is_some_and(|(at, length, waves)| {
            (*at, *length) == (position, steps) && *waves == shape.waves
        });
        if !same {
            self.columns.clear();
            shape.write_waves(position, steps, &mut self.columns);
            self.of = Some((position, steps, shape.waves.clone()));
        }
        &self.columns
    }
}

impl Live {
    /// Adds the value of the next step; NaN (missing) is bridged by the model's own forecast, and
    /// so is what has no logarithm.
    pub fn push(&mut self, linear: &Linear, y: f64, scratch: &mut Scratch) {
        let level = self.transform.level(y);
        let before = self.levels.first().copied().unwrap_or(0.0);
        if level.is_finite() {
            let value = self.transform.forward(level, before);
            let row = &mut scratch.row;
            row.clear();
            row.extend(self.shape.lags.iter().map(|lag| self.tail[self.tail.len() - lag]));
            row.extend_from_slice(scratch.now.at(&self.shape, self.next, 1));
            row.push(1.0);
            row.resize(self.shape.width(), 0.0);
            self.shape.dummies_at(self.next, |d| row[d] = 1.0);
            self.gram.add_row(row, value);
            self.advance(value, level);
        } else {
            let mut step = [0.0];
            self.walk(linear, &mut step, scratch);
            let level = self.transform.undo(step[0], before);
            self.advance(step[0], level);
        }
    }

    fn advance(&mut self, value: f64, level: f64) {
        let rotate = |values: &mut Vec<f64>, new: f64| {
            if !values.is_empty() {
                values.remove(0);
                values.push(new);
            }
        };
        rotate(&mut self.tail, value);
        rotate(&mut self.levels, level);
        self.top = self.top.max(level);
        self.next += 1;
    }

    /// Writes the path of the next steps and returns the standard deviation of the residuals, in
    /// the unit of the series. The numbers are those of a fit on all rows with the same transform.
    pub fn path(&self, linear: &Linear, path: &mut [f64], scratch: &mut Scratch) -> f64 {
        self.walk(linear, path, scratch);
        let freedom = (self.gram.rows as f64 - 0.5 * self.shape.width() as f64).max(1.0);
        let sigma = (self.gram.residual(&scratch.weights) / freedom).sqrt();
        self.transform.back(path, &self.levels, self.top);
        let level = self.levels.last().copied().unwrap_or_else(|| {
            let value = self.tail.last().copied().unwrap_or(0.0);
            self.transform.undo(value, 0.0)
        });
        self.transform.unit(sigma, level)
    }

    /// Solves the normal equations and walks, in transformed values.
    fn walk(&self, linear: &Linear, path: &mut [f64], scratch: &mut Scratch) {
        linear.hold(&self.shape, &mut scratch.penalty, &mut scratch.prior);
        let (penalty, prior) = (&scratch.penalty, &scratch.prior);
        solve(&self.gram, penalty, prior, &mut scratch.factor, &mut scratch.weights);
        scratch.tail.clear();
        scratch.tail.extend_from_slice(&self.tail);
        let extras = scratch.path.at(&self.shape, self.next, path.len());
        let future = Future { extras, stride: path.len(), offset: 0 };
        walk(&self.shape, &scratch.weights, &mut scratch.tail, &future, self.next, path);
    }
}
