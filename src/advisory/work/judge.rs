//! What a rule of work makes of the readings: it speaks, is silent, or misses what it reads.

use jiff::civil::Date;

use super::reading::{Reading, Readings, Value};
use super::rule::{Due, On, Sight, WorkLevel, WorkRule};
use crate::advisory::rule::Limit;
use crate::advisory::source::{Confidence, Sources};
use crate::domain::time::add_days;

/// Days that [`Due::Week`] leaves, today counted.
const WEEK_DAYS: i64 = 7;

/// A condition that holds, and by what.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen<'a> {
    /// The limit that is passed.
    pub limit: &'a Limit,
    /// The quantity.
    pub quantity: &'a str,
    /// The day that decides, or the first of them.
    pub day: Date,
    /// The last of them.
    pub until: Date,
    /// What is said of it: of that day, or the sum of the window.
    pub value: Value,
    /// Odds of being beyond the limit.
    pub odds: f64,
    /// Whether it is the sum of the window.
    pub summed: bool,
    /// Who says so.
    pub reading: &'a Reading,
}

/// A rule that speaks.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkFinding<'a> {
    /// The rule.
    pub rule: &'a WorkRule,
    /// Its most urgent level that holds.
    pub level: &'a WorkLevel,
    /// The conditions, in the rule's order; the first one's day is spoken of.
    pub seen: Vec<Seen<'a>>,
    /// The last day on which it can still be done.
    pub due: Date,
}

/// What a rule makes of the readings.
#[derive(Debug, Clone, PartialEq)]
pub enum WorkOutcome<'a> {
    /// It speaks.
    Fires(WorkFinding<'a>),
    /// It has nothing to say.
    Silent,
    /// Nothing is said of these quantities.
    Missing(Vec<&'a str>),
}

impl WorkFinding<'_> {
    /// Returns the odds behind it: those of its least likely condition, since storm wind and rain
    /// come together more often than not.
    #[must_use]
    pub fn odds(&self) -> f64 {
        self.seen.iter().map(|seen| seen.odds).fold(1.0, f64::min)
    }

    /// Returns the weakest confidence among the figures that decide and the practice advised.
    #[must_use]
    pub fn confidence(&self, sources: &Sources) -> Confidence {
        let limits = self.seen.iter().map(|seen| seen.limit.confidence(sources));
        let practice = self.rule.practice.iter().filter_map(|name| sources.get(name));
        limits.chain(practice.map(|s| s.confidence)).max().unwrap_or(Confidence::Unverified)
    }

    /// Returns the day it speaks of.
    #[must_use]
    pub fn day(&self) -> Date {
        self.seen.first().map_or(self.due, |seen| seen.day)
    }
}

/// Returns what a rule makes of the readings on the morning of `today`. A level whose quantities
/// are missing does not hold, and a milder one may; only when none does is the rule missing them.
#[must_use]
pub fn outcome<'a>(rule: &'a WorkRule, readings: &'a Readings, today: Date) -> WorkOutcome<'a> {
    let mut levels: Vec<&WorkLevel> = rule.levels.iter().collect();
    levels.sort_by_key(|level| std::cmp::Reverse(level.severity));
    let mut missing: Vec<&str> = Vec::new();
    for level in levels {
        let mut seen = Vec::new();
        let mut holds = true;
        for sight in &level.when {
            match look(rule, sight, readings, today) {
                Look::Holds(found) => seen.push(found),
                Look::Not => holds = false,
                Look::Unknown(quantity) => {
                    holds = false;
                    if !missing.contains(&quantity) {
                        missing.push(quantity);
                    }
                }
            }
        }
        if holds {
            let due = due(level, &seen, today);
            return WorkOutcome::Fires(WorkFinding { rule, level, seen, due });
        }
    }
    if missing.is_empty() { WorkOutcome::Silent } else { WorkOutcome::Missing(missing) }
}

fn due(level: &WorkLevel, seen: &[Seen<'_>], today: Date) -> Date {
    let day = seen.first().map_or(today, |seen| seen.day);
    match level.due {
        Due::Today => today,
        Due::Tomorrow => add_days(today, 1),
        Due::DayBefore => add_days(day, -1).max(today),
        Due::ThatDay => day.max(today),
        Due::ThreeDays => add_days(today, 2),
        Due::Week => add_days(today, WEEK_DAYS - 1),
    }
}

/// Whether a condition holds.
#[derive(Debug)]
pub(super) enum Look<'a> {
    /// It does, by this.
    Holds(Seen<'a>),
    /// It does not.
    Not,
    /// Nothing is said of this quantity on the days it needs.
    Unknown(&'a str),
}

/// Returns whether a condition of a rule holds.
fn look<'a>(rule: &'a WorkRule, sight: &Sight, readings: &'a Readings, today: Date) -> Look<'a> {
    rule.limit(&sight.limit).map_or(Look::Not, |limit| look_at(limit, sight, readings, today))
}

/// Returns whether a limit is passed as a condition asks.
pub(super) fn look_at<'a>(
    limit: &'a Limit,
    sight: &Sight,
    readings: &'a Readings,
    today: Date,
) -> Look<'a> {
    let quantity = limit.quantity.as_deref().unwrap_or_default();
    let [first, last] = sight.days.map(|days| add_days(today, days));
    let seen_on = |(day, reading): (Date, &'a Reading)| {
        let (value, odds) = (reading.value, reading.value.beyond(limit));
        Seen { limit, quantity, day, until: day, value, odds, summed: false, reading }
    };
    let days: Vec<Seen<'a>> = readings.between(quantity, first, last).map(seen_on).collect();
    let wanted = usize::try_from(sight.days[1] - sight.days[0] + 1).unwrap_or(usize::MAX);
    let whole = days.len() == wanted;
    let likely = |seen: &Seen<'_>| seen.odds >= sight.probability;
    if days.is_empty() || (!whole && matches!(sight.on, On::Every | On::Total)) {
        return Look::Unknown(quantity);
    }
    let found = match sight.on {
        On::Any => {
            days.into_iter().filter(likely).reduce(|a, b| if b.odds > a.odds { b } else { a })
        }
        On::Every => {
            if days.iter().all(likely) {
                spanning(&days)
            } else {
                None
            }
        }
        On::Total => total(days).filter(likely),
        On::Run(length) => run(&days, usize::from(length), likely),
    };
    found.map_or(Look::Not, Look::Holds)
}

/// Returns the least likely of some days, spoken of as all of them.
fn spanning<'a>(days: &[Seen<'a>]) -> Option<Seen<'a>> {
    let least = days.iter().min_by(|a, b| a.odds.total_cmp(&b.odds))?;
    let (first, last) = (days.first()?.day, days.last()?.day);
    Some(Seen { day: first, until: last, ..least.clone() })
}

/// Returns the first days in a row that hold; the days between must all be known.
fn run<'a>(
    days: &[Seen<'a>],
    length: usize,
    likely: impl Fn(&Seen<'_>) -> bool,
) -> Option<Seen<'a>> {
    let in_a_row = |pair: &[Seen<'_>]| pair[1].day == add_days(pair[0].day, 1);
    let mut rows = days.windows(length.max(1));
    let found = rows.find(|row| row.iter().all(&likely) && row.windows(2).all(in_a_row))?;
    spanning(found)
}

fn total(days: Vec<Seen<'_>>) -> Option<Seen<'_>> {
    days.into_iter().map(Some).reduce(|sum, next| {
        let (sum, next) = (sum?, next?);
        let value = sum.value.plus(&next.value)?;
        Some(Seen { until: next.day, value, odds: value.beyond(sum.limit), summed: true, ..sum })
    })?
}
