//! Which stage rice is at in a zone on a day, from the crop calendar.
//!
//! The calendar gives sowing windows; a commune's typical field is taken to be sown in the middle
//! of the window and to last the mean of the durations given. A farmer who knows the own sowing
//! date knows better: the stage is what the zone's typical field is at.

use jiff::civil::{Date, date};

use super::AdvisoryError;
use crate::domain::time::{add_days, days_between};
use crate::domain::{Crop, Stage};

/// Lengths of the stages (agronomy notes 1.3, `crop_stages.csv`, derived): emergence on day 4,
/// seedlings to day 15; counted back from harvest, panicle initiation 60 days, flowering from 34
/// to 25 days; only tillering varies with the variety.
const EMERGENCE_DAY: i64 = 4;
const SEEDLING_END_DAY: i64 = 15;
const PANICLE_BEFORE_HARVEST: i64 = 60;
const FLOWERING_BEFORE_HARVEST: i64 = 34;
const RIPENING_BEFORE_HARVEST: i64 = 25;

/// Land preparation before sowing. Rice-shrimp fields are washed for 20 to 30 days
/// (diendannongnghiep.com 17194); two weeks for other rice is our own assumption.
const WASHING_DAYS: i64 = 30;
const LAND_PREPARATION_DAYS: i64 = 15;

/// One season of rice in one zone.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Season {
    crop: Crop,
    zone: String,
    /// Month and day of the first and last sowing.
    sowing: [(i8, i8); 2],
    duration_days: i64,
}

/// When a field is sown and cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sown {
    /// The day of sowing.
    pub sown: Date,
    /// Days from sowing to harvest.
    pub duration_days: i64,
}

impl Sown {
    /// Returns the stage of rice on a day, by its sowing date: land preparation in the fifteen days
    /// before, fallow outside the season.
    #[must_use]
    pub fn stage(&self, day: Date) -> Stage {
        self.stage_after(day, LAND_PREPARATION_DAYS)
    }

    fn stage_after(&self, day: Date, preparation_days: i64) -> Stage {
        match days_between(self.sown, day) {
            age if age < -preparation_days || age >= self.duration_days => Stage::Fallow,
            age if age < 0 => Stage::PreSowing,
            age => of_age(age, self.duration_days),
        }
    }

    /// Returns the day of harvest.
    #[must_use]
    pub fn harvest(&self) -> Date {
        add_days(self.sown, self.duration_days)
    }
}

/// The seasons of rice, in the file's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    seasons: Vec<Season>,
}

impl Calendar {
    /// Returns the calendar written in `text`: a CSV table with at least the columns `crop`,
    /// `zone`, `start_from`, `start_to` (mm-dd), `duration_days_min` and `duration_days_max`
    /// (`data/reference/crop_calendar.csv`). Crops other than rice are left out.
    ///
    /// # Errors
    /// [`AdvisoryError::Calendar`] with the line, the value given and the values allowed.
    pub fn from_csv(text: &str) -> Result<Self, AdvisoryError> {
        let broken = |line: usize, reason: String| AdvisoryError::Calendar { line, reason };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().map_err(|e| broken(1, e.to_string()))?.clone();
        let column = |name: &str| {
            let found = header.iter().position(|h| h == name);
            found.ok_or_else(|| broken(1, format!("column {name:?} is missing")))
        };
        let columns = [
            column("crop")?,
            column("zone")?,
            column("start_from")?,
            column("start_to")?,
            column("duration_days_min")?,
            column("duration_days_max")?,
        ];
        let mut seasons = Vec::new();
        for (index, row) in reader.records().enumerate() {
            // The header is line 1.
            let line = index + 2;
            let row = row.map_err(|e| broken(line, e.to_string()))?;
            let cell = |i: usize| row.get(columns[i]).unwrap_or_default();
            let Some(crop) =
                [Crop::Rice, Crop::RiceShrimp].into_iter().find(|c| c.as_str() == cell(0))
            else {
                continue;
            };
            let season = season(crop, [cell(1), cell(2), cell(3), cell(4), cell(5)]);
            seasons.push(season.map_err(|reason| broken(line, reason))?);
        }
        Ok(Self { seasons })
    }

    /// Returns the stage of the zone's typical field: of the first season in the file that is in
    /// the field, else [`Stage::PreSowing`] when one is about to be sown, else [`Stage::Fallow`].
    /// [`Stage::Any`] for other crops and for zones without a season.
    #[must_use]
    pub fn stage(&self, crop: Crop, zone: &str, day: Date) -> Stage {
        let seasons = self.seasons.iter().filter(|s| s.crop == crop && s.zone == zone);
        let stages: Vec<Stage> = seasons.map(|season| season.stage(day)).collect();
        let idle = [Stage::Fallow, Stage::PreSowing];
        let growing = stages.iter().find(|stage| !idle.contains(stage));
        match growing {
            Some(stage) => *stage,
            None if stages.contains(&Stage::PreSowing) => Stage::PreSowing,
            None if stages.is_empty() => Stage::Any,
            None => Stage::Fallow,
        }
    }

    /// Returns the sowing that [`Self::stage`] tells the stage of; none in fallow, for other crops
    /// and for zones without a season.
    #[must_use]
    pub fn sown(&self, crop: Crop, zone: &str, day: Date) -> Option<Sown> {
        let seasons = self.seasons.iter().filter(|s| s.crop == crop && s.zone == zone);
        let around: Vec<Sown> = seasons.filter_map(|season| season.around(day)).collect();
        let growing = around.iter().find(|sown| sown.sown <= day);
        growing.or_else(|| around.first()).copied()
    }
}

impl Season {
    /// Returns the stage on `day` of a field sown in the middle of the window.
    fn stage(&self, day: Date) -> Stage {
        self.around(day)
            .map_or(Stage::Fallow, |sown| sown.stage_after(day, self.preparation_days()))
    }

    const fn preparation_days(&self) -> i64 {
        match self.crop {
            Crop::RiceShrimp => WASHING_DAYS,
            _ => LAND_PREPARATION_DAYS,
        }
    }

    /// Returns the sowing whose land preparation, growth or harvest `day` lies in.
    fn around(&self, day: Date) -> Option<Sown> {
        (-1..=1)
            .filter_map(|years| self.sown(day.year().saturating_add(years)))
            .map(|sown| Sown { sown, duration_days: self.duration_days })
            .find(|sown| sown.stage_after(day, self.preparation_days()) != Stage::Fallow)
    }

    /// Returns the middle of the sowing window that opens in `year`.
    fn sown(&self, year: i16) -> Option<Date> {
        let [(from_month, from_day), (to_month, to_day)] = self.sowing;
        let from = Date::new(year, from_month, from_day).ok()?;
        let to = Date::new(year, to_month, to_day).ok().filter(|to| *to >= from);
        let to = to.or_else(|| Date::new(year.saturating_add(1), to_month, to_day).ok())?;
        Some(add_days(from, days_between(from, to) / 2))
    }
}

/// Returns the stage of rice `age` days after sowing that is cut after `duration` days.
fn of_age(age: i64, duration: i64) -> Stage {
    match age {
        a if a < EMERGENCE_DAY => Stage::Germination,
        a if a < SEEDLING_END_DAY => Stage::Seedling,
        a if a < duration - PANICLE_BEFORE_HARVEST => Stage::Tillering,
        a if a < duration - FLOWERING_BEFORE_HARVEST => Stage::Panicle,
        a if a < duration - RIPENING_BEFORE_HARVEST => Stage::Flowering,
        _ => Stage::Ripening,
    }
}

fn season(crop: Crop, cells: [&str; 5]) -> Result<Season, String> {
    let [zone, from, to, shortest, longest] = cells;
    let days = |text: &str| {
        let range = 75..=240;
        let number = text.trim().parse::<i64>().ok().filter(|d| range.contains(d));
        number.ok_or_else(|| format!("duration {text:?} is not a number of days from 75 to 240"))
    };
    let sowing = [month_day(from)?, month_day(to)?];
    let duration_days = i64::midpoint(days(shortest)?, days(longest)?);
    Ok(Season { crop, zone: zone.trim().to_owned(), sowing, duration_days })
}

fn month_day(text: &str) -> Result<(i8, i8), String> {
    let parsed = text.trim().split_once('-').and_then(|(month, day)| {
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        Date::new(date(2001, 1, 1).year(), month, day).ok().map(|_| (month, day))
    });
    parsed.ok_or_else(|| format!("{text:?} is not a month and day (for example 11-20)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
id,crop,season_vi,zone,start_from,start_to,duration_days_min,duration_days_max,note
dx,rice,Đông Xuân,inland,11-01,12-31,90,105,\"plain, quoted\"
ht,rice,Hè Thu,inland,03-01,04-30,90,105,
mua,rice_shrimp,Mùa,rice_shrimp,08-01,09-15,105,180,
d,durian,Mùa thuận,any,12-01,01-31,110,160,
";

    fn stage(crop: Crop, zone: &str, day: Date) -> Stage {
        Calendar::from_csv(TEXT).unwrap().stage(crop, zone, day)
    }

    #[test]
    fn winter_spring_rice_passes_through_its_stages() {
        for (day, expected) in [
            (date(2009, 11, 20), Stage::PreSowing),
            (date(2009, 12, 1), Stage::Germination),
            (date(2009, 12, 10), Stage::Seedling),
            (date(2009, 12, 25), Stage::Tillering),
            (date(2010, 1, 20), Stage::Panicle),
            (date(2010, 2, 5), Stage::Flowering),
            (date(2010, 3, 1), Stage::Ripening),
            (date(2010, 3, 12), Stage::Fallow),
            (date(2010, 3, 20), Stage::PreSowing),
            (date(2010, 4, 20), Stage::Tillering),
        ] {
            assert_eq!(stage(Crop::Rice, "inland", day), expected, "on {day}");
        }
    }

    #[test]
    fn rice_shrimp_fields_are_washed_for_a_month_and_hold_shrimp_in_the_dry_season() {
        assert_eq!(stage(Crop::RiceShrimp, "rice_shrimp", date(2026, 3, 15)), Stage::Fallow);
        assert_eq!(stage(Crop::RiceShrimp, "rice_shrimp", date(2026, 7, 30)), Stage::PreSowing);
        assert_eq!(stage(Crop::RiceShrimp, "rice_shrimp", date(2026, 10, 1)), Stage::Tillering);
    }

    #[test]
    fn a_farmers_own_sowing_date_gives_the_stage_as_the_calendar_does() {
        let calendar = Calendar::from_csv(TEXT).unwrap();
        for ahead in 0..400 {
            let day = add_days(date(2009, 10, 1), ahead);
            let by_calendar = calendar.stage(Crop::Rice, "inland", day);
            match calendar.sown(Crop::Rice, "inland", day) {
                Some(sown) => assert_eq!(sown.stage(day), by_calendar, "on {day}"),
                None => assert_eq!(by_calendar, Stage::Fallow, "on {day}"),
            }
        }
        let own = Sown { sown: date(2009, 12, 20), duration_days: 95 };
        assert_eq!(own.stage(date(2009, 12, 22)), Stage::Germination);
        assert_eq!(own.harvest(), date(2010, 3, 25));
        assert_eq!(own.stage(own.harvest()), Stage::Fallow);
    }

    #[test]
    fn perennials_and_unknown_zones_are_not_told_apart() {
        assert_eq!(stage(Crop::Durian, "any", date(2026, 3, 15)), Stage::Any);
        assert_eq!(stage(Crop::Rice, "moon", date(2026, 3, 15)), Stage::Any);
    }

    #[test]
    fn a_window_may_cross_the_new_year() {
        let text = TEXT.replace("11-01,12-31", "12-15,02-15");
        let calendar = Calendar::from_csv(&text).unwrap();
        assert_eq!(calendar.stage(Crop::Rice, "inland", date(2010, 1, 15)), Stage::Germination);
        assert_eq!(calendar.stage(Crop::Rice, "inland", date(2010, 1, 5)), Stage::PreSowing);
    }

    #[test]
    fn a_broken_line_is_named_with_what_was_given() {
        let error = Calendar::from_csv(&TEXT.replace("03-01", "13-01")).unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("13-01"), "{error}");
        let error = Calendar::from_csv(&TEXT.replace("zone", "place")).unwrap_err().to_string();
        assert!(error.contains("\"zone\" is missing"), "{error}");
        let error = Calendar::from_csv(&TEXT.replace(
            "ht,rice,Hè Thu,inland,03-01,04-30,90",
            "ht,rice,Hè Thu,inland,03-01,04-30,9",
        ))
        .unwrap_err()
        .to_string();
        assert!(error.contains("\"9\""), "{error}");
    }
}
