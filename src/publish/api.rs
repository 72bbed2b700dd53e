//! The read-only API: communes, today's advice, forecasts, scores, health.
//!
//! Every answer says when it was issued, how old its data is and under which licence it stands.
//! Errors are problem documents (RFC 9457) that name what was given and what is allowed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures::FutureExt as _;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::PublishError;
use super::events;
use super::feed::Feed;
use super::files::LICENCE;
use super::heard;
use super::pages;
use crate::domain::{CommuneCode, Geography, PlaceId, StandIn};
use crate::frames::forecasts::{FORECAST, SCORE};
use crate::frames::{Advisory, AdvisoryState, Forecast, Score};
use crate::review::Approved;
use crate::storage::{Filter, Lake, Records, StorageError};

/// Where the API reads: one home, measured or sample.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// The numbers.
    pub lake: Lake,
    /// Advisories and runs.
    pub records: Records,
    /// The province.
    pub geography: Arc<Geography>,
    /// The file that says which device was heard when.
    pub heard: PathBuf,
    /// Asks the present moment.
    pub now: fn() -> Timestamp,
    /// Tells where a target's forecast is looked up for a place that has none of its own.
    pub stand_ins: fn(&str, &PlaceId) -> Vec<StandIn>,
}

/// How long answers under way may take to end after a stop. A listener to events never ends by
/// itself, and an operator's Ctrl-C must.
const GRACE: Duration = Duration::from_secs(3);

/// Serves `routes` on `address` until `stop` resolves; answers under way are given some seconds.
///
/// # Errors
/// [`PublishError::Listen`] when the address cannot be bound.
pub async fn serve(
    routes: Router,
    address: SocketAddr,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), PublishError> {
    let failed = |source| PublishError::Listen { address, source };
    let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
    ready(listener.local_addr().map_err(failed)?);
    let stop = stop.shared();
    let served = axum::serve(listener, routes).with_graceful_shutdown(stop.clone());
    let too_long = async {
        stop.await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = served.into_future() => served.map_err(failed),
        () = too_long => Ok(()),
    }
}

/// Returns the routes of the API.
pub fn router(shelf: Shelf) -> Router {
    Router::new()
        .route("/targets", get(pages::targets))
        .route("/targets/{name}", get(pages::target))
        .route("/v1/health", get(health))
        .route("/v1/communes", get(communes))
        .route("/v1/communes/{code}/today", get(today))
        .route("/v1/forecasts", get(forecasts))
        .route("/v1/scores", get(scores))
        .route("/v1/alarms", get(alarms))
        .fallback(|| async {
            Problem::new(
                StatusCode::NOT_FOUND,
                "no such address",
                "known are /v1/health, /v1/communes, /v1/communes/{code}/today, \
                 /v1/forecasts?target=&place=, /v1/scores?target=, /v1/alarms?open=, \
                 /v1/events, /v1/readings and /metrics while a stream runs, and the pages under /targets",
            )
        })
        .with_state(shelf)
}

/// Returns the route of what happens as it happens.
pub fn live(feed: Feed) -> Router {
    Router::new().route("/v1/events", get(events::events)).with_state(feed)
}

/// A problem document (RFC 9457).
pub struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: String,
}

impl Problem {
    /// Returns the problem with what was given and what is allowed.
    pub fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, title, detail: detail.into() }
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "an answer could not be read");
        let detail = "the store cannot be read at the moment; the log says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "store unreadable", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status, kind, body.to_string()).into_response()
    }
}

async fn communes(State(shelf): State<Shelf>) -> Json<Value> {
    let list: Vec<Value> = shelf
        .geography
        .communes
        .iter()
        .map(|c| {
            json!({
                "code": c.code, "name": c.name, "type": c.kind, "lat": c.lat, "lon": c.lon,
                "former_province": c.former_province,
            })
        })
        .collect();
    Json(json!({ "licence": LICENCE, "communes": list }))
}

async fn today(
    State(shelf): State<Shelf>,
    Path(code): Path<String>,
) -> Result<Json<Value>, Problem> {
    let commune = code
        .parse::<CommuneCode>()
        .map_err(|e| Problem::new(StatusCode::BAD_REQUEST, "not a commune code", e.to_string()))?;
    let known = shelf.geography.communes.iter().find(|c| c.code == commune).ok_or_else(|| {
        let detail = format!("{commune} is none of the 124 codes listed at /v1/communes");
        Problem::new(StatusCode::NOT_FOUND, "unknown commune", detail)
    })?;
    let water = shelf.geography.water.get(&commune);
    let published = published(&shelf, &commune).await?;
    let newest = published.iter().map(|a| a.get().issued_at).max();
    let advice: Vec<&Advisory> =
        published.iter().map(Approved::get).filter(|a| Some(a.issued_at) == newest).collect();
    let waiting = shelf.records.advisories_in(AdvisoryState::Draft).await?;
    let waiting = waiting.iter().filter(|a| a.commune == commune).count();
    Ok(Json(json!({
        "commune": { "code": known.code, "name": known.name, "type": known.kind },
        "issued_at": newest,
        "sample": advice.iter().any(|a| a.sample),
        "licence": LICENCE,
        "water": water.map(|w| json!({ "note_vi": w.note_vi, "note_en": w.note_en })),
        "waiting_for_review": waiting,
        "advisories": advice,
    })))
}

/// Returns what is published for a commune and not yet over, each with its proof of approval.
async fn published(
    shelf: &Shelf,
    commune: &CommuneCode,
) -> Result<Vec<Approved<Advisory>>, Problem> {
    let mut proofs = Vec::new();
    for advisory in shelf.records.advisories_in(AdvisoryState::Published).await? {
        let over = !advisory.sample && advisory.expires_at <= (shelf.now)();
        if advisory.commune != *commune || over {
            continue;
        }
        let log = shelf.records.events(&advisory.id).await?;
        match Approved::from_log(advisory, &log) {
            Ok(proof) => proofs.push(proof),
            Err(error) => tracing::error!(%error, "a published advisory has no proof of approval"),
        }
    }
    Ok(proofs)
}

#[derive(Deserialize)]
struct ForecastQuery {
    target: Option<String>,
    place: Option<PlaceId>,
}

async fn forecasts(
    State(shelf): State<Shelf>,
    Query(query): Query<ForecastQuery>,
) -> Result<Json<Value>, Problem> {
    let target = query.target.as_deref().unwrap_or("salinity_station");
    let rows: Vec<Forecast> =
        shelf.lake.rows(&FORECAST, &Filter::all().and("target", [target])).await?;
    let newest = rows.iter().map(|r| r.issued_at).max();
    let published: Vec<&Forecast> =
        newest_by_place(&rows).into_iter().filter(|r| r.published).collect();
    let (mut rows, standing_in) = match &query.place {
        None => (published.into_iter().cloned().collect(), None),
        Some(place) => at_place(&published, place, &(shelf.stand_ins)(target, place)),
    };
    rows.sort_by(|a, b| (&a.place, a.horizon).cmp(&(&b.place, b.horizon)));
    let standing_in = standing_in.map(|s| {
        let km = (s.km * 10.0).round() / 10.0;
        json!({ "place": s.place, "km": km, "says_en": s.says_en, "says_vi": s.says_vi })
    });
    Ok(Json(json!({
        "target": target, "issued_at": newest, "sample": newest_is_sample(&shelf).await?,
        "licence": LICENCE, "standing_in": standing_in, "forecasts": rows,
    })))
}

/// Returns the rows of a place; without any those of the first stand-in that has some, widened, as
/// the place's own, and which it is.
fn at_place(
    published: &[&Forecast],
    place: &PlaceId,
    stand_ins: &[StandIn],
) -> (Vec<Forecast>, Option<StandIn>) {
    let of = |place: &PlaceId| -> Vec<Forecast> {
        published.iter().filter(|r| r.place == *place).map(|r| (*r).clone()).collect()
    };
    let own = of(place);
    if !own.is_empty() {
        return (own, None);
    }
    for stand_in in stand_ins {
        let mut rows = of(&stand_in.place);
        if !rows.is_empty() {
            rows.iter_mut().for_each(|row| row.stand_in(place, stand_in));
            return (rows, Some(stand_in.clone()));
        }
    }
    (Vec::new(), None)
}

/// Returns what was issued last for each place, by its last run: some targets are issued every
/// morning, others stand for a month.
pub(super) fn newest_by_place(rows: &[Forecast]) -> Vec<&Forecast> {
    // Of two runs of one morning the later has read no less.
    let mark = |r: &Forecast| (r.issued_at, r.data_cut, r.run_id.clone());
    let mut newest = BTreeMap::new();
    for row in rows {
        let entry = newest.entry(&row.place).or_insert_with(|| mark(row));
        *entry = mark(row).max(entry.clone());
    }
    rows.iter().filter(|r| newest.get(&r.place) == Some(&mark(r))).collect()
}

/// Returns whether what is shown was made from the sample.
pub(super) async fn newest_is_sample(shelf: &Shelf) -> Result<bool, Problem> {
    Ok(shelf.records.newest_run().await?.is_some_and(|r| r.sample))
}

#[derive(Deserialize)]
struct ScoreQuery {
    target: Option<String>,
}

async fn scores(
    State(shelf): State<Shelf>,
    Query(query): Query<ScoreQuery>,
) -> Result<Json<Value>, Problem> {
    let target = query.target.as_deref().unwrap_or("salinity_station");
    let rows: Vec<Score> = shelf.lake.rows(&SCORE, &Filter::all().and("target", [target])).await?;
    Ok(Json(json!({
        "target": target, "sample": newest_is_sample(&shelf).await?, "licence": LICENCE,
        "scores": rows,
    })))
}

#[derive(Deserialize)]
struct AlarmQuery {
    /// Only those that are open.
    open: Option<bool>,
}

async fn alarms(
    State(shelf): State<Shelf>,
    Query(query): Query<AlarmQuery>,
) -> Result<Json<Value>, Problem> {
    let alarms = shelf.records.alarms(query.open.unwrap_or(false)).await?;
    Ok(Json(json!({ "as_of": (shelf.now)(), "licence": LICENCE, "alarms": alarms })))
}

async fn health(State(shelf): State<Shelf>) -> Result<Json<Value>, Problem> {
    let newest = shelf.records.newest_run().await?;
    let newest = newest.as_ref();
    let age_h = newest.map(|r| {
        let age = (shelf.now)().duration_since(r.issued_at).as_secs_f64() / 3600.0;
        (age * 10.0).round() / 10.0
    });
    // A morning's forecast is due every 24 hours; two hours are left for a late run. The sample
    // keeps no promise.
    let kept = newest.is_some_and(|r| !r.sample) && age_h.is_some_and(|age| age <= 26.0);
    let waiting = shelf.records.advisories_in(AdvisoryState::Draft).await?.len();
    Ok(Json(json!({
        "promise": "a forecast issued within the last 26 hours",
        "kept": kept,
        "newest_run": newest.map(|r| &r.id),
        "newest_issue": newest.map(|r| r.issued_at),
        "age_h": age_h,
        "sample": newest.is_some_and(|r| r.sample),
        "drafts_waiting_for_review": waiting,
        "sensors": sensors(&shelf),
    })))
}

/// Each sensor's promise: to be heard as often as it ought to be.
fn sensors(shelf: &Shelf) -> Vec<Value> {
    let now = (shelf.now)();
    let heard = heard::read(&shelf.heard).unwrap_or_else(|error| {
        tracing::error!(%error, "who was heard cannot be read");
        Vec::new()
    });
    let sensor = |h: &heard::Heard| {
        json!({
            "device": h.device,
            "place": h.place,
            "newest_age_min": h.age_minutes(now),
            "kept": h.keeps_its_promise(now),
        })
    };
    heard.iter().map(sensor).collect()
}
