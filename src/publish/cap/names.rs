//! Who sends which message: `sender`, `identifier`, and the triple that refers to a message.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{CapError, DateTime};
use crate::publish::xml;

/// Defines a name that must stand in a reference: no blanks, no commas, no `<`, no `&`.
macro_rules! name {
    ($(#[$about:meta])* $name:ident, $element:literal) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = CapError;

            fn from_str(text: &str) -> Result<Self, CapError> {
                checked($element, text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = CapError;

            fn try_from(text: String) -> Result<Self, CapError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// What no other message of the sender is called (CAP, `identifier`).
    Identifier, "identifier"
}

name! {
    /// Who sends, unlike anybody else in the world (CAP, `sender`): of the form of an e-mail
    /// address or a domain name.
    Sender, "sender"
}

fn checked(element: &'static str, text: &str) -> Result<String, CapError> {
    let forbidden = |c: char| c.is_whitespace() || matches!(c, ',' | '<' | '&') || !xml::allowed(c);
    if text.is_empty() || text.contains(forbidden) {
        return Err(CapError::Name { element, given: text.to_owned() });
    }
    Ok(text.to_owned())
}

/// An earlier message, as `references` names it: `sender,identifier,sent`.
///
/// ```text
/// muavu@vinhlong.example,salt-29050-20261122-1,2026-11-22T07:00:00+07:00
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    /// Who sent it.
    pub sender: Sender,
    /// What it was called.
    pub identifier: Identifier,
    /// When it was sent, written as it was then.
    pub sent: DateTime,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{}", self.sender, self.identifier, self.sent)
    }
}

impl FromStr for Reference {
    type Err = CapError;

    fn from_str(text: &str) -> Result<Self, CapError> {
        let mut parts = text.split(',');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(sender), Some(identifier), Some(sent), None) => Ok(Self {
                sender: sender.parse()?,
                identifier: identifier.parse()?,
                sent: sent.parse()?,
            }),
            _ => Err(CapError::Reference { given: text.to_owned() }),
        }
    }
}

impl TryFrom<String> for Reference {
    type Error = CapError;

    fn try_from(text: String) -> Result<Self, CapError> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_break_a_reference_are_refused() {
        for bad in ["", "a b", "a,b", "a<b", "a&b", "a\tb", "a\nb", "a\u{a0}b", "a\u{0}b", " a"] {
            let error = bad.parse::<Identifier>().unwrap_err();
            assert_eq!(error, CapError::Name { element: "identifier", given: bad.to_owned() });
            assert!(bad.parse::<Sender>().is_err());
        }
        for good in ["muavu@vinhlong.example", "mặn-29050", "a>b\"'"] {
            assert_eq!(good.parse::<Sender>().unwrap().as_str(), good);
        }
    }

    #[test]
    fn references_survive_text() {
        let text = "muavu@vinhlong.example,salt-1,2026-11-22T07:00:00+07:00";
        assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
        for bad in ["a,b", "a,b,2026-11-22T07:00:00+07:00,c", "a,b,c", ""] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
    }
}
