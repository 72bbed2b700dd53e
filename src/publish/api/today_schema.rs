//! What a commune's screen holds, for the OpenAPI document.

use serde_json::{Value, json};

use crate::storage::verdicts::PERSONS_MIN;

fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn texts(meaning: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "description": meaning })
}

fn numbers(meaning: &str) -> Value {
    json!({ "type": "array", "items": { "type": "number" }, "description": meaning })
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["commune", "issued_at", "sample", "licence", "waiting_for_review", "advisories"],
        "properties": {
            "commune": { "type": "object", "required": ["code", "name", "type"] },
            "issued_at": { "type": ["string", "null"], "format": "date-time" },
            "sample": { "type": "boolean" },
            "licence": { "type": "string" },
            "water": { "type": ["object", "null"],
                "description": "where the water comes from: note_vi, note_en; on a full morning only \
                    that of the language asked for" },
            "waiting_for_review": { "type": "integer" },
            "advisories": { "type": "array", "items": advisory(),
                "description": "those of the screen's crop first" },
            "screen": screen(),
        },
    })
}

fn advisory() -> Value {
    json!({
        "type": "object",
        "required": ["id", "crop", "severity", "action", "confidence", "expires_at", "text",
            "state", "approved_by", "approved_at"],
        "properties": {
            "id": { "type": "string", "description": "/v1/advisories/{id} has the evidence" },
            "crop": { "type": "string" }, "stage": { "type": "string" },
            "hazard": { "type": "string" }, "severity": { "type": "string" },
            "action": { "type": "string" },
            "confidence": { "type": "number", "minimum": 0, "maximum": 1 },
            "expires_at": moment(),
            "data_age_h": { "type": ["number", "null"],
                "description": "age of the newest measurement behind it, at issue" },
            "text": { "type": "string",
                "description": "lines of the approved text; all of them when `whole`" },
            "whole": { "type": "boolean",
                "description": "false: what did not fit stands at /v1/advisories/{id}" },
            "state": { "type": "string" },
            "approved_by": { "type": ["string", "null"] },
            "approved_at": { "type": ["string", "null"], "format": "date-time" },
            "answer": { "enum": ["take", "test", "shut", null],
                "description": "may water be taken: yes, only after measuring, no; null when it \
                    speaks of something else" },
        },
    })
}

fn screen() -> Value {
    json!({
        "type": ["object", "null"],
        "description": "what the farmer's page says of one crop; null where no crop is known",
        "required": ["crop", "stage", "crops", "work", "week_work", "measured_at", "hours", "week",
            "price", "record"],
        "properties": {
            "crop": { "type": "string",
                "description": "the one asked for if it grows here, else the most urgent" },
            "stage": { "type": "string" },
            "crops": texts("what grows here"),
            "work": texts("today's work, quoted from the approved texts"),
            "week_work": texts("the week's work, what can still be saved first"),
            "measured_at": { "type": ["string", "null"], "format": "date-time",
                "description": "when the newest measurement behind the advice was made" },
            "hours": { "type": "array", "items": hours() },
            "week": week(),
            "price": price(),
            "fertiliser": fertiliser(),
            "record": record(),
            "farmers_said": farmers_said(),
        },
    })
}

fn hours() -> Value {
    json!({
        "type": "object",
        "description": "when water may be taken at a sensor of the commune",
        "required": ["probe", "issued_at", "limit_g_l", "reach", "from", "until", "sure"],
        "properties": {
            "probe": { "type": "string" }, "issued_at": moment(),
            "limit_g_l": { "type": "number" },
            "reach": { "type": "string", "format": "date-time",
                "description": "hours after this were not forecast" },
            "from": { "type": "array", "items": moment(),
                "description": "the n-th moment of each list for the n-th window" },
            "until": { "type": "array", "items": moment() },
            "sure": numbers("odds (0 to 1) at the worst moment of the window"),
        },
    })
}

fn week() -> Value {
    json!({
        "type": ["object", "null"],
        "description": "each day's highest salinity, the n-th number of each list for the n-th day; \
            low to high holds 8 of 10",
        "required": ["day", "low_g_l", "mid_g_l", "high_g_l", "usable", "limit_g_l"],
        "properties": {
            "day": { "type": "array", "items": { "type": "string", "format": "date" } },
            "low_g_l": numbers("g/L"), "mid_g_l": numbers("g/L"), "high_g_l": numbers("g/L"),
            "usable": { "type": ["array", "null"], "items": { "type": "number" },
                "description": "odds (0 to 1) that the water can be used; null for ponds" },
            "limit_g_l": numbers("the limit it is held against, g/L"),
        },
    })
}

fn price() -> Value {
    json!({
        "type": ["object", "null"],
        "description": "what is forecast of its price, by month; low to high holds 8 of 10",
        "required": ["of", "place", "unit", "issued", "month", "low", "mid", "high"],
        "properties": {
            "of": { "type": "string" }, "place": { "type": "string" },
            "unit": { "type": "string" },
            "issued": { "type": "string", "format": "date" },
            "baseline": baseline(),
            "month": { "type": "array", "items": { "type": "string", "format": "date" } },
            "low": numbers("in `unit`"), "mid": numbers("in `unit`"), "high": numbers("in `unit`"),
        },
    })
}

fn baseline() -> Value {
    json!({ "type": ["string", "null"],
        "description": "the plain forecast that is published since no model beats it; naive: the middle \
            is the newest price" })
}

fn fertiliser() -> Value {
    let good = json!({
        "type": "object", "required": ["low", "mid", "high"],
        "properties": {
            "low": numbers("in `unit`"), "mid": numbers("in `unit`"), "high": numbers("in `unit`"),
        },
    });
    json!({
        "type": ["object", "null"],
        "description": "what is forecast of urea, dap and potassium_chloride on the world market; low to \
            high holds 8 of 10. Null where nothing is, for shrimp and clams, and on a full morning: \
            /v1/forecasts?target=fertiliser_price has it",
        "required": ["unit", "issued", "baseline", "month", "goods"],
        "properties": {
            "unit": { "type": "string" },
            "issued": { "type": "string", "format": "date" },
            "baseline": baseline(),
            "month": { "type": "array", "items": { "type": "string", "format": "date" } },
            "goods": { "type": "object", "additionalProperties": good },
        },
    })
}

fn farmers_said() -> Value {
    let count = |meaning: &str| json!({ "type": "integer", "description": meaning });
    json!({
        "type": ["object", "null"],
        "description": format!(
            "what farmers answered of our advice; no part of `record`, since not everybody answers; \
             null where fewer than {PERSONS_MIN} persons did"
        ),
        "required": ["here", "persons", "right", "wrong"],
        "properties": {
            "here": { "type": "boolean", "description": "false: of the whole province" },
            "persons": count("persons who said right or wrong, each once"),
            "right": count("times right was said, once a person and advisory"),
            "wrong": count("times wrong was said"),
        },
    })
}

fn record() -> Value {
    json!({
        "type": ["object", "null"],
        "description": "how often we were right here, a day ahead",
        "required": ["station", "inside_80", "error_g_l", "days", "window"],
        "properties": {
            "station": { "type": ["string", "null"],
                "description": "null: all stations together" },
            "inside_80": { "type": "number",
                "description": "share of days inside what should hold 8 of 10" },
            "error_g_l": { "type": ["number", "null"] },
            "days": { "type": "integer" },
            "window": { "type": "string", "description": "first and last day of the test" },
        },
    })
}
