//! The targets, one file each. A new target is one file and one line in [`all`].

use jiff::civil::Date;

use super::ForecastError;
use super::gate::Verdict;
use crate::domain::time::IssuedAt;
use crate::domain::{PlaceId, Quantiles, StandIn};
use crate::features::{Known, Panel};

pub mod crop;
pub mod crop_stage;
pub mod disease_potential;
pub mod harvest_date;
pub mod irrigation_need;
pub mod planthopper;
pub mod prices;
pub mod rain;
pub mod rice;
pub mod salinity_station;
pub mod water_level;
pub mod weather;

/// Every target.
#[must_use]
pub fn all() -> [&'static dyn Target; 23] {
    [
        &salinity_station::SalinityStation,
        &water_level::WATER_LEVEL,
        &rain::RAIN_OCCURRENCE,
        &rain::RAIN_AMOUNT,
        &weather::TMAX,
        &weather::TMIN,
        &weather::HUMIDITY,
        &weather::WIND,
        &weather::WIND_MAX,
        &weather::RADIATION,
        &weather::ET0,
        &irrigation_need::IRRIGATION_NEED,
        &crop_stage::CROP_STAGE,
        &harvest_date::HARVEST_DATE,
        &disease_potential::DISEASE_POTENTIAL,
        &planthopper::Planthopper,
        &rice::RICE_YIELD,
        &rice::RICE_AREA,
        &rice::RICE_PRODUCTION,
        &rice::RICE_LOSS,
        &prices::RICE_PRICE_EXPORT,
        &prices::RICE_PRICE_WHOLESALE,
        &prices::FERTILISER_PRICE,
    ]
}

/// Returns the target of this name.
///
/// # Errors
/// [`ForecastError::UnknownTarget`] with the names that exist.
pub fn named(name: &str) -> Result<&'static dyn Target, ForecastError> {
    let found = all().into_iter().find(|t| t.name() == name);
    found.ok_or_else(|| ForecastError::UnknownTarget {
        given: name.to_owned(),
        allowed: all().map(Target::name).join(", "),
    })
}

/// Returns where the forecast of a target is looked up for a place that has none of its own; nowhere
/// for a target that does not exist.
#[must_use]
pub fn stand_ins(target: &str, place: &PlaceId) -> Vec<StandIn> {
    named(target).map(|target| target.stand_ins(place)).unwrap_or_default()
}

/// The quantiles one model gives for one horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct Issued {
    /// Steps ahead; 1 is the first not yet known.
    pub horizon: u8,
    /// Which model or baseline.
    pub model: &'static str,
    /// The forecast, in the target's unit.
    pub quantiles: Quantiles,
}

/// What quantiles are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An amount in the target's unit.
    Amount,
    /// An event: the probability, 0 to 1, stands at every level, and what happened is 0 or 1.
    Event,
}

/// What is forecast, from what, and how.
pub trait Target: Sync {
    /// Returns the name, a quantity and a kind of place.
    fn name(&self) -> &'static str;

    /// Returns the variable that tells afterwards what happened.
    fn variable(&self) -> &'static str;

    /// Returns the unit of the quantiles.
    fn unit(&self) -> &'static str;

    /// Returns the number of steps ahead.
    fn horizons(&self) -> u8;

    /// Returns the thresholds whose odds matter, in the unit.
    fn thresholds(&self) -> &'static [f64];

    /// Returns the first day the models of the season that holds `day` may not know.
    fn refit_day(&self, day: Date) -> Date;

    /// Returns the variables whose series it reads.
    fn inputs(&self) -> &'static [&'static str];

    /// Returns what the quantiles are of: an amount, or the odds of an event.
    fn kind(&self) -> Kind {
        Kind::Amount
    }

    /// Returns the places it is issued for; by default every place the variable is measured at.
    fn places(&self, panel: &Panel) -> Vec<PlaceId> {
        panel.places_of(self.variable()).cloned().collect()
    }

    /// Returns where the forecast of a place is looked up that has none of its own, the best first; by
    /// default nowhere.
    fn stand_ins(&self, _place: &PlaceId) -> Vec<StandIn> {
        Vec::new()
    }

    /// Returns the first and last day (epoch days) that a place has a record of; by default of the
    /// variable itself.
    fn span(&self, panel: &Panel, place: &PlaceId) -> Option<(i64, i64)> {
        panel.get(self.variable(), place)?.span()
    }

    /// Returns whether a forecast is issued on this morning for a place; by default whenever the
    /// day before was observed. A target of another step (a week, a month, a season) says here on
    /// which mornings, and only from what was known.
    fn issues_on(&self, known: &Known<'_>, place: &PlaceId) -> bool {
        known.series(self.variable(), place).on(known.today() - 1).is_some()
    }

    /// Returns how many days back a morning is looked for that it could be issued on, when it
    /// cannot be today: how long a forecast stands.
    fn patience_days(&self) -> i64 {
        3
    }

    /// Returns the day (epoch days; the first of a week, month or season) that `horizon` speaks of
    /// when issued on the morning of `today`; by default days, where 1 is today itself.
    fn valid_day(&self, today: i64, _place: &PlaceId, horizon: u8) -> i64 {
        today - 1 + i64::from(horizon)
    }

    /// Returns what came of it, in the unit of the quantiles (0 or 1 for an event), from the whole
    /// panel, which only a backtest may look at.
    fn truth(&self, panel: &Panel, place: &PlaceId, day: i64) -> Option<f64> {
        panel.get(self.variable(), place)?.truth(day)
    }

    /// Returns the models, fitted on what was known at `cut`.
    ///
    /// Where too little is known for a model of its own, the baselines are published.
    ///
    /// # Errors
    /// [`ForecastError::TooLittle`] when not even a baseline can be made, and errors of the models.
    fn fit(&self, panel: &Panel, cut: IssuedAt) -> Result<Box<dyn Fitted>, ForecastError>;

    /// Returns what a card compares beside the published forecast: each candidate alone, fitted on
    /// what was known at `cut`; by default none.
    ///
    /// # Errors
    /// As [`Target::fit`].
    fn candidates(
        &self,
        _panel: &Panel,
        _cut: IssuedAt,
    ) -> Result<Option<Box<dyn Alone>>, ForecastError> {
        Ok(None)
    }

    /// Returns models stored by [`Fitted::to_bytes`].
    ///
    /// # Errors
    /// [`super::learn::LearnError::Damaged`] when the bytes are of another format or damaged.
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ForecastError>;
}

/// How the names of candidates begin that a backtest runs alone.
pub const ALONE: &str = "alone.";

/// Candidates that a card compares, each on its own, without intervals.
pub trait Alone: Send + Sync {
    /// Returns horizon, name (beginning with [`ALONE`]) and point of each candidate for one place
    /// from what was known.
    ///
    /// # Errors
    /// Errors of the models.
    fn points(
        &self,
        known: &Known<'_>,
        place: &PlaceId,
    ) -> Result<Vec<(u8, &'static str, f64)>, ForecastError>;
}

/// A target's models, fitted at one moment.
pub trait Fitted: Send + Sync {
    /// Returns, horizon by horizon, whether the own model beat every baseline on the seasons held
    /// out when it was fitted; where it did not, the best baseline is published.
    fn gate(&self) -> Vec<Verdict>;

    /// Returns the forecasts for one place from what was known at the issue time, for every
    /// horizon: what is published (named [`super::gate::PUBLISHED`]) and every baseline. A place
    /// without the newest value has none.
    ///
    /// # Errors
    /// Errors of the models.
    fn issue(&self, known: &Known<'_>, place: &PlaceId) -> Result<Vec<Issued>, ForecastError>;

    /// Returns the models as bytes with a format number, to be stored; the same models give the
    /// same bytes.
    ///
    /// # Errors
    /// [`super::learn::LearnError::Damaged`] when they cannot be written.
    fn to_bytes(&self) -> Result<Vec<u8>, ForecastError>;
}
