//! How often one client may write.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use axum::extract::ConnectInfo;
use axum::http::{Extensions, StatusCode};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::publish::api::Problem;

/// Subscriptions, codes and stops of one client within a minute.
const ASKED_A_MINUTE: u32 = 6;

/// Answers of one client within a minute: many phones stand behind one address of an operator.
const ANSWERED_A_MINUTE: u32 = 60;

/// What a limit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// Asking for, confirming or stopping a subscription.
    Subscribing,
    /// Answering an advisory.
    Answering,
}

/// The limits of all clients.
#[derive(Debug)]
pub(super) struct Limits {
    subscribing: DefaultKeyedRateLimiter<IpAddr>,
    answering: DefaultKeyedRateLimiter<IpAddr>,
}

impl Limits {
    pub(super) fn new() -> Self {
        let a_minute = |count| {
            RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)))
        };
        Self { subscribing: a_minute(ASKED_A_MINUTE), answering: a_minute(ANSWERED_A_MINUTE) }
    }

    /// Refuses a client that asks too often. Clients whose address is not known share one limit.
    pub(super) fn check(&self, doing: Doing, extensions: &Extensions) -> Result<(), Problem> {
        let known = extensions.get::<ConnectInfo<SocketAddr>>();
        let client = known.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(at)| at.ip());
        let (limit, allowed) = match doing {
            Doing::Subscribing => (&self.subscribing, ASKED_A_MINUTE),
            Doing::Answering => (&self.answering, ANSWERED_A_MINUTE),
        };
        limit.retain_recent();
        limit.check_key(&client).map_err(|_| {
            let detail = format!("{allowed} a minute are allowed; try again in a minute");
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many requests", detail)
        })
    }
}
