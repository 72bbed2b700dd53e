//! Places: a kind and an id, written `kind:id`, and the five-digit commune codes of 2025.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A place name or code that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// A place id without the `kind:id` shape.
    #[error(
        "place {given:?} is not of the form kind:id (lower-case kind; id of letters, digits, _ - .)"
    )]
    Shape {
        /// The text as given.
        given: String,
    },
    /// A commune code that is not five digits.
    #[error("commune code {given:?} is not five digits (for example 28756)")]
    Commune {
        /// The text as given.
        given: String,
    },
}

/// A place as it stands in every table: `kind:id`, for example `salinity:37` or `commune:28756`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlaceId(Arc<str>);

impl PlaceId {
    /// Returns the place of this kind and id.
    ///
    /// # Errors
    /// [`PlaceError::Shape`] when kind or id hold characters that are not allowed.
    pub fn new(kind: &str, id: &str) -> Result<Self, PlaceError> {
        format!("{kind}:{id}").parse()
    }

    /// Returns the whole text, `kind:id`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part before the colon.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.split_once(':').map_or("", |(kind, _)| kind)
    }

    /// Returns the part after the colon.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, id)| id)
    }
}

impl FromStr for PlaceId {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let ok = text.split_once(':').is_some_and(|(kind, id)| {
            !kind.is_empty()
                && !id.is_empty()
                && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
        });
        if ok { Ok(Self(text.into())) } else { Err(PlaceError::Shape { given: text.to_owned() }) }
    }
}

impl TryFrom<String> for PlaceId {
    type Error = PlaceError;

    fn try_from(text: String) -> Result<Self, PlaceError> {
        text.parse()
    }
}

impl From<PlaceId> for String {
    fn from(place: PlaceId) -> Self {
        place.0.as_ref().to_owned()
    }
}

impl fmt::Display for PlaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns a place id made of any name: accents and case dropped, other marks turned into `_`.
#[must_use]
pub fn slug(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.trim().chars() {
        match unaccent(c) {
            Some(plain) if plain.is_ascii_alphanumeric() => out.push(plain.to_ascii_lowercase()),
            Some(_) | None if !out.ends_with('_') && !out.is_empty() => out.push('_'),
            _ => {}
        }
    }
    out.trim_end_matches('_').to_owned()
}

/// Returns the plain letter under a Vietnamese accented one (precomposed), or the ASCII character
/// itself; `None` for any other character. Letters by the Unicode blocks Latin-1 and 1EA0–1EF9.
fn unaccent(c: char) -> Option<char> {
    let plain = match c.to_lowercase().next()? {
        'à' | 'á' | 'â' | 'ã' | 'ă' | 'ạ'..='ặ' => 'a',
        'è' | 'é' | 'ê' | 'ẹ'..='ệ' => 'e',
        'ì' | 'í' | 'ĩ' | 'ỉ' | 'ị' => 'i',
        'ò' | 'ó' | 'ô' | 'õ' | 'ơ' | 'ọ'..='ợ' => 'o',
        'ù' | 'ú' | 'ũ' | 'ư' | 'ụ'..='ự' => 'u',
        'ý' | 'ỳ'..='ỹ' => 'y',
        'đ' => 'd',
        other if other.is_ascii() => other,
        _ => return None,
    };
    Some(plain)
}

/// The five-digit code of one of the 124 communes and wards (kept as text: zeros matter).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommuneCode(String);

impl CommuneCode {
    /// Returns the code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the commune as a place, `commune:<code>`.
    #[must_use]
    pub fn place(&self) -> PlaceId {
        PlaceId(format!("commune:{}", self.0).into())
    }
}

impl FromStr for CommuneCode {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        if text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PlaceError::Commune { given: text.to_owned() })
        }
    }
}

impl TryFrom<String> for CommuneCode {
    type Error = PlaceError;

    fn try_from(text: String) -> Result<Self, PlaceError> {
        text.parse()
    }
}

impl From<CommuneCode> for String {
    fn from(code: CommuneCode) -> Self {
        code.0
    }
}

impl fmt::Display for CommuneCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_ids_need_a_kind_and_an_id() {
        assert_eq!("salinity:37".parse::<PlaceId>().unwrap().kind(), "salinity");
        for bad in ["", "salinity", ":37", "salinity:", "Salinity:37", "a:b c", "a:b:c"] {
            assert!(bad.parse::<PlaceId>().is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn vietnamese_names_become_plain_slugs() {
        assert_eq!(slug("Vĩnh Long"), "vinh_long");
        assert_eq!(slug("Đồng Tháp "), "dong_thap");
        assert_eq!(slug("Rice, Viet Namese 5%"), "rice_viet_namese_5");
        assert_eq!(slug("Thừa Thiên–Huế"), "thua_thien_hue");
    }

    #[test]
    fn commune_codes_keep_their_zeros_and_length() {
        assert!("02875".parse::<CommuneCode>().is_ok());
        assert!("2875".parse::<CommuneCode>().is_err());
        assert!("2875a".parse::<CommuneCode>().is_err());
    }
}
