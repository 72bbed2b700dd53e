//! Files that only their owner may read: keys and tokens.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use super::StorageError;
use super::whole_file::beside;

/// Writes a secret and puts it in its place in one step, on the disk before this returns.
///
/// # Errors
/// [`StorageError::Path`].
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), StorageError> {
    let replaced = || {
        written_beside(path, bytes)?.persist(path)?;
        sync_folder(path)
    };
    replaced().map_err(|source| StorageError::Path { doing: "write", path: path.into(), source })
}

/// Returns the secret in a file; makes it with `new` when there is none. Of many that make it at the
/// same moment one wins, and all return what it made.
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
    let made = || match written_beside(path, &new())?.persist_noclobber(path) {
        Ok(_) => sync_folder(path),
        Err(other) if other.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(other) => Err(other.error),
    };
    made().map_err(failed("write"))?;
    fs::read(path).map_err(failed("read"))
}

/// Its owner may read and write it, nobody else.
const MODE: u32 = 0o600;

/// Writes beside the place, on the disk before this returns.
fn written_beside(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let file = beside(path, bytes, MODE)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::read_or_make;

    #[test]
    fn of_many_that_make_a_secret_at_once_one_wins_and_all_return_it() {
        let home = tempfile::tempdir().unwrap();
        for round in 0..20 {
            let path = home.path().join(round.to_string()).join("phones.key");
            let together = Barrier::new(8);
            let make = |n: u8| {
                together.wait();
                read_or_make(&path, || vec![n; 32]).unwrap()
            };
            let made: Vec<_> = std::thread::scope(|scope| {
                let makers: Vec<_> = (0..8).map(|n| scope.spawn(move || make(n))).collect();
                makers.into_iter().map(|maker| maker.join().unwrap()).collect()
            });
            assert!(made.iter().all(|bytes| *bytes == made[0]), "{made:?}");
            let files = path.parent().unwrap().read_dir().unwrap().count();
            assert_eq!(files, 1, "nothing is left beside it");
        }
    }
}
