//! Reference evapotranspiration of a day by FAO-56 Penman–Monteith, with the paper's own ways of
//! filling what was not measured.
//!
//! [`DailyWeather`] says how each quantity is known (a dew point, a pair of humidities, hours of
//! sunshine, nothing at all); [`DailyWeather::reference`] returns ET0 with the terms it was made of and
//! the list of what was assumed. The formulas themselves are public in [`air`], [`radiation`] and
//! [`penman`]; [`asce`] is the variant of North America and of the program REF-ET.

pub mod air;
pub mod asce;
pub mod penman;
pub mod radiation;
mod weather;

pub use weather::{Coast, DailyWeather, Humidity, Sun, WIND_UNKNOWN_M_S, Wind};

use penman::{PenmanTerms, Surface};
use serde::{Deserialize, Serialize};

use super::AgronomyError;
use super::error::checked;

/// Where a day is reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Latitude (degrees, south negative).
    pub lat_deg: f64,
    /// Elevation (m above the sea).
    pub elevation_m: f64,
}

/// A quantity that was assumed rather than measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assumed {
    /// Dew point taken as the lowest temperature.
    Humidity,
    /// Wind taken as 2 m/s.
    Wind,
    /// Radiation taken from the range of temperature.
    Radiation,
}

/// Reference evapotranspiration of a day and what it was made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Reference evapotranspiration of grass (mm/day), never below 0.
    pub et0_mm: f64,
    /// Radiation above the air (MJ/m²/day).
    pub above_air_mj: f64,
    /// Radiation at the ground (MJ/m²/day).
    pub radiation_mj: f64,
    /// Radiation at the ground under a clear sky (MJ/m²/day).
    pub clear_sky_mj: f64,
    /// Vapour pressure (kPa).
    pub vapour_kpa: f64,
    /// The terms of the formula.
    pub terms: PenmanTerms,
    /// What was assumed.
    pub assumed: Vec<Assumed>,
}

impl DailyWeather {
    /// Returns the reference evapotranspiration of the day.
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] names the first value that is not finite or cannot be:
    /// temperatures outside −60..=60 °C or the lowest above the highest, humidity outside 0..=100 %,
    /// wind outside 0..=100 m/s or measured below 0.5 m, radiation outside 0..=50 MJ/m², sunshine
    /// outside 0..=24 h, latitude outside ±90°, elevation outside −500..=9,000 m, day outside 1..=366.
    pub fn reference(&self, site: Site) -> Result<Reference, AgronomyError> {
        self.reference_with_floor(site, radiation::RELATIVE_SHORTWAVE_MIN)
    }

    /// Returns the reference evapotranspiration of the day with another lowest relative short-wave
    /// radiation: 0 is FAO-56 as printed in 1998, which gains long-wave radiation under heavy cloud.
    ///
    /// # Errors
    /// As [`Self::reference`], and when the floor does not lie in 0..=1.
    pub fn reference_with_floor(
        &self,
        site: Site,
        relative_shortwave_min: f64,
    ) -> Result<Reference, AgronomyError> {
        self.check(site)?;
        let floor = relative_shortwave_min;
        checked("lowest relative short-wave radiation", floor, 0.0..=1.0, "0 to 1")?;
        let (tmin, tmax) = (self.tmin_c, self.tmax_c);
        let above_air_mj = radiation::extraterrestrial_mj(site.lat_deg, self.day_of_year);
        let clear_sky_mj = radiation::clear_sky_mj(site.elevation_m, above_air_mj);
        let radiation_mj = self.radiation_mj(site, above_air_mj, clear_sky_mj);
        let vapour_kpa = self.vapour_kpa();
        // In the polar night nothing says how clouded the sky is: the middle of FAO-56's 0.4 to 0.6.
        let relative = if clear_sky_mj > 0.0 { radiation_mj / clear_sky_mj } else { 0.5 };
        let relative = relative.max(floor);
        let lost = radiation::net_longwave_mj(tmin, tmax, vapour_kpa, relative);
        let temperature_c = f64::midpoint(tmin, tmax);
        let terms = PenmanTerms {
            net_radiation_mj: radiation::net_shortwave_mj(radiation_mj) - lost,
            soil_heat_mj: 0.0,
            temperature_c,
            wind_2m_m_s: self.wind_2m_m_s(),
            deficit_kpa: air::mean_saturation_kpa(tmin, tmax) - vapour_kpa,
            slope_kpa_c: air::slope_kpa_c(temperature_c),
            psychrometric_kpa_c: air::psychrometric_kpa_c(air::pressure_kpa(site.elevation_m)),
        };
        let et0_mm = terms.evapotranspiration_mm(Surface::SHORT_DAY).max(0.0);
        let assumed = self.assumed();
        Ok(Reference {
            et0_mm,
            above_air_mj,
            radiation_mj,
            clear_sky_mj,
            vapour_kpa,
            terms,
            assumed,
        })
    }

    fn assumed(&self) -> Vec<Assumed> {
        [
            (self.humidity == Humidity::Unknown, Assumed::Humidity),
            (self.wind == Wind::Unknown, Assumed::Wind),
            (matches!(self.sun, Sun::Unknown(_)), Assumed::Radiation),
        ]
        .into_iter()
        .filter_map(|(is, what)| is.then_some(what))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UCCLE: Site = Site { lat_deg: 50.8, elevation_m: 100.0 };

    /// FAO-56 example 18: Uccle, 6 July, 3.9 mm/day.
    fn uccle() -> DailyWeather {
        DailyWeather {
            day_of_year: 187,
            tmin_c: 12.3,
            tmax_c: 21.5,
            humidity: Humidity::ExtremesPct { rhmin: 63.0, rhmax: 84.0 },
            wind: Wind::Measured { speed_m_s: 2.78, height_m: 10.0 },
            sun: Sun::SunshineHours(9.25),
        }
    }

    #[test]
    fn uccle_on_the_sixth_of_july_is_met() {
        let day = uccle().reference(UCCLE).expect("a plain day");
        assert!((day.et0_mm - 3.88).abs() < 0.005, "{day:?}");
        assert!((day.radiation_mj - 22.07).abs() < 0.005);
        assert!(day.assumed.is_empty());
    }

    #[test]
    fn what_is_assumed_is_said() {
        let mut day = uccle();
        day.humidity = Humidity::Unknown;
        day.wind = Wind::Unknown;
        day.sun = Sun::Unknown(Coast::Inland);
        let reference = day.reference(UCCLE).expect("temperatures suffice");
        assert_eq!(reference.assumed, [Assumed::Humidity, Assumed::Wind, Assumed::Radiation]);
        assert!((1.0..7.0).contains(&reference.et0_mm));
        assert!(reference.radiation_mj <= reference.clear_sky_mj);
    }

    #[test]
    fn impossible_weather_is_refused_with_its_name() {
        let broken: [fn(&mut DailyWeather); 6] = [
            |d| d.tmin_c = 30.0,
            |d| d.tmax_c = f64::NAN,
            |d| d.humidity = Humidity::MeanPct(101.0),
            |d| d.sun = Sun::RadiationMj(-999.0),
            |d| d.wind = Wind::Measured { speed_m_s: 2.0, height_m: 0.05 },
            |d| d.day_of_year = 0,
        ];
        for spoil in broken {
            let mut day = uccle();
            spoil(&mut day);
            assert!(
                matches!(day.reference(UCCLE), Err(AgronomyError::OutOfRange { .. })),
                "{day:?}"
            );
        }
    }
}
