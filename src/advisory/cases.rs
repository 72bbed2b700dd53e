//! `muavu rules check`: runs every rule's own cases and says clearly what did not hold.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::{Date, date};

use super::AdvisoryError;
use super::basis::Basis;
use super::judge::{Judge, Outcome};
use super::outlook::{DayOutlook, Field};
use super::rule::{Case, CaseDays, Expect, Rule};
use super::rulebook::Rulebook;
use super::source::Confidence;
use super::words::{Lang, Words};
use super::work;
use crate::domain::time::add_days;
use crate::domain::{Quantiles, Stage};

/// The day on which all cases are played; any day on which the rules are in force would do.
const CASE_DAY: Date = date(2026, 3, 15);

/// Standard normal quantiles of 75 %, 90 % and 95 %, for the four quantiles a case leaves out.
const Z: [f64; 3] = [0.6745, 1.2816, 1.6449];

/// What a check of the whole rulebook found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Cases of rules played.
    pub cases: usize,
    /// Cases of conflicts between pieces of advice played.
    pub conflict_cases: usize,
    /// The rules with their confidence and last day of validity, in the rulebook's order.
    pub rules: Vec<RuleStanding>,
    /// Cases that did not hold.
    pub failures: Vec<CaseFailure>,
}

/// How a rule stands.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleStanding {
    /// The rule.
    pub rule: String,
    /// What it protects.
    pub title: String,
    /// The weakest figure it uses; `unverified` makes drafts only.
    pub confidence: Confidence,
    /// The last day it may be used.
    pub valid_until: Date,
    /// Its cases.
    pub cases: usize,
}

/// A case that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFailure {
    /// The rule.
    pub rule: String,
    /// The case's name.
    pub case: String,
    /// What was expected and what happened.
    pub reason: String,
}

impl fmt::Display for CaseFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {}, case {:?}: {}", self.rule, self.case, self.reason)
    }
}

impl Report {
    /// Returns whether every case held.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Returns how the shipped rules fare in their own cases.
///
/// # Errors
/// [`AdvisoryError::Rule`] when a rule cannot even be read, [`AdvisoryError::Message`] when one
/// of its texts is missing in a language.
pub fn check_rules() -> Result<Report, AdvisoryError> {
    check(&Rulebook::shipped()?, &Words::shipped()?)
}

/// Returns how these rules fare in their own cases, each played against the whole rulebook.
///
/// # Errors
/// [`AdvisoryError::Message`] as in [`check_rules`].
pub fn check(book: &Rulebook, words: &Words) -> Result<Report, AdvisoryError> {
    let mut report =
        Report { cases: 0, conflict_cases: 0, rules: Vec::new(), failures: Vec::new() };
    for rule in book.rules() {
        for lang in Lang::ALL {
            words.say(lang, &format!("reason-{}", rule.reason), &[])?;
            for level in &rule.levels {
                let limit = ("limit", lang.number(1.0).into());
                words.say(lang, &format!("action-{}", level.action), &[limit])?;
            }
        }
        for case in &rule.cases {
            report.cases += 1;
            if let Err(reason) = play(book, rule, case) {
                let (rule, case) = (rule.id.clone(), case.name.clone());
                report.failures.push(CaseFailure { rule, case, reason });
            }
        }
        report.rules.push(RuleStanding {
            rule: rule.id.clone(),
            title: rule.title.clone(),
            confidence: rule.confidence(book.sources()),
            valid_until: rule.valid_until,
            cases: rule.cases.len(),
        });
    }
    check_work(book, words, &mut report)?;
    Ok(report)
}

/// Plays the cases of the rules of work and of the conflicts, and says each of their texts once.
fn check_work(book: &Rulebook, words: &Words, report: &mut Report) -> Result<(), AdvisoryError> {
    for rule in book.work().rules() {
        for case in &rule.cases {
            report.cases += 1;
            if let Err(reason) = work::cases::play(rule, case, CASE_DAY) {
                let (rule, case) = (rule.id.clone(), case.name.clone());
                report.failures.push(CaseFailure { rule, case, reason });
            }
        }
        report.rules.push(RuleStanding {
            rule: rule.id.clone(),
            title: rule.title.clone(),
            confidence: rule.confidence(book.sources()),
            valid_until: rule.valid_until,
            cases: rule.cases.len(),
        });
    }
    let (played, failures) = work::cases::play_conflicts(book.work(), CASE_DAY);
    report.conflict_cases = played;
    for (rule, case, reason) in failures {
        report.failures.push(CaseFailure { rule, case, reason });
    }
    for key in work::telling::keys(book.work()) {
        for lang in Lang::ALL {
            words.has(lang, &key)?;
        }
    }
    Ok(())
}

fn play(book: &Rulebook, rule: &Rule, case: &Case) -> Result<(), String> {
    let field = Field { crop: case.crop, stage: case.stage.unwrap_or(Stage::Any) };
    let days = forecast(&case.days)?;
    let days: Vec<&DayOutlook> = days.iter().collect();
    let judge = Judge::new(book.rules(), field, CASE_DAY, &days);
    let covered = rule.covers(field);
    let (found, level) = match judge.outcome(rule) {
        Outcome::Missing => (Expect::Missing, None),
        Outcome::Fires(finding) if covered => (Expect::Fires, Some(finding.level)),
        Outcome::Fires(_) | Outcome::Silent => (Expect::Silent, None),
    };
    if found != case.expect {
        let how = level.map(|l| format!(" ({}, {})", l.severity, l.action)).unwrap_or_default();
        let odds = odds(&judge);
        return Err(format!("expected {:?}, got {found:?}{how}; {odds}", case.expect));
    }
    let Some(level) = level else { return Ok(()) };
    let wrong = |what: &str, given: &str, got: &str| {
        Err(format!("expected {what} {given}, got {got}; {}", odds(&judge)))
    };
    match (case.severity, case.action.as_deref()) {
        (Some(s), _) if s != level.severity => {
            wrong("severity", s.as_str(), level.severity.as_str())
        }
        (_, Some(a)) if a != level.action => wrong("action", a, &level.action),
        _ => Ok(()),
    }
}

/// Returns the odds of the days against the crop's limit, for a failure's text.
fn odds(judge: &Judge<'_>) -> String {
    match judge.answer() {
        Some(answer) => {
            let list: Vec<_> =
                answer.within.iter().map(|(_, p)| format!("{:.2}", 1.0 - p)).collect();
            format!("odds beyond the crop's limit from tomorrow on: {}", list.join(" "))
        }
        None => "no answer for tomorrow".to_owned(),
    }
}

fn forecast(stretches: &[CaseDays]) -> Result<Vec<DayOutlook>, String> {
    let mut days: BTreeMap<Date, DayOutlook> = BTreeMap::new();
    for stretch in stretches {
        let quantiles = spread(stretch)?;
        for ahead in stretch.from..=stretch.to {
            let day = add_days(CASE_DAY, ahead);
            let basis = Basis::Case;
            let outlook = DayOutlook { day, quantiles, basis, data_age_h: 0.0 };
            if days.insert(day, outlook).is_some() {
                return Err(format!("day {ahead} is given twice"));
            }
        }
    }
    Ok(days.into_values().collect())
}

/// Returns seven quantiles from three: a normal distribution on each side of the median.
fn spread(days: &CaseDays) -> Result<Quantiles, String> {
    let CaseDays { low, mid, high, .. } = *days;
    let (down, up) = ((mid - low) / Z[1], (high - mid) / Z[1]);
    let below = |z: f64| (mid - z * down).max(0.0);
    Quantiles::new([below(Z[2]), low, below(Z[0]), mid, mid + Z[0] * up, high, mid + Z[2] * up])
        .map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advisory::source;

    #[test]
    fn a_case_that_does_not_hold_is_told_with_what_happened_and_the_odds() {
        let text = include_str!("rules/durian_salt.toml").replacen(
            "severity = \"warning\"\naction = \"stop_irrigation\"\n\n[[case]]",
            "severity = \"emergency\"\n\n[[case]]",
            1,
        );
        let files = [("durian_salt", text.as_str())];
        let book = Rulebook::from_files(&files, source::shipped().unwrap()).unwrap();
        let report = check(&book, &Words::shipped().unwrap()).unwrap();
        let told: Vec<_> = report.failures.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("rule durian_salt, case \"fires as a warning"), "{told:?}");
        assert!(
            told[0].contains("expected severity emergency, got warning; odds beyond"),
            "{told:?}"
        );
    }
}
