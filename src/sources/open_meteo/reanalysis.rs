//! Open-Meteo's archive: what the weather was in the last days at every commune, as observations.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::answer::{self, Section, Shape};
use super::ask::{self, Question};
use super::fields::{self, DAILY};
use super::forecast::LOCAL_OFFSET_SECS;
use crate::domain::time;
use crate::sources::fetched::{Fetched, Morning, rows};
use crate::sources::gather::{Gather, ParseContext};
use crate::sources::http::Client;
use crate::sources::parsed::Parsed;
use crate::sources::promise::Promise;
use crate::sources::site::Site;

/// The feed's name.
pub const FEED: &str = "weather.open_meteo.archive";

/// The promise: the 9 km analysis has almost no delay, ERA5 about five days.
pub const PROMISE: Promise = Promise {
    id: "weather.open_meteo",
    cadence: "daily; the analysis almost at once, ERA5 about five days later",
    newest_age_max: Duration::from_hours(6 * 24),
    // A day's value may still be replaced; once a morning is enough.
    interval_min: Duration::from_hours(6),
    ..super::SERVICE
};

/// How many days back are asked for: those that ERA5 replaces, and a week's outage of ours.
const DAYS: u32 = 12;

/// Returns the observations in an answer for these sites.
///
/// A day counts only once it is over; the analysis tells it at once, so a value is available from
/// the end of its day, and never before it was seen here.
#[must_use]
pub fn parse(bytes: &[u8], sites: &[Site], context: &ParseContext) -> Parsed {
    let mut gather = Gather::new(context, PROMISE.id);
    if let Some(document) = gather.document(bytes) {
        let shape = Shape { section: "daily", utc_offset_secs: LOCAL_OFFSET_SECS };
        for section in answer::sections(&document, sites, shape, &mut gather) {
            observe_section(&section, &mut gather);
        }
    }
    gather.finish()
}

fn observe_section(section: &Section<'_>, gather: &mut Gather<'_>) {
    let dates = section.dates(gather);
    for field in DAILY {
        let Some((column, values)) = section.column(field.api, field.variable, field.unit, gather)
        else {
            continue;
        };
        for (index, date) in &dates {
            let ends = time::day_start(time::add_days(*date, 1));
            let (Ok(valid_time), Ok(ends)) = (time::day_start(*date), ends) else { continue };
            let cell = section.cell(*index);
            if ends > gather.context().seen_at {
                let text = "the day was not over when this was told: a forecast, not a measurement";
                gather.note("time", "not_yet_over", text, cell.time);
                continue;
            }
            if let Some(value) = gather.number(&column, cell, &values[*index]) {
                gather.observe(&column.variable, &section.site.place, valid_time, value, ends);
            }
        }
    }
}

/// Fetches the last days for all communes, up to 1,000 in one call.
pub fn fetch<'a>(client: &'a Client, morning: &'a Morning) -> BoxFuture<'a, Fetched> {
    async move {
        let mut fetched = Fetched::default();
        let first = time::add_days(morning.today(), -i64::from(DAYS)).to_string();
        let last = time::add_days(morning.today(), -1).to_string();
        let daily = fields::names(DAILY.iter());
        let question = Question {
            feed: FEED,
            promise: &PROMISE,
            address: "https://archive-api.open-meteo.com/v1/archive",
            parameters: &[
                ("start_date", &first),
                ("end_date", &last),
                ("daily", &daily),
                ("timezone", ask::ZONE),
                ("wind_speed_unit", "ms"),
                ("cell_selection", "land"),
            ],
            numbers: u32::try_from(DAILY.len()).unwrap_or(u32::MAX),
            days: DAYS,
        };
        for sites in morning.communes.chunks(ask::PLACES_MAX) {
            let request = ask::request(&question, sites, &morning.settings);
            let sites = sites.to_vec();
            let read = move |bytes: &[u8], c: &ParseContext| parse(bytes, &sites, c);
            fetched.add(rows(client, request, &morning.variables, read).await);
        }
        fetched
    }
    .boxed()
}
