//! Killed at any moment: every message once at the gateway, a withdrawal wherever one was carried,
//! and no number anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use muavu::domain::Phone;
use muavu::storage::outbox::About;
use muavu::storage::subscriptions::{Asked, Confirmed, Wishes};
use muavu::storage::{Records, Vault};
use serde_json::Value;

use super::gateway::{Gateway, UNKNOWN_NUMBER};
use super::served::{Setting, files_with, kill, wait_for};
use super::story;
use crate::support::noise;

/// Subscribers, the last of whom has a number that no network knows.
const SUBSCRIBERS: usize = 12;

/// Advisories: two crops in two communes each.
const FIELDS: [(&str, &str, &str); 4] = [
    ("w1", "29083", "pomelo"),
    ("w2", "29083", "coconut"),
    ("w3", "28756", "pomelo"),
    ("w4", "28756", "coconut"),
];

fn number(n: usize) -> String {
    if n + 1 == SUBSCRIBERS {
        "0999999999".into()
    } else {
        format!("09{:08}", 71_234_501 + 977 * n)
    }
}

/// Subscribes everybody to both communes, every third person to pomelos only.
async fn subscribe(records: &Records, vault: &Vault, now: Timestamp) {
    for n in 0..SUBSCRIBERS {
        let phone: Phone = number(n).parse().unwrap();
        let communes = ["29083", "28756"].map(|code| code.parse().unwrap()).to_vec();
        let crops = if n % 3 == 0 { vec![muavu::domain::Crop::Pomelo] } else { Vec::new() };
        let wishes = Wishes { communes, crops, hazards: Vec::new() };
        let asked = records.ask_subscription(vault, &phone, "sms", &wishes, now).await.unwrap();
        let Asked::Code { subscription, round } = asked else { panic!("{asked:?}") };
        let code = vault.code(&subscription, round);
        let confirmed = records.confirm_subscription(vault, &phone, &code, now).await.unwrap();
        assert_eq!(confirmed, Confirmed::Yes);
    }
}

fn open(records: &Records, runtime: &tokio::runtime::Runtime) -> u64 {
    let counts = runtime.block_on(records.outbox()).unwrap();
    let announced = records.open_announcements(About::Advisory, 10);
    let announced = runtime.block_on(announced).unwrap().len() as u64;
    counts.waiting + announced
}

/// Serves and kills, again and again, until nothing is left to send: now at some moment, now as soon
/// as an attempt is under way.
fn serve_with_kills(
    setting: &Setting,
    records: &Records,
    runtime: &tokio::runtime::Runtime,
    salt: i64,
) {
    for round in 0..8 {
        let under_way = runtime.block_on(cut_short(records));
        let child = setting.start();
        let moment = Duration::from_millis((100.0 + 800.0 * noise(salt + round)) as u64);
        let begun = Instant::now();
        if round % 2 == 0 {
            std::thread::sleep(moment);
        } else {
            while runtime.block_on(cut_short(records)) == under_way
                && begun.elapsed() < Duration::from_secs(5)
            {
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        kill(child);
    }
    let child = setting.start();
    wait_for("all that is due to be sent", || open(records, runtime) == 0);
    kill(child);
}

/// What the gateway took of a channel: how often each text went to each number.
fn by_number(gateway: &Gateway) -> BTreeMap<(String, String), usize> {
    let book = gateway.book.lock().unwrap();
    let mut told = BTreeMap::new();
    for body in book.of("sms") {
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        *told.entry((text("to"), text("client_ref"))).or_insert(0) += 1;
    }
    told
}

#[test]
fn killed_at_any_moment_each_message_goes_out_once_and_each_withdrawal_too() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start();
    let setting = Setting {
        home: folder.path().join("home"),
        gateway: gateway.url.clone(),
        log: folder.path().join("log.txt"),
    };
    std::fs::create_dir_all(&setting.home).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let now = muavu::ops::clock::now();
    let records = runtime.block_on(Records::open(&setting.home.join("records.sqlite"))).unwrap();
    let vault = Vault::open(&setting.home).unwrap();
    runtime.block_on(subscribe(&records, &vault, now));
    let drafts = FIELDS.map(|(id, commune, crop)| story::warning(id, commune, crop, now));
    runtime.block_on(records.add_advisories(&drafts, &[])).unwrap();
    for (id, ..) in FIELDS {
        setting.run(&["review", "approve", id, "--who", "lan.nguyen"]);
    }

    serve_with_kills(&setting, &records, &runtime, 1);
    let told = by_number(&gateway);
    assert!(told.values().all(|count| *count == 1), "{told:#?}");
    let keys: BTreeSet<&String> = told.keys().map(|(_, key)| key).collect();
    assert_eq!(keys.len(), told.len(), "one key a message");
    // Eleven numbers that exist: four want pomelos only, two messages each; seven want all four.
    assert_eq!(told.len(), 4 * 2 + 7 * 4, "{told:#?}");
    {
        let book = gateway.book.lock().unwrap();
        assert_eq!(book.of("hook").len(), FIELDS.len());
        let again = book.tries.values().filter(|tries| **tries > 1).count();
        assert!(again > 0, "the gateway lost answers, and was asked again under the same key");
    }

    let cut_short = runtime.block_on(cut_short(&records));
    assert!(cut_short > 0, "no kill fell between an attempt's beginning and its end");

    // One is taken back: whoever was told is told so, and nobody else.
    let withdraw = ["review", "withdraw", "w1", "--who", "lan.nguyen", "--reason", "trạm đo hỏng"];
    setting.run(&withdraw);
    serve_with_kills(&setting, &records, &runtime, 100);
    let carried = |told: &BTreeMap<(String, String), usize>, prefix: &str| -> BTreeSet<String> {
        told.keys().filter(|(_, key)| key.starts_with(prefix)).map(|(to, _)| to.clone()).collect()
    };
    let after = by_number(&gateway);
    assert!(after.values().all(|count| *count == 1), "{after:#?}");
    assert_eq!(carried(&after, "w1/3/"), carried(&told, "w1/2/"));
    assert_eq!(after.len(), told.len() + 11, "{after:#?}");
    {
        let book = gateway.book.lock().unwrap();
        let hooks: Vec<&Value> = book.of("hook");
        let gone = hooks.iter().filter(|body| body["turn"] == "withdrawn").count();
        assert_eq!((hooks.len(), gone), (FIELDS.len() + 1, 1));
        let hopeless = |(_, body): &(&(String, String), &Value)| body["to"] == UNKNOWN_NUMBER;
        assert_eq!(book.taken.iter().filter(hopeless).count(), 0);
    }
    proof_is_kept(&setting);

    // No number in the home nor in anything a process said, however it is written.
    let numbers: Vec<String> = (0..SUBSCRIBERS).map(|n| number(n)[1..].to_owned()).collect();
    assert_eq!(files_with(folder.path(), &numbers), []);
}

/// Returns how many attempts were begun and have not ended: while nothing runs, never will.
async fn cut_short(records: &Records) -> usize {
    let mut count = 0;
    for delivery in records.deliveries(None, None, 1_000).await.unwrap() {
        if delivery.attempts > 0 {
            let attempts = records.attempts_of(&delivery.id).await.unwrap();
            count += attempts.iter().filter(|attempt| attempt.ended_at.is_none()).count();
        }
    }
    count
}

fn proof_is_kept(setting: &Setting) {
    let proof: Value = serde_json::from_str(&setting.run(&["outbox", "show", "w1"])).unwrap();
    let proof = proof.as_array().unwrap();
    let of = |channel: &str, turn: &str| -> Vec<&Value> {
        let wanted =
            |d: &&Value| d["delivery"]["channel"] == channel && d["delivery"]["turn"] == turn;
        proof.iter().filter(wanted).collect()
    };
    for (channel, count) in [("sms", 11), ("webhook:province", 1), ("cap", 1), ("loudspeaker", 1)] {
        for turn in ["new", "withdrawn"] {
            let sent = of(channel, turn);
            let sent: Vec<_> = sent.iter().filter(|d| d["delivery"]["state"] == "sent").collect();
            assert_eq!(sent.len(), count, "{channel} {turn}: {proof:#?}");
            for delivery in sent {
                assert!(delivery["delivery"]["received_at"].is_string(), "{delivery:#}");
                assert!(!delivery["attempts"].as_array().unwrap().is_empty(), "{delivery:#}");
                let receipt = &delivery["delivery"]["receipt"];
                assert!(channel == "webhook:province" || receipt.is_string(), "{delivery:#}");
            }
        }
    }
    // The number that does not exist was tried once, refused, and is not told of the withdrawal.
    let refused: Vec<&Value> =
        proof.iter().filter(|d| d["delivery"]["state"] == "refused").collect();
    assert_eq!(refused.len(), 1, "{refused:#?}");
    let ended = |attempt: &&Value| !attempt["outcome"].is_null();
    let ended = refused[0]["attempts"].as_array().unwrap().iter().filter(ended).count();
    assert_eq!(ended, 1, "tried again only after a kill: {:#}", refused[0]);
    let scripts = setting.home.join("scripts").join("29083");
    assert_eq!(std::fs::read_dir(scripts).unwrap().count(), 3, "two crops and a withdrawal");
}
