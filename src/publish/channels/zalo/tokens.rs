//! Tokens of a Zalo app. A refresh token can be used once: the next one is on the disk before the
//! access token that came with it is used, and of two processes one refreshes.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;

use super::super::gateway;
use super::super::settings::Zalo;
use crate::domain::{Secret, hex};
use crate::storage::{HomeLock, secret_file};

/// A token this near its end is refreshed before it is used.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// What is kept between runs.
#[derive(Serialize, Deserialize)]
struct Kept {
    access_token: String,
    refresh_token: String,
    expires_at: Timestamp,
    /// The hash of the settings' token it all began with: when a person puts a new one there, that
    /// one counts.
    begun_with: String,
}

/// The tokens of an app.
#[derive(Debug)]
pub struct Tokens {
    app_id: String,
    secret_key: Secret,
    first: Secret,
    url: url::Url,
    folder: PathBuf,
    now: fn() -> Timestamp,
    http: reqwest::Client,
    one_at_a_time: Mutex<()>,
}

impl Tokens {
    /// Returns the tokens of a home, or nothing when the settings name no app.
    #[must_use]
    pub fn of(settings: &Zalo, home: &Path, now: fn() -> Timestamp) -> Option<Self> {
        (!settings.app_id.is_empty()).then(|| Self {
            app_id: settings.app_id.clone(),
            secret_key: settings.secret_key.clone(),
            first: settings.refresh_token.clone(),
            url: settings.token_url.clone(),
            folder: home.join("secrets").join("zalo"),
            now,
            http: gateway::client(),
            one_at_a_time: Mutex::new(()),
        })
    }

    /// Returns an access token; another one than `refused`, if one is named.
    ///
    /// # Errors
    /// Why there is none, in words without any token.
    pub async fn access(&self, refused: Option<&str>) -> Result<String, String> {
        let _one = self.one_at_a_time.lock().await;
        // Another process that refreshes at this moment is waited for by trying again later.
        let _alone = HomeLock::take(&self.folder, "refreshing Zalo's tokens")
            .map_err(|error| error.to_string())?;
        let kept = self.kept()?;
        if let Some(kept) = &kept {
            let fresh = kept.expires_at.duration_since((self.now)()) > MARGIN;
            if fresh && refused != Some(kept.access_token.as_str()) {
                return Ok(kept.access_token.clone());
            }
        }
        let refresh =
            kept.map_or_else(|| self.first.expose().to_owned(), |kept| kept.refresh_token);
        let newer = self.refresh(&refresh).await?;
        let text = serde_json::to_string(&newer).map_err(|error| error.to_string())?;
        secret_file::replace(&self.path(), text.as_bytes()).map_err(|error| error.to_string())?;
        Ok(newer.access_token)
    }

    fn path(&self) -> PathBuf {
        self.folder.join("tokens.json")
    }

    fn begun_with(&self) -> String {
        hex(&Sha256::digest(self.first.expose().as_bytes()))
    }

    fn kept(&self) -> Result<Option<Kept>, String> {
        let text = match std::fs::read_to_string(self.path()) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        let kept: Kept = serde_json::from_str(&text).map_err(|_| "the kept tokens are damaged")?;
        Ok((kept.begun_with == self.begun_with()).then_some(kept))
    }

    async fn refresh(&self, refresh_token: &str) -> Result<Kept, String> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("refresh_token", refresh_token)
            .append_pair("app_id", &self.app_id)
            .append_pair("grant_type", "refresh_token")
            .finish();
        let asked_at = (self.now)();
        let request = self
            .http
            .post(self.url.clone())
            .header("secret_key", self.secret_key.expose())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
        let status = answer.status();
        let bytes = gateway::body(answer).await.ok_or("the answer with tokens broke off")?;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        let (Some(access_token), Some(refresh_token)) =
            (text("access_token"), text("refresh_token"))
        else {
            let error = answer.get("error").and_then(Value::as_i64).unwrap_or_default();
            return Err(format!(
                "Zalo gave no token ({status}, error {error}): after -14020 a person must authorise \
                 the app again and put the new refresh_token into the settings"
            ));
        };
        // Seconds, as a number or as a text.
        let secs = answer.get("expires_in").map(|v| v.as_str().unwrap_or_default().parse().ok());
        let number = answer.get("expires_in").and_then(Value::as_i64);
        let secs = number.or(secs.flatten()).unwrap_or(3_600);
        let expires_at = asked_at.saturating_add(SignedDuration::from_secs(secs));
        let expires_at = expires_at.unwrap_or(asked_at);
        Ok(Kept { access_token, refresh_token, expires_at, begun_with: self.begun_with() })
    }
}
