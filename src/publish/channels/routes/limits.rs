//! How often one client may write.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{Extensions, HeaderMap};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::publish::api::Problem;
use crate::publish::client::Client;

/// Subscriptions, codes and stops of one client within a minute.
const ASKED_A_MINUTE: u32 = 6;

/// Answers of one client within a minute: many phones stand behind one address of an operator.
const ANSWERED_A_MINUTE: u32 = 60;

/// After so many requests clients that ask no more are forgotten: each takes a hundred bytes or so.
const FORGET_EVERY: u64 = 1_000;

/// Seconds after which a refused client may come again: its whole allowance is back by then.
const RETRY_SECS: u64 = 60;

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
    asked: AtomicU64,
}

impl Limits {
    pub(super) fn new() -> Self {
        let a_minute = |count| {
            RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)))
        };
        Self {
            subscribing: a_minute(ASKED_A_MINUTE),
            answering: a_minute(ANSWERED_A_MINUTE),
            asked: AtomicU64::new(0),
        }
    }

    /// Refuses a client that asks too often. Clients whose address is not known share one limit.
    pub(super) fn check(
        &self,
        doing: Doing,
        extensions: &Extensions,
        headers: &HeaderMap,
    ) -> Result<(), Problem> {
        let known = Client::of(extensions, headers);
        let client = known.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), Client::network);
        let (limit, allowed) = match doing {
            Doing::Subscribing => (&self.subscribing, ASKED_A_MINUTE),
            Doing::Answering => (&self.answering, ANSWERED_A_MINUTE),
        };
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.subscribing.retain_recent();
            self.answering.retain_recent();
        }
        limit.check_key(&client).map_err(|_| {
            let detail = format!("{allowed} a minute are allowed; try again in a minute");
            Problem::too_often(detail, RETRY_SECS)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::extract::ConnectInfo;

    use super::*;

    /// Asks as the client that a proxy on this machine names.
    fn asks(limits: &Limits, client: &'static str) -> bool {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4_711))));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", client.parse().unwrap());
        limits.check(Doing::Subscribing, &extensions, &headers).is_ok()
    }

    #[test]
    fn behind_a_proxy_one_who_asks_too_often_keeps_nobody_else_out() {
        let limits = Limits::new();
        let taken = (0..20).filter(|_| asks(&limits, "198.51.100.7")).count();
        assert_eq!(taken, ASKED_A_MINUTE as usize);
        assert!(asks(&limits, "198.51.100.8"), "another client has its own allowance");
        assert!(asks(&limits, "2001:db8::1") && !asks(&limits, "198.51.100.7"));
    }

    #[test]
    fn who_asked_long_ago_is_forgotten_and_who_asks_now_is_not() {
        let limits = Limits::new();
        while asks(&limits, "198.51.100.7") {}
        for _ in 0..FORGET_EVERY {
            let _taken = asks(&limits, "198.51.100.8");
        }
        assert!(!asks(&limits, "198.51.100.7"), "forgetting must not let anybody in earlier");
    }
}
