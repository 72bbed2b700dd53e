//! Parsers alone: what they make of documented answers, and of answers that are subtly wrong.

#[path = "sources_parse/market.rs"]
mod market;
#[path = "sources_parse/open_meteo.rs"]
mod open_meteo;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use muavu::domain::{QcFlag, Variables, time};
use muavu::frames::{Guidance, Observation};
use muavu::sources::gather::ParseContext;
use muavu::sources::open_meteo::{ensemble, flood, forecast, reanalysis};
use muavu::sources::site::{Cell, Site};
use muavu::sources::{Parsed, met_norway, mrc, nasa_power, noaa_oni, wfp};
use proptest::prelude::*;

use crate::support;

const NOW: &str = "2026-11-21T00:00:00Z";

fn context() -> ParseContext {
    ParseContext {
        artefact: "test".into(),
        seen_at: NOW.parse().unwrap(),
        live: true,
        variables: Arc::new(Variables::shipped().unwrap()),
    }
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sources");
    std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn text(name: &str) -> String {
    String::from_utf8(fixture(name)).unwrap()
}

fn communes() -> Vec<Site> {
    Site::list(&[
        ("commune:28756".parse().unwrap(), 10.2275, 106.4072),
        ("commune:28777".parse().unwrap(), 10.2013, 106.3772),
    ])
}

fn reasons(parsed: &Parsed) -> Vec<String> {
    parsed.reasons().into_iter().map(|(reason, n)| format!("{reason}×{n}")).collect()
}

fn guided<'a>(parsed: &'a Parsed, variable: &str, place: &str, time: &str) -> Option<&'a Guidance> {
    let valid_time: Timestamp = time.parse().unwrap();
    parsed.guidance.iter().find(|g| {
        &*g.variable == variable && g.place.as_str() == place && g.valid_time == valid_time
    })
}

fn observed<'a>(parsed: &'a Parsed, variable: &str, place: &str, day: &str) -> &'a Observation {
    let valid_time = time::day_start(day.parse().unwrap()).unwrap();
    let found = parsed.observations.iter().find(|o| {
        &*o.variable == variable && o.place.as_str() == place && o.valid_time == valid_time
    });
    found.unwrap_or_else(|| panic!("no {variable} at {place} on {day}"))
}

const FORECAST: &str = "weather.open_meteo.forecast/normal.json";

fn power_cell(members: &[&str]) -> Cell {
    let site = nasa_power::GRID.cell_of(10.2275, 106.4072).unwrap();
    assert_eq!((site.lat, site.lon), (10.0, 106.25));
    Cell { site, members: members.iter().map(|m| m.parse().unwrap()).collect() }
}

#[test]
fn fill_values_are_what_the_header_says_they_are() {
    let cell = power_cell(&["commune:28756", "commune:28777"]);
    let body = text("weather.nasa_power.daily/normal.json");
    let parsed = nasa_power::parse(body.as_bytes(), &cell, &context());
    // Five days: seven variables miss one, radiation misses three; two communes.
    assert_eq!((reasons(&parsed), parsed.observations.len()), (vec![], 2 * (7 * 4 + 2)));
    let rain = observed(&parsed, "precipitation_mm", "commune:28777", "2026-11-16");
    assert!((rain.value - 4.85).abs() < 1e-12 && rain.qc.has(QcFlag::SharedCell));
    // Radiation is promised a week late: even a live answer does not make it known earlier.
    let sun = observed(&parsed, "shortwave_mj_m2", "commune:28756", "2026-11-16");
    assert_eq!(sun.available_at.to_string(), "2026-11-22T17:00:00Z");

    let other = body.replace("\"fill_value\": -999.0", "\"fill_value\": -99.0");
    let parsed = nasa_power::parse(other.as_bytes(), &cell, &context());
    assert_eq!(reasons(&parsed), ["out_of_range×10"]);
    let none = body.replace("\"fill_value\": -999.0", "\"fill_value\": null");
    let parsed = nasa_power::parse(none.as_bytes(), &cell, &context());
    assert_eq!((reasons(&parsed), parsed.good()), (vec!["field_missing×1".to_owned()], 0));
}

#[test]
fn power_days_must_be_solar_days_and_units_are_read_from_the_answer() {
    let cell = power_cell(&["commune:28756"]);
    let body = text("weather.nasa_power.daily/normal.json");
    let utc = body.replace("\"LST\"", "\"UTC\"");
    let parsed = nasa_power::parse(utc.as_bytes(), &cell, &context());
    assert_eq!((reasons(&parsed), parsed.good()), (vec!["wrong_zone×1".to_owned()], 0));

    let kwh = body.replace("MJ/m^2/day", "kW-hr/m^2/day");
    let parsed = nasa_power::parse(kwh.as_bytes(), &cell, &context());
    assert!(reasons(&parsed).contains(&"unit_changed×1".to_owned()), "{:?}", reasons(&parsed));
    // 17.3 kWh/m² would be 62 MJ/m²: more than the sun gives.
    assert!(reasons(&parsed).contains(&"out_of_range×2".to_owned()));
}

#[test]
fn the_archives_shape_of_power_is_read() {
    let Some(path) =
        support::shared("knowledge/interfaces/samples/nasa_power/daily_point.shape.json")
    else {
        return;
    };
    let cell = power_cell(&["commune:28756"]);
    let parsed = nasa_power::parse(&std::fs::read(path).unwrap(), &cell, &context());
    assert_eq!(parsed.observations.len(), 2);
    assert_eq!(observed(&parsed, "temp_mean_c", "commune:28756", "2026-11-14").value, 26.81);
}

fn met_cell() -> Cell {
    let cells = met_norway::GRID.cells(&communes());
    assert_eq!(cells.len(), 1);
    cells.into_iter().next().unwrap()
}

#[test]
fn second_opinions_are_hourly_for_the_cell_and_daily_only_for_whole_days() {
    let body = fixture("weather.met_norway.locationforecast/normal.json");
    let parsed = met_norway::parse(&body, &met_cell(), &context());
    assert_eq!(reasons(&parsed), [] as [&str; 0]);
    // Hours from 06:00 on the 21st to 02:00 on the 23rd local time: only the 22nd is whole.
    let whole = "2026-11-21T17:00:00Z";
    let warm = guided(&parsed, "temp_max_c", "commune:28777", whole).unwrap();
    assert_eq!(warm.value, Some(31.5));
    assert_eq!(warm.issued_at.to_string(), "2026-11-20T22:40:11Z");
    assert_eq!(warm.available_at.to_string(), NOW);
    assert_eq!(guided(&parsed, "temp_max_c", "commune:28777", "2026-11-20T17:00:00Z"), None);
    let rain = guided(&parsed, "precipitation_mm", "commune:28756", whole).unwrap();
    assert_eq!(rain.value, Some(1.0));
    // The hour 15:00–16:00 local (08:00 UTC) stands at its end.
    let cell = "grid:met_norway.10.250_106.500";
    let hour = guided(&parsed, "rain_1h_mm", cell, "2026-11-21T09:00:00Z").unwrap();
    assert_eq!(hour.value, Some(0.5));
    assert_eq!(guided(&parsed, "wind_m_s", cell, "2026-11-20T23:00:00Z").unwrap().value, Some(2.1));
    // Daily rows: nine variables, one day, two communes.
    let daily = parsed.guidance.iter().filter(|g| g.place.kind() == "commune").count();
    assert_eq!(daily, 2 * 9);
}

#[test]
fn an_unreadable_time_is_one_issue_and_not_one_for_each_member() {
    let body = text("weather.met_norway.locationforecast/normal.json");
    let body = body.replacen("2026-11-21T01:00:00Z", "tomorrow", 1);
    let parsed = met_norway::parse(body.as_bytes(), &met_cell(), &context());
    assert_eq!(reasons(&parsed), ["bad_time×1"]);
}

#[test]
fn a_second_opinion_in_other_units_is_not_guessed() {
    let body = text("weather.met_norway.locationforecast/normal.json");
    let body = body.replace("\"wind_speed\":\"m/s\"", "\"wind_speed\":\"knots\"");
    let parsed = met_norway::parse(body.as_bytes(), &met_cell(), &context());
    assert_eq!(reasons(&parsed), ["unit_unknown×1"]);
    assert!(parsed.guidance.iter().all(|g| !g.variable.starts_with("wind_m")));
}

#[test]
fn seasons_stand_at_their_centre_and_are_known_two_months_later() {
    let body = " SEAS  YR   TOTAL   ANOM\n  DJF 1950   24.72  -1.53\n  JFM 1950   25.17  -1.34\n\
                \n  JJA 2026   29.07   1.80\n  XXX 2026   29.07   1.80\n  JAS 2026   29.1\n";
    let archived = ParseContext { live: false, ..context() };
    let parsed = noaa_oni::parse(body.as_bytes(), noaa_oni::Index::Oni, &archived);
    assert_eq!(reasons(&parsed), ["bad_row×1", "bad_time×1"]);
    let place = "climate:global";
    assert_eq!(observed(&parsed, "oni_c", place, "1950-01-01").value, -1.53);
    let jja = observed(&parsed, "oni_c", place, "2026-07-01");
    assert_eq!(jja.available_at.to_string(), "2026-09-10T00:00:00Z");
    let body = text("climate.noaa.oni/normal.roni.txt");
    let parsed = noaa_oni::parse(body.as_bytes(), noaa_oni::Index::Roni, &context());
    assert_eq!(observed(&parsed, "roni_c", place, "2026-09-01").value, 2.01);
}

#[test]
fn telemetry_keeps_gaps_and_refuses_the_future() {
    let body = text("hydrology.mrc.telemetry/normal.json");
    let station = mrc::STATIONS[2];
    let parsed = mrc::parse(body.as_bytes(), station, &context());
    assert_eq!((reasons(&parsed), parsed.observations.len()), (vec![], 4));
    let row = &parsed.observations[0];
    assert_eq!((row.place.as_str(), row.value), ("river:tan_chau", 1.12));
    assert_eq!(row.available_at.to_string(), NOW);
    let ahead = body.replace("2026-11-20T23:00:00Z", "2026-11-22T23:00:00Z");
    let parsed = mrc::parse(ahead.as_bytes(), station, &context());
    assert_eq!(reasons(&parsed), ["in_the_future×1"]);
}

#[test]
fn telemetry_places_are_those_of_the_daily_levels() {
    let Some(path) = support::shared("data/hydrology/waterlevel_stations.csv") else { return };
    let known = std::fs::read_to_string(path).unwrap();
    for id in ["kratie", "tan_chau", "chau_doc", "my_thuan", "can_tho"] {
        assert!(mrc::STATIONS.iter().any(|s| s.id == id), "{id} is not asked for");
        assert!(known.contains(&format!("{id}_m,")), "{id} is not a daily gauge");
    }
}

type Parser = fn(&[u8]) -> Parsed;

/// Every parser of text with a whole answer of its own.
fn parsers() -> Vec<(&'static str, Parser)> {
    fn communes_of(bytes: &[u8]) -> Parsed {
        forecast::parse(bytes, &communes(), &context())
    }
    vec![
        (FORECAST, communes_of),
        ("weather.open_meteo.archive/normal.json", |b| {
            reanalysis::parse(b, &communes(), &context())
        }),
        ("weather.open_meteo.ensemble/normal.json", |b| {
            ensemble::parse(b, &ensemble::GRID.cells(&communes()), &context())
        }),
        ("hydrology.open_meteo.flood/normal.json", |b| {
            flood::parse(b, &flood::points(flood::GAUGES), flood::GAUGES, &context())
        }),
        ("weather.nasa_power.daily/normal.json", |b| {
            nasa_power::parse(b, &power_cell(&["commune:28756"]), &context())
        }),
        ("weather.met_norway.locationforecast/normal.json", |b| {
            met_norway::parse(b, &met_cell(), &context())
        }),
        ("climate.noaa.oni/normal.oni.txt", |b| {
            noaa_oni::parse(b, noaa_oni::Index::Oni, &context())
        }),
        ("hydrology.mrc.telemetry/normal.json", |b| mrc::parse(b, mrc::STATIONS[0], &context())),
        ("market.wfp.food_prices/normal.csv", |b| wfp::parse(b, &context())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Bytes flipped, cut out or doubled: never a panic, never an impossible row, never a double.
    #[test]
    fn mangled_answers_never_panic_and_never_yield_impossible_rows(
        which in 0_usize..9,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..4, any::<u8>()), 1..12),
    ) {
        let (name, parse) = parsers()[which];
        let mut bytes = fixture(name);
        for (at, kind, byte) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes[at] = b"0123456789-.,\":[]{}\n"[usize::from(byte) % 20],
                2 => { bytes.drain(at..(at + usize::from(byte) % 9).min(bytes.len())); }
                _ => bytes.insert(at, b"0123456789-.,\":[]{}\n"[usize::from(byte) % 20]),
            }
            prop_assume!(!bytes.is_empty());
        }
        let parsed = parse(&bytes);
        let variables = Variables::shipped().unwrap();
        for row in &parsed.observations {
            prop_assert!(variables.get(&row.variable).unwrap().is_possible(row.value));
        }
        for row in &parsed.guidance {
            prop_assert!(variables.get(&row.variable).unwrap().is_possible(row.value.unwrap()));
        }
        let mut keys = std::collections::HashSet::new();
        for row in &parsed.guidance {
            let key = (&row.variable, &row.place, row.issued_at, row.valid_time, &row.member);
            prop_assert!(keys.insert(key), "twice: {row:?}");
        }
        let mut issues = std::collections::HashSet::new();
        for row in &parsed.issues {
            let key = (row.row, &row.field, &row.reason, &row.raw);
            prop_assert!(issues.insert(key), "twice: {row:?}");
        }
    }
}
