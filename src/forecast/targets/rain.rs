//! Rain at the gauges, 1 to 10 days ahead: whether a day is wet, and how much falls.
//!
//! ```text
//!  panel ─► morning      how wet it has been, here and in the region; the Madden-Julian oscillation
//!             │
//!  climate ───┤          odds of each amount on each day of the year, by gauge
//!             ▼
//!  logistic ─► signal    what the morning says beyond the climate, by lead and amount, and how far
//!             │          that earned trust in years held out
//!  amounts ───┤          odds on a ladder of amounts to quantiles
//!  rivals ─► lesson      baselines, and the gate
//!             ▼
//!  fitted                issues odds and amounts; stored as bytes
//! ```
//!
//! Gauges in the delta have little in common from day to day and no archived weather forecast is
//! known, so the climate is most of what can be said. The model moves the climate's odds (on the
//! logit scale), and by less the further ahead: with nothing to say it *is* the climate. Both targets
//! are the same model; occurrence learns the odds of [`WET_MM`] alone, amounts those of 1, 10 and
//! 51 mm with the amounts between them.

use jiff::civil::Date;

use super::{Fitted, Kind, Target};
use crate::domain::PlaceId;
use crate::domain::time::IssuedAt;
use crate::features::Panel;
use crate::forecast::ForecastError;
use crate::forecast::scores::mean_pinball;

mod amounts;
mod archive;
mod climate;
mod fitted;
mod kin;
mod lesson;
mod logistic;
mod morning;
mod recent;
mod rivals;
mod signal;
#[cfg(test)]
mod tests;

pub use fitted::FittedRain;

/// What is measured.
const RAIN: &str = "rain_mm";
/// The oscillation's two coordinates, known after two days.
const RMM: [&str; 2] = ["rmm1", "rmm2"];
/// Only gauges measure rain; the other places' rain is a model's.
const GAUGE: &str = "rain";
/// Days ahead.
const HORIZONS: usize = 10;
/// Rain of a wet day (mm): the World Meteorological Organization counts days of 1 mm or more, and
/// smaller amounts are read and written unevenly.
pub const WET_MM: f64 = 1.0;
/// The least rain that is written down (mm).
const TRACE_MM: f64 = 0.1;

/// Whether a day is wet, [`WET_MM`] or more: the probability stands at every level.
pub static RAIN_OCCURRENCE: Rain = Rain(What::Occurrence);
/// How much falls (mm).
pub static RAIN_AMOUNT: Rain = Rain(What::Amount);

/// One of the two targets of rain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rain(What);

/// What is asked of rain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Occurrence,
    Amount,
}

impl What {
    const fn name(self) -> &'static str {
        match self {
            Self::Occurrence => "rain_occurrence",
            Self::Amount => "rain_amount",
        }
    }

    /// Returns how many of the anchors it learns at.
    const fn anchors(self) -> usize {
        match self {
            Self::Occurrence => 1,
            Self::Amount => amounts::ANCHORS.len(),
        }
    }

    /// Returns what odds say.
    fn answer(self, odds: &amounts::Odds) -> [f64; 7] {
        match self {
            Self::Occurrence => [odds.reaching(WET_MM); 7],
            Self::Amount => odds.quantiles(),
        }
    }

    /// Returns what an amount says that is taken to come again, with its past errors.
    fn again(self, mm: f64, errors: &[f64; 7]) -> [f64; 7] {
        match self {
            Self::Occurrence => [morning::wet(mm); 7],
            Self::Amount => errors.map(|error| (mm + error).max(0.0)),
        }
    }

    /// Returns the loss the gate judges by: the Brier score of an occurrence (pinball would reward
    /// overconfident odds), the mean pinball loss of an amount.
    fn loss(self, said: &[f64; 7], mm: f64) -> f64 {
        match self {
            Self::Occurrence => (said[3] - morning::wet(mm)).powi(2),
            Self::Amount => mean_pinball(&[(*said, mm)]),
        }
    }
}

/// Returns the gauges among places.
fn gauges<'a>(places: impl Iterator<Item = &'a PlaceId>) -> impl Iterator<Item = &'a PlaceId> {
    places.filter(|place| place.kind() == GAUGE)
}

impl Rain {
    /// Returns the fitted models as their own type.
    ///
    /// # Errors
    /// As [`Target::fit`].
    pub fn fit_rain(&self, panel: &Panel, cut: IssuedAt) -> Result<FittedRain, ForecastError> {
        FittedRain::fit(self.0, panel, cut)
    }
}

impl Target for Rain {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn variable(&self) -> &'static str {
        RAIN
    }

    fn unit(&self) -> &'static str {
        match self.0 {
            What::Occurrence => "1",
            What::Amount => "mm",
        }
    }

    fn horizons(&self) -> u8 {
        HORIZONS as u8
    }

    /// The hydromet service's classes of rain in 24 h (mm): from 16 moderate, from 51 heavy, from 101
    /// very heavy (shared/knowledge/agronomy.md, "Rain classes", unverified there).
    fn thresholds(&self) -> &'static [f64] {
        match self.0 {
            What::Occurrence => &[],
            What::Amount => &[16.0, 51.0, 101.0],
        }
    }

    /// 1 January, in the dry season.
    fn refit_day(&self, day: Date) -> Date {
        Date::constant(day.year(), 1, 1)
    }

    fn inputs(&self) -> &'static [&'static str] {
        &[RAIN, RMM[0], RMM[1]]
    }

    fn kind(&self) -> Kind {
        match self.0 {
            What::Occurrence => Kind::Event,
            What::Amount => Kind::Amount,
        }
    }

    fn places(&self, panel: &Panel) -> Vec<PlaceId> {
        gauges(panel.places_of(RAIN)).cloned().collect()
    }

    fn truth(&self, panel: &Panel, place: &PlaceId, day: i64) -> Option<f64> {
        let mm = panel.get(RAIN, place)?.truth(day)?;
        Some(match self.0 {
            What::Occurrence => morning::wet(mm),
            What::Amount => mm,
        })
    }

    fn fit(&self, panel: &Panel, cut: IssuedAt) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(self.fit_rain(panel, cut)?))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(FittedRain::from_bytes(self.0, bytes)?))
    }
}
