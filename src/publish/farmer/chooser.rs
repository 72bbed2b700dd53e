//! `/`: in which commune are you? By name, by what it was called, by place, or from the list.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::finder::{Because, Found, Hit};
use super::words::{Lang, Talk};
use super::{Frame, Pages, drawn, full_name, link};
use crate::domain::geography::Commune;
use crate::domain::{CommuneCode, Geography};

/// Communes shown to a phone that tells where it is: their points are not their borders, so the
/// nearest point may be a neighbour's.
const NEAR: usize = 4;
/// Farther from every commune's point than this is outside the province, km: the largest commune
/// is some 15 km across.
const FAR_KM: f64 = 25.0;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    q: Option<String>,
    gan: Option<String>,
    lang: Option<String>,
}

#[derive(Template)]
#[template(path = "farmer/chooser.html", config = "src/publish/pages/farmer/askama.toml")]
struct Chooser {
    frame: Frame,
    w: Talk,
    sample: bool,
    unknown: bool,
    query: String,
    lang_field: bool,
    told: String,
    hits: Vec<HitLine>,
    groups: Vec<Group>,
}

struct HitLine {
    href: String,
    name: String,
    why: String,
}

struct Group {
    title: String,
    communes: Vec<Line>,
}

struct Line {
    href: String,
    name: String,
}

/// Answers with the chooser, or with the commune itself when only one can be meant.
pub(super) async fn page(
    State(pages): State<Pages>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let w = Talk(Lang::of(asked.lang.as_deref()));
    if let Some(typed) = asked.q.as_deref() {
        let found = pages.finder.find(typed);
        if let (true, Some(hit)) = (found.sure, found.hits.first()) {
            let to = link(w.0, &format!("/xa/{}", hit.code), &[]);
            return Redirect::to(&to).into_response();
        }
    }
    drawn(&chooser(&pages, w, &asked, false).await, StatusCode::OK)
}

/// Answers that there is no such commune, with the chooser.
pub(super) async fn unknown(pages: &Pages, w: Talk) -> Response {
    drawn(&chooser(pages, w, &Asked::default(), true).await, StatusCode::NOT_FOUND)
}

async fn chooser(pages: &Pages, w: Talk, asked: &Asked, unknown: bool) -> Chooser {
    let geography = &pages.board.shelf().geography;
    let query: String = asked.q.clone().unwrap_or_default().chars().take(60).collect();
    let place = asked.gan.as_deref().and_then(point);
    let (told, hits) = match (place, query.trim()) {
        (Some(place), _) => near(pages, w, place),
        (None, "") => (String::new(), Vec::new()),
        (None, typed) => searched(geography, w, typed, pages.finder.find(typed)),
    };
    // Without the board the names can still be chosen from.
    let sample = pages.board.snapshot().await.is_ok_and(|s| s.communes.values().any(|t| t.sample));
    Chooser {
        frame: Frame::new(w, w.t("site"), "/", &[("q", &query)]),
        w,
        sample,
        unknown,
        query,
        lang_field: w.0 != Lang::default(),
        told,
        hits,
        groups: groups(geography, w),
    }
}

/// Reads `10.228,106.407`, degrees north and east.
fn point(text: &str) -> Option<(f64, f64)> {
    let (lat, lon) = text.split_once(',')?;
    let (lat, lon): (f64, f64) = (lat.trim().parse().ok()?, lon.trim().parse().ok()?);
    ((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon)).then_some((lat, lon))
}

fn near(pages: &Pages, w: Talk, (lat, lon): (f64, f64)) -> (String, Vec<HitLine>) {
    let near = pages.finder.near(lat, lon, NEAR);
    if near.first().is_none_or(|(_, km)| *km > FAR_KM) {
        return (w.t("near-far"), Vec::new());
    }
    let line = |(code, km): &(CommuneCode, f64)| {
        let why = w.say("near-km", &[("km", &w.figure(*km))]);
        line(&pages.board.shelf().geography, w, code, why)
    };
    (w.t("near-title"), near.iter().filter_map(line).collect())
}

fn searched(geography: &Geography, w: Talk, typed: &str, found: Found) -> (String, Vec<HitLine>) {
    let told = if found.hits.is_empty() {
        w.say("found-none", &[("query", typed)])
    } else if found.by_typo {
        w.say("found-typo", &[("query", typed)])
    } else {
        w.say("found", &[("query", typed), ("count", &found.hits.len().to_string())])
    };
    let line = |hit: &Hit| line(geography, w, &hit.code, why(w, &hit.because));
    (told, found.hits.iter().filter_map(line).collect())
}

fn why(w: Talk, because: &Because) -> String {
    match because {
        Because::Name => String::new(),
        Because::Was { old, district, partly: true } => {
            w.say("was-commune-part", &[("old", old), ("district", district)])
        }
        Because::Was { old, district, partly: false } => {
            w.say("was-commune", &[("old", old), ("district", district)])
        }
        Because::District(district) => w.say("was-district", &[("district", district)]),
    }
}

fn line(geography: &Geography, w: Talk, code: &CommuneCode, why: String) -> Option<HitLine> {
    let commune = geography.communes.iter().find(|c| c.code == *code)?;
    Some(HitLine { href: address(w.0, commune), name: full_name(w, commune), why })
}

fn address(lang: Lang, commune: &Commune) -> String {
    link(lang, &format!("/xa/{}", commune.code), &[])
}

/// All communes by the province they were of, in the order of the alphabet.
fn groups(geography: &Geography, w: Talk) -> Vec<Group> {
    let mut provinces: Vec<&str> =
        geography.communes.iter().map(|c| c.former_province.as_str()).collect();
    provinces.sort_unstable();
    provinces.dedup();
    let group = |province: &str| {
        let of = geography.communes.iter().filter(|c| c.former_province == province);
        let mut of: Vec<&Commune> = of.collect();
        of.sort_by_key(|c| super::finder::slug(&c.name));
        let count = of.len().to_string();
        Group {
            title: w.say("all-of", &[("province", province), ("count", &count)]),
            communes: of
                .into_iter()
                .map(|c| Line { href: address(w.0, c), name: c.name.clone() })
                .collect(),
        }
    };
    provinces.into_iter().map(group).collect()
}
