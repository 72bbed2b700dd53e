//! The fitted target: issues forecasts, and is stored as bytes.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::archive::{Archive, first_day};
use super::calibrate::{calibrate, stand_ins};
use super::design::Waves;
use super::members::Ground;
use super::morning::{Morning, SALINITY};
use super::own::Own;
use super::rivals::{ANALOGUE_DAYS, Rivals};
use super::tides::Tides;
use super::workshop::{KEPT, Past, Workshop};
use super::{HORIZONS, NAME, ROLLED_SEASONS};
use crate::domain::time::IssuedAt;
use crate::domain::{PlaceId, Quantiles};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::gate::{PUBLISHED, Verdict};
use crate::forecast::rolling::Rolled;
use crate::forecast::stored::{self, damaged};
use crate::forecast::targets::{Fitted, Issued};

/// The version of stored models that this build writes and reads.
const FORMAT: u32 = 2;

pub(super) static WAVES: LazyLock<Waves> = LazyLock::new(Waves::new);

/// The models of one season, with everything learned from the seasons before.
#[derive(Debug, Serialize, Deserialize)]
pub struct FittedSalinity {
    format: u32,
    /// The first day the models do not know (epoch day).
    cut_day: i64,
    /// The models; none where too little was known, and the baselines stand in.
    own: Option<Own>,
    rivals: Rivals,
    verdicts: Vec<Verdict>,
}

impl FittedSalinity {
    /// Returns the models fitted without anything kept of earlier fits: the same, only later.
    ///
    /// # Errors
    /// As [`super::SalinityStation::fit_salinity`].
    pub fn fit_alone(panel: &Panel, cut: IssuedAt) -> Result<Self, ForecastError> {
        Self::fit(panel, cut, &Workshop::keeping(KEPT))
    }

    /// Returns the models fitted on the seasons before the year of `cut`.
    pub(super) fn fit(
        panel: &Panel,
        cut: IssuedAt,
        workshop: &Workshop,
    ) -> Result<Self, ForecastError> {
        let archive = Archive::before(panel, cut)?;
        let (own, verdicts) = match Self::fit_own(&archive, workshop) {
            Ok((own, verdicts)) => (Some(own), verdicts),
            Err(ForecastError::TooLittle { .. }) => (None, stand_ins(&archive)?),
            Err(other) => return Err(other),
        };
        Ok(Self {
            format: FORMAT,
            cut_day: first_day(archive.until),
            own,
            rivals: Rivals::before(&archive, first_day(archive.until))?,
            verdicts,
        })
    }

    fn fit_own(
        archive: &Archive,
        workshop: &Workshop,
    ) -> Result<(Own, Vec<Verdict>), ForecastError> {
        let (first, last) = archive.span().unwrap_or((0, 0));
        let tides = Tides::between(first, last);
        let ground = Ground { tides: &tides, waves: &WAVES };
        let past = Past { archive, ground, held_out: ROLLED_SEASONS };
        let Rolled { members, held, .. } = workshop.roll(&past)?;
        let calibration = calibrate(archive, &held)?;
        let own = Own::new(members, calibration.intervals, calibration.widths);
        Ok((own, calibration.verdicts))
    }

    /// Returns the models from bytes that [`Fitted::to_bytes`] made.
    ///
    /// # Errors
    /// [`ForecastError::Learn`] for an unknown format and for models that contradict themselves.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ForecastError> {
        let fitted: Self = stored::read(bytes, NAME, FORMAT)?;
        if fitted.own.as_ref().is_some_and(|own| !own.sound()) {
            return Err(damaged("coefficients are not as many as the columns"));
        }
        Ok(fitted)
    }

    /// Returns the baseline that is published at this horizon in place of a model.
    fn stand_in(
        &self,
        horizon: usize,
        baselines: &[(&'static str, Quantiles)],
    ) -> Option<Quantiles> {
        let held = |v: &&Verdict| usize::from(v.horizon) == horizon && !v.passes;
        let verdict = self.verdicts.iter().find(held)?;
        baselines.iter().find(|(name, _)| *name == verdict.best_baseline).map(|(_, q)| *q)
    }
}

impl Fitted for FittedSalinity {
    fn gate(&self) -> Vec<Verdict> {
        self.verdicts.clone()
    }

    fn issue(&self, known: &Known<'_>, place: &PlaceId) -> Result<Vec<Issued>, ForecastError> {
        let Some(origin) = Morning::read(known).origin(place) else { return Ok(Vec::new()) };
        let own = match &self.own {
            Some(own) => Some(own.quantiles(known, place, &origin, self.cut_day)?),
            None => None,
        };
        let series = known.series(SALINITY, place);
        let mut issued = Vec::new();
        for k in 0..HORIZONS {
            let (horizon, due) = (k + 1, origin.day + k as i64 + 1);
            let old = series.on(due - ANALOGUE_DAYS);
            let today = origin.own * origin.own;
            let baselines = self.rivals.forecasts(place, (due, horizon), today, old)?;
            let published = match (self.stand_in(horizon, &baselines), &own) {
                (None, Some(own)) => Quantiles::rearranged(own[k])?,
                (Some(baseline), _) => baseline,
                // Persistence is always the first.
                (None, None) => baselines[0].1,
            };
            let all = std::iter::once((PUBLISHED, published)).chain(baselines);
            issued.extend(all.map(|(model, quantiles)| Issued {
                horizon: horizon as u8,
                model,
                quantiles,
            }));
        }
        Ok(issued)
    }

    fn to_bytes(&self) -> Result<Vec<u8>, ForecastError> {
        stored::write(self)
    }
}
