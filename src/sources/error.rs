//! What can go wrong in this room: how one attempt at fetching ended, and the room's error enum.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::{Fault, FaultKind, Retry};

macro_rules! outcomes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// How one attempt at fetching ended; counted per source and shown by `muavu doctor`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Outcome { $($(#[$doc])* #[serde(rename = $name)] $variant,)+ }

        impl Outcome {
            /// Every outcome, good ones first.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the short stable word used for counting.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

outcomes! {
    /// A whole answer of the expected kind.
    Ok = "ok",
    /// A whole answer, marked by its provider as from a product that is going away (status 203).
    Deprecated = "deprecated",
    /// The provider said that what we hold is still current (status 304).
    NotModified = "not_modified",
    /// Not asked: what we hold is within its stated life or our own interval.
    Fresh = "fresh",
    /// A deadline passed.
    Slow = "slow",
    /// The body ended before its end.
    Truncated = "truncated",
    /// The body was larger than the promise allows.
    TooLarge = "too_large",
    /// The body could not be decompressed.
    BrokenEncoding = "broken_encoding",
    /// A whole answer without a body.
    Empty = "empty",
    /// A web page where data was expected.
    HtmlInstead = "html_instead",
    /// A body that is not of the expected kind.
    Unparsable = "unparsable",
    /// Nothing there, or not yet (status 404).
    NotFound = "not_found",
    /// Not allowed (status 401 or 403).
    Refused = "refused",
    /// Another fault of the request (status 4xx).
    Status4xx = "status_4xx",
    /// A fault of the provider (status 5xx).
    Status5xx = "status_5xx",
    /// Too many requests (status 429, 503 with Retry-After, or the provider's words for it).
    RateLimited = "rate_limited",
    /// A status that has no meaning here.
    StatusOdd = "status_odd",
    /// The provider's certificate or handshake was not acceptable.
    Tls = "tls",
    /// The provider's name has no address.
    Dns = "dns",
    /// No connection.
    Connect = "connect",
    /// The connection was cut before an answer came.
    Reset = "reset",
    /// More redirects than allowed, or in a circle.
    RedirectLoop = "redirect_loop",
    /// A redirect to an address that must not be followed (https to http, or nowhere).
    RedirectRefused = "redirect_refused",
    /// Any other failure of the transport.
    Transport = "transport",
}

impl Outcome {
    /// Returns whether a usable answer is at hand.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Ok | Self::Deprecated | Self::NotModified | Self::Fresh)
    }

    /// Returns whether the same request may succeed later without anybody changing anything.
    #[must_use]
    pub const fn may_pass(self) -> bool {
        !matches!(
            self,
            Self::TooLarge
                | Self::Refused
                | Self::Status4xx
                | Self::Tls
                | Self::RedirectLoop
                | Self::RedirectRefused
        )
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What stops a source or an import as a whole. A single bad row is an issue, never an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The manifest of an archive folder cannot be used.
    #[error("manifest cannot be used: {reason}")]
    Manifest {
        /// What is wrong with it.
        reason: String,
    },
    /// A file or folder cannot be read.
    #[error("{path} cannot be read: {reason}")]
    Read {
        /// The path as given.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// The HTTP client cannot be made.
    #[error("http client cannot be made: {reason}")]
    Client {
        /// What the library said.
        reason: String,
    },
    /// A configured address is not one.
    #[error("address {given:?} of feed {feed} cannot be used: {reason}")]
    Address {
        /// The feed it is configured for.
        feed: String,
        /// The address as given.
        given: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A setting that a feed needs is missing.
    #[error("feed {feed} needs the setting {setting}, which is not set")]
    Setting {
        /// The feed.
        feed: &'static str,
        /// The name of the setting.
        setting: &'static str,
    },
    /// A request ended without a usable answer, after all its attempts.
    #[error("{url} gave no usable answer after {attempts} attempts: {outcome} ({detail})")]
    Fetch {
        /// The address asked, without secrets.
        url: String,
        /// How the last attempt ended.
        outcome: Outcome,
        /// How many attempts were made; 0 when the provider's last wish forbade asking at all.
        attempts: u32,
        /// What the library or the provider said.
        detail: String,
        /// How long the provider asked to be left alone, if it said so.
        wait: Option<Duration>,
    },
    /// An answer came, but what it must lead to (a link, a file) was not in it.
    #[error("answer of {url} does not hold {what}")]
    Missing {
        /// The address asked.
        url: String,
        /// What was looked for.
        what: &'static str,
    },
    /// The raw archive cannot be written or read.
    #[error("raw archive {path} cannot be used: {reason}")]
    Archive {
        /// The path.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// A parser of ours stopped where it must not.
    #[error("parser of {feed} stopped: {reason}")]
    Parser {
        /// The feed.
        feed: &'static str,
        /// What is known.
        reason: String,
    },
}

impl SourceError {
    /// Returns whether further requests to the same provider would meet the same fate in this run:
    /// asking on would be impolite and a waste of the morning.
    #[must_use]
    pub const fn ends_all(&self) -> bool {
        use Outcome::{Connect, Dns, RateLimited, Refused, Slow, Tls};
        match self {
            Self::Fetch { outcome, .. } => {
                matches!(outcome, Refused | RateLimited | Tls | Dns | Connect | Slow)
            }
            Self::Address { .. } | Self::Setting { .. } | Self::Archive { .. } => true,
            _ => false,
        }
    }
}

impl Fault for SourceError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Manifest { .. } | Self::Address { .. } | Self::Setting { .. } => FaultKind::User,
            Self::Read { .. } => FaultKind::Data,
            Self::Client { .. } | Self::Archive { .. } | Self::Parser { .. } => FaultKind::Internal,
            Self::Fetch { .. } | Self::Missing { .. } => FaultKind::Upstream,
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Fetch { outcome, .. } if outcome.may_pass() => Retry::Later,
            Self::Missing { .. } => Retry::Later,
            _ => Retry::No,
        }
    }

    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Manifest { .. } => "correct the manifest named above and import again",
            Self::Read { .. } => "check that the path exists and may be read",
            Self::Address { .. } => "give an http or https address, or remove the setting",
            Self::Setting { .. } => "set it in the settings file, or switch the feed off",
            Self::Archive { .. } => "check that the home folder may be written and is not full",
            Self::Fetch { outcome: Outcome::Tls, .. } => {
                "check the machine's clock and its root certificates"
            }
            Self::Fetch { outcome: Outcome::Refused, .. } => {
                "check the key and the contact in the settings; the provider refused us"
            }
            Self::Fetch { .. } | Self::Missing { .. } => {
                "the next run asks again; `muavu doctor` shows how often this happens"
            }
            Self::Client { .. } | Self::Parser { .. } => return None,
        };
        Some(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_own_word() {
        let mut words: Vec<_> = Outcome::ALL.iter().map(|o| o.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Outcome::ALL.len());
        for outcome in Outcome::ALL {
            let written = serde_json::to_string(outcome).unwrap();
            assert_eq!(written, format!("\"{outcome}\""));
        }
    }
}
