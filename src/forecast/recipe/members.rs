//! All candidates of one fit, and what they forecast.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::archive::{Archive, Origin};
use super::impute::Filler;
use super::linear::{Ridge, RidgeSums, columns, fill};
use super::methods::Method;
use super::rivals::Rivals;
use super::trees::Trees;
use super::{Ground, Step};
use crate::domain::PlaceId;
use crate::forecast::ForecastError;
use crate::forecast::learn::LearnError;

/// Baselines that are candidates too: where nothing can be learned a blend falls back on them.
const FALLBACKS: usize = 2;

/// The fitted candidates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Members {
    ridges: Vec<Ridge>,
    methods: Vec<Method>,
    trees: Option<Trees>,
    fillers: BTreeMap<PlaceId, Filler>,
    /// The baselines of the same fit.
    pub rivals: Rivals,
}

/// What all candidates forecast from one morning.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hindcast {
    /// The newest day known.
    pub day: i64,
    /// As in [`Origin`].
    pub volatility: f64,
    /// Forecasts (scaled), horizon by horizon and candidate by candidate.
    centres: Vec<f64>,
    candidates: usize,
}

impl Hindcast {
    /// Returns the candidates' forecasts `k + 1` days ahead.
    pub fn at(&self, k: usize) -> &[f64] {
        &self.centres[k * self.candidates..(k + 1) * self.candidates]
    }

    /// Returns how far the learned candidates lie apart `k + 1` days ahead (standard deviation).
    pub fn spread(&self, k: usize) -> f64 {
        let learned = &self.at(k)[..self.candidates - FALLBACKS];
        if learned.is_empty() {
            return 0.0;
        }
        let n = learned.len() as f64;
        let mean = learned.iter().sum::<f64>() / n;
        (learned.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt()
    }
}

impl Members {
    /// Returns the candidates fitted on all forecasts fallen due before `block`.
    ///
    /// # Errors
    /// [`ForecastError::TooLittle`] without enough of them, and errors of the models.
    pub fn fit(
        ground: &Ground<'_>,
        archive: &Archive,
        block: i32,
        sums: &mut RidgeSums,
    ) -> Result<Self, ForecastError> {
        sums.advance(ground, archive, block);
        let rows = sums.rows();
        let needed = ground.settings.rows_min;
        if rows < needed {
            let at = format!("the start of block {block}");
            return Err(ForecastError::TooLittle { target: ground.name, rows, needed, at });
        }
        let fillers = sums.fillers();
        let methods = ground.settings.methods.iter();
        let methods = methods.map(|m| Method::fit(ground, archive, block, *m, &fillers));
        let trees = match &ground.settings.trees {
            Some(params) => Some(Trees::fit(ground, archive, block, params, sums.sizes(), rows)?),
            None => None,
        };
        Ok(Self {
            ridges: sums.solve(ground)?,
            methods: methods.collect::<Result<_, _>>()?,
            trees,
            fillers,
            rivals: Rivals::before(ground, archive, block),
        })
    }

    /// Returns what all candidates forecast from the mornings of one place.
    ///
    /// # Errors
    /// [`LearnError`] when a stored booster does not fit this build.
    pub fn forecast(
        &self,
        ground: &Ground<'_>,
        place: &PlaceId,
        origins: &[&Origin],
    ) -> Result<Vec<Hindcast>, LearnError> {
        let boosted = match &self.trees {
            Some(trees) => Some(trees.forecast(ground, place, origins)?),
            None => None,
        };
        let mut buffers = (Vec::new(), Vec::new());
        let hindcast = |(i, origin): (usize, &&Origin)| {
            let mut centres = Vec::new();
            let filled = match self.fillers.get(place) {
                Some(filler) => fill(origin, || filler.clone(), &mut None),
                None => origin.row.clone(),
            };
            for k in 0..ground.horizons {
                self.linear(ground, (place, origin, &filled), k, &mut buffers, &mut centres);
                centres.extend(boosted.as_ref().map(|b| b[i * ground.horizons + k]));
                let day = origin.day + k as i64 + 1;
                centres.extend([self.rivals.mean(place, day).unwrap_or(origin.own), origin.own]);
            }
            let candidates = centres.len() / ground.horizons;
            Hindcast { day: origin.day, volatility: origin.volatility, centres, candidates }
        };
        Ok(origins.iter().enumerate().map(hindcast).collect())
    }

    fn linear(
        &self,
        ground: &Ground<'_>,
        (place, origin, filled): (&PlaceId, &Origin, &[f64]),
        k: usize,
        (full, row): &mut (Vec<f64>, Vec<f64>),
        centres: &mut Vec<f64>,
    ) {
        if self.ridges.is_empty() && self.methods.is_empty() {
            return;
        }
        let (newest, horizon) = (origin.day, k as i64 + 1);
        let step = Step { place, newest, horizon, day: newest + horizon, origin: filled };
        row.clear();
        columns(ground, &step, full, row);
        let carried = ground.carried(origin.own, newest, step.day);
        let dot = |c: &[f64]| carried + c.iter().zip(&*row).map(|(c, x)| c * x).sum::<f64>();
        let first = centres.len();
        centres.extend(self.ridges.iter().map(|ridge| dot(&ridge.coefficients(place)[k])));
        let stand_in = centres.get(first).copied().unwrap_or(carried);
        centres.extend(self.methods.iter().map(|m| m.coefficients(place, k).map_or(stand_in, dot)));
    }

    /// Returns whether the place was learned, not only borrowed from the others.
    pub fn know(&self, place: &PlaceId) -> bool {
        self.fillers.contains_key(place)
    }

    /// Returns whether all lengths are those of a ground.
    pub fn fits(&self, ground: &Ground<'_>) -> bool {
        let (horizons, width) = (ground.horizons, ground.layout.linear.len() + 1);
        self.ridges.len() == ground.settings.shrink.len()
            && self.methods.len() == ground.settings.methods.len()
            && self.trees.is_some() == ground.settings.trees.is_some()
            && self.ridges.iter().all(|r| r.fits(horizons, width))
            && self.methods.iter().all(|m| m.fits(horizons, width))
            && self.trees.iter().all(|t| t.fits(ground))
            && self.fillers.values().all(|f| f.fits(ground.layout.origin))
            && self.rivals.fits(ground)
    }
}

/// Returns the names of the candidates, in the order of a blend's weights.
pub(super) fn candidate_names(ground: &Ground<'_>) -> Vec<String> {
    let ridges = ground.settings.shrink.iter().map(|s| format!("ridge {}/{}", s.pooled, s.place));
    let methods = ground.settings.methods.iter().map(|m| format!("{m:?}"));
    let trees = ground.settings.trees.iter().map(|_| "trees".to_owned());
    let fallbacks = [super::rivals::CLIMATOLOGY, super::rivals::PERSISTENCE].map(str::to_owned);
    ridges.chain(methods).chain(trees).chain(fallbacks).collect()
}
