//! Zalo's rules: a refresh token is used once, a token that has expired is renewed, and what may have
//! gone out is not sent again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use muavu::ops::{Settings, clock};
use muavu::publish::channels::{Address, Channel as _, Outcome, Parcel, Tokens, ZnsChannel};
use muavu::storage::outbox::{About, Turn};
use serde_json::{Value, json};

#[derive(Default)]
struct Zalo {
    used: BTreeSet<String>,
    refreshed: u32,
    /// How many messages came, and what is said to the next.
    bodies: Vec<Value>,
    next: Vec<(u16, String)>,
    valid: String,
}

type Shared = Arc<Mutex<Zalo>>;

async fn token(State(zalo): State<Shared>, headers: HeaderMap, form: String) -> Response {
    assert_eq!(headers["secret_key"], "app-secret");
    let given = form.split("refresh_token=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let mut zalo = zalo.lock().unwrap();
    if !zalo.used.insert(given) {
        return json!({ "error": -14020 }).to_string().into_response();
    }
    zalo.refreshed += 1;
    let n = zalo.refreshed;
    zalo.valid = format!("access-{n}");
    json!({ "access_token": zalo.valid, "refresh_token": format!("refresh-{n}"), "expires_in": "90000" })
        .to_string()
        .into_response()
}

async fn message(State(zalo): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let mut zalo = zalo.lock().unwrap();
    if headers["access_token"].to_str().unwrap() != zalo.valid {
        return json!({ "error": -216, "message": "expired" }).to_string().into_response();
    }
    zalo.bodies.push(serde_json::from_str(&body).unwrap());
    if let Some((status, said)) = zalo.next.pop() {
        return (StatusCode::from_u16(status).unwrap(), said).into_response();
    }
    json!({ "error": 0, "data": { "msg_id": "m-1" } }).to_string().into_response()
}

#[tokio::test]
async fn tokens_are_renewed_once_and_only_a_clear_answer_counts() {
    let zalo = Shared::default();
    let routes = Router::new()
        .route("/token", post(token))
        .route("/zns", post(message))
        .with_state(Arc::clone(&zalo));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let pairs = [
        ("APP_ID", "app".to_owned()),
        ("SECRET_KEY", "app-secret".to_owned()),
        ("REFRESH_TOKEN", "refresh-0".to_owned()),
        ("TOKEN_URL", format!("{url}/token")),
        ("ZNS_URL", format!("{url}/zns")),
        ("TEMPLATE", "\"643118\"".to_owned()),
    ];
    let pairs = pairs.map(|(key, value)| (format!("MUAVU__CHANNELS__ZALO__{key}"), value));
    let settings = Settings::load(None, pairs).unwrap().channels.zalo;
    let home = tempfile::tempdir().unwrap();
    let channel = || {
        let tokens = Arc::new(Tokens::of(&settings, home.path(), clock::now).unwrap());
        ZnsChannel::of(&settings, &tokens).unwrap()
    };
    let body = r#"{"template_id":"643118","template_data":{"viec":"Đóng cống."}}"#;
    let send = |channel: ZnsChannel| async move {
        let to = Address::Phone("0912345678".parse().unwrap());
        let (key, subject, turn) = ("a1/2/zalo_zns/s1", "a1", Turn::New);
        let parcel = Parcel { key, about: About::Advisory, subject, turn, body, to };
        channel.send(parcel).await
    };
    assert_eq!(send(channel()).await, Outcome::Received(Some("m-1".into())));
    // A new process uses what is kept; a token that is refused is renewed, from the kept one.
    assert_eq!(send(channel()).await, Outcome::Received(Some("m-1".into())));
    assert_eq!(zalo.lock().unwrap().refreshed, 1);
    zalo.lock().unwrap().valid = "another".into();
    assert_eq!(send(channel()).await, Outcome::Received(Some("m-1".into())));
    assert_eq!(zalo.lock().unwrap().refreshed, 2);

    zalo.lock()
        .unwrap()
        .next
        .push((200, json!({ "error": -108, "message": "84912345678" }).to_string()));
    assert_eq!(send(channel()).await, Outcome::Refused("Zalo error -108".into()));
    zalo.lock().unwrap().next.push((502, "<html>".into()));
    assert!(matches!(send(channel()).await, Outcome::Unsure(_)));
    assert!(!channel().honours_key(), "so that what is unsure is left to a person");

    let zalo = zalo.lock().unwrap();
    assert!(zalo.bodies.iter().all(|b| b["tracking_id"] == zalo.bodies[0]["tracking_id"]));
    assert_eq!(zalo.bodies[0]["phone"], "84912345678");
    assert_eq!(zalo.bodies[0]["tracking_id"].as_str().unwrap().len(), 32);
}
