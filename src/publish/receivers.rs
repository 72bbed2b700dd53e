//! Receivers of alarms over HTTP: webhooks, signed, so that a receiver knows it was us and can
//! leave out what it has already.
//!
//! Headers: `Idempotency-Key` (the same for every attempt), `X-Muavu-Signature: sha256=<hex>`, the
//! HMAC-SHA256 (RFC 2104) of the body under the receiver's secret.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha2::Sha256;
use url::Url;

use crate::domain::{Secret, hex};

/// How long a receiver may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(15);

/// A receiver of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Its name, in logs and in the outbox.
    pub name: String,
    /// Where messages go.
    pub url: Url,
    /// What signs them; shown to nobody.
    pub secret: Secret,
    /// Whether it also gets what only those who keep the devices need.
    #[serde(default)]
    pub technical: bool,
}

/// Returns the signature of a body: `sha256=` and 64 hex digits.
#[must_use]
pub fn signature(secret: &Secret, body: &[u8]) -> String {
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

impl Webhook {
    /// Sends one message; any answer of 200 to 299 means that it was received.
    ///
    /// # Errors
    /// What went wrong, in words without the receiver's address.
    pub async fn send(&self, client: &reqwest::Client, id: &str, body: &str) -> Result<(), String> {
        let answer = client
            .post(self.url.clone())
            .timeout(ANSWER_MAX)
            .header("content-type", "application/json")
            .header("idempotency-key", id)
            .header("x-muavu-signature", signature(&self.secret, body.as_bytes()))
            .body(body.to_owned())
            .send()
            .await
            .map_err(|error| error.without_url().to_string())?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(format!("it answered {status}")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_standard() {
        // RFC 4231, test case 2.
        let secret = Secret::new("Jefe");
        assert_eq!(
            signature(&secret, b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert!(!format!("{secret:?}").contains("Jefe"));
    }
}
