//! Bad days of a machine: a full disk, a store somebody else holds, a clock that jumps; and files
//! that are joined while they are written and read.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use muavu::frames::Observation;
use muavu::frames::observations::OBSERVATION;
use muavu::pipeline::stream::join_small_files;
use muavu::storage::{Filter, Lake};
use sea_orm::{ConnectionTrait as _, Database, TransactionTrait as _};
use serde_json::{Value, json};

use super::live::Live;
use super::tables;
use crate::support;

const DEVICES: &str = "[one]\nplace = \"canal:one\"\n\
    token_sha256 = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\n";

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

async fn push(live: &Live, body: &Value) -> u16 {
    let request = reqwest::Client::new().post(format!("{}/v1/readings", live.url));
    request.bearer_auth("test").body(body.to_string()).send().await.unwrap().status().as_u16()
}

fn reading(minutes_ago: i64, ec: f64) -> Value {
    let time = muavu::ops::clock::now() - SignedDuration::from_mins(minutes_ago);
    json!({"time": time.to_string(), "ec_us_cm": ec})
}

/// A disk of some megabytes in memory, unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16m", "tmpfs"]).arg(folder.path());
        if mount.output().is_ok_and(|out| out.status.success()) {
            return Some(Self(folder));
        }
        support::skipped("a small disk cannot be mounted here (needs root)");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _said = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

#[test]
fn a_full_disk_refuses_and_what_was_accepted_before_and_after_is_all_there() {
    let Some(disk) = SmallDisk::mount() else { return };
    let home = disk.path().join("home");
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join("devices.toml"), DEVICES).unwrap();
    let live = Live::start(&home, |_| ());
    let accepted = runtime().block_on(async {
        let mut accepted = 0;
        assert_eq!(push(&live, &reading(2_000, 300.0)).await, 202);
        accepted += 1;
        let filler = disk.path().join("filler");
        let full = std::fs::write(&filler, vec![b'x'; 32 << 20]);
        assert!(full.is_err(), "the disk is not small");
        let mut refused = 0;
        for minute in 0..600 {
            let mut body = reading(1_900 - minute, 300.0 + minute as f64);
            body["note"] = Value::from("x".repeat(2_000));
            match push(&live, &body).await {
                202 => accepted += 1,
                503 => refused += 1,
                other => panic!("{other}"),
            }
        }
        assert!(refused > 100, "the full disk was not noticed: {refused}");
        std::fs::remove_file(&filler).unwrap();
        for minute in 0..50 {
            assert_eq!(push(&live, &reading(100 - minute, 500.0 + minute as f64)).await, 202);
            accepted += 1;
        }
        accepted
    });
    live.stop();
    assert_eq!(tables(&home)["observation"].len(), accepted);
}

#[test]
fn an_alarm_waits_for_a_record_store_that_another_holds() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("devices.toml"), DEVICES).unwrap();
    let live = Live::start(home.path(), |_| ());
    runtime().block_on(async {
        let path = home.path().join("records.sqlite");
        let other = Database::connect(format!("sqlite://{}", path.display())).await.unwrap();
        let held = other.begin().await.unwrap();
        held.execute_unprepared("create table held (x int)").await.unwrap();
        for (minutes, ec) in [(30, 2_600.0), (20, 2_700.0)] {
            assert_eq!(
                push(&live, &reading(minutes, ec)).await,
                202,
                "readings are taken all the same"
            );
        }
        // Longer than SQLite itself waits for a lock.
        tokio::time::sleep(Duration::from_secs(7)).await;
        held.rollback().await.unwrap();
        let until = Instant::now() + Duration::from_secs(40);
        loop {
            let url = format!("{}/v1/alarms?open=true", live.url);
            let body = reqwest::get(url).await.unwrap().bytes().await.unwrap();
            let said: Value = serde_json::from_slice(&body).unwrap();
            if said["alarms"][0]["hazard"] == "salt" {
                break;
            }
            assert!(Instant::now() < until, "the alarm was lost: {said}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    live.stop();
    let kept = tables(home.path());
    assert_eq!((kept["observation"].len(), kept["alarm"].len()), (2, 1));
}

#[test]
fn a_clock_set_a_day_ahead_and_back_loses_no_reading_and_calls_nobody_silent_twice() {
    let library = Path::new("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");
    if !library.exists() {
        support::skipped("libfaketime is not installed (tests/run.sh installs it as root)");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("devices.toml"), DEVICES).unwrap();
    let clock = home.path().join("clock");
    std::fs::write(&clock, "+0").unwrap();
    let live = Live::start(home.path(), |command| {
        command
            .env("LD_PRELOAD", library)
            .env("FAKETIME_TIMESTAMP_FILE", &clock)
            .env("FAKETIME_NO_CACHE", "1")
            .env("DONT_FAKE_MONOTONIC", "1");
    });
    runtime().block_on(async {
        for (offset, minutes) in [("+0", 40), ("+1d", 30), ("-2h", 20), ("+0", 10)] {
            std::fs::write(&clock, offset).unwrap();
            tokio::time::sleep(Duration::from_millis(2_500)).await;
            assert_eq!(push(&live, &reading(minutes, 300.0)).await, 202, "{offset}");
        }
    });
    live.stop();
    let kept = tables(home.path());
    assert_eq!(kept["observation"].len(), 4);
    let silent = kept["alarm"].iter().filter(|a| a.contains("\"silent\"")).count();
    assert_eq!(silent, 1, "{:?}", kept["alarm"]);
}

#[test]
fn files_joined_while_the_stream_writes_stay_few_and_no_reader_misses_a_row() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("devices.toml"), DEVICES).unwrap();
    let live = Live::start(home.path(), |command| {
        command.env("MUAVU__STREAM__FLUSH_ROWS", "1");
    });
    let lake = Lake::open(&home.path().join("lake")).unwrap();
    runtime().block_on(async {
        let mut seen = 0;
        for minute in 0..60 {
            assert_eq!(push(&live, &reading(60 - minute, 300.0)).await, 202);
            if minute % 5 == 4 {
                // A lost race is an error that changes nothing.
                let _joined_or_lost = join_small_files(&lake).await;
            }
            let rows: Vec<Observation> = lake.rows(&OBSERVATION, &Filter::all()).await.unwrap();
            assert!(rows.len() >= seen, "{} rows after {seen}", rows.len());
            seen = rows.len();
        }
        assert!(seen > 0, "nothing was stored while it ran");
    });
    live.stop();
    runtime().block_on(async {
        join_small_files(&lake).await.unwrap();
        let rows: Vec<Observation> = lake.rows(&OBSERVATION, &Filter::all()).await.unwrap();
        assert_eq!(rows.len(), 60);
        let files = lake.variables().await.unwrap()["ec_us_cm"].files;
        assert!(files < 8, "{files} files");
    });
}

/// A message of 500 readings a second apart, the `n`th.
fn many(n: i64) -> Value {
    let start = muavu::ops::clock::now() - SignedDuration::from_hours(48);
    let start = start.as_second() - start.as_second() % 3600 + n * 500;
    let readings: Vec<Value> = (0..500)
        .map(|i| {
            let time = Timestamp::from_second(start + i).unwrap();
            json!({"time": time.to_string(), "ec_us_cm": 300 + (n * 500 + i) % 97})
        })
        .collect();
    json!({ "readings": readings })
}

#[test]
fn a_lake_that_takes_nothing_makes_the_senders_wait_and_memory_stays_bounded() {
    let Some(disk) = SmallDisk::mount() else { return };
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("devices.toml"), DEVICES).unwrap();
    std::os::unix::fs::symlink(disk.path(), home.path().join("lake")).unwrap();
    let live = Live::start(home.path(), |command| {
        command.env("MUAVU__STREAM__FLUSH_ROWS", "20000");
    });
    let filler = disk.path().join("filler");
    assert!(std::fs::write(&filler, vec![b'x'; 32 << 20]).is_err(), "the disk is not small");
    // The same readings whenever a message is sent again: its times are fixed at the beginning.
    let messages: Vec<String> = (0..200).map(|n| many(n).to_string()).collect();
    let waited = runtime().block_on(async {
        let client = reqwest::Client::new();
        let send = |body: String| {
            let request = client.post(format!("{}/v1/readings", live.url)).bearer_auth("test");
            let sent = request.timeout(Duration::from_secs(1)).body(body).send();
            async move { sent.await.is_ok_and(|answer| answer.status() == 202) }
        };
        let mut left = messages;
        let mut waited = 0;
        for round in 0..90 {
            let mut refused = Vec::new();
            for body in left {
                if (waited > 3 && round == 0) || !send(body.clone()).await {
                    waited += 1;
                    refused.push(body);
                }
            }
            left = refused;
            // The lake takes again what it is given.
            let _gone = std::fs::remove_file(&filler);
            if left.is_empty() {
                break;
            }
        }
        assert!(left.is_empty(), "{} messages were never taken", left.len());
        waited
    });
    assert!(waited > 0, "nobody had to wait for a lake that takes nothing");
    let status = std::fs::read_to_string(format!("/proc/{}/status", live.pid())).unwrap();
    let high = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: u64 = high.split_whitespace().next().unwrap().parse().unwrap();
    assert!(kilobytes < 1 << 20, "{kilobytes} kB");
    live.stop();
    // Messages that came out of order show spikes, which are told anew as revisions.
    let rows = &tables(home.path())["observation"];
    let first = rows.iter().filter(|row| row.contains("\"revision\":0")).count();
    assert_eq!(first, 200 * 500, "of {} rows", rows.len());
}
