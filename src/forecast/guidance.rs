//! Bias correction of other people's forecasts, learned only from what had been archived and
//! observed by the moment of use.
//!
//! For each variable, source and lead the error (forecast minus observed) has two drifting levels,
//! followed by a Kalman filter each ([`level`]): one of the whole area, drawn to 0 while there are
//! few days, and for each place one of its distance from the area, drawn to 0 likewise. So a place
//! with few samples is corrected as the area is, and a new source not at all.
//!
//! The correction that could have been made of each day's forecast, from what was known when it was
//! issued, is compared with the error that came. What share of the correction would have helped (its
//! regression on the error, less one standard error, 0 to 1) is the share that is applied: a source
//! without bias is left alone, and one that has changed its model loses its old correction within
//! weeks.
//!
//! Every forecast whose day came is verified beside its correction ([`Verified`]); [`candidate`] holds
//! that against the other forecasts of the same days, behind the same gate.
//!
//! Meant for temperature, humidity, wind, radiation and levels. An amount that is often 0, as rain,
//! has no additive bias: correct its probability by [`super::verification`] instead.

pub mod candidate;
mod level;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::PlaceId;
use crate::features::Known;
use level::Level;

/// Whose forecast of what, for where and how far ahead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuidanceKey {
    /// Name in the catalogue of variables.
    pub variable: Arc<str>,
    /// Who says so: `kind.provider[.model]`.
    pub source: Arc<str>,
    /// Steps (days, or hours) from the day (or hour) of issue to the one it speaks of.
    pub lead: i64,
    /// Where.
    pub place: PlaceId,
}

/// An archived forecast of a local day.
#[derive(Debug, Clone, PartialEq)]
pub struct Archived {
    /// Whose, of what, for where and how far ahead.
    pub key: GuidanceKey,
    /// When anyone could have known it, not before it was issued.
    pub available_at: Timestamp,
    /// The local day it speaks of (epoch day).
    pub valid_day: i64,
    /// What it said, in the variable's unit.
    pub value: f64,
}

/// A forecast and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Matched {
    /// Whose, of what, for where and how far ahead.
    pub key: GuidanceKey,
    /// The step it spoke of (epoch day, or hours since 1970 for hourly guidance).
    pub valid_step: i64,
    /// What it said, in the variable's unit.
    pub forecast: f64,
    /// What was observed, in the same unit.
    pub observed: f64,
}

/// How fast corrections are learned and forgotten.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shrinkage {
    /// Days of samples that weigh as much as the belief that the area has no bias.
    pub area_prior_days: f64,
    /// Days of samples that weigh as much as the belief that a place is as its area.
    pub place_prior_days: f64,
    /// Steps over which a level is averaged in the long run.
    pub memory_steps: f64,
    /// Steps that an observation comes later than the step after its own.
    pub late_steps: i64,
}

impl Default for Shrinkage {
    /// Ten days of belief and 45 days of memory: our own choice, half a monsoon phase. No archive
    /// of guidance for the delta exists to tune them on (`shared/data/README.md`, verification).
    fn default() -> Self {
        Self { area_prior_days: 10.0, place_prior_days: 10.0, memory_steps: 45.0, late_steps: 0 }
    }
}

/// A forecast, the correction that could have been made of it when it was issued, and what came.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Whose, of what, for where and how far ahead.
    pub key: GuidanceKey,
    /// The step it spoke of.
    pub valid_step: i64,
    /// What it said, in the variable's unit; the mean of what several issues of a step said.
    pub forecast: f64,
    /// What it said less the bias known then.
    pub corrected: f64,
    /// What was observed.
    pub observed: f64,
}

/// What to subtract from a forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correction {
    /// Bias to subtract (forecast minus observed, in the variable's unit).
    pub bias: f64,
    /// Days with a sample of this very place.
    pub place_days: u32,
    /// Days with a sample anywhere in the area.
    pub area_days: u32,
}

impl Correction {
    /// The correction of what nothing is known of.
    pub const NONE: Self = Self { bias: 0.0, place_days: 0, area_days: 0 };

    /// Returns the corrected forecast, kept in the variable's range.
    #[must_use]
    pub fn apply(&self, forecast: f64, allowed: std::ops::RangeInclusive<f64>) -> f64 {
        (forecast - self.bias).max(*allowed.start()).min(*allowed.end())
    }
}

/// Variable, source and lead.
type Group = (Arc<str>, Arc<str>, i64);

/// One forecast and its outcome.
#[derive(Debug, Clone, Copy)]
struct Sample<'a> {
    key: &'a GuidanceKey,
    step: i64,
    forecast: f64,
    observed: f64,
}

/// The mean of a place's samples on one step.
#[derive(Debug, Clone, Copy)]
struct Mean<'a> {
    key: &'a GuidanceKey,
    forecast: f64,
    observed: f64,
}

impl Mean<'_> {
    /// Returns the error, forecast minus observed.
    const fn error(&self) -> f64 {
        self.forecast - self.observed
    }
}

/// The corrections known at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Corrections(BTreeMap<Group, Area>);

/// What was learned of one variable, source and lead.
#[derive(Debug, Clone, PartialEq)]
struct Area {
    level: Level,
    lag_steps: i64,
    places: BTreeMap<PlaceId, Level>,
    gain: Gain,
    /// Shares after earlier steps, as many as may still be asked for.
    shares: VecDeque<(i64, f64)>,
}

/// Sums over days that tell how much of past corrections would have helped. Of a day counts the
/// mean over places of correction × error (`product`) and of the correction squared (`square`).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Gain {
    product: f64,
    square: f64,
    product_product: f64,
    product_square: f64,
    square_square: f64,
}

/// Returns the corrections for forecasts issued at `known`'s moment: only rows available by then,
/// of days whose observation was known by then, teach.
#[must_use]
pub fn learn(known: &Known<'_>, archived: &[Archived], shrinkage: &Shrinkage) -> Corrections {
    learn_and_verify(known, archived, shrinkage).0
}

/// Returns the corrections as [`learn`] does, and every forecast they were learned from beside its
/// outcome and the correction that could have been made of it.
#[must_use]
pub fn learn_and_verify(
    known: &Known<'_>,
    archived: &[Archived],
    shrinkage: &Shrinkage,
) -> (Corrections, Vec<Verified>) {
    let now = known.issued_at().0;
    let mut told: Vec<&Archived> = archived.iter().filter(|row| row.available_at <= now).collect();
    told.sort_by(|a, b| a.key.cmp(&b.key));
    let mut samples = Vec::with_capacity(told.len());
    for rows in told.chunk_by(|a, b| a.key == b.key) {
        let key = &rows[0].key;
        let series = known.series(&key.variable, &key.place);
        samples.extend(rows.iter().filter_map(|row| {
            let observed = series.on(row.valid_day)?;
            Some(Sample { key, step: row.valid_day, forecast: row.value, observed })
        }));
    }
    follow(samples, shrinkage)
}

/// Returns the corrections learned from forecasts already matched to observations, of any step.
/// Their order does not matter; several of one key and step count as their mean; pairs that are not
/// finite are left out. The caller sees to it that nothing in them was unknown at the time of use.
#[must_use]
pub fn learn_from(matched: &[Matched], shrinkage: &Shrinkage) -> Corrections {
    let samples = matched.iter().map(|pair| Sample {
        key: &pair.key,
        step: pair.valid_step,
        forecast: pair.forecast,
        observed: pair.observed,
    });
    follow(samples.collect(), shrinkage).0
}

fn follow(mut samples: Vec<Sample<'_>>, shrinkage: &Shrinkage) -> (Corrections, Vec<Verified>) {
    fn group<'a>(sample: &Sample<'a>) -> (&'a str, &'a str, i64) {
        (&sample.key.variable, &sample.key.source, sample.key.lead)
    }
    samples.retain(|sample| sample.forecast.is_finite() && sample.observed.is_finite());
    samples.sort_by(|a, b| {
        let of_group = group(a).cmp(&group(b)).then(a.step.cmp(&b.step));
        let of_place = of_group.then_with(|| a.key.place.cmp(&b.key.place));
        of_place.then(a.forecast.total_cmp(&b.forecast)).then(a.observed.total_cmp(&b.observed))
    });
    let mut verified = Vec::with_capacity(samples.len());
    let areas = samples.chunk_by(|a, b| group(a) == group(b)).map(|samples| {
        let key = samples[0].key;
        let group = (key.variable.clone(), key.source.clone(), key.lead);
        (group, Area::follow(samples, shrinkage, &mut verified))
    });
    let corrections = Corrections(areas.collect());
    (corrections, verified)
}

impl Corrections {
    /// Returns the correction of one variable, source, lead and place; the area's where the place
    /// is new, and none where the source is.
    #[must_use]
    pub fn of(&self, key: &GuidanceKey) -> Correction {
        let group = (key.variable.clone(), key.source.clone(), key.lead);
        self.0.get(&group).map_or(Correction::NONE, |area| area.correction(&key.place))
    }
}

impl Area {
    /// Returns what samples of one group teach, sorted by step and place, and adds each verified.
    fn follow(samples: &[Sample<'_>], shrinkage: &Shrinkage, verified: &mut Vec<Verified>) -> Self {
        // A forecast `lead` steps ahead is issued when the step before its issue is the last known.
        let lead = samples.first().map_or(0, |sample| sample.key.lead).max(0);
        let lag_steps = lead + 1 + shrinkage.late_steps.max(0);
        let mut area = Self {
            level: Level::new(shrinkage.area_prior_days, shrinkage.memory_steps, lag_steps),
            lag_steps,
            places: BTreeMap::new(),
            gain: Gain::default(),
            shares: VecDeque::new(),
        };
        for samples in samples.chunk_by(|a, b| a.step == b.step) {
            let places = samples.chunk_by(|a, b| a.key.place == b.key.place).map(|same| {
                let mean = |of: fn(&Sample<'_>) -> f64| {
                    same.iter().map(of).sum::<f64>() / same.len() as f64
                };
                let (forecast, observed) = (mean(|s| s.forecast), mean(|s| s.observed));
                Mean { key: same[0].key, forecast, observed }
            });
            let (step, means) = (samples[0].step, places.collect::<Vec<_>>());
            verified.extend(means.iter().map(|mean| area.verify(step, mean)));
            area.learn_step(step, &means, shrinkage);
        }
        area
    }

    /// Returns a forecast beside what could have been made of it and what came.
    fn verify(&self, step: i64, mean: &Mean<'_>) -> Verified {
        let then = self.shares.iter().rev().find(|past| past.0 <= step - self.lag_steps);
        let share = then.map_or(0.0, |past| past.1);
        let bias = share * self.bias_before(step, &mean.key.place);
        Verified {
            key: mean.key.clone(),
            valid_step: step,
            forecast: mean.forecast,
            corrected: mean.forecast - bias,
            observed: mean.observed,
        }
    }

    /// Learns from the mean error of each place on one step.
    fn learn_step(&mut self, step: i64, places: &[Mean<'_>], shrinkage: &Shrinkage) {
        let mean = |of: &dyn Fn(&PlaceId, f64) -> f64| -> f64 {
            let sum: f64 = places.iter().map(|mean| of(&mean.key.place, mean.error())).sum();
            sum / places.len() as f64
        };
        self.gain.add(
            mean(&|place, error| self.bias_before(step, place) * error),
            mean(&|place, _| self.bias_before(step, place).powi(2)),
        );
        // What the day had in common, whichever places told; alone, a place teaches the area only.
        let common = mean(&|place, error| error - self.distance(place));
        self.level.learn(step, common);
        for told in places {
            let (prior, memory) = (shrinkage.place_prior_days, shrinkage.memory_steps);
            let fresh = || Level::new(prior, memory, self.lag_steps);
            let level = self.places.entry(told.key.place.clone()).or_insert_with(fresh);
            level.learn(step, told.error() - common);
        }
        self.shares.push_back((step, self.gain.share()));
        while self.shares.get(1).is_some_and(|next| next.0 <= step - self.lag_steps) {
            self.shares.pop_front();
        }
    }

    fn distance(&self, place: &PlaceId) -> f64 {
        self.places.get(place).map_or(0.0, Level::mean)
    }

    /// Returns the bias of a forecast of `step` as it was known when that was issued.
    fn bias_before(&self, step: i64, place: &PlaceId) -> f64 {
        let distance = self.places.get(place).map_or(0.0, |level| level.mean_before(step));
        self.level.mean_before(step) + distance
    }

    fn correction(&self, place: &PlaceId) -> Correction {
        Correction {
            bias: self.gain.share() * (self.level.mean() + self.distance(place)),
            place_days: self.places.get(place).map_or(0, Level::days),
            area_days: self.level.days(),
        }
    }
}

impl Gain {
    fn add(&mut self, product: f64, square: f64) {
        self.product += product;
        self.square += square;
        self.product_product += product * product;
        self.product_square += product * square;
        self.square_square += square * square;
    }

    /// Returns the share of the correction that helps, 0 to 1: the slope of the errors on the
    /// corrections, less its standard error (of the daily sums, so that places of one day do not
    /// count as so many proofs).
    fn share(&self) -> f64 {
        if self.square <= 0.0 {
            return 0.0;
        }
        let slope = self.product / self.square;
        let unexplained = self.product_product - 2.0 * slope * self.product_square
            + slope * slope * self.square_square;
        (slope - unexplained.max(0.0).sqrt() / self.square).clamp(0.0, 1.0)
    }
}
