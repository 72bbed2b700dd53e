//! A ridge that reduces absolute errors: the ridge of `forecast/learn`, its rows weighted again and
//! again by one over their last error (iteratively reweighted least squares; Schlossmacher 1973).

use linfa::traits::Fit;
use linfa::{Dataset, ParamGuard};
use ndarray::{Array1, Array2};

use crate::forecast::learn::{
    LearnError, LinearModel, Penalty, Regressor, RidgeParams, RidgeValidParams,
};

/// Times the rows are weighted; coefficients then move by less than a hundredth.
const ROUNDS: usize = 12;

/// Errors (log1p) below this weigh the same: about the least that a count can tell.
const ERROR_MIN: f64 = 0.3;

/// Returns the ridge that reduces absolute errors (records: rows = samples, cols = `names`).
///
/// # Errors
/// [`LearnError`] when the records are not fit for use.
pub(super) fn fit(
    records: Array2<f64>,
    targets: Array1<f64>,
    names: &[&str],
    penalty: f64,
) -> Result<LinearModel, LearnError> {
    let ridge: RidgeValidParams = RidgeParams::new(Penalty::Fixed(penalty)).check()?;
    let mut data = Dataset::new(records, targets).with_feature_names(names.to_vec());
    let mut model = ridge.fit(&data)?;
    for _ in 1..ROUNDS {
        let forecast = model.forecast(data.records.view())?;
        let errors = data.targets.iter().zip(&forecast).map(|(y, f)| (y - f).abs());
        // Half of one over the error: the gradient of |e| is that of e²/(2|e|).
        let weights = errors.map(|e| (0.5 / e.max(ERROR_MIN)) as f32).collect();
        data = data.with_weights(weights);
        model = ridge.fit(&data)?;
    }
    Ok(model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wild_row_does_not_move_the_line() {
        let x = Array2::from_shape_fn((60, 1), |(i, _)| i as f64 / 10.0);
        let mut y = x.column(0).mapv(|x| 1.0 + 2.0 * x);
        y[59] += 100.0;
        let robust = fit(x.clone(), y.clone(), &["x"], 0.01).unwrap();
        let plain = RidgeParams::new(Penalty::Fixed(0.01)).fit(&Dataset::new(x, y)).unwrap();
        assert!((robust.coefficients()[0] - 2.0).abs() < 0.1, "{:?}", robust.coefficients());
        assert!((plain.coefficients()[0] - 2.0).abs() > 0.5, "{:?}", plain.coefficients());
    }
}
