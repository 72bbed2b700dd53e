//! The communes.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::{Problem, Shelf};
use crate::domain::CommuneCode;
use crate::publish::files::LICENCE;

pub(super) fn list_schema() -> Value {
    json!({
        "type": "object",
        "required": ["licence", "communes"],
        "properties": {
            "licence": { "type": "string" },
            "communes": { "type": "array", "items": {
                "type": "object",
                "required": ["code", "name", "type", "former_province"],
                "properties": {
                    "code": { "type": "string" }, "name": { "type": "string" },
                    "type": { "type": "string" }, "lat": { "type": "number" },
                    "lon": { "type": "number" }, "former_province": { "type": "string" },
                },
            } },
        },
    })
}

pub(super) async fn list(State(shelf): State<Shelf>) -> Json<Value> {
    let list: Vec<Value> = shelf
        .geography
        .communes
        .iter()
        .map(|c| {
            json!({
                "code": c.code, "name": c.name, "type": c.kind, "lat": c.lat, "lon": c.lon,
                "former_province": c.former_province,
            })
        })
        .collect();
    Json(json!({ "licence": LICENCE, "communes": list }))
}

/// Reads a commune's code, known to the province.
pub(super) fn code(shelf: &Shelf, given: &str) -> Result<CommuneCode, Problem> {
    let code = given
        .parse::<CommuneCode>()
        .map_err(|e| Problem::bad("not a commune code", e.to_string()))?;
    if shelf.geography.communes.iter().any(|c| c.code == code) {
        return Ok(code);
    }
    Err(unknown(&code))
}

/// Returns the problem of a code that no commune of the province has.
pub(super) fn unknown(code: &CommuneCode) -> Problem {
    let detail = format!("{code} is none of the 124 codes listed at /v1/communes");
    Problem::missing("unknown commune", detail)
}
