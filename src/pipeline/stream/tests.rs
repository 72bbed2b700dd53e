//! The engine by itself: the same records give the same tables however they come.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::advisory::alarm::{Hazard, Turn};
use crate::domain::QcFlag;
use crate::sources::sensor::Registry;
use crate::storage::journal::{Arrival, Numbered};

const DEVICES: &str = r#"
[a]
place = "canal:a"
neighbours = ["b"]
[b]
place = "canal:b"
"#;

fn engine() -> Engine {
    Engine::new(Rules::shipped(Registry::from_toml(DEVICES).unwrap()).unwrap(), Memory::default())
}

fn start() -> Timestamp {
    "2025-01-26T01:00:00Z".parse().unwrap()
}

fn minutes(n: i64) -> Timestamp {
    start().checked_add(SignedDuration::from_mins(n)).unwrap()
}

/// A message of device `a`, read at one minute and here at another.
fn message(number: u64, read: i64, here: i64, ec_us_cm: f64) -> Numbered {
    of("a", number, read, here, ec_us_cm)
}

fn of(device: &str, number: u64, read: i64, here: i64, ec_us_cm: f64) -> Numbered {
    let payload = json!({ "time": minutes(read).to_string(), "ec_us_cm": ec_us_cm });
    Numbered {
        number,
        arrival: Arrival {
            arrived_at: minutes(here),
            channel: format!("mqtt/muavu/{device}/up"),
            payload: payload.to_string().into_bytes(),
        },
    }
}

fn tick(number: u64, here: i64) -> Numbered {
    let arrival = Arrival { arrived_at: minutes(here), channel: TICK.into(), payload: vec![] };
    Numbered { number, arrival }
}

fn walk(engine: &mut Engine, records: &[Numbered]) -> Outputs {
    let mut all = Outputs::default();
    for record in records {
        all.extend(engine.step(record));
    }
    all
}

#[test]
fn a_message_sent_twice_counts_once_and_a_late_one_reopens_its_hour() {
    let mut engine = engine();
    let first: Vec<_> =
        (0..12).map(|i| message(i + 1, i as i64 * 10, i as i64 * 10, 400.0)).collect();
    let out = walk(&mut engine, &first);
    assert_eq!((out.observations.len(), out.hours.len()), (12, 1));
    assert_eq!((out.hours[0].n, out.hours[0].revision, &*out.hours[0].cause), (6, 0, "closed"));
    let out = engine.step(&message(13, 30, 111, 400.0));
    assert_eq!((out.observations.len(), out.repeats), (0, 1));
    let out = engine.step(&message(14, 35, 112, 900.0));
    assert!(out.observations[0].qc.has(QcFlag::Late));
    let hour = &out.hours[0];
    assert_eq!((hour.n, hour.revision, &*hour.cause, hour.max), (7, 1, "late", 900.0));
}

#[test]
fn a_spike_is_told_when_the_next_reading_comes_and_its_hour_is_put_right() {
    let mut engine = engine();
    let values = [170.0, 165.0, 2_340.0, 150.0, 160.0, 155.0];
    let records: Vec<_> = (1..)
        .zip(values)
        .map(|(i, v)| message(i, i as i64 * 10 - 10, i as i64 * 10 - 10, v))
        .collect();
    let out = walk(&mut engine, &records);
    let revised: Vec<_> = out.observations.iter().filter(|o| o.revision == 1).collect();
    assert_eq!(revised.len(), 1);
    assert_eq!((revised[0].value, revised[0].valid_time), (2_340.0, minutes(20)));
    assert!(revised[0].qc.has(QcFlag::Spike));
    assert_eq!(revised[0].available_at, minutes(30), "known only when the next came");
    let closed = engine.step(&tick(9, 75));
    assert!(closed.hours[0].max < 200.0, "{:?}", closed.hours[0]);
    assert!(out.alarms.is_empty(), "no alarm rests on a spike");
}

#[test]
fn zeros_in_a_row_are_a_dead_channel_and_silence_is_an_alarm_of_its_own() {
    let mut engine = engine();
    let mut records = vec![message(1, 0, 0, 300.0)];
    records.extend((1..8).map(|i| message(i + 1, i as i64 * 10, i as i64 * 10, 0.0)));
    let out = walk(&mut engine, &records);
    let dead: Vec<_> = out.alarms.iter().map(|a| (a.hazard, a.turn, a.event_time)).collect();
    assert_eq!(dead, [(Hazard::DeadChannel, Turn::Opened, minutes(60))], "the sixth in a row");
    assert!(out.observations[1].qc.has(QcFlag::ZeroAsMissing));
    assert_eq!(out.observations.len(), 8, "values are kept as they were sent");
    let out = engine.step(&tick(9, 300));
    let silent = &out.alarms[0];
    assert_eq!((silent.hazard, silent.turn), (Hazard::Silent, Turn::Opened));
    assert_eq!(
        (silent.event_time, silent.known_at),
        (minutes(70), minutes(250)),
        "its own moments"
    );
    let out = engine.step(&message(10, 310, 310, 310.0));
    assert!(out.alarms.iter().any(|a| a.hazard == Hazard::Silent && a.turn == Turn::Cleared));
}

#[test]
fn neighbours_that_disagree_are_told_and_no_salt_alarm_rests_on_it() {
    let mut engine = engine();
    let mut records = Vec::new();
    for i in 0..4_u64 {
        records.push(of("b", 2 * i + 1, i as i64 * 10, i as i64 * 10, 300.0));
        records.push(of("a", 2 * i + 2, i as i64 * 10 + 1, i as i64 * 10 + 1, 4_000.0));
    }
    let out = walk(&mut engine, &records);
    let hazards: Vec<_> = out.alarms.iter().map(|a| (a.hazard, a.place.to_string())).collect();
    assert_eq!(hazards, [(Hazard::Disagrees, "canal:a".to_owned())]);
}

#[test]
fn a_clock_that_is_always_seven_hours_late_is_told_and_a_backlog_is_not() {
    let mut engine = engine();
    let wrong: Vec<_> =
        (1..8).map(|i| message(i, i as i64 * 10 - 420, i as i64 * 10, 300.0)).collect();
    let out = walk(&mut engine, &wrong);
    assert!(out.alarms.iter().any(|a| a.hazard == Hazard::Clock), "{:?}", out.alarms);
    let mut engine = self::engine();
    let backlog: Vec<_> =
        (1..40).map(|i| message(i, i as i64 * 10, 400 + i as i64 / 20, 300.0)).collect();
    let out = walk(&mut engine, &backlog);
    assert!(!out.alarms.iter().any(|a| a.hazard == Hazard::Clock));
}

#[test]
fn a_clock_stepped_back_or_far_ahead_stops_nothing() {
    let mut engine = engine();
    walk(&mut engine, &[message(1, 0, 0, 300.0), message(2, 10, 600_000, 300.0)]);
    let out = engine.step(&message(3, 20, 20, 300.0));
    assert_eq!(out.observations.len(), 1);
    let out = engine.step(&message(4, 30, 30, 310.0));
    assert_eq!(out.observations[0].available_at, minutes(30), "time goes on from the right hour");
}

/// The buoy's record, where the measurements are; with the place of each deployment.
fn buoy() -> Option<Vec<Numbered>> {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "../shared/data/salinity/buoy_10min.csv"].iter().collect();
    if !Path::new(&path).is_file() {
        eprintln!("skipped: {} is not on this machine", path.display());
        return None;
    }
    let fields = engine().rules().fields.clone();
    let arrivals = recording::read(&path, "a", &fields).unwrap();
    Some((1..).zip(arrivals).map(|(number, arrival)| Numbered { number, arrival }).collect())
}

#[test]
fn whole_resumed_or_taken_twice_the_tables_are_equal() {
    let Some(records) = buoy() else { return };
    let whole = walk(&mut engine(), &records);
    assert!(whole.observations.len() > 10_000);
    // Killed at many moments: the memory of some earlier moment, then the journal again from there.
    let mut engine = engine();
    let mut pieces = Outputs::default();
    let mut memory = postcard::to_stdvec(engine.memory()).unwrap();
    for (i, record) in records.iter().enumerate() {
        if i % 277 == 0 {
            memory = postcard::to_stdvec(engine.memory()).unwrap();
        }
        pieces.extend(engine.step(record));
        if i % 401 == 0 {
            let back = i / 277 * 277;
            let rules = Rules::shipped(Registry::from_toml(DEVICES).unwrap()).unwrap();
            engine = Engine::new(rules, postcard::from_bytes(&memory).unwrap());
            let again = walk(&mut engine, &records[back..=i]);
            let tail = whole_of(&whole, &again);
            assert!(tail, "what is made again after a kill at {i} is not what was made before");
        }
    }
    assert_eq!(pieces, whole);
}

/// Whether every row of `part` stands in `whole`.
fn whole_of(whole: &Outputs, part: &Outputs) -> bool {
    part.observations.iter().all(|o| whole.observations.contains(o))
        && part.hours.iter().all(|h| whole.hours.contains(h))
        && part.alarms.iter().all(|a| whole.alarms.contains(a))
}

#[test]
fn the_failing_deployment_of_2024_is_told_and_no_false_salt_alarm_goes_out() {
    let Some(records) = buoy() else { return };
    let out = walk(&mut engine(), &records);
    let year = |t: Timestamp| crate::domain::time::local_date(t).year();
    let of_2024: Vec<_> = out.alarms.iter().filter(|a| year(a.event_time) == 2024).collect();
    assert!(of_2024.iter().all(|a| a.hazard != Hazard::Salt), "{of_2024:?}");
    assert!(of_2024.iter().any(|a| a.hazard == Hazard::DeadChannel && a.turn == Turn::Opened));
    let salt: Vec<_> = out.alarms.iter().filter(|a| a.hazard == Hazard::Salt).collect();
    let opened = salt.iter().filter(|a| a.turn == Turn::Opened).count();
    assert!((1..=3).contains(&opened), "{salt:#?}");
    assert!(salt.iter().any(|a| a.turn == Turn::Raised), "the springs of 26-30 January pass 4 g/L");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_order_and_any_repeats_keep_every_reading_once(
        order in Just((0..60_i64).collect::<Vec<_>>()).prop_shuffle(),
        repeats in proptest::collection::vec(0..60_usize, 0..40),
    ) {
        let mut engine = engine();
        let sent: Vec<i64> = order.iter().copied().chain(repeats.iter().map(|i| order[*i])).collect();
        let records: Vec<_> = (1..)
            .zip(&sent)
            .map(|(n, read)| message(n, *read * 10, 600 + n as i64, 300.0 + *read as f64))
            .collect();
        let out = walk(&mut engine, &records);
        let mut kept: Vec<_> = out.observations.iter().filter(|o| o.revision == 0).map(|o| o.valid_time).collect();
        kept.sort();
        kept.dedup();
        prop_assert_eq!(kept.len(), 60);
        prop_assert_eq!(out.repeats as usize, repeats.len());
    }
}
