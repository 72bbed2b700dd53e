//! What a linear candidate is told where nothing was known: the conditional mean given what was.
//!
//! Columns of a morning are taken as jointly normal, with means and correlations of all mornings
//! before. The mean of all would do harm: it would put a river in flood back to its yearly level.

use serde::{Deserialize, Serialize};

/// What is added to the variance of each column: measured correlations are never quite believed.
const DOUBT: f64 = 0.02;

/// Sums over mornings from which a [`Filler`] is made.
#[derive(Debug, Clone)]
pub(super) struct FillerSums {
    rows: f64,
    sums: Vec<f64>,
    /// Products of columns, row by row, the lower triangle; of the first row's departures, so that
    /// they keep their digits.
    products: Vec<f64>,
    origin: Vec<f64>,
}

impl FillerSums {
    /// Returns the empty sums.
    pub fn new(width: usize) -> Self {
        let products = vec![0.0; width * width];
        Self { rows: 0.0, sums: vec![0.0; width], products, origin: Vec::new() }
    }

    /// Adds a row; a column not known counts as its mean so far.
    pub fn add(&mut self, row: &[f64]) {
        if self.origin.is_empty() {
            self.origin = row.iter().map(|v| if v.is_finite() { *v } else { 0.0 }).collect();
        }
        let width = self.sums.len();
        let mean = |i: usize| if self.rows > 0.0 { self.sums[i] / self.rows } else { 0.0 };
        let departures: Vec<f64> = (0..width)
            .map(|i| if row[i].is_finite() { row[i] - self.origin[i] } else { mean(i) })
            .collect();
        self.rows += 1.0;
        for (i, a) in departures.iter().enumerate() {
            self.sums[i] += a;
            let line = &mut self.products[i * width..=i * width + i];
            line.iter_mut().zip(&departures).for_each(|(sum, b)| *sum += a * b);
        }
    }

    /// Returns the filler of the rows so far.
    pub fn filler(&self) -> Filler {
        let width = self.sums.len();
        let rows = self.rows.max(1.0);
        let means: Vec<f64> = self.sums.iter().map(|s| s / rows).collect();
        let covariance = |i: usize, j: usize| {
            self.products[i.max(j) * width + i.min(j)] / rows - means[i] * means[j]
        };
        let spreads: Vec<f64> = (0..width).map(|i| covariance(i, i).max(0.0).sqrt()).collect();
        let mut precision = vec![0.0; width * width];
        for i in 0..width {
            for j in 0..width {
                let both = spreads[i] * spreads[j];
                let correlation = if both > 1e-12 { covariance(i, j) / both } else { 0.0 };
                precision[i * width + j] = if i == j { 1.0 + DOUBT } else { correlation };
            }
        }
        invert(&mut precision, width);
        let origin = self.origin.iter().chain(std::iter::repeat(&0.0));
        let means = means.iter().zip(origin).map(|(m, o)| m + o).collect();
        let lower = (0..width).flat_map(|i| precision[i * width..=i * width + i].to_vec());
        Filler { means, spreads, precision: lower.collect() }
    }
}

/// Fills the columns that were not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Filler {
    means: Vec<f64>,
    spreads: Vec<f64>,
    /// Inverse of the correlations, the lower triangle row by row.
    precision: Vec<f64>,
}

impl Filler {
    /// Returns whether the lengths are those of a layout.
    pub fn fits(&self, width: usize) -> bool {
        let triangle = width * (width + 1) / 2;
        self.means.len() == width && self.spreads.len() == width && self.precision.len() == triangle
    }

    fn entry(&self, i: usize, j: usize) -> f64 {
        let (high, low) = (i.max(j), i.min(j));
        self.precision[high * (high + 1) / 2 + low]
    }

    /// Fills the gaps (NaN) of a row.
    pub fn fill(&self, row: &mut [f64]) {
        let gaps: Vec<usize> = (0..row.len()).filter(|i| !row[*i].is_finite()).collect();
        if gaps.is_empty() {
            return;
        }
        let standard = |i: usize| {
            let gap = !row[i].is_finite() || self.spreads[i] <= 1e-12;
            if gap { 0.0 } else { (row[i] - self.means[i]) / self.spreads[i] }
        };
        let known: Vec<f64> = (0..row.len()).map(standard).collect();
        let n = gaps.len();
        let mut block = vec![0.0; n * n];
        for (a, i) in gaps.iter().enumerate() {
            for (b, j) in gaps.iter().enumerate() {
                block[a * n + b] = self.entry(*i, *j);
            }
        }
        invert(&mut block, n);
        let pull: Vec<f64> = gaps
            .iter()
            .map(|i| known.iter().enumerate().map(|(j, z)| self.entry(*i, j) * z).sum())
            .collect();
        for (a, i) in gaps.iter().enumerate() {
            let z: f64 = -(0..n).map(|b| block[a * n + b] * pull[b]).sum::<f64>();
            row[*i] = self.means[*i] + z * self.spreads[*i];
        }
    }
}

/// Replaces a symmetric positive definite matrix by its inverse (Gauss and Jordan).
fn invert(matrix: &mut [f64], width: usize) {
    let mut pivot_row = vec![0.0; width];
    for k in 0..width {
        let pivot = matrix[k * width + k];
        pivot_row.copy_from_slice(&matrix[k * width..(k + 1) * width]);
        pivot_row.iter_mut().for_each(|v| *v /= pivot);
        pivot_row[k] = 1.0 / pivot;
        for (i, row) in matrix.chunks_exact_mut(width).enumerate() {
            if i == k {
                row.copy_from_slice(&pivot_row);
                continue;
            }
            let factor = row[k];
            row[k] = 0.0;
            row.iter_mut().zip(&pivot_row).for_each(|(v, p)| *v -= factor * p);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_filled_by_what_its_neighbours_say() {
        let mut sums = FillerSums::new(3);
        for k in 0..2_000 {
            let flood = 5.0 + 3.0 * (f64::from(k) / 58.0).sin();
            let noise = f64::from(k * 7_919 % 1_009) / 1_009.0 - 0.5;
            sums.add(&[flood, 2.0 * flood + 0.2 * noise, 9.0 + noise]);
        }
        let filler = sums.filler();
        let mut row = [8.0, f64::NAN, f64::NAN];
        filler.fill(&mut row);
        assert!((row[1] - 16.0).abs() < 0.3, "{row:?}");
        assert!((row[2] - 9.0).abs() < 0.1, "{row:?}");
        let mut blind = [f64::NAN; 3];
        filler.fill(&mut blind);
        assert!((blind[0] - 5.0).abs() < 0.5, "{blind:?}");
    }

    #[test]
    fn the_inverse_undoes_the_matrix() {
        let matrix = [4.0, 1.0, 0.5, 1.0, 3.0, -0.2, 0.5, -0.2, 2.0];
        let mut inverse = matrix;
        invert(&mut inverse, 3);
        for i in 0..3 {
            for j in 0..3 {
                let sum: f64 = (0..3).map(|k| matrix[i * 3 + k] * inverse[k * 3 + j]).sum();
                assert!((sum - f64::from(u8::from(i == j))).abs() < 1e-12);
            }
        }
    }
}
