//! The list of rules: one line each. Reading it checks every rule; a broken one is named.

use jiff::civil::Date;

use super::AdvisoryError;
use super::outlook::Field;
use super::rule::{Condition, Expect, Limit, Rule, Side, Water};
use super::source::{self, Sources};
use super::work::WorkBook;
use crate::domain::Severity;

macro_rules! rules {
    ($($name:literal,)+) => {
        /// Every shipped rule file: name and text.
        const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("rules/", $name, ".toml"))),)+];
    };
}

rules! {
    "rice_before_sowing",
    "rice_young",
    "rice_tillering",
    "rice_panicle_flowering",
    "rice_ripening",
    "rice_fallow",
    "rice_shrimp_sowing",
    "rice_shrimp_may_sow",
    "rice_shrimp_rice",
    "durian_salt",
    "rambutan_salt",
    "mangosteen_salt",
    "longan_salt",
    "citrus_salt",
    "pomelo_salt",
    "coconut_salt",
    "vegetables_salt",
    "nursery_salt",
    "shrimp_too_salty",
    "shrimp_too_fresh",
    "shrimp_may_take_water",
    "store_fresh_water",
    "open_on_ebb",
}

/// The rules of salt and of work and the documents behind them, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Rulebook {
    rules: Vec<Rule>,
    work: WorkBook,
    sources: Sources,
}

impl Rulebook {
    /// Returns the rules shipped with the program.
    ///
    /// # Errors
    /// [`AdvisoryError::Rule`] for the first rule that breaks the schema or its own promises.
    pub fn shipped() -> Result<Self, AdvisoryError> {
        let book = Self::from_files(FILES, source::shipped()?)?;
        Ok(Self { work: WorkBook::shipped(&book.sources)?, ..book })
    }

    /// Returns the salinity (g/L) above which a crop's rules in force hold water back: the strictest
    /// first limit of those that want it fresh. None for a crop that needs salt or has no rule.
    #[must_use]
    pub fn intake_limit(&self, field: Field, day: Date) -> Option<f64> {
        let rules = self.rules.iter().filter(|rule| rule.covers(field) && rule.in_force(day));
        rules
            .filter(|rule| rule.water == Water::Fresh && rule.hazard == "salt")
            .filter_map(|rule| rule.limits.first().filter(|limit| limit.side == Side::Above))
            .map(Limit::value)
            .min_by(f64::total_cmp)
    }

    /// Returns the salt rules written in `files` (name and TOML text), in that order.
    ///
    /// # Errors
    /// [`AdvisoryError::Rule`] as in [`Self::shipped`].
    pub fn from_files(files: &[(&str, &str)], sources: Sources) -> Result<Self, AdvisoryError> {
        let mut rules: Vec<Rule> = Vec::with_capacity(files.len());
        for (file, text) in files {
            let broken =
                |reason: String| AdvisoryError::Rule { file: format!("{file}.toml"), reason };
            let rule: Rule = toml::from_str(text).map_err(|e| broken(e.to_string()))?;
            if rule.id != *file {
                return Err(broken(format!("id is {:?}, the file's name says {file:?}", rule.id)));
            }
            check(&rule, &sources).map_err(broken)?;
            if rules.iter().any(|other| other.id == rule.id) {
                return Err(broken("is listed twice".into()));
            }
            rules.push(rule);
        }
        Ok(Self { rules, work: WorkBook::default(), sources })
    }

    /// Returns the rules in the list's order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Returns the rules of all other work.
    #[must_use]
    pub const fn work(&self) -> &WorkBook {
        &self.work
    }

    /// Returns the documents by their short name.
    #[must_use]
    pub const fn sources(&self) -> &Sources {
        &self.sources
    }
}

/// Returns what a rule promises and breaks, in words.
fn check(rule: &Rule, sources: &Sources) -> Result<(), String> {
    if rule.valid_until < rule.valid_from {
        return Err(format!("valid_until {} is before valid_from", rule.valid_until));
    }
    if rule.scopes.is_empty() || rule.levels.is_empty() {
        return Err("a rule needs at least one [[for]] and one [[level]]".into());
    }
    if rule.limits.is_empty() && rule.practice.is_empty() {
        return Err("a rule needs a [[limit]] with a claim, or a practice with a source".into());
    }
    let claims = rule.limits.iter().flat_map(|l| l.claims.iter());
    let named = claims.clone().map(|c| &c.source).chain(&rule.practice);
    if let Some(name) = named.into_iter().find(|name| !sources.contains_key(*name)) {
        let known: Vec<_> = sources.keys().map(String::as_str).collect();
        return Err(format!("source {name:?} is unknown; known are {}", known.join(", ")));
    }
    if let Some(claim) = claims.clone().find(|c| !c.value.is_finite() || c.value <= 0.0) {
        return Err(format!("limit {} is not above 0", claim.value));
    }
    if let Some(limit) = rule.limits.iter().find(|l| l.claims.is_empty()) {
        return Err(format!("limit {:?} has no claim", limit.name));
    }
    check_levels(rule)?;
    check_cases(rule)
}

fn check_levels(rule: &Rule) -> Result<(), String> {
    for level in &rule.levels {
        let untold = [&level.why, &level.why_vi].iter().any(|why| why.trim().is_empty());
        if untold || level.when.is_empty() {
            return Err(format!("level {} needs `when`, `why` and `why_vi`", level.severity));
        }
        for condition in &level.when {
            check_condition(rule, condition)?;
        }
    }
    let tomorrow = |condition: &Condition| match condition {
        Condition::BeyondAnyDay { days: [from, to], .. } => (*from..=*to).contains(&1),
        _ => false,
    };
    let notices = rule.levels.iter().filter(|level| level.severity == Severity::Notice);
    let covers_tomorrow = notices.flat_map(|level| &level.when).any(tomorrow);
    if !rule.limits.is_empty() && !covers_tomorrow {
        return Err("a rule with a limit needs a notice level whose days include tomorrow (1), \
                    or tomorrow may have no answer"
            .into());
    }
    Ok(())
}

fn check_condition(rule: &Rule, condition: &Condition) -> Result<(), String> {
    let days = match condition {
        Condition::BeyondAnyDay { limit, days, probability } => {
            if rule.limit(limit).is_none() {
                let known: Vec<_> = rule.limits.iter().map(|l| l.name.as_str()).collect();
                return Err(format!("limit {limit:?} is unknown; known are {}", known.join(", ")));
            }
            if !(0.01..=0.99).contains(probability) {
                return Err(format!("probability {probability} is outside 0.01 to 0.99"));
            }
            days
        }
        Condition::OpenEveryDay { days }
        | Condition::UsableEveryDay { days }
        | Condition::ShutAnyDay { days } => days,
    };
    if days[0] < 0 || days[1] < days[0] || days[1] > 14 {
        return Err(format!("days {days:?} are not a window inside 0 (today) to 14"));
    }
    Ok(())
}

fn check_cases(rule: &Rule) -> Result<(), String> {
    for expect in [Expect::Fires, Expect::Silent, Expect::Missing] {
        if !rule.cases.iter().any(|case| case.expect == expect) {
            return Err(format!(
                "has no case that expects {expect:?}; each of the three is needed"
            ));
        }
    }
    match rule.cases.iter().find(|case| case.expect == Expect::Fires && case.severity.is_none()) {
        Some(case) => Err(format!("case {:?} fires and must say its severity", case.name)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(edit: impl Fn(&str) -> String) -> String {
        let text = edit(include_str!("rules/durian_salt.toml"));
        let files = [("durian_salt", text.as_str())];
        Rulebook::from_files(&files, source::shipped().unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn every_shipped_rule_keeps_its_promises() {
        let book = Rulebook::shipped().unwrap();
        assert_eq!(book.rules().len(), FILES.len());
    }

    #[test]
    fn a_broken_rule_is_named_with_what_was_given_and_what_is_allowed() {
        let error = broken(|t| t.replace("source = \"ben_tre_702\"", "source = \"ben_tre_703\""));
        assert!(error.contains("durian_salt.toml") && error.contains("\"ben_tre_703\""), "{error}");
        assert!(error.contains("ben_tre_702"), "{error}");
        let error = broken(|t| t.replace("expect = \"missing\"", "expect = \"silent\""));
        assert!(error.contains("no case that expects Missing"), "{error}");
        let error = broken(|t| t.replace("rank = ", "rang = "));
        assert!(error.contains("rang"), "{error}");
        let error = broken(|t| t.replace("probability = 0.25", "probability = 25"));
        assert!(error.contains("25"), "{error}");
    }
}
