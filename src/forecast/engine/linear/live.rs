//! A linear model that goes on by recursive least squares: one new row is `O(width²)`, a path needs
//! no solution at all.
//!
//! A row changes weights and inverse by the formula of Sherman & Morrison (1950), which gives what
//! the normal equations of all rows would give. What is kept of a model are plain numbers, end to end
//! in the store of its panel, so that ten thousand models are one piece of memory and of a file:
//!
//! ```text
//! mean spread top loss rows | weights | inverse, upper triangle | last values | last levels
//! ```

use super::Linear;
use super::fit::{Future, walk};
use super::gram::{Factor, Gram, dot, multiply_packed, solve};
use super::shape::Shape;
use super::transform::Transform;
use crate::forecast::engine::series::Ask;

/// Numbers before the weights: mean and spread of the transform, highest level seen, the penalised
/// sum of squares, and the rows it is of.
const HEAD: usize = 5;
const MEAN: usize = 0;
const SPREAD: usize = 1;
const TOP: usize = 2;
const LOSS: usize = 3;
const ROWS: usize = 4;

/// A fit at the end of its series: what a model begins to go on from.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// The columns.
    pub(crate) shape: Shape,
    /// The transform; its mean and spread stay as they are until the next fit.
    pub(crate) transform: Transform,
    /// Highest level seen.
    pub(crate) top: f64,
    /// The normal equations.
    pub(crate) gram: Gram,
    /// The last transformed values, as many as the longest lag.
    pub(crate) tail: Vec<f64>,
    /// The last levels, as many as the difference looks back.
    pub(crate) levels: Vec<f64>,
}

/// What all models with the same settings and columns share.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    shape: Shape,
    /// Mean and spread are each model's own.
    transform: Transform,
    penalty: Vec<f64>,
    prior: Vec<f64>,
}

/// Scratch memory for live models; waves are kept as long as positions stay the same.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// Waves of the row to add, and of the path.
    now: Waves,
    path: Waves,
    row: Vec<f64>,
    gain: Vec<f64>,
    tail: Vec<f64>,
}

/// Waves of some positions, one column after the other, and what they were made for.
#[derive(Debug, Clone, Default)]
struct Waves {
    columns: Vec<f64>,
    of: Option<(i64, usize, Vec<f64>)>,
}

impl Waves {
    fn at(&mut self, shape: &Shape, position: i64, steps: usize) -> &[f64] {
        if shape.waves.is_empty() {
            return &[];
        }
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

/// The numbers of one model by what they are.
struct Parts<T> {
    head: T,
    weights: T,
    inverse: T,
    tail: T,
    levels: T,
}

impl Plan {
    /// Returns what models with these settings and columns share.
    #[must_use]
    pub fn new(linear: &Linear, shape: Shape, ask: &Ask) -> Self {
        let (mut penalty, mut prior) = (Vec::new(), Vec::new());
        linear.hold(&shape, &mut penalty, &mut prior);
        let transform = Transform::new(linear.log, linear.difference, ask);
        Self { shape, transform, penalty, prior }
    }

    /// Returns how many numbers are kept of a model.
    #[must_use]
    pub fn size(&self) -> usize {
        let width = self.prior.len();
        HEAD + width + width * (width + 1) / 2 + self.shape.reach() + self.transform.lag
    }

    /// Appends the numbers of a model that goes on from a fit. `O(width³ / 2)`.
    pub fn append(&self, end: &End, factor: &mut Factor, into: &mut Vec<f64>) {
        let mut weights = Vec::new();
        solve(&end.gram, &self.penalty, &self.prior, factor, &mut weights);
        let loss = end.gram.residual(&weights) + self.pull(&weights);
        let Transform { mean, spread, .. } = end.transform;
        into.extend([mean, spread, end.top, loss, end.gram.rows as f64]);
        into.extend_from_slice(&weights);
        factor.write_inverse(weights.len(), into);
        into.extend_from_slice(&end.tail);
        into.extend_from_slice(&end.levels);
    }

    /// Adds the value of the next step, at `position`; NaN (missing) is bridged by the model's own
    /// forecast, and so is what has no logarithm. `O(width²)`.
    pub fn push(&self, numbers: &mut [f64], position: i64, y: f64, scratch: &mut Scratch) {
        let Parts { head, weights, inverse, tail, levels } = self.parts_mut(numbers);
        let transform = Transform { mean: head[MEAN], spread: head[SPREAD], ..self.transform };
        let before = levels.first().copied().unwrap_or(0.0);
        let level = transform.level(y);
        let (value, level) = if level.is_finite() {
            let value = transform.forward(level, before);
            self.write_row(tail, position, scratch);
            head[LOSS] += absorb(&scratch.row, value, weights, inverse, &mut scratch.gain);
            head[ROWS] += 1.0;
            (value, level)
        } else {
            let mut step = [0.0];
            self.walk(weights, tail, position, &mut step, scratch);
            (step[0], transform.undo(step[0], before))
        };
        head[TOP] = head[TOP].max(level);
        shift_in(tail, value);
        shift_in(levels, level);
    }

    /// Writes the path of the steps from `position` on and returns the standard deviation of the
    /// residuals, in the unit of the series. The numbers are those of a fit on all rows with the
    /// same transform.
    pub fn path(
        &self,
        numbers: &[f64],
        position: i64,
        path: &mut [f64],
        scratch: &mut Scratch,
    ) -> f64 {
        let Parts { head, weights, tail, levels, .. } = self.parts(numbers);
        let transform = Transform { mean: head[MEAN], spread: head[SPREAD], ..self.transform };
        self.walk(weights, tail, position, path, scratch);
        transform.back(path, levels, head[TOP]);
        let freedom = (head[ROWS] - 0.5 * weights.len() as f64).max(1.0);
        let sigma = ((head[LOSS] - self.pull(weights)).max(0.0) / freedom).sqrt();
        let level = levels.last().copied().unwrap_or_else(|| {
            let value = tail.last().copied().unwrap_or(0.0);
            transform.undo(value, 0.0)
        });
        transform.unit(sigma, level)
    }

    /// Returns what the ridge adds to the sum of squares of these weights.
    fn pull(&self, weights: &[f64]) -> f64 {
        let apart = weights.iter().zip(&self.prior).map(|(weight, prior)| weight - prior);
        apart.zip(&self.penalty).map(|(apart, penalty)| penalty * apart * apart).sum()
    }

    fn write_row(&self, tail: &[f64], position: i64, scratch: &mut Scratch) {
        let row = &mut scratch.row;
        row.clear();
        row.extend(self.shape.lags.iter().map(|lag| tail[tail.len() - lag]));
        row.extend_from_slice(scratch.now.at(&self.shape, position, 1));
        row.push(1.0);
        row.resize(self.prior.len(), 0.0);
        self.shape.dummies_at(position, |dummy| row[dummy] = 1.0);
    }

    /// Walks in transformed values.
    fn walk(
        &self,
        weights: &[f64],
        tail: &[f64],
        position: i64,
        path: &mut [f64],
        scratch: &mut Scratch,
    ) {
        scratch.tail.clear();
        scratch.tail.extend_from_slice(tail);
        let extras = scratch.path.at(&self.shape, position, path.len());
        let future = Future { extras, stride: path.len(), offset: 0 };
        walk(&self.shape, weights, &mut scratch.tail, &future, position, path);
    }

    /// Returns where weights, inverse, last values and last levels end.
    fn ends(&self) -> [usize; 3] {
        let width = self.prior.len();
        let inverse = HEAD + width + width * (width + 1) / 2;
        [HEAD + width, inverse, inverse + self.shape.reach()]
    }

    fn parts<'n>(&self, numbers: &'n [f64]) -> Parts<&'n [f64]> {
        let [weights, inverse, tail] = self.ends();
        Parts {
            head: &numbers[..HEAD],
            weights: &numbers[HEAD..weights],
            inverse: &numbers[weights..inverse],
            tail: &numbers[inverse..tail],
            levels: &numbers[tail..],
        }
    }

    fn parts_mut<'n>(&self, numbers: &'n mut [f64]) -> Parts<&'n mut [f64]> {
        let [weights, inverse, tail] = self.ends();
        let (rest, levels) = numbers.split_at_mut(tail);
        let (rest, tail) = rest.split_at_mut(inverse);
        let (rest, inverse) = rest.split_at_mut(weights);
        let (head, weights) = rest.split_at_mut(HEAD);
        Parts { head, weights, inverse, tail, levels }
    }
}

/// Takes one row into the weights and the inverse they come from, and returns what it adds to the
/// penalised sum of squares.
fn absorb(
    row: &[f64],
    value: f64,
    weights: &mut [f64],
    inverse: &mut [f64],
    gain: &mut Vec<f64>,
) -> f64 {
    multiply_packed(inverse, row, gain);
    let share = 1.0 / (1.0 + dot(row, gain));
    let error = value - dot(row, weights);
    weights.iter_mut().zip(&*gain).for_each(|(weight, gain)| *weight += share * error * gain);
    let mut below = inverse;
    for (i, own) in gain.iter().enumerate() {
        let (cells, rest) = below.split_at_mut(gain.len() - i);
        let own = share * own;
        cells.iter_mut().zip(&gain[i..]).for_each(|(cell, other)| *cell -= own * other);
        below = rest;
    }
    share * error * error
}

/// Drops the oldest of some values for a new one.
fn shift_in(values: &mut [f64], new: f64) {
    if let Some(last) = values.len().checked_sub(1) {
        values.copy_within(1.., 0);
        values[last] = new;
    }
}
