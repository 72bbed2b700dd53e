//! One recorded fortnight as a batch, as a stream, and as a stream killed twenty times.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{eager, tables};
use crate::command::{muavu, said};

const DEVICES: &str = "[one]\nplace = \"canal:one\"\nplace_name = \"cống Một\"\n\
                       [two]\nplace = \"canal:two\"\nneighbours = [\"one\"]\n";

/// A fortnight of two probes with everything that happens to probes: repeats, late and lost
/// messages, zeros, codes, spikes, a stopped clock, rubbish; salt from the fifth day on.
fn fortnight(folder: &Path) -> PathBuf {
    let start: Timestamp = "2025-01-20T00:00:00Z".parse().unwrap();
    let at = |minutes: i64| start.checked_add(SignedDuration::from_mins(minutes)).unwrap();
    let mut chance = 20_250_120_u64;
    let mut draw = move || {
        chance =
            chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) as f64 / (1_u64 << 31) as f64
    };
    let mut lines: Vec<(Timestamp, String)> = Vec::new();
    for step in 0..14 * 144_i64 {
        for (device, lag) in [("one", 0.0), ("two", 0.4)] {
            let hours = step as f64 / 6.0 - lag;
            let salt = 600.0 + 90.0 * (hours / 24.0 - 4.0).max(0.0).powf(1.8);
            let tide = 1.0 + 0.6 * (hours / 12.42 * std::f64::consts::TAU).sin();
            let mut ec = (salt * tide * (0.97 + 0.06 * draw())).round();
            let luck = draw();
            if luck < 0.01 {
                ec = 0.0;
            } else if luck < 0.015 {
                ec = -9999.0;
            } else if luck < 0.02 {
                ec *= 9.0;
            }
            if device == "two" && (700..720).contains(&step) {
                ec = 0.0;
            }
            let told = at(step * 10);
            let delay = if draw() < 0.05 { 30.0 + 300.0 * draw() } else { draw() * 0.4 };
            let here = told + SignedDuration::from_millis((delay * 60_000.0) as i64);
            let lost = draw() < 0.02 || (device == "one" && (1000..1080).contains(&step));
            let payload = json!({"time": told.to_string(), "ec_us_cm": ec, "battery_v": 3.6});
            for copy in 0..1 + i64::from(draw() < 0.03) {
                let here = here + SignedDuration::from_secs(copy * 40);
                let line = json!({"arrived_at": here.to_string(),
                    "channel": format!("replay/muavu/{device}"), "payload": payload});
                if !lost {
                    lines.push((here, line.to_string()));
                }
            }
        }
        if step % 200 == 7 {
            let here = at(step * 10);
            let line = json!({"arrived_at": here.to_string(), "channel": "replay/muavu/one",
                "payload": "{\"ec_us_cm\": "});
            lines.push((here, line.to_string()));
        }
    }
    lines.sort();
    let mut text = String::new();
    for (_, line) in lines {
        writeln!(text, "{line}").unwrap();
    }
    let path = folder.join("fortnight.jsonl");
    std::fs::write(&path, text).unwrap();
    path
}

fn home(folder: &Path, name: &str) -> PathBuf {
    let home = folder.join(name);
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join("devices.toml"), DEVICES).unwrap();
    home
}

fn play(home: &Path, recording: &Path, speed: &str) -> std::process::Command {
    let mut command = muavu(home);
    eager(&mut command).arg("stream").arg("--replay").arg(recording).args(["--speed", speed]);
    command
}

#[test]
fn a_fortnight_as_a_batch_as_a_stream_and_killed_twenty_times_gives_equal_tables() {
    let folder = tempfile::tempdir().unwrap();
    let recording = fortnight(folder.path());
    let batch = home(folder.path(), "batch");
    let mut once = muavu(&batch);
    let done = said(once.arg("stream").arg("--replay").arg(&recording));
    assert_eq!(done.code, 0, "{}", done.err);
    let expected = tables(&batch);
    assert!(expected["observation"].len() > 7_000, "{}", expected["observation"].len());
    assert!(expected["hour"].len() > 600 && expected["issue"].len() >= 10);
    assert!(expected["forecast"].len() > 9_000, "{}", expected["forecast"].len());
    let story = expected["alarm_change"].join("\n");
    for hazard in ["salt", "silent", "dead_channel"] {
        assert!(story.contains(&format!("\"hazard\":\"{hazard}\"")), "no {hazard} in {story}");
    }

    let stream = home(folder.path(), "stream");
    let done = said(&mut play(&stream, &recording, "250000"));
    assert_eq!(done.code, 0, "{}", done.err);
    same(&tables(&stream), &expected, "stream");

    let killed = home(folder.path(), "killed");
    let mut kills = 0;
    let mut wait_ms = 137_u64;
    while kills < 20 {
        let mut child = play(&killed, &recording, "100000");
        let said = std::fs::File::create(folder.path().join("said")).unwrap();
        let child = child.stdout(Stdio::null()).stderr(said).spawn().unwrap();
        wait_ms = wait_ms * 7919 % 677;
        if ended_within(child, Duration::from_millis(120 + wait_ms)) {
            break;
        }
        kills += 1;
    }
    let said_last = std::fs::read_to_string(folder.path().join("said")).unwrap();
    assert_eq!(kills, 20, "it ended before it was killed often enough: {said_last}");
    let done = said(&mut play(&killed, &recording, "0"));
    assert_eq!(done.code, 0, "{}", done.err);
    same(&tables(&killed), &expected, "killed");
    let again = said(&mut play(&killed, &recording, "0"));
    assert!(again.err.contains("were played before"), "{}", again.err);
    same(&tables(&killed), &expected, "played twice");
}

/// Whether the process ended by itself; if not it is killed (SIGKILL).
fn ended_within(mut child: Child, wait: Duration) -> bool {
    let until = std::time::Instant::now() + wait;
    while std::time::Instant::now() < until {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    false
}

fn same(
    got: &std::collections::BTreeMap<&'static str, Vec<String>>,
    expected: &std::collections::BTreeMap<&'static str, Vec<String>>,
    which: &str,
) {
    for (table, rows) in expected {
        let missing: Vec<_> =
            rows.iter().filter(|r| got[table].binary_search(r).is_err()).take(3).collect();
        let extra: Vec<_> =
            got[table].iter().filter(|r| rows.binary_search(r).is_err()).take(3).collect();
        assert!(
            got[table] == *rows,
            "{which}: {table} has {} rows, {} expected\nmissing {missing:#?}\nextra {extra:#?}",
            got[table].len(),
            rows.len(),
        );
    }
}

#[test]
fn a_second_stream_on_one_home_is_told_who_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path(), "home");
    let lock =
        muavu::storage::HomeLock::take(&home.join("stream"), "muavu stream since 07:00").unwrap();
    let refused = said(muavu(&home).arg("stream"));
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("since 07:00"), "{}", refused.err);
    drop(lock);
}

#[test]
fn a_file_that_is_no_recording_is_refused_by_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path(), "home");
    let file = folder.path().join("a.csv");
    for (text, said_of) in [
        ("when,ec_us_cm\n1,2\n", "no column of times"),
        ("timestamp,salinity\n2025-01-01T00:00:00Z,1\n", "no column is a sensor field"),
        ("timestamp,ec_us_cm\n2025-01-01,1\n", "line 2"),
    ] {
        std::fs::write(&file, text).unwrap();
        let refused = said(muavu(&home).arg("stream").arg("--replay").arg(&file));
        assert_eq!(refused.code, 1, "{}", refused.err);
        assert!(refused.err.contains(said_of), "{}", refused.err);
    }
}

#[test]
fn a_stream_of_nothing_but_rubbish_leaves_its_issues_and_no_reading() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path(), "home");
    let file = folder.path().join("rubbish.jsonl");
    let line = json!({"arrived_at": "2025-01-20T00:00:00Z", "channel": "replay/muavu/one",
        "payload": "{\"ec_us_cm\": "});
    std::fs::write(&file, format!("{line}\n")).unwrap();
    let played = said(muavu(&home).arg("stream").arg("--replay").arg(&file));
    assert_eq!(played.code, 0, "{}", played.err);
    let kept = tables(&home);
    assert_eq!((kept["issue"].len(), kept["observation"].len()), (1, 0));
    assert!(kept["issue"][0].contains("undecodable"), "{}", kept["issue"][0]);
}
