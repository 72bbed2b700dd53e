//! Reads the place a row speaks of.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;

use super::spec::PlaceSpec;
use super::table::{Row, Table};
use super::times::{ReaderError, require};
use crate::domain::place::slug;
use crate::domain::time::local_date;
use crate::domain::{PlaceId, QcFlag};

/// Where the place of a row stands in this file; every place met is kept once.
#[derive(Debug)]
pub struct PlaceReader {
    shape: Shape,
    known: Vec<PlaceId>,
    by_id: BTreeMap<PlaceId, usize>,
    by_text: HashMap<Vec<u8>, Option<usize>>,
}

#[derive(Debug)]
enum Shape {
    /// Columns give it (`places_from`), rows do not.
    Columns,
    Fixed(usize),
    Periods(Vec<(Option<Date>, usize)>),
    Id {
        spec: PlaceSpec,
        columns: Vec<usize>,
    },
}

impl PlaceReader {
    /// Returns a reader for this header; without a spec the columns give the place.
    ///
    /// # Errors
    /// The missing column, or a place in the manifest that cannot be one.
    pub fn new(spec: Option<&PlaceSpec>, table: &Table) -> Result<Self, ReaderError> {
        let mut reader = Self {
            shape: Shape::Columns,
            known: Vec::new(),
            by_id: BTreeMap::new(),
            by_text: HashMap::new(),
        };
        let Some(spec) = spec else { return Ok(reader) };
        reader.shape = if let Some(place) = &spec.fixed {
            Shape::Fixed(reader.intern_text(place)?)
        } else if spec.periods.is_empty() {
            let columns = spec.id.iter().map(|n| require(table, n)).collect::<Result<_, _>>()?;
            Shape::Id { spec: spec.clone(), columns }
        } else {
            let mut periods = Vec::new();
            for period in &spec.periods {
                let before = period.before.as_deref().map(parse_date).transpose()?;
                periods.push((before, reader.intern_text(&period.place)?));
            }
            Shape::Periods(periods)
        };
        Ok(reader)
    }

    /// Returns the columns that make the place.
    #[must_use]
    pub fn columns(&self) -> &[usize] {
        if let Shape::Id { columns, .. } = &self.shape { columns } else { &[] }
    }

    /// Returns the place of this number.
    #[must_use]
    pub fn place(&self, number: usize) -> &PlaceId {
        &self.known[number]
    }

    /// Returns how many places were met.
    #[must_use]
    pub fn count(&self) -> usize {
        self.known.len()
    }

    /// Returns the number of the row's place, `None` when it cannot be one.
    pub fn read(&mut self, row: &Row, valid: Option<Timestamp>) -> Option<usize> {
        match &self.shape {
            Shape::Columns => Some(0),
            Shape::Fixed(number) => Some(*number),
            Shape::Periods(periods) => {
                let day = local_date(valid?);
                let is_in = |before: &Option<Date>| before.is_none_or(|b| day < b);
                periods.iter().find(|(before, _)| is_in(before)).map(|(_, number)| *number)
            }
            Shape::Id { spec, columns } => {
                let mut key = Vec::new();
                for column in columns {
                    key.extend_from_slice(row.bytes(*column));
                    key.push(0);
                }
                if let Some(number) = self.by_text.get(&key) {
                    return *number;
                }
                let place = make(spec, columns, row);
                let number = place.map(|p| self.intern(p));
                self.by_text.insert(key, number);
                number
            }
        }
    }

    fn intern(&mut self, place: PlaceId) -> usize {
        *self.by_id.entry(place.clone()).or_insert_with(|| {
            self.known.push(place);
            self.known.len() - 1
        })
    }

    fn intern_text(&mut self, text: &str) -> Result<usize, ReaderError> {
        let place = text.parse().map_err(|e| ReaderError::Text(format!("{e}")))?;
        Ok(self.intern(place))
    }
}

fn make(spec: &PlaceSpec, columns: &[usize], row: &Row) -> Option<PlaceId> {
    let mut kind = spec.kind.clone();
    let mut parts = Vec::new();
    for (i, column) in columns.iter().enumerate() {
        let text = row.text(*column)?;
        let part = if spec.verbatim { text.to_owned() } else { slug(text) };
        let part = spec.alias.get(&part).cloned().unwrap_or(part);
        let allowed = i > 0 || spec.only.is_empty() || spec.only.contains(&part);
        if part.is_empty() || !allowed {
            return None;
        }
        match part.split_once(':') {
            Some((other, id)) if i == 0 => {
                other.clone_into(&mut kind);
                parts.push(id.to_owned());
            }
            _ => parts.push(part),
        }
    }
    PlaceId::new(&kind, &parts.join(".")).ok()
}

/// Returns a date of the manifest.
///
/// # Errors
/// A sentence that names the text.
pub fn parse_date(text: &str) -> Result<Date, ReaderError> {
    text.parse().map_err(|_| ReaderError::Text(format!("{text:?} is not a date (2006-08-01)")))
}

/// Returns a quality flag of the manifest.
///
/// # Errors
/// A sentence that names the text and the flags there are.
pub fn parse_flag(text: &str) -> Result<QcFlag, ReaderError> {
    let flags: crate::domain::QcFlags =
        text.parse().map_err(|e| ReaderError::Text(format!("{e}")))?;
    flags.iter().next().ok_or_else(|| ReaderError::text("a flag rule names no flag"))
}
