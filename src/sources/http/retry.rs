//! When to ask again: one small table, one row for each kind of failure, full jitter, seeded.
//!
//! Full jitter (a wait drawn evenly between nothing and the doubled step) spreads many clients
//! best: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

use std::time::Duration;

use serde::Deserialize;

use super::Outcome;

/// What kind of failure it was, as far as asking again goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// A cut or refused connection: likely gone in a moment.
    Quick,
    /// A slow, broken or failing answer: the provider needs time.
    Patient,
    /// The provider asked for fewer requests.
    Told,
    /// What we ask for is expected, but not there yet.
    NotYet,
    /// Asking again gives the same answer.
    Never,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// The most attempts in all, the first included.
    pub attempts: u32,
    /// The longest first wait; doubled each time.
    pub base_ms: u64,
    /// The longest wait.
    pub cap_ms: u64,
}

/// The table: how often and how long to wait after each kind of failure.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryTable {
    /// For [`RetryClass::Quick`].
    pub quick: Steps,
    /// For [`RetryClass::Patient`].
    pub patient: Steps,
    /// For [`RetryClass::Told`].
    pub told: Steps,
    /// For [`RetryClass::NotYet`].
    pub not_yet: Steps,
    /// The longest wait a provider may ask for; longer ones end the request for this run.
    pub wait_max_ms: u64,
}

impl Default for RetryTable {
    /// Numbers of our own choice: a morning's run should neither hammer nor wait for long.
    fn default() -> Self {
        let steps = |attempts, base_ms, cap_ms| Steps { attempts, base_ms, cap_ms };
        Self {
            quick: steps(4, 200, 2_000),
            patient: steps(4, 1_500, 20_000),
            told: steps(4, 5_000, 60_000),
            not_yet: steps(3, 10_000, 60_000),
            // A little over a minute, so that a minute's quota can be waited for.
            wait_max_ms: 75_000,
        }
    }
}

impl RetryTable {
    /// Returns the class of an outcome; `not_yet` says that a 404 means "not yet".
    #[must_use]
    pub const fn class(outcome: Outcome, not_yet: bool) -> RetryClass {
        match outcome {
            Outcome::Reset | Outcome::Connect | Outcome::Dns => RetryClass::Quick,
            Outcome::Slow
            | Outcome::Truncated
            | Outcome::BrokenEncoding
            | Outcome::Empty
            | Outcome::HtmlInstead
            | Outcome::Unparsable
            | Outcome::Status5xx
            | Outcome::Transport => RetryClass::Patient,
            Outcome::RateLimited => RetryClass::Told,
            Outcome::NotFound if not_yet => RetryClass::NotYet,
            _ => RetryClass::Never,
        }
    }

    /// Returns how long to wait before the next attempt, or `None` to give up.
    ///
    /// `made` attempts have been made; `asked` is what the provider asked for, which is kept to
    /// (with jitter added, never taken away) unless it is longer than `wait_max_ms`.
    #[must_use]
    pub fn next_wait(
        &self,
        class: RetryClass,
        made: u32,
        asked: Option<Duration>,
        jitter: Jitter,
    ) -> Option<Duration> {
        let steps = match class {
            RetryClass::Quick => self.quick,
            RetryClass::Patient => self.patient,
            RetryClass::Told => self.told,
            RetryClass::NotYet => self.not_yet,
            RetryClass::Never => return None,
        };
        if made >= steps.attempts {
            return None;
        }
        if let Some(asked) = asked {
            let spread = jitter.below(made, Duration::from_millis(steps.base_ms.min(1_000)));
            return (asked <= Duration::from_millis(self.wait_max_ms)).then_some(asked + spread);
        }
        let doubled = steps.base_ms.saturating_mul(1 << made.saturating_sub(1).min(20));
        Some(jitter.below(made, Duration::from_millis(doubled.min(steps.cap_ms))))
    }
}

/// A source of spread: the same seed, name and attempt give the same number.
#[derive(Debug, Clone, Copy)]
pub struct Jitter(u64);

impl Jitter {
    /// Returns the jitter of one named thing under a seed.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Self {
        // FNV-1a, 64 bit: spreads short names well enough and is stable across versions.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(hash ^ seed)
    }

    /// Returns a span between nothing and `upper`, evenly drawn for this attempt.
    #[must_use]
    pub fn below(self, attempt: u32, upper: Duration) -> Duration {
        // SplitMix64 (Steele, Lea and Flood 2014): one step gives well mixed bits.
        let mut z = self.0.wrapping_add(u64::from(attempt).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let share = (z ^ (z >> 31)) >> 32;
        let nanos = (upper.as_nanos() * u128::from(share)) >> 32;
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_is_full_and_repeatable() {
        let upper = Duration::from_secs(10);
        let drawn: Vec<_> =
            (0..1000).map(|n| Jitter::new(n, "weather.open_meteo").below(1, upper)).collect();
        assert!(drawn.iter().all(|d| *d < upper));
        let mean = drawn.iter().sum::<Duration>().as_secs_f64() / 1000.0;
        assert!((mean - 5.0).abs() < 0.5, "mean wait {mean} s of 10 s");
        assert_eq!(drawn[7], Jitter::new(7, "weather.open_meteo").below(1, upper));
    }

    #[test]
    fn a_providers_wish_is_kept_to_or_ends_the_request() {
        let table = RetryTable::default();
        let jitter = Jitter::new(1, "x");
        let wait = |secs| {
            let asked = Some(Duration::from_secs(secs));
            table.next_wait(RetryClass::Told, 1, asked, jitter)
        };
        assert!(wait(30).is_some_and(|w| w >= Duration::from_secs(30)));
        assert_eq!(wait(3_600), None);
        assert_eq!(table.next_wait(RetryClass::Never, 1, None, jitter), None);
        assert_eq!(table.next_wait(RetryClass::Told, 4, None, jitter), None);
    }

    #[test]
    fn refusals_are_never_repeated_and_missing_files_only_when_awaited() {
        for outcome in [Outcome::Refused, Outcome::Status4xx, Outcome::Tls, Outcome::TooLarge] {
            assert_eq!(RetryTable::class(outcome, true), RetryClass::Never, "{outcome}");
        }
        assert_eq!(RetryTable::class(Outcome::NotFound, false), RetryClass::Never);
        assert_eq!(RetryTable::class(Outcome::NotFound, true), RetryClass::NotYet);
    }
}
