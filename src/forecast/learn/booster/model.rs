//! The fitted booster: forecasts, importance, contributions; and linfa's traits.

use linfa::DatasetBase;
use linfa::dataset::AsSingleTargets;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, Array2, ArrayBase, ArrayView2, Axis, Data, Ix2, s};
use serde::{Deserialize, Serialize};

use super::artifact::BoosterFile;
use super::params::{BoosterParams, BoosterValidParams};
use super::train::train;
use super::tree::Tree;
use crate::forecast::learn::Regressor;
use crate::forecast::learn::error::{LearnError, Result};
use crate::forecast::learn::guard::{Features, Missing, Sample, check_len};

/// Rows walked through one tree before the next, so that the tree stays in the nearest cache.
const BLOCK_ROWS: usize = 256;

/// A fitted booster; stored and read back with serde as `format` 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BoosterFile", into = "BoosterFile")]
pub struct Booster {
    pub(super) params: BoosterValidParams,
    pub(super) features: Features,
    pub(super) start: f64,
    pub(super) trees: Vec<Tree>,
    pub(super) validation_loss: Vec<f64>,
}

impl Booster {
    /// Returns the default hyper-parameters, to be changed and fitted.
    #[must_use]
    pub fn params() -> BoosterParams {
        BoosterParams::new()
    }

    /// Returns the hyper-parameters the booster was fitted with.
    #[must_use]
    pub fn fitted_with(&self) -> &BoosterValidParams {
        &self.params
    }

    /// Returns the number of trees.
    #[must_use]
    pub fn n_trees(&self) -> usize {
        self.trees.len()
    }

    /// Returns the mean loss on the validation rows before the first tree and after each; empty if
    /// fitted without. It goes on past the trees kept, up to where fitting stopped.
    #[must_use]
    pub fn validation_loss(&self) -> &[f64] {
        &self.validation_loss
    }

    /// Returns by feature how much all its splits gained, in squared gradients per weight.
    #[must_use]
    pub fn gains(&self) -> Array1<f64> {
        let mut gains = Array1::zeros(self.features.names().len());
        for tree in &self.trees {
            for (node, gain) in tree.nodes.iter().zip(&tree.gains) {
                gains[node.feature as usize] += gain;
            }
        }
        gains
    }

    /// Returns the forecast's mean over the rows fitted on, which contributions start from.
    #[must_use]
    pub fn mean_forecast(&self) -> f64 {
        self.start + self.trees.iter().map(|tree| tree.nodes[0].value).sum::<f64>()
    }

    /// Returns what each feature adds to each forecast (rows = samples, cols = features, in the
    /// target's unit); a row's sum and [`Booster::mean_forecast`] make its forecast.
    ///
    /// A feature is credited with what its decisions change along the row's path (Saabas 2014).
    /// That costs no more than a forecast; features high in the trees get somewhat less than their
    /// Shapley value.
    ///
    /// # Errors
    /// [`LearnError`] when the records do not fit the model.
    pub fn contributions(&self, records: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.features.check_records(records, Missing::Allowed)?;
        let mut out = Array2::zeros(records.raw_dim());
        let mut row = vec![0.0; records.ncols()];
        for (record, mut by_feature) in records.rows().into_iter().zip(out.rows_mut()) {
            row.iter_mut().zip(record).for_each(|(to, from)| *to = *from);
            for tree in &self.trees {
                tree.add_contributions(&row, &mut by_feature);
            }
        }
        Ok(out)
    }

    /// Returns the contributions added up by group (rows = samples, cols = groups); `groups` has
    /// the group of each feature, counted from zero.
    ///
    /// # Errors
    /// [`LearnError`] when the records or the groups do not fit the model.
    pub fn group_contributions(
        &self,
        records: ArrayView2<'_, f64>,
        groups: &[usize],
    ) -> Result<Array2<f64>> {
        check_len("the list of feature groups", groups.len(), self.features.names().len())?;
        let by_feature = self.contributions(records)?;
        let count = groups.iter().max().map_or(0, |most| most + 1);
        let mut out = Array2::zeros((records.nrows(), count));
        for (column, &group) in by_feature.columns().into_iter().zip(groups) {
            let mut sum = out.column_mut(group);
            sum += &column;
        }
        Ok(out)
    }

    fn answer(&self, records: ArrayView2<'_, f64>) -> Array1<f64> {
        let mut out = Array1::from_elem(records.nrows(), self.start);
        let width = records.ncols();
        let mut block = Vec::with_capacity(BLOCK_ROWS * width);
        for (records, mut out) in records
            .axis_chunks_iter(Axis(0), BLOCK_ROWS)
            .zip(out.axis_chunks_iter_mut(Axis(0), BLOCK_ROWS))
        {
            block.clear();
            block.extend(records.iter().copied());
            for tree in &self.trees {
                for (i, forecast) in out.iter_mut().enumerate() {
                    *forecast += tree.value(&block[i * width..(i + 1) * width]);
                }
            }
        }
        out
    }
}

impl Regressor for Booster {
    fn name(&self) -> &'static str {
        "booster"
    }

    fn features(&self) -> &Features {
        &self.features
    }

    fn forecast(&self, records: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        self.features.check_records(records, Missing::Allowed)?;
        Ok(self.answer(records))
    }
}

impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<f64>> for Booster {
    /// Writes one forecast for each row of `x`.
    ///
    /// # Panics
    /// When `x` has not the features' number of columns, or `y` not as many entries as `x` rows, as
    /// linfa's own models do; [`Regressor::forecast`] returns an error instead.
    fn predict_inplace<'a>(&'a self, x: &'a ArrayBase<D, Ix2>, y: &mut Array1<f64>) {
        assert_eq!(x.ncols(), self.features.names().len(), "one column for each feature is needed");
        assert_eq!(x.nrows(), y.len(), "as many targets as rows are needed");
        y.slice_mut(s![..]).assign(&self.answer(x.view()));
    }

    fn default_target(&self, x: &ArrayBase<D, Ix2>) -> Array1<f64> {
        Array1::zeros(x.nrows())
    }
}

impl<D, T> Fit<ArrayBase<D, Ix2>, T, LearnError> for BoosterValidParams
where
    D: Data<Elem = f64>,
    T: AsSingleTargets<Elem = f64>,
{
    type Object = Booster;

    /// Returns the booster fitted to the rows, with their weights; NaN features are missing values.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Booster> {
        if let Some(rounds) = self.early_stopping_rounds {
            return Err(LearnError::Param {
                name: "early_stopping_rounds",
                given: rounds.to_string(),
                allowed: "none, unless fit_with_validation is called",
            });
        }
        Ok(train(self, &checked(dataset)?, None))
    }
}

impl BoosterValidParams {
    /// Returns the booster fitted to `dataset` and cut where the loss on `later` is least.
    ///
    /// `later` should hold rows later in time than all of `dataset`; shuffled rows would let the
    /// booster look into their neighbours.
    ///
    /// # Errors
    /// [`LearnError`] when one of the datasets is not fit for use or their features differ.
    pub fn fit_with_validation<D, T>(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, T>,
        later: &DatasetBase<ArrayBase<D, Ix2>, T>,
    ) -> Result<Booster>
    where
        D: Data<Elem = f64>,
        T: AsSingleTargets<Elem = f64>,
    {
        let sample = checked(dataset)?;
        let later = checked(later)?;
        sample.features.check_order(later.features.names())?;
        Ok(train(self, &sample, Some(&later)))
    }
}

fn checked<D, T>(dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Sample<'_>>
where
    D: Data<Elem = f64>,
    T: AsSingleTargets<Elem = f64>,
{
    let targets = dataset.targets.as_single_targets().insert_axis(Axis(1));
    let sample = Sample::of(dataset, targets, Missing::Allowed)?;
    if u32::try_from(sample.rows()).is_err() {
        let (expected, given) = (u32::MAX as usize, sample.rows());
        return Err(LearnError::Shape { what: "the target", expected, given });
    }
    Ok(sample)
}
