//! The seasons of the archive played again: how far each forecaster goes wrong, how much the spread of
//! the years must be stretched, and who may be published.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::fields::Field;
use super::outlook::{Morning, Others, Outlook};
use super::science::{Answer, Science, Season};
use super::weather::Weather;
use crate::domain::{LEVELS, PlaceId};
use crate::forecast::ForecastError;
use crate::forecast::baselines::quantile_sorted;
use crate::forecast::gate::{Losses, PUBLISHED, Verdict};
use crate::forecast::scores::mean_pinball;
use crate::forecast::spread::{ErrorLog, Spread};

/// The same season in other years.
pub const CLIMATOLOGY: &str = "climatology";
/// The last days' weather goes on.
pub const PERSISTENCE: &str = "persistence";
/// The usual weather comes: what is said without any weather ahead.
pub const NORMALS: &str = "normals";

/// Fewest other years that lend weather in a rehearsal, one less than on a real morning: the year
/// played cannot lend to itself.
const YEARS_MIN: usize = 4;
/// Mornings played of a season: enough for a thousand cases a horizon, cheap enough for a refit.
const MORNINGS: i64 = 12;
/// Days between mornings of a target that is not issued daily: its cases are few.
const SPARSE_STRIDE_DAYS: i64 = 2;
/// Days of half a year.
const HALF_YEAR_DAYS: i64 = 183;
/// Fewest cases from which a stretch is learned, as the spread of errors needs (`forecast::spread`).
const CASES_MIN: usize = 19;
/// Bounds of a stretch: half to four times the spread of the years. Beyond, few odd cases speak.
const STRETCH: (f64, f64) = (0.5, 4.0);

/// What was learned from rehearsals.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// By horizon: how the members, and the seasons of the climatology, are moved and stretched.
    shapes: BTreeMap<u8, [Shape; 2]>,
    /// Errors of the baselines that give a single value.
    errors: Spread,
    /// How many times wider than the errors of few years the errors to come are.
    widening: f64,
    /// Who is published.
    pub verdicts: Vec<Verdict>,
}

/// How the members are turned into quantiles at one horizon.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Shape {
    /// How far they are moved from the usual weather to the last days' (0 to 1).
    lean: f64,
    /// How many times the spread of the years, below and above its middle.
    stretch: [f64; 2],
}

/// What each forecaster said at one horizon before it is spread, and what came.
#[derive(Debug, Clone, PartialEq)]
pub struct Sayings {
    years: [f64; 7],
    climatology: [f64; 7],
    persistence: f64,
    normals: f64,
}

#[derive(Debug)]
struct Case {
    year: i16,
    half_year: i64,
    horizon: u8,
    sayings: Sayings,
    came: f64,
}

impl Outlook {
    /// Returns what each forecaster says, horizon by horizon, where all say something.
    #[must_use]
    pub fn sayings(&self) -> Vec<(u8, Sayings)> {
        let at = |answers: &[Answer], horizon: u8| {
            answers.iter().find(|(h, _)| *h == horizon).map(|(_, value)| *value)
        };
        let levels = |members: &[Vec<Answer>], horizon: u8| {
            let mut values: Vec<f64> = members.iter().filter_map(|m| at(m, horizon)).collect();
            values.sort_by(f64::total_cmp);
            (values.len() >= YEARS_MIN)
                .then(|| LEVELS.map(|level| quantile_sorted(&values, level).unwrap_or(values[0])))
        };
        let of = |(horizon, normals): &(u8, f64)| {
            let sayings = Sayings {
                years: levels(&self.members, *horizon)?,
                climatology: levels(&self.climatology, *horizon)?,
                persistence: at(&self.persistence, *horizon)?,
                normals: *normals,
            };
            Some((*horizon, sayings))
        };
        self.normals.iter().filter_map(of).collect()
    }
}

impl Lesson {
    /// Returns what the seasons of the archives teach, known as a whole at the time of the fit.
    ///
    /// # Errors
    /// Errors of the science.
    pub fn learn<S: Science>(
        science: &S,
        archives: &BTreeMap<PlaceId, Weather>,
        fields: &[&Field],
    ) -> Result<Self, ForecastError> {
        let mut cases = Vec::new();
        for field in fields {
            // The first point alone: the second stands in for it.
            let Some(weather) = field.points.iter().find_map(|point| archives.get(point)) else {
                continue;
            };
            play(science, field, weather, &mut cases)?;
        }
        let mut losses = Losses::default();
        for odd in [0, 1] {
            // What is learned is judged on years it was not learned from.
            let (judged, taught): (Vec<&Case>, Vec<&Case>) =
                cases.iter().partition(|case| case.year.rem_euclid(2) == odd);
            let learned = Self::of(science, &taught);
            for case in judged {
                for (name, quantiles) in learned.all(case.horizon, &case.sayings, science.bounds())
                {
                    let loss = mean_pinball(&[(quantiles, case.came)]);
                    losses.push(case.horizon, name, loss);
                }
            }
        }
        let mut lesson = Self::of(science, &cases.iter().collect::<Vec<_>>());
        let judged = losses.judge(PUBLISHED);
        let stand_ins = losses.stand_ins(science.horizons(), NORMALS);
        lesson.verdicts = stand_ins
            .into_iter()
            .map(|s| judged.iter().find(|v| v.horizon == s.horizon).cloned().unwrap_or(s))
            .collect();
        Ok(lesson)
    }

    fn of<S: Science>(science: &S, cases: &[&Case]) -> Self {
        let half_years: BTreeSet<i64> = cases.iter().map(|case| case.half_year).collect();
        let mut horizons: BTreeMap<u8, Vec<&Case>> = BTreeMap::new();
        let mut errors = ErrorLog::default();
        for case in cases {
            let Case { horizon, sayings, came, .. } = case;
            // Neighbours are alike and teach each other.
            for neighbour in horizon - 1..=horizon + 1 {
                errors.push(PERSISTENCE, neighbour, came - sayings.persistence);
                errors.push(NORMALS, neighbour, came - sayings.normals);
                horizons.entry(neighbour).or_default().push(case);
            }
        }
        horizons.retain(|_, cases| cases.len() >= CASES_MIN);
        let widening = widening(half_years.len());
        let shape = |cases: Vec<&Case>| {
            let lean = if science.leans() { lean(&cases) } else { 0.0 };
            let own = Shape::of(&cases, |s| (s.years, s.step()), lean, widening);
            [own, Shape::of(&cases, |s| (s.climatology, 0.0), 0.0, widening)]
        };
        let shapes = horizons.into_iter().map(|(horizon, cases)| (horizon, shape(cases))).collect();
        Self { shapes, errors: errors.spread(), widening, verdicts: Vec::new() }
    }

    /// Returns the quantiles of each forecaster: the own one (named [`PUBLISHED`]) first.
    #[must_use]
    pub fn all(
        &self,
        horizon: u8,
        sayings: &Sayings,
        (lowest, highest): (f64, f64),
    ) -> [(&'static str, [f64; 7]); 4] {
        let shape = self.shapes.get(&horizon);
        let [own, climatology] =
            shape.map_or([sayings.years, sayings.climatology], |[own, other]| {
                [
                    own.quantiles(sayings.years, sayings.step()),
                    other.quantiles(sayings.climatology, 0.0),
                ]
            });
        let around = |name: &str, value: f64| {
            if shape.is_some() {
                self.errors.levels(name, horizon).map(|error| value + self.widening * error)
            } else {
                // Never rehearsed: the spread of the years around this value.
                sayings.years.map(|year| value + year - sayings.years[3])
            }
        };
        [
            (PUBLISHED, own),
            (CLIMATOLOGY, climatology),
            (PERSISTENCE, around(PERSISTENCE, sayings.persistence)),
            (NORMALS, around(NORMALS, sayings.normals)),
        ]
        .map(|(name, values)| (name, values.map(|value| value.clamp(lowest, highest))))
    }

    /// Returns whether it can be used as it was read back.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let shapes = self.shapes.values().flatten();
        let mut numbers = shapes.flat_map(|s| [s.lean, s.stretch[0], s.stretch[1]]);
        numbers.all(|n| n.is_finite() && n >= 0.0)
            && self.widening.is_finite()
            && self.errors.sound()
    }
}

impl Shape {
    /// Returns the shape that cases of one horizon teach of what `said` reads: quantiles, and the step
    /// by which they may lean.
    fn of(
        cases: &[&Case],
        said: impl Fn(&Sayings) -> ([f64; 7], f64),
        lean: f64,
        widening: f64,
    ) -> Self {
        let plain = Self { lean, stretch: [1.0; 2] };
        let (mut below, mut above): (Vec<f64>, Vec<f64>) = cases
            .iter()
            .map(|Case { sayings, came, .. }| {
                let (quantiles, step) = said(sayings);
                let [_, low, _, middle, _, high, _] = plain.quantiles(quantiles, step);
                (ratio(middle - came, middle - low), ratio(came - middle, high - middle))
            })
            .unzip();
        let stretch = |side: &mut Vec<f64>| {
            side.sort_by(f64::total_cmp);
            let learned = quantile_sorted(side, LEVELS[5]).unwrap_or(1.0);
            (widening * learned).clamp(STRETCH.0, STRETCH.1)
        };
        Self { lean, stretch: [stretch(&mut below), stretch(&mut above)] }
    }

    /// Returns quantiles moved and stretched.
    fn quantiles(&self, quantiles: [f64; 7], step: f64) -> [f64; 7] {
        let middle = quantiles[3];
        let moved = middle + self.lean * step;
        quantiles.map(|value| {
            let share = if value < middle { self.stretch[0] } else { self.stretch[1] };
            moved + share * (value - middle)
        })
    }
}

impl Sayings {
    /// Returns what the last days' weather going on would change.
    fn step(&self) -> f64 {
        self.persistence - self.normals
    }
}

/// Returns how far the middle of the members should have leant to the last days' weather, by least
/// squares (0 to 1).
fn lean(cases: &[&Case]) -> f64 {
    let (mut with, mut square) = (0.0, 0.0);
    for Case { sayings, came, .. } in cases {
        with += sayings.step() * (came - sayings.years[3]);
        square += sayings.step().powi(2);
    }
    if square > 0.0 { (with / square).clamp(0.0, 1.0) } else { 0.0 }
}

/// Returns how many times wider the errors to come are than those played: days of one season share its
/// weather, so what is counted are half-years, and few of them know their own spread badly (the
/// prediction interval of a mean by Student's t, at the 90 % quantile).
fn widening(half_years: usize) -> f64 {
    /// Standard normal quantile of 90 %.
    const Z: f64 = 1.281_552;
    let Some(free) = half_years.checked_sub(1).filter(|free| *free > 0) else { return STRETCH.1 };
    let free = free as f64;
    // Student's quantile by the expansion of Cornish and Fisher.
    let t = Z
        + (Z.powi(3) + Z) / (4.0 * free)
        + (5.0 * Z.powi(5) + 16.0 * Z.powi(3) + 3.0 * Z) / (96.0 * free * free);
    t * (1.0 + 1.0 / half_years as f64).sqrt() / Z
}

/// Returns how many times a half-spread an error is, at most the largest stretch.
fn ratio(error: f64, half: f64) -> f64 {
    /// Differences below any unit's last digit.
    const NOTHING: f64 = 1e-9;
    if error <= NOTHING {
        0.0
    } else if half <= NOTHING {
        STRETCH.1
    } else {
        (error / half).min(STRETCH.1)
    }
}

/// Plays every season of one field, each with all other years as members.
fn play<S: Science>(
    science: &S,
    field: &Field,
    weather: &Weather,
    cases: &mut Vec<Case>,
) -> Result<(), ForecastError> {
    let (Some(first), Some(end)) = (weather.first(), weather.last()) else { return Ok(()) };
    let usual = weather.normals(end + 1)?;
    let season_days = science.season_days(field);
    let dense = (season_days / MORNINGS).max(1);
    let stride = if science.step_days() > 1 { SPARSE_STRIDE_DAYS } else { dense };
    let mut start = field.start(end);
    let mut season_number = 0;
    while start >= first {
        let season = Season { field, start, usual: usual.as_ref() };
        // Not the same age each time, so that all days of a season are tried over the years.
        let offset = season_number % stride + 1;
        for today in (start + offset..start + season_days).step_by(stride as usize) {
            for part in parts(science) {
                let morning = Morning {
                    season,
                    part,
                    today,
                    last: today - 1,
                    weather,
                    others: Others::All,
                    years_min: YEARS_MIN,
                };
                rehearse(science, &morning, cases)?;
            }
        }
        start = field.start(start - 1);
        season_number += 1;
    }
    Ok(())
}

fn rehearse<S: Science>(
    science: &S,
    morning: &Morning<'_>,
    cases: &mut Vec<Case>,
) -> Result<(), ForecastError> {
    let Season { field, start, .. } = morning.season;
    let came = morning.came(science, science.ahead_days(field, morning.today - start))?;
    if came.is_empty() {
        return Ok(());
    }
    let Some(outlook) = morning.outlook(science)? else { return Ok(()) };
    let year = crate::domain::time::date_of_epoch_day(start).year();
    let half_year = morning.today.div_euclid(HALF_YEAR_DAYS);
    for (horizon, sayings) in outlook.sayings() {
        if let Some((_, came)) = came.iter().find(|(h, _)| *h == horizon) {
            cases.push(Case { year, half_year, horizon, sayings, came: *came });
        }
    }
    Ok(())
}

/// Returns the parts of a field, or the whole as one part without a name.
pub fn parts<S: Science>(science: &S) -> &'static [&'static str] {
    if science.parts().is_empty() { &[""] } else { science.parts() }
}
