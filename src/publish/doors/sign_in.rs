//! Signing in and out, and the one-time link by which a password is chosen.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::gate::{Caller, FORM_WORD, SESSION, failed, said};
use super::{DoorError, Doors, OpenTo, Route, oidc, secrets};
use crate::domain::Secret;

/// Where people sign in.
pub const PATH: &str = "/ban-duyet/dang-nhap";

/// Where a one-time link leads; the token follows.
pub const LINK_PATH: &str = "/ban-duyet/moi";

/// Where people work once they are in.
pub(super) const HOME: &str = "/ban-duyet";

#[derive(Template)]
#[template(path = "sign_in.html", config = "src/publish/doors/pages/askama.toml")]
struct SignInPage<'a> {
    next: &'a str,
    name: &'a str,
    wrong: Option<&'a str>,
    done: Option<&'a str>,
    word: Word<'a>,
    /// The other way in: where it begins and what people call it.
    other: Option<(String, &'a str)>,
}

/// The field by which a form says that it is ours, when it is sent from within a session.
struct Word<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> Word<'a> {
    fn of(caller: &'a Caller) -> Self {
        Self { name: FORM_WORD, value: caller.form_word() }
    }
}

impl<'a> SignInPage<'a> {
    fn of(doors: &'a Doors, caller: &'a Caller, next: &'a str) -> Self {
        let other = doors.provider().map(|provider| {
            let coded: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
            (format!("{}?next={coded}", oidc::START_PATH), provider.name())
        });
        Self { next, name: "", wrong: None, done: None, word: Word::of(caller), other }
    }
}

#[derive(Template)]
#[template(path = "link.html", config = "src/publish/doors/pages/askama.toml")]
struct LinkPage<'a> {
    token: &'a str,
    first: bool,
    name: &'a str,
    wrong: Option<&'a str>,
    word: Word<'a>,
    /// What people call the provider whose identity can be linked instead.
    other: Option<&'a str>,
}

impl<'a> LinkPage<'a> {
    /// Returns the page of a link for `account`; empty for the link of the first start.
    fn of(doors: &'a Doors, caller: &'a Caller, token: &'a str, account: &'a str) -> Self {
        let first = account.is_empty();
        let other = doors.provider().filter(|_| !first).map(oidc::Provider::name);
        Self { token, first, name: account, wrong: None, word: Word::of(caller), other }
    }
}

#[derive(Template)]
#[template(path = "refusal.html", config = "src/publish/doors/pages/askama.toml")]
struct RefusalPage<'a> {
    words: &'a str,
}

/// Returns the routes of the way in.
pub fn routes() -> Vec<Route<Doors>> {
    let open = |method, path, handler| Route { method, path, open_to: OpenTo::Anyone, handler };
    let mut routes = vec![
        open(Method::GET, PATH, get(ask)),
        open(Method::POST, PATH, post(sign_in)),
        open(Method::POST, "/ban-duyet/dang-xuat", post(sign_out)),
        open(Method::GET, "/ban-duyet/moi/{token}", get(ask_password)),
        open(Method::POST, "/ban-duyet/moi/{token}", post(choose_password)),
    ];
    routes.extend(oidc::routes::routes());
    routes
}

#[derive(Deserialize)]
struct Next {
    next: Option<String>,
    moi: Option<String>,
}

async fn ask(State(doors): State<Doors>, caller: Caller, Query(query): Query<Next>) -> Response {
    let next = inside(query.next.as_deref());
    let done = query.moi.is_some().then_some("Đã đặt mật khẩu. Mời đăng nhập.");
    draw(StatusCode::OK, &SignInPage { done, ..SignInPage::of(&doors, &caller, &next) })
}

/// Returns the page for another try, after one from elsewhere that let nobody in.
pub(super) fn again(doors: &Doors, caller: &Caller, status: StatusCode, wrong: &str) -> Response {
    draw(status, &SignInPage { wrong: Some(wrong), ..SignInPage::of(doors, caller, HOME) })
}

#[derive(Deserialize)]
struct SignIn {
    name: String,
    password: Secret,
    #[serde(default)]
    next: String,
}

async fn sign_in(State(doors): State<Doors>, caller: Caller, Form(form): Form<SignIn>) -> Response {
    let name = form.name.trim().to_lowercase();
    let next = inside(Some(&form.next));
    let again = |status, wrong: &str| {
        let page = SignInPage::of(&doors, &caller, &next);
        draw(status, &SignInPage { name: &name, wrong: Some(wrong), ..page })
    };
    if let Err(wait) = doors.limits.try_once(&name, caller.address) {
        let secs = wait.as_secs() + 1;
        let page = again(
            StatusCode::TOO_MANY_REQUESTS,
            &format!("Thử quá nhiều lần. Hãy đợi {secs} giây rồi thử lại."),
        );
        tracing::warn!(wait_secs = secs, "too many tries to sign in");
        return ([(header::RETRY_AFTER, secs.to_string())], page).into_response();
    }
    let entered = async {
        if !doors.proven(&name, form.password).await? {
            return Ok(None);
        }
        doors.enter(&name, &caller, "").await.map(Some)
    };
    match entered.await {
        Ok(Some(secret)) => {
            let cookie = SESSION.set(&caller.headers, Some(secret.expose()));
            ([(header::SET_COOKIE, cookie)], Redirect::to(&next)).into_response()
        }
        // Whether the name or the password is wrong is not told.
        Ok(None) => again(StatusCode::UNAUTHORIZED, "Tên đăng nhập hoặc mật khẩu không đúng."),
        Err(error) => failed(true, &error),
    }
}

async fn sign_out(State(doors): State<Doors>, caller: Caller) -> Response {
    if let Some(who) = &caller.who {
        let ended = async {
            doors.records.end_pass(&who.pass).await?;
            doors.note(&who.name, "signed out", &who.name, "").await
        };
        if let Err(error) = ended.await {
            return failed(true, &error);
        }
    }
    let cookie = SESSION.set(&caller.headers, None);
    ([(header::SET_COOKIE, cookie)], Redirect::to(PATH)).into_response()
}

async fn ask_password(
    State(doors): State<Doors>,
    Path(token): Path<String>,
    caller: Caller,
) -> Response {
    match doors.link_for(&token).await {
        Ok(Some(name)) => draw(StatusCode::OK, &LinkPage::of(&doors, &caller, &token, &name)),
        Ok(None) => over(),
        Err(error) => failed(true, &error),
    }
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    name: String,
    password: Secret,
    again: Secret,
}

async fn choose_password(
    State(doors): State<Doors>,
    Path(token): Path<String>,
    caller: Caller,
    Form(form): Form<Choice>,
) -> Response {
    if let Err(wait) = doors.limits.try_once(&secrets::kept(&token), caller.address) {
        let words = format!("Thử quá nhiều lần. Hãy đợi {} giây.", wait.as_secs() + 1);
        return said(true, StatusCode::TOO_MANY_REQUESTS, &words);
    }
    let name = form.name.trim().to_lowercase();
    let used = if form.password == form.again {
        doors.use_link(&token, &name, form.password).await
    } else {
        Err(DoorError::Password("hai lần nhập mật khẩu không giống nhau"))
    };
    let wrong = match used {
        Ok(Some(_)) => return Redirect::to(&format!("{PATH}?moi=1")).into_response(),
        Ok(None) => return over(),
        Err(DoorError::Password(why)) => why,
        Err(DoorError::Name { .. }) => "tên đăng nhập gồm 2 đến 32 chữ a–z, số, dấu chấm, gạch nối",
        Err(error) => return failed(true, &error),
    };
    match doors.link_for(&token).await {
        Ok(Some(account)) => {
            let page = LinkPage::of(&doors, &caller, &token, &account);
            let name = if page.first { &name } else { &account };
            draw(StatusCode::UNPROCESSABLE_ENTITY, &LinkPage { name, wrong: Some(wrong), ..page })
        }
        Ok(None) => over(),
        Err(error) => failed(true, &error),
    }
}

fn over() -> Response {
    let words = "Đường dẫn này đã dùng rồi hoặc đã hết hạn. Hãy xin quản trị viên một đường dẫn mới \
                 (muavu people link).";
    said(true, StatusCode::GONE, words)
}

/// Returns where to go after signing in: only inside the console, never to another site.
pub(super) fn inside(next: Option<&str>) -> String {
    let fits = |next: &&str| {
        next.strip_prefix(HOME).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
            && !next.contains(['\\', '\r', '\n'])
    };
    next.filter(fits).unwrap_or(HOME).to_owned()
}

/// Returns a refusal as a page.
pub(super) fn refusal(status: StatusCode, words: &str) -> Response {
    draw(status, &RefusalPage { words })
}

pub(super) fn draw(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site_after_signing_in() {
        for bad in ["//evil.example", "https://evil.example", "/ban-duyetx", "/ban-duyet\\..", "/"]
        {
            assert_eq!(inside(Some(bad)), HOME, "{bad}");
        }
        assert_eq!(inside(Some("/ban-duyet/tin/a1?x=1")), "/ban-duyet/tin/a1?x=1");
        assert_eq!(inside(None), HOME);
    }
}
