//! Which fields are spoken of: a crop of one zone and former province, sown on one day of each year.
//!
//! A forecast for each of 124 communes would repeat itself: communes of one former province and zone
//! have the same calendar and the same weather point. So a place is a zone, `zone:<former
//! province>.<zone>.<crop or batch>`, and [`zones_of`] tells which zones a commune lies in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Deserialize;

use crate::domain::geography::{GeographyError, table};
use crate::domain::place::slug;
use crate::domain::time::{date_of_epoch_day, epoch_day};
use crate::domain::{CommuneCode, Crop, Geography, PlaceId};

/// What grows where (`data/reference/commune_crops.csv`).
const COMMUNE_CROPS: &str = include_str!("../../../../data/reference/commune_crops.csv");
/// When rice is sown (`data/reference/crop_calendar.csv`).
const CALENDAR: &str = include_str!("../../../../data/reference/crop_calendar.csv");
/// The mean of the province, for former provinces whose town is not measured.
const PROVINCE: &str = "province:vinh_long";
/// Longer windows of sowing are spoken of twice, at their quarters: a month apart, dates differ by
/// more than any weather moves them.
const WINDOW_DAYS_MAX: i64 = 31;
/// The rounds of former Vĩnh Long (the calendar's note names its districts) and the batch that they
/// stand for there.
const ROUNDS: (&str, &str, &str) = ("vinh_long", "dx_vl_", "dx_inland");
/// Perennials are reckoned from the end of the rains, when beds are full of water.
const PERENNIAL_START: (i8, i8) = (11, 1);

/// A crop of one zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The zone.
    pub place: PlaceId,
    /// What grows.
    pub crop: Crop,
    /// Where its weather is measured: the town of the former province, else the province.
    pub points: [PlaceId; 2],
    /// Month and day on which a season starts, in rising order.
    pub starts: Vec<(i8, i8)>,
}

#[derive(Debug, Deserialize)]
struct CropRow {
    code: CommuneCode,
    crop: Crop,
    zone: String,
}

#[derive(Debug, Deserialize)]
struct BatchRow {
    id: String,
    crop: Crop,
    zone: String,
    start_from: String,
    start_to: String,
}

/// All fields, and the zones of each commune.
#[derive(Debug, Default)]
struct Fields {
    all: Vec<Field>,
    zones: BTreeMap<CommuneCode, BTreeSet<PlaceId>>,
}

#[expect(clippy::expect_used, reason = "the shipped table is whole: a test reads it")]
static SHIPPED: LazyLock<Fields> =
    LazyLock::new(|| Fields::read().expect("a test keeps the shipped tables whole"));

/// Returns every field that the shipped tables know, in the order of their places.
#[must_use]
pub fn all() -> &'static [Field] {
    &SHIPPED.all
}

/// Returns the field of a place.
#[must_use]
pub fn named(place: &PlaceId) -> Option<&'static Field> {
    let index = SHIPPED.all.binary_search_by(|field| field.place.cmp(place)).ok()?;
    Some(&SHIPPED.all[index])
}

/// Returns the zones that a commune lies in: what is forecast there is what holds for it.
pub fn zones_of(commune: &CommuneCode) -> impl Iterator<Item = &'static PlaceId> {
    SHIPPED.zones.get(commune).into_iter().flatten()
}

impl Field {
    /// Returns the last part of the place: the batch of rice, or the crop.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.place.id().splitn(3, '.').last().unwrap_or_default()
    }

    /// Returns the epoch day on which the season that holds `day` started.
    #[must_use]
    pub fn start(&self, day: i64) -> i64 {
        let year = date_of_epoch_day(day).year();
        let starts = [year - 1, year].into_iter().flat_map(|y| {
            self.starts.iter().map(move |(month, date)| epoch_day(Date::constant(y, *month, *date)))
        });
        starts.filter(|start| *start <= day).max().unwrap_or(day)
    }
}

impl Fields {
    fn read() -> Result<Self, GeographyError> {
        let grown: Vec<CropRow> = table("commune_crops.csv", COMMUNE_CROPS)?;
        let batches: Vec<BatchRow> = table("crop_calendar.csv", CALENDAR)?;
        let former: BTreeMap<CommuneCode, String> = Geography::shipped()?
            .communes
            .into_iter()
            .map(|commune| (commune.code, slug(&commune.former_province)))
            .collect();
        let mut fields = BTreeMap::new();
        let mut zones: BTreeMap<CommuneCode, BTreeSet<PlaceId>> = BTreeMap::new();
        for row in grown {
            let Some(province) = former.get(&row.code) else { continue };
            for field in fields_of(&row, province, &batches) {
                zones.entry(row.code.clone()).or_default().insert(field.place.clone());
                fields.insert(field.place.clone(), field);
            }
        }
        Ok(Self { all: fields.into_values().collect(), zones })
    }
}

/// Returns the fields of one crop in one commune: a batch each for rice, one for a perennial.
fn fields_of(row: &CropRow, province: &str, batches: &[BatchRow]) -> Vec<Field> {
    let field = |subject: &str, starts: Vec<(i8, i8)>| {
        let place = PlaceId::new("zone", &format!("{province}.{}.{subject}", row.zone)).ok()?;
        let town = PlaceId::new("city", province).ok()?;
        Some(Field { place, crop: row.crop, points: [town, PROVINCE.parse().ok()?], starts })
    };
    match row.crop {
        Crop::Rice | Crop::RiceShrimp => batches
            .iter()
            .filter(|b| b.crop == row.crop && b.zone == row.zone && sown_in(b, province))
            .flat_map(sowings)
            .filter_map(|(subject, start)| field(&subject, vec![start]))
            .collect(),
        // Kept by salt water, or of a need nobody published (data/reference/kc.toml).
        Crop::Shrimp | Crop::Mangosteen | Crop::Nursery => Vec::new(),
        // Leaves are planted again and again: every 75 days (kc.toml) from the end of the rains.
        Crop::Vegetables => {
            let starts = vec![(1, 15), (3, 31), (6, 14), (8, 28), PERENNIAL_START];
            field("leaf_vegetables", starts).into_iter().collect()
        }
        crop => field(crop.as_str(), vec![PERENNIAL_START]).into_iter().collect(),
    }
}

fn sown_in(batch: &BatchRow, province: &str) -> bool {
    let (home, rounds, stood_for) = ROUNDS;
    if province == home { batch.id != stood_for } else { !batch.id.starts_with(rounds) }
}

/// Returns the days that stand for a batch: the middle of its window, or its quarters when it is
/// long, with the name of each.
fn sowings(batch: &BatchRow) -> Vec<(String, (i8, i8))> {
    let Some((from, to)) = day_of(&batch.start_from).zip(day_of(&batch.start_to)) else {
        return Vec::new();
    };
    let length = (to - from).rem_euclid(365);
    let day = |share: f64| {
        let date = date_of_epoch_day(from + (share * length as f64).round() as i64);
        (date.month(), date.day())
    };
    if length > WINDOW_DAYS_MAX {
        let named = |part: &str| format!("{}.{part}", batch.id);
        vec![(named("early"), day(0.25)), (named("late"), day(0.75))]
    } else {
        vec![(batch.id.clone(), day(0.5))]
    }
}

/// Returns the epoch day of a month and day, `10-16`, in a year without leap day.
fn day_of(month_day: &str) -> Option<i64> {
    format!("2025-{month_day}").parse().ok().map(epoch_day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_shipped_tables_give_every_commune_its_zones() {
        let places: Vec<&str> = all().iter().map(|field| field.place.as_str()).collect();
        for expected in [
            "zone:vinh_long.inland.dx_vl_1",
            "zone:tra_vinh.inland.dx_inland.early",
            "zone:ben_tre.coast.ht_coast.late",
            "zone:ben_tre.any.coconut",
            "zone:tra_vinh.any.leaf_vegetables",
        ] {
            assert!(places.contains(&expected), "{expected} is not among {places:?}");
        }
        assert!(!places.contains(&"zone:vinh_long.inland.dx_inland.early"), "rounds stand for it");
        assert!(all().iter().all(|f| named(&f.place) == Some(f) && !f.starts.is_empty()));
        let communes = Geography::shipped().unwrap().communes;
        let without: Vec<&str> = communes
            .iter()
            .filter(|c| zones_of(&c.code).next().is_none())
            .map(|c| c.name.as_str())
            .collect();
        assert!(without.len() < 10, "no field in {without:?}");
    }

    #[test]
    fn a_season_starts_on_its_last_sowing_and_crosses_the_new_year() {
        let field = named(&"zone:vinh_long.inland.dx_vl_3".parse().unwrap()).unwrap();
        assert_eq!((field.subject(), field.starts.as_slice()), ("dx_vl_3", [(12, 9)].as_slice()));
        let start = |day| date_of_epoch_day(field.start(epoch_day(day)));
        assert_eq!(start(date(2017, 2, 3)), date(2016, 12, 9));
        assert_eq!(start(date(2017, 12, 8)), date(2016, 12, 9));
        assert_eq!(start(date(2017, 12, 9)), date(2017, 12, 9));
    }
}
