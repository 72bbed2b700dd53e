//! Ridge regression, weighted, with many targets at once and the penalty chosen from a list.
//!
//! Reduces `Σ w (y − level − Σ β z)² + λ Σ β²` where `z` are the features with mean 0 and standard
//! deviation 1 over the weighted rows; the level is not penalised. Constant features get the
//! coefficient 0. Reading order: [`params`] what can be set · `system` the normal equations ·
//! `choose` the penalty.

mod choose;
pub mod params;
mod system;

use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2, ArrayBase, Axis, Data, Ix1, Ix2};

pub use params::{Penalty, RidgeParams, RidgeValidParams};

use super::error::{LearnError, Result};
use super::guard::{Missing, Sample};
use super::linear_model::{LinearMethod, LinearModel, LinearModels};
use choose::choose;
use system::System;

impl<D, E> Fit<ArrayBase<D, Ix2>, ArrayBase<E, Ix1>, LearnError> for RidgeValidParams
where
    D: Data<Elem = f64>,
    E: Data<Elem = f64>,
{
    type Object = LinearModel;

    /// Returns the ridge regression of one target.
    fn fit(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, ArrayBase<E, Ix1>>,
    ) -> Result<LinearModel> {
        let targets = dataset.targets.view().insert_axis(Axis(1));
        let sample = Sample::of(dataset, targets, Missing::Refused)?;
        Ok(self.fit_sample(&sample)?.remove(0))
    }
}

impl<D, E> Fit<ArrayBase<D, Ix2>, ArrayBase<E, Ix2>, LearnError> for RidgeValidParams
where
    D: Data<Elem = f64>,
    E: Data<Elem = f64>,
{
    type Object = LinearModels;

    /// Returns the ridge regressions of all targets, each with its own penalty.
    fn fit(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, ArrayBase<E, Ix2>>,
    ) -> Result<LinearModels> {
        let sample = Sample::of(dataset, dataset.targets.view(), Missing::Refused)?;
        Ok(LinearModels(self.fit_sample(&sample)?))
    }
}

impl RidgeValidParams {
    /// Returns for each row how far its target (cols = targets) is from the forecast of the ridge
    /// fitted to all other rows, through the hat matrix; rows of weight 0 are left out.
    ///
    /// The penalty is the one fixed or chosen on all rows, the standardisation that of all rows.
    ///
    /// # Errors
    /// [`LearnError`] as for fitting.
    pub fn leave_one_out<D, E>(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, ArrayBase<E, Ix2>>,
    ) -> Result<Array2<f64>>
    where
        D: Data<Elem = f64>,
        E: Data<Elem = f64>,
    {
        let sample = Sample::of(dataset, dataset.targets.view(), Missing::Refused)?;
        let system = System::new(&sample);
        let mut out = Array2::zeros(sample.targets.raw_dim());
        for (target, penalty) in choose(&self.penalty, &system)?.into_iter().enumerate() {
            let factor = system.factor(penalty)?;
            let beta = system.products.solve(&factor, target);
            let roots = Array1::from_shape_fn(sample.rows(), |row| system.root_weight(row));
            out.column_mut(target).assign(
                &(system.left_out(&system.leverages(&factor), beta.view(), target) / roots),
            );
        }
        Ok(out)
    }

    fn fit_sample<'a>(&self, sample: &'a Sample<'a>) -> Result<Vec<LinearModel>> {
        let system = System::new(sample);
        let model = |(target, penalty): (usize, f64)| {
            let beta = system.products.solve(&system.factor(penalty)?, target);
            Ok(LinearModel {
                method: LinearMethod::Ridge(penalty),
                features: sample.features.clone(),
                means: system.standard.means.to_vec(),
                coefficients: system.standard.per_unit(&beta.to_vec()),
                level: system.levels[target],
            })
        };
        choose(&self.penalty, &system)?.into_iter().enumerate().map(model).collect()
    }
}

#[cfg(test)]
mod tests;
