//! The desk every parser works at: checks unit, number, range and key, and makes rows or issues.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::json;
use super::parsed::Parsed;
use super::units::{self, Scale};
use crate::domain::{PlaceId, QcFlag, QcFlags, Variable, Variables, time};
use crate::frames::issues::clip;
use crate::frames::observations::period_of;
use crate::frames::{Guidance, Issue, Observation, Place};

/// What a parser is told beside the bytes.
#[derive(Debug, Clone)]
pub struct ParseContext {
    /// The file or request the bytes came from, as issues name it.
    pub artefact: Arc<str>,
    /// When the bytes came; becomes `ingested_at` and `seen_at`.
    pub seen_at: Timestamp,
    /// Whether the bytes are today's answer: then no value was available before `seen_at`.
    pub live: bool,
    /// The catalogue of variables.
    pub variables: Arc<Variables>,
}

impl ParseContext {
    /// Returns when a value could have been known, given when its provider usually tells it.
    #[must_use]
    pub fn available_at(&self, usually: Timestamp) -> Timestamp {
        if self.live { usually.max(self.seen_at) } else { usually }
    }
}

/// A field of an answer that was matched to a variable and whose unit is known.
#[derive(Debug, Clone)]
pub struct Column {
    /// The provider's name.
    pub field: String,
    /// Our variable.
    pub variable: Arc<Variable>,
    scale: Scale,
}

/// Where in an answer a value stands.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// The row counted from 1, or 0 for the whole answer.
    pub row: usize,
    /// Where the value is true.
    pub place: &'a PlaceId,
    /// The time as written.
    pub time: &'a str,
}

/// Gathers the rows and issues of one answer.
#[derive(Debug)]
pub struct Gather<'a> {
    context: &'a ParseContext,
    source: Arc<str>,
    parsed: Parsed,
    written: BTreeSet<(usize, String, &'static str, String)>,
}

impl<'a> Gather<'a> {
    /// Returns an empty desk for an answer of `source` (`<kind>.<provider>`).
    #[must_use]
    pub fn new(context: &'a ParseContext, source: &str) -> Self {
        Self { context, source: source.into(), parsed: Parsed::default(), written: BTreeSet::new() }
    }

    /// Returns the desk's context.
    #[must_use]
    pub const fn context(&self) -> &'a ParseContext {
        self.context
    }

    /// Returns the JSON document of an answer, or notes that it is not one.
    pub fn document(&mut self, bytes: &[u8]) -> Option<Value> {
        match json::read(bytes) {
            Ok(document) => {
                if document.not_numbers > 0 {
                    let text =
                        format!("{} bare NaN or Infinity read as missing", document.not_numbers);
                    self.note("", "not_a_number", &text, "NaN");
                }
                Some(document.value)
            }
            Err(reason) => {
                self.unreadable(&reason, bytes);
                None
            }
        }
    }

    /// Notes that the answer as a whole cannot be read.
    pub fn unreadable(&mut self, reason: &str, bytes: &[u8]) {
        let raw = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned();
        self.note("", "unparsable", &format!("the answer cannot be read: {reason}"), &raw);
    }

    /// Returns how a field maps to a variable, or notes why it cannot.
    ///
    /// A unit that converts but is not the documented one is used and noted; one that does not
    /// convert loses the field. `undefined` is how Open-Meteo says that a model lacks a variable.
    pub fn column(
        &mut self,
        field: &str,
        variable: &str,
        given: Option<&str>,
        documented: &str,
    ) -> Option<Column> {
        let variable = match self.context.variables.get(variable) {
            Ok(variable) => Arc::clone(variable),
            Err(error) => {
                self.note(field, "unknown_variable", &error.to_string(), "");
                return None;
            }
        };
        let Some(given) = given else {
            self.note(field, "unit_missing", "the answer does not state its unit", "");
            return None;
        };
        if given == "undefined" {
            self.note(field, "variable_absent", "the model does not have this variable", given);
            return None;
        }
        let Some(scale) = units::scale(given, &variable.unit) else {
            let text = format!("unit is not known for {} ({})", variable.name, variable.unit);
            self.note(field, "unit_unknown", &text, given);
            return None;
        };
        if given != documented {
            let text = format!("unit is not the documented {documented:?}; converted");
            self.note(field, "unit_changed", &text, given);
        }
        Some(Column { field: field.to_owned(), variable, scale })
    }

    /// Returns a cell's number in the canonical unit; `None` when missing, or rejected with issue.
    pub fn number(&mut self, column: &Column, cell: At<'_>, raw: &Value) -> Option<f64> {
        let number = match raw {
            Value::Null => return None,
            Value::Number(number) => number.as_f64(),
            // A number in quotes is a number all the same.
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let Some(number) = number.filter(|n| n.is_finite()) else {
            let text = "a number was expected";
            self.reject(cell, &column.field, &json::raw(raw), "not_a_number", text);
            return None;
        };
        self.in_range(column, cell, number)
    }

    /// Returns a number in the canonical unit if it can be real, or rejects it with an issue.
    pub fn in_range(&mut self, column: &Column, cell: At<'_>, number: f64) -> Option<f64> {
        let variable = &column.variable;
        let value = column.scale.apply(number);
        if variable.is_possible(value) {
            return Some(value);
        }
        let text = format!(
            "{} of {value} {} is outside {} to {}",
            variable.name, variable.unit, variable.min, variable.max
        );
        self.reject(cell, &column.field, &number.to_string(), "out_of_range", &text);
        None
    }

    /// Adds a measured or reported value; `usually` is when its provider usually tells it.
    pub fn observe(
        &mut self,
        variable: &Variable,
        place: &PlaceId,
        valid_time: Timestamp,
        value: f64,
        usually: Timestamp,
    ) {
        let available_at = self.context.available_at(usually);
        self.parsed.observations.push(Observation {
            variable: Arc::clone(&variable.name),
            period: period_of(variable, valid_time),
            place: place.clone(),
            valid_time,
            source: Arc::clone(&self.source),
            value,
            unit: Arc::clone(&variable.unit),
            qc: QcFlags::NONE,
            available_at,
            ingested_at: self.context.seen_at,
            revision: 0,
        });
    }

    /// Adds a flag to the observation added last.
    pub fn flag_last(&mut self, flag: QcFlag) {
        if let Some(last) = self.parsed.observations.last_mut() {
            last.qc = last.qc.with(flag);
        }
    }

    /// Adds somebody's forecast.
    pub fn guide(
        &mut self,
        variable: &Variable,
        place: &PlaceId,
        issued_at: Timestamp,
        valid_time: Timestamp,
        member: &Arc<str>,
        value: f64,
    ) {
        self.parsed.guidance.push(Guidance {
            variable: Arc::clone(&variable.name),
            period: time::local_date(issued_at).year().to_string().into(),
            place: place.clone(),
            source: Arc::clone(&self.source),
            issued_at,
            valid_time,
            member: Arc::clone(member),
            value: Some(value),
            text: None,
            unit: Arc::clone(&variable.unit),
            available_at: self.context.available_at(issued_at),
            ingested_at: self.context.seen_at,
        });
    }

    /// Adds the description of a place; `attributes` is a JSON object.
    pub fn place(
        &mut self,
        place: &PlaceId,
        name: &str,
        position: Option<(f64, f64)>,
        attributes: &Value,
    ) {
        self.parsed.places.push(Place {
            kind: place.kind().into(),
            place: place.clone(),
            name: name.to_owned(),
            lat: position.map(|(lat, _)| lat),
            lon: position.map(|(_, lon)| lon),
            attributes: attributes.to_string(),
            source: Arc::clone(&self.source),
            ingested_at: self.context.seen_at,
            revision: 0,
        });
    }

    /// Writes an issue about the whole answer, once for each field, reason and raw text.
    pub fn note(&mut self, field: &str, reason: &'static str, detail: &str, raw: &str) {
        self.issue(0, "", "", field, raw, reason, detail);
    }

    /// Writes an issue about one cell.
    pub fn reject(
        &mut self,
        cell: At<'_>,
        field: &str,
        raw: &str,
        reason: &'static str,
        detail: &str,
    ) {
        self.issue(cell.row, cell.place.as_str(), cell.time, field, raw, reason, detail);
    }

    #[allow(clippy::too_many_arguments, reason = "the seven cells of an issue row that differ")]
    fn issue(
        &mut self,
        row: usize,
        place: &str,
        time: &str,
        field: &str,
        raw: &str,
        reason: &'static str,
        detail: &str,
    ) {
        let (field, raw) = (clip(field), clip(raw));
        // An issue's key: the same complaint about the same cell is written once.
        if !self.written.insert((row, field.clone(), reason, raw.clone())) {
            return;
        }
        self.parsed.issues.push(Issue {
            source: Arc::clone(&self.source),
            artefact: Arc::clone(&self.context.artefact),
            row: i64::try_from(row).unwrap_or(i64::MAX),
            place: place.to_owned(),
            time: clip(time),
            field,
            raw,
            reason: reason.into(),
            detail: detail.to_owned(),
            seen_at: self.context.seen_at,
        });
    }

    /// Returns everything gathered; of rows with the same key only the first is kept.
    #[must_use]
    pub fn finish(mut self) -> Parsed {
        let mut seen = HashSet::new();
        let mut doubles: BTreeMap<String, usize> = BTreeMap::new();
        self.parsed.observations.retain(|row| {
            let new = seen.insert((
                Arc::clone(&row.variable),
                row.place.clone(),
                row.valid_time,
                Timestamp::UNIX_EPOCH,
                Arc::from(""),
            ));
            if !new {
                *doubles.entry(format!("{} {}", row.variable, row.place)).or_default() += 1;
            }
            new
        });
        seen.clear();
        self.parsed.guidance.retain(|row| {
            let new = seen.insert((
                Arc::clone(&row.variable),
                row.place.clone(),
                row.valid_time,
                row.issued_at,
                Arc::clone(&row.member),
            ));
            if !new {
                *doubles.entry(format!("{} {}", row.variable, row.place)).or_default() += 1;
            }
            new
        });
        for (what, count) in doubles {
            let text = format!("{count} further values for the same time; the first one is kept");
            self.note(&what, "duplicate", &text, "");
        }
        self.parsed
    }
}
