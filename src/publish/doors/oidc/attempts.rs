//! Attempts under way: what we must remember between sending a person to the provider and their coming
//! back. In memory, each good once and for ten minutes: a restart asks people to begin again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::refused::Refused;
use crate::domain::Secret;
use crate::publish::doors::{DoorError, secrets};

/// How long a person may take at the provider: time to find a phone and type a code.
pub(super) const LASTS: SignedDuration = SignedDuration::from_mins(10);

/// Attempts remembered at once; each takes under a kilobyte.
const AT_ONCE_MAX: usize = 10_000;

/// What we must remember of an attempt.
#[derive(Debug)]
pub(super) struct Attempt {
    /// What is kept of the cookie of the browser it was begun in.
    browser: String,
    /// What the token must carry, so that one of another attempt does not fit.
    pub nonce: Secret,
    /// What the code is exchanged with, so that a stolen code is worth nothing (RFC 7636).
    pub verifier: Secret,
    /// Where to go afterwards.
    pub next: String,
    /// The one-time link by which an identity is to be linked.
    pub link: Option<String>,
    /// Since when.
    pub begun_at: Timestamp,
}

/// What goes out when an attempt begins.
pub(super) struct Begun {
    pub state: Secret,
    pub nonce: Secret,
    pub challenge: String,
    /// The cookie that binds the attempt to its browser.
    pub cookie: Secret,
}

/// All attempts under way, by what is kept of their state.
#[derive(Debug, Default)]
pub(super) struct Attempts(Mutex<HashMap<String, Attempt>>);

impl Attempts {
    /// Begins one.
    ///
    /// # Errors
    /// [`Refused::Full`], or [`Refused::Ours`] when the system gives no random bytes.
    pub(super) fn begin(
        &self,
        next: &str,
        link: Option<&str>,
        now: Timestamp,
    ) -> Result<Begun, Refused> {
        let token = || secrets::token().map_err(|_| Refused::Ours(DoorError::Random));
        let (state, cookie, nonce, verifier) = (token()?, token()?, token()?, token()?);
        let challenge = challenge(verifier.expose());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= AT_ONCE_MAX {
            all.retain(|_, attempt| attempt.lasts(now));
        }
        if all.len() >= AT_ONCE_MAX {
            return Err(Refused::Full);
        }
        let attempt = Attempt {
            browser: secrets::kept(cookie.expose()),
            nonce: nonce.clone(),
            verifier,
            next: next.to_owned(),
            link: link.map(str::to_owned),
            begun_at: now,
        };
        all.insert(secrets::kept(state.expose()), attempt);
        Ok(Begun { state, nonce, challenge, cookie })
    }

    /// Takes the attempt of this state out, once, for the browser it was begun in.
    ///
    /// # Errors
    /// [`Refused::Unknown`] or [`Refused::Browser`]; it is used up either way.
    pub(super) fn take(
        &self,
        state: &str,
        cookie: Option<&str>,
        now: Timestamp,
    ) -> Result<Attempt, Refused> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.remove(&secrets::kept(state)).filter(|attempt| attempt.lasts(now));
        let attempt = found.ok_or(Refused::Unknown)?;
        let same = cookie.is_some_and(|c| secrets::same(&secrets::kept(c), &attempt.browser));
        if same { Ok(attempt) } else { Err(Refused::Browser) }
    }
}

impl Attempt {
    fn lasts(&self, now: Timestamp) -> bool {
        now.duration_since(self.begun_at) < LASTS
    }
}

/// Returns what is told of a verifier beforehand (RFC 7636, 4.2, "S256").
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn an_attempt_is_good_once_in_its_browser_for_ten_minutes() {
        let attempts = Attempts::default();
        let now: Timestamp = "2026-03-10T00:00:00Z".parse().unwrap();
        let begin = || attempts.begin("/ban-duyet", None, now).unwrap();
        let take = |begun: &Begun, cookie: Option<&str>, at: Timestamp| {
            attempts.take(begun.state.expose(), cookie, at).map(|attempt| attempt.next)
        };
        let first = begin();
        assert_eq!(take(&first, Some(first.cookie.expose()), now).unwrap(), "/ban-duyet");
        let again = take(&first, Some(first.cookie.expose()), now);
        assert!(matches!(again, Err(Refused::Unknown)), "used");
        let (mine, other) = (begin(), begin());
        for cookie in [Some(other.cookie.expose()), Some(""), None] {
            let mine = begin();
            assert!(matches!(take(&mine, cookie, now), Err(Refused::Browser)), "{cookie:?}");
            let own = take(&mine, Some(mine.cookie.expose()), now);
            assert!(matches!(own, Err(Refused::Unknown)), "used up by the other browser");
        }
        let late = take(&mine, Some(mine.cookie.expose()), now + LASTS);
        assert!(matches!(late, Err(Refused::Unknown)), "too old");
        assert!(matches!(attempts.take("made up", None, now), Err(Refused::Unknown)));
    }

    #[test]
    fn old_attempts_make_room_and_new_ones_do_not() {
        let attempts = Attempts::default();
        let now: Timestamp = "2026-03-10T00:00:00Z".parse().unwrap();
        for _ in 0..AT_ONCE_MAX {
            attempts.begin("", None, now).unwrap();
        }
        assert!(matches!(attempts.begin("", None, now), Err(Refused::Full)));
        assert!(attempts.begin("", None, now + LASTS).is_ok());
    }
}
