//! Folders as they should not be: each broken file costs itself and nothing else.

use std::collections::BTreeSet;
use std::fs;

use muavu::domain::Variables;
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
