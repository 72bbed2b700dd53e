//! The shelf of fitted models: what one morning learned, the next morning reads back.
//!
//! A model is found again only by what it was made from (the name says the target, the cut and a
//! fingerprint of everything known then), so a stale one is never read, only left to be tidied.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{StorageError, whole_file};

/// Models kept of each target: this season's, and a few of corrected data or replayed mornings.
const KEPT: usize = 4;

/// How a model's file ends.
const EXTENSION: &str = "model";

/// The folder of fitted models in a home.
#[derive(Debug, Clone)]
pub struct ModelShelf(PathBuf);

impl ModelShelf {
    /// Returns the shelf in this home; the folder is made with the first model.
    #[must_use]
    pub fn of(home: &Path) -> Self {
        Self(home.join("models"))
    }

    /// Returns the model of this target stored under this key, if there is one.
    ///
    /// # Errors
    /// [`StorageError::Path`] when it is there and cannot be read.
    pub fn get(&self, target: &str, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let path = self.path(target, key);
        let failed =
            |source| StorageError::Path { doing: "read the model", path: path.clone(), source };
        gone_is_none(fs::read(&path)).map_err(failed)
    }

    /// Stores a model whole or not at all, and forgets the oldest of its target.
    ///
    /// # Errors
    /// [`StorageError::Path`] when it cannot be written.
    pub fn put(&self, target: &str, key: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let path = self.path(target, key);
        let failed =
            |source| StorageError::Path { doing: "write the model", path: path.clone(), source };
        let folder = self.0.join(target);
        fs::create_dir_all(&folder).map_err(failed)?;
        whole_file::replace(&path, bytes).map_err(failed)?;
        tidy(&folder).map_err(failed)
    }

    fn path(&self, target: &str, key: &str) -> PathBuf {
        self.0.join(target).join(format!("{key}.{EXTENSION}"))
    }
}

/// Removes all but the newest models of a folder; another program may do the same at the same moment.
fn tidy(folder: &Path) -> io::Result<()> {
    let mut models = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == EXTENSION)
            && let Some(made) = gone_is_none(path.metadata())?
        {
            models.push((made.modified()?, path));
        }
    }
    models.sort();
    let old = models.len().saturating_sub(KEPT);
    models[..old].iter().try_for_each(|(_, path)| gone_is_none(fs::remove_file(path)).map(drop))
}

/// Returns nothing where the file was gone.
fn gone_is_none<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_by_its_key_and_the_oldest_are_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let shelf = ModelShelf::of(home.path());
        assert_eq!(shelf.get("salt", "a").unwrap(), None);
        for key in ["a", "b", "c", "d", "e"] {
            shelf.put("salt", key, key.as_bytes()).unwrap();
            // File times of some systems are coarse.
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert_eq!(shelf.get("salt", "e").unwrap().as_deref(), Some(&b"e"[..]));
        assert_eq!(shelf.get("salt", "a").unwrap(), None);
        assert_eq!(shelf.get("rain", "e").unwrap(), None);
    }
}
