//! One gate per provider: how many at once, how many a minute, and not before a told time.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::sources::promise::Promise;

/// The right to send one request; given back when dropped.
#[derive(Debug)]
pub struct Pass {
    _slot: Option<OwnedSemaphorePermit>,
}

/// The gate in front of one provider.
#[derive(Debug)]
pub struct Gate {
    slots: Arc<Semaphore>,
    pace: DefaultDirectRateLimiter,
    burst: NonZeroU32,
    not_before: Mutex<Option<Instant>>,
}

impl Gate {
    /// Returns the gate a promise asks for, at `pace_percent` of the promised speed.
    #[must_use]
    pub fn new(promise: &Promise, pace_percent: u32) -> Self {
        let a_minute = u64::from(promise.requests_per_minute_max) * u64::from(pace_percent) / 100;
        let a_minute = u32::try_from(a_minute).unwrap_or(u32::MAX).max(1);
        // A full bucket plus a minute's refill must stay near the limit: half of it may burst.
        let burst = NonZeroU32::new(a_minute / 2).unwrap_or(NonZeroU32::MIN);
        let a_minute = NonZeroU32::new(a_minute).unwrap_or(NonZeroU32::MIN);
        Self {
            slots: Arc::new(Semaphore::new(promise.concurrency_max.max(1))),
            pace: RateLimiter::direct(Quota::per_minute(a_minute).allow_burst(burst)),
            burst,
            not_before: Mutex::new(None),
        }
    }

    /// Returns a pass once one is free and `weight` requests fit the pace.
    ///
    /// # Errors
    /// The remaining wait, when the provider has asked to be left alone for longer than `patience`.
    pub async fn enter(&self, weight: u32, patience: Duration) -> Result<Pass, Duration> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.ok();
        if let Some(wait) = self.told_wait() {
            if wait > patience {
                return Err(wait);
            }
            tokio::time::sleep(wait).await;
        }
        let mut left = weight.max(1);
        while left > 0 {
            let part = NonZeroU32::new(left.min(self.burst.get())).unwrap_or(NonZeroU32::MIN);
            // A part never exceeds the burst, the only way this can fail.
            let _ = self.pace.until_n_ready(part).await;
            left -= part.get();
        }
        Ok(Pass { _slot: slot })
    }

    /// Keeps everybody out for this long: the provider asked for it.
    pub fn close_for(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut not_before = self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        *not_before = Some(not_before.map_or(until, |earlier| earlier.max(until)));
    }

    fn told_wait(&self) -> Option<Duration> {
        let not_before = *self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        not_before.and_then(|until| until.checked_duration_since(Instant::now()))
    }
}

/// All gates by provider: several feeds of one provider share its limits.
#[derive(Debug, Default)]
pub struct Gates(Mutex<BTreeMap<&'static str, Arc<Gate>>>);

impl Gates {
    /// Returns the gate of the provider of a promise, made on first use.
    pub fn of(&self, promise: &Promise, pace_percent: u32) -> Arc<Gate> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = gates
            .entry(promise.provider)
            .or_insert_with(|| Arc::new(Gate::new(promise, pace_percent)));
        Arc::clone(gate)
    }
}
