//! From a probe's message to farmers' phones: the real program, a real broker, a gateway over HTTP.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use muavu::domain::{Crop, Phone};
use muavu::ops::clock;
use muavu::pipeline::Home;
use muavu::publish::sms::parts;
use muavu::storage::subscriptions::{Asked, Wishes};
use muavu::storage::{Records, Vault};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::{Value, json};

use super::broker::Mosquitto;
use super::live::Live;
use crate::cap::schema::objections;
use crate::channels::gateway::Gateway;
use crate::channels::served::{Setting, files_with, wait_for};
use crate::support::noise;

/// Two probes: the water of the first is taken by Châu Hưng, that of the second by another commune.
const DEVICES: &str = r#"
[one]
place = "canal:vung_liem"
place_name = "cống Vũng Liêm"
communes = ["29083"]
[two]
place = "canal:two"
place_name = "cống Hai"
communes = ["28756"]
"#;

/// What people ask for: two to be told of the first probe, one of the second, and two of neither.
const PEOPLE: [(&str, &str, &[Crop]); 5] = [
    ("0971234501", "29083", &[]),
    ("0971234502", "29083", &[Crop::Pomelo]),
    ("0971234503", "28756", &[]),
    ("0971234504", "28777", &[]),
    ("0971234505", "29083", &[Crop::Shrimp]),
];

/// A home with its people, a broker and a gateway.
struct House {
    _folder: tempfile::TempDir,
    setting: Setting,
    gateway: Gateway,
    broker: Mosquitto,
    records: Records,
    vault: Vault,
    runtime: tokio::runtime::Runtime,
}

impl House {
    /// Returns nothing, having said so, where there is no Mosquitto.
    fn build() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let broker = Mosquitto::start(folder.path(), "user root", "")?;
        let (home, log) = (folder.path().join("home"), folder.path().join("log.txt"));
        std::fs::create_dir(&home).unwrap();
        std::fs::write(home.join("devices.toml"), DEVICES).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let records = runtime.block_on(Records::open(&home.join("records.sqlite"))).unwrap();
        let vault = Vault::open(&home).unwrap();
        let gateway = Gateway::start();
        let setting = Setting { home, gateway: gateway.url.clone(), log };
        let house = Self { _folder: folder, setting, gateway, broker, records, vault, runtime };
        for (phone, commune, crops) in PEOPLE {
            house.subscribe(phone, commune, crops);
        }
        Some(house)
    }

    fn subscribe(&self, phone: &str, commune: &str, crops: &[Crop]) {
        let (phone, now) = (phone.parse::<Phone>().unwrap(), clock::now());
        let communes = vec![commune.parse().unwrap()];
        let wishes = Wishes { communes, crops: crops.to_vec(), hazards: Vec::new() };
        self.runtime.block_on(async {
            let asked = self.records.ask_subscription(&self.vault, &phone, "sms", &wishes, now);
            let Asked::Code { subscription, round } = asked.await.unwrap() else { panic!() };
            let code = self.vault.code(&subscription, round);
            self.records.confirm_subscription(&self.vault, &phone, &code, now).await.unwrap();
        });
    }

    fn start(&self, args: &[&str]) -> Live {
        let broker = format!("mqtt://127.0.0.1:{}", self.broker.port);
        let hook = format!(
            "[{{ name = \"station\", url = \"{}/alarms\", secret = \"s\" }}]",
            self.gateway.url
        );
        Live::start_as(args, &self.setting.home, |command| {
            self.setting.outward(command);
            command.env("MUAVU__STREAM__BROKER__URL", broker).env("MUAVU__STREAM__WEBHOOKS", hook);
        })
    }

    fn stream(&self) -> Live {
        let live = self.start(&["stream", "--listen", "127.0.0.1:0"]);
        live.wait_for_broker();
        live
    }

    /// Publishes a device's readings, each taken by the broker; returns when the last was given.
    fn publish(&self, device: &str, readings: &[(Timestamp, f64)]) -> Instant {
        self.runtime.block_on(publish(self.broker.port, device, readings))
    }

    /// What the gateway took by SMS: numbers and texts.
    fn texts(&self) -> Vec<(String, String)> {
        let book = self.gateway.book.lock().unwrap();
        let text = |body: &Value, name: &str| body[name].as_str().unwrap().to_owned();
        book.of("sms").into_iter().map(|body| (text(body, "to"), text(body, "text"))).collect()
    }

    /// How often each number was told something that holds these words.
    fn told(&self, words: &str) -> BTreeMap<String, usize> {
        let mut told = BTreeMap::new();
        for (to, _) in self.texts().into_iter().filter(|(_, text)| text.contains(words)) {
            *told.entry(to).or_insert(0) += 1;
        }
        told
    }

    fn alarm_of(&self, place: &str) -> String {
        let found = || {
            let alarms = self.runtime.block_on(self.records.alarms(true)).unwrap();
            alarms.into_iter().find(|a| a.place == place && a.hazard == "salt").map(|a| a.id)
        };
        wait_for("the alarm", || found().is_some());
        found().unwrap()
    }
}

async fn publish(port: u16, device: &str, readings: &[(Timestamp, f64)]) -> Instant {
    let mut options = MqttOptions::new(format!("logger-{device}"), "127.0.0.1", port);
    options.set_keep_alive(Duration::from_secs(5));
    let (client, mut events) = AsyncClient::new(options, 100);
    for (time, ec) in readings {
        let body = json!({ "time": time.to_string(), "ec_us_cm": ec });
        let topic = format!("muavu/{device}/up");
        client.publish(topic, QoS::AtLeastOnce, false, body.to_string()).await.unwrap();
    }
    let begun = Instant::now();
    let mut acknowledged = 0;
    while acknowledged < readings.len() {
        match events.poll().await {
            Ok(Event::Incoming(Packet::PubAck(_))) => acknowledged += 1,
            Ok(_) => {}
            Err(error) => panic!("the logger lost its broker: {error}"),
        }
    }
    begun
}

/// Readings ten minutes apart that end so long ago, rising a little so that no probe stands still.
fn readings(count: i64, ended: SignedDuration, ec_us_cm: f64) -> Vec<(Timestamp, f64)> {
    let end = clock::now() - ended;
    (0..count)
        .map(|n| (end - SignedDuration::from_mins(10 * (count - 1 - n)), ec_us_cm + 7.0 * n as f64))
        .collect()
}

fn country(phone: &str) -> String {
    format!("84{}", &phone[1..])
}

fn once(phones: &[&str]) -> BTreeMap<String, usize> {
    phones.iter().map(|phone| (country(phone), 1)).collect()
}

const NONE: SignedDuration = SignedDuration::ZERO;

#[test]
fn an_emergency_reaches_the_phones_in_seconds_and_a_stop_holds_at_once() {
    let Some(house) = House::build() else { return };
    let live = house.stream();
    house.publish("one", &readings(3, SignedDuration::from_mins(30), 400.0));
    // 4.5 g/L: the second reading in a row confirms it.
    let given = house.publish("one", &readings(3, NONE, 9_000.0));
    while house.told("MAN VE").len() < 2 {
        assert!(given.elapsed() < Duration::from_secs(30), "{:?}", house.texts());
        std::thread::sleep(Duration::from_millis(5));
    }
    let took = given.elapsed();
    eprintln!("from the reading's publishing to the gateway's second message: {took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(house.told("MAN VE"), once(&["0971234501", "0971234502"]));
    let (_, text) = house.texts().remove(0);
    assert!(text.starts_with("Tin tu dong, can bo chua duyet.\nKHAN - MAN VE"), "{text}");
    assert!(text.contains("cong Vung Liem do duoc 4,5 phan ngan luc "), "{text}");
    assert!(
        text.contains("Ngung lay nuoc, dong cong.") && text.ends_with("HUY thoi nhan"),
        "{text}"
    );
    assert_eq!(parts(&text).parts.len(), 2, "{text}");
    cap_and_script_stand(&house, &live.url);

    // The gateway may have a message before we know: its first answer can be lost.
    wait_for("the receipts", || {
        let sent = ["outbox", "list", "--state", "sent", "--channel", "sms"];
        house.setting.run(&sent).matches("/salt/").count() == 2
    });
    // One stops by a word, one answers; the next change goes to who is left of those told, only.
    house.subscribe("0971234506", "29083", &[]);
    for (phone, word) in [("0971234502", "HUY"), ("0971234501", "1")] {
        let inbound = json!({ "from": country(phone), "text": word, "id": "m1" });
        let taken = house.gateway.post(
            &format!("{}/v1/sms/inbound", live.url),
            Some("inbound-token"),
            &inbound,
        );
        assert_eq!(taken, (200, json!({ "taken": true })), "{word}");
    }
    let id = house.alarm_of("canal:vung_liem");
    let answers = house.runtime.block_on(house.records.answers_to(&id)).unwrap();
    assert_eq!(
        (answers.received, answers.understood),
        (1, 1),
        "an answer is to what was told last"
    );
    let later = readings(2, NONE, 11_500.0);
    house.publish("one", &later);
    wait_for("the update", || !house.told("MAN CON LEN").is_empty());
    wait_for("the note", || {
        house.setting.run(&["outbox", "list", "--state", "held"]).contains("/sms/")
    });
    assert_eq!(house.told("MAN CON LEN"), once(&["0971234501"]));
    let said = Arc::clone(&live.said);
    live.stop();
    assert_eq!(house.texts().len(), 3, "{:?}", house.texts());
    let numbers: Vec<String> = PEOPLE.iter().map(|(phone, ..)| phone[1..].to_owned()).collect();
    let folder: &Path = house.setting.home.parent().unwrap();
    assert_eq!(files_with(folder, &numbers), [], "no number in the home");
    let said = said.lock().unwrap().join("\n");
    assert!(numbers.iter().all(|number| !said.contains(number)), "nor in what was said");
}

/// The emergency is a CAP alert with its place in the feed, and a script of its commune.
fn cap_and_script_stand(house: &House, url: &str) {
    let feed = || house.gateway.get(&format!("{url}/v1/cap.atom"), &[]).2;
    wait_for("the alert", || feed().matches("<entry>").count() == 1);
    let feed = feed();
    let file = feed.split("/v1/cap/").nth(1).unwrap().split('"').next().unwrap();
    assert!(file.starts_with("muavu-canal-vung_liem-salt-"), "{file}");
    let (status, _, document) = house.gateway.get(&format!("{url}/v1/cap/{file}"), &[]);
    assert_eq!((status, objections(&document)), (200, None), "{document}");
    for said in ["<msgType>Alert</msgType>", "<certainty>Observed</certainty>", "29083"] {
        assert!(document.contains(said), "{document}");
    }
    let scripts = house.setting.home.join("scripts").join("29083");
    wait_for("the script", || std::fs::read_dir(&scripts).is_ok_and(|all| all.count() == 1));
}

#[test]
fn a_milder_alarm_waits_to_be_seen_and_its_end_goes_to_who_was_told_whatever_is_killed() {
    let Some(house) = House::build() else { return };
    // The probe was away for a day and tells everything now, as loggers do.
    let hours = SignedDuration::from_hours;
    let mut live = house.stream();
    house.publish("one", &readings(3, hours(31), 400.0));
    house.publish("one", &readings(4, hours(30), 3_000.0));
    let id = house.alarm_of("canal:vung_liem");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(house.texts(), [], "nobody has seen it");
    house.setting.run(&["alarms", "ack", &id, "--who", "lan"]);
    live = killed_until(&house, live, 1, || house.told("MAN VE").len() >= 2);
    assert_eq!(house.told("MAN VE"), once(&["0971234501", "0971234502"]));
    assert!(
        house.texts().iter().all(|(_, text)| !text.contains("chua duyet")),
        "{:?}",
        house.texts()
    );

    // Somebody who subscribes now was not told that it began.
    house.subscribe("0971234506", "29083", &[]);
    house.publish("one", &readings(6, hours(20), 1_000.0));
    house.publish("one", &readings(6, hours(3), 500.0));
    live = killed_until(&house, live, 100, || house.told("HET DOT MAN").len() >= 2);
    assert_eq!(house.told("HET DOT MAN"), once(&["0971234501", "0971234502"]));

    // Nothing comes after: each change once a phone, once at the machine, and no other.
    std::thread::sleep(Duration::from_secs(2));
    live.stop();
    assert_eq!(house.texts().len(), 4, "{:?}", house.texts());
    let book = house.gateway.book.lock().unwrap();
    let turns: Vec<&str> =
        book.of("alarms").into_iter().map(|body| body["turn"].as_str().unwrap()).collect();
    assert_eq!(turns, ["opened", "cleared"]);
}

/// Kills the stream at a moment of chance and starts it again, a few times, then waits.
fn killed_until(house: &House, mut live: Live, salt: i64, done: impl Fn() -> bool) -> Live {
    for round in 0..5 {
        let moment = 30.0 + 700.0 * noise(salt + round);
        std::thread::sleep(Duration::from_millis(moment as u64));
        live.kill();
        live = house.start(&["stream", "--listen", "127.0.0.1:0"]);
    }
    wait_for("the message after kills", done);
    live
}

#[test]
fn up_hears_its_sensors_and_tells_of_them_though_the_morning_fails() {
    let Some(house) = House::build() else { return };
    // From its first session on the broker keeps what comes while we are away.
    house.stream().stop();
    house.publish("one", &readings(3, NONE, 9_000.0));
    // Another run holds the home, so that this one's morning cannot begin.
    let who = "another run";
    let (_home, lock) =
        house.runtime.block_on(Home::open_to_write(&house.setting.home, who)).unwrap();
    let live = house.start(&["up", "--no-fetch", "--listen", "127.0.0.1:0"]);
    wait_for("the alarm", || house.told("MAN VE").len() >= 2);
    let said = live.said.lock().unwrap().join("\n");
    assert!(said.contains(who) && said.contains("the sensors are heard all the same"), "{said}");
    drop(lock);
    live.stop();
}
