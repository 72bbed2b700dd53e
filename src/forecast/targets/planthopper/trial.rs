//! Rolling through the years: what each year's models would have said, how wide their quantiles
//! must be, and whether they beat every baseline. All on log1p.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::counts::Trap;
use super::models::Models;
use super::usual::{Memory, Usual};
use super::weeks::{Week, YEAR, first_day, newest_week};
use super::{HORIZONS, Traps};
use crate::domain::{LEVELS, PlaceId};
use crate::forecast::ForecastError;
use crate::forecast::gate::{Losses, PUBLISHED, Verdict};
use crate::forecast::scores::mean_pinball;

/// The baselines: the newest count; the week's median with the quantiles of its years; the count of
/// the same week a year before.
pub(super) const PERSISTENCE: &str = "persistence";
pub(super) const CLIMATOLOGY: &str = "climatology";
pub(super) const SEASONAL: &str = "seasonal_naive";

/// Years judged below which no model is published: in one year the better may be so by luck
/// (Rajendranagar 1996, followed by a year without counts and one of another kind).
const YEARS_JUDGED_MIN: usize = 2;

/// Errors below which quantiles are not a trap's own: with 19 the outer levels are the extremes.
const ERRORS_MIN: usize = 19;

/// Half widths (log1p) by level for a forecaster hardly tried: the normal distribution's, with the
/// standard deviation of a count from one week to the next (about 1.5 at Maruteru).
const UNTRIED: [f64; 7] = [-2.47, -1.92, -1.01, 0.0, 1.01, 1.92, 2.47];

/// What is known of one trap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Site {
    /// The climatology; `None` in the first year.
    pub usual: Option<Usual>,
    /// `None` where the record is too short.
    pub models: Option<Models>,
    /// The gate's word on this trap, by horizon; empty where nothing could be judged.
    pub verdicts: Vec<Verdict>,
}

/// What the rolled years have taught.
#[derive(Debug)]
pub(super) struct Trial {
    /// By place.
    pub sites: BTreeMap<String, Site>,
    /// Errors by forecaster, place and horizon.
    pub errors: Errors,
    /// What the gate found over all traps.
    pub verdicts: Vec<Verdict>,
}

/// Past errors (log1p, rising) by forecaster, horizon and place: split conformal prediction (Vovk
/// 2005), each level on its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Errors(BTreeMap<String, Vec<f64>>);

impl Errors {
    /// Adds the error of a forecast, to this trap's and to those of all.
    pub fn push(&mut self, at: &At<'_>, error: f64) {
        for key in at.keys() {
            let errors = self.0.entry(key).or_default();
            errors.insert(errors.partition_point(|e| *e < error), error);
        }
    }

    /// Returns whether enough errors of this forecaster at this trap are known.
    pub fn tried(&self, at: &At<'_>) -> bool {
        let [own, _] = at.keys();
        self.0.get(&own).is_some_and(|errors| errors.len() >= ERRORS_MIN)
    }

    /// Returns the quantiles around a point, from this trap's errors or, where they are few, from
    /// those of all. The point stays the median, so that it is judged as the rule it is.
    pub fn around(&self, at: &At<'_>, point: f64) -> [f64; 7] {
        let keys = at.keys();
        let mut known = keys.iter().filter_map(|key| self.0.get(key));
        let errors = known.find(|errors| errors.len() >= ERRORS_MIN);
        let offsets = errors.map_or(UNTRIED, |errors| offsets(errors, usize::from(at.horizon)));
        offsets.map(|offset| (point + offset).max(0.0))
    }

    /// Returns whether all errors are finite and in rising order.
    pub fn sound(&self) -> bool {
        let sound = |errors: &Vec<f64>| {
            errors.iter().all(|e| e.is_finite()) && errors.windows(2).all(|two| two[0] <= two[1])
        };
        self.0.values().all(sound)
    }
}

/// Returns the quantiles of rising errors at [`LEVELS`], 0 in the middle.
///
/// Of `n` errors the one at place `level · (n + horizon)` is taken, rounded away from the median:
/// conformal prediction adds 1 for the error to come; forecasts of several weeks made week by week
/// overlap, so that `n` of them tell only `n / horizon` pieces of news.
fn offsets(errors: &[f64], horizon: usize) -> [f64; 7] {
    let n = errors.len();
    let place = |level: f64| (level * (n + horizon) as f64 - 1e-9).ceil() as usize;
    LEVELS.map(|level| {
        if level > 0.5 {
            errors[place(level).clamp(1, n) - 1].max(0.0)
        } else if level < 0.5 {
            errors[n - place(1.0 - level).clamp(1, n)].min(0.0)
        } else {
            0.0
        }
    })
}

/// Whose errors: a forecaster at a trap, some weeks ahead.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub forecaster: &'static str,
    pub place: &'a str,
    pub horizon: u8,
}

impl At<'_> {
    fn keys(&self) -> [String; 2] {
        let Self { forecaster, place, horizon } = self;
        [format!("{forecaster}.{horizon}@{place}"), format!("{forecaster}.{horizon}")]
    }
}

/// Returns what each baseline says `horizon` weeks after `origin`: its quantiles.
pub(super) fn baselines(
    errors: &Errors,
    usual: Option<&Usual>,
    (trap, place): (&Trap, &str),
    (origin, horizon): (Week, u8),
) -> Vec<(&'static str, [f64; 7])> {
    let week = origin + Week::from(horizon);
    let around =
        |forecaster, point| (forecaster, errors.around(&At { forecaster, place, horizon }, point));
    let last_year = trap.told(week - YEAR);
    let persistence = trap.told(origin).map(|count| around(PERSISTENCE, count));
    let climatology = usual.map(|usual| (CLIMATOLOGY, usual.levels(week)));
    let seasonal = last_year.or_else(|| usual.map(|usual| usual.median(week)));
    let seasonal = seasonal.map(|count| around(SEASONAL, count));
    persistence.into_iter().chain(climatology).chain(seasonal).collect()
}

/// Returns what was learned from all that was known at one moment.
///
/// # Errors
/// Errors of the models.
pub(super) fn roll(traps: &Traps) -> Result<Trial, ForecastError> {
    let (mut sites, mut errors, mut losses) =
        (BTreeMap::new(), Errors::default(), Judged::default());
    let newest = traps.own().map(|(_, trap)| trap.weeks().end).max().unwrap_or(0);
    for (place, trap) in traps.own() {
        let mut own_losses = Judged::default();
        let weeks = trap.weeks();
        // A trap silent for a year has no say in what is published.
        let speaks = weeks.end + YEAR > newest;
        for year in weeks.start.div_euclid(YEAR) + 1..=(weeks.end - 1).div_euclid(YEAR) {
            let until = newest_week(first_day(year * YEAR)) + 1;
            let Some(past) = trap.before(until) else { continue };
            let usual = Usual::of(&past, Memory::All, None);
            let models = Models::fit(&past, &kin(traps, place, until))?;
            let round = Round { place: place.as_str(), trap, year, usual, models };
            round.judge(&errors, &mut own_losses)?;
            if speaks {
                round.judge(&errors, &mut losses)?;
            }
            round.learn(&mut errors)?;
        }
        let site = Site {
            usual: Usual::of(trap, Memory::All, None),
            models: Models::fit(trap, &kin(traps, place, weeks.end))?,
            verdicts: own_losses.verdicts(),
        };
        sites.insert(place.as_str().to_owned(), site);
    }
    Ok(Trial { sites, errors, verdicts: losses.verdicts() })
}

/// Losses of rolled forecasts.
#[derive(Debug, Default)]
struct Judged {
    /// Of years with a model and a year of its errors.
    with_model: Losses,
    /// Of the baselines in years before.
    without: Losses,
    /// Years with a model and a year of its errors.
    years: BTreeSet<Week>,
}

impl Judged {
    /// Returns the verdicts; where no model could be judged, the best baseline.
    fn verdicts(&self) -> Vec<Verdict> {
        let mut judged = self.with_model.judge(PUBLISHED);
        if judged.is_empty() {
            return self.without.stand_ins(HORIZONS, PERSISTENCE);
        }
        let enough = self.years.len() >= YEARS_JUDGED_MIN;
        judged.iter_mut().for_each(|verdict| verdict.passes &= enough);
        judged
    }
}

fn kin(traps: &Traps, place: &PlaceId, until: Week) -> Vec<Trap> {
    traps.kin(place).filter_map(|trap| trap.before(until)).collect()
}

/// One trap in one year, with what was learned before it.
struct Round<'a> {
    place: &'a str,
    trap: &'a Trap,
    year: Week,
    usual: Option<Usual>,
    models: Option<Models>,
}

impl Round<'_> {
    /// Returns every forecast of the year that would have been issued and whose week teaches:
    /// origin, horizon and log1p count.
    fn forecasts(&self) -> impl Iterator<Item = (Week, u8, f64)> {
        let weeks = self.year * YEAR..(self.year + 1) * YEAR;
        let counted = weeks.filter_map(|week| {
            Some((week, self.trap.told(week).filter(|_| self.trap.teaches(week))?))
        });
        counted.flat_map(move |(week, count)| {
            let origins = (1..=HORIZONS).map(move |h| (week - Week::from(h), h, count));
            origins.filter(|(origin, _, _)| self.trap.trusts(*origin))
        })
    }

    fn own(&self, origin: Week, horizon: u8) -> Result<Option<f64>, ForecastError> {
        let Some(models) = &self.models else { return Ok(None) };
        Ok(models.points(self.trap, origin, horizon)?.map(super::models::Points::forecast))
    }

    /// Adds the losses of all forecasters, with the widths of the years before.
    fn judge(&self, errors: &Errors, judged: &mut Judged) -> Result<(), ForecastError> {
        for (origin, horizon, count) in self.forecasts() {
            let at = At { forecaster: PUBLISHED, place: self.place, horizon };
            let trap = (self.trap, self.place);
            let mut all = baselines(errors, self.usual.as_ref(), trap, (origin, horizon));
            let own = self.own(origin, horizon)?.filter(|_| errors.tried(&at));
            let losses = match own {
                Some(_) => &mut judged.with_model,
                None if self.models.is_none() => &mut judged.without,
                None => continue,
            };
            judged.years.extend(own.map(|_| self.year));
            all.extend(own.map(|point| (PUBLISHED, errors.around(&at, point))));
            for (forecaster, levels) in all {
                losses.push(horizon, forecaster, mean_pinball(&[(levels, count)]));
            }
        }
        Ok(())
    }

    /// Adds the errors of the year.
    fn learn(&self, errors: &mut Errors) -> Result<(), ForecastError> {
        for (origin, horizon, count) in self.forecasts() {
            let at = |forecaster| At { forecaster, place: self.place, horizon };
            if let Some(own) = self.own(origin, horizon)? {
                errors.push(&at(PUBLISHED), count - own);
            }
            let week = origin + Week::from(horizon);
            for (forecaster, point) in
                [(PERSISTENCE, self.trap.told(origin)), (SEASONAL, self.trap.told(week - YEAR))]
            {
                if let Some(point) = point {
                    errors.push(&at(forecaster), count - point);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_far_weeks_are_wider_and_the_point_stays() {
        let (mut errors, at) =
            (Errors::default(), |horizon| At { forecaster: PUBLISHED, place: "pest:x", horizon });
        for horizon in [1, 6] {
            (-49..50).rev().for_each(|e| errors.push(&at(horizon), f64::from(e) / 10.0));
        }
        assert!(errors.sound() && errors.tried(&at(1)) && !errors.tried(&at(2)));
        let near = errors.around(&at(1), 7.0);
        // 99 errors: the 90 % stands at place 90, the 10 % at place 10.
        assert!((near[5] - 11.0).abs() < 1e-9 && (near[1] - 3.0).abs() < 1e-9, "{near:?}");
        let far = errors.around(&at(6), 7.0);
        assert!(far[5] > near[5] && far[1] < near[1] && far[3] == 7.0, "{far:?}");
        assert!(errors.around(&at(1), 1.0)[0] == 0.0, "a count is not below none");
    }
}
