//! Who was heard and when, in a small file others read: `muavu doctor`, `/v1/health`.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Engine;
use crate::domain::PlaceId;
use crate::pipeline::PipelineError;

const FILE: &str = "heard.json";

/// One device as it was last heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// The device.
    pub device: String,
    /// Where it stands.
    pub place: PlaceId,
    /// When it last reached us.
    pub heard_at: Timestamp,
    /// How often it ought to.
    pub every_minutes: f64,
}

/// Writes who was heard, under a temporary name first.
pub(super) fn write(folder: &Path, engine: &Engine) -> Result<(), PipelineError> {
    let rows: Vec<Heard> = engine.heard().collect();
    let path = folder.join(FILE);
    let failed = |reason: String| PipelineError::Memory { path: path.clone(), reason };
    let text = serde_json::to_string(&rows).map_err(|e| failed(e.to_string()))?;
    let partial = path.with_extension("partial");
    std::fs::write(&partial, text)
        .and_then(|()| std::fs::rename(&partial, &path))
        .map_err(|e| failed(e.to_string()))
}

/// Returns who was heard, nobody when no stream ever ran.
///
/// # Errors
/// [`PipelineError::Memory`] when the file is there and cannot be read.
pub fn read(folder: &Path) -> Result<Vec<Heard>, PipelineError> {
    let path = folder.join(FILE);
    let failed = |reason: String| PipelineError::Memory { path: path.clone(), reason };
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| failed(e.to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(error.to_string())),
    }
}
