//! How often one client may ask, said in every answer (`RateLimit` headers of the IETF's draft).

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::problem::Problem;
use crate::publish::client::Client;

type Limiter =
    RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>;

/// After so many requests clients that ask no more are forgotten.
const FORGET_EVERY: u64 = 10_000;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STANDING: HeaderName = HeaderName::from_static("ratelimit");

/// Counts what each client asks.
#[derive(Clone)]
pub struct Limit {
    limiter: Arc<Limiter>,
    per_second: NonZeroU32,
    clock: DefaultClock,
    asked: Arc<AtomicU64>,
}

impl Limit {
    /// Returns a limit of so many requests a second for each client, ten seconds' worth at once.
    #[must_use]
    pub fn new(per_second: NonZeroU32) -> Self {
        let quota = Quota::per_second(per_second).allow_burst(per_second.saturating_mul(TEN));
        let store = HashMapStateStore::<IpAddr>::default();
        let clock = DefaultClock::default();
        let plain: RateLimiter<IpAddr, _, _> = RateLimiter::new(quota, store, clock.clone());
        let limiter = plain.with_middleware::<StateInformationMiddleware>();
        Self { limiter: Arc::new(limiter), per_second, clock, asked: Arc::default() }
    }
}

const TEN: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// Lets a request through, or answers 429 and says when to come again.
///
/// Requests of this very machine are not counted, unless a proxy says for whom it asks.
pub async fn limited(State(limit): State<Limit>, request: Request, next: Next) -> Response {
    let asks = Client::of(request.extensions(), request.headers());
    let Some(client @ Client::Far(_)) = asks else { return next.run(request).await };
    if limit.asked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
        limit.limiter.retain_recent();
    }
    let burst = limit.per_second.saturating_mul(TEN);
    match limit.limiter.check_key(&client.network()) {
        Ok(left) => {
            let mut answer = next.run(request).await;
            say(&mut answer, burst, left.remaining_burst_capacity(), 1);
            answer
        }
        Err(refused) => {
            let wait = refused.wait_time_from(limit.clock.now()).as_secs() + 1;
            let detail = format!(
                "at most {} requests a second, {burst} at once; come again in {wait} s",
                limit.per_second
            );
            let mut answer = Problem::too_often(detail, wait).into_response();
            say(&mut answer, burst, 0, wait);
            answer
        }
    }
}

fn say(answer: &mut Response, burst: NonZeroU32, left: u32, reset: u64) {
    let headers = answer.headers_mut();
    let policy = format!("\"client\";q={burst};w=10");
    let standing = format!("\"client\";r={left};t={reset}");
    for (name, text) in [(POLICY, policy), (STANDING, standing)] {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
}
