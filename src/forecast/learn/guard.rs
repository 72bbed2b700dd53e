//! Checks shape, finite values, weights and feature order before any model is fitted or asked.
//!
//! linfa panics on rows that do not match and lets one NaN through to every coefficient, so nothing
//! in this room calls a linfa model on arrays that have not passed here.

use linfa::DatasetBase;
use ndarray::{Array1, ArrayBase, ArrayView1, ArrayView2, Axis, CowArray, Data, Ix2};
use serde::{Deserialize, Serialize};

use super::error::{LearnError, Result};

/// Whether a feature may be missing (NaN); infinite values never pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// NaN stands for a missing value.
    Allowed,
    /// Every value is a finite number.
    Refused,
}

/// The names of a model's features, in the order of its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Features(Vec<String>);

impl Features {
    /// Returns the names given, or `x0`, `x1`, … for `width` columns when there are none.
    ///
    /// # Errors
    /// [`LearnError::Shape`] when there are names, but not one for each column.
    pub fn new(names: &[String], width: usize) -> Result<Self> {
        if names.is_empty() {
            return Ok(Self((0..width).map(|i| format!("x{i}")).collect()));
        }
        check_len("the list of feature names", names.len(), width)?;
        Ok(Self(names.to_vec()))
    }

    /// Returns the names in order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Checks that `given` are these names in this order.
    ///
    /// # Errors
    /// [`LearnError::Shape`] or [`LearnError::FeatureOrder`].
    pub fn check_order(&self, given: &[impl AsRef<str>]) -> Result<()> {
        check_len("the list of feature names", given.len(), self.0.len())?;
        for (position, (expected, given)) in self.0.iter().zip(given).enumerate() {
            if expected != given.as_ref() {
                let (expected, given) = (expected.clone(), given.as_ref().to_owned());
                return Err(LearnError::FeatureOrder { position, expected, given });
            }
        }
        Ok(())
    }

    /// Checks that records (rows = samples, cols = features) fit these features.
    ///
    /// # Errors
    /// [`LearnError::Shape`] or [`LearnError::NotFinite`].
    pub fn check_records(&self, records: ArrayView2<'_, f64>, missing: Missing) -> Result<()> {
        check_len("a row of features", records.ncols(), self.0.len())?;
        let bad = |value: &f64| match missing {
            Missing::Allowed => value.is_infinite(),
            Missing::Refused => !value.is_finite(),
        };
        // Without places first, which is several times faster and nearly always enough.
        if !records.iter().any(bad) {
            return Ok(());
        }
        records.indexed_iter().find(|(_, v)| bad(v)).map_or(Ok(()), |((row, col), &given)| {
            Err(LearnError::NotFinite { what: format!("feature {:?}", self.0[col]), row, given })
        })
    }
}

/// A dataset that passed every check, without the rows that weigh nothing.
#[derive(Debug)]
pub struct Sample<'a> {
    /// The features (rows = samples, cols = features).
    pub records: CowArray<'a, f64, Ix2>,
    /// The targets (rows = samples, cols = targets).
    pub targets: CowArray<'a, f64, Ix2>,
    /// The weights of the rows, none if all are one.
    pub weights: Option<Array1<f64>>,
    /// The names of the features.
    pub features: Features,
    /// Where the rows stood in the dataset.
    pub kept: Kept,
}

/// Which rows of a dataset were kept: all but those that weigh nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The number of rows of the dataset.
    pub total: usize,
    /// The places of the rows kept; none if all were.
    places: Option<Vec<usize>>,
}

impl Kept {
    /// Returns where a kept row stood in the dataset.
    #[must_use]
    pub fn original(&self, row: usize) -> usize {
        self.places.as_ref().map_or(row, |places| places[row])
    }
}

impl<'a> Sample<'a> {
    /// Returns the checked content of a linfa dataset; `targets` are its targets (rows = samples).
    ///
    /// # Errors
    /// [`LearnError`] when lengths disagree, a number is not finite (see `missing` for features), a
    /// weight is negative, all weights are zero, or there is no row.
    pub fn of<D: Data<Elem = f64>, T>(
        dataset: &'a DatasetBase<ArrayBase<D, Ix2>, T>,
        targets: ArrayView2<'a, f64>,
        missing: Missing,
    ) -> Result<Self> {
        let records = dataset.records.view();
        let features = Features::new(dataset.feature_names(), records.ncols())?;
        check_len("the target", targets.nrows(), records.nrows())?;
        features.check_records(records, missing)?;
        if let Some(((row, _), &given)) = targets.indexed_iter().find(|(_, v)| !v.is_finite()) {
            return Err(LearnError::NotFinite { what: "the target".to_owned(), row, given });
        }
        let kept = Kept { total: records.nrows(), places: None };
        let (records, targets) = (records.into(), targets.into());
        let mut sample = Self { records, targets, weights: None, features, kept };
        if !dataset.weights.is_empty() {
            sample.weigh(dataset.weights.view())?;
        }
        if sample.records.nrows() == 0 {
            return Err(LearnError::TooFewRows { needed: 1, given: 0, reason: "to fit anything" });
        }
        Ok(sample)
    }

    fn weigh(&mut self, weights: ArrayView1<'_, f32>) -> Result<()> {
        check_len("the list of weights", weights.len(), self.records.nrows())?;
        let bad = |w: &f32| !w.is_finite() || *w < 0.0;
        if let Some((row, &given)) = weights.indexed_iter().find(|(_, w)| bad(w)) {
            return Err(LearnError::Weight { row, given });
        }
        let kept: Vec<usize> =
            weights.indexed_iter().filter(|(_, w)| **w > 0.0).map(|(row, _)| row).collect();
        if kept.is_empty() {
            return Err(LearnError::Weight { row: 0, given: 0.0 });
        }
        if kept.iter().any(|&row| weights[row].to_bits() != 1.0_f32.to_bits()) {
            self.weights = Some(kept.iter().map(|&row| f64::from(weights[row])).collect());
        }
        if kept.len() < weights.len() {
            self.records = self.records.select(Axis(0), &kept).into();
            self.targets = self.targets.select(Axis(0), &kept).into();
            self.kept.places = Some(kept);
        }
        Ok(())
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.records.nrows()
    }

    /// Returns an error unless there are `needed` rows.
    ///
    /// # Errors
    /// [`LearnError::TooFewRows`] with this `reason`.
    pub fn need_rows(&self, needed: usize, reason: &'static str) -> Result<()> {
        let given = self.rows();
        if given >= needed { Ok(()) } else { Err(LearnError::TooFewRows { needed, given, reason }) }
    }
}

/// Returns an error unless an array has the length needed.
///
/// # Errors
/// [`LearnError::Shape`].
pub fn check_len(what: &'static str, given: usize, expected: usize) -> Result<()> {
    if given == expected { Ok(()) } else { Err(LearnError::Shape { what, expected, given }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linfa::Dataset;
    use ndarray::array;

    fn message(dataset: &Dataset<f64, f64, ndarray::Ix1>, missing: Missing) -> String {
        let targets = dataset.targets.view().insert_axis(Axis(1));
        Sample::of(dataset, targets, missing).expect_err("must be refused").to_string()
    }

    #[test]
    fn what_linfa_would_panic_on_or_pass_is_refused_with_its_place() {
        let good = array![[1.0, 2.0], [3.0, 4.0]];
        let names = vec!["tide_m", "flow_m3_s"];
        let text = message(&Dataset::new(good.clone(), array![1.0]), Missing::Refused);
        assert_eq!(text, "the target has 1 entries, 2 are needed");
        let holed = array![[1.0, 2.0], [3.0, f64::NAN]];
        let holed = Dataset::new(holed, array![1.0, 2.0]).with_feature_names(names);
        let text = message(&holed, Missing::Refused);
        assert!(text.starts_with("feature \"flow_m3_s\" holds NaN in row 1"), "{text}");
        assert!(Sample::of(&holed, array![[1.0], [2.0]].view(), Missing::Allowed).is_ok());
        let endless = Dataset::new(array![[f64::INFINITY]], array![1.0]);
        assert!(message(&endless, Missing::Allowed).starts_with("feature \"x0\" holds inf"));
        let text = message(&Dataset::new(good, array![1.0, f64::NAN]), Missing::Allowed);
        assert!(text.starts_with("the target holds NaN in row 1"), "{text}");
        let empty = Dataset::new(ndarray::Array2::zeros((0, 2)), array![]);
        assert!(message(&empty, Missing::Refused).starts_with("0 rows are too few"));
    }

    #[test]
    fn rows_of_weight_zero_are_dropped_and_bad_weights_refused() {
        let dataset = Dataset::new(array![[1.0], [2.0], [3.0]], array![1.0, 2.0, 3.0]);
        let targets = dataset.targets.clone().insert_axis(Axis(1));
        let weighted = dataset.clone().with_weights(array![1.0, 0.0, 2.0]);
        let sample = Sample::of(&weighted, targets.view(), Missing::Refused).unwrap();
        assert_eq!(sample.records, array![[1.0], [3.0]]);
        assert_eq!(sample.weights, Some(array![1.0, 2.0]));
        let ones = dataset.clone().with_weights(array![1.0, 1.0, 1.0]);
        assert!(Sample::of(&ones, targets.view(), Missing::Refused).unwrap().weights.is_none());
        for bad in [array![1.0, -1.0, 1.0], array![0.0, 0.0, 0.0], array![1.0, f32::NAN, 1.0]] {
            let text = message(&dataset.clone().with_weights(bad), Missing::Refused);
            assert!(text.starts_with("weight"), "{text}");
        }
    }

    #[test]
    fn features_in_another_order_are_refused() {
        let features = Features::new(&["a".to_owned(), "b".to_owned()], 2).unwrap();
        assert!(features.check_order(&["a", "b"]).is_ok());
        let text = features.check_order(&["b", "a"]).unwrap_err().to_string();
        assert_eq!(text, "feature 0 is \"b\", the model was fitted with \"a\" there");
        assert!(features.check_order(&["a"]).is_err());
        assert!(features.check_records(array![[1.0]].view(), Missing::Refused).is_err());
    }
}
