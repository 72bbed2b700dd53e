//! From the rolled seasons to intervals, widths and the gate's verdicts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::HORIZONS;
use super::adapt::{Centres, Widths, corrected};
use super::archive::{Archive, first_day};
use super::intervals::{Intervals, Sample};
use super::rivals::{ANALOGUE_DAYS, BASELINES, PERSISTENCE, Rivals};
use super::workshop::Season;
use crate::domain::{PlaceId, Quantiles};
use crate::forecast::ForecastError;
use crate::forecast::gate::{Losses, PUBLISHED, Verdict};
use crate::forecast::scores::mean_pinball;

/// Seasons of errors before intervals learned from them are tried on the next.
const SEASONS_BEFORE: usize = 2;

/// What the seasons held out have taught.
#[derive(Debug)]
pub(super) struct Calibration {
    /// Scale and shape of the errors.
    pub intervals: Intervals,
    /// Width of each station's intervals at the end of the last season.
    pub widths: BTreeMap<PlaceId, Widths>,
    /// Where the model beats every baseline.
    pub verdicts: Vec<Verdict>,
}

type Corrected<'a> = BTreeMap<&'a PlaceId, BTreeMap<i64, Centres>>;

/// Returns the calibration on the rolled seasons.
///
/// Each season is judged with intervals learned from the seasons before it. When there are too few
/// for that, all are judged with the intervals learned from all of them, and the widths stay as
/// they are.
pub(super) fn calibrate(
    archive: &Archive,
    seasons: &BTreeMap<i16, Arc<Season>>,
) -> Result<Calibration, ForecastError> {
    let centres: BTreeMap<i16, Corrected<'_>> = seasons
        .iter()
        .map(|(year, season)| {
            let of = |(place, hindcasts)| {
                (place, corrected(hindcasts, |day| archive.outcome(place, day)))
            };
            (*year, season.iter().map(of).collect())
        })
        .collect();
    let samples: BTreeMap<i16, Vec<Sample<'_>>> = seasons
        .iter()
        .map(|(year, season)| (*year, samples(archive, season, &centres[year])))
        .collect();
    let all: Vec<Sample<'_>> = samples.values().flatten().copied().collect();
    let Some(intervals) = Intervals::fit(&all)? else {
        return Err(ForecastError::TooLittle {
            target: super::NAME,
            rows: 0,
            needed: 1,
            at: format!("the start of {}, none of them held out", archive.until),
        });
    };
    let few = seasons.len() <= SEASONS_BEFORE;
    let mut widths: BTreeMap<PlaceId, Widths> = BTreeMap::new();
    let mut losses = Losses::default();
    for (n, (year, season)) in seasons.iter().enumerate() {
        if n < SEASONS_BEFORE && !few {
            continue;
        }
        let earlier: Vec<Sample<'_>> =
            samples.range(..year).flat_map(|(_, samples)| samples).copied().collect();
        let learned = if few { None } else { Intervals::fit(&earlier)? };
        let rivals = Rivals::before(archive, first_day(*year))?;
        let judged = learned.as_ref().unwrap_or(&intervals);
        for (place, hindcasts) in season.iter() {
            let forecasts = centres[year][place]
                .iter()
                .map(|(day, centres)| (*day, judged.scaled(place, &hindcasts[day], centres)))
                .collect();
            let mut width = widths.get(place).copied().unwrap_or(Widths::CALIBRATED);
            let issued = width.run(&forecasts, |day| archive.outcome(place, day));
            if !few {
                widths.insert(place.clone(), width);
            }
            judge(&mut losses, archive, &rivals, place, &issued)?;
        }
    }
    Ok(Calibration { intervals, widths, verdicts: losses.judge(PUBLISHED) })
}

/// Returns which baseline stands in at each horizon where no model can be fitted: the best on the
/// seasons so far, and persistence before the first.
pub(super) fn stand_ins(archive: &Archive) -> Result<Vec<Verdict>, ForecastError> {
    let mut losses = Losses::default();
    for year in archive.years_before(archive.until) {
        let rivals = Rivals::before(archive, first_day(year))?;
        for place in archive.truth().keys() {
            for (origin, horizon, _) in archive.due(year, place) {
                judge_baselines(&mut losses, archive, &rivals, place, (origin.day, horizon))?;
            }
        }
    }
    Ok(losses.stand_ins(HORIZONS as u8, PERSISTENCE))
}

fn samples<'a>(archive: &Archive, season: &'a Season, centres: &Corrected<'a>) -> Vec<Sample<'a>> {
    let mut samples = Vec::new();
    for (place, hindcasts) in season {
        for (day, hindcast) in hindcasts {
            for (k, step) in hindcast.steps.iter().enumerate() {
                let Some(outcome) = archive.outcome(place, day + k as i64 + 1) else { continue };
                let error = outcome - centres[place][day][k];
                let (horizon, level) = (k + 1, hindcast.level);
                samples.push(Sample { place, horizon, level, step: *step, error });
            }
        }
    }
    samples
}

/// Adds the losses of the model and of every baseline on the same forecasts.
fn judge(
    losses: &mut Losses,
    archive: &Archive,
    rivals: &Rivals,
    place: &PlaceId,
    issued: &BTreeMap<i64, [[f64; 7]; HORIZONS]>,
) -> Result<(), ForecastError> {
    for (day, quantiles) in issued {
        for (k, quantiles) in quantiles.iter().enumerate() {
            if let Some(y) = judge_baselines(losses, archive, rivals, place, (*day, k + 1))? {
                let own = Quantiles::rearranged(*quantiles)?;
                losses.push(k as u8 + 1, PUBLISHED, mean_pinball(&[(own.values(), y)]));
            }
        }
    }
    Ok(())
}

/// Adds the losses of the baselines issued with `day` known, and returns what was observed (g/L);
/// `None` without an outcome, or where one of them is missing, so that all are judged on the same
/// days.
fn judge_baselines(
    losses: &mut Losses,
    archive: &Archive,
    rivals: &Rivals,
    place: &PlaceId,
    (day, horizon): (i64, usize),
) -> Result<Option<f64>, ForecastError> {
    let observed = |day| archive.outcome(place, day).map(|root| root * root);
    let due = day + horizon as i64;
    let (Some(today), Some(y)) = (observed(day), observed(due)) else { return Ok(None) };
    let old = observed(due - ANALOGUE_DAYS);
    let baselines = rivals.forecasts(place, (due, horizon), today, old)?;
    if baselines.len() < BASELINES {
        return Ok(None);
    }
    for (name, quantiles) in &baselines {
        losses.push(horizon as u8, name, mean_pinball(&[(quantiles.values(), y)]));
    }
    Ok(Some(y))
}
