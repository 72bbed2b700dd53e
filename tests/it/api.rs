//! The API as clients use it: a real server on the sample.

use std::io::BufRead as _;
use std::process::{Child, Command, Stdio};

use arrow_ipc::reader::StreamReader;
use reqwest::header::{self, HeaderMap};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

use crate::command::{muavu, said};

/// A served sample.
struct Served {
    child: Child,
    url: String,
    client: Client,
    _home: tempfile::TempDir,
}

impl Served {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(said(muavu(home.path()).arg("run")).code, 0);
        let mut child = muavu(home.path())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|w| w.starts_with("http://")).unwrap();
        let url = url.trim_end_matches("/,").to_owned();
        let client = Client::builder().no_gzip().build().unwrap();
        Self { child, url, client, _home: home }
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Heard {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        Heard { status, headers, body: answer.bytes().await.unwrap().to_vec() }
    }

    async fn get(&self, path: &str) -> Heard {
        self.ask(Method::GET, path, &[]).await
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        let _asked = Command::new("kill").args(["-TERM", &pid]).status();
        let _status = self.child.wait();
    }
}

struct Heard {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Heard {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: impl AsRef<str>) -> &str {
        let name = name.as_ref();
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }
}

#[test]
fn the_api_keeps_its_manners() {
    let served = Served::start();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        conditions(&served).await;
        formats_and_pages(&served).await;
        refusals(&served).await;
        limits(&served).await;
        documented(&served).await;
    });
}

async fn conditions(served: &Served) {
    let path = "/v1/forecasts?place=salinity:37";
    let plain = served.get(path).await;
    let zipped = served.ask(Method::GET, path, &[("accept-encoding", "gzip")]).await;
    assert_eq!(zipped.header(header::CONTENT_ENCODING), "gzip");
    assert!(zipped.body.len() < plain.body.len());
    let (tag, other) = (plain.header(header::ETAG), zipped.header(header::ETAG));
    assert!(tag.starts_with('"'), "strong: {tag}");
    assert_ne!(tag, other, "another encoding is another representation");
    assert!(plain.header(header::VARY).contains("accept-encoding"));
    for (name, value) in
        [("if-none-match", format!("\"x\", W/{tag}")), ("if-none-match", "*".to_owned())]
    {
        let same = served.ask(Method::GET, path, &[(name, &value)]).await;
        assert_eq!((same.status, same.body.len()), (StatusCode::NOT_MODIFIED, 0), "{value}");
        assert_eq!(same.header(header::ETAG), tag);
    }
    let changed = plain.header(header::LAST_MODIFIED);
    let same = served.ask(Method::GET, path, &[("if-modified-since", changed)]).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    let stale = [("if-modified-since", changed), ("if-none-match", "\"x\"")];
    assert_eq!(served.ask(Method::GET, path, &stale).await.status, 200, "the tag wins");
    let head = served.ask(Method::HEAD, path, &[]).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header(header::CONTENT_LENGTH), plain.body.len().to_string());
    let crossed = served.ask(Method::GET, path, &[("origin", "https://example.vn")]).await;
    assert_eq!(crossed.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    assert_eq!(crossed.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
}

async fn formats_and_pages(served: &Served) {
    let path = "/v1/observations?variable=salinity_max_g_l&place=salinity:37";
    let whole = served.get(&format!("{path}&limit=10000")).await.json();
    let rows = whole["observations"].as_array().unwrap();
    assert!(rows.len() > 50 && whole["next"].is_null(), "{}", rows.len());
    let mut walked = Vec::new();
    let mut next = format!("{path}&limit=40");
    loop {
        let page = served.get(&next).await;
        let said = page.json();
        walked.extend(said["observations"].as_array().unwrap().clone());
        let Some(cursor) = said["next"].as_str() else { break };
        let link = page.header(header::LINK).to_owned();
        assert!(link.contains(cursor) && link.ends_with("rel=\"next\""), "{link}");
        next = link.split(['<', '>']).nth(1).unwrap().to_owned();
    }
    assert_eq!(walked, *rows, "pages hold every row once");
    let csv =
        served.ask(Method::GET, &format!("{path}&limit=10000"), &[("accept", "text/csv")]).await;
    assert!(csv.header(header::CONTENT_TYPE).starts_with("text/csv"));
    assert_eq!(csv.header("x-licence"), whole["licence"].as_str().unwrap());
    let mut reader = csv::Reader::from_reader(&csv.body[..]);
    assert!(reader.headers().unwrap().iter().any(|name| name == "valid_time"));
    assert_eq!(reader.records().count(), rows.len());
    let arrow = served.get(&format!("{path}&limit=10000&format=arrow")).await;
    let batches: Vec<_> =
        StreamReader::try_new(&arrow.body[..], None).unwrap().map(Result::unwrap).collect();
    assert_eq!(batches.iter().map(|b| b.num_rows()).sum::<usize>(), rows.len());
    pages_of_advisories(served).await;
    let from = rows[10]["valid_time"].as_str().unwrap();
    let some = served.get(&format!("{path}&from={from}&limit=10000")).await.json();
    let some = some["observations"].as_array().unwrap();
    assert!(!some.is_empty() && some.iter().all(|r| r["valid_time"].as_str().unwrap() >= from));
}

/// Advisories come page by page too, newest first, each once, whichever way they are narrowed.
async fn pages_of_advisories(served: &Served) {
    let whole = served.get("/v1/advisories").await.json();
    let all = whole["advisories"].as_array().unwrap();
    assert!(all.len() > 20 && whole["next"].is_null(), "{}", all.len());
    let crop = all[0]["crop"].as_str().unwrap();
    let commune = all[0]["commune"].as_str().unwrap();
    for narrowed in [String::new(), format!("&crop={crop}"), format!("&commune={commune}")] {
        let wanted = |a: &&Value| {
            (!narrowed.contains("crop") || a["crop"] == crop)
                && (!narrowed.contains("commune") || a["commune"] == commune)
        };
        let wanted: Vec<&Value> = all.iter().filter(wanted).collect();
        let mut walked = Vec::new();
        let mut next = format!("/v1/advisories?limit=7{narrowed}");
        loop {
            let page = served.get(&next).await;
            let said = page.json();
            let rows = said["advisories"].as_array().unwrap().clone();
            assert!(rows.len() <= 7);
            walked.extend(rows);
            let Some(cursor) = said["next"].as_str() else { break };
            let link = page.header(header::LINK).to_owned();
            assert!(link.contains(cursor) && link.ends_with("rel=\"next\""), "{link}");
            next = link.split(['<', '>']).nth(1).unwrap().to_owned();
        }
        assert_eq!(walked.iter().collect::<Vec<_>>(), wanted, "{narrowed}");
    }
    let issued: Vec<&str> = all.iter().map(|a| a["issued_at"].as_str().unwrap()).collect();
    assert!(issued.is_sorted_by(|a, b| a >= b), "newest first");
}

async fn refusals(served: &Served) {
    for (path, status, given) in [
        ("/v1/forecasts?plac=salinity:37", 400, "plac"),
        ("/v1/forecasts?place=nowhere", 400, "nowhere"),
        ("/v1/observations", 400, "variable"),
        ("/v1/observations?variable=salt", 400, "salt"),
        ("/v1/scores?cursor=zz", 400, "zz"),
        ("/v1/scores?limit=0", 400, "10000"),
        ("/v1/scores?limit=many", 400, "many"),
        ("/v1/scores?format=xml", 400, "xml"),
        ("/v1/advisories?state=draft", 400, "published"),
        ("/v1/advisories?crop=banana", 400, "banana"),
        ("/v1/advisories/0123", 404, "0123"),
        ("/v1/prices?variable=rain_mm", 400, "price_usd_t"),
    ] {
        let heard = served.get(path).await;
        assert_eq!(heard.status.as_u16(), status, "{path}");
        assert_eq!(heard.header(header::CONTENT_TYPE), "application/problem+json");
        let problem = heard.json();
        assert_eq!(problem["status"], status);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(given), "{path}: {detail}");
    }
    let posted = served.ask(Method::POST, "/v1/scores", &[]).await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
}

async fn limits(served: &Served) {
    let far = [("x-forwarded-for", "203.0.113.7")];
    let mut refused = None;
    for _ in 0..400 {
        let heard = served.ask(Method::GET, "/v1/communes", &far).await;
        assert!(heard.header("ratelimit").starts_with("\"client\";r="));
        if heard.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(heard);
            break;
        }
    }
    let refused = refused.expect("nobody was refused");
    assert!(refused.header(header::RETRY_AFTER).parse::<u64>().unwrap() >= 1);
    let other = [("x-forwarded-for", "203.0.113.8")];
    assert_eq!(served.ask(Method::GET, "/v1/communes", &other).await.status, 200);
}

/// Every address of the description answers, and with nothing that is not described.
async fn documented(served: &Served) {
    let document = served.get("/v1/openapi.json").await.json();
    let communes = served.get("/v1/communes").await.json();
    let code = communes["communes"][0]["code"].as_str().unwrap().to_owned();
    let listed = served.get("/v1/advisories").await.json();
    let id = listed["advisories"][0]["id"].as_str().unwrap().to_owned();
    for (path, item) in document["paths"].as_object().unwrap() {
        // Those only a running stream has; those of a home's own advisories, not of the sample's.
        let elsewhere = ["/v1/events", "/v1/advisories/{id}/answers", "/v1/cap/{file}"];
        if elsewhere.contains(&path.as_str()) || item["get"].is_null() {
            continue;
        }
        let mut address = path.replace("{code}", &code).replace("{id}", &id);
        if path == "/v1/observations" || path == "/v1/guidance" {
            address += "?variable=salinity_max_g_l";
        }
        let heard = served.get(&address).await;
        assert_eq!(heard.status, 200, "{address}");
        let content = &item["get"]["responses"]["200"]["content"];
        let kind = heard.header(header::CONTENT_TYPE).split(';').next().unwrap();
        let schema = &content[kind]["schema"];
        assert!(schema.is_object(), "{path} answers {kind}, which is not described");
        if kind != "application/json" {
            continue;
        }
        let said = heard.json();
        let properties = schema["properties"].as_object().unwrap();
        for name in said.as_object().unwrap().keys() {
            assert!(properties.contains_key(name), "{path} says {name}, which is not described");
        }
        for name in schema["required"].as_array().unwrap() {
            assert!(said.get(name.as_str().unwrap()).is_some(), "{path} leaves out {name}");
        }
    }
}
