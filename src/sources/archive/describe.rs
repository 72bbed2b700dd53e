//! Rows become places: who and where, everything else the source says as JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::numbers::{self, Cell};
use super::places::PlaceReader;
use super::quarantine::{Quarantine, Spot};
use super::reason;
use super::report::SetReport;
use super::rows::{Rows, tell};
use super::spec::{DescribeSpec, Number, SetSpec, TableKind};
use super::table::{Row, Table};
use super::times::{ReaderError, require};
use crate::domain::PlaceId;
use crate::frames::Place;

/// Latitudes and longitudes that can be.
const LAT: std::ops::RangeInclusive<f64> = -90.0..=90.0;
const LON: std::ops::RangeInclusive<f64> = -180.0..=180.0;

/// Returns the places a set of places describes.
#[must_use]
pub fn places(
    set: &SetSpec,
    table: &Table,
    seen_at: Timestamp,
    quarantine: &mut Quarantine,
    report: &mut SetReport,
) -> Vec<Place> {
    let reader = PlaceReader::new(set.place.as_ref(), table);
    let made = reader.and_then(|places| Ok((places, Describer::new(set, table, seen_at)?)));
    let (mut places, describer) = match made {
        Ok(made) => made,
        Err(error) => {
            tell(error, table, quarantine);
            return Vec::new();
        }
    };
    let mut found = BTreeMap::new();
    for row in &table.rows {
        if let Some(number) = places.read(row, None) {
            let place = describer.place(row, places.place(number), quarantine);
            report.duplicates += keep(&mut found, place, row, quarantine);
        } else {
            let raw = places.columns().iter().map(|c| row.raw(*c)).collect::<Vec<_>>().join(" ");
            let spot = Spot { row: row.number, raw: &raw, ..Spot::default() };
            let detail = format!("place {raw:?} cannot be one; the row is left out");
            quarantine.one(spot, reason::UNKNOWN_PLACE, detail);
        }
    }
    found.into_values().collect()
}

/// Returns the places that the rows of observations describe, the first description of each, and
/// those the manifest itself names.
#[must_use]
pub fn of_observations(
    set: &SetSpec,
    rows: &Rows,
    table: &Table,
    seen_at: Timestamp,
    quarantine: &mut Quarantine,
) -> Vec<Place> {
    let mut found = BTreeMap::new();
    let mut first: Vec<Option<usize>> = vec![None; rows.places.count()];
    for meta in &rows.metas {
        // Where columns give the place, rows have none to describe.
        if let Some(first) = first.get_mut(meta.place) {
            first.get_or_insert(meta.row);
        }
    }
    let met = || (0..first.len()).filter_map(|n| Some((rows.places.place(n), first[n]?)));
    if set.describe.is_some() {
        let describer = match Describer::new(set, table, seen_at) {
            Ok(describer) => describer,
            Err(error) => {
                tell(error, table, quarantine);
                return Vec::new();
            }
        };
        for (id, row) in met() {
            let place = describer.place(&table.rows[row], id, quarantine);
            found.insert(id.clone(), place);
        }
    }
    for station in &set.station {
        if let Ok(id) = station.place.parse::<PlaceId>()
            && met().any(|(place, _)| *place == id)
        {
            let at = (station.lat, station.lon);
            let row = row_of(&id, station.name.clone(), at, "{}".into(), &set.source, seen_at);
            found.insert(id, row);
        }
    }
    found.into_values().collect()
}

fn keep(
    described: &mut BTreeMap<PlaceId, Place>,
    place: Place,
    row: &Row,
    quarantine: &mut Quarantine,
) -> usize {
    match described.get(&place.place) {
        None => {
            described.insert(place.place.clone(), place);
            0
        }
        Some(first) if *first == place => 1,
        Some(_) => {
            let spot = Spot { row: row.number, place: place.place.as_str(), ..Spot::default() };
            let detail =
                format!("{} is described twice and differently; the first is kept", place.place);
            quarantine.one(spot, reason::DUPLICATE_CONFLICT, detail);
            0
        }
    }
}

struct Describer<'a> {
    table: &'a Table,
    name: usize,
    lat: Option<usize>,
    lon: Option<usize>,
    attributes: Vec<usize>,
    source: &'a Arc<str>,
    seen_at: Timestamp,
}

impl<'a> Describer<'a> {
    fn new(set: &'a SetSpec, table: &'a Table, seen_at: Timestamp) -> Result<Self, ReaderError> {
        let none = || ReaderError::text("the set does not say how its places are described");
        let DescribeSpec { name, lat, lon, attributes } = set.describe.as_ref().ok_or_else(none)?;
        let find = |column: &Option<String>| column.as_ref().map(|c| require(table, c)).transpose();
        let (name, lat, lon) = (require(table, name)?, find(lat)?, find(lon)?);
        let attributes = if set.table == TableKind::Place {
            (0..table.header.len())
                .filter(|c| ![Some(name), lat, lon].contains(&Some(*c)))
                .collect()
        } else {
            attributes.iter().map(|c| require(table, c)).collect::<Result<_, _>>()?
        };
        Ok(Self { table, name, lat, lon, attributes, source: &set.source, seen_at })
    }

    fn place(&self, row: &Row, id: &PlaceId, quarantine: &mut Quarantine) -> Place {
        let mut coordinate = |column: Option<usize>, range: &std::ops::RangeInclusive<f64>| {
            let column = column?;
            let text = row.raw(column);
            match numbers::read(&text, Number::Plain, false) {
                Cell::Empty => None,
                Cell::Value(value) if range.contains(&value) => Some(value),
                Cell::Value(_) | Cell::Bad(_) => {
                    let field = &self.table.header[column];
                    let spot =
                        Spot { row: row.number, place: id.as_str(), field, raw: &text, time: "" };
                    let detail = format!("{text:?} is not a coordinate; the place has none");
                    quarantine.one(spot, reason::OUT_OF_RANGE, detail);
                    None
                }
            }
        };
        let (lat, lon) = (coordinate(self.lat, &LAT), coordinate(self.lon, &LON));
        let attributes: Map<String, Value> = self
            .attributes
            .iter()
            .map(|c| (self.table.header[*c].clone(), Value::String(row.raw(*c))))
            .collect();
        let attributes = Value::Object(attributes).to_string();
        row_of(id, row.raw(self.name), (lat, lon), attributes, self.source, self.seen_at)
    }
}

fn row_of(
    id: &PlaceId,
    name: String,
    (lat, lon): (Option<f64>, Option<f64>),
    attributes: String,
    source: &Arc<str>,
    seen_at: Timestamp,
) -> Place {
    Place {
        kind: id.kind().into(),
        place: id.clone(),
        name,
        lat,
        lon,
        attributes,
        source: Arc::clone(source),
        ingested_at: seen_at,
        revision: 0,
    }
}
