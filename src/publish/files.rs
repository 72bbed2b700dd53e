//! Published files of a morning: one JSON document and one plain text, replaced atomically.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;

use super::PublishError;
use crate::domain::time::IssuedAt;
use crate::frames::Advisory;
use crate::review::Approved;
use crate::storage::whole_file;

/// The licence of what we publish (the province asks for open data).
pub const LICENCE: &str = "CC BY 4.0";

/// A published morning.
#[derive(Serialize)]
struct Document<'a> {
    issued_at: jiff::Timestamp,
    issued_on: Date,
    licence: &'static str,
    advisories: Vec<&'a Advisory>,
}

/// Writes the approved advice of one morning under `folder/<date>/`, and `folder/latest.json` when
/// it is the newest morning there. Readers see the old or the new file, never half of one.
///
/// # Errors
/// [`PublishError::Write`] when a file cannot be written.
pub fn write(
    folder: &Path,
    issued_at: IssuedAt,
    approved: &[Approved<Advisory>],
) -> Result<PathBuf, PublishError> {
    let day = issued_at.local_date();
    let advisories: Vec<&Advisory> = approved.iter().map(Approved::get).collect();
    let text = text(&advisories);
    let document =
        Document { issued_at: issued_at.0, issued_on: day, licence: LICENCE, advisories };
    let json = serde_json::to_string_pretty(&document)? + "\n";
    let place = folder.join(day.to_string());
    std::fs::create_dir_all(&place)
        .map_err(|source| PublishError::Write { path: place.clone(), source })?;
    replace(&place.join("advisories.json"), &json)?;
    replace(&place.join("advisories.txt"), &text)?;
    if newest(folder).is_none_or(|newest| newest <= day) {
        replace(&folder.join("latest.json"), &json)?;
        replace(&folder.join("latest.txt"), &text)?;
    }
    Ok(place)
}

/// Returns the newest morning published under `folder`.
fn newest(folder: &Path) -> Option<Date> {
    let names = std::fs::read_dir(folder).ok()?.flatten().map(|e| e.file_name());
    names.filter_map(|name| name.to_str()?.parse::<Date>().ok()).max()
}

fn text(advisories: &[&Advisory]) -> String {
    let mut text = String::new();
    for advisory in advisories {
        let _ =
            writeln!(text, "[{} · {}]\n{}\n", advisory.commune, advisory.crop, advisory.text_vi);
    }
    text
}

/// Writes a file whole or not at all.
///
/// # Errors
/// [`PublishError::Write`] when it cannot be written.
pub fn replace(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), PublishError> {
    let failed = |source| PublishError::Write { path: path.to_owned(), source };
    whole_file::replace(path, bytes).map_err(failed)
}
