//! Open-Meteo's flood service (GloFAS): river discharge ahead at the gauges that feed the delta.
//!
//! The grid has cells of 0.05° and the nearest one may miss the river, so the cells around each
//! gauge are asked for too and the one that carries the most water is taken (the service's own
//! advice: "shift by up to 0.1° and check magnitude"). Tidal reaches are not modelled at all.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::Value;

use super::answer::{self, Section, Shape};
use super::ask::{self, Question};
use crate::domain::{PlaceId, time};
use crate::sources::fetched::{Fetched, Morning, rows};
use crate::sources::gather::{Gather, ParseContext};
use crate::sources::http::Client;
use crate::sources::parsed::Parsed;
use crate::sources::promise::Promise;
use crate::sources::site::Site;

/// The feed's name.
pub const FEED: &str = "hydrology.open_meteo.flood";

/// The promise: one run a day, 30 days ahead in daily steps.
pub const PROMISE: Promise = Promise {
    id: "hydrology.open_meteo",
    attribution: "River discharge: Copernicus Emergency Management Service GloFAS, by \
                  Open-Meteo.com (CC BY 4.0)",
    cadence: "daily, 30 days ahead",
    newest_age_max: Duration::ZERO,
    interval_min: Duration::from_hours(6),
    ..super::SERVICE
};

/// A gauge on a river, and how little water it can ever carry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gauge {
    /// The part of `river:<id>` after the colon.
    pub id: &'static str,
    /// Degrees north, of the town's river front.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// Below this the cell is not the river, in m³/s.
    pub flow_min_m3_s: f64,
}

/// The gauges asked for: the Mekong before it divides.
///
/// Positions: general knowledge of the two towns, to 0.02° `[U]`; the search around them makes up
/// for it. Floor: about half the lowest daily flow on record there (855 m³/s at Stung Treng, 1,250
/// at Kratie, `shared/data/hydrology`), so a dry year passes and a side stream does not.
pub const GAUGES: &[Gauge] = &[
    Gauge { id: "stung_treng", lat: 13.53, lon: 105.95, flow_min_m3_s: 400.0 },
    Gauge { id: "kratie", lat: 12.48, lon: 106.02, flow_min_m3_s: 600.0 },
];

/// How far and in which steps the river is searched for around a gauge, in degrees: one cell is
/// 0.05°.
const SEARCH_DEG: [f64; 5] = [-0.1, -0.05, 0.0, 0.05, 0.1];

const SOURCE: &str = "hydrology.open_meteo.glofas";
const FIELD: &str = "river_discharge";
const DAYS: u32 = 30;

/// Returns the points to ask for: a square around each gauge, all under the gauge's place.
#[must_use]
pub fn points(gauges: &[Gauge]) -> Vec<Site> {
    let around = |gauge: &Gauge| {
        let place = PlaceId::new("river", gauge.id).ok()?;
        let (lat, lon) = (gauge.lat, gauge.lon);
        let square = SEARCH_DEG
            .iter()
            .flat_map(move |north| SEARCH_DEG.iter().map(move |east| (lat + north, lon + east)));
        Some(square.map(move |(lat, lon)| Site { place: place.clone(), lat, lon }))
    };
    gauges.iter().filter_map(around).flatten().collect()
}

/// Returns the guidance in an answer for these points: for each gauge the cell with most water.
///
/// The service counts days in UTC; a daily mean flow of a large river changes little in the seven
/// hours that its day differs from ours.
#[must_use]
pub fn parse(bytes: &[u8], points: &[Site], gauges: &[Gauge], context: &ParseContext) -> Parsed {
    let mut gather = Gather::new(context, SOURCE);
    let Some(document) = gather.document(bytes) else { return gather.finish() };
    let shape = Shape { section: "daily", utc_offset_secs: 0 };
    let sections = answer::sections(&document, points, shape, &mut gather);
    for gauge in gauges {
        let here = sections.iter().filter(|s| s.site.place.id() == gauge.id);
        let flows = here.filter_map(|s| Some((s, median_flow(s, &mut gather)?)));
        match flows.max_by(|(_, a), (_, b)| a.total_cmp(b)) {
            Some((section, flow)) if flow >= gauge.flow_min_m3_s => guide(section, &mut gather),
            Some((_, flow)) => {
                let text = format!(
                    "the cells around {} carry {flow:.0} m3/s at most, the river at least {}",
                    gauge.id, gauge.flow_min_m3_s
                );
                gather.note(gauge.id, "not_the_river", &text, &flow.to_string());
            }
            None => gather.note(gauge.id, "field_missing", "no cell around it has values", ""),
        }
    }
    gather.finish()
}

/// Returns the median of a cell's discharge, in the answer's own unit, for comparing cells.
fn median_flow(section: &Section<'_>, gather: &mut Gather<'_>) -> Option<f64> {
    let (_, values) = section.column(FIELD, "discharge_m3_s", "m³/s", gather)?;
    let mut flows: Vec<f64> = values.iter().filter_map(Value::as_f64).collect();
    flows.sort_by(f64::total_cmp);
    flows.get(flows.len() / 2).copied()
}

fn guide(section: &Section<'_>, gather: &mut Gather<'_>) {
    let dates = section.dates(gather);
    let Some((column, values)) = section.column(FIELD, "discharge_m3_s", "m³/s", gather) else {
        return;
    };
    let (issued_at, member) = (gather.context().seen_at, Arc::from(""));
    for (index, date) in dates {
        let Ok(valid_time) = time::day_start(date) else { continue };
        if let Some(value) = gather.number(&column, section.cell(index), &values[index]) {
            let place = &section.site.place;
            gather.guide(&column.variable, place, issued_at, valid_time, &member, value);
        }
    }
}

/// Fetches the discharge ahead at all gauges in one call.
pub fn fetch<'a>(client: &'a Client, morning: &'a Morning) -> BoxFuture<'a, Fetched> {
    async move {
        let points = points(GAUGES);
        let question = Question {
            feed: FEED,
            promise: &PROMISE,
            address: "https://flood-api.open-meteo.com/v1/flood",
            parameters: &[
                ("daily", FIELD),
                ("forecast_days", &DAYS.to_string()),
                ("timezone", "GMT"),
                ("cell_selection", "nearest"),
            ],
            numbers: 1,
            days: DAYS,
        };
        let request = ask::request(&question, &points, &morning.settings);
        let read = move |bytes: &[u8], c: &ParseContext| parse(bytes, &points, GAUGES, c);
        rows(client, request, &morning.variables, read).await.into()
    }
    .boxed()
}
