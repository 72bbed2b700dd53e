//! linfa's least squares, elastic net and partial least squares, by place and horizon.

use std::collections::{BTreeMap, BTreeSet};

use linfa::Dataset;
use linfa::ParamGuard as _;
use linfa::traits::Fit as _;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use serde::{Deserialize, Serialize};

use super::archive::{Archive, History, mix};
use super::impute::Filler;
use super::linear::{columns, fill};
use super::{Ground, Step};
use crate::domain::PlaceId;
use crate::forecast::learn::{LearnError, LinearMethod, LinearParams};

/// Fitted models of one method: by place and horizon the coefficients, the level last; none where
/// the method had no answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Method(BTreeMap<PlaceId, Vec<Option<Vec<f64>>>>);

impl Method {
    /// Returns the models fitted on the latest forecasts fallen due before `block`.
    pub fn fit(
        ground: &Ground<'_>,
        archive: &Archive,
        block: i32,
        method: LinearMethod,
        fillers: &BTreeMap<PlaceId, Filler>,
    ) -> Result<Self, LearnError> {
        let mut places = BTreeMap::new();
        for history in &archive.histories {
            let Some(filler) = fillers.get(&history.place) else { continue };
            let fits = (1..=ground.horizons as i64).map(|horizon| {
                let rows = rows(ground, history, block, horizon, filler)?;
                fit(method, rows)
            });
            places.insert(history.place.clone(), fits.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Self(places))
    }

    /// Returns the coefficients of a place and horizon, the level last.
    pub fn coefficients(&self, place: &PlaceId, k: usize) -> Option<&[f64]> {
        self.0.get(place)?.get(k)?.as_deref()
    }

    /// Returns whether the lengths are those of a layout.
    pub fn fits(&self, horizons: usize, width: usize) -> bool {
        let good = |c: &Option<Vec<f64>>| c.as_ref().is_none_or(|c| c.len() == width);
        self.0.values().all(|place| place.len() == horizons && place.iter().all(good))
    }
}

type Rows = (Array2<f64>, Vec<f64>);

fn rows(
    ground: &Ground<'_>,
    history: &History,
    block: i32,
    horizon: i64,
    filler: &Filler,
) -> Result<Rows, LearnError> {
    let end = ground.settings.period.first_day(block);
    let due = history.origins_between(i64::MIN, end - horizon);
    let due: Vec<_> = due.filter_map(|o| Some((o, history.truth.on(o.day + horizon)?))).collect();
    let latest = due.len().saturating_sub(ground.settings.method_rows_max);
    let (mut values, mut targets, mut full) = (Vec::new(), Vec::new(), Vec::new());
    let mut kept = Some(filler.clone());
    for (origin, outcome) in &due[latest..] {
        let filled = fill(origin, || filler.clone(), &mut kept);
        let (place, newest) = (&history.place, origin.day);
        let day = newest + horizon;
        let step = Step { place, newest, horizon, day, origin: &filled };
        columns(ground, &step, &mut full, &mut values);
        targets.push(outcome - ground.carried(origin.own, newest, day));
    }
    let (given, width) = (values.len(), ground.layout.linear.len() + 1);
    let expected = targets.len() * width;
    let table = Array2::from_shape_vec((targets.len(), width), values);
    let wrong = |_| LearnError::Shape { what: "a table of rows", expected, given };
    Ok((table.map_err(wrong)?, targets))
}

fn fit(method: LinearMethod, (table, targets): Rows) -> Result<Option<Vec<f64>>, LearnError> {
    let width = table.ncols() - 1;
    let kept = distinct(&table.slice(s![.., ..width]));
    let method = match method {
        LinearMethod::Pls(components) => LinearMethod::Pls(components.min(kept.len())),
        other => other,
    };
    if kept.is_empty() {
        return Ok(None);
    }
    let records = table.select(Axis(1), &kept);
    let targets = Array1::from(targets);
    match LinearParams::new(method).check()?.fit(&Dataset::new(records, targets)) {
        Ok(model) => {
            let mut coefficients = vec![0.0; width + 1];
            kept.iter().zip(model.coefficients()).for_each(|(i, c)| coefficients[*i] = *c);
            coefficients[width] = model.intercept();
            Ok(Some(coefficients))
        }
        Err(
            LearnError::Collinear { .. }
            | LearnError::TooFewRows { .. }
            | LearnError::NotConverged { .. },
        ) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Returns the places of the columns that vary and are no twin of an earlier one: the tide three
/// days after one day is that of two days after the next, and least squares cannot tell them apart.
fn distinct(records: &ArrayView2<'_, f64>) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let print = |i: usize| records.column(i).iter().fold(0, |hash, v| mix(hash, v.to_bits()));
    let varies = |i: usize| records.column(i).iter().any(|v| *v != records[[0, i]]);
    (0..records.ncols()).filter(|i| varies(*i) && seen.insert(print(*i))).collect()
}
