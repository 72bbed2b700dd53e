//! WFP food prices through the Humanitarian Data Exchange: monthly market prices in Viet Nam.
//!
//! Wire facts from `OCHA-DAP/hdx-scraper-wfp-foodprices` (2026-07). The package names the file; the
//! file is a table with one row for each market, commodity and month.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;

use super::error::SourceError;
use super::fetched::{Fetched, Morning, rows};
use super::gather::{At, Gather, ParseContext};
use super::http::{Client, Expect, Request};
use super::json;
use super::parsed::Parsed;
use super::promise::Promise;
use crate::domain::{PlaceId, place::slug, time};

/// The feed's name.
pub const FEED: &str = "market.wfp.food_prices";

/// The promise: monthly, one to two months late.
pub const PROMISE: Promise = Promise {
    id: "market.wfp",
    provider: "World Food Programme via HDX",
    licence: "CC BY-IGO",
    attribution: "WFP Price Database, via the Humanitarian Data Exchange (CC BY-IGO)",
    cadence: "monthly, one to two months late; refreshed weekly",
    newest_age_max: Duration::from_hours(120 * 24),
    interval_min: Duration::from_hours(24),
    body_bytes_max: 32 << 20,
    concurrency_max: 1,
    requests_per_minute_max: 20,
    on_by_default: true,
};

/// The end of the price file's name.
const FILE: &str = "wfp_food_prices_vnm.csv";

/// Months from the first of a price's month until it is told: the month itself and two more `[U]`.
const TOLD_MONTHS: i64 = 3;

/// The columns without which no row can be read.
const NEEDED: [&str; 8] =
    ["date", "market", "commodity", "unit", "priceflag", "pricetype", "currency", "price"];

/// A row of the price file.
#[derive(Debug, Deserialize)]
struct Row {
    date: String,
    market: String,
    #[serde(default)]
    latitude: String,
    #[serde(default)]
    longitude: String,
    commodity: String,
    unit: String,
    priceflag: String,
    pricetype: String,
    currency: String,
    price: String,
    #[serde(default)]
    usdprice: String,
}

/// Returns the address of the price file named in a package's description.
#[must_use]
pub fn price_file(bytes: &[u8]) -> Option<Url> {
    let document = json::read(bytes).ok()?.value;
    let resources = document["result"]["resources"].as_array()?;
    let urls = resources.iter().filter_map(|r| r["url"].as_str());
    urls.filter(|url| url.ends_with(FILE)).find_map(|url| Url::parse(url).ok())
}

/// Returns the prices in the file. Rows marked as forecasts are dropped with an issue: some carry a
/// price of 0, none is a measurement.
#[must_use]
pub fn parse(bytes: &[u8], context: &ParseContext) -> Parsed {
    let mut gather = Gather::new(context, PROMISE.id);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let headers = match reader.headers() {
        Ok(headers) => headers.clone(),
        Err(error) => {
            gather.unreadable(&error.to_string(), bytes);
            return gather.finish();
        }
    };
    let missing: Vec<&str> =
        NEEDED.iter().copied().filter(|name| !headers.iter().any(|h| h == *name)).collect();
    for name in &missing {
        gather.note(name, "field_missing", "the header does not name this column", "");
    }
    if !missing.is_empty() {
        return gather.finish();
    }
    let mut markets = BTreeSet::new();
    for (index, record) in reader.records().enumerate() {
        // Older files have a second header row of HXL tags (`#date,#adm1+name,…`).
        let is_tags = |r: &csv::StringRecord| r.get(0).is_some_and(|t| t.starts_with('#'));
        if index == 0 && record.as_ref().is_ok_and(is_tags) {
            continue;
        }
        match record.and_then(|r| r.deserialize::<Row>(Some(&headers))) {
            Ok(row) => read_row(&row, index + 1, &mut markets, &mut gather),
            Err(error) => {
                let text = error.to_string();
                gather.note(&format!("row {}", index + 1), "bad_row", &text, &text);
            }
        }
    }
    gather.finish()
}

fn read_row(row: &Row, number: usize, markets: &mut BTreeSet<PlaceId>, gather: &mut Gather<'_>) {
    let Ok(place) = place_of(row) else {
        gather.note(
            &format!("row {number}"),
            "bad_place",
            "no place can be made of it",
            &row.market,
        );
        return;
    };
    let cell = At { row: number, place: &place, time: &row.date };
    if row.priceflag.contains("forecast") {
        let text = "a forecast is not a price";
        gather.reject(cell, "priceflag", &row.price, "forecast_row", text);
        return;
    }
    let Some((valid_time, told)) = times(&row.date) else {
        gather.reject(cell, "date", &row.date, "bad_time", "not a date");
        return;
    };
    for (field, raw, currency, variable, documented) in [
        ("price", &row.price, row.currency.as_str(), "price_month_vnd_kg", "VND/KG"),
        ("usdprice", &row.usdprice, "USD", "price_usd_kg", "USD/KG"),
    ] {
        if raw.trim().is_empty() {
            continue;
        }
        let unit = format!("{currency}/{}", row.unit);
        let Some(column) = gather.column(field, variable, Some(&unit), documented) else {
            continue;
        };
        if let Some(value) = gather.number(&column, cell, &Value::String(raw.clone())) {
            gather.observe(&column.variable, &place, valid_time, value, told);
        }
    }
    if markets.insert(place.clone()) {
        describe(row, &place, gather);
    }
}

/// Returns the place of a row: `market:<market>.<commodity>`, with the price type when it is not
/// wholesale.
fn place_of(row: &Row) -> Result<PlaceId, crate::domain::place::PlaceError> {
    let id = format!("{}.{}", slug(&row.market), slug(&row.commodity));
    match row.pricetype.as_str() {
        "Wholesale" => PlaceId::new("market", &id),
        other => PlaceId::new("market", &format!("{id}.{}", slug(other))),
    }
}

fn describe(row: &Row, place: &PlaceId, gather: &mut Gather<'_>) {
    let degrees = |text: &str| text.trim().parse::<f64>().ok();
    let position = degrees(&row.latitude).zip(degrees(&row.longitude));
    let attributes = serde_json::json!({
        "market": row.market, "commodity": row.commodity,
        "price_type": row.pricetype, "unit": row.unit,
    });
    let name = format!("{}, {}", row.market, row.commodity);
    gather.place(place, &name, position, &attributes);
}

/// Returns the start of a price's month and when it is told. Dates are the 15th of the month.
fn times(text: &str) -> Option<(Timestamp, Timestamp)> {
    let date: Date = text.parse().ok()?;
    let month = date.first_of_month();
    let told = month.checked_add(Span::new().months(TOLD_MONTHS)).ok()?;
    Some((time::day_start(month).ok()?, time::day_start(told).ok()?))
}

/// Fetches the package's description, then the price file it names.
pub fn fetch<'a>(client: &'a Client, morning: &'a Morning) -> BoxFuture<'a, Fetched> {
    async move { fetch_file(client, morning).await.into() }.boxed()
}

async fn fetch_file(client: &Client, morning: &Morning) -> Result<Parsed, SourceError> {
    let address = "https://data.humdata.org/api/3/action/package_show";
    let mut url = morning.settings.base(FEED, address)?;
    url.query_pairs_mut().append_pair("id", "wfp-food-prices-for-viet-nam");
    let package = client.get(&Request::new(FEED, &PROMISE, url, Expect::Json)).await?;
    let file = price_file(&package.body)
        .ok_or(SourceError::Missing { url: package.url, what: "a link to the price file" })?;
    let request = Request::new(FEED, &PROMISE, file, Expect::Csv);
    rows(client, Ok(request), &morning.variables, parse).await
}
