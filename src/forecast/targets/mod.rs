//! The targets, one file each. A new target is one file and one line in [`all`].

use jiff::civil::Date;

use super::ForecastError;
use super::gate::Verdict;
use crate::domain::time::IssuedAt;
use crate::domain::{PlaceId, Quantiles};
use crate::features::{Known, Panel};

pub mod salinity_station;

/// Every target.
#[must_use]
pub fn all() -> [&'static dyn Target; 1] {
    [&salinity_station::SalinityStation]
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

    /// Returns the models, fitted on what was known at `cut`.
    ///
    /// # Errors
    /// [`ForecastError::TooLittle`] and errors of the models.
    fn fit(&self, panel: &Panel, cut: IssuedAt) -> Result<Box<dyn Fitted>, ForecastError>;
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
}
