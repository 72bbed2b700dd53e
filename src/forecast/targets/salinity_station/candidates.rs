//! Each member alone, and linfa's own linear methods beside them, for the card's comparison.
//!
//! linfa's least squares, elastic net and partial least squares learn each main station's departure
//! from persistence directly, one model a horizon, from the lean columns of the trees on levels.
//! (On the 289 columns of the structured ridge least squares has no solution, since some are sums of
//! others, and the elastic net takes a minute a station.) They are not in the blend: the card says
//! by how much each stands behind.

use std::collections::BTreeMap;
use std::sync::Arc;

use linfa::Dataset;
use linfa::traits::Fit;
use ndarray::{Array1, Array2, ArrayView1, Axis};

use super::HORIZONS;
use super::archive::Archive;
use super::fitted::WAVES;
use super::members::{Ground, Members, table};
use super::morning::{Morning, Origin};
use super::tables::levels;
use super::tides::Tides;
use super::workshop::{Past, Workshop};
use crate::domain::PlaceId;
use crate::domain::time::IssuedAt;
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::learn::{LearnError, LinearMethod, LinearModel, LinearParams, Regressor};
use crate::forecast::targets::Alone;

/// linfa's methods: the penalty is for columns and departures of standard deviation one.
const METHODS: [(&str, LinearMethod); 3] = [
    ("alone.linfa_least_squares", LinearMethod::LeastSquares),
    ("alone.linfa_elastic_net", LinearMethod::ElasticNet { penalty: 0.003, l1_ratio: 0.5 }),
    ("alone.linfa_pls", LinearMethod::Pls(12)),
];

/// The lean columns that stay the same for one station and horizon: its sign and the horizon.
const CONSTANT: usize = 2;

/// All candidates, fitted on the seasons before one year.
#[derive(Debug)]
pub(super) struct Candidates {
    members: Arc<Members>,
    mains: Vec<PlaceId>,
    linear: BTreeMap<(PlaceId, usize), Linear>,
}

/// linfa's models of one station and horizon.
#[derive(Debug)]
struct Linear {
    /// Of each column over the rows learned from; stands where a value is missing.
    means: Array1<f64>,
    /// The columns used.
    kept: Vec<usize>,
    models: Vec<(&'static str, LinearModel)>,
}

impl Candidates {
    /// Returns the candidates fitted on what was known at `cut`.
    pub(super) fn fit(
        panel: &Panel,
        cut: IssuedAt,
        workshop: &Workshop,
    ) -> Result<Self, ForecastError> {
        let archive = Archive::before(panel, cut)?;
        let (first, last) = archive.span().unwrap_or((0, 0));
        let tides = Tides::between(first, last);
        let ground = Ground { tides: &tides, waves: &WAVES };
        let past = Past { archive: &archive, ground, held_out: 0 };
        let members = workshop.roll(&past)?.members;
        let mains = archive.mains(archive.until);
        let names: Vec<&PlaceId> = mains.iter().collect();
        let mut linear = BTreeMap::new();
        for place in &mains {
            for horizon in 1..=HORIZONS {
                let (mut rows, mut targets) = (Vec::new(), Vec::new());
                for season in archive.years_before(archive.until) {
                    for (origin, _, outcome) in
                        archive.due(season, place).filter(|(_, h, _)| *h == horizon)
                    {
                        levels(&mut rows, (origin, 0.0), &tides, horizon, &names);
                        targets.push(outcome - origin.own);
                    }
                }
                let rows = table(rows, targets.len())?;
                let fitted = Linear::fit(rows, Array1::from(targets))?;
                linear.insert((place.clone(), horizon), fitted);
            }
        }
        Ok(Self { members, mains, linear })
    }

    fn linear(
        &self,
        place: &PlaceId,
        origin: &Origin,
        tides: &Tides,
    ) -> Result<Vec<(u8, &'static str, f64)>, LearnError> {
        let names: Vec<&PlaceId> = self.mains.iter().collect();
        let mut points = Vec::new();
        for horizon in 1..=HORIZONS {
            let Some(linear) = self.linear.get(&(place.clone(), horizon)) else { continue };
            let mut row = Vec::new();
            levels(&mut row, (origin, 0.0), tides, horizon, &names);
            let row = linear.whole(table(row, 1)?);
            for (name, model) in &linear.models {
                let root = origin.own + model.forecast(row.view())?[0];
                points.push((horizon as u8, *name, root));
            }
        }
        Ok(points)
    }
}

impl Linear {
    fn fit(rows: Array2<f64>, targets: Array1<f64>) -> Result<Self, LearnError> {
        let mean = |column: ArrayView1<'_, f64>| {
            let known: Vec<f64> = column.iter().copied().filter(|v| v.is_finite()).collect();
            if known.is_empty() { 0.0 } else { known.iter().sum::<f64>() / known.len() as f64 }
        };
        let means = rows.columns().into_iter().map(mean).collect();
        let kept = (CONSTANT..rows.ncols()).collect();
        let mut linear = Self { means, kept, models: Vec::new() };
        // Some columns are twins: the station's own newest value, at horizon 1 that of 14 days ago.
        // Least squares names the second of them, and all methods do without it.
        let least = LinearParams::new(LinearMethod::LeastSquares);
        loop {
            let data = Dataset::new(linear.whole(rows.clone()), targets.clone());
            match least.fit(&data) {
                Err(LearnError::Collinear { feature }) => linear.forget(&feature)?,
                Err(other) => return Err(other),
                Ok(_) => break,
            }
        }
        let data = Dataset::new(linear.whole(rows), targets);
        for (name, method) in METHODS {
            linear.models.push((name, LinearParams::new(method).fit(&data)?));
        }
        Ok(linear)
    }

    /// Leaves out the column a model names as its n-th, "x" and n.
    fn forget(&mut self, feature: &str) -> Result<(), LearnError> {
        let position = feature.strip_prefix('x').and_then(|n| n.parse::<usize>().ok());
        match position.filter(|n| *n < self.kept.len()) {
            Some(position) => {
                self.kept.remove(position);
                Ok(())
            }
            None => Err(LearnError::Collinear { feature: feature.to_owned() }),
        }
    }

    /// Returns the columns kept of the rows, with means for what is missing.
    fn whole(&self, rows: Array2<f64>) -> Array2<f64> {
        let mut rows = rows;
        for (mut column, mean) in rows.columns_mut().into_iter().zip(&self.means) {
            column.iter_mut().filter(|v| !v.is_finite()).for_each(|v| *v = *mean);
        }
        rows.select(Axis(1), &self.kept)
    }
}

impl Alone for Candidates {
    fn points(
        &self,
        known: &Known<'_>,
        place: &PlaceId,
    ) -> Result<Vec<(u8, &'static str, f64)>, ForecastError> {
        let Some(origin) = Morning::read(known).origin(place) else { return Ok(Vec::new()) };
        let tides = Tides::between(origin.day - 1, origin.day + HORIZONS as i64 + 1);
        let mut points = self.linear(place, &origin, &tides)?;
        let members =
            self.members.alone(Ground { tides: &tides, waves: &WAVES }, place, &origin)?;
        for (name, values) in members {
            points.extend((1..).zip(values).map(|(horizon, root)| (horizon, name, root)));
        }
        let g_l = |root: f64| root.max(super::FLOOR_G_L.sqrt()).powi(2);
        Ok(points.into_iter().map(|(horizon, name, root)| (horizon, name, g_l(root))).collect())
    }
}
