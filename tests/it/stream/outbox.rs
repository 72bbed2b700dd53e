//! Alarms on their way out: signed, retried under one key, and not before a person where the
//! policy wants one.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};

use super::live::Live;
use crate::command::{muavu, said};

/// Two devices; their tokens are `emergency-token` and `warning-token`.
const DEVICES: &str = r#"
[one]
place = "canal:one"
token_sha256 = "79c0a558084ba3a2e4963db12e5b4bcf408e84e6be41e693c4410bae5a523225"
[two]
place = "canal:two"
token_sha256 = "664976132072f9cf62e14a0caeb5648c5e9214892f89a7ff6234ac12899f91b9"
"#;

/// What a receiver was sent.
#[derive(Debug, Clone)]
struct Got {
    key: String,
    signature: String,
    body: String,
    answered: u16,
}

type Kept = Arc<Mutex<Vec<Got>>>;

/// Refuses everything once, then takes it.
async fn take(State(kept): State<Kept>, headers: HeaderMap, body: String) -> StatusCode {
    let text = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    let key = text("idempotency-key");
    let mut kept = kept.lock().unwrap();
    let before = kept.iter().filter(|g| g.key == key).count();
    let status = if before < 1 { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
    let signature = text("x-muavu-signature");
    kept.push(Got { key, signature, body, answered: status.as_u16() });
    status
}

fn wait_for(kept: &Kept, what: &str, found: impl Fn(&[Got]) -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !found(&kept.lock().unwrap()) {
        assert!(Instant::now() < until, "{what}: {:#?}", kept.lock().unwrap());
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn an_emergency_goes_out_at_once_a_warning_when_seen_and_both_once() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("devices.toml"), DEVICES).unwrap();
    let kept = Kept::default();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let address = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route("/hook", post(take)).with_state(Arc::clone(&kept));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        address
    });
    let hook = format!(
        "[{{ name = \"province\", url = \"http://{address}/hook\", secret = \"s3cret\" }}]"
    );
    let live = Live::start(home.path(), |command| {
        command.env("MUAVU__STREAM__WEBHOOKS", &hook);
    });
    let push = |device: &str, ec: f64| {
        let now = muavu::ops::clock::now();
        let readings: Vec<Value> = (0..3)
            .map(|i| {
                let time = now - jiff::SignedDuration::from_mins(10 * (3 - i));
                json!({ "time": time.to_string(), "ec_us_cm": ec + i as f64 })
            })
            .collect();
        let body = json!({ "readings": readings });
        let answer = runtime.block_on(async {
            reqwest::Client::new()
                .post(format!("{}/v1/readings", live.url))
                .bearer_auth(device)
                .body(body.to_string())
                .send()
                .await
                .unwrap()
        });
        assert_eq!(answer.status(), 202);
    };
    push("emergency-token", 9_000.0);
    wait_for(&kept, "the emergency", |got| got.iter().any(|g| g.answered == 200));
    push("warning-token", 3_000.0);
    std::thread::sleep(Duration::from_secs(2));
    let got = kept.lock().unwrap().clone();
    assert!(got.iter().all(|g| g.key.starts_with("canal:one/salt/")), "{got:#?}");
    assert_eq!(got.len(), 2, "refused once, then taken: {got:#?}");
    assert_eq!((&got[0].key, &got[0].body), (&got[1].key, &got[1].body));
    assert!(got[0].signature.starts_with("sha256=") && got[0].signature.len() == 71);
    let body: Value = serde_json::from_str(&got[0].body).unwrap();
    assert_eq!(body["before_review"], true);
    assert!(body["text_vi"].as_str().unwrap().contains("chưa duyệt"), "{body}");

    let listed = said(muavu(home.path()).args(["alarms", "list"]));
    let id = listed.out.lines().find_map(|l| {
        l.split_whitespace().find(|w| w.starts_with("canal:two/salt/")).map(str::to_owned)
    });
    let id = id.unwrap_or_else(|| panic!("{}", listed.out));
    assert_eq!(said(muavu(home.path()).args(["alarms", "ack", &id, "--who", "lan"])).code, 0);
    wait_for(&kept, "the warning", |got| {
        got.iter().any(|g| g.key.starts_with("canal:two/salt/") && g.answered == 200)
    });
    live.stop();
}
