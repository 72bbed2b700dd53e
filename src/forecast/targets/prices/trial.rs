//! Rolling through the years: what each year's models, combined with the naive forecast, would
//! have said, and what came of it.

use std::collections::BTreeMap;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::HORIZONS;
use super::market::{Board, Prices, Start, WIDTH};
use super::months::Month;
use crate::forecast::ForecastError;
use crate::forecast::diebold_mariano::{DieboldMariano, diebold_mariano};
use crate::forecast::gate::{Losses, PUBLISHED, Verdict};
use crate::forecast::learn::normal::Normal;
use crate::forecast::scores::mean_pinball;
use crate::forecast::spread::{ErrorLog, Spread};

/// The baselines: the newest price; it and the mean change of five years; the same month's price
/// of the newest year known.
pub(super) const NAIVE: &str = "naive";
pub(super) const DRIFT: &str = "drift";
pub(super) const SEASONAL: &str = "seasonal_naive";

/// Outcomes beyond three usual changes teach as if they were three.
const OUTCOME_MAX: f64 = 3.0;

/// Rows below which nothing is learned: a year and a half of two markets.
const ROWS_MIN: usize = 36;

/// Past forecasts below which the weight is one half.
const EVIDENCE_MIN: usize = 60;

/// Past forecasts for each step ahead below which the naive forecast is published: forecasts of
/// twelve steps made month by month overlap, and twelve of them tell one piece of news.
const JUDGED_MIN: usize = 8;

/// How much larger (as a share) a single place's mean absolute error may be than the naive one's.
const WORSE_MAX: f64 = 0.01;

/// What is learned for one step ahead.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Step {
    coefficients: [f64; WIDTH],
    /// The model's share in the forecast, the naive forecast has the rest.
    weight: f64,
}

/// What was said in one month, and what came of it; in usual changes of the whole step, from the
/// newest price.
#[derive(Debug, Clone, Copy)]
struct Outcome {
    place: &'static str,
    month: Month,
    /// How much wider intervals are than in usual times.
    stretch: f64,
    model: f64,
    published: f64,
    baselines: [(&'static str, f64); 3],
    happened: f64,
}

/// What the rolled years have taught.
#[derive(Debug, Default)]
pub(super) struct Trial {
    /// What is learned by step; `None` where too few rows were known.
    pub steps: Vec<Option<Step>>,
    /// Errors by forecaster and step.
    pub spread: Spread,
    /// What the gate found, by step.
    pub verdicts: Vec<Verdict>,
    /// The published combination against the naive forecast, by step.
    pub against_naive: Vec<Option<DieboldMariano>>,
}

/// Returns the size of changes usual `horizon` steps ahead (log).
pub(super) fn size(board: Board, start: &Start, horizon: u8) -> f64 {
    start.volatility * f64::from(Month::from(horizon) - 1 + board.lag()).sqrt()
}

/// Returns how much wider intervals are than in usual times: prices swing for months once they do.
pub(super) fn stretch(start: &Start) -> f64 {
    start.swing / start.volatility
}

impl Step {
    /// Returns the change to expect from the newest price, in usual changes of the step.
    pub fn change(&self, start: &Start) -> f64 {
        self.weight * self.model(start)
    }

    fn model(&self, start: &Start) -> f64 {
        self.coefficients.iter().zip(start.x).map(|(b, x)| b * x).sum()
    }

    /// Returns whether all numbers are finite.
    pub fn sound(&self) -> bool {
        self.weight.is_finite() && self.coefficients.iter().all(|b| b.is_finite())
    }
}

/// Returns what each baseline says (log), of a forecast issued in `month`.
pub(super) fn baselines(
    prices: &Prices,
    board: Board,
    place: &str,
    (month, horizon): (Month, u8),
    start: &Start,
) -> [(&'static str, f64); 3] {
    let steps = Month::from(horizon) - 1 + board.lag();
    let newest = month - board.lag();
    let year_before = newest + steps - 12 * ((steps - 1).div_euclid(12) + 1);
    let seasonal = prices.of(place).and_then(|history| history.get(year_before));
    [
        (NAIVE, start.base),
        (DRIFT, start.base + start.drift * f64::from(steps)),
        (SEASONAL, seasonal.unwrap_or(start.base)),
    ]
}

/// Returns what was learned from all that was known before `until` (a month).
///
/// # Errors
/// Errors of the solver.
pub(super) fn roll(prices: &Prices, board: Board, until: Month) -> Result<Trial, ForecastError> {
    let mut trial = Trial::default();
    let mut losses = Losses::default();
    let starts = all_starts(prices, board, until);
    for horizon in 1..=HORIZONS {
        let mut log = ErrorLog::default();
        let mut learner = Learner::new(prices, board, horizon, &starts);
        let every = board.trial_months();
        for year in (board.first_trial()..until).step_by(every) {
            learner.learn(year);
            learner.settle(&mut log, year);
            let Some(step) = learner.step()? else { continue };
            learner.judge(&mut losses, &log, step, year..(year + every as Month).min(until));
        }
        learner.learn(until);
        learner.settle(&mut log, until);
        trial.steps.push(learner.step()?);
        trial.verdicts.push(learner.verdict(&losses));
        trial.against_naive.push(learner.against_naive());
        trial.spread.merge(log.spread());
    }
    Ok(trial)
}

type Starts = BTreeMap<(&'static str, Month), Start>;

fn all_starts(prices: &Prices, board: Board, until: Month) -> Starts {
    let places = board.pool().into_iter().chain(board.judged().iter().copied());
    let months = board.first_row()..until;
    places
        .flat_map(|place| months.clone().map(move |month| (place, month)))
        .filter_map(|(place, month)| Some(((place, month), prices.start(place, month)?)))
        .collect()
}

/// One step ahead, as the years go by.
struct Learner<'a> {
    prices: &'a Prices,
    board: Board,
    horizon: u8,
    starts: &'a Starts,
    sums: Normal,
    rows: usize,
    /// The first month not yet learned from.
    next: Month,
    /// Forecasts made, in the order of time; the first `settled` are known to have come.
    outcomes: Vec<Outcome>,
    settled: usize,
}

impl<'a> Learner<'a> {
    fn new(prices: &'a Prices, board: Board, horizon: u8, starts: &'a Starts) -> Self {
        let (sums, next) = (Normal::new(WIDTH), board.first_row());
        let (rows, outcomes, settled) = (0, Vec::new(), 0);
        Self { prices, board, horizon, starts, sums, rows, next, outcomes, settled }
    }

    /// Returns the months from the newest price to the one forecast.
    fn steps(&self) -> usize {
        usize::try_from(Month::from(self.horizon) - 1 + self.board.lag()).unwrap_or(1)
    }

    /// Returns the last issue month whose outcome was surely known at the start of `now`.
    fn last_known(&self, now: Month) -> Month {
        now - self.board.lag() - Month::from(self.horizon)
    }

    /// Returns the outcome of a forecast issued in `month`, in usual changes of the step.
    fn happened(&self, place: &str, month: Month, start: &Start) -> Option<f64> {
        let told = self.prices.of(place)?.told(month + Month::from(self.horizon) - 1)?;
        Some((told - start.base) / size(self.board, start, self.horizon))
    }

    /// Adds all rows whose outcome was known at the start of `now`.
    fn learn(&mut self, now: Month) {
        let last = self.last_known(now);
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for month in self.next..=last {
            for place in self.board.pool() {
                let Some(start) = self.starts.get(&(place, month)) else { continue };
                let Some(happened) = self.happened(place, month, start) else { continue };
                x.extend(start.x);
                y.push(happened.clamp(-OUTCOME_MAX, OUTCOME_MAX));
            }
        }
        if let Ok(rows) = ArrayView2::from_shape((y.len(), WIDTH), &x) {
            self.sums.add(rows, &y);
            self.rows += y.len();
        }
        self.next = self.next.max(last + 1);
    }

    /// Adds the errors of forecasts whose outcome was known at the start of `now`.
    fn settle(&mut self, log: &mut ErrorLog, now: Month) {
        let last = self.last_known(now);
        let ripe = self.outcomes.partition_point(|outcome| outcome.month <= last);
        for outcome in &self.outcomes[self.settled..ripe] {
            let own = (PUBLISHED, outcome.published);
            for (name, point) in outcome.baselines.into_iter().chain([own]) {
                let error = (outcome.happened - point) / outcome.stretch;
                log.push_at(name, outcome.place, self.horizon, error);
            }
        }
        self.settled = ripe;
    }

    /// Returns what is learned so far. There is no constant: a price is as likely to rise as to
    /// fall, and years of inflation are the drift's to tell.
    fn step(&self) -> Result<Option<Step>, ForecastError> {
        if self.rows < ROWS_MIN {
            return Ok(None);
        }
        let solved = self.sums.solve(&[self.board.penalty(); WIDTH], None)?;
        let mut coefficients = [0.0; WIDTH];
        coefficients.copy_from_slice(&solved);
        Ok(Some(Step { coefficients, weight: self.weight() }))
    }

    /// Returns the model's share: midway between one half, which is hard to beat (Timmermann 2006),
    /// and the share past forecasts ask for.
    fn weight(&self) -> f64 {
        let past = &self.outcomes[..self.settled];
        if past.len() < EVIDENCE_MIN {
            return 0.5;
        }
        let product = |o: &Outcome| o.model * o.happened.clamp(-OUTCOME_MAX, OUTCOME_MAX);
        let products: f64 = past.iter().map(product).sum();
        let squares: f64 = past.iter().map(|o| o.model * o.model).sum();
        let asked = if squares > 0.0 { (products / squares).clamp(0.0, 1.0) } else { 0.0 };
        f64::midpoint(0.5, asked)
    }

    /// Forecasts `months` with `step`, and adds the losses against what came.
    fn judge(
        &mut self,
        losses: &mut Losses,
        log: &ErrorLog,
        step: Step,
        months: std::ops::Range<Month>,
    ) {
        let spread = log.spread();
        for month in months {
            for place in self.board.judged() {
                let Some(start) = self.starts.get(&(*place, month)) else { continue };
                let Some(happened) = self.happened(place, month, start) else { continue };
                let unit = size(self.board, start, self.horizon);
                let at = (month, self.horizon);
                let baselines = baselines(self.prices, self.board, place, at, start)
                    .map(|(name, log)| (name, (log - start.base) / unit));
                let (model, published) = (step.model(start), step.change(start));
                let stretch = stretch(start);
                for (name, point) in baselines.into_iter().chain([(PUBLISHED, published)]) {
                    let levels = spread.levels_at(name, place, self.horizon);
                    let quantiles = levels.map(|level| point + stretch * level);
                    losses.push(self.horizon, name, mean_pinball(&[(quantiles, happened)]));
                }
                self.outcomes.push(Outcome {
                    place,
                    month,
                    stretch,
                    model,
                    published,
                    baselines,
                    happened,
                });
            }
        }
    }

    /// Returns what the gate says. The kin share their coefficients, so a pooled gain may be one
    /// place's alone: at no place judged may the model's mean absolute error be clearly above the
    /// naive forecast's.
    fn verdict(&self, losses: &Losses) -> Verdict {
        let of = |verdict: &Verdict| verdict.horizon == self.horizon;
        let judged = losses.judge(PUBLISHED).into_iter().find(of);
        let past = &self.outcomes[..self.settled];
        let Some(mut verdict) = judged.filter(|_| past.len() >= JUDGED_MIN * self.steps()) else {
            let (horizon, best_baseline) = (self.horizon, NAIVE.to_owned());
            let (model_loss, baseline_loss, passes) = (None, None, false);
            return Verdict { horizon, model_loss, best_baseline, baseline_loss, passes };
        };
        verdict.passes &= self.board.judged().iter().all(|place| {
            let own = past.iter().filter(|outcome| outcome.place == *place);
            let (model, naive) = own.fold((0.0, 0.0), |(model, naive), o| {
                (model + (o.happened - o.published).abs(), naive + o.happened.abs())
            });
            model <= (1.0 + WORSE_MAX) * naive
        });
        if !verdict.passes {
            // Whatever else did best so far: only the last price is never worse than the last price.
            verdict.best_baseline = NAIVE.to_owned();
            verdict.baseline_loss =
                losses.judge(NAIVE).into_iter().find(of).and_then(|naive| naive.model_loss);
        }
        verdict
    }

    /// Returns the test of the combination against the naive forecast on absolute errors, the mean
    /// over places by month.
    fn against_naive(&self) -> Option<DieboldMariano> {
        let mut months: BTreeMap<Month, (f64, f64, f64)> = BTreeMap::new();
        for outcome in &self.outcomes[..self.settled] {
            let sums = months.entry(outcome.month).or_default();
            sums.0 += (outcome.happened - outcome.published).abs();
            sums.1 += outcome.happened.abs();
            sums.2 += 1.0;
        }
        let own: Vec<f64> = months.values().map(|(own, _, n)| own / n).collect();
        let naive: Vec<f64> = months.values().map(|(_, naive, n)| naive / n).collect();
        diebold_mariano(&own, &naive, self.steps())
    }
}
