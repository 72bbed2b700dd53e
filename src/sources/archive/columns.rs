//! The value columns of a file, ready to read cells from.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;

use super::checks::order::contradicts;
use super::numbers::{self, Cell};
use super::quarantine::Quarantine;
use super::reason;
use super::rows::tell;
use super::spec::{Number, SetSpec, TableKind, ValueSpec};
use super::table::{Row, Table};
use super::times::{LagReader, ReaderError, require};
use crate::domain::place::slug;
use crate::domain::{PlaceId, Variable, Variables};

/// How far a sentinel may be from its number, relative: 1e36 that went through single precision is
/// written 9.99999962e35.
const SENTINEL_ROUNDING: f64 = 1e-6;

/// One value column.
#[derive(Debug)]
pub struct Column<'a> {
    /// What the manifest says of it.
    pub spec: &'a ValueSpec,
    /// Its name in the file.
    pub name: String,
    /// The place it speaks of, when rows do not say.
    pub place: Option<PlaceId>,
    /// Its own publication rule.
    pub available: Option<LagReader>,
    index: usize,
    variable: Choice,
    bare: Option<(usize, &'a [String])>,
    orders: Vec<(usize, usize)>,
}

/// A variable and the divisor from the column's unit to its own.
pub type Target = (Arc<Variable>, f64);

#[derive(Debug)]
enum Choice {
    One(Target),
    By(usize, BTreeMap<String, Target>),
    /// A category that no catalogue holds.
    Category,
}

/// What a cell gave.
#[derive(Debug)]
pub enum Read<'c> {
    /// Nothing: missing and said so.
    Missing,
    /// A number in the column's unit, and the variable it is of.
    Value(f64, &'c Target),
    /// Something unusable.
    Bad(&'static str),
}

impl<'a> Column<'a> {
    /// Returns every value column of the file; what is missing is told.
    #[must_use]
    pub fn all(
        set: &'a SetSpec,
        file_name: &str,
        table: &Table,
        catalogue: &Variables,
        quarantine: &mut Quarantine,
    ) -> Vec<Self> {
        let mut columns = Vec::new();
        for spec in &set.value {
            let found = names(spec, set, table);
            if spec.places_from.is_some() && matches!(&found, Ok(f) if f.is_empty()) {
                tell(ReaderError::Column(spec.column.clone()), table, quarantine);
            }
            let made = found.and_then(|found| {
                let make = |(name, id): (String, Option<String>)| {
                    Self::new(set, spec, name, id.as_deref(), file_name, table, catalogue)
                };
                found.into_iter().map(make).collect::<Result<Vec<_>, _>>()
            });
            match made {
                Ok(made) => columns.extend(made),
                Err(error) => tell(error, table, quarantine),
            }
        }
        columns
    }

    fn new(
        set: &'a SetSpec,
        spec: &'a ValueSpec,
        name: String,
        id: Option<&str>,
        file_name: &str,
        table: &Table,
        catalogue: &Variables,
    ) -> Result<Self, ReaderError> {
        let place = match (&spec.places_from, id) {
            (Some(kind), Some(id)) => {
                Some(PlaceId::new(kind, &slug(id)).map_err(|e| ReaderError::Text(e.to_string()))?)
            }
            _ => None,
        };
        let orders = set
            .order
            .iter()
            .filter(|o| o.low == name || o.high == name)
            .filter_map(|o| Some((table.index(&o.low)?, table.index(&o.high)?)))
            .collect();
        let bare = match &spec.bare_thousands {
            Some(rows) => Some((require(table, &rows.column)?, rows.equals.as_slice())),
            None => None,
        };
        let lag = spec.available.as_ref();
        Ok(Self {
            index: require(table, &name)?,
            variable: Choice::new(spec, set.table, table, catalogue)?,
            available: lag.map(|l| LagReader::new(l, table, file_name)).transpose()?,
            spec,
            name,
            place,
            bare,
            orders,
        })
    }

    /// Returns what the row's cell of this column gives.
    #[must_use]
    pub fn read(&self, row: &Row) -> Read<'_> {
        let Some(text) = row.text(self.index) else { return Read::Bad(reason::WRONG_ENCODING) };
        let bare = self.bare.is_some_and(|(column, texts)| {
            row.text(column).is_some_and(|t| texts.iter().any(|known| known == t))
        });
        let value = match numbers::read(text, self.spec.number, bare) {
            Cell::Empty => return Read::Missing,
            Cell::Bad(reason) => return Read::Bad(reason),
            Cell::Value(value) => value,
        };
        if self.spec.sentinels.iter().any(|s| (value - s).abs() <= s.abs() * SENTINEL_ROUNDING) {
            return Read::Bad(reason::SENTINEL);
        }
        let against = |(low, high): &(usize, usize)| match (row.text(*low), row.text(*high)) {
            (Some(low), Some(high)) => contradicts(low, high),
            _ => false,
        };
        if self.orders.iter().any(against) {
            return Read::Bad(reason::INCONSISTENT);
        }
        match &self.variable {
            Choice::One(target) => Read::Value(value, target),
            Choice::By(column, map) => match row.text(*column).and_then(|t| map.get(t)) {
                Some(target) => Read::Value(value, target),
                None => Read::Bad(reason::UNKNOWN_UNIT),
            },
            Choice::Category => Read::Bad(reason::MANIFEST),
        }
    }

    /// Returns the text of the row's cell, for telling.
    #[must_use]
    pub fn raw(&self, row: &Row) -> String {
        row.raw(self.index)
    }

    /// Returns the place of a row whose own place is `place`.
    #[must_use]
    pub fn place_of(&self, place: &PlaceId) -> Option<PlaceId> {
        match &self.spec.place_part {
            Some(part) => PlaceId::new(place.kind(), &format!("{}.{part}", place.id())).ok(),
            None => Some(place.clone()),
        }
    }
}

impl Choice {
    fn new(
        spec: &ValueSpec,
        kind: TableKind,
        table: &Table,
        catalogue: &Variables,
    ) -> Result<Self, ReaderError> {
        if kind == TableKind::Guidance && spec.number == Number::Text {
            return Ok(Self::Category);
        }
        let Some(by) = &spec.variable_by else {
            return target(&spec.variable, &spec.unit, catalogue).map(Self::One);
        };
        let mut map = BTreeMap::new();
        for (text, variable) in &by.map {
            // The text names the unit, so the variable's own unit is the column's.
            let variable = catalogue.get(variable).map_err(|e| ReaderError::Text(e.to_string()))?;
            map.insert(text.clone(), (Arc::clone(variable), 1.0));
        }
        Ok(Self::By(require(table, &by.column)?, map))
    }
}

/// Returns a variable and the divisor from `unit` to its own.
///
/// # Errors
/// A sentence that names what the catalogue does not know.
pub fn target(variable: &str, unit: &str, catalogue: &Variables) -> Result<Target, ReaderError> {
    let variable = catalogue.get(variable).map_err(|e| ReaderError::Text(e.to_string()))?;
    let divisor = numbers::divisor(unit, &variable.unit).ok_or_else(|| {
        ReaderError::Text(format!(
            "unit {unit:?} does not convert to {:?} of {}",
            variable.unit, variable.name
        ))
    })?;
    Ok((Arc::clone(variable), divisor))
}

type Named = Vec<(String, Option<String>)>;

fn names(spec: &ValueSpec, set: &SetSpec, table: &Table) -> Result<Named, ReaderError> {
    if spec.places_from.is_none() {
        return Ok(vec![(spec.column.clone(), None)]);
    }
    let pattern = Regex::new(&spec.column).map_err(|e| ReaderError::Text(e.to_string()))?;
    let mut found: Named = Vec::new();
    for name in &table.header {
        if set.exclude.contains_key(name) || found.iter().any(|(seen, _)| seen == name) {
            continue;
        }
        if let Some(id) = pattern.captures(name).and_then(|c| c.get(1)) {
            found.push((name.clone(), Some(id.as_str().to_owned())));
        }
    }
    Ok(found)
}
