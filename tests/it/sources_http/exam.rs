//! Every feed sits the same exam: recorded answers (normal, empty, broken, late) through the real
//! client. Adding a feed to the registry enrols it; a missing recording fails with its name.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use muavu::domain::Variables;
use muavu::sources::fetched::Morning;
use muavu::sources::http::{Client, FixedClock, FolderArchive, Outcome};
use muavu::sources::registry::{FEEDS, Health, SourceReport, fetch_all};

use super::server::{Act, Hit, Server, reply};
use super::{NOW, every_feed_at, settings};

/// Requests go to `/<feed>[.<part>]/…`; these parts have recordings of their own ending.
const PARTS: [(&str, &str, &str); 6] = [
    ("climate.noaa.oni.oni", "climate.noaa.oni", "oni.txt"),
    ("climate.noaa.oni.roni", "climate.noaa.oni", "roni.txt"),
    ("market.world_bank.pink_sheet", "market.world_bank.pink_sheet", "page.html"),
    ("market.world_bank.pink_sheet.file", "market.world_bank.pink_sheet", "xlsx"),
    ("market.wfp.food_prices", "market.wfp.food_prices", "package.json"),
    ("market.wfp.food_prices.file", "market.wfp.food_prices", "csv"),
];

/// Returns the recording that answers a request.
fn recording(case: &str, hit: &Hit) -> PathBuf {
    let name = hit.path.split('/').nth(1).unwrap_or_default();
    let part = PARTS.iter().find(|(part, _, _)| *part == name);
    let (feed, ending) = part.map_or((name, "json"), |(_, feed, ending)| (*feed, *ending));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sources");
    folder.join(feed).join(format!("{case}.{ending}"))
}

fn answer(case: &str, hit: &Hit) -> Vec<Act> {
    let path = recording(case, hit);
    let Ok(body) = std::fs::read(&path) else {
        return reply(
            "418 I'm a teapot",
            &[],
            format!("no recording {}", path.display()).as_bytes(),
        );
    };
    let body = match String::from_utf8(body) {
        Ok(text) => text.replace("HOST", hit.header("host").unwrap_or_default()).into_bytes(),
        Err(binary) => binary.into_bytes(),
    };
    reply("200 OK", &[], &body)
}

/// Runs a whole morning against the recordings of one case.
async fn sit(case: &'static str, home: &Path) -> Vec<SourceReport> {
    let reports = run(&Server::start(move |_, hit| answer(case, hit)).await, home).await;
    for report in &reports {
        let complaint = report.errors.iter().find(|e| e.to_string().contains("no recording"));
        assert!(complaint.is_none(), "{} has no {case} answer: {complaint:?}", report.feed);
    }
    reports
}

/// Runs a whole morning against a server, in a home of its own.
async fn run(server: &Server, home: &Path) -> Vec<SourceReport> {
    let mut settings = settings();
    settings.pace_percent = 100_000;
    settings.read_timeout_ms = 3_000;
    settings.attempt_timeout_ms = 5_000;
    settings.base_urls = every_feed_at(&server.url(""));
    settings.enabled = FEEDS.iter().map(|feed| (feed.name.to_owned(), true)).collect();
    // Two communes that share every provider's cell.
    let communes = [
        ("commune:28756".parse().unwrap(), 10.2275, 106.4072),
        ("commune:28777".parse().unwrap(), 10.2013, 106.3772),
    ];
    let now = NOW.parse().unwrap();
    let variables = Arc::new(Variables::shipped().unwrap());
    let morning = Morning::new(&communes, now, variables, Arc::new(settings.clone()));
    let archive = Arc::new(FolderArchive::new(home));
    let client = Client::new(settings, archive, Arc::new(FixedClock(now))).unwrap();
    fetch_all(&client, &morning).await
}

/// Rows must fit their table, whatever the answer was.
fn rows_are_sound(report: &SourceReport) {
    let variables = Variables::shipped().unwrap();
    let mut keys = HashSet::new();
    for row in &report.parsed.observations {
        let variable = variables.get(&row.variable).unwrap();
        assert!(variable.is_possible(row.value) && row.unit == variable.unit, "{row:?}");
        assert_eq!(&*row.source, report.promise.id);
        assert!(row.available_at >= row.ingested_at, "known before it was seen: {row:?}");
        assert!(keys.insert(format!("{} {} {}", row.variable, row.place, row.valid_time)));
    }
    for row in &report.parsed.guidance {
        let variable = variables.get(&row.variable).unwrap();
        assert!(variable.is_possible(row.value.unwrap()) && row.unit == variable.unit, "{row:?}");
        assert!(row.source.starts_with(report.promise.id), "{row:?}");
        assert!(row.issued_at <= row.available_at && row.available_at >= row.ingested_at);
        let member = (&row.member, row.issued_at);
        let key = format!("{} {} {} {member:?}", row.variable, row.place, row.valid_time);
        assert!(keys.insert(key), "twice: {row:?}");
    }
    let mut issues = HashSet::new();
    for row in &report.parsed.issues {
        assert!(row.source.starts_with(report.promise.id) && !row.detail.is_empty(), "{row:?}");
        let key = (&row.artefact, row.row, &row.field, &row.reason, &row.raw, &row.source);
        assert!(issues.insert(key), "twice: {row:?}");
    }
}

#[tokio::test]
async fn every_feed_keeps_its_promise_on_a_normal_morning() {
    let home = tempfile::tempdir().unwrap();
    let reports = sit("normal", home.path()).await;
    assert_eq!(reports.len(), FEEDS.len());
    for report in reports {
        rows_are_sound(&report);
        let said = (&report.errors, &report.parsed.issues);
        assert_eq!(report.health, Health::Kept, "{}: {said:?}", report.feed);
        let outcomes: Vec<_> = report.outcomes.keys().copied().collect();
        assert_eq!(outcomes, [Outcome::Ok], "{}", report.feed);
        assert!(report.parsed.good() > 0 && report.newest.is_some(), "{}", report.feed);
    }
}

#[tokio::test]
async fn a_morning_that_is_run_again_asks_nobody_and_gives_the_same_rows() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(|_, hit| answer("normal", hit)).await;
    let first = run(&server, home.path()).await;
    let asked = server.hits().len();
    let again = run(&server, home.path()).await;
    for (first, again) in first.iter().zip(&again) {
        assert_eq!(first.parsed, again.parsed, "{}", first.feed);
    }
    assert_eq!(server.hits().len(), asked, "asked again for what had just come");
}

#[tokio::test]
async fn every_feed_says_that_it_is_silent_when_answers_are_empty() {
    let home = tempfile::tempdir().unwrap();
    for report in sit("empty", home.path()).await {
        rows_are_sound(&report);
        assert_eq!(report.health, Health::Silent, "{}: {:?}", report.feed, report.parsed);
    }
}

#[tokio::test]
async fn every_feed_survives_broken_answers_and_says_so() {
    let home = tempfile::tempdir().unwrap();
    for report in sit("broken", home.path()).await {
        rows_are_sound(&report);
        let feed = report.feed;
        assert!(matches!(report.health, Health::Silent | Health::Partial), "{feed}");
        let said = report.errors.len() + report.parsed.issues.len();
        assert!(said > 0, "{feed} was broken and nobody said so");
    }
}

#[tokio::test]
async fn every_feed_is_late_when_its_newest_value_is_old() {
    let home = tempfile::tempdir().unwrap();
    for report in sit("late", home.path()).await {
        rows_are_sound(&report);
        assert_eq!(report.health, Health::Late, "{}: {:?}", report.feed, report.newest);
    }
}

#[tokio::test]
async fn a_morning_in_which_nobody_answers_ends_in_time() {
    let mut settings = settings();
    settings.attempt_timeout_ms = 200;
    settings.request_timeout_ms = 700;
    settings.pace_percent = 100_000;
    let server = Server::start(|_, _| vec![Act::Wait(Duration::from_secs(20))]).await;
    settings.base_urls = every_feed_at(&server.url(""));
    let communes = [("commune:28756".parse().unwrap(), 10.2275, 106.4072)];
    let now = NOW.parse().unwrap();
    let variables = Arc::new(Variables::shipped().unwrap());
    let morning = Morning::new(&communes, now, variables, Arc::new(settings.clone()));
    let archive = Arc::new(muavu::sources::http::NoArchive);
    let client = Client::new(settings, archive, Arc::new(FixedClock(now))).unwrap();
    let work = tokio::time::timeout(Duration::from_secs(10), fetch_all(&client, &morning));
    let reports = work.await.expect("the morning hung");
    for report in reports.iter().filter(|r| r.enabled) {
        assert_eq!(report.health, Health::Silent, "{}", report.feed);
        assert!(report.outcomes.contains_key(&Outcome::Slow), "{}", report.feed);
    }
}
