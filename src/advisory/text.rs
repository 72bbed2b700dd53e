//! The text of an advisory, line by line: what, for how long, what to do, why, how sure, whom to
//! ask. Both languages are made by the same code from the same facts.

use jiff::civil::Date;

use super::AdvisoryError;
use super::alone::field_name;
use super::citing::cite;
use super::judge::{Answer, EXPECTED, Finding, Judge, Verdict};
use super::outlook::{NoValue, SaltOutlook};
use super::rule::{Limit, Rule, Side, Water};
use super::source::{Confidence, Sources};
use super::words::{Arg, Lang, Words};
use super::work::telling;
use crate::domain::time::add_days;
use crate::domain::{Crop, Severity};
use crate::frames::WeekPlan;

/// Days listed in the line of odds: what fits a line and a week's plan.
const ODDS_DAYS: usize = 7;

/// From this age on a measurement is told in days and called old: two missed mornings.
const OLD_H: f64 = 48.0;

/// What the texts of one run share.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    /// The messages.
    pub words: &'a Words,
    /// The documents, for citing.
    pub sources: &'a Sources,
    /// The local day of issue.
    pub today: Date,
    /// Whether it is made from the sample.
    pub sample: bool,
}

/// The facts of one advisory.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The commune's forecast.
    pub outlook: &'a SaltOutlook,
    /// The crop's rules.
    pub judge: &'a Judge<'a>,
    /// The answer for tomorrow.
    pub answer: &'a Answer,
    /// The rule that speaks.
    pub first: &'a Finding<'a>,
    /// The other rules that fire, in order of urgency.
    pub others: &'a [Finding<'a>],
    /// The rest of the week's work.
    pub plan: &'a WeekPlan,
    /// What the run shares.
    pub room: Telling<'a>,
}

impl Told<'_> {
    /// Returns how urgent the gravest of it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        let work = self.plan.work.iter().map(|work| work.severity);
        work.fold(self.first.level.severity, Severity::max)
    }
}

impl<'a> Telling<'a> {
    /// Returns what tells the plan of the week.
    #[must_use]
    pub const fn teller(&self) -> telling::Teller<'a> {
        telling::Teller { words: self.words, sources: self.sources, today: self.today }
    }
}

type Line = Result<String, AdvisoryError>;
type Lines = Result<Vec<String>, AdvisoryError>;

/// Returns the advisory's text, one sentence group a line.
///
/// # Errors
/// [`AdvisoryError::Message`] when a message is missing.
pub fn advisory(told: &Told<'_>, lang: Lang) -> Line {
    let teller = Teller { told, lang };
    let lines = [
        opening(told.room, lang)?,
        vec![teller.headline()?],
        vec![teller.answer()?],
        vec![teller.length()?.join(" ")],
        vec![teller.action()?],
        teller.others()?,
        told.room.teller().lines(told.plan, lang)?,
        vec![teller.why()?.join(" ")],
        vec![teller.sure()?.join(" ")],
        vec![teller.odds()?],
        vec![teller.sources()?.join(" ")],
        vec![teller.data()?.join(" ")],
        vec![format!("{} {}", teller.say("measure", &[])?, teller.say("ask", &[])?)],
        vec![teller.expires()?],
    ];
    Ok(lines.concat().join("\n"))
}

/// Returns the plain statement why there is no answer.
///
/// # Errors
/// [`AdvisoryError::Message`] when a message is missing.
pub fn silence(
    room: Telling<'_>,
    outlook: &SaltOutlook,
    crop: Option<Crop>,
    reason: NoValue,
    lang: Lang,
) -> Line {
    let mut args =
        vec![("commune", outlook.name.clone().into()), ("date", lang.date(room.today).into())];
    let key = match crop {
        None => "silence",
        Some(crop) => {
            args.push(("crop", room.words.say(lang, &format!("crop-{crop}"), &[])?.into()));
            "silence-crop"
        }
    };
    let mut lines = opening(room, lang)?;
    lines.push(room.words.say(lang, key, &args)?);
    lines.push(room.words.say(lang, &format!("none-{reason}"), &[])?);
    lines.extend(note(outlook, lang).map(|note| format!("{note}.")));
    lines.push(room.words.say(lang, "measure", &[])?);
    lines.push(room.words.say(lang, "ask", &[])?);
    Ok(lines.join("\n"))
}

pub(super) fn opening(room: Telling<'_>, lang: Lang) -> Lines {
    if room.sample { Ok(vec![room.words.say(lang, "sample-note", &[])?]) } else { Ok(Vec::new()) }
}

fn note(outlook: &SaltOutlook, lang: Lang) -> Option<String> {
    let note = outlook.note(lang).trim().trim_end_matches('.');
    (!note.is_empty()).then(|| note.to_owned())
}

/// One advisory in one language.
struct Teller<'a> {
    told: &'a Told<'a>,
    lang: Lang,
}

impl Teller<'_> {
    fn say(&self, key: &str, args: &[(&'static str, Arg)]) -> Line {
        self.told.room.words.say(self.lang, key, args)
    }

    fn date(&self, name: &'static str, day: Date) -> (&'static str, Arg) {
        (name, self.lang.date(day).into())
    }

    fn number(&self, name: &'static str, value: f64) -> (&'static str, Arg) {
        (name, self.lang.number(value).into())
    }

    /// Returns the limit that tomorrow is held against.
    fn limit(&self) -> (f64, Side) {
        let tomorrow = self.told.judge.tomorrow().unwrap_or(self.told.first.day);
        let limit = self.told.judge.binding(tomorrow).map_or(self.told.first.limit, |(_, l)| l);
        (limit.value(), limit.side)
    }

    fn headline(&self) -> Line {
        let room = self.told.room;
        let field = field_name(room.words, self.told.judge.field(), self.lang)?;
        let severity = self.say(&format!("severity-{}", self.told.severity()), &[])?;
        self.say(
            "headline",
            &[
                ("severity", severity.into()),
                ("commune", self.told.outlook.name.clone().into()),
                ("field", field.into()),
                self.date("date", self.told.room.today),
            ],
        )
    }

    fn answer(&self) -> Line {
        let answer = self.told.answer;
        let (limit, side) = self.limit();
        let brackish = self.told.judge.rules().iter().any(|rule| rule.water == Water::Brackish);
        let key = match (answer.verdict, side) {
            (Verdict::Open, _) if brackish => "answer-open-brackish",
            (Verdict::Open, _) => "answer-open-fresh",
            (Verdict::Test, Side::Above) => "answer-test-above",
            (Verdict::Test, Side::Below) => "answer-test-below",
            (Verdict::Shut, _) => "answer-shut",
        };
        let tomorrow = self.date("date", answer.tomorrow);
        self.say(key, &[tomorrow, self.number("limit", limit)])
    }

    fn length(&self) -> Lines {
        let answer = self.told.answer;
        let reach = || self.date("until", answer.reach);
        let (turn, whole) = match (answer.rises, answer.falls) {
            (Some(day), _) => (Some(("rises", self.date("date", day))), false),
            (None, Some(day)) => (Some(("falls", self.date("date", day))), false),
            _ if answer.beyond >= EXPECTED => (Some(("stays-bad", reach())), true),
            _ if answer.verdict == Verdict::Open => (Some(("stays-good", reach())), true),
            _ => (None, false),
        };
        let mut lines = Vec::new();
        if !(whole && answer.until == answer.reach && answer.until > answer.tomorrow) {
            let days = answer.within.iter().take_while(|(day, _)| *day <= answer.until).count();
            let days = Arg::Count(i64::try_from(days).unwrap_or(i64::MAX));
            let key = if answer.until > answer.tomorrow { "lasts-until" } else { "lasts-one" };
            lines.push(self.say(key, &[self.date("until", answer.until), ("days", days)])?);
        }
        if let Some((key, day)) = turn {
            lines.push(self.say(key, &[day])?);
        }
        Ok(lines)
    }

    fn action(&self) -> Line {
        let level = self.told.first.level;
        let action = self.action_of(&level.action)?;
        if level.severity == Severity::Normal {
            return self.say("do-plain", &[("action", action.into())]);
        }
        let deadline = match level.within_days {
            0 => self.say("deadline-now", &[])?,
            1 => self.say("deadline-today", &[])?,
            days => {
                let last = add_days(self.told.room.today, days - 1);
                self.say("deadline-date", &[self.date("date", last)])?
            }
        };
        let args = [("action", action.into()), ("deadline", deadline.into())];
        self.say("do", &args)
    }

    fn action_of(&self, action: &str) -> Line {
        self.say(&format!("action-{action}"), &[self.number("limit", self.limit().0)])
    }

    fn why(&self) -> Lines {
        let Finding { rule, day, limit, .. } = self.told.first;
        let mut args = vec![
            self.date("day", day.day),
            self.number("value", day.quantiles.median()),
            self.number("low", day.quantiles.values()[1]),
            self.number("high", day.quantiles.values()[5]),
        ];
        let key = match (limit.side, self.milder()) {
            (Side::Above, Some(stop)) => {
                args.push(self.number("limit", stop.value()));
                args.push(self.number("harm", limit.value()));
                "why-harm"
            }
            (side, _) => {
                args.push(self.number("limit", limit.value()));
                if side == Side::Above { "why-above" } else { "why-below" }
            }
        };
        Ok(vec![self.say(key, &args)?, self.say(&format!("reason-{}", rule.reason), &[])?])
    }

    /// Returns the rule's first limit when a graver one of its limits decides.
    fn milder(&self) -> Option<&Limit> {
        let Finding { rule, limit, .. } = self.told.first;
        rule.limits.first().filter(|first| first.name != limit.name)
    }

    fn sources(&self) -> Lines {
        let Telling { sources, .. } = self.told.room;
        let Finding { rule, limit, .. } = self.told.first;
        let limits: Vec<&Limit> = self.milder().into_iter().chain([*limit]).collect();
        let mut names: Vec<&String> = Vec::new();
        for limit in &limits {
            let mut used: Vec<_> = limit.claims.iter().filter(|claim| limit.uses(claim)).collect();
            used.sort_by_key(|claim| claim.trust(sources));
            names.extend(used.into_iter().map(|claim| &claim.source));
        }
        names.extend(&rule.practice);
        let mut cites: Vec<String> = Vec::new();
        for cite in
            names.into_iter().filter_map(|name| sources.get(name)).map(|s| cite(s, self.lang))
        {
            if !cites.contains(&cite) {
                cites.push(cite);
            }
        }
        let mut lines = vec![self.say("source", &[("source", cites.join("; ").into())])?];
        let others: Vec<_> = limits
            .first()
            .map(|limit| limit.disagreeing())
            .unwrap_or_default()
            .into_iter()
            .map(|value| self.lang.number(value))
            .collect();
        if !others.is_empty() {
            lines.push(self.say("source-stricter", &[("others", others.join("; ").into())])?);
        }
        let unverified = |rule: &&Rule| rule.confidence(sources) == Confidence::Unverified;
        if self.told.judge.rules().iter().any(unverified) {
            lines.push(self.say("source-unverified", &[])?);
        }
        Ok(lines)
    }

    fn sure(&self) -> Lines {
        let Finding { level, day, limit, .. } = self.told.first;
        let beyond = limit.beyond(&day.quantiles);
        let normal = level.severity == Severity::Normal;
        let (key, odds) = match limit.side {
            _ if normal => ("sure-within", 1.0 - beyond),
            Side::Above if self.milder().is_some() => ("sure-beyond-harm", beyond),
            Side::Above => ("sure-beyond-above", beyond),
            Side::Below => ("sure-beyond-below", beyond),
        };
        let word = self.say(&format!("likely-{}", likelihood(odds)), &[])?;
        let args = [
            ("parts", Arg::Count(of(odds, 10.0))),
            ("percent", of(odds, 100.0).to_string().into()),
            ("word", word.into()),
        ];
        let mut lines = vec![self.say(key, &args)?];
        if !normal && odds < EXPECTED {
            lines.push(self.say("sure-asymmetry", &[])?);
        }
        Ok(lines)
    }

    fn odds(&self) -> Line {
        let day = |(day, odds): &(Date, f64)| {
            format!("{:02}/{:02}: {} %", day.day(), day.month(), of(*odds, 100.0))
        };
        let list: Vec<_> = self.told.answer.within.iter().take(ODDS_DAYS).map(day).collect();
        self.say("odds", &[("list", list.join("; ").into())])
    }

    fn others(&self) -> Lines {
        let mut actions: Vec<&str> = vec![&self.told.first.level.action];
        let mut list = Vec::new();
        for other in self.told.others {
            if !actions.contains(&other.level.action.as_str()) {
                actions.push(&other.level.action);
                list.push(self.action_of(&other.level.action)?);
            }
        }
        if list.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![self.say("also", &[("list", list.join(" ").into())])?])
    }

    fn data(&self) -> Lines {
        let outlook = self.told.outlook;
        let mut lines = Vec::new();
        if let Some(note) = note(outlook, self.lang) {
            lines.push(self.say("place", &[("note", note.into())])?);
        }
        if outlook.place_unverified {
            lines.push(self.say("place-unverified", &[])?);
        }
        let age_h = self.told.first.day.data_age_h;
        let stations = if outlook.stations.is_empty() {
            self.say("age-none", &[])?
        } else {
            outlook.stations.join(", ")
        };
        let (key, count, age) = if age_h < OLD_H {
            ("age-hours", "hours", age_h)
        } else {
            ("age-days", "days", age_h / 24.0)
        };
        lines.push(
            self.say(key, &[(count, Arg::Count(of(age, 1.0))), ("stations", stations.into())])?,
        );
        if outlook.baseline {
            lines.push(self.say("baseline", &[])?);
        }
        Ok(lines)
    }

    fn expires(&self) -> Line {
        let last = add_days(self.told.room.today, self.told.first.rule.stands_days - 1);
        self.say("expires", &[self.date("date", last)])
    }
}

/// Returns `share` of `whole` as a whole number.
#[expect(clippy::cast_possible_truncation, reason = "odds and ages are far below 2^63")]
fn of(share: f64, whole: f64) -> i64 {
    (share * whole).round() as i64
}

/// Returns the word for a probability, on the scale of the IPCC's guidance note (2010) with its
/// middle classes merged: very likely 90 %, likely 66 %, as likely as not 33 %, unlikely 10 %.
fn likelihood(odds: f64) -> &'static str {
    match odds {
        p if p >= 0.90 => "very_high",
        p if p >= 0.66 => "high",
        p if p >= 0.33 => "even",
        p if p >= 0.10 => "low",
        _ => "very_low",
    }
}
