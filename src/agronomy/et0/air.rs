//! Air: pressure, vapour pressure, humidity, and wind brought to 2 m.
//!
//! Equation numbers are those of FAO Irrigation and Drainage Paper 56 (Allen et al. 1998, chapter 3).
//! Temperatures are in °C, vapour pressures in kPa, humidities in %. Nothing is checked here: a value
//! that is not finite gives one that is not finite.

/// Coefficient and temperature (°C) of the Magnus formula by which relative humidity is taken from a
/// dew point; Alduchov and Eskridge 1996, doi
/// `10.1175/1520-0450(1996)035<0601:IMFAOS>2.0.CO;2`.
const MAGNUS: (f64, f64) = (17.625, 243.04);

/// How the bulbs of a psychrometer are ventilated; eq. 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ventilation {
    /// Forced to some 5 m/s (Assmann).
    Forced,
    /// Natural, about 1 m/s.
    Natural,
    /// Indoors, still air.
    Indoor,
}

impl Ventilation {
    /// Returns the coefficient of the instrument (per °C).
    #[must_use]
    pub const fn coefficient_per_c(self) -> f64 {
        match self {
            Self::Forced => 0.000_662,
            Self::Natural => 0.000_800,
            Self::Indoor => 0.001_200,
        }
    }
}

/// Returns the mean air pressure (kPa) at an elevation (m); eq. 7.
#[must_use]
pub fn pressure_kpa(elevation_m: f64) -> f64 {
    101.3 * ((293.0 - 0.0065 * elevation_m) / 293.0).powf(5.26)
}

/// Returns the psychrometric constant (kPa/°C) at an air pressure (kPa); eq. 8.
#[must_use]
pub fn psychrometric_kpa_c(pressure_kpa: f64) -> f64 {
    0.665e-3 * pressure_kpa
}

/// Returns the saturation vapour pressure (kPa) at a temperature (°C); eq. 11, and of a dew point eq. 14.
#[must_use]
pub fn saturation_kpa(temperature_c: f64) -> f64 {
    0.6108 * (17.27 * temperature_c / (temperature_c + 237.3)).exp()
}

/// Returns the mean saturation vapour pressure (kPa) of a day; eq. 12.
#[must_use]
pub fn mean_saturation_kpa(tmin_c: f64, tmax_c: f64) -> f64 {
    f64::midpoint(saturation_kpa(tmin_c), saturation_kpa(tmax_c))
}

/// Returns the slope of the saturation vapour pressure (kPa/°C) at a temperature (°C); eq. 13.
#[must_use]
pub fn slope_kpa_c(temperature_c: f64) -> f64 {
    4098.0 * saturation_kpa(temperature_c) / (temperature_c + 237.3).powi(2)
}

/// Returns the vapour pressure (kPa) from the highest and lowest humidity (%) of a day; eq. 17.
#[must_use]
pub fn vapour_from_extremes_kpa(tmin_c: f64, tmax_c: f64, rhmin_pct: f64, rhmax_pct: f64) -> f64 {
    (saturation_kpa(tmin_c) * rhmax_pct + saturation_kpa(tmax_c) * rhmin_pct) / 200.0
}

/// Returns the vapour pressure (kPa) from the highest humidity (%) alone; eq. 18.
#[must_use]
pub fn vapour_from_maximum_kpa(tmin_c: f64, rhmax_pct: f64) -> f64 {
    saturation_kpa(tmin_c) * rhmax_pct / 100.0
}

/// Returns the vapour pressure (kPa) from the mean humidity (%) of a day; eq. 19, the least sure way.
#[must_use]
pub fn vapour_from_mean_kpa(tmin_c: f64, tmax_c: f64, rhmean_pct: f64) -> f64 {
    mean_saturation_kpa(tmin_c, tmax_c) * rhmean_pct / 100.0
}

/// Returns the vapour pressure (kPa) from a dry and a wet bulb (°C) at a pressure (kPa); eq. 15.
#[must_use]
pub fn vapour_from_bulbs_kpa(dry_c: f64, wet_c: f64, pressure_kpa: f64, by: Ventilation) -> f64 {
    saturation_kpa(wet_c) - by.coefficient_per_c() * pressure_kpa * (dry_c - wet_c)
}

/// Returns the dew point (°C) of a vapour pressure (kPa); eq. 14 turned round.
#[must_use]
pub fn dew_point_c(vapour_kpa: f64) -> f64 {
    let log = (vapour_kpa / 0.6108).ln();
    237.3 * log / (17.27 - log)
}

/// Returns the vapour pressure deficit (kPa) of air at a temperature and dew point (°C), never below 0.
#[must_use]
pub fn deficit_kpa(temperature_c: f64, dew_point_c: f64) -> f64 {
    (saturation_kpa(temperature_c) - saturation_kpa(dew_point_c)).max(0.0)
}

/// Returns the relative humidity (%) of air at a temperature and dew point (°C), at most 100; Magnus
/// with the constants of Alduchov and Eskridge 1996 (as the weather services do, not FAO-56).
#[must_use]
pub fn relative_humidity_pct(temperature_c: f64, dew_point_c: f64) -> f64 {
    let (b, c) = MAGNUS;
    let exponent = |t: f64| b * t / (c + t);
    (100.0 * (exponent(dew_point_c) - exponent(temperature_c)).exp()).min(100.0)
}

/// Returns the wet bulb (°C) of air at sea level from its temperature (°C) and humidity (%), never above
/// the temperature; Stull 2011, doi 10.1175/JAMC-D-11-0143.1 (5 to 99 %, −20 to 50 °C, ±1 °C).
#[must_use]
pub fn wet_bulb_c(temperature_c: f64, humidity_pct: f64) -> f64 {
    let (t, rh) = (temperature_c, humidity_pct);
    let wet = t * (0.151_977 * (rh + 8.313_659).sqrt()).atan() + (t + rh).atan()
        - (rh - 1.676_331).atan()
        + 0.003_918_38 * rh.powf(1.5) * (0.023_101 * rh).atan()
        - 4.686_035;
    wet.min(t)
}

/// Returns the wind (m/s) at 2 m from that at a height (m) over grass; eq. 47.
#[must_use]
pub fn wind_at_2m_m_s(speed_m_s: f64, height_m: f64) -> f64 {
    speed_m_s * 4.87 / (67.8 * height_m - 5.42).ln()
}

/// Returns the direction (degrees, 0 exclusive to 360 inclusive) the wind comes from, from its parts
/// towards the east and the north (m/s).
#[must_use]
pub fn wind_from_deg(east_m_s: f64, north_m_s: f64) -> f64 {
    let towards = east_m_s.atan2(north_m_s).to_degrees() + 180.0;
    if towards <= 0.0 { towards + 360.0 } else { towards }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dew_point_is_the_inverse_of_saturation() {
        for t in [-10.0, 0.0, 13.8, 25.0, 40.0] {
            assert!((dew_point_c(saturation_kpa(t)) - t).abs() < 1e-9);
        }
    }

    /// FAO-56 examples 2, 3, 4, 5 and 14.
    #[test]
    fn printed_examples_of_the_paper_are_met() {
        assert!((pressure_kpa(1_800.0) - 81.8).abs() < 0.05);
        assert!((psychrometric_kpa_c(81.8) - 0.054).abs() < 0.0005);
        assert!((mean_saturation_kpa(15.0, 24.5) - 2.39).abs() < 0.005);
        let bulbs = vapour_from_bulbs_kpa(25.6, 19.5, 87.9, Ventilation::Forced);
        assert!((bulbs - 1.91).abs() < 0.005);
        assert!((vapour_from_extremes_kpa(18.0, 25.0, 54.0, 82.0) - 1.70).abs() < 0.005);
        assert!((wind_at_2m_m_s(3.2, 10.0) - 2.4).abs() < 0.05);
    }

    #[test]
    fn wind_comes_from_where_it_blows_from() {
        for (east, north, from) in [(-4.0, 0.0, 90.0), (4.0, 0.0, 270.0), (0.0, -4.0, 360.0)] {
            assert!((wind_from_deg(east, north) - from).abs() < 1e-9, "{east} {north}");
        }
        assert!((wind_from_deg(0.0, 4.0) - 180.0).abs() < 1e-9);
    }
}
