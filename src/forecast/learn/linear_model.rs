//! A fitted linear model, whichever method found it.

use linfa::traits::PredictInplace;
use ndarray::{Array1, Array2, ArrayBase, ArrayView1, ArrayView2, Data, Ix2};
use serde::{Deserialize, Serialize};

use super::Regressor;
use super::error::{LearnError, Result};
use super::format::Format;
use super::guard::{Features, Missing};

/// How the coefficients were found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinearMethod {
    /// Ordinary least squares.
    LeastSquares,
    /// Ridge regression with this penalty on the squared coefficients of standardised features.
    Ridge(f64),
    /// The elastic net with this penalty and share of the absolute part.
    ElasticNet {
        /// The penalty on the coefficients of standardised features.
        penalty: f64,
        /// The share of the penalty on absolute values; the rest is on squares.
        l1_ratio: f64,
    },
    /// Partial least squares with this number of components.
    Pls(usize),
}

/// A forecast `level + Σ coefficient · (value − mean)`; stored with serde as `format` 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "LinearFile", into = "LinearFile")]
pub struct LinearModel {
    pub(super) method: LinearMethod,
    pub(super) features: Features,
    pub(super) means: Vec<f64>,
    pub(super) coefficients: Vec<f64>,
    pub(super) level: f64,
}

impl LinearModel {
    /// Returns how the coefficients were found.
    #[must_use]
    pub const fn method(&self) -> LinearMethod {
        self.method
    }

    /// Returns the coefficients, in the target's unit per unit of each feature.
    #[must_use]
    pub fn coefficients(&self) -> ArrayView1<'_, f64> {
        ArrayView1::from(&self.coefficients)
    }

    /// Returns the forecast where every feature has its mean over the rows fitted on.
    #[must_use]
    pub const fn level(&self) -> f64 {
        self.level
    }

    /// Returns the forecast where every feature is zero.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.level - self.means.iter().zip(&self.coefficients).map(|(m, c)| m * c).sum::<f64>()
    }

    /// Returns what each feature adds to [`LinearModel::level`] (rows = samples, cols = features).
    ///
    /// # Errors
    /// [`LearnError`] when the records do not fit the model.
    pub fn contributions(&self, records: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.features.check_records(records, Missing::Refused)?;
        let centred = &records - &ArrayView1::from(&self.means);
        Ok(centred * self.coefficients())
    }

    fn answer(&self, records: ArrayView2<'_, f64>) -> Array1<f64> {
        let means = ArrayView1::from(&self.means);
        (&records - &means).dot(&self.coefficients()) + self.level
    }
}

impl Regressor for LinearModel {
    fn name(&self) -> &'static str {
        match self.method {
            LinearMethod::LeastSquares => "least_squares",
            LinearMethod::Ridge(_) => "ridge",
            LinearMethod::ElasticNet { .. } => "elastic_net",
            LinearMethod::Pls(_) => "pls",
        }
    }

    fn features(&self) -> &Features {
        &self.features
    }

    fn forecast(&self, records: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        self.features.check_records(records, Missing::Refused)?;
        Ok(self.answer(records))
    }
}

impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<f64>> for LinearModel {
    /// Writes one forecast for each row of `x`.
    ///
    /// # Panics
    /// When shapes disagree, as linfa's own models do; [`Regressor::forecast`] returns an error.
    fn predict_inplace<'a>(&'a self, x: &'a ArrayBase<D, Ix2>, y: &mut Array1<f64>) {
        assert_eq!(x.ncols(), self.means.len(), "one column for each feature is needed");
        assert_eq!(x.nrows(), y.len(), "as many targets as rows are needed");
        y.assign(&self.answer(x.view()));
    }

    fn default_target(&self, x: &ArrayBase<D, Ix2>) -> Array1<f64> {
        Array1::zeros(x.nrows())
    }
}

/// Linear models of several targets on the same features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinearModels(pub Vec<LinearModel>);

impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array2<f64>> for LinearModels {
    /// Writes the forecasts (rows = rows of `x`, cols = targets).
    ///
    /// # Panics
    /// When shapes disagree, as linfa's own models do.
    fn predict_inplace<'a>(&'a self, x: &'a ArrayBase<D, Ix2>, y: &mut Array2<f64>) {
        assert_eq!(y.dim(), (x.nrows(), self.0.len()), "one column for each target is needed");
        for (model, mut column) in self.0.iter().zip(y.columns_mut()) {
            assert_eq!(x.ncols(), model.means.len(), "one column for each feature is needed");
            column.assign(&model.answer(x.view()));
        }
    }

    fn default_target(&self, x: &ArrayBase<D, Ix2>) -> Array2<f64> {
        Array2::zeros((x.nrows(), self.0.len()))
    }
}

/// A linear model as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct LinearFile {
    format: Format,
    method: LinearMethod,
    features: Features,
    means: Vec<f64>,
    coefficients: Vec<f64>,
    level: f64,
}

impl From<LinearModel> for LinearFile {
    fn from(model: LinearModel) -> Self {
        let LinearModel { method, features, means, coefficients, level } = model;
        Self { format: Format, method, features, means, coefficients, level }
    }
}

impl TryFrom<LinearFile> for LinearModel {
    type Error = LearnError;

    fn try_from(file: LinearFile) -> Result<Self> {
        let LinearFile { format: Format, method, features, means, coefficients, level } = file;
        let (names, means_len, coefs) = (features.names().len(), means.len(), coefficients.len());
        if names != means_len || names != coefs {
            let detail =
                format!("it has {names} features, {means_len} means and {coefs} coefficients");
            return Err(LearnError::Damaged { detail });
        }
        Ok(Self { method, features, means, coefficients, level })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn model() -> LinearModel {
        LinearModel {
            method: LinearMethod::Ridge(0.1),
            features: Features::new(&["a".to_owned(), "b".to_owned()], 2).unwrap(),
            means: vec![1.0, 2.0],
            coefficients: vec![0.5, -0.1],
            level: 3.0,
        }
    }

    #[test]
    fn contributions_and_level_make_the_forecast() {
        let x = array![[2.0, 5.0], [1.0, 2.0]];
        let forecast = Regressor::forecast(&model(), x.view()).unwrap();
        let sums = model().contributions(x.view()).unwrap().sum_axis(ndarray::Axis(1));
        assert!((&forecast - &sums - 3.0).iter().all(|d| d.abs() < 1e-15));
        assert!((model().intercept() - 2.7).abs() < 1e-15);
        assert!(Regressor::forecast(&model(), array![[f64::NAN, 1.0]].view()).is_err());
    }

    #[test]
    fn stored_models_come_back_and_unknown_versions_are_refused_by_number() {
        let json = serde_json::to_string(&model()).unwrap();
        assert!(json.starts_with(r#"{"format":1,"#), "{json}");
        assert_eq!(serde_json::from_str::<LinearModel>(&json).unwrap(), model());
        let newer = r#"{"format":2,"anything":true}"#;
        let text = serde_json::from_str::<LinearModel>(newer).unwrap_err().to_string();
        assert!(text.starts_with("model format 2 is unknown, this build reads format 1"), "{text}");
        let short = json.replace("[1.0,2.0]", "[1.0]");
        let text = serde_json::from_str::<LinearModel>(&short).unwrap_err().to_string();
        assert!(text.contains("damaged: it has 2 features, 1 means"), "{text}");
    }
}
