//! Normal equations of one series: sums that grow row by row, and their ridge solution.

use serde::{Deserialize, Serialize};

/// Partial sums of a dot product: independent adders keep the processor busy, and their fixed
/// number keeps the sum the same everywhere.
const LANES: usize = 8;

/// Share of a diagonal below which a pivot is rounding; the column is then left out (weight 0).
const PIVOT_SHARE_MIN: f64 = 1e-10;

/// The sums `XᵀX` (upper triangle, row by row), `Xᵀy` and `yᵀy` over the rows added so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Gram {
    width: usize,
    /// `XᵀX`, `width × width`; only columns `j >= i` of row `i` are kept.
    square: Vec<f64>,
    /// `Xᵀy`.
    pub moment: Vec<f64>,
    /// `yᵀy`.
    pub total: f64,
    /// Rows added.
    pub rows: usize,
}

impl Gram {
    /// Empties the sums for `width` columns, keeping the memory.
    pub fn reset(&mut self, width: usize) {
        self.width = width;
        self.square.clear();
        self.square.resize(width * width, 0.0);
        self.moment.clear();
        self.moment.resize(width, 0.0);
        self.total = 0.0;
        self.rows = 0;
    }

    /// Returns the number of columns.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Returns the cell of columns `i` and `j`, in either order.
    pub fn at(&mut self, i: usize, j: usize) -> &mut f64 {
        let (low, high) = if i < j { (i, j) } else { (j, i) };
        &mut self.square[low * self.width + high]
    }

    /// Adds one dense row. `O(width²)`, less for every 0.
    pub fn add_row(&mut self, x: &[f64], y: f64) {
        for (i, xi) in x.iter().enumerate().filter(|(_, xi)| **xi != 0.0) {
            let cells = &mut self.square[i * self.width + i..(i + 1) * self.width];
            for (cell, xj) in cells.iter_mut().zip(&x[i..]) {
                *cell += xi * xj;
            }
            self.moment[i] += xi * y;
        }
        self.total += y * y;
        self.rows += 1;
    }

    /// Reads rows, total, moments and the upper triangle, as stored panels of format 1 hold them, or
    /// returns `None` when the numbers end too soon.
    pub fn read(width: usize, next: &mut impl FnMut() -> Option<f64>) -> Option<Self> {
        let mut gram = Self::default();
        gram.reset(width);
        gram.rows = next()? as usize;
        gram.total = next()?;
        for moment in &mut gram.moment {
            *moment = next()?;
        }
        for i in 0..width {
            for j in i..width {
                *gram.at(i, j) = next()?;
            }
        }
        Some(gram)
    }

    /// Returns the sum of squared residuals of these weights.
    #[must_use]
    pub fn residual(&self, weights: &[f64]) -> f64 {
        let mut sum = self.total;
        for (i, wi) in weights.iter().enumerate() {
            let cells = &self.square[i * self.width + i..(i + 1) * self.width];
            let after: f64 = cells[1..].iter().zip(&weights[i + 1..]).map(|(c, w)| c * w).sum();
            sum += wi * (2.0 * after + cells[0] * wi - 2.0 * self.moment[i]);
        }
        sum.max(0.0)
    }
}

/// Scratch memory of [`solve`], and the factor it leaves.
#[derive(Debug, Clone, Default)]
pub struct Factor {
    upper: Vec<f64>,
    row: Vec<f64>,
}

impl Factor {
    /// Appends the inverse of the matrix [`solve`] last factorised, the upper triangle row by row;
    /// the factor is used up. A column that was left out has zeros. `O(n³ / 3)`.
    pub fn write_inverse(&mut self, n: usize, into: &mut Vec<f64>) {
        let Self { upper, row } = self;
        // `U⁻¹` in the place of `U`, from the last row up.
        for i in (0..n).rev() {
            let (above, below) = upper.split_at_mut((i + 1) * n);
            let cells = &mut above[i * n + i..];
            row.clear();
            row.resize(n - i, 0.0);
            row[0] = cells[0];
            for k in 1..n - i {
                let factor = cells[0] * cells[k];
                let done = &below[(k - 1) * n + i + k..k * n];
                row[k..].iter_mut().zip(done).for_each(|(new, v)| *new -= factor * v);
            }
            cells.copy_from_slice(row);
        }
        for i in 0..n {
            let row = &upper[i * n..(i + 1) * n];
            into.extend((i..n).map(|j| dot(&row[j..], &upper[j * n + j..(j + 1) * n])));
        }
    }
}

/// Writes the weights `b` that minimise `|y - Xb|² + Σ penalty (b - prior)²`. `O(width³ / 6)`.
///
/// Cholesky's factor `UᵀU`, row after row taken off the rows below it. A column that depends on
/// those before it gets the weight 0.
pub fn solve(
    gram: &Gram,
    penalty: &[f64],
    prior: &[f64],
    factor: &mut Factor,
    weights: &mut Vec<f64>,
) {
    let n = gram.width;
    let upper = &mut factor.upper;
    upper.clear();
    upper.extend_from_slice(&gram.square);
    penalty.iter().enumerate().for_each(|(i, penalty)| upper[i * n + i] += penalty);
    weights.clear();
    weights.extend(gram.moment.iter().zip(penalty).zip(prior).map(|((m, p), b)| m + p * b));
    factorise(upper, n);
    solve_factor(upper, weights);
}

/// Turns the upper triangle of a symmetric `n × n` matrix into its factor `U`, `UᵀU` the matrix,
/// with the inverses of its diagonal on the diagonal (0 for a column that depends on those before).
pub fn factorise(upper: &mut [f64], n: usize) {
    let diagonal: Vec<f64> = (0..n).map(|i| upper[i * n + i]).collect();
    for k in 0..n {
        let (done, below) = upper.split_at_mut((k + 1) * n);
        let row = &mut done[k * n + k..];
        let independent = row[0] > diagonal[k] * PIVOT_SHARE_MIN && row[0].is_finite();
        let inverse = if independent { 1.0 / row[0].sqrt() } else { 0.0 };
        row.iter_mut().for_each(|u| *u *= inverse);
        for (i, factor) in row.iter().enumerate().skip(1).filter(|(_, factor)| **factor != 0.0) {
            let from = (i - 1) * n + k + i;
            let cells = &mut below[from..from + n - k - i];
            cells.iter_mut().zip(&row[i..]).for_each(|(cell, u)| *cell -= factor * u);
        }
        row[0] = inverse;
    }
}

/// Replaces `b` by the solution of `UᵀU x = b`, `U` from [`factorise`].
pub fn solve_factor(upper: &[f64], b: &mut [f64]) {
    let n = b.len();
    for k in 0..n {
        let row = &upper[k * n + k..(k + 1) * n];
        b[k] *= row[0];
        let value = b[k];
        b[k + 1..].iter_mut().zip(&row[1..]).for_each(|(b, u)| *b -= u * value);
    }
    for k in (0..n).rev() {
        let row = &upper[k * n + k..(k + 1) * n];
        let after: f64 = row[1..].iter().zip(&b[k + 1..]).map(|(u, b)| u * b).sum();
        b[k] = (b[k] - after) * row[0];
    }
}

/// Writes the product of a symmetric matrix, its upper triangle packed row by row, with `x`.
pub fn multiply_packed(packed: &[f64], x: &[f64], product: &mut Vec<f64>) {
    product.clear();
    product.resize(x.len(), 0.0);
    let mut rest = packed;
    for (i, xi) in x.iter().enumerate() {
        let (row, below) = rest.split_at(x.len() - i);
        // What lies left of the diagonal stands in the rows above, which have added it here.
        product[i] += dot_short(row, &x[i..]);
        let right = product[i + 1..].iter_mut().zip(&row[1..]);
        right.for_each(|(sum, cell)| *sum += cell * xi);
        rest = below;
    }
}

/// As [`dot`], with half the lanes: for rows of a few dozen numbers.
fn dot_short(a: &[f64], b: &[f64]) -> f64 {
    let (a_whole, a_rest) = a.as_chunks::<4>();
    let (b_whole, b_rest) = b.as_chunks::<4>();
    let mut lanes = [0.0; 4];
    for (x, y) in a_whole.iter().zip(b_whole) {
        (0..4).for_each(|k| lanes[k] += x[k] * y[k]);
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]) + rest
}

/// Returns the dot product of two slices of one length, in a fixed order of additions.
#[must_use]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (a_whole, b_whole) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let tail: f64 = a_whole.remainder().iter().zip(b_whole.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a_whole.zip(b_whole) {
        for k in 0..LANES {
            lanes[k] += x[k] * y[k];
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (b + f)) + ((c + g) + (d + h)) + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_a_plane_are_found_and_a_prior_is_kept_without_rows() {
        let mut gram = Gram::default();
        gram.reset(3);
        for k in 0..9 {
            let (a, b) = (f64::from(k % 3), f64::from(k / 3));
            gram.add_row(&[a, b, 1.0], 2.0 * a - b + 5.0);
        }
        let (mut factor, mut weights) = (Factor::default(), Vec::new());
        solve(&gram, &[0.0; 3], &[0.0; 3], &mut factor, &mut weights);
        for (given, wanted) in weights.iter().zip([2.0, -1.0, 5.0]) {
            assert!((given - wanted).abs() < 1e-12, "{weights:?}");
        }
        assert!(gram.residual(&weights) < 1e-10);
        gram.reset(3);
        solve(&gram, &[1.0; 3], &[0.5, 0.0, 2.0], &mut factor, &mut weights);
        assert_eq!(weights, [0.5, 0.0, 2.0]);
    }

    #[test]
    fn a_column_given_twice_is_left_out_once() {
        let mut gram = Gram::default();
        gram.reset(2);
        for k in 1..5 {
            gram.add_row(&[f64::from(k), f64::from(k)], 3.0 * f64::from(k));
        }
        let (mut factor, mut weights) = (Factor::default(), Vec::new());
        solve(&gram, &[0.0; 2], &[0.0; 2], &mut factor, &mut weights);
        assert!((weights[0] + weights[1] - 3.0).abs() < 1e-12, "{weights:?}");
    }
}
