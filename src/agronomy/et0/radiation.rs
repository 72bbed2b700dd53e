//! Radiation: what reaches the top of the air, the ground, and what the crop keeps of it.
//!
//! Equation numbers are those of FAO-56 (Allen et al. 1998, chapter 3). Daily sums are in MJ/m²,
//! latitudes in degrees (south negative), days of the year from 1 to 366.

use std::f64::consts::PI;

/// Solar constant (MJ/m² per minute); FAO-56 eq. 21.
pub const SOLAR_CONSTANT_MJ_MIN: f64 = 0.0820;
/// Stefan–Boltzmann constant (MJ/K⁴/m²/day); FAO-56 eq. 39.
pub const STEFAN_BOLTZMANN_MJ_DAY: f64 = 4.903e-9;
/// Reflected part of short-wave radiation over the reference grass; FAO-56 eq. 38.
pub const GRASS_ALBEDO: f64 = 0.23;
/// Lowest relative short-wave radiation that counts for a day's long-wave loss: ASCE-EWRI 2005 eq. 18.
/// FAO-56 names none; without it a day under heavy cloud would gain long-wave radiation.
pub const RELATIVE_SHORTWAVE_MIN: f64 = 0.3;
/// Zero of °C as FAO-56 takes it in eq. 39 (K).
const KELVIN: f64 = 273.16;

/// Shares of the radiation above the air that reach the ground on an overcast day (first) and that
/// sunshine adds (second); FAO-56 eq. 35, where no local calibration is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Angstrom {
    /// Share on an overcast day.
    pub overcast: f64,
    /// Share added by a full day of sunshine.
    pub sunshine: f64,
}

impl Default for Angstrom {
    fn default() -> Self {
        Self { overcast: 0.25, sunshine: 0.50 }
    }
}

/// Returns the angle of a day in its year (rad).
fn day_angle(day_of_year: u16) -> f64 {
    2.0 * PI * f64::from(day_of_year) / 365.0
}

/// Returns the inverse relative distance of earth and sun; eq. 23.
#[must_use]
pub fn inverse_relative_distance(day_of_year: u16) -> f64 {
    1.0 + 0.033 * day_angle(day_of_year).cos()
}

/// Returns the declination of the sun (rad); eq. 24.
#[must_use]
pub fn declination_rad(day_of_year: u16) -> f64 {
    0.409 * (day_angle(day_of_year) - 1.39).sin()
}

/// Returns the hour angle of sunset (rad) at a latitude and declination (both rad); eq. 25.
///
/// 0 where the sun does not rise and π where it does not set.
#[must_use]
pub fn sunset_hour_angle_rad(lat_rad: f64, declination_rad: f64) -> f64 {
    (-lat_rad.tan() * declination_rad.tan()).clamp(-1.0, 1.0).acos()
}

/// Returns the radiation above the air (MJ/m²/day); eq. 21.
#[must_use]
pub fn extraterrestrial_mj(lat_deg: f64, day_of_year: u16) -> f64 {
    let solar_mj_h = 60.0 * SOLAR_CONSTANT_MJ_MIN;
    extraterrestrial_with(lat_deg, day_of_year, declination_rad(day_of_year), solar_mj_h)
}

/// Returns the radiation above the air (MJ/m²/day) with another declination (rad) and solar constant
/// (MJ/m²/h).
pub(super) fn extraterrestrial_with(
    lat_deg: f64,
    day_of_year: u16,
    declination_rad: f64,
    solar_mj_h: f64,
) -> f64 {
    let lat = lat_deg.to_radians();
    let sunset = sunset_hour_angle_rad(lat, declination_rad);
    let geometry = sunset * lat.sin() * declination_rad.sin()
        + lat.cos() * declination_rad.cos() * sunset.sin();
    24.0 / PI * solar_mj_h * inverse_relative_distance(day_of_year) * geometry
}

/// Returns the radiation above the air (MJ/m²) of the hours between two solar hour angles (rad); eq. 28.
#[must_use]
pub fn extraterrestrial_between_mj(
    lat_deg: f64,
    day_of_year: u16,
    from_rad: f64,
    to_rad: f64,
) -> f64 {
    let (lat, declination) = (lat_deg.to_radians(), declination_rad(day_of_year));
    let sunset = sunset_hour_angle_rad(lat, declination);
    let (from, to) = (from_rad.clamp(-sunset, sunset), to_rad.clamp(-sunset, sunset));
    let geometry = (to - from) * lat.sin() * declination.sin()
        + lat.cos() * declination.cos() * (to.sin() - from.sin());
    12.0 * 60.0 / PI * SOLAR_CONSTANT_MJ_MIN * inverse_relative_distance(day_of_year) * geometry
}

/// Returns the solar hour angle (rad) of a clock time (h) at a longitude; eqs. 31 to 33.
///
/// Both longitudes are in degrees east: of the place, and of the middle of its time zone (105 for
/// Việt Nam).
#[must_use]
pub fn hour_angle_rad(day_of_year: u16, clock_h: f64, lon_deg: f64, zone_lon_deg: f64) -> f64 {
    let b = 2.0 * PI * (f64::from(day_of_year) - 81.0) / 364.0;
    let season = 0.1645 * (2.0 * b).sin() - 0.1255 * b.cos() - 0.025 * b.sin();
    PI / 12.0 * (clock_h + (lon_deg - zone_lon_deg) / 15.0 + season - 12.0)
}

/// Returns the hours from sunrise to sunset; eq. 34.
#[must_use]
pub fn daylight_hours(lat_deg: f64, day_of_year: u16) -> f64 {
    24.0 / PI * sunset_hour_angle_rad(lat_deg.to_radians(), declination_rad(day_of_year))
}

/// Returns the radiation at the ground from hours of sunshine, in the unit of `above_air`; eq. 35.
#[must_use]
pub fn from_sunshine_mj(sunshine_h: f64, daylight_h: f64, above_air: f64, by: Angstrom) -> f64 {
    let share = if daylight_h > 0.0 { (sunshine_h / daylight_h).min(1.0) } else { 0.0 };
    (by.overcast + by.sunshine * share) * above_air
}

/// Returns the radiation at the ground from the range of temperature, in the unit of `above_air`;
/// eq. 50.
///
/// The coefficient is about 0.16 inland and 0.19 by the sea ([`super::Coast`]).
#[must_use]
pub fn from_temperature_range_mj(
    tmin_c: f64,
    tmax_c: f64,
    above_air: f64,
    coefficient: f64,
) -> f64 {
    coefficient * (tmax_c - tmin_c).max(0.0).sqrt() * above_air
}

/// Returns the radiation at the ground under a clear sky, in the unit of `above_air`; eq. 37.
#[must_use]
pub fn clear_sky_mj(elevation_m: f64, above_air: f64) -> f64 {
    (0.75 + 2e-5 * elevation_m) * above_air
}

/// Returns the radiation at the ground under a clear sky, in the unit of `above_air`, from vapour and
/// the height of the sun; ASCE-EWRI 2005, appendix D, for clean air.
#[must_use]
pub fn clear_sky_by_vapour_mj(
    lat_deg: f64,
    day_of_year: u16,
    pressure_kpa: f64,
    vapour_kpa: f64,
    above_air: f64,
) -> f64 {
    let lat = lat_deg.to_radians();
    let height = 0.85 + 0.3 * lat * (day_angle(day_of_year) - 1.39).sin() - 0.42 * lat.powi(2);
    let sine = height.sin().max(0.1);
    let water_mm = 0.14 * vapour_kpa * pressure_kpa + 2.1;
    let beam = -0.001_46 * pressure_kpa / sine - 0.075 * (water_mm / sine).powf(0.4);
    let beam = 0.98 * beam.exp();
    let diffuse = (0.35 - 0.36 * beam).min(0.18 + 0.82 * beam);
    (beam + diffuse) * above_air
}

/// Returns the short-wave radiation that grass keeps, in the unit given; eq. 38.
#[must_use]
pub fn net_shortwave_mj(at_ground: f64) -> f64 {
    (1.0 - GRASS_ALBEDO) * at_ground
}

/// Returns the long-wave radiation that a day loses (MJ/m²); eq. 39.
///
/// `relative_shortwave` is the radiation at the ground over that under a clear sky; above 1 it counts
/// as 1.
#[must_use]
pub fn net_longwave_mj(tmin_c: f64, tmax_c: f64, vapour_kpa: f64, relative_shortwave: f64) -> f64 {
    let emitted = f64::midpoint((tmax_c + KELVIN).powi(4), (tmin_c + KELVIN).powi(4));
    longwave(STEFAN_BOLTZMANN_MJ_DAY * emitted, vapour_kpa, relative_shortwave)
}

/// Returns the long-wave radiation that an hour loses (MJ/m²); eq. 39 with a 24th of the constant.
///
/// For the night `relative_shortwave` is that of the hours before sunset, or 0.4 to 0.6 in humid and
/// 0.7 to 0.8 in dry places (FAO-56 page 75).
#[must_use]
pub fn net_longwave_hour_mj(temperature_c: f64, vapour_kpa: f64, relative_shortwave: f64) -> f64 {
    let emitted = STEFAN_BOLTZMANN_MJ_DAY / 24.0 * (temperature_c + KELVIN).powi(4);
    longwave(emitted, vapour_kpa, relative_shortwave)
}

fn longwave(emitted_mj: f64, vapour_kpa: f64, relative_shortwave: f64) -> f64 {
    let vapour = 0.34 - 0.14 * vapour_kpa.max(0.0).sqrt();
    emitted_mj * vapour * (1.35 * relative_shortwave.min(1.0) - 0.35)
}

/// Returns the heat that the soil takes up in a month (MJ/m²/day) from the mean temperatures of the
/// months before and after; eq. 43.
#[must_use]
pub fn soil_heat_between_mj(month_before_c: f64, month_after_c: f64) -> f64 {
    0.07 * (month_after_c - month_before_c)
}

/// Returns the heat that the soil takes up in a month (MJ/m²/day) when only the month before is known;
/// eq. 44.
#[must_use]
pub fn soil_heat_since_mj(month_before_c: f64, month_c: f64) -> f64 {
    0.14 * (month_c - month_before_c)
}

/// Returns the heat that the soil takes up in an hour, in the unit given; eqs. 45 and 46.
#[must_use]
pub fn soil_heat_hour_mj(net_radiation: f64, by_day: bool) -> f64 {
    net_radiation * if by_day { 0.1 } else { 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FAO-56 examples 8, 9, 10, 11, 13 and 15.
    #[test]
    fn printed_examples_of_the_paper_are_met() {
        assert!((inverse_relative_distance(246) - 0.985).abs() < 0.0005);
        assert!((declination_rad(246) - 0.120).abs() < 0.0005);
        assert!((extraterrestrial_mj(-20.0, 246) - 32.2).abs() < 0.05);
        assert!((daylight_hours(-20.0, 246) - 11.7).abs() < 0.05);
        assert!((from_sunshine_mj(7.1, 10.9, 25.1, Angstrom::default()) - 14.45).abs() < 0.05);
        assert!((net_longwave_mj(19.1, 25.1, 2.1, 14.5 / 18.8) - 3.5).abs() < 0.05);
        assert!((soil_heat_between_mj(14.1, 18.8) - 0.33).abs() < 0.005);
        assert!((from_temperature_range_mj(14.8, 26.6, 40.6, 0.16) - 22.3).abs() < 0.05);
    }

    #[test]
    fn polar_night_has_no_daylight_and_polar_day_has_no_night() {
        assert!(daylight_hours(80.0, 355).abs() < 1e-12);
        assert!((daylight_hours(80.0, 172) - 24.0).abs() < 1e-12);
        assert!(extraterrestrial_mj(80.0, 355).abs() < 1e-9);
    }

    #[test]
    fn hours_of_a_day_add_up_to_the_day() {
        let step = PI / 12.0;
        let sum: f64 = (0..24)
            .map(|hour| f64::from(hour) * step - PI)
            .map(|from| extraterrestrial_between_mj(10.25, 100, from, from + step))
            .sum();
        assert!((sum - extraterrestrial_mj(10.25, 100)).abs() < 1e-9);
    }
}
