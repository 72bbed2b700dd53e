//! The normal equations of standardised features.

use ndarray::{Array1, Array2, ArrayView1};

use crate::forecast::learn::cholesky::Cholesky;
use crate::forecast::learn::error::{LearnError, Result};
use crate::forecast::learn::guard::Sample;
use crate::forecast::learn::standard::{Standard, total_weight, weighted_means};

/// Standardised rows and their products; one factor of it serves every target.
pub(super) struct System<'a> {
    pub(super) sample: &'a Sample<'a>,
    /// Features (rows = samples, cols = varying features), each row times the root of its weight.
    pub(super) z: Array2<f64>,
    /// Centred targets (rows = samples, cols = targets), each row times the root of its weight.
    pub(super) y: Array2<f64>,
    /// The weighted mean of each target.
    pub(super) levels: Array1<f64>,
    pub(super) standard: Standard,
    pub(super) total_weight: f64,
    pub(super) products: Products,
}

/// Products of features with features and with targets.
#[derive(Debug, Clone)]
pub(super) struct Products {
    pub(super) gram: Array2<f64>,
    pub(super) cross: Array2<f64>,
}

impl Products {
    /// Returns the factor of the penalised products, or the first dependent column.
    pub(super) fn factor(&self, penalty: f64) -> std::result::Result<Cholesky, usize> {
        let mut gram = self.gram.clone();
        gram.diag_mut().mapv_inplace(|d| d + penalty);
        Cholesky::factor(gram)
    }

    /// Returns the coefficients of the standardised features for one target.
    pub(super) fn solve(&self, factor: &Cholesky, target: usize) -> Array1<f64> {
        Array1::from(factor.solve(self.cross.column(target)))
    }
}

impl<'a> System<'a> {
    pub(super) fn new(sample: &'a Sample<'a>) -> Self {
        let weights = sample.weights.as_ref();
        let standard = Standard::of(sample.records.view(), weights);
        let z = standard.root_weighted(sample.records.view(), weights);
        let levels = weighted_means(sample.targets.view(), weights);
        let mut y = &sample.targets - &levels;
        if let Some(weights) = weights {
            y *= &weights.mapv(f64::sqrt).insert_axis(ndarray::Axis(1));
        }
        let products = Products { gram: z.t().dot(&z), cross: z.t().dot(&y) };
        let total_weight = total_weight(weights, sample.rows());
        Self { sample, z, y, levels, standard, total_weight, products }
    }

    /// Returns the factor of the penalised products of all rows.
    ///
    /// # Errors
    /// [`LearnError::Collinear`] with the name of the first dependent feature.
    pub(super) fn factor(&self, penalty: f64) -> Result<Cholesky> {
        self.products.factor(penalty).map_err(|column| {
            let place = self.standard.varying().nth(column).unwrap_or_default();
            LearnError::Collinear { feature: self.sample.features.names()[place].clone() }
        })
    }

    /// Returns the root of a row's weight.
    pub(super) fn root_weight(&self, row: usize) -> f64 {
        self.sample.weights.as_ref().map_or(1.0, |w| w[row].sqrt())
    }

    /// Returns the root-weighted residuals of one target.
    pub(super) fn residuals(&self, beta: ArrayView1<'_, f64>, target: usize) -> Array1<f64> {
        &self.y.column(target) - &self.z.dot(&beta)
    }

    /// Returns how much of each row's own target is in its forecast: the hat matrix's diagonal.
    pub(super) fn leverages(&self, factor: &Cholesky) -> Array1<f64> {
        let mut solved = vec![0.0; self.z.ncols()];
        let rows = self.z.rows().into_iter().enumerate();
        rows.map(|(i, z)| {
            solved.iter_mut().zip(z).for_each(|(to, from)| *to = *from);
            factor.solve_lower(&mut solved);
            let of_level = self.root_weight(i).powi(2) / self.total_weight;
            of_level + solved.iter().map(|v| v * v).sum::<f64>()
        })
        .collect()
    }

    /// Returns the root-weighted residuals of each row under the fit to all others.
    pub(super) fn left_out(
        &self,
        leverages: &Array1<f64>,
        beta: ArrayView1<'_, f64>,
        target: usize,
    ) -> Array1<f64> {
        self.residuals(beta, target) / (1.0 - leverages)
    }
}
