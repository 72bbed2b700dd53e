//! Conflicts between pieces of advice about one field, and how each is resolved: data with cases.
//!
//! A conflict holds for a piece of work when the plan also has one of the actions it gives way to,
//! or when the facts it names are forecast. What was done about it is said in the text.

use jiff::civil::Date;
use serde::Deserialize;

use super::book::{check_limit, check_sight, unknown};
use super::judge::{Look, look_at};
use super::quantity;
use super::reading::Readings;
use super::rule::{Given, Sight, WorkRule};
use crate::advisory::AdvisoryError;
use crate::advisory::rule::Limit;
use crate::advisory::source::Sources;

/// The conflicts as they are shipped.
const EMBEDDED: &str = include_str!("conflicts.toml");

/// The actions of the salt rules that a conflict may name.
const SALT_ACTIONS: [&str; 14] = [
    "delay_sowing",
    "hold_pond_water",
    "keep_salt_out",
    "may_open_sluice_on_ebb",
    "mix_or_store",
    "reduce_irrigation",
    "stop_intake",
    "stop_intake_flush",
    "stop_irrigation",
    "stop_irrigation_beds",
    "store_fresh_now",
    "test_before_intake",
    "use_stored_water_thin_fruit",
    "wash_on",
];

/// What becomes of the work that gives way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// It is not done now.
    Drop,
    /// It is done today, before anything of its urgency.
    Hurry,
    /// It is done after, or otherwise than, what it stands against; the text says how.
    Adapt,
}

/// One conflict.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    /// Stable name; `resolve-<id>` is the text.
    pub id: String,
    /// What is weighed against what, for an agronomist.
    pub why: String,
    /// The actions that give way.
    pub yields: Vec<String>,
    /// The actions they give way to.
    #[serde(default)]
    pub to: Vec<String>,
    /// Or the facts they give way to; all must hold.
    #[serde(default, rename = "fact")]
    pub facts: Vec<Sight>,
    /// The limits of the facts.
    #[serde(default, rename = "limit")]
    pub limits: Vec<Limit>,
    /// What becomes of them.
    pub resolution: Resolution,
    /// Its own tests.
    #[serde(rename = "case")]
    pub cases: Vec<ConflictCase>,
}

/// A test of a conflict.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConflictCase {
    /// What it shows, a sentence.
    pub name: String,
    /// The actions of the plan.
    pub plan: Vec<String>,
    /// What is told.
    #[serde(default)]
    pub given: Vec<Given>,
    /// Whether the conflict holds.
    pub resolves: bool,
}

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    conflict: Vec<Conflict>,
}

/// Why a conflict holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The plan has the action of this place in it.
    Action(usize),
    /// The facts hold, from this day on.
    Facts(Date),
}

impl Conflict {
    /// Returns why the conflict holds in a plan of these actions; `None` when it does not.
    #[must_use]
    pub fn holds<S: AsRef<str>>(
        &self,
        plan: &[S],
        readings: &Readings,
        today: Date,
    ) -> Option<Cause> {
        if !plan.iter().any(|action| self.gives_way(action.as_ref())) {
            return None;
        }
        let against = plan.iter().position(|action| self.to.iter().any(|to| to == action.as_ref()));
        against.map(Cause::Action).or_else(|| self.facts_hold(readings, today).map(Cause::Facts))
    }

    /// Returns whether an action is one that gives way.
    #[must_use]
    pub fn gives_way(&self, action: &str) -> bool {
        self.yields.iter().any(|yields| yields == action)
    }

    fn facts_hold(&self, readings: &Readings, today: Date) -> Option<Date> {
        let mut first = None;
        for fact in &self.facts {
            let limit = self.limits.iter().find(|limit| limit.name == fact.limit)?;
            match look_at(limit, fact, readings, today) {
                Look::Holds(seen) => first = first.or(Some(seen.day)),
                Look::Not | Look::Unknown(_) => return None,
            }
        }
        first
    }
}

/// Returns the conflicts shipped with the program.
///
/// # Errors
/// [`AdvisoryError::Rule`] for the first conflict that breaks the schema or names an action that no
/// rule has.
pub fn shipped(rules: &[WorkRule], sources: &Sources) -> Result<Vec<Conflict>, AdvisoryError> {
    let broken = |reason: String| AdvisoryError::Rule { file: "conflicts.toml".into(), reason };
    let file: File = toml::from_str(EMBEDDED).map_err(|e| broken(e.to_string()))?;
    let own = rules.iter().flat_map(|rule| &rule.levels).map(|level| level.action.clone());
    let actions: Vec<String> = own.chain(SALT_ACTIONS.map(str::to_owned)).collect();
    for conflict in &file.conflict {
        let says = |reason: String| broken(format!("conflict {}: {reason}", conflict.id));
        let named = conflict.yields.iter().chain(&conflict.to);
        if let Some(name) = named.into_iter().find(|name| !actions.contains(name)) {
            return Err(says(unknown("action", name, actions.iter())));
        }
        for limit in &conflict.limits {
            check_limit(limit, sources, quantity::shipped()?).map_err(says)?;
        }
        for fact in &conflict.facts {
            check_sight(&conflict.limits, fact).map_err(says)?;
        }
        let both = [true, false].map(|r| conflict.cases.iter().any(|case| case.resolves == r));
        if both != [true, true] {
            return Err(says("needs a case that resolves and one that does not".into()));
        }
    }
    Ok(file.conflict)
}
