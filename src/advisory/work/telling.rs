//! The plan of the week in words: what, until when, why, how sure, and what gave way to what.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::book::WorkBook;
use super::judge::Seen;
use super::plan::{Item, Plan, Resolved};
use super::quantity;
use super::reading::Value;
use super::rule::{Due, On};
use crate::advisory::AdvisoryError;
use crate::advisory::citing::{Citing, SourceLines, cite};
use crate::advisory::rule::Side;
use crate::advisory::source::{Confidence, Sources};
use crate::advisory::words::{Arg, Lang, Words};
use crate::agronomy::moon::{Nuoc, lunar_date};
use crate::domain::time::days_between;
use crate::frames::{Evidence, PlannedWork, ReadFrom, SetAside, WeekPlan};

/// The hazard of rules about prices.
const MARKET: &str = "market";

type Line = Result<String, AdvisoryError>;

/// What the texts of one plan share.
#[derive(Debug, Clone, Copy)]
pub struct Teller<'a> {
    /// The messages.
    pub words: &'a Words,
    /// The documents.
    pub sources: &'a Sources,
    /// The local day of issue.
    pub today: Date,
}

impl Teller<'_> {
    /// Returns the plan as it is stored: each piece of work with its evidence and texts.
    ///
    /// # Errors
    /// [`AdvisoryError::Message`] when a message is missing (a test keeps them whole).
    pub fn stored(&self, plan: &Plan<'_>) -> Result<WeekPlan, AdvisoryError> {
        if plan.is_empty() {
            return Ok(WeekPlan::default());
        }
        let work = plan.items.iter().map(|item| self.work(item)).collect::<Result<_, _>>()?;
        let aside = |r: &Resolved<'_>| {
            Ok(SetAside {
                conflict: r.conflict.id.clone(),
                action: r.action.to_owned(),
                text_vi: self.resolved(r, Lang::Vi)?,
                text_en: self.resolved(r, Lang::En)?,
            })
        };
        let set_aside = plan.dropped.iter().map(aside).collect::<Result<_, AdvisoryError>>()?;
        let missing = plan.missing.iter().map(|name| (*name).to_owned()).collect();
        Ok(WeekPlan { work, set_aside, missing })
    }

    /// Returns the plan's lines for the text of an advisory; none when there is nothing to do.
    ///
    /// # Errors
    /// As [`Self::stored`].
    pub fn lines(&self, plan: &WeekPlan, lang: Lang) -> Result<Vec<String>, AdvisoryError> {
        if plan.is_empty() {
            return Ok(Vec::new());
        }
        let pick = |vi: &'_ String, en: &'_ String| match lang {
            Lang::Vi => vi.clone(),
            Lang::En => en.clone(),
        };
        let mut lines = vec![self.words.say(lang, "week-head", &[])?];
        for (number, work) in plan.work.iter().enumerate() {
            lines.push(format!("{}. {}", number + 1, pick(&work.text_vi, &work.text_en)));
        }
        for aside in &plan.set_aside {
            lines.push(format!("– {}", pick(&aside.text_vi, &aside.text_en)));
        }
        let mut missing: Vec<String> = Vec::new();
        for quantity in &plan.missing {
            let name = self.words.say(lang, &format!("quantity-{quantity}"), &[])?;
            if !missing.contains(&name) {
                missing.push(name);
            }
        }
        if !missing.is_empty() {
            let list = ("list", missing.join(", ").into());
            lines.push(self.words.say(lang, "week-missing", &[list])?);
        }
        Ok(lines)
    }

    fn work(&self, item: &Item<'_>) -> Result<PlannedWork, AdvisoryError> {
        let finding = &item.finding;
        let sources = self.source_lines(item)?;
        Ok(PlannedWork {
            rule: finding.rule.id.clone(),
            hazard: finding.rule.hazard.clone(),
            action: finding.level.action.clone(),
            severity: finding.level.severity,
            day: finding.day(),
            due: finding.due,
            confidence: finding.odds(),
            evidence: self.evidence(item)?,
            sources: sources.en,
            sources_vi: sources.vi,
            unverified: item.unverified,
            resolved: item.adapted.iter().map(|r| r.conflict.id.clone()).collect(),
            text_vi: self.text(item, Lang::Vi)?,
            text_en: self.text(item, Lang::En)?,
        })
    }

    fn evidence(&self, item: &Item<'_>) -> Result<Vec<Evidence>, AdvisoryError> {
        let quantities = quantity::shipped()?;
        let held = |seen: &Seen<'_>| {
            let (value, low, high) = seen.value.middle_low_high();
            let basis = |lang| seen.reading.basis.told_of(seen.quantity, self.words, lang);
            Ok(Evidence {
                quantity: seen.quantity.to_owned(),
                value,
                low,
                high,
                threshold: seen.limit.value(),
                unit: quantities.get(seen.quantity).map(|q| q.unit.clone()).unwrap_or_default(),
                probability: seen.odds,
                day: seen.day,
                basis: basis(Lang::En)?,
                basis_vi: basis(Lang::Vi)?,
                data_age_h: seen.reading.data_age_h,
                read_from: seen.reading.origin.as_ref().map(|origin| ReadFrom {
                    target: origin.target.clone(),
                    place: origin.place.clone(),
                    limit: (!seen.summed).then(|| seen.limit.value() + origin.less),
                }),
            })
        };
        item.finding.seen.iter().map(held).collect()
    }

    fn source_lines(&self, item: &Item<'_>) -> Result<SourceLines, AdvisoryError> {
        let quantities = quantity::shipped()?;
        let rule = item.finding.rule;
        let citing = Citing { words: self.words, sources: self.sources };
        let mut lines = SourceLines::default();
        for limit in item.finding.seen.iter().map(|seen| seen.limit) {
            let quantity = limit.quantity.as_ref().and_then(|name| quantities.get(name));
            let unit = quantity.map(|q| q.unit.as_str()).unwrap_or_default();
            citing.claims(&rule.id, unit, limit, &mut lines)?;
        }
        citing.practice(&rule.id, &rule.practice, &mut lines)?;
        citing.replay(&rule.id, rule.valid_from, self.today, &mut lines)?;
        Ok(lines)
    }

    /// Returns one piece of work: do this, until then, because, how sure, and what it gives way to.
    fn text(&self, item: &Item<'_>, lang: Lang) -> Line {
        let finding = &item.finding;
        let lunar = finding.rule.lunar;
        let args = self.args(&finding.seen, lunar, lang)?;
        let action = format!("work-{}", finding.level.action);
        let mut parts = vec![self.words.say(lang, &action, &args)?, self.when(item, lang)?];
        for resolved in &item.adapted {
            parts.push(self.resolved(resolved, lang)?);
        }
        let mut causes: Vec<String> = Vec::new();
        for seen in &finding.seen {
            let cause = self.cause(seen, lunar, lang)?;
            // Neither too early nor too late is one cause, told by two limits.
            if !causes.contains(&cause) {
                causes.push(cause);
            }
        }
        let because = ("list", causes.join("; ").into());
        parts.push(self.words.say(lang, "week-why", &[because])?);
        // Of a price the range is told; odds of being above nothing would say nothing.
        let forecast = |seen: &Seen<'_>| !matches!(seen.value, Value::Exact(_));
        if finding.rule.hazard != MARKET && finding.seen.iter().any(forecast) {
            let parts_of_ten = Arg::Count(share(finding.odds(), 10.0));
            parts.push(self.words.say(lang, "week-sure", &[("parts", parts_of_ten)])?);
        }
        parts.push(self.cited(item, lang)?);
        Ok(parts.join(" "))
    }

    fn when(&self, item: &Item<'_>, lang: Lang) -> Line {
        let finding = &item.finding;
        let day = |date| self.day(date, item.finding.rule.lunar, lang);
        let until = finding.seen.first().map_or(finding.due, |seen| seen.until);
        match finding.level.due {
            Due::ThatDay if until > finding.due => {
                let days = [("from", day(finding.due)?.into()), ("until", day(until)?.into())];
                self.words.say(lang, "week-days", &days)
            }
            Due::ThatDay => self.words.say(lang, "week-day", &[("date", day(finding.due)?.into())]),
            _ if finding.due == self.today => self.words.say(lang, "deadline-today", &[]),
            _ => self.words.say(lang, "week-by", &[("date", day(finding.due)?.into())]),
        }
    }

    fn cause(&self, seen: &Seen<'_>, lunar: bool, lang: Lang) -> Line {
        let key = cause_key(seen.quantity, seen.summed, seen.limit.side);
        self.words.say(lang, &key, &self.args(std::slice::from_ref(seen), lunar, lang)?)
    }

    /// Returns the numbers a message may use: of the first condition.
    fn args(
        &self,
        seen: &[Seen<'_>],
        lunar: bool,
        lang: Lang,
    ) -> Result<Vec<(&'static str, Arg)>, AdvisoryError> {
        let Some(first) = seen.first() else { return Ok(Vec::new()) };
        let (value, low, high) = first.value.middle_low_high();
        let amount = |value: f64| Arg::Text(amount(first.quantity, value, lang));
        Ok(vec![
            ("value", amount(value)),
            ("low", amount(low)),
            ("high", amount(high)),
            ("limit", amount(first.limit.value())),
            ("day", self.day(first.day, lunar, lang)?.into()),
            ("until", short(first.until).into()),
            ("month", month(first.day, lang).into()),
            ("days", Arg::Count(days_between(first.day, first.until) + 1)),
            ("parts", Arg::Count(share(first.odds, 10.0))),
        ])
    }

    fn resolved(&self, resolved: &Resolved<'_>, lang: Lang) -> Line {
        let key = format!("resolve-{}", resolved.conflict.id);
        let day = resolved.day.unwrap_or(self.today).max(self.today);
        self.words.say(lang, &key, &[("date", short(day).into())])
    }

    /// Returns where the figures come from, the most trusted of each first, and whether nobody
    /// verified them.
    fn cited(&self, item: &Item<'_>, lang: Lang) -> Line {
        let rule = item.finding.rule;
        let mut names: BTreeMap<Confidence, Vec<String>> = BTreeMap::new();
        let claims = item.finding.seen.iter().map(|seen| seen.limit).flat_map(|limit| {
            limit.claims.iter().filter(|claim| limit.uses(claim)).map(|claim| &claim.source)
        });
        for source in claims.chain(&rule.practice).filter_map(|name| self.sources.get(name)) {
            let cites = names.entry(source.confidence).or_default();
            let text = cite(source, lang);
            if !cites.contains(&text) {
                cites.push(text);
            }
        }
        let best = names.into_values().flatten().next().unwrap_or_default();
        let key = if item.unverified { "week-source-unverified" } else { "week-source" };
        self.words.say(lang, key, &[("source", best.into())])
    }

    /// Returns a day of the week's plan, with its lunar date and tide where the rule asks for it.
    fn day(&self, date: Date, lunar: bool, lang: Lang) -> Line {
        let plain = short(date);
        let Some(moon) = lunar_date(date).ok().filter(|_| lunar) else { return Ok(plain) };
        let month = match (lang, moon.month) {
            (Lang::Vi, 1) => "Giêng".to_owned(),
            (Lang::Vi, 12) => "Chạp".to_owned(),
            (_, month) => month.to_string(),
        };
        let water = format!("water-{}", Nuoc::of_lunar_day(moon.day).as_str());
        let args = [
            ("date", plain.into()),
            ("day", moon.day.to_string().into()),
            ("month", month.into()),
            ("water", self.words.say(lang, &water, &[])?.into()),
        ];
        let key = if moon.leap { "lunar-day-leap" } else { "lunar-day" };
        self.words.say(lang, key, &args)
    }
}

/// Returns the key of what is said of a quantity: of its total, of its event that does not come, or
/// of the day.
fn cause_key(quantity: &str, summed: bool, side: Side) -> String {
    let end = match (summed, side) {
        (true, _) => "-total",
        (false, Side::Below) if quantity == "rain_occurrence" => "-below",
        (false, _) => "",
    };
    format!("cause-{quantity}{end}")
}

/// Returns the keys of every message that the rules of a book can ask for.
#[must_use]
pub fn keys(book: &WorkBook) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for rule in book.rules() {
        for level in &rule.levels {
            keys.insert(format!("work-{}", level.action));
            for sight in &level.when {
                let Some(limit) = rule.limit(&sight.limit) else { continue };
                let quantity = limit.quantity.as_deref().unwrap_or_default();
                keys.insert(cause_key(quantity, sight.on == On::Total, limit.side));
            }
        }
    }
    keys.extend(book.conflicts().iter().map(|conflict| format!("resolve-{}", conflict.id)));
    let all = quantity::shipped().into_iter().flatten();
    let forecast = all.filter(|(_, q)| q.kind == quantity::Kind::Forecast);
    keys.extend(forecast.map(|(name, _)| format!("quantity-{name}")));
    keys
}

/// Returns a day as it is written in a list of the week: dd/mm.
fn short(date: Date) -> String {
    format!("{:02}/{:02}", date.day(), date.month())
}

fn month(date: Date, lang: Lang) -> String {
    match lang {
        Lang::Vi => format!("{}/{}", date.month(), date.year()),
        Lang::En => format!("{:02}/{}", date.month(), date.year()),
    }
}

/// Returns a share as a whole number of `whole`.
#[expect(clippy::cast_possible_truncation, reason = "odds are between 0 and 1")]
fn share(odds: f64, whole: f64) -> i64 {
    (odds * whole).round() as i64
}

/// Returns a number as people say it: whole millimetres, days, degrees and per cents; prices to fifty dong
/// with their thousands apart; ranks in years of ten.
fn amount(quantity: &str, value: f64, lang: Lang) -> String {
    let unit = quantity::shipped().ok().and_then(|all| all.get(quantity)).map(|q| q.unit.as_str());
    match unit {
        Some("VND/kg") => thousands((value / 50.0).round() * 50.0, lang),
        Some("1") if quantity.ends_with("_rank") => lang.number((value * 10.0).round()),
        Some("mm" | "d" | "%" | "degC") => lang.number(value.round()),
        _ => lang.number(value),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "prices are far below 2^63")]
fn thousands(value: f64, lang: Lang) -> String {
    let digits = (value as i64).to_string();
    let mark = if lang == Lang::Vi { '.' } else { ',' };
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}
