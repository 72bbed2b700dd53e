//! The section `[oidc]` of the settings; `ops/default.toml` explains every key.

use std::path::PathBuf;

use serde::Deserialize;
use url::{Host, Url};

use super::CALLBACK_PATH;
use crate::domain::Secret;
use crate::publish::doors::DoorError;

/// Claims that name nobody for good: a person changes them and another person is given them (OpenID
/// Connect Core 1.0, 5.7: they "MUST NOT be used as unique identifiers for the End-User").
const NO_NAMES: [&str; 4] = ["email", "name", "phone_number", "preferred_username"];

/// Sign-in from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The provider's own name for itself, an address; empty: none.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there; empty for a public client.
    pub client_secret: Secret,
    /// The file that holds it instead.
    pub client_secret_file: PathBuf,
    /// Where people reach the console.
    pub base_url: String,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// The claim that names a person.
    pub claim: String,
    /// What people call the provider.
    pub name: String,
}

/// Settings that can be used.
#[derive(Debug)]
pub(super) struct Client {
    pub issuer: String,
    pub discovery: Url,
    pub id: String,
    pub secret: Option<Secret>,
    pub redirect_uri: String,
    pub scope: String,
    pub claim: String,
    pub name: String,
}

impl Settings {
    /// Returns what can be used, or nothing when no provider is named.
    ///
    /// # Errors
    /// [`DoorError::Oidc`] with everything that is wrong at once.
    pub(super) fn client(&self) -> Result<Option<Client>, DoorError> {
        if self.issuer.is_empty() {
            return Ok(None);
        }
        let mut wrong = Vec::new();
        let well_known = format!("{}/.well-known/openid-configuration", bare(&self.issuer));
        let discovery = address("issuer", &well_known, &mut wrong);
        address("base_url", &self.base_url, &mut wrong);
        let mut demand = |holds: bool, what: &str| {
            if !holds {
                wrong.push(what.to_owned());
            }
        };
        demand(!self.client_id.is_empty(), "client_id is empty");
        demand(self.scopes.iter().any(|s| s == "openid"), "scopes must hold \"openid\"");
        demand(!self.claim.is_empty(), "claim is empty (\"sub\" names a person for good)");
        let lasting = !NO_NAMES.contains(&self.claim.as_str());
        demand(lasting, "claim must name one person for good, as \"sub\" does");
        demand(!self.name.is_empty(), "name is empty");
        let secret = self.secret().map_err(|reason| wrong.push(reason)).unwrap_or_default();
        match discovery {
            Some(discovery) if wrong.is_empty() => Ok(Some(Client {
                issuer: self.issuer.clone(),
                discovery,
                id: self.client_id.clone(),
                secret,
                redirect_uri: format!("{}{CALLBACK_PATH}", bare(&self.base_url)),
                scope: self.scopes.join(" "),
                claim: self.claim.clone(),
                name: self.name.clone(),
            })),
            _ => Err(DoorError::Oidc(wrong)),
        }
    }

    fn secret(&self) -> Result<Option<Secret>, String> {
        let (given, file) = (&self.client_secret, &self.client_secret_file);
        if file.as_os_str().is_empty() {
            return Ok((!given.expose().is_empty()).then(|| given.clone()));
        }
        if !given.expose().is_empty() {
            return Err("client_secret and client_secret_file are both given".to_owned());
        }
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("client_secret_file {}: {error}", file.display()))?;
        let text = text.trim_end();
        if text.is_empty() {
            return Err(format!("client_secret_file {} is empty", file.display()));
        }
        Ok(Some(Secret::new(text)))
    }
}

fn bare(address: &str) -> &str {
    address.trim_end_matches('/')
}

/// Returns an address that may be used, else notes what is wrong with it.
fn address(key: &str, text: &str, wrong: &mut Vec<String>) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| kept_secret(url) && url.query().is_none());
    if url.is_none() {
        wrong.push(format!("{key} must be an https address (http only on this very machine)"));
    }
    url
}

/// Returns whether what is sent to an address stays secret on its way: TLS, or this very machine.
pub(super) fn kept_secret(url: &Url) -> bool {
    let near = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && near)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            issuer: "https://id.example/".into(),
            client_id: "muavu".into(),
            client_secret: Secret::new("hunter2"),
            client_secret_file: PathBuf::new(),
            base_url: "https://muavu.example/".into(),
            scopes: vec!["openid".into()],
            claim: "sub".into(),
            name: "VNeID".into(),
        }
    }

    #[test]
    fn without_an_issuer_there_is_no_provider() {
        let off = Settings { issuer: String::new(), client_id: String::new(), ..settings() };
        assert!(off.client().unwrap().is_none());
    }

    #[test]
    fn addresses_are_joined_with_one_slash_and_the_issuer_is_kept_as_it_is() {
        let client = settings().client().unwrap().unwrap();
        assert_eq!(client.issuer, "https://id.example/");
        let discovery = "https://id.example/.well-known/openid-configuration";
        assert_eq!(client.discovery.as_str(), discovery);
        assert_eq!(client.redirect_uri, "https://muavu.example/ban-duyet/dang-nhap/oidc/ve");
        assert!(!format!("{client:?}").contains("hunter2"));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once_and_no_secret_with_it() {
        let wrong = Settings {
            issuer: "http://id.example".into(),
            client_id: String::new(),
            client_secret_file: "/nowhere/secret".into(),
            base_url: "muavu".into(),
            scopes: vec!["profile".into()],
            claim: "email".into(),
            ..settings()
        };
        let said = wrong.client().unwrap_err().to_string();
        for part in ["issuer", "base_url", "client_id", "openid", "claim", "client_secret_file"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!said.contains("hunter2"), "{said}");
    }

    #[test]
    fn a_secret_is_read_from_its_file_without_the_line_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let of_file = |text: &str| {
            std::fs::write(file.path(), text).unwrap();
            let client_secret = Secret::new("");
            let client_secret_file = file.path().to_owned();
            Settings { client_secret, client_secret_file, ..settings() }.client()
        };
        let client = of_file("hunter3\n").unwrap().unwrap();
        assert_eq!(client.secret.unwrap().expose(), "hunter3");
        assert!(of_file("\n").is_err());
    }

    #[test]
    fn only_this_machine_may_be_reached_without_tls() {
        for (text, kept) in [
            ("https://id.example/", true),
            ("http://127.0.0.1:3000/", true),
            ("http://[::1]:3000/", true),
            ("http://localhost:3000/", true),
            ("http://id.example/", false),
            ("http://localhost.evil.example/", false),
            ("ftp://localhost/", false),
        ] {
            assert_eq!(kept_secret(&Url::parse(text).unwrap()), kept, "{text}");
        }
    }
}
