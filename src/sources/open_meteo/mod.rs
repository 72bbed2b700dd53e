//! Open-Meteo: forecast, reanalysis, ensemble and river discharge, for many places in one call.
//!
//! Wire facts from `open-meteo/open-meteo` (server code) and its documentation, read 2026-08.
//! The free service is for non-commercial use; with a key the customer hosts are asked instead.

pub mod answer;
pub mod ask;
pub mod ensemble;
pub mod fields;
pub mod flood;
pub mod forecast;
pub mod reanalysis;

use std::time::Duration;

use crate::sources::promise::Promise;

/// The line to show beside displayed data (terms of use: a link to Open-Meteo.com).
const ATTRIBUTION: &str = "Weather data by Open-Meteo.com (CC BY 4.0), https://open-meteo.com/";

/// What holds for all four feeds: terms and limits are those of the service.
const SERVICE: Promise = Promise {
    id: "weather.open_meteo",
    provider: "Open-Meteo",
    licence: "CC BY 4.0; free hosts for non-commercial use only",
    attribution: ATTRIBUTION,
    cadence: "every 6 hours",
    newest_age_max: Duration::from_hours(24),
    interval_min: Duration::from_hours(1),
    body_bytes_max: 16 << 20,
    // The free host runs one request per address at a time and queues a few.
    concurrency_max: 1,
    // 600 weighted calls a minute are free; the rest is room for other users of the same address.
    requests_per_minute_max: 500,
    on_by_default: true,
};
