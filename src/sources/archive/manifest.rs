//! The manifest: one readable table from files to variables, shipped and replaceable.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use regex::Regex;
use serde::Deserialize;

use super::lag::Rule;
use super::places::{parse_date, parse_flag};
use super::spec::{Lag, Number, SetSpec, TableKind};
use super::times::ReaderError;
use crate::domain::{PlaceId, Variables};
use crate::sources::SourceError;

/// The manifest as it is shipped.
const EMBEDDED: &str = include_str!("../../../data/reference/manifest.toml");

/// The form of the manifest this program reads.
const VERSION: u32 = 1;

/// All sets an archive folder can hold.
#[derive(Debug, Clone)]
pub struct Manifest {
    sets: Vec<SetSpec>,
    /// The patterns of each set's files, and the file names at their ends.
    patterns: Vec<(usize, Regex, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(rename = "set")]
    sets: Vec<SetSpec>,
}

/// Which file belongs to which set, and what is left over on either side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matches {
    /// Index of the set in [`Manifest::sets`] and the file, in the order of the sets.
    pub found: Vec<(usize, String)>,
    /// Sets (their indexes) of which no file is there; known files are never missing.
    pub missing: Vec<usize>,
    /// Files that no set names.
    pub unknown: Vec<String>,
}

impl Manifest {
    /// Returns the manifest shipped with the program.
    ///
    /// # Errors
    /// [`SourceError::Manifest`] when the shipped text is broken (a test keeps it whole).
    pub fn shipped() -> Result<Self, SourceError> {
        Self::from_toml(EMBEDDED)
    }

    /// Returns the manifest in a file of your own.
    ///
    /// # Errors
    /// [`SourceError::Read`] when the file cannot be read, [`SourceError::Manifest`] as in
    /// [`Self::from_toml`].
    pub fn from_file(path: &Path) -> Result<Self, SourceError> {
        let text = std::fs::read_to_string(path).map_err(|e| SourceError::Read {
            path: path.display().to_string(),
            reason: e.to_string(),
        })?;
        Self::from_toml(&text)
    }

    /// Returns the manifest written in `text`, its texts checked.
    ///
    /// # Errors
    /// [`SourceError::Manifest`] with the first thing that is wrong.
    pub fn from_toml(text: &str) -> Result<Self, SourceError> {
        let broken = |reason: String| SourceError::Manifest { reason };
        let file: File = toml::from_str(text).map_err(|e| broken(e.to_string()))?;
        if file.version != VERSION {
            let given = file.version;
            return Err(broken(format!("version {given} is not known (allowed: {VERSION})")));
        }
        let mut names = BTreeSet::new();
        let mut patterns = Vec::new();
        for (index, set) in file.sets.iter().enumerate() {
            let wrong = |reason: String| broken(format!("set {:?}: {reason}", &*set.name));
            check_set(set).map_err(wrong)?;
            if !names.insert(Arc::clone(&set.name)) {
                return Err(broken(format!("set {:?} stands there twice", &*set.name)));
            }
            for pattern in &set.files {
                patterns.push((index, glob(pattern).map_err(wrong)?, pattern.clone()));
            }
        }
        Ok(Self { sets: file.sets, patterns })
    }

    /// Returns the sets in the order of the manifest.
    #[must_use]
    pub fn sets(&self) -> &[SetSpec] {
        &self.sets
    }

    /// Returns the set of this name.
    #[must_use]
    pub fn set(&self, name: &str) -> Option<&SetSpec> {
        self.sets.iter().find(|s| &*s.name == name)
    }

    /// Returns what is wrong between the manifest and the catalogue of variables: names and units
    /// it does not know.
    ///
    /// # Errors
    /// [`SourceError::Manifest`] with the first of them.
    pub fn check(&self, catalogue: &Variables) -> Result<(), SourceError> {
        for set in &self.sets {
            for value in set.value.iter().filter(|v| v.number != Number::Text) {
                let wrong = |e: ReaderError| {
                    let (ReaderError::Text(reason) | ReaderError::Column(reason)) = e;
                    SourceError::Manifest { reason: format!("set {:?}: {reason}", &*set.name) }
                };
                match &value.variable_by {
                    None => {
                        super::columns::target(&value.variable, &value.unit, catalogue)
                            .map_err(wrong)?;
                    }
                    Some(by) => {
                        for variable in by.map.values() {
                            let known = catalogue.get(variable);
                            known.map_err(|e| wrong(ReaderError::Text(e.to_string())))?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns which of the files (paths relative to the folder, `/` between) belong to which set.
    ///
    /// A single file or a part of the folder is recognised too: `daily.csv`, read alone, is the
    /// set whose path ends in it, if there is only one.
    #[must_use]
    pub fn match_files(&self, paths: &[String]) -> Matches {
        let mut matches = Matches::default();
        for path in paths {
            match self.set_of(path) {
                Some(set) => matches.found.push((set, path.clone())),
                None => matches.unknown.push(path.clone()),
            }
        }
        matches.found.sort();
        matches.unknown.sort();
        let there: BTreeSet<usize> = matches.found.iter().map(|(set, _)| *set).collect();
        let data = |i: &usize| self.sets[*i].known.is_none();
        matches.missing =
            (0..self.sets.len()).filter(data).filter(|i| !there.contains(i)).collect();
        matches
    }

    fn set_of(&self, path: &str) -> Option<usize> {
        if let Some((set, ..)) = self.patterns.iter().find(|(_, regex, _)| regex.is_match(path)) {
            return Some(*set);
        }
        let depth = path.split('/').count();
        let ends: BTreeSet<usize> = self
            .patterns
            .iter()
            .filter(|(_, _, text)| {
                let parts: Vec<&str> = text.split('/').collect();
                parts.len() > depth
                    && glob(&parts[parts.len() - depth..].join("/")).is_ok_and(|r| r.is_match(path))
            })
            .map(|(set, ..)| *set)
            .collect();
        if ends.len() == 1 { ends.into_iter().next() } else { None }
    }
}

/// Returns the pattern as a regular expression: `*` is anything but `/`, `**` anything.
fn glob(pattern: &str) -> Result<Regex, String> {
    let parts: Vec<String> = pattern
        .split("**")
        .map(|part| part.split('*').map(regex::escape).collect::<Vec<_>>().join("[^/]*"))
        .collect();
    Regex::new(&format!("^{}$", parts.join(".*"))).map_err(|e| e.to_string())
}

fn check_set(set: &SetSpec) -> Result<(), String> {
    let needs =
        |has: bool, what: &str| if has { Ok(()) } else { Err(format!("{what} is missing")) };
    needs(!set.files.is_empty(), "files")?;
    if set.known.is_some() {
        return Ok(());
    }
    needs(!set.source.is_empty(), "source")?;
    let from_columns = set.value.iter().any(|v| v.places_from.is_some());
    if set.format == super::spec::Format::PinkSheetXlsx {
        return Ok(());
    }
    needs(set.place.is_some() || from_columns, "place")?;
    if set.table == TableKind::Place {
        return needs(set.describe.is_some(), "describe");
    }
    needs(set.time.is_some(), "time")?;
    needs(set.available.is_some(), "available")?;
    needs(!set.value.is_empty(), "value")?;
    needs(set.table != TableKind::Guidance || set.issued.is_some(), "issued")?;
    check_texts(set)
}

fn check_texts(set: &SetSpec) -> Result<(), String> {
    let text = |e: ReaderError| match e {
        ReaderError::Text(text) | ReaderError::Column(text) => text,
    };
    let seasons = set.season.values().flat_map(|s| [&s.start, &s.known]);
    let own = set.value.iter().filter_map(|v| v.available.as_ref());
    let all: Vec<&Lag> =
        set.available.iter().chain(&set.issued).chain(seasons).chain(own).collect();
    for lag in all {
        Rule::new(lag)?;
    }
    for flag in &set.flag {
        parse_flag(&flag.flag).map_err(text)?;
        for date in flag.from.iter().chain(&flag.before) {
            parse_date(date).map_err(text)?;
        }
    }
    for skip in &set.skip {
        skip.matches.as_deref().map(Regex::new).transpose().map_err(|e| e.to_string())?;
    }
    for value in set.value.iter().filter(|v| v.places_from.is_some()) {
        Regex::new(&value.column).map_err(|e| e.to_string())?;
    }
    let place = |text: &String| text.parse::<PlaceId>().map(|_| ()).map_err(|e| e.to_string());
    let spec = set.place.iter();
    spec.clone().filter_map(|p| p.fixed.as_ref()).try_for_each(place)?;
    spec.flat_map(|p| &p.periods).map(|p| &p.place).try_for_each(place)?;
    set.station.iter().map(|s| &s.place).try_for_each(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_manifest_is_whole() {
        let manifest = Manifest::shipped().unwrap();
        manifest.check(&Variables::shipped().unwrap()).unwrap();
        for set in manifest.sets() {
            assert!(set.about.len() > 10, "{} says nothing of itself", set.name);
        }
    }

    #[test]
    fn a_broken_manifest_is_refused_by_name() {
        let bad = |text: &str| Manifest::from_toml(text).unwrap_err().to_string();
        assert!(bad("version = 2\nset = []").contains("version 2"));
        let set = "version = 1\n[[set]]\nname = \"a.b\"\nfiles = [\"a.csv\"]\nabout = \"x\"\n";
        assert!(bad(set).contains("a.b") && bad(set).contains("source"));
        assert!(bad(&format!("{set}colour = 1\n")).contains("colour"));
    }

    #[test]
    fn files_are_found_whole_or_alone() {
        let text = "version = 1\n[[set]]\nname = \"a\"\nfiles = [\"x/daily.csv\"]\nabout = \"x\"\nknown = \"k\"\n\
                    [[set]]\nname = \"b\"\nfiles = [\"y/*_raw.csv\", \"y/daily.csv\"]\nabout = \"x\"\nknown = \"k\"\n";
        let manifest = Manifest::from_toml(text).unwrap();
        let set = |path: &str| manifest.match_files(&[path.to_owned()]).found.first().map(|f| f.0);
        assert_eq!(set("x/daily.csv"), Some(0));
        assert_eq!(set("y/2027_raw.csv"), Some(1));
        assert_eq!(set("2027_raw.csv"), Some(1));
        assert_eq!(set("daily.csv"), None, "two sets end in it");
        assert_eq!(set("old/x/daily.csv"), None);
        assert_eq!(set("y/z/2027_raw.csv"), None);
    }
}
