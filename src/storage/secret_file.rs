//! Files that only their owner may read: keys and tokens.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::StorageError;

/// Writes a secret and puts it in its place in one step, on the disk before this returns.
///
/// # Errors
/// [`StorageError::Path`].
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), StorageError> {
    let failed = |source| StorageError::Path { doing: "write", path: path.to_owned(), source };
    let beside = written(path, bytes).map_err(failed)?;
    fs::rename(&beside, path).and_then(|()| sync_folder(path)).map_err(failed)
}

/// Returns the secret in a file; makes it with `new` when there is none. Of two that make it at the
/// same moment one wins, and both return what it made.
///
/// # Errors
/// [`StorageError::Path`].
pub fn read_or_make(path: &Path, new: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>, StorageError> {
    let failed = |doing| move |source| StorageError::Path { doing, path: path.to_owned(), source };
    match fs::read(path) {
        Ok(bytes) => return Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed("read")(error)),
    }
    let beside = written(path, &new()).map_err(failed("write"))?;
    // A link fails where there is a file; a rename would replace it.
    let linked = fs::hard_link(&beside, path);
    fs::remove_file(&beside).map_err(failed("write"))?;
    match linked {
        Ok(()) => sync_folder(path).map_err(failed("write"))?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed("write")(error)),
    }
    fs::read(path).map_err(failed("read"))
}

/// Writes beside the place under a name of this process, readable by the owner only.
fn written(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(beside)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
