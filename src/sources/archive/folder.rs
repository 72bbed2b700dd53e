//! Walks an archive folder and reads it one file at a time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::manifest::{Manifest, Matches};
use super::quarantine::Quarantine;
use super::report::SetReport;
use super::{parse_set, reason};
use crate::domain::Variables;
use crate::sources::{Parsed, SourceError};

/// How deep folders are followed: the archive has three levels; a circle of links has no end.
const DEPTH_MAX: usize = 8;

/// The largest file that is read: fifty times the largest in the archive (4.4 MB).
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// The `source` of issues about the folder itself.
const FOLDER_SOURCE: &str = "archive.folder";

/// What one file of the folder gave.
#[derive(Debug)]
pub struct FileRead {
    /// The rows and issues.
    pub parsed: Parsed,
    /// The counts.
    pub report: SetReport,
}

/// An archive folder, matched with the manifest; an iterator that reads a file at each step.
///
/// The first item is about the folder itself: files that no set names, sets without a file.
pub struct Folder<'a> {
    root: PathBuf,
    manifest: &'a Manifest,
    catalogue: &'a Variables,
    seen_at: Timestamp,
    matches: Matches,
    next: Option<usize>,
}

/// Returns the folder (or single file) at `path`, ready to be read.
///
/// # Errors
/// [`SourceError::Read`] when the path does not exist or may not be read; nothing inside it is an
/// error, only issues.
pub fn read_folder<'a>(
    path: &Path,
    manifest: &'a Manifest,
    catalogue: &'a Variables,
    seen_at: Timestamp,
) -> Result<Folder<'a>, SourceError> {
    let refused = |e: &std::io::Error| SourceError::Read {
        path: path.display().to_string(),
        reason: e.to_string(),
    };
    let kind = fs::metadata(path).map_err(|e| refused(&e))?;
    let mut paths = Vec::new();
    let root = if kind.is_dir() {
        fs::read_dir(path).map_err(|e| refused(&e))?;
        walk(path, "", 0, &mut paths);
        path.to_owned()
    } else {
        paths.extend(path.file_name().map(|n| n.to_string_lossy().into_owned()));
        path.parent().unwrap_or(Path::new("")).to_owned()
    };
    let matches = manifest.match_files(&paths);
    Ok(Folder { root, manifest, catalogue, seen_at, matches, next: None })
}

impl Folder<'_> {
    /// Returns which files belong to which set.
    #[must_use]
    pub fn matches(&self) -> &Matches {
        &self.matches
    }

    /// Returns how many items there are in all, for a progress bar.
    #[must_use]
    pub fn items(&self) -> usize {
        self.matches.found.len() + 1
    }

    /// Returns the file the next step reads.
    #[must_use]
    pub fn coming(&self) -> Option<&str> {
        self.matches.found.get(self.next?).map(|(_, path)| path.as_str())
    }

    fn about_itself(&self) -> FileRead {
        let source = Arc::from(FOLDER_SOURCE);
        let mut report = SetReport::new(&source, "");
        report.files.clear();
        let mut issues = Vec::new();
        let mut tell = |artefact: &str, reason: &'static str, detail: String| {
            let mut quarantine = Quarantine::new(&source, artefact, self.seen_at);
            quarantine.file(reason, "", detail);
            let (told, lost, _) = quarantine.finish();
            issues.extend(told);
            for (r, n) in lost {
                *report.bad.entry(r).or_default() += n;
            }
        };
        for path in &self.matches.unknown {
            let detail = format!("the manifest does not know the file {path:?}; it is not read");
            tell(path, reason::UNKNOWN_FILE, detail);
        }
        for set in &self.matches.missing {
            let set = &self.manifest.sets()[*set];
            let files = set.files.join(" or ");
            let detail = format!("the folder holds no file {files} of set {}", set.name);
            tell(&files, reason::MISSING_FILE, detail);
        }
        FileRead { parsed: Parsed { issues, ..Parsed::default() }, report }
    }

    fn read(&self, index: usize) -> Option<FileRead> {
        let (set, path) = self.matches.found.get(index)?;
        let set = &self.manifest.sets()[*set];
        if set.known.is_some() {
            let report = SetReport::new(&set.name, path);
            return Some(FileRead { parsed: Parsed::default(), report });
        }
        let full = self.root.join(path);
        let (reason, detail) = match fs::metadata(&full) {
            Ok(about) if about.len() > FILE_BYTES_MAX => {
                let bytes = about.len();
                let detail = format!("{path} has {bytes} bytes, more than {FILE_BYTES_MAX}");
                (reason::TOO_LARGE, detail)
            }
            Ok(_) => match fs::read(&full) {
                Ok(bytes) => {
                    let (parsed, report) =
                        parse_set(set, path, &bytes, self.catalogue, self.seen_at);
                    return Some(FileRead { parsed, report });
                }
                Err(e) => (reason::UNREADABLE, format!("{path} cannot be read: {e}")),
            },
            Err(e) => (reason::UNREADABLE, format!("{path} cannot be read: {e}")),
        };
        let mut quarantine = Quarantine::new(&set.source, path, self.seen_at);
        quarantine.file(reason, "", detail);
        let (issues, bad, _) = quarantine.finish();
        let report = SetReport { bad, ..SetReport::new(&set.name, path) };
        Some(FileRead { parsed: Parsed { issues, ..Parsed::default() }, report })
    }
}

impl Iterator for Folder<'_> {
    type Item = FileRead;

    fn next(&mut self) -> Option<FileRead> {
        match self.next {
            None => {
                self.next = Some(0);
                Some(self.about_itself())
            }
            Some(index) => {
                self.next = Some(index + 1);
                self.read(index)
            }
        }
    }
}

/// Adds the files below `folder`, sorted, hidden ones left out; what cannot be listed is left out
/// too, and its sets are then missing.
fn walk(folder: &Path, prefix: &str, depth: usize, paths: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}{name}");
        match fs::metadata(entry.path()) {
            Ok(kind) if kind.is_dir() => {
                if depth < DEPTH_MAX {
                    walk(&entry.path(), &format!("{path}/"), depth + 1, paths);
                }
            }
            Ok(kind) if !kind.is_file() => {}
            // A file that cannot be looked at is told when it is read.
            Ok(_) | Err(_) => paths.push(path),
        }
    }
}
