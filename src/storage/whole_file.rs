//! Files that are there whole or not at all, also when two write one at the same moment.

use std::fs::Permissions;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// Readable by whom the system's mask lets: others serve what is published here.
const MODE: u32 = 0o666;

/// Writes a file beside its place under a name nobody else has, then puts it there in one step.
///
/// # Errors
/// What the disk said; the old file stands then.
pub fn replace(path: &Path, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    beside(path, bytes.as_ref(), MODE)?.persist(path)?;
    Ok(())
}

/// Writes beside the place under a name nobody else has; `mode` is lessened by the system's mask.
pub(super) fn beside(path: &Path, bytes: &[u8], mode: u32) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(folder)?;
    file.write_all(bytes)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn of_many_that_write_at_once_one_is_there_whole_and_nothing_is_left_beside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("said.txt");
        std::thread::scope(|threads| {
            for n in 0..8_u8 {
                let path = &path;
                threads.spawn(move || replace(path, vec![n; 100_000]).unwrap());
            }
        });
        let said = fs::read(&path).unwrap();
        assert!(said.len() == 100_000 && said.iter().all(|byte| *byte == said[0]));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let plain = folder.path().join("plain");
        fs::write(&plain, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path), mode(&plain));
    }
}
