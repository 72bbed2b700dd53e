//! From uplinks to readings: a place, a variable of the catalogue, a canonical unit, one time.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::decode::{Trouble, Uplink, WhoseClock};
use super::fields::{Field, Fields};
use super::registry::{Registry, unsure_place};
use crate::domain::{PlaceId, QcFlag, QcFlags, Variable};

/// How far ahead of us a stamp may be and still be the clock's own wander: a logger without
/// network time drifts some seconds a day, so minutes in a season.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// Who sent something and when we took it.
#[derive(Debug, Clone, Copy)]
pub struct Arrived<'a> {
    /// When we took it in.
    pub at: Timestamp,
    /// Whether the broker gave it from its store of retained messages.
    pub retained: bool,
    /// The registry of devices.
    pub registry: &'a Registry,
    /// The names that are understood.
    pub fields: &'a Fields,
}

/// One number of one device, ready to be checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The device, as entered or as it calls itself.
    pub device: Arc<str>,
    /// Where it stands.
    pub place: PlaceId,
    /// What it read.
    pub variable: Arc<Variable>,
    /// The number, in the variable's canonical unit.
    pub value: f64,
    /// When it was true, as far as can be known.
    pub event_time: Timestamp,
    /// The time as its sender told it, by which repeats are known.
    pub told: Timestamp,
    /// When we took it in.
    pub arrived_at: Timestamp,
    /// By whose clock `told` is.
    pub clock: WhoseClock,
    /// What is odd already.
    pub qc: QcFlags,
}

/// Returns the readings of an uplink, and what in it is none.
pub fn readings(uplink: &Uplink, arrived: &Arrived<'_>) -> (Vec<Reading>, Vec<Trouble>) {
    let entered = arrived.registry.find(&uplink.device, uplink.dev_eui.as_deref());
    let place = match entered {
        Some((_, device)) => Some(device.place.clone()),
        None => unsure_place(&uplink.device),
    };
    let Some(place) = place else {
        let detail = "a device's name needs a letter or a digit";
        return (vec![], vec![Trouble::field("no_device", "device", &uplink.device, detail)]);
    };
    if arrived.retained && uplink.time.is_none() {
        let detail = "a message the broker had kept, without a time of its own: when it was true \
                      is not known";
        return (vec![], vec![Trouble::field("retained", "time", &uplink.device, detail)]);
    }
    let mut qc = QcFlags::NONE;
    if entered.is_none() {
        qc = qc.with(QcFlag::PlaceUnsure);
    }
    let offset = entered.map_or(0, |(_, d)| d.clock_offset_secs);
    let told = match uplink.clock {
        WhoseClock::Device => shifted(uplink.time.unwrap_or(arrived.at), offset),
        WhoseClock::Network | WhoseClock::Arrival => uplink.time.unwrap_or(arrived.at),
    };
    // What has not happened yet cannot have been read: arrival is the latest it can be.
    let ahead = told.duration_since(arrived.at) > AHEAD_MAX;
    if ahead {
        qc = qc.with(QcFlag::ClockSuspect);
    }
    let common = Common {
        device: entered.map_or_else(|| uplink.device.as_str().into(), |(n, _)| Arc::clone(n)),
        place,
        told,
        event_time: if ahead { arrived.at } else { told },
        qc,
    };
    let own_names = entered.map(|(_, d)| &d.fields);
    let mut readings = Vec::with_capacity(uplink.numbers.len());
    let mut troubles = Vec::new();
    let mut seen: HashMap<&str, f64> = HashMap::new();
    for (name, number) in &uplink.numbers {
        let ours = own_names.and_then(|names| names.get(name)).unwrap_or(name);
        let Some(field) = arrived.fields.get(ours) else {
            troubles.push(Trouble::field("unknown_field", name, number, unknown(arrived.fields)));
            continue;
        };
        if let Some(first) = seen.insert(&field.variable.name, *number) {
            let detail = format!("{} stands twice in one reading ({first})", field.variable.name);
            troubles.push(Trouble::field("field_twice", name, number, detail));
            continue;
        }
        readings.push(common.reading(field, *number, uplink.clock, arrived.at));
    }
    (readings, troubles)
}

struct Common {
    device: Arc<str>,
    place: PlaceId,
    told: Timestamp,
    event_time: Timestamp,
    qc: QcFlags,
}

impl Common {
    fn reading(&self, field: &Field, number: f64, clock: WhoseClock, at: Timestamp) -> Reading {
        Reading {
            device: Arc::clone(&self.device),
            place: self.place.clone(),
            variable: Arc::clone(&field.variable),
            value: field.scale.apply(number),
            event_time: self.event_time,
            told: self.told,
            arrived_at: at,
            clock,
            qc: self.qc,
        }
    }
}

fn shifted(time: Timestamp, secs: i64) -> Timestamp {
    time.saturating_add(SignedDuration::from_secs(secs)).unwrap_or(time)
}

fn unknown(fields: &Fields) -> String {
    format!(
        "no field of ours has this name (known: {}); name it in devices.toml under fields",
        fields.names().join(", ")
    )
}
