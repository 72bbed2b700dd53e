//! Who was heard and when: a small file the stream writes and others read, for `/v1/health` and
//! `muavu doctor` ("newest reading at Trà Vinh is 11 min old").

use std::io;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::PlaceId;
use crate::storage::whole_file;

/// The file's name in the stream's folder.
pub const HEARD_FILE: &str = "heard.json";

/// A device may be silent for three of its steps, and for three hours: half a tide, and longer than
/// the healthy buoy of January 2025 ever was (2.7 h).
const STEPS_SILENT_MAX: f64 = 3.0;
const MINUTES_SILENT_MIN: i64 = 180;

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

impl Heard {
    /// Returns how old its newest word is, minutes.
    #[must_use]
    pub fn age_minutes(&self, now: Timestamp) -> i64 {
        now.duration_since(self.heard_at).as_mins()
    }

    /// Returns whether it still speaks as often as it ought to.
    #[must_use]
    pub fn keeps_its_promise(&self, now: Timestamp) -> bool {
        now.duration_since(self.heard_at) <= silent_after(self.every_minutes)
    }
}

/// Returns how long a device that reads every so many minutes may be silent.
#[must_use]
pub fn silent_after(every_minutes: f64) -> SignedDuration {
    #[expect(clippy::cast_possible_truncation, reason = "minutes of a device, checked above 0")]
    let minutes = (STEPS_SILENT_MAX * every_minutes).ceil() as i64;
    SignedDuration::from_mins(minutes.max(MINUTES_SILENT_MIN))
}

/// Writes who was heard, whole or not at all.
///
/// # Errors
/// What the disk said.
pub fn write(path: &Path, heard: &[Heard]) -> io::Result<()> {
    whole_file::replace(path, serde_json::to_string(heard)?)
}

/// Returns who was heard, nobody when no stream ever ran here.
///
/// # Errors
/// What the disk said, or that the file is not what was written.
pub fn read(path: &Path) -> io::Result<Vec<Heard>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
