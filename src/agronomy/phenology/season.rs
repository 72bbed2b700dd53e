//! Heading and harvest of one sowing: earliest, likely and latest day, and the stage on a day.
//!
//! A variety's duration is told in days of usual weather. So its thermal sums (in the units of
//! [`thermal_units_c_d`]) are those that the normals give over these days, from the very sowing
//! date, and what the crop has felt so far moves the dates: with usual temperatures the harvest
//! falls on sowing + duration exactly. The window spans the variety's shortest duration in a warm
//! season ahead to its longest in a cool one, and narrows to the variety's own range as the season
//! passes.
//!
//! Seasons of the delta differ so little in warmth (half a degree) that the harvest moves by two or
//! three days from year to year; half of the window's width is the variety's
//! (`shared/knowledge/agronomy.md` 1.3, `tests/it/phenology.rs`).

use jiff::civil::Date;

use super::{Normals, PhenologyError, Variety, thermal_units_c_d};
use crate::agronomy::AgronomyError;
use crate::agronomy::error::checked;
use crate::domain::Stage;
use crate::domain::time::{add_days, days_between};

/// Days from sowing pre-germinated seed to emergence (`data/reference/rice_stages.csv`).
pub const EMERGENCE_DAYS: i64 = 4;
/// Days from heading to harvest whatever the variety (agronomy notes 1.3: harvest 28 to 34 days
/// after heading, danviet.vn 7777144668; heading at T − 30).
pub const RIPENING_DAYS: i64 = 30;
/// Day after sowing on which seedlings begin to tiller (`data/reference/rice_stages.csv`).
const SEEDLING_DAYS: i64 = 15;
/// Days from panicle initiation to heading (agronomy notes 1.3, unverified).
const PANICLE_DAYS: i64 = 30;
/// First and last day of flowering, from heading (`data/reference/rice_stages.csv`).
const FLOWERING_DAYS: std::ops::Range<i64> = -4..5;

/// Standard normal quantile of 90 %: the days ahead are taken so much warmer, or cooler, than usual
/// that one season in ten is beyond.
const WARM_SEASON_SDS: f64 = 1.28;
/// Days after sowing within which any crop is ripe, or something is wrong with its temperatures.
const SEASON_DAYS_MAX: i64 = 240;

/// The days between which something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateWindow {
    /// Shortest duration, warm days ahead.
    pub earliest: Date,
    /// Middle duration, usual days ahead.
    pub likely: Date,
    /// Longest duration, cool days ahead.
    pub latest: Date,
}

impl DateWindow {
    /// Returns whether a day lies in the window, its ends included.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        (self.earliest..=self.latest).contains(&day)
    }
}

/// What is expected of one sowing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeasonDates {
    /// The day of sowing.
    pub sowing: Date,
    /// When panicles come out.
    pub heading: DateWindow,
    /// When the crop is ripe.
    pub harvest: DateWindow,
}

impl SeasonDates {
    /// Returns the stage on a day, by the likely dates; [`Stage::Fallow`] before sowing and from
    /// the harvest on.
    #[must_use]
    pub fn stage_on(&self, day: Date) -> Stage {
        let sown_days = days_between(self.sowing, day);
        let headed_days = days_between(self.heading.likely, day);
        if sown_days < 0 || day >= self.harvest.likely {
            Stage::Fallow
        } else if sown_days < EMERGENCE_DAYS {
            Stage::Germination
        } else if sown_days < SEEDLING_DAYS {
            Stage::Seedling
        } else if headed_days < -PANICLE_DAYS {
            Stage::Tillering
        } else if headed_days < FLOWERING_DAYS.start {
            Stage::Panicle
        } else if headed_days < FLOWERING_DAYS.end {
            Stage::Flowering
        } else {
            Stage::Ripening
        }
    }
}

/// Returns heading and harvest of `variety` sown on `sowing`, from the mean temperatures (°C) seen
/// since that day, `None` where a day is missing, and the normals for missing days and all others.
///
/// # Errors
/// [`PhenologyError::Photoperiod`] for varieties that follow day length, and
/// [`PhenologyError::Agronomy`] for temperatures outside −50 to 60 °C or a crop that never ripens.
pub fn season_dates(
    variety: &Variety,
    sowing: Date,
    seen_c: &[Option<f64>],
    normals: &Normals,
) -> Result<SeasonDates, PhenologyError> {
    if variety.photoperiod_sensitive {
        return Err(PhenologyError::Photoperiod { variety: variety.id.clone() });
    }
    let [shortest, longest] = variety.duration_days(sowing.month());
    let dates = |days, ahead_sds| dates(days, sowing, seen_c, normals, ahead_sds);
    let earliest = dates(shortest, WARM_SEASON_SDS)?;
    let likely = dates(i64::midpoint(shortest, longest), 0.0)?;
    let latest = dates(longest, -WARM_SEASON_SDS)?;
    let window = |which: fn(&(Date, Date)) -> Date| DateWindow {
        earliest: which(&earliest),
        likely: which(&likely),
        latest: which(&latest),
    };
    Ok(SeasonDates { sowing, heading: window(|d| d.0), harvest: window(|d| d.1) })
}

/// Returns heading and harvest of a crop that takes so many days in usual weather, when the days
/// ahead are so many standard deviations warmer than usual.
fn dates(
    duration_days: i64,
    sowing: Date,
    seen_c: &[Option<f64>],
    normals: &Normals,
    ahead_sds: f64,
) -> Result<(Date, Date), AgronomyError> {
    let usual_c = |day: i64| normals.on(add_days(sowing, day));
    let felt_c = |day: i64| match usize::try_from(day).ok().and_then(|index| seen_c.get(index)) {
        Some(seen_c) => seen_c.unwrap_or_else(|| usual_c(day)),
        None => usual_c(day) + ahead_sds * normals.spread_c(),
    };
    let day = |usual_days: i64| -> Result<Date, AgronomyError> {
        let needed_c_d: f64 =
            (EMERGENCE_DAYS..usual_days).map(|day| thermal_units_c_d(usual_c(day))).sum();
        Ok(add_days(sowing, nearest_day(needed_c_d, felt_c)?))
    };
    Ok((day(duration_days - RIPENING_DAYS)?, day(duration_days)?))
}

/// Returns the day after sowing whose start is nearest to the moment at which the warmth felt since
/// emergence reaches `needed_c_d`. The daily model waits for the next start of a day at flowering
/// and at maturity, a day in all on average, which durations told in whole days have in them.
fn nearest_day(needed_c_d: f64, felt_c: impl Fn(i64) -> f64) -> Result<i64, AgronomyError> {
    let mut missing_c_d = needed_c_d;
    for day in EMERGENCE_DAYS..SEASON_DAYS_MAX {
        let mean_c = checked("mean temperature (°C)", felt_c(day), -50.0..=60.0, "-50 to 60")?;
        let units_c_d = thermal_units_c_d(mean_c);
        if missing_c_d < 0.5 * units_c_d {
            return Ok(day);
        }
        missing_c_d -= units_c_d;
    }
    Err(AgronomyError::OutOfRange {
        what: "warmth (°C d) still missing 240 days after sowing",
        value: missing_c_d,
        allowed: "0 or less",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agronomy::phenology::Varieties;
    use jiff::civil::date;

    const SOWING: Date = date(2025, 11, 15);

    fn table() -> Varieties {
        let text = include_str!("../../../data/reference/rice_varieties.toml");
        Varieties::from_toml(text).unwrap()
    }

    fn om18(seen_c: &[Option<f64>]) -> SeasonDates {
        let table = table();
        season_dates(table.named("om18").unwrap(), SOWING, seen_c, &table.normals).unwrap()
    }

    fn usual_c(days: i64) -> Vec<Option<f64>> {
        let normals = table().normals;
        (0..days).map(|day| Some(normals.on(add_days(SOWING, day)))).collect()
    }

    #[test]
    fn usual_weather_gives_the_duration_the_variety_is_told_to_have() {
        let whole = om18(&usual_c(130));
        assert_eq!(whole.harvest.earliest, add_days(SOWING, 95));
        assert_eq!(whole.harvest.likely, add_days(SOWING, 97));
        assert_eq!(whole.harvest.latest, add_days(SOWING, 100));
        assert_eq!(whole.heading.likely, add_days(SOWING, 67));
    }

    #[test]
    fn the_window_narrows_as_the_season_passes() {
        let width = |days| {
            let harvest = om18(&usual_c(days)).harvest;
            days_between(harvest.earliest, harvest.latest)
        };
        let widths = [0, 30, 60, 90, 130].map(width);
        assert!(widths.windows(2).all(|pair| pair[0] >= pair[1]), "{widths:?}");
        assert!(widths[0] > 5 && widths[4] == 5, "{widths:?}");
    }

    #[test]
    fn a_warm_start_brings_the_harvest_forward_and_a_cool_one_puts_it_off() {
        let shifted = |by_c: f64| {
            let seen_c: Vec<Option<f64>> =
                usual_c(60).into_iter().map(|c| c.map(|c| c + by_c)).collect();
            om18(&seen_c).harvest.likely
        };
        assert!(shifted(2.0) < shifted(0.0) && shifted(0.0) < shifted(-2.0));
        let days = days_between(shifted(1.0), shifted(-1.0));
        assert!((4..=8).contains(&days), "a degree over 60 days moves it by 2 to 4, not {days}/2");
    }

    #[test]
    fn missing_days_count_as_usual_ones() {
        let mut seen_c = usual_c(130);
        seen_c[20..40].fill(None);
        assert_eq!(om18(&seen_c), om18(&usual_c(130)));
    }

    #[test]
    fn stages_follow_the_calendar_of_the_variety() {
        let season = om18(&[]);
        let stage = |day| season.stage_on(add_days(SOWING, day));
        let expected = [
            (-1, Stage::Fallow),
            (0, Stage::Germination),
            (4, Stage::Seedling),
            (15, Stage::Tillering),
            (36, Stage::Tillering),
            (37, Stage::Panicle),
            (63, Stage::Flowering),
            (72, Stage::Ripening),
            (96, Stage::Ripening),
            (97, Stage::Fallow),
        ];
        for (day, expected) in expected {
            assert_eq!(stage(day), expected, "day {day}");
        }
    }

    #[test]
    fn day_length_rice_and_endless_winter_are_refused() {
        let table = table();
        let local = table.named("mot_bui_do").unwrap();
        let refused = season_dates(local, SOWING, &[], &table.normals).unwrap_err();
        assert!(refused.to_string().contains("mot_bui_do"), "{refused}");
        let frozen = vec![Some(0.0); 240];
        let om18 = table.named("om18").unwrap();
        assert!(season_dates(om18, SOWING, &frozen, &table.normals).is_err());
    }
}
