//! The gate before every handler: who comes, whether the route is open to them, whether the form is
//! ours, how long it may take.

use std::net::IpAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::MethodRouter;
use jiff::SignedDuration;

use super::headers::on_loopback;
use super::{ANSWER_SECS_MAX, BODY_BYTES_MAX, DoorError, Doors, Right, Who, secrets, sign_in};
use crate::publish::api::Problem;
use crate::publish::client::Client;
use crate::storage::people::PassKind;

/// Whom a route is open to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenTo {
    /// Everybody.
    Anyone,
    /// Whoever holds the right in some commune; of which, the handler asks.
    Holders(Right),
}

/// One line of the table that a guarded router is built from.
pub struct Route<S> {
    /// The method.
    pub method: Method,
    /// The path, as axum writes it.
    pub path: &'static str,
    /// Whom it is open to.
    pub open_to: OpenTo,
    /// What answers.
    pub handler: MethodRouter<S>,
}

/// Returns the router of a table: every handler behind the gate.
pub fn router<S: Clone + Send + Sync + 'static>(doors: &Doors, table: Vec<Route<S>>) -> Router<S> {
    table.into_iter().fold(Router::new(), |router, route| {
        let post = Post { doors: doors.clone(), open_to: route.open_to };
        router.route(route.path, route.handler.route_layer(from_fn_with_state(post, gate)))
    })
}

/// What the gate knows of the route it stands before.
#[derive(Clone)]
struct Post {
    doors: Doors,
    open_to: OpenTo,
}

async fn gate(State(post): State<Post>, request: Request, next: Next) -> Response {
    let passed = async {
        match pass(&post, request).await {
            Ok(request) => next.run(request).await,
            Err(refused) => refused,
        }
    };
    let mut answer = tokio::time::timeout(ANSWER_SECS_MAX, passed)
        .await
        .unwrap_or_else(|_| said(true, StatusCode::SERVICE_UNAVAILABLE, "Máy chủ đang quá tải."));
    let keep = header::HeaderValue::from_static("no-store");
    answer.headers_mut().entry(header::CACHE_CONTROL).or_insert(keep);
    answer
}

/// Returns the request with who sends it, or the refusal.
async fn pass(post: &Post, request: Request) -> Result<Request, Response> {
    let page = !request.uri().path().starts_with("/v1/");
    let who = known(&post.doors, request.headers()).await.map_err(|error| failed(page, &error))?;
    if let OpenTo::Holders(right) = post.open_to {
        let Some(who) = &who else { return Err(unknown(page, &request)) };
        if !who.may_somewhere(right) {
            return Err(denied(page));
        }
    }
    let mut request = only_our_forms(page, who.as_ref(), request).await?;
    if let Some(who) = who {
        request.extensions_mut().insert(who);
    }
    Ok(request)
}

/// Returns who holds the session or token of a request; nobody when it is forged or over.
async fn known(doors: &Doors, headers: &HeaderMap) -> Result<Option<Who>, DoorError> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    if let Some(token) = bearer.and_then(|v| v.strip_prefix("Bearer ")) {
        return doors.who(PassKind::Token, token).await;
    }
    match SESSION.get(headers) {
        Some(session) => doors.who(PassKind::Session, session).await,
        None => Ok(None),
    }
}

/// A cookie of ours: for this host alone, not for scripts, not for what other sites load from us.
pub(super) struct Cookie {
    /// Its name, without prefix.
    pub(super) name: &'static str,
    /// Until when a browser keeps it; until it is closed when nothing is said.
    pub(super) lasts: Option<SignedDuration>,
}

/// The cookie that holds a session.
pub(super) const SESSION: Cookie = Cookie { name: "muavu", lasts: None };

impl Cookie {
    /// With the prefix a browser takes it only over TLS, for this host alone (RFC 6265bis, 4.1.3.2).
    fn prefix(headers: &HeaderMap) -> &'static str {
        if on_loopback(headers) { "" } else { "__Host-" }
    }

    /// Returns its value among the cookies of a request.
    pub(super) fn get<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
        let mut cookies = lines.flat_map(|line| line.split("; ")).filter_map(|c| c.split_once('='));
        let prefix = Self::prefix(headers);
        let own = |key: &str| key.strip_prefix(prefix) == Some(self.name);
        cookies.find(|(key, _)| own(key)).map(|(_, value)| value)
    }

    /// Returns the header that sets it or, without a value, takes it away.
    pub(super) fn set(&self, headers: &HeaderMap, value: Option<&str>) -> String {
        let prefix = Self::prefix(headers);
        let secure = if prefix.is_empty() { "" } else { "; Secure" };
        let lasts = if value.is_some() { self.lasts } else { Some(SignedDuration::ZERO) };
        let lasts = lasts.map(|l| format!("; Max-Age={}", l.as_secs())).unwrap_or_default();
        let (name, value) = (self.name, value.unwrap_or_default());
        format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax{lasts}{secure}")
    }
}

/// Lets a change through only when it comes from a page of ours: by what the browser says of where
/// it comes from, and by the word of the session in the form. A script's token is not sent by a
/// browser on its own, so it needs neither.
async fn only_our_forms(
    page: bool,
    who: Option<&Who>,
    request: Request,
) -> Result<Request, Response> {
    if request.method().is_safe() || who.is_some_and(Who::is_script) {
        return Ok(request);
    }
    let foreign = || said(page, StatusCode::FORBIDDEN, "Biểu mẫu này không phải của trang này.");
    if !from_here(request.headers()) {
        return Err(foreign());
    }
    let Some(word) = who.and_then(|who| who.form_word.clone()) else { return Ok(request) };
    let (parts, body) = request.into_parts();
    let large = |_| said(page, StatusCode::PAYLOAD_TOO_LARGE, "Nội dung gửi lên quá lớn.");
    let bytes = to_bytes(body, BODY_BYTES_MAX).await.map_err(large)?;
    let mut fields = url::form_urlencoded::parse(&bytes);
    let ours = fields.any(|(key, value)| key == FORM_WORD && secrets::same(&value, &word));
    if ours { Ok(Request::from_parts(parts, Body::from(bytes))) } else { Err(foreign()) }
}

/// The field of a form that carries the word of the session.
pub const FORM_WORD: &str = "tu";

/// Returns whether the browser says that the request comes from a page of this very site; one that
/// says nothing is not believed (Fetch Metadata, W3C; OWASP CSRF Cheat Sheet).
fn from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = text("origin").and_then(|o| url::Url::parse(o).ok()) else { return false };
    let host = text("host").unwrap_or_default();
    let own = url::Url::parse(&format!("{}://{host}", origin.scheme())).ok();
    own.is_some_and(|own| own.origin() == origin.origin())
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let who = parts.extensions.get::<Self>().cloned();
        who.ok_or_else(|| denied(!parts.uri.path().starts_with("/v1/")))
    }
}

/// Who signs in or out, known or not, and from where.
pub(super) struct Caller {
    pub(super) who: Option<Who>,
    pub(super) address: Option<IpAddr>,
    pub(super) headers: HeaderMap,
}

impl Caller {
    /// Returns the address for people to read.
    pub(super) fn from(&self) -> String {
        self.address.map_or_else(|| "?".to_owned(), |address| address.to_string())
    }

    /// Returns the word that a form must carry when it is sent from within a session.
    pub(super) fn form_word(&self) -> &str {
        self.who.as_ref().and_then(|who| who.form_word.as_deref()).unwrap_or_default()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let who = parts.extensions.get::<Who>().cloned();
        let address = Client::of(&parts.extensions, &parts.headers).map(Client::address);
        Ok(Self { who, address, headers: parts.headers.clone() })
    }
}

/// Asks a person to sign in, and a script for a token that holds.
fn unknown(page: bool, request: &Request) -> Response {
    if page && request.method() == Method::GET {
        let next = request.uri().path_and_query().map_or("", |p| p.as_str());
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        return Redirect::to(&format!("{}?next={next}", sign_in::PATH)).into_response();
    }
    let ask = [(header::WWW_AUTHENTICATE, "Bearer")];
    (ask, said(page, StatusCode::UNAUTHORIZED, "Phiên làm việc đã hết: hãy đăng nhập lại."))
        .into_response()
}

/// Says that the roles held do not reach here.
pub fn denied(page: bool) -> Response {
    said(page, StatusCode::FORBIDDEN, "Vai trò của bạn không cho phép việc này ở xã này.")
}

/// Says that something broke on our side; the log says what.
pub(super) fn failed(page: bool, error: &DoorError) -> Response {
    tracing::error!(%error, "the doors cannot read the record store");
    said(page, StatusCode::INTERNAL_SERVER_ERROR, "Chưa đọc được kho dữ liệu, hãy thử lại sau.")
}

/// Returns a refusal as a page for people or a problem document for programs.
pub fn said(page: bool, status: StatusCode, words: &str) -> Response {
    if page {
        sign_in::refusal(status, words)
    } else {
        Problem::new(status, "refused", words).into_response()
    }
}
