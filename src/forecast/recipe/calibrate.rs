//! From the blocks held out to weights, intervals, widths and the gate's verdicts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Ground;
use super::archive::{Archive, History};
use super::blend::{BlendSums, Weights};
use super::intervals::{Asked, Intervals, Sample, Scaled, Sides, Situation, Year};
use super::members::{Hindcast, Members};
use super::rivals::{CLIMATOLOGY, Rivals};
use super::settings::Period;
use super::track::{Widths, corrected};
use super::unrest::Unrest;
use super::workshop::Held;
use crate::domain::PlaceId;
use crate::forecast::ForecastError;
use crate::forecast::gate::{Losses, PUBLISHED, Verdict};
use crate::forecast::scores::mean_pinball;

/// What a block held out still counts a block later: rivers and methods change.
const RECENCY: f64 = 0.8;
/// Blocks of errors before what is learned from them is tried on the next.
const BLOCKS_BEFORE: usize = 2;

/// What the blocks held out have taught.
#[derive(Debug)]
pub(super) struct Calibration {
    /// Weights of the candidates.
    pub weights: Weights,
    /// Scale and shape of the errors.
    pub intervals: Intervals,
    /// Width of each place's intervals at the end of the last block.
    pub widths: BTreeMap<PlaceId, Widths>,
    /// Where the blend beats every baseline.
    pub verdicts: Vec<Verdict>,
}

/// Forecasts of one block by place and newest day.
type Centres = BTreeMap<PlaceId, BTreeMap<i64, Vec<f64>>>;

/// Returns the calibration on the blocks held out; `None` when there are none.
///
/// Each block is judged with weights and intervals learned from the blocks before it. When there
/// are too few for that, all are judged with what was learned from all of them, and the widths stay
/// as they are.
pub(super) fn calibrate(
    ground: &Ground<'_>,
    archive: &Archive,
    blocks: &BTreeMap<i32, Arc<Held>>,
    members: &BTreeMap<i32, Arc<Members>>,
) -> Result<Option<Calibration>, ForecastError> {
    let all = Lesson::of(ground, archive, blocks, archive.until)?;
    let Some(all) = all else { return Ok(None) };
    let few = blocks.len() <= BLOCKS_BEFORE;
    let mut widths: BTreeMap<PlaceId, Widths> = BTreeMap::new();
    let mut losses = [Losses::default(), Losses::default()];
    for (n, (block, held)) in blocks.iter().enumerate() {
        if n < BLOCKS_BEFORE && !few {
            continue;
        }
        let earlier = if few { None } else { Lesson::of(ground, archive, blocks, *block)? };
        let lesson = earlier.as_ref().unwrap_or(&all);
        for history in &archive.histories {
            let Some(hindcasts) = held.get(&history.place) else { continue };
            let truth = |day| history.truth.on(day);
            let scaled = lesson.scaled(ground, &history.place, hindcasts, &truth);
            let start = || Widths::calibrated(ground.horizons);
            let mut width = widths.get(&history.place).cloned().unwrap_or_else(start);
            let issued = width.run(&scaled, &truth);
            if !few {
                widths.insert(history.place.clone(), width);
            }
            if let Some(members) = members.get(block) {
                judge(ground, &mut losses, history, &members.rivals, &issued);
            }
        }
    }
    let verdicts = verdicts(&losses);
    Ok(Some(Calibration { weights: all.weights, intervals: all.intervals, widths, verdicts }))
}

/// Weights and intervals learned from blocks held out.
pub(super) struct Lesson {
    pub weights: Weights,
    pub intervals: Intervals,
}

impl Lesson {
    /// Returns what the blocks before `until` teach.
    fn of(
        ground: &Ground<'_>,
        archive: &Archive,
        blocks: &BTreeMap<i32, Arc<Held>>,
        until: i32,
    ) -> Result<Option<Self>, ForecastError> {
        let end = ground.settings.period.first_day(until);
        let earlier: Vec<(f64, &Arc<Held>)> = {
            let newest_first = blocks.range(..until).rev();
            newest_first.zip(0..).map(|((_, held), age)| (RECENCY.powi(age), held)).collect()
        };
        let mut sums = BlendSums::default();
        for (weight, held) in earlier.iter().rev() {
            for (history, hindcasts) in with_history(archive, held) {
                for (hindcast, k, outcome) in due(ground, history, hindcasts, end) {
                    let at = (k, ground.horizons);
                    sums.push(&history.place, at, hindcast, outcome, *weight);
                }
            }
        }
        let Some(learned) = sums.weights() else { return Ok(None) };
        let weights = if ground.settings.taught { learned.all_on_the_first() } else { learned };
        let centres: Vec<Centres> = earlier
            .iter()
            .map(|(_, held)| {
                let of = |(history, hindcasts): (&History, &Vec<Hindcast>)| {
                    let truth = |day| history.truth.on(day).filter(|_| day < end);
                    let centres = centres(ground, &weights, &history.place, hindcasts, &truth);
                    (history.place.clone(), centres)
                };
                with_history(archive, held).map(of).collect()
            })
            .collect();
        let mut samples = Vec::new();
        for ((weight, held), centres) in earlier.iter().zip(&centres).rev() {
            for (history, hindcasts) in with_history(archive, held) {
                let place = &history.place;
                for (hindcast, k, outcome) in due(ground, history, hindcasts, end) {
                    let error = outcome - centres[place][&hindcast.day][k];
                    let situation = situation(hindcast, k);
                    samples.push(Sample { place, k, situation, error, weight: *weight });
                }
            }
        }
        let sides = if ground.settings.taught { Sides::Both } else { Sides::AsSeen };
        let year = match ground.settings.period {
            Period::Year => Year::Seen,
            Period::Month => {
                let half_way = ground.horizons as i64 / 2;
                Year::Told(Unrest::of(&archive.histories, half_way, end))
            }
        };
        let asked = Asked { sides, year };
        let intervals = Intervals::fit(&samples, ground.horizons, asked)?;
        Ok(intervals.map(|intervals| Self { weights, intervals }))
    }

    /// Returns the forecasts of one place with their scales, by newest day.
    fn scaled(
        &self,
        ground: &Ground<'_>,
        place: &PlaceId,
        hindcasts: &[Hindcast],
        truth: &dyn Fn(i64) -> Option<f64>,
    ) -> BTreeMap<i64, Vec<Scaled>> {
        scaled(ground, (&self.weights, &self.intervals), place, hindcasts, truth)
    }
}

/// Returns the forecasts of one place with their scales, by newest day.
pub(super) fn scaled(
    ground: &Ground<'_>,
    (weights, intervals): (&Weights, &Intervals),
    place: &PlaceId,
    hindcasts: &[Hindcast],
    truth: &dyn Fn(i64) -> Option<f64>,
) -> BTreeMap<i64, Vec<Scaled>> {
    let centres = centres(ground, weights, place, hindcasts, truth);
    let of = |hindcast: &Hindcast| {
        let scaled = centres[&hindcast.day]
            .iter()
            .enumerate()
            .map(|(k, centre)| intervals.scaled(place, k, *centre, &situation(hindcast, k)));
        (hindcast.day, scaled.collect())
    };
    hindcasts.iter().map(of).collect()
}

fn centres(
    ground: &Ground<'_>,
    weights: &Weights,
    place: &PlaceId,
    hindcasts: &[Hindcast],
    truth: &dyn Fn(i64) -> Option<f64>,
) -> BTreeMap<i64, Vec<f64>> {
    let blends = hindcasts.iter().map(|h| (h.day, weights.blend(place, h))).collect();
    corrected(&blends, ground.horizons, truth)
}

fn situation(hindcast: &Hindcast, k: usize) -> Situation {
    let day = hindcast.day + k as i64 + 1;
    Situation { spread: hindcast.spread(k), volatility: hindcast.volatility, day }
}

fn with_history<'a>(
    archive: &'a Archive,
    held: &'a Held,
) -> impl Iterator<Item = (&'a History, &'a Vec<Hindcast>)> {
    archive.histories.iter().filter_map(|h| Some((h, held.get(&h.place)?)))
}

/// Returns the forecasts whose day came before `end` and was observed.
fn due<'a>(
    ground: &Ground<'_>,
    history: &'a History,
    hindcasts: &'a [Hindcast],
    end: i64,
) -> impl Iterator<Item = (&'a Hindcast, usize, f64)> {
    let horizons = ground.horizons;
    hindcasts.iter().flat_map(move |hindcast| {
        (0..horizons).filter_map(move |k| {
            let day = hindcast.day + k as i64 + 1;
            let outcome = history.truth.on(day).filter(|_| day < end)?;
            Some((hindcast, k, outcome))
        })
    })
}

/// Returns the verdicts from the losses with and without climatology: where the year was never seen
/// before, nothing is known of it and the others are judged alone.
fn verdicts([with, without]: &[Losses; 2]) -> Vec<Verdict> {
    let mut verdicts = with.judge(PUBLISHED);
    let judged: Vec<u8> = verdicts.iter().map(|v| v.horizon).collect();
    verdicts.extend(without.judge(PUBLISHED).into_iter().filter(|v| !judged.contains(&v.horizon)));
    verdicts.sort_by_key(|v| v.horizon);
    verdicts
}

/// Adds the losses (scaled) of the blend and of every baseline on the same forecasts, first where
/// there is a climatology too, then all without it.
fn judge(
    ground: &Ground<'_>,
    losses: &mut [Losses; 2],
    history: &History,
    rivals: &Rivals,
    issued: &BTreeMap<i64, Vec<[f64; 7]>>,
) {
    for (day, quantiles) in issued {
        let Some(own) = history.truth.on(*day) else { continue };
        for (k, quantiles) in quantiles.iter().enumerate() {
            let (horizon, due) = (k + 1, day + k as i64 + 1);
            let Some(y) = history.truth.on(due) else { continue };
            let past = |d: i64| history.truth.on(d);
            let baselines = rivals.forecasts(ground, &history.place, (due, horizon), own, &past);
            let seen = baselines.iter().any(|(name, _)| *name == CLIMATOLOGY);
            let own = (PUBLISHED, *quantiles);
            for (name, quantiles) in std::iter::once(own).chain(baselines) {
                let loss = mean_pinball(&[(quantiles, y)]);
                if seen {
                    losses[0].push(horizon as u8, name, loss);
                }
                if name != CLIMATOLOGY {
                    losses[1].push(horizon as u8, name, loss);
                }
            }
        }
    }
}
