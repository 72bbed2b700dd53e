//! Subscriptions over HTTP: asked for, confirmed by the code in an SMS, stopped.
//!
//! Every answer is the same whether a number is known or not.

use axum::Json;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, StatusCode};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::limits::Doing;
use super::{Desk, Given};
use crate::domain::{CommuneCode, Crop, Geography, Phone};
use crate::publish::api::Problem;
use crate::publish::channels::sender::CODE;
use crate::publish::channels::{sms, zalo};
use crate::storage::outbox::{About, Delivery};
use crate::storage::subscriptions::{Asked, Confirmed, Wishes};

/// Communes one person may ask for: home, field, market and some more.
pub(super) const COMMUNES_MAX: usize = 10;

/// Hazards one person may name.
pub(super) const HAZARDS_MAX: usize = 20;

/// Letters of a hazard's name.
pub(super) const HAZARD_CHARS_MAX: usize = 40;

/// How long a code is worth sending.
const CODE_HOLDS: SignedDuration = SignedDuration::from_mins(30);

/// What the confirming SMS says; one part of GSM-7.
const CODE_TEXT: &str =
    "Muavu: ma xac nhan {code}, dung trong 30 phut. Khong phai ban xin thi bo qua tin nay.";

const SENT: &str = "nếu số này nhận được tin, mã xác nhận đang được gửi";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    phone: Phone,
    communes: Vec<CommuneCode>,
    #[serde(default)]
    crops: Vec<Crop>,
    #[serde(default)]
    hazards: Vec<String>,
    channel: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirm {
    phone: Phone,
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stop {
    phone: Phone,
    code: Option<String>,
}

type Answered = Result<(StatusCode, Json<Value>), Problem>;

/// Takes down what a person wants to be told and sends the code that confirms it.
pub(super) async fn ask(
    State(desk): State<Desk>,
    extensions: Extensions,
    headers: HeaderMap,
    given: Result<Given<Ask>, Problem>,
) -> Answered {
    desk.limits.check(Doing::Subscribing, &extensions, &headers)?;
    let Given(ask) = given?;
    let channel = ask.channel.unwrap_or_else(|| sms::NAME.to_owned());
    if ![sms::NAME, zalo::ZNS].contains(&channel.as_str()) {
        let detail = format!("{channel:?} is no channel to a number (allowed: sms, zalo_zns)");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown channel", detail));
    }
    check_communes(&ask.communes)?;
    if ask.hazards.len() > HAZARDS_MAX
        || ask.hazards.iter().any(|hazard| hazard.chars().count() > HAZARD_CHARS_MAX)
    {
        let detail =
            format!("at most {HAZARDS_MAX} hazards of {HAZARD_CHARS_MAX} letters are allowed");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too many hazards", detail));
    }
    let wishes = Wishes { communes: ask.communes, crops: ask.crops, hazards: ask.hazards };
    send_code(&desk, &ask.phone, &channel, &wishes).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "confirm_by_code": true, "note_vi": SENT }))))
}

/// Confirms what was asked for.
pub(super) async fn confirm(
    State(desk): State<Desk>,
    extensions: Extensions,
    headers: HeaderMap,
    given: Result<Given<Confirm>, Problem>,
) -> Answered {
    desk.limits.check(Doing::Subscribing, &extensions, &headers)?;
    let Given(Confirm { phone, code }) = given?;
    let now = (desk.now)();
    match desk.records.confirm_subscription(&desk.vault, &phone, &code, now).await? {
        Confirmed::Yes => Ok((StatusCode::OK, Json(json!({ "confirmed": true })))),
        Confirmed::No => Err(wrong_code()),
    }
}

/// Sends the code that stops a subscription or, given the code, stops it. Who has the phone at hand
/// answers any message with HUY instead.
pub(super) async fn stop(
    State(desk): State<Desk>,
    extensions: Extensions,
    headers: HeaderMap,
    given: Result<Given<Stop>, Problem>,
) -> Answered {
    desk.limits.check(Doing::Subscribing, &extensions, &headers)?;
    let Given(Stop { phone, code }) = given?;
    let now = (desk.now)();
    let Some(code) = code else {
        if desk.records.subscription_of(&desk.vault, &phone).await?.is_some() {
            // To be told of nothing is what the code will confirm.
            send_code(&desk, &phone, sms::NAME, &Wishes::default()).await?;
        }
        return Ok((
            StatusCode::ACCEPTED,
            Json(json!({ "confirm_by_code": true, "note_vi": SENT })),
        ));
    };
    match desk.records.confirm_subscription(&desk.vault, &phone, &code, now).await? {
        Confirmed::Yes => {
            desk.records.stop_subscription(&desk.vault, &phone, now).await?;
            Ok((StatusCode::OK, Json(json!({ "stopped": true }))))
        }
        Confirmed::No => Err(wrong_code()),
    }
}

fn wrong_code() -> Problem {
    let detail =
        "mã không đúng hoặc đã quá 30 phút (the code is not right or older than 30 minutes)";
    Problem::new(StatusCode::FORBIDDEN, "code not accepted", detail)
}

fn check_communes(communes: &[CommuneCode]) -> Result<(), Problem> {
    let refused = |detail| {
        Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "communes not allowed", detail))
    };
    if communes.is_empty() || communes.len() > COMMUNES_MAX {
        let given = communes.len();
        return refused(format!("{given} communes were given; 1 to {COMMUNES_MAX} are allowed"));
    }
    let known = Geography::shipped().map(|g| g.communes).unwrap_or_default();
    match communes.iter().find(|code| !known.iter().any(|commune| commune.code == **code)) {
        Some(code) => refused(format!("{code} is none of the codes listed at /v1/communes")),
        None => Ok(()),
    }
}

async fn send_code(
    desk: &Desk,
    phone: &Phone,
    channel: &str,
    wishes: &Wishes,
) -> Result<(), Problem> {
    if desk.settings.sms.gateway.url.is_empty() {
        let detail = "no SMS gateway is set up here, so that no number can be confirmed";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no subscriptions here", detail));
    }
    let now = (desk.now)();
    let asked = desk.records.ask_subscription(&desk.vault, phone, channel, wishes, now).await?;
    let Asked::Code { subscription, round } = asked else { return Ok(()) };
    let to = (sms::NAME, subscription.as_str());
    let mut delivery = Delivery::new(About::Code, &subscription, round, to, now);
    debug_assert!(CODE_TEXT.contains(CODE));
    delivery.body = CODE_TEXT.to_owned();
    delivery.expires_at = now.saturating_add(CODE_HOLDS).ok();
    Ok(desk.records.add_deliveries(&[delivery]).await?)
}
