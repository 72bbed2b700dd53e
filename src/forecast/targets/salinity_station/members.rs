//! The four members, fitted on the seasons before one year, and their blend.

use std::collections::BTreeMap;

use linfa::Dataset;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use super::HORIZONS;
use super::archive::Archive;
use super::design::{FOURIER, Waves, error_growth};
use super::morning::Origin;
use super::ridge::{SeasonSums, Solutions};
use super::tables::{differences, levels};
use super::tides::{Tides, figure};
use crate::domain::PlaceId;
use crate::forecast::ForecastError;
use crate::forecast::learn::{Booster, BoosterParams, LearnError, Regressor};

/// Rows that a fit needs: two hundred mornings of one station.
const ROWS_MIN: usize = 2_800;
/// Share of the levels booster in the blend at the last horizon, growing from none at the first.
const LEVELS_SHARE: f64 = 0.25;
/// Spread between members that is taken for a station without boosters (root of g/L): the mean of
/// the main stations.
const NEW_STATION_SPREAD: f64 = 0.06;

/// Boosters learn from the forecasts of every second day: neighbouring leads of one morning say
/// nearly the same, and a fit takes half the time.
const THINNING: i64 = 2;

/// What stays the same for all fits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'a> {
    /// Tide of every day needed.
    pub tides: &'a Tides,
    /// The random waves.
    pub waves: &'a Waves,
}

/// The blend at one horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// The blended forecast (root of g/L).
    pub blend: f64,
    /// Standard deviation of the first three members.
    pub spread: f64,
    /// How much the tide changes until then.
    pub tide_change: f64,
}

/// The forecasts of one station on one morning before any correction.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hindcast {
    /// State of the river, as in [`Origin::level`].
    pub level: f64,
    /// By horizon.
    pub steps: [Step; HORIZONS],
}

/// The fitted members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Members {
    ridges: Solutions,
    /// Mean root salinity of each main station, its sign in the boosters.
    means: BTreeMap<PlaceId, f64>,
    differences: Booster,
    levels: Booster,
}

impl Members {
    /// Returns the members fitted on the seasons before `year`.
    ///
    /// # Errors
    /// [`ForecastError::TooLittle`] without enough history at any station.
    pub(super) fn fit(
        archive: &Archive,
        ground: Ground<'_>,
        year: i16,
        sums: &mut SeasonSums,
    ) -> Result<Self, ForecastError> {
        let mains = archive.mains(year);
        let seasons = || archive.years_before(year);
        let rows: usize =
            mains.iter().flat_map(|p| seasons().map(|y| archive.due(y, p).count())).sum();
        if rows < ROWS_MIN {
            return Err(ForecastError::TooLittle {
                target: super::NAME,
                rows,
                needed: ROWS_MIN,
                at: format!("the start of {year}"),
            });
        }
        sums.advance((archive, ground.tides, ground.waves), year, &mains);
        let ridges = sums.solve(&mains)?;
        let rows = Rows::of(archive, year, &mains);
        let names: Vec<&PlaceId> = mains.iter().collect();
        let departures = rows.items.iter().map(|r| (r.2 - r.1.own) / error_growth(r.3)).collect();
        let heights = rows.items.iter().map(|r| r.2).collect();
        Ok(Self {
            ridges,
            differences: boost(&difference_params(), departures, |out| {
                rows.write(out, |out, row, h| differences(out, row, ground.tides, h, &names));
            })?,
            levels: boost(&level_params(), heights, |out| {
                rows.write(out, |out, row, h| levels(out, row, ground.tides, h, &names));
            })?,
            means: rows.means,
        })
    }

    /// Returns whether the station was learned, not only borrowed from the others.
    pub(super) fn know(&self, place: &PlaceId) -> bool {
        self.means.contains_key(place)
    }

    /// Returns whether the parts fit this build and each other.
    pub(super) fn sound(&self) -> bool {
        self.ridges.everyone.fit()
            && self.means.keys().eq(self.ridges.stations.keys())
            && self.ridges.stations.values().all(super::ridge::Coefficients::fit)
    }

    /// Returns the forecasts from one origin.
    ///
    /// # Errors
    /// [`LearnError`] when a stored booster does not fit this build.
    pub(super) fn forecast(
        &self,
        ground: Ground<'_>,
        place: &PlaceId,
        origin: &Origin,
    ) -> Result<Hindcast, LearnError> {
        let own = self.ridges.stations.get(place);
        let coefficients = own.unwrap_or(&self.ridges.everyone);
        let phases = ground.waves.phases_at(place);
        let boosted = match self.means.get(place) {
            Some(mean) => Some(self.boosted(ground.tides, origin, *mean)?),
            None => None,
        };
        let mut columns = Vec::with_capacity(FOURIER);
        let steps = std::array::from_fn(|k| {
            let horizon = k + 1;
            columns.clear();
            ground.waves.columns(&mut columns, &phases, origin, ground.tides, horizon);
            let ridges = coefficients.forecast(&columns).map(|change| origin.own + change);
            let (blend, spread) = match &boosted {
                Some(boosted) => blend(horizon, ridges, boosted[k]),
                None => ((ridges[0] + 2.0 * ridges[1]) / 3.0, NEW_STATION_SPREAD),
            };
            let (now, then) = (
                ground.tides.standard(origin.day),
                ground.tides.standard(origin.day + horizon as i64),
            );
            let change = |level| (then[figure(level, 0)] - now[figure(level, 0)]).abs();
            Step { blend, spread, tide_change: f64::midpoint(change(0), change(2)) }
        });
        Ok(Hindcast { level: origin.level, steps })
    }

    /// Returns what each member forecasts alone from one origin (root of g/L), by horizon; only for
    /// a main station, which all four know.
    pub(super) fn alone(
        &self,
        ground: Ground<'_>,
        place: &PlaceId,
        origin: &Origin,
    ) -> Result<Vec<(&'static str, [f64; HORIZONS])>, LearnError> {
        let (Some(own), Some(mean)) = (self.ridges.stations.get(place), self.means.get(place))
        else {
            return Ok(Vec::new());
        };
        let phases = ground.waves.phases_at(place);
        let boosted = self.boosted(ground.tides, origin, *mean)?;
        let ridges: [[f64; 2]; HORIZONS] = std::array::from_fn(|k| {
            let mut columns = Vec::with_capacity(FOURIER);
            ground.waves.columns(&mut columns, &phases, origin, ground.tides, k + 1);
            own.forecast(&columns).map(|change| origin.own + change)
        });
        Ok(vec![
            ("alone.ridge", ridges.map(|r| r[0])),
            ("alone.trees_on_steps", boosted.map(|b| b[0])),
            ("alone.ridge_with_waves", ridges.map(|r| r[1])),
            ("alone.trees_on_levels", boosted.map(|b| b[1])),
        ])
    }

    fn boosted(
        &self,
        tides: &Tides,
        origin: &Origin,
        mean: f64,
    ) -> Result<[[f64; 2]; HORIZONS], LearnError> {
        let mains: Vec<&PlaceId> = self.means.keys().collect();
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for horizon in 1..=HORIZONS {
            differences(&mut first, (origin, mean), tides, horizon, &mains);
            levels(&mut second, (origin, mean), tides, horizon, &mains);
        }
        let differences = self.differences.forecast(table(first, HORIZONS)?.view())?;
        let levels = self.levels.forecast(table(second, HORIZONS)?.view())?;
        Ok(std::array::from_fn(|k| [origin.own + error_growth(k + 1) * differences[k], levels[k]]))
    }
}

/// Returns the blend and the spread of the members: (structured + 2 Fourier + differences) / 4, with
/// the levels mixed in at long leads.
fn blend(horizon: usize, ridges: [f64; 2], boosted: [f64; 2]) -> (f64, f64) {
    let [structured, fourier] = ridges;
    let [differences, levels] = boosted;
    let share = LEVELS_SHARE * (horizon as f64 - 1.0) / (HORIZONS as f64 - 1.0);
    let core = (structured + 2.0 * fourier + differences) / 4.0;
    let mean = (structured + fourier + differences) / 3.0;
    let square: f64 = [structured, fourier, differences].iter().map(|v| (v - mean).powi(2)).sum();
    ((1.0 - share) * core + share * levels, (square / 3.0).sqrt())
}

/// The rows to learn from: station, origin, outcome, horizon.
struct Rows<'a> {
    items: Vec<(&'a PlaceId, &'a Origin, f64, usize)>,
    means: BTreeMap<PlaceId, f64>,
}

impl<'a> Rows<'a> {
    fn of(archive: &'a Archive, year: i16, mains: &'a [PlaceId]) -> Self {
        let mut items = Vec::new();
        let mut means = BTreeMap::new();
        for place in mains {
            let from = items.len();
            for season in archive.years_before(year) {
                let due = archive.due(season, place).filter(|(origin, horizon, _)| {
                    (origin.day + *horizon as i64).rem_euclid(THINNING) == 0
                });
                items.extend(due.map(|(origin, horizon, y)| (place, origin, y, horizon)));
            }
            let own = &items[from..];
            let mean = own.iter().map(|r| r.2).sum::<f64>() / own.len().max(1) as f64;
            means.insert(place.clone(), mean);
        }
        Self { items, means }
    }

    fn write(&self, out: &mut Vec<f64>, mut row: impl FnMut(&mut Vec<f64>, (&Origin, f64), usize)) {
        for (place, origin, _, horizon) in &self.items {
            row(out, (*origin, self.means[*place]), *horizon);
        }
    }
}

fn boost(
    params: &BoosterParams,
    targets: Vec<f64>,
    write: impl FnOnce(&mut Vec<f64>),
) -> Result<Booster, LearnError> {
    let mut values = Vec::new();
    write(&mut values);
    let records = table(values, targets.len())?;
    params.fit(&Dataset::new(records, Array1::from(targets)))
}

/// Returns values written row by row as a table.
pub(super) fn table(values: Vec<f64>, rows: usize) -> Result<Array2<f64>, LearnError> {
    let (given, width) = (values.len(), values.len() / rows.max(1));
    Array2::from_shape_vec((rows, width), values).map_err(|_| LearnError::Shape {
        what: "a table of booster rows",
        expected: rows * width,
        given,
    })
}

fn difference_params() -> BoosterParams {
    let params = Booster::params().n_trees(300).learning_rate(0.05).max_bins(63).seed(1);
    params.max_leaves(15).min_samples_leaf(30).l2(5.0).row_fraction(0.6).feature_fraction(0.4)
}

fn level_params() -> BoosterParams {
    let params = Booster::params().n_trees(300).learning_rate(0.05).max_bins(63).seed(2);
    params.max_leaves(31).min_samples_leaf(20).l2(2.5).row_fraction(0.7).feature_fraction(0.6)
}
