//! `/xa/{code}`: the one screen of a commune and a crop.
//!
//! Everything is worked out here; the page only lays it out. The approved words are quoted, never
//! made up: a person may have changed them.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use super::age::{self, Field};
use super::words::{Lang, Talk};
use super::{Frame, Pages, chooser, drawn, full_name, link};
use crate::domain::time::local_date;
use crate::domain::{CommuneCode, Crop, Stage};
use crate::publish::api::Problem;
use crate::publish::today::{CropToday, Today};

mod advice;
mod facts;
mod prices;

use advice::AnswerBox;
use facts::{HoursBox, TrustLine, WeekBox};
use prices::PriceBox;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    vu: Option<String>,
    sa: Option<String>,
    lang: Option<String>,
}

#[derive(Template)]
#[template(path = "farmer/screen.html", config = "src/publish/pages/farmer/askama.toml")]
struct Screen {
    frame: Frame,
    w: Talk,
    code: String,
    name: String,
    change: String,
    sample: bool,
    crops: Vec<CropLink>,
    notes: Vec<String>,
    answer: AnswerBox,
    has_advice: bool,
    work: Vec<String>,
    week_work: Vec<String>,
    hours: Vec<HoursBox>,
    week: WeekBox,
    prices: Vec<PriceBox>,
    price_none: String,
    trust: Vec<TrustLine>,
    water: String,
    rest: Vec<String>,
    sown: Option<SownForm>,
    poster: String,
}

struct CropLink {
    href: String,
    name: String,
    current: bool,
}

struct SownForm {
    action: String,
    value: String,
    crop: &'static str,
    lang: bool,
}

/// What every part of one screen is drawn from.
struct View<'a> {
    w: Talk,
    now: Timestamp,
    today: &'a Today,
    crop: Option<&'a CropToday>,
    crop_name: String,
}

/// Answers with the screen; a name instead of a code leads to the code.
pub(super) async fn page(
    State(pages): State<Pages>,
    Path(code): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let w = Talk(Lang::of(asked.lang.as_deref()));
    let args = [
        ("vu", asked.vu.as_deref().unwrap_or_default()),
        ("sa", asked.sa.as_deref().unwrap_or_default()),
    ];
    let Ok(commune) = code.parse::<CommuneCode>() else {
        return match pages.finder.by_slug(&code) {
            Some(commune) => {
                let to = link(w.0, &format!("/xa/{commune}"), &args);
                Redirect::permanent(&to).into_response()
            }
            None => chooser::unknown(&pages, w).await,
        };
    };
    let snapshot = match pages.board.snapshot().await {
        Ok(snapshot) => snapshot,
        Err(error) => return Problem::from(error).into_response(),
    };
    match snapshot.communes.get(&commune) {
        Some(today) => drawn(&screen(&pages, w, today, &asked), StatusCode::OK),
        None => chooser::unknown(&pages, w).await,
    }
}

fn screen(pages: &Pages, w: Talk, today: &Today, asked: &Asked) -> Screen {
    let now = (pages.board.shelf().now)();
    let wanted =
        asked.vu.as_deref().and_then(|vu| Crop::ALL.into_iter().find(|c| c.as_str() == vu));
    let crop = today.crop(wanted);
    let crop_name = crop.map(|c| name_of(w, c.crop)).unwrap_or_default();
    let view = View { w, now, today, crop, crop_name };
    let path = format!("/xa/{}", today.commune.code);
    let sown = asked.sa.as_deref().and_then(|sa| sa.parse::<Date>().ok());
    let vu = crop.map_or("", |c| c.crop.as_str());
    let sa = sown.map(|d| d.to_string()).unwrap_or_default();
    let to_crop = |c: &CropToday| CropLink {
        href: link(w.0, &path, &[("vu", c.crop.as_str()), ("sa", &sa)]),
        name: name_of(w, c.crop),
        current: crop.is_some_and(|shown| shown.crop == c.crop),
    };
    let name = full_name(w, &today.commune);
    let sample = today.sample || view.advice().is_some_and(|s| s.advisory.get().sample);
    Screen {
        frame: Frame::new(
            w,
            format!("{name}: {}", w.say("question", &[("crop", &view.crop_name)])),
            &path,
            &[("vu", asked.vu.as_ref().map_or("", |_| vu)), ("sa", &sa)],
        ),
        code: today.commune.code.to_string(),
        change: link(w.0, "/", &[]),
        sample,
        crops: today.crops.iter().map(to_crop).collect(),
        notes: notes(&view, wanted, asked.sa.as_deref(), sown),
        answer: advice::answer(&view),
        has_advice: view.advice().is_some(),
        work: advice::work(&view),
        week_work: advice::week_work(&view),
        hours: facts::hours(&view),
        week: facts::week(&view, pages.board.neighbours()),
        prices: prices::prices(&view),
        price_none: prices::none(&view),
        trust: facts::trust(&view),
        water: facts::water(&view),
        rest: advice::rest(&view),
        sown: crop.filter(|c| is_rice(c.crop)).map(|c| SownForm {
            action: path.clone(),
            value: sa.clone(),
            crop: c.crop.as_str(),
            lang: w.0 != Lang::default(),
        }),
        poster: link(w.0, &format!("{path}/in"), &[]),
        name,
        w,
    }
}

const fn is_rice(crop: Crop) -> bool {
    matches!(crop, Crop::Rice | Crop::RiceShrimp)
}

fn name_of(w: Talk, crop: Crop) -> String {
    w.t(&format!("crop-{crop}"))
}

/// What must be said before the answer: another crop is shown, the field is at another stage.
fn notes(
    view: &View<'_>,
    wanted: Option<Crop>,
    sa: Option<&str>,
    sown: Option<Date>,
) -> Vec<String> {
    let w = view.w;
    let mut notes = Vec::new();
    let shown = view.crop.map(|c| c.crop);
    if let (Some(wanted), Some(_)) = (wanted.filter(|c| Some(*c) != shown), shown) {
        let (crop, shown) = (name_of(w, wanted), &view.crop_name);
        notes.push(w.say("crop-not-here", &[("crop", &crop), ("shown", shown)]));
    }
    if view.crop.is_none() {
        notes.push(w.t("no-crops"));
    }
    let Some(given) = sa.filter(|sa| !sa.is_empty() && shown.is_some_and(is_rice)) else {
        return notes;
    };
    let field = sown.and_then(|sown| age::field(sown, local_date(view.now)));
    let Some(field) = field else {
        let given: String = given.chars().take(20).collect();
        notes.push(w.say("sown-wrong", &[("given", &given)]));
        return notes;
    };
    let (key, days) = match field {
        Field::Ahead(days) => ("sown-ahead", days),
        Field::Done(days) => ("sown-done", days),
        Field::Growing(days, stage) => {
            let said = w.t(&format!("stage-{stage}"));
            notes.push(w.say("sown-age", &[("days", &days.to_string()), ("stage", &said)]));
            let written = view.advice().map(|s| s.advisory.get().stage);
            if let Some(written) = written.filter(|s| *s != stage && *s != Stage::Any) {
                let written = w.t(&format!("stage-{written}"));
                notes.push(w.say("sown-differs", &[("stage", &written)]));
            }
            return notes;
        }
    };
    notes.push(w.say(key, &[("days", &days.to_string())]));
    notes
}
