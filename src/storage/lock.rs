//! One writer a home: a lock file held for the life of a run, released by the system on any death.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::StorageError;

/// The lock on a home folder, held until dropped (or until the process dies, however it dies).
#[derive(Debug)]
pub struct HomeLock {
    _file: File,
}

impl HomeLock {
    /// Takes the lock of `home`, writing `holder` (who and since when) for others to read.
    ///
    /// # Errors
    /// [`StorageError::Locked`] when another process holds it; [`StorageError::Path`] when the
    /// folder cannot be made or written.
    pub fn take(home: &Path, holder: &str) -> Result<Self, StorageError> {
        std::fs::create_dir_all(home).map_err(|source| StorageError::Path {
            doing: "make the folder",
            path: home.to_owned(),
            source,
        })?;
        let path = home.join("lock");
        let failed = |doing| {
            let path = path.clone();
            move |source| StorageError::Path { doing, path, source }
        };
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(failed("open the lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(failed("read the lock"))?;
                return Err(StorageError::Locked { path, holder: holder.trim().to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(failed("take the lock")(source)),
        }
        file.set_len(0).map_err(failed("write the lock"))?;
        file.seek(SeekFrom::Start(0)).map_err(failed("write the lock"))?;
        writeln!(file, "{holder}").map_err(failed("write the lock"))?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_told_who_holds_the_home() {
        let home = tempfile::tempdir().unwrap();
        let first = HomeLock::take(home.path(), "run 41 since 07:00").unwrap();
        let error = HomeLock::take(home.path(), "run 42").unwrap_err().to_string();
        assert!(error.contains("run 41 since 07:00"), "{error}");
        drop(first);
        HomeLock::take(home.path(), "run 42").unwrap();
    }
}
