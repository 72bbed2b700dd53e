//! Our newest forecasts, and how good they were.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::table::{Page, Table};
use super::{Asked, Problem, Shelf, last_modified};
use crate::domain::{CommuneCode, PlaceId, StandIn};
use crate::frames::forecasts::{FORECAST, SCORE};
use crate::frames::{Forecast, Score};
use crate::storage::verdicts::{Over, PERSONS_MIN};
use crate::storage::{Filter, StorageError};

pub(super) fn about_schema() -> Value {
    json!({
        "target": { "type": "string" },
        "issued_at": { "type": ["string", "null"], "format": "date-time" },
        "data_cut": { "type": ["string", "null"], "format": "date-time",
            "description": "the newest moment at which anything read was known" },
        "sample": { "type": "boolean" },
        "standing_in": { "type": ["object", "null"],
            "description": "the place whose forecast this is, when the one asked for has none" },
    })
}

#[derive(Deserialize)]
pub(super) struct ForecastQuery {
    target: Option<String>,
    place: Option<PlaceId>,
}

pub(super) async fn forecasts(
    State(shelf): State<Shelf>,
    Asked(query): Asked<ForecastQuery>,
    page: Page,
) -> Result<Response, Problem> {
    let target = query.target.as_deref().unwrap_or("salinity_station");
    let rows: Vec<Forecast> =
        shelf.lake.rows(&FORECAST, &Filter::all().and("target", [target])).await?;
    let newest = rows.iter().map(|r| r.issued_at).max();
    let data_cut = rows.iter().filter(|r| Some(r.issued_at) == newest).map(|r| r.data_cut).max();
    let published: Vec<&Forecast> =
        newest_by_place(&rows).into_iter().filter(|r| r.published).collect();
    let (rows, standing_in) = match &query.place {
        None => (published.into_iter().cloned().collect(), None),
        Some(place) => at_place(&published, place, &(shelf.stand_ins)(target, place)),
    };
    let standing_in = standing_in.map(|s| {
        let km = (s.km * 10.0).round() / 10.0;
        json!({ "place": s.place, "km": km, "says_en": s.says_en, "says_vi": s.says_vi })
    });
    let mut about = Map::new();
    about.insert("target".into(), target.into());
    about.insert("issued_at".into(), json!(newest));
    about.insert("data_cut".into(), json!(data_cut));
    about.insert("sample".into(), newest_is_sample(&shelf).await?.into());
    about.insert("standing_in".into(), json!(standing_in));
    let table = Table { spec: &FORECAST, name: "forecasts", about, rows };
    let key = |r: &Forecast| format!("{}|{:05}|{}", r.place, r.horizon, r.valid_time);
    let mut answer = table.answer(&page, key)?;
    if let Some(at) = newest.and_then(last_modified) {
        answer.headers_mut().insert(axum::http::header::LAST_MODIFIED, at);
    }
    Ok(answer)
}

/// Returns the rows of a place; without any those of the first stand-in that has some, widened, as
/// the place's own, and which it is.
fn at_place(
    published: &[&Forecast],
    place: &PlaceId,
    stand_ins: &[StandIn],
) -> (Vec<Forecast>, Option<StandIn>) {
    let of = |place: &PlaceId| -> Vec<Forecast> {
        published.iter().filter(|r| r.place == *place).map(|r| (*r).clone()).collect()
    };
    let own = of(place);
    if !own.is_empty() {
        return (own, None);
    }
    for stand_in in stand_ins {
        let mut rows = of(&stand_in.place);
        if !rows.is_empty() {
            rows.iter_mut().for_each(|row| row.stand_in(place, stand_in));
            return (rows, Some(stand_in.clone()));
        }
    }
    (Vec::new(), None)
}

/// Returns what was issued last for each place, by its last run: some targets are issued every
/// morning, others stand for a month.
pub fn newest_by_place(rows: &[Forecast]) -> Vec<&Forecast> {
    // Of two runs of one morning the later has read no less.
    let mark = |r: &Forecast| (r.issued_at, r.data_cut, r.run_id.clone());
    let mut newest = BTreeMap::new();
    for row in rows {
        let entry = newest.entry(&row.place).or_insert_with(|| mark(row));
        *entry = mark(row).max(entry.clone());
    }
    rows.iter().filter(|r| newest.get(&r.place) == Some(&mark(r))).collect()
}

/// Returns whether what is shown was made from the sample.
pub async fn newest_is_sample(shelf: &Shelf) -> Result<bool, Problem> {
    Ok(shelf.records.newest_run().await?.is_some_and(|r| r.sample))
}

pub(super) fn scores_schema() -> Value {
    let said = |meaning: &str| {
        let count = json!({ "type": "integer", "minimum": 0 });
        json!({
            "type": ["object", "null"], "description": meaning,
            "required": ["persons", "advisories", "right", "wrong"],
            "properties": {
                "persons": count, "advisories": count, "right": count, "wrong": count,
            },
        })
    };
    let farmers = json!({
        "type": "object",
        "description": "what farmers answered of our advice of every kind: in the commune when `place` \
            is one, else in the province. Those who answer are no sample of all: it is no score, and \
            no score holds any of it. Right or wrong counts once a person and advisory",
        "required": ["persons_min", "all", "rules"],
        "properties": {
            "persons_min": { "type": "integer",
                "description": "what fewer persons said is not told, so that nobody is singled out" },
            "all": said("null where too few spoke"),
            "rules": { "type": "object", "additionalProperties": said("of one rule's advice") },
        },
    });
    json!({
        "target": { "type": "string" }, "sample": { "type": "boolean" }, "farmers_said": farmers,
    })
}

pub(super) async fn scores(
    State(shelf): State<Shelf>,
    Asked(query): Asked<ForecastQuery>,
    page: Page,
) -> Result<Response, Problem> {
    let target = query.target.as_deref().unwrap_or("salinity_station");
    let mut rows: Vec<Score> =
        shelf.lake.rows(&SCORE, &Filter::all().and("target", [target])).await?;
    rows.retain(|row| query.place.as_ref().is_none_or(|place| row.place == *place));
    let mut about = Map::new();
    about.insert("target".into(), target.into());
    about.insert("sample".into(), newest_is_sample(&shelf).await?.into());
    about.insert("farmers_said".into(), farmers_said(&shelf, query.place.as_ref()).await?);
    let table = Table { spec: &SCORE, name: "scores", about, rows };
    table.answer(&page, |r| {
        let (place, window, model) = (&r.place, &r.window, &r.model);
        format!("{place}|{:05}|{window}|{model}|{}|{}", r.horizon, r.metric, r.run_id)
    })
}

/// Returns what farmers said beside the scores: in a commune, or in the province.
async fn farmers_said(shelf: &Shelf, place: Option<&PlaceId>) -> Result<Value, StorageError> {
    let commune = place.filter(|place| place.kind() == "commune");
    let commune: Option<CommuneCode> = commune.and_then(|place| place.id().parse().ok());
    let all = shelf.records.verdicts(Over::All, commune.as_ref()).await?;
    let rules = shelf.records.verdicts(Over::Rule, commune.as_ref()).await?;
    Ok(json!({ "persons_min": PERSONS_MIN, "all": all.get(""), "rules": rules }))
}
