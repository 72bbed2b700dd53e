//! The numbers around the answer: the week, the hours at a probe, and where it all comes from.

use jiff::Timestamp;

use super::View;
use super::advice::iso;
use crate::publish::farmer::picture;
use crate::publish::farmer::words::{Lang, Talk};
use crate::publish::today::week::week as week_of;
use crate::publish::today::{Approver, DayAhead, FarmersSaid, Neighbours, TrackRecord};
use crate::storage::Verdicts;

/// From this age on a measurement is called old: two missed mornings (as the advice itself has it).
const OLD_H: f64 = 48.0;

/// The week as a picture and a table.
pub(super) struct WeekBox {
    pub picture: String,
    pub caption: String,
    pub usable: bool,
    pub days: Vec<DayLine>,
}

pub(super) struct DayLine {
    pub day: String,
    pub lunar: String,
    pub mid: String,
    pub range: String,
    pub usable: String,
}

/// Returns the salinity of the days the advice speaks of.
pub(super) fn week(view: &View<'_>, neighbours: &dyn Neighbours) -> WeekBox {
    let w = view.w;
    let days = view.advice().map(|s| week_of(s.advisory.get())).unwrap_or_default();
    let line = |d: &DayAhead| DayLine {
        day: w.day(d.day),
        lunar: neighbours.lunar(d.day).unwrap_or_default(),
        mid: w.figure(d.mid),
        range: format!("{}–{}", w.figure(d.low), w.figure(d.high)),
        usable: d.usable.map(|p| w.often_short(p)).unwrap_or_default(),
    };
    // A limit that holds all week is said once.
    let limit = days.first().map(|d| d.limit);
    let one = limit.filter(|l| days.iter().all(|d| d.limit.total_cmp(l).is_eq()));
    let caption = match one {
        Some(limit) => {
            w.say("week-caption", &[("crop", &view.crop_name), ("limit", &w.figure(limit))])
        }
        None => w.t("week-caption-plain"),
    };
    WeekBox {
        picture: picture::strip(w, &days),
        caption,
        usable: days.iter().any(|d| d.usable.is_some()),
        days: days.iter().map(line).collect(),
    }
}

/// The hours at one probe.
pub(super) struct HoursBox {
    pub intro: String,
    pub lines: Vec<String>,
    pub never: String,
}

/// Returns the windows still ahead at each probe of the commune.
pub(super) fn hours(view: &View<'_>) -> Vec<HoursBox> {
    let w = view.w;
    let hours = view.crop.map(|c| c.hours.as_slice()).unwrap_or_default();
    let ahead = hours.iter().filter(|h| h.reach > view.now);
    ahead
        .map(|h| HoursBox {
            intro: w.say(
                "hours-at",
                &[
                    ("probe", &h.probe),
                    ("time", &w.moment(h.issued_at)),
                    ("limit", &w.figure(h.limit_g_l)),
                ],
            ),
            lines: h
                .windows
                .iter()
                .filter(|window| window.until > view.now)
                .map(|window| {
                    let (from, until) = (w.soon(window.from), w.soon(window.until));
                    let often = w.often(window.worst);
                    w.say("hours-one", &[("from", &from), ("until", &until), ("often", &often)])
                })
                .collect(),
            never: w.say("hours-never", &[("time", &w.soon(h.reach))]),
        })
        .collect()
}

/// One line of where it comes from.
pub(super) struct TrustLine {
    pub name: String,
    pub text: String,
    pub at: Option<At>,
}

/// A moment whose age the script keeps true on a kept page.
pub(super) struct At {
    pub iso: String,
    pub age: String,
}

/// Returns who approved, how old, and how often it was right.
pub(super) fn trust(view: &View<'_>) -> Vec<TrustLine> {
    let w = view.w;
    let mut lines = Vec::new();
    if let Some(standing) = view.advice() {
        let advisory = standing.advisory.get();
        let at = w.moment(standing.at);
        let by = match &standing.by {
            _ if advisory.sample => w.t("trust-sample"),
            Approver::Person(who) => w.say("trust-person", &[("who", who), ("time", &at)]),
            Approver::Policy(_) => w.say("trust-policy", &[("time", &at)]),
        };
        lines.push(TrustLine { name: w.t("trust-by"), text: by, at: None });
        let hours = view.now.duration_since(advisory.issued_at).as_secs_f64() / 3600.0;
        lines.push(TrustLine {
            name: w.t("trust-age"),
            text: w.moment(advisory.issued_at),
            at: Some(At { iso: iso(advisory.issued_at), age: w.age(hours) }),
        });
        if let Some(age) = standing.data_age_h(view.now) {
            let measured = earlier(view.now, age);
            let time = w.moment(measured);
            let text = if age > OLD_H { w.say("trust-data-old", &[("time", &time)]) } else { time };
            let at = Some(At { iso: iso(measured), age: w.age(age) });
            lines.push(TrustLine { name: w.t("trust-data"), text, at });
        }
    }
    let right = view.today.record.as_ref().map(|r| right(view, r));
    let text = right.unwrap_or_else(|| w.t("trust-right-none"));
    lines.push(TrustLine { name: w.t("trust-right"), text, at: None });
    if let Some(said) = &view.today.said {
        lines.push(TrustLine { name: w.t("trust-said"), text: farmers_said(w, said), at: None });
    }
    lines
}

fn farmers_said(w: Talk, said: &FarmersSaid) -> String {
    let Verdicts { persons, right, wrong, .. } = said.verdicts;
    let [persons, right, wrong] = [persons, right, wrong].map(|count| count.to_string());
    let key = if said.here { "trust-said-here" } else { "trust-said-all" };
    w.say(key, &[("persons", &persons), ("right", &right), ("wrong", &wrong)])
}

/// The full hour so many hours before a moment: ages are told to the hour.
fn earlier(now: Timestamp, hours: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "ages of some days in seconds")]
    let seconds = now.as_second().saturating_sub((hours * 3600.0) as i64);
    Timestamp::from_second((seconds + 1800).div_euclid(3600) * 3600).unwrap_or(now)
}

fn right(view: &View<'_>, record: &TrackRecord) -> String {
    let w = view.w;
    let often = w.often(record.inside);
    let mut text = match &record.station {
        Some(station) => w.say("trust-right-here", &[("station", station), ("often", &often)]),
        None => w.say("trust-right-all", &[("often", &often)]),
    };
    if let Some(error) = record.error_g_l {
        text.push_str(&w.say("trust-right-error", &[("error", &w.figure(error))]));
    }
    let (from, until) = record.window.split_once("..").unwrap_or((&record.window, ""));
    let day = |text: &str| text.parse().map_or_else(|_| text.to_owned(), |d| w.date(d));
    let days = record.days.to_string();
    let args = [("days", days.as_str()), ("from", &day(from)), ("until", &day(until))];
    text + " " + &w.say("trust-right-days", &args)
}

/// Returns where the commune's water comes from, or why nothing can be said of it.
pub(super) fn water(view: &View<'_>) -> String {
    let Some(water) = &view.today.water else { return String::new() };
    let note = match view.w.0 {
        Lang::Vi => &water.note_vi,
        Lang::En => &water.note_en,
    };
    let note = note.trim().trim_end_matches('.');
    if note.is_empty() { String::new() } else { format!("{note}.") }
}
