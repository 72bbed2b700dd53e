//! Compares a file's header with the manifest: unknown and excluded columns are told.

use std::collections::BTreeSet;

use regex::Regex;

use super::quarantine::{Quarantine, Spot};
use super::reason;
use super::spec::{Lag, SetSpec, TimeSpec};
use super::table::Table;

/// Tells every column that the manifest does not know, and every excluded one (once, with the
/// number of cells that are therefore not used).
pub fn check(set: &SetSpec, table: &Table, quarantine: &mut Quarantine) {
    let known = names(set);
    let families: Vec<Regex> = set
        .value
        .iter()
        .filter(|v| v.places_from.is_some())
        .filter_map(|v| Regex::new(&v.column).ok())
        .collect();
    let describes_all = set.table == super::spec::TableKind::Place;
    for (index, name) in table.header.iter().enumerate() {
        if let Some(why) = set.exclude.get(name) {
            let cells = table.rows.iter().filter(|r| !r.raw(index).is_empty()).count();
            let raw = table.rows.first().map(|r| r.raw(index)).unwrap_or_default();
            let spot = Spot { field: name, raw: &raw, ..Spot::default() };
            let detail = format!("column {name:?} is not used ({cells} cells): {why}");
            quarantine.run(spot, reason::EXCLUDED, cells, detail);
        } else if !describes_all
            && !known.contains(name.as_str())
            && !families.iter().any(|f| f.is_match(name))
        {
            let detail = format!("the manifest does not know column {name:?}; it is not stored");
            quarantine.file(reason::UNKNOWN_COLUMN, name, detail);
        }
    }
}

fn names(set: &SetSpec) -> BTreeSet<&str> {
    let mut known: BTreeSet<&str> = set.ignore.iter().map(String::as_str).collect();
    match &set.time {
        Some(
            TimeSpec::Day { column, .. }
            | TimeSpec::Month { column }
            | TimeSpec::Instant { column, .. }
            | TimeSpec::Year { column },
        ) => known.extend([column.as_str()]),
        Some(TimeSpec::Week { year, week }) => known.extend([year.as_str(), week]),
        Some(TimeSpec::Season { year, season }) => known.extend([year.as_str(), season]),
        Some(TimeSpec::SeasonCentre { season, issued }) => {
            known.extend([season.as_str(), issued]);
        }
        None => {}
    }
    known.extend(set.place.iter().flat_map(|p| &p.id).map(String::as_str));
    known.extend(set.skip.iter().map(|s| s.column.as_str()));
    known.extend(set.flag.iter().filter_map(|f| f.column.as_deref()));
    for lag in [&set.available, &set.issued].into_iter().flatten() {
        lag_names(lag, &mut known);
    }
    for value in &set.value {
        known.insert(&value.column);
        known.extend(value.variable_by.iter().map(|v| v.column.as_str()));
        known.extend(value.bare_thousands.iter().map(|b| b.column.as_str()));
        value.available.iter().for_each(|lag| lag_names(lag, &mut known));
    }
    if let Some(describe) = &set.describe {
        known.insert(&describe.name);
        known.extend(describe.lat.iter().chain(&describe.lon).map(String::as_str));
        known.extend(describe.attributes.iter().map(String::as_str));
    }
    known
}

fn lag_names<'a>(lag: &'a Lag, known: &mut BTreeSet<&'a str>) {
    known.extend(lag.column.as_deref());
    known.extend(lag.year_month.iter().flatten().map(String::as_str));
}
