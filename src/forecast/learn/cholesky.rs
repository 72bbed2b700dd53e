//! The Cholesky factor of a small symmetric matrix, for normal equations.

use ndarray::{Array2, ArrayView1};

/// A pivot below this share of its own diagonal is rounding: the column is a combination of those
/// before it. Factors of correlations keep about 16 digits; 1e-11 leaves 5 of them.
const PIVOT_SHARE_MIN: f64 = 1e-11;

/// A lower triangle `L` with `L Lᵀ` the matrix, row by row.
#[derive(Debug, Clone)]
pub(super) struct Cholesky {
    lower: Array2<f64>,
}

impl Cholesky {
    /// Returns the factor, or the first column that depends on those before it.
    pub(super) fn factor(mut matrix: Array2<f64>) -> Result<Self, usize> {
        for i in 0..matrix.nrows() {
            let diagonal = matrix[[i, i]];
            for j in 0..=i {
                let (before, row_i) = (matrix.row(j), matrix.row(i));
                let dot: f64 = (0..j).map(|k| before[k] * row_i[k]).sum();
                let rest = matrix[[i, j]] - dot;
                matrix[[i, j]] = if i == j {
                    if rest.is_nan() || rest <= diagonal * PIVOT_SHARE_MIN {
                        return Err(i);
                    }
                    rest.sqrt()
                } else {
                    rest / matrix[[j, j]]
                };
            }
        }
        Ok(Self { lower: matrix })
    }

    /// Replaces `b` by the solution `z` of `L z = b`.
    pub(super) fn solve_lower(&self, b: &mut [f64]) {
        for i in 0..b.len() {
            let row = self.lower.row(i);
            let dot: f64 = b[..i].iter().zip(row).map(|(z, l)| z * l).sum();
            b[i] = (b[i] - dot) / row[i];
        }
    }

    /// Returns the solution `x` of `L Lᵀ x = b`.
    pub(super) fn solve(&self, b: ArrayView1<'_, f64>) -> Vec<f64> {
        let mut x = b.to_vec();
        self.solve_lower(&mut x);
        for i in (0..x.len()).rev() {
            x[i] /= self.lower[[i, i]];
            for k in 0..i {
                x[k] -= self.lower[[i, k]] * x[i];
            }
        }
        x
    }

    /// Returns the trace of the inverse of the matrix.
    pub(super) fn trace_of_inverse(&self) -> f64 {
        let n = self.lower.nrows();
        let mut unit = vec![0.0; n];
        let mut trace = 0.0;
        for i in 0..n {
            unit.fill(0.0);
            unit[i] = 1.0;
            self.solve_lower(&mut unit);
            trace += unit.iter().map(|z| z * z).sum::<f64>();
        }
        trace
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn solves_a_system_that_can_be_checked_by_hand() {
        let matrix = array![[4.0, 2.0], [2.0, 3.0]];
        let factor = Cholesky::factor(matrix).unwrap();
        let x = factor.solve(array![8.0, 8.0].view());
        assert!((x[0] - 1.0).abs() < 1e-15 && (x[1] - 2.0).abs() < 1e-15, "{x:?}");
        assert!((factor.trace_of_inverse() - 7.0 / 8.0).abs() < 1e-15);
    }

    #[test]
    fn a_dependent_column_is_named() {
        let a = array![[1.0, 0.3, 1.3], [0.3, 1.0, 1.3], [1.3, 1.3, 2.6]];
        assert_eq!(Cholesky::factor(a).unwrap_err(), 2);
        assert_eq!(Cholesky::factor(array![[f64::NAN]]).unwrap_err(), 0);
    }
}
