//! The stream over HTTP: readings pushed in, events and counters out, and back after a break.

use std::time::Duration;

use futures::StreamExt as _;
use muavu::ops::clock;
use muavu::storage::Records;
use muavu::storage::alarms::{Announce, ChangeRow, Kept};
use muavu::storage::answers::Answer;
use serde_json::{Value, json};

use super::live::Live;
use super::tables;
use crate::channels::gateway::Gateway;
use crate::channels::served::{Setting, kill};
use crate::command::{muavu, said};
use crate::doors::house::House;

const DEVICES: &str = "[one]\nplace = \"canal:one\"\nplace_name = \"cống Một\"\n\
    token_sha256 = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\n";

/// Listens to `url` until `wanted` events came; returns (id, kind, data).
async fn events(url: String, after: Option<&str>, wanted: usize) -> Vec<(String, String, Value)> {
    let mut request = reqwest::Client::new().get(url);
    if let Some(after) = after {
        request = request.header("Last-Event-ID", after);
    }
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut body = answer.bytes_stream();
    let mut text = String::new();
    let mut heard = Vec::new();
    while heard.len() < wanted {
        let chunk = tokio::time::timeout(Duration::from_secs(20), body.next()).await;
        text += std::str::from_utf8(&chunk.expect("no event in time").unwrap().unwrap()).unwrap();
        while let Some((block, rest)) = text.split_once("\n\n") {
            let field = |name: &str| {
                let line = block.lines().find_map(|l| l.strip_prefix(name));
                line.unwrap_or_default().trim_start_matches(':').trim().to_owned()
            };
            if !field("data").is_empty() {
                let data = serde_json::from_str(&field("data")).unwrap();
                heard.push((field("id"), field("event"), data));
            }
            text = rest.to_owned();
        }
    }
    heard
}

#[test]
fn readings_pushed_in_come_out_as_events_and_alarms_and_a_broken_listener_misses_nothing() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("devices.toml"), DEVICES).unwrap();
    let live = Live::start(home.path(), |_| ());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let last = runtime.block_on(async {
        let client = reqwest::Client::new();
        let push = |token: &str, body: Value| {
            let request = client.post(format!("{}/v1/readings", live.url)).bearer_auth(token);
            async move { request.body(body.to_string()).send().await.unwrap() }
        };
        let refused = push("wrong", json!({"ec_us_cm": 5})).await;
        assert_eq!(refused.status(), 401);
        assert!(refused.text().await.unwrap().contains("token_sha256"));

        let listening = tokio::spawn(events(format!("{}/v1/events", live.url), None, 4));
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = muavu::ops::clock::now();
        for (minutes, ec) in [(30, 900.0), (20, 2_600.0), (10, 2_700.0)] {
            let time = now - jiff::SignedDuration::from_mins(minutes);
            let body = json!({"time": time.to_string(), "ec_us_cm": ec, "water_temp_c": null});
            let answer = push("test", body.clone()).await;
            assert_eq!(answer.status(), 202);
            assert_eq!(push("test", body).await.status(), 202, "sent twice, taken, counted once");
        }
        let heard = listening.await.unwrap();
        let kinds: Vec<&str> = heard.iter().map(|(_, kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["reading", "reading", "reading", "alarm"]);
        assert_eq!(heard[3].2["hazard"], "salt");
        assert_eq!(heard[0].2["value"], 900.0);

        let back = events(format!("{}/v1/events", live.url), Some(&heard[0].0), 3).await;
        assert_eq!(back, heard[1..], "what was missed comes again, once, in order");
        let alarms = events(format!("{}/v1/events?kind=alarm&after=0-0", live.url), None, 1).await;
        assert_eq!(alarms[0], heard[3]);
        let bad = client.get(format!("{}/v1/events?after=x", live.url)).send().await.unwrap();
        assert_eq!(bad.status(), 400);

        let text = client.get(format!("{}/metrics", live.url)).send().await.unwrap();
        let text = text.text().await.unwrap();
        assert!(text.contains("muavu_stream_readings_total 3"), "{text}");
        assert!(text.contains("muavu_stream_repeats_total 3"), "{text}");
        let open = client.get(format!("{}/v1/alarms?open=true", live.url)).send().await.unwrap();
        let open: Value = serde_json::from_slice(&open.bytes().await.unwrap()).unwrap();
        assert_eq!(open["alarms"][0]["place"], "canal:one");
        let words = open["alarms"][0]["last"]["text_vi"].as_str().unwrap();
        assert!(words.contains("cống Một") && words.contains("1,4‰"), "{words}");
        let large = vec![b'x'; (1 << 20) + 1];
        let large =
            client.post(format!("{}/v1/readings", live.url)).bearer_auth("test").body(large);
        assert_eq!(large.send().await.unwrap().status(), 413);
        heard[3].0.clone()
    });
    // A listener that stays on does not keep the stream from stopping.
    let listener = runtime.spawn(events(format!("{}/v1/events", live.url), None, 1_000));
    std::thread::sleep(Duration::from_millis(300));
    let stopping = std::time::Instant::now();
    live.stop();
    assert!(stopping.elapsed() < Duration::from_secs(15), "{:?}", stopping.elapsed());
    listener.abort();
    assert_eq!(tables(home.path())["observation"].len(), 3);
    assert!(!last.is_empty());

    let listed = said(muavu(home.path()).args(["alarms", "list"]));
    let id = listed.out.lines().find_map(|l| l.split_whitespace().find(|w| w.contains("/salt/")));
    let id = id.unwrap_or_else(|| panic!("{}", listed.out)).to_owned();
    let ack = |who: &str| said(muavu(home.path()).args(["alarms", "ack", &id, "--who", who]));
    assert!(ack("lan").err.contains("seen by lan"));
    assert!(ack("minh").err.contains("seen by lan"), "the first to see it stands");
    let unknown = said(muavu(home.path()).args(["alarms", "ack", "nothing", "--who", "lan"]));
    assert_eq!(unknown.code, 1);
    let story = said(muavu(home.path()).args(["alarms", "story", &id]));
    assert!(story.out.contains("\"turn\":\"opened\""), "{}", story.out);
}

#[test]
fn one_open_alarm_a_place_and_hazard_stands_whoever_writes() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("records.sqlite");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let kept = runtime.block_on(async {
        Records::open(&path).await.unwrap();
        let writers = (0..16).map(|writer| {
            let path = path.clone();
            tokio::spawn(async move {
                let records = Records::open(&path).await.unwrap();
                let alarm = opened(&format!("canal:one/salt/{writer}"));
                records.keep_change(&alarm).await.unwrap()
            })
        });
        let mut kept = Vec::new();
        for writer in futures::future::join_all(writers).await {
            kept.push(writer.unwrap());
        }
        let records = Records::open(&path).await.unwrap();
        assert_eq!(records.alarms(true).await.unwrap().len(), 1);
        kept
    });
    assert_eq!(kept.iter().filter(|k| **k == Kept::New).count(), 1);
    assert_eq!(kept.iter().filter(|k| **k == Kept::OtherOpen).count(), 15);
}

/// The first change of an alarm, as the stream keeps it.
fn opened(alarm: &str) -> ChangeRow {
    ChangeRow {
        alarm: alarm.to_owned(),
        step: 1,
        place: "canal:one".into(),
        hazard: "salt".into(),
        severity: "warning".into(),
        opened_at: jiff::Timestamp::UNIX_EPOCH,
        known_at: jiff::Timestamp::UNIX_EPOCH,
        closes: false,
        announce: Announce::Never,
        document: "{}".into(),
    }
}

#[test]
fn a_home_with_alarms_and_nothing_else_is_served_and_not_the_sample() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    std::fs::create_dir_all(&home).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let records = Records::open(&home.join("records.sqlite")).await.unwrap();
        records.keep_change(&opened("canal:one/salt/1")).await.unwrap();
    });
    let log = folder.path().join("log.txt");
    let gateway = Gateway::start();
    let setting = Setting { home, gateway: gateway.url.clone(), log: log.clone() };
    let (child, url) = setting.serve();
    let (said, alarms) =
        (std::fs::read_to_string(log).unwrap(), gateway.get(&format!("{url}/v1/alarms"), &[]).2);
    kill(child);
    assert!(said.contains("serving what is published"), "{said}");
    assert!(alarms.contains("canal:one/salt/1"), "{alarms}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_farmers_answered_to_an_alarm_stands_beside_it() {
    let house = House::open(clock::now).await;
    let (records, alarm) = (&house.home.records, opened("canal:one/salt/1"));
    records.keep_change(&alarm).await.unwrap();
    let lan = house.person("lan", &["agronomist@*"]).await;
    let page = async || house.get("/ban-duyet/bao-dong", &lan).await.text().await.unwrap();
    let shown = page().await;
    assert!(shown.contains("canal:one · salt") && !shown.contains("người trả lời"), "{shown}");
    for (who, answer) in [("a", Answer::Done), ("b", Answer::Wrong)] {
        records.add_answer(&alarm.alarm, who, answer, "sms", clock::now()).await.unwrap();
    }
    let shown = page().await;
    assert!(shown.contains("2 người trả lời: 1 đã làm, 0 thấy đúng, 1 thấy sai"), "{shown}");
}
