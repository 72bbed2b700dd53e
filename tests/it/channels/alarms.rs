//! Alarms of a probe: who is told of which change, when, and how it reads on every channel.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use muavu::advisory::alarm::{AlarmChange, AlarmPolicy, Book, Turn as Change};
use muavu::advisory::words::Words;
use muavu::domain::{Crop, Geography, Phone, PlaceId};
use muavu::frames::WordedChange;
use muavu::ops::Settings;
use muavu::pipeline::stream::{Rules, alarms};
use muavu::publish::cap::{Certainty, MsgType, ResponseType, Sent};
use muavu::publish::channels::fanout::Fanout;
use muavu::publish::channels::{
    CapChannel, Channel, LoudspeakerChannel, Preview, SmsChannel, WebhookChannel, alarm_previews,
};
use muavu::publish::receivers::Webhook;
use muavu::publish::sms::parts;
use muavu::publish::speak::{LOUDSPEAKER_SECS_MAX, seconds_to_read, unread};
use muavu::sources::sensor::Registry;
use muavu::storage::outbox::{Delivery, State, Turn};
use muavu::storage::subscriptions::{Asked, Wishes};
use muavu::storage::{Records, Vault};

use super::story;
use crate::cap::schema::objections;

/// A probe whose water two communes take.
const DEVICES: &str = "[one]\nplace = \"canal:vung_liem\"\nplace_name = \"cống Vũng Liêm\"\n\
                       communes = [\"29083\", \"28756\"]\n";

/// A home with every channel of alarms and a probe.
struct Home {
    _folder: tempfile::TempDir,
    records: Records,
    vault: Vault,
    fanout: Fanout,
    rules: Rules,
    words: Words,
    policy: AlarmPolicy,
    book: Book,
}

async fn home() -> Home {
    let folder = tempfile::tempdir().unwrap();
    let records = Records::open(&folder.path().join("records.sqlite")).await.unwrap();
    let vault = Vault::open(folder.path()).unwrap();
    let settings = [
        ("MUAVU__CHANNELS__SMS__GATEWAY__URL", "http://127.0.0.1:9/"),
        ("MUAVU__CHANNELS__LOUDSPEAKER__FOLDER", "scripts"),
    ];
    let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let settings = Settings::load(None, settings).unwrap().channels;
    let hook: Webhook =
        toml::from_str("name = \"province\"\nurl = \"http://127.0.0.1:9/\"\nsecret = \"s\"")
            .unwrap();
    let channels: Vec<Box<dyn Channel>> = vec![
        Box::new(CapChannel::of(&settings.cap)),
        Box::new(WebhookChannel::of_alarms(&hook)),
        Box::new(SmsChannel::of(&settings.sms).unwrap()),
        Box::new(LoudspeakerChannel::of(&settings.loudspeaker, folder.path()).unwrap()),
    ];
    let geography = Geography::shipped().unwrap();
    let fanout = Fanout::new(records.clone(), Arc::new(channels), settings, &geography);
    let rules = Rules::shipped(Registry::from_toml(DEVICES).unwrap()).unwrap();
    let (words, policy) = (Words::shipped().unwrap(), AlarmPolicy::shipped().unwrap());
    let book = Book::default();
    Home { _folder: folder, records, vault, fanout, rules, words, policy, book }
}

impl Home {
    /// Subscribes a number; returns its id.
    async fn subscribe(&self, phone: &str, wishes: Wishes, now: Timestamp) -> String {
        let phone: Phone = phone.parse().unwrap();
        let asked = self.records.ask_subscription(&self.vault, &phone, "sms", &wishes, now);
        let Asked::Code { subscription, round } = asked.await.unwrap() else { panic!() };
        let code = self.vault.code(&subscription, round);
        self.records.confirm_subscription(&self.vault, &phone, &code, now).await.unwrap();
        subscription
    }

    /// Lets the probe read twice, ten minutes apart, and keeps what changed.
    async fn read(&mut self, at: Timestamp, g_l: f64) -> Option<AlarmChange> {
        let place: PlaceId = "canal:vung_liem".parse().unwrap();
        let mut changed = None;
        for at in [at - SignedDuration::from_mins(10), at] {
            let change = self.book.salt(&self.policy, &place, at, at, g_l);
            let Some(change) = change else { continue };
            let row = alarms::row(&self.words, &self.rules, &change).unwrap();
            self.records.keep_change(&row).await.unwrap();
            changed = Some(change);
        }
        changed
    }

    /// Makes deliveries; returns those of one step by one channel.
    async fn told(&self, change: &AlarmChange, channel: &str, now: Timestamp) -> Vec<Delivery> {
        self.fanout.alarms(now).await.unwrap();
        let all = self.records.deliveries_of(&change.alarm).await.unwrap();
        let step = format!("{}/{}/", change.alarm, change.step);
        let of = |d: &Delivery| d.channel == channel && d.id.starts_with(&step);
        all.into_iter().filter(of).collect()
    }

    /// Notes that a message was tried, as the sender does before it asks the gateway.
    async fn tried(&self, deliveries: &[Delivery], now: Timestamp) {
        for delivery in deliveries {
            assert!(self.records.begin_attempt(delivery, now).await.unwrap());
        }
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn minutes(from: Timestamp, minutes: i64) -> Timestamp {
    from + SignedDuration::from_mins(minutes)
}

fn communes(codes: &[&str]) -> Wishes {
    let communes = codes.iter().map(|code| code.parse().unwrap()).collect();
    Wishes { communes, ..Wishes::default() }
}

/// The recipients of deliveries and what each is told, sorted.
fn who(deliveries: &[Delivery]) -> Vec<(&str, Turn)> {
    let mut who: Vec<_> = deliveries.iter().map(|d| (d.recipient.as_str(), d.turn)).collect();
    who.sort_by_key(|(recipient, _)| *recipient);
    who
}

fn sorted(mut pairs: Vec<(&str, Turn)>) -> Vec<(&str, Turn)> {
    pairs.sort_by_key(|(recipient, _)| *recipient);
    pairs
}

#[tokio::test]
async fn a_milder_alarm_waits_for_a_person_and_is_then_told_as_it_stands_to_whom_it_concerns() {
    let mut home = home().await;
    let start = at("2026-03-15T08:10:00+07:00");
    let one = home.subscribe("0912345671", communes(&["29083"]), start).await;
    let both = home.subscribe("0912345672", communes(&["29083", "28756"]), start).await;
    home.subscribe("0912345673", communes(&["28777"]), start).await;
    let rain = Wishes { hazards: vec!["rain".into()], ..communes(&["29083"]) };
    home.subscribe("0912345674", rain, start).await;
    let shrimp = Wishes { crops: vec![Crop::Shrimp], ..communes(&["28756"]) };
    home.subscribe("0912345675", shrimp, start).await;
    let opened = home.read(start, 1.5).await.unwrap();
    assert_eq!(home.fanout.alarms(start).await.unwrap(), 0, "nobody has seen it");
    let worse = home.read(minutes(start, 30), 2.0).await.unwrap();
    assert_eq!(
        (worse.turn, home.fanout.alarms(minutes(start, 30)).await.unwrap()),
        (Change::Updated, 0)
    );

    let seen = minutes(start, 60);
    home.records.acknowledge_alarm(&opened.alarm, "lan", seen).await.unwrap();
    let told = home.told(&worse, "sms", seen).await;
    assert_eq!(who(&told), sorted(vec![(&one, Turn::New), (&both, Turn::New)]), "once each");
    assert!(told.iter().all(|d| (d.state, d.due) == (State::Waiting, seen)), "{told:#?}");
    assert!(told[0].body.contains("MAN CON LEN: cong Vung Liem"), "{}", told[0].body);
    assert!(told[0].body.contains("8 gio 30 ngay 15/03"), "the event's own time: {}", told[0].body);
    assert!(!told[0].body.contains("chua duyet"), "a person has seen it: {}", told[0].body);
    assert_eq!(home.told(&opened, "sms", seen).await, [], "what is past is not told to people");
    let speakers = home.told(&worse, "loudspeaker", seen).await;
    assert_eq!(who(&speakers), [("28756", Turn::New), ("29083", Turn::New)]);
    for step in [&opened, &worse] {
        assert_eq!(home.told(step, "province", seen).await.len(), 1, "machines hear every change");
    }
    assert_eq!(home.told(&worse, "cap", seen).await, [], "CAP is for the emergency class");

    // What was stopped before any attempt is owed; who came later hears nothing of how it goes on.
    let late = home.subscribe("0912345676", communes(&["29083"]), seen).await;
    let again = home.read(minutes(start, 90), 2.7).await.unwrap();
    let told = home.told(&again, "sms", minutes(start, 90)).await;
    assert_eq!(who(&told), sorted(vec![(&one, Turn::New), (&both, Turn::New)]));
    home.tried(&told, minutes(start, 91)).await;
    let more = home.read(minutes(start, 120), 3.5).await.unwrap();
    let told = home.told(&more, "sms", minutes(start, 120)).await;
    assert_eq!(who(&told), sorted(vec![(&one, Turn::Update), (&both, Turn::Update)]));
    home.tried(&told[..1], minutes(start, 121)).await;
    assert!(told.iter().all(|d| d.recipient != late));

    // Graver is news to everybody, and goes to the world too.
    let raised = home.read(minutes(start, 150), 5.0).await.unwrap();
    let told = home.told(&raised, "sms", minutes(start, 150)).await;
    let everybody = vec![(&*one, Turn::Update), (&*both, Turn::Update), (&*late, Turn::New)];
    assert_eq!((raised.turn, who(&told)), (Change::Raised, sorted(everybody)));
    assert_eq!(home.told(&raised, "cap", minutes(start, 150)).await.len(), 1);
}

#[tokio::test]
async fn an_emergency_is_told_at_night_marked_and_its_end_to_whom_it_was_told() {
    let mut home = home().await;
    let night = at("2026-03-15T23:10:00+07:00");
    let one = home.subscribe("0912345671", communes(&["29083"]), night).await;
    let opened = home.read(night, 5.0).await.unwrap();
    let told = home.told(&opened, "sms", night).await;
    assert_eq!((who(&told), told[0].due), (vec![(&*one, Turn::New)], night), "it wakes people");
    assert!(told[0].body.starts_with("Tin tu dong, can bo chua duyet."), "{}", told[0].body);
    assert_eq!(home.told(&opened, "sms", night).await, told, "made again it makes nothing anew");
    home.tried(&told, night).await;
    home.subscribe("0912345672", communes(&["29083"]), night).await;
    let seen = minutes(night, 30);
    home.records.acknowledge_alarm(&opened.alarm, "lan", seen).await.unwrap();
    // A day and more below the limit: over, known the second night. It waits for the morning.
    let mild = home.read(minutes(night, 10 * 60), 0.3).await;
    assert_eq!(mild, None);
    let cleared = home.read(minutes(night, 25 * 60), 0.3).await.unwrap();
    let told = home.told(&cleared, "sms", cleared.known_at).await;
    assert_eq!((cleared.turn, who(&told)), (Change::Cleared, vec![(&*one, Turn::Over)]));
    assert_eq!(told[0].due, at("2026-03-17T05:00:00+07:00"));
    assert!(told[0].body.contains("HET DOT MAN") && !told[0].body.contains("chua duyet"));
    assert_eq!(told[0].expires_at, None);
}

#[tokio::test]
async fn a_day_has_its_cap_which_neither_an_emergency_nor_an_end_knows() {
    let mut home = home().await;
    let start = at("2026-03-15T08:10:00+07:00");
    home.subscribe("0912345671", communes(&["29083"]), start).await;
    for (n, crop) in ["pomelo", "coconut", "durian", "rice"].into_iter().enumerate() {
        let draft = story::warning(&format!("d{n}"), "29083", crop, start);
        let (proof, log) = story::published(draft, start);
        home.records.add_advisories(&[proof.into_inner()], &log).await.unwrap();
    }
    assert!(home.fanout.advice(start).await.unwrap() >= 4);
    let opened = home.read(start, 1.5).await.unwrap();
    home.records.acknowledge_alarm(&opened.alarm, "lan", start).await.unwrap();
    let held = home.told(&opened, "sms", start).await;
    assert_eq!((held.len(), held[0].state), (1, State::Held), "four messages today already");
    let raised = home.read(minutes(start, 30), 5.0).await.unwrap();
    let told = home.told(&raised, "sms", minutes(start, 30)).await;
    assert_eq!((told.len(), told[0].state), (1, State::Waiting));
    let first = home.records.due_deliveries("sms", minutes(start, 31), 1).await.unwrap();
    assert_eq!(first, told, "an alarm does not stand in line behind the morning's advice");
    home.tried(&told, minutes(start, 31)).await;
    let eased = home.read(minutes(start, 26 * 60), 0.3).await.unwrap();
    let told = home.told(&eased, "sms", eased.known_at).await;
    assert_eq!((told.len(), told[0].state, told[0].turn), (1, State::Waiting, Turn::Over));
}

#[tokio::test]
async fn what_nobody_could_be_told_in_time_is_told_to_nobody() {
    let mut home = home().await;
    let start = at("2026-03-15T08:10:00+07:00");
    home.subscribe("0912345671", communes(&["29083"]), start).await;
    // The program was away for a day and a half; what a person then lets out is told all the same.
    let opened = home.read(start, 5.0).await.unwrap();
    let told = home.told(&opened, "sms", minutes(start, 36 * 60)).await;
    assert_eq!((told.len(), told[0].state), (1, State::Held), "{told:#?}");
    let worse = home.read(minutes(start, 60), 7.0).await.unwrap();
    home.records.acknowledge_alarm(&opened.alarm, "lan", minutes(start, 37 * 60)).await.unwrap();
    let told = home.told(&worse, "sms", minutes(start, 37 * 60)).await;
    assert_eq!((told.len(), told[0].state), (1, State::Waiting), "{told:#?}");
}

#[tokio::test]
async fn cap_tells_an_emergency_from_alert_to_cancel_and_passes_the_schema() {
    let mut home = home().await;
    let start = at("2026-03-15T08:10:00+07:00");
    let mut thread = Vec::new();
    let kinds = [MsgType::Alert, MsgType::Update, MsgType::Update, MsgType::Cancel];
    for (hours, g_l) in [(0, 5.0), (2, 7.0), (20, 2.0), (28, 2.0), (54, 0.3)] {
        let Some(change) = home.read(minutes(start, hours * 60), g_l).await else { continue };
        home.records.acknowledge_alarm(&change.alarm, "lan", change.known_at).await.unwrap();
        thread.extend(home.told(&change, "cap", change.known_at).await);
    }
    assert_eq!(thread.len(), kinds.len(), "{thread:#?}");
    for (number, (delivery, kind)) in thread.iter().zip(kinds).enumerate() {
        let sent: Sent = serde_json::from_str(&delivery.body).unwrap();
        let alert = sent.message().get();
        assert_eq!(alert.msg_type(), kind);
        assert_eq!(alert.references().len(), number, "each refers to all before it");
        assert_eq!(alert.infos.len(), 2);
        assert!(alert.infos.iter().all(|info| info.areas.len() == 2), "both communes");
        let info = &alert.infos[0];
        assert!(info.headline.chars().count() <= 160, "{}", info.headline);
        if kind == MsgType::Cancel {
            assert_eq!(info.response_types, [ResponseType::AllClear]);
        } else {
            assert_eq!(info.emphasis.certainty, Certainty::Observed);
        }
        let document = sent.message().to_xml();
        assert_eq!(objections(&document), None, "{document}");
        assert!(document.contains("<status>Exercise</status>"), "{document}");
    }
}

#[tokio::test]
async fn every_change_fits_every_channel() {
    let mut home = home().await;
    let start = at("2026-03-15T08:10:00+07:00");
    let emergency = home.read(start, 12.3).await.unwrap();
    let settings = [
        ("MUAVU__CHANNELS__SMS__INBOUND__TOKEN", "t0ken"),
        ("MUAVU__CHANNELS__SMS__PARTS_MAX", "2"),
        ("MUAVU__CHANNELS__ZALO__PARAMETERS", r#"{ nuoc = "{answer}", ngay = "{date}" }"#),
    ];
    let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let channels = Settings::load(None, settings).unwrap().channels;
    let turns = [Change::Opened, Change::Raised, Change::Updated, Change::Eased, Change::Cleared];
    let changes: Vec<WordedChange> = turns
        .into_iter()
        .zip(1..)
        .map(|(turn, step)| {
            let change = AlarmChange { turn, step, ..emergency.clone() };
            let row = alarms::row(&home.words, &home.rules, &change).unwrap();
            serde_json::from_str(&row.document).unwrap()
        })
        .collect();
    for (worded, shown) in changes.iter().zip(alarm_previews(&channels, &changes)) {
        let names: Vec<&str> = shown.iter().map(|p| p.channel).collect();
        assert_eq!(names, ["sms", "sms_ucs2", "zalo_oa", "zalo_zns", "loudspeaker", "cap"]);
        let [plain, marks, zalo, zns, speaker, cap] = <[Preview; 6]>::try_from(shown).unwrap();
        let turn = worded.change.turn;
        assert!(parts(&plain.text).parts.len() <= 2, "{}", plain.text);
        assert!(plain.text.is_ascii() && plain.text.contains("cong Vung Liem"), "{}", plain.text);
        assert!(plain.text.contains("8 gio 10 ngay 15/03"), "{}", plain.text);
        assert!(plain.text.contains("HUY"), "the whole text and the answers fit: {}", plain.text);
        // With marks two parts hold that nobody has seen it and what was measured; four hold all.
        assert!(parts(&marks.text).parts.len() <= 2, "{}", marks.text);
        assert!(
            marks.text.contains("chưa duyệt") && marks.text.contains("12,3‰"),
            "{}",
            marks.text
        );
        assert!(
            zalo.text.contains("12,3‰ lúc 8 giờ 10")
                || turn == Change::Cleared
                || turn == Change::Eased,
            "{}",
            zalo.text
        );
        let (day, answer) = zns.text.split_once('\n').unwrap();
        assert_eq!(day, "ngay: 15/03/2026");
        assert!(answer.starts_with("nuoc: ") && answer.ends_with('.'), "{answer}");
        assert!(seconds_to_read(&speaker.text) < LOUDSPEAKER_SECS_MAX, "{}", speaker.text);
        assert_eq!(unread(&speaker.text), Vec::<&str>::new(), "{}", speaker.text);
        assert!(speaker.text.contains("Kính thưa bà con"), "{}", speaker.text);
        assert_eq!(objections(&cap.text), None, "{}", cap.text);
        assert!(cap.text.contains("<status>Test</status>"), "a preview is no alert: {}", cap.text);
    }
    // A place with a long name is cut in its name, not left out for the mark before it.
    let mut long = changes[0].clone();
    let name = "cống hở Nàng Âm trên sông Cổ Chiên, cuối ấp Phú Thạnh, xã Trung Thành Tây";
    long.text_vi = long.text_vi.replace("cống Vũng Liêm", name);
    let shown = alarm_previews(&channels, &[long]).remove(0).remove(1);
    assert!(parts(&shown.text).parts.len() <= 2, "{}", shown.text);
    assert!(shown.text.contains("chưa duyệt") && shown.text.contains("MẶN VỀ"), "{}", shown.text);
}
