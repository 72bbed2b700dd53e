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

pub(super) fn decode(payload: &[u8], topic_device: Option<&str>) -> Decoded {
    let mut message: Map<String, Value> = match serde_json::from_slice(payload) {
        Ok(message) => message,
        Err(error) => {
            let detail = format!("not a JSON object of our plain schema: {error}");
            return Decoded::nothing(Trouble::message("undecodable", payload, detail));
        }
    };
    let named = match message.remove("device") {
        Some(Value::String(name)) => Some(name),
        _ => None,
    };
    let Some(device) = named.or_else(|| topic_device.map(str::to_owned)) else {
        let detail = "neither the message nor its topic (muavu/<device>) names the device";
        return Decoded::nothing(Trouble::message("no_device", payload, detail));
    };
    let mut decoded = Decoded::default();
    match message.remove("readings") {
        None => one(&mut decoded, &device, message),
        Some(Value::Array(readings)) => {
            for reading in readings {
                match reading {
                    Value::Object(reading) => one(&mut decoded, &device, reading),
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
    decoded.uplinks.push(Uplink {
        device: device.to_owned(),
        dev_eui: None,
        time,
        clock,
        numbers,
    });
}
