//! Our own plain schema, for simple loggers and for anyone's script.
//!
//! One reading:
//! ```json
//! {"device": "vl-sal-007", "time": "2026-11-21T17:15:00+07:00", "ec_us_cm": 6120, "water_temp_c": 28.4}
//! ```
//! or many, for loggers that were out of reach for a while:
//! ```json
//! {"device": "vl-sal-007", "readings": [{"time": "…", "ec_us_cm": 6120}, {"time": "…", "ec_us_cm": 6140}]}
//! ```
//! `device` may be left out where the topic `muavu/<device>` names it; `time` is the logger's clock
//! with its zone, and without it the time of arrival stands. Every other key is a number under a
//! name that ends in its unit (`data/reference/sensor_fields.toml`).

use serde_json::{Map, Value};

use super::decode::{Decoded, Trouble, Uplink, WhoseClock, numbers, stamp};

/// Decodes a message; the device is the one it names, or else the topic's.
pub(super) fn decode(payload: &[u8], topic_device: Option<&str>) -> Decoded {
    let mut message = match object(payload) {
        Ok(message) => message,
        Err(trouble) => return Decoded::nothing(trouble),
    };
    let named = match message.remove("device") {
        Some(Value::String(name)) => Some(name),
        _ => None,
    };
    match named.or_else(|| topic_device.map(str::to_owned)) {
        Some(device) => all(&device, message),
        None => {
            let detail = "neither the message nor its topic (muavu/<device>) names the device";
            Decoded::nothing(Trouble::message("no_device", payload, detail))
        }
    }
}

/// Decodes a message of this device, whatever it says of its sender.
pub(super) fn decode_as(payload: &[u8], device: &str) -> Decoded {
    match object(payload) {
        Ok(mut message) => {
            message.remove("device");
            all(device, message)
        }
        Err(trouble) => Decoded::nothing(trouble),
    }
}

fn object(payload: &[u8]) -> Result<Map<String, Value>, Trouble> {
    serde_json::from_slice(payload).map_err(|error| {
        let detail = format!("not a JSON object of our plain schema: {error}");
        Trouble::message("undecodable", payload, detail)
    })
}

fn all(device: &str, mut message: Map<String, Value>) -> Decoded {
    let mut decoded = Decoded::default();
    match message.remove("readings") {
        None => one(&mut decoded, device, message),
        Some(Value::Array(readings)) => {
            for reading in readings {
                match reading {
                    Value::Object(reading) => one(&mut decoded, device, reading),
                    other => decoded.troubles.push(Trouble::field(
                        "undecodable",
                        "readings",
                        other,
                        "each of the readings is an object",
                    )),
                }
            }
        }
        Some(other) => {
            let detail = "readings is a list of objects";
            decoded.troubles.push(Trouble::field("undecodable", "readings", other, detail));
        }
    }
    decoded
}

fn one(decoded: &mut Decoded, device: &str, mut reading: Map<String, Value>) {
    let time = match reading.remove("time") {
        None | Some(Value::Null) => None,
        // A stamp that cannot be read takes its reading with it: when it was true is not known.
        Some(Value::String(text)) => match stamp("time", &text) {
            Ok(time) => Some(time),
            Err(trouble) => return decoded.troubles.push(trouble),
        },
        Some(other) => {
            let detail = "a time is a text with its zone, as 2026-11-21T17:15:00+07:00";
            return decoded.troubles.push(Trouble::field("bad_time", "time", other, detail));
        }
    };
    let (numbers, troubles) = numbers(reading);
    decoded.troubles.extend(troubles);
    let clock = if time.is_some() { WhoseClock::Device } else { WhoseClock::Arrival };
    decoded.uplinks.push(Uplink { device: device.to_owned(), dev_eui: None, time, clock, numbers });
}
