//! Who is told, and when: nights, the day's cap, those who were warned before, an older home.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use muavu::domain::{Geography, Phone, Severity};
use muavu::frames::Advisory;
use muavu::ops::Settings;
use muavu::publish::channels::fanout::Fanout;
use muavu::publish::channels::{Channel, SmsChannel};
use muavu::storage::outbox::{About, Delivery, State, Turn};
use muavu::storage::subscriptions::{Asked, Wishes};
use muavu::storage::{Records, Vault};

use super::story;

struct Home {
    _folder: tempfile::TempDir,
    records: Records,
    vault: Vault,
    fanout: Fanout,
}

async fn home() -> Home {
    let folder = tempfile::tempdir().unwrap();
    let records = Records::open(&folder.path().join("records.sqlite")).await.unwrap();
    let vault = Vault::open(folder.path()).unwrap();
    let gateway = "http://127.0.0.1:9/".to_owned();
    let pairs = [("MUAVU__CHANNELS__SMS__GATEWAY__URL".to_owned(), gateway)];
    let settings = Settings::load(None, pairs).unwrap().channels;
    let sms: Box<dyn Channel> = Box::new(SmsChannel::of(&settings.sms).unwrap());
    let geography = Geography::shipped().unwrap();
    let fanout = Fanout::new(records.clone(), Arc::new(vec![sms]), settings, &geography);
    Home { _folder: folder, records, vault, fanout }
}

impl Home {
    async fn subscribe(&self, phone: &str, now: Timestamp) {
        let phone: Phone = phone.parse().unwrap();
        let wishes = Wishes { communes: vec!["29083".parse().unwrap()], ..Wishes::default() };
        let asked = self.records.ask_subscription(&self.vault, &phone, "sms", &wishes, now);
        let Asked::Code { subscription, round } = asked.await.unwrap() else { panic!() };
        let code = self.vault.code(&subscription, round);
        self.records.confirm_subscription(&self.vault, &phone, &code, now).await.unwrap();
    }

    /// Publishes an advisory and makes its deliveries.
    async fn publish(&self, draft: Advisory, now: Timestamp) -> Vec<Delivery> {
        let id = draft.id.clone();
        let (proof, log) = story::published(draft, now);
        self.records.add_advisories(&[proof.into_inner()], &log).await.unwrap();
        self.fanout.advice(now).await.unwrap();
        self.records.deliveries_of(&id).await.unwrap()
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn people_sleep_but_for_the_gravest_and_are_told_at_most_so_much_a_day() {
    let home = home().await;
    let night = at("2026-03-15T22:30:00+07:00");
    home.subscribe("0912345678", night).await;
    let crops = ["pomelo", "coconut", "durian", "rice", "longan", "citrus"];
    let mut states = Vec::new();
    for (n, crop) in crops.iter().enumerate() {
        let told =
            home.publish(story::warning(&format!("n{n}"), "29083", crop, night), night).await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].due, at("2026-03-16T05:00:00+07:00"), "not at night");
        states.push(told[0].state);
    }
    assert_eq!(states[..4], [State::Waiting; 4]);
    assert_eq!(states[4..], [State::Held; 2], "four a day");
    let mut grave = story::warning("g", "29083", "vegetables", night);
    grave.severity = Severity::Emergency;
    let told = home.publish(grave, night).await;
    assert_eq!((told[0].state, told[0].due), (State::Waiting, night), "at once, whatever the hour");
    assert!(
        told[0].body.starts_with("TIN KHAN"),
        "sent before review, and says so: {}",
        told[0].body
    );
    // A run again makes nothing anew.
    assert_eq!(home.fanout.advice(night).await.unwrap(), 0);
}

#[tokio::test]
async fn who_was_warned_is_told_once_that_it_is_better_and_others_are_left_in_peace() {
    let home = home().await;
    let days = [15, 16, 17].map(|day| at(&format!("2026-03-{day}T08:00:00+07:00")));
    home.subscribe("0912345678", days[0]).await;
    let first = home.publish(story::warning("d1", "29083", "pomelo", days[0]), days[0]).await;
    assert_eq!(first[0].turn, Turn::New);
    assert!(home.records.begin_attempt(&first[0], days[0]).await.unwrap());
    home.subscribe("0987654321", days[1]).await;
    let better = |id: &str, earlier: &str, day| {
        let mut advisory = story::warning(id, "29083", "pomelo", day);
        (advisory.severity, advisory.supersedes) = (Severity::Normal, Some(earlier.to_owned()));
        advisory
    };
    let second = home.publish(better("d2", "d1", days[1]), days[1]).await;
    assert_eq!(second.len(), 1, "{second:#?}");
    assert_eq!((second[0].turn, &second[0].recipient), (Turn::Update, &first[0].recipient));
    let stopped = home.records.delivery(&first[0].id).await.unwrap().unwrap();
    assert_eq!(stopped.state, State::Overtaken, "nothing older arrives behind the newer");
    assert!(home.records.begin_attempt(&second[0], days[1]).await.unwrap());
    let third = home.publish(better("d3", "d2", days[2]), days[2]).await;
    assert_eq!(third, [], "that it is still well is no news");
}

#[tokio::test]
async fn what_is_over_or_made_from_the_sample_is_told_to_nobody() {
    let home = home().await;
    let day = at("2026-03-15T08:00:00+07:00");
    home.subscribe("0912345678", day).await;
    let late = day + SignedDuration::from_hours(100);
    let (proof, log) = story::published(story::warning("o", "29083", "pomelo", day), day);
    home.records.add_advisories(&[proof.into_inner()], &log).await.unwrap();
    assert_eq!(home.fanout.advice(late).await.unwrap(), 0);
    let mut made_up = story::warning("s", "29083", "pomelo", day);
    made_up.sample = true;
    assert_eq!(home.publish(made_up, day).await, []);
    assert_eq!(home.records.open_announcements(About::Advisory, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_home_made_before_advisories_went_out_keeps_its_deliveries() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.sqlite");
    let old = "CREATE TABLE delivery (id text PRIMARY KEY, alarm text NOT NULL, channel text NOT \
               NULL, state text NOT NULL, due_us bigint NOT NULL, attempts integer NOT NULL, \
               last_error text, body text NOT NULL); INSERT INTO delivery VALUES \
               ('a/1/province', 'a', 'province', 'waiting', 1, 2, NULL, '{}')";
    let db = sea_orm::Database::connect(format!("sqlite://{}?mode=rwc", path.display())).await;
    let db = db.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&db, old).await.unwrap();
    db.close().await.unwrap();
    for _ in 0..2 {
        let records = Records::open(&path).await.unwrap();
        let due = records.due_deliveries(
            "province",
            Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1),
            10,
        );
        let due = due.await.unwrap();
        assert_eq!(due.len(), 1);
        assert_eq!((due[0].recipient.as_str(), due[0].attempts), ("all", 2));
    }
}
