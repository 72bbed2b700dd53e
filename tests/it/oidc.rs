//! Sign-in from elsewhere: with a real provider (the npm package `oidc-provider`) and the real program;
//! with a provider that is down or hangs; and with an evil one.

use muavu::publish::doors::oidc::{CALLBACK_PATH, START_PATH};
use reqwest::StatusCode;

mod answers;
mod browser;
mod evil;
mod forged;
mod running;

use crate::command::said;
use crate::support::free_port;
use browser::Browser;
use running::{CLIENT_SECRET, Elsewhere, Program, people};

const PASSWORD: &str = "con đường về vườn dừa";

/// Signs in at the provider as `login` and returns the answer of the last page with its address.
async fn sign_in(browser: &mut Browser, program: &Program, login: &str) -> browser::Page {
    let page = browser.get(&format!("{}{START_PATH}?next=/ban-duyet/da-phat", program.url)).await;
    browser.through_provider(page, login).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_linked_gets_in_with_their_own_roles_and_nobody_else_does() {
    let Some(elsewhere) = Elsewhere::start().await else { return };
    let home = tempfile::tempdir().unwrap();
    let settings = elsewhere.settings();
    let lan = people(home.path(), &settings, &["add", "lan", "--role", "agronomist"]);
    assert_eq!(lan.code, 0, "{}", lan.err);
    let linked = people(home.path(), &settings, &["identity", "lan", "--subject", "lan-there"]);
    assert!(linked.code == 0 && linked.err.contains("lan signs in as"), "{}", linked.err);
    let minh = people(home.path(), &settings, &["add", "minh", "--role", "admin"]);
    let link = minh.out.trim().to_owned();
    let taken = people(home.path(), &settings, &["identity", "minh", "--subject", "lan-there"]);
    assert!(taken.code == 1 && taken.err.contains("another account"), "{}", taken.err);
    let program = Program::serve(home.path(), elsewhere.own_port, &settings);

    // Linked by an admin: in, to where they wanted, with the roles of their account and no more.
    let mut lan = Browser::new();
    let page = sign_in(&mut lan, &program, "lan-there").await;
    assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/ban-duyet/da-phat"));
    let log = lan.get(&format!("{}/ban-duyet/nhat-ky", program.url)).await;
    assert_eq!(log.status, StatusCode::FORBIDDEN, "an agronomist does not read the log");

    // The way back works once: neither the whole answer nor its code in another attempt.
    let back = lan.passed.iter().find(|url| url.path() == CALLBACK_PATH).unwrap().clone();
    let mut again = lan.clone();
    let page = again.get(back.as_str()).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.text);
    let mut other = Browser::new();
    let asked = other.once(&format!("{}{START_PATH}", program.url)).await;
    let state = browser::query(&asked.to.unwrap(), "state");
    let code = browser::query(&back, "code");
    let forged = format!("{}{CALLBACK_PATH}?state={state}&code={code}", program.url);
    assert_eq!(other.get(&forged).await.status, StatusCode::BAD_GATEWAY, "it names no issuer");
    let asked = other.once(&format!("{}{START_PATH}", program.url)).await;
    let state = browser::query(&asked.to.unwrap(), "state");
    let iss = browser::query(&back, "iss");
    let forged = format!("{}{CALLBACK_PATH}?state={state}&code={code}&iss={iss}", program.url);
    let page = other.get(&forged).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "the provider takes a code once");
    assert!(page.text.contains("name=\"password\""), "the password is still asked for");

    // Not linked: not in, and told whom to ask.
    let mut stranger = Browser::new();
    let page = sign_in(&mut stranger, &program, "stranger-there").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("chưa gắn với tài khoản nào"), "{}", page.text);
    let queue = stranger.get(&format!("{}/ban-duyet", program.url)).await;
    assert_eq!(queue.url.path(), "/ban-duyet/dang-nhap");

    // By a one-time link: shown whose account it is, then through the provider, then in.
    let mut minh = Browser::new();
    let page = minh.get(&format!("{}{link}", program.url)).await;
    assert!(page.text.contains("Gắn danh tính"), "{}", page.text);
    let page = minh.post(&format!("{}{link}/oidc", program.url), &[]).await;
    assert!(page.text.contains("<strong>minh</strong>"), "{}", page.text);
    let there = page.link_to("127.0.0.1", "/auth");
    let page = minh.get(&there).await;
    let page = minh.through_provider(page, "minh-there").await;
    assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/ban-duyet"), "{}", page.text);
    let used = Browser::new().get(&format!("{}{link}", program.url)).await;
    assert_eq!(used.status, StatusCode::GONE, "the link is used up");
    let log = minh.get(&format!("{}/ban-duyet/nhat-ky", program.url)).await.text;
    for line in ["gắn danh tính", "bằng đường dẫn một lần", "không được vào", "dòng lệnh"]
    {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert!(!log.contains("-there"), "the provider's names of people stand in the log");

    // Taken away: out at once.
    let removed = people(home.path(), &settings, &["identity", "lan", "--remove"]);
    assert_eq!(removed.code, 0, "{}", removed.err);
    let queue = lan.get(&format!("{}/ban-duyet", program.url)).await;
    assert_eq!(queue.url.path(), "/ban-duyet/dang-nhap", "its sessions ended");
    assert_eq!(sign_in(&mut lan, &program, "lan-there").await.status, StatusCode::FORBIDDEN);

    let said = program.stop();
    let secrets = [CLIENT_SECRET, &code, &state, "eyJ", "lan-there", "stranger-there"];
    for secret in secrets {
        assert!(!said.contains(secret), "{secret} stands in the log:\n{said}");
    }
    assert!(said.contains("a sign-in from elsewhere let nobody in"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_told_beside_the_token_names_a_person_too() {
    let Some(elsewhere) = Elsewhere::start().await else { return };
    let home = tempfile::tempdir().unwrap();
    let mut settings = elsewhere.settings();
    settings.push(("MUAVU__OIDC__CLAIM", "citizen_id".into()));
    settings.push(("MUAVU__OIDC__SCOPES", "[\"openid\", \"citizen\"]".into()));
    people(home.path(), &settings, &["add", "lan", "--role", "reader"]);
    people(home.path(), &settings, &["identity", "lan", "--subject", "0860-lan-there"]);
    let program = Program::serve(home.path(), elsewhere.own_port, &settings);
    let page = sign_in(&mut Browser::new(), &program, "lan-there").await;
    assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/ban-duyet/da-phat"));
    let page = sign_in(&mut Browser::new(), &program, "0860-lan-there").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "a name of that look is not that number");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_provider_is_down_or_hangs_passwords_go_on() {
    let hanging = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let hangs_at = hanging.local_addr().unwrap().port();
    for (port, why) in [(free_port(), "Connection refused"), (hangs_at, "no answer in")] {
        let home = tempfile::tempdir().unwrap();
        let own_port = free_port();
        let settings = running::settings(port, own_port);
        let link = people(home.path(), &settings, &["add", "lan", "--role", "reader"]).out;
        let program = Program::serve(home.path(), own_port, &settings);
        let mut lan = Browser::new();
        let fields = [("password", PASSWORD), ("again", PASSWORD)];
        let page = lan.post(&format!("{}{}", program.url, link.trim()), &fields).await;
        assert!(page.text.contains("Đã đặt mật khẩu"), "{}", page.text);
        let page = lan.get(&format!("{}/ban-duyet/dang-nhap", program.url)).await;
        assert!(page.text.contains("Đăng nhập bằng Danh tính thử"), "{}", page.text);
        let page = lan.get(&format!("{}{START_PATH}", program.url)).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(page.text.contains("Danh tính thử hiện không trả lời"), "{}", page.text);
        assert!(page.text.contains("name=\"password\""), "the password is asked for beside it");
        let fields = [("name", "lan"), ("password", PASSWORD), ("next", "/ban-duyet")];
        let page = lan.post(&format!("{}/ban-duyet/dang-nhap", program.url), &fields).await;
        assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/ban-duyet"));
        let log = program.stop();
        assert!(log.contains("the provider fails") && log.contains(why), "{log}");
    }
}

#[test]
fn settings_that_cannot_be_used_stop_the_start_and_say_all_that_is_wrong() {
    let home = tempfile::tempdir().unwrap();
    let mut command = crate::command::muavu(home.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]);
    command.env("MUAVU__OIDC__ISSUER", "http://id.example");
    command.env("MUAVU__OIDC__CLIENT_SECRET", CLIENT_SECRET);
    let out = said(&mut command);
    assert_eq!(out.code, 1, "{}", out.err);
    for part in ["[oidc]", "issuer must be an https address", "client_id is empty", "hint:"] {
        assert!(out.err.contains(part), "{part}: {}", out.err);
    }
    assert!(!out.err.contains(CLIENT_SECRET), "{}", out.err);
}
