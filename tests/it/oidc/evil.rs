//! An evil provider: everything a token or an answer can be wrong in, and keys that change.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use muavu::domain::Secret;
use muavu::ops::clock;
use muavu::publish::doors::oidc::{CALLBACK_PATH, Provider, START_PATH, Settings, base64url};
use muavu::publish::doors::sign_in;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::browser::query;
use super::running::free_port;
use crate::doors::house::{House, let_in};

const ISSUER_CLIENT: &str = "muavu";
const SECRET: &str = "a secret of thirty-two characters";

/// A key pair with a name.
struct Key {
    id: &'static str,
    pair: EcdsaKeyPair,
}

impl Key {
    fn new(id: &'static str) -> Self {
        let of = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(of, &SystemRandom::new()).unwrap();
        Self { id, pair: EcdsaKeyPair::from_pkcs8(of, pkcs8.as_ref()).unwrap() }
    }

    /// Returns the public half as JWK (RFC 7518, 6.2.1).
    fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let (x, y) = (base64url(&point[1..33]), base64url(&point[33..]));
        json!({"kty": "EC", "crv": "P-256", "kid": self.id, "use": "sig", "x": x, "y": y})
    }

    fn sign(&self, message: &str) -> Vec<u8> {
        let signed = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        signed.as_ref().to_vec()
    }

    /// Returns a token of these claims as an honest provider signs it.
    fn token(&self, claims: &Value) -> String {
        let message = message(&json!({"alg": "ES256", "kid": self.id}), claims);
        format!("{message}.{}", base64url(&self.sign(&message)))
    }
}

fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| base64url(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

/// What the provider says next.
#[derive(Default)]
struct Says {
    issuer: String,
    token: String,
    keys: Vec<Value>,
    userinfo: Value,
    asked_for_keys: u32,
}

#[derive(Clone)]
struct Evil(Arc<Mutex<Says>>);

async fn discovery(State(Evil(says)): State<Evil>) -> Json<Value> {
    let issuer = says.lock().unwrap().issuer.clone();
    let base = issuer.trim_end_matches("/other").to_owned();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{base}/auth"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/jwks"),
        "userinfo_endpoint": format!("{base}/userinfo"),
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    }))
}

async fn jwks(State(Evil(says)): State<Evil>) -> Json<Value> {
    let mut says = says.lock().unwrap();
    says.asked_for_keys += 1;
    // A key of a kind nobody knows must not hide the others.
    let mut keys = vec![json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA", "kid": "new"})];
    keys.extend(says.keys.clone());
    Json(json!({"keys": keys}))
}

async fn token(State(Evil(says)): State<Evil>, body: String) -> Json<Value> {
    // Only here: the way of client_secret_post and PKCE, as the settings and the attempt have it.
    let sent: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let has = |key: &str| sent.iter().any(|(k, v)| k == key && !v.is_empty());
    assert!(has("code_verifier") && has("client_id") && has("client_secret"), "{body}");
    Json(json!({"id_token": says.lock().unwrap().token, "access_token": "opaque"}))
}

async fn userinfo(State(Evil(says)): State<Evil>, headers: HeaderMap) -> Json<Value> {
    assert_eq!(headers["authorization"], "Bearer opaque");
    Json(says.lock().unwrap().userinfo.clone())
}

impl Evil {
    /// Listens.
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let evil = Self(Arc::new(Mutex::new(Says { issuer, ..Says::default() })));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(evil.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        evil
    }

    fn says<T>(&self, change: impl FnOnce(&mut Says) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    fn settings(&self, claim: &str) -> Settings {
        Settings {
            issuer: self.says(|says| says.issuer.clone()),
            client_id: ISSUER_CLIENT.into(),
            client_secret: Secret::new(SECRET),
            client_secret_file: Default::default(),
            base_url: "https://muavu.example".into(),
            scopes: vec!["openid".into()],
            claim: claim.into(),
            name: "Danh tính thử".into(),
        }
    }
}

/// An attempt under way: what went out with it, and from which address.
struct Attempt {
    state: String,
    nonce: String,
    cookie: String,
    from: String,
}

/// Begins an attempt from an address of its own: one address may try only so often.
async fn begin(house: &House, next: &str) -> Attempt {
    static FROM: AtomicU32 = AtomicU32::new(0);
    let at =
        SocketAddr::from(((0xc633_6400 + FROM.fetch_add(1, Ordering::SeqCst)).to_be_bytes(), 0));
    let from = at.ip().to_string();
    let request = house.client.get(format!("{}{START_PATH}?next={next}", house.url));
    let answer = request.header("x-forwarded-for", &from).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let to = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    assert_eq!(query(&to, "code_challenge_method"), "S256");
    let set = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(set.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=600"), "{set}");
    let cookie = set.split(';').next().unwrap().to_owned();
    Attempt { state: query(&to, "state"), nonce: query(&to, "nonce"), cookie, from }
}

/// Comes back with an answer of the provider's, and with these cookies.
async fn back(house: &House, attempt: &Attempt, answer: &str, cookies: &str) -> Response {
    let request = house.client.get(format!("{}{CALLBACK_PATH}?{answer}", house.url));
    let request = request.header("x-forwarded-for", &attempt.from).header("cookie", cookies);
    request.send().await.unwrap()
}

/// Begins an attempt and comes back to a token made for it.
async fn round(
    house: &House,
    evil: &Evil,
    make: impl FnOnce(&Attempt) -> String,
) -> (Attempt, Response) {
    let attempt = begin(house, "/ban-duyet").await;
    let token = make(&attempt);
    evil.says(|says| says.token = token);
    let answer = format!("state={}&code=any", attempt.state);
    let response = back(house, &attempt, &answer, &attempt.cookie).await;
    (attempt, response)
}

/// Returns the session that an answer gives.
fn session(answer: &Response) -> Option<String> {
    let set = answer.headers().get_all("set-cookie").iter().map(|v| v.to_str().unwrap());
    let mut sessions = set.filter_map(|line| line.strip_prefix("muavu="));
    sessions.next().map(|line| line.split(';').next().unwrap().to_owned())
}

async fn last_note(house: &House) -> String {
    let note = house.home.records.notes(None, 1).await.unwrap().remove(0);
    format!("{}: {} {}", note.what, note.about, note.detail)
}

/// Minutes the clock of the tests here is ahead.
static AHEAD_MIN: AtomicI64 = AtomicI64::new(0);

fn ahead() -> Timestamp {
    clock::now() + SignedDuration::from_mins(AHEAD_MIN.load(Ordering::SeqCst))
}

fn claims(evil: &Evil, nonce: &str, now: Timestamp) -> Value {
    let now = now.as_second();
    json!({"iss": evil.says(|says| says.issuer.clone()), "sub": "lan-there", "aud": ISSUER_CLIENT,
        "exp": now + 300, "iat": now, "nonce": nonce})
}

/// A house where the account `lan` has the identity `value`, beside an evil provider with one key.
async fn house_of(evil: &Evil, key: &Key, now: fn() -> Timestamp, claim: &str) -> House {
    evil.says(|says| says.keys = vec![key.public()]);
    let settings = evil.settings(claim);
    let house = House::beside(now, Some(&settings)).await;
    house.person("lan", &["agronomist@*"]).await;
    let provider = Provider::of(&settings, &house.home.root, now).unwrap().unwrap();
    let identity = provider.identity("lan-there");
    assert!(house.home.records.link_identity(&identity, "lan", now()).await.unwrap());
    house
}

/// What is wrong in the claims of a token, and what the log says of it.
type Wrong = (&'static str, fn(&mut Value, i64), &'static str);

const WRONG_CLAIMS: &[Wrong] = &[
    ("another issuer", |c, _| c["iss"] = json!("https://evil.example"), "another provider's"),
    ("issuers in a list", |c, _| c["iss"] = json!([c["iss"]]), "not well formed"),
    ("no issuer", |c, _| without(c, "iss"), "not well formed"),
    ("for another", |c, _| c["aud"] = json!("other"), "it is for another"),
    ("for others too", |c, _| c["aud"] = json!(["muavu", "other"]), "for others too"),
    ("for nobody", |c, _| without(c, "aud"), "not well formed"),
    ("issued to another party", |c, _| c["azp"] = json!("other"), "for others too"),
    ("expired", |c, now| c["exp"] = json!(now - 61), "expired"),
    ("without end", |c, _| without(c, "exp"), "not well formed"),
    ("an end in words", |c, _| c["exp"] = json!("never"), "not well formed"),
    ("of tomorrow", |c, now| c["iat"] = json!(now + 120), "in the future"),
    ("of an hour ago", |c, now| c["iat"] = json!(now - 3_600), "older than the attempt"),
    ("not valid yet", |c, now| c["nbf"] = json!(now + 120), "not valid yet"),
    ("another nonce", |c, _| c["nonce"] = json!("other"), "nonce"),
    ("no nonce", |c, _| without(c, "nonce"), "not well formed"),
    ("of nobody", |c, _| c["sub"] = json!(""), "names nobody"),
    ("without a subject", |c, _| without(c, "sub"), "not well formed"),
];

fn without(claims: &mut Value, name: &str) {
    claims.as_object_mut().unwrap().remove(name);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_wrong_in_anything_lets_nobody_in_and_is_noted() {
    let (evil, key) = (Evil::start().await, Key::new("a"));
    let house = house_of(&evil, &key, clock::now, "sub").await;
    let good = |attempt: &Attempt| claims(&evil, &attempt.nonce, clock::now());
    let (_, entered) = round(&house, &evil, |attempt| key.token(&good(attempt))).await;
    assert_eq!(entered.headers()["location"], "/ban-duyet", "the right token lets in");
    let (_, entered) = round(&house, &evil, |attempt| {
        let mut claims = good(attempt);
        claims["exp"] = json!(clock::now().as_second() - 30);
        key.token(&claims)
    })
    .await;
    assert!(session(&entered).is_some(), "half a minute is within what clocks may differ");

    for (what, spoil, why) in WRONG_CLAIMS {
        let (attempt, answer) = round(&house, &evil, |attempt| {
            let mut claims = good(attempt);
            spoil(&mut claims, clock::now().as_second());
            key.token(&claims)
        })
        .await;
        refused(&house, what, &attempt, answer, why).await;
    }

    let header = |alg: &str| json!({"alg": alg, "kid": "a"});
    let hmac = |secret: &[u8], text: &str| {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
        base64url(aws_lc_rs::hmac::sign(&key, text.as_bytes()).as_ref())
    };
    type Forge<'a> = Box<dyn Fn(&Value) -> String + 'a>;
    let other = Key::new("a");
    let unknown = Key::new("z");
    let forged: [(&str, Forge, &str); 8] = [
        ("no signature", Box::new(|c| format!("{}.", message(&header("none"), c))), "header"),
        (
            "signed with our secret",
            Box::new(|c| {
                let text = message(&header("HS256"), c);
                format!("{text}.{}", hmac(SECRET.as_bytes(), &text))
            }),
            "algorithm is not allowed",
        ),
        (
            "signed with the public key as secret",
            Box::new(|c| {
                let text = message(&header("HS256"), c);
                format!("{text}.{}", hmac(key.pair.public_key().as_ref(), &text))
            }),
            "algorithm is not allowed",
        ),
        ("signed by another under the same name", Box::new(|c| other.token(c)), "signature"),
        ("signed by a key nobody knows", Box::new(|c| unknown.token(c)), "key is not among"),
        (
            "another algorithm than the key's",
            Box::new(|c| {
                key.token(c).replacen(
                    &base64url(header("ES256").to_string().as_bytes()),
                    &base64url(header("RS256").to_string().as_bytes()),
                    1,
                )
            }),
            "key is not among",
        ),
        (
            "changed after it was signed",
            Box::new(|c| {
                let mut changed = c.clone();
                changed["sub"] = json!("minh-there");
                let (token, other) = (key.token(c), key.token(&changed));
                let part = |t: &str, at: usize| t.split('.').nth(at).unwrap().to_owned();
                format!("{}.{}.{}", part(&token, 0), part(&other, 1), part(&token, 2))
            }),
            "signature",
        ),
        (
            "asking for what is not known",
            Box::new(|c| {
                let text = message(&json!({"alg": "ES256", "kid": "a", "crit": ["x"]}), c);
                format!("{text}.{}", base64url(&key.sign(&text)))
            }),
            "not known here",
        ),
    ];
    for (what, forge, why) in &forged {
        let (attempt, answer) = round(&house, &evil, |attempt| forge(&good(attempt))).await;
        refused(&house, what, &attempt, answer, why).await;
    }
}

async fn refused(house: &House, what: &str, attempt: &Attempt, answer: Response, why: &str) {
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY, "{what}");
    assert_eq!(session(&answer), None, "{what}");
    let text = answer.text().await.unwrap();
    assert!(text.contains("không hợp lệ nên không ai được vào"), "{what}: {text}");
    let note = last_note(house).await;
    assert!(note.starts_with("was not let in: oidc ") && note.contains(why), "{what}: {note}");
    assert!(note.contains(&attempt.from), "{what}: {note}");
    for secret in [&attempt.state, &attempt.nonce, &attempt.cookie, "eyJ", "lan-there"] {
        assert!(!note.contains(secret) && !text.contains(secret), "{what}: {note}");
    }
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
    assert_eq!(enter(&old).await.0, false, "what was taken back is over within the hour");
    assert_eq!(enter(&new).await.0, true);
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
