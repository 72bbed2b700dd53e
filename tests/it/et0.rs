//! Reference evapotranspiration against the numbers of others in `shared/reference` and
//! `shared/knowledge`; each file with its own tolerance.

mod long_table;

use std::collections::BTreeMap;
use std::path::Path;

use muavu::agronomy::et0::air::{self, Ventilation};
use muavu::agronomy::et0::asce::{AsceDay, Convention};
use muavu::agronomy::et0::penman::{
    HourlyWeather, PenmanTerms, Surface, hargreaves_mm, latent_heat_mj_kg,
};
use muavu::agronomy::et0::radiation::{self, Angstrom};
use muavu::agronomy::et0::{Coast, DailyWeather, Humidity, Site, Sun, Wind};

use crate::support;

type Row = BTreeMap<String, String>;

fn rows(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).expect("the file opens");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is no number: {row:?}"))
}

/// Returns the `name=value` pairs of a cell.
fn inputs(cell: &str) -> BTreeMap<String, f64> {
    cell.split([';', ','])
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(|(name, value)| Some((name.trim().to_owned(), value.trim().parse().ok()?)))
        .collect()
}

/// Checks a value and says by how much of its tolerance it was off.
fn check(what: &str, got: f64, expected: f64, tolerance: f64) -> f64 {
    let off = (got - expected).abs();
    assert!(off <= tolerance, "{what}: {got}, expected {expected} ± {tolerance}");
    if tolerance > 0.0 { off / tolerance } else { 0.0 }
}

#[test]
fn worked_examples_of_the_paper_are_met() {
    let Some(path) = support::shared("reference/fao56/fao56_worked_examples.csv") else { return };
    let rows = rows(&path);
    assert_eq!(rows.len(), 21);
    let mut worst: f64 = 0.0;
    for row in &rows {
        let what = format!("{} {}", row["example"], row["quantity"]);
        let got = worked_example(&row["example"], &row["quantity"], &inputs(&row["inputs"]));
        let tolerance = number(row, "abs_tolerance");
        worst = worst.max(check(&what, got, number(row, "expected"), tolerance));
    }
    eprintln!("fao56_worked_examples: worst {worst:.2} of the tolerance");
}

fn worked_example(example: &str, quantity: &str, given: &BTreeMap<String, f64>) -> f64 {
    let v = |name: &str| given[name];
    match (example, quantity.split(' ').next().unwrap_or_default()) {
        ("Ex 2", "atmospheric") => air::pressure_kpa(v("z")),
        ("Ex 2", _) => air::psychrometric_kpa_c(v("P")),
        ("Ex 3", _) => air::mean_saturation_kpa(v("Tmin"), v("Tmax")),
        ("Ex 4", _) => {
            let pressure = air::pressure_kpa(1_200.0);
            air::vapour_from_bulbs_kpa(v("Tdry"), v("Twet"), pressure, Ventilation::Forced)
        }
        ("Ex 5", _) if quantity.contains("RHmean") => {
            air::vapour_from_mean_kpa(18.0, 25.0, v("RHmean"))
        }
        ("Ex 5", _) => air::vapour_from_extremes_kpa(v("Tmin"), v("Tmax"), v("RHmin"), v("RHmax")),
        ("Ex 8", "inverse") => radiation::inverse_relative_distance(246),
        ("Ex 8", "solar") => radiation::declination_rad(246),
        ("Ex 8", "sunset") => {
            let declination = radiation::declination_rad(246);
            radiation::sunset_hour_angle_rad(v("lat").to_radians(), declination)
        }
        ("Ex 8", _) => radiation::extraterrestrial_mj(v("lat"), 246),
        ("Ex 9", _) => radiation::daylight_hours(-20.0, 246),
        ("Ex 10", _) => radiation::from_sunshine_mj(v("n"), v("N"), v("Ra"), Angstrom::default()),
        ("Ex 11", _) => {
            radiation::net_longwave_mj(v("Tmin"), v("Tmax"), v("ea"), v("Rs") / v("Rso"))
        }
        ("Ex 13", _) => radiation::soil_heat_between_mj(v("Tprev"), 18.8),
        ("Ex 14", _) => air::wind_at_2m_m_s(v("uz"), v("z")),
        ("Ex 15", _) => radiation::from_temperature_range_mj(
            v("Tmin"),
            v("Tmax"),
            v("Ra"),
            Coast::Inland.coefficient(),
        ),
        ("Ex 17", "slope") => air::slope_kpa_c(v("T")),
        ("Ex 18", "clear") => radiation::clear_sky_mj(v("z"), v("Ra")),
        ("Ex 17" | "Ex 18", _) => PenmanTerms {
            net_radiation_mj: v("Rn"),
            soil_heat_mj: v("G"),
            temperature_c: v("T"),
            wind_2m_m_s: v("u2"),
            deficit_kpa: v("es") - v("ea"),
            slope_kpa_c: v("delta"),
            psychrometric_kpa_c: v("gamma"),
        }
        .evapotranspiration_mm(Surface::SHORT_DAY),
        ("Ex 20", _) => air::saturation_kpa(v("Tmin")),
        other => panic!("no formula for {other:?}"),
    }
}

#[test]
fn fifteen_days_at_ten_degrees_north_equal_two_libraries() {
    let Some(path) = support::shared("reference/fao56/daily_eto_lat10_two_libraries.csv") else {
        return;
    };
    let (mut worst_pm, mut worst_asce, mut worst_h) = (0.0_f64, 0.0_f64, 0.0_f64);
    for row in rows(&path) {
        let date: jiff::civil::Date = row["date"].parse().expect("a date");
        let v = |name: &str| number(&row, name);
        let day_of_year = date.day_of_year().unsigned_abs();
        let weather = DailyWeather {
            day_of_year,
            tmin_c: v("tmin_c"),
            tmax_c: v("tmax_c"),
            humidity: Humidity::ExtremesPct { rhmin: v("rhmin_pct"), rhmax: v("rhmax_pct") },
            wind: Wind::Measured { speed_m_s: v("u2_ms"), height_m: 2.0 },
            sun: Sun::RadiationMj(v("rs_mj_m2_d")),
        };
        let site = Site { lat_deg: v("lat"), elevation_m: v("elev_m") };
        let day = weather.reference(site).expect("a plain day");
        check("ea", day.vapour_kpa, v("ea_kpa"), 1e-6);
        check("Ra", day.above_air_mj, v("ra_mj_m2_d"), 1e-4);
        let off = (day.et0_mm - v("eto_pyet_fao56_mm")).abs();
        assert!(off <= 0.002, "{date}: {} {}", day.et0_mm, v("eto_pyet_fao56_mm"));
        worst_pm = worst_pm.max(off);

        let asce = AsceDay {
            tmin_c: v("tmin_c"),
            tmax_c: v("tmax_c"),
            dew_point_c: air::dew_point_c(day.vapour_kpa),
            radiation_mj: v("rs_mj_m2_d"),
            wind_m_s: v("u2_ms"),
            wind_height_m: 2.0,
            day_of_year,
        };
        let short = asce.evapotranspiration_mm(
            site.lat_deg,
            site.elevation_m,
            Surface::SHORT_DAY,
            Convention::Report2005,
        );
        let off = (short - v("eto_refet_asce_short_mm")).abs();
        assert!(off <= 0.002, "{date}: {short} {}", v("eto_refet_asce_short_mm"));
        worst_asce = worst_asce.max(off);

        let mean = f64::midpoint(v("tmin_c"), v("tmax_c"));
        let above_mm = v("ra_mj_m2_d") / latent_heat_mj_kg(mean);
        let by_range = hargreaves_mm(v("tmin_c"), v("tmax_c"), mean, above_mm);
        let off = (by_range - v("eto_hargreaves_pyet_mm")).abs();
        assert!(off <= 0.002, "{date}: {by_range} {}", v("eto_hargreaves_pyet_mm"));
        worst_h = worst_h.max(off);
    }
    eprintln!("two libraries: worst {worst_pm:.6} {worst_asce:.6} {worst_h:.6} mm of 0.002");
}

/// Days of REF-ET that come out beyond the printed digits, and by how much (mm) at most: a windy day
/// printed 10.0 (we: 9.94986) and one printed 8.16 (we: 8.15492). Its source is not open; every
/// constant was varied, and no set meets these two without missing others.
const REFET_BEYOND: [(&str, &str, f64); 2] =
    [("2015-03-31", "ETr", 0.000_15), ("2015-06-16", "ETr", 0.000_10)];

#[test]
fn a_year_at_fallon_equals_ref_et_to_the_printed_digit() {
    let Some(folder) = support::shared("reference/refet_agrimet") else { return };
    let raw = rows(&folder.join("FALN_Agrimet_daily_raw_2015.csv"));
    let printed = std::fs::read(folder.join("FALN_Agrimet_daily_raw_2015.out")).expect("opens");
    let printed = String::from_utf8_lossy(&printed);
    let printed: Vec<Vec<&str>> = printed
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|cells| cells.len() == 11 && cells[2] == "2015")
        .collect();
    assert_eq!((raw.len(), printed.len()), (365, 365));
    let (mut worst, mut exact) = (0.0_f64, 0);
    for (row, cells) in raw.iter().zip(&printed) {
        let date = jiff::civil::date(
            2015,
            row["MONTH"].parse().expect("a month"),
            row["DAY"].parse().expect("a day"),
        );
        let celsius = |column: &str| (number(row, column) - 32.0) / 1.8;
        let day = AsceDay {
            tmin_c: celsius("MN"),
            tmax_c: celsius("MX"),
            dew_point_c: celsius("YM"),
            // Langleys of 4.1868 J/cm².
            radiation_mj: number(row, "SR") * 0.041_868,
            // Miles per hour. The one missing wind is printed as 0.00 by REF-ET.
            wind_m_s: row["UA"].parse::<f64>().unwrap_or(0.0) * 0.447_04,
            wind_height_m: 3.0,
            day_of_year: date.day_of_year().unsigned_abs(),
        };
        for (name, surface, cell) in
            [("ETr", Surface::TALL_DAY, cells[8]), ("ETo", Surface::SHORT_DAY, cells[9])]
        {
            let got = day.evapotranspiration_mm(39.4575, 1_208.5, surface, Convention::RefEt41);
            let half = half_a_digit(cell);
            let off = (got - cell.parse::<f64>().expect("a number")).abs();
            let key = date.to_string();
            let beyond = REFET_BEYOND.iter().find(|(d, n, _)| *d == key && *n == name);
            let allowed = half + beyond.map_or(1e-9, |(_, _, by)| *by);
            assert!(off <= allowed, "{date} {name}: {got}, printed {cell}");
            worst = worst.max(off / half);
            exact += usize::from(off <= half + 1e-9);
        }
    }
    assert_eq!(exact, 728, "of 730 within the printed digits");
    eprintln!("REF-ET: {exact} of 730 to the printed digit, worst {worst:.3} half digits");
}

/// Returns half a unit of the last digit printed.
fn half_a_digit(cell: &str) -> f64 {
    let decimals = cell.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    0.5 * 10_f64.powi(-i32::try_from(decimals).expect("few decimals"))
}

#[test]
fn four_european_stations_have_the_et0_of_the_crop_monitoring_system() {
    let Some(folder) = support::shared("reference/pcse_et0") else { return };
    let stations = [
        ("8011_asturias.csv", 43.5667, 130.0),
        ("2297_sweden.csv", 64.4833, 37.0),
        ("10870_munchen_flughafen.csv", 48.3667, 453.0),
        ("8443_ronda.csv", 36.75, 3.0),
    ];
    for (file, lat_deg, elevation_m) in stations {
        let site = Site { lat_deg, elevation_m };
        let (mut worst, mut days) = (0.0_f64, 0);
        for row in rows(&folder.join(file)) {
            let Some((day, expected)) = european_row(&row) else { continue };
            // The system takes FAO-56 as printed, without a floor under the sky's cloudiness.
            let got = day.reference_with_floor(site, 0.0).expect("a whole day").et0_mm;
            worst = worst.max((got - expected).abs());
            assert!(worst <= 0.2, "{file} {}: {got} {expected}", row["DAY"]);
            days += 1;
        }
        assert!(days > 400, "{file}: {days} whole days");
        eprintln!("{file}: {days} days, worst {worst:.4} mm of 0.2");
    }
}

/// Returns the weather and the expected ET0 of a whole row.
///
/// The columns ES0 and E0 (wet soil, open water) hang on an observed sunshine that the file does not
/// hold, and no advice needs them: they are not modelled.
fn european_row(row: &Row) -> Option<(DailyWeather, f64)> {
    let v = |name: &str| row[name].trim_end_matches([')', ';', ' ']).trim().parse::<f64>().ok();
    let (day, rest) = row["DAY"].split_once('-')?;
    let (month, year) = rest.split_once('-')?;
    let months =
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let month = i8::try_from(months.iter().position(|m| *m == month)? + 1).ok()?;
    let date = jiff::civil::date(2000 + year.parse::<i16>().ok()?, month, day.parse().ok()?);
    let weather = DailyWeather {
        day_of_year: date.day_of_year().unsigned_abs(),
        tmin_c: v("TEMPERATURE_MIN")?,
        tmax_c: v("TEMPERATURE_MAX")?,
        humidity: Humidity::VapourKpa(v("VAPOURPRESSURE")? / 10.0),
        wind: Wind::Measured { speed_m_s: v("WINDSPEED_10M")?, height_m: 10.0 },
        sun: Sun::RadiationMj(v("RADIATION")? / 1_000.0),
    };
    Some((weather, v("ET0")?))
}

/// Returns wind (m/s) at 2 m as Open-Meteo scales it: by the ratio of the logarithms, whose value at
/// 2 m is 1 and not 1.00007 as in FAO-56.
fn open_meteo_wind(wind_10m: f64) -> f64 {
    air::wind_at_2m_m_s(wind_10m, 10.0) / air::wind_at_2m_m_s(1.0, 2.0)
}

#[test]
fn meteorology_of_open_meteo_is_met() {
    let Some(path) = support::shared("reference/openmeteo/expected_meteorology.csv") else {
        return;
    };
    let rows = rows(&path);
    assert_eq!(rows.len(), 18);
    for row in &rows {
        let given = inputs(&row["inputs"]);
        let v = |name: &str| given[name];
        let got = match row["quantity"].as_str() {
            "et0_hourly" | "et0_hourly_night" => open_meteo_hour(&given),
            "vpd" => air::deficit_kpa(v("t2m"), v("dewpoint")),
            "relative_humidity" => air::relative_humidity_pct(v("t2m"), v("dewpoint")),
            "wet_bulb" => air::wet_bulb_c(v("t2m"), v("rh")),
            "wind_direction" => air::wind_from_deg(v("u"), v("v")),
            _ => open_meteo_day(&given, 24.0),
        };
        let what = format!("{} {}", row["quantity"], row["inputs"]);
        let part = check(&what, got, number(row, "expected"), number(row, "tolerance"));
        eprintln!("{what}: {part:.3} of the tolerance");
    }
}

#[test]
fn daily_et0_of_open_meteo_loses_a_24th_of_the_longwave_and_ours_loses_all() {
    let given = inputs(
        "tmax=32;tmin=18;tmean=24;wind10m_ms=8;sw_MJ=20;elev_m=100;ra_MJ=28;rhmax=78;rhmin=54",
    );
    let theirs = open_meteo_day(&given, 24.0);
    let by_the_paper = open_meteo_day(&given, 1.0);
    assert!((theirs - 7.0955).abs() < 1e-4, "{theirs}");
    assert!((by_the_paper - 6.1787).abs() < 1e-4, "{by_the_paper}");
}

fn open_meteo_hour(given: &BTreeMap<String, f64>) -> f64 {
    let v = |name: &str| given[name];
    let (t, dew, elevation_m) = (v("t2m"), v("dewpoint"), v("elev_m"));
    let mj = v("dt_s") / 1e6;
    let clear = radiation::clear_sky_mj(elevation_m, v("ra_Wm2") * mj);
    let radiation_mj = v("sw_Wm2") * mj;
    let relative_shortwave = if clear > 0.0 {
        radiation_mj / clear
    } else {
        // FAO-56 page 75: 0.4 to 0.6 in humid, 0.7 to 0.8 in dry places; drawn between by humidity.
        0.8 - 0.4 * air::relative_humidity_pct(t, dew) / 100.0
    };
    HourlyWeather {
        temperature_c: t,
        vapour_kpa: air::saturation_kpa(dew),
        wind_2m_m_s: open_meteo_wind(v("wind10m_ms")),
        radiation_mj,
        relative_shortwave,
        elevation_m,
    }
    .et0_mm()
}

/// Returns daily ET0 with the long-wave loss divided by `longwave_divisor`: Open-Meteo's daily formula
/// takes the hourly Stefan–Boltzmann constant, which is a 24th of the daily one.
fn open_meteo_day(given: &BTreeMap<String, f64>, longwave_divisor: f64) -> f64 {
    let v = |name: &str| given[name];
    let (tmin, tmax) = (v("tmin"), v("tmax"));
    let vapour = match given.get("rhmean") {
        Some(mean) => air::vapour_from_mean_kpa(tmin, tmax, *mean),
        None => air::vapour_from_extremes_kpa(tmin, tmax, v("rhmin"), v("rhmax")),
    };
    let above = v("ra_MJ");
    let by_range =
        radiation::from_temperature_range_mj(tmin, tmax, above, Coast::Inland.coefficient());
    let shortwave = given.get("sw_MJ").copied().filter(|mj| mj.is_finite()).unwrap_or(by_range);
    let relative = shortwave / radiation::clear_sky_mj(v("elev_m"), above);
    let lost = radiation::net_longwave_mj(tmin, tmax, vapour, relative) / longwave_divisor;
    PenmanTerms {
        net_radiation_mj: radiation::net_shortwave_mj(shortwave) - lost,
        soil_heat_mj: 0.0,
        temperature_c: v("tmean"),
        wind_2m_m_s: open_meteo_wind(v("wind10m_ms")),
        deficit_kpa: air::mean_saturation_kpa(tmin, tmax) - vapour,
        slope_kpa_c: air::slope_kpa_c(v("tmean")),
        psychrometric_kpa_c: air::psychrometric_kpa_c(air::pressure_kpa(v("elev_m"))),
    }
    .evapotranspiration_mm(Surface::SHORT_DAY)
}
