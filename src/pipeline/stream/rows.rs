//! Rows of the tables from readings.

use std::sync::Arc;

use jiff::Timestamp;

use super::channel::Kept;
use crate::domain::{QcFlags, time};
use crate::frames::issues::clip;
use crate::frames::observations::period_of;
use crate::frames::{Issue, Observation};
use crate::sources::sensor::{Reading, Trouble};

/// Returns the row of a reading, as it was first told.
pub(super) fn observation(reading: &Reading, qc: QcFlags) -> Observation {
    Observation {
        variable: Arc::clone(&reading.variable.name),
        period: period_of(&reading.variable, reading.event_time),
        place: reading.place.clone(),
        valid_time: reading.event_time,
        source: source(reading),
        value: reading.value,
        unit: Arc::clone(&reading.variable.unit),
        qc,
        available_at: reading.arrived_at,
        ingested_at: reading.arrived_at,
        revision: 0,
    }
}

/// Returns the second revision of an earlier reading of the same channel, whose flags are now
/// `kept`'s: known only since `now` came in.
pub(super) fn revised(now: &Reading, kept: Kept) -> Observation {
    Observation {
        valid_time: kept.at.time,
        period: period_of(&now.variable, kept.at.time),
        value: kept.at.value,
        revision: 1,
        ..observation(now, kept.qc)
    }
}

/// Returns the row of something that is no reading.
pub(super) fn issue(trouble: &Trouble, row: i64, channel: &str, seen_at: Timestamp) -> Issue {
    Issue {
        source: "sensor.stream".into(),
        // Each message is an artefact of its own: the same rubbish twice is two issues.
        artefact: format!("{channel} {seen_at}").into(),
        row,
        place: String::new(),
        time: time::local_text(seen_at),
        field: trouble.field.clone(),
        raw: clip(&trouble.raw),
        reason: trouble.reason.into(),
        detail: trouble.detail.clone(),
        seen_at,
    }
}

/// Returns the row that says which forecasts a late reading would have changed.
pub(super) fn changed(reading: &Reading, issued_last: Timestamp) -> Issue {
    Issue {
        source: "sensor.stream".into(),
        artefact: format!("forecast/{} {}", reading.place, reading.arrived_at).into(),
        row: 0,
        place: reading.place.to_string(),
        time: time::local_text(reading.event_time),
        field: reading.variable.name.to_string(),
        raw: reading.value.to_string(),
        reason: "late_reading_changes_outputs".into(),
        detail: format!(
            "forecasts of {} issued from {} to {} did not know this reading; its hour is reopened",
            reading.place,
            time::local_text(reading.event_time),
            time::local_text(issued_last),
        ),
        seen_at: reading.arrived_at,
    }
}

fn source(reading: &Reading) -> Arc<str> {
    format!("sensor.{}", reading.device).into()
}
