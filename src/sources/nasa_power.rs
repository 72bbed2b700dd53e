//! NASA POWER: daily weather from satellites and reanalysis, two to seven days late.
//!
//! Wire facts from the client packages `nasapower` (R) and PCSE, and answers recorded 2026-06. The
//! grid is coarse (0.5° by 0.625°), so each cell is asked for once and its values are given to
//! every commune in it, flagged as shared.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::error::SourceError;
use super::fetched::{Fetched, Morning, rows};
use super::gather::{At, Gather, ParseContext};
use super::http::{Client, Expect, Request};
use super::parsed::Parsed;
use super::promise::Promise;
use super::site::{Cell, Grid};
use crate::domain::{QcFlag, time};

/// The feed's name.
pub const FEED: &str = "weather.nasa_power.daily";

/// The promise: weather after two to three days, radiation after five to seven.
pub const PROMISE: Promise = Promise {
    id: "weather.nasa_power",
    provider: "NASA POWER",
    licence: "free use",
    attribution: "Data obtained from the NASA Langley Research Center (LaRC) POWER Project funded \
                  through the NASA Earth Science/Applied Science Program",
    cadence: "daily; weather 2-3 days late, radiation 5-7 days late",
    newest_age_max: Duration::from_hours(7 * 24),
    interval_min: Duration::from_hours(12),
    body_bytes_max: 1 << 20,
    // Limits exist but are not published: one or two at a time.
    concurrency_max: 2,
    requests_per_minute_max: 30,
    on_by_default: true,
};

/// The grid of its weather (MERRA-2); radiation is on 1°.
pub const GRID: Grid = Grid { name: "merra2", lat_step: 0.5, lon_step: 0.625 };

/// How many days back are asked for: the latest radiation is a week old.
const DAYS: i64 = 14;

/// The latest day asked for, in days back: a day beyond what is there gets the whole request
/// refused (422), and the last two are missing anyway.
const LATEST_DAYS: i64 = 2;

/// The days after which weather and radiation are usually there.
const LAG_WEATHER_DAYS: i64 = 3;
const LAG_RADIATION_DAYS: i64 = 7;

/// A parameter for community AG: its name, our variable, its documented unit, its usual delay.
struct Parameter {
    api: &'static str,
    variable: &'static str,
    unit: &'static str,
    lag_days: i64,
}

const fn weather(api: &'static str, variable: &'static str, unit: &'static str) -> Parameter {
    Parameter { api, variable, unit, lag_days: LAG_WEATHER_DAYS }
}

const PARAMETERS: &[Parameter] = &[
    weather("T2M", "temp_mean_c", "C"),
    weather("T2M_MAX", "temp_max_c", "C"),
    weather("T2M_MIN", "temp_min_c", "C"),
    weather("T2MDEW", "dew_point_c", "C"),
    weather("RH2M", "humidity_mean_pct", "%"),
    weather("WS10M", "wind_mean_m_s", "m/s"),
    weather("PRECTOTCORR", "precipitation_mm", "mm/day"),
    Parameter {
        api: "ALLSKY_SFC_SW_DWN",
        variable: "shortwave_mj_m2",
        unit: "MJ/m^2/day",
        lag_days: LAG_RADIATION_DAYS,
    },
];

/// Returns the observations in an answer for one cell.
///
/// Days are those of local solar time (the header must say `LST`), which for 97.5° to 112.5° east
/// is UTC+7. A value equal to the header's `fill_value` is missing.
#[must_use]
pub fn parse(bytes: &[u8], cell: &Cell, context: &ParseContext) -> Parsed {
    let mut gather = Gather::new(context, PROMISE.id);
    if let Some(document) = gather.document(bytes) {
        read_document(&document, cell, &mut gather);
    }
    gather.finish()
}

fn read_document(document: &Value, cell: &Cell, gather: &mut Gather<'_>) {
    let header = &document["header"];
    let zone = header["time_standard"].as_str().unwrap_or("(none)");
    if zone != "LST" {
        gather.note("time_standard", "wrong_zone", "days must be of local solar time", zone);
        return;
    }
    let Some(fill) = header["fill_value"].as_f64() else {
        let text = "without it, missing values cannot be told from real ones";
        gather.note("fill_value", "field_missing", text, &header["fill_value"].to_string());
        return;
    };
    let Some(values) = document["properties"]["parameter"].as_object() else {
        gather.note("parameter", "field_missing", "the answer holds no values", "");
        return;
    };
    let mut first_row = 1;
    for parameter in PARAMETERS {
        let Some(days) = values.get(parameter.api).and_then(Value::as_object) else {
            let text = "it was asked for and is not in the answer";
            gather.note(parameter.api, "field_missing", text, "");
            continue;
        };
        let unit = document["parameters"][parameter.api]["units"].as_str();
        read_days(parameter, unit, days, fill, (cell, first_row), gather);
        first_row += days.len();
    }
}

fn read_days(
    parameter: &Parameter,
    unit: Option<&str>,
    days: &Map<String, Value>,
    fill: f64,
    (cell, first_row): (&Cell, usize),
    gather: &mut Gather<'_>,
) {
    let (api, variable) = (parameter.api, parameter.variable);
    let Some(column) = gather.column(api, variable, unit, parameter.unit) else { return };
    for (index, (day, raw)) in days.iter().enumerate() {
        let at = At { row: first_row + index, place: &cell.site.place, time: day };
        let Some(date) = compact_date(day) else {
            gather.reject(at, api, day, "bad_time", "not a date of the form YYYYMMDD");
            continue;
        };
        #[allow(clippy::float_cmp, reason = "the fill value is written, not computed")]
        if raw.as_f64() == Some(fill) {
            continue;
        }
        let told = time::day_start(time::add_days(date, parameter.lag_days));
        let (Ok(valid_time), Ok(told)) = (time::day_start(date), told) else { continue };
        let Some(value) = gather.number(&column, at, raw) else { continue };
        for place in &cell.members {
            gather.observe(&column.variable, place, valid_time, value, told);
            if cell.members.len() > 1 {
                gather.flag_last(QcFlag::SharedCell);
            }
        }
    }
}

/// Returns the date written `YYYYMMDD`.
fn compact_date(text: &str) -> Option<Date> {
    let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let month = i8::try_from(part(4..6).filter(|_| digits)?).ok()?;
    let day = i8::try_from(part(6..8)?).ok()?;
    Date::new(part(0..4)?, month, day).ok()
}

/// Fetches the last two weeks for each cell, until the provider refuses or is out of reach; any
/// other failure costs only its cell.
pub fn fetch<'a>(client: &'a Client, morning: &'a Morning) -> BoxFuture<'a, Fetched> {
    async move {
        let mut fetched = Fetched::default();
        for cell in GRID.cells(&morning.communes) {
            let request = request(&cell, morning);
            let read = move |bytes: &[u8], c: &ParseContext| parse(bytes, &cell, c);
            if !fetched.add(rows(client, request, &morning.variables, read).await) {
                break;
            }
        }
        fetched
    }
    .boxed()
}

fn request(cell: &Cell, morning: &Morning) -> Result<Request, SourceError> {
    let address = "https://power.larc.nasa.gov/api/temporal/daily/point";
    let mut url = morning.settings.base(FEED, address)?;
    let day = |days| time::add_days(morning.today(), days).strftime("%Y%m%d").to_string();
    let names: Vec<&str> = PARAMETERS.iter().map(|p| p.api).collect();
    url.query_pairs_mut()
        .append_pair("parameters", &names.join(","))
        .append_pair("community", "AG")
        .append_pair("latitude", &cell.site.lat.to_string())
        .append_pair("longitude", &cell.site.lon.to_string())
        .append_pair("start", &day(-DAYS))
        .append_pair("end", &day(-LATEST_DAYS))
        .append_pair("format", "JSON")
        .append_pair("time-standard", "LST");
    Ok(Request::new(FEED, &PROMISE, url, Expect::Json))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_dates_are_read_strictly() {
        assert_eq!(compact_date("20260228").unwrap().to_string(), "2026-02-28");
        for bad in ["20260229", "2026-228", "202602", "20261301", "2026022800"] {
            assert_eq!(compact_date(bad), None, "{bad} was read");
        }
    }
}
