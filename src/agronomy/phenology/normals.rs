//! The usual temperature of each day of the year, for the days ahead that nobody has seen.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::agronomy::AgronomyError;
use crate::agronomy::error::checked;

/// Usual mean temperatures, known at the middle of each month and linear between.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MonthTable", into = "MonthTable")]
pub struct Normals {
    months_c: [f64; 12],
    spread_c: f64,
}

/// How normals are written.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct MonthTable {
    mean_c: [f64; 12],
    season_spread_c: f64,
}

impl TryFrom<MonthTable> for Normals {
    type Error = AgronomyError;

    fn try_from(table: MonthTable) -> Result<Self, AgronomyError> {
        Self::from_months(table.mean_c, table.season_spread_c)
    }
}

impl From<Normals> for MonthTable {
    fn from(normals: Normals) -> Self {
        Self { mean_c: normals.months_c, season_spread_c: normals.spread_c }
    }
}

impl Normals {
    /// Returns the normals of monthly means (°C, January first) and of the standard deviation (°C)
    /// of a season's mean between years.
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] for means outside −50 to 60 °C and spreads outside 0 to 10 °C.
    pub fn from_months(months_c: [f64; 12], spread_c: f64) -> Result<Self, AgronomyError> {
        for mean_c in months_c {
            checked("monthly mean temperature (°C)", mean_c, -50.0..=60.0, "-50 to 60")?;
        }
        checked("spread of seasons (°C)", spread_c, 0.0..=10.0, "0 to 10")?;
        Ok(Self { months_c, spread_c })
    }

    /// Returns normals from a history of daily means (°C), each month's being the mean of all its
    /// days; `None` where a month never occurs.
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] as [`Normals::from_months`].
    pub fn from_days(
        days: impl IntoIterator<Item = (Date, f64)>,
        spread_c: f64,
    ) -> Result<Option<Self>, AgronomyError> {
        let mut sums = [(0.0, 0_u32); 12];
        for (date, mean_c) in days {
            let sum = &mut sums[usize::from(date.month().unsigned_abs()) - 1];
            *sum = (sum.0 + mean_c, sum.1 + 1);
        }
        if sums.iter().any(|(_, count)| *count == 0) {
            return Ok(None);
        }
        Self::from_months(sums.map(|(sum, count)| sum / f64::from(count)), spread_c).map(Some)
    }

    /// Returns the usual mean temperature (°C) of a day.
    #[must_use]
    pub fn on(&self, date: Date) -> f64 {
        let month = usize::from(date.month().unsigned_abs()) - 1;
        let middle = f64::from(date.days_in_month()) / 2.0;
        // Months differ by at most three days: a share of this month's own length is near enough.
        let offset = (f64::from(date.day()) - 0.5 - middle) / (2.0 * middle);
        let neighbour = if offset < 0.0 { (month + 11) % 12 } else { (month + 1) % 12 };
        let here_c = self.months_c[month];
        here_c + offset.abs() * (self.months_c[neighbour] - here_c)
    }

    /// Returns the standard deviation (°C) of a season's mean temperature between years.
    #[must_use]
    pub const fn spread_c(&self) -> f64 {
        self.spread_c
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const MONTHS_C: [f64; 12] =
        [25.0, 26.0, 27.0, 28.0, 28.0, 27.0, 27.0, 27.0, 26.0, 26.0, 26.0, 25.0];

    #[test]
    fn the_middle_of_a_month_has_its_mean_and_a_border_the_mean_of_both() {
        let normals = Normals::from_months(MONTHS_C, 0.5).unwrap();
        assert_eq!(normals.on(date(2025, 1, 16)), 25.0);
        assert!((normals.on(date(2025, 3, 31)) - 27.5).abs() < 0.02);
        assert!((normals.on(date(2025, 4, 1)) - 27.5).abs() < 0.02);
        assert_eq!(normals.on(date(2025, 12, 31)), 25.0, "the year closes upon itself");
    }

    #[test]
    fn no_day_jumps() {
        let normals = Normals::from_months(MONTHS_C, 0.5).unwrap();
        for offset in 0..730 {
            let today = crate::domain::time::add_days(date(2024, 1, 1), offset);
            let step = normals.on(today.tomorrow().unwrap()) - normals.on(today);
            assert!(step.abs() < 0.06, "{today}: {step}");
        }
    }

    #[test]
    fn a_daily_history_gives_the_mean_of_each_month_or_none() {
        let days = |until: i64| {
            (0..until).map(|offset| {
                let day = crate::domain::time::add_days(date(2023, 1, 1), offset);
                let cooler = if day.year() == 2023 { 0.5 } else { -0.5 };
                (day, MONTHS_C[usize::from(day.month().unsigned_abs()) - 1] - cooler)
            })
        };
        let normals = Normals::from_days(days(365), 0.5).unwrap().unwrap();
        assert!((normals.on(date(2024, 1, 16)) - 24.5).abs() < 1e-9);
        assert_eq!(Normals::from_days(days(330), 0.5), Ok(None), "no December");
        assert!(
            Normals::from_days([(date(2024, 1, 1), f64::NAN)].into_iter().chain(days(365)), 0.5)
                .is_err()
        );
    }
}
