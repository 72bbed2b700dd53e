//! The two ridges: one solution for all stations, and each main station's departure from it.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::archive::Archive;
use super::design::{FOURIER, FREE, STRUCTURED, Waves, error_growth};
use super::tides::Tides;
use crate::domain::PlaceId;
use crate::forecast::learn::LearnError;
use crate::forecast::learn::normal::Normal;

/// What a season's rows still count a season later; .8 to .95 gave the same score.
const AGEING: f64 = 0.9;
/// Penalty of the pooled solution of the structured ridge. The four penalties were compared on
/// rolling 2000-2014; half or twice these values change the error by under 0.5 %.
const POOLED_STRUCTURED: f64 = 3_000.0;
/// Penalty of the pooled solution of the ridge with Fourier features.
const POOLED_FOURIER: f64 = 1_500.0;
/// Penalty of a station's departure in the structured ridge.
const STATION_STRUCTURED: f64 = 3_000.0;
/// Penalty of a station's departure in the ridge with Fourier features.
const STATION_FOURIER: f64 = 15_000.0;
/// Share of the penalty that the plain growth with the lead bears.
const FREE_SHARE: f64 = 1e-3;

/// Sums over the seasons so far, by station.
#[derive(Debug, Default, Clone)]
pub(super) struct SeasonSums(BTreeMap<PlaceId, (i16, Normal)>);

impl SeasonSums {
    /// Brings the sums of these stations up to the seasons before `year`.
    pub(super) fn advance(
        &mut self,
        (archive, tides, waves): (&Archive, &Tides, &Waves),
        year: i16,
        mains: &[PlaceId],
    ) {
        for place in mains {
            let entry = self.0.entry(place.clone());
            let (next, sums) = entry.or_insert_with(|| (i16::MIN, Normal::new(FOURIER)));
            let phases = waves.phases_at(place);
            // A year without any record ages nothing: an archive that ends long ago is no worse.
            for season in archive.years_before(year).filter(|season| season >= next) {
                sums.age(AGEING);
                let mut rows = Vec::new();
                let mut targets = Vec::new();
                for (origin, horizon, outcome) in archive.due(season, place) {
                    let from = rows.len();
                    waves.columns(&mut rows, &phases, origin, tides, horizon);
                    let root_weight = 1.0 / error_growth(horizon);
                    rows[from..].iter_mut().for_each(|v| *v *= root_weight);
                    targets.push((outcome - origin.own) * root_weight);
                }
                if let Ok(rows) = Array2::from_shape_vec((targets.len(), FOURIER), rows) {
                    sums.add(rows.view(), &targets);
                }
            }
            *next = year;
        }
    }

    /// Returns the coefficients (structured, Fourier) pooled, and of each main station.
    pub(super) fn solve(&self, mains: &[PlaceId]) -> Result<Solutions, LearnError> {
        let mut pooled = Normal::new(FOURIER);
        for (_, sums) in mains.iter().filter_map(|place| self.0.get(place)) {
            pooled.merge(sums);
        }
        let everyone = Coefficients {
            structured: pooled
                .tail(STRUCTURED)
                .solve(&penalty(STRUCTURED, POOLED_STRUCTURED), None)?,
            fourier: pooled.solve(&penalty(FOURIER, POOLED_FOURIER), None)?,
        };
        let mut stations = BTreeMap::new();
        for place in mains {
            let Some((_, sums)) = self.0.get(place) else { continue };
            let own = Coefficients {
                structured: sums
                    .tail(STRUCTURED)
                    .solve(&penalty(STRUCTURED, STATION_STRUCTURED), Some(&everyone.structured))?,
                fourier: sums.solve(&penalty(FOURIER, STATION_FOURIER), Some(&everyone.fourier))?,
            };
            stations.insert(place.clone(), own);
        }
        Ok(Solutions { everyone, stations })
    }
}

fn penalty(width: usize, strength: f64) -> Vec<f64> {
    let mut penalty = vec![strength; width];
    penalty[width - FREE..].fill(strength * FREE_SHARE);
    penalty
}

/// Coefficients of the two ridges.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Coefficients {
    structured: Vec<f64>,
    fourier: Vec<f64>,
}

impl Coefficients {
    /// Returns the departures from persistence that the ridges forecast, from one row of columns.
    pub(super) fn forecast(&self, columns: &[f64]) -> [f64; 2] {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum();
        let structured = &columns[columns.len() - STRUCTURED..];
        [dot(structured, &self.structured), dot(columns, &self.fourier)]
    }

    /// Returns whether the lengths are those of this build.
    pub(super) fn fit(&self) -> bool {
        self.structured.len() == STRUCTURED && self.fourier.len() == FOURIER
    }
}

/// The ridges' answers.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Solutions {
    /// For a station that was never learned.
    pub everyone: Coefficients,
    /// For each main station.
    pub stations: BTreeMap<PlaceId, Coefficients>,
}
