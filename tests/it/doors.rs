//! The doors: every route × role × commune × way in, sessions, forms of others, lock-out, the first
//! start, and that nothing secret is said in the log.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use muavu::domain::{Role, Secret, Severity};
use muavu::ops::clock;
use muavu::publish::console;
use muavu::publish::doors::{OpenTo, secrets, sign_in};
use reqwest::StatusCode;

pub mod house;

use crate::command::muavu;
use house::{FOREIGN, House, OWN, body, let_in, with_session};

/// Whom a route is open to, written by hand: what the program says must be exactly this.
const EVERYBODY: &[Role] = &Role::ALL;
const READERS: &[Role] =
    &[Role::Reader, Role::Collector, Role::Agronomist, Role::Approver, Role::Admin];
const REVIEWERS: &[Role] = &[Role::Agronomist, Role::Approver];
const SEERS: &[Role] = &[Role::Collector, Role::Agronomist, Role::Approver];
const ADMINS: &[Role] = &[Role::Admin];

struct Line {
    method: &'static str,
    path: &'static str,
    open: bool,
    roles: &'static [Role],
    /// Whether a script's token of such a role is let in too.
    scripts: bool,
}

const fn line(
    method: &'static str,
    path: &'static str,
    roles: &'static [Role],
    scripts: bool,
) -> Line {
    Line { method, path, open: false, roles, scripts }
}

const fn open(method: &'static str, path: &'static str) -> Line {
    Line { method, path, open: true, roles: EVERYBODY, scripts: true }
}

const TABLE: &[Line] = &[
    open("GET", "/ban-duyet/dang-nhap"),
    open("POST", "/ban-duyet/dang-nhap"),
    open("GET", "/ban-duyet/dang-nhap/oidc"),
    open("GET", "/ban-duyet/dang-nhap/oidc/ve"),
    open("POST", "/ban-duyet/dang-xuat"),
    open("GET", "/ban-duyet/moi/{token}"),
    open("POST", "/ban-duyet/moi/{token}"),
    open("POST", "/ban-duyet/moi/{token}/oidc"),
    open("GET", "/ban-duyet/tep/console.css"),
    open("GET", "/ban-duyet/tep/console.js"),
    open("GET", "/ban-duyet/tep/pages.css"),
    line("GET", "/ban-duyet", READERS, true),
    line("GET", "/ban-duyet/nhom", READERS, true),
    line("POST", "/ban-duyet/nhom", REVIEWERS, false),
    line("GET", "/ban-duyet/da-phat", READERS, true),
    line("GET", "/ban-duyet/tin/{id}", READERS, true),
    line("POST", "/ban-duyet/tin/{id}/duyet", REVIEWERS, false),
    line("POST", "/ban-duyet/tin/{id}/sua", REVIEWERS, false),
    line("POST", "/ban-duyet/tin/{id}/bac", REVIEWERS, false),
    line("POST", "/ban-duyet/tin/{id}/rut", REVIEWERS, false),
    line("POST", "/ban-duyet/tin/{id}/xem-truoc", REVIEWERS, false),
    line("GET", "/ban-duyet/bao-dong", READERS, true),
    line("POST", "/ban-duyet/bao-dong/da-nhan", SEERS, true),
    line("GET", "/ban-duyet/nhat-ky", ADMINS, false),
    line("GET", "/v1/review/drafts", READERS, true),
    line("POST", "/v1/review/alarms/seen", SEERS, true),
];

#[test]
fn the_routes_are_exactly_those_of_the_table_and_open_only_where_it_says_so() {
    let known: BTreeSet<_> = TABLE.iter().map(|l| (l.method, l.path, l.open)).collect();
    let inside = console::routes();
    let inside = inside.iter().map(|r| (r.method.as_str().to_owned(), r.path, r.open_to));
    let way_in = sign_in::routes();
    let way_in = way_in.iter().map(|r| (r.method.as_str().to_owned(), r.path, r.open_to));
    let built: Vec<_> = inside.chain(way_in).collect();
    let built: BTreeSet<_> =
        built.iter().map(|(m, p, to)| (m.as_str(), *p, *to == OpenTo::Anyone)).collect();
    assert_eq!(built, known);
}

/// Sends a request with a way in; a form carries the word of its session and an old number, so that
/// nothing is done by it.
async fn send(house: &House, line: &Line, id: &str, pass: &Pass) -> reqwest::Response {
    let path = line.path.replace("{id}", id).replace("{token}", "none");
    let query = "muc=warning&luat=durian_salt&viec=stop_irrigation&nhanh=";
    let url = match line.method {
        "GET" => format!("{}{path}?{query}", house.url),
        _ => format!("{}{path}", house.url),
    };
    let method = line.method.parse().unwrap();
    let mut request = house.client.request(method, url);
    let mut word = String::new();
    match pass {
        Pass::None => {}
        Pass::Session(secret) => {
            word = secrets::form_word(secret);
            request = with_session(request, secret).header("sec-fetch-site", "same-origin");
        }
        Pass::Token(secret) => request = request.bearer_auth(secret),
    }
    if line.method == "POST" {
        let fields = [("tu", word.as_str()), ("da_xem", "-5"), ("id", "none"), ("dau", "none")];
        let group = [("muc", "warning"), ("luat", "x"), ("viec", "x"), ("nhanh", "")];
        let sign_in = [("name", "nobody"), ("password", "x"), ("again", "y")];
        request = body(request, &[&fields[..], &group[..], &sign_in[..]].concat());
    }
    request.send().await.unwrap()
}

enum Pass {
    None,
    Session(String),
    Token(String),
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_role_commune_and_way_in_is_as_the_table_says() {
    let house = House::open(clock::now).await;
    house.draft("own", OWN, Severity::Warning).await;
    house.draft("foreign", FOREIGN, Severity::Warning).await;
    let mut asked = 0;
    for role in Role::ALL {
        let name = format!("p-{role}");
        let session = house.person(&name, &[&format!("{role}@{OWN}")]).await;
        let long = SignedDuration::from_hours(1);
        let token = house.doors.script_token(&name, "", long).await.unwrap();
        let over = house.doors.script_token(&name, "", -long).await.unwrap();
        // The last digit changed: the shape is right, the secret is not.
        let forge = |secret: &str| {
            let last = if secret.ends_with('0') { "1" } else { "0" };
            format!("{}{last}", &secret[..secret.len() - 1])
        };
        for line in TABLE.iter().filter(|l| l.path != "/ban-duyet/dang-xuat") {
            let of_commune = line.path.contains("{id}");
            for id in if of_commune { vec!["own", "foreign"] } else { vec!["own"] } {
                let may = line.open || (line.roles.contains(&role) && id == "own");
                let session_of = |s: &str| Pass::Session(s.to_owned());
                let token_of = |s: &str| Pass::Token(s.to_owned());
                // An open form (sign-in) is judged as a form, not by who sends it.
                let form = line.method == "POST" && line.open;
                let ways = [
                    ("session", session_of(&session), may),
                    ("token", token_of(token.expose()), may && line.scripts),
                    ("forged session", session_of(&forge(&session)), line.open),
                    ("forged token", token_of(&forge(token.expose())), line.open && !form),
                    ("session as token", token_of(&session), line.open && !form),
                    ("token as session", session_of(token.expose()), line.open),
                    ("token that is over", token_of(over.expose()), line.open && !form),
                    ("nothing", Pass::None, line.open && !form),
                ];
                for (way, pass, expected) in ways {
                    // Wrong passwords end in 401 by themselves, and too many in 429.
                    if form && line.path.ends_with("dang-nhap") {
                        continue;
                    }
                    let answer = send(&house, line, id, &pass).await;
                    let status = answer.status();
                    assert!(
                        status.as_u16() < 500,
                        "{} {} as {role}: {status}",
                        line.method,
                        line.path
                    );
                    assert_eq!(
                        let_in(&answer),
                        expected,
                        "{} {} of {id} as {role} by {way}: {status}",
                        line.method,
                        line.path,
                    );
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 1_000, "only {asked} were asked");
    for id in ["own", "foreign"] {
        assert_eq!(house.state(id).await.as_str(), "draft", "nothing was done by asking");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_table_names_is_not_there() {
    let house = House::open(clock::now).await;
    let session = house.person("root", &["admin@*", "approver@*"]).await;
    for path in ["/ban-duyet/x", "/ban-duyet/tin", "/v1/review", "/ban-duyet/tin/own/xoa"] {
        assert_eq!(house.get(path, &session).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let deleted = house.client.delete(format!("{}/ban-duyet/tin/own", house.url));
    let answer = with_session(deleted, &session).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_the_drafts_of_ones_communes_and_no_other() {
    let house = House::open(clock::now).await;
    house.draft("own", OWN, Severity::Warning).await;
    house.draft("foreign", FOREIGN, Severity::Warning).await;
    let session = house.person("lan", &[&format!("agronomist@{OWN}")]).await;
    for path in ["/ban-duyet", "/v1/review/drafts"] {
        let text = house.get(path, &session).await.text().await.unwrap();
        assert!(text.contains("own") && !text.contains("foreign"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_changes_nothing() {
    let house = House::open(clock::now).await;
    house.draft("own", OWN, Severity::Warning).await;
    let session = house.person("lan", &["agronomist@*"]).await;
    let word = secrets::form_word(&session);
    let url = format!("{}/ban-duyet/tin/own/bac", house.url);
    let here = house.url.clone();
    let fields =
        |word: &str| vec![("tu", word.to_owned()), ("da_xem", "0".into()), ("ly_do", "x".into())];
    let foreign_word = secrets::form_word("another session");
    for (word, header, value) in [
        (word.as_str(), "sec-fetch-site", "cross-site"),
        (word.as_str(), "sec-fetch-site", "same-site"),
        (word.as_str(), "sec-fetch-site", "none"),
        (word.as_str(), "origin", "https://evil.example"),
        (word.as_str(), "origin", "null"),
        (word.as_str(), "x-nothing", "said"),
        ("", "sec-fetch-site", "same-origin"),
        (foreign_word.as_str(), "sec-fetch-site", "same-origin"),
    ] {
        let fields = fields(word);
        let fields: Vec<_> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let request = with_session(house.client.post(&url), &session).header(header, value);
        let answer = body(request, &fields).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{header}: {value}");
    }
    assert_eq!(house.state("own").await.as_str(), "draft");
    let fields = fields(&word);
    let fields: Vec<_> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let request = with_session(house.client.post(&url), &session).header("origin", here);
    let answer = body(request, &fields).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "a browser that says only its origin");
    assert_eq!(house.state("own").await.as_str(), "rejected");
}

/// Minutes the clock of the session test is ahead; only that test reads it.
static AHEAD_MIN: AtomicI64 = AtomicI64::new(0);

fn ahead() -> Timestamp {
    clock::now() + SignedDuration::from_mins(AHEAD_MIN.load(Ordering::SeqCst))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_unused_when_old_when_left_and_when_shut_out() {
    let house = House::open(ahead).await;
    let is_in = async |session: &str| let_in(&house.get("/ban-duyet", session).await);
    let idle = house.person("lan", &["reader@*"]).await;
    assert!(is_in(&idle).await);
    AHEAD_MIN.store(31, Ordering::SeqCst);
    assert!(!is_in(&idle).await, "unused for half an hour");
    AHEAD_MIN.store(0, Ordering::SeqCst);
    assert!(!is_in(&idle).await, "what ended does not begin again");

    let busy = house.person("minh", &["reader@*"]).await;
    for quarter in 1..32 {
        AHEAD_MIN.store(15 * quarter, Ordering::SeqCst);
        assert!(is_in(&busy).await, "used after {quarter} quarters");
    }
    AHEAD_MIN.store(8 * 60 + 1, Ordering::SeqCst);
    assert!(!is_in(&busy).await, "eight hours old");
    AHEAD_MIN.store(0, Ordering::SeqCst);

    let left = house.person("hoa", &["reader@*"]).await;
    assert_eq!(
        house.post("/ban-duyet/dang-xuat", &left, &[]).await.status(),
        StatusCode::SEE_OTHER
    );
    assert!(!is_in(&left).await, "left");
    let shut = house.person("tam", &["reader@*"]).await;
    house.home.records.disable_person("tam", clock::now()).await.unwrap();
    assert!(!is_in(&shut).await, "shut out");
    let changed = house.person("nam", &["reader@*"]).await;
    house.home.records.set_roles("nam", &[]).await.unwrap();
    assert!(!is_in(&changed).await, "a role taken away is gone at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_link_is_good_once_and_a_password_lets_in() {
    let house = House::open(clock::now).await;
    let link = house.doors.first_link().await.unwrap().expect("nobody can sign in yet");
    let again = house.doors.first_link().await.unwrap().unwrap();
    let used = async |link: &str, name: &str, password: &str, again: &str| {
        let request = house.client.post(format!("{}{link}", house.url));
        let request = request.header("sec-fetch-site", "same-origin");
        let fields = [("name", name), ("password", password), ("again", again)];
        body(request, &fields).send().await.unwrap()
    };
    let good = "con đường về vườn dừa";
    // Read, not tried: five tries are all there are.
    let older = house.client.get(format!("{}{link}", house.url)).send().await.unwrap();
    assert_eq!(older.status(), StatusCode::GONE, "an older link");
    for (name, password, repeated) in
        [("lan", "ngắn", "ngắn"), ("lan", good, "khác hẳn nhau rồi"), ("engine", good, good)]
    {
        let answer = used(&again, name, password, repeated).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
    assert_eq!(used(&again, "lan", good, good).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(used(&again, "minh", good, good).await.status(), StatusCode::GONE, "used up");
    assert!(house.doors.first_link().await.unwrap().is_none());
    let lan = house.home.records.person("lan").await.unwrap().unwrap();
    let kept = lan.password.unwrap();
    assert!(kept.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    let sign_in = async |name: &str, password: &str| {
        let request = house.client.post(format!("{}{}", house.url, sign_in::PATH));
        let request = request.header("sec-fetch-site", "same-origin");
        body(request, &[("name", name), ("password", password)]).send().await.unwrap()
    };
    assert_eq!(sign_in("lan", "con đường về vườn cau").await.status(), StatusCode::UNAUTHORIZED);
    let entered = sign_in("lan", good).await;
    assert_eq!(entered.status(), StatusCode::SEE_OTHER);
    let cookie = entered.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax") && !cookie.contains("Secure"), "{cookie}");
    let session = cookie.split(['=', ';']).nth(1).unwrap();
    assert!(let_in(&house.get("/ban-duyet", session).await));
    // Over a proxy with TLS the cookie is for this host over TLS alone.
    let request = house.client.post(format!("{}{}", house.url, sign_in::PATH));
    let request = request.header("sec-fetch-site", "same-origin");
    let request = request.header("x-forwarded-proto", "https");
    let answer = body(request, &[("name", "lan"), ("password", good)]).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-muavu=") && cookie.ends_with("; Secure"), "{cookie}");
    assert!(answer.headers().contains_key("strict-transport-security"));
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_stopped_and_the_right_password_then_has_to_wait_too() {
    let house = House::open(clock::now).await;
    let password = "con đường về vườn dừa";
    for name in ["lan", "minh"] {
        house.person(name, &["reader@*"]).await;
        let hash = secrets::hash(&Secret::new(password)).unwrap();
        house.home.records.set_password(name, &hash).await.unwrap();
    }
    let sign_in = async |name: &str, password: &str| {
        let request = house.client.post(format!("{}{}", house.url, sign_in::PATH));
        let request = request.header("sec-fetch-site", "same-origin");
        body(request, &[("name", name), ("password", password)]).send().await.unwrap()
    };
    for _ in 0..5 {
        assert_eq!(sign_in("lan", "wrong").await.status(), StatusCode::UNAUTHORIZED);
    }
    let shut = sign_in("lan", password).await;
    assert_eq!(shut.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = shut.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(sign_in("minh", password).await.status(), StatusCode::SEE_OTHER, "others work on");
    assert_eq!(sign_in("nobody", password).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_its_headers_and_a_large_form_is_refused() {
    let house = House::open(clock::now).await;
    let session = house.person("lan", &["agronomist@*"]).await;
    for path in ["/ban-duyet", sign_in::PATH, "/ban-duyet/tep/console.js", "/ban-duyet/khong-co"] {
        let answer = house.get(path, &session).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
    }
    let page = house.get("/ban-duyet", &session).await;
    assert_eq!(page.headers()["cache-control"], "no-store");
    let text = page.text().await.unwrap();
    assert!(!text.contains("style=") && !text.contains("<style") && !text.contains("onclick"));
    let large = "x".repeat(70_000);
    let answer = house.post("/ban-duyet/tin/own/sua", &session, &[("loi_vi", &large)]).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[test]
fn the_first_start_says_one_link_and_the_log_says_no_secret() {
    let home = tempfile::tempdir().unwrap();
    let mut child = muavu(home.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("MUAVU__LOG__LEVEL", "trace")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let (mut link, mut line) = (String::new(), String::new());
    while link.is_empty() {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it ended before it listened");
        if let Some((_, rest)) = line.split_once("nobody can sign in yet: ") {
            rest.split_whitespace().next().unwrap().clone_into(&mut link);
        }
    }
    let reader = std::thread::spawn(move || {
        let mut rest = String::new();
        said.read_to_string(&mut rest).unwrap();
        rest
    });
    let password = "con đường về vườn dừa";
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let session = runtime.block_on(async {
        let client =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let post = |url: String, fields: Vec<(&'static str, &'static str)>| {
            let request = client.post(url).header("sec-fetch-site", "same-origin");
            body(request, &fields).send()
        };
        let name = ("name", "lan");
        let chosen = post(link.clone(), vec![name, ("password", password), ("again", password)]);
        assert_eq!(chosen.await.unwrap().status(), StatusCode::SEE_OTHER);
        let base = link.split("/ban-duyet").next().unwrap();
        let wrong =
            post(format!("{base}{}", sign_in::PATH), vec![name, ("password", "hunter2hunter2")]);
        assert_eq!(wrong.await.unwrap().status(), StatusCode::UNAUTHORIZED);
        let entered = post(format!("{base}{}", sign_in::PATH), vec![name, ("password", password)]);
        let entered = entered.await.unwrap();
        let cookie = entered.headers()["set-cookie"].to_str().unwrap();
        let session = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
        let page = with_session(client.get(format!("{base}/ban-duyet")), &session);
        assert_eq!(page.send().await.unwrap().status(), StatusCode::OK);
        session
    });
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    child.wait().unwrap();
    let log = reader.join().unwrap();
    let token = link.rsplit('/').next().unwrap();
    for secret in [password, "hunter2hunter2", &session, token, &secrets::form_word(&session)] {
        assert!(!log.contains(secret), "a secret stands in the log:\n{log}");
    }
}
