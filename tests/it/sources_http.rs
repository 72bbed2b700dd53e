//! The real HTTP client against a loopback server that first answers as documented and then
//! misbehaves in every way a provider has been seen to.

#[path = "sources_http/exam.rs"]
mod exam;
#[path = "sources_http/keeping.rs"]
mod keeping;
#[path = "sources_http/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use muavu::domain::Secret;
use muavu::sources::SourceError;
use muavu::sources::http::{Answer, Client, Expect, FixedClock, NoArchive, Outcome, Request};
use muavu::sources::open_meteo::ask::complaint;
use muavu::sources::promise::Promise;
use muavu::sources::settings::Settings;

use self::server::{Act, Server, gzip, head, ok, reply};

const FEED: &str = "weather.test.forecast";

/// A promise with small limits.
const PROMISE: Promise = Promise {
    id: "weather.test",
    provider: "Test",
    licence: "none",
    attribution: "none",
    cadence: "now and then",
    newest_age_max: Duration::ZERO,
    interval_min: Duration::ZERO,
    body_bytes_max: 64 * 1024,
    concurrency_max: 2,
    requests_per_minute_max: 60_000,
    on_by_default: true,
};

const NOW: &str = "2026-11-21T00:00:00Z";

/// Settings with deadlines and waits of milliseconds, otherwise like the shipped ones.
fn settings() -> Settings {
    let mut settings = Settings {
        contact: "tester@example.org".to_owned(),
        proxy: false,
        connect_timeout_ms: 1_000,
        read_timeout_ms: 250,
        attempt_timeout_ms: 500,
        request_timeout_ms: 5_000,
        start_jitter_ms: 0,
        ..Settings::default()
    };
    for steps in [
        &mut settings.retry.quick,
        &mut settings.retry.patient,
        &mut settings.retry.told,
        &mut settings.retry.not_yet,
    ] {
        (steps.attempts, steps.base_ms, steps.cap_ms) = (3, 5, 20);
    }
    settings.retry.wait_max_ms = 2_000;
    settings
}

fn client_at(now: &str, settings: Settings) -> Client {
    let clock = FixedClock(now.parse().unwrap());
    Client::new(settings, Arc::new(NoArchive), Arc::new(clock)).unwrap()
}

fn client() -> Client {
    client_at(NOW, settings())
}

fn request(url: &str) -> Request {
    Request::new(FEED, &PROMISE, url.parse().unwrap(), Expect::Json)
}

async fn get(client: &Client, server: &Server) -> Result<Answer, SourceError> {
    client.get(&request(&server.url("/v1/data?x=1"))).await
}

/// Returns the outcomes counted, as `outcome×count` words.
fn counted(client: &Client) -> String {
    let words = client.tally(FEED).into_iter().map(|(outcome, n)| format!("{outcome}×{n}"));
    words.collect::<Vec<_>>().join(" ")
}

/// Plays a script against a fresh client and returns the result and what was counted.
async fn play(answers: Vec<Vec<Act>>) -> (Result<Answer, SourceError>, String, usize) {
    let server = Server::script(answers).await;
    let client = client();
    let result = get(&client, &server).await;
    (result, counted(&client), server.hits().len())
}

fn outcome(result: &Result<Answer, SourceError>) -> Option<Outcome> {
    match result {
        Err(SourceError::Fetch { outcome, .. }) => Some(*outcome),
        _ => None,
    }
}

const GOOD: &str = "{\"temperature\":[31.5]}";

#[tokio::test]
async fn a_documented_answer_is_taken_at_once_with_our_name_on_the_request() {
    let server = Server::script(vec![ok(GOOD)]).await;
    let client = client();
    let answer = get(&client, &server).await.unwrap();
    assert_eq!(answer.body, GOOD);
    assert_eq!(answer.fetched_at.to_string(), NOW);
    assert_eq!(counted(&client), "ok×1");
    let hit = &server.hits()[0];
    assert_eq!(hit.path, "/v1/data?x=1");
    let agent = hit.header("user-agent").unwrap();
    assert!(agent.starts_with("Muavu/") && agent.ends_with("(tester@example.org)"), "{agent}");
    assert!(hit.header("accept-encoding").unwrap().contains("gzip"));
}

#[tokio::test]
async fn slow_answers_end_at_the_deadline_and_are_asked_for_again() {
    let never = vec![Act::Wait(Duration::from_secs(3))];
    let (result, counted, hits) = play(vec![never.clone(), ok(GOOD)]).await;
    assert!(result.is_ok());
    assert_eq!((counted.as_str(), hits), ("ok×1 slow×1", 2));

    let started = Instant::now();
    let (result, counted, _) = play(vec![never]).await;
    assert_eq!(outcome(&result), Some(Outcome::Slow));
    assert_eq!(counted, "slow×3");
    assert!(started.elapsed() < Duration::from_secs(3), "deadlines were not kept");
}

#[tokio::test]
async fn an_answer_that_drips_for_ever_ends_at_the_total_deadline() {
    let mut acts = vec![Act::Send(head("200 OK", &["content-length: 1000", ""]))];
    for _ in 0..100 {
        acts.extend([Act::Send(b" ".to_vec()), Act::Wait(Duration::from_millis(50))]);
    }
    let (result, counted, _) = play(vec![acts, ok(GOOD)]).await;
    assert!(result.is_ok());
    assert_eq!(counted, "ok×1 slow×1");
}

#[tokio::test]
async fn a_pause_in_the_middle_is_slow_too() {
    let mut half = head("200 OK", &["content-length: 22", ""]);
    half.extend_from_slice(&GOOD.as_bytes()[..10]);
    let stalls = vec![Act::Send(half), Act::Wait(Duration::from_secs(2))];
    let (result, counted, _) = play(vec![stalls, ok(GOOD)]).await;
    assert!(result.is_ok());
    assert_eq!(counted, "ok×1 slow×1");
}

#[tokio::test]
async fn truncated_answers_are_never_taken_for_whole_ones() {
    let mut short = head("200 OK", &["content-length: 500", ""]);
    short.extend_from_slice(GOOD.as_bytes());
    let mut chunked = head("200 OK", &["transfer-encoding: chunked", ""]);
    chunked.extend_from_slice(format!("{:x}\r\n{GOOD}\r\n", GOOD.len()).as_bytes());
    let (result, counted, _) = play(vec![vec![Act::Send(short)], vec![Act::Send(chunked)]]).await;
    assert_eq!(outcome(&result), Some(Outcome::Truncated));
    assert_eq!(counted, "truncated×3");
}

#[tokio::test]
async fn a_body_cut_without_any_stated_length_is_unparsable() {
    let mut bytes = head("200 OK", &[""]);
    bytes.extend_from_slice(&GOOD.as_bytes()[..GOOD.len() - 3]);
    let (result, counted, _) = play(vec![vec![Act::Send(bytes)], ok(GOOD)]).await;
    assert!(result.is_ok());
    assert_eq!(counted, "ok×1 unparsable×1");
}

#[tokio::test]
async fn a_stated_length_that_is_too_short_does_not_pass_as_an_answer() {
    let mut bytes = head("200 OK", &["content-length: 12", ""]);
    bytes.extend_from_slice(GOOD.as_bytes());
    let (result, counted, _) = play(vec![vec![Act::Send(bytes)], ok(GOOD)]).await;
    assert!(result.is_ok());
    assert_eq!(counted, "ok×1 unparsable×1");
}

#[tokio::test]
async fn a_missing_file_is_awaited_only_where_it_is_expected() {
    let script = vec![reply("404 Not Found", &[], b"nothing yet"), ok(GOOD)];
    let server = Server::script(script.clone()).await;
    let client = client();
    let mut awaited = request(&server.url("/"));
    awaited.not_yet = true;
    assert!(client.get(&awaited).await.is_ok());
    assert_eq!(counted(&client), "ok×1 not_found×1");

    let (result, counted, hits) = play(script).await;
    assert_eq!(outcome(&result), Some(Outcome::NotFound));
    assert_eq!((counted.as_str(), hits), ("not_found×1", 1));
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let busy = reply("429 Too Many Requests", &["retry-after: 1"], b"slow down");
    let started = Instant::now();
    let (result, counted, _) = play(vec![busy, ok(GOOD)]).await;
    assert!(result.is_ok());
    assert_eq!(counted, "ok×1 rate_limited×1");
    assert!(started.elapsed() >= Duration::from_secs(1), "asked again too early");
}

#[tokio::test]
async fn a_long_retry_after_ends_the_run_for_the_whole_provider() {
    // As a date, an hour after the client's clock.
    let date = "retry-after: Sat, 21 Nov 2026 01:00:00 GMT";
    let server = Server::script(vec![reply("503 Service Unavailable", &[date], b"")]).await;
    let client = client();
    let Err(SourceError::Fetch { outcome, wait, .. }) = get(&client, &server).await else {
        panic!("an answer came");
    };
    assert_eq!((outcome, wait), (Outcome::RateLimited, Some(Duration::from_secs(3600))));
    let second = client.get(&request(&server.url("/other"))).await;
    assert_eq!(self::outcome(&second), Some(Outcome::RateLimited));
    assert_eq!(server.hits().len(), 1, "the provider was asked although it asked for peace");
}

#[tokio::test]
async fn a_limit_told_in_words_under_any_status_counts_as_one() {
    let words = r#"{"reason":"Hourly API request limit exceeded. Please try again in the next hour.","error":true}"#;
    for status in ["200 OK", "400 Bad Request", "429 Too Many Requests"] {
        let server = Server::script(vec![reply(status, &[], words.as_bytes())]).await;
        let client = client();
        let mut asked = request(&server.url("/"));
        asked.complaint = Some(complaint);
        let result = client.get(&asked).await;
        assert_eq!(outcome(&result), Some(Outcome::RateLimited), "under status {status}");
        assert_eq!(server.hits().len(), 1);
    }
}

#[tokio::test]
async fn server_faults_are_retried_and_refusals_never() {
    let fault = reply("500 Internal Server Error", &[], b"<html>oops</html>");
    let (result, counted, _) = play(vec![fault.clone(), fault, ok(GOOD)]).await;
    assert!(result.is_ok());
    assert_eq!(counted, "ok×1 status_5xx×2");

    for (status, expected) in [
        ("400 Bad Request", Outcome::Status4xx),
        ("401 Unauthorized", Outcome::Refused),
        ("403 Forbidden", Outcome::Refused),
        ("422 Unprocessable Content", Outcome::Status4xx),
    ] {
        let (result, _, hits) = play(vec![reply(status, &[], b"no"), ok(GOOD)]).await;
        assert_eq!((outcome(&result), hits), (Some(expected), 1), "after {status}");
    }
}

#[tokio::test]
async fn a_reason_is_kept_for_the_operator() {
    let body = br#"{"error":true,"reason":"Parameter 'start_date' is out of allowed range"}"#;
    let (result, _, _) = play(vec![reply("400 Bad Request", &[], body)]).await;
    let text = result.unwrap_err().to_string();
    assert!(text.contains("out of allowed range") && text.contains("status 400"), "{text}");
}

#[tokio::test]
async fn a_web_page_or_nothing_is_not_data() {
    let page = reply("200 OK", &["content-type: application/json"], b"<!DOCTYPE html><h1>Hi</h1>");
    let empty = reply("200 OK", &[], b"");
    let (result, counted, _) = play(vec![page, empty, ok(GOOD)]).await;
    assert!(result.is_ok());
    assert_eq!(counted, "ok×1 empty×1 html_instead×1");
}

#[tokio::test]
async fn a_not_a_number_among_numbers_does_not_cost_the_answer() {
    let (result, counted, _) = play(vec![ok("{\"temperature\":[31.5,NaN]}")]).await;
    assert!(result.is_ok());
    assert_eq!(counted, "ok×1");
}

#[tokio::test]
async fn a_deprecated_product_is_used_and_said_so() {
    let answer = reply("203 Non-Authoritative Information", &[], GOOD.as_bytes());
    let (result, counted, _) = play(vec![answer]).await;
    assert!(result.is_ok());
    assert_eq!(counted, "deprecated×1");
}

#[tokio::test]
async fn redirects_are_followed_but_not_in_circles() {
    let moved = |to: &str| reply("302 Found", &[&format!("location: {to}")], b"");
    let (result, _, hits) = play(vec![moved("/new/place"), ok(GOOD)]).await;
    assert!(result.is_ok());
    assert_eq!(hits, 2);

    let (result, _, hits) = play(vec![moved("/v1/data?x=1")]).await;
    assert_eq!((outcome(&result), hits), (Some(Outcome::RedirectLoop), 1));

    let server = Server::start(move |n, _| moved(&format!("/{n}"))).await;
    let result = get(&client(), &server).await;
    assert_eq!(outcome(&result), Some(Outcome::RedirectLoop));
    assert!(server.hits().len() <= 6, "{} redirects were followed", server.hits().len());

    let (result, _, _) = play(vec![reply("301 Moved Permanently", &[], b"")]).await;
    assert_eq!(outcome(&result), Some(Outcome::RedirectRefused));
}

#[tokio::test]
async fn a_key_goes_to_its_own_host_only_and_into_no_text() {
    let other = Server::script(vec![ok(GOOD)]).await;
    let away = format!("location: {}", other.url("/stolen"));
    let server = Server::script(vec![reply("307 Temporary Redirect", &[&away], b"")]).await;
    let client = client();
    let mut asked = request(&server.url("/"));
    asked.secret = Some(("x-api-key", Secret::new("k3y-of-ours")));
    let answer = client.get(&asked).await.unwrap();
    assert_eq!(server.hits()[0].header("x-api-key"), Some("k3y-of-ours"));
    assert_eq!(other.hits()[0].header("x-api-key"), None);
    assert!(!format!("{asked:?} {answer:?}").contains("k3y"));
}

#[tokio::test]
async fn fifty_megabytes_are_not_read() {
    let stated = head("200 OK", &["content-length: 52428800", ""]);
    let stated = vec![Act::Send(stated), Act::Flood(51_200)];
    let server = Server::script(vec![stated]).await;
    let client = client();
    assert_eq!(outcome(&get(&client, &server).await), Some(Outcome::TooLarge));
    assert_eq!(counted(&client), "too_large×1");

    let unstated = vec![Act::Send(head("200 OK", &[""])), Act::Flood(51_200)];
    let server = Server::script(vec![unstated]).await;
    assert_eq!(outcome(&get(&self::client(), &server).await), Some(Outcome::TooLarge));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(server.flooded_kb() < 16_384, "{} kB were taken", server.flooded_kb());
}

#[tokio::test]
async fn compressed_answers_are_read_and_bounded_by_what_they_unpack_to() {
    let packed = |body: &[u8]| reply("200 OK", &["content-encoding: gzip"], body);
    let (result, _, _) = play(vec![packed(&gzip(GOOD.as_bytes()))]).await;
    assert_eq!(result.unwrap().body, GOOD);

    let bomb = gzip(&vec![b' '; 4 << 20]);
    assert!(bomb.len() < 64 * 1024, "the bomb is larger than the limit");
    let (result, _, _) = play(vec![packed(&bomb)]).await;
    assert_eq!(outcome(&result), Some(Outcome::TooLarge));
}

#[tokio::test]
async fn broken_compression_is_told_from_a_cut_connection() {
    let packed = |body: &[u8]| reply("200 OK", &["content-encoding: gzip"], body);
    let whole = gzip(&GOOD.repeat(200).into_bytes());
    let mut harmed = whole.clone();
    let middle = harmed.len() / 2;
    harmed[middle] ^= 0xff;
    harmed[middle + 1] ^= 0xff;
    for (bytes, expected) in [
        (b"this is not gzip at all, not even its first byte".to_vec(), Outcome::BrokenEncoding),
        (harmed, Outcome::BrokenEncoding),
        (whole[..whole.len() / 2].to_vec(), Outcome::Truncated),
    ] {
        let (result, _, hits) = play(vec![packed(&bytes)]).await;
        assert_eq!((outcome(&result), hits), (Some(expected), 3), "{result:?}");
    }
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_refused_once() {
    let server = Server::self_signed().await;
    let client = client();
    let result = client.get(&request(&server.https("/"))).await;
    assert_eq!(outcome(&result), Some(Outcome::Tls), "{result:?}");
    assert_eq!(counted(&client), "tls×1");

    let plain = Server::script(vec![ok(GOOD)]).await;
    let result = self::client().get(&request(&plain.https("/"))).await;
    assert_eq!(outcome(&result), Some(Outcome::Tls), "{result:?}");
}

#[tokio::test]
async fn cut_and_refused_connections_are_retried_quickly() {
    let (result, counted, _) = play(vec![vec![Act::Reset], vec![], ok(GOOD)]).await;
    assert!(result.is_ok());
    assert_eq!(counted, "ok×1 reset×2");

    let gone = Server::script(vec![ok(GOOD)]).await.url("/").replace("127.0.0.1", "127.0.0.2");
    let client = client();
    let result = client.get(&request(&gone)).await;
    assert_eq!(outcome(&result), Some(Outcome::Connect), "{result:?}");
    assert_eq!(self::counted(&client), "connect×3");
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_promised() {
    let server = Server::start(|_, _| {
        let mut acts = vec![Act::Wait(Duration::from_millis(60))];
        acts.extend(ok(GOOD));
        acts
    })
    .await;
    let client = client();
    let urls: Vec<String> = (0..6).map(|n| server.url(&format!("/{n}"))).collect();
    let asked: Vec<Request> = urls.iter().map(|url| request(url)).collect();
    let answers = futures::future::join_all(asked.iter().map(|r| client.get(r))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(server.most_at_once(), 2);
}

#[tokio::test]
async fn requests_keep_the_promised_pace_by_their_weight() {
    // 1,200 a minute are 20 a second, of which 600 may come at once.
    const PACED: Promise = Promise { requests_per_minute_max: 1_200, ..PROMISE };
    let server = Server::script(vec![ok(GOOD)]).await;
    for weights in [&[306, 306][..], &[612]] {
        let client = client();
        let started = Instant::now();
        for weight in weights {
            let url = server.url(&format!("/{weight}")).parse().unwrap();
            let mut asked = Request::new(FEED, &PACED, url, Expect::Json);
            asked.weight = *weight;
            client.get(&asked).await.unwrap();
        }
        let elapsed = started.elapsed();
        assert!(elapsed >= Duration::from_millis(500), "{weights:?} came after {elapsed:?}");
    }
}

#[tokio::test]
async fn one_bad_provider_never_stops_the_others() {
    use muavu::domain::Variables;
    use muavu::sources::fetched::Morning;
    use muavu::sources::registry::{FEEDS, Health, fetch_all};

    let server = Server::script(vec![reply("500 Internal Server Error", &[], b"")]).await;
    let mut settings = settings();
    settings.pace_percent = 10_000;
    settings.base_urls = every_feed_at(&server.url(""));
    settings.base_urls.insert("weather.nasa_power.daily".to_owned(), "not an address".to_owned());
    let variables = Arc::new(Variables::shipped().unwrap());
    let communes = [("commune:28756".parse().unwrap(), 10.2275, 106.4072)];
    let morning =
        Morning::new(&communes, NOW.parse().unwrap(), variables, Arc::new(settings.clone()));
    let reports = fetch_all(&client_at(NOW, settings), &morning).await;
    assert_eq!(reports.len(), FEEDS.len());
    for report in &reports {
        let expected = if report.enabled { Health::Silent } else { Health::Off };
        assert_eq!(report.health, expected, "{}", report.feed);
        assert_eq!(report.errors.is_empty(), !report.enabled, "{}", report.feed);
    }
    let nasa = reports.iter().find(|r| r.feed == "weather.nasa_power.daily").unwrap();
    assert!(nasa.errors[0].to_string().contains("not an address"), "{:?}", nasa.errors);
}

/// Returns settings that send every feed to one server, each under a path of its own name.
pub fn every_feed_at(root: &str) -> BTreeMap<String, String> {
    let more =
        ["climate.noaa.oni.oni", "climate.noaa.oni.roni", "market.world_bank.pink_sheet.file"];
    let feeds = muavu::sources::registry::FEEDS.iter().map(|feed| feed.name);
    feeds.chain(more).map(|name| (name.to_owned(), format!("{root}/{name}/"))).collect()
}
