//! The Mekong River Commission's near-real-time gauges. Off by default: access is disputed.
//!
//! Some programs call it without a key, others got 401; the raw data is under a licence of the
//! commission. Switch it on only with its consent; a key goes into the settings (`keys.mrc`).

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

use super::error::SourceError;
use super::fetched::{Fetched, Morning, rows};
use super::gather::{At, Gather, ParseContext};
use super::http::{Client, Expect, Request};
use super::parsed::Parsed;
use super::promise::Promise;
use crate::domain::PlaceId;

/// The feed's name.
pub const FEED: &str = "hydrology.mrc.telemetry";

/// The promise: readings every 15 minutes.
pub const PROMISE: Promise = Promise {
    id: "hydrology.mrc",
    provider: "Mekong River Commission",
    licence: "under the commission's data procedure: ask first",
    attribution: "Mekong River Commission, near-real-time hydrometeorological monitoring",
    cadence: "every 15 minutes",
    newest_age_max: Duration::from_hours(6),
    interval_min: Duration::from_mins(15),
    body_bytes_max: 4 << 20,
    concurrency_max: 1,
    requests_per_minute_max: 20,
    on_by_default: false,
};

/// A gauge: the commission's number and the id of our place `river:<id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Station {
    /// The commission's six digits.
    pub number: &'static str,
    /// The part of the place after the colon.
    pub id: &'static str,
}

const fn station(number: &'static str, id: &'static str) -> Station {
    Station { number, id }
}

/// The gauges asked for (numbers from `shared/knowledge/interfaces/hydro.md` `[2nd]`).
pub const STATIONS: &[Station] = &[
    station("014901", "kratie"),
    station("019806", "neak_luong"),
    station("019803", "tan_chau"),
    station("039801", "chau_doc"),
    station("019804", "my_thuan"),
    station("039803", "can_tho"),
    station("908001", "cho_lach"),
    station("981702", "tra_vinh"),
    station("985203", "vam_kenh"),
    station("039812", "dai_ngai"),
];

/// Returns the level readings in an answer for one gauge, in metres above the gauge's own zero.
#[must_use]
pub fn parse(bytes: &[u8], station: Station, context: &ParseContext) -> Parsed {
    let mut gather = Gather::new(context, PROMISE.id);
    let Some(document) = gather.document(bytes) else { return gather.finish() };
    let Some(readings) = document["measurements"].as_array() else {
        gather.note("measurements", "field_missing", "the answer holds no readings", "");
        return gather.finish();
    };
    let Ok(place) = PlaceId::new("river", station.id) else { return gather.finish() };
    // The answer states no unit; metres by the viewer's own labels.
    let Some(column) = gather.column("w", "water_level_reading_m", Some("m"), "m") else {
        return gather.finish();
    };
    if !readings.is_empty() && readings.iter().all(|r| r.get("w").is_none()) {
        gather.note("w", "field_missing", "no reading has a water level", "");
    }
    for (index, reading) in readings.iter().enumerate() {
        let stamp = reading["d"].as_str().unwrap_or_default();
        let cell = At { row: index + 1, place: &place, time: stamp };
        let Ok(at) = stamp.parse::<Timestamp>() else {
            gather.reject(cell, "d", stamp, "bad_time", "not a timestamp with zone");
            continue;
        };
        if at > gather.context().seen_at {
            gather.reject(cell, "d", stamp, "in_the_future", "a reading cannot be of later");
            continue;
        }
        let level: &Value = &reading["w"];
        if let Some(value) = gather.number(&column, cell, level) {
            gather.observe(&column.variable, &place, at, value, at);
        }
    }
    gather.finish()
}

/// Fetches the gauges one after another, until the provider refuses or is out of reach.
pub fn fetch<'a>(client: &'a Client, morning: &'a Morning) -> BoxFuture<'a, Fetched> {
    async move {
        let mut fetched = Fetched::default();
        for station in STATIONS {
            let request = request(*station, morning);
            let read = move |bytes: &[u8], c: &ParseContext| parse(bytes, *station, c);
            if !fetched.add(rows(client, request, &morning.variables, read).await) {
                break;
            }
        }
        fetched
    }
    .boxed()
}

fn request(station: Station, morning: &Morning) -> Result<Request, SourceError> {
    let address = "https://api.mrcmekong.org/api/v1/time-series/telemetry/recent/measurement/";
    let mut url = morning.settings.base(FEED, address)?;
    let joined = url.join(station.number).map_err(|e| SourceError::Address {
        feed: FEED.to_owned(),
        given: url.to_string(),
        reason: e.to_string(),
    })?;
    url = joined;
    let mut request = Request::new(FEED, &PROMISE, url, Expect::Json);
    request.secret = morning.settings.keys.get("mrc").map(|key| ("x-api-key", key.clone()));
    Ok(request)
}
