//! The booster, pooled over places and horizons.

use std::collections::BTreeMap;

use linfa::Dataset;
use linfa::ParamGuard as _;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use super::archive::{Archive, Origin};
use super::linear::Size;
use super::{Ground, Step};
use crate::domain::PlaceId;
use crate::forecast::learn::{Booster, BoosterParams, LearnError, Regressor as _};

/// Columns the engine adds: the place's mean level, its only sign of which place it is, and the
/// horizon.
const ADDED: [&str; 2] = ["place_level", "horizon"];

/// The pooled booster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Trees {
    booster: Booster,
    sizes: BTreeMap<PlaceId, Size>,
    spreads: Vec<f64>,
}

impl Trees {
    /// Returns the booster fitted on all forecasts fallen due before `block`; days are thinned
    /// evenly to `tree_rows_max`.
    pub fn fit(
        ground: &Ground<'_>,
        archive: &Archive,
        block: i32,
        params: &BoosterParams,
        (sizes, spreads): (BTreeMap<PlaceId, Size>, Vec<f64>),
        rows: usize,
    ) -> Result<Self, LearnError> {
        let end = ground.settings.period.first_day(block);
        let stride = rows.div_ceil(ground.settings.tree_rows_max).max(1) as i64;
        let width = ground.layout.trees.len() + ADDED.len();
        let (mut values, mut targets, mut full) = (Vec::new(), Vec::new(), Vec::new());
        for (offset, history) in (0..).zip(&archive.histories) {
            let Some(size) = sizes.get(&history.place) else { continue };
            for origin in history.origins_between(i64::MIN, end) {
                for horizon in 1..=ground.horizons as i64 {
                    let day = origin.day + horizon;
                    if day >= end || (day + offset).rem_euclid(stride) != 0 {
                        continue;
                    }
                    let spread = size.spreads[horizon as usize - 1];
                    let outcome = history.truth.on(day).filter(|_| spread > 0.0);
                    let Some(outcome) = outcome else { continue };
                    let (place, newest) = (&history.place, origin.day);
                    let step = Step { place, newest, horizon, day, origin: &origin.row };
                    columns(ground, &step, size.level, &mut full, &mut values);
                    let carried = ground.carried(origin.own, newest, day);
                    targets.push((outcome - carried) / spread);
                }
            }
        }
        let records = table(values, targets.len(), width)?;
        let names = ground.layout.names(&ground.layout.trees);
        let names: Vec<String> = names.into_iter().chain(ADDED.map(str::to_owned)).collect();
        let dataset = Dataset::new(records, Array1::from(targets)).with_feature_names(names);
        Ok(Self { booster: params.clone().check()?.fit(&dataset)?, sizes, spreads })
    }

    /// Returns the forecasts (scaled) of one place, origin by origin and horizon by horizon.
    pub fn forecast(
        &self,
        ground: &Ground<'_>,
        place: &PlaceId,
        origins: &[&Origin],
    ) -> Result<Vec<f64>, LearnError> {
        let size = self.sizes.get(place);
        let level = size.map_or(f64::NAN, |s| s.level);
        let width = ground.layout.trees.len() + ADDED.len();
        let (mut values, mut full, mut carried) = (Vec::new(), Vec::new(), Vec::new());
        for origin in origins {
            for horizon in 1..=ground.horizons as i64 {
                let (newest, day) = (origin.day, origin.day + horizon);
                let step = Step { place, newest, horizon, day, origin: &origin.row };
                columns(ground, &step, level, &mut full, &mut values);
                carried.push(ground.carried(origin.own, newest, day));
            }
        }
        let records = table(values, origins.len() * ground.horizons, width)?;
        let spreads = size.map_or(&self.spreads, |s| &s.spreads);
        let departures = self.booster.forecast(records.view())?;
        let spreads = spreads.iter().cycle();
        Ok(carried
            .into_iter()
            .zip(spreads)
            .zip(departures)
            .map(|((carried, s), d)| carried + s * d)
            .collect())
    }

    /// Returns whether the lengths are those of a layout.
    pub fn fits(&self, ground: &Ground<'_>) -> bool {
        self.spreads.len() == ground.horizons
            && self.sizes.values().all(|s| s.spreads.len() == ground.horizons)
            && self.booster.features().names().len() == ground.layout.trees.len() + ADDED.len()
    }
}

fn columns(
    ground: &Ground<'_>,
    step: &Step<'_>,
    level: f64,
    full: &mut Vec<f64>,
    out: &mut Vec<f64>,
) {
    full.clear();
    full.extend_from_slice(step.origin);
    (ground.ahead)(step, full);
    out.extend(ground.layout.trees.iter().map(|i| full[*i]));
    out.extend([level, step.horizon as f64]);
}

fn table(values: Vec<f64>, rows: usize, width: usize) -> Result<Array2<f64>, LearnError> {
    let (given, expected) = (values.len(), rows * width);
    Array2::from_shape_vec((rows, width), values).map_err(|_| LearnError::Shape {
        what: "a table of booster rows",
        expected,
        given,
    })
}
