//! Mean longitudes of moon and sun: the six arguments of every tidal constituent.

use crate::agronomy::lossy_f64;

/// Unix second of the epoch J2000 (2000-01-01 12:00), read as UT: the difference to dynamical time
/// (about 1 minute) moves the moon by 0.01°, far below what a tide feels.
const J2000_UNIX_SECONDS: i64 = 946_728_000;
/// Length of a Julian century (s).
const CENTURY_SECONDS: f64 = 36_525.0 * 86_400.0;

/// Coefficients (degrees; powers of Julian centuries) of the mean longitude of the moon, s.
/// Meeus, Astronomical Algorithms, 2nd ed. 1998, ch. 47 (after Chapront), without the fourth power.
const MOON_DEG: [f64; 4] = [218.316_447_7, 481_267.881_234_21, -0.001_578_6, 1.0 / 538_841.0];
/// Mean longitude of the sun, h; Meeus, ch. 25.
const SUN_DEG: [f64; 4] = [280.466_46, 36_000.769_83, 0.000_303_2, 0.0];
/// Longitude of the lunar perigee, p; Meeus, ch. 50.
const LUNAR_PERIGEE_DEG: [f64; 4] = [83.353_246_5, 4_069.013_728_7, -0.010_32, -1.0 / 80_053.0];
/// Longitude of the moon's ascending node, N; Meeus, ch. 47.
const LUNAR_NODE_DEG: [f64; 4] = [125.044_547_9, -1_934.136_289_1, 0.002_075_4, 1.0 / 467_441.0];
/// Longitude of the solar perigee, p′; Meeus, ch. 25 (mean longitude less mean anomaly).
const SOLAR_PERIGEE_DEG: [f64; 4] = [282.937_35, 1.719_46, 0.000_456_9, 0.0];

/// Number of astronomical arguments of a constituent.
pub(super) const ARGUMENTS: usize = 6;

/// The astronomical arguments at one instant, in degrees, in Doodson's order
/// τ (mean lunar time, from the lower transit at Greenwich), s, h, p, N′ = −N, p′.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arguments {
    /// Values (degrees).
    pub deg: [f64; ARGUMENTS],
    /// Rates (degrees per second).
    pub deg_per_second: [f64; ARGUMENTS],
}

impl Arguments {
    /// Returns the arguments at a Unix second.
    pub fn at(unix_seconds: i64) -> Self {
        let t = lossy_f64(unix_seconds - J2000_UNIX_SECONDS) / CENTURY_SECONDS;
        let (s, s_rate) = value_and_rate(&MOON_DEG, t);
        let (h, h_rate) = value_and_rate(&SUN_DEG, t);
        let (p, p_rate) = value_and_rate(&LUNAR_PERIGEE_DEG, t);
        let (n, n_rate) = value_and_rate(&LUNAR_NODE_DEG, t);
        let (pp, pp_rate) = value_and_rate(&SOLAR_PERIGEE_DEG, t);
        let day_fraction = lossy_f64(unix_seconds.rem_euclid(86_400)) / 86_400.0;
        Self {
            deg: [360.0 * day_fraction - s + h, s, h, p, -n, pp],
            deg_per_second: [
                360.0 / 86_400.0 - s_rate + h_rate,
                s_rate,
                h_rate,
                p_rate,
                -n_rate,
                pp_rate,
            ],
        }
    }

    /// Returns the longitude of the ascending lunar node, N (radians).
    pub fn node_rad(&self) -> f64 {
        -self.deg[4].to_radians()
    }

    /// Returns the longitude of the lunar perigee, p (radians).
    pub fn perigee_rad(&self) -> f64 {
        self.deg[3].to_radians()
    }
}

/// Returns a polynomial (degrees, reduced to one turn) and its rate (degrees per second).
fn value_and_rate(c: &[f64; 4], t: f64) -> (f64, f64) {
    let value = c[0] + t * (c[1] + t * (c[2] + t * c[3]));
    let rate = c[1] + t * (2.0 * c[2] + t * 3.0 * c[3]);
    (value.rem_euclid(360.0), rate / CENTURY_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m2_turns_at_its_published_speed() {
        let arguments = Arguments::at(1_600_000_000);
        let degrees_per_hour = 2.0 * arguments.deg_per_second[0] * 3600.0;
        assert!((degrees_per_hour - 28.984_104_2).abs() < 1e-6, "{degrees_per_hour}");
    }

    #[test]
    fn node_and_perigee_turn_in_18_6_and_8_85_years() {
        let arguments = Arguments::at(0);
        let years = |k: usize| 360.0 / (arguments.deg_per_second[k] * 86_400.0 * 365.25);
        assert!((years(4) - 18.61).abs() < 0.01, "{}", years(4));
        assert!((years(3) - 8.85).abs() < 0.01, "{}", years(3));
    }
}
