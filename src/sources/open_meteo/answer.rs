//! Reading Open-Meteo's answers: one object for each place, sections of columns beside a time.

use jiff::civil::{Date, DateTime};
use serde_json::{Map, Value};

use crate::sources::gather::{At, Column, Gather};
use crate::sources::json;
use crate::sources::site::Site;

/// How far the centre of the grid cell may be from the point asked for, in degrees. The coarsest
/// models in use have cells of 0.5°, and a land cell may be preferred over a nearer sea cell.
const CELL_DISTANCE_MAX_DEG: f64 = 1.0;

/// One section (`daily`, `hourly`) of the answer for one place.
#[derive(Debug)]
pub struct Section<'a> {
    /// The place asked for.
    pub site: &'a Site,
    /// The first row of this place, counted from 0 over the whole answer.
    first_row: usize,
    /// The times as written.
    pub times: Vec<&'a str>,
    columns: &'a Map<String, Value>,
    units: Option<&'a Map<String, Value>>,
}

/// What is read of each answer.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The section: `daily` or `hourly`.
    pub section: &'static str,
    /// The offset from UTC the times must be in.
    pub utc_offset_secs: i64,
}

/// Returns the section of each place, in the order asked; places whose part is unusable are noted.
pub fn sections<'a>(
    document: &'a Value,
    sites: &'a [Site],
    shape: Shape,
    gather: &mut Gather<'_>,
) -> Vec<Section<'a>> {
    // One place: an object; more: an array of objects in the order asked.
    let objects: Vec<&Value> = match document {
        Value::Array(objects) => objects.iter().collect(),
        single => vec![single],
    };
    if objects.len() != sites.len() {
        let text = format!("{} places asked for, {} came", sites.len(), objects.len());
        gather.note("", "places_mismatch", &text, &objects.len().to_string());
    }
    let mut sections: Vec<Section<'a>> = Vec::new();
    for (position, object) in objects.into_iter().enumerate() {
        // `location_id` counts from 0 and is left out for 0.
        let id = object.get("location_id").and_then(Value::as_u64);
        let index = id.and_then(|id| usize::try_from(id).ok()).unwrap_or(position);
        let Some(site) = sites.get(index) else {
            gather.note(
                "location_id",
                "place_unknown",
                "no such place was asked for",
                &index.to_string(),
            );
            continue;
        };
        let first_row = sections.last().map_or(0, |s| s.first_row + s.times.len());
        match section(object, site, shape, first_row) {
            Ok(section) => sections.push(section),
            Err((reason, text)) => {
                let cell = At { row: index + 1, place: &site.place, time: "" };
                gather.reject(cell, shape.section, &raw_head(object), reason, &text);
            }
        }
    }
    sections
}

/// Returns the section of one place, or why it cannot be used.
fn section<'a>(
    object: &'a Value,
    site: &'a Site,
    shape: Shape,
    first_row: usize,
) -> Result<Section<'a>, (&'static str, String)> {
    let degrees = |name| object.get(name).and_then(Value::as_f64);
    let (Some(lat), Some(lon)) = (degrees("latitude"), degrees("longitude")) else {
        return Err(("place_missing", "the answer does not say where it is".to_owned()));
    };
    let away = (lat - site.lat).abs().max((lon - site.lon).abs());
    if away > CELL_DISTANCE_MAX_DEG {
        return Err(("wrong_place", format!("its grid cell is {away:.2} degrees away")));
    }
    let offset = object.get("utc_offset_seconds").and_then(Value::as_i64);
    if offset != Some(shape.utc_offset_secs) {
        let text = format!("days are counted at {offset:?} s, not {} s", shape.utc_offset_secs);
        return Err(("wrong_zone", text));
    }
    let missing = |what: &str| ("field_missing", format!("there is no {what}"));
    let columns = object.get(shape.section).and_then(Value::as_object);
    let columns = columns.ok_or_else(|| missing(shape.section))?;
    let times = columns.get("time").and_then(Value::as_array);
    let times = times.ok_or_else(|| missing("time"))?;
    let times = times.iter().map(|t| t.as_str().unwrap_or_default()).collect();
    let units = object.get(format!("{}_units", shape.section)).and_then(Value::as_object);
    Ok(Section { site, first_row, times, columns, units })
}

/// Returns the beginning of an object without its long columns.
fn raw_head(object: &Value) -> String {
    let Some(object) = object.as_object() else { return json::raw(object) };
    let plain = |(name, value): (&String, &Value)| {
        (!value.is_object()).then(|| format!("{name}={}", json::raw(value)))
    };
    object.iter().filter_map(plain).collect::<Vec<_>>().join(" ")
}

impl Section<'_> {
    /// Returns the names of the columns beside `time`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str).filter(|name| *name != "time")
    }

    /// Returns a column's mapping and values, or notes why it cannot be read.
    pub fn column(
        &self,
        api: &str,
        variable: &str,
        unit: &str,
        gather: &mut Gather<'_>,
    ) -> Option<(Column, &[Value])> {
        let Some(values) = self.columns.get(api).and_then(Value::as_array) else {
            gather.note(api, "field_missing", "it was asked for and is not in the answer", "");
            return None;
        };
        let given = self.units.and_then(|u| u.get(api)).and_then(Value::as_str);
        let column = gather.column(api, variable, given, unit)?;
        if values.len() != self.times.len() {
            let text = format!("{} values for {} times", values.len(), self.times.len());
            gather.reject(self.cell(0), api, &text, "length_mismatch", &text);
            return None;
        }
        if !values.is_empty() && values.iter().all(Value::is_null) {
            gather.note(api, "all_missing", "every value of a place is missing", "null");
        }
        Some((column, values))
    }

    /// Returns where the value at this position of a column stands.
    #[must_use]
    pub fn cell(&self, index: usize) -> At<'_> {
        let time = self.times.get(index).copied().unwrap_or_default();
        At { row: self.first_row + index + 1, place: &self.site.place, time }
    }

    /// Returns the dates of a daily section, each beside its position; unreadable ones are noted.
    pub fn dates(&self, gather: &mut Gather<'_>) -> Vec<(usize, Date)> {
        self.read_times(gather, |text| text.parse::<Date>().ok().filter(|_| text.len() == 10))
    }

    /// Returns the local times of an hourly section, each beside its position.
    pub fn hours(&self, gather: &mut Gather<'_>) -> Vec<(usize, DateTime)> {
        self.read_times(gather, |text| text.parse().ok())
    }

    fn read_times<T>(
        &self,
        gather: &mut Gather<'_>,
        read: impl Fn(&str) -> Option<T>,
    ) -> Vec<(usize, T)> {
        let mut times = Vec::with_capacity(self.times.len());
        for (index, text) in self.times.iter().enumerate() {
            match read(text) {
                Some(time) => times.push((index, time)),
                None => gather.reject(self.cell(index), "time", text, "bad_time", "not a time"),
            }
        }
        times
    }
}
