//! The leakage guard: a panel seen from one moment. Features read series only through it.

use super::series::{DailySeries, Panel};
use crate::domain::PlaceId;
use crate::domain::time::{IssuedAt, epoch_day};

/// A panel as it was known at one issue time.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    panel: &'a Panel,
    issued_at: IssuedAt,
}

/// One series as it was known at one issue time.
#[derive(Debug, Clone, Copy)]
pub struct KnownSeries<'a> {
    series: Option<&'a DailySeries>,
    at_us: i64,
}

impl<'a> Known<'a> {
    /// Returns what was known of `panel` at `issued_at`.
    #[must_use]
    pub const fn at(panel: &'a Panel, issued_at: IssuedAt) -> Self {
        Self { panel, issued_at }
    }

    /// Returns what was known of the same panel at an earlier moment; `None` for a later one, so
    /// that nobody can look ahead by asking.
    #[must_use]
    pub fn earlier(&self, issued_at: IssuedAt) -> Option<Self> {
        (issued_at <= self.issued_at).then_some(Self { panel: self.panel, issued_at })
    }

    /// Returns the places that have this variable, in the order of their names.
    pub fn places_of(&self, variable: &str) -> impl Iterator<Item = &'a PlaceId> {
        self.panel.places_of(variable)
    }

    /// Returns the issue time.
    #[must_use]
    pub const fn issued_at(&self) -> IssuedAt {
        self.issued_at
    }

    /// Returns the local day of the issue, as an epoch day.
    #[must_use]
    pub fn today(&self) -> i64 {
        epoch_day(self.issued_at.local_date())
    }

    /// Returns one series as it was known then; a series nobody has is one without values.
    #[must_use]
    pub fn series(&self, variable: &str, place: &PlaceId) -> KnownSeries<'a> {
        KnownSeries {
            series: self.panel.get(variable, place),
            at_us: self.issued_at.0.as_microsecond(),
        }
    }
}

impl KnownSeries<'_> {
    /// Returns the value of an epoch day, if it was known.
    #[must_use]
    pub fn on(&self, day: i64) -> Option<f64> {
        self.series?.at(day, self.at_us)
    }

    /// Returns the values of the `N` days up to `newest`, newest first; NaN where nothing was known.
    #[must_use]
    pub fn window<const N: usize>(&self, newest: i64) -> [f64; N] {
        let mut values = [f64::NAN; N];
        if self.series.is_some() {
            for (day, value) in (0..).map(|k| newest - k).zip(&mut values) {
                *value = self.on(day).unwrap_or(f64::NAN);
            }
        }
        values
    }

    /// Returns the newest known day not after `day` and its value, looking back at most
    /// `back_days`.
    #[must_use]
    pub fn last(&self, day: i64, back_days: i64) -> Option<(i64, f64)> {
        (0..=back_days).find_map(|back| self.on(day - back).map(|value| (day - back, value)))
    }

    /// Returns the known values of the days `from..=to`, oldest first.
    pub fn between(&self, from: i64, to: i64) -> impl Iterator<Item = f64> {
        (from..=to).filter_map(|day| self.on(day))
    }

    /// Returns the mean of the known values of `from..=to` when at least `count_min` are known.
    #[must_use]
    pub fn mean(&self, from: i64, to: i64, count_min: usize) -> Option<f64> {
        let (sum, n) = self.between(from, to).fold((0.0, 0_usize), |(s, n), v| (s + v, n + 1));
        (n >= count_min.max(1)).then(|| sum / n as f64)
    }

    /// Returns the highest known value of `from..=to`.
    #[must_use]
    pub fn max(&self, from: i64, to: i64) -> Option<f64> {
        self.between(from, to).reduce(f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::date_of_epoch_day;
    use crate::features::SeriesKey;

    #[test]
    fn an_earlier_moment_knows_less_and_a_later_one_cannot_be_asked_for() {
        let place: PlaceId = "salinity:37".parse().unwrap();
        let key = SeriesKey { variable: "salinity_max_g_l".into(), place: place.clone() };
        let day_us = 86_400_000_000;
        // Each day's value is known at 07:00 local, 00:00 UTC, of the day after.
        let rows: Vec<_> = (10..20_i64).map(|d| (d, (d + 1) * day_us, d as f64)).collect();
        let panel: Panel = [(key, DailySeries::from_rows(&rows))].into_iter().collect();
        let morning = |day| IssuedAt::morning_of(date_of_epoch_day(day)).unwrap();
        let known = Known::at(&panel, morning(16));
        let newest = |known: &Known<'_>| known.series("salinity_max_g_l", &place).last(30, 30);
        assert_eq!(newest(&known), Some((15, 15.0)));
        assert_eq!(newest(&known.earlier(morning(14)).unwrap()), Some((13, 13.0)));
        assert!(known.earlier(morning(17)).is_none());
        let window: [f64; 3] = known.series("salinity_max_g_l", &place).window(16);
        assert!(window[0].is_nan() && window[1..] == [15.0, 14.0]);
    }
}
