//! Open-Meteo's ensemble: 51 possible weathers for each grid cell of the province, as guidance.
//!
//! Communes of one 0.25° cell would get the same numbers, so the cell is asked for and stored, not
//! its communes: [`GRID`] finds the cell of any position, and each cell is described as a place.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::answer::{self, Section, Shape};
use super::ask::{self, Question};
use super::forecast::LOCAL_OFFSET_SECS;
use crate::domain::{PlaceId, time};
use crate::sources::days::{Daily, whole_days};
use crate::sources::fetched::{Fetched, Morning, rows};
use crate::sources::gather::{Column, Gather, ParseContext};
use crate::sources::http::Client;
use crate::sources::parsed::Parsed;
use crate::sources::promise::Promise;
use crate::sources::site::{Cell, Grid, Site};

/// The feed's name.
pub const FEED: &str = "weather.open_meteo.ensemble";

/// The promise: the ensemble of ECMWF runs every six hours and reaches 15 days.
pub const PROMISE: Promise = Promise {
    id: "weather.open_meteo",
    cadence: "every 6 hours, 15 days ahead",
    newest_age_max: Duration::ZERO,
    ..super::SERVICE
};

/// The grid of ECMWF's open ensemble data.
pub const GRID: Grid = Grid { name: "ecmwf_ens", lat_step: 0.25, lon_step: 0.25 };

const MODEL: &str = "ecmwf_ifs025_ensemble";
/// Who says so, in guidance.
pub const SOURCE: &str = "weather.open_meteo.ecmwf_ifs025_ensemble";
const MEMBERS: u32 = 51;
const DAYS: u32 = 15;

/// An hourly variable and the daily values made of it.
struct Hourly {
    api: &'static str,
    unit: &'static str,
    /// Stamps mark the end of the hour (sums) and not its instant.
    hour_before: bool,
    daily: &'static [(&'static str, Daily)],
}

const HOURLY: &[Hourly] = &[
    Hourly {
        api: "precipitation",
        unit: "mm",
        hour_before: true,
        daily: &[("precipitation_mm", Daily::Sum)],
    },
    Hourly {
        api: "temperature_2m",
        unit: "°C",
        hour_before: false,
        daily: &[("temp_max_c", Daily::Max), ("temp_min_c", Daily::Min)],
    },
];

/// Returns the guidance in an answer for these cells: whole local days, one row for each member.
#[must_use]
pub fn parse(bytes: &[u8], cells: &[Cell], context: &ParseContext) -> Parsed {
    let mut gather = Gather::new(context, SOURCE);
    let Some(document) = gather.document(bytes) else { return gather.finish() };
    let sites: Vec<Site> = cells.iter().map(|c| c.site.clone()).collect();
    let shape = Shape { section: "hourly", utc_offset_secs: LOCAL_OFFSET_SECS };
    for section in answer::sections(&document, &sites, shape, &mut gather) {
        describe(section.site, cells, &mut gather);
        let hours = instants(&section, &mut gather);
        for hourly in HOURLY {
            for (name, member) in members(&section, hourly.api) {
                guide_member(&section, hourly, &name, &member, &hours, &mut gather);
            }
        }
    }
    gather.finish()
}

/// Describes a cell: which communes lie in it.
fn describe(site: &Site, cells: &[Cell], gather: &mut Gather<'_>) {
    let cell = cells.iter().find(|c| c.site.place == site.place);
    let members: Vec<&str> = cell.iter().flat_map(|c| &c.members).map(PlaceId::as_str).collect();
    let attributes = json!({ "grid": GRID.name, "members": members });
    gather.place(&site.place, site.place.id(), Some((site.lat, site.lon)), &attributes);
}

/// Returns the members of a variable: the control run bears the plain name, the others a number.
fn members(section: &Section<'_>, api: &str) -> BTreeMap<String, Arc<str>> {
    let member = |name: &str| {
        let rest = name.strip_prefix(api)?;
        let member = match rest.strip_prefix("_member") {
            Some(number) if number.bytes().all(|b| b.is_ascii_digit()) => number,
            None if rest.is_empty() => "00",
            _ => return None,
        };
        Some((name.to_owned(), Arc::from(member)))
    };
    let mut members: BTreeMap<_, _> = section.names().filter_map(member).collect();
    if members.is_empty() {
        // Asked for and not there: let the column say so.
        members.insert(api.to_owned(), Arc::from("00"));
    }
    members
}

/// Returns the instants of a section's local hours, each beside its position.
fn instants(section: &Section<'_>, gather: &mut Gather<'_>) -> Vec<(usize, Timestamp)> {
    let instant = |(index, local): (usize, jiff::civil::DateTime)| {
        Some((index, time::local_instant(local.date(), local.time()).ok()?))
    };
    section.hours(gather).into_iter().filter_map(instant).collect()
}

fn guide_member(
    section: &Section<'_>,
    hourly: &Hourly,
    name: &str,
    member: &Arc<str>,
    hours: &[(usize, Timestamp)],
    gather: &mut Gather<'_>,
) {
    let columns: Vec<(Column, Daily)> = hourly
        .daily
        .iter()
        .filter_map(|(variable, daily)| {
            let (column, _) = section.column(name, variable, hourly.unit, gather)?;
            Some((column, *daily))
        })
        .collect();
    let Some((first, _)) = columns.first() else { return };
    let Some((_, values)) = section.column(name, &first.variable.name, hourly.unit, gather) else {
        return;
    };
    let shift = SignedDuration::from_hours(i64::from(hourly.hour_before));
    let mut read = Vec::with_capacity(hours.len());
    for (index, at) in hours {
        if let Some(value) = gather.number(first, section.cell(*index), &values[*index]) {
            read.push((at.saturating_sub(shift).unwrap_or(*at), value));
        }
    }
    let issued_at = gather.context().seen_at;
    for (date, hours) in whole_days(read) {
        let Ok(valid_time) = time::day_start(date) else { continue };
        for (column, daily) in &columns {
            let value = daily.of(&hours);
            let place = &section.site.place;
            gather.guide(&column.variable, place, issued_at, valid_time, member, value);
        }
    }
}

/// Fetches the ensemble for the grid cells of all communes in one call.
pub fn fetch<'a>(client: &'a Client, morning: &'a Morning) -> BoxFuture<'a, Fetched> {
    async move {
        let cells = GRID.cells(&morning.communes);
        let sites: Vec<Site> = cells.iter().map(|c| c.site.clone()).collect();
        let hourly = HOURLY.iter().map(|h| h.api).collect::<Vec<_>>().join(",");
        let question = Question {
            feed: FEED,
            promise: &PROMISE,
            address: "https://ensemble-api.open-meteo.com/v1/ensemble",
            parameters: &[
                ("hourly", &hourly),
                ("models", MODEL),
                ("forecast_days", &DAYS.to_string()),
                ("timezone", ask::ZONE),
                ("cell_selection", "nearest"),
            ],
            numbers: MEMBERS * u32::try_from(HOURLY.len()).unwrap_or(1),
            days: DAYS,
        };
        let request = ask::request(&question, &sites, &morning.settings);
        let read = move |bytes: &[u8], c: &ParseContext| parse(bytes, &cells, c);
        rows(client, request, &morning.variables, read).await.into()
    }
    .boxed()
}
