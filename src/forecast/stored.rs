//! Stored models: how a target's fitted models become bytes, and are refused when they are others.
//!
//! The bytes are one JSON object whose fields are the models' own; `format` is among them, and
//! `target` where one kind of models serves several targets.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::ForecastError;
use super::learn::LearnError;

/// What is read before the rest, since the models of another format may not read at all.
#[derive(Deserialize)]
struct Head {
    format: u32,
    target: Option<String>,
}

/// Returns the models as bytes; the same models give the same bytes.
///
/// # Errors
/// [`LearnError::Damaged`] when they cannot be written.
pub fn write(models: &impl Serialize) -> Result<Vec<u8>, ForecastError> {
    serde_json::to_vec(models).map_err(damaged)
}

/// Returns the models of the target `name` in this format from bytes that [`write`] made.
///
/// # Errors
/// [`LearnError::Damaged`] for another format or target, and for bytes that are no such models.
pub fn read<T: DeserializeOwned>(
    bytes: &[u8],
    name: &str,
    format: u32,
) -> Result<T, ForecastError> {
    let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
    let target = head.target.as_deref().unwrap_or(name);
    if head.format != format || target != name {
        let given = head.format;
        return Err(damaged(format_args!(
            "models are of {target} in format {given}, this build reads {name} in format {format}"
        )));
    }
    serde_json::from_slice(bytes).map_err(damaged)
}

/// Returns the error of stored models that contradict themselves or this build.
pub fn damaged(detail: impl Display) -> ForecastError {
    LearnError::Damaged { detail: detail.to_string() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Level {
        format: u32,
        target: String,
        level: f64,
    }

    fn bytes() -> (Level, Vec<u8>) {
        let level = Level { format: 3, target: "tmax".to_owned(), level: 0.1 };
        let bytes = write(&level).unwrap();
        (level, bytes)
    }

    #[test]
    fn models_come_back_as_they_were() {
        let (level, bytes) = bytes();
        assert_eq!(read::<Level>(&bytes, "tmax", 3).unwrap(), level);
        assert_eq!(write(&level).unwrap(), bytes);
    }

    #[test]
    fn models_of_another_format_or_target_are_refused_with_both_named() {
        let (_, bytes) = bytes();
        let refused = |name, format| read::<Level>(&bytes, name, format).unwrap_err().to_string();
        let newer = refused("tmax", 4);
        assert!(
            newer.contains("of tmax in format 3, this build reads tmax in format 4"),
            "{newer}"
        );
        let other = refused("tmin", 3);
        assert!(other.contains("of tmax in format 3, this build reads tmin"), "{other}");
    }

    #[test]
    fn another_format_is_refused_by_its_number_though_it_reads_as_nothing_known() {
        let refused = read::<Level>(br#"{"format":7,"levels":[]}"#, "tmax", 3).unwrap_err();
        assert!(refused.to_string().contains("format 7"), "{refused}");
    }

    #[test]
    fn cut_bytes_are_damaged() {
        let (_, bytes) = bytes();
        let refused = read::<Level>(&bytes[..bytes.len() - 2], "tmax", 3).unwrap_err();
        assert!(refused.to_string().starts_with("stored model is damaged"), "{refused}");
    }
}
