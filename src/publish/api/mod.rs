//! The read-only API: communes, today's advice, forecasts, observations, scores, advisories, health.
//!
//! Every answer says when it was issued, what it rests on and under which licence it stands. Errors
//! are problem documents (RFC 9457) that name what was given and what is allowed. Tables of
//! [`endpoint::Route`]s make the routes, their parameters and the OpenAPI document; a new address is
//! one line there and one handler.

mod addresses;
mod advisories;
mod ask;
mod cache;
mod communes;
pub mod endpoint;
mod forecasts;
mod health;
mod limit;
mod observations;
mod openapi;
mod problem;
mod table;
mod today;
mod today_schema;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures::FutureExt as _;
use jiff::Timestamp;
use tower_http::cors::{Any, CorsLayer};

use super::PublishError;
use super::doors::headers;
use super::feed::Feed;
use super::pages;
use super::today::Board;
use crate::domain::{Geography, PlaceId, StandIn, Variables};
use crate::storage::{Lake, Records, Stamp};

pub use addresses::{READINGS, crop as crop_schema};
pub use ask::Asked;
pub use cache::last_modified;
pub(super) use forecasts::{newest_by_place, newest_is_sample};
pub use problem::Problem;

/// Where the API reads: one home, measured or sample.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// The numbers.
    pub lake: Lake,
    /// Advisories and runs.
    pub records: Records,
    /// The province.
    pub geography: Arc<Geography>,
    /// The catalogue of variables.
    pub variables: Arc<Variables>,
    /// The file that says which device was heard when.
    pub heard: PathBuf,
    /// Tells when something of this has changed.
    pub stamp: Arc<Stamp>,
    /// Asks the present moment.
    pub now: fn() -> Timestamp,
    /// Tells where a target's forecast is looked up for a place that has none of its own.
    pub stand_ins: fn(&str, &PlaceId) -> Vec<StandIn>,
}

/// How long answers under way may take to end after a stop. A listener to events never ends by
/// itself, and an operator's Ctrl-C must.
const GRACE: Duration = Duration::from_secs(3);

/// How long an answer may take to be made; a client that waits longer has gone.
const ANSWER_TIME: Duration = Duration::from_secs(30);

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
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(stop.clone());
    let too_long = async {
        stop.await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = served.into_future() => served.map_err(failed),
        () = too_long => Ok(()),
    }
}

/// Returns the routes of the API and of the targets' pages.
pub fn router(board: Arc<Board>) -> Router {
    let shelf = board.shelf().clone();
    let routes = Router::new()
        .route("/targets", get(pages::targets))
        .route("/targets/{name}", get(pages::target))
        .merge(endpoint::routed(addresses::READ));
    let screens = endpoint::routed(addresses::SCREENS).with_state(board);
    routes.fallback(nowhere).with_state(shelf).merge(screens)
}

/// Returns the route of what happens as it happens.
pub fn live(feed: Feed) -> Router {
    endpoint::routed(addresses::LIVE).with_state(feed)
}

/// Puts around all routes what holds for all: the limit of each client, answers kept ready, a time
/// limit, and the headers of every answer.
pub fn guarded(routes: Router, shelf: &Shelf, per_second: NonZeroU32) -> Router {
    let kept = cache::Cache::new(Arc::clone(&shelf.stamp), shelf.now);
    let exposed = [header::ETAG, header::LINK, header::RETRY_AFTER, header::LAST_MODIFIED];
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD])
        .expose_headers(exposed);
    let routes = routes
        .method_not_allowed_fallback(not_so)
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(kept, cache::kept_ready))
        .layer(cors)
        .layer(middleware::from_fn_with_state(limit::Limit::new(per_second), limit::limited));
    headers::with_headers(routes)
}

async fn nowhere() -> Problem {
    let mut known: Vec<&str> = openapi::every().map(|endpoint| endpoint.path).collect();
    known.dedup();
    let detail = format!(
        "known are {}; /v1/events, /v1/readings and /metrics only while a stream runs; and the \
         pages under /targets",
        known.join(", ")
    );
    Problem::missing("no such address", detail)
}

/// The header `Allow` says what is allowed.
async fn not_so(method: Method) -> Problem {
    let detail = format!("{method} is not done here; the header Allow says what is");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method not allowed", detail)
}

/// An answer that takes too long is given up.
async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWER_TIME, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => {
            let detail = "the answer took too long to make; ask for less, or later";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too slow", detail).into_response()
        }
    }
}
