//! The doors: who is let in, by what, and to which routes.
//!
//! Deny by default: a guarded router is built from a table of [`Route`]s, each with who may pass, and
//! [`gate`] stands before every handler; a handler that acts on a commune's advisory is given it only
//! when the right is held for that commune ([`Who::may`]). What is open says so in the table.
//!
//! Sign-in from elsewhere ([`oidc`]) comes in at [`Doors::begin_session`]: whoever proves a name there is
//! given the same session as a password gives.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;

use crate::domain::{Grant, Role, Scope, Secret};
use crate::storage::Records;
use crate::storage::people::{Note, Pass, PassKind};

pub mod access;
pub mod error;
pub mod gate;
pub mod headers;
pub mod limits;
pub mod oidc;
pub mod secrets;
pub mod sign_in;

pub use access::{Right, Who};
pub use error::DoorError;
pub use gate::{OpenTo, Route};

/// A session ends when it was not used for so long, or is so old. OWASP Session Management Cheat
/// Sheet, "Session Expiration": idle "15-30 minutes for low risk applications", absolute "4 to 8
/// hours" where people work a whole day with it.
const IDLE: SignedDuration = SignedDuration::from_mins(30);
const WHOLE: SignedDuration = SignedDuration::from_hours(8);

/// A use of a session is noted no oftener: a write to the disk for every picture would be too much.
const NOTE_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// A link to choose a password by is good for so long.
const LINK: SignedDuration = SignedDuration::from_hours(24);

/// Password hashes made at once: each takes 19 MiB and a core.
const HASHES_AT_ONCE: usize = 2;

/// How long an answer may take before the connection is given up.
pub const ANSWER_SECS_MAX: Duration = Duration::from_secs(20);

/// Bytes of a request to a guarded route: a form with two texts of an advisory is under ten thousand.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Everything the doors know.
#[derive(Debug, Clone)]
pub struct Doors {
    records: Records,
    now: fn() -> Timestamp,
    limits: Arc<limits::Limits>,
    hashing: Arc<Semaphore>,
    provider: Option<Arc<oidc::Provider>>,
}

impl Doors {
    /// Returns the doors of a home's record store; `now` asks the present moment.
    #[must_use]
    pub fn new(records: Records, now: fn() -> Timestamp) -> Self {
        Self {
            records,
            now,
            limits: Arc::default(),
            hashing: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            provider: None,
        }
    }

    /// Returns the same doors, open to whom an identity provider vouches for too.
    #[must_use]
    pub fn with_provider(self, provider: Option<oidc::Provider>) -> Self {
        Self { provider: provider.map(Arc::new), ..self }
    }

    fn provider(&self) -> Option<&oidc::Provider> {
        self.provider.as_deref()
    }

    /// Returns a one-time link (its path) when nobody can sign in yet; an earlier one is worth
    /// nothing from then on.
    ///
    /// # Errors
    /// [`DoorError`] of the store or of the system's random bytes.
    pub async fn first_link(&self) -> Result<Option<String>, DoorError> {
        if !self.records.nobody_can_sign_in().await? {
            return Ok(None);
        }
        self.link("").await.map(Some)
    }

    /// Returns a one-time link (its path) for an account to choose a new password by.
    ///
    /// # Errors
    /// As [`Doors::first_link`].
    pub async fn link(&self, account: &str) -> Result<String, DoorError> {
        self.records.end_passes(account, PassKind::Link).await?;
        let token = self.pass(PassKind::Link, account, "", LINK).await?;
        Ok(format!("{}/{}", sign_in::LINK_PATH, token.expose()))
    }

    /// Returns a new token for an account's scripts, shown once.
    ///
    /// # Errors
    /// As [`Doors::first_link`].
    pub async fn script_token(
        &self,
        account: &str,
        label: &str,
        lasts: SignedDuration,
    ) -> Result<Secret, DoorError> {
        self.pass(PassKind::Token, account, label, lasts).await
    }

    /// Begins a session of an account whose name was proven; returns its secret.
    ///
    /// # Errors
    /// As [`Doors::first_link`].
    pub async fn begin_session(&self, account: &str, from: &str) -> Result<Secret, DoorError> {
        let token = self.pass(PassKind::Session, account, from, WHOLE).await?;
        self.note(account, "signed in", account, from).await?;
        Ok(token)
    }

    /// Begins a session of whoever proved to hold an account, and ends the one this browser had: what
    /// was in its cookie before is worth nothing from then on. `way` says how it was proven.
    async fn enter(
        &self,
        account: &str,
        caller: &gate::Caller,
        way: &str,
    ) -> Result<Secret, DoorError> {
        if let Some(before) = caller.who.as_ref().filter(|who| !who.is_script()) {
            self.records.end_pass(&before.pass).await?;
        }
        self.begin_session(account, &format!("{}{way}", caller.from())).await
    }

    async fn pass(
        &self,
        kind: PassKind,
        account: &str,
        label: &str,
        lasts: SignedDuration,
    ) -> Result<Secret, DoorError> {
        let (token, now) = (secrets::token()?, (self.now)());
        let pass = Pass {
            sha256: secrets::kept(token.expose()),
            kind,
            account: account.to_owned(),
            label: label.to_owned(),
            created_at: now,
            seen_at: now,
            expires_at: now + lasts,
        };
        self.records.add_pass(&pass).await?;
        Ok(token)
    }

    /// Returns who holds this session or token, if it still holds.
    ///
    /// # Errors
    /// [`DoorError::Storage`].
    pub async fn who(&self, kind: PassKind, token: &str) -> Result<Option<Who>, DoorError> {
        let sha256 = secrets::kept(token);
        let Some(pass) = self.records.pass(kind, &sha256).await? else { return Ok(None) };
        let now = (self.now)();
        let idle = kind == PassKind::Session && now.duration_since(pass.seen_at) > IDLE;
        if idle || now >= pass.expires_at {
            self.records.end_pass(&sha256).await?;
            return Ok(None);
        }
        if now.duration_since(pass.seen_at) > NOTE_EVERY {
            self.records.pass_seen(&sha256, now).await?;
        }
        let Some(person) = self.records.person(&pass.account).await? else { return Ok(None) };
        let form_word = (kind == PassKind::Session).then(|| secrets::form_word(token));
        let who = Who { name: person.name, grants: person.grants, form_word, pass: sha256 };
        Ok((!person.disabled).then_some(who))
    }

    /// Returns the account a one-time link is for, if it still holds; it stays good.
    ///
    /// # Errors
    /// [`DoorError::Storage`].
    pub async fn link_for(&self, token: &str) -> Result<Option<String>, DoorError> {
        let pass = self.records.pass(PassKind::Link, &secrets::kept(token)).await?;
        Ok(pass.filter(|pass| (self.now)() < pass.expires_at).map(|pass| pass.account))
    }

    /// Uses up a one-time link: the account is given the password; the first account of all is made
    /// under the name chosen, with all rights. Returns its name, or `None` when the link holds no
    /// longer.
    ///
    /// # Errors
    /// [`DoorError`] naming what is wrong with name or password; the link stays good then.
    pub async fn use_link(
        &self,
        token: &str,
        name: &str,
        password: Secret,
    ) -> Result<Option<String>, DoorError> {
        let Some(account) = self.link_for(token).await? else { return Ok(None) };
        let first = account.is_empty();
        let name = if first { name.to_owned() } else { account };
        check_name(&name)?;
        secrets::check_password(&name, &password)?;
        let hash = self.hashed(password).await?;
        if !self.records.end_pass(&secrets::kept(token)).await? {
            return Ok(None);
        }
        if first {
            self.records.add_person(&name, (self.now)()).await?;
            let everywhere = |role| Grant { role, scope: Scope::Everywhere };
            self.records
                .set_roles(&name, &[everywhere(Role::Admin), everywhere(Role::Approver)])
                .await?;
        }
        self.records.set_password(&name, &hash).await?;
        self.note(&name, "chose a password", &name, "by a one-time link").await?;
        Ok(Some(name))
    }

    async fn hashed(&self, password: Secret) -> Result<Secret, DoorError> {
        let _turn = self.hashing.acquire().await.map_err(|_| DoorError::Random)?;
        let hashing = tokio::task::spawn_blocking(move || secrets::hash(&password));
        hashing.await.map_err(|_| DoorError::Random)?
    }

    /// Returns whether the password is the account's; takes the same time for an unknown account.
    async fn proven(&self, name: &str, password: Secret) -> Result<bool, DoorError> {
        let person = self.records.person(name).await?;
        let open = person.as_ref().is_some_and(|p| !p.disabled);
        let stored = person.and_then(|p| p.password);
        let _turn = self.hashing.acquire().await.map_err(|_| DoorError::Random)?;
        let matching =
            tokio::task::spawn_blocking(move || secrets::matches(&password, stored.as_ref()));
        Ok(matching.await.map_err(|_| DoorError::Random)? && open)
    }

    /// Notes what somebody saw or did, for ever.
    ///
    /// # Errors
    /// [`DoorError::Storage`].
    pub async fn note(
        &self,
        who: &str,
        what: &str,
        about: &str,
        detail: &str,
    ) -> Result<(), DoorError> {
        let text = |t: &str| t.to_owned();
        let (at, who, what) = ((self.now)(), text(who), text(what));
        self.records
            .note(&Note { at, who, what, about: text(about), detail: text(detail) })
            .await?;
        Ok(())
    }
}

/// Refuses what cannot be a sign-in name: it stands in logs beside `engine` and `policy:…`.
///
/// # Errors
/// [`DoorError::Name`].
pub fn check_name(name: &str) -> Result<(), DoorError> {
    let ok = (2..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b))
        && name != "engine"
        && !name.starts_with("policy");
    if ok { Ok(()) } else { Err(DoorError::Name { given: name.to_owned() }) }
}
