//! Normal equations that can be added up, aged and solved: ridge regression over many seasons
//! without ever holding all rows.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, s};

use super::error::{LearnError, Result};

/// Columns of one block of the product; only blocks on and above the diagonal are computed.
const BLOCK: usize = 128;

/// The sums `XᵀWX` and `XᵀWy` of weighted rows.
#[derive(Debug, Clone)]
pub(in crate::forecast) struct Normal {
    /// Upper triangle by blocks; what lies below them is not kept.
    gram: Array2<f64>,
    moment: Array1<f64>,
}

impl Normal {
    /// Returns the empty sums of `width` features.
    pub fn new(width: usize) -> Self {
        Self { gram: Array2::zeros((width, width)), moment: Array1::zeros(width) }
    }

    /// Adds rows (rows = samples, cols = features), which must already be multiplied by the roots
    /// of their weights, as must the targets.
    pub fn add(&mut self, rows: ArrayView2<'_, f64>, targets: &[f64]) {
        let width = self.moment.len();
        for from in (0..width).step_by(BLOCK) {
            let to = (from + BLOCK).min(width);
            let mut block = self.gram.slice_mut(s![from..to, from..]);
            general_mat_mul(
                1.0,
                &rows.slice(s![.., from..to]).t(),
                &rows.slice(s![.., from..]),
                1.0,
                &mut block,
            );
        }
        for (row, target) in rows.rows().into_iter().zip(targets) {
            self.moment.scaled_add(*target, &row);
        }
    }

    /// Adds the sums of other rows.
    pub fn merge(&mut self, other: &Self) {
        self.gram += &other.gram;
        self.moment += &other.moment;
    }

    /// Multiplies the weight of everything so far.
    pub fn age(&mut self, factor: f64) {
        self.gram *= factor;
        self.moment *= factor;
    }

    /// Returns the sums of the last `width` features alone.
    pub fn tail(&self, width: usize) -> Self {
        let from = self.moment.len() - width;
        let mut gram = self.gram.slice(s![from.., from..]).to_owned();
        for i in 0..width {
            for j in 0..i {
                gram[[i, j]] = gram[[j, i]];
            }
        }
        Self { gram, moment: self.moment.slice(s![from..]).to_owned() }
    }

    /// Returns the coefficients that minimise the squared errors plus `penalty[i]` times the squared
    /// distance of each from its `prior` (zero without one).
    ///
    /// # Errors
    /// [`LearnError::Collinear`] when the penalised sums are not positive definite.
    pub fn solve(&self, penalty: &[f64], prior: Option<&[f64]>) -> Result<Vec<f64>> {
        let width = self.moment.len();
        let mut lower = vec![0.0; width * width];
        let mut rest = self.moment.to_vec();
        for i in 0..width {
            for j in 0..=i {
                lower[i * width + j] = self.gram[[j, i]];
            }
        }
        if let Some(prior) = prior {
            for i in 0..width {
                for j in 0..width {
                    rest[i] -= lower[i.max(j) * width + i.min(j)] * prior[j];
                }
            }
        }
        for (i, penalty) in penalty.iter().enumerate() {
            lower[i * width + i] += penalty;
        }
        factor(&mut lower, width)
            .map_err(|column| LearnError::Collinear { feature: format!("x{column}") })?;
        back_substitute(&lower, &mut rest);
        if let Some(prior) = prior {
            rest.iter_mut().zip(prior).for_each(|(b, p)| *b += p);
        }
        Ok(rest)
    }
}

/// Replaces the lower triangle (row by row) by its Cholesky factor, or names the column that fails.
fn factor(lower: &mut [f64], width: usize) -> std::result::Result<(), usize> {
    for i in 0..width {
        let (before, from_i) = lower.split_at_mut(i * width);
        let row = &mut from_i[..=i];
        for j in 0..i {
            let other = &before[j * width..=j * width + j];
            row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
        }
        let rest = row[i] - dot(&row[..i], &row[..i]);
        if rest.is_nan() || rest <= 0.0 {
            return Err(i);
        }
        row[i] = rest.sqrt();
    }
    Ok(())
}

fn back_substitute(lower: &[f64], b: &mut [f64]) {
    let width = b.len();
    for i in 0..width {
        let row = &lower[i * width..=i * width + i];
        b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
    }
    for i in (0..width).rev() {
        let row = &lower[i * width..=i * width + i];
        b[i] /= row[i];
        let known = b[i];
        b[..i].iter_mut().zip(row).for_each(|(b, l)| *b -= l * known);
    }
}

/// Returns the inner product, in eight sums of fixed order.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f64 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in left.zip(right) {
        for k in 0..8 {
            sums[k] += x[k] * y[k];
        }
    }
    sums.iter().sum::<f64>() + tail
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn ridge_of_two_features_can_be_checked_by_hand() {
        let mut sums = Normal::new(2);
        sums.add(array![[1.0, 0.0], [0.0, 2.0]].view(), &[3.0, 4.0]);
        let b = sums.solve(&[1.0, 4.0], None).unwrap();
        assert!((b[0] - 1.5).abs() < 1e-15 && (b[1] - 1.0).abs() < 1e-15, "{b:?}");
        let kept = sums.solve(&[1e12, 1e12], Some(&[7.0, 9.0])).unwrap();
        assert!((kept[0] - 7.0).abs() < 1e-9 && (kept[1] - 9.0).abs() < 1e-9, "{kept:?}");
        let tail = sums.tail(1).solve(&[4.0], None).unwrap();
        assert!((tail[0] - 1.0).abs() < 1e-15);
    }

    #[test]
    fn rows_added_in_parts_give_the_sums_of_all() {
        let rows =
            Array2::from_shape_fn((40, 300), |(i, j)| ((i * 31 + j * 17) % 23) as f64 - 11.0);
        let targets: Vec<f64> = (0..40).map(|i| f64::from(i % 7)).collect();
        let (mut whole, mut first, mut second) =
            (Normal::new(300), Normal::new(300), Normal::new(300));
        whole.add(rows.view(), &targets);
        first.add(rows.slice(s![..15, ..]), &targets[..15]);
        second.add(rows.slice(s![15.., ..]), &targets[15..]);
        first.merge(&second);
        let penalty = vec![2.0; 300];
        let (a, b) = (whole.solve(&penalty, None).unwrap(), first.solve(&penalty, None).unwrap());
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-9));
        let fit = rows.dot(&Array1::from(a.clone()));
        let slope: Vec<f64> = (0..300)
            .map(|j| {
                let pull: f64 = (0..40).map(|i| rows[[i, j]] * (targets[i] - fit[i])).sum();
                pull - 2.0 * a[j]
            })
            .collect();
        assert!(slope.iter().all(|g| g.abs() < 1e-8), "the gradient vanishes at the solution");
    }
}
