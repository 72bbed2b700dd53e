//! One file of the journal.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::record::{self, HEAD, Torn};
use super::{Numbered, PAYLOAD_BYTES_MAX, failed};
use crate::storage::StorageError;

const SUFFIX: &str = ".journal";

/// How much of a segment is read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// A segment file and the number of its first record.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) first: u64,
}

/// How far a segment is whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole {
    pub(super) records: u64,
    pub(super) bytes: u64,
}

/// Returns the segments of a folder in order.
pub(super) fn list(folder: &Path) -> Result<Vec<Segment>, StorageError> {
    let entries = std::fs::read_dir(folder).map_err(failed("list the journal", folder))?;
    let mut segments = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed("list the journal", folder))?.path();
        let first = path
            .file_name()
            .and_then(|name| name.to_str()?.strip_suffix(SUFFIX)?.parse::<u64>().ok());
        if let Some(first) = first {
            segments.push(Segment { path, first });
        }
    }
    segments.sort_by_key(|s| s.first);
    Ok(segments)
}

type Records = Box<dyn Iterator<Item = Result<Numbered, StorageError>> + Send>;

impl Segment {
    /// Makes the empty segment that begins with record `first`, its name on the disk for good.
    pub(super) fn create(folder: &Path, first: u64) -> Result<Self, StorageError> {
        let path = folder.join(format!("{first:020}{SUFFIX}"));
        File::create(&path).map_err(failed("make", &path))?;
        let folder_file = File::open(folder).map_err(failed("open", folder))?;
        folder_file.sync_all().map_err(failed("sync", folder))?;
        Ok(Self { path, first })
    }

    /// Opens the segment to be added to behind its first `bytes` bytes; what stands beyond is cut.
    pub(super) fn open_to_append(&self, bytes: u64) -> Result<File, StorageError> {
        let open = || -> std::io::Result<File> {
            let mut file = OpenOptions::new().write(true).open(&self.path)?;
            file.set_len(bytes)?;
            file.seek(SeekFrom::Start(bytes))?;
            Ok(file)
        };
        open().map_err(failed("open", &self.path))
    }

    /// Returns how many records are whole, and where they end.
    pub(super) fn count_whole(&self) -> Result<Whole, StorageError> {
        let mut reader = Reader::open(self)?;
        let mut records = 0;
        while reader.next_record()?.is_some() {
            records += 1;
        }
        Ok(Whole { records, bytes: reader.consumed })
    }

    /// Returns the whole records in order.
    pub(super) fn records(&self) -> Result<Records, StorageError> {
        let mut reader = Reader::open(self)?;
        let mut number = self.first;
        let mut over = false;
        Ok(Box::new(std::iter::from_fn(move || {
            if over {
                return None;
            }
            let next = reader.next_record();
            over = !matches!(next, Ok(Some(_)));
            let arrival = next.transpose()?;
            number += 1;
            Some(arrival.map(|arrival| Numbered { number: number - 1, arrival }))
        })))
    }
}

/// Reads a segment in chunks, so that memory stays small whatever its size.
struct Reader {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    /// Where the next record begins in the buffer.
    at: usize,
    /// Bytes of whole records so far.
    consumed: u64,
}

impl Reader {
    fn open(segment: &Segment) -> Result<Self, StorageError> {
        let file = File::open(&segment.path).map_err(failed("open", &segment.path))?;
        Ok(Self { path: segment.path.clone(), file, buffer: Vec::new(), at: 0, consumed: 0 })
    }

    /// Returns the next record, or `None` at the end or at a record that was cut off by it.
    fn next_record(&mut self) -> Result<Option<super::Arrival>, StorageError> {
        loop {
            match record::read(&self.buffer[self.at..]) {
                Ok((arrival, length)) => {
                    self.at += length;
                    self.consumed += length as u64;
                    return Ok(Some(arrival));
                }
                Err(Torn::Short) if self.could_be_whole() => {
                    if self.fill()? == 0 {
                        return Ok(None);
                    }
                }
                Err(torn) => return self.torn(torn),
            }
        }
    }

    /// A length no record can have is damage, not a record still to be read.
    fn could_be_whole(&self) -> bool {
        let rest = &self.buffer[self.at..];
        let Some(length) = rest.first_chunk::<4>().map(|b| u32::from_le_bytes(*b)) else {
            return true;
        };
        // The body is a stamp, a channel of at most 64 KB and the payload.
        length as usize <= PAYLOAD_BYTES_MAX + (1 << 17)
    }

    fn fill(&mut self) -> Result<usize, StorageError> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let old = self.buffer.len();
        self.buffer.resize(old + CHUNK_BYTES, 0);
        let read = self.file.read(&mut self.buffer[old..]);
        let read = read.map_err(failed("read", &self.path))?;
        self.buffer.truncate(old + read);
        Ok(read)
    }

    /// A broken record with nothing behind it is a write that was cut off (its blocks may have
    /// reached the disk in any order, so its checksum can be wrong too); with a whole record
    /// behind it, it is damage.
    fn torn(&mut self, torn: Torn) -> Result<Option<super::Arrival>, StorageError> {
        while self.fill()? > 0 {}
        let rest = &self.buffer[self.at..];
        let behind = (1..rest.len().saturating_sub(HEAD)).any(|i| record::read(&rest[i..]).is_ok());
        if !behind {
            return Ok(None);
        }
        Err(StorageError::Journal {
            path: self.path.clone(),
            at: self.consumed,
            reason: format!("{torn:?}").to_lowercase(),
        })
    }
}
