//! Rice by province and season: yield, area, production, and the odds of a lost crop.
//!
//! ```text
//!  panel ─► ledger    harvests known at one moment; the merged province is the sum of its parts
//!  river ─► drought   how dry the water year is, from November on
//!             │
//!             ▼
//!  level              yield and area to expect: few shares, the same for all places
//!  loss               the odds that a crop falls below 70 % of its usual yield
//!  rivals             last year, mean and median of five years, trend of ten; the base rate
//!             │
//!  trial ─────┤       all of them rolled through the years: widths, and the gate
//!             ▼
//!  fitted             issues quantiles; stored as bytes
//! ```
//!
//! Issued on the first of each month between sowing and harvest; the horizon is the number of
//! months to the harvest, its own month counted. Fitted anew for each of those mornings, since a
//! harvest of one season teaches the next one in the field.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Fitted, Kind, Target};
use crate::domain::PlaceId;
use crate::domain::time::{IssuedAt, date_of_epoch_day};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;

mod calendar;
mod drought;
mod fitted;
mod ledger;
mod level;
mod loss;
mod rivals;
mod trial;

pub use fitted::FittedRice;

use calendar::Season;
use ledger::{History, Ledger};

/// Yield, tonnes a hectare.
pub static RICE_YIELD: Rice = Rice(Measure::Yield);
/// Area sown, thousand hectares.
pub static RICE_AREA: Rice = Rice(Measure::Area);
/// Production, thousand tonnes.
pub static RICE_PRODUCTION: Rice = Rice(Measure::Production);
/// Whether the yield falls below 70 % of the median of the five years before.
pub static RICE_LOSS: Rice = Rice(Measure::Loss);

/// What is forecast of a crop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Measure {
    Yield,
    Area,
    Production,
    Loss,
}

impl Measure {
    /// The amounts, which are reconciled.
    const AMOUNTS: [Self; 3] = [Self::Yield, Self::Area, Self::Production];

    const fn name(self) -> &'static str {
        match self {
            Self::Yield => "rice_yield",
            Self::Area => "rice_area",
            Self::Production => "rice_production",
            Self::Loss => "rice_loss",
        }
    }

    /// Returns the baseline to publish where the model is not: of the amounts the only one whose
    /// area times yield is its production.
    const fn stand_in(self) -> &'static str {
        if matches!(self, Self::Loss) { rivals::CLIMATOLOGY } else { rivals::LAST_YEAR }
    }
}

/// One of the rice targets.
#[derive(Debug, Clone, Copy)]
pub struct Rice(Measure);

impl Rice {
    /// Returns the year of the crop a valid day belongs to.
    fn year_of(place: &PlaceId, day: i64) -> Option<i16> {
        let season = Season::of(place)?;
        let year = date_of_epoch_day(day).year();
        (year..=year + 1).find(|year| season.start(*year) == day)
    }
}

impl Target for Rice {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn variable(&self) -> &'static str {
        match self.0 {
            Measure::Yield | Measure::Loss => ledger::YIELD,
            Measure::Area => ledger::AREA,
            Measure::Production => "rice_production_kt",
        }
    }

    fn unit(&self) -> &'static str {
        match self.0 {
            Measure::Yield => "t/ha",
            Measure::Area => "1000 ha",
            Measure::Production => "1000 t",
            Measure::Loss => "1",
        }
    }

    fn horizons(&self) -> u8 {
        trial::HORIZONS
    }

    fn thresholds(&self) -> &'static [f64] {
        &[]
    }

    /// The first of each month: whatever was harvested since is known to it.
    fn refit_day(&self, day: Date) -> Date {
        day.first_of_month()
    }

    fn inputs(&self) -> &'static [&'static str] {
        &[ledger::YIELD, ledger::AREA, "rice_production_kt", drought::LEVEL, drought::DISCHARGE]
    }

    fn kind(&self) -> Kind {
        if self.0 == Measure::Loss { Kind::Event } else { Kind::Amount }
    }

    /// The 13 old provinces by season, and the merged province by season.
    fn places(&self, panel: &Panel) -> Vec<PlaceId> {
        let old = panel.places_of(ledger::YIELD);
        let old = old.filter(|p| p.kind() == calendar::OLD_PROVINCE && Season::of(p).is_some());
        old.cloned().chain(Season::ALL.into_iter().filter_map(calendar::merged)).collect()
    }

    fn issues_on(&self, known: &Known<'_>, place: &PlaceId) -> bool {
        Season::of(place).is_some_and(|season| {
            let underway = season.underway(known.today());
            underway.is_some_and(|(year, _)| Ledger::before(known, season, year).grows(place, year))
        })
    }

    /// A month's forecast stands until the next.
    fn patience_days(&self) -> i64 {
        31
    }

    fn valid_day(&self, today: i64, place: &PlaceId, horizon: u8) -> i64 {
        let Some(season) = Season::of(place) else { return today };
        season.start(Season::year_of_harvest(date_of_epoch_day(today), horizon))
    }

    fn truth(&self, panel: &Panel, place: &PlaceId, day: i64) -> Option<f64> {
        let year = Self::year_of(place, day)?;
        let history = History::truth(panel, place);
        if self.0 == Measure::Loss {
            return loss::lost(&history, year).map(|lost| f64::from(u8::from(lost)));
        }
        // The published production differs from area times yield by up to 0.5 %; ours does not.
        history.get(year).map(|harvest| harvest.amount(self.0))
    }

    fn fit(&self, panel: &Panel, cut: IssuedAt) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(FittedRice::fit(panel, cut, self.0)?))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(FittedRice::from_bytes(bytes, self.0)?))
    }
}
