//! The list of work rules: one line each. Reading it checks every rule; a broken one is named.

use jiff::civil::Date;

use super::conflict::{self, Conflict};
use super::quantity::{self, Quantities};
use super::rule::{On, Sight, WorkRule};
use crate::advisory::AdvisoryError;
use crate::advisory::outlook::Field;
use crate::advisory::rule::{Expect, Limit};
use crate::advisory::source::Sources;
use crate::domain::Severity;

macro_rules! rules {
    ($($name:literal,)+) => {
        /// Every shipped rule file: name and text.
        pub(super) const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("rules/", $name, ".toml"))),)+];
    };
}

rules! {
    "rice_washout",
    "heavy_rain",
    "shrimp_rain",
    "tide_bunds",
    "lodging",
    "storm",
    "rice_heat",
    "heat",
    "spray_wind",
    "spray_air",
    "spray_rain",
    "awd_reflood",
    "flowering_water",
    "paddy_water",
    "paddy_water_flowering",
    "orchard_water",
    "final_drain",
    "plan_harvest",
    "harvest_window",
    "blast_week",
    "leaf_blast_rank",
    "sheath_blight_rank",
    "bacterial_blight_rank",
    "bph_escape_sowing",
    "bph_nymphs",
    "snails",
    "coconut_wasps",
    "citrus_psyllid",
    "durian_flower",
    "shrimp_heat",
    "shrimp_oxygen",
    "shrimp_ammonia",
    "clam_fresh",
    "clam_heat",
    "price_outlook",
    "below_cost",
    "sowing_window",
}

/// The days a condition may look at: the fifteen before, and four months of prices ahead.
const WINDOW: std::ops::RangeInclusive<i64> = -31..=120;

/// The rules of work and how conflicts between them are resolved, checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkBook {
    rules: Vec<WorkRule>,
    conflicts: Vec<Conflict>,
}

impl WorkBook {
    /// Returns the rules shipped with the program.
    ///
    /// # Errors
    /// [`AdvisoryError::Rule`] for the first rule that breaks the schema or its own promises.
    pub fn shipped(sources: &Sources) -> Result<Self, AdvisoryError> {
        let rules = Self::from_files(FILES, sources)?.rules;
        let conflicts = conflict::shipped(&rules, sources)?;
        Ok(Self { rules, conflicts })
    }

    /// Returns the rules written in `files` (name and TOML text), in that order, without conflicts.
    ///
    /// # Errors
    /// [`AdvisoryError::Rule`] as in [`Self::shipped`].
    pub fn from_files(files: &[(&str, &str)], sources: &Sources) -> Result<Self, AdvisoryError> {
        let quantities = quantity::shipped()?;
        let mut rules: Vec<WorkRule> = Vec::with_capacity(files.len());
        for (file, text) in files {
            let broken =
                |reason: String| AdvisoryError::Rule { file: format!("{file}.toml"), reason };
            let rule: WorkRule = toml::from_str(text).map_err(|e| broken(e.to_string()))?;
            if rule.id != *file {
                return Err(broken(format!("id is {:?}, the file's name says {file:?}", rule.id)));
            }
            check(&rule, sources, quantities).map_err(broken)?;
            if rules.iter().any(|other| other.id == rule.id) {
                return Err(broken("is listed twice".into()));
            }
            rules.push(rule);
        }
        Ok(Self { rules, conflicts: Vec::new() })
    }

    /// Returns the rules in the list's order.
    #[must_use]
    pub fn rules(&self) -> &[WorkRule] {
        &self.rules
    }

    /// Returns how conflicts are resolved, in the order they are looked at.
    #[must_use]
    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    /// Returns the rules in force for a field on a day.
    pub fn for_field(&self, field: Field, day: Date) -> impl Iterator<Item = &WorkRule> {
        self.rules.iter().filter(move |rule| rule.covers_field(field) && day <= rule.valid_until)
    }
}

/// Returns what a rule promises and breaks, in words.
fn check(rule: &WorkRule, sources: &Sources, quantities: &Quantities) -> Result<(), String> {
    if rule.valid_until < rule.valid_from {
        return Err(format!("valid_until {} is before valid_from", rule.valid_until));
    }
    if rule.scopes.is_empty() || rule.levels.is_empty() {
        return Err("a rule needs at least one [[for]] and one [[level]]".into());
    }
    if let Some(name) = rule.practice.iter().find(|name| !sources.contains_key(*name)) {
        return Err(unknown("source", name, sources.keys()));
    }
    for limit in &rule.limits {
        check_limit(limit, sources, quantities)?;
    }
    for level in &rule.levels {
        let untold = [&level.why, &level.why_vi].iter().any(|why| why.trim().is_empty());
        if untold || level.when.is_empty() {
            return Err(format!("level {} needs `when`, `why` and `why_vi`", level.severity));
        }
        if level.severity == Severity::Emergency {
            return Err("an emergency may go out before review; that is for salt alone".into());
        }
        for sight in &level.when {
            check_sight(&rule.limits, sight)?;
        }
    }
    check_cases(rule, quantities)
}

/// Returns what is wrong with a limit of a quantity.
pub(super) fn check_limit(
    limit: &Limit,
    sources: &Sources,
    quantities: &Quantities,
) -> Result<(), String> {
    let Some(quantity) = &limit.quantity else {
        return Err(format!("limit {:?} names no quantity", limit.name));
    };
    if !quantities.contains_key(quantity) {
        return Err(unknown("quantity", quantity, quantities.keys()));
    }
    if limit.claims.is_empty() {
        return Err(format!("limit {:?} has no claim", limit.name));
    }
    for claim in &limit.claims {
        if !sources.contains_key(&claim.source) {
            return Err(unknown("source", &claim.source, sources.keys()));
        }
        if !claim.value.is_finite() {
            return Err(format!("limit {} is not a number", claim.value));
        }
    }
    Ok(())
}

/// Returns what is wrong with a condition on one of these limits.
pub(super) fn check_sight(limits: &[Limit], sight: &Sight) -> Result<(), String> {
    if !limits.iter().any(|limit| limit.name == sight.limit) {
        return Err(unknown("limit", &sight.limit, limits.iter().map(|l| &l.name)));
    }
    let [first, last] = sight.days;
    if first > last || !WINDOW.contains(&first) || !WINDOW.contains(&last) {
        return Err(format!("days {:?} are not a window inside {WINDOW:?}", sight.days));
    }
    if !(0.01..=0.99).contains(&sight.probability) {
        return Err(format!("probability {} is outside 0.01 to 0.99", sight.probability));
    }
    match sight.on {
        On::Run(0) => Err("a run of 0 days".into()),
        On::Run(length) if i64::from(length) > last - first + 1 => {
            Err(format!("a run of {length} days does not fit into {:?}", sight.days))
        }
        _ => Ok(()),
    }
}

fn check_cases(rule: &WorkRule, quantities: &Quantities) -> Result<(), String> {
    for expect in [Expect::Fires, Expect::Silent, Expect::Missing] {
        if !rule.cases.iter().any(|case| case.expect == expect) {
            return Err(format!(
                "has no case that expects {expect:?}; each of the three is needed"
            ));
        }
    }
    let mut given = rule.cases.iter().flat_map(|case| &case.given);
    if let Some(wrong) = given.find(|given| !quantities.contains_key(&given.quantity)) {
        return Err(unknown("quantity", &wrong.quantity, quantities.keys()));
    }
    match rule.cases.iter().find(|case| case.expect == Expect::Fires && case.severity.is_none()) {
        Some(case) => Err(format!("case {:?} fires and must say its severity", case.name)),
        None => Ok(()),
    }
}

/// Returns what to say of a name that is not in a list.
pub(super) fn unknown<'a>(
    what: &str,
    given: &str,
    known: impl Iterator<Item = &'a String>,
) -> String {
    let known: Vec<&str> = known.map(String::as_str).collect();
    format!("{what} {given:?} is unknown; known are {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advisory::source;

    fn broken(edit: impl Fn(&str) -> String) -> String {
        let text = edit(include_str!("rules/rice_washout.toml"));
        let files = [("rice_washout", text.as_str())];
        WorkBook::from_files(&files, &source::shipped().unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn every_shipped_rule_keeps_its_promises() {
        let book = WorkBook::shipped(&source::shipped().unwrap()).unwrap();
        assert_eq!(book.rules().len(), FILES.len());
        assert!(book.conflicts().len() >= 6);
    }

    #[test]
    fn a_broken_rule_is_named_with_what_was_given_and_what_is_allowed() {
        let error = broken(|t| t.replace("quantity = \"rain_amount\"", "quantity = \"rain\""));
        assert!(error.contains("rice_washout.toml") && error.contains("rain_amount"), "{error}");
        let error = broken(|t| t.replace("severity = \"warning\"", "severity = \"emergency\""));
        assert!(error.contains("salt alone"), "{error}");
        let error = broken(|t| t.replace("expect = \"missing\"", "expect = \"silent\""));
        assert!(error.contains("no case that expects Missing"), "{error}");
        let error = broken(|t| t.replace("days = [", "days = [900, "));
        assert!(error.contains("rice_washout.toml"), "{error}");
    }
}
