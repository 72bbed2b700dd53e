//! A weather point's days, as they were known: read, completed by published formulas, short holes
//! filled.

use serde::{Deserialize, Serialize};

use crate::agronomy::AgronomyError;
use crate::agronomy::et0::{Coast, DailyWeather, Humidity, Site, Sun, WIND_UNKNOWN_M_S, Wind, air};
use crate::agronomy::phenology::Normals;
use crate::domain::PlaceId;
use crate::domain::time::{date_of_epoch_day, epoch_day};
use crate::features::Known;
use crate::features::known::KnownSeries;

/// What is read of a point.
pub const INPUTS: [&str; 7] = [
    "temp_min_c",
    "temp_max_c",
    "humidity_mean_pct",
    "rain_mm",
    "et0_mm",
    "wind_mean_m_s",
    "shortwave_mj_m2",
];

/// Longest hole (days) filled with the day before: the town archive has no 29 February, and a longer
/// hole could hide a wet spell (as in [`crate::agronomy::epirice::potential`]).
const HOLE_DAYS_MAX: usize = 2;
/// The archive of the towns is another product, two degrees cooler, before this day
/// (shared/data/README.md, wwo).
const TOWN_FIRST: jiff::civil::Date = jiff::civil::Date::constant(2010, 1, 1);
/// No weather point of the province has a daily archive that reaches back further.
const FIRST: jiff::civil::Date = jiff::civil::Date::constant(1990, 1, 1);
/// The middle of the province (data/reference/communes.csv), near enough for the sun; a metre or two
/// above the sea.
const SITE: Site = Site { lat_deg: 10.1, elevation_m: 2.0 };
/// Wind is measured at 10 m (data/reference/variables.toml).
const WIND_HEIGHT_M: f64 = 10.0;
/// Days are kept to this part of a unit, so that stored archives are small and give the same numbers.
const KEPT: f64 = 1e4;

/// What of the weather is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// Temperature, humidity and rain; what evaporates stays 0.
    Air,
    /// What evaporates as well.
    Water,
}

/// A day's weather, whole.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f64; 6]", into = "[f64; 6]")]
pub struct Day {
    /// Mean temperature (°C), half-way between the lowest and the highest.
    pub mean_c: f64,
    /// Mean relative humidity (%).
    pub humidity_pct: f64,
    /// Rain (mm).
    pub rain_mm: f64,
    /// Reference evapotranspiration (mm), measured or by FAO-56.
    pub et0_mm: f64,
    /// Wind at 2 m (m/s).
    pub wind_2m_m_s: f64,
    /// Lowest relative humidity (%), from the vapour of the day at its highest temperature.
    pub rhmin_pct: f64,
}

impl From<[f64; 6]> for Day {
    fn from(values: [f64; 6]) -> Self {
        let [mean_c, humidity_pct, rain_mm, et0_mm, wind_2m_m_s, rhmin_pct] =
            values.map(|value| (value * KEPT).round() / KEPT);
        Self { mean_c, humidity_pct, rain_mm, et0_mm, wind_2m_m_s, rhmin_pct }
    }
}

impl From<Day> for [f64; 6] {
    fn from(day: Day) -> Self {
        let Day { mean_c, humidity_pct, rain_mm, et0_mm, wind_2m_m_s, rhmin_pct } = day;
        [mean_c, humidity_pct, rain_mm, et0_mm, wind_2m_m_s, rhmin_pct]
    }
}

impl Day {
    /// Returns the mean of days; `None` of no days.
    #[must_use]
    pub fn mean(days: &[Self]) -> Option<Self> {
        let count = (!days.is_empty()).then_some(days.len() as f64)?;
        let mut sums = [0.0; 6];
        for day in days {
            sums.iter_mut().zip(<[f64; 6]>::from(*day)).for_each(|(sum, value)| *sum += value);
        }
        Some(Self::from(sums.map(|sum| sum / count)))
    }
}

/// The days of one point from a first epoch day on; `None` where a day is not known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Weather {
    first: i64,
    days: Vec<Option<Day>>,
}

impl Weather {
    /// Returns what was known of a point, from the epoch day `from` (or where its archive can be
    /// trusted) to the newest known day up to `to`; short holes are filled.
    #[must_use]
    pub fn read(known: &Known<'_>, point: &PlaceId, (from, to): (i64, i64), reads: Reads) -> Self {
        let trusted = if point.kind() == "city" { TOWN_FIRST } else { FIRST };
        let first = from.max(epoch_day(trusted));
        let series = INPUTS.map(|variable| known.series(variable, point));
        let mut days: Vec<Option<Day>> =
            (first..=to).map(|day| day_of(&series, day, reads)).collect();
        let length = days.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        days.truncate(length);
        let unknown = days.iter().position(Option::is_some).unwrap_or(0);
        days.drain(..unknown);
        let first = first + unknown as i64;
        let mut hole = 0;
        for k in 1..days.len() {
            hole = if days[k].is_some() { 0 } else { hole + 1 };
            if (1..=HOLE_DAYS_MAX).contains(&hole) {
                days[k] = days[k - 1];
            }
        }
        Self { first, days }
    }

    /// Returns these days and after them those of `newer`, which begins on any later day.
    #[must_use]
    pub fn with(&self, newer: &Self) -> Self {
        if self.days.is_empty() {
            return newer.clone();
        }
        let mut joined = self.clone();
        for (day, weather) in (newer.first..).zip(&newer.days).filter(|(_, w)| w.is_some()) {
            let Ok(index) = usize::try_from(day - joined.first) else { continue };
            if index >= joined.days.len() {
                joined.days.resize(index + 1, None);
            }
            joined.days[index] = joined.days[index].or(*weather);
        }
        joined
    }

    /// Returns the newest known epoch day.
    #[must_use]
    pub fn last(&self) -> Option<i64> {
        (!self.days.is_empty()).then(|| self.first + self.days.len() as i64 - 1)
    }

    /// Returns the first epoch day; only of a series that has one.
    #[must_use]
    pub fn first(&self) -> Option<i64> {
        (!self.days.is_empty()).then_some(self.first)
    }

    /// Returns the days of `from..=to`; `None` when one of them is not known. No days when `from` is
    /// the day after `to`.
    #[must_use]
    pub fn between(&self, from: i64, to: i64) -> Option<Vec<Day>> {
        if to < from {
            return Some(Vec::new());
        }
        let index = |day: i64| usize::try_from(day - self.first).ok();
        self.days.get(index(from)?..=index(to)?)?.iter().copied().collect()
    }

    /// Returns the usual temperature of each month from the days before `until`; `None` where a month
    /// never was.
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] for temperatures that cannot be.
    pub fn normals(&self, until: i64) -> Result<Option<Normals>, AgronomyError> {
        let days = (self.first..until).zip(&self.days);
        let means = days.filter_map(|(day, w)| Some((date_of_epoch_day(day), w.as_ref()?.mean_c)));
        // Nothing here asks for the spread of seasons: the ensemble has its own.
        Normals::from_days(means, 0.0)
    }
}

/// Returns one day, if temperature, humidity and rain were known. Where evapotranspiration was not
/// measured it is reckoned; radiation that was not measured comes from the range of temperature.
fn day_of(series: &[KnownSeries<'_>; 7], day: i64, reads: Reads) -> Option<Day> {
    let [tmin, tmax, humidity, rain, et0, wind, shortwave] = series;
    let (tmin_c, tmax_c) = (tmin.on(day)?, tmax.on(day)?);
    let (humidity_pct, rain_mm) = (humidity.on(day)?, rain.on(day)?);
    let mean_c = f64::midpoint(tmin_c, tmax_c);
    if reads == Reads::Air {
        return possible([mean_c, humidity_pct, rain_mm, 0.0, 0.0, 0.0]);
    }
    let (et0, wind, shortwave) = (et0.on(day), wind.on(day), shortwave.on(day));
    let weather = DailyWeather {
        day_of_year: u16::try_from(date_of_epoch_day(day).day_of_year()).ok()?,
        tmin_c,
        tmax_c,
        humidity: Humidity::MeanPct(humidity_pct),
        wind: wind.map_or(Wind::Unknown, |speed_m_s| Wind::Measured {
            speed_m_s,
            height_m: WIND_HEIGHT_M,
        }),
        sun: shortwave.map_or(Sun::Unknown(Coast::Coastal), Sun::RadiationMj),
    };
    let et0_mm = match et0 {
        Some(et0_mm) => et0_mm,
        None => weather.reference(SITE).ok()?.et0_mm,
    };
    let wind_2m_m_s = wind.map_or(WIND_UNKNOWN_M_S, |m_s| air::wind_at_2m_m_s(m_s, WIND_HEIGHT_M));
    let rhmin = 100.0 * weather.vapour_kpa() / air::saturation_kpa(tmax_c);
    let rhmin_pct = rhmin.clamp(0.0, 100.0);
    possible([mean_c, humidity_pct, rain_mm, et0_mm, wind_2m_m_s, rhmin_pct])
}

/// Returns the day of these values, if the formulas cover them.
fn possible(values: [f64; 6]) -> Option<Day> {
    let [_, humidity_pct, rain_mm, et0_mm, ..] = values;
    let covered = (0.0..=105.0).contains(&humidity_pct)
        && (0.0..=2_000.0).contains(&rain_mm)
        && (0.0..=25.0).contains(&et0_mm);
    (covered && values.iter().all(|v| v.is_finite())).then(|| Day::from(values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::IssuedAt;
    use crate::features::{DailySeries, Panel, SeriesKey};

    fn panel(without: &[i64]) -> (Panel, PlaceId) {
        let place: PlaceId = "city:vinh_long".parse().unwrap();
        let series = |variable: &str, value: f64| {
            let rows: Vec<(i64, i64, f64)> = (16_000..16_040)
                .filter(|day| !without.contains(day))
                .map(|day| (day, (day + 1) * 86_400_000_000, value))
                .collect();
            let key = SeriesKey { variable: variable.into(), place: place.clone() };
            (key, DailySeries::from_rows(&rows))
        };
        let panel = [
            series("temp_min_c", 24.0),
            series("temp_max_c", 32.0),
            series("humidity_mean_pct", 80.0),
            series("rain_mm", 1.0),
            series("wind_mean_m_s", 3.0),
        ];
        (panel.into_iter().collect(), place)
    }

    fn read(without: &[i64], today: i64) -> Weather {
        let (panel, place) = panel(without);
        let at = IssuedAt::morning_of(date_of_epoch_day(today)).unwrap();
        Weather::read(&Known::at(&panel, at), &place, (15_900, today), Reads::Water)
    }

    #[test]
    fn what_was_not_measured_is_reckoned_and_plausible() {
        let day = read(&[], 16_030).between(16_010, 16_010).unwrap()[0];
        assert!((3.0..6.0).contains(&day.et0_mm), "{day:?}");
        assert!((55.0..75.0).contains(&day.rhmin_pct), "{day:?}");
        assert!(day.wind_2m_m_s < 3.0 && day.wind_2m_m_s > 2.0);
    }

    #[test]
    fn a_short_hole_is_filled_a_long_one_and_the_future_are_not() {
        let weather = read(&[16_005, 16_006, 16_012, 16_013, 16_014], 16_030);
        assert_eq!(weather.last(), Some(16_029));
        assert!(weather.between(16_000, 16_011).is_some());
        assert!(weather.between(16_010, 16_016).is_none());
        assert!(weather.between(16_025, 16_030).is_none());
        assert_eq!(weather.between(16_025, 16_024), Some(Vec::new()));
    }

    #[test]
    fn an_archive_is_continued_and_keeps_what_it_had() {
        let whole = read(&[], 16_030);
        let joined = read(&[], 16_015).with(&read(&[16_003], 16_030));
        assert_eq!(joined.between(16_000, 16_029), whole.between(16_000, 16_029));
        let bytes = serde_json::to_vec(&whole).unwrap();
        assert_eq!(serde_json::from_slice::<Weather>(&bytes).unwrap(), whole);
    }
}
