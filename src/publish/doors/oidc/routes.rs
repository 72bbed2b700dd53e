//! The pages of a sign-in from elsewhere: there, back, and by a one-time link.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::attempts::{Attempt, LASTS};
use super::refused::Refused;
use super::{Answer, CALLBACK_PATH, Departure, Provider, START_PATH};
use crate::publish::doors::gate::{Caller, Cookie, SESSION, said};
use crate::publish::doors::sign_in::{self, HOME};
use crate::publish::doors::{Doors, OpenTo, Route, secrets};
use crate::storage::people::Identity;

/// The cookie that binds an attempt to its browser.
const ATTEMPT: Cookie = Cookie { name: "muavu-oidc", lasts: Some(LASTS) };

/// Returns the routes.
pub(in crate::publish::doors) fn routes() -> Vec<Route<Doors>> {
    let open = |method, path, handler| Route { method, path, open_to: OpenTo::Anyone, handler };
    vec![
        open(Method::GET, START_PATH, get(start)),
        open(Method::GET, CALLBACK_PATH, get(back)),
        open(Method::POST, "/ban-duyet/moi/{token}/oidc", post(link)),
    ]
}

#[derive(Deserialize)]
struct Next {
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "depart.html", config = "src/publish/doors/pages/askama.toml")]
struct DepartPage<'a> {
    account: &'a str,
    name: &'a str,
    to: &'a str,
}

/// Sends a person to the provider. Not by a form: a page's policy lets its forms go nowhere else.
async fn start(State(doors): State<Doors>, caller: Caller, Query(query): Query<Next>) -> Response {
    let next = sign_in::inside(query.next.as_deref());
    let Some(provider) = doors.provider() else { return nobody_elsewhere() };
    if let Some(wait) = too_often(&doors, &caller) {
        return wait;
    }
    match provider.depart(&next, None).await {
        Ok(Departure { to, cookie }) => {
            let cookie = ATTEMPT.set(&caller.headers, Some(cookie.expose()));
            ([(header::SET_COOKIE, cookie)], Redirect::to(to.as_str())).into_response()
        }
        Err(refused) => nobody_in(&doors, provider, &caller, &refused).await,
    }
}

/// Shows where a one-time link leads by way of the provider. The page is drawn only for a form of
/// ours, so that nobody is led by a stranger to give his identity to a stranger's account.
async fn link(State(doors): State<Doors>, Path(token): Path<String>, caller: Caller) -> Response {
    let Some(provider) = doors.provider() else { return nobody_elsewhere() };
    if let Some(wait) = too_often(&doors, &caller) {
        return wait;
    }
    let departed = async {
        let account = doors.link_for(&token).await?.filter(|account| !account.is_empty());
        let account = account.ok_or(Refused::LinkOver)?;
        Ok((provider.depart(HOME, Some(&token)).await?, account))
    };
    match departed.await {
        Ok((Departure { to, cookie }, account)) => {
            let cookie = ATTEMPT.set(&caller.headers, Some(cookie.expose()));
            let page = DepartPage { account: &account, name: provider.name(), to: to.as_str() };
            ([(header::SET_COOKIE, cookie)], sign_in::draw(StatusCode::OK, &page)).into_response()
        }
        Err(refused) => nobody_in(&doors, provider, &caller, &refused).await,
    }
}

/// Lets in whoever comes back with a proof, if the identity has an account.
async fn back(
    State(doors): State<Doors>,
    caller: Caller,
    answer: Result<Query<Answer>, QueryRejection>,
) -> Response {
    let Some(provider) = doors.provider() else { return nobody_elsewhere() };
    if let Some(wait) = too_often(&doors, &caller) {
        return wait;
    }
    let Query(answer) = answer.unwrap_or_default();
    let entered = async {
        let cookie = ATTEMPT.get(&caller.headers);
        let attempt = provider.attempts.take(&answer.state, cookie, (provider.now)())?;
        let identity = provider.arrive(&attempt, &answer).await?;
        let account = account(&doors, &identity, &attempt).await?;
        let session = doors.enter(&account, &caller, " (oidc)").await?;
        Ok((attempt.next, session))
    };
    match entered.await {
        Ok((next, session)) => {
            let cookies = AppendHeaders([
                (header::SET_COOKIE, SESSION.set(&caller.headers, Some(session.expose()))),
                (header::SET_COOKIE, ATTEMPT.set(&caller.headers, None)),
            ]);
            (cookies, Redirect::to(&next)).into_response()
        }
        Err(refused) => nobody_in(&doors, provider, &caller, &refused).await,
    }
}

/// Returns the account of an identity; by a one-time link it is given one first.
async fn account(doors: &Doors, identity: &Identity, of: &Attempt) -> Result<String, Refused> {
    let short = || identity.short().to_owned();
    let Some(link) = &of.link else {
        let account = doors.records.account_of(identity).await?;
        return account.ok_or_else(|| Refused::Unlinked(short()));
    };
    let account = doors.link_for(link).await?.filter(|account| !account.is_empty());
    let account = account.ok_or(Refused::LinkOver)?;
    if doors.records.account_of(identity).await?.is_some_and(|other| other != account) {
        return Err(Refused::Taken(short()));
    }
    if !doors.records.end_pass(&secrets::kept(link)).await? {
        return Err(Refused::LinkOver);
    }
    if !doors.records.link_identity(identity, &account, (doors.now)()).await? {
        return Err(Refused::Taken(short()));
    }
    let detail = format!("{} of {}, by a one-time link", identity.short(), identity.issuer);
    doors.note(&account, "linked an identity", &account, &detail).await?;
    Ok(account)
}

/// Says why nobody is let in: to the person, to the log, and in what is kept for ever.
async fn nobody_in(
    doors: &Doors,
    provider: &Provider,
    caller: &Caller,
    refused: &Refused,
) -> Response {
    let (reason, from) = (refused.reason(), caller.from());
    tracing::warn!(%reason, %from, "a sign-in from elsewhere let nobody in");
    if doors.limits.worth_a_note() {
        let detail = format!("{reason}; from {from}");
        if let Err(error) = doors.note("nobody", "was not let in", "oidc", &detail).await {
            tracing::error!(%error, "a refusal cannot be noted");
        }
    }
    let words = refused.words(provider.name());
    let page = sign_in::again(doors, caller, refused.status(), &words);
    ([(header::SET_COOKIE, ATTEMPT.set(&caller.headers, None))], page).into_response()
}

fn nobody_elsewhere() -> Response {
    said(true, StatusCode::NOT_FOUND, "Ở đây chỉ đăng nhập bằng mật khẩu.")
}

fn too_often(doors: &Doors, caller: &Caller) -> Option<Response> {
    let secs = doors.limits.try_from(caller.address).err()?.as_secs() + 1;
    let words = format!("Thử quá nhiều lần. Hãy đợi {secs} giây rồi thử lại.");
    let page = said(true, StatusCode::TOO_MANY_REQUESTS, &words);
    Some(([(header::RETRY_AFTER, secs.to_string())], page).into_response())
}
