//! People: a subscription from the first request to the last word, answers, and CAP as it is served.

use muavu::storage::Records;
use serde_json::{Value, json};

use super::gateway::Gateway;
use super::served::{Setting, files_with, kill, wait_for};
use super::story;
use crate::cap::schema::objections;

const NUMBER: &str = "0912345678";

/// The text that came to the number last.
fn last_sms(gateway: &Gateway, beginning: &str) -> Option<String> {
    let book = gateway.book.lock().unwrap();
    let mut texts = book.of("sms").into_iter().filter_map(|body| body["text"].as_str());
    texts.rfind(|text| text.starts_with(beginning)).map(str::to_owned)
}

fn code(gateway: &Gateway) -> String {
    let text = last_sms(gateway, "Muavu: ma xac nhan").unwrap();
    text.chars().filter(char::is_ascii_digit).take(6).collect()
}

#[test]
fn a_subscriber_confirms_is_told_answers_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start();
    let setting = Setting {
        home: folder.path().join("home"),
        gateway: gateway.url.clone(),
        log: folder.path().join("log.txt"),
    };
    std::fs::create_dir_all(&setting.home).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let now = muavu::ops::clock::now();
    let records = runtime.block_on(Records::open(&setting.home.join("records.sqlite"))).unwrap();
    let drafts =
        [story::warning("p1", "29083", "pomelo", now), story::warning("p2", "29083", "rice", now)];
    runtime.block_on(records.add_advisories(&drafts, &[])).unwrap();
    let (child, url) = setting.serve();
    let post = |path: &str, body: Value| gateway.post(&format!("{url}{path}"), None, &body);

    // What is wrong is refused in words that do not repeat the number.
    let (status, said) =
        post("/v1/subscriptions", json!({ "phone": "0212345678", "communes": ["29083"] }));
    assert!(status == 422 && !said.to_string().contains("212345678"), "{said}");
    let (status, said) =
        post("/v1/subscriptions", json!({ "phone": NUMBER, "communes": ["99999"] }));
    assert!(status == 422 && said.to_string().contains("/v1/communes"), "{said}");

    let wishes = json!({ "phone": NUMBER, "communes": ["29083"], "crops": ["pomelo"] });
    assert_eq!(post("/v1/subscriptions", wishes).0, 202);
    wait_for("the code", || last_sms(&gateway, "Muavu: ma xac nhan").is_some());
    let confirm = json!({ "phone": NUMBER, "code": code(&gateway) });
    assert_eq!(post("/v1/subscriptions/confirm", confirm.clone()).0, 200);
    assert_eq!(post("/v1/subscriptions/confirm", confirm).0, 403, "a code is used once");

    for id in ["p1", "p2"] {
        setting.run(&["review", "approve", id, "--who", "lan.nguyen"]);
    }
    wait_for("the advisory", || last_sms(&gateway, "CANH BAO").is_some());
    // The gateway may have it before we know: its first answer can be lost.
    wait_for("the receipt", || {
        let sent = setting.run(&["outbox", "list", "--state", "sent"]);
        sent.contains("p1/2/sms") && sent.contains("p2/2/cap")
    });
    let told = gateway.book.lock().unwrap().of("sms").len();
    assert_eq!(told, 2, "a code and the pomelos; nothing on rice");

    // By SMS: understood, done, right; by the page: wrong, from somebody else, twice.
    let inbound = |text: &str, token| {
        let body = json!({ "from": "84912345678", "text": text, "id": "m1" });
        gateway.post(&format!("{url}/v1/sms/inbound"), token, &body)
    };
    assert_eq!(inbound("1", Some("wrong-token")).0, 401);
    assert_eq!(inbound("1", None).0, 401);
    for text in ["1", "Đã làm", "DUNG", "DUNG"] {
        assert_eq!(inbound(text, Some("inbound-token")), (200, json!({ "taken": true })), "{text}");
    }
    let page = json!({ "answer": "wrong", "token": "0123456789abcdef0123" });
    assert_eq!(post("/v1/advisories/p1/answers", page.clone()).0, 200);
    let (_, said) = post("/v1/advisories/p1/answers", page);
    assert_eq!((&said["taken"], &said["counts"]), (&json!(true), &Value::Null), "two persons");
    assert_eq!(post("/v1/advisories/nope/answers", json!({ "answer": "done" })).0, 404);
    assert_eq!(post("/v1/advisories/p1/answers", json!({ "answer": "maybe" })).0, 422);
    five_persons_are_told_to_everybody(&gateway, &url);
    cap_is_served(&gateway, &url);

    // Stopped by a word: a withdrawal is not sent to who wants no more messages, and that is noted.
    assert_eq!(inbound("HUY", Some("inbound-token")), (200, json!({ "taken": true })));
    setting.run(&["review", "withdraw", "p1", "--who", "lan", "--reason", "sai số liệu"]);
    wait_for("the withdrawal", || {
        gateway.book.lock().unwrap().of("hook").iter().any(|body| body["turn"] == "withdrawn")
    });
    wait_for("the note", || {
        setting.run(&["outbox", "list", "--state", "held"]).contains("p1/3/sms")
    });
    assert_eq!(gateway.book.lock().unwrap().of("sms").len(), told);
    kill(child);
    assert_eq!(files_with(folder.path(), &[NUMBER[1..].to_owned(), "84912345678".into()]), []);
}

/// What two persons answered is not told to everybody; what five did is.
fn five_persons_are_told_to_everybody(gateway: &Gateway, url: &str) {
    let by_rule = || {
        let (_, _, rules) = gateway.get(&format!("{url}/v1/answers"), &[]);
        serde_json::from_str::<Value>(&rules).unwrap()["rules"].take()
    };
    let answers = format!("{url}/v1/advisories/p1/answers");
    let of_one = || serde_json::from_str::<Value>(&gateway.get(&answers, &[]).2).unwrap();
    assert_eq!((by_rule(), of_one()["share_right"].take()), (json!([]), Value::Null));
    for person in ["lan", "minh", "hoa"] {
        let token = format!("a token of {person:0>12}");
        let right = json!({ "answer": "right", "token": token });
        assert_eq!(gateway.post(&answers, None, &right).0, 200);
    }
    wait_for("the fifth person", || by_rule() != json!([]));
    let rule = by_rule()[0].take();
    assert!(rule["rule"] == "pomelo_salt" && rule["share"] == 0.8, "{rule}");
    let counts = json!({ "received": 5, "understood": 1, "done": 1, "right": 4, "wrong": 1 });
    assert_eq!(rule["communes"], json!({ "29083": counts }));
    assert_eq!((of_one()["counts"].take(), of_one()["share_right"].take()), (counts, json!(0.8)));
}

/// The feed lists both advisories, every document it points at passes the schema, and a client that
/// has them is told so.
fn cap_is_served(gateway: &Gateway, url: &str) {
    let (status, headers, feed) = gateway.get(&format!("{url}/v1/cap.atom"), &[]);
    assert_eq!(status, 200);
    assert!(headers["content-type"].to_str().unwrap().starts_with("application/atom+xml"));
    assert_eq!(feed.matches("<entry>").count(), 2, "{feed}");
    let file = feed.split("/v1/cap/").nth(1).unwrap().split('"').next().unwrap();
    let address = format!("{url}/v1/cap/{file}");
    let (status, headers, document) = gateway.get(&address, &[]);
    assert_eq!(status, 200);
    assert!(headers["content-type"].to_str().unwrap().starts_with("application/cap+xml"));
    assert_eq!(objections(&document), None, "{document}");
    let (tag, changed) =
        (headers["etag"].to_str().unwrap(), headers["last-modified"].to_str().unwrap());
    for known in [("if-none-match", tag), ("if-modified-since", changed)] {
        let (status, headers, body) = gateway.get(&address, &[known]);
        assert_eq!((status, body.as_str()), (304, ""), "{known:?}");
        assert_eq!(headers["etag"].to_str().unwrap(), tag);
    }
    assert_eq!(gateway.get(&address, &[("if-none-match", "\"other\"")]).0, 200);
    assert_eq!(gateway.get(&format!("{url}/v1/cap/nothing.xml"), &[]).0, 404);
}
