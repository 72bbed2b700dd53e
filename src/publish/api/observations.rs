//! What was measured, what others forecast, what things cost, and where the places are.

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::table::{Page, Table};
use super::{Asked, Problem, Shelf};
use crate::domain::{PlaceId, time};
use crate::frames::observations::{GUIDANCE, OBSERVATION, PLACE};
use crate::frames::{Guidance, Observation, Place, TableSpec, from_batch};
use crate::storage::{Filter, StorageError};

/// Rows one question may touch: a decade of ten-minute readings of one probe.
const ROWS_MAX: usize = 600_000;

pub(super) fn about_schema() -> Value {
    json!({
        "newest": { "type": ["string", "null"], "format": "date-time",
            "description": "the newest moment any row is true for, or was issued" },
    })
}

#[derive(Deserialize)]
pub(super) struct Which {
    variable: String,
    place: Option<PlaceId>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Which {
    fn wants(&self, place: &PlaceId, at: Timestamp) -> bool {
        self.place.as_ref().is_none_or(|wanted| wanted == place)
            && self.from.is_none_or(|from| at >= from)
            && self.to.is_none_or(|to| at < to)
    }

    /// Narrows to the years asked for; monthly and longer series stand in one period.
    fn filter(&self) -> Filter {
        let all = Filter::all().and("variable", [&self.variable]);
        let (Some(from), Some(to)) = (self.from, self.to) else { return all };
        let year = |at| time::local_date(at).year();
        let years = (year(from)..=year(to)).map(|year| year.to_string());
        all.and("period", years.chain(["all".to_owned()]))
    }
}

/// Reads the rows that `wants` keeps.
async fn read<T: DeserializeOwned>(
    shelf: &Shelf,
    spec: &'static TableSpec,
    filter: &Filter,
    wants: impl Fn(&T) -> bool,
) -> Result<Vec<T>, Problem> {
    let mut rows = Vec::new();
    let mut too_many = false;
    let take = |batch| -> Result<(), StorageError> {
        if !too_many {
            rows.extend(from_batch::<T>(spec, &batch)?.into_iter().filter(&wants));
            too_many = rows.len() > ROWS_MAX;
        }
        Ok(())
    };
    shelf.lake.each_batch(spec, filter, take).await?;
    if too_many {
        let detail = format!("more than {ROWS_MAX} rows: name a place, or a narrower from and to");
        return Err(Problem::bad("too many rows", detail));
    }
    Ok(rows)
}

fn about(newest: Option<Timestamp>) -> Map<String, Value> {
    Map::from_iter([("newest".to_owned(), json!(newest))])
}

fn key_of(r: &Observation) -> String {
    format!("{}|{}|{}|{}|{:06}", r.variable, r.place, r.valid_time, r.source, r.revision)
}

/// Whether a variable of this name is a price.
pub(super) fn is_price(name: &str) -> bool {
    name.contains("price")
}

pub(super) async fn observations(
    State(shelf): State<Shelf>,
    Asked(which): Asked<Which>,
    page: Page,
) -> Result<Response, Problem> {
    if shelf.variables.get(&which.variable).is_err() {
        let stored: Vec<String> = shelf.lake.variables().await?.into_keys().collect();
        let detail = format!(
            "variable {:?} is not known; stored are: {}",
            which.variable,
            stored.join(", ")
        );
        return Err(Problem::bad("unknown variable", detail));
    }
    let wants = |r: &Observation| which.wants(&r.place, r.valid_time);
    let rows = read(&shelf, &OBSERVATION, &which.filter(), wants).await?;
    let about = about(rows.iter().map(|r: &Observation| r.valid_time).max());
    let table = Table { spec: &OBSERVATION, name: "observations", about, rows };
    table.answer(&page, key_of)
}

#[derive(Deserialize)]
pub(super) struct Priced {
    variable: Option<String>,
}

pub(super) async fn prices(
    State(shelf): State<Shelf>,
    Asked(which): Asked<Priced>,
    page: Page,
) -> Result<Response, Problem> {
    let names = shelf.variables.iter().map(|v| v.name.to_string());
    let known: Vec<String> = names.filter(|name| is_price(name)).collect();
    let wanted = match which.variable {
        None => known,
        Some(name) if known.contains(&name) => vec![name],
        Some(name) => {
            let detail = format!("{name:?} is no price; known are: {}", known.join(", "));
            return Err(Problem::bad("unknown price", detail));
        }
    };
    let filter = Filter::all().and("variable", wanted);
    let rows = read(&shelf, &OBSERVATION, &filter, |_: &Observation| true).await?;
    let about = about(rows.iter().map(|r: &Observation| r.valid_time).max());
    let table = Table { spec: &OBSERVATION, name: "prices", about, rows };
    table.answer(&page, key_of)
}

pub(super) async fn guidance(
    State(shelf): State<Shelf>,
    Asked(which): Asked<Which>,
    page: Page,
) -> Result<Response, Problem> {
    let wants = |r: &Guidance| which.wants(&r.place, r.issued_at);
    let rows = read(&shelf, &GUIDANCE, &which.filter(), wants).await?;
    let about = about(rows.iter().map(|r: &Guidance| r.issued_at).max());
    let table = Table { spec: &GUIDANCE, name: "guidance", about, rows };
    table.answer(&page, |r: &Guidance| {
        let row = serde_json::to_string(r).unwrap_or_default();
        format!("{}|{}|{}|{}|{row}", r.place, r.source, r.issued_at, r.valid_time)
    })
}

#[derive(Deserialize)]
pub(super) struct Kind {
    kind: Option<String>,
}

pub(super) async fn places(
    State(shelf): State<Shelf>,
    Asked(which): Asked<Kind>,
    page: Page,
) -> Result<Response, Problem> {
    let filter = which.kind.iter().fold(Filter::all(), |all, kind| all.and("kind", [kind]));
    let rows: Vec<Place> = shelf.lake.rows(&PLACE, &filter).await?;
    let table = Table { spec: &PLACE, name: "places", about: about(None), rows };
    let key = |r: &Place| format!("{}|{}|{:06}", r.place, r.source, r.revision);
    table.answer(&page, key)
}
