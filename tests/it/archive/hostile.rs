//! Folders as they should not be: each broken file costs itself and nothing else.

use std::collections::BTreeSet;
use std::fs;

use muavu::domain::Variables;
use muavu::frames::Issue;
use muavu::sources::archive::{Manifest, parse_set, read_folder};

use super::{import, import_path, seen_at};

#[test]
fn a_hostile_folder_costs_only_what_is_broken() {
    let good = "date,discharge_m3_s\n2027-03-01,1800\n";
    let files: [(&str, &[u8]); 16] = [
        ("hydrology/discharge_kratie.csv", good.as_bytes()),
        ("hydrology/notes.docx", b"PK\x03\x04"),
        ("hydrology/discharge_stungtreng.csv", b""),
        ("hydrology/pakse_level.csv", b"timestamp,water_level_m,flag\n"),
        ("hydrology/xuanhoa_level_hourly_2027.csv", b"\xff\xfet\0i\0m\0e\0"),
        ("climate/oni.csv", b"\x00\x01\x02\x03binary"),
        ("climate/soi.csv", b"<!DOCTYPE html><title>Log in</title>"),
        ("climate/iod.csv", b"year;month;iod_c;date\n2027;1;0.2;2027-01-01\n"),
        ("climate/mei.csv", b"year,bimonth,mei_index,month,date\n2027,DJ,0.1,1,2027-01-01\n2027,\"JF,0.2,2,2027-02-01\n2027,FM,0.3,3,2027-03-01\n"),
        ("climate/nino34.csv", b"year,month,nino34_c,date\n2027,1,0.2\n2027,2,abc,2027-02-01\n2027,3,nan,2027-03-01\n2027,4,0.4,31/12/2027\n2027,5,0.5,2027-05-01\n"),
        ("climate/nino12.csv", b"year,month,date\n2027,1,2027-01-01\n"),
        ("climate/pdo.csv", b"year,month,pdo_index,date,note\n2027,1,0.7,2027-01-01,x\n"),
        ("weather/gauges_rain_daily.csv", b"station,date,rain_mm\nB\xe0 Tri,2027-01-01,1\nBa Tri,2027-01-01,2\nBa Tri,2027-01-02,2\xa0\n,2027-01-03,4\n"),
        ("weather/openmeteo_monthly_34prov.csv", "province,month_start,temp_mean_c,min_of_daily_mean_c,max_of_daily_mean_c,std_of_daily_mean_c,rain_total_mm,rain_max_daily_mm,rain_days,latitude,longitude\nVinh Lnog,2027-01-01,27,25,29,1,10,5,3,10,106\nVĩnh Long,2027-01-01,27,25,29,1,10,5,3,10,106\n".as_bytes()),
        ("market/CMO-Historical-Data-Monthly.xlsx", b"PK\x03\x04 not a workbook"),
        (".DS_Store", b"\0\0\0"),
    ];
    let imported = import(&files);
    let told: BTreeSet<(&str, &str)> =
        imported.rows.issues.iter().map(|i| (&*i.artefact, &*i.reason)).collect();
    let expected = [
        ("hydrology/notes.docx", "unknown_file"),
        ("hydrology/discharge_stungtreng.csv", "empty_file"),
        ("hydrology/pakse_level.csv", "no_rows"),
        ("hydrology/xuanhoa_level_hourly_2027.csv", "not_text"),
        ("climate/oni.csv", "not_text"),
        ("climate/soi.csv", "not_text"),
        ("climate/iod.csv", "missing_column"),
        ("climate/mei.csv", "broken_quote"),
        ("climate/nino34.csv", "wrong_cell_count"),
        ("climate/nino34.csv", "not_a_number"),
        ("climate/nino34.csv", "bad_time"),
        ("climate/nino12.csv", "missing_column"),
        ("climate/pdo.csv", "unknown_column"),
        ("weather/gauges_rain_daily.csv", "wrong_encoding"),
        ("weather/gauges_rain_daily.csv", "unknown_place"),
        ("weather/openmeteo_monthly_34prov.csv", "unknown_place"),
        ("salinity/daily.csv", "missing_file"),
    ];
    for (artefact, reason) in expected {
        assert!(told.contains(&(artefact, reason)), "{artefact}: {reason} not among {told:?}");
    }
    assert!(told.iter().any(|(a, _)| a.ends_with(".xlsx")));
    assert!(!told.iter().any(|(a, _)| a.contains("DS_Store")));
    assert!(imported.rows.issues.iter().all(|i| !i.detail.is_empty()));
    assert_eq!(imported.values("discharge_m3_s"), [1800.0]);
    assert_eq!(imported.values("mei_index"), [0.1, 0.3], "an open quote costs its own line");
    assert_eq!(imported.values("nino34_c"), [0.5]);
    assert_eq!(imported.values("pdo_index"), [0.7]);
    assert_eq!(imported.values("rain_mm"), [2.0]);
    assert_eq!(imported.values("rain_month_mm"), [10.0]);
}

#[test]
fn a_folder_that_is_not_there_is_an_error_and_one_file_alone_is_enough() {
    let manifest = Manifest::shipped().unwrap();
    let catalogue = Variables::shipped().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let error = read_folder(&nowhere, &manifest, &catalogue, seen_at()).err().unwrap().to_string();
    assert!(error.contains("nowhere"), "{error}");
    let file = folder.path().join("discharge_kratie.csv");
    fs::write(&file, "date,discharge_m3_s\n2030-03-01,1800\n").unwrap();
    assert_eq!(import_path(&file).values("discharge_m3_s"), [1800.0]);
}

#[test]
fn the_same_bytes_give_the_same_rows() {
    let manifest = Manifest::shipped().unwrap();
    let catalogue = Variables::shipped().unwrap();
    let set = manifest.set("hydrology.discharge_kratie").unwrap();
    let text = b"date,discharge_m3_s\n2030-03-02,1800\n2030-03-01,x\n";
    let read = || parse_set(set, "a.csv", text, &catalogue, seen_at());
    assert_eq!(read(), read());
}

/// A small repeatable source of numbers (Knuth's 64-bit linear congruence).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }

    /// Cuts, doubles, drops and overwrites bytes of a file.
    fn mutilate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.roll(10) {
            let at = self.roll(bytes.len());
            match self.roll(5) {
                0 => bytes[at] = u8::try_from(self.roll(256)).unwrap(),
                1 => bytes[at] = b"\",\n\r;-9.eE"[self.roll(10)],
                2 => bytes.insert(at, b"\",\n\r;-9.eE"[self.roll(10)]),
                3 => bytes.truncate(at.max(1)),
                _ => {
                    let piece: Vec<u8> = bytes[at..].iter().take(80).copied().collect();
                    let to = self.roll(bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
        }
    }
}

#[test]
fn no_mutilation_of_a_file_stops_the_import_or_doubles_a_key() {
    let level = "date,my_thuan_m,kontum_m\n2006-07-31,0.5,500\n2006-08-01,0.6,501\n";
    let buoy = "timestamp,do_raw,do_temperature_c,ec_us_cm,ec_temperature_c,battery_v\n\
                2025-02-06T01:00:00+07:00,0.0,0.0,300,27.5,7.9\n2025-02-06T01:10:00+07:00,0.0,0.0,0,-9999.0,7.9\n";
    let rice = "province,year,season,area_kha,yield_q_ha,production_kt,yield_t_ha\n\
                Ben Tre,2017,winter_spring,10,0.5,0.8,0.05\nTra Vinh,2017,main_season,10,40,40,4\n";
    let outlook =
        "season,p_nina_pct,p_neutral_pct,p_nino_pct,source,issued\nDJF,1,20,79,IRI,2027-10\n";
    let communes = "code,name,lat,lon\n28756,Phú Khương,10.2,106.4\n28777,An Hội,10.2,106.3\n";
    let files = [
        ("hydrology.waterlevel", level),
        ("salinity.buoy", buoy),
        ("crop.rice_province_season", rice),
        ("climate.enso_probs", outlook),
        ("admin.communes", communes),
    ];
    let manifest = Manifest::shipped().unwrap();
    let catalogue = Variables::shipped().unwrap();
    let mut dice = Dice(20_260_101);
    for (name, text) in files {
        for _ in 0..300 {
            let mut bytes = text.as_bytes().to_vec();
            dice.mutilate(&mut bytes);
            let set = manifest.set(name).unwrap();
            let (rows, report) = parse_set(set, "x.csv", &bytes, &catalogue, seen_at());
            assert_eq!(report.good + report.places, rows.good());
            let mut keys = BTreeSet::new();
            for o in &rows.observations {
                assert!(keys.insert((&o.variable, &o.place, o.valid_time)), "{o:?}");
            }
            let issue = |i: &Issue| (i.row, i.field.clone(), i.reason.clone(), i.raw.clone());
            let issues: BTreeSet<_> = rows.issues.iter().map(issue).collect();
            assert_eq!(
                issues.len(),
                rows.issues.len(),
                "two issues share a key: {:?}",
                rows.issues
            );
        }
    }
}
