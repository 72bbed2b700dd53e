//! The version that stands first in every stored model.

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

/// The version this build writes, and the only one it reads.
const FORMAT: u32 = 1;

/// The version of a stored model.
///
/// It is the first field, so that an unknown version is refused by its number and not by whatever
/// else has changed since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Format;

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(FORMAT)
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = u32::deserialize(deserializer)?;
        if given == FORMAT {
            return Ok(Self);
        }
        let text = format!("model format {given} is unknown, this build reads format {FORMAT}");
        Err(D::Error::custom(text))
    }
}
