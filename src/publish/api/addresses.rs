//! The addresses that read a home, and those of a running stream.

use std::sync::Arc;

use axum::routing::on;
use serde_json::{Value, json};

use super::endpoint::{Also, Answer, Body, Endpoint, READS, Route, TAKES, may, must};
use super::{
    Shelf, advisories, communes, forecasts, health, observations, openapi, today, today_schema,
};
use crate::domain::{Crop, Variables};
use crate::frames::{forecasts as tables, observations as measured};
use crate::publish::events;
use crate::publish::feed::Feed;
use crate::publish::today::Board;

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

fn code() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{5}$", "examples": ["28777"] })
}

/// Returns the schema of a crop's name.
pub fn crop() -> Value {
    json!({ "type": "string", "enum": Crop::ALL })
}

fn lang() -> Value {
    json!({ "enum": ["vi", "en"] })
}

fn state() -> Value {
    json!({ "type": "string", "enum": advisories::PUBLIC })
}

fn names(wanted: impl Fn(&str) -> bool) -> Value {
    let catalogue = Variables::shipped();
    let names = catalogue.iter().flat_map(Variables::iter).map(|v| v.name.to_string());
    json!({ "type": "string", "enum": names.filter(|name| wanted(name)).collect::<Vec<_>>() })
}

fn variable() -> Value {
    names(|_| true)
}

fn price() -> Value {
    names(observations::is_price)
}

/// The addresses that read a home.
pub const READ: &[Route<Shelf>] = &[
    Route {
        endpoint: Endpoint {
            path: "/v1/health",
            summary: "Whether the system keeps its promises",
            answer: Answer::Object(health::schema),
            ..READS
        },
        handler: |method| on(method, health::health),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/communes",
            summary: "The 124 communes and wards",
            answer: Answer::Object(communes::list_schema),
            ..READS
        },
        handler: |method| on(method, communes::list),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/places",
            summary: "Where things are measured and forecast",
            query: &[may("kind", "only places of this kind, for example salinity", text)],
            answer: Answer::Rows(&measured::PLACE, "places", observations::about_schema),
            ..READS
        },
        handler: |method| on(method, observations::places),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/observations",
            summary: "What was measured or reported, with its flags and corrections",
            query: &[
                must("variable", "name in the catalogue, for example salinity_max_g_l", variable),
                may("place", "only this place", place),
                may("from", "only values true from this moment on", moment),
                may("to", "only values true before this moment", moment),
            ],
            answer: Answer::Rows(
                &measured::OBSERVATION,
                "observations",
                observations::about_schema,
            ),
            ..READS
        },
        handler: |method| on(method, observations::observations),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/prices",
            summary: "What crops and fertilisers cost, with corrections",
            query: &[may("variable", "only this series; all prices when left out", price)],
            answer: Answer::Rows(&measured::OBSERVATION, "prices", observations::about_schema),
            ..READS
        },
        handler: |method| on(method, observations::prices),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/guidance",
            summary: "Other people's forecasts, archived so that they can be verified",
            query: &[
                must("variable", "name in the catalogue, or the provider's category", text),
                may("place", "only this place", place),
                may("from", "only forecasts issued from this moment on", moment),
                may("to", "only forecasts issued before this moment", moment),
            ],
            answer: Answer::Rows(&measured::GUIDANCE, "guidance", observations::about_schema),
            ..READS
        },
        handler: |method| on(method, observations::guidance),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/forecasts",
            summary: "Our newest forecasts of a target, as quantiles",
            query: &[
                may("target", "the target; salinity_station when left out", text),
                may("place", "only this place, or what stands in for it", place),
            ],
            answer: Answer::Rows(&tables::FORECAST, "forecasts", forecasts::about_schema),
            ..READS
        },
        handler: |method| on(method, forecasts::forecasts),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/scores",
            summary: "How good our forecasts and their baselines were",
            query: &[
                may("target", "the target; salinity_station when left out", text),
                may("place", "only this place; all:all is the pooled score", place),
            ],
            answer: Answer::Rows(&tables::SCORE, "scores", forecasts::scores_schema),
            ..READS
        },
        handler: |method| on(method, forecasts::scores),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/advisories",
            summary: "Advisories that are or were published",
            query: &[
                may("commune", "only this commune (five-digit code)", code),
                may("crop", "only this crop", crop),
                may("state", "published (when left out), withdrawn, superseded or expired", state),
            ],
            answer: Answer::Page(advisories::list_schema),
            ..READS
        },
        handler: |method| on(method, advisories::list),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/advisories/{id}",
            summary: "One advisory that is or was published, with all that was done to it",
            answer: Answer::Object(advisories::one_schema),
            ..READS
        },
        handler: |method| on(method, advisories::one),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/alarms",
            summary: "Alarms of the sensors, newest first",
            query: &[may("open", "only those that are open", flag)],
            answer: Answer::Object(health::alarms_schema),
            ..READS
        },
        handler: |method| on(method, health::alarms),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/openapi.json",
            summary: "This description",
            answer: Answer::Object(openapi::schema),
            id: "openapi",
            ..READS
        },
        handler: |method| on(method, openapi::document),
    },
];

/// The address of a commune's screen.
pub const SCREENS: &[Route<Arc<Board>>] = &[Route {
    endpoint: Endpoint {
        path: "/v1/communes/{code}/today",
        summary: "What stands for a commune today: published advice, its age, who stands behind it",
        query: &[
            may("lang", "language of the texts: vi (when left out) or en", lang),
            may("crop", "the crop of the screen; the most urgent one when left out", crop),
        ],
        answer: Answer::Object(today_schema::schema),
        ..READS
    },
    handler: |method| on(method, today::today),
}];

/// The address of a running stream's events.
pub const LIVE: &[Route<Feed>] = &[Route {
    endpoint: Endpoint {
        path: "/v1/events",
        summary: "What happens as it happens (server-sent events), while a stream runs",
        query: &[
            may("after", "goes on after this line, as Last-Event-ID does", line),
            may("place", "only what happens here", place),
            may("kind", "only this", || json!({ "enum": events::Kind::ALL })),
        ],
        headers: &[may("Last-Event-ID", "goes on after this line", line)],
        answer: Answer::Text("text/event-stream"),
        ..READS
    },
    handler: |method| on(method, events::events),
}];

fn line() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]+-[0-9]+$" })
}

/// Readings pushed in by devices; the stream that takes them stands in another room.
pub const READINGS: Endpoint = Endpoint {
    path: "/v1/readings",
    summary: "Take a sensor's readings in, while a stream runs; sent twice, counted once",
    body: Some(Body {
        media_types: &["application/json"],
        schema: || json!({ "type": "object", "description": "README, \"Sensors\", has the fields" }),
    }),
    status: 202,
    answer: Answer::Object(|| json!({ "type": "object", "required": ["kept"] })),
    also: &[
        Also::Refusal(401, "no device has this token"),
        Also::Refusal(413, "larger than any sensor's message"),
        Also::Refusal(422, "no JSON object"),
    ],
    security: Some("device"),
    ..TAKES
};
