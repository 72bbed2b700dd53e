//! Rice phenology against `Wofost72_PP` (`shared/reference/wofost_rice_phenology`, DVS 1e-6, days
//! exact), and harvest windows against real harvests (`shared/data/crop/rice_fields_2022.csv`).

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::{Date, date};
use muavu::agronomy::phenology::{Normals, Phenology, Varieties, develop, season_dates};
use muavu::domain::time::{add_days, days_between};

use crate::support::shared;

const VARIETIES: &str = include_str!("../../data/reference/rice_varieties.toml");

fn rows(path: &Path) -> Vec<csv::StringRecord> {
    csv::Reader::from_path(path).unwrap().records().map(Result::unwrap).collect()
}

#[test]
fn stage_flowering_and_maturity_equal_wofost_for_four_varieties() {
    let Some(folder) = shared("reference/wofost_rice_phenology") else { return };
    let weather: BTreeMap<Date, f64> = rows(&folder.join("weather_synthetic.csv"))
        .iter()
        .map(|row| {
            let (low, high): (f64, f64) = (row[1].parse().unwrap(), row[2].parse().unwrap());
            (row[0].parse().unwrap(), f64::midpoint(low, high))
        })
        .collect();
    let summary = rows(&folder.join("expected_summary.csv"));
    assert_eq!(summary.len(), 4);
    let mut worst = 0.0_f64;
    for row in &summary {
        let number = |column: usize| row[column].parse::<f64>().unwrap();
        assert_eq!(&row[10], "[0.0, 0.0, 8.0, 0.0, 30.0, 24.0, 42.5, 0.0]");
        assert_eq!((&row[12], &row[13]), ("2.0", "0"), "maturity at 2, no day length");
        let phenology = Phenology {
            to_flowering_c_d: number(7),
            to_maturity_c_d: number(8),
            dvs_emergence: number(11),
        };
        let emergence: Date = row[1].parse().unwrap();
        let felt_c = weather.range(emergence..).map(|(_, mean_c)| *mean_c);
        let crop = develop(&phenology, emergence, felt_c).unwrap();
        assert_eq!(crop.flowering().unwrap().to_string(), row[2], "{row:?}");
        assert_eq!(crop.maturity().unwrap().to_string(), row[3], "{row:?}");
        let theirs = rows(&folder.join(format!("expected_{}_{}.csv", &row[0], &row[1])));
        assert_eq!(theirs.len(), crop.dvs().len(), "{row:?}");
        for (ours, theirs) in crop.dvs().iter().zip(&theirs) {
            let error = (ours - theirs[1].parse::<f64>().unwrap()).abs();
            assert!(error <= 1e-6, "{}: ours {ours}, theirs {theirs:?}", &row[0]);
            worst = worst.max(error);
        }
    }
    eprintln!("phenology: worst error of a development stage {worst:.1e}");
}

/// What the fields of one district, season and intensity were: harvests in rising order.
type Fields = BTreeMap<(String, String, String), Vec<Date>>;

fn fields() -> Option<Fields> {
    let mut fields = Fields::new();
    for row in rows(&shared("data/crop/rice_fields_2022.csv")?) {
        let key = (row[0].to_owned(), row[3].to_owned(), row[4].to_owned());
        fields.entry(key).or_default().push(row[5].parse().unwrap());
    }
    for harvests in fields.values_mut() {
        harvests.sort_unstable();
    }
    Some(fields)
}

/// Returns the first and last day a harvest is expected of any variety of 90 to 105 days sown
/// between two days, in usual weather.
fn expected_harvests(from: Date, to: Date) -> (Date, Date) {
    let table = Varieties::from_toml(VARIETIES).unwrap();
    let window = |id: &str, sowing| {
        season_dates(table.named(id).unwrap(), sowing, &[], &table.normals).unwrap().harvest
    };
    (window("om5451", from).earliest, window("om9921", to).latest)
}

/// The survey names no sowing, so the calendar's sowing months stand in (`crop_calendar.csv`:
/// winter-spring inland Nov–Dec, summer-autumn inland Mar–Apr). An Giang sows as late as the flood
/// lets it: what must hold is that no field is cut before a crop of that calendar could be ripe,
/// and how many lie inside is pinned.
#[test]
fn real_harvests_lie_in_the_windows_of_the_sowing_calendar() {
    let Some(fields) = fields() else { return };
    let expected = BTreeMap::from([
        ("WS", expected_harvests(date(2021, 11, 1), date(2021, 12, 31))),
        ("SA", expected_harvests(date(2022, 3, 1), date(2022, 4, 30))),
    ]);
    let mut inside: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for ((_, season, _), harvests) in &fields {
        let (first, last) = expected[season.as_str()];
        assert!(harvests.iter().all(|day| *day >= first), "{season}: {harvests:?}");
        let count = inside.entry(season.as_str()).or_default();
        count[0] += harvests.iter().filter(|day| **day <= last).count();
        count[1] += harvests.len();
    }
    eprintln!("phenology: fields inside their window and all {inside:?}, windows {expected:?}");
    assert_eq!(inside, BTreeMap::from([("SA", [173, 173]), ("WS", [213, 213])]));
}

/// Fields of the same district and intensity were cut twice: between the two middle harvests lie
/// one summer-autumn crop and the time to prepare the land, at least a week.
#[test]
fn a_summer_autumn_crop_fits_between_the_two_harvests_of_a_district() {
    let Some(fields) = fields() else { return };
    let table = Varieties::from_toml(VARIETIES).unwrap();
    let om5451 = table.named("om5451").unwrap();
    let mut turnarounds_days = Vec::new();
    for district in ["Chau_Phu", "Chau_Thanh"] {
        for intensity in ["D", "T"] {
            let middle = |season: &str| {
                let all = &fields[&(district.to_owned(), season.to_owned(), intensity.to_owned())];
                all[all.len() / 2]
            };
            let (winter, summer) = (middle("WS"), middle("SA"));
            let sowing = (0..200)
                .map(|back| add_days(summer, -back))
                .find(|sowing| {
                    let season = season_dates(om5451, *sowing, &[], &table.normals).unwrap();
                    season.harvest.likely <= summer
                })
                .unwrap();
            turnarounds_days.push(days_between(winter, sowing));
        }
    }
    eprintln!("phenology: days between winter-spring harvest and next sowing {turnarounds_days:?}");
    assert!(turnarounds_days.iter().all(|days| (7..=45).contains(days)), "{turnarounds_days:?}");
}

/// Returns the monthly mean temperatures (°C) of Vĩnh Long by year and month.
fn months_c() -> Option<BTreeMap<(i16, i8), f64>> {
    let rows = rows(&shared("data/weather/openmeteo_monthly_34prov.csv")?);
    let here = rows.iter().filter(|row| &row[0] == "Vĩnh Long");
    let months = here.map(|row| {
        let start: Date = row[1].parse().unwrap();
        ((start.year(), start.month()), row[2].parse().unwrap())
    });
    Some(months.collect())
}

/// MTL372 is told to take 85 days, no more and no less, so its window at sowing is the weather's
/// alone: four of five seasons should end in it, or a few more, for its ends are whole days.
#[test]
fn the_window_at_sowing_holds_the_harvest_of_four_seasons_in_five() {
    let Some(months_c) = months_c() else { return };
    let table = Varieties::from_toml(VARIETIES).unwrap();
    let mtl372 = table.named("mtl372").unwrap();
    let mut inside = [0, 0];
    for year in 2011..2025 {
        for sowing in [date(year, 2, 15), date(year, 5, 5), date(year, 8, 10), date(year, 11, 20)] {
            let felt_c: Option<Vec<Option<f64>>> = (0..110)
                .map(|day| add_days(sowing, day))
                .map(|day| months_c.get(&(day.year(), day.month())).map(|c| Some(*c)))
                .collect();
            let Some(felt_c) = felt_c else { continue };
            let told = |seen_c: &[Option<f64>]| {
                season_dates(mtl372, sowing, seen_c, &table.normals).unwrap().harvest
            };
            let came = told(&felt_c);
            assert_eq!((came.earliest, came.latest), (came.likely, came.likely));
            inside[0] += usize::from(told(&[]).contains(came.likely));
            inside[1] += 1;
        }
    }
    eprintln!("phenology: seasons inside the window at sowing, and all: {inside:?}");
    let share = inside[0] as f64 / inside[1] as f64;
    assert!(inside[1] >= 50 && (0.78..=0.95).contains(&share), "{inside:?}");
}

#[test]
fn normals_of_the_shipped_table_are_those_of_the_archive() {
    let Some(months_c) = months_c() else { return };
    let mut sums = [(0.0, 0.0); 12];
    for ((_, month), mean_c) in &months_c {
        let sum = &mut sums[usize::from(month.unsigned_abs()) - 1];
        *sum = (sum.0 + mean_c, sum.1 + 1.0);
    }
    let archive = Normals::from_months(sums.map(|(sum, count)| sum / count), 0.5).unwrap();
    let shipped = Varieties::from_toml(VARIETIES).unwrap().normals;
    for offset in 0..366 {
        let day = add_days(date(2024, 1, 1), offset);
        let apart_c = (shipped.on(day) - archive.on(day)).abs();
        assert!(apart_c <= 0.005 + 1e-9, "{day}: {apart_c} °C");
    }
}
