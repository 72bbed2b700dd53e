//! The addresses of people and machines that the channels serve.

use axum::routing::on;
use serde_json::{Value, json};

use super::subscriptions::{COMMUNES_MAX, HAZARD_CHARS_MAX, HAZARDS_MAX};
use super::{Desk, alerts, answers, inbound, subscriptions};
use crate::publish::api::crop_schema;
use crate::publish::api::endpoint::{Also, Answer, Body, Endpoint, FORMS, READS, Route, TAKES};
use crate::publish::channels::{sms, zalo};
use crate::publish::{atom, cap};
use crate::storage::answers::Answer as Word;
use crate::storage::verdicts::PERSONS_MIN;

/// A Vietnamese mobile number as [`crate::domain::Phone`] reads it: blanks, dots, hyphens and
/// brackets anywhere, `+` only in front.
const PHONE: &str = "^( *\\+[ .()-]*8[ .()-]*4|[ .()-]*(0[ .()-]*0[ .()-]*8[ .()-]*4|8[ .()-]*4|0))\
                     [ .()-]*[35789]([ .()-]*[0-9]){8}[ .()-]*$";

const BODY_TOO_LARGE: Also = Also::Refusal(413, "larger than any form of ours");
const FIELD_WRONG: Also = Also::Refusal(422, "a field is not allowed, or is missing");
const CODE_WRONG: Also = Also::Refusal(403, "the code is not right, or older than 30 minutes");

/// The addresses of the channels.
pub const WAYS: &[Route<Desk>] = &[
    Route {
        endpoint: Endpoint {
            path: "/v1/subscriptions",
            summary: "Ask to be told of advisories by SMS; a code sent to the number confirms it",
            body: Some(Body { media_types: &FORMS, schema: ask }),
            status: 202,
            answer: Answer::Object(code_sent),
            also: &[BODY_TOO_LARGE, FIELD_WRONG],
            ..TAKES
        },
        handler: |method| on(method, subscriptions::ask),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/subscriptions/confirm",
            summary: "Confirm a subscription by the code in the SMS",
            body: Some(Body { media_types: &FORMS, schema: confirm }),
            answer: Answer::Object(|| done("confirmed")),
            also: &[BODY_TOO_LARGE, FIELD_WRONG, CODE_WRONG],
            ..TAKES
        },
        handler: |method| on(method, subscriptions::confirm),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/subscriptions/stop",
            summary: "Stop a subscription by the code in an SMS; without a code one is sent",
            body: Some(Body { media_types: &FORMS, schema: stop }),
            answer: Answer::Object(|| done("stopped")),
            also: &[
                BODY_TOO_LARGE,
                FIELD_WRONG,
                CODE_WRONG,
                Also::Done(202, "a code is sent if the number is known", Some(code_sent)),
            ],
            ..TAKES
        },
        handler: |method| on(method, subscriptions::stop),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/sms/inbound",
            summary: "Take an SMS in, handed over by the gateway; said twice, counted once",
            body: Some(Body { media_types: &FORMS, schema: message }),
            answer: Answer::Object(|| done("taken")),
            also: &[BODY_TOO_LARGE, FIELD_WRONG, Also::Refusal(401, "not the gateway's token")],
            security: Some("gateway"),
            ..TAKES
        },
        handler: |method| on(method, inbound::take),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/advisories/{id}/answers",
            summary: "Answer an advisory: received, understood, done, right or wrong",
            body: Some(Body { media_types: &FORMS, schema: said }),
            answer: Answer::Object(taken),
            also: &[
                BODY_TOO_LARGE,
                FIELD_WRONG,
                Also::Done(303, "taken; Location is the page named in `next`", None),
                Also::Refusal(409, "this phone has answered often enough to this advisory"),
            ],
            id: "answer",
            ..TAKES
        },
        handler: |method| on(method, answers::answer),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/advisories/{id}/answers",
            summary: "What farmers answered to an advisory",
            answer: Answer::Object(answered),
            ..READS
        },
        handler: |method| on(method, answers::counts),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/answers",
            summary: "How often farmers said that the advice of a rule was right",
            answer: Answer::Object(by_rule),
            ..READS
        },
        handler: |method| on(method, answers::by_rule),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/cap.atom",
            summary: "The feed of CAP documents, newest first",
            answer: Answer::Text(atom::MEDIA_TYPE),
            ..READS
        },
        handler: |method| on(method, alerts::feed),
    },
    Route {
        endpoint: Endpoint {
            path: "/v1/cap/{file}",
            summary: "One CAP 1.2 document as it went out",
            answer: Answer::Text(cap::MEDIA_TYPE),
            ..READS
        },
        handler: |method| on(method, alerts::document),
    },
];

fn phone() -> Value {
    json!({ "type": "string", "pattern": PHONE, "examples": ["0912345678"] })
}

fn ask() -> Value {
    let commune = json!({ "$ref": "#/components/schemas/Commune" });
    let hazard = json!({ "type": "string", "maxLength": HAZARD_CHARS_MAX });
    json!({
        "type": "object", "additionalProperties": false, "required": ["phone", "communes"],
        "properties": {
            "phone": phone(),
            "communes": { "type": "array", "items": commune, "minItems": 1,
                "maxItems": COMMUNES_MAX },
            "crops": { "type": "array", "items": crop_schema(),
                "description": "all crops when left out" },
            "hazards": { "type": "array", "items": hazard, "maxItems": HAZARDS_MAX,
                "description": "all hazards when left out" },
            "channel": { "enum": [sms::NAME, zalo::ZNS, null], "description": "sms when left out" },
        },
    })
}

fn confirm() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["phone", "code"],
        "properties": { "phone": phone(), "code": { "type": "string" } },
    })
}

fn stop() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["phone"],
        "properties": { "phone": phone(), "code": { "type": ["string", "null"] } },
    })
}

fn message() -> Value {
    let meaning = "the gateway's own fields; [channels.sms.inbound] says where sender and text are";
    json!({ "type": "object", "description": meaning })
}

fn said() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["answer"],
        "properties": {
            "answer": { "type": "string", "enum": Word::ALL },
            "token": { "type": ["string", "null"],
                "description": "an anonymous token of the client's own, 16 to 128 letters; without \
                    one it is given one, and a cookie" },
            "next": { "type": ["string", "null"], "description": "a path of ours to go on at" },
        },
    })
}

fn done(what: &str) -> Value {
    json!({
        "type": "object", "required": [what],
        "properties": serde_json::Map::from_iter([(what.to_owned(), json!({ "type": "boolean" }))]),
    })
}

fn code_sent() -> Value {
    json!({
        "type": "object", "required": ["confirm_by_code", "note_vi"],
        "properties": {
            "confirm_by_code": { "type": "boolean" }, "note_vi": { "type": "string" },
        },
    })
}

fn counts() -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    json!({
        "type": "object", "required": Word::ALL,
        "properties": Word::ALL.map(|word| (word.as_str().to_owned(), count.clone()))
            .into_iter().collect::<serde_json::Map<_, _>>(),
    })
}

/// Counts as everybody may know them.
fn told() -> Value {
    let mut told = counts();
    told["type"] = json!(["object", "null"]);
    told["description"] = json!(format!("null where fewer than {PERSONS_MIN} persons answered"));
    told
}

fn taken() -> Value {
    json!({
        "type": "object", "required": ["taken", "token", "counts"],
        "properties": {
            "taken": { "type": "boolean" },
            "token": { "type": ["string", "null"], "description": "to be sent with the next answer" },
            "counts": told(),
        },
    })
}

fn share() -> Value {
    json!({ "type": ["number", "null"], "minimum": 0, "maximum": 1 })
}

fn answered() -> Value {
    json!({
        "type": "object", "required": ["advisory", "as_of", "licence", "counts", "share_right"],
        "properties": {
            "advisory": { "type": "string" },
            "as_of": { "type": "string", "format": "date-time" },
            "licence": { "type": "string" },
            "counts": told(),
            "share_right": share(),
        },
    })
}

fn by_rule() -> Value {
    let rule = json!({
        "type": "object", "required": ["rule", "hazard", "advisories", "counts", "share"],
        "properties": {
            "rule": { "type": "string" }, "hazard": { "type": "string" },
            "advisories": { "type": "integer" }, "counts": counts(), "share": share(),
        },
    });
    json!({
        "type": "object", "required": ["as_of", "licence", "rules"],
        "properties": {
            "as_of": { "type": "string", "format": "date-time" },
            "licence": { "type": "string" },
            "rules": { "type": "array", "items": rule },
        },
    })
}
