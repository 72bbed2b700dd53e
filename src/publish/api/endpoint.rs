//! The addresses of the API: one table for the routes, their parameters and their description.

use std::sync::Arc;

use axum::routing::{MethodRouter, get};
use serde_json::{Value, json};

use super::{Shelf, advisories, communes, forecasts, health, observations, table};
use crate::frames::{TableSpec, forecasts as tables, observations as measured};

/// A parameter of the path or the query.
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it means and allows.
    pub meaning: &'static str,
    /// Its JSON Schema.
    pub schema: fn() -> Value,
    /// Whether it must be given.
    pub required: bool,
}

/// What an address answers with.
pub enum Answer {
    /// A JSON object of this schema.
    Object(fn() -> Value),
    /// Rows of a table, under this name in JSON, with other members of this schema's properties.
    Rows(&'static TableSpec, &'static str, fn() -> Value),
}

/// An address of the API.
pub struct Endpoint {
    /// The path, parameters in braces.
    pub path: &'static str,
    /// What it answers, one sentence.
    pub summary: &'static str,
    /// Parameters of the query; those of the path stand in [`PATH_PARAMETERS`].
    pub query: &'static [Parameter],
    /// What it answers with.
    pub answer: Answer,
    /// The handler.
    pub handler: fn() -> MethodRouter<Shelf>,
}

impl Endpoint {
    /// Returns the names its query may have.
    pub fn parameters(&self) -> Arc<[&'static str]> {
        let paging: &[&str] =
            if matches!(self.answer, Answer::Rows(..)) { &table::PAGING } else { &[] };
        self.query.iter().map(|p| p.name).chain(paging.iter().copied()).collect()
    }
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn place() -> Value {
    json!({ "type": "string", "pattern": "^[a-z_]+:[A-Za-z0-9_.-]+$", "examples": ["salinity:5"] })
}

const fn may(name: &'static str, meaning: &'static str, schema: fn() -> Value) -> Parameter {
    Parameter { name, meaning, schema, required: false }
}

const fn must(name: &'static str, meaning: &'static str, schema: fn() -> Value) -> Parameter {
    Parameter { name, meaning, schema, required: true }
}

/// Parameters that stand in paths.
pub const PATH_PARAMETERS: [Parameter; 2] = [
    must(
        "code",
        "five-digit code of a commune, as /v1/communes lists them",
        || json!({ "type": "string", "pattern": "^[0-9]{5}$", "examples": ["28777"] }),
    ),
    must(
        "id",
        "id of an advisory: 32 hexadecimal digits",
        || json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" }),
    ),
];

/// Every address.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/v1/health",
        summary: "Whether the system keeps its promises",
        query: &[],
        answer: Answer::Object(health::schema),
        handler: || get(health::health),
    },
    Endpoint {
        path: "/v1/communes",
        summary: "The 124 communes and wards",
        query: &[],
        answer: Answer::Object(communes::list_schema),
        handler: || get(communes::list),
    },
    Endpoint {
        path: "/v1/communes/{code}/today",
        summary: "What stands for a commune today: published advice, its age, who stands behind it",
        query: &[may(
            "lang",
            "language of the texts: vi (when left out) or en",
            || json!({ "enum": ["vi", "en"] }),
        )],
        answer: Answer::Object(communes::today_schema),
        handler: || get(communes::today),
    },
    Endpoint {
        path: "/v1/places",
        summary: "Where things are measured and forecast",
        query: &[may("kind", "only places of this kind, for example salinity", text)],
        answer: Answer::Rows(&measured::PLACE, "places", observations::about_schema),
        handler: || get(observations::places),
    },
    Endpoint {
        path: "/v1/observations",
        summary: "What was measured or reported, with its flags and corrections",
        query: &[
            must("variable", "name in the catalogue, for example salinity_max_g_l", text),
            may("place", "only this place", place),
            may("from", "only values true from this moment on", moment),
            may("to", "only values true before this moment", moment),
        ],
        answer: Answer::Rows(&measured::OBSERVATION, "observations", observations::about_schema),
        handler: || get(observations::observations),
    },
    Endpoint {
        path: "/v1/prices",
        summary: "What crops and fertilisers cost, with corrections",
        query: &[may("variable", "only this series; all prices when left out", text)],
        answer: Answer::Rows(&measured::OBSERVATION, "prices", observations::about_schema),
        handler: || get(observations::prices),
    },
    Endpoint {
        path: "/v1/guidance",
        summary: "Other people's forecasts, archived so that they can be verified",
        query: &[
            must("variable", "name in the catalogue, or the provider's category", text),
            may("place", "only this place", place),
            may("from", "only forecasts issued from this moment on", moment),
            may("to", "only forecasts issued before this moment", moment),
        ],
        answer: Answer::Rows(&measured::GUIDANCE, "guidance", observations::about_schema),
        handler: || get(observations::guidance),
    },
    Endpoint {
        path: "/v1/forecasts",
        summary: "Our newest forecasts of a target, as quantiles",
        query: &[
            may("target", "the target; salinity_station when left out", text),
            may("place", "only this place, or what stands in for it", place),
        ],
        answer: Answer::Rows(&tables::FORECAST, "forecasts", forecasts::about_schema),
        handler: || get(forecasts::forecasts),
    },
    Endpoint {
        path: "/v1/scores",
        summary: "How good our forecasts and their baselines were",
        query: &[
            may("target", "the target; salinity_station when left out", text),
            may("place", "only this place; all:all is the pooled score", place),
        ],
        answer: Answer::Rows(&tables::SCORE, "scores", forecasts::scores_schema),
        handler: || get(forecasts::scores),
    },
    Endpoint {
        path: "/v1/advisories",
        summary: "Advisories that are or were published",
        query: &[
            may("commune", "only this commune (five-digit code)", text),
            may("crop", "only this crop", text),
            may("state", "published, withdrawn, superseded or expired", text),
        ],
        answer: Answer::Object(advisories::list_schema),
        handler: || get(advisories::list),
    },
    Endpoint {
        path: "/v1/advisories/{id}",
        summary: "One advisory that is or was published, with all that was done to it",
        query: &[],
        answer: Answer::Object(advisories::one_schema),
        handler: || get(advisories::one),
    },
    Endpoint {
        path: "/v1/alarms",
        summary: "Alarms of the sensors, newest first",
        query: &[may("open", "only those that are open", flag)],
        answer: Answer::Object(health::alarms_schema),
        handler: || get(health::alarms),
    },
];
