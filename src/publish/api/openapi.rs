//! The OpenAPI 3.1 document, made from the table of addresses and the tables' own descriptions.

use axum::Json;
use serde_json::{Map, Value, json};

use super::endpoint::{Answer, ENDPOINTS, Endpoint, PATH_PARAMETERS, Parameter};
use super::problem::Problem;
use super::table::Format;
use crate::frames::{Column, TableSpec, spec::Kind};

pub(super) async fn document() -> Json<Value> {
    Json(described())
}

/// Returns the whole document.
pub(super) fn described() -> Value {
    let mut paths: Map<String, Value> =
        ENDPOINTS.iter().map(|e| (e.path.to_owned(), json!({ "get": operation(e) }))).collect();
    paths.insert("/v1/events".into(), json!({ "get": events() }));
    paths.insert("/v1/readings".into(), json!({ "post": readings() }));
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
            "schemas": { "Problem": problem() },
            "securitySchemes": { "device": {
                "type": "http", "scheme": "bearer",
                "description": "a device's token; devices.toml holds its SHA-256",
            } },
        },
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let in_path =
        PATH_PARAMETERS.iter().filter(|p| endpoint.path.contains(&format!("{{{}}}", p.name)));
    let mut parameters: Vec<Value> = in_path.map(|p| parameter(p, "path")).collect();
    parameters.extend(endpoint.query.iter().map(|p| parameter(p, "query")));
    if matches!(endpoint.answer, Answer::Rows(..)) {
        parameters.extend(paging());
    }
    let name = endpoint.path.trim_start_matches("/v1/").replace(['/', '{', '}'], "_");
    let mut responses = json!({
        "200": { "description": endpoint.summary, "headers": headers(), "content": content(&endpoint.answer) },
        "304": { "description": "the client has it already" },
    });
    for (status, when) in [
        ("400", "what was asked is not allowed here"),
        ("404", "there is no such thing"),
        ("429", "too many requests; Retry-After says when to come again"),
        ("500", "the store cannot be read"),
        ("503", "the answer took too long"),
    ] {
        responses[status] = failure(when);
    }
    json!({
        "operationId": name.trim_matches('_'),
        "summary": endpoint.summary,
        "parameters": parameters,
        "responses": responses,
    })
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
        json!({ "name": "cursor", "in": "query", "schema": { "type": "string" },
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

fn failure(when: &str) -> Value {
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    let mut content = Map::new();
    content.insert(Problem::MEDIA_TYPE.to_owned(), json!({ "schema": schema }));
    json!({ "description": when, "content": content })
}

fn events() -> Value {
    json!({
        "operationId": "events",
        "summary": "What happens as it happens (server-sent events), while a stream runs",
        "parameters": [
            { "name": "Last-Event-ID", "in": "header", "schema": { "type": "string" },
                "description": "goes on after this line" },
            { "name": "after", "in": "query", "schema": { "type": "string" } },
            { "name": "place", "in": "query", "schema": { "type": "string" } },
            { "name": "kind", "in": "query",
                "schema": { "enum": ["reading", "forecast", "alarm"] } },
        ],
        "responses": {
            "200": { "description": "events without end",
                "content": { "text/event-stream": { "schema": { "type": "string" } } } },
            "400": failure("the id is not one of ours"),
            "404": failure("no stream runs here"),
        },
    })
}

fn readings() -> Value {
    json!({
        "operationId": "readings",
        "summary": "Take a sensor's readings in, while a stream runs; sent twice, counted once",
        "security": [{ "device": [] }],
        "requestBody": { "required": true, "content": { "application/json": {
            "schema": { "type": "object", "description": "README, \"Sensors\", has the fields" },
        } } },
        "responses": {
            "202": { "description": "kept for good", "content": { "application/json": {
                "schema": { "type": "object", "required": ["kept"] } } } },
            "401": failure("no device has this token"),
            "404": failure("no stream runs here"),
            "413": failure("larger than any sensor's message"),
            "429": failure("too many requests"),
            "503": failure("it could not be kept; send it again after Retry-After"),
        },
    })
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
        for endpoint in ENDPOINTS {
            for name in endpoint.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                assert!(PATH_PARAMETERS.iter().any(|p| p.name == name), "{name}");
            }
        }
    }
}
