//! Sign-in from elsewhere: OpenID Connect Core 1.0, the authorization code flow with PKCE (RFC 7636),
//! by the advice of RFC 9700.
//!
//! ```text
//! browser            we                                       provider
//! GET …/oidc ──────► state, nonce, verifier remembered
//!        ◄────────── to the provider, and a cookie ─────────► the person signs in there
//! GET …/oidc/ve ───► state and cookie belong together, once
//!                    code and verifier ─────────────────────► token
//!                    its signature, issuer, audience, times, nonce
//!        ◄────────── a new session, if an admin or a one-time link gave the identity an account
//! ```
//! Nobody is let in whom we do not know: an identity makes no account and brings no role. Nothing is
//! asked of the provider before somebody wants to sign in there; while it is down passwords go on.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::RequestBuilder;
use serde_json::Value;
use url::Url;

use super::DoorError;
use crate::domain::Secret;
use crate::storage::Vault;
use crate::storage::people::Identity;

mod attempts;
mod known;
mod refused;
pub(super) mod routes;
mod settings;
mod signature;
mod token;

pub use settings::Settings;

use attempts::{Attempt, Attempts};
use known::{Endpoints, Known};
use refused::Refused;
use settings::Client;

/// Where a sign-in from elsewhere begins.
pub const START_PATH: &str = "/ban-duyet/dang-nhap/oidc";

/// Where the provider sends people back to.
pub const CALLBACK_PATH: &str = "/ban-duyet/dang-nhap/oidc/ve";

/// How long all requests to the provider may take for one page: half of what the gate gives a page,
/// so that a provider that hangs is told of in our own words.
const PROVIDER_MAX: Duration = Duration::from_secs(10);

/// The provider of the settings.
#[derive(Debug)]
pub struct Provider {
    client: Client,
    known: Known,
    attempts: Attempts,
    vault: Vault,
    now: fn() -> Timestamp,
}

/// Where to send a person, and the cookie to find them again by.
struct Departure {
    to: Url,
    cookie: Secret,
}

impl Provider {
    /// Returns the provider of the settings, if they name one; `home` is where accounts are kept. It
    /// is not asked anything yet.
    ///
    /// # Errors
    /// [`DoorError::Oidc`] when the settings cannot be used, [`DoorError::Storage`] when the home's
    /// keys cannot be read.
    pub fn of(
        settings: &Settings,
        home: &Path,
        now: fn() -> Timestamp,
    ) -> Result<Option<Self>, DoorError> {
        let Some(client) = settings.client()? else { return Ok(None) };
        let vault = Vault::open(home)?;
        let (known, attempts) = (Known::nothing(), Attempts::default());
        Ok(Some(Self { client, known, attempts, vault, now }))
    }

    /// Returns what people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.client.name
    }

    /// Returns the identity that this value of the naming claim stands for. The value itself, for
    /// example a citizen's number, cannot be told from it.
    #[must_use]
    pub fn identity(&self, value: &str) -> Identity {
        let Client { issuer, claim, .. } = &self.client;
        let text = format!("{issuer}\n{claim}\n{value}");
        let name = self.vault.name_of_text("identity", &text);
        Identity { name, issuer: issuer.clone() }
    }

    /// Begins an attempt: to sign in and go on to `next`, or to use up a one-time link.
    async fn depart(&self, next: &str, link: Option<&str>) -> Result<Departure, Refused> {
        let endpoints = self.in_time(self.known.endpoints(&self.client, (self.now)())).await?;
        let begun = self.attempts.begin(next, link, (self.now)())?;
        let mut to = endpoints.authorization_endpoint.clone();
        to.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.client.id),
            ("redirect_uri", &self.client.redirect_uri),
            ("scope", &self.client.scope),
            ("state", begun.state.expose()),
            ("nonce", begun.nonce.expose()),
            ("code_challenge", &begun.challenge),
            ("code_challenge_method", "S256"),
            // At a shared machine whoever comes next must not be let in as the one before.
            ("prompt", "login"),
        ]);
        Ok(Departure { to, cookie: begun.cookie })
    }

    /// Returns whom the provider's answer to an attempt is about.
    async fn arrive(&self, attempt: &Attempt, answer: &Answer) -> Result<Identity, Refused> {
        self.in_time(async {
            let endpoints = self.known.endpoints(&self.client, (self.now)()).await?;
            let named = answer.iss.as_deref();
            let must = endpoints.authorization_response_iss_parameter_supported;
            if named.map_or(must, |iss| iss != self.client.issuer) {
                return Err(Refused::Token("the answer is another provider's"));
            }
            if let Some(code) = &answer.error {
                return Err(Refused::Denied(plain(code)));
            }
            let code = answer.code.as_deref().ok_or(Refused::Token("the answer has no code"))?;
            let (id, access) = self.exchange(&endpoints, code, attempt).await?;
            let subject = self.checked(&endpoints, id.expose(), attempt).await?;
            let value = match subject.claim(&self.client.claim) {
                Some(value) => value,
                None => self.told(&endpoints, &subject.sub, access.as_ref()).await?,
            };
            Ok(self.identity(&value))
        })
        .await
    }

    async fn in_time<T>(
        &self,
        asking: impl Future<Output = Result<T, Refused>>,
    ) -> Result<T, Refused> {
        let late = |_| Refused::Provider(format!("no answer in {} s", PROVIDER_MAX.as_secs()));
        tokio::time::timeout(PROVIDER_MAX, asking).await.map_err(late)?
    }

    /// Returns the ID token and the access token for a code.
    async fn exchange(
        &self,
        endpoints: &Endpoints,
        code: &str,
        attempt: &Attempt,
    ) -> Result<(Secret, Option<Secret>), Refused> {
        let request = self.request(endpoints, code, attempt);
        let (status, said) = known::ask(request).await?;
        let text = |name: &str| said.get(name).and_then(Value::as_str);
        let token = |name: &str| text(name).map(Secret::new);
        match (token("id_token"), text("error")) {
            (Some(id), _) if status.is_success() => Ok((id, token("access_token"))),
            (_, Some(code)) if status.is_client_error() => Err(Refused::Denied(plain(code))),
            _ => Err(Refused::Provider(format!("it gives no token ({status})"))),
        }
    }

    /// Returns the request that exchanges a code: PKCE, and the proof that we are the client.
    fn request(&self, endpoints: &Endpoints, code: &str, attempt: &Attempt) -> RequestBuilder {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.client.redirect_uri)
            .append_pair("code_verifier", attempt.verifier.expose());
        let request = self.known.http().post(endpoints.token_endpoint.clone());
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = match &self.client.secret {
            // RFC 6749, 2.3.1: both are form-encoded before they go into the header.
            Some(secret) if !endpoints.secret_in_form() => {
                let coded = |text: &str| -> String {
                    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
                };
                request.basic_auth(coded(&self.client.id), Some(coded(secret.expose())))
            }
            secret => {
                form.append_pair("client_id", &self.client.id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", secret.expose());
                }
                request
            }
        };
        request.body(form.finish())
    }

    /// Returns whom a token speaks of; keys are fetched again when its key is not among them.
    async fn checked(
        &self,
        endpoints: &Endpoints,
        token: &str,
        attempt: &Attempt,
    ) -> Result<token::Subject, Refused> {
        let header = token::header(token)?;
        let now = (self.now)();
        let expected = token::Expected {
            issuer: &self.client.issuer,
            client: &self.client.id,
            nonce: attempt.nonce.expose(),
            begun_at: attempt.begun_at,
            now,
        };
        for again in [false, true] {
            let keys = self.known.keys(endpoints, now, again).await?;
            if let Some(key) = token::key_of(&keys, &header) {
                return token::subject(token, &header, key, &expected);
            }
        }
        Err(Refused::Token("its key is not among the provider's"))
    }

    /// Returns the naming claim from the provider's answer about this very person (OpenID Connect Core
    /// 1.0, 5.3.2): in the code flow it need not stand in the token.
    async fn told(
        &self,
        endpoints: &Endpoints,
        sub: &str,
        access: Option<&Secret>,
    ) -> Result<String, Refused> {
        let missing = Refused::Token("the claim that names people is missing");
        let (Some(url), Some(access)) = (&endpoints.userinfo_endpoint, access) else {
            return Err(missing);
        };
        let request = self.known.http().get(url.clone()).bearer_auth(access.expose());
        let said = known::fetch(request).await?;
        if said.get("sub").and_then(Value::as_str) != Some(sub) {
            return Err(Refused::Token("what is told is about another person"));
        }
        said.get(&self.client.claim).and_then(token::named).ok_or(missing)
    }
}

/// The provider's answer, as the browser brings it.
#[derive(Debug, Default, serde::Deserialize)]
struct Answer {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// Returns a code of the provider's as it may stand in a log: a stranger could have written it.
fn plain(code: &str) -> String {
    let known = |c: &char| c.is_ascii_lowercase() || *c == '_';
    code.chars().filter(known).take(40).collect()
}
