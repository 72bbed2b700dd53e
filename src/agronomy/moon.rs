//! New moons, the age of the moon, and the Vietnamese lunar calendar.
//!
//! Formulas of Meeus, Astronomical Algorithms, 2nd ed. 1998: new moons of chapter 49 (good to
//! seconds), the sun of chapter 25 (good to 0.01°, a quarter of an hour). Where tide stands between
//! spring and neap at a coast is [`crate::agronomy::tide::TideModel::spring_neap`].

mod calendar;
mod con_nuoc;
mod ephemeris;

pub use calendar::{LunarDate, civil_date, leap_month, lunar_date, tet};
pub use con_nuoc::{Nuoc, is_spring_height};

use ephemeris::{MEAN_MONTH_DAYS, new_moon_unix};

use super::{DAY_SECONDS, lossy_f64};

/// The moon's place in its month at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MoonPhase {
    /// Days since the last new moon (0 ≤ age < 29.9).
    pub age_days: f64,
    /// Days from the last new moon to the next (29.2 to 29.9).
    pub month_days: f64,
    /// Cosine of the position in the month: +1 at new moon, −1 about full moon.
    pub cosine: f64,
    /// Sine of the position in the month: positive while the moon grows.
    pub sine: f64,
}

/// Returns the phase of the moon at a Unix second.
#[must_use]
pub fn moon_phase(unix_seconds: i64) -> MoonPhase {
    let k = lunation_at(unix_seconds);
    let day = lossy_f64(DAY_SECONDS);
    let age_days = (lossy_f64(unix_seconds) - new_moon_unix(k)) / day;
    let month_days = (new_moon_unix(k + 1) - new_moon_unix(k)) / day;
    let (sine, cosine) = (std::f64::consts::TAU * age_days / month_days).sin_cos();
    MoonPhase { age_days, month_days, cosine, sine }
}

/// Returns the number of the last new moon at or before a Unix second.
fn lunation_at(unix_seconds: i64) -> i64 {
    let mut k = ephemeris::mean_lunation(unix_seconds) + 1;
    // True new moons lie within 0.6 d of the mean ones, so that at most two steps are made.
    while new_moon_unix(k) > lossy_f64(unix_seconds) {
        k -= 1;
    }
    k
}

/// Returns the mean length of the synodic month (days; Meeus, ch. 49).
#[must_use]
pub const fn mean_month_days() -> f64 {
    MEAN_MONTH_DAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_runs_from_new_moon_to_new_moon() {
        // New moon of 2000-01-06 18:14 UTC (Astronomical Almanac 2000).
        let new_moon = 947_182_440;
        let after = moon_phase(new_moon + 600);
        assert!(after.age_days < 0.01 && after.cosine > 0.999, "{after:?}");
        let before = moon_phase(new_moon - 600);
        assert!(before.age_days > 29.0 && before.sine < 0.0, "{before:?}");
        let mut previous = after.age_days;
        for hour in 1..700 {
            let age = moon_phase(new_moon + 600 + hour * 3600).age_days;
            assert!(age > previous && age < 29.9, "{hour}");
            previous = age;
        }
    }
}
