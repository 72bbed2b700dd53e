//! The OpenAPI 3.1 document, made from the tables of addresses and the tables' own descriptions.

use axum::Json;
use serde_json::{Map, Value, json};

use super::addresses::{LIVE, READ, READINGS, SCREENS};
use super::endpoint::{Also, Answer, Endpoint, PATH_PARAMETERS, Parameter, SECURITY};
use super::problem::Problem;
use super::table::Format;
use crate::domain::Geography;
use crate::frames::{Column, TableSpec, spec::Kind};
use crate::publish::channels::routes::WAYS;

pub(super) async fn document() -> Json<Value> {
    Json(described())
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["openapi", "info", "paths", "components"],
        "properties": {
            "openapi": { "type": "string" },
            "info": { "type": "object" },
            "paths": { "type": "object" },
            "components": { "type": "object" },
        },
    })
}

/// Every address, whichever part of the system answers it.
pub(super) fn every() -> impl Iterator<Item = &'static Endpoint> {
    let read = READ.iter().map(|route| &route.endpoint);
    let ways = WAYS.iter().map(|route| &route.endpoint);
    let screens = SCREENS.iter().map(|route| &route.endpoint);
    let live = LIVE.iter().map(|route| &route.endpoint);
    read.chain(screens).chain(ways).chain(live).chain([&READINGS])
}

/// Returns the whole document.
pub(super) fn described() -> Value {
    let mut paths = Map::new();
    for endpoint in every() {
        let item = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        item[endpoint.method.as_str()] = operation(endpoint);
    }
    let tokens = SECURITY.iter().map(|(name, meaning)| {
        let scheme = json!({ "type": "http", "scheme": "bearer", "description": meaning });
        ((*name).to_owned(), scheme)
    });
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Muavu",
            "version": "1",
            "summary": "Forecasts and advice for farming in Vĩnh Long province",
            "license": { "name": "CC BY 4.0", "identifier": "CC-BY-4.0" },
        },
        "paths": paths,
        "components": {
            "schemas": { "Problem": problem(), "Commune": commune() },
            "securitySchemes": tokens.collect::<Map<_, _>>(),
        },
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let mut operation = json!({
        "operationId": name_of(endpoint),
        "summary": endpoint.summary,
        "parameters": parameters(endpoint),
        "responses": responses(endpoint),
    });
    if let Some(body) = &endpoint.body {
        let content = body.media_types.iter().map(|kind| {
            let schema = (body.schema)();
            let schema = if kind.ends_with("urlencoded") { of_form(schema) } else { schema };
            ((*kind).to_owned(), json!({ "schema": schema }))
        });
        operation["requestBody"] =
            json!({ "required": true, "content": content.collect::<Map<_, _>>() });
    }
    if let Some(token) = endpoint.security {
        operation["security"] = json!([Map::from_iter([(token.to_owned(), json!([]))])]);
    }
    operation
}

/// In a form a list is a field given several times, so a field given once is a list too; there is no
/// `null` in it.
fn of_form(mut schema: Value) -> Value {
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
    for field in fields.into_iter().flat_map(Map::values_mut) {
        if field["type"] == "array" {
            *field = json!({ "anyOf": [field["items"], *field] });
        }
        for of in ["type", "enum"] {
            if let Some(allowed) = field.get_mut(of).and_then(Value::as_array_mut) {
                allowed.retain(|one| !one.is_null() && *one != "null");
            }
        }
    }
    schema
}

fn name_of(endpoint: &Endpoint) -> String {
    if !endpoint.id.is_empty() {
        return endpoint.id.to_owned();
    }
    let name = endpoint.path.trim_start_matches("/v1/").replace(['/', '{', '}', '.'], "_");
    name.trim_matches('_').to_owned()
}

fn parameters(endpoint: &Endpoint) -> Vec<Value> {
    let in_path =
        PATH_PARAMETERS.iter().filter(|p| endpoint.path.contains(&format!("{{{}}}", p.name)));
    let mut parameters: Vec<Value> = in_path.map(|p| parameter(p, "path")).collect();
    parameters.extend(endpoint.headers.iter().map(|p| parameter(p, "header")));
    parameters.extend(endpoint.query.iter().map(|p| parameter(p, "query")));
    let [format, limit, cursor] = paging();
    match endpoint.answer {
        Answer::Rows(..) => parameters.extend([format, limit, cursor]),
        Answer::Page(..) => parameters.extend([limit, cursor]),
        Answer::Object(..) | Answer::Text(..) => {}
    }
    parameters
}

fn responses(endpoint: &Endpoint) -> Value {
    let mut responses = Map::new();
    let mut done = json!({
        "description": endpoint.summary, "content": content(&endpoint.answer),
    });
    let reads = endpoint.body.is_none();
    if reads {
        done["headers"] = headers();
        responses.insert("304".into(), json!({ "description": "the client has it already" }));
    }
    responses.insert(endpoint.status.to_string(), done);
    for (status, when) in [
        (400, "what was asked is not allowed here"),
        (404, "there is no such thing"),
        (429, "too many requests; Retry-After says when to come again"),
        (500, "the store cannot be read"),
        (503, "the answer took too long, or something that is needed is away"),
    ] {
        responses.insert(status.to_string(), failure(status, when));
    }
    for also in endpoint.also {
        let (status, said) = match also {
            Also::Refusal(status, when) => (status, failure(*status, when)),
            Also::Done(status, meaning, None) => (status, json!({ "description": meaning })),
            Also::Done(status, meaning, Some(schema)) => {
                let content = json!({ "application/json": { "schema": schema() } });
                (status, json!({ "description": meaning, "content": content }))
            }
        };
        responses.insert(status.to_string(), said);
    }
    responses.into()
}

fn parameter(p: &Parameter, place: &str) -> Value {
    json!({
        "name": p.name, "in": place, "required": p.required, "description": p.meaning,
        "schema": (p.schema)(),
    })
}

fn paging() -> [Value; 3] {
    [
        json!({ "name": "format", "in": "query", "schema": { "enum": ["json", "csv", "arrow"] },
            "description": "how the rows are written; else what Accept says" }),
        json!({ "name": "limit", "in": "query",
            "schema": { "type": "integer", "minimum": 1, "maximum": 10_000, "default": 1_000 } }),
        json!({ "name": "cursor", "in": "query",
            "schema": { "type": "string", "pattern": "^([0-9a-f]{2})*$" },
            "description": "`next` of the page before" }),
    ]
}

fn headers() -> Value {
    let text = |meaning| json!({ "description": meaning, "schema": { "type": "string" } });
    json!({
        "ETag": text("changes with every byte of the answer"),
        "Last-Modified": text("when the newest of it was issued"),
        "Cache-Control": text("how long it may be kept"),
        "Link": text("rel=next is the page after this one"),
        "RateLimit": text("what is left of the client's allowance"),
    })
}

fn content(answer: &Answer) -> Value {
    match answer {
        Answer::Object(schema) => json!({ "application/json": { "schema": schema() } }),
        Answer::Text(kind) => {
            let schema = json!({ "schema": { "type": "string" } });
            Map::from_iter([((*kind).to_owned(), schema)]).into()
        }
        Answer::Page(schema) => {
            let mut schema = schema();
            schema["properties"]["next"] = json!({ "type": ["string", "null"] });
            json!({ "application/json": { "schema": schema } })
        }
        Answer::Rows(spec, name, about) => {
            let mut properties = about();
            properties["licence"] = json!({ "type": "string" });
            properties["next"] = json!({ "type": ["string", "null"] });
            properties[*name] = json!({ "type": "array", "items": row(spec) });
            let object = json!({
                "type": "object", "required": ["licence", "next", name], "properties": properties,
            });
            let mut content = json!({ "application/json": { "schema": object } });
            content["text/csv"] = json!({ "schema": { "type": "string" } });
            content[Format::Arrow.media_type()] =
                json!({ "schema": { "type": "string", "format": "binary" } });
            content
        }
    }
}

fn row(spec: &TableSpec) -> Value {
    let properties: Map<String, Value> =
        spec.columns.iter().map(|c| (c.name.to_owned(), cell(c))).collect();
    let required: Vec<&str> = spec.columns.iter().filter(|c| !c.nullable).map(|c| c.name).collect();
    json!({
        "type": "object", "description": spec.meaning, "required": required,
        "properties": properties,
    })
}

fn cell(column: &Column) -> Value {
    let (kind, format) = match column.kind {
        Kind::Text => ("string", None),
        Kind::Float => ("number", None),
        Kind::Int => ("integer", None),
        Kind::Bool => ("boolean", None),
        Kind::Time => ("string", Some("date-time")),
    };
    let kinds = if column.nullable { json!([kind, "null"]) } else { json!(kind) };
    let mut schema = json!({ "type": kinds, "description": column.meaning });
    if let Some(format) = format {
        schema["format"] = format.into();
    }
    schema
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string", "description": "what was given and what is allowed" },
        },
    })
}

fn failure(status: u16, when: &str) -> Value {
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    let mut content = Map::new();
    content.insert(Problem::MEDIA_TYPE.to_owned(), json!({ "schema": schema }));
    let mut said = json!({ "description": when, "content": content });
    if status == 429 {
        said["headers"] = json!({ "Retry-After": {
            "description": "seconds to wait", "required": true,
            "schema": { "type": "integer", "minimum": 1 },
        } });
    }
    said
}

/// The codes of the communes, so that a form can be filled in without asking.
fn commune() -> Value {
    let known = Geography::shipped().map(|g| g.communes).unwrap_or_default();
    let codes: Vec<_> = known.iter().map(|commune| &commune.code).collect();
    json!({ "type": "string", "enum": codes })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What clients were written against; `INSTA_UPDATE=always cargo test openapi` renews it.
    #[test]
    fn the_description_of_the_api_changes_only_on_purpose() {
        insta::with_settings!({
            snapshot_path => "../../../tests/fixtures",
            prepend_module_to_snapshot => false,
        }, { insta::assert_json_snapshot!("openapi", described()); });
    }

    /// The first description that was given out; never renewed.
    const FIRST: &str = include_str!("../../../tests/fixtures/openapi-2026-11.json");

    #[test]
    fn clients_of_the_first_day_still_understand_us() {
        let first: Value = serde_json::from_str(FIRST).unwrap();
        still_there(&first, &described(), "");
    }

    /// Whatever an answer was said to hold it holds still, of the same type, and nothing more is
    /// asked of a client.
    fn still_there(old: &Value, new: &Value, path: &str) {
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => {
                for (name, value) in old {
                    let here = format!("{path}/{name}");
                    let now = new.get(name).unwrap_or_else(|| panic!("{here} is gone"));
                    still_there(value, now, &here);
                }
            }
            (Value::Array(old), Value::Array(new)) if path.ends_with("/parameters") => {
                for was in old {
                    let now = new.iter().find(|p| p["name"] == was["name"]);
                    still_there(was, now.unwrap_or_else(|| panic!("{path}: {was} is gone")), path);
                }
                let known = |p: &&Value| old.iter().any(|o| o["name"] == p["name"]);
                let asked = new.iter().find(|p| !known(p) && p["required"] == true);
                assert_eq!(asked, None, "{path}: asked of clients that cannot know it");
            }
            (Value::Array(old), Value::Array(new)) => {
                assert!(old.iter().all(|value| new.contains(value)), "{path}: {old:?} {new:?}");
            }
            // Words may be put better.
            _ if path.ends_with("/description") || path.ends_with("/summary") => {}
            _ => assert_eq!(old, new, "{path}"),
        }
    }

    #[test]
    fn every_parameter_in_a_path_is_described() {
        for endpoint in every() {
            for name in endpoint.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                assert!(PATH_PARAMETERS.iter().any(|p| p.name == name), "{name}");
            }
        }
    }
}
