//! A forecast that a draft rests on, as the console shows it: its fan with what was measured and the
//! baselines, the numbers, earlier forecasts held against what happened, and how good it is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::board::{Board, Series};
use super::drawing::{self, Fan, Line};
use super::words;
use crate::domain::PlaceId;
use crate::domain::time::local_date;
use crate::frames::{Forecast, Score};

/// A forecast beside a draft.
pub struct SeriesView {
    /// What is forecast, with its unit, and where.
    pub name: String,
    /// The target, as the command line knows it.
    pub target: String,
    /// Its fan with measurements and baselines.
    pub fan: String,
    /// Whether anything was measured there.
    pub measured: bool,
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
    /// Whether the skill is of this place or of all.
    pub skill_of: String,
}

/// Returns a target at a place named so, held against the limits; `None` where nothing is forecast.
pub fn view(
    board: &Board,
    (target, place): (&str, &PlaceId),
    named: &str,
    limits: &[f64],
) -> Option<SeriesView> {
    let series = board.series.get(target)?;
    let rows = series.rows.get(place)?;
    let mut days: Vec<drawing::Day> = rows
        .iter()
        .filter(|r| r.published)
        .map(|r| (local_date(r.valid_time), quantiles(r)))
        .collect();
    days.sort_by_key(|d| d.0);
    let baselines: BTreeSet<&str> =
        rows.iter().filter(|r| !r.published).map(|r| &*r.model).collect();
    let measured = series.measured.get(place);
    let mut lines = vec![Line {
        class: "measured",
        points: measured.into_iter().flatten().map(|(day, value)| (*day, *value)).collect(),
    }];
    for (name, class) in baselines.iter().zip(["base1", "base2", "base3", "base4"]) {
        let points = rows.iter().filter(|r| *r.model == **name);
        let points = points.map(|r| (local_date(r.valid_time), r.q50)).collect();
        lines.push(Line { class, points });
    }
    let unit = rows.first().map_or("", |r| &*r.unit);
    let name = words::series(target, unit, named, place);
    let title =
        format!("{name}: đã đo, dự báo (khoảng 90 %, 80 %, 50 %), ngưỡng và các phép so sánh");
    let (skill_models, skill, skill_of) = skill(series, place);
    Some(SeriesView {
        fan: Fan { title: &title, days: &days, lines: &lines, limits }.svg(),
        name,
        target: target.to_owned(),
        measured: measured.is_some(),
        models: baselines.iter().map(|m| words::model(m).to_owned()).collect(),
        leads: leads(rows, &baselines),
        held: held(series, place),
        skill_models,
        skill,
        skill_of,
    })
}

/// Returns the quantiles of a row, from the lowest.
pub fn quantiles(row: &Forecast) -> [f64; 7] {
    [row.q05, row.q10, row.q25, row.q50, row.q75, row.q90, row.q95]
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
                format!("{} – {}", words::amount(own.q10), words::amount(own.q90)),
                words::amount(own.q50),
            ];
            let base = |m: &&str| {
                of(Some(m), horizon).map_or_else(|| "–".to_owned(), |r| words::amount(r.q50))
            };
            line.extend(baselines.iter().map(base));
            Some(line)
        })
        .collect()
}

/// Returns our newest forecast for each day already measured, beside what happened.
fn held(series: &Series, place: &PlaceId) -> Vec<[String; 5]> {
    let Some(measured) = series.measured.get(place) else { return Vec::new() };
    let mut by_day: BTreeMap<Date, &Forecast> = BTreeMap::new();
    for row in series.earlier.get(place).into_iter().flatten() {
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
            words::amount(row.q50),
            format!("{} – {}", words::amount(row.q10), words::amount(row.q90)),
            words::amount(happened),
            said.to_owned(),
        ])
    };
    by_day.into_iter().rev().filter_map(line).take(7).collect()
}

/// Returns the models, their mean absolute error by lead, and of what.
fn skill(series: &Series, place: &PlaceId) -> (Vec<String>, Vec<Vec<String>>, String) {
    let of = |kind: &dyn Fn(&PlaceId) -> bool| -> Vec<&Score> {
        series.scores.iter().filter(|s| &*s.metric == "mae" && kind(&s.place)).collect()
    };
    let mut scores = of(&|p| p == place);
    let mut whose = "nơi này";
    if scores.is_empty() {
        scores = of(&|p| p.kind() == "all");
        whose = "mọi nơi gộp lại";
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
        std::iter::once(horizon.to_string()).chain(models.iter().map(of)).collect()
    });
    let lines = lines.collect();
    (models.iter().map(|m| words::model(m).to_owned()).collect(), lines, told)
}
