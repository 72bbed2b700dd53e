//! A gateway as providers run them: it takes a message once under one key, and loses answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::{Value, json};

/// The number that no network knows.
pub const UNKNOWN_NUMBER: &str = "84999999999";

/// What came in.
#[derive(Debug, Default)]
pub struct Book {
    /// By channel and key, what was taken: once, however often it was sent.
    pub taken: BTreeMap<(String, String), Value>,
    /// By channel and key, how often it was sent.
    pub tries: BTreeMap<(String, String), u32>,
}

impl Book {
    /// Returns the bodies a channel took.
    pub fn of(&self, channel: &str) -> Vec<&Value> {
        self.taken.iter().filter(|((c, _), _)| c == channel).map(|(_, body)| body).collect()
    }
}

/// A running gateway.
pub struct Gateway {
    runtime: tokio::runtime::Runtime,
    pub url: String,
    pub book: Arc<Mutex<Book>>,
}

impl Gateway {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let book = Arc::new(Mutex::new(Book::default()));
        let routes = Router::new().route("/{channel}", post(take)).with_state(Arc::clone(&book));
        let url = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            tokio::spawn(async move { axum::serve(listener, routes).await });
            url
        });
        Self { runtime, url, book }
    }

    /// Posts JSON and returns status and answer.
    pub fn post(&self, url: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
        self.runtime.block_on(async {
            let mut request = reqwest::Client::new()
                .post(url)
                .header("content-type", "application/json")
                .body(body.to_string());
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
        })
    }

    /// Gets a page: status, headers, text.
    pub fn get(&self, url: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, String) {
        self.runtime.block_on(async {
            let mut request = reqwest::Client::new().get(url);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = request.send().await.unwrap();
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            (status, headers, answer.text().await.unwrap())
        })
    }
}

/// Takes a message and then, by the message, answers, answers with an error or not in time; it
/// repeats the number in what it says, as gateways do.
async fn take(
    State(book): State<Arc<Mutex<Book>>>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let key = headers.get("idempotency-key").unwrap().to_str().unwrap().to_owned();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let number = body["to"].as_str().unwrap_or_default().to_owned();
    let (tries, count) = {
        let mut book = book.lock().unwrap();
        let tries = book.tries.entry((channel.clone(), key.clone())).or_insert(0);
        *tries += 1;
        let tries = *tries;
        if number == UNKNOWN_NUMBER {
            let said = json!({ "error": format!("no such number: {number}") });
            return (StatusCode::BAD_REQUEST, said.to_string()).into_response();
        }
        book.taken.entry((channel.clone(), key.clone())).or_insert(body);
        (tries, key.bytes().map(u32::from).sum::<u32>())
    };
    // Long enough for a kill to fall between taking and answering.
    tokio::time::sleep(Duration::from_millis(u64::from(count % 40) * 8)).await;
    if tries == 1 && count % 3 == 0 {
        let said = json!({ "error": format!("queue of {number} is down") });
        return (StatusCode::BAD_GATEWAY, said.to_string()).into_response();
    }
    (StatusCode::OK, json!({ "id": format!("{channel}-{count}-{number}") }).to_string())
        .into_response()
}
