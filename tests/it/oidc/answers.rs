//! Answers of a provider: once, in one browser, about one person; its keys, which change; links.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use muavu::ops::clock;
use muavu::publish::doors::oidc::{START_PATH, Settings};
use muavu::publish::doors::sign_in;
use reqwest::StatusCode;
use serde_json::json;
use url::Url;

use super::browser::query;
use super::evil::{Attempt, Evil, Key, back, begin, claims, house_of, last_note, round, session};
use crate::doors::house::{House, let_in};
use crate::support::free_port;

/// Minutes the clock of the tests here is ahead.
static AHEAD_MIN: AtomicI64 = AtomicI64::new(0);

fn ahead() -> Timestamp {
    clock::now() + SignedDuration::from_mins(AHEAD_MIN.load(Ordering::SeqCst))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_taken_once_in_the_browser_that_asked_for_it() {
    let (evil, key) = (Evil::start().await, Key::new("a"));
    let house = house_of(&evil, &key, clock::now, "sub").await;
    let issuer = evil.says(|says| says.issuer.clone());
    let good = |attempt: &Attempt| key.token(&claims(&evil, &attempt.nonce, clock::now()));
    let give = |token: String| evil.says(|says| says.token = token);
    let attempt = begin(&house, "/ban-duyet/da-phat").await;
    give(good(&attempt));
    let answer = format!("state={}&code=any", attempt.state);

    // The session that the browser had, and one that somebody put there, are worth nothing after.
    let before = house.person("hoa", &["reader@*"]).await;
    let cookies = format!("{}; muavu={before}", attempt.cookie);
    let entered = back(&house, &attempt, &answer, &cookies).await;
    assert_eq!(entered.headers()["location"], "/ban-duyet/da-phat");
    let new = session(&entered).unwrap();
    assert_ne!(new, before);
    assert!(let_in(&house.get("/ban-duyet", &new).await));
    assert!(!let_in(&house.get("/ban-duyet", &before).await), "the old session is over");
    let gone = entered.headers().get_all("set-cookie").iter().map(|v| v.to_str().unwrap());
    assert!(gone.into_iter().any(|c| c.starts_with("muavu-oidc=;") && c.contains("Max-Age=0")));

    let replayed = back(&house, &attempt, &answer, &attempt.cookie).await;
    assert_eq!(replayed.status(), StatusCode::BAD_REQUEST, "the same answer again");
    assert!(last_note(&house).await.contains("used, too old or not ours"));

    let denied = "error=access_denied&error_description=x".to_owned();
    for (what, answer, cookie, status) in [
        ("no cookie", "code=any".to_owned(), Some(""), StatusCode::BAD_REQUEST),
        ("another's cookie", "code=any".into(), Some("muavu-oidc=aa"), StatusCode::BAD_REQUEST),
        ("no code", String::new(), None, StatusCode::BAD_GATEWAY),
        ("the provider says no", denied, None, StatusCode::FORBIDDEN),
        ("of another provider", "code=any&iss=x".into(), None, StatusCode::BAD_GATEWAY),
        ("two states", "code=any&state=x".into(), None, StatusCode::BAD_REQUEST),
    ] {
        let attempt = begin(&house, "/ban-duyet").await;
        give(good(&attempt));
        let answer = format!("state={}&{answer}", attempt.state);
        let response = back(&house, &attempt, &answer, cookie.unwrap_or(&attempt.cookie)).await;
        assert_eq!(response.status(), status, "{what}");
        assert_eq!(session(&response), None, "{what}");
        let page = response.text().await.unwrap();
        assert!(page.contains("role=\"alert\"") && page.contains("name=\"password\""), "{what}");
    }
    let attempt = begin(&house, "/ban-duyet").await;
    give(good(&attempt));
    let answer = format!("state={}&code=any&iss={issuer}", attempt.state);
    assert!(session(&back(&house, &attempt, &answer, &attempt.cookie).await).is_some());

    for next in ["https://evil.example", "//evil.example", "/ban-duyet%5C..", "/v1/health"] {
        let attempt = begin(&house, next).await;
        give(good(&attempt));
        let answer = format!("state={}&code=any", attempt.state);
        let entered = back(&house, &attempt, &answer, &attempt.cookie).await;
        assert_eq!(entered.headers()["location"], "/ban-duyet", "{next}");
    }
    house.home.records.disable_person("lan", clock::now()).await.unwrap();
    let (_, shut) = round(&house, &evil, good).await;
    assert_eq!(shut.status(), StatusCode::FORBIDDEN, "shut out");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_kept_an_hour_and_asked_for_again_when_a_new_one_signs() {
    let (evil, old, new) = (Evil::start().await, Key::new("old"), Key::new("new"));
    let house = house_of(&evil, &old, ahead, "sub").await;
    let enter = async |key: &Key| {
        let make = |attempt: &Attempt| key.token(&claims(&evil, &attempt.nonce, ahead()));
        let (_, answer) = round(&house, &evil, make).await;
        (session(&answer).is_some(), evil.says(|says| says.asked_for_keys))
    };
    assert_eq!(enter(&old).await, (true, 1));
    assert_eq!(enter(&old).await, (true, 1), "keys are kept");
    assert_eq!(enter(&new).await, (false, 1), "an unknown key, within the minute: nobody is asked");
    AHEAD_MIN.store(2, Ordering::SeqCst);
    evil.says(|says| says.keys.push(new.public()));
    assert_eq!(enter(&new).await, (true, 2), "a new key is fetched when it is first used");
    evil.says(|says| says.keys = vec![new.public()]);
    assert_eq!(enter(&old).await, (true, 2), "the old one goes on until then");
    AHEAD_MIN.store(63, Ordering::SeqCst);
    assert!(!enter(&old).await.0, "what was taken back is over within the hour");
    assert!(enter(&new).await.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_is_not_in_the_token_is_asked_for_about_the_same_person() {
    let (evil, key) = (Evil::start().await, Key::new("a"));
    let house = house_of(&evil, &key, clock::now, "citizen_id").await;
    for (told, status) in [
        (json!({"sub": "lan-there", "citizen_id": "lan-there"}), StatusCode::SEE_OTHER),
        (json!({"sub": "minh-there", "citizen_id": "lan-there"}), StatusCode::BAD_GATEWAY),
        (json!({"sub": "lan-there", "citizen_id": ["lan-there"]}), StatusCode::BAD_GATEWAY),
        (json!({"sub": "lan-there"}), StatusCode::BAD_GATEWAY),
        (json!({"sub": "lan-there", "citizen_id": "minh-there"}), StatusCode::FORBIDDEN),
    ] {
        evil.says(|says| says.userinfo = told.clone());
        let make = |attempt: &Attempt| key.token(&claims(&evil, &attempt.nonce, clock::now()));
        let (_, answer) = round(&house, &evil, make).await;
        assert_eq!(answer.status(), status, "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_given_only_to_a_form_of_ours_and_never_takes_anothers_identity() {
    let (evil, key) = (Evil::start().await, Key::new("a"));
    let house = house_of(&evil, &key, clock::now, "sub").await;
    house.person("minh", &["reader@*"]).await;
    let link = house.doors.link("minh").await.unwrap();
    let send = |site: &'static str| {
        house.client.post(format!("{}{link}/oidc", house.url)).header("sec-fetch-site", site).send()
    };
    assert_eq!(send("cross-site").await.unwrap().status(), StatusCode::FORBIDDEN);
    let first = house.doors.link("").await.unwrap();
    let of_first = house.client.post(format!("{}{first}/oidc", house.url));
    let of_first = of_first.header("sec-fetch-site", "same-origin").send().await.unwrap();
    assert_eq!(of_first.status(), StatusCode::GONE, "the first account needs a name first");
    let come = async |sub: &str| {
        let page = send("same-origin").await.unwrap();
        let set = page.headers()["set-cookie"].to_str().unwrap().to_owned();
        let cookie = set.split(';').next().unwrap().to_owned();
        let text = page.text().await.unwrap();
        let to = text.split("class=\"main\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let to = Url::parse(&to.replace("&#38;", "&")).unwrap();
        let (state, nonce) = (query(&to, "state"), query(&to, "nonce"));
        let mut claims = claims(&evil, &nonce, clock::now());
        claims["sub"] = json!(sub);
        evil.says(|says| says.token = key.token(&claims));
        let attempt = Attempt { state, nonce, cookie, from: "198.51.100.7".into() };
        let answer = format!("state={}&code=any", attempt.state);
        back(&house, &attempt, &answer, &attempt.cookie).await
    };
    assert_eq!(come("lan-there").await.status(), StatusCode::FORBIDDEN, "it is Lan's");
    let entered = come("minh-there").await;
    assert_eq!(entered.headers()["location"], sign_in::PATH.trim_end_matches("/dang-nhap"));
    let said = house.get("/ban-duyet", &session(&entered).unwrap()).await.text().await.unwrap();
    assert!(said.contains("minh"), "the link was still good, and is Minh's");
    assert_eq!(send("same-origin").await.unwrap().status(), StatusCode::GONE, "used up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_calls_itself_otherwise_is_not_the_one_of_the_settings() {
    let evil = Evil::start().await;
    let settings = evil.settings("sub");
    evil.says(|says| says.issuer.push_str("/other"));
    let house = House::beside(clock::now, Some(&settings)).await;
    let nowhere = Settings { issuer: format!("http://127.0.0.1:{}", free_port()), ..settings };
    let down = House::beside(clock::now, Some(&nowhere)).await;
    for (house, why) in [(house, "calls itself"), (down, "the provider fails")] {
        let answer = house.client.get(format!("{}{START_PATH}", house.url)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(last_note(&house).await.contains(why));
    }
}
