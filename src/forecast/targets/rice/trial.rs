//! The models on one side, all crops of the past on the other: fitting, and rolling through the
//! years to learn how far off they and the baselines are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Measure;
use super::calendar::{OLD_PROVINCE, Season, parts};
use super::drought::dryness;
use super::ledger::{Harvest, History, Ledger};
use super::level::{Shares, Start, growth};
use super::loss::{Odds, Past, Stand};
use super::rivals::{self, base_rate};
use crate::domain::{LEVELS, PlaceId};
use crate::features::Known;
use crate::forecast::ForecastError;
use crate::forecast::gate::{Losses, PUBLISHED};
use crate::forecast::scores::mean_pinball;
use crate::forecast::spread::{ErrorLog, Spread};

/// Crops (places × seasons) before a model is fitted: two years of the delta.
const CROPS_MIN: usize = 60;

/// The first year whose crops are fitted on: three years of history before it.
const FIRST_YEAR: i16 = 1998;

/// Years whose changes give the size of a place's errors.
const SCALE_YEARS: i16 = 10;

/// Years of a place that count as much as the whole season's places together.
const SCALE_SHRINK: f64 = 5.0;

/// The largest change (log) that counts in full: a lost crop is no usual change.
const CHANGE_MAX: f64 = 0.3;

/// The least size of an error (log): the statistics give three digits.
const SCALE_MIN: f64 = 0.01;

/// The steps of all seasons; the models do not differ by step, so one trial speaks for all.
pub(super) const HORIZONS: u8 = 6;

/// All that was known at one moment, with what is common to the places.
#[derive(Debug)]
pub(super) struct Ground {
    /// Harvests by place.
    pub ledger: Ledger,
    dryness: BTreeMap<i16, f64>,
}

/// The fitted models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Models {
    yields: Shares,
    areas: Shares,
    odds: Odds,
    /// Share of all crops that were lost.
    pub base_rate: f64,
}

impl Ground {
    /// Returns what was known.
    pub fn of(known: &Known<'_>, years: impl IntoIterator<Item = i16>) -> Self {
        let dryness =
            years.into_iter().filter_map(|year| Some((year, dryness(known, year)?))).collect();
        Self { ledger: Ledger::known(known), dryness }
    }

    /// Returns all crops known, of old provinces.
    fn crops(&self) -> Vec<(i16, &PlaceId, &History)> {
        let mut crops: Vec<_> = self
            .ledger
            .iter()
            .filter(|(place, _)| place.kind() == OLD_PROVINCE)
            .flat_map(|(place, history)| history.years().map(move |year| (year, place, history)))
            .filter(|(year, ..)| *year >= FIRST_YEAR)
            .collect();
        crops.sort_by_key(|(year, place, _)| (*year, (*place).clone()));
        crops
    }

    fn stand(&self, place: &PlaceId, year: i16) -> Stand {
        Stand::of(place, self.dryness.get(&year).copied())
    }

    fn yield_start(&self, place: &PlaceId, history: &History, year: i16) -> Option<Start> {
        let growth = growth(&self.ledger, Season::of(place)?, year);
        Start::of_yield(place, history, year, growth, self.dryness.get(&year).copied())
    }

    /// Returns the size (log) of errors to expect of a place: the usual change from year to year,
    /// drawn to that of all places of the season.
    pub fn scale(&self, place: &PlaceId, year: i16, measure: Measure) -> f64 {
        let sizes = |history: &History| -> Vec<f64> {
            let changes = history.changes(measure, year - SCALE_YEARS, year);
            changes.map(|change| change.abs().min(CHANGE_MAX)).collect()
        };
        let own = sizes(&self.ledger.of(place));
        let season = Season::of(place).into_iter().flat_map(|season| self.ledger.old(season));
        let pool: Vec<f64> = season.flat_map(|(_, history)| sizes(history)).collect();
        let pool = pool.iter().sum::<f64>() / (pool.len() as f64).max(1.0);
        let sum = own.iter().sum::<f64>() + SCALE_SHRINK * pool;
        (sum / (own.len() as f64 + SCALE_SHRINK)).max(SCALE_MIN)
    }
}

impl Models {
    /// Returns the models of the crops before `year`; `None` when they are too few.
    ///
    /// # Errors
    /// Errors of the solvers.
    pub fn before(ground: &Ground, year: i16) -> Result<Option<Self>, ForecastError> {
        let (mut yields, mut areas, mut past) = (Vec::new(), Vec::new(), Vec::new());
        for (y, place, history) in ground.crops().into_iter().filter(|(y, ..)| *y < year) {
            let Some(harvest) = history.get(y) else { continue };
            if let Some(start) = ground.yield_start(place, history, y) {
                yields.push((start, harvest.yield_t_ha));
            }
            if !history.breaks(y)
                && let Some(start) = Start::of_area(history, y)
            {
                areas.push((start, harvest.area_kha));
            }
            past.extend(Past::of(history, y, ground.stand(place, y)));
        }
        if yields.len() < CROPS_MIN {
            return Ok(None);
        }
        let lost = past.iter().filter(|crop| crop.lost()).count();
        Ok(Some(Self {
            yields: Shares::of_yields(&yields)?,
            areas: Shares::of_areas(&areas)?,
            odds: Odds::fit(&past)?,
            base_rate: base_rate(lost, past.len()),
        }))
    }

    /// Returns the harvest to expect. A merged place is the sum of its parts still grown, so that
    /// areas and productions add up and the yield is their quotient.
    pub fn expect(&self, ground: &Ground, place: &PlaceId, year: i16) -> Option<Harvest> {
        let parts = parts(place);
        if parts.is_empty() {
            let history = ground.ledger.of(place);
            let yields = ground.yield_start(place, &history, year)?.forecast(self.yields);
            let area_kha = Start::of_area(&history, year)?.forecast(self.areas);
            return Some(Harvest { area_kha, yield_t_ha: yields });
        }
        let grown = parts.iter().filter(|part| ground.ledger.grows(part, year));
        let expected: Vec<Harvest> =
            grown.map(|part| self.expect(ground, part, year)).collect::<Option<_>>()?;
        let area_kha: f64 = expected.iter().map(|h| h.area_kha).sum();
        let production: f64 = expected.iter().map(|h| h.amount(Measure::Production)).sum();
        (area_kha > 0.0).then(|| Harvest { area_kha, yield_t_ha: production / area_kha })
    }

    /// Returns the odds of a loss; of a merged place the mean of its parts by area, which errs on
    /// the high side, since parts are seldom lost together.
    pub fn odds(&self, ground: &Ground, place: &PlaceId, year: i16) -> f64 {
        let parts = parts(place);
        if parts.is_empty() {
            return self.odds.of(ground.stand(place, year));
        }
        let weighed = |part: &PlaceId| {
            let area = self.expect(ground, part, year).map_or(0.0, |h| h.area_kha);
            (area * self.odds.of(ground.stand(part, year)), area)
        };
        let grown = parts.iter().filter(|part| ground.ledger.grows(part, year));
        let (sum, area) = grown.map(weighed).fold((0.0, 0.0), |(a, b), (p, w)| (a + p, b + w));
        if area > 0.0 { sum / area } else { self.base_rate }
    }

    /// Returns whether all numbers are finite.
    pub fn sound(&self) -> bool {
        let shares = [self.yields, self.areas];
        self.odds.sound() && shares.iter().flat_map(|s| s.0).all(f64::is_finite)
    }
}

/// Returns the seven quantiles around a point: its errors are multiples of `scale` on the log.
pub(super) fn around(point: f64, levels: [f64; 7], scale: f64) -> [f64; 7] {
    levels.map(|level| point * (level * scale).exp())
}

/// Lowers the quantiles at the levels that the odds of a loss reach to the yield of a loss, so that
/// the amounts say what the odds say. The middle stays, since area times yield is production.
pub(super) fn heed_odds(quantiles: &mut [f64; 7], odds: f64, lost_amount: f64) {
    let below = LEVELS.iter().filter(|level| **level <= odds && **level < 0.5).count();
    quantiles[..below].iter_mut().for_each(|quantile| *quantile = quantile.min(lost_amount));
}

/// What rolling has taught of one measure.
#[derive(Debug, Default)]
pub(super) struct Trial {
    /// Errors by forecaster.
    pub spread: Spread,
    /// Losses by forecaster.
    pub losses: Losses,
}

/// Returns the years of all crops known.
fn years(ground: &Ground) -> Vec<i16> {
    let mut years: Vec<i16> = ground.crops().iter().map(|(year, ..)| *year).collect();
    years.dedup();
    years
}

/// Returns what rolling through all years known teaches of the amounts, by [`Measure::AMOUNTS`].
///
/// Each year is forecast by models of the years before it, with widths from the errors before it.
///
/// # Errors
/// Errors of the solvers.
pub(super) fn roll_amounts(ground: &Ground) -> Result<[Trial; 3], ForecastError> {
    let mut logs: [ErrorLog; 3] = Default::default();
    let mut trials: [Trial; 3] = Default::default();
    for year in years(ground) {
        let Some(models) = Models::before(ground, year)? else { continue };
        for (log, trial) in logs.iter().zip(&mut trials) {
            trial.spread = log.spread();
        }
        for (place, history) in ground.ledger.iter() {
            let Some(happened) = history.get(year) else { continue };
            let Some(expected) = models.expect(ground, place, year) else { continue };
            for (n, measure) in Measure::AMOUNTS.into_iter().enumerate() {
                let Some(points) = rivals::points(history, year, measure) else { continue };
                let happened = happened.amount(measure);
                let scale = ground.scale(place, year, measure);
                let own = std::iter::once((PUBLISHED, expected.amount(measure)));
                for (name, point) in own.chain(rivals::NAMES.into_iter().zip(points)) {
                    let quantiles = around(point, trials[n].spread.levels(name, 1), scale);
                    push(&mut trials[n].losses, name, mean_pinball(&[(quantiles, happened)]));
                    logs[n].push(name, 1, (happened / point).ln() / scale);
                }
            }
        }
    }
    for (log, trial) in logs.iter().zip(&mut trials) {
        trial.spread = log.spread();
    }
    Ok(trials)
}

/// Returns the logarithmic losses of the odds and of the base rate, rolled likewise. Losses are so
/// rare that Brier scores of half a percent and of three are all but equal; logarithms tell.
///
/// # Errors
/// Errors of the solvers.
pub(super) fn roll_odds(ground: &Ground) -> Result<Trial, ForecastError> {
    let mut trial = Trial::default();
    for year in years(ground) {
        let Some(models) = Models::before(ground, year)? else { continue };
        for (place, history) in ground.ledger.iter() {
            let Some(lost) = super::loss::lost(history, year) else { continue };
            let score = |p: f64| -(if lost { p } else { 1.0 - p }).ln();
            let odds = models.odds(ground, place, year);
            push(&mut trial.losses, PUBLISHED, score(odds));
            push(&mut trial.losses, rivals::CLIMATOLOGY, score(models.base_rate));
        }
    }
    Ok(trial)
}

fn push(losses: &mut Losses, name: &'static str, loss: f64) {
    (1..=HORIZONS).for_each(|horizon| losses.push(horizon, name, loss));
}
