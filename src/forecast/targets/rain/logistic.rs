//! Penalised logistic regression by Newton steps on added-up normal equations.

use ndarray::{Array2, ArrayView2, Axis};

use crate::forecast::learn::LearnError;
use crate::forecast::learn::normal::Normal;

/// Rows multiplied out at a time: a block of some forty columns stays in the second-level cache.
const BLOCK_ROWS: usize = 512;
/// A step that moves no coefficient further than this ends the search (logits).
const STILL: f64 = 1e-4;
/// The least variance a row is given, so that a certain row cannot divide by nothing.
const VARIANCE_MIN: f64 = 1e-6;

/// Rows of columns, each with a known part of its logit, how often it was tried and how often the
/// event came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trials<'a> {
    /// Columns (rows = samples, cols = columns).
    pub rows: ArrayView2<'a, f64>,
    /// The part of the logit that is given.
    pub offset: &'a [f64],
    /// How often each row was tried; zero leaves it out.
    pub tried: &'a [f64],
    /// How often the event came.
    pub came: &'a [f64],
}

/// Returns the coefficients that maximise the likelihood less half of `penalty[i]` times the square
/// of each, after at most `steps` steps from `start`.
///
/// # Errors
/// [`LearnError::Collinear`] when a column has neither information nor penalty.
pub(super) fn fit(
    trials: &Trials<'_>,
    penalty: &[f64],
    start: Vec<f64>,
    steps: usize,
) -> Result<Vec<f64>, LearnError> {
    let mut found = start;
    for _ in 0..steps {
        let next = step(trials, &found).solve(penalty, None)?;
        let moved = next.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        found = next;
        if moved < STILL {
            break;
        }
    }
    Ok(found)
}

/// Returns the normal equations whose solution is the next step.
fn step(trials: &Trials<'_>, coefficients: &[f64]) -> Normal {
    let width = coefficients.len();
    let mut sums = Normal::new(width);
    let mut block = Array2::zeros((BLOCK_ROWS, width));
    let (mut targets, mut filled) = (vec![0.0; BLOCK_ROWS], 0);
    for (i, row) in trials.rows.axis_iter(Axis(0)).enumerate() {
        let tried = trials.tried[i];
        if tried <= 0.0 {
            continue;
        }
        let own = dot(row.as_slice().unwrap_or(&[]), coefficients);
        let odds = chance(trials.offset[i] + own);
        let variance = (odds * (1.0 - odds)).max(VARIANCE_MIN);
        let root = (tried * variance).sqrt();
        block.row_mut(filled).assign(&row);
        block.row_mut(filled).mapv_inplace(|v| v * root);
        targets[filled] = root * (own + (trials.came[i] / tried - odds) / variance);
        filled += 1;
        if filled == BLOCK_ROWS {
            sums.add(block.view(), &targets);
            filled = 0;
        }
    }
    let rest = block.view();
    sums.add(rest.split_at(Axis(0), filled).0, &targets[..filled]);
    sums
}

/// Returns the probability of a logit.
pub(super) fn chance(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// Returns the sum of products, in four sums of fixed order.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (left, right) = (a.chunks_exact(4), b.chunks_exact(4));
    let tail: f64 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    let mut sums = [0.0; 4];
    for (x, y) in left.zip(right) {
        for k in 0..4 {
            sums[k] += x[k] * y[k];
        }
    }
    sums.iter().sum::<f64>() + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns rows (1, x) with events whose logit is exactly -1 + 2 x in shares of many trials.
    fn example() -> (Array2<f64>, Vec<f64>, Vec<f64>) {
        let rows =
            Array2::from_shape_fn((9, 2), |(i, j)| if j == 0 { 1.0 } else { i as f64 / 4.0 - 1.0 });
        let came = rows.rows().into_iter().map(|r| 1e4 * chance(2.0 * r[1] - 1.0)).collect();
        (rows, vec![1e4; 9], came)
    }

    #[test]
    fn known_coefficients_are_found_again() {
        let (rows, tried, came) = example();
        let trials = Trials { rows: rows.view(), offset: &[0.0; 9], tried: &tried, came: &came };
        let found = fit(&trials, &[0.0; 2], vec![0.0; 2], 20).unwrap();
        assert!((found[0] + 1.0).abs() < 1e-9 && (found[1] - 2.0).abs() < 1e-9, "{found:?}");
        let given: Vec<f64> = rows.rows().into_iter().map(|r| 2.0 * r[1] - 1.0).collect();
        let trials = Trials { offset: &given, ..trials };
        let found = fit(&trials, &[0.0; 2], vec![0.3; 2], 20).unwrap();
        assert!(found.iter().all(|b| b.abs() < 1e-9), "nothing is left to learn: {found:?}");
    }

    #[test]
    fn the_penalised_likelihood_has_no_slope_at_the_answer() {
        let (rows, tried, came) = example();
        let trials = Trials { rows: rows.view(), offset: &[0.2; 9], tried: &tried, came: &came };
        let penalty = [30.0, 500.0];
        let found = fit(&trials, &penalty, vec![0.0; 2], 40).unwrap();
        for j in 0..2 {
            let pull: f64 = (0..9)
                .map(|i| {
                    let odds = chance(0.2 + dot(rows.row(i).as_slice().unwrap(), &found));
                    rows[[i, j]] * (came[i] - tried[i] * odds)
                })
                .sum();
            assert!((pull - penalty[j] * found[j]).abs() < 1.0, "column {j}: {pull} {found:?}");
        }
    }

    #[test]
    fn an_event_that_never_came_stays_finite() {
        let rows = Array2::ones((400, 1));
        let (tried, came) = (vec![1.0; 400], vec![0.0; 400]);
        let trials = Trials { rows: rows.view(), offset: &[0.0; 400], tried: &tried, came: &came };
        let found = fit(&trials, &[0.1], vec![-6.0], 30).unwrap();
        assert!(found[0].is_finite() && found[0] < -4.0, "{found:?}");
    }

    #[test]
    fn rows_beyond_a_block_count_like_the_first() {
        let many = 3 * BLOCK_ROWS + 7;
        let rows = Array2::from_shape_fn((many, 1), |(i, _)| (i % 5) as f64 - 2.0);
        let came: Vec<f64> = (0..many).map(|i| f64::from(u8::from(i % 5 > 2))).collect();
        let (tried, offset) = (vec![1.0; many], vec![0.0; many]);
        let trials = Trials { rows: rows.view(), offset: &offset, tried: &tried, came: &came };
        let found = fit(&trials, &[1.0], vec![0.0], 30).unwrap()[0];
        let slope: f64 =
            (0..many).map(|i| rows[[i, 0]] * (came[i] - chance(rows[[i, 0]] * found))).sum();
        assert!((slope - found).abs() < 0.5, "{slope} {found}");
    }
}
