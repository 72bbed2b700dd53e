//! Open-Meteo's forecast: daily values of the next 16 days for every commune, as guidance.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::answer::{self, Section, Shape};
use super::ask::{self, Question};
use super::fields::{self, DAILY, DAILY_FORECAST_ONLY, Field};
use crate::domain::time;
use crate::sources::fetched::{Fetched, Morning, rows};
use crate::sources::gather::{Gather, ParseContext};
use crate::sources::http::Client;
use crate::sources::parsed::Parsed;
use crate::sources::promise::Promise;
use crate::sources::site::Site;

/// The feed's name.
pub const FEED: &str = "weather.open_meteo.forecast";

/// The promise: models run every six hours and reach 16 days.
pub const PROMISE: Promise = Promise {
    id: "weather.open_meteo",
    cadence: "every 6 hours, 16 days ahead",
    // The last day told must not lie behind us: 0 days of age.
    newest_age_max: Duration::ZERO,
    ..super::SERVICE
};

/// The `source` of its rows. Which model an answer mixes is the service's choice.
const SOURCE: &str = "weather.open_meteo.best_match";

/// Returns the days asked for: all that there are.
const DAYS: u32 = 16;

fn all_fields() -> impl Iterator<Item = &'static Field> {
    DAILY.iter().chain(DAILY_FORECAST_ONLY)
}

/// Returns the guidance in an answer for these sites. The answer does not say when its models ran,
/// so it counts as issued when we saw it.
#[must_use]
pub fn parse(bytes: &[u8], sites: &[Site], context: &ParseContext) -> Parsed {
    let mut gather = Gather::new(context, SOURCE);
    if let Some(document) = gather.document(bytes) {
        let shape = Shape { section: "daily", utc_offset_secs: LOCAL_OFFSET_SECS };
        for section in answer::sections(&document, sites, shape, &mut gather) {
            guide_section(&section, &mut gather);
        }
    }
    gather.finish()
}

/// The offset of local time, which days must be counted in.
pub(super) const LOCAL_OFFSET_SECS: i64 = time::LOCAL_OFFSET.seconds() as i64;

fn guide_section(section: &Section<'_>, gather: &mut Gather<'_>) {
    let dates = section.dates(gather);
    let (issued_at, member) = (gather.context().seen_at, Arc::from(""));
    for field in all_fields() {
        let Some((column, values)) = section.column(field.api, field.variable, field.unit, gather)
        else {
            continue;
        };
        for (index, date) in &dates {
            let Ok(valid_time) = time::day_start(*date) else { continue };
            if let Some(value) = gather.number(&column, section.cell(*index), &values[*index]) {
                let place = &section.site.place;
                gather.guide(&column.variable, place, issued_at, valid_time, &member, value);
            }
        }
    }
}

/// Fetches the forecast for all communes, up to 1,000 in one call.
pub fn fetch<'a>(client: &'a Client, morning: &'a Morning) -> BoxFuture<'a, Fetched> {
    async move {
        let mut fetched = Fetched::default();
        let (daily, days) = (fields::names(all_fields()), DAYS.to_string());
        let question = Question {
            feed: FEED,
            promise: &PROMISE,
            address: "https://api.open-meteo.com/v1/forecast",
            parameters: &[
                ("daily", &daily),
                ("forecast_days", &days),
                ("timezone", ask::ZONE),
                ("wind_speed_unit", "ms"),
                // A farm is on land, also where the nearest cell is the estuary.
                ("cell_selection", "land"),
            ],
            numbers: u32::try_from(all_fields().count()).unwrap_or(u32::MAX),
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
