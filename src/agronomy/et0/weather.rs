//! A day's weather and how each quantity of it is known.

use super::radiation::Angstrom;
use super::{Site, air, radiation};
use crate::agronomy::AgronomyError;
use crate::agronomy::error::checked;

/// Wind at 2 m (m/s) where none is known: the mean of 2,000 stations; FAO-56 page 63.
pub const WIND_UNKNOWN_M_S: f64 = 2.0;

/// How the moisture of the air is known, from the surest way to the least; FAO-56 page 36.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Humidity {
    /// Vapour pressure (kPa).
    VapourKpa(f64),
    /// Dew point (°C).
    DewPointC(f64),
    /// Lowest and highest relative humidity (%).
    ExtremesPct {
        /// Lowest of the day.
        rhmin: f64,
        /// Highest of the day.
        rhmax: f64,
    },
    /// Highest relative humidity (%), where the lowest is unsure.
    MaximumPct(f64),
    /// Mean relative humidity (%).
    MeanPct(f64),
    /// Unknown: the dew point is taken as the lowest temperature, which holds in humid places; eq. 48.
    Unknown,
}

/// Whether the sea tempers the place; FAO-56 eq. 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coast {
    /// Land masses dominate.
    Inland,
    /// On or near the coast of a large land mass, where air comes from the sea.
    Coastal,
}

impl Coast {
    /// Returns the coefficient of the temperature range (1/√°C).
    #[must_use]
    pub const fn coefficient(self) -> f64 {
        match self {
            Self::Inland => 0.16,
            Self::Coastal => 0.19,
        }
    }
}

/// How the radiation of the day is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sun {
    /// Radiation at the ground (MJ/m²).
    RadiationMj(f64),
    /// Hours of bright sunshine.
    SunshineHours(f64),
    /// Unknown: from the range of temperature; eq. 50.
    Unknown(Coast),
}

/// How the wind is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wind {
    /// Mean speed (m/s) at a height (m).
    Measured {
        /// Speed (m/s).
        speed_m_s: f64,
        /// Height of the anemometer (m).
        height_m: f64,
    },
    /// Unknown: 2 m/s.
    Unknown,
}

/// A day's weather, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DailyWeather {
    /// Day of the year, 1 to 366.
    pub day_of_year: u16,
    /// Lowest temperature (°C).
    pub tmin_c: f64,
    /// Highest temperature (°C).
    pub tmax_c: f64,
    /// Moisture of the air.
    pub humidity: Humidity,
    /// Wind.
    pub wind: Wind,
    /// Radiation.
    pub sun: Sun,
}

impl DailyWeather {
    /// Returns nothing if every value can be.
    pub(super) fn check(&self, site: Site) -> Result<(), AgronomyError> {
        let temperatures = -60.0..=60.0;
        checked("latitude (degrees)", site.lat_deg, -90.0..=90.0, "-90 to 90")?;
        checked("elevation (m)", site.elevation_m, -500.0..=9_000.0, "-500 to 9000")?;
        checked("day of the year", f64::from(self.day_of_year), 1.0..=366.0, "1 to 366")?;
        checked("highest temperature (°C)", self.tmax_c, temperatures, "-60 to 60")?;
        let lowest = -60.0..=self.tmax_c;
        checked("lowest temperature (°C)", self.tmin_c, lowest, "-60 to the highest of the day")?;
        match self.sun {
            Sun::RadiationMj(mj) => checked("radiation (MJ/m²/day)", mj, 0.0..=50.0, "0 to 50")?,
            Sun::SunshineHours(h) => checked("sunshine (h)", h, 0.0..=24.0, "0 to 24")?,
            Sun::Unknown(_) => 0.0,
        };
        if let Wind::Measured { speed_m_s, height_m } = self.wind {
            checked("wind (m/s)", speed_m_s, 0.0..=100.0, "0 to 100")?;
            checked("height of the anemometer (m)", height_m, 0.5..=200.0, "0.5 to 200")?;
        }
        self.check_humidity()
    }

    fn check_humidity(&self) -> Result<(), AgronomyError> {
        let percent = |value: f64| checked("relative humidity (%)", value, 0.0..=100.0, "0 to 100");
        match self.humidity {
            Humidity::VapourKpa(kpa) => {
                checked("vapour pressure (kPa)", kpa, 0.0..=10.0, "0 to 10")?;
            }
            Humidity::DewPointC(c) => {
                checked("dew point (°C)", c, -80.0..=50.0, "-80 to 50")?;
            }
            Humidity::ExtremesPct { rhmin, rhmax } => {
                percent(rhmax)?;
                let lowest = 0.0..=rhmax;
                checked("lowest relative humidity (%)", rhmin, lowest, "0 to the highest")?;
            }
            Humidity::MaximumPct(value) | Humidity::MeanPct(value) => {
                percent(value)?;
            }
            Humidity::Unknown => {}
        }
        Ok(())
    }

    /// Returns the vapour pressure (kPa) of the day.
    #[must_use]
    pub fn vapour_kpa(&self) -> f64 {
        let (tmin, tmax) = (self.tmin_c, self.tmax_c);
        match self.humidity {
            Humidity::VapourKpa(kpa) => kpa,
            Humidity::DewPointC(c) => air::saturation_kpa(c),
            Humidity::ExtremesPct { rhmin, rhmax } => {
                air::vapour_from_extremes_kpa(tmin, tmax, rhmin, rhmax)
            }
            Humidity::MaximumPct(rhmax) => air::vapour_from_maximum_kpa(tmin, rhmax),
            Humidity::MeanPct(rhmean) => air::vapour_from_mean_kpa(tmin, tmax, rhmean),
            Humidity::Unknown => air::saturation_kpa(tmin),
        }
    }

    /// Returns the wind (m/s) at 2 m.
    pub(super) fn wind_2m_m_s(&self) -> f64 {
        match self.wind {
            // Equation 47 gives 1.00007 at 2 m, where there is nothing to convert.
            Wind::Measured { speed_m_s, height_m: 2.0 } => speed_m_s,
            Wind::Measured { speed_m_s, height_m } => air::wind_at_2m_m_s(speed_m_s, height_m),
            Wind::Unknown => WIND_UNKNOWN_M_S,
        }
    }

    /// Returns the radiation at the ground (MJ/m²).
    pub(super) fn radiation_mj(&self, site: Site, above_air_mj: f64, clear_sky_mj: f64) -> f64 {
        match self.sun {
            Sun::RadiationMj(mj) => mj,
            Sun::SunshineHours(hours) => {
                let daylight = radiation::daylight_hours(site.lat_deg, self.day_of_year);
                radiation::from_sunshine_mj(hours, daylight, above_air_mj, Angstrom::default())
            }
            Sun::Unknown(coast) => radiation::from_temperature_range_mj(
                self.tmin_c,
                self.tmax_c,
                above_air_mj,
                coast.coefficient(),
            )
            .min(clear_sky_mj),
        }
    }
}
