//! Daily weather, 1 to 14 days ahead: highest and lowest temperature, humidity, wind, radiation and
//! reference evapotranspiration.
//!
//! No archived weather forecast of the region is known, so these are statistical: from the last days
//! and weeks of the place, its neighbours and its other quantities ([`air`]), and the season. They are
//! what an outside forecast must beat, and what stands in where none came.
//!
//! Two products tell of the same quantities, and neither is measured: a weather model's at cities
//! (2009-2018, known the next morning) and a reanalysis of provinces (2025 on, known after five days).
//! They differ by up to 2 °C, so each has its own models. But how a departure fades is the air's and
//! not the product's: the years of the cities teach the provinces' young record that, by departures
//! alone, and the usual year of its own product tells it what season comes ([`usual`]).
//!
//! A commune has no forecast of its own but is told where to look it up ([`communes`]), unless an
//! outside forecast speaks of it and has proved itself (`pipeline::guided`).

use jiff::civil::Date;

use super::{Fitted, Target};
use crate::domain::time::IssuedAt;
use crate::domain::{PlaceId, StandIn};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::recipe::Daily;

mod air;
mod columns;
mod communes;
mod fitted;
mod kind;
mod shift;
#[cfg(test)]
mod tests;
mod usual;

use air::Air;
use kind::Kind;

/// Days ahead.
const HORIZONS: u8 = 14;

/// From this day on the provinces' record is learned from, again each month; it has no second year.
const PROVINCES_FROM: Date = Date::constant(2025, 7, 1);

/// Highest temperature of the day (°C).
pub static TMAX: Weather = Weather::new(Kind::HighestTemperature);
/// Lowest temperature of the day (°C).
pub static TMIN: Weather = Weather::new(Kind::LowestTemperature);
/// Mean relative humidity of the day (%).
pub static HUMIDITY: Weather = Weather::new(Kind::Humidity);
/// Mean wind of the day (m/s), which only the cities' product has.
pub static WIND: Weather = Weather::new(Kind::MeanWind);
/// Highest hourly wind of the day (m/s), which only the provinces' product has.
pub static WIND_MAX: Weather = Weather::new(Kind::HighestWind);
/// Solar radiation of the day (MJ/m²).
pub static RADIATION: Weather = Weather::new(Kind::Radiation);
/// Reference evapotranspiration of the day by FAO-56 (mm), as the provinces' product gives it.
pub static ET0: Weather = Weather::new(Kind::Evapotranspiration);

/// Every quantity.
pub static ALL: [&Weather; 7] = [&TMAX, &TMIN, &HUMIDITY, &WIND, &WIND_MAX, &RADIATION, &ET0];

/// A quantity of the daily weather at cities and provinces.
#[derive(Debug)]
pub struct Weather {
    kind: Kind,
    cities: Daily<Air>,
    provinces: Daily<Air>,
}

impl Weather {
    const fn new(kind: Kind) -> Self {
        let [cities, provinces] = [Air::cities(kind), Air::provinces(kind)];
        Self { kind, cities: Daily::new(cities), provinces: Daily::new(provinces) }
    }

    /// Returns the least and the greatest value there can be.
    #[must_use]
    pub const fn range(&self) -> (f64, f64) {
        self.kind.range()
    }

    /// Returns the engines, the cities' first.
    const fn engines(&self) -> [&Daily<Air>; 2] {
        [&self.cities, &self.provinces]
    }

    /// Returns the engine of a place.
    fn engine(&self, place: &PlaceId) -> Option<&Daily<Air>> {
        self.engines().into_iter().find(|engine| engine.recipe().holds(place))
    }
}

impl Target for Weather {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn variable(&self) -> &'static str {
        self.kind.variable()
    }

    fn unit(&self) -> &'static str {
        self.kind.unit()
    }

    fn horizons(&self) -> u8 {
        HORIZONS
    }

    fn thresholds(&self) -> &'static [f64] {
        self.kind.thresholds()
    }

    /// 1 January; since the provinces' record began, the first of each month.
    fn refit_day(&self, day: Date) -> Date {
        let month = if day < PROVINCES_FROM { 1 } else { day.month() };
        Date::constant(day.year(), month, 1)
    }

    fn inputs(&self) -> &'static [&'static str] {
        &air::INPUTS
    }

    fn places(&self, panel: &Panel) -> Vec<PlaceId> {
        let all = panel.places_of(self.variable());
        all.filter(|place| self.engine(place).is_some()).cloned().collect()
    }

    fn stand_ins(&self, place: &PlaceId) -> Vec<StandIn> {
        communes::stand_ins(self.kind, place)
    }

    /// When the newest value that a product has by then is known.
    fn issues_on(&self, known: &Known<'_>, place: &PlaceId) -> bool {
        let late = self.engine(place).map_or(0, |engine| engine.recipe().late_days());
        known.series(self.variable(), place).on(known.today() - 1 - late).is_some()
    }

    fn fit(&self, panel: &Panel, cut: IssuedAt) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(fitted::FittedWeather::fit(self, panel, cut)?))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(fitted::FittedWeather::from_bytes(self, bytes)?))
    }
}
