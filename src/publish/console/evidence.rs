//! What an agronomist sees beside a draft: fan, measurements, baselines, guidance, record, skill,
//! neighbours; each drawing with its numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::board::Board;
use super::drawing::{self, Dot, Fan, Line};
use super::queue::{Item, commune_name};
use super::words;
use crate::domain::geography::Station;
use crate::domain::time::{days_between, local_date};
use crate::domain::{CommuneCode, Geography, PlaceId, Severity};
use crate::frames::{Advisory, Forecast};

/// Stations shown at most: what a draft rests on, not the whole river.
const STATIONS_MAX: usize = 2;
/// Neighbours named beside the map.
const NEIGHBOURS: usize = 6;
/// Lines of others' guidance shown at most.
const GUIDANCE_MAX: usize = 12;

/// Everything beside a draft.
#[derive(Default)]
pub struct Beside {
    /// The commune's fan, or the evidence itself where no fan is stored.
    pub fan: String,
    /// The stations it rests on.
    pub stations: Vec<StationView>,
    /// What others say.
    pub guidance: Vec<[String; 4]>,
    /// The map.
    pub map: String,
    /// The nearest communes: name, kilometres, what is said there.
    pub neighbours: Vec<[String; 3]>,
}

/// A station beside a draft.
pub struct StationView {
    /// Its name.
    pub name: String,
    /// Its fan with measurements and baselines.
    pub fan: String,
    /// The columns of the record: ours and each baseline.
    pub models: Vec<String>,
    /// Lead, and each model's middle.
    pub leads: Vec<Vec<String>>,
    /// Earlier forecasts held against what happened: day, told the day before, 80 %, measured, said.
    pub held: Vec<[String; 5]>,
    /// Skill: lead, and each model's mean absolute error.
    pub skill: Vec<Vec<String>>,
    /// The columns of skill.
    pub skill_models: Vec<String>,
    /// Whether the skill is of this station or of all.
    pub skill_of: String,
}

/// Returns what is seen beside a draft.
pub fn beside(
    advisory: &Advisory,
    board: &Board,
    geography: &Geography,
    others: &[Arc<Item>],
) -> Beside {
    let place = advisory.commune.place();
    let fan = board.communes.get(&place).filter(|_| advisory.hazard == "salt");
    let limits: Vec<f64> = limits(advisory);
    let own: Vec<drawing::Day> = match fan {
        Some(rows) => rows.iter().map(|r| (local_date(r.valid_time), quantiles(r))).collect(),
        None => from_evidence(advisory),
    };
    let title = format!(
        "Dự báo cho {}: khoảng 90 %, 80 %, 50 % và số giữa, với ngưỡng của quy tắc",
        commune_name(geography, &advisory.commune)
    );
    let stations = stations_of(advisory, board, geography);
    let (map, neighbours) = neighbours(advisory, geography, others);
    Beside {
        fan: Fan { title: &title, days: &own, lines: &[], limits: &limits }.svg(),
        stations: stations.into_iter().map(|s| station(s, board, &limits)).collect(),
        guidance: guidance(advisory, board, geography),
        map,
        neighbours,
    }
}

fn quantiles(row: &Forecast) -> [f64; 7] {
    [row.q05, row.q10, row.q25, row.q50, row.q75, row.q90, row.q95]
}

fn limits(advisory: &Advisory) -> Vec<f64> {
    let mut limits: Vec<f64> = advisory.evidence.iter().map(|e| e.threshold).collect();
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
    let has = |s: &&Station| board.stations.contains_key(&s.place);
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

fn station(station: &Station, board: &Board, limits: &[f64]) -> StationView {
    let empty = Vec::new();
    let rows = board.stations.get(&station.place).unwrap_or(&empty);
    let mut days: Vec<drawing::Day> = rows
        .iter()
        .filter(|r| r.published)
        .map(|r| (local_date(r.valid_time), quantiles(r)))
        .collect();
    days.sort_by_key(|d| d.0);
    let baselines: BTreeSet<&str> =
        rows.iter().filter(|r| !r.published).map(|r| &*r.model).collect();
    let measured = board.measured.get(&station.place);
    let mut lines = vec![Line {
        class: "measured",
        points: measured.into_iter().flatten().map(|(day, value)| (*day, *value)).collect(),
    }];
    for (name, class) in baselines.iter().zip(["base1", "base2", "base3", "base4"]) {
        let points = rows.iter().filter(|r| *r.model == **name);
        let points = points.map(|r| (local_date(r.valid_time), r.q50)).collect();
        lines.push(Line { class, points });
    }
    let title = format!(
        "Trạm {}: đã đo, dự báo (khoảng 90 %, 80 %, 50 %), và các phép so sánh",
        station.name
    );
    let (skill_models, skill, skill_of) = skill(board, &station.place);
    StationView {
        name: station.name.clone(),
        fan: Fan { title: &title, days: &days, lines: &lines, limits }.svg(),
        models: baselines.iter().map(|m| words::model(m).to_owned()).collect(),
        leads: leads(rows, &baselines),
        held: held(board, &station.place),
        skill_models,
        skill,
        skill_of,
    }
}

/// Returns a line for each day ahead: the day, our 80 % and middle, each baseline's middle.
fn leads(rows: &[Forecast], baselines: &BTreeSet<&str>) -> Vec<Vec<String>> {
    let of = |model: Option<&str>, horizon: i64| {
        let mut own = rows.iter().filter(|r| r.horizon == horizon);
        own.find(|r| model.map_or(r.published, |m| *r.model == *m && !r.published))
    };
    let horizons: BTreeSet<i64> = rows.iter().map(|r| r.horizon).collect();
    horizons
        .into_iter()
        .take(7)
        .filter_map(|horizon| {
            let own = of(None, horizon)?;
            let mut line = vec![
                local_date(own.valid_time).strftime("%d/%m").to_string(),
                format!("{} – {}", words::number(own.q10, 2), words::number(own.q90, 2)),
                words::number(own.q50, 2),
            ];
            let base = |m: &&str| {
                of(Some(m), horizon).map_or_else(|| "–".to_owned(), |r| words::number(r.q50, 2))
            };
            line.extend(baselines.iter().map(base));
            Some(line)
        })
        .collect()
}

/// Returns our newest forecast for each day already measured, beside what happened.
fn held(board: &Board, place: &PlaceId) -> Vec<[String; 5]> {
    let Some(measured) = board.measured.get(place) else { return Vec::new() };
    let mut by_day: BTreeMap<Date, &Forecast> = BTreeMap::new();
    for row in board.earlier.get(place).into_iter().flatten() {
        let day = local_date(row.valid_time);
        // The day itself is not over when the morning's forecast is issued, but nothing of it is known.
        if day >= local_date(row.issued_at) {
            let newest = by_day.entry(day).or_insert(row);
            if row.issued_at > newest.issued_at {
                *newest = row;
            }
        }
    }
    let line = |(day, row): (Date, &Forecast)| {
        let happened = *measured.get(&day)?;
        let said = if happened < row.q10 {
            "thấp hơn khoảng"
        } else if happened > row.q90 {
            "cao hơn khoảng"
        } else {
            "trong khoảng"
        };
        Some([
            day.strftime("%d/%m").to_string(),
            words::number(row.q50, 2),
            format!("{} – {}", words::number(row.q10, 2), words::number(row.q90, 2)),
            words::number(happened, 2),
            said.to_owned(),
        ])
    };
    by_day.into_iter().rev().filter_map(line).take(7).collect()
}

/// Returns the models, their mean absolute error by lead, and of what.
fn skill(board: &Board, place: &PlaceId) -> (Vec<String>, Vec<Vec<String>>, String) {
    let of = |kind: &dyn Fn(&PlaceId) -> bool| -> Vec<&crate::frames::Score> {
        board.scores.iter().filter(|s| &*s.metric == "mae" && kind(&s.place)).collect()
    };
    let mut scores = of(&|p| p == place);
    let mut whose = "trạm này";
    if scores.is_empty() {
        scores = of(&|p| p.kind() == "all");
        whose = "mọi trạm gộp lại";
    }
    let Some(first) = scores.first() else { return Default::default() };
    let told = format!("{whose}, các bản tin {}", first.window.replace("..", " đến "));
    let mut models: Vec<&str> = scores.iter().map(|s| &*s.model).collect();
    models.sort_unstable_by_key(|m| (*m != "published", *m));
    models.dedup();
    let horizons: BTreeSet<i64> = scores.iter().map(|s| s.horizon).filter(|h| *h <= 7).collect();
    let lines = horizons.into_iter().map(|horizon| {
        let of = |model: &&str| {
            let score = scores.iter().find(|s| s.horizon == horizon && *s.model == **model);
            score.map_or_else(|| "–".to_owned(), |s| words::number(s.value, 3))
        };
        std::iter::once(format!("{horizon} ngày")).chain(models.iter().map(of)).collect()
    });
    let lines = lines.collect();
    (models.iter().map(|m| words::model(m).to_owned()).collect(), lines, told)
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
    for row in &board.guidance {
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
                r.variable.to_string(),
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
