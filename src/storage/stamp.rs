//! Tells whether anything stored has changed since it was last asked, by the files' own marks, so
//! that answers can be kept ready and still never be old.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::LAKE_TABLES;

/// How often the files are looked at: a page may be this old after an approval or a withdrawal.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Looks at the marks (size and time of change) of what a home stores.
#[derive(Debug)]
pub struct Stamp {
    watched: Vec<PathBuf>,
    seen: Mutex<Option<(Instant, u64)>>,
}

impl Stamp {
    /// Returns the stamp of a home's record store, lake and stream.
    #[must_use]
    pub fn of_home(root: &Path) -> Self {
        let mut watched: Vec<PathBuf> =
            LAKE_TABLES.iter().map(|t| root.join("lake").join(t.name).join("_delta_log")).collect();
        watched.extend(["records.sqlite", "records.sqlite-wal"].map(|name| root.join(name)));
        watched.push(root.join("stream").join("heard.json"));
        Self { watched, seen: Mutex::new(None) }
    }

    /// Returns a number that is another when something stored has changed; it may be half a
    /// second late.
    pub fn now(&self) -> u64 {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match *seen {
            Some((at, stamp)) if at.elapsed() < LOOK_EVERY => stamp,
            _ => {
                let stamp = self.look();
                *seen = Some((Instant::now(), stamp));
                stamp
            }
        }
    }

    fn look(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for path in &self.watched {
            let found = std::fs::metadata(path).ok();
            found.map(|m| (m.len(), m.modified().ok())).hash(&mut hasher);
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_commit_or_record_changes_the_stamp() {
        let home = tempfile::tempdir().unwrap();
        let log = home.path().join("lake/forecast/_delta_log");
        std::fs::create_dir_all(&log).unwrap();
        let stamp = Stamp::of_home(home.path());
        let first = stamp.look();
        assert_eq!(stamp.look(), first);
        std::fs::write(log.join("0.json"), "{}").unwrap();
        let second = stamp.look();
        assert_ne!(second, first);
        std::fs::write(home.path().join("records.sqlite"), "x").unwrap();
        assert_ne!(stamp.look(), second);
    }
}
