//! New moons and the longitude of the sun (Meeus, Astronomical Algorithms, 2nd ed. 1998).

use crate::agronomy::lossy_f64;

/// Mean length of the synodic month (days); ch. 49.
pub(super) const MEAN_MONTH_DAYS: f64 = 29.530_588_861;
/// Julian ephemeris day of the mean new moon number 0, of January 2000; ch. 49.
const FIRST_NEW_MOON_JDE: f64 = 2_451_550.097_66;
/// Julian day of 1970-01-01 00:00 UTC.
const UNIX_EPOCH_JD: f64 = 2_440_587.5;

/// Periodic terms of a new moon: days, power of E, multiples of M, M′, F; ch. 49, table of new moon.
const NEW_MOON_TERMS: [(f64, i32, f64, f64, f64); 24] = [
    (-0.407_20, 0, 0.0, 1.0, 0.0),
    (0.172_41, 1, 1.0, 0.0, 0.0),
    (0.016_08, 0, 0.0, 2.0, 0.0),
    (0.010_39, 0, 0.0, 0.0, 2.0),
    (0.007_39, 1, -1.0, 1.0, 0.0),
    (-0.005_14, 1, 1.0, 1.0, 0.0),
    (0.002_08, 2, 2.0, 0.0, 0.0),
    (-0.001_11, 0, 0.0, 1.0, -2.0),
    (-0.000_57, 0, 0.0, 1.0, 2.0),
    (0.000_56, 1, 1.0, 2.0, 0.0),
    (-0.000_42, 0, 0.0, 3.0, 0.0),
    (0.000_42, 1, 1.0, 0.0, 2.0),
    (0.000_38, 1, 1.0, 0.0, -2.0),
    (-0.000_24, 1, -1.0, 2.0, 0.0),
    (-0.000_07, 0, 2.0, 1.0, 0.0),
    (0.000_04, 0, 0.0, 2.0, -2.0),
    (0.000_04, 0, 3.0, 0.0, 0.0),
    (0.000_03, 0, 1.0, 1.0, -2.0),
    (0.000_03, 0, 0.0, 2.0, 2.0),
    (-0.000_03, 0, 1.0, 1.0, 2.0),
    (0.000_03, 0, -1.0, 1.0, 2.0),
    (-0.000_02, 0, -1.0, 1.0, -2.0),
    (-0.000_02, 0, 1.0, 3.0, 0.0),
    (0.000_02, 0, 0.0, 4.0, 0.0),
];

/// Planetary terms of a new moon: days, angle (degrees) at k = 0 and per lunation; ch. 49.
const PLANET_TERMS: [(f64, f64, f64); 14] = [
    (0.000_325, 299.77, 0.107_408),
    (0.000_165, 251.88, 0.016_321),
    (0.000_164, 251.83, 26.651_886),
    (0.000_126, 349.42, 36.412_478),
    (0.000_110, 84.66, 18.206_239),
    (0.000_062, 141.74, 53.303_771),
    (0.000_060, 207.14, 2.453_732),
    (0.000_056, 154.84, 7.306_860),
    (0.000_047, 34.52, 27.261_239),
    (0.000_042, 207.19, 0.121_824),
    (0.000_040, 291.34, 1.844_379),
    (0.000_037, 161.72, 24.198_154),
    (0.000_035, 239.56, 25.513_099),
    (0.000_023, 331.55, 3.592_518),
];

/// Dynamical time less universal time (s) at the start of years 20 apart from 1900 to 2100.
/// Measured to 2020 (Espenak and Meeus 2006; IERS), then their forecast scaled to the slower growth
/// since: perhaps a minute wrong by 2100, which moves no lunar date but one that falls on midnight.
const DELTA_T_SECONDS: [f64; 11] =
    [-2.8, 21.2, 24.3, 33.2, 50.5, 63.8, 69.4, 77.0, 93.0, 115.0, 140.0];

/// Returns dynamical time less universal time (s) at a Unix second.
fn delta_t_seconds(unix_seconds: f64) -> f64 {
    let year = 1970.0 + unix_seconds / (365.2425 * 86_400.0);
    let position = ((year - 1900.0) / 20.0).clamp(0.0, 9.999_999);
    DELTA_T_SECONDS
        .windows(2)
        .zip(0_u8..)
        .find(|(_, k)| position < f64::from(*k) + 1.0)
        .map_or(0.0, |(knots, k)| knots[0] + (position - f64::from(k)) * (knots[1] - knots[0]))
}

/// Returns the number of the last mean new moon at or before a Unix second.
pub(super) fn mean_lunation(unix_seconds: i64) -> i64 {
    let days = lossy_f64(unix_seconds) / 86_400.0 - (FIRST_NEW_MOON_JDE - UNIX_EPOCH_JD);
    #[expect(clippy::cast_possible_truncation, reason = "lunations of any year fit 64 bits")]
    let k = (days / MEAN_MONTH_DAYS).floor() as i64;
    k
}

/// Returns the Unix second of true new moon number `k` (0 is that of 2000-01-06).
pub(super) fn new_moon_unix(k: i64) -> f64 {
    let k = lossy_f64(k);
    let t = k / 1_236.85;
    let t2 = t * t;
    let mean_jde = FIRST_NEW_MOON_JDE + MEAN_MONTH_DAYS * k + 0.000_154_37 * t2
        - 0.000_000_150 * t2 * t
        + 0.000_000_000_73 * t2 * t2;
    let eccentricity = 1.0 - 0.002_516 * t - 0.000_007_4 * t2;
    let sun = 2.5534 + 29.105_356_70 * k - 0.000_001_4 * t2;
    let moon = 201.5643 + 385.816_935_28 * k + 0.010_758_2 * t2 + 0.000_012_38 * t2 * t;
    let latitude = 160.7108 + 390.670_502_84 * k - 0.001_611_8 * t2 - 0.000_002_27 * t2 * t;
    let node = 124.7746 - 1.563_755_88 * k + 0.002_067_2 * t2;
    let periodic: f64 = NEW_MOON_TERMS
        .iter()
        .map(|&(days, power, a, b, c)| {
            let angle = a * sun + b * moon + c * latitude;
            days * eccentricity.powi(power) * angle.to_radians().sin()
        })
        .sum();
    let planets: f64 = PLANET_TERMS
        .iter()
        .map(|&(days, at_zero, per_lunation)| {
            days * (at_zero + per_lunation * k).to_radians().sin()
        })
        .sum();
    let jde = mean_jde + periodic + planets - 0.000_17 * node.to_radians().sin();
    let dynamical = (jde - UNIX_EPOCH_JD) * 86_400.0;
    dynamical - delta_t_seconds(dynamical)
}

/// Returns the apparent longitude of the sun (degrees, 0 ≤ λ < 360) at a Unix second; ch. 25.
pub(super) fn sun_longitude_deg(unix_seconds: i64) -> f64 {
    let universal = lossy_f64(unix_seconds);
    let jde = (universal + delta_t_seconds(universal)) / 86_400.0 + UNIX_EPOCH_JD;
    let t = (jde - 2_451_545.0) / 36_525.0;
    let mean = 280.466_46 + t * (36_000.769_83 + t * 0.000_303_2);
    let anomaly = (357.529_11 + t * (35_999.050_29 - t * 0.000_153_7)).to_radians();
    let centre = (1.914_602 - t * (0.004_817 + t * 0.000_014)) * anomaly.sin()
        + (0.019_993 - 0.000_101 * t) * (2.0 * anomaly).sin()
        + 0.000_289 * (3.0 * anomaly).sin();
    let node = (125.04 - 1_934.136 * t).to_radians();
    (mean + centre - 0.005_69 - 0.004_78 * node.sin()).rem_euclid(360.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_moon_of_february_1977_is_that_of_the_book() {
        // Meeus, example 49.a: k = −283, JDE 2443192.65118 (TD 1977 February 18, 3h37m42s).
        let dynamical = new_moon_unix(-283) + 48.0;
        let expected = (2_443_192.651_18 - UNIX_EPOCH_JD) * 86_400.0;
        assert!((dynamical - expected).abs() < 2.0, "{}", dynamical - expected);
    }

    #[test]
    fn sun_of_october_1992_is_that_of_the_book() {
        // Meeus, example 25.a: 1992 October 13.0 TD, apparent longitude 199.90895°.
        let longitude = sun_longitude_deg(718_934_400 - 59);
        assert!((longitude - 199.908_95).abs() < 2e-4, "{longitude}");
    }
}
