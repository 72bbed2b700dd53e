//! Uplinks of ChirpStack v4 (`application/{id}/device/{dev_eui}/event/up`), as JSON.
//!
//! Source: chirpstack/chirpstack proto and documentation (2026-07), as kept in
//! `shared/knowledge/interfaces/streams.md`. `object` is there only when a codec is set.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::decode::{Decoded, Trouble, Uplink, WhoseClock, numbers, stamp};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    time: Option<String>,
    device_info: Info,
    object: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    #[serde(default)]
    device_name: String,
    dev_eui: String,
}

pub(super) fn decode(payload: &[u8]) -> Decoded {
    let message: Message = match serde_json::from_slice(payload) {
        Ok(message) => message,
        Err(error) => {
            let detail = format!("not an uplink of ChirpStack v4 as JSON: {error}");
            return Decoded::nothing(Trouble::message("undecodable", payload, detail));
        }
    };
    let Some(values) = message.object else {
        let detail = "no object: give the device profile a codec in ChirpStack";
        return Decoded::nothing(Trouble::message("no_decoder", payload, detail));
    };
    let (numbers, mut troubles) = numbers(values);
    let time = message.time.and_then(|text| match stamp("time", &text) {
        Ok(time) => Some(time),
        Err(trouble) => {
            troubles.push(trouble);
            None
        }
    });
    let eui = message.device_info.dev_eui.to_uppercase();
    let name = message.device_info.device_name;
    let uplink = Uplink {
        device: if name.is_empty() { eui.to_lowercase() } else { name },
        dev_eui: Some(eui),
        time,
        clock: if time.is_some() { WhoseClock::Network } else { WhoseClock::Arrival },
        numbers,
    };
    Decoded { uplinks: vec![uplink], troubles }
}
