//! MET Norway's locationforecast 2.0: an independent second opinion, hourly for about two days.
//!
//! Wire facts from `metno/weatherapi-docs`. Outside the Nordic area it is ECMWF's 9 km forecast, so
//! one point of each 0.25° cell is asked for: hours are stored for the cell, whole local days for
//! each commune in it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::days::{Daily, whole_days};
use super::error::SourceError;
use super::fetched::{Fetched, Morning, rows};
use super::gather::{At, Column, Gather, ParseContext};
use super::http::{Client, Expect, Request};
use super::parsed::Parsed;
use super::promise::Promise;
use super::site::{Cell, Grid};
use crate::domain::{PlaceId, time};

/// The feed's name.
pub const FEED: &str = "weather.met_norway.locationforecast";

/// The promise: four runs a day; answers say until when they live.
pub const PROMISE: Promise = Promise {
    id: "weather.met_norway",
    provider: "MET Norway",
    licence: "CC BY 4.0 and NLOD 2.0",
    attribution: "Weather forecast from MET Norway (CC BY 4.0)",
    cadence: "every 6 hours, about 9 days ahead",
    newest_age_max: Duration::ZERO,
    interval_min: Duration::from_mins(30),
    body_bytes_max: 2 << 20,
    concurrency_max: 2,
    // More than 20 a second needs an agreement; 4 a second is plenty for us.
    requests_per_minute_max: 240,
    on_by_default: true,
};

/// The grid on which points are asked for. The model has 9 km; on flat land 28 km tell a second
/// opinion just as well with an eighth of the requests (14 for the province instead of about 70).
pub const GRID: Grid = Grid { name: "met_norway", lat_step: 0.25, lon_step: 0.25 };

/// How a value stands to its stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// True at the instant of the stamp.
    Instant,
    /// The amount of the hour that begins at the stamp.
    NextHour,
}

/// A member of the answer: where it stands, what it is to us by the hour and by the day.
struct Member {
    api: &'static str,
    holds: Holds,
    variable: &'static str,
    unit: &'static str,
    daily: &'static [(&'static str, Daily)],
}

const fn instant(
    api: &'static str,
    variable: &'static str,
    unit: &'static str,
    daily: &'static [(&'static str, Daily)],
) -> Member {
    Member { api, holds: Holds::Instant, variable, unit, daily }
}

const MEMBERS: &[Member] = &[
    instant(
        "air_temperature",
        "temp_c",
        "celsius",
        &[("temp_max_c", Daily::Max), ("temp_min_c", Daily::Min), ("temp_mean_c", Daily::Mean)],
    ),
    instant("relative_humidity", "humidity_pct", "%", &[("humidity_mean_pct", Daily::Mean)]),
    instant(
        "wind_speed",
        "wind_m_s",
        "m/s",
        &[("wind_max_m_s", Daily::Max), ("wind_mean_m_s", Daily::Mean)],
    ),
    instant("wind_from_direction", "wind_direction_report_deg", "degrees", &[]),
    instant(
        "air_pressure_at_sea_level",
        "pressure_report_hpa",
        "hPa",
        &[("pressure_msl_hpa", Daily::Mean)],
    ),
    instant("cloud_area_fraction", "cloud_report_pct", "%", &[("cloud_pct", Daily::Mean)]),
    Member {
        api: "precipitation_amount",
        holds: Holds::NextHour,
        // Ours is "of the hour before": stored at the end of the hour.
        variable: "rain_1h_mm",
        unit: "mm",
        daily: &[("precipitation_mm", Daily::Sum)],
    },
];

/// Returns the guidance in an answer for one cell.
///
/// Daily values are made only of days with all 24 hours: the steps of six hours further ahead do
/// not begin at local midnight (17:00 UTC), so a day made of them would mix two. Members that are
/// absent (the last entries have no amounts) are missing, not wrong.
#[must_use]
pub fn parse(bytes: &[u8], cell: &Cell, context: &ParseContext) -> Parsed {
    let mut gather = Gather::new(context, PROMISE.id);
    if let Some(document) = gather.document(bytes) {
        read_document(&document, cell, &mut gather);
    }
    gather.finish()
}

fn read_document(document: &Value, cell: &Cell, gather: &mut Gather<'_>) {
    let properties = &document["properties"];
    let updated = properties["meta"]["updated_at"].as_str().unwrap_or_default();
    let Ok(issued_at) = updated.parse::<Timestamp>() else {
        let text = "the answer does not say when it was issued";
        gather.note("updated_at", "field_missing", text, updated);
        return;
    };
    let Some(series) = properties["timeseries"].as_array() else {
        gather.note("timeseries", "field_missing", "the answer holds no values", "");
        return;
    };
    let members: Vec<&str> = cell.members.iter().map(PlaceId::as_str).collect();
    let attributes = json!({ "grid": GRID.name, "members": members });
    let position = Some((cell.site.lat, cell.site.lon));
    gather.place(&cell.site.place, cell.site.place.id(), position, &attributes);
    for member in MEMBERS {
        let unit = properties["meta"]["units"][member.api].as_str();
        let Some(column) = gather.column(member.api, member.variable, unit, member.unit) else {
            continue;
        };
        let hours = read_hours(member, &column, series, cell, gather);
        if hours.is_empty() {
            gather.note(member.api, "all_missing", "no entry has this member", "");
        }
        guide_hours(member, &column, &hours, cell, issued_at, gather);
        guide_days(member, hours, cell, issued_at, gather);
    }
}

/// Returns a member's values by stamp; entries without it are passed over.
fn read_hours(
    member: &Member,
    column: &Column,
    series: &[Value],
    cell: &Cell,
    gather: &mut Gather<'_>,
) -> BTreeMap<Timestamp, f64> {
    let mut hours = BTreeMap::new();
    for (index, entry) in series.iter().enumerate() {
        let stamp = entry["time"].as_str().unwrap_or_default();
        let at = At { row: index + 1, place: &cell.site.place, time: stamp };
        let Ok(time) = stamp.parse::<Timestamp>() else {
            gather.reject(at, "time", stamp, "bad_time", "not a timestamp");
            continue;
        };
        let part = match member.holds {
            Holds::Instant => "instant",
            Holds::NextHour => "next_1_hours",
        };
        let raw = &entry["data"][part]["details"][member.api];
        if let Some(value) = gather.number(column, at, raw) {
            hours.entry(time).or_insert(value);
        }
    }
    hours
}

fn guide_hours(
    member: &Member,
    column: &Column,
    hours: &BTreeMap<Timestamp, f64>,
    cell: &Cell,
    issued_at: Timestamp,
    gather: &mut Gather<'_>,
) {
    let single = Arc::from("");
    let shift = match member.holds {
        Holds::Instant => SignedDuration::ZERO,
        Holds::NextHour => SignedDuration::from_hours(1),
    };
    for (stamp, value) in hours {
        let valid_time = stamp.saturating_add(shift).unwrap_or(*stamp);
        let place = &cell.site.place;
        gather.guide(&column.variable, place, issued_at, valid_time, &single, *value);
    }
}

fn guide_days(
    member: &Member,
    hours: BTreeMap<Timestamp, f64>,
    cell: &Cell,
    issued_at: Timestamp,
    gather: &mut Gather<'_>,
) {
    let single = Arc::from("");
    let days = whole_days(hours);
    for (variable, daily) in member.daily {
        let Ok(variable) = gather.context().variables.get(variable).cloned() else { continue };
        for (date, hours) in &days {
            let Ok(valid_time) = time::day_start(*date) else { continue };
            for place in &cell.members {
                let value = daily.of(hours);
                gather.guide(&variable, place, issued_at, valid_time, &single, value);
            }
        }
    }
}

/// Fetches each cell, until the provider refuses or is out of reach; any other failure costs only
/// its cell.
pub fn fetch<'a>(client: &'a Client, morning: &'a Morning) -> BoxFuture<'a, Fetched> {
    async move {
        if morning.settings.contact.is_empty() {
            // Its terms: the User-Agent must name a contact; without one it answers 403.
            let setting = SourceError::Setting { feed: FEED, setting: "sources.contact" };
            return Fetched::failed(setting);
        }
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
    let address = "https://api.met.no/weatherapi/locationforecast/2.0/complete";
    let mut url = morning.settings.base(FEED, address)?;
    url.query_pairs_mut()
        // At most four decimals are allowed; the grid has two.
        .append_pair("lat", &format!("{:.2}", cell.site.lat))
        .append_pair("lon", &format!("{:.2}", cell.site.lon))
        // The delta lies one to three metres above the sea.
        .append_pair("altitude", "2");
    Ok(Request::new(FEED, &PROMISE, url, Expect::Json))
}
