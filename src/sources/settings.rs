//! What an operator may set about sources: contact, addresses, keys, switches, deadlines, retries.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::error::SourceError;
use super::http::retry::RetryTable;
use crate::domain::Secret;

/// The settings of this room.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// A mail or web address at which providers reach the operator; part of the User-Agent.
    pub contact: String,
    /// Whether the machine's proxy variables are honoured.
    pub proxy: bool,
    /// The seed of the jitter between attempts.
    pub seed: u64,
    /// How long a connection may take to be made.
    pub connect_timeout_ms: u64,
    /// How long an answer may pause.
    pub read_timeout_ms: u64,
    /// How long one attempt may take from first to last byte.
    pub attempt_timeout_ms: u64,
    /// How long all attempts for one answer may take, waits included.
    pub request_timeout_ms: u64,
    /// Each feed starts at a random moment of this span: providers ask not to be called all at once.
    pub start_jitter_ms: u64,
    /// How fast to ask, in percent of what the promise allows; above 100 only for one's own server.
    pub pace_percent: u32,
    /// How often and how long to wait after each kind of failure.
    pub retry: RetryTable,
    /// Addresses by feed name, instead of the provider's own (a mirror, or one's own server).
    pub base_urls: BTreeMap<String, String>,
    /// Feeds switched on or off by name, instead of what their promise says.
    pub enabled: BTreeMap<String, bool>,
    /// Keys by provider (`open_meteo`, `mrc`).
    pub keys: BTreeMap<String, Secret>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            contact: String::new(),
            proxy: true,
            seed: 0,
            // A handshake over a bad line to another continent takes up to about 5 s.
            connect_timeout_ms: 10_000,
            // Open-Meteo computes up to some 10 s before its first byte of 124 places.
            read_timeout_ms: 30_000,
            // The largest answer (3 MB) at a poor 64 kB/s takes 50 s.
            attempt_timeout_ms: 90_000,
            // A morning must not hang on one provider: it has five minutes.
            request_timeout_ms: 300_000,
            start_jitter_ms: 2_000,
            pace_percent: 100,
            retry: RetryTable::default(),
            base_urls: BTreeMap::new(),
            enabled: BTreeMap::new(),
            keys: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// Returns the address to ask for a feed: the configured one, else the provider's own.
    ///
    /// # Errors
    /// [`SourceError::Address`] when the configured text is not an http or https address, or holds
    /// a password.
    pub fn base(&self, feed: &str, own: &str) -> Result<reqwest::Url, SourceError> {
        let given = self.base_urls.get(feed).map_or(own, String::as_str);
        let wrong = |reason: String| SourceError::Address {
            feed: feed.to_owned(),
            given: given.to_owned(),
            reason,
        };
        let url = reqwest::Url::parse(given).map_err(|e| wrong(e.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SourceError::Address {
                feed: feed.to_owned(),
                given: "(an address with a name or password)".to_owned(),
                reason: "it would stand in logs; put keys into the setting `keys`".to_owned(),
            });
        }
        match url.scheme() {
            "http" | "https" => Ok(url),
            other => Err(wrong(format!("scheme {other:?} is neither http nor https"))),
        }
    }

    /// Returns whether a feed is switched on, given what its promise says.
    #[must_use]
    pub fn is_on(&self, feed: &str, by_default: bool) -> bool {
        self.enabled.get(feed).copied().unwrap_or(by_default)
    }

    /// Returns how long all attempts for one answer may take.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// Returns the User-Agent: who we are and, if set, whom to write to.
    #[must_use]
    pub fn user_agent(&self) -> String {
        let name = concat!("Muavu/", env!("CARGO_PKG_VERSION"));
        let contact: String = self.contact.chars().filter(char::is_ascii_graphic).collect();
        if contact.is_empty() { name.to_owned() } else { format!("{name} ({contact})") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_never_print() {
        let mut settings = Settings::default();
        settings.keys.insert("mrc".into(), Secret::new("s3cret-key"));
        assert!(!format!("{settings:?}").contains("s3cret"));
    }

    #[test]
    fn unknown_settings_are_refused_and_addresses_checked() {
        assert!(toml::from_str::<Settings>("contcat = \"a@b\"").is_err());
        let text = "contact = \"a@b.vn\"\n[base_urls]\n\"weather.x\" = \"ftp://example.org\"";
        let settings: Settings = toml::from_str(text).unwrap();
        let error = settings.base("weather.x", "https://x.org").unwrap_err();
        assert!(error.to_string().contains("ftp"), "{error}");
        assert!(settings.base("weather.y", "https://x.org").is_ok());
        let error = settings.base("weather.y", "https://me:pa55@x.org").unwrap_err();
        assert!(!error.to_string().contains("pa55"), "{error}");
        assert!(settings.user_agent().ends_with("(a@b.vn)"));
    }
}
