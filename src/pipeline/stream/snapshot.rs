//! What the engine remembers, kept on disk: a version, a checksum, the memory.
//!
//! A memory that cannot be read back (an older format, a damaged disk) is no loss while the
//! journal still holds what made it; it is said and the stream begins from the journal's start.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Memory;
use crate::pipeline::PipelineError;

/// The format of the file; raised when [`Memory`] changes.
const FORMAT: u32 = 4;

const HEAD: usize = 8;

/// Returns where the memory of a stream's folder stands.
fn path_in(folder: &Path) -> PathBuf {
    folder.join("memory.bin")
}

/// Writes the memory under a temporary name, then puts it in the place of the old one.
///
/// # Errors
/// [`PipelineError::Memory`] when it cannot be written; the old one stands then.
pub fn write(folder: &Path, memory: &Memory) -> Result<(), PipelineError> {
    let path = path_in(folder);
    let failed = |reason: String| PipelineError::Memory { path: path.clone(), reason };
    let body = postcard::to_stdvec(memory).map_err(|e| failed(e.to_string()))?;
    let partial = path.with_extension("partial");
    let put = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(&partial)?;
        file.write_all(&FORMAT.to_le_bytes())?;
        file.write_all(&crc32fast::hash(&body).to_le_bytes())?;
        file.write_all(&body)?;
        file.sync_all()?;
        std::fs::rename(&partial, &path)?;
        std::fs::File::open(folder)?.sync_all()
    };
    put().map_err(|e| failed(e.to_string()))
}

/// Returns the memory as it was last written; a fresh one when there is none.
///
/// # Errors
/// [`PipelineError::Memory`] when there is one that cannot be read.
pub fn read(folder: &Path) -> Result<Memory, PipelineError> {
    let path = path_in(folder);
    let failed = |reason: &str| PipelineError::Memory { path: path.clone(), reason: reason.into() };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Memory::default()),
        Err(error) => return Err(failed(&error.to_string())),
    };
    let word =
        |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    let (Some(format), Some(sum)) = (word(0), word(4)) else { return Err(failed("it is cut off")) };
    if format != FORMAT {
        return Err(failed(&format!("it has format {format}, this program reads {FORMAT}")));
    }
    let body = &bytes[HEAD..];
    if crc32fast::hash(body) != sum {
        return Err(failed("its checksum does not fit"));
    }
    postcard::from_bytes(body).map_err(|e| failed(&e.to_string()))
}
