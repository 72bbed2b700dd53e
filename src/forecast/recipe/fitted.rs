//! The fitted target: issues forecasts, and is stored as bytes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::archive::{Archive, Origin};
use super::blend::Weights;
use super::calibrate::{calibrate, scaled};
use super::daily::{Kitchen, Trial};
use super::intervals::Intervals;
use super::members::{Hindcast, Members, candidate_names};
use super::rivals::{PERSISTENCE, Rivals};
use super::track::Widths;
use super::workshop::{Past, Workshop};
use super::{Ground, Recipe};
use crate::domain::time::{IssuedAt, date_of_epoch_day};
use crate::domain::{PlaceId, Quantiles};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::gate::{Losses, PUBLISHED, Verdict};
use crate::forecast::rolling::Rolled;
use crate::forecast::stored::{self, damaged};
use crate::forecast::targets::{Fitted, Issued};

/// The version of stored models that this build writes and reads.
const FORMAT: u32 = 3;

/// Days of a running block that an issue looks back on to correct levels and widths.
const LOOK_BACK_DAYS: i64 = 120;

/// Hindcasts remembered: a year of two dozen places.
const REMEMBERED: usize = 10_000;

/// What was learned from all that was known at a cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Models {
    format: u32,
    target: String,
    /// The first day the models do not know (epoch day).
    cut_day: i64,
    own: Option<Own>,
    rivals: Rivals,
    verdicts: Vec<Verdict>,
}

/// The models of one's own; none where too little was known for them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Own {
    members: Arc<Members>,
    weights: Weights,
    intervals: Intervals,
    widths: BTreeMap<PlaceId, Widths>,
}

/// Hindcasts by place and newest day, each with the fingerprint of all that was read.
type Memory = BTreeMap<(PlaceId, i64), (u64, Hindcast)>;

/// A recipe's models, fitted at one moment.
#[derive(Debug)]
pub struct FittedDaily<R: Recipe> {
    kitchen: Kitchen<R>,
    models: Models,
    memory: Mutex<Memory>,
}

impl<R: Recipe> FittedDaily<R> {
    /// Returns the models fitted on what was known at the cut.
    pub(super) fn fit(
        recipe: &R,
        trial: &Trial,
        panel: &Panel,
        cut: IssuedAt,
        workshop: &Workshop,
    ) -> Result<Self, ForecastError> {
        let kitchen = Kitchen::new(recipe, trial);
        let places = recipe.places(panel);
        let archive =
            kitchen.with_ground(None, |ground| Archive::before(ground, panel, places, cut))?;
        let models = kitchen
            .with_ground(Some(archive.span()), |ground| models(ground, &archive, workshop))?;
        Ok(Self { kitchen, models, memory: Mutex::default() })
    }

    /// Returns the models from bytes that `to_bytes` made.
    ///
    /// # Errors
    /// [`ForecastError::Learn`] for another format or target, and for models that contradict
    /// themselves or the recipe.
    pub fn from_bytes(recipe: &R, bytes: &[u8]) -> Result<Self, ForecastError> {
        let models: Models = stored::read(bytes, recipe.name(), FORMAT)?;
        let kitchen = Kitchen::new(recipe, &Trial::default());
        if !kitchen.with_ground(None, |ground| models.fit_to(ground)) {
            return Err(damaged("lengths are not those of the recipe's columns and horizons"));
        }
        Ok(Self { kitchen, models, memory: Mutex::default() })
    }

    /// Returns the weights of the candidates that all places have in common, by horizon, with the
    /// candidates' names; empty where only baselines are published.
    pub fn weights(&self) -> Vec<(String, Vec<f64>)> {
        let Some(own) = &self.models.own else { return Vec::new() };
        let names = self.kitchen.with_ground(None, candidate_names);
        let of = |i: usize| own.weights.everyone().iter().map(|w| w[i]).collect();
        names.into_iter().enumerate().map(|(i, name)| (name, of(i))).collect()
    }

    /// Returns the weights by place, in the order of [`FittedDaily::weights`].
    pub fn weights_by_place(&self) -> Vec<(PlaceId, Vec<Vec<f64>>)> {
        let own = self.models.own.iter().flat_map(|own| own.weights.by_place());
        own.map(|(place, weights)| (place.clone(), weights.to_vec())).collect()
    }

    /// Returns the quantiles of the own models (scaled) by horizon.
    fn own_quantiles(
        &self,
        ground: &Ground<'_>,
        own: &Own,
        known: &Known<'_>,
        (place, newest): (&PlaceId, Origin),
    ) -> Result<Vec<[f64; 7]>, ForecastError> {
        let today = newest.day;
        let hindcasts = self.hindcasts(ground, own, known, (place, newest))?;
        let series = known.series(ground.variable, place);
        let truth = |day| series.on(day).map(|v| ground.scale.of(v));
        let forecasts = scaled(ground, (&own.weights, &own.intervals), place, &hindcasts, &truth);
        let start = || Widths::calibrated(ground.horizons);
        let mut widths = own.widths.get(place).cloned().unwrap_or_else(start);
        Ok(widths.run(&forecasts, &truth).remove(&today).unwrap_or_default())
    }

    /// Returns what would have been issued since the cut, and today.
    fn hindcasts(
        &self,
        ground: &Ground<'_>,
        own: &Own,
        known: &Known<'_>,
        (place, newest): (&PlaceId, Origin),
    ) -> Result<Vec<Hindcast>, ForecastError> {
        let today = newest.day;
        let first = (self.models.cut_day - 1).max(today - LOOK_BACK_DAYS).min(today);
        let mut origins = Vec::new();
        for day in first..today {
            let morning = IssuedAt::morning_of(date_of_epoch_day(day + 1))?;
            let Some(then) = known.earlier(morning) else { continue };
            origins.extend(Origin::read(ground, &then, place));
        }
        origins.push(newest);
        let lock = || self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut hindcasts, mut missing) = (Vec::new(), Vec::new());
        for origin in &origins {
            let print = origin.fingerprint();
            match lock().get(&(place.clone(), origin.day)).filter(|(p, _)| *p == print) {
                Some((_, hindcast)) => hindcasts.push(hindcast.clone()),
                None => missing.push(origin),
            }
        }
        let made = own.members.forecast(ground, place, &missing)?;
        let mut memory = lock();
        if memory.len() > REMEMBERED {
            memory.clear();
        }
        for (origin, hindcast) in missing.into_iter().zip(made) {
            memory.insert((place.clone(), origin.day), (origin.fingerprint(), hindcast.clone()));
            hindcasts.push(hindcast);
        }
        hindcasts.sort_by_key(|h| h.day);
        Ok(hindcasts)
    }

    fn issue_on(
        &self,
        ground: &Ground<'_>,
        known: &Known<'_>,
        place: &PlaceId,
    ) -> Result<Vec<Issued>, ForecastError> {
        let Some(origin) = Origin::read(ground, known, place) else { return Ok(Vec::new()) };
        let (today, newest) = (origin.day, origin.own);
        let own = match &self.models.own {
            Some(own) => self.own_quantiles(ground, own, known, (place, origin))?,
            None => Vec::new(),
        };
        let series = known.series(ground.variable, place);
        let past = |day| series.on(day).map(|v| ground.scale.of(v));
        let mut issued = Vec::new();
        for k in 0..ground.horizons {
            let (horizon, due) = (k + 1, today + k as i64 + 1);
            let baselines =
                self.models.rivals.forecasts(ground, place, (due, horizon), newest, &past);
            let verdict = self.models.verdicts.iter().find(|v| usize::from(v.horizon) == horizon);
            let held_back = match verdict {
                Some(verdict) if verdict.passes => None,
                Some(verdict) => baselines.iter().find(|(name, _)| *name == verdict.best_baseline),
                None => None,
            };
            // A baseline that cannot be given on this day gives way to persistence.
            let stand_in = held_back.or(baselines.first()).map(|(_, quantiles)| *quantiles);
            let published = match (own.get(k), held_back) {
                (Some(own), None) => Some(*own),
                _ => stand_in,
            };
            let all = published.into_iter().map(|q| (PUBLISHED, q)).chain(baselines);
            for (model, quantiles) in all {
                let quantiles = self.in_unit(ground, quantiles)?;
                issued.push(Issued { horizon: horizon as u8, model, quantiles });
            }
        }
        Ok(issued)
    }

    fn in_unit(&self, ground: &Ground<'_>, scaled: [f64; 7]) -> Result<Quantiles, ForecastError> {
        let (low, high) = self.kitchen.recipe.range();
        Ok(Quantiles::rearranged(scaled.map(|v| ground.scale.back(v).clamp(low, high)))?)
    }
}

fn models(
    ground: &Ground<'_>,
    archive: &Archive,
    workshop: &Workshop,
) -> Result<Models, ForecastError> {
    let cut_day = ground.settings.period.first_day(archive.until);
    let (format, target) = (FORMAT, ground.name.to_owned());
    let made = match workshop.roll(&Past { ground, archive }) {
        Ok(Rolled { members, held, held_by }) => {
            calibrate(ground, archive, &held, &held_by)?.map(|made| (members, made))
        }
        Err(ForecastError::TooLittle { .. }) => None,
        Err(other) => return Err(other),
    };
    Ok(match made {
        Some((members, made)) => {
            let (rivals, verdicts) = (members.rivals.clone(), made.verdicts);
            let (weights, intervals, widths) = (made.weights, made.intervals, made.widths);
            let own = Some(Own { members, weights, intervals, widths });
            Models { format, target, cut_day, own, rivals, verdicts }
        }
        None => {
            let rivals = Rivals::before(ground, archive, archive.until);
            // Persistence needs no history of its own.
            let verdicts = Losses::default().stand_ins(ground.horizons as u8, PERSISTENCE);
            Models { format, target, cut_day, own: None, rivals, verdicts }
        }
    })
}

impl Models {
    fn fit_to(&self, ground: &Ground<'_>) -> bool {
        let horizons = ground.horizons;
        let candidates = candidate_names(ground).len();
        let own = |own: &Own| {
            own.members.fits(ground)
                && own.weights.fits(horizons, candidates)
                && own.intervals.fits(horizons)
                && own.widths.values().all(|w| w.fits(horizons))
        };
        self.rivals.fits(ground) && self.own.iter().all(own)
    }
}

impl<R: Recipe> Fitted for FittedDaily<R> {
    fn gate(&self) -> Vec<Verdict> {
        self.models.verdicts.clone()
    }

    fn issue(&self, known: &Known<'_>, place: &PlaceId) -> Result<Vec<Issued>, ForecastError> {
        let today = known.today();
        let days = today - LOOK_BACK_DAYS - 2..=today + i64::from(self.kitchen.recipe.horizons());
        self.kitchen.with_ground(Some((*days.start(), *days.end())), |ground| {
            self.issue_on(ground, known, place)
        })
    }

    fn to_bytes(&self) -> Result<Vec<u8>, ForecastError> {
        stored::write(&self.models)
    }
}
