//! How often sign-in may be tried: by account and address, by account alone, by address alone; and how
//! many refusals are noted for ever.
//!
//! In memory: a restart forgets, and an attacker who can restart us needs no password.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Tries at once, then one more each so many seconds. The first stops guessing (OWASP Authentication
/// Cheat Sheet, "Account Lockout": threshold, window, and only the attacker's address is shut out, so
/// that nobody is kept from work by a stranger). The second stops guessing from many addresses:
/// 30 + 1,440 tries a day against fifteen characters. The third stops one address trying many names.
const ACCOUNT_AND_ADDRESS: (u32, u64) = (5, 60);
const ACCOUNT: (u32, u64) = (30, 60);
const ADDRESS: (u32, u64) = (30, 5);

/// Refusals of strangers that are noted for ever: 100 + 1,440 lines a day at most, so that nobody fills
/// the disk with them; the log of the program has them all.
const NOTES: (u32, u64) = (100, 60);

/// Keys remembered before those of old are forgotten.
const KEYS_MAX: usize = 50_000;

/// Counts tries to sign in.
#[derive(Debug)]
pub struct Limits {
    both: DefaultKeyedRateLimiter<(String, Option<IpAddr>)>,
    account: DefaultKeyedRateLimiter<String>,
    address: DefaultKeyedRateLimiter<Option<IpAddr>>,
    notes: DefaultDirectRateLimiter,
    clock: DefaultClock,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            both: RateLimiter::keyed(quota(ACCOUNT_AND_ADDRESS)),
            account: RateLimiter::keyed(quota(ACCOUNT)),
            address: RateLimiter::keyed(quota(ADDRESS)),
            notes: RateLimiter::direct(quota(NOTES)),
            clock: DefaultClock::default(),
        }
    }
}

impl Limits {
    /// Counts one try.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub fn try_once(&self, account: &str, address: Option<IpAddr>) -> Result<(), Duration> {
        self.try_from(address)?;
        let now = self.clock.now();
        let wait = |not: governor::NotUntil<_>| not.wait_time_from(now);
        self.both.check_key(&(account.to_owned(), address)).map_err(wait)?;
        self.account.check_key(&account.to_owned()).map_err(wait)
    }

    /// Counts one try of an account that is not known yet.
    ///
    /// # Errors
    /// As [`Limits::try_once`].
    pub fn try_from(&self, address: Option<IpAddr>) -> Result<(), Duration> {
        if self.both.len() > KEYS_MAX || self.address.len() > KEYS_MAX {
            self.both.retain_recent();
            self.account.retain_recent();
            self.address.retain_recent();
        }
        let now = self.clock.now();
        self.address.check_key(&address).map_err(|not| not.wait_time_from(now))
    }

    /// Returns whether one more refusal may be noted for ever.
    pub fn worth_a_note(&self) -> bool {
        self.notes.check().is_ok()
    }
}

fn quota((at_once, secs): (u32, u64)) -> Quota {
    let burst = NonZeroU32::new(at_once).unwrap_or(NonZeroU32::MIN);
    Quota::with_period(Duration::from_secs(secs))
        .unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN))
        .allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_try_at_one_account_waits_and_others_do_not() {
        let limits = Limits::default();
        let here = Some("192.0.2.1".parse().unwrap());
        for _ in 0..5 {
            limits.try_once("lan", here).unwrap();
        }
        let wait = limits.try_once("lan", here).unwrap_err();
        assert!(wait > Duration::from_secs(50) && wait <= Duration::from_secs(60), "{wait:?}");
        assert!(limits.try_once("minh", here).is_ok());
        let there = Some("192.0.2.2".parse().unwrap());
        assert!(limits.try_once("lan", there).is_ok(), "a stranger does not shut Lan out");
    }

    #[test]
    fn one_address_does_not_try_many_names() {
        let limits = Limits::default();
        let tries = (0..40).filter(|k| limits.try_once(&format!("n{k}"), None).is_ok()).count();
        assert_eq!(tries, 30);
        assert!(limits.try_from(None).is_err(), "nor with none");
    }

    #[test]
    fn strangers_do_not_fill_the_record_of_what_was_done() {
        let limits = Limits::default();
        assert_eq!((0..500).filter(|_| limits.worth_a_note()).count(), 100);
    }
}
