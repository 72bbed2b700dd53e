//! Disease potential of a season: EPIRICE run on a place's own weather, ranked among the same weeks
//! of that place's earlier years.
//!
//! The model was never calibrated in the delta, so its intensities are not forecasts of damage
//! (`shared/knowledge/agronomy.md` 4.1: "rank against the 20–30-year distribution for the same
//! place and date instead of fixed thresholds"). Only earlier years are looked at, so a replay of
//! an old season gives what that season could have been told.

use jiff::civil::Date;

use super::{AgronomyError, DayWeather, Disease, Epidemic, epidemic};
use crate::domain::time::{days_between, epoch_day};

/// Longest hole (days) that the weather of the day before it may fill; our own choice: wet spells
/// of the delta last days, and a longer hole could hide one.
const HOLE_DAYS_MAX: usize = 2;
/// Fewest earlier years that a rank is given among; our own choice: among four, one odd year moves
/// the rank by a quarter.
const YEARS_MIN: usize = 5;
/// Longest season (days): the crop-age curves end at day 120 (`epirice_parameters.csv`, duration).
const SEASON_DAYS_MAX: i64 = 120;

/// Daily weather of one place, by local day, with holes.
#[derive(Debug, Clone, PartialEq)]
pub struct WeatherSeries {
    first_day: i64,
    days: Vec<Option<DayWeather>>,
}

/// How far a disease could have gone by one day of a season, among the place's earlier years.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Potential {
    /// Which disease.
    pub disease: Disease,
    /// Share of living sites diseased on the last day (0 to 1).
    pub intensity: f64,
    /// Area under the curve of intensity up to the last day (share × days): what is ranked.
    pub audpc: f64,
    /// Earlier years with weather for the same days.
    pub years: usize,
    /// Of these, the years that had less.
    pub years_below: usize,
    /// Of these, the years that had just as much.
    pub years_equal: usize,
}

impl WeatherSeries {
    /// Returns the weather from the local day `first` on; `None` for a day without.
    #[must_use]
    pub fn new(first: Date, days: Vec<Option<DayWeather>>) -> Self {
        Self { first_day: epoch_day(first), days }
    }

    /// Returns the weather of the days from `from` to `to`, short holes filled with the day before;
    /// `None` when a day lies outside the series or in a longer hole.
    #[must_use]
    pub fn between(&self, from: Date, to: Date) -> Option<Vec<DayWeather>> {
        let index = |date| usize::try_from(epoch_day(date) - self.first_day).ok();
        let days = self.days.get(index(from)?..=index(to)?)?;
        let mut filled: Vec<DayWeather> = Vec::with_capacity(days.len());
        let mut hole_days = 0;
        for day in days {
            hole_days = if day.is_some() { 0 } else { hole_days + 1 };
            if hole_days > HOLE_DAYS_MAX {
                return None;
            }
            filled.push(day.or_else(|| filled.last().copied())?);
        }
        Some(filled)
    }

    fn first_year(&self) -> i16 {
        crate::domain::time::date_of_epoch_day(self.first_day).year()
    }
}

impl Potential {
    /// Returns the share of the earlier years that had less, ties counted half (0 to 1); `None`
    /// among fewer than five years, or while nobody can have had any.
    #[must_use]
    pub fn rank(&self) -> Option<f64> {
        let none_yet = self.audpc == 0.0 && self.years_equal == self.years;
        let below = self.years_below as f64 + 0.5 * self.years_equal as f64;
        (self.years >= YEARS_MIN && !none_yet).then(|| below / self.years as f64)
    }
}

/// Returns the potential of `disease` on the day `through` in a crop that emerged on `emergence`;
/// `None` when the weather of the season itself is not complete, or when it ends before it begins
/// or after its 120th day.
///
/// # Errors
/// [`AgronomyError::OutOfRange`] for impossible weather, as [`epidemic`].
pub fn potential(
    disease: Disease,
    emergence: Date,
    through: Date,
    weather: &WeatherSeries,
) -> Result<Option<Potential>, AgronomyError> {
    if !(0..SEASON_DAYS_MAX).contains(&days_between(emergence, through)) {
        return Ok(None);
    }
    let Some(days) = weather.between(emergence, through) else { return Ok(None) };
    let season = epidemic(disease, &days)?;
    let earlier = earlier_seasons(disease, emergence, through, weather)?;
    let audpc = season.audpc();
    let count = |holds: &dyn Fn(f64) -> bool| earlier.iter().filter(|v| holds(**v)).count();
    Ok(Some(Potential {
        disease,
        intensity: season.days().last().map_or(0.0, |day| day.intensity),
        audpc,
        years: earlier.len(),
        years_below: count(&|v| v < audpc),
        years_equal: count(&|v| v == audpc),
    }))
}

/// Returns the area under the curve of the same days in each earlier year that has their weather.
fn earlier_seasons(
    disease: Disease,
    emergence: Date,
    through: Date,
    weather: &WeatherSeries,
) -> Result<Vec<f64>, AgronomyError> {
    let length = days_between(emergence, through);
    let mut found = Vec::new();
    for year in weather.first_year()..emergence.year() {
        let from = same_day(emergence, year);
        let to = crate::domain::time::add_days(from, length);
        if let Some(days) = weather.between(from, to) {
            found.push(
                epidemic(disease, &days).as_ref().map(Epidemic::audpc).map_err(Clone::clone)?,
            );
        }
    }
    Ok(found)
}

/// Returns the same day in another year; 28 February for the 29th where there is none.
fn same_day(date: Date, year: i16) -> Date {
    date.with().year(year).build().unwrap_or_else(|_| Date::constant(year, 2, 28))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::add_days;
    use jiff::civil::date;

    const FIRST: Date = date(2010, 1, 1);

    /// Nine years whose wet days grow rarer from year to year; in the last, 2018, as `last` says.
    fn weather(last: impl Fn(i64) -> bool) -> WeatherSeries {
        let days = (0..days_between(FIRST, date(2019, 1, 1))).map(|offset| {
            let year = i64::from(add_days(FIRST, offset).year());
            let wet = if year == 2018 { last(offset) } else { offset % (year - 2008) == 0 };
            Some(DayWeather {
                mean_c: 27.0,
                humidity_pct: if wet { 95.0 } else { 80.0 },
                rain_mm: 0.0,
            })
        });
        WeatherSeries::new(FIRST, days.collect())
    }

    fn blight(series: &WeatherSeries) -> Option<Potential> {
        let (emergence, through) = (date(2018, 5, 1), date(2018, 7, 29));
        potential(Disease::BacterialBlight, emergence, through, series).unwrap()
    }

    #[test]
    fn the_wettest_season_ranks_first_and_the_driest_last() {
        let wettest = blight(&weather(|_| true)).unwrap();
        assert_eq!((wettest.years, wettest.years_below, wettest.rank()), (8, 8, Some(1.0)));
        let driest = blight(&weather(|_| false)).unwrap();
        assert_eq!((driest.years_below, driest.years_equal, driest.rank()), (0, 0, Some(0.0)));
        assert!(driest.audpc < wettest.audpc && driest.intensity < wettest.intensity);
    }

    #[test]
    fn later_years_are_never_looked_at() {
        let whole = weather(|offset| offset % 3 == 0);
        let until = usize::try_from(days_between(FIRST, date(2018, 7, 30))).unwrap();
        let cut = WeatherSeries::new(FIRST, whole.days[..until].to_vec());
        assert_eq!(blight(&whole), blight(&cut));
    }

    #[test]
    fn short_holes_are_filled_and_a_long_one_drops_its_year() {
        let mut series = weather(|_| true);
        let hole = usize::try_from(days_between(FIRST, date(2012, 6, 1))).unwrap();
        series.days[hole..hole + 2].fill(None);
        assert_eq!(blight(&series).unwrap().years, 8);
        series.days[hole + 2] = None;
        assert_eq!(blight(&series).unwrap().years, 7);
        let today = usize::try_from(days_between(FIRST, date(2018, 5, 1))).unwrap();
        series.days[today] = None;
        assert_eq!(blight(&series), None, "the season itself begins with a hole");
    }

    #[test]
    fn no_rank_is_given_among_few_years_or_before_anybody_was_infected() {
        let early = potential(
            Disease::SheathBlight,
            date(2018, 5, 1),
            date(2018, 5, 20),
            &weather(|_| true),
        );
        let early = early.unwrap().unwrap();
        assert_eq!((early.audpc, early.years_equal, early.rank()), (0.0, 8, None));
        let (emergence, through) = (date(2013, 5, 1), date(2013, 7, 29));
        let few = potential(Disease::BacterialBlight, emergence, through, &weather(|_| true));
        let few = few.unwrap().unwrap();
        assert_eq!((few.years, few.rank()), (3, None));
    }

    #[test]
    fn a_season_of_a_leap_day_is_compared_with_the_twenty_eighth() {
        assert_eq!(same_day(date(2016, 2, 29), 2015), date(2015, 2, 28));
        let series = weather(|_| true);
        let outside = |from, to| potential(Disease::Tungro, from, to, &series).unwrap();
        assert_eq!(outside(date(2018, 5, 1), date(2018, 4, 30)), None);
        assert_eq!(outside(date(2018, 5, 1), date(2018, 8, 29)), None);
        assert!(outside(date(2018, 5, 1), date(2018, 8, 28)).is_some());
    }
}
