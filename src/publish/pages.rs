//! Pages for agronomists: every target's newest forecast with its baselines, and how good it was.
//!
//! No script and no outside file: a page is one answer, drawn on the server.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Html;
use serde::Deserialize;

use super::api::{Problem, Shelf, newest_by_place, newest_is_sample};
use super::chart::{self, Labels};
use super::farmer::words::{Lang, Talk};
use super::files::LICENCE;
use crate::domain::PlaceId;
use crate::domain::time::local_date;
use crate::frames::forecasts::{FORECAST, MONTH, SCORE};
use crate::frames::{Forecast, Score};
use crate::storage::verdicts::Over;
use crate::storage::{Filter, StoredFacts, Verdicts};

/// These pages are in Vietnamese.
const TALK: Talk = Talk(Lang::Vi);

#[derive(Template)]
#[template(path = "targets.html", config = "src/publish/pages/askama.toml")]
struct TargetsPage {
    sample: bool,
    licence: &'static str,
    targets: Vec<TargetLine>,
}

struct TargetLine {
    name: String,
    places: String,
    issued: String,
}

#[derive(Template)]
#[template(path = "target.html", config = "src/publish/pages/askama.toml")]
struct TargetPage {
    sample: bool,
    licence: &'static str,
    name: String,
    unit: String,
    place: String,
    issued: String,
    data_cut: String,
    fan: String,
    baselines: Vec<String>,
    steps: Vec<StepLine>,
    window: String,
    skill_by_lead: String,
    skill_by_month: String,
    farmers_said: Option<Verdicts>,
    places: BTreeSet<String>,
}

struct StepLine {
    day: String,
    values: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct PlaceQuery {
    place: Option<PlaceId>,
}

/// The part of a run's report that the list tells of; reports are the pipeline's.
#[derive(Default, Deserialize)]
struct Told {
    #[serde(default)]
    targets: Vec<ToldTarget>,
}

#[derive(Deserialize)]
struct ToldTarget {
    target: String,
    places: usize,
}

/// Answers with the list of targets that have a forecast: from the lake's log, since the table holds
/// every forecast ever issued, and from what the newest run told of them.
pub(super) async fn targets(State(shelf): State<Shelf>) -> Result<Html<String>, Problem> {
    let run = shelf.records.newest_run().await?;
    let sample = run.as_ref().is_some_and(|r| r.sample);
    let told: Told = run.and_then(|r| serde_json::from_value(r.report?).ok()).unwrap_or_default();
    let places = |name: &str| {
        let told = told.targets.iter().find(|t| t.target == name);
        told.map_or(String::new(), |t| t.places.to_string())
    };
    let stored = shelf.lake.forecasts().await?.into_iter();
    let line = |(name, facts): (String, StoredFacts)| TargetLine {
        places: places(&name),
        issued: facts.newest.map_or(String::new(), |at| TALK.moment(at)),
        name,
    };
    let targets = stored.map(line).collect();
    render(&TargetsPage { sample, licence: LICENCE, targets })
}

/// Answers with the newest forecast of one target at one place, and its record.
pub(super) async fn target(
    State(shelf): State<Shelf>,
    Path(name): Path<String>,
    Query(query): Query<PlaceQuery>,
) -> Result<Html<String>, Problem> {
    let filter = || Filter::all().and("target", [&name]);
    let rows: Vec<Forecast> = shelf.lake.rows(&FORECAST, &filter()).await?;
    let rows = newest_by_place(&rows);
    let places: BTreeSet<String> = rows.iter().map(|r| r.place.to_string()).collect();
    let place = query.place.map(|p| p.to_string()).or_else(|| places.first().cloned());
    let of = |place: &str| -> Vec<&Forecast> {
        rows.iter().filter(|r| r.place.as_str() == place).copied().collect()
    };
    let mut here = place.as_deref().map(of).unwrap_or_default();
    // A place without a forecast of its own is shown the first stand-in's that has one.
    let asked = place.as_deref().and_then(|p| p.parse::<PlaceId>().ok());
    let (mut wider, mut says) = (Vec::new(), None);
    if let (true, Some(asked)) = (here.is_empty(), &asked) {
        let mut stand_ins = (shelf.stand_ins)(&name, asked).into_iter();
        if let Some(s) = stand_ins.find(|s| !of(s.place.as_str()).is_empty()) {
            wider.extend(of(s.place.as_str()).into_iter().cloned());
            wider.iter_mut().for_each(|row| row.stand_in(asked, &s));
            says = Some(s.says_vi);
        }
    }
    here.extend(&wider);
    let Some(first) = here.first() else {
        let given = place.map_or_else(|| format!("{name:?}"), |p| format!("{name:?} at {p}"));
        let detail = format!("no forecast of {given} is stored; what is: /targets");
        return Err(Problem::new(StatusCode::NOT_FOUND, "nothing forecast", detail));
    };
    let scores: Vec<Score> = shelf.lake.rows(&SCORE, &filter()).await?;
    let record = Record::newest(&scores, &first.unit);
    let (fan, baselines, steps) = newest(&here);
    render(&TargetPage {
        sample: newest_is_sample(&shelf).await?,
        licence: LICENCE,
        unit: first.unit.to_string(),
        place: match says {
            Some(says) => format!("{} ({says})", first.place),
            None => first.place.to_string(),
        },
        issued: TALK.moment(first.issued_at),
        data_cut: TALK.moment(first.data_cut),
        fan,
        baselines,
        steps,
        window: record.window.clone(),
        skill_by_lead: record.by_lead(),
        skill_by_month: record.by_month(),
        farmers_said: shelf.records.verdicts(Over::All, None).await?.remove(""),
        name,
        places,
    })
}

fn render(page: &impl Template) -> Result<Html<String>, Problem> {
    page.render().map(Html).map_err(|error| {
        tracing::error!(%error, "a page could not be drawn");
        let detail = "the page cannot be drawn at the moment; the log says why";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "page not drawn", detail)
    })
}

/// Returns the fan of the published forecast, the baselines' names, and a line for each step.
fn newest(rows: &[&Forecast]) -> (String, Vec<String>, Vec<StepLine>) {
    let mut baselines: BTreeSet<&str> = rows.iter().map(|r| &*r.model).collect();
    let published: BTreeMap<i64, &Forecast> =
        rows.iter().filter(|r| r.published).map(|r| (r.horizon, *r)).collect();
    published.values().for_each(|r| {
        baselines.remove(&*r.model);
    });
    let day = |r: &Forecast| local_date(r.valid_time);
    let steps = published.values().map(|r| {
        (day(r).strftime("%d/%m").to_string(), [r.q05, r.q10, r.q25, r.q50, r.q75, r.q90, r.q95])
    });
    let fan = match published.values().next() {
        Some(first) => {
            let labels = Labels { title: "Dự báo đã phát", x: "cho ngày", y: &first.unit };
            chart::fan(labels, &steps.collect::<Vec<_>>())
        }
        None => String::new(),
    };
    let line = |r: &&Forecast| {
        let of = |model: &&str| {
            let row = rows.iter().find(|b| b.horizon == r.horizon && &*b.model == *model);
            row.map_or_else(|| "–".to_owned(), |b| chart::figure(b.q50))
        };
        let own = [r.q10, r.q50, r.q90].map(chart::figure);
        StepLine {
            day: day(r).strftime("%d/%m/%Y").to_string(),
            values: own.into_iter().chain(baselines.iter().map(of)).collect(),
        }
    };
    let steps = published.values().map(line).collect();
    (fan, baselines.iter().map(ToString::to_string).collect(), steps)
}

/// The newest backtest that was kept.
struct Record<'a> {
    window: String,
    /// What its errors are called, and their unit.
    error: (&'static str, &'a str),
    scores: Vec<&'a Score>,
}

impl<'a> Record<'a> {
    /// Of an event the Brier score is shown, of an amount in `unit` the mean absolute error.
    fn newest(scores: &'a [Score], unit: &'a str) -> Self {
        let run = scores.iter().map(|s| &s.run_id).max();
        let newest = || scores.iter().filter(|s| Some(&s.run_id) == run);
        let (metric, error) = if newest().any(|s| &*s.metric == "brier") {
            ("brier", ("Điểm Brier", "bình phương sai số của khả năng"))
        } else {
            ("mae", ("Sai số tuyệt đối trung bình", unit))
        };
        let of_all = |s: &&Score| &*s.metric == metric && s.place.kind() == "all";
        let scores: Vec<&Score> = newest().filter(of_all).collect();
        let whole = scores.iter().find(|s| !s.window.contains(MONTH));
        let window = whole.map_or(String::new(), |s| s.window.replace("..", " đến "));
        Self { window, error, scores }
    }

    fn by_lead(&self) -> String {
        let points = self.scores.iter().filter(|s| !s.window.contains(MONTH));
        let points = points.map(|s| (&*s.model, s.horizon as f64, s.value));
        let (name, y) = self.error;
        let title = format!("{name} theo số bước báo trước");
        let labels = Labels { title: &title, x: "báo trước mấy bước", y };
        chart::lines(labels, &chart::by_model(points))
    }

    /// The error a week ahead, or at the last lead of a shorter target.
    fn by_month(&self) -> String {
        let monthly = || self.scores.iter().filter(|s| s.window.contains(MONTH));
        let Some(horizon) = monthly().map(|s| s.horizon).filter(|h| *h <= 7).max() else {
            return String::new();
        };
        let points = monthly().filter(|s| s.horizon == horizon).filter_map(|s| {
            let month: f64 = s.window.rsplit(MONTH).next()?.parse().ok()?;
            Some((&*s.model, month, s.value))
        });
        let (name, y) = self.error;
        let title = format!("{name} theo tháng, báo trước {horizon} bước");
        let labels = Labels { title: &title, x: "tháng", y };
        chart::lines(labels, &chart::by_model(points))
    }
}
