//! The archive import: every trap of the data folder in a small folder of its own, hostile
//! folders, and the counts of the real one.

#[path = "archive/hostile.rs"]
mod hostile;
#[path = "archive/real.rs"]
mod real;

use std::collections::BTreeMap;
use std::fs;

use jiff::Timestamp;
use muavu::domain::{QcFlag, Variables};
use muavu::frames::{Issue, Observation};
use muavu::sources::Parsed;
use muavu::sources::archive::{Manifest, SetReport, read_folder};

/// What an import gave.
struct Imported {
    rows: Parsed,
    reports: BTreeMap<String, SetReport>,
}

impl Imported {
    fn values(&self, variable: &str) -> Vec<f64> {
        self.of(variable).map(|o| o.value).collect()
    }

    fn of<'a>(&'a self, variable: &'a str) -> impl Iterator<Item = &'a Observation> {
        self.rows.observations.iter().filter(move |o| &*o.variable == variable)
    }

    fn issues<'a>(&'a self, reason: &'a str) -> Vec<&'a Issue> {
        self.rows.issues.iter().filter(|i| &*i.reason == reason).collect()
    }

    fn bad(&self, set: &str, reason: &str) -> usize {
        self.reports.get(set).and_then(|r| r.bad.get(reason)).copied().unwrap_or(0)
    }
}

fn seen_at() -> Timestamp {
    "2026-11-21T00:00:00Z".parse().unwrap()
}

fn import_path(path: &std::path::Path) -> Imported {
    let manifest = Manifest::shipped().unwrap();
    let catalogue = Variables::shipped().unwrap();
    let mut imported = Imported { rows: Parsed::default(), reports: BTreeMap::new() };
    for read in read_folder(path, &manifest, &catalogue, seen_at()).unwrap() {
        imported.rows.append(read.parsed);
        let report = imported.reports.entry(read.report.set.to_string()).or_default();
        report.merge(read.report);
    }
    imported
}

fn import(files: &[(&str, &[u8])]) -> Imported {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    import_path(folder.path())
}

fn import_text(path: &str, text: &str) -> Imported {
    import(&[(path, text.as_bytes())])
}

#[test]
fn sentinels_are_issues_and_not_values() {
    let files: [(&str, &[u8]); 2] = [
        ("climate/pdo.csv", b"year,month,pdo_index,date\n2025,8,-1.2,2025-08-01\n2025,9,-9.9,2025-09-01\n"),
        (
            "climate/mjo_rmm.csv",
            b"date,rmm1,rmm2,phase,amplitude\n1978-03-16,0.5,0.5,6,0.7\n\
              1978-03-17,9.99999962e+35,9.99999962e+35,999,9.99999962e+35\n1978-03-18,999,1.0,3,1.2\n",
        ),
    ];
    let imported = import(&files);
    assert_eq!(imported.values("pdo_index"), [-1.2]);
    assert_eq!(imported.values("rmm1"), [0.5]);
    assert_eq!(imported.values("rmm2"), [0.5, 1.0], "a bad cell loses only itself");
    assert_eq!(imported.bad("climate.mjo_rmm", "sentinel"), 5);
    assert_eq!(imported.reports["climate.mjo_rmm"].rows_bad, 2);
    let told = imported.issues("sentinel");
    let pdo = told.iter().find(|i| i.field == "pdo_index").unwrap();
    assert_eq!((&*pdo.raw, pdo.row, &*pdo.time), ("-9.9", 2, "2025-09-01"));
}

#[test]
fn zeros_of_the_dry_season_are_missing_and_those_of_the_flood_are_real() {
    let text = "week_start,week_label,depth_4g_l_km,rain_mm_day\n2025-02-15,w3,35.4,1\n\
                2025-02-22,w4,0.0,1\n2025-06-01,w1,0.0,1\n2025-09-01,w1,0.0,0\n2025-12-01,w1,0,0\n";
    let imported = import_text("salinity/depth_weekly.csv", text);
    assert_eq!(imported.values("salinity_depth_4g_l_km"), [35.4, 0.0, 0.0, 0.0]);
    assert_eq!(imported.values("rain_mean_mm_d").len(), 5);
    assert_eq!(imported.issues("zero_as_missing")[0].time, "2025-02-22");
}

const PEST: &str = "location,pest,year,week,pest_value,pest_unit,tmax_c,tmin_c,rh_morning_pct,\
                    rh_afternoon_pct,rain_mm,wind_kmh,sunshine_h,evaporation_mm\n";

#[test]
fn rain_that_is_nought_for_a_year_is_missing() {
    let mut text = PEST.to_owned();
    for week in 1..=52 {
        text += &format!(
            "Maruteru,Gallmidge,1999,{week},3,Number/Light trap,30,20,90,60,0.0,3.6,5,4\n"
        );
    }
    text += "Maruteru,Gallmidge,2000,1,3,Number/Light trap,30,20,90,60,12.5,3.6,5,4\n";
    text += "Maruteru,Gallmidge,2000,2,3,Number/Light trap,30,20,90,60,0.0,3.6,5,4\n";
    let imported = import_text("crop/aicrip_pest_weekly.csv", &text);
    assert_eq!(imported.values("rain_week_mm"), [12.5, 0.0]);
    assert_eq!(imported.bad("crop.aicrip", "zero_as_missing"), 52);
    let told = imported.issues("zero_as_missing");
    assert_eq!(told.len(), 1, "one run is told once");
    assert!(told[0].detail.contains("52 cells"), "{}", told[0].detail);
    let first = imported.of("pest_count").next().unwrap();
    assert_eq!(first.place.as_str(), "pest:maruteru.gall_midge.light_trap");
    assert_eq!(imported.values("wind_week_m_s")[0], 1.0);
}

#[test]
fn impossible_temperatures_lose_both_cells_and_nothing_else() {
    let text = format!(
        "{PEST}Maruteru,Gallmidge,1998,1,314,Number/Light trap,28.2,30.2,94.9,81.9,1.0,3.7,5.9,3.4\n\
         Maruteru,Gallmidge,1998,2,31,Number/Light trap,61.0,30.2,94.9,81.9,1.0,3.7,5.9,33.0\n"
    );
    let imported = import_text("crop/aicrip_pest_weekly.csv", &text);
    assert_eq!(imported.bad("crop.aicrip", "inconsistent"), 2);
    assert_eq!(imported.bad("crop.aicrip", "out_of_range"), 2);
    assert!(imported.values("temp_max_week_c").is_empty());
    assert_eq!(imported.values("temp_min_week_c"), [30.2]);
    assert_eq!(imported.values("pest_count"), [314.0, 31.0]);
}

#[test]
fn doubled_keys_that_agree_are_one_row_and_others_are_none() {
    let row = |rain: &str| {
        format!(
            "Rajendranagar,LeafBlast,2000,1,0.0,Percentage,31.0,18.1,76.4,38.7,{rain},2.2,9.1,4.3\n"
        )
    };
    let text = format!("{PEST}{}{}", row("0.0"), row("5.0"));
    let imported = import_text("crop/aicrip_pest_weekly.csv", &text);
    assert_eq!(imported.values("pest_count"), [0.0]);
    assert_eq!(imported.values("temp_max_week_c"), [31.0]);
    assert!(imported.values("rain_week_mm").is_empty());
    assert_eq!(imported.bad("crop.aicrip", "duplicate_conflict"), 2);
    assert_eq!(imported.reports["crop.aicrip"].duplicates, 8);
}

#[test]
fn a_buoy_tells_dead_probes_zeros_and_sentinels_apart() {
    let mut text =
        "timestamp,do_raw,do_temperature_c,ec_us_cm,ec_temperature_c,battery_v\n".to_owned();
    for minute in 0..60 {
        let ec = if minute < 10 { 0 } else { 300 + minute };
        let temperature = if minute == 12 { "-9999.0" } else { "27.5" };
        text += &format!("2025-02-06T01:{minute:02}:00+07:00,0.0,0.0,{ec},{temperature},7.9\n");
    }
    let imported = import_text("salinity/buoy_10min.csv", &text);
    assert_eq!(imported.bad("salinity.buoy", "dead_sensor"), 120);
    assert_eq!(imported.issues("dead_sensor").len(), 2);
    assert_eq!(imported.bad("salinity.buoy", "zero_as_missing"), 10);
    assert_eq!(imported.bad("salinity.buoy", "sentinel"), 1);
    assert_eq!(imported.reports["salinity.buoy"].rows_bad, 11);
    assert_eq!(imported.values("ec_us_cm").len(), 50);
    let first = imported.of("ec_us_cm").next().unwrap();
    assert_eq!(first.place.as_str(), "buoy:co_chien_2025");
    assert_eq!(first.available_at, first.valid_time);
    assert_eq!(imported.rows.places[0].lat, Some(10.0998));
}

#[test]
fn polls_of_one_event_are_stored_once() {
    let header = "polled_at,city,temp_c,temp_min_c,temp_max_c,humidity_pct,feels_like_c,visibility_m,\
                  precipitation_mm_1h,cloud_pct,wind_m_s,gust_m_s,wind_dir_deg,pressure_hpa,is_day,\
                  weather_code_owm,weather_main,weather_description,weather_icon\n";
    let mut text = header.to_owned();
    for minute in [0, 2, 4, 12, 14] {
        let temp = if minute == 14 { 26 } else { 25 };
        text += &format!(
            "2026-01-01T08:{minute:02}:00+07:00,Vinh Long,{temp},25,25,90,26,10000,0,20,1.5,0.0,230,1008,0,801,Clouds,few,02n\n"
        );
    }
    let imported = import_text("weather/owm_stream_2min.csv", &text);
    let temps: Vec<_> =
        imported.of("temp_c").map(|o| (o.value, o.qc.has(QcFlag::Repeated))).collect();
    assert_eq!(temps, [(25.0, false), (25.0, true), (26.0, false)]);
    assert_eq!(imported.reports["weather.owm_stream"].same_event, 2);
    assert!(imported.values("gust_m_s").is_empty(), "a gust of 0 is a report without a gust");
}

#[test]
fn water_levels_show_their_method_their_filled_lines_and_excluded_gauges() {
    let mut text = "date,my_thuan_m,kontum_m,tra_vinh_m\n".to_owned();
    let levels = [0.9, 1.1, 1.2, 1.3, 1.4, 1.5, 0.7, 0.8, 0.9, 0.3];
    for (day, level) in (1..).zip(levels) {
        text += &format!("2006-07-{:02},{level},500,0.5\n", day + 21);
    }
    text += "2006-08-01,0.2,16.1,0.4\n";
    let imported = import_text("hydrology/waterlevel_daily.csv", &text);
    let of = |place: &str, flag| -> Vec<bool> {
        let rows = imported.of("water_level_m").filter(|o| o.place.as_str() == place);
        rows.map(|o| o.qc.has(flag)).collect()
    };
    let filled: Vec<_> = of("river:my_thuan", QcFlag::FilledLine);
    let inside: Vec<_> = (0..11).map(|i| (2..=4).contains(&i)).collect();
    assert_eq!(filled, inside, "five points on a line, its ends are measurements");
    assert_eq!(of("river:tra_vinh", QcFlag::FlatLine).iter().filter(|f| **f).count(), 10);
    let old = of("river:my_thuan", QcFlag::OldMethod);
    assert_eq!(old.iter().filter(|f| **f).count(), 10);
    assert!(!old[10], "the new method starts on 2006-08-01");
    let excluded = imported.issues("excluded");
    assert_eq!(excluded.len(), 1, "one issue for the column, not one for each row");
    assert_eq!((&*excluded[0].field, excluded[0].row), ("kontum_m", 0));
    assert!(of("river:kontum", QcFlag::OldMethod).is_empty());
}

#[test]
fn unsorted_rows_are_sorted_and_counted() {
    let text = "station_id,date,ec_us_cm,salinity_g_l\n37,2015-03-03,4000,2.0\n\
                37,2015-03-01,200,0.1\n8,2015-03-01,600,0.3\n37,2015-03-02,3000,1.5\n";
    let imported = import_text("salinity/daily.csv", text);
    assert_eq!(imported.reports["salinity.daily"].unsorted, 2);
    let rows: Vec<_> = imported
        .of("salinity_max_g_l")
        .map(|o| (o.place.as_str().to_owned(), o.value, o.qc.to_string()))
        .collect();
    let row = |place: &str, value, qc: &str| (place.to_owned(), value, qc.to_owned());
    let expected = [
        row("salinity:37", 0.1, "censored_low"),
        row("salinity:37", 1.5, ""),
        row("salinity:37", 2.0, ""),
        row("salinity:8", 0.3, "place_unsure"),
    ];
    assert_eq!(rows, expected);
    let first = imported.of("salinity_max_g_l").next().unwrap();
    assert_eq!(first.valid_time.to_string(), "2015-02-28T17:00:00Z");
    assert_eq!(first.available_at.to_string(), "2015-03-02T00:00:00Z");
}

#[test]
fn every_value_waits_for_its_publication() {
    let cases: [(&str, &str, &str, &str); 9] = [
        (
            "climate/oni.csv",
            "year,season,oni_c,month,date\n2027,JFM,0.4,2,2027-02-01\n",
            "2027-01-31T17:00:00Z",
            "2027-04-10T00:00:00Z",
        ),
        (
            "climate/nino34.csv",
            "year,month,nino34_c,date\n2027,3,0.4,2027-03-01\n",
            "2027-02-28T17:00:00Z",
            "2027-04-10T00:00:00Z",
        ),
        (
            "hydrology/discharge_kratie.csv",
            "date,discharge_m3_s\n2027-03-01,1800\n",
            "2027-02-28T17:00:00Z",
            "2027-03-05T00:00:00Z",
        ),
        (
            "market/wfp_rice_wholesale.csv",
            "date,admin1,market,latitude,longitude,commodity,pricetype,unit,price_vnd_kg,price_usd_kg,implied_vnd_usd\n2027-01-15,An Giang,An Giang,10.5,105.1,Rice,Wholesale,KG,8000,,\n",
            "2026-12-31T17:00:00Z",
            "2027-04-01T00:00:00Z",
        ),
        (
            "market/pink_sheet_monthly.csv",
            "date,series,unit,price\n2021-01-01,\"Rice, Viet Namese 5%\",$/mt,500\n",
            "2020-12-31T17:00:00Z",
            "2021-02-03T00:00:00Z",
        ),
        (
            "market/usda_psd.csv",
            "country,market_year,calendar_year,month,attribute,unit,value\nVietnam,2016,2021,1,Yield,(MT/HA),5.68\n",
            "2015-12-31T17:00:00Z",
            "2021-01-15T00:00:00Z",
        ),
        (
            "crop/rice_province_season.csv",
            "province,year,season,area_kha,yield_q_ha,production_kt,yield_t_ha\nBen Tre,2017,winter_spring,10,0.5,0.8,0.05\n",
            "2016-11-14T17:00:00Z",
            "2017-06-15T00:00:00Z",
        ),
        (
            "crop/gso_agri_by_province.csv",
            "province,year,indicator,value,status\nQuang  Nam,2017,Yield of paddy,50,prel\n",
            "2016-12-31T17:00:00Z",
            "2018-07-01T00:00:00Z",
        ),
        (
            "verification/imd_mumbai/station_rain_24h.csv",
            "date,district,station,rain_mm\n2025-05-02,NASHIK,NASHIK,3\n",
            "2025-04-30T17:00:00Z",
            "2025-05-02T06:30:00Z",
        ),
    ];
    for (path, text, valid, available) in cases {
        let imported = import_text(path, text);
        let row = imported.rows.observations.first().unwrap_or_else(|| panic!("{path}: no row"));
        let got = (row.valid_time.to_string(), row.available_at.to_string());
        assert_eq!(got, (valid.to_owned(), available.to_owned()), "{path}");
        assert!(row.available_at > row.valid_time);
    }
}

#[test]
fn forecasts_become_guidance_with_their_hour_of_issue() {
    let files: [(&str, &[u8]); 2] = [
        (
            "verification/imd_mumbai/forecasts_d1_d5.csv",
            b"issue_date,district,lead_day,valid_date,code\n2025-05-01,NASIK,2,2025-05-02,27.1\n\
              2025-05-01,NASIK,2,2025-05-02,27.1\n2025-05-01,THANE,1,2025-05-01,5\n2025-05-01,THANE,1,2025-05-01,6\n",
        ),
        ("climate/enso_probs.csv", b"season,p_nina_pct,p_neutral_pct,p_nino_pct,source,issued\nDJF,1,20,79,IRI,2027-10\n"),
    ];
    let imported = import(&files);
    let rain: Vec<_> = imported.rows.guidance.iter().filter(|g| g.text.is_some()).collect();
    assert_eq!(rain.len(), 1, "the doubled row is one, the contradicting rows are none");
    assert_eq!((rain[0].place.as_str(), rain[0].text.as_deref()), ("imd:nashik", Some("27.1")));
    assert_eq!(rain[0].issued_at.to_string(), "2025-05-01T07:30:00Z");
    assert_eq!(imported.bad("verification.imd_forecasts", "duplicate_conflict"), 2);
    let nino = imported.rows.guidance.iter().find(|g| &*g.variable == "enso_nino_pct").unwrap();
    assert_eq!(nino.value, Some(79.0));
    assert_eq!(nino.valid_time.to_string(), "2027-12-31T17:00:00Z", "centred on January 2028");
}

#[test]
fn saved_price_pages_keep_prices_and_tell_the_rest() {
    let text = "date,category,product,region,unit,price\n17-04-2026,rau_qua,Bưởi da xanh,Hà Nội,85,85\n\
                16-04-2026,rau_qua,Bắp cải,Sơn La,15.000,15.000\n02-02-2026,lua_gao,OM 18,Cần Thơ,6.100,6.100\n\
                16-04-2026,rau_qua,Ổi,Sơn La,35,35\n2,rau_qua,12345678910...,1,3,3\n";
    let imported = import_text("market/agroinfo/20260422_gia_rau_qua_raw.csv", text);
    let rows: Vec<_> = imported
        .of("price_vnd_kg")
        .map(|o| (o.place.as_str(), o.value, o.qc.has(QcFlag::Late)))
        .collect();
    let expected = [
        ("market:can_tho.om_18", 6_100.0, true),
        ("market:ha_noi.buoi_da_xanh", 85_000.0, false),
        ("market:son_la.bap_cai", 15_000.0, false),
    ];
    assert_eq!(rows, expected);
    assert_eq!(imported.issues("unit_unclear").len(), 1);
    assert_eq!(imported.issues("pager_row")[0].raw, "2");
    let first = imported.of("price_vnd_kg").next().unwrap();
    assert_eq!(first.available_at.to_string(), "2026-04-22T00:00:00Z", "when the page was saved");
}

#[test]
fn model_weather_shows_shared_cells_and_the_older_product() {
    let text = "city,date,tmax_c,tmin_c,rain_mm,humidity_pct,cloud_pct,pressure_hpa,wind_kmh,wind_dir\n\
                Ben Tre,2009-12-31,30,24,1,80,50,1010,36,NNW\nVinh Long,2019-01-01,30,24,1,80,50,1010,18,N\n";
    let imported = import_text("weather/wwo_daily.csv", text);
    let wind: Vec<_> = imported.of("wind_mean_m_s").map(|o| (o.value, o.qc.to_string())).collect();
    assert_eq!(wind, [(10.0, "shared_cell|old_product".to_owned()), (5.0, String::new())]);
    assert_eq!(imported.values("wind_direction_deg"), [337.5, 0.0]);
}
