//! From the bytes of one message to the uplinks it holds, whoever's shape it has.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{chirpstack, plain, ttn};

/// Whose clock set the time of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoseClock {
    /// The logger's own clock: it may be wrong by hours, or tell of days ago.
    Device,
    /// A gateway's or network server's clock, set by the network.
    Network,
    /// Nobody said: the time it reached us.
    Arrival,
}

/// What one device sent at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Uplink {
    /// The device's own name.
    pub device: String,
    /// Its 64-bit LoRaWAN address in capitals, when it has one.
    pub dev_eui: Option<String>,
    /// When the reading was taken, when somebody said.
    pub time: Option<Timestamp>,
    /// By whose clock.
    pub clock: WhoseClock,
    /// The decoded numbers, by the device's own names.
    pub numbers: Vec<(String, f64)>,
}

/// Something in a message that is no reading: a short stable word and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Short stable word, for counting.
    pub reason: &'static str,
    /// The field it concerns, empty for the whole message.
    pub field: String,
    /// The text as it came.
    pub raw: String,
    /// One sentence for a person.
    pub detail: String,
}

impl Trouble {
    pub(super) fn message(reason: &'static str, raw: &[u8], detail: impl Into<String>) -> Self {
        let raw = String::from_utf8_lossy(raw).into_owned();
        Self { reason, field: String::new(), raw, detail: detail.into() }
    }

    pub(super) fn field(
        reason: &'static str,
        field: &str,
        raw: impl ToString,
        detail: impl Into<String>,
    ) -> Self {
        Self { reason, field: field.to_owned(), raw: raw.to_string(), detail: detail.into() }
    }
}

/// What a message gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decoded {
    /// Uplinks, in the order of the message.
    pub uplinks: Vec<Uplink>,
    /// What could not be understood.
    pub troubles: Vec<Trouble>,
}

impl Decoded {
    pub(super) fn nothing(trouble: Trouble) -> Self {
        Self { uplinks: Vec::new(), troubles: vec![trouble] }
    }
}

/// Returns what a message holds. `channel` ends in its topic; a topic of The Things Stack or
/// ChirpStack decides the shape, any other is our plain schema and names the device
/// (`muavu/<device>/…`) where the message does not.
///
/// Events that carry no reading (joins, acknowledgements, battery status of the network) give
/// nothing and are no trouble.
#[must_use]
pub fn decode(channel: &str, payload: &[u8]) -> Decoded {
    let (way, topic) = channel.split_once('/').unwrap_or(("", channel));
    let levels: Vec<&str> = topic.split('/').collect();
    match levels.as_slice() {
        ["v3", _, "devices", _, "up"] => ttn::decode(payload),
        ["application", _, "device", _, "event", "up"] => chirpstack::decode(payload),
        ["v3", _, "devices", ..] | ["application", _, "device", _, "event", ..] => {
            Decoded::default()
        }
        // Who pushes with a device's token speaks for that device, whatever it calls itself.
        ["muavu", device, ..] if way == "push" => plain::decode_as(payload, device),
        ["muavu", device, ..] => plain::decode(payload, Some(device)),
        _ => plain::decode(payload, None),
    }
}

/// Parts decoded values into numbers and troubles. Texts that read as numbers are taken: many
/// small loggers quote them. `null` means not measured.
pub(super) fn numbers(values: Map<String, Value>) -> (Vec<(String, f64)>, Vec<Trouble>) {
    let mut numbers = Vec::with_capacity(values.len());
    let mut troubles = Vec::new();
    for (name, value) in values {
        let number = match &value {
            Value::Number(n) => n.as_f64(),
            Value::String(text) => text.trim().parse::<f64>().ok(),
            Value::Null => continue,
            _ => None,
        };
        match number.filter(|n| n.is_finite()) {
            Some(number) => numbers.push((name, number)),
            None => {
                let detail = "a reading is a finite number";
                troubles.push(Trouble::field("not_a_number", &name, &value, detail));
            }
        }
    }
    (numbers, troubles)
}

/// Reads a stamp, or says what a stamp looks like.
pub(super) fn stamp(field: &str, text: &str) -> Result<Timestamp, Trouble> {
    text.parse::<Timestamp>().map_err(|_| {
        let detail = "a time is written with its zone, as 2026-11-21T17:15:00+07:00";
        Trouble::field("bad_time", field, text, detail)
    })
}
