//! The raw archive: every answer as it came, named by its content, with an index per feed.
//!
//! `raw/<feed>/<date>/<sha256>.<ext>[.gz]` and `raw/<feed>/index.jsonl`, one line for each time an
//! answer came or was confirmed. A body is written under a temporary name and renamed, then its
//! line is appended: killed in between, the file is merely unlisted and is written again.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::caching::Validators;
use crate::domain::time;
use crate::sources::error::SourceError;

/// Where raw answers are kept.
pub trait RawArchive: Send + Sync {
    /// Keeps a body and returns its SHA-256 in hexadecimal.
    ///
    /// # Errors
    /// [`SourceError::Archive`] when it cannot be written.
    fn store(
        &self,
        feed: &str,
        extension: &str,
        at: Timestamp,
        body: &[u8],
    ) -> Result<String, SourceError>;

    /// Writes down what is held for an address.
    ///
    /// # Errors
    /// [`SourceError::Archive`] when it cannot be written.
    fn note(&self, feed: &str, held: &Held) -> Result<(), SourceError>;

    /// Returns what is held for an address, the newest note.
    fn held(&self, feed: &str, url: &str) -> Option<Held>;

    /// Returns the body that is held, if it is still there and unharmed.
    fn load(&self, feed: &str, held: &Held) -> Option<Bytes>;
}

/// A line of the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The address asked, without secrets.
    pub url: String,
    /// The content's SHA-256, in hexadecimal.
    pub sha256: String,
    /// The ending it was kept under.
    pub extension: String,
    /// The size of the body.
    pub bytes: u64,
    /// When the body first came.
    pub fetched_at: Timestamp,
    /// When it was last fetched or confirmed.
    pub checked_at: Timestamp,
    /// How to ask for it again.
    #[serde(flatten)]
    pub validators: Validators,
}

/// Returns the SHA-256 of a body, in hexadecimal.
#[must_use]
pub fn sha256_hex(body: &[u8]) -> String {
    crate::domain::hex(&Sha256::digest(body))
}

/// The newest note of each address, by feed.
type Index = BTreeMap<String, BTreeMap<String, Held>>;

/// A raw archive in a folder.
#[derive(Debug)]
pub struct FolderArchive {
    root: PathBuf,
    index: Mutex<Index>,
}

impl FolderArchive {
    /// Returns the archive in `root` (the `raw` folder of a home); the folder is made when needed.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), index: Mutex::default() }
    }

    /// Returns the file a body is kept in. A workbook is compressed already and stays plain.
    fn path(&self, feed: &str, extension: &str, at: Timestamp, sha256: &str) -> PathBuf {
        let ending = if extension == "xlsx" { "" } else { ".gz" };
        let date = time::local_date(at).to_string();
        self.root.join(feed).join(date).join(format!("{sha256}.{extension}{ending}"))
    }

    fn index_path(&self, feed: &str) -> PathBuf {
        self.root.join(feed).join("index.jsonl")
    }
}

impl RawArchive for FolderArchive {
    fn store(
        &self,
        feed: &str,
        extension: &str,
        at: Timestamp,
        body: &[u8],
    ) -> Result<String, SourceError> {
        let sha256 = sha256_hex(body);
        let path = self.path(feed, extension, at, &sha256);
        if !path.exists() {
            write_whole(&path, body).map_err(|e| failed(&path, &e))?;
        }
        Ok(sha256)
    }

    fn note(&self, feed: &str, held: &Held) -> Result<(), SourceError> {
        let path = self.index_path(feed);
        let line = serde_json::to_string(held).map_err(|e| failed(&path, &e.into()))?;
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let notes = index.entry(feed.to_owned()).or_insert_with(|| read_index(&path));
        append_line(&path, &line).map_err(|e| failed(&path, &e))?;
        notes.insert(held.url.clone(), held.clone());
        Ok(())
    }

    fn held(&self, feed: &str, url: &str) -> Option<Held> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let notes =
            index.entry(feed.to_owned()).or_insert_with(|| read_index(&self.index_path(feed)));
        notes.get(url).cloned()
    }

    fn load(&self, feed: &str, held: &Held) -> Option<Bytes> {
        let path = self.path(feed, &held.extension, held.fetched_at, &held.sha256);
        let stored = File::open(&path).ok()?;
        let mut body = Vec::new();
        // One byte more than noted shows a body that is not the noted one; never more is read.
        let limit = held.bytes + 1;
        if path.extension().is_some_and(|e| e == "gz") {
            GzDecoder::new(stored).take(limit).read_to_end(&mut body).ok()?;
        } else {
            stored.take(limit).read_to_end(&mut body).ok()?;
        }
        (sha256_hex(&body) == held.sha256).then(|| body.into())
    }
}

/// Writes a file so that it is there whole or not at all; compresses it when its name says so.
fn write_whole(path: &Path, body: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let part = path.with_extension(format!("part-{}", std::process::id()));
    let file = File::create(&part)?;
    let file = if path.extension().is_some_and(|e| e == "gz") {
        let mut encoder = GzEncoder::new(file, Compression::default());
        encoder.write_all(body)?;
        encoder.finish()?
    } else {
        let mut file = file;
        file.write_all(body)?;
        file
    };
    file.sync_all()?;
    fs::rename(&part, path)
}

/// Appends a line, first ending one that a killed process left unfinished.
fn append_line(path: &Path, line: &str) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(-1)).is_ok() {
        file.read_exact(&mut last)?;
    }
    let start = if last == *b"\n" { "" } else { "\n" };
    file.write_all(format!("{start}{line}\n").as_bytes())
}

/// Returns the newest note of each address; lines that cannot be read are passed over.
fn read_index(path: &Path) -> BTreeMap<String, Held> {
    let text = fs::read(path).unwrap_or_default();
    text.split(|b| *b == b'\n')
        .filter_map(|line| serde_json::from_slice::<Held>(line).ok())
        .map(|held| (held.url.clone(), held))
        .collect()
}

fn failed(path: &Path, error: &io::Error) -> SourceError {
    SourceError::Archive { path: path.display().to_string(), reason: error.to_string() }
}

/// An archive that keeps nothing: for dry runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoArchive;

impl RawArchive for NoArchive {
    fn store(&self, _: &str, _: &str, _: Timestamp, body: &[u8]) -> Result<String, SourceError> {
        Ok(sha256_hex(body))
    }

    fn note(&self, _: &str, _: &Held) -> Result<(), SourceError> {
        Ok(())
    }

    fn held(&self, _: &str, _: &str) -> Option<Held> {
        None
    }

    fn load(&self, _: &str, _: &Held) -> Option<Bytes> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(url: &str, sha256: String) -> Held {
        Held {
            url: url.to_owned(),
            sha256,
            extension: "json".to_owned(),
            bytes: 9,
            fetched_at: Timestamp::UNIX_EPOCH,
            checked_at: Timestamp::UNIX_EPOCH,
            validators: Validators { etag: Some("\"v1\"".to_owned()), ..Validators::default() },
        }
    }

    #[test]
    fn a_torn_index_line_loses_only_itself() {
        let home = tempfile::tempdir().unwrap();
        let archive = FolderArchive::new(home.path());
        let body = b"{\"a\": 1}\n";
        let sha256 = archive.store("f", "json", Timestamp::UNIX_EPOCH, body).unwrap();
        let first = held("https://x/1", sha256.clone());
        archive.note("f", &first).unwrap();
        let index = archive.index_path("f");
        let mut file = OpenOptions::new().append(true).open(&index).unwrap();
        file.write_all(b"{\"url\": \"https://x/2\", \"sha").unwrap();
        archive.note("f", &held("https://x/3", sha256)).unwrap();

        let reopened = FolderArchive::new(home.path());
        assert_eq!(reopened.held("f", "https://x/1"), Some(first.clone()));
        assert_eq!(reopened.held("f", "https://x/2"), None);
        assert!(reopened.held("f", "https://x/3").is_some());
        assert_eq!(reopened.load("f", &first).unwrap(), &body[..]);
    }

    #[test]
    fn a_harmed_body_is_not_given_back() {
        let home = tempfile::tempdir().unwrap();
        let archive = FolderArchive::new(home.path());
        let sha256 = archive.store("f", "xlsx", Timestamp::UNIX_EPOCH, b"PK\x03\x04 1234").unwrap();
        let note = Held { extension: "xlsx".to_owned(), ..held("https://x", sha256) };
        assert!(archive.load("f", &note).is_some());
        let path = archive.path("f", "xlsx", Timestamp::UNIX_EPOCH, &note.sha256);
        fs::write(&path, b"PK\x03\x04 1235").unwrap();
        assert_eq!(archive.load("f", &note), None);
    }
}
