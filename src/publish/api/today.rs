//! What stands for one commune today, on one screen and in one answer: of every crop what is advised
//! and who approved it, and of one crop all that the farmer's page says.
//!
//! Made of the same [`Board`] as that page. An answer must fit two kilobytes on the wire, on the
//! fullest morning too: what does not fit is left out in a fixed order ([`Form`]), and said.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Asked, Problem, cache, communes, last_modified};
use crate::domain::Crop;
use crate::frames::Advisory;
use crate::publish::channels::wording::{Need, need};
use crate::publish::files::LICENCE;
use crate::publish::today::week::{Answer, week};
use crate::publish::today::{
    Approver, Board, CropToday, DayAhead, FarmersSaid, IntakeHours, PriceAhead, Standing, Today,
    TrackRecord, Window, lines, prices,
};
use crate::storage::Verdicts;

/// The longest answer on the wire (bytes): the two kilobytes, in the stricter sense.
const WIRE_BYTES_MAX: usize = 2_000;

#[derive(Deserialize)]
pub(super) struct Wanted {
    lang: Option<Lang>,
    crop: Option<Crop>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Lang {
    #[default]
    Vi,
    En,
}

/// How much is told; each form leaves out more than the one before. What is left out of a text
/// stands at `/v1/advisories/{id}`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// Every text whole, and the prices of fertilisers.
    Whole,
    /// Of other crops' texts marks, headline, answer and the work of the day.
    OneText,
    /// Of the screen's text neither sources nor where the value was worked out, nor what always holds.
    Words,
    /// Of other crops' texts marks and answer; where the water comes from in one language.
    Bare,
    /// Of the week's work three lines: those that can be saved first.
    Three,
    /// Of the week's work one line.
    One,
}

const FORMS: [Form; 6] =
    [Form::Whole, Form::OneText, Form::Words, Form::Bare, Form::Three, Form::One];

impl Form {
    /// Lines of the week's work that are told.
    const fn week_lines(self) -> usize {
        match self {
            Self::Whole | Self::OneText | Self::Words | Self::Bare => usize::MAX,
            Self::Three => 3,
            Self::One => 1,
        }
    }
}

/// What a screen is drawn from.
struct Screen<'a> {
    today: &'a Today,
    crop: Option<&'a CropToday>,
    lang: Lang,
    now: Timestamp,
}

pub(super) async fn today(
    State(board): State<Arc<Board>>,
    Path(given): Path<String>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Problem> {
    let code = communes::code(board.shelf(), &given)?;
    let snapshot = board.snapshot().await?;
    let today = snapshot.communes.get(&code).ok_or_else(|| communes::unknown(&code))?;
    let lang = wanted.lang.unwrap_or_default();
    let now = (board.shelf().now)();
    let screen = Screen { today, crop: today.crop(wanted.crop), lang, now };
    let fits = |said: &Value| cache::wire_bytes(said.to_string().as_bytes()) <= WIRE_BYTES_MAX;
    let said = FORMS.into_iter().map(|form| screen.said(form)).find(fits);
    let mut answer = Json(said.unwrap_or_else(|| screen.said(Form::One))).into_response();
    if let Some(at) = last_modified(screen.changed_at(snapshot.made_at)) {
        answer.headers_mut().insert(header::LAST_MODIFIED, at);
    }
    Ok(answer)
}

impl Screen<'_> {
    /// What stands and is not over: the screen's crop first, then the others.
    fn standing(&self) -> impl Iterator<Item = (&CropToday, &Standing)> {
        let others = self.today.crops.iter().filter(|c| !self.is_shown(c));
        let crops = self.crop.into_iter().chain(others);
        crops
            .flat_map(|c| c.advice.iter().chain(&c.also).map(move |standing| (c, standing)))
            .filter(|(_, standing)| !standing.is_over(self.now))
    }

    fn is_shown(&self, crop: &CropToday) -> bool {
        self.crop.is_some_and(|shown| shown.crop == crop.crop)
    }

    fn issued_at(&self) -> Option<Timestamp> {
        self.standing().map(|(_, s)| s.advisory.get().issued_at).max()
    }

    /// When it last changed: when it was put together, or when advice was over since. What was
    /// withdrawn must be gone for whoever asks by the date alone.
    fn changed_at(&self, made_at: Timestamp) -> Timestamp {
        let advice = self.today.crops.iter().flat_map(|c| c.advice.iter().chain(&c.also));
        let over = advice.filter(|s| s.is_over(self.now)).map(|s| s.advisory.get().expires_at);
        over.fold(made_at, Timestamp::max)
    }

    fn said(&self, form: Form) -> Value {
        let Today { commune, water, waiting, .. } = self.today;
        let mut notes =
            water.as_ref().map(|w| json!({ "note_vi": w.note_vi, "note_en": w.note_en }));
        if let (Some(Value::Object(notes)), true) = (&mut notes, form >= Form::Bare) {
            notes.remove(if self.lang == Lang::Vi { "note_en" } else { "note_vi" });
        }
        let advisories: Vec<Value> = self
            .standing()
            .map(|(crop, standing)| self.advisory(standing, self.is_shown(crop), form))
            .collect();
        json!({
            "commune": { "code": commune.code, "name": commune.name, "type": commune.kind },
            "issued_at": self.issued_at(),
            "sample": self.standing().any(|(_, s)| s.advisory.get().sample),
            "licence": LICENCE,
            "water": notes,
            "waiting_for_review": waiting,
            "advisories": advisories,
            "screen": self.crop.map(|crop| self.screen(crop, form)),
        })
    }

    fn advisory(&self, standing: &Standing, shown: bool, form: Form) -> Value {
        let a = standing.advisory.get();
        let whole = self.text(a);
        let text = cut(whole, shown, form);
        let by = match &standing.by {
            Approver::Person(who) => who.clone(),
            Approver::Policy(class) => format!("policy:{class}"),
        };
        json!({
            "id": a.id, "crop": a.crop, "stage": a.stage, "hazard": a.hazard,
            "severity": a.severity, "action": a.action, "confidence": figure(a.confidence),
            "expires_at": a.expires_at,
            "data_age_h": a.evidence.first().map(|e| figure(e.data_age_h)),
            "text": text, "whole": text == whole, "state": a.state,
            "approved_by": by, "approved_at": to_seconds(standing.at),
            "answer": Answer::of(a).map(Answer::as_str),
        })
    }

    fn text<'a>(&self, advisory: &'a Advisory) -> &'a str {
        match self.lang {
            Lang::Vi => &advisory.text_vi,
            Lang::En => &advisory.text_en,
        }
    }

    fn screen(&self, crop: &CropToday, form: Form) -> Value {
        let texts: Vec<&str> = self
            .standing()
            .filter(|(of, _)| self.is_shown(of))
            .map(|(_, s)| self.text(s.advisory.get()))
            .collect();
        let work: Vec<&str> = texts.iter().flat_map(|text| lines::work(text)).collect();
        let week_work = texts.iter().flat_map(|text| lines::week_work(text));
        let week_work: Vec<&str> = week_work.take(form.week_lines()).collect();
        let first = crop.advice.as_ref().filter(|s| !s.is_over(self.now));
        let hours = crop.hours.iter().filter(|h| h.reach > self.now);
        json!({
            "crop": crop.crop, "stage": crop.stage,
            "crops": self.today.crops.iter().map(|c| c.crop).collect::<Vec<_>>(),
            "work": work, "week_work": week_work,
            "measured_at": first.and_then(measured_at),
            "hours": hours.map(|h| told_hours(h, self.now)).collect::<Vec<_>>(),
            "week": first.and_then(|s| told_week(s.advisory.get())),
            "price": told_price(&prices::shown(&self.today.prices, crop.crop, self.now)),
            "fertiliser": (form == Form::Whole)
                .then(|| told_goods(&prices::fertilisers(&self.today.prices, crop.crop, self.now))),
            "record": self.today.record.as_ref().map(told_record),
            "farmers_said": self.today.said.as_ref().map(told_said),
        })
    }
}

/// Returns the lines of an approved text that a form tells, as they were approved. Lines are known
/// by how they begin, as in short messages.
fn cut(text: &str, shown: bool, form: Form) -> String {
    if form == Form::Whole || (shown && form == Form::OneText) {
        return text.to_owned();
    }
    let mut week_lines = form.week_lines();
    let mut kept = |line: &&str| match need(line) {
        need if !shown && form >= Form::Bare => matches!(need, Need::Mark | Need::Answer),
        need if !shown => need <= Need::Action,
        _ if lines::is_week_work(line) => {
            let told = week_lines > 0;
            week_lines = week_lines.saturating_sub(1);
            told
        }
        // What always holds and where it comes from goes; what a person wrote stays.
        need => need < Need::Care,
    };
    let lines: Vec<&str> = text.lines().filter(|line| kept(line)).collect();
    if lines.is_empty() {
        return text.lines().next().unwrap_or_default().to_owned();
    }
    lines.join("\n")
}

/// When the newest measurement behind an advisory was made.
fn measured_at(standing: &Standing) -> Option<Timestamp> {
    let a = standing.advisory.get();
    let hours = a.evidence.first()?.data_age_h;
    let age = SignedDuration::try_from_secs_f64(hours * 3600.0).ok()?;
    a.issued_at.checked_sub(age).ok().map(to_seconds)
}

fn told_hours(hours: &IntakeHours, now: Timestamp) -> Value {
    let ahead: Vec<&Window> = hours.windows.iter().filter(|w| w.until > now).collect();
    let each = |value: fn(&Window) -> Value| -> Vec<Value> {
        ahead.iter().map(|window| value(window)).collect()
    };
    json!({
        "probe": hours.probe, "issued_at": to_seconds(hours.issued_at),
        "limit_g_l": hours.limit_g_l, "reach": hours.reach,
        "from": each(|w| json!(w.from)), "until": each(|w| json!(w.until)),
        "sure": each(|w| figure(w.worst)),
    })
}

fn told_week(advisory: &Advisory) -> Option<Value> {
    let days = week(advisory);
    let first = days.first()?;
    let each = |value: fn(&DayAhead) -> Value| -> Vec<Value> { days.iter().map(value).collect() };
    Some(json!({
        "day": each(|d| json!(d.day)),
        "low_g_l": each(|d| figure(d.low)), "mid_g_l": each(|d| figure(d.mid)),
        "high_g_l": each(|d| figure(d.high)),
        "usable": first.usable.map(|_| each(|d| json!(d.usable.map(figure)))),
        "limit_g_l": each(|d| figure(d.limit)),
    }))
}

fn told_price(months: &[&PriceAhead]) -> Option<Value> {
    let first = months.first()?;
    let each = |value: fn(&PriceAhead) -> Value| -> Vec<Value> {
        months.iter().map(|month| value(month)).collect()
    };
    Some(json!({
        "of": first.target, "place": first.place, "unit": first.unit, "issued": first.issued,
        "baseline": first.baseline,
        "month": each(|p| json!(p.month)),
        "low": each(|p| whole(p.low)), "mid": each(|p| whole(p.mid)),
        "high": each(|p| whole(p.high)),
    }))
}

/// Each fertiliser's months, the n-th as the first.
fn told_goods(goods: &[Vec<&PriceAhead>]) -> Option<Value> {
    let first = goods.first()?;
    let named = |months: &Vec<&PriceAhead>| {
        let good = months.first()?.place.trim_start_matches("world:").to_owned();
        let each = |value: fn(&PriceAhead) -> Value| -> Vec<Value> {
            months.iter().map(|month| value(month)).collect()
        };
        let told = json!({
            "low": each(|p| whole(p.low)), "mid": each(|p| whole(p.mid)),
            "high": each(|p| whole(p.high)),
        });
        Some((good, told))
    };
    let newest = first.first()?;
    Some(json!({
        "unit": newest.unit, "issued": newest.issued, "baseline": newest.baseline,
        "month": first.iter().map(|p| json!(p.month)).collect::<Vec<_>>(),
        "goods": goods.iter().filter_map(named).collect::<Map<_, _>>(),
    }))
}

fn told_record(record: &TrackRecord) -> Value {
    json!({
        "station": record.station, "inside_80": figure(record.inside),
        "error_g_l": record.error_g_l.map(figure), "days": record.days, "window": record.window,
    })
}

fn told_said(said: &FarmersSaid) -> Value {
    let Verdicts { persons, right, wrong, .. } = said.verdicts;
    json!({ "here": said.here, "persons": persons, "right": right, "wrong": wrong })
}

/// Two digits behind the point are as many as any of these numbers deserves.
fn figure(value: f64) -> Value {
    json!((value * 100.0).round() / 100.0)
}

/// Prices are told without digits behind the point.
#[expect(clippy::cast_possible_truncation, reason = "a price is far below what an i64 holds")]
fn whole(price: f64) -> Value {
    json!(price.round() as i64)
}

fn to_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
