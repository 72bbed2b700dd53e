//! What an agronomist sees beside a draft: fan, measurements, baselines, guidance, record, skill,
//! neighbours; each drawing with its numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::board::{self, Board, COMMUNES, STATIONS};
use super::drawing::{self, Dot, Fan};
use super::queue::{Item, commune_name};
use super::series::{self, SeriesView};
use super::words;
use crate::domain::geography::Station;
use crate::domain::time::{days_between, local_date};
use crate::domain::{CommuneCode, Geography, PlaceId, Severity};
use crate::frames::Advisory;

/// Stations shown at most: what a draft rests on, not the whole river.
const STATIONS_MAX: usize = 2;
/// Other forecasts shown at most: a week's plan of much work names a dozen.
const SERIES_MAX: usize = 4;
/// Neighbours named beside the map.
const NEIGHBOURS: usize = 6;
/// Lines of others' guidance shown at most.
const GUIDANCE_MAX: usize = 12;

/// Everything beside a draft.
#[derive(Default)]
pub struct Beside {
    /// The commune's fan, or the evidence itself where no fan is stored.
    pub fan: String,
    /// The stations and other forecasts it rests on.
    pub series: Vec<SeriesView>,
    /// What others say.
    pub guidance: Vec<[String; 4]>,
    /// The map.
    pub map: String,
    /// The nearest communes: name, kilometres, what is said there.
    pub neighbours: Vec<[String; 3]>,
}

/// Returns what is seen beside a draft.
pub fn beside(
    advisory: &Advisory,
    board: &Board,
    geography: &Geography,
    others: &[Arc<Item>],
) -> Beside {
    let place = advisory.commune.place();
    let salt = board.rows(COMMUNES, &place).filter(|_| advisory.hazard == "salt");
    let limits = limits(advisory.evidence.iter().map(|e| e.threshold));
    let own: Vec<drawing::Day> = match salt {
        Some(rows) => {
            let published = rows.iter().filter(|r| r.published);
            published.map(|r| (local_date(r.valid_time), series::quantiles(r))).collect()
        }
        None => from_evidence(advisory),
    };
    let title = format!(
        "Dự báo cho {}: khoảng 90 %, 80 %, 50 % và số giữa, với ngưỡng của quy tắc",
        commune_name(geography, &advisory.commune)
    );
    let mut views: Vec<SeriesView> = stations_of(advisory, board, geography)
        .into_iter()
        .filter_map(|s| series::view(board, (STATIONS, &s.place), &s.name, &limits))
        .collect();
    views.extend(read_from(advisory, board, geography));
    // Without a forecast to show, the evidence itself is drawn.
    let fan = if salt.is_some() || views.is_empty() {
        Fan { title: &title, days: &own, lines: &[], limits: &limits }.svg()
    } else {
        String::new()
    };
    let (map, neighbours) = neighbours(advisory, geography, others);
    let guidance = guidance(advisory, board, geography);
    Beside { fan, series: views, guidance, map, neighbours }
}

/// Returns the forecasts that the evidence was read from, in the order in which it names them.
fn read_from(advisory: &Advisory, board: &Board, geography: &Geography) -> Vec<SeriesView> {
    let mut named: Vec<(&str, &PlaceId, Vec<f64>)> = Vec::new();
    for from in board::evidence(advisory).filter_map(|e| e.read_from.as_ref()) {
        let known = named.iter_mut().find(|(t, p, _)| *t == from.target && **p == from.place);
        match known {
            Some((.., held)) => held.extend(from.limit),
            None => named.push((&from.target, &from.place, from.limit.into_iter().collect())),
        }
    }
    let view = |(target, place, held): (&str, &PlaceId, Vec<f64>)| {
        let name = words::place(geography, place);
        series::view(board, (target, place), &name, &limits(held))
    };
    named.into_iter().filter_map(view).take(SERIES_MAX).collect()
}

fn limits(thresholds: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut limits: Vec<f64> = thresholds.into_iter().collect();
    limits.sort_by(f64::total_cmp);
    limits.dedup();
    limits.truncate(3);
    limits
}

/// The evidence holds the 80 % interval and the middle; the other quantiles are not told.
fn from_evidence(advisory: &Advisory) -> Vec<drawing::Day> {
    let first = advisory.evidence.first().map(|e| e.quantity.as_str());
    let mut days: Vec<drawing::Day> = advisory
        .evidence
        .iter()
        .filter(|e| Some(e.quantity.as_str()) == first)
        .map(|e| (e.day, [e.low, e.low, e.value, e.value, e.value, e.high, e.high]))
        .collect();
    days.sort_by_key(|d| d.0);
    days.dedup_by_key(|d| d.0);
    days
}

/// Returns the stations a draft rests on: those its evidence names, or the nearest on its branch.
fn stations_of<'a>(
    advisory: &Advisory,
    board: &Board,
    geography: &'a Geography,
) -> Vec<&'a Station> {
    if advisory.hazard != "salt" {
        return Vec::new();
    }
    let has = |s: &&Station| board.rows(STATIONS, &s.place).is_some();
    let named = |s: &&Station| advisory.evidence.iter().any(|e| e.basis.contains(&s.name));
    let mut stations: Vec<&Station> =
        geography.stations.values().filter(has).filter(named).collect();
    if stations.is_empty() {
        let water = geography.water.get(&advisory.commune);
        let on_branch = |s: &&Station| water.is_some_and(|w| w.branch == s.branch);
        stations = geography.stations.values().filter(has).filter(on_branch).collect();
        let km = water.and_then(|w| w.km_from_mouth).unwrap_or(0.0);
        let away = |s: &&Station| (s.km_from_mouth.unwrap_or(f64::MAX) - km).abs();
        stations.sort_by(|a, b| away(a).total_cmp(&away(b)));
    }
    stations.truncate(STATIONS_MAX);
    stations
}

/// Returns what others say of the nearest place: what, who, for when, how much.
fn guidance(advisory: &Advisory, board: &Board, geography: &Geography) -> Vec<[String; 4]> {
    let Some(here) = geography.communes.iter().find(|c| c.code == advisory.commune) else {
        return Vec::new();
    };
    let away = |place: &PlaceId| {
        if *place == advisory.commune.place() {
            return 0.0;
        }
        // Grid cells carry their centre in their id: grid:<name>.<lat>_<lon>.
        let numbers = place.id().split_once('.').map_or("", |(_, rest)| rest);
        let at = numbers
            .split_once('_')
            .and_then(|(lat, lon)| Some((lat.parse::<f64>().ok()?, lon.parse::<f64>().ok()?)));
        at.map_or(f64::MAX, |at| km((here.lat, here.lon), at))
    };
    let mut nearest: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for row in board.guidance.iter() {
        let entry = nearest.entry((&row.variable, &row.source)).or_insert(f64::MAX);
        *entry = entry.min(away(&row.place));
    }
    let mut rows: Vec<_> = board
        .guidance
        .iter()
        .filter(|r| r.member.is_empty() && away(&r.place) < 60.0)
        .filter(|r| Some(&away(&r.place)) == nearest.get(&(&*r.variable, &*r.source)))
        .collect();
    rows.sort_by(|a, b| {
        (&a.variable, &a.source, a.valid_time).cmp(&(&b.variable, &b.source, b.valid_time))
    });
    rows.into_iter()
        .take(GUIDANCE_MAX)
        .map(|r| {
            let value = words::number(r.value.unwrap_or_default(), 1);
            [
                words::variable(&r.variable).to_owned(),
                r.source.to_string(),
                words::moment(r.valid_time),
                format!("{value} {}", r.unit),
            ]
        })
        .collect()
}

/// Returns the map of what is said around, and the nearest communes.
fn neighbours(
    advisory: &Advisory,
    geography: &Geography,
    others: &[Arc<Item>],
) -> (String, Vec<[String; 3]>) {
    let mut said: BTreeMap<&CommuneCode, (bool, Severity)> = BTreeMap::new();
    for item in others.iter().filter(|i| i.advisory.issued_at == advisory.issued_at) {
        // What is said of the same crop counts; without it, the most urgent of any other.
        let told = (item.advisory.crop == advisory.crop, item.advisory.severity);
        let entry = said.entry(&item.advisory.commune).or_insert(told);
        *entry = told.max(*entry);
    }
    let class =
        |code: &CommuneCode| said.get(code).map_or("none", |(_, severity)| severity.as_str());
    let mut dots: Vec<Dot> = geography
        .communes
        .iter()
        .map(|c| Dot {
            at: (c.lat, c.lon),
            class: class(&c.code),
            name: format!("{} {}", c.kind, c.name),
            here: c.code == advisory.commune,
        })
        .collect();
    dots.retain(|dot| dot.at.0.is_finite() && dot.at.1.is_finite());
    let Some(here) = geography.communes.iter().find(|c| c.code == advisory.commune) else {
        return (String::new(), Vec::new());
    };
    let mut near: Vec<(f64, &crate::domain::geography::Commune)> = geography
        .communes
        .iter()
        .filter(|c| c.code != here.code)
        .map(|c| (km((here.lat, here.lon), (c.lat, c.lon)), c))
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    let line = |(away, commune): &(f64, &crate::domain::geography::Commune)| {
        let told = said.get(&commune.code);
        [
            format!("{} {}", commune.kind, commune.name),
            format!("{} km", words::number(*away, 0)),
            told.map_or("không có nháp", |(_, severity)| words::severity(*severity)).to_owned(),
        ]
    };
    let title = format!("Bản đồ các xã quanh {}, màu theo mức báo sáng nay", here.name);
    (drawing::map(&title, &dots), near.iter().take(NEIGHBOURS).map(line).collect())
}

/// Returns the kilometres between two points, flat: right to a per cent within the province.
fn km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let north = 110.6 * (a.0 - b.0);
    let east = 109.6 * 0.985 * (a.1 - b.1);
    north.hypot(east)
}

/// Returns how many days ago something was issued, for people.
pub fn issued(advisory: &Advisory, today: Date) -> String {
    match days_between(local_date(advisory.issued_at), today) {
        0 => "sáng nay".to_owned(),
        1 => "hôm qua".to_owned(),
        days => format!("{days} ngày trước"),
    }
}
