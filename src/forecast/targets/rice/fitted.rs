//! The fitted targets: issue forecasts, and are stored as bytes.

use serde::{Deserialize, Serialize};

use super::Measure;
use super::calendar::Season;
use super::loss::{LOST_SHARE, usual_yield};
use super::rivals;
use super::trial::{Ground, HORIZONS, Models, Trial, around, heed_odds, roll_amounts, roll_odds};
use crate::domain::time::{IssuedAt, date_of_epoch_day};
use crate::domain::{PlaceId, Quantiles};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::gate::{PUBLISHED, Verdict};
use crate::forecast::spread::Spread;
use crate::forecast::stored::{self, damaged};
use crate::forecast::targets::{Fitted, Issued};

/// The version of stored models that this build writes and reads.
const FORMAT: u32 = 1;

/// The first year whose drought is looked at: levels begin in 1992.
const FIRST_WATER_YEAR: i16 = 1994;

/// The models of one measure, fitted at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedRice {
    format: u32,
    measure: Measure,
    /// `None` where too few crops were known.
    models: Option<Models>,
    spread: Spread,
    verdicts: Vec<Verdict>,
}

impl FittedRice {
    /// Returns the models fitted on what was known at `cut`.
    pub(super) fn fit(
        panel: &Panel,
        cut: IssuedAt,
        measure: Measure,
    ) -> Result<Self, ForecastError> {
        let known = Known::at(panel, cut);
        let this_year = date_of_epoch_day(known.today()).year();
        let ground = Ground::of(&known, FIRST_WATER_YEAR..=this_year + 1);
        if ground.ledger.iter().all(|(_, history)| history.years().next().is_none()) {
            let (rows, needed, at) = (0, 1, cut.local_date().to_string());
            return Err(ForecastError::TooLittle { target: measure.name(), rows, needed, at });
        }
        let models = Models::before(&ground, i16::MAX)?;
        let (spread, verdicts) = if measure == Measure::Loss {
            (Spread::default(), verdicts_of(&roll_odds(&ground)?, measure))
        } else {
            reconciled(roll_amounts(&ground)?, measure)
        };
        Ok(Self { format: FORMAT, measure, models, spread, verdicts })
    }

    /// Returns the models from bytes that [`Fitted::to_bytes`] made.
    ///
    /// # Errors
    /// [`ForecastError::Learn`] for an unknown format, another measure, and models that contradict
    /// themselves.
    pub(super) fn from_bytes(bytes: &[u8], measure: Measure) -> Result<Self, ForecastError> {
        let fitted: Self = stored::read(bytes, measure.name(), FORMAT)?;
        if fitted.measure != measure {
            let (given, wanted) = (fitted.measure.name(), measure.name());
            return Err(damaged(format!("these are models of {given}, not of {wanted}")));
        }
        let sound = fitted.spread.sound() && fitted.models.as_ref().is_none_or(Models::sound);
        if sound { Ok(fitted) } else { Err(damaged("a number is not finite")) }
    }

    /// Returns the odds of a loss by the model and by the base rate.
    fn odds(&self, ground: &Ground, place: &PlaceId, year: i16) -> Vec<(&'static str, [f64; 7])> {
        let Some(models) = &self.models else {
            return vec![(rivals::CLIMATOLOGY, [rivals::base_rate(0, 0); 7])];
        };
        let own = models.odds(ground, place, year);
        vec![(PUBLISHED, [own; 7]), (rivals::CLIMATOLOGY, [models.base_rate; 7])]
    }

    /// Returns the quantiles of an amount by the model and by every baseline.
    fn amounts(
        &self,
        ground: &Ground,
        place: &PlaceId,
        year: i16,
    ) -> Vec<(&'static str, [f64; 7])> {
        let history = ground.ledger.of(place);
        let scale = ground.scale(place, year, self.measure);
        let wide = |name, point| around(point, self.spread.levels(name, 1), scale);
        let mut all = Vec::new();
        let models = self.models.as_ref();
        if let Some((models, harvest)) =
            models.and_then(|m| Some((m, m.expect(ground, place, year)?)))
        {
            let mut own = wide(PUBLISHED, harvest.amount(self.measure));
            if self.measure != Measure::Area
                && let Some(usual) = usual_yield(&history, year)
            {
                let share = LOST_SHARE * usual / harvest.yield_t_ha;
                let lost_amount = share * harvest.amount(self.measure);
                heed_odds(&mut own, models.odds(ground, place, year), lost_amount);
            }
            all.push((PUBLISHED, own));
        }
        let points = rivals::points(&history, year, self.measure);
        let named = points.into_iter().flat_map(|points| rivals::NAMES.into_iter().zip(points));
        all.extend(named.map(|(name, point)| (name, wide(name, point))));
        all
    }
}

impl Fitted for FittedRice {
    fn gate(&self) -> Vec<Verdict> {
        self.verdicts.clone()
    }

    fn issue(&self, known: &Known<'_>, place: &PlaceId) -> Result<Vec<Issued>, ForecastError> {
        let underway = Season::of(place).and_then(|season| season.underway(known.today()));
        let Some((year, horizon)) = underway else { return Ok(Vec::new()) };
        let ground = Ground::of(known, [year]);
        if !ground.ledger.grows(place, year) {
            return Ok(Vec::new());
        }
        let mut all = match self.measure {
            Measure::Loss => self.odds(&ground, place, year),
            _ => self.amounts(&ground, place, year),
        };
        let verdict = self.verdicts.iter().find(|verdict| verdict.horizon == horizon);
        let own_passes = verdict.is_some_and(|verdict| verdict.passes);
        if !own_passes || all.first().is_none_or(|(name, _)| *name != PUBLISHED) {
            let best = verdict.map_or(self.measure.stand_in(), |v| v.best_baseline.as_str());
            let stand_in = all.iter().find(|(name, _)| *name == best).copied();
            all.retain(|(name, _)| *name != PUBLISHED);
            all.extend(stand_in.map(|(_, quantiles)| (PUBLISHED, quantiles)));
        }
        all.into_iter()
            .map(|(model, values)| {
                let quantiles = Quantiles::rearranged(values)?;
                Ok(Issued { horizon, model, quantiles })
            })
            .collect()
    }

    fn to_bytes(&self) -> Result<Vec<u8>, ForecastError> {
        stored::write(self)
    }
}

/// Returns what the gate found of one measure; the stand-in where nothing could be tried.
fn verdicts_of(trial: &Trial, measure: Measure) -> Vec<Verdict> {
    let verdicts = trial.losses.judge(PUBLISHED);
    if !verdicts.is_empty() {
        return verdicts;
    }
    trial.losses.stand_ins(HORIZONS, measure.stand_in())
}

/// Returns the widths and the verdicts of one amount.
///
/// Yield, area and production are published by the model or not at all, since the product of one's
/// model and another's baseline is no production: the model passes where its losses are below those
/// of the best baselines in the mean of the three. Where it does not, last year's harvest is
/// published, the only baseline whose area times yield is its production.
fn reconciled(trials: [Trial; 3], measure: Measure) -> (Spread, Vec<Verdict>) {
    let all = [0, 1, 2].map(|n| verdicts_of(&trials[n], Measure::AMOUNTS[n]));
    let ratio = |horizon: u8| {
        let of = |verdicts: &Vec<Verdict>| {
            let verdict = verdicts.iter().find(|verdict| verdict.horizon == horizon)?;
            Some(verdict.model_loss? / verdict.baseline_loss?)
        };
        let ratios: Option<Vec<f64>> = all.iter().map(of).collect();
        ratios.map(|ratios| ratios.iter().sum::<f64>() / ratios.len() as f64)
    };
    let own = Measure::AMOUNTS.iter().position(|amount| *amount == measure).unwrap_or(0);
    let mut verdicts = all[own].clone();
    for verdict in &mut verdicts {
        verdict.passes = ratio(verdict.horizon).is_some_and(|ratio| ratio < 1.0);
        if !verdict.passes {
            measure.stand_in().clone_into(&mut verdict.best_baseline);
        }
    }
    let spread = trials.into_iter().nth(own).map(|trial| trial.spread);
    (spread.unwrap_or_default(), verdicts)
}
