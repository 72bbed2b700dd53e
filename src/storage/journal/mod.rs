//! The journal: what arrived, written and synced to disk before anybody is told it was taken.
//!
//! Records have consecutive numbers from 1. They stand in segment files named by the number of
//! their first record; a segment is closed at [`SEGMENT_BYTES`] and deleted when nothing needs it
//! any more. A record cut off by a crash was never acknowledged: opening truncates it away. A
//! damaged record inside is another matter and stops the opening with its place.

mod record;
mod segment;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

pub use record::{Arrival, PAYLOAD_BYTES_MAX};
use segment::Segment;

use super::StorageError;

/// A segment is closed when it reaches this size: about a minute of 10,000 messages a second, so
/// that old ones go soon and few are open.
const SEGMENT_BYTES: u64 = 64 << 20;

/// The journal of one home, open to be added to.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    /// The segment that is written, with its end.
    file: File,
    bytes: u64,
    /// Number of the next record.
    next: u64,
    buffer: Vec<u8>,
}

/// A record with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// The record's number, from 1.
    pub number: u64,
    /// The record.
    pub arrival: Arrival,
}

impl Journal {
    /// Opens the journal in `folder`, cutting off a half-written last record. An absent journal is
    /// made, and counts from `first_if_new`.
    ///
    /// # Errors
    /// [`StorageError::Path`] when the folder cannot be used, [`StorageError::File`] when a record
    /// before the end is damaged.
    pub fn open(folder: &Path, first_if_new: u64) -> Result<Self, StorageError> {
        std::fs::create_dir_all(folder).map_err(failed("make the journal", folder))?;
        let last = segment::list(folder)?.pop();
        let segment = match last {
            Some(segment) => segment,
            None => Segment::create(folder, first_if_new)?,
        };
        let whole = segment.count_whole()?;
        let file = segment.open_to_append(whole.bytes)?;
        Ok(Self {
            folder: folder.to_owned(),
            file,
            bytes: whole.bytes,
            next: segment.first + whole.records,
            buffer: Vec::new(),
        })
    }

    /// Returns the number the next record will get.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.next
    }

    /// Adds records as one write and returns when they are on the disk (`fdatasync`).
    ///
    /// # Errors
    /// [`StorageError::Path`] when the disk is full or fails. Nothing of the group counts then: the
    /// file is cut back, and the same records may be added again.
    pub fn append(&mut self, arrivals: &[Arrival]) -> Result<(), StorageError> {
        if arrivals.is_empty() {
            return Ok(());
        }
        if self.bytes >= SEGMENT_BYTES {
            self.roll()?;
        }
        self.buffer.clear();
        for arrival in arrivals {
            record::write(arrival, &mut self.buffer);
        }
        let written = self.file.write_all(&self.buffer).and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            // What stands beyond the last good record must not be taken for one later. A disk that
            // refuses even this leaves a torn end, which opening cuts off.
            let cut = self.file.set_len(self.bytes).and_then(|()| seek_end(&mut self.file));
            if let Err(error) = cut {
                tracing::error!(%error, "the journal could not be cut back");
            }
            return Err(failed("write the journal in", &self.folder)(source));
        }
        self.bytes += self.buffer.len() as u64;
        self.next += arrivals.len() as u64;
        Ok(())
    }

    fn roll(&mut self) -> Result<(), StorageError> {
        let segment = Segment::create(&self.folder, self.next)?;
        self.file = segment.open_to_append(0)?;
        self.bytes = 0;
        Ok(())
    }
}

/// Deletes the segments whose records all have numbers up to `number`; returns how many. The one
/// that is written stays.
///
/// # Errors
/// [`StorageError::Path`] when a file cannot be deleted.
pub fn forget_through(folder: &Path, number: u64) -> Result<usize, StorageError> {
    let segments = segment::list(folder)?;
    let mut forgotten = 0;
    for pair in segments.windows(2) {
        if pair[1].first <= number + 1 {
            std::fs::remove_file(&pair[0].path)
                .map_err(failed("delete a segment", &pair[0].path))?;
            forgotten += 1;
        }
    }
    Ok(forgotten)
}

/// Returns the records of the journal in `folder` from `number` on, in order, as far as they are
/// whole; safe beside a writer. Records already let go are left out: the first one returned then
/// has a higher number.
///
/// # Errors
/// [`StorageError::Path`] or [`StorageError::File`] from the iterator, after which it ends.
pub fn records_from(
    folder: &Path,
    number: u64,
) -> Result<impl Iterator<Item = Result<Numbered, StorageError>> + use<>, StorageError> {
    let segments = segment::list(folder)?;
    let starts: Vec<u64> = segments.iter().map(|s| s.first).collect();
    let skip = starts.partition_point(|first| *first <= number).saturating_sub(1);
    let records = segments.into_iter().skip(skip).flat_map(|segment| match segment.records() {
        Ok(records) => records,
        Err(error) => Box::new(std::iter::once(Err(error))),
    });
    Ok(records.filter(move |r| r.as_ref().map_or(true, |r| r.number >= number)))
}

fn seek_end(file: &mut File) -> std::io::Result<()> {
    std::io::Seek::seek(file, std::io::SeekFrom::End(0)).map(|_| ())
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StorageError {
    let path = path.to_owned();
    move |source| StorageError::Path { doing, path, source }
}

#[cfg(test)]
mod tests;
