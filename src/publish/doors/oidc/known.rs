//! What is known of the provider: its endpoints and keys, fetched when first needed and kept a while.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::Jwk;
use reqwest::header::ACCEPT;
use reqwest::{RequestBuilder, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::refused::Refused;
use super::settings::{Client, kept_secret};
use crate::publish::channels::gateway;

/// How long endpoints and keys are kept; providers change them rarely and announce keys beforehand.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// Keys are asked for again for a token whose key is not among them, but no oftener: a forged token
/// must not make us a nuisance.
const AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// The provider's endpoints (OpenID Connect Discovery 1.0, 3).
#[derive(Debug, Deserialize)]
pub(super) struct Endpoints {
    issuer: String,
    pub authorization_endpoint: Url,
    pub token_endpoint: Url,
    jwks_uri: Url,
    pub userinfo_endpoint: Option<Url>,
    /// Ways to prove that we are the client; absent means `client_secret_basic`.
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether every answer names its issuer (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl Endpoints {
    /// Returns whether the client's secret goes into the form rather than into the header.
    pub(super) fn secret_in_form(&self) -> bool {
        let ways = self.token_endpoint_auth_methods_supported.as_deref().unwrap_or_default();
        let has = |way: &str| ways.iter().any(|w| w == way);
        has("client_secret_post") && !has("client_secret_basic")
    }

    /// Returns itself when it is whom the settings mean and everything sent to it stays secret.
    fn of(self, client: &Client) -> Result<Self, Refused> {
        if self.issuer != client.issuer {
            let (theirs, ours) = (&self.issuer, &client.issuer);
            let why = format!("it calls itself {theirs:?}, the settings call it {ours:?}");
            return Err(Refused::Provider(why));
        }
        let all = [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri];
        let all = all.into_iter().chain(self.userinfo_endpoint.as_ref());
        let tls = client.discovery.scheme();
        for url in all {
            if !kept_secret(url) || (tls == "https" && url.scheme() != "https") {
                return Err(Refused::Provider(format!("its address {url} is without TLS")));
            }
        }
        Ok(self)
    }
}

/// What was fetched, and when.
type Fetched<T> = Mutex<Option<(Timestamp, Arc<T>)>>;

/// What is known of the provider.
#[derive(Debug)]
pub(super) struct Known {
    http: reqwest::Client,
    endpoints: Fetched<Endpoints>,
    keys: Fetched<Vec<Jwk>>,
}

impl Known {
    /// Knows nothing yet and asks nobody.
    pub(super) fn nothing() -> Self {
        Self { http: gateway::client(), endpoints: Mutex::default(), keys: Mutex::default() }
    }

    pub(super) const fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Returns the endpoints.
    ///
    /// # Errors
    /// [`Refused::Provider`].
    pub(super) async fn endpoints(
        &self,
        client: &Client,
        now: Timestamp,
    ) -> Result<Arc<Endpoints>, Refused> {
        if let Some(kept) = kept(&self.endpoints, now, KEPT) {
            return Ok(kept);
        }
        let document = fetch(self.http.get(client.discovery.clone())).await?;
        let found: Endpoints = serde_json::from_value(document)
            .map_err(|_| Refused::Provider("its description is not understood".to_owned()))?;
        Ok(keep(&self.endpoints, now, found.of(client)?))
    }

    /// Returns the keys; with `again` only those fetched within the last minute are good enough.
    ///
    /// # Errors
    /// [`Refused::Provider`].
    pub(super) async fn keys(
        &self,
        endpoints: &Endpoints,
        now: Timestamp,
        again: bool,
    ) -> Result<Arc<Vec<Jwk>>, Refused> {
        if let Some(kept) = kept(&self.keys, now, if again { AGAIN } else { KEPT }) {
            return Ok(kept);
        }
        let mut set = fetch(self.http.get(endpoints.jwks_uri.clone())).await?;
        let listed = set.get_mut("keys").and_then(Value::as_array_mut).map(std::mem::take);
        let listed =
            listed.ok_or_else(|| Refused::Provider("its keys are not understood".to_owned()))?;
        // Keys of kinds that are not known here are passed over (RFC 7517, 5).
        let keys = listed.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        Ok(keep(&self.keys, now, keys))
    }
}

fn kept<T>(of: &Fetched<T>, now: Timestamp, at_most: SignedDuration) -> Option<Arc<T>> {
    let of = of.lock().unwrap_or_else(PoisonError::into_inner);
    // What was fetched after now was fetched before a clock was set back.
    let young = |at: &Timestamp| *at <= now && now.duration_since(*at) < at_most;
    of.as_ref().filter(|(at, _)| young(at)).map(|(_, kept)| Arc::clone(kept))
}

fn keep<T>(of: &Fetched<T>, now: Timestamp, found: T) -> Arc<T> {
    let found = Arc::new(found);
    *of.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&found)));
    found
}

/// Returns the document that a request brings.
///
/// # Errors
/// [`Refused::Provider`].
pub(super) async fn fetch(request: RequestBuilder) -> Result<Value, Refused> {
    match ask(request).await? {
        (StatusCode::OK, document) => Ok(document),
        (status, _) => Err(Refused::Provider(format!("it answers {status}"))),
    }
}

/// Returns status and document of an answer; null where it is none.
///
/// # Errors
/// [`Refused::Provider`] without an answer of a size that is read.
pub(super) async fn ask(request: RequestBuilder) -> Result<(StatusCode, Value), Refused> {
    let answer = request.header(ACCEPT, "application/json").send().await;
    let answer = answer.map_err(|error| Refused::Provider(gateway::chain(&error.without_url())))?;
    let status = answer.status();
    let bytes = gateway::body(answer).await;
    let bytes = bytes.ok_or_else(|| Refused::Provider("its answer broke off".to_owned()))?;
    Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
}
