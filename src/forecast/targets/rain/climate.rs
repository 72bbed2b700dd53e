//! What each day of the year has brought: odds of exceeding a ladder of amounts, by gauge.
//!
//! Logistic harmonics, so that neither a year with a wet week nor a gauge with gaps leaves a jag: on
//! 1985-1989 their Brier score was 0.3 to 1 % below shares smoothed over 10 to 30 days.

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::kin::Kin;
use super::logistic::{self, Trials, chance, dot};
use super::recent::{Departure, Usual};
use super::{RAIN, TRACE_MM, WET_MM};
use crate::domain::PlaceId;
use crate::domain::time::date_of_epoch_day;
use crate::features::Known;
use crate::forecast::learn::LearnError;
use crate::forecast::learn::normal::Normal;

/// The ladder of amounts (mm): the least that is written down, the hydromet service's classes 16, 51
/// and 101 (`Rain::thresholds`), and rungs between so that quantiles can be read off.
pub(super) const LADDER_MM: [f64; 13] =
    [TRACE_MM, WET_MM, 2.0, 4.0, 7.0, 10.0, 16.0, 25.0, 36.0, 51.0, 75.0, 101.0, 150.0];
/// Rung of any rain at all.
const TRACE: usize = 0;
/// Rung of the wet day.
pub(super) const WET: usize = 1;
/// Rungs.
pub(super) const RUNGS: usize = LADDER_MM.len();

/// A level and three harmonics of the year.
pub(super) const TERMS: usize = 7;
/// Days of the year, the 366th included.
pub(super) const YEAR: usize = 366;

/// Penalties of the pool's harmonics, of a gauge's own level and of its own harmonics: 10 to 100
/// for the last change the Brier score on 1985-1989 by under 0.1 %.
const POOL: [f64; TERMS] = [0.01, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];
const OWN: [f64; TERMS] = [1.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0];
/// Newton steps: rare amounts start far from their odds.
const STEPS: usize = 15;
/// Gauge days below which the seasons cannot be told apart.
const DAYS_MIN: f64 = 365.0;

/// Coefficients of one gauge, or of all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Curves {
    /// By rung, of the logit.
    logits: Vec<[f64; TERMS]>,
    /// Of the mean of ln(1 + mm).
    log_mm: [f64; TERMS],
}

/// The climate of all gauges and of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Climate {
    everyone: Curves,
    gauges: BTreeMap<PlaceId, Curves>,
    /// Of all gauges it was made for, in their order.
    kin: Kin,
}

/// What was counted of one gauge by day of the year.
#[derive(Debug, Clone)]
struct Counts {
    days: [f64; YEAR],
    log_mm: [f64; YEAR],
    /// By rung.
    reached: Vec<[f64; YEAR]>,
}

impl Counts {
    fn nothing() -> Self {
        Self { days: [0.0; YEAR], log_mm: [0.0; YEAR], reached: vec![[0.0; YEAR]; RUNGS] }
    }

    fn of(known: &Known<'_>, gauge: &PlaceId, (first, last): (i64, i64)) -> Self {
        let series = known.series(RAIN, gauge);
        let mut counts = Self::nothing();
        for day in first..=last {
            let Some(mm) = series.on(day) else { continue };
            let of_year = day_of_year(day);
            counts.days[of_year] += 1.0;
            counts.log_mm[of_year] += mm.max(0.0).ln_1p();
            for (reached, rung) in counts.reached.iter_mut().zip(LADDER_MM) {
                reached[of_year] += f64::from(u8::from(mm >= rung));
            }
        }
        counts
    }

    fn add(&mut self, other: &Self) {
        let add = |a: &mut [f64; YEAR], b: &[f64; YEAR]| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        };
        add(&mut self.days, &other.days);
        add(&mut self.log_mm, &other.log_mm);
        self.reached.iter_mut().zip(&other.reached).for_each(|(a, b)| add(a, b));
    }

    fn total(&self) -> f64 {
        self.days.iter().sum()
    }
}

impl Climate {
    /// Returns the climate of what is known of the epoch days `span`; `None` for less than a year.
    ///
    /// # Errors
    /// Errors of the regression.
    pub fn of(
        known: &Known<'_>,
        gauges: &[PlaceId],
        span: (i64, i64),
    ) -> Result<Option<Self>, LearnError> {
        let counts: Vec<Counts> = gauges.iter().map(|g| Counts::of(known, g, span)).collect();
        let mut all = Counts::nothing();
        counts.iter().for_each(|one| all.add(one));
        if all.total() < DAYS_MIN {
            return Ok(None);
        }
        let year = year_terms();
        let nothing = Curves { logits: vec![[0.0; TERMS]; RUNGS], log_mm: [0.0; TERMS] };
        let everyone = curves(&year, &all, &nothing, &POOL)?;
        let mut own = BTreeMap::new();
        for (gauge, counts) in gauges.iter().zip(&counts).filter(|(_, c)| c.total() > 0.0) {
            own.insert(gauge.clone(), curves(&year, counts, &everyone, &OWN)?);
        }
        let mut climate = Self { everyone, gauges: own, kin: Kin::of(&[]) };
        climate.kin = climate.kin_of(known, gauges, span);
        Ok(Some(climate))
    }

    /// Returns which gauges had any rain at all on the same days.
    fn kin_of(&self, known: &Known<'_>, gauges: &[PlaceId], (first, last): (i64, i64)) -> Kin {
        let departures = |gauge: &PlaceId| {
            let (series, year) = (known.series(RAIN, gauge), self.year(gauge));
            let departure = |day| {
                let mm = series.on(day).unwrap_or(f64::NAN);
                Departure::of(mm, year[day_of_year(day)]).trace
            };
            (first..=last).map(departure).collect()
        };
        Kin::of(&gauges.iter().map(departures).collect::<Vec<_>>())
    }

    /// Returns the logits of reaching each rung at a gauge on a day of the year; a gauge nobody
    /// knew has those of all.
    pub fn logits(&self, gauge: &PlaceId, terms: &[f64; TERMS]) -> [f64; RUNGS] {
        let curves = self.curves(gauge);
        std::array::from_fn(|rung| dot(&curves.logits[rung], terms))
    }

    /// Returns what each day of the year brings at a gauge.
    pub fn year(&self, gauge: &PlaceId) -> Vec<Usual> {
        let curves = self.curves(gauge);
        let of_day = |day| {
            let terms = terms(day);
            let odds = |rung: usize| chance(dot(&curves.logits[rung], &terms));
            Usual { wet: odds(WET), trace: odds(TRACE), log_mm: dot(&curves.log_mm, &terms) }
        };
        (0..YEAR).map(of_day).collect()
    }

    /// Returns which gauges are wet together.
    pub fn kin(&self) -> &Kin {
        &self.kin
    }

    /// Returns whether the lengths are those of this build and of this many gauges.
    pub fn is_whole(&self, gauges: usize) -> bool {
        let mut curves = self.gauges.values().chain([&self.everyone]);
        self.kin.is_of(gauges) && curves.all(|c| c.logits.len() == RUNGS)
    }

    fn curves(&self, gauge: &PlaceId) -> &Curves {
        self.gauges.get(gauge).unwrap_or(&self.everyone)
    }
}

/// Returns the curves of counts, shrunk to `around`.
fn curves(
    year: &Array2<f64>,
    counts: &Counts,
    around: &Curves,
    penalty: &[f64; TERMS],
) -> Result<Curves, LearnError> {
    let mut logits = Vec::with_capacity(RUNGS);
    for (came, around) in counts.reached.iter().zip(&around.logits) {
        let offset: Vec<f64> =
            year.rows().into_iter().map(|row| dot(row.as_slice().unwrap_or(&[]), around)).collect();
        // Half an event and half a dry day keep the start of a rare amount finite.
        let share = (came.iter().sum::<f64>() + 0.5) / (counts.total() + 1.0);
        let mut start = vec![0.0; TERMS];
        if around.iter().all(|c| *c == 0.0) {
            start[0] = (share / (1.0 - share)).ln();
        }
        let trials = Trials { rows: year.view(), offset: &offset, tried: &counts.days, came };
        let own = logistic::fit(&trials, penalty, start, STEPS)?;
        logits.push(std::array::from_fn(|i| around[i] + own[i]));
    }
    let mut sums = Normal::new(TERMS);
    let mut rows = year.clone();
    let mut targets = [0.0; YEAR];
    for (day, mut row) in rows.rows_mut().into_iter().enumerate() {
        let root = counts.days[day].sqrt();
        row.mapv_inplace(|v| v * root);
        targets[day] = if root > 0.0 { counts.log_mm[day] / root } else { 0.0 };
    }
    sums.add(rows.view(), &targets);
    let found = sums.solve(penalty, Some(&around.log_mm))?;
    Ok(Curves { logits, log_mm: std::array::from_fn(|i| found[i]) })
}

/// Returns the place of an epoch day in its year, from 0.
pub(super) fn day_of_year(day: i64) -> usize {
    usize::try_from(date_of_epoch_day(day).day_of_year() - 1).unwrap_or(0)
}

/// Returns the level and harmonics of a day of the year: 1, then sine and cosine of one, two and
/// three waves.
pub(super) fn terms(day_of_year: usize) -> [f64; TERMS] {
    let angle = TAU * (day_of_year + 1) as f64 / 365.25;
    std::array::from_fn(|i| match i {
        0 => 1.0,
        i if i % 2 == 1 => (angle * i.div_ceil(2) as f64).sin(),
        i => (angle * (i / 2) as f64).cos(),
    })
}

fn year_terms() -> Array2<f64> {
    let days: Vec<[f64; TERMS]> = (0..YEAR).map(terms).collect();
    Array2::from_shape_fn((YEAR, TERMS), |(day, term)| days[day][term])
}
