//! The three seasons of delta rice as the statistics count them: places, windows, months left.

use jiff::civil::{Date, date};

use crate::domain::PlaceId;
use crate::domain::time::{date_of_epoch_day, epoch_day};

/// The kind of place of the 13 provinces before July 2025.
pub(super) const OLD_PROVINCE: &str = "old_province";

/// The merged province (decree 19/2025/QD-TTg), as a place of its own.
const MERGED: &str = "province:vinh_long";

/// The provinces it was made of.
const PARTS: [&str; 3] = ["ben_tre", "tra_vinh", "vinh_long"];

/// Provinces with a coast or an estuary of their own, where salt comes up in dry years. Geography,
/// not results: the other five are only reached over these.
const SALT_EXPOSED: [&str; 8] = [
    "bac_lieu",
    "ben_tre",
    "ca_mau",
    "kien_giang",
    "long_an",
    "soc_trang",
    "tien_giang",
    "tra_vinh",
];

/// A season of rice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Season {
    /// 15 November to 15 March, counted to the year of harvest.
    WinterSpring,
    /// 15 April to 15 August, autumn-winter included.
    SummerAutumn,
    /// 15 May to 30 November.
    Main,
}

impl Season {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::WinterSpring, Self::SummerAutumn, Self::Main];

    /// Returns the name as it ends a place id.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WinterSpring => "winter_spring",
            Self::SummerAutumn => "summer_autumn",
            Self::Main => "main_season",
        }
    }

    /// Returns the season of a place such as `old_province:tra_vinh.main_season`.
    pub fn of(place: &PlaceId) -> Option<Self> {
        let (_, name) = place.id().rsplit_once('.')?;
        Self::ALL.into_iter().find(|season| season.name() == name)
    }

    /// Returns the day (epoch days) a year's numbers stand on: the first of the window
    /// (`data/reference/manifest.toml`, `crop.rice_province_season`).
    pub fn start(self, year: i16) -> i64 {
        epoch_day(match self {
            Self::WinterSpring => date(year - 1, 11, 15),
            Self::SummerAutumn => date(year, 4, 15),
            Self::Main => date(year, 5, 15),
        })
    }

    /// Returns the month of harvest.
    const fn harvest_month(self) -> i8 {
        match self {
            Self::WinterSpring => 3,
            Self::SummerAutumn => 8,
            Self::Main => 11,
        }
    }

    /// Returns the first days of a month that lie between sowing and harvest.
    pub const fn horizons(self) -> u8 {
        match self {
            Self::WinterSpring | Self::SummerAutumn => 4,
            Self::Main => 6,
        }
    }

    /// Returns the year of the crop in the field on the first of a month, and the months left to its
    /// harvest, 1 in the month of harvest; `None` on other days and between crops.
    pub fn underway(self, today: i64) -> Option<(i16, u8)> {
        let today = date_of_epoch_day(today);
        if today.day() != 1 {
            return None;
        }
        let left = (self.harvest_month() - today.month()).rem_euclid(12) + 1;
        let left = u8::try_from(left).ok().filter(|left| *left <= self.horizons())?;
        Some((Self::year_of_harvest(today, left), left))
    }

    /// Returns the year of the crop that is harvested `left` months after the month before `today`.
    pub fn year_of_harvest(today: Date, left: u8) -> i16 {
        let months = i16::from(today.month()) - 1 + i16::from(left) - 1;
        today.year() + months.div_euclid(12)
    }
}

/// Returns the province of an old place, `tra_vinh` of `old_province:tra_vinh.main_season`.
fn province(place: &PlaceId) -> Option<&str> {
    (place.kind() == OLD_PROVINCE).then(|| place.id().split('.').next().unwrap_or_default())
}

/// Returns whether salt reaches this crop in dry years: winter-spring and main rice of the
/// provinces at the coast. Summer-autumn rice is sown with the first rains, when the salt leaves.
pub(super) fn salt_exposed(place: &PlaceId) -> bool {
    Season::of(place) != Some(Season::SummerAutumn)
        && province(place).is_some_and(|name| SALT_EXPOSED.contains(&name))
}

/// Returns the merged province's place for a season.
pub(super) fn merged(season: Season) -> Option<PlaceId> {
    format!("{MERGED}.{}", season.name()).parse().ok()
}

/// Returns the places a merged place is the sum of; nothing for one that is not merged.
pub(super) fn parts(place: &PlaceId) -> Vec<PlaceId> {
    let Some(season) = Season::of(place).filter(|s| merged(*s).as_ref() == Some(place)) else {
        return Vec::new();
    };
    let part = |name: &str| format!("{OLD_PROVINCE}:{name}.{}", season.name()).parse().ok();
    PARTS.iter().filter_map(|name| part(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(year: i16, month: i8, day: i8) -> i64 {
        epoch_day(date(year, month, day))
    }

    #[test]
    fn winter_spring_rice_is_issued_from_december_to_march_for_the_year_of_harvest() {
        let season = Season::WinterSpring;
        assert_eq!(season.underway(on(2015, 12, 1)), Some((2016, 4)));
        assert_eq!(season.underway(on(2016, 3, 1)), Some((2016, 1)));
        assert_eq!(season.underway(on(2016, 4, 1)), None);
        assert_eq!(season.underway(on(2015, 11, 1)), None);
        assert_eq!(season.underway(on(2016, 2, 2)), None);
        assert_eq!(season.start(2016), on(2015, 11, 15));
    }

    #[test]
    fn main_rice_has_six_months_in_the_field_and_every_issue_lies_in_the_window() {
        assert_eq!(Season::Main.underway(on(2016, 6, 1)), Some((2016, 6)));
        assert_eq!(Season::Main.underway(on(2016, 11, 1)), Some((2016, 1)));
        for season in Season::ALL {
            let issues = (on(2010, 1, 1)..on(2011, 1, 1)).filter_map(|d| season.underway(d));
            assert_eq!(issues.count(), usize::from(season.horizons()));
        }
    }

    #[test]
    fn the_merged_province_has_three_parts_and_others_have_none() {
        let place = merged(Season::Main).unwrap();
        assert_eq!(place.as_str(), "province:vinh_long.main_season");
        assert_eq!(parts(&place).len(), 3);
        let old: PlaceId = "old_province:vinh_long.main_season".parse().unwrap();
        assert!(parts(&old).is_empty() && !salt_exposed(&old));
        assert!(salt_exposed(&"old_province:ben_tre.winter_spring".parse().unwrap()));
        assert!(!salt_exposed(&"old_province:ben_tre.summer_autumn".parse().unwrap()));
    }
}
