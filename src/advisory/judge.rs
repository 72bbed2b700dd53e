//! What each forecast day is for one crop: may water be taken, after measuring, or not at all.
//!
//! A day is judged by the odds that the crop's own rules write down, as if it were a day to act
//! on: where a warning would hold the sluice stays shut, where only a notice would hold the water
//! is measured first, otherwise it may be taken.

use jiff::civil::Date;

use super::outlook::{DayOutlook, Field};
use super::rule::{Condition, Level, Limit, Rule};
use crate::domain::Severity;
use crate::domain::time::{add_days, days_between};

/// Whether water may be taken on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Yes.
    Open,
    /// Only after measuring.
    Test,
    /// No.
    Shut,
}

/// The odds from which a change is called expected: more likely than not.
pub const EXPECTED: f64 = 0.5;

/// The answer to "may I open my sluice tomorrow, for how long, and how sure are you".
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Tomorrow.
    pub tomorrow: Date,
    /// What may be done tomorrow.
    pub verdict: Verdict,
    /// Odds that tomorrow's maximum is beyond the crop's limit.
    pub beyond: f64,
    /// The last day in a row, tomorrow included, with the same verdict.
    pub until: Date,
    /// The last day the forecast reaches without a gap.
    pub reach: Date,
    /// The first day after `until` expected to be beyond the limit, when tomorrow is not.
    pub rises: Option<Date>,
    /// The first day after `until` expected to be within the limit, when tomorrow is beyond it.
    pub falls: Option<Date>,
    /// Odds of staying within the limit, by day from tomorrow on.
    pub within: Vec<(Date, f64)>,
}

/// The rules and days of one crop in one commune.
#[derive(Debug, Clone)]
pub struct Judge<'a> {
    field: Field,
    issue_day: Date,
    rules: Vec<&'a Rule>,
    days: &'a [&'a DayOutlook],
}

/// A rule that speaks, with the day that made it.
#[derive(Debug, Clone, Copy)]
pub struct Finding<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// Its most urgent level that holds.
    pub level: &'a Level,
    /// The day that decides.
    pub day: &'a DayOutlook,
    /// The limit that decides, of this rule or of the crop's own.
    pub limit: &'a Limit,
}

/// Whether a condition holds.
#[derive(Debug, Clone, Copy)]
enum Held<'a> {
    /// It does not.
    No,
    /// It does, on every day of its window.
    Throughout,
    /// It does, on this day, by this limit of the rule if it names one.
    On(&'a DayOutlook, Option<&'a Limit>),
}

/// What a rule makes of a forecast.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// It speaks.
    Fires(Finding<'a>),
    /// It has nothing to say.
    Silent,
    /// Tomorrow is not in the forecast.
    Missing,
}

impl<'a> Judge<'a> {
    /// Returns a judge of the rules in force for this crop; `days` are in order of date.
    #[must_use]
    pub fn new(
        rules: impl IntoIterator<Item = &'a Rule>,
        field: Field,
        issue_day: Date,
        days: &'a [&'a DayOutlook],
    ) -> Self {
        let rules =
            rules.into_iter().filter(|r| r.covers(field) && r.in_force(issue_day)).collect();
        Self { field, issue_day, rules, days }
    }

    /// Returns the crop and stage judged.
    #[must_use]
    pub const fn field(&self) -> Field {
        self.field
    }

    /// Returns the rules in force for this crop, in the rulebook's order.
    #[must_use]
    pub fn rules(&self) -> &[&'a Rule] {
        &self.rules
    }

    /// Returns tomorrow's forecast.
    #[must_use]
    pub fn tomorrow(&self) -> Option<&'a DayOutlook> {
        self.window([1, 1]).next()
    }

    /// Returns the limit a day is held against and its rule: of the first limits of the crop's
    /// rules, the one most likely to be passed. None when no rule with a limit is in force.
    #[must_use]
    pub fn binding(&self, day: &DayOutlook) -> Option<(&'a Rule, &'a Limit)> {
        let mut best: Option<(&'a Rule, &'a Limit)> = None;
        for rule in &self.rules {
            let Some(limit) = rule.limits.first() else { continue };
            let odds = limit.beyond(&day.quantiles);
            if best.is_none_or(|(_, other)| odds > other.beyond(&day.quantiles)) {
                best = Some((rule, limit));
            }
        }
        best
    }

    /// Returns what may be done on this day.
    #[must_use]
    pub fn verdict(&self, day: &DayOutlook) -> Verdict {
        let holds = |rule: &Rule, level: &Level| {
            let mut own = level.when.iter().filter_map(|condition| match condition {
                Condition::BeyondAnyDay { limit, probability, .. } => {
                    rule.limit(limit).map(|l| l.beyond(&day.quantiles) >= *probability)
                }
                _ => None,
            });
            own.next().is_some_and(|first| first && own.all(|rest| rest))
        };
        let worst = self
            .rules
            .iter()
            .flat_map(|rule| rule.levels.iter().map(move |level| (*rule, level)))
            .filter(|(rule, level)| holds(rule, level))
            .map(|(_, level)| level.severity)
            .max();
        match worst {
            Some(Severity::Warning | Severity::Emergency) => Verdict::Shut,
            Some(Severity::Notice) => Verdict::Test,
            Some(Severity::Normal) | None => Verdict::Open,
        }
    }

    /// Returns what `rule` makes of the forecast.
    #[must_use]
    pub fn outcome(&self, rule: &'a Rule) -> Outcome<'a> {
        let Some(tomorrow) = self.tomorrow() else { return Outcome::Missing };
        let mut levels: Vec<&Level> = rule.levels.iter().collect();
        levels.sort_by_key(|level| std::cmp::Reverse(level.severity));
        for level in levels {
            let held: Vec<Held<'a>> =
                level.when.iter().map(|condition| self.held(rule, condition)).collect();
            if held.iter().any(|held| matches!(held, Held::No)) {
                continue;
            }
            let deciding = held.into_iter().rev().find_map(|held| match held {
                Held::On(day, limit) => Some((day, limit)),
                Held::No | Held::Throughout => None,
            });
            let (day, limit) = deciding.unwrap_or((tomorrow, None));
            let limit = limit.or_else(|| self.binding(day).map(|(_, limit)| limit));
            if let Some(limit) = limit {
                return Outcome::Fires(Finding { rule, level, day, limit });
            }
        }
        Outcome::Silent
    }

    /// Returns the answer for tomorrow; None when tomorrow or a rule with a limit is missing.
    #[must_use]
    pub fn answer(&self) -> Option<Answer> {
        let mut run: Vec<&DayOutlook> = Vec::new();
        for day in self.window([1, i64::MAX]) {
            let expected = add_days(self.issue_day, 1 + i64::try_from(run.len()).unwrap_or(0));
            if day.day != expected {
                break;
            }
            run.push(day);
        }
        let odds = |day: &DayOutlook| self.binding(day).map(|(_, l)| l.beyond(&day.quantiles));
        let (first, last) = (*run.first()?, *run.last()?);
        let (verdict, beyond) = (self.verdict(first), odds(first)?);
        let until = run.iter().take_while(|d| self.verdict(d) == verdict).last()?.day;
        // A turn is told only after the days for which tomorrow's answer holds: odds that hover
        // about one half must not contradict it.
        let turns = |to_beyond: bool| {
            let turned = |d: &DayOutlook| odds(d).is_some_and(|p| (p >= EXPECTED) == to_beyond);
            ((beyond >= EXPECTED) != to_beyond)
                .then(|| run.iter().find(|d| d.day > until && turned(d)))
                .flatten()
                .map(|d| d.day)
        };
        let within = run.iter().filter_map(|d| odds(d).map(|p| (d.day, 1.0 - p))).collect();
        Some(Answer {
            tomorrow: first.day,
            verdict,
            beyond,
            until,
            reach: last.day,
            rises: turns(true),
            falls: turns(false),
            within,
        })
    }

    /// Returns the days of a window counted from the day of issue.
    fn window(&self, [from, to]: [i64; 2]) -> impl Iterator<Item = &'a DayOutlook> {
        let issue_day = self.issue_day;
        self.days
            .iter()
            .copied()
            .filter(move |d| (from..=to).contains(&days_between(issue_day, d.day)))
    }

    /// Returns whether a condition holds, and the day that decides where one does.
    fn held(&self, rule: &'a Rule, condition: &Condition) -> Held<'a> {
        let every = |days: &[i64; 2], worst: Verdict| {
            let mut seen = false;
            let all = self.window(*days).all(|d| {
                seen = true;
                self.verdict(d) <= worst
            });
            if all && seen { Held::Throughout } else { Held::No }
        };
        match condition {
            Condition::BeyondAnyDay { limit, days, probability } => {
                let Some(limit) = rule.limit(limit) else { return Held::No };
                let odds = |d: &DayOutlook| limit.beyond(&d.quantiles);
                let mut worst: Option<&'a DayOutlook> = None;
                for day in self.window(*days).filter(|d| odds(d) >= *probability) {
                    if worst.is_none_or(|other| odds(day) > odds(other)) {
                        worst = Some(day);
                    }
                }
                worst.map_or(Held::No, |day| Held::On(day, Some(limit)))
            }
            Condition::OpenEveryDay { days } => every(days, Verdict::Open),
            Condition::UsableEveryDay { days } => every(days, Verdict::Test),
            Condition::ShutAnyDay { days } => self
                .window(*days)
                .find(|d| self.verdict(d) == Verdict::Shut)
                .map_or(Held::No, |day| Held::On(day, None)),
        }
    }
}
