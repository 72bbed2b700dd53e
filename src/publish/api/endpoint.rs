//! What an address of the API is: one description for its route, the parameters it allows and its
//! part of the OpenAPI document. The addresses themselves stand in tables of [`Route`]s: those that
//! read a home in [`super::addresses`], those of people and channels in `channels::routes`.

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{MethodFilter, MethodRouter};
use serde_json::{Value, json};

use super::{ask, table};
use crate::frames::TableSpec;

/// A parameter of the path, the query or the headers.
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it means and allows.
    pub meaning: &'static str,
    /// Its JSON Schema: exactly what is taken.
    pub schema: fn() -> Value,
    /// Whether it must be given.
    pub required: bool,
}

/// What an address does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Tells something.
    Get,
    /// Takes something.
    Post,
}

impl Method {
    /// Returns its name in the document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
        }
    }

    const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
        }
    }
}

/// What an address takes.
pub struct Body {
    /// The media types it may come in.
    pub media_types: &'static [&'static str],
    /// Its JSON Schema.
    pub schema: fn() -> Value,
}

/// The ways a form of people comes in.
pub const FORMS: [&str; 2] = ["application/json", "application/x-www-form-urlencoded"];

/// What an address answers with.
pub enum Answer {
    /// A JSON object of this schema.
    Object(fn() -> Value),
    /// A JSON object of this schema, which is one page of many.
    Page(fn() -> Value),
    /// Rows of a table, under this name in JSON, with other members of this schema's properties.
    Rows(&'static TableSpec, &'static str, fn() -> Value),
    /// A text of this media type.
    Text(&'static str),
}

/// An answer beside the usual ones.
pub enum Also {
    /// A problem document: the status and when it comes.
    Refusal(u16, &'static str),
    /// Something else that was done: the status, what it means, and its JSON Schema if it says any.
    Done(u16, &'static str, Option<fn() -> Value>),
}

/// An address of the API.
pub struct Endpoint {
    /// What it does.
    pub method: Method,
    /// The path, parameters in braces.
    pub path: &'static str,
    /// What it answers, one sentence.
    pub summary: &'static str,
    /// Parameters of the query; those of the path stand in [`PATH_PARAMETERS`].
    pub query: &'static [Parameter],
    /// Headers it reads.
    pub headers: &'static [Parameter],
    /// What it takes.
    pub body: Option<Body>,
    /// The status when all is well.
    pub status: u16,
    /// What it answers with.
    pub answer: Answer,
    /// What else it answers with.
    pub also: &'static [Also],
    /// The name in [`SECURITY`] of what it wants to be shown.
    pub security: Option<&'static str>,
    /// Its name in the document; from the path when empty.
    pub id: &'static str,
}

/// An address that tells something, to be completed.
pub const READS: Endpoint = Endpoint {
    method: Method::Get,
    path: "",
    summary: "",
    query: &[],
    headers: &[],
    body: None,
    status: 200,
    answer: Answer::Text("text/plain"),
    also: &[],
    security: None,
    id: "",
};

/// An address that takes something, to be completed.
pub const TAKES: Endpoint = Endpoint { method: Method::Post, ..READS };

impl Endpoint {
    /// Returns the names its query may have.
    #[must_use]
    pub fn parameters(&self) -> Arc<[&'static str]> {
        let paging: &[&str] = match self.answer {
            Answer::Rows(..) => &table::PAGING,
            Answer::Page(..) => &table::PAGING[1..],
            Answer::Object(..) | Answer::Text(..) => &[],
        };
        self.query.iter().map(|p| p.name).chain(paging.iter().copied()).collect()
    }
}

/// An address with its handler.
pub struct Route<S> {
    /// The address.
    pub endpoint: Endpoint,
    /// Puts the handler behind the address's method.
    pub handler: fn(MethodFilter) -> MethodRouter<S>,
}

/// Returns the routes of a table: no other method is answered, no other parameter is taken.
pub fn routed<S: Clone + Send + Sync + 'static>(table: &[Route<S>]) -> Router<S> {
    table.iter().fold(Router::new(), |routes, Route { endpoint, handler }| {
        let checked = middleware::from_fn_with_state(endpoint.parameters(), ask::only_known);
        routes.route(endpoint.path, handler(endpoint.method.filter()).layer(checked))
    })
}

/// Returns a parameter that may be left out.
#[must_use]
pub const fn may(name: &'static str, meaning: &'static str, schema: fn() -> Value) -> Parameter {
    Parameter { name, meaning, schema, required: false }
}

/// Returns a parameter that must be given.
#[must_use]
pub const fn must(name: &'static str, meaning: &'static str, schema: fn() -> Value) -> Parameter {
    Parameter { name, meaning, schema, required: true }
}

/// Parameters that stand in paths.
pub const PATH_PARAMETERS: [Parameter; 3] = [
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
    must(
        "file",
        "{identifier}.xml, as /v1/cap.atom lists them",
        || json!({ "type": "string", "pattern": "^[^/]+\\.xml$" }),
    ),
];

/// What some addresses want to be shown: the name, and what it is. All of it are bearer tokens.
pub const SECURITY: [(&str, &str); 2] = [
    ("device", "a device's token; devices.toml holds its SHA-256"),
    ("gateway", "the token of [channels.sms.inbound], which only the SMS gateway has"),
];
