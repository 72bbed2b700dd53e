//! NOAA's Oceanic Niño Index and its relative form: two text tables, whole history every month.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::{Date, time as clock_time};

use super::error::SourceError;
use super::fetched::{Fetched, Morning, rows};
use super::gather::{At, Gather, ParseContext};
use super::http::{Client, Expect, Request};
use super::parsed::Parsed;
use super::promise::Promise;
use crate::domain::{PlaceId, time};

/// The feed's name; the addresses of its two tables are set under `<name>.oni` and `<name>.roni`.
pub const FEED: &str = "climate.noaa.oni";

/// The promise: in the first ten days of a month the season centred two months before.
pub const PROMISE: Promise = Promise {
    id: "climate.noaa",
    provider: "NOAA Climate Prediction Center",
    licence: "US government work, public domain",
    attribution: "NOAA/NWS Climate Prediction Center",
    cadence: "monthly, in the first ten days",
    // The season centred on month m is told by the tenth of m+2 and holds until the tenth of m+3.
    newest_age_max: Duration::from_hours(105 * 24),
    interval_min: Duration::from_hours(12),
    body_bytes_max: 1 << 20,
    concurrency_max: 1,
    requests_per_minute_max: 10,
    on_by_default: true,
};

/// Three-month seasons in the order of their centre months.
const SEASONS: [&str; 12] =
    ["DJF", "JFM", "FMA", "MAM", "AMJ", "MJJ", "JJA", "JAS", "ASO", "SON", "OND", "NDJ"];

/// One of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// The Oceanic Niño Index: `SEAS YR TOTAL ANOM`.
    Oni,
    /// The relative index, official since 2026-08 `[2nd]`: `SEAS YR ANOM`.
    Roni,
}

impl Index {
    const fn variable(self) -> &'static str {
        match self {
            Self::Oni => "oni_c",
            Self::Roni => "roni_c",
        }
    }

    const fn address(self) -> (&'static str, &'static str) {
        match self {
            Self::Oni => {
                ("climate.noaa.oni.oni", "https://www.cpc.ncep.noaa.gov/data/indices/oni.ascii.txt")
            }
            Self::Roni => (
                "climate.noaa.oni.roni",
                "https://www.cpc.ncep.noaa.gov/data/indices/RONI.ascii.txt",
            ),
        }
    }
}

/// Returns the observations in a table. The last seasons, and every few years all of them, are
/// revised: each reading is a vintage of its own.
#[must_use]
pub fn parse(bytes: &[u8], index: Index, context: &ParseContext) -> Parsed {
    let mut gather = Gather::new(context, PROMISE.id);
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let header: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    let column_of = |name| header.iter().position(|h| *h == name);
    let place = "climate:global".parse::<PlaceId>();
    let (Some(season), Some(year), Some(anomaly), Ok(place)) =
        (column_of("SEAS"), column_of("YR"), column_of("ANOM"), place)
    else {
        gather.unreadable("its header does not name SEAS, YR and ANOM", bytes);
        return gather.finish();
    };
    // The table states no unit; it is degrees Celsius by its documentation.
    let Some(column) = gather.column("ANOM", index.variable(), Some("degC"), "degC") else {
        return gather.finish();
    };
    for (row, line) in lines.enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let cell = At { row: row + 1, place: &place, time: line };
        if words.len() != header.len() {
            let text = format!("{} columns, the header has {}", words.len(), header.len());
            gather.reject(cell, "", line, "bad_row", &text);
            continue;
        }
        let Some((valid_time, told)) = times(words[season], words[year]) else {
            gather.reject(cell, "SEAS", line, "bad_time", "not a season and year");
            continue;
        };
        let raw = serde_json::Value::String(words[anomaly].to_owned());
        if let Some(value) = gather.number(&column, cell, &raw) {
            gather.observe(&column.variable, &place, valid_time, value, told);
        }
    }
    gather.finish()
}

/// Returns the start of a season's centre month, and when it is told: by the tenth of the month
/// two later.
fn times(season: &str, year: &str) -> Option<(Timestamp, Timestamp)> {
    let month = SEASONS.iter().position(|s| *s == season)? + 1;
    let centre = Date::new(year.parse().ok()?, i8::try_from(month).ok()?, 1).ok()?;
    let told = centre.checked_add(jiff::Span::new().months(2)).ok()?.with().day(10).build().ok()?;
    let told = time::local_instant(told, clock_time(7, 0, 0, 0)).ok()?;
    Some((time::day_start(centre).ok()?, told))
}

/// Fetches both tables.
pub fn fetch<'a>(client: &'a Client, morning: &'a Morning) -> BoxFuture<'a, Fetched> {
    async move {
        let mut fetched = Fetched::default();
        for index in [Index::Oni, Index::Roni] {
            let read = move |bytes: &[u8], c: &ParseContext| parse(bytes, index, c);
            fetched.add(rows(client, request(index, morning), &morning.variables, read).await);
        }
        fetched
    }
    .boxed()
}

fn request(index: Index, morning: &Morning) -> Result<Request, SourceError> {
    let (name, address) = index.address();
    let url = morning.settings.base(name, address)?;
    Ok(Request::new(FEED, &PROMISE, url, Expect::Text))
}
