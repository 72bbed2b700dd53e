//! An evil provider, which says what a test tells it to, and the way there and back.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use muavu::domain::Secret;
use muavu::publish::doors::oidc::{CALLBACK_PATH, Provider, START_PATH, Settings};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::browser::query;
use crate::doors::house::House;

const ISSUER_CLIENT: &str = "muavu";
pub const SECRET: &str = "a secret of thirty-two characters";

/// Returns bytes as tokens hold them.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key pair with a name.
pub struct Key {
    id: &'static str,
    pub pair: EcdsaKeyPair,
}

impl Key {
    pub fn new(id: &'static str) -> Self {
        let of = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(of, &SystemRandom::new()).unwrap();
        Self { id, pair: EcdsaKeyPair::from_pkcs8(of, pkcs8.as_ref()).unwrap() }
    }

    /// Returns the public half as JWK (RFC 7518, 6.2.1).
    pub fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let (x, y) = (base64url(&point[1..33]), base64url(&point[33..]));
        json!({"kty": "EC", "crv": "P-256", "kid": self.id, "use": "sig", "x": x, "y": y})
    }

    pub fn sign(&self, message: &str) -> Vec<u8> {
        let signed = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        signed.as_ref().to_vec()
    }

    /// Returns a token of these claims as an honest provider signs it.
    pub fn token(&self, claims: &Value) -> String {
        let message = message(&json!({"alg": "ES256", "kid": self.id}), claims);
        format!("{message}.{}", base64url(&self.sign(&message)))
    }
}

pub fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| base64url(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

/// What the provider says next.
#[derive(Default)]
pub struct Says {
    pub issuer: String,
    pub token: String,
    pub keys: Vec<Value>,
    pub userinfo: Value,
    pub asked_for_keys: u32,
}

#[derive(Clone)]
pub struct Evil(Arc<Mutex<Says>>);

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
    pub async fn start() -> Self {
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

    pub fn says<T>(&self, change: impl FnOnce(&mut Says) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    pub fn settings(&self, claim: &str) -> Settings {
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
pub struct Attempt {
    pub state: String,
    pub nonce: String,
    pub cookie: String,
    pub from: String,
}

/// Begins an attempt from an address of its own: one address may try only so often.
pub async fn begin(house: &House, next: &str) -> Attempt {
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
pub async fn back(house: &House, attempt: &Attempt, answer: &str, cookies: &str) -> Response {
    let request = house.client.get(format!("{}{CALLBACK_PATH}?{answer}", house.url));
    let request = request.header("x-forwarded-for", &attempt.from).header("cookie", cookies);
    request.send().await.unwrap()
}

/// Begins an attempt and comes back to a token made for it.
pub async fn round(
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
pub fn session(answer: &Response) -> Option<String> {
    let set = answer.headers().get_all("set-cookie").iter().map(|v| v.to_str().unwrap());
    let mut sessions = set.filter_map(|line| line.strip_prefix("muavu="));
    sessions.next().map(|line| line.split(';').next().unwrap().to_owned())
}

pub async fn last_note(house: &House) -> String {
    let note = house.home.records.notes(None, 1).await.unwrap().remove(0);
    format!("{}: {} {}", note.what, note.about, note.detail)
}

pub fn claims(evil: &Evil, nonce: &str, now: Timestamp) -> Value {
    let now = now.as_second();
    json!({"iss": evil.says(|says| says.issuer.clone()), "sub": "lan-there", "aud": ISSUER_CLIENT,
        "exp": now + 300, "iat": now, "nonce": nonce})
}

/// A house where the account `lan` has the identity `value`, beside an evil provider with one key.
pub async fn house_of(evil: &Evil, key: &Key, now: fn() -> Timestamp, claim: &str) -> House {
    evil.says(|says| says.keys = vec![key.public()]);
    let settings = evil.settings(claim);
    let house = House::beside(now, Some(&settings)).await;
    house.person("lan", &["agronomist@*"]).await;
    let provider = Provider::of(&settings, &house.home.root, now).unwrap().unwrap();
    let identity = provider.identity("lan-there");
    assert!(house.home.records.link_identity(&identity, "lan", now()).await.unwrap());
    house
}
