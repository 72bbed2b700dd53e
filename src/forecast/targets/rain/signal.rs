//! What the morning's numbers say beyond the climate, by days ahead and amount, and how far that is
//! to be trusted.

use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::HORIZONS;
use super::amounts::ANCHORS;
use super::archive::{Mornings, Truth};
use super::climate::{Climate, LADDER_MM, RUNGS, TERMS, YEAR, day_of_year, terms};
use super::logistic::{self, Trials, chance, dot};
use super::morning::Almanac;
use crate::forecast::ForecastError;

/// Penalty of a standardised column by lead, the last for all further ones: with `n` mornings that
/// say something a coefficient keeps about `n p (1 - p) / (n p (1 - p) + penalty)`. On 1985-1989 the
/// Brier skill at 1, 3, 7 and 10 days was 8.7, 1.5, 0.1 and -0.1 % with 1,000, 8.7, 1.5, 0.2 and 0.0
/// with 2,000, 8.4, 1.5, 0.3 and 0.1 with 5,000: what is weak must be shrunk more.
const PENALTIES: [f64; 4] = [1_000.0, 2_000.0, 2_000.0, 5_000.0];
/// Penalty of what a gauge departs from that.
const OWN_PENALTY: f64 = 3_000.0;
/// Leads at which a gauge has a share of its own: from the third on it adds nothing (1985-1989).
const OWN_LEADS: usize = 2;
/// Newton steps of the first lead, and of those that start from the lead before.
const STEPS_FIRST: usize = 5;
const STEPS_NEXT: usize = 2;
/// Shares of the signal that are tried.
const SHARES: usize = 21;

/// What was learned at one cut: for each lead and anchor one coefficient a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Signals {
    /// By anchor, then lead.
    coefficients: Vec<Vec<Vec<f64>>>,
    /// What each gauge departs from that, by gauge, then anchor, then lead.
    own: Vec<Vec<Vec<Vec<f64>>>>,
    /// Share of the signal that is issued, by anchor, then lead.
    trust: Vec<Vec<f64>>,
}

/// Logits of the climate of all days ahead of mornings, by anchor.
struct Offsets {
    /// By gauge, then day of the year.
    years: Vec<Vec<[f64; RUNGS]>>,
}

impl Offsets {
    fn new(climate: &Climate, truth: &Truth) -> Self {
        let terms: Vec<[f64; TERMS]> = (0..YEAR).map(terms).collect();
        let year = |gauge| terms.iter().map(|t| climate.logits(gauge, t)).collect();
        Self { years: truth.gauges.iter().map(year).collect() }
    }

    fn of(&self, mornings: &Mornings, lead: usize) -> Vec<[f64; RUNGS]> {
        let logits =
            |(gauge, newest): &(usize, i64)| self.years[*gauge][day_of_year(newest + lead as i64)];
        mornings.of.iter().map(logits).collect()
    }
}

impl Signals {
    /// Returns the signals learned from mornings and what came of them before `end`, for the first
    /// `anchors` of the anchors; all of the signal is trusted.
    ///
    /// # Errors
    /// Errors of the regression.
    pub fn learn(
        mornings: &Mornings,
        truth: &Truth,
        climate: &Climate,
        (end, anchors): (i64, usize),
        near: Option<&Self>,
    ) -> Result<Self, ForecastError> {
        let (rows, spread) = standardised(mornings.rows.view());
        let offsets = Offsets::new(climate, truth);
        let mut coefficients = vec![Vec::with_capacity(HORIZONS); anchors];
        let mut own = vec![vec![Vec::new(); anchors]; truth.gauges.len()];
        for lead in 1..=HORIZONS {
            let penalty = vec![penalty(lead); spread.len()];
            let due = mornings.due(truth, lead, end);
            let logits = offsets.of(mornings, lead);
            let tried: Vec<f64> =
                due.iter().map(|mm| f64::from(u8::from(mm.is_finite()))).collect();
            for (anchor, learned) in coefficients.iter_mut().enumerate() {
                let rung = ANCHORS[anchor];
                let came: Vec<f64> =
                    due.iter().map(|mm| f64::from(u8::from(*mm >= LADDER_MM[rung]))).collect();
                let offset: Vec<f64> = logits.iter().map(|l| l[rung]).collect();
                let (tried, came) = (tried.as_slice(), came.as_slice());
                let trials = Trials { rows: rows.view(), offset: &offset, tried, came };
                let known = near.map(|near| &near.coefficients[anchor][lead - 1]);
                let start = known.or(learned.last()).map(|known| {
                    known.iter().zip(&spread).map(|(c, s)| c * s).collect::<Vec<f64>>()
                });
                let steps = if start.is_some() { STEPS_NEXT } else { STEPS_FIRST };
                let start = start.unwrap_or_else(|| vec![0.0; spread.len()]);
                let found = logistic::fit(&trials, &penalty, start, steps)?;
                let in_unit =
                    |found: &[f64]| found.iter().zip(&spread).map(|(c, s)| c / s).collect();
                if lead <= OWN_LEADS {
                    let departures = departures(&trials, &found, mornings, truth.gauges.len())?;
                    for (own, departure) in own.iter_mut().zip(&departures) {
                        own[anchor].push(in_unit(departure));
                    }
                }
                learned.push(in_unit(&found));
            }
        }
        Ok(Self { coefficients, own, trust: vec![vec![1.0; HORIZONS]; anchors] })
    }

    /// Returns the signal to issue at each anchor (logits), that of the last one learned for those
    /// beyond it; a gauge nobody knew has only what all have in common.
    pub fn at(&self, row: &[f64], lead: usize, gauge: Option<usize>) -> [f64; ANCHORS.len()] {
        std::array::from_fn(|anchor| {
            let anchor = anchor.min(self.coefficients.len() - 1);
            let own = gauge.and_then(|g| self.own.get(g)?[anchor].get(lead - 1));
            let own = own.map_or(0.0, |own| dot(own, row));
            self.trust[anchor][lead - 1] * (dot(&self.coefficients[anchor][lead - 1], row) + own)
        })
    }

    /// Returns the same signals with the trust that was earned.
    #[must_use]
    pub fn trusted(self, trials: &Trust) -> Self {
        Self { trust: trials.shares(), ..self }
    }

    /// Returns the share of the signal that is issued, by anchor, then lead.
    pub fn trust(&self) -> &[Vec<f64>] {
        &self.trust
    }

    /// Returns whether the lengths are those of this build and an almanac.
    pub fn is_whole(&self, almanac: &Almanac) -> bool {
        let width = |c: &Vec<f64>| c.len() == almanac.columns();
        let leads =
            |by_lead: &Vec<Vec<f64>>| by_lead.len() == HORIZONS && by_lead.iter().all(width);
        let own = |by_lead: &Vec<Vec<f64>>| by_lead.iter().all(width);
        (1..=ANCHORS.len()).contains(&self.coefficients.len())
            && self.trust.len() == self.coefficients.len()
            && self.coefficients.iter().all(leads)
            && self.own.iter().all(|o| o.len() == self.coefficients.len() && o.iter().all(own))
            && self.trust.iter().all(|t| t.len() == HORIZONS)
    }
}

/// Log losses of each share of the signal on years held out, by anchor, then lead.
#[derive(Debug, Clone)]
pub(super) struct Trust(Vec<Vec<[f64; SHARES]>>);

impl Trust {
    /// Returns no losses.
    pub fn new(anchors: usize) -> Self {
        Self(vec![vec![[0.0; SHARES]; HORIZONS]; anchors])
    }

    /// Returns the losses of several years together.
    pub fn sum<'a>(years: impl Iterator<Item = &'a Self>, anchors: usize) -> Self {
        let mut sum = Self::new(anchors);
        for year in years {
            for (all, one) in sum.0.iter_mut().flatten().zip(year.0.iter().flatten()) {
                all.iter_mut().zip(one).for_each(|(all, one)| *all += one);
            }
        }
        sum
    }

    /// Adds the losses of signals on the mornings of a year they did not know.
    pub fn add(
        &mut self,
        signals: &Signals,
        mornings: &Mornings,
        (truth, climate, end): (&Truth, &Climate, i64),
    ) {
        let offsets = Offsets::new(climate, truth);
        for lead in 1..=HORIZONS {
            let (due, logits) = (mornings.due(truth, lead, end), offsets.of(mornings, lead));
            for (i, row) in mornings.rows.axis_iter(Axis(0)).enumerate() {
                if due[i].is_nan() {
                    continue;
                }
                let all = signals.at(row.as_slice().unwrap_or(&[]), lead, Some(mornings.of[i].0));
                for (anchor, losses) in self.0.iter_mut().enumerate() {
                    let rung = ANCHORS[anchor];
                    let came = due[i] >= LADDER_MM[rung];
                    for (k, loss) in losses[lead - 1].iter_mut().enumerate() {
                        let odds = chance(logits[i][rung] + share(k) * all[anchor]);
                        *loss -= if came { odds } else { 1.0 - odds }.max(f64::MIN_POSITIVE).ln();
                    }
                }
            }
        }
    }

    /// Returns the share with the least loss over each lead and its neighbours, never more than at
    /// the lead before: what is known today cannot say more of a later day.
    fn shares(&self) -> Vec<Vec<f64>> {
        let of_anchor = |leads: &Vec<[f64; SHARES]>| {
            let mut most = SHARES - 1;
            let of_lead = |lead: usize| {
                let around = lead.saturating_sub(1)..(lead + 2).min(HORIZONS);
                let loss = |k: usize| leads[around.clone()].iter().map(|l| l[k]).sum::<f64>();
                // The first of equal losses is the least share.
                most = (0..=most).min_by(|a, b| loss(*a).total_cmp(&loss(*b))).unwrap_or(0);
                share(most)
            };
            (0..HORIZONS).map(of_lead).collect()
        };
        self.0.iter().map(of_anchor).collect()
    }
}

/// Returns what each gauge departs from what all have in common, in one step: it is small.
fn departures(
    trials: &Trials<'_>,
    common: &[f64],
    mornings: &Mornings,
    gauges: usize,
) -> Result<Vec<Vec<f64>>, ForecastError> {
    let common: Vec<f64> = trials
        .rows
        .rows()
        .into_iter()
        .zip(trials.offset)
        .map(|(row, offset)| offset + dot(row.as_slice().unwrap_or(&[]), common))
        .collect();
    let width = trials.rows.ncols();
    let of_gauge = |gauge: usize| {
        let here = trials.tried.iter().zip(&mornings.of);
        let tried: Vec<f64> =
            here.map(|(tried, (g, _))| if *g == gauge { *tried } else { 0.0 }).collect();
        let (rows, came) = (trials.rows.reborrow(), trials.came);
        let trials = Trials { rows, offset: &common, tried: &tried, came };
        Ok(logistic::fit(&trials, &vec![OWN_PENALTY; width], vec![0.0; width], 1)?)
    };
    (0..gauges).map(of_gauge).collect()
}

fn penalty(lead: usize) -> f64 {
    PENALTIES[(lead - 1).min(PENALTIES.len() - 1)]
}

fn share(k: usize) -> f64 {
    k as f64 / (SHARES - 1) as f64
}

/// Returns the columns divided by their root mean square, and those; the climate's zero stays zero.
fn standardised(rows: ArrayView2<'_, f64>) -> (Array2<f64>, Vec<f64>) {
    let n = rows.nrows().max(1) as f64;
    let square = |column: usize| rows.column(column).iter().map(|v| v * v).sum::<f64>();
    let spread: Vec<f64> = (0..rows.ncols())
        .map(|c| (square(c) / n).sqrt())
        .map(|s| if s > 0.0 { s } else { 1.0 })
        .collect();
    let mut scaled = rows.to_owned();
    for mut row in scaled.rows_mut() {
        row.iter_mut().zip(&spread).for_each(|(v, s)| *v /= s);
    }
    (scaled, spread)
}
