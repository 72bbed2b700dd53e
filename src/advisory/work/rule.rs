//! A rule of work as its TOML file says it: for whom, which quantities against which limits, when
//! it speaks and how urgently, and its own cases.
//!
//! Limits, claims, scopes and severities are those of the salt rules ([`crate::advisory::rule`]);
//! a limit names the quantity it is of. The odds come from the cost-loss rule told there, and each
//! level's `why` says so in words.

use jiff::civil::Date;
use serde::Deserialize;

use crate::advisory::outlook::Field;
use crate::advisory::rule::{Expect, Limit, Scope};
use crate::advisory::source::{Confidence, Sources};
use crate::domain::{Crop, Severity, Stage};

/// A rule: one file in `rules/`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkRule {
    /// Stable name, the file's name.
    pub id: String,
    /// What it protects, one line for an agronomist.
    pub title: String,
    /// The same in Vietnamese, as reviewers read it.
    pub title_vi: String,
    /// The hazard it is about, for alarms and grouping.
    pub hazard: String,
    /// The rows of the agronomists' list (advisory_rules.csv) that it carries out.
    #[serde(default)]
    pub covers: Vec<String>,
    /// Why its figures differ from those rows, where they do.
    pub departs: Option<String>,
    /// When its sources came into force. Replays of earlier days use it and say so.
    pub valid_from: Date,
    /// The last day it may be used; by then somebody must have read it again.
    pub valid_until: Date,
    /// Short names of the documents behind the practice it advises.
    #[serde(default)]
    pub practice: Vec<String>,
    /// It is told only beside one of these actions, where it would be no news alone.
    #[serde(default)]
    pub only_with: Vec<String>,
    /// Whether the lunar date and the tide of the fortnight are told beside its day.
    #[serde(default)]
    pub lunar: bool,
    /// The crops and stages it covers.
    #[serde(rename = "for")]
    pub scopes: Vec<Scope>,
    /// Its limits, each of a quantity.
    #[serde(default, rename = "limit")]
    pub limits: Vec<Limit>,
    /// When it speaks, and how urgently.
    #[serde(rename = "level")]
    pub levels: Vec<WorkLevel>,
    /// Its own tests.
    #[serde(rename = "case")]
    pub cases: Vec<WorkCase>,
}

/// One degree of urgency and the conditions that must all hold. The first condition's day is the
/// day the level speaks of.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkLevel {
    /// How urgent; an emergency is for salt alone, which may go out before review.
    pub severity: Severity,
    /// What to do (`work-<key>` is the text).
    pub action: String,
    /// Until when it can still be done.
    pub due: Due,
    /// All must hold.
    pub when: Vec<Sight>,
    /// Why from these odds on: the cost of acting in vain against the cost of not acting.
    pub why: String,
    /// The same in Vietnamese, as reviewers read it.
    pub why_vi: String,
}

/// Until when something can still be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// Today.
    Today,
    /// By the end of tomorrow.
    Tomorrow,
    /// Before the day it speaks of begins; today when that is today.
    DayBefore,
    /// On the day it speaks of.
    ThatDay,
    /// By the end of the day after tomorrow.
    ThreeDays,
    /// In the coming seven days.
    Week,
}

/// One condition; days are counted from the day of issue (0 is today).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sight {
    /// A limit of this rule.
    pub limit: String,
    /// First and last day looked at.
    pub days: [i64; 2],
    /// On which of them it must be beyond the limit.
    #[serde(default)]
    pub on: On,
    /// From these odds on (0 to 1).
    pub probability: f64,
}

/// On which days of a window a limit must be passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// On some day; the likeliest decides.
    #[default]
    Any,
    /// On every day; all must be known.
    Every,
    /// By the sum over all days; all must be known.
    Total,
    /// On so many days in a row; the first such days decide.
    Run(u8),
}

/// A test of the rule, written by the people who own it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkCase {
    /// What it shows, a sentence.
    pub name: String,
    /// The crop.
    pub crop: Crop,
    /// The stage; `any` when left out.
    pub stage: Option<Stage>,
    /// What is told.
    #[serde(default)]
    pub given: Vec<Given>,
    /// What the rule must do.
    pub expect: Expect,
    /// How urgent it must be when it fires.
    pub severity: Option<Severity>,
    /// What it must advise when it fires.
    pub action: Option<String>,
}

/// Equal days of a quantity: low (10 %), middle and high (90 %), or `odds`, or an exact `value`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The quantity.
    pub quantity: String,
    /// First day (0 is the day of issue).
    pub from: i64,
    /// Last day.
    pub to: i64,
    /// 10 % quantile, median and 90 % quantile.
    pub range: Option<[f64; 3]>,
    /// Odds of an event.
    pub odds: Option<f64>,
    /// A counted value.
    pub value: Option<f64>,
}

impl WorkRule {
    /// Returns whether the rule covers this crop and stage.
    #[must_use]
    pub fn covers_field(&self, field: Field) -> bool {
        self.scopes.iter().any(|scope| {
            scope.crop == field.crop
                && scope.stages.as_ref().is_none_or(|stages| stages.contains(&field.stage))
        })
    }

    /// Returns the limit of this name.
    #[must_use]
    pub fn limit(&self, name: &str) -> Option<&Limit> {
        self.limits.iter().find(|limit| limit.name == name)
    }

    /// Returns the weakest confidence among the figures and practices it uses.
    #[must_use]
    pub fn confidence(&self, sources: &Sources) -> Confidence {
        let limits = self.limits.iter().map(|limit| limit.confidence(sources));
        let practice = self.practice.iter().filter_map(|name| sources.get(name));
        limits.chain(practice.map(|s| s.confidence)).max().unwrap_or(Confidence::Unverified)
    }
}
