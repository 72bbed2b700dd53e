//! The two models of a trap: the robust ridge on its own weeks, and boosted trees that also learn
//! from the other pests in the station's traps; two plain rules have a say beside them (log1p).

use linfa::{Dataset, ParamGuard, traits::Fit};
use ndarray::{Array1, Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::counts::Trap;
use super::looks::{Look, RIDGE, TREES};
use super::usual::{Memory, Usual};
use super::weeks::{Week, YEAR};
use super::{HORIZONS, robust};
use crate::forecast::ForecastError;
use crate::forecast::learn::{Booster, LearnError, LinearModel, Loss, Regressor};

/// Penalties of the ridge by horizon, chosen on 1998-2001 over four pests of Maruteru: near weeks
/// hang on the newest counts, far ones on what is usual. With half of them errors were the same.
const PENALTIES: [f64; HORIZONS as usize] = [4.0, 12.0, 24.0, 24.0, 30.0, 30.0];

/// What a row of another pest weighs in the trees; a row of the trap's own weighs 1. With 1 errors
/// on 1998-2001 were 1 % higher, with 0.1 the same.
const KIN_WEIGHT: f64 = 0.3;

/// Weeks that teach below which a trap has no models of its own: two years.
const LESSONS_MIN: usize = 104;

/// Rows a leaf holds at least.
const LEAF_MIN: usize = 30;

/// The models of one trap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Models {
    usual: Usual,
    ridge: Vec<LinearModel>,
    trees: Booster,
}

/// What each model and each plain rule says of one week ahead (log1p, not below 0).
#[derive(Debug, Clone, Copy)]
pub(super) struct Points {
    /// The robust ridge.
    pub ridge: f64,
    /// The boosted trees.
    pub trees: f64,
    /// The newest count that can be believed.
    pub newest: f64,
    /// The usual level and what is left of the departure from it.
    pub damped: f64,
}

impl Points {
    /// Returns the forecast: the median of the two models, their mean, and the two rules. It lies
    /// between the models, at their mean unless both rules lie on one side of it: the median of
    /// several errs least where errors are counted by their size and some are wild.
    pub fn forecast(self) -> f64 {
        let mean = f64::midpoint(self.ridge, self.trees);
        let mut said = [self.ridge, self.trees, mean, self.newest, self.damped];
        said.sort_by(f64::total_cmp);
        said[2]
    }
}

impl Models {
    /// Returns the models of a trap, learned from its record and those of its kin; `None` where the
    /// record is too short.
    ///
    /// # Errors
    /// Errors of the models.
    pub fn fit(own: &Trap, kin: &[Trap]) -> Result<Option<Self>, ForecastError> {
        let Some(usual) = Usual::of(own, Memory::Fading, None) else { return Ok(None) };
        if own.lessons().count() < LESSONS_MIN {
            return Ok(None);
        }
        let mut trees = Rows::default();
        let mut by_horizon = vec![Rows::default(); usize::from(HORIZONS)];
        each_lesson(own, |look, horizon, count| {
            by_horizon[usize::from(horizon) - 1].push(&look.ridge(), count, 1.0);
            trees.push(&look.trees(), count - look.start(), 1.0);
        });
        for other in kin {
            each_lesson(other, |look, _, count| {
                trees.push(&look.trees(), count - look.start(), KIN_WEIGHT);
            });
        }
        let mut ridge = Vec::new();
        for (rows, penalty) in by_horizon.into_iter().zip(PENALTIES) {
            if rows.targets.is_empty() {
                return Ok(None);
            }
            let (records, targets, _) = rows.arrays(RIDGE.len())?;
            ridge.push(robust::fit(records, targets, &RIDGE, penalty)?);
        }
        let (records, targets, weights) = trees.arrays(TREES.len())?;
        let data =
            Dataset::new(records, targets).with_feature_names(TREES.to_vec()).with_weights(weights);
        let trees = booster_params().check()?.fit(&data)?;
        Ok(Some(Self { usual, ridge, trees }))
    }

    /// Returns what the models say of the week `horizon` after `origin`; `None` where no count near
    /// the origin can be believed.
    ///
    /// # Errors
    /// Errors of the models.
    pub fn points(
        &self,
        trap: &Trap,
        origin: Week,
        horizon: u8,
    ) -> Result<Option<Points>, ForecastError> {
        let Some(look) = Look::new(trap, &self.usual, origin, horizon) else { return Ok(None) };
        let Some(model) = self.ridge.get(usize::from(horizon) - 1) else { return Ok(None) };
        let ridge = answer(model, &look.ridge())?.max(0.0);
        let trees = (look.start() + answer(&self.trees, &look.trees())?).max(0.0);
        Ok(Some(Points { ridge, trees, newest: look.newest(), damped: look.start().max(0.0) }))
    }

    /// Returns whether there is a ridge for each horizon and the usual levels are levels.
    pub fn sound(&self) -> bool {
        self.ridge.len() == usize::from(HORIZONS) && self.usual.sound()
    }
}

/// Shows `lesson` every week of the record that teaches, seen from each horizon before it: the look,
/// the horizon, and the log1p count. The usual levels are those of the other years, so that a row
/// does not know its own answer.
pub(super) fn each_lesson(trap: &Trap, mut lesson: impl FnMut(&Look<'_>, u8, f64)) {
    let weeks = trap.weeks();
    for year in weeks.start.div_euclid(YEAR)..=(weeks.end - 1).div_euclid(YEAR) {
        let Some(usual) = Usual::of(trap, Memory::Fading, Some(year)) else { continue };
        for week in year * YEAR..(year + 1) * YEAR {
            let Some(count) = trap.told(week).filter(|_| trap.teaches(week)) else { continue };
            for horizon in 1..=HORIZONS {
                let look = Look::new(trap, &usual, week - Week::from(horizon), horizon);
                look.into_iter().for_each(|look| lesson(&look, horizon, count));
            }
        }
    }
}

/// Rows as they are gathered.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    records: Vec<f64>,
    targets: Vec<f64>,
    weights: Vec<f32>,
}

impl Rows {
    /// Adds a row.
    pub fn push(&mut self, row: &[f64], target: f64, weight: f64) {
        self.records.extend(row);
        self.targets.push(target);
        self.weights.push(weight as f32);
    }

    /// Returns records (cols = `width`), targets and weights.
    ///
    /// # Errors
    /// [`LearnError::Shape`] when a row had another width.
    #[expect(clippy::type_complexity, reason = "records, targets and weights of one table")]
    pub fn arrays(
        self,
        width: usize,
    ) -> Result<(Array2<f64>, Array1<f64>, Array1<f32>), LearnError> {
        let (expected, given) = (self.targets.len() * width, self.records.len());
        let what = "the table of weeks";
        let records = Array2::from_shape_vec((self.targets.len(), width), self.records)
            .map_err(|_| LearnError::Shape { what, expected, given })?;
        Ok((records, self.targets.into(), self.weights.into()))
    }
}

/// Returns one model's answer to one row.
///
/// # Errors
/// Errors of the model.
pub(super) fn answer(model: &dyn Regressor, row: &[f64]) -> Result<f64, LearnError> {
    let (what, expected, given) = ("the row of a week", row.len(), row.len());
    let row = ArrayView2::from_shape((1, row.len()), row).map_err(|_| LearnError::Shape {
        what,
        expected,
        given,
    })?;
    Ok(model.forecast(row)?[0])
}

/// Few leaves and many rows in each: with eight leaves errors on 1998-2001 were 1 % higher, with
/// sixteen 2 %.
fn booster_params() -> crate::forecast::learn::BoosterParams {
    Booster::params()
        .loss(Loss::Absolute)
        .n_trees(200)
        .max_leaves(4)
        .learning_rate(0.05)
        .min_samples_leaf(LEAF_MIN)
        .row_fraction(0.7)
        .feature_fraction(0.5)
        .seed(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forecast_is_the_mean_unless_both_rules_pull_and_never_leaves_the_models() {
        let at = |newest, damped| Points { ridge: 4.0, trees: 6.0, newest, damped }.forecast();
        assert_eq!(at(3.0, 9.0), 5.0);
        assert_eq!(at(5.4, 9.0), 5.4);
        assert_eq!(at(8.0, 9.0), 6.0);
        assert_eq!(at(0.0, 4.5), 4.5);
        assert_eq!(at(0.0, 1.0), 4.0);
    }
}
