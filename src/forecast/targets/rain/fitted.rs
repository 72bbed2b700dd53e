//! The fitted target: issues odds or amounts, and is stored as bytes.

use serde::{Deserialize, Serialize};

use super::amounts::Odds;
use super::lesson::Lesson;
use super::morning::{Almanac, Region};
use super::rivals::{CLIMATOLOGY, PERSISTENCE, SEASON_DAYS, SEASONAL_NAIVE};
use super::{HORIZONS, RAIN, What, gauges};
use crate::domain::time::IssuedAt;
use crate::domain::{PlaceId, Quantiles};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::gate::{PUBLISHED, Verdict};
use crate::forecast::stored::{self, damaged};
use crate::forecast::targets::{Fitted, Issued};

/// The version of stored models that this build writes and reads.
const FORMAT: u32 = 2;

/// What is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Models {
    format: u32,
    target: String,
    /// The gauges the region is made of.
    gauges: Vec<PlaceId>,
    lesson: Lesson,
}

/// The models of rain, fitted at one moment.
#[derive(Debug)]
pub struct FittedRain {
    what: What,
    models: Models,
    almanac: Option<Almanac>,
}

impl FittedRain {
    /// Returns the models fitted on what was known at the cut.
    pub(super) fn fit(what: What, panel: &Panel, cut: IssuedAt) -> Result<Self, ForecastError> {
        let lesson = Lesson::learn(what, panel, cut)?;
        let gauges = gauges(panel.places_of(RAIN)).cloned().collect();
        let target = what.name().to_owned();
        Ok(Self::of(what, Models { format: FORMAT, target, gauges, lesson }))
    }

    /// Returns the models from bytes that `to_bytes` made.
    ///
    /// # Errors
    /// [`ForecastError::Learn`] for another format or target, and for models that contradict
    /// themselves.
    pub(super) fn from_bytes(what: What, bytes: &[u8]) -> Result<Self, ForecastError> {
        let models: Models = stored::read(bytes, what.name(), FORMAT)?;
        let Lesson { climate, signals, rivals, .. } = &models.lesson;
        let whole =
            climate.as_ref().is_none_or(|c| c.is_whole(models.gauges.len())) && rivals.is_whole();
        let fitted = whole.then(|| climate.as_ref().map(|c| Almanac::new(c, &models.gauges)));
        let fits = |almanac: &Option<Almanac>| match (signals, almanac) {
            (Some(signals), Some(almanac)) => signals.is_whole(almanac),
            (signals, _) => signals.is_none(),
        };
        if !fitted.as_ref().is_some_and(fits) {
            return Err(damaged("lengths are not those of this build's columns and days ahead"));
        }
        Ok(Self::of(what, models))
    }

    fn of(what: What, models: Models) -> Self {
        let climate = models.lesson.climate.as_ref();
        let almanac = climate.map(|climate| Almanac::new(climate, &models.gauges));
        Self { what, models, almanac }
    }

    /// Returns the share of the learned signal that is issued at each lead, by anchor (1, 10 and
    /// 51 mm); none where only baselines are published.
    #[must_use]
    pub fn trust(&self) -> Option<&[Vec<f64>]> {
        self.models.lesson.signals.as_ref().map(super::signal::Signals::trust)
    }

    /// Returns for each lead the odds (0 to 1) that at least `mm` falls at a place, as published and
    /// as the climate has them; nothing when its newest day is not known or there is no climate yet.
    ///
    /// A table of seven quantiles ends at 95 %: odds of classes that come less often are read here.
    #[must_use]
    pub fn odds_beside_climate(
        &self,
        known: &Known<'_>,
        place: &PlaceId,
        mm: f64,
    ) -> Vec<(f64, f64)> {
        if known.series(RAIN, place).on(known.today() - 1).is_none() {
            return Vec::new();
        }
        let odds = self.odds(known, place).into_iter();
        let reaching = |(climate, own): (Odds, Option<Odds>)| {
            (own.unwrap_or(climate).reaching(mm), climate.reaching(mm))
        };
        odds.map(reaching).collect()
    }

    /// Returns for each lead the climate's odds, and the own ones where the gate lets them pass.
    fn odds(&self, known: &Known<'_>, place: &PlaceId) -> Vec<(Odds, Option<Odds>)> {
        let lesson = &self.models.lesson;
        let (Some(almanac), Some(climate)) = (&self.almanac, &lesson.climate) else {
            return Vec::new();
        };
        let newest = known.today() - 1;
        let row =
            lesson.signals.as_ref().and_then(|_| Region::read(known, almanac).row(almanac, place));
        let of_lead = |lead: usize| {
            let logits = climate.logits(place, almanac.terms(newest + lead as i64));
            let passes = lesson.verdicts.iter().any(|v| usize::from(v.horizon) == lead && v.passes);
            let own = match (&lesson.signals, &row) {
                (Some(signals), Some(row)) if passes => {
                    Some(Odds::moved(&logits, signals.at(row, lead, almanac.place(place))))
                }
                _ => None,
            };
            (Odds::of(logits), own)
        };
        (1..=HORIZONS).map(of_lead).collect()
    }
}

impl Fitted for FittedRain {
    fn gate(&self) -> Vec<Verdict> {
        self.models.lesson.verdicts.clone()
    }

    fn issue(&self, known: &Known<'_>, place: &PlaceId) -> Result<Vec<Issued>, ForecastError> {
        let newest = known.today() - 1;
        let series = known.series(RAIN, place);
        let Some(newest_mm) = series.on(newest) else { return Ok(Vec::new()) };
        let Lesson { rivals, verdicts, .. } = &self.models.lesson;
        let odds = self.odds(known, place);
        let mut issued = Vec::new();
        for lead in 1..=HORIZONS {
            let last_year = series.on(newest + lead as i64 - SEASON_DAYS).unwrap_or(newest_mm);
            let mut baselines = vec![
                (PERSISTENCE, rivals.persistence(self.what, newest_mm, lead)),
                (SEASONAL_NAIVE, rivals.seasonal(self.what, last_year)),
            ];
            let here = odds.get(lead - 1);
            baselines.extend(here.map(|(climate, _)| (CLIMATOLOGY, self.what.answer(climate))));
            let own = here.and_then(|(_, own)| own.as_ref()).map(|own| self.what.answer(own));
            let best = verdicts.iter().find(|v| usize::from(v.horizon) == lead);
            let best = best.map_or(CLIMATOLOGY, |v| v.best_baseline.as_str());
            let stand_in =
                baselines.iter().find(|(name, _)| *name == best).unwrap_or(&baselines[0]);
            let published = own.unwrap_or(stand_in.1);
            for (model, values) in std::iter::once((PUBLISHED, published)).chain(baselines) {
                let quantiles = Quantiles::rearranged(values)?;
                issued.push(Issued { horizon: lead as u8, model, quantiles });
            }
        }
        Ok(issued)
    }

    fn to_bytes(&self) -> Result<Vec<u8>, ForecastError> {
        stored::write(&self.models)
    }
}
