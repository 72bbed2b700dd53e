//! Open-Meteo's four answers.

use muavu::frames::Guidance;
use muavu::sources::Parsed;
use muavu::sources::gather::ParseContext;
use muavu::sources::open_meteo::{ensemble, flood, forecast, reanalysis};
use muavu::sources::site::Site;

use super::{FORECAST, NOW, communes, context, fixture, guided, observed, reasons, text};
use crate::support;

fn parse_forecast(body: &str) -> Parsed {
    forecast::parse(body.as_bytes(), &communes(), &context())
}

#[test]
fn a_forecast_gives_each_commune_its_own_days_in_our_units() {
    let parsed = parse_forecast(&text(FORECAST));
    assert_eq!(reasons(&parsed), [] as [&str; 0]);
    // Twenty variables, two communes, three days.
    assert_eq!(parsed.guidance.len(), 120);
    // The 22nd begins at 17:00 UTC of the 21st.
    let at = "2026-11-21T17:00:00Z";
    let first = guided(&parsed, "temp_max_c", "commune:28756", at).unwrap();
    assert_eq!((first.value, &*first.unit), (Some(30.6), "degC"));
    assert_eq!(&*first.source, "weather.open_meteo.best_match");
    assert_eq!(first.issued_at.to_string(), NOW);
    let second = guided(&parsed, "temp_max_c", "commune:28777", at).unwrap();
    assert_eq!(second.value, Some(30.7));
    let sunshine = guided(&parsed, "sunshine_h", "commune:28756", at).unwrap();
    assert_eq!((sunshine.value, &*sunshine.unit), (Some(10.0), "h"));
}

#[test]
fn places_are_told_apart_by_their_id_when_the_order_is_not_the_asked_one() {
    let mut objects: Vec<serde_json::Value> = serde_json::from_str(&text(FORECAST)).unwrap();
    objects.swap(0, 1);
    // Id 0 is left out by the service; swapped, it must be stated for the order to be found.
    objects[1]["location_id"] = 0.into();
    let swapped = serde_json::to_string(&objects).unwrap();
    let mut expected = parse_forecast(&text(FORECAST)).guidance;
    let mut got = parse_forecast(&swapped).guidance;
    let key = |g: &Guidance| (g.variable.clone(), g.place.clone(), g.valid_time);
    expected.sort_by_key(key);
    got.sort_by_key(key);
    assert_eq!(got, expected);
}

#[test]
fn a_unit_that_changed_is_converted_and_noted_and_an_unknown_one_loses_the_field() {
    let kmh =
        text(FORECAST).replace("\"wind_speed_10m_max\":\"m/s\"", "\"wind_speed_10m_max\":\"km/h\"");
    let parsed = parse_forecast(&kmh);
    assert_eq!(reasons(&parsed), ["unit_changed×1"]);
    let wind = guided(&parsed, "wind_max_m_s", "commune:28756", "2026-11-20T17:00:00Z").unwrap();
    assert!((wind.value.unwrap() - 4.21 / 3.6).abs() < 1e-12);

    let odd =
        text(FORECAST).replace("\"precipitation_sum\":\"mm\"", "\"precipitation_sum\":\"kg/m²\"");
    let parsed = parse_forecast(&odd);
    assert_eq!(reasons(&parsed), ["unit_unknown×1"]);
    assert!(parsed.guidance.iter().all(|g| &*g.variable != "precipitation_mm"));
    assert_eq!(parsed.guidance.len(), 114);
}

#[test]
fn renamed_fields_and_variables_a_model_lacks_cost_only_themselves() {
    let renamed = text(FORECAST).replace("rain_sum", "liquid_sum");
    let parsed = parse_forecast(&renamed);
    assert_eq!(reasons(&parsed), ["field_missing×1"]);
    assert_eq!(parsed.guidance.len(), 114);

    let absent = text(FORECAST)
        .replace("\"weather_code\":\"wmo code\"", "\"weather_code\":\"undefined\"")
        .replace("[80,2,95]", "[null,null,null]");
    let parsed = parse_forecast(&absent);
    assert_eq!(reasons(&parsed), ["variable_absent×1"]);
    assert_eq!(parsed.guidance.len(), 114);
}

#[test]
fn impossible_and_missing_numbers_are_told_apart() {
    let body = text(FORECAST).replacen("[31.2,30.6,31.9]", "[-999.0,null,\"31.9\"]", 1);
    let parsed = parse_forecast(&body);
    assert_eq!(reasons(&parsed), ["out_of_range×1"]);
    let issue = &parsed.issues[0];
    assert_eq!((issue.raw.as_str(), issue.field.as_str()), ("-999", "temperature_2m_max"));
    assert_eq!((issue.place.as_str(), issue.time.as_str()), ("commune:28756", "2026-11-21"));
    assert!(issue.detail.contains("-10 to 52"), "{}", issue.detail);
    assert_eq!(parsed.guidance.len(), 118);

    let nan = text(FORECAST).replacen("[31.2,30.6,31.9]", "[NaN,Infinity,31.9]", 1);
    let parsed = parse_forecast(&nan);
    assert_eq!((reasons(&parsed), parsed.guidance.len()), (vec!["not_a_number×1".to_owned()], 118));

    let words = text(FORECAST).replacen("[31.2,30.6,31.9]", "[\"warm\",true,31.9]", 1);
    assert_eq!(reasons(&parse_forecast(&words)), ["not_a_number×2"]);
}

#[test]
fn days_of_another_zone_or_of_another_place_are_not_taken() {
    let body = text(FORECAST);
    let gmt = body.replacen("\"utc_offset_seconds\":25200", "\"utc_offset_seconds\":0", 1);
    let parsed = parse_forecast(&gmt);
    assert_eq!((reasons(&parsed), parsed.guidance.len()), (vec!["wrong_zone×1".to_owned()], 60));

    let away = body.replacen("\"latitude\":10.25", "\"latitude\":21.0", 1);
    assert_eq!(reasons(&parse_forecast(&away)), ["wrong_place×1"]);

    let short = body.replacen("[31.2,30.6,31.9]", "[31.2,30.6]", 1);
    assert_eq!(reasons(&parse_forecast(&short)), ["length_mismatch×1"]);

    let time = body.replacen("\"2026-11-22\"", "\"22/11/2026\"", 1);
    let parsed = parse_forecast(&time);
    assert_eq!((reasons(&parsed), parsed.guidance.len()), (vec!["bad_time×1".to_owned()], 100));

    let one = body.lines().next().unwrap().replace("\"elevation\":2.0,", "").replace("}},", "}}]");
    assert_eq!(reasons(&parse_forecast(&one)), ["places_mismatch×1"]);
}

#[test]
fn the_archives_shape_of_a_forecast_is_read() {
    let Some(path) = support::shared("knowledge/interfaces/samples/openmeteo/forecast-multi.json")
    else {
        return;
    };
    let sites = Site::list(&[
        ("commune:1".parse().unwrap(), 10.25, 105.97),
        ("commune:2".parse().unwrap(), 9.90, 106.35),
    ]);
    let parsed = forecast::parse(&std::fs::read(path).unwrap(), &sites, &context());
    let at = "2026-11-20T17:00:00Z";
    assert_eq!(guided(&parsed, "temp_max_c", "commune:1", at).unwrap().value, Some(31.2));
    assert_eq!(guided(&parsed, "temp_max_c", "commune:2", at).unwrap().value, Some(30.7));
    // The other nineteen variables were not asked for in that sample.
    assert_eq!(reasons(&parsed), ["field_missing×19"]);
}

#[test]
fn an_analysis_counts_only_days_that_are_over() {
    let body = text("weather.open_meteo.archive/normal.json");
    let parsed = reanalysis::parse(body.as_bytes(), &communes(), &context());
    assert_eq!((reasons(&parsed), parsed.observations.len()), (vec![], 114));
    let rain = observed(&parsed, "rain_mm", "commune:28777", "2026-11-20");
    assert_eq!((rain.value, rain.available_at.to_string().as_str()), (4.2, NOW));

    let early = ParseContext { seen_at: "2026-11-20T10:00:00Z".parse().unwrap(), ..context() };
    let parsed = reanalysis::parse(body.as_bytes(), &communes(), &early);
    assert_eq!(
        (reasons(&parsed), parsed.observations.len()),
        (vec!["not_yet_over×1".to_owned()], 76)
    );

    // Read from an archive, a value was known once its day was over.
    let archived = ParseContext { live: false, ..context() };
    let parsed = reanalysis::parse(body.as_bytes(), &communes(), &archived);
    let rain = observed(&parsed, "rain_mm", "commune:28777", "2026-11-20");
    assert_eq!(rain.available_at.to_string(), "2026-11-20T17:00:00Z");
}

#[test]
fn ensembles_become_whole_local_days_for_each_member() {
    let cells = ensemble::GRID.cells(&communes());
    assert_eq!(cells.len(), 1);
    let parsed =
        ensemble::parse(&fixture("weather.open_meteo.ensemble/normal.json"), &cells, &context());
    assert_eq!(reasons(&parsed), [] as [&str; 0]);
    // 49 hours: temperature has two whole days. Rain stamps mark the hour's end, so the stamp of
    // the first midnight belongs to the day before and that of the last completes the second day.
    assert_eq!(parsed.guidance.len(), 3 * (2 * 2 + 2));
    let of = |variable: &str, member: &str| {
        let row = parsed.guidance.iter().find(|g| &*g.variable == variable && &*g.member == member);
        row.unwrap().value.unwrap()
    };
    // Member 02: 0.5 mm at each of 15:00, 16:00 and the following midnight; the 9.9 mm stamped
    // with the first midnight fell the day before.
    assert!((of("precipitation_mm", "02") - 1.5).abs() < 1e-12);
    assert!((of("temp_max_c", "02") - 32.0).abs() < 1e-12);
    assert!((of("temp_min_c", "00") - 24.0).abs() < 1e-12);
    let place = &parsed.places[0];
    assert_eq!(place.place.as_str(), "grid:ecmwf_ens.10.250_106.500");
    assert!(place.attributes.contains("commune:28756") && place.attributes.contains("28777"));
}

#[test]
fn the_cell_that_carries_the_river_is_found_around_a_gauge() {
    let points = flood::points(flood::GAUGES);
    assert_eq!(points.len(), 50);
    let body = text("hydrology.open_meteo.flood/normal.json");
    let parsed = flood::parse(body.as_bytes(), &points, flood::GAUGES, &context());
    assert_eq!(reasons(&parsed), [] as [&str; 0]);
    let flow = guided(&parsed, "discharge_m3_s", "river:kratie", "2026-11-21T17:00:00Z").unwrap();
    assert_eq!(flow.value, Some(5309.5));
    assert_eq!(parsed.guidance.len(), 6);

    let creek = body.replace("5350.0,5309.5,5269.0", "12.0,11.0,10.0");
    let parsed = flood::parse(creek.as_bytes(), &points, flood::GAUGES, &context());
    assert_eq!(reasons(&parsed), ["not_the_river×1"]);
    assert!(parsed.guidance.iter().all(|g| g.place.as_str() == "river:stung_treng"));
}
