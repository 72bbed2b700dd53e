//! linfa's least squares, elastic net and partial least squares, made safe.
//!
//! What linfa 0.8 leaves to its caller is done here: rows are checked first (linfa panics on
//! lengths that differ and passes one NaN on to every coefficient); features are standardised
//! (its elastic net does not centre them: `y = 5 + 2x` with `x` in [100, 101] gives R² 0); sample
//! weights count (linfa ignores them); constant columns, twins and short systems are named
//! instead of solved somehow; and every result is a [`LinearModel`] in the features' own units.

use linfa::traits::Fit;
use linfa::{Dataset, DatasetBase, ParamGuard};
use linfa_elasticnet::ElasticNet;
use linfa_linear::LinearRegression;
use linfa_pls::PlsRegression;
use ndarray::{Array1, Array2, ArrayBase, Axis, Data, Ix1, Ix2};

use super::cholesky::Cholesky;
use super::error::{LearnError, Result};
use super::guard::{Missing, Sample};
use super::linear_model::{LinearMethod, LinearModel};
use super::ridge::{Penalty, RidgeParams};
use super::standard::{Standard, total_weight, weighted_means};

/// Duality gap, as a share of the target's sum of squares, at which the elastic net stops; four
/// digits more than linfa's default, so that coefficients have about five.
const ELASTIC_NET_TOLERANCE: f64 = 1e-8;

/// Passes over the features before the elastic net gives up; ten times linfa's default.
const ELASTIC_NET_PASSES: u32 = 10_000;

/// A linear method with its hyper-parameters, not yet checked.
///
/// Penalties are for features and a target of standard deviation one: an elastic net of `l1_ratio`
/// 1 drops every feature whose correlation with the target is below the penalty.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearParams(LinearValidParams);

/// A linear method with checked hyper-parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearValidParams {
    method: LinearMethod,
}

impl LinearParams {
    /// Returns the hyper-parameters of this method.
    #[must_use]
    pub const fn new(method: LinearMethod) -> Self {
        Self(LinearValidParams { method })
    }
}

impl ParamGuard for LinearParams {
    type Checked = LinearValidParams;
    type Error = LearnError;

    fn check_ref(&self) -> Result<&LinearValidParams> {
        self.0.check_all()?;
        Ok(&self.0)
    }

    fn check(self) -> Result<LinearValidParams> {
        self.0.check_all()?;
        Ok(self.0)
    }
}

impl LinearValidParams {
    fn check_all(&self) -> Result<()> {
        let refuse = |name, given: String, allowed| Err(LearnError::Param { name, given, allowed });
        match self.method {
            LinearMethod::Ridge(penalty) => {
                RidgeParams::new(Penalty::Fixed(penalty)).check().map(drop)
            }
            LinearMethod::ElasticNet { penalty, .. } if !(penalty.is_finite() && penalty > 0.0) => {
                let allowed = "a finite number above 0; least squares has none";
                refuse("elastic net penalty", penalty.to_string(), allowed)
            }
            LinearMethod::ElasticNet { l1_ratio, .. } if !(l1_ratio > 0.0 && l1_ratio <= 1.0) => {
                let allowed = "above 0 and at most 1; for 0 there is the ridge";
                refuse("elastic net l1_ratio", l1_ratio.to_string(), allowed)
            }
            LinearMethod::Pls(0) => refuse("number of components", "0".to_owned(), "1 or more"),
            LinearMethod::LeastSquares | LinearMethod::ElasticNet { .. } | LinearMethod::Pls(_) => {
                Ok(())
            }
        }
    }
}

impl<D, E> Fit<ArrayBase<D, Ix2>, ArrayBase<E, Ix1>, LearnError> for LinearValidParams
where
    D: Data<Elem = f64>,
    E: Data<Elem = f64>,
{
    type Object = LinearModel;

    /// Returns the linear model of one target, fitted with the method.
    fn fit(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, ArrayBase<E, Ix1>>,
    ) -> Result<LinearModel> {
        if let LinearMethod::Ridge(penalty) = self.method {
            return RidgeParams::new(Penalty::Fixed(penalty)).fit(dataset);
        }
        let targets = dataset.targets.view().insert_axis(Axis(1));
        let sample = Sample::of(dataset, targets, Missing::Refused)?;
        let problem = Problem::new(&sample);
        let beta = problem.solve(self.method, &sample)?;
        if let Some(&given) = beta.iter().find(|b| !b.is_finite()) {
            let detail = format!("a coefficient is {given}");
            return Err(LearnError::NotConverged { model: "linear model", detail });
        }
        Ok(LinearModel {
            method: self.method,
            coefficients: problem.standard.per_unit(&beta.mapv(|b| b * problem.spread).to_vec()),
            means: problem.standard.means.to_vec(),
            level: problem.level,
            features: sample.features,
        })
    }
}

/// Standardised rows, each times the root of its weight, weights scaled to a mean of one.
struct Problem {
    standard: Standard,
    level: f64,
    /// The standard deviation of the target.
    spread: f64,
    z: Array2<f64>,
    y: Array1<f64>,
}

impl Problem {
    fn new(sample: &Sample<'_>) -> Self {
        let rows = total_weight(None, sample.rows());
        let weights = sample.weights.as_ref().map(|w| w * (rows / w.sum()));
        let weights = weights.as_ref();
        let standard = Standard::of(sample.records.view(), weights);
        let z = standard.root_weighted(sample.records.view(), weights);
        let of_target = Standard::of(sample.targets.view(), weights);
        let level = weighted_means(sample.targets.view(), weights)[0];
        let mut y = of_target.root_weighted(sample.targets.view(), weights);
        if y.ncols() == 0 {
            y = Array2::zeros((sample.rows(), 1));
        }
        let spread = 1.0 / of_target.per_unit(&[1.0])[0].max(f64::MIN_POSITIVE);
        Self { standard, level, spread, z, y: y.remove_axis(Axis(1)) }
    }

    fn solve(&self, method: LinearMethod, sample: &Sample<'_>) -> Result<Array1<f64>> {
        if self.z.ncols() == 0 || self.y.iter().all(|y| *y == 0.0) {
            return Ok(Array1::zeros(self.z.ncols()));
        }
        match method {
            LinearMethod::LeastSquares | LinearMethod::Ridge(_) => self.least_squares(sample),
            LinearMethod::ElasticNet { penalty, l1_ratio } => self.elastic_net(penalty, l1_ratio),
            LinearMethod::Pls(components) => self.pls(components, sample),
        }
    }

    fn dataset(&self) -> Dataset<f64, f64, Ix1> {
        Dataset::new(self.z.clone(), self.y.clone())
    }

    fn least_squares(&self, sample: &Sample<'_>) -> Result<Array1<f64>> {
        sample.need_rows(self.z.ncols() + 1, "for as many coefficients")?;
        // linfa's QR finds some answer for twin columns; the correlations tell.
        if let Err(column) = Cholesky::factor(self.z.t().dot(&self.z)) {
            let place = self.standard.varying().nth(column).unwrap_or_default();
            let feature = sample.features.names()[place].clone();
            return Err(LearnError::Collinear { feature });
        }
        let model = LinearRegression::new().with_intercept(false).fit(&self.dataset())?;
        Ok(model.params().clone())
    }

    fn elastic_net(&self, penalty: f64, l1_ratio: f64) -> Result<Array1<f64>> {
        let model = ElasticNet::params()
            .penalty(penalty)
            .l1_ratio(l1_ratio)
            .with_intercept(false)
            .tolerance(ELASTIC_NET_TOLERANCE)
            .max_iterations(ELASTIC_NET_PASSES)
            .fit(&self.dataset())?;
        let gap = model.duality_gap() / self.y.dot(&self.y);
        if model.n_steps() >= ELASTIC_NET_PASSES && gap > 1e-4 {
            let detail = format!("gap {gap:.1e} after {ELASTIC_NET_PASSES} passes");
            return Err(LearnError::NotConverged { model: "elastic net", detail });
        }
        Ok(model.hyperplane().clone())
    }

    fn pls(&self, components: usize, sample: &Sample<'_>) -> Result<Array1<f64>> {
        if sample.weights.is_some() {
            return Err(LearnError::WeightsUnsupported { model: "partial least squares" });
        }
        sample.need_rows(components + 1, "for as many components")?;
        if components > self.z.ncols() {
            let (name, given) = ("number of components", components.to_string());
            let allowed = "at most the number of features that vary";
            return Err(LearnError::Param { name, given, allowed });
        }
        let targets = self.y.clone().insert_axis(Axis(1));
        let dataset = Dataset::new(self.z.clone(), targets);
        let model = PlsRegression::params(components).scale(false).fit(&dataset)?;
        Ok(model.coefficients().column(0).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::learn::Regressor;
    use linfa::prelude::SingleTargetRegression;
    use ndarray::{array, concatenate};

    const METHODS: [LinearMethod; 4] = [
        LinearMethod::LeastSquares,
        LinearMethod::ElasticNet { penalty: 1e-3, l1_ratio: 0.5 },
        LinearMethod::Pls(1),
        LinearMethod::Ridge(1e-3),
    ];

    fn fit(method: LinearMethod, dataset: &Dataset<f64, f64, Ix1>) -> Result<LinearModel> {
        LinearParams::new(method).fit(dataset)
    }

    /// A line far from the origin, on which linfa's own elastic net has an R² of 0.
    fn far_line() -> Dataset<f64, f64, Ix1> {
        let x = Array2::from_shape_fn((50, 1), |(i, _)| 100.0 + i as f64 / 49.0);
        let y = x.column(0).mapv(|x| 5.0 + 2.0 * x);
        Dataset::new(x, y)
    }

    fn rows() -> Dataset<f64, f64, Ix1> {
        let x = Array2::from_shape_fn((40, 3), |(i, j)| ((i * (j + 3) * 7 + j) % 17) as f64);
        let y = x.dot(&array![1.0, -2.0, 0.5]) + Array1::from_shape_fn(40, |i| (i % 5) as f64);
        Dataset::new(x, y)
    }

    #[test]
    fn a_line_far_from_the_origin_is_found_by_every_method() {
        let raw = ElasticNet::params().penalty(1e-3).fit(&far_line()).unwrap();
        let forecast = linfa::traits::Predict::predict(&raw, &far_line());
        assert!(forecast.r2(&far_line()).unwrap() < 0.1, "linfa centres now: simplify this file");
        for method in METHODS {
            let model = fit(method, &far_line()).unwrap();
            let forecast = model.forecast(far_line().records.view()).unwrap();
            assert!(forecast.r2(&far_line()).unwrap() > 0.9999, "{method:?}");
        }
    }

    #[test]
    fn least_squares_and_full_pls_and_an_unpenalised_ridge_are_one_model() {
        let a = fit(LinearMethod::LeastSquares, &rows()).unwrap();
        for method in [LinearMethod::Pls(3), LinearMethod::Ridge(0.0)] {
            let b = fit(method, &rows()).unwrap();
            assert!((&a.coefficients() - &b.coefficients()).iter().all(|d| d.abs() < 1e-9));
            assert!((a.intercept() - b.intercept()).abs() < 1e-9);
        }
    }

    /// For one feature the elastic net has a closed form: soft threshold, then shrink.
    #[test]
    fn elastic_net_agrees_with_its_closed_form() {
        let x = array![[-1.0], [1.0], [-1.0], [1.0]];
        let y = array![0.0, 4.0, 1.0, 3.0];
        let spread = 2.5_f64.sqrt();
        let correlation = 1.5 / spread;
        let net = LinearMethod::ElasticNet { penalty: 0.4, l1_ratio: 0.25 };
        let model = fit(net, &Dataset::new(x.clone(), y.clone())).unwrap();
        let expected = spread * (correlation - 0.1) / (1.0 + 0.3);
        assert!((model.coefficients()[0] - expected).abs() < 1e-6, "{:?}", model.coefficients());
        let lasso = LinearMethod::ElasticNet { penalty: correlation + 1e-6, l1_ratio: 1.0 };
        assert_eq!(fit(lasso, &Dataset::new(x, y)).unwrap().coefficients()[0], 0.0);
    }

    #[test]
    fn weights_count_as_repeated_rows_or_are_refused() {
        let repeat: Vec<usize> = (0..40).flat_map(|i| vec![i; 1 + i % 3]).collect();
        let weights = Array1::from_shape_fn(40, |i| [1.0_f32, 2.0, 3.0][i % 3]);
        let Dataset { records, targets, .. } = rows();
        let repeated =
            Dataset::new(records.select(Axis(0), &repeat), targets.select(Axis(0), &repeat));
        let weighted = rows().with_weights(weights);
        for method in METHODS {
            if let LinearMethod::Pls(_) = method {
                let text = fit(method, &weighted).unwrap_err().to_string();
                assert!(text.starts_with("partial least squares cannot weigh"), "{text}");
                continue;
            }
            let (a, b) = (fit(method, &weighted).unwrap(), fit(method, &repeated).unwrap());
            let gap = &a.coefficients() - &b.coefficients();
            assert!(gap.iter().all(|d| d.abs() < 1e-6), "{method:?}: {gap}");
        }
    }

    #[test]
    fn what_has_no_single_answer_is_refused_and_constants_are_not_in_the_way() {
        let Dataset { records, targets, .. } = rows();
        let flat = concatenate![Axis(1), records, Array2::from_elem((40, 1), 3.3)];
        let twin = concatenate![Axis(1), records, records.slice(ndarray::s![.., 1..2])];
        for method in METHODS {
            let model = fit(method, &Dataset::new(flat.clone(), targets.clone())).unwrap();
            assert_eq!(model.coefficients()[3], 0.0, "{method:?}");
            let still = Dataset::new(records.clone(), Array1::from_elem(40, 7.0));
            let still = fit(method, &still).unwrap();
            assert_eq!((still.level(), still.coefficients().sum()), (7.0, 0.0));
        }
        let text = |x: Array2<f64>, y: Array1<f64>, method| {
            fit(method, &Dataset::new(x, y)).unwrap_err().to_string()
        };
        let least = LinearMethod::LeastSquares;
        let message = text(twin, targets.clone(), least);
        assert_eq!(message, "feature \"x3\" is a linear combination of other features");
        let few = records.slice(ndarray::s![..3, ..]).to_owned();
        let message = text(few.clone(), targets.slice(ndarray::s![..3]).to_owned(), least);
        assert!(message.starts_with("3 rows are too few, at least 4"), "{message}");
        let message = text(records.clone(), targets.clone(), LinearMethod::Pls(4));
        assert!(message.starts_with("number of components is 4"), "{message}");
        let net = LinearMethod::ElasticNet { penalty: 0.0, l1_ratio: 0.5 };
        assert!(text(records, targets, net).starts_with("elastic net penalty is 0"));
    }
}
