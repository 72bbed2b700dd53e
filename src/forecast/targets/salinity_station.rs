//! The first target: the daily maximum of salinity at river stations, 1 to 14 days ahead.
//!
//! ```text
//!  panel ─► morning     what is known on one morning, read through the leakage guard
//!  tide  ─► tides       figures of the tide of every day, past and future
//!             │
//!  archive ───┤         all earlier mornings and what came of them
//!             ▼
//!  design ─► ridge      structured ridge and ridge with Fourier features: pooled and by station
//!  tables ─► members    two boosters; the blend of all four
//!             │
//!  workshop ──┤         the members rolled through earlier seasons, each fit only on those before
//!             ▼
//!  adapt · intervals    correction and widths by this season's verified errors; scale and shape
//!  rivals · calibrate   baselines, and the gate
//!             ▼
//!  own · fitted         issues quantiles; stored as bytes; baselines where too little is known
//! ```
//!
//! All of it works on the root of g/L and forecasts departures from the newest value. A main station
//! has its own share in the models; any other, also a sensor of yesterday, is forecast by what all
//! have in common, with wider intervals. Missing inputs are neutral in the ridges and missing in the
//! boosters.

use jiff::civil::Date;

use super::{Alone, Fitted, Target};
use crate::domain::time::IssuedAt;
use crate::features::Panel;
use crate::forecast::ForecastError;

mod adapt;
mod archive;
mod calibrate;
mod candidates;
mod design;
mod fitted;
mod intervals;
mod members;
mod morning;
mod own;
mod ridge;
mod rivals;
mod tables;
mod tides;
mod workshop;

pub use fitted::FittedSalinity;

const NAME: &str = "salinity_station";

/// Days ahead: one spring–neap cycle less a day.
const HORIZONS: usize = 14;

/// The least value stations report (g/L): readings below are censored at it.
const FLOOR_G_L: f64 = 0.1;

/// Seasons the members are rolled through for honest errors: eight hold a strong El Niño and its
/// reverse, and the oldest of them still measured as today.
const ROLLED_SEASONS: usize = 8;

static WORKSHOP: workshop::Workshop = workshop::Workshop::keeping(workshop::KEPT);

/// Daily maximum salinity at river stations.
#[derive(Debug, Clone, Copy)]
pub struct SalinityStation;

impl SalinityStation {
    /// Returns the fitted models as their own type, which can be stored.
    ///
    /// # Errors
    /// As [`Target::fit`].
    pub fn fit_salinity(
        &self,
        panel: &Panel,
        cut: IssuedAt,
    ) -> Result<FittedSalinity, ForecastError> {
        FittedSalinity::fit(panel, cut, &WORKSHOP)
    }
}

impl Target for SalinityStation {
    fn name(&self) -> &'static str {
        NAME
    }

    fn variable(&self) -> &'static str {
        morning::SALINITY
    }

    fn unit(&self) -> &'static str {
        "g/L"
    }

    fn horizons(&self) -> u8 {
        HORIZONS as u8
    }

    fn thresholds(&self) -> &'static [f64] {
        &[1.0, 4.0]
    }

    /// 1 January: the salt has hardly come in, and the season before is complete.
    fn refit_day(&self, day: Date) -> Date {
        Date::constant(day.year(), 1, 1)
    }

    fn inputs(&self) -> &'static [&'static str] {
        &[morning::SALINITY, morning::DISCHARGE, morning::LEVEL]
    }

    fn fit(&self, panel: &Panel, cut: IssuedAt) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(self.fit_salinity(panel, cut)?))
    }

    fn candidates(
        &self,
        panel: &Panel,
        cut: IssuedAt,
    ) -> Result<Option<Box<dyn Alone>>, ForecastError> {
        match candidates::Candidates::fit(panel, cut, &WORKSHOP) {
            Ok(candidates) => Ok(Some(Box::new(candidates))),
            Err(ForecastError::TooLittle { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(FittedSalinity::from_bytes(bytes)?))
    }
}
