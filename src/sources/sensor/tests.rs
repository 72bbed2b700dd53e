//! Messages as networks really send them, and as they never should.

use jiff::Timestamp;

use super::*;
use crate::domain::variable::Variables;
use crate::domain::{QcFlag, QcFlags};

/// An uplink of The Things Stack v3 (after `shared/knowledge/interfaces/samples/streams`).
const TTN: &str = r#"{"end_device_ids":{"device_id":"vl-sal-007","application_ids":
{"application_id":"muavu"},"dev_eui":"0004A30B001C0530"},"received_at":"2026-11-21T10:15:46.014Z",
"uplink_message":{"session_key_id":"AXA50tHUGUucuzS","f_port":15,"frm_payload":"gkHe",
"decoded_payload":{"ec_ms_cm":6.12,"water_temp_c":28.4,"battery_v":3.61},
"rx_metadata":[{"gateway_ids":{"gateway_id":"gw"},"time":"2026-11-21T10:15:45.787Z","rssi":-97}],
"received_at":"2026-11-21T10:15:45.789Z"}}"#;

/// An uplink of ChirpStack v4.
const CHIRPSTACK: &str = r#"{"deduplicationId":"3ac7e3c4","time":"2026-11-21T10:15:45.775+00:00",
"deviceInfo":{"tenantId":"52f1","deviceName":"vl-sal-007","devEui":"0004a30b001c0530"},
"devAddr":"00189440","fPort":1,"data":"qg==","object":{"ec_ms_cm":6.12,"water_temp_c":28.4}}"#;

const DEVICES: &str = r#"
[cong-vung-liem]
place = "canal:vung_liem"
dev_eui = "0004A30B001C0530"
token_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
clock_offset_secs = -25200
fields = { EC = "ec_us_cm" }
"#;

fn arrival() -> Timestamp {
    "2026-11-21T10:16:00Z".parse().unwrap()
}

fn read(channel: &str, payload: &str) -> (Vec<Reading>, Vec<Trouble>) {
    let registry = Registry::from_toml(DEVICES).unwrap();
    let fields = Fields::shipped(&Variables::shipped().unwrap()).unwrap();
    let retained = channel.starts_with("mqtt-retained/");
    let arrived = Arrived { at: arrival(), retained, registry: &registry, fields: &fields };
    let decoded = decode(channel, payload.as_bytes());
    let mut troubles = decoded.troubles;
    let mut all = Vec::new();
    for uplink in &decoded.uplinks {
        let (some, trouble) = readings(uplink, &arrived);
        all.extend(some);
        troubles.extend(trouble);
    }
    (all, troubles)
}

fn reasons(troubles: &[Trouble]) -> Vec<&str> {
    troubles.iter().map(|t| t.reason).collect()
}

#[test]
fn both_networks_give_the_same_reading_of_one_device() {
    let (ttn, none) = read("mqtt/v3/muavu@ttn/devices/vl-sal-007/up", TTN);
    assert!(none.is_empty(), "{none:?}");
    let (chirp, none) = read("mqtt/application/17c8/device/0004a30b001c0530/event/up", CHIRPSTACK);
    assert!(none.is_empty(), "{none:?}");
    for reading in [&ttn[1], &chirp[0]] {
        assert_eq!(&*reading.device, "cong-vung-liem", "known by its address");
        assert_eq!(reading.place.as_str(), "canal:vung_liem");
        assert_eq!((&*reading.variable.name, reading.value), ("ec_us_cm", 6120.0));
        assert_eq!(reading.clock, WhoseClock::Network);
        assert!(reading.qc.is_empty());
    }
    assert_eq!(ttn[1].event_time, "2026-11-21T10:15:45.787Z".parse().unwrap(), "the gateway's");
}

#[test]
fn the_fields_networks_leave_out_are_not_missed() {
    let bare = r#"{"end_device_ids":{"device_id":"x"},"uplink_message":{"decoded_payload":{"ec_us_cm":0}}}"#;
    let (readings, troubles) = read("mqtt/v3/a@t/devices/x/up", bare);
    assert!(troubles.is_empty());
    assert_eq!((readings[0].value, readings[0].event_time), (0.0, arrival()));
    let no_codec = r#"{"deviceInfo":{"devEui":"01"},"data":"qg=="}"#;
    let (none, troubles) = read("mqtt/application/a/device/01/event/up", no_codec);
    assert!(none.is_empty());
    assert_eq!(reasons(&troubles), ["no_decoder"]);
}

#[test]
fn joins_and_network_status_are_no_readings_and_no_trouble() {
    for topic in ["v3/a@t/devices/x/join", "application/a/device/01/event/status"] {
        assert_eq!(decode(&format!("mqtt/{topic}"), b"{}"), Decoded::default());
    }
}

#[test]
fn the_plain_schema_takes_one_or_many_and_names_what_it_cannot_read() {
    let one = r#"{"time":"2026-11-21T17:10:00+07:00","EC":"6120","ph":7.1,"note":null}"#;
    let (readings, troubles) = read("mqtt/muavu/cong-vung-liem/up", one);
    assert_eq!(readings[0].value, 6120.0);
    assert_eq!(reasons(&troubles), ["unknown_field"]);
    assert!(troubles[0].detail.contains("ec_us_cm"), "{}", troubles[0].detail);
    let many = r#"{"device":"b","readings":[{"time":"2026-11-21T17:00:00+07:00","ec_us_cm":1},
        {"time":"17:10","ec_us_cm":2},{"time":"2026-11-21T17:15:00+07:00","ec_us_cm":"salty"},7]}"#;
    let (readings, troubles) = read("mqtt/loggers", many);
    assert_eq!(readings.len(), 1);
    assert_eq!(reasons(&troubles), ["bad_time", "not_a_number", "undecodable"]);
}

#[test]
fn hostile_messages_become_issues_and_nothing_else() {
    let deep = "[".repeat(200_000);
    for bad in
        ["", "null", "[]", "42", "{\"device\":", "\u{0}\u{ff}", "{\"ec_us_cm\":1e999}", &deep]
    {
        let (readings, troubles) = read("mqtt/some/topic", bad);
        assert!(readings.is_empty(), "{bad:.20}");
        assert_eq!(troubles.len(), 1, "{bad:.20} gave {troubles:?}");
    }
    let (readings, _) = read("mqtt/x", r#"{"device":"../../etc","ec_us_cm":5}"#);
    assert_eq!(readings[0].place.as_str(), "device:etc", "a name is made harmless");
    let (none, troubles) = read("mqtt/x", r#"{"device":"///","ec_us_cm":5}"#);
    assert!(none.is_empty());
    assert_eq!(reasons(&troubles), ["no_device"]);
}

#[test]
fn a_stamp_of_tomorrow_is_kept_for_repeats_and_arrival_stands() {
    let future = r#"{"time":"2026-11-22T10:16:00Z","ec_us_cm":300}"#;
    let (readings, _) = read("mqtt/muavu/other/up", future);
    assert_eq!(readings[0].event_time, arrival());
    assert_eq!(readings[0].told, "2026-11-22T10:16:00Z".parse().unwrap());
    assert!(readings[0].qc.has(QcFlag::ClockSuspect));
}

#[test]
fn an_entered_clock_offset_is_used_and_only_for_the_devices_own_clock() {
    let local_marked_utc = r#"{"time":"2026-11-21T17:15:00Z","ec_us_cm":300}"#;
    let (readings, _) = read("mqtt/muavu/cong-vung-liem/up", local_marked_utc);
    assert_eq!(readings[0].event_time, "2026-11-21T10:15:00Z".parse().unwrap());
    assert_eq!(readings[0].qc, QcFlags::NONE);
}

#[test]
fn what_the_broker_had_kept_counts_only_with_a_time_of_its_own() {
    let (none, troubles) = read("mqtt-retained/muavu/x/up", r#"{"ec_us_cm":300}"#);
    assert!(none.is_empty());
    assert_eq!(reasons(&troubles), ["retained"]);
    let dated = r#"{"time":"2026-11-21T10:00:00Z","ec_us_cm":300}"#;
    assert_eq!(read("mqtt-retained/muavu/x/up", dated).0.len(), 1);
}

#[test]
fn a_token_speaks_for_its_device_only() {
    let registry = Registry::from_toml(DEVICES).unwrap();
    assert_eq!(registry.holder_of("test").map(|d| &**d), Some("cong-vung-liem"));
    assert_eq!(registry.holder_of("tests"), None);
    let (readings, _) = read("push/muavu/cong-vung-liem", r#"{"device":"other","ec_us_cm":5}"#);
    assert_eq!(&*readings[0].device, "cong-vung-liem");
}

#[test]
fn a_wrong_list_of_devices_is_named() {
    let twice = DEVICES.replace("cong-vung-liem", "a") + &DEVICES.replace("cong-vung-liem", "b");
    assert!(Registry::from_toml(&twice).unwrap_err().contains("same dev_eui"));
    let never = "[a]\nplace = \"canal:a\"\nevery_minutes = 0";
    assert!(Registry::from_toml(never).unwrap_err().contains("every_minutes"));
    assert!(Registry::from_toml("[a]\nplaces = 1").unwrap_err().contains("places"));
}

#[test]
fn every_shipped_field_gives_a_known_variable() {
    let fields = Fields::shipped(&Variables::shipped().unwrap()).unwrap();
    assert!(fields.names().len() >= 10);
    assert_eq!(fields.get("ec_ds_m").unwrap().scale.apply(2.0), 2000.0);
}
