//! The formulas that turn weather into evapotranspiration of a reference crop.

use super::air;

/// Millimetres of water that 1 MJ/m² evaporates (1/2.45); FAO-56 eq. 20.
pub const MM_PER_MJ: f64 = 0.408;

/// What the Penman–Monteith formula needs of one day (or one hour).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PenmanTerms {
    /// Net radiation (MJ/m²).
    pub net_radiation_mj: f64,
    /// Heat taken up by the soil (MJ/m²); 0 for a day.
    pub soil_heat_mj: f64,
    /// Mean temperature (°C).
    pub temperature_c: f64,
    /// Wind at 2 m (m/s).
    pub wind_2m_m_s: f64,
    /// Saturation less actual vapour pressure (kPa).
    pub deficit_kpa: f64,
    /// Slope of the saturation vapour pressure (kPa/°C).
    pub slope_kpa_c: f64,
    /// Psychrometric constant (kPa/°C).
    pub psychrometric_kpa_c: f64,
}

/// The two constants of the standardised formula, which hold the height and resistance of the crop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Surface {
    /// Numerator constant (K mm s³ Mg⁻¹ per day or hour).
    pub numerator: f64,
    /// Denominator constant (s/m).
    pub denominator: f64,
}

impl Surface {
    /// Grass of 0.12 m over a day: FAO-56 eq. 6 and the short crop of ASCE-EWRI 2005 table 1.
    pub const SHORT_DAY: Self = Self { numerator: 900.0, denominator: 0.34 };
    /// Alfalfa of 0.50 m over a day; ASCE-EWRI 2005 table 1.
    pub const TALL_DAY: Self = Self { numerator: 1_600.0, denominator: 0.38 };
    /// Grass of 0.12 m over an hour; FAO-56 eq. 53.
    pub const SHORT_HOUR: Self = Self { numerator: 37.0, denominator: 0.34 };
}

impl PenmanTerms {
    /// Returns the reference evapotranspiration (mm) over a surface; FAO-56 eq. 6.
    ///
    /// Not cut off at 0: condensation is negative.
    #[must_use]
    pub fn evapotranspiration_mm(&self, surface: Surface) -> f64 {
        let energy = MM_PER_MJ * self.slope_kpa_c * (self.net_radiation_mj - self.soil_heat_mj);
        let drying = self.psychrometric_kpa_c * surface.numerator / (self.temperature_c + 273.0)
            * self.wind_2m_m_s
            * self.deficit_kpa;
        let resisted = 1.0 + surface.denominator * self.wind_2m_m_s;
        (energy + drying) / (self.slope_kpa_c + self.psychrometric_kpa_c * resisted)
    }
}

/// Returns the heat that evaporates water of a temperature (°C), in MJ/kg; FAO-56 eq. 3-1 of annex 3.
#[must_use]
pub fn latent_heat_mj_kg(temperature_c: f64) -> f64 {
    2.501 - 2.361e-3 * temperature_c
}

/// Returns the reference evapotranspiration (mm/day) from temperatures (°C) and the radiation above the
/// air alone; Hargreaves, FAO-56 eq. 52.
///
/// The radiation is given as the water it evaporates (mm/day): times [`MM_PER_MJ`], or over
/// [`latent_heat_mj_kg`]. The result is too high in humid places: calibrate it against Penman–Monteith
/// before use.
#[must_use]
pub fn hargreaves_mm(tmin_c: f64, tmax_c: f64, tmean_c: f64, above_air_mm: f64) -> f64 {
    let range = (tmax_c - tmin_c).max(0.0).sqrt();
    0.0023 * (tmean_c + 17.8) * range * above_air_mm
}

/// What an hour's evapotranspiration is reckoned from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HourlyWeather {
    /// Mean temperature (°C).
    pub temperature_c: f64,
    /// Vapour pressure (kPa).
    pub vapour_kpa: f64,
    /// Wind at 2 m (m/s).
    pub wind_2m_m_s: f64,
    /// Radiation at the ground (MJ/m²).
    pub radiation_mj: f64,
    /// That radiation over the one under a clear sky; by night see
    /// [`super::radiation::net_longwave_hour_mj`].
    pub relative_shortwave: f64,
    /// Elevation (m).
    pub elevation_m: f64,
}

impl HourlyWeather {
    /// Returns the terms of the hour; by day when the sun shines on the ground.
    #[must_use]
    pub fn terms(&self) -> PenmanTerms {
        use super::radiation::{net_longwave_hour_mj, net_shortwave_mj, soil_heat_hour_mj};
        let t = self.temperature_c;
        let lost = net_longwave_hour_mj(t, self.vapour_kpa, self.relative_shortwave);
        let net_radiation_mj = net_shortwave_mj(self.radiation_mj) - lost;
        PenmanTerms {
            net_radiation_mj,
            soil_heat_mj: soil_heat_hour_mj(net_radiation_mj, self.radiation_mj > 0.0),
            temperature_c: t,
            wind_2m_m_s: self.wind_2m_m_s,
            deficit_kpa: air::saturation_kpa(t) - self.vapour_kpa,
            slope_kpa_c: air::slope_kpa_c(t),
            psychrometric_kpa_c: air::psychrometric_kpa_c(air::pressure_kpa(self.elevation_m)),
        }
    }

    /// Returns the reference evapotranspiration (mm/h) of grass; FAO-56 eq. 53.
    #[must_use]
    pub fn et0_mm(&self) -> f64 {
        self.terms().evapotranspiration_mm(Surface::SHORT_HOUR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FAO-56 example 17, Bangkok in April: 5.72 mm/day.
    #[test]
    fn bangkok_in_april_is_met() {
        let terms = PenmanTerms {
            net_radiation_mj: 14.33,
            soil_heat_mj: 0.14,
            temperature_c: 30.2,
            wind_2m_m_s: 2.0,
            deficit_kpa: 4.42 - 2.85,
            slope_kpa_c: 0.246,
            psychrometric_kpa_c: 0.0674,
        };
        assert!((terms.evapotranspiration_mm(Surface::SHORT_DAY) - 5.72).abs() < 0.05);
        assert!(terms.evapotranspiration_mm(Surface::TALL_DAY) > 5.72);
    }

    /// PyETo's check of Hargreaves: 6.1 mm/day.
    #[test]
    fn hargreaves_is_met() {
        assert!((hargreaves_mm(28.0, 38.0, 35.0, MM_PER_MJ * 38.937_15) - 6.10).abs() < 0.05);
    }
}
