//! The real archive: the counts its README states, and what every table needs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use muavu::domain::Variables;
use muavu::frames::observations::{OBSERVATION, period_of};
use muavu::frames::{Observation, to_batch};

use super::{Imported, import_path};
use crate::support;

/// Counts of the real archive: set, rows read, good rows, then what was flagged and lost.
type Counts = (&'static str, usize, usize, &'static [(&'static str, usize)]);

/// What the data folder's README says (rows, sentinels, zeros, sensors, doubled rows) and what
/// follows from it: good rows are cells, so 18,348 salinity days are 36,696 values of two columns.
const README: [Counts; 34] = [
    ("salinity.daily", 18_348, 36_696, &[("censored_low", 844), ("place_unsure", 2_376)]),
    ("salinity.stations", 27, 27, &[]),
    ("salinity.stations_official", 115, 115, &[]),
    ("salinity.depth_weekly", 104, 205, &[("zero_as_missing", 3)]),
    (
        "salinity.buoy",
        5_525,
        15_892,
        &[("zero_as_missing", 36 + 631), ("dead_sensor", 2 * 5_525), ("sentinel", 16)],
    ),
    (
        "hydrology.waterlevel",
        9_618,
        22 * 9_618,
        &[("excluded", 3 * 9_618), ("old_method", 22 * 5_082)],
    ),
    ("hydrology.waterlevel_stations", 25, 25, &[]),
    ("hydrology.discharge_kratie", 23_905, 23_905, &[]),
    ("hydrology.discharge_stungtreng", 39_812, 39_812, &[("reconstructed", 18_262)]),
    ("hydrology.pakse", 26_327, 26_327, &[]),
    ("hydrology.xuanhoa", 8_784, 4_040, &[("missing", 4_744)]),
    ("weather.gauges", 76_706, 75_753, &[("missing", 953)]),
    ("weather.gauges_stations", 14, 14, &[]),
    (
        "weather.wwo",
        51_100,
        8 * 51_100,
        &[("old_product", 8 * 14 * 365), ("shared_cell", 8 * 4 * 3_650)],
    ),
    ("weather.open_meteo_daily", 8_636, 21 * 8_636, &[("dead_sensor", 8_636)]),
    ("weather.open_meteo_monthly", 5_916, 7 * 5_916, &[]),
    ("weather.owm_stream", 32_734, 97_909, &[("same_event", 23_650), ("zero_as_missing", 2_015)]),
    ("verification.imd_forecasts", 4_480, 4_340, &[("duplicates", 140)]),
    ("verification.imd_rain", 10_466, 10_117, &[("missing", 349)]),
    ("climate.oni", 914, 914, &[]),
    ("climate.roni", 918, 918, &[]),
    ("climate.nino34", 915, 915, &[]),
    ("climate.nino12", 915, 915, &[]),
    ("climate.mei", 566, 566, &[]),
    ("climate.soi", 900, 900, &[]),
    ("climate.iod", 1_864, 1_864, &[]),
    ("climate.pdo", 936, 932, &[("sentinel", 4)]),
    ("climate.mjo_rmm", 18_048, 4 * (18_048 - 290), &[("sentinel", 4 * 290), ("rows_bad", 290)]),
    ("climate.enso_probs", 9, 27, &[]),
    ("market.pink_sheet", 13_890, 13_890, &[]),
    ("market.wfp", 198, 3 * 198, &[]),
    ("market.usda_psd", 8_550, 7_980, &[("excluded", 570)]),
    (
        "crop.aicrip",
        13_008,
        114_779,
        &[("inconsistent", 2 * 8), ("out_of_range", 608), ("duplicate_conflict", 214)],
    ),
    ("crop.gso_agri", 53_570, 49_320, &[("preliminary", 2_334), ("excluded", 4_250)]),
];

#[test]
fn the_real_archive_gives_the_readmes_counts() {
    let Some(path) = support::shared("data") else { return };
    let imported = import_path(&path);
    for (set, rows, good, named) in README {
        let report = &imported.reports[set];
        assert_eq!((report.rows_read, report.good), (rows, good), "{set}: {report:?}");
        for (word, count) in named {
            let found = match *word {
                "missing" => report.missing,
                "duplicates" => report.duplicates,
                "same_event" => report.same_event,
                "rows_bad" => report.rows_bad,
                word => {
                    report.bad.get(word).or_else(|| report.flagged.get(word)).copied().unwrap_or(0)
                }
            };
            assert_eq!(found, *count, "{set}: {word}");
        }
    }
    assert!(imported.issues("unknown_file").is_empty());
    assert!(imported.issues("missing_file").is_empty());
    assert!(imported.issues("unknown_column").is_empty());
    assert_eq!(imported.rows.places.iter().filter(|p| &*p.kind == "commune").count(), 124);
    let dropped = ["river:duc_xuyen", "river:kontum", "river:ban_don"];
    assert!(!imported.of("water_level_m").any(|o| dropped.contains(&o.place.as_str())));
    let at_maruteru = |o: &&Observation| {
        let year = muavu::domain::time::local_date(o.valid_time).year();
        o.place.as_str().starts_with("pest:maruteru") && (1999..=2001).contains(&year)
    };
    assert_eq!(imported.of("rain_week_mm").filter(at_maruteru).count(), 0);
    the_tables_take_it(&imported);
    the_workbook_says_what_the_csv_says(&path);
}

/// Keys are unique but for the two files that say the same prices, periods are those of the table,
/// and the table's own check passes.
fn the_tables_take_it(imported: &Imported) {
    let catalogue = Variables::shipped().unwrap();
    let mut keys = BTreeSet::new();
    let mut twins = 0;
    for o in &imported.rows.observations {
        let new = keys.insert((&*o.variable, &o.place, o.valid_time, &*o.source));
        twins += usize::from(!new);
        assert!(new || &*o.source == "market.world_bank", "{o:?}");
        assert_eq!(o.period, period_of(catalogue.get(&o.variable).unwrap(), o.valid_time));
        assert!(o.available_at >= o.valid_time, "{o:?}");
    }
    assert_eq!(twins, 13_890);
    let salinity: Vec<_> = imported.of("salinity_max_g_l").cloned().collect();
    assert_eq!(to_batch(&OBSERVATION, &salinity).unwrap().num_rows(), 18_348);
    let mut issues = BTreeSet::new();
    for i in &imported.rows.issues {
        let key = (&i.source, &i.artefact, i.row, &i.field, &i.reason, &i.raw);
        assert!(issues.insert(key), "{i:?}");
    }
}

fn the_workbook_says_what_the_csv_says(path: &Path) {
    let read = |file: &str| import_path(&path.join("market").join(file)).rows.observations;
    let csv = read("pink_sheet_monthly.csv");
    let workbook = read("CMO-Historical-Data-Monthly.xlsx");
    let of = |rows: Vec<Observation>| -> BTreeMap<_, _> {
        let row = |o: Observation| ((o.variable, o.place, o.valid_time), (o.value, o.available_at));
        rows.into_iter().map(row).collect()
    };
    assert_eq!(of(csv), of(workbook));
}
