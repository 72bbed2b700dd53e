//! The fitted target: issues forecasts, and is stored as bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::trial::{At, Errors, PERSISTENCE, Site, Trial, baselines, roll};
use super::weeks::newest_week;
use super::{HORIZONS, NAME, Trap, Traps};
use crate::domain::time::IssuedAt;
use crate::domain::{PlaceId, Quantiles};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::gate::{PUBLISHED, Verdict};
use crate::forecast::stored::{self, damaged};
use crate::forecast::targets::{Fitted, Issued};

/// The version of stored models that this build writes and reads.
const FORMAT: u32 = 2;

/// The models of all traps, fitted at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedPlanthopper {
    format: u32,
    sites: BTreeMap<String, Site>,
    errors: Errors,
    verdicts: Vec<Verdict>,
}

impl FittedPlanthopper {
    /// Returns the models fitted on what was known at `cut`.
    pub(super) fn fit(panel: &Panel, cut: IssuedAt) -> Result<Self, ForecastError> {
        let traps = Traps::read(&Known::at(panel, cut));
        if traps.own().next().is_none() {
            let (rows, needed, at) = (0, 1, cut.local_date().to_string());
            return Err(ForecastError::TooLittle { target: NAME, rows, needed, at });
        }
        let Trial { sites, errors, verdicts } = roll(&traps)?;
        Ok(Self { format: FORMAT, sites, errors, verdicts })
    }

    /// Returns the models from bytes that [`Fitted::to_bytes`] made.
    ///
    /// # Errors
    /// [`ForecastError::Learn`] for an unknown format and for models that contradict themselves.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, ForecastError> {
        let fitted: Self = stored::read(bytes, NAME, FORMAT)?;
        let sound = fitted.sites.values().all(|site| {
            site.usual.as_ref().is_none_or(|usual| usual.sound())
                && site.models.as_ref().is_none_or(|models| models.sound())
        });
        if sound && fitted.errors.sound() {
            Ok(fitted)
        } else {
            Err(damaged("a week or a horizon is missing, or an error is not finite"))
        }
    }

    /// Returns which baseline is published at a trap and horizon, or `None` where its own model is.
    fn stand_in<'a>(&'a self, site: Option<&'a Site>, horizon: u8) -> Option<&'a str> {
        let of = |verdicts: &'a [Verdict]| verdicts.iter().find(|v| v.horizon == horizon);
        let verdict = site.and_then(|site| of(&site.verdicts));
        match verdict {
            Some(verdict) if verdict.passes => None,
            Some(verdict) => Some(&verdict.best_baseline),
            None => Some(
                of(&self.verdicts).map_or(PERSISTENCE, |verdict| verdict.best_baseline.as_str()),
            ),
        }
    }
}

impl Fitted for FittedPlanthopper {
    fn gate(&self) -> Vec<Verdict> {
        self.verdicts.clone()
    }

    fn issue(&self, known: &Known<'_>, place: &PlaceId) -> Result<Vec<Issued>, ForecastError> {
        let newest = newest_week(known.today());
        let trap = Trap::read(known, place, newest + 1);
        let Some(trap) = trap.filter(|trap| trap.trusts(newest)) else {
            return Ok(Vec::new());
        };
        let site = self.sites.get(place.as_str());
        let usual = site.and_then(|site| site.usual.as_ref());
        let mut issued = Vec::new();
        for horizon in 1..=HORIZONS {
            let trap = (&trap, place.as_str());
            let mut all = baselines(&self.errors, usual, trap, (newest, horizon));
            let models = site.and_then(|site| site.models.as_ref());
            let own = match models.filter(|_| self.stand_in(site, horizon).is_none()) {
                Some(models) => models.points(trap.0, newest, horizon)?,
                None => None,
            };
            let published = own.map(|points| {
                let at = At { forecaster: PUBLISHED, place: place.as_str(), horizon };
                self.errors.around(&at, points.forecast())
            });
            let name = self.stand_in(site, horizon).unwrap_or(super::trial::CLIMATOLOGY);
            let stand_in = || all.iter().find(|(n, _)| *n == name).or(all.first()).map(|(_, q)| *q);
            if let Some(levels) = published.or_else(stand_in) {
                all.push((PUBLISHED, levels));
            }
            for (model, levels) in all {
                let quantiles = Quantiles::rearranged(levels.map(f64::exp_m1))?;
                issued.push(Issued { horizon, model, quantiles });
            }
        }
        Ok(issued)
    }

    fn to_bytes(&self) -> Result<Vec<u8>, ForecastError> {
        stored::write(self)
    }
}
