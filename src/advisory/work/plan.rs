//! One plan of the week for a field: findings merged in the order of what can still be saved, and
//! conflicts between them resolved openly.

use std::cmp::Reverse;

use jiff::civil::Date;

use super::book::WorkBook;
use super::conflict::{Cause, Conflict, Resolution};
use super::judge::{WorkFinding, WorkOutcome, outcome};
use super::quantity::{self, Kind};
use super::reading::Readings;
use crate::advisory::AdvisoryError;
use crate::advisory::outlook::Field;
use crate::advisory::source::{Confidence, Sources};

/// A field on the morning of a day, and what is told of it.
#[derive(Debug, Clone, Copy)]
pub struct Week<'a> {
    /// The crop and stage.
    pub field: Field,
    /// The morning.
    pub today: Date,
    /// What is told.
    pub readings: &'a Readings,
    /// What the salt rules advise, the first speaking; empty where they are silent.
    pub salt_actions: &'a [&'a str],
    /// Whether only what rests on verified figures may be said: beside an emergency, which may go
    /// out before a person has seen it.
    pub verified_only: bool,
}

/// A piece of work in the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Item<'a> {
    /// The rule that speaks, with its evidence.
    pub finding: WorkFinding<'a>,
    /// Whether it rests on a figure that nobody verified.
    pub unverified: bool,
    /// The conflicts that changed it.
    pub adapted: Vec<Resolved<'a>>,
}

/// A conflict that was resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved<'a> {
    /// The conflict.
    pub conflict: &'a Conflict,
    /// The action that gave way.
    pub action: &'a str,
    /// The day from which what it gave way to is expected; `None` when that is the salt answer.
    pub day: Option<Date>,
}

/// The plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan<'a> {
    /// The work, in the order of what can still be saved.
    pub items: Vec<Item<'a>>,
    /// Work that was left out for something else.
    pub dropped: Vec<Resolved<'a>>,
    /// Quantities that rules of this field would have read and no forecast speaks of.
    pub missing: Vec<&'a str>,
}

impl Plan<'_> {
    /// Returns whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.dropped.is_empty()
    }
}

/// Returns the plan of a field's week; empty when there is nothing to do.
///
/// # Errors
/// [`AdvisoryError::Rule`] when the shipped list of quantities is broken (a test keeps it whole).
pub fn plan<'a>(
    book: &'a WorkBook,
    sources: &Sources,
    week: &Week<'a>,
) -> Result<Plan<'a>, AdvisoryError> {
    let quantities = quantity::shipped()?;
    let forecast = |name: &&str| quantities.get(*name).is_some_and(|q| q.kind == Kind::Forecast);
    let mut plan = Plan::default();
    for rule in book.for_field(week.field, week.today) {
        match outcome(rule, week.readings, week.today) {
            WorkOutcome::Silent => {}
            WorkOutcome::Missing(names) => plan.missing.extend(names.into_iter().filter(forecast)),
            WorkOutcome::Fires(finding) => {
                let unverified = finding.confidence(sources) == Confidence::Unverified;
                if !(unverified && week.verified_only) {
                    plan.items.push(Item { finding, unverified, adapted: Vec::new() });
                }
            }
        }
    }
    plan.missing.sort_unstable();
    plan.missing.dedup();
    keep_the_gravest(&mut plan.items);
    for conflict in book.conflicts() {
        resolve(conflict, week, &mut plan);
    }
    leave_companions(week.salt_actions, &mut plan.items);
    plan.items.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok(plan)
}

/// What can still be saved comes first: what is gravest, then what is due first.
fn order<'p>(item: &'p Item<'_>) -> (Reverse<crate::domain::Severity>, Date, bool, &'p str) {
    let hurried = item.adapted.iter().any(|r| r.conflict.resolution == Resolution::Hurry);
    let finding = &item.finding;
    (Reverse(finding.level.severity), finding.due, !hurried, &finding.rule.id)
}

/// Two rules that advise the same are told once, by the graver.
fn keep_the_gravest(items: &mut Vec<Item<'_>>) {
    items.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut said: Vec<String> = Vec::new();
    items.retain(|item| {
        let new = !said.contains(&item.finding.level.action);
        if new {
            said.push(item.finding.level.action.clone());
        }
        new
    });
}

/// Leaves out what is told only beside another action when that action is not in the plan.
fn leave_companions(salt_actions: &[&str], items: &mut Vec<Item<'_>>) {
    let actions: Vec<String> = items.iter().map(|i| i.finding.level.action.clone()).collect();
    items.retain(|item| {
        let with = &item.finding.rule.only_with;
        with.is_empty()
            || with.iter().any(|a| actions.contains(a) || salt_actions.contains(&a.as_str()))
    });
}

fn resolve<'a>(conflict: &'a Conflict, week: &Week<'a>, plan: &mut Plan<'a>) {
    let own: Vec<&'a str> = plan.items.iter().map(|i| i.finding.level.action.as_str()).collect();
    let all: Vec<&str> = own.iter().copied().chain(week.salt_actions.iter().copied()).collect();
    let Some(cause) = conflict.holds(&all, week.readings, week.today) else { return };
    let day = match cause {
        Cause::Facts(day) => Some(day),
        Cause::Action(place) => plan.items.get(place).map(|item| item.finding.day()),
    };
    let resolved = |action: &'a str| Resolved { conflict, action, day };
    match conflict.resolution {
        Resolution::Drop => plan.items.retain(|item| {
            let action = item.finding.level.action.as_str();
            let stays = !conflict.gives_way(action);
            if !stays {
                plan.dropped.push(resolved(action));
            }
            stays
        }),
        Resolution::Hurry | Resolution::Adapt => {
            for (item, action) in plan.items.iter_mut().zip(own) {
                if conflict.gives_way(action) {
                    item.adapted.push(resolved(action));
                    if conflict.resolution == Resolution::Hurry {
                        item.finding.due = week.today;
                    }
                }
            }
        }
    }
}
