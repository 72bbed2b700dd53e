//! What the client keeps: raw answers, validators, and when not to ask at all.

use std::sync::Arc;
use std::time::Duration;

use muavu::sources::http::{Client, Expect, FixedClock, FolderArchive, Request};
use muavu::sources::promise::Promise;

use super::server::{Server, ok, reply};
use super::{FEED, GOOD, NOW, PROMISE, counted, get, settings};

fn archived(home: &tempfile::TempDir, now: &str) -> Client {
    let clock = Arc::new(FixedClock(now.parse().unwrap()));
    Client::new(settings(), Arc::new(FolderArchive::new(home.path())), clock).unwrap()
}

#[tokio::test]
async fn an_unchanged_answer_is_confirmed_with_the_stored_words_and_read_again_as_first_seen() {
    let headers = ["etag: W/\"a-1\"", "last-modified: Fri, 20 Nov 2026 05:59:59 GMT"];
    let server = Server::script(vec![
        reply("200 OK", &headers, GOOD.as_bytes()),
        reply("304 Not Modified", &[], b""),
    ])
    .await;
    let home = tempfile::tempdir().unwrap();
    let first = get(&archived(&home, NOW), &server).await.unwrap();
    // The next day another process asks again.
    let client = archived(&home, "2026-11-22T00:00:00Z");
    let second = get(&client, &server).await.unwrap();
    assert_eq!(counted(&client), "not_modified×1");
    assert_eq!(second.body, first.body);
    assert_eq!(second.fetched_at, first.fetched_at, "rows must be the same as when first seen");
    let asked = &server.hits()[1];
    assert_eq!(asked.header("if-none-match"), Some("W/\"a-1\""));
    assert_eq!(asked.header("if-modified-since"), Some("Fri, 20 Nov 2026 05:59:59 GMT"));
}

#[tokio::test]
async fn nothing_is_asked_before_an_answer_expires_or_its_interval_passes() {
    let expires = ["date: Sat, 21 Nov 2026 00:00:00 GMT", "expires: Sat, 21 Nov 2026 00:30:00 GMT"];
    let server = Server::script(vec![reply("200 OK", &expires, GOOD.as_bytes()), ok("{}")]).await;
    let home = tempfile::tempdir().unwrap();
    get(&archived(&home, NOW), &server).await.unwrap();
    let client = archived(&home, "2026-11-21T00:29:00Z");
    assert_eq!(get(&client, &server).await.unwrap().body, GOOD);
    assert_eq!((counted(&client).as_str(), server.hits().len()), ("fresh×1", 1));
    let later = archived(&home, "2026-11-21T00:31:00Z");
    assert_eq!(get(&later, &server).await.unwrap().body, "{}");

    const SELDOM: Promise = Promise { interval_min: Duration::from_hours(6), ..PROMISE };
    let asked = |n: &str| Request::new(FEED, &SELDOM, server.url(n).parse().unwrap(), Expect::Json);
    archived(&home, NOW).get(&asked("/s")).await.unwrap();
    let hits = server.hits().len();
    archived(&home, "2026-11-21T05:59:00Z").get(&asked("/s")).await.unwrap();
    assert_eq!(server.hits().len(), hits, "asked again within the promised interval");
    archived(&home, "2026-11-21T06:01:00Z").get(&asked("/s")).await.unwrap();
    assert_eq!(server.hits().len(), hits + 1);
}

#[tokio::test]
async fn a_note_from_a_clock_that_ran_ahead_does_not_silence_a_feed() {
    let life = ["cache-control: max-age=3600"];
    let server = Server::script(vec![reply("200 OK", &life, GOOD.as_bytes())]).await;
    let home = tempfile::tempdir().unwrap();
    get(&archived(&home, "2031-01-01T00:00:00Z"), &server).await.unwrap();
    get(&archived(&home, NOW), &server).await.unwrap();
    assert_eq!(server.hits().len(), 2);
}

#[tokio::test]
async fn raw_answers_lie_under_their_hash_and_a_harmed_one_is_fetched_anew() {
    let server = Server::script(vec![reply("200 OK", &["etag: \"1\""], GOOD.as_bytes())]).await;
    let home = tempfile::tempdir().unwrap();
    let answer = get(&archived(&home, NOW), &server).await.unwrap();
    let path = home.path().join(FEED).join("2026-11-21").join(format!("{}.json.gz", answer.sha256));
    let mut body = String::new();
    let file = std::fs::File::open(&path).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut body).unwrap();
    assert_eq!(body, GOOD);
    let index = std::fs::read_to_string(home.path().join(FEED).join("index.jsonl")).unwrap();
    assert!(index.contains(&answer.sha256) && index.contains("\\\"1\\\""), "{index}");

    std::fs::write(&path, b"harmed").unwrap();
    let client = archived(&home, "2026-11-22T00:00:00Z");
    assert_eq!(get(&client, &server).await.unwrap().body, GOOD);
    assert_eq!(server.hits()[1].header("if-none-match"), None, "a condition on what is lost");
}
