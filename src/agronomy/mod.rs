//! Published science as pure functions: tide, moon, salinity, evaporation, water balances, growth,
//! disease.
//!
//! Nothing here reads a file, a clock or the environment. Instants are `i64` Unix seconds (UTC),
//! civil dates are [`jiff::civil::Date`], and every name ends in its unit.
//!
//! | file | what | source |
//! |---|---|---|
//! | [`dual_kc`] | daily water balance of a dry-land crop with its dual crop coefficient | FAO-56 |
//! | [`epirice`] | potential epidemics of five rice diseases | Savary et al. 2012 |
//! | [`et0`] | reference evapotranspiration and all it is made of | FAO-56, ASCE 2005 |
//! | [`irrigation`] | what a field needs from the sluice, day by day | `data/reference/kc.toml` |
//! | [`paddy`] | the ponded rice field; a whole season with its canopy | AquaCrop's equations, FAO 66 |
//! | [`phenology`] | stages and harvest of rice by thermal time | WOFOST 7.2 |
//! | [`tide`] | astronomical tide from harmonic constants, high and low waters, tide of a local day | IHO constituent list 2017, TICON-4 |
//! | [`moon`] | new moons, spring–neap and tropic cycles, the Vietnamese lunar calendar | Meeus 1998 |
//! | [`river_profile`] | salinity along one branch from its stations, with growing uncertainty | measured decay, `data/reference/river_branches.csv` |
//! | [`salinity_units`] | conductivity ↔ salinity, with the conversion kept beside the value | PSS-78, Hill et al. 1986 |

pub mod dual_kc;
pub mod epirice;
pub mod error;
pub mod et0;
pub mod irrigation;
pub mod moon;
pub mod paddy;
pub mod phenology;
pub mod river_profile;
pub mod salinity_units;
pub mod tide;

pub use error::AgronomyError;

/// Offset of Vietnamese time from UTC (s): UTC+7 all year, no summer time.
pub const VIETNAM_OFFSET_SECONDS: i64 = 7 * 3600;

/// Length of a civil day (s).
pub(crate) const DAY_SECONDS: i64 = 86_400;

/// Returns the Unix second at which a civil day begins in Việt Nam.
#[must_use]
pub fn local_midnight(date: jiff::civil::Date) -> i64 {
    days_from_epoch(date) * DAY_SECONDS - VIETNAM_OFFSET_SECONDS
}

/// Returns the civil date in Việt Nam at a Unix second.
///
/// # Errors
/// [`AgronomyError::OutOfRange`] when the year does not lie in −9999..=9999.
pub fn local_date(unix_seconds: i64) -> Result<jiff::civil::Date, AgronomyError> {
    let day = unix_seconds.saturating_add(VIETNAM_OFFSET_SECONDS).div_euclid(DAY_SECONDS);
    date_from_epoch_day(day)
}

/// Returns the number of days from 1970-01-01 to `date`.
pub(crate) fn days_from_epoch(date: jiff::civil::Date) -> i64 {
    let span = date.duration_since(jiff::civil::Date::constant(1970, 1, 1));
    span.as_hours() / 24
}

/// Returns the civil date that lies `day` days after 1970-01-01.
pub(crate) fn date_from_epoch_day(day: i64) -> Result<jiff::civil::Date, AgronomyError> {
    let out_of_range = || AgronomyError::OutOfRange {
        what: "day counted from 1970-01-01",
        value: lossy_f64(day),
        allowed: "the years -9999 to 9999",
    };
    let hours = day.checked_mul(24).ok_or_else(out_of_range)?;
    jiff::civil::Date::constant(1970, 1, 1)
        .checked_add(jiff::SignedDuration::from_hours(hours))
        .map_err(|_| out_of_range())
}

/// Returns an integer as a float; exact below 2⁵³, far beyond every second and day used here.
#[expect(clippy::cast_precision_loss, reason = "seconds of 200 million years fit 53 bits")]
pub(crate) const fn lossy_f64(value: i64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn local_day_begins_seven_hours_before_the_utc_day() {
        assert_eq!(local_midnight(date(1970, 1, 1)), -25_200);
        assert_eq!(local_midnight(date(2024, 2, 10)), 1_707_498_000);
        assert_eq!(local_date(1_707_498_000).ok(), Some(date(2024, 2, 10)));
        assert_eq!(local_date(1_707_497_999).ok(), Some(date(2024, 2, 9)));
        assert!(local_date(i64::MAX).is_err());
    }
}
