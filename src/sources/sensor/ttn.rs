//! Uplinks of The Things Stack v3 (`v3/{app}@{tenant}/devices/{device}/up`).
//!
//! Source: TheThingsIndustries/lorawan-stack-docs, data formats (2026-04-14), as kept in
//! `shared/knowledge/interfaces/streams.md`. Fields at their default are absent, so a missing
//! counter is 0; the time of a reading is the first gateway's, else the network server's.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::decode::{Decoded, Trouble, Uplink, WhoseClock, numbers, stamp};

#[derive(Deserialize)]
struct Message {
    end_device_ids: Ids,
    received_at: Option<String>,
    uplink_message: Option<Body>,
    #[serde(default)]
    simulated: bool,
}

#[derive(Deserialize)]
struct Ids {
    device_id: String,
    dev_eui: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    decoded_payload: Option<Map<String, Value>>,
    received_at: Option<String>,
    #[serde(default)]
    rx_metadata: Vec<Gateway>,
}

#[derive(Deserialize)]
struct Gateway {
    time: Option<String>,
}

pub(super) fn decode(payload: &[u8]) -> Decoded {
    let message: Message = match serde_json::from_slice(payload) {
        Ok(message) => message,
        Err(error) => {
            let detail = format!("not an uplink of The Things Stack v3: {error}");
            return Decoded::nothing(Trouble::message("undecodable", payload, detail));
        }
    };
    if message.simulated {
        let detail = "the network marks this uplink as simulated";
        return Decoded::nothing(Trouble::message("simulated", payload, detail));
    }
    let Some((body, values)) =
        message.uplink_message.and_then(|mut b| b.decoded_payload.take().map(|v| (b, v)))
    else {
        let detail = "no decoded_payload: give the device a payload formatter in the console";
        return Decoded::nothing(Trouble::message("no_decoder", payload, detail));
    };
    let (numbers, mut troubles) = numbers(values);
    let gateway = body.rx_metadata.into_iter().find_map(|g| g.time);
    let said = gateway.or(body.received_at).or(message.received_at);
    let time = said.and_then(|text| match stamp("rx_metadata.time", &text) {
        Ok(time) => Some(time),
        Err(trouble) => {
            troubles.push(trouble);
            None
        }
    });
    let uplink = Uplink {
        device: message.end_device_ids.device_id,
        dev_eui: message.end_device_ids.dev_eui.map(|eui| eui.to_uppercase()),
        time,
        clock: if time.is_some() { WhoseClock::Network } else { WhoseClock::Arrival },
        numbers,
    };
    Decoded { uplinks: vec![uplink], troubles }
}
