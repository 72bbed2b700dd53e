//! Mean 0 and standard deviation 1 for features, with weights, and the way back.

use ndarray::{Array1, Array2, ArrayView2, Axis};

/// A feature whose standard deviation is below this share of its size is constant but for rounding.
const CONSTANT_SHARE: f64 = 1e-12;

/// The weighted means and standard deviations of columns.
#[derive(Debug, Clone)]
pub(super) struct Standard {
    pub(super) means: Array1<f64>,
    /// By varying column: its place and its standard deviation.
    varying: Vec<(usize, f64)>,
}

impl Standard {
    /// Returns means and standard deviations (of the population) of the columns of `x`.
    pub(super) fn of(x: ArrayView2<'_, f64>, weights: Option<&Array1<f64>>) -> Self {
        let means = weighted_means(x, weights);
        let squares = weighted_means((&x - &means).mapv_into(|d| d * d).view(), weights);
        let varying = squares
            .iter()
            .zip(&means)
            .map(|(square, mean)| (square.sqrt(), mean.abs()))
            .enumerate()
            .filter(|(_, (deviation, size))| *deviation > size * CONSTANT_SHARE)
            .map(|(column, (deviation, _))| (column, deviation))
            .collect();
        Self { means, varying }
    }

    /// Returns the places of the columns that are not constant.
    pub(super) fn varying(&self) -> impl Iterator<Item = usize> {
        self.varying.iter().map(|(column, _)| *column)
    }

    /// Returns the standardised varying columns, each row times the root of its weight.
    ///
    /// Column-major, which linfa's coordinate descent reads 4 to 14 times faster.
    pub(super) fn root_weighted(
        &self,
        x: ArrayView2<'_, f64>,
        weights: Option<&Array1<f64>>,
    ) -> Array2<f64> {
        let mut by_column = Array2::zeros((self.varying.len(), x.nrows()));
        for (mut to, &(column, deviation)) in by_column.rows_mut().into_iter().zip(&self.varying) {
            let mean = self.means[column];
            to.zip_mut_with(&x.column(column), |z, x| *z = (x - mean) / deviation);
        }
        let mut z = by_column.reversed_axes();
        if let Some(weights) = weights {
            z *= &weights.mapv(f64::sqrt).insert_axis(Axis(1));
        }
        z
    }

    /// Returns coefficients per unit of every column, 0 for constant ones, from those of the
    /// standardised varying columns.
    pub(super) fn per_unit(&self, beta: &[f64]) -> Vec<f64> {
        let mut coefficients = vec![0.0; self.means.len()];
        for (&(column, deviation), b) in self.varying.iter().zip(beta) {
            coefficients[column] = b / deviation;
        }
        coefficients
    }
}

/// Returns the weighted means of the columns.
pub(super) fn weighted_means(x: ArrayView2<'_, f64>, weights: Option<&Array1<f64>>) -> Array1<f64> {
    match weights {
        Some(weights) => weights.dot(&x) / weights.sum(),
        None => x.sum_axis(Axis(0)) / total_weight(None, x.nrows()),
    }
}

/// Returns the sum of the weights, which are one each if there are none.
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
pub(super) fn total_weight(weights: Option<&Array1<f64>>, rows: usize) -> f64 {
    weights.map_or(rows as f64, Array1::sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn weights_count_as_repeated_rows_and_constants_are_left_out() {
        let x = array![[1.0, 0.1, 7.0], [4.0, 0.1, 9.0]];
        let weighted = Standard::of(x.view(), Some(&array![2.0, 1.0]));
        let repeated = array![[1.0, 0.1, 7.0], [1.0, 0.1, 7.0], [4.0, 0.1, 9.0]];
        let repeated = Standard::of(repeated.view(), None);
        assert_eq!(weighted.varying().collect::<Vec<_>>(), [0, 2]);
        assert!((&weighted.means - &repeated.means).iter().all(|d| d.abs() < 1e-15));
        for ((i, a), (j, b)) in weighted.varying.iter().zip(&repeated.varying) {
            assert!(i == j && (a - b).abs() < 1e-15);
        }
        assert_eq!(weighted.per_unit(&[2.0_f64.sqrt(), 0.0]).len(), 3);
    }
}
