//! The usual year of the delta's temperature, for a record too young to have seen one.

use crate::domain::time::date_of_epoch_day;

/// Mean temperature of each month (°C) over the eight southern provinces, 2011-01 to 2025-06:
/// Open-Meteo's monthly archive (CC BY 4.0), `shared/data/weather/openmeteo_monthly_34prov.csv`. All
/// of it was known before the daily record of the provinces began (2025-07-21).
const MONTHS_C: [f64; 12] =
    [25.94, 26.76, 28.03, 28.55, 28.12, 27.15, 26.67, 26.76, 26.38, 26.30, 26.44, 26.02];

/// Returns the usual mean temperature (°C) of an epoch day: the months' means in their middles, and
/// straight lines between.
pub(super) fn temperature_c(day: i64) -> f64 {
    let date = date_of_epoch_day(day);
    let month = usize::from(date.month().unsigned_abs()) - 1;
    // Days from the middle of the month, in months.
    let length = f64::from(date.days_in_month());
    let from_middle = (f64::from(date.day()) - 0.5) / length - 0.5;
    let other = if from_middle < 0.0 { (month + 11) % 12 } else { (month + 1) % 12 };
    MONTHS_C[month] + from_middle.abs() * (MONTHS_C[other] - MONTHS_C[month])
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::time::epoch_day;

    #[test]
    fn the_year_is_smooth_and_warmest_in_april() {
        let first = epoch_day(date(2025, 1, 1));
        let year: Vec<f64> = (first..first + 366).map(temperature_c).collect();
        assert!(year.windows(2).all(|w| (w[1] - w[0]).abs() < 0.05), "steps of under 0.05 degrees");
        let warmest = (0..365).max_by(|a, b| year[*a].total_cmp(&year[*b])).unwrap();
        assert_eq!(date_of_epoch_day(first + warmest as i64).month(), 4);
        assert!((temperature_c(epoch_day(date(2026, 1, 16))) - 25.94).abs() < 0.02);
    }
}
