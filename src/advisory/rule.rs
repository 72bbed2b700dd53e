//! One rule as its TOML file says it: whom it is for, its limits with their sources, and from
//! which odds on it speaks, how urgently, and why from there.
//!
//! The odds come from what it costs to be wrong: if a miss is `r` times as dear as acting in vain,
//! acting pays from the probability 1 / (1 + r) on (the cost–loss rule). Each level's `why` names
//! its `r` in words, so that an agronomist can argue with it.

use jiff::civil::Date;
use serde::Deserialize;

use super::outlook::Field;
use super::source::{Confidence, Sources};
use crate::domain::{Crop, Quantiles, Severity, Stage};

/// A rule: one file in `rules/`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
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
    /// The variable it reads.
    pub quantity: String,
    /// Unit of the limits.
    pub unit: String,
    /// Among rules of equal severity the lowest rank speaks.
    pub rank: u8,
    /// Days its advice stands, counted from the day of issue.
    pub stands_days: i64,
    /// When its sources came into force. Replays of earlier days use it and say so.
    pub valid_from: Date,
    /// The last day it may be used; by then somebody must have read it again.
    pub valid_until: Date,
    /// Message key suffix of the plain reason (`reason-<key>`).
    pub reason: String,
    /// Whether the water it speaks of is wanted fresh or brackish.
    pub water: Water,
    /// Short names of the documents behind the practice it advises.
    #[serde(default)]
    pub practice: Vec<String>,
    /// The crops and stages it covers.
    #[serde(rename = "for")]
    pub scopes: Vec<Scope>,
    /// Its limits; the first is the one that the daily answer is held against.
    #[serde(default, rename = "limit")]
    pub limits: Vec<Limit>,
    /// When it speaks, and how urgently.
    #[serde(rename = "level")]
    pub levels: Vec<Level>,
    /// Its own tests.
    #[serde(rename = "case")]
    pub cases: Vec<Case>,
}

/// The water a crop needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Water {
    /// Salt does harm.
    Fresh,
    /// Some salt is needed.
    Brackish,
}

/// A crop and the stages of it that a rule covers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The crop.
    pub crop: Crop,
    /// The stages; all of them when left out. `any` is a field whose stage is not told apart.
    pub stages: Option<Vec<Stage>>,
}

/// A named limit and what each source says it is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Name inside the rule.
    pub name: String,
    /// The quantity it is of; the salt rules leave it out.
    pub quantity: Option<String>,
    /// Which side of it is harmful.
    pub side: Side,
    /// What the sources say; the strictest is used.
    #[serde(rename = "claim")]
    pub claims: Vec<Claim>,
}

/// The harmful side of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Values above the limit do harm.
    Above,
    /// Values below the limit do harm.
    Below,
}

/// One source's figure.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The figure, in the rule's unit.
    pub value: f64,
    /// Short name of the document.
    pub source: String,
    /// Its own words, where the figure is our reading of them.
    pub says: Option<String>,
    /// The same in Vietnamese, where its own words are not.
    pub says_vi: Option<String>,
    /// Trust in this figure, where it differs from the document's.
    pub confidence: Option<Confidence>,
}

/// One degree of urgency and the conditions that must all hold.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// How urgent.
    pub severity: Severity,
    /// What to do (`action-<key>` is the text).
    pub action: String,
    /// Days to do it in: 0 is at once, 1 is today, 2 is by the end of tomorrow.
    pub within_days: i64,
    /// All must hold.
    pub when: Vec<Condition>,
    /// Why from these odds on: the cost of acting in vain against the cost of not acting.
    pub why: String,
    /// The same in Vietnamese, as reviewers read it.
    pub why_vi: String,
}

/// One condition; days are counted from the day of issue (0 is today, 1 is tomorrow).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// On some day the odds of being beyond the limit are at least this.
    BeyondAnyDay {
        /// A limit of this rule.
        limit: String,
        /// First and last day.
        days: [i64; 2],
        /// From these odds on (0 to 1).
        probability: f64,
    },
    /// Every day is one on which water may be taken.
    OpenEveryDay {
        /// First and last day.
        days: [i64; 2],
    },
    /// Every day is one on which water may be taken at least after measuring.
    UsableEveryDay {
        /// First and last day.
        days: [i64; 2],
    },
    /// Some day is one on which the sluice must stay shut.
    ShutAnyDay {
        /// First and last day.
        days: [i64; 2],
    },
}

/// A test of the rule, written by the people who own it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows, a sentence.
    pub name: String,
    /// The crop.
    pub crop: Crop,
    /// The stage; `any` when left out.
    pub stage: Option<Stage>,
    /// The forecast: stretches of days with low (10 %), middle and high (90 %) values.
    pub days: Vec<CaseDays>,
    /// What the rule must do.
    pub expect: Expect,
    /// How urgent it must be when it fires.
    pub severity: Option<Severity>,
    /// What it must advise when it fires.
    pub action: Option<String>,
}

/// A stretch of equal forecast days.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseDays {
    /// First day (0 is the day of issue).
    pub from: i64,
    /// Last day.
    pub to: i64,
    /// 10 % quantile.
    pub low: f64,
    /// Median.
    pub mid: f64,
    /// 90 % quantile.
    pub high: f64,
}

/// What a case expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// The rule speaks.
    Fires,
    /// The rule has nothing to say.
    Silent,
    /// The forecast it needs is not there.
    Missing,
}

impl Rule {
    /// Returns whether the rule covers this crop and stage.
    #[must_use]
    pub fn covers(&self, field: Field) -> bool {
        self.scopes.iter().any(|scope| {
            scope.crop == field.crop
                && scope.stages.as_ref().is_none_or(|stages| stages.contains(&field.stage))
        })
    }

    /// Returns whether the rule may be used for advice issued on this day.
    #[must_use]
    pub fn in_force(&self, day: Date) -> bool {
        day <= self.valid_until
    }

    /// Returns the limit of this name.
    #[must_use]
    pub fn limit(&self, name: &str) -> Option<&Limit> {
        self.limits.iter().find(|limit| limit.name == name)
    }

    /// Returns the weakest confidence among the figures and practices it really uses.
    #[must_use]
    pub fn confidence(&self, sources: &Sources) -> Confidence {
        let limits = self.limits.iter().map(|limit| limit.confidence(sources));
        let practice = self.practice.iter().filter_map(|name| sources.get(name));
        limits.chain(practice.map(|s| s.confidence)).max().unwrap_or(Confidence::Unverified)
    }
}

impl Limit {
    /// Returns the strictest figure any source gives.
    #[must_use]
    pub fn value(&self) -> f64 {
        let values = self.claims.iter().map(|claim| claim.value);
        match self.side {
            Side::Above => values.fold(f64::INFINITY, f64::min),
            Side::Below => values.fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// Returns the probability that the quantity is on the harmful side.
    #[must_use]
    pub fn beyond(&self, quantiles: &Quantiles) -> f64 {
        let above = quantiles.probability_above(self.value());
        match self.side {
            Side::Above => above,
            Side::Below => 1.0 - above,
        }
    }

    /// Returns whether this claim is (one of) the strictest.
    #[must_use]
    pub fn uses(&self, claim: &Claim) -> bool {
        claim.value.total_cmp(&self.value()).is_eq()
    }

    /// Returns the best confidence among the sources that give the strictest figure.
    #[must_use]
    pub fn confidence(&self, sources: &Sources) -> Confidence {
        self.claims
            .iter()
            .filter(|claim| self.uses(claim))
            .map(|claim| claim.trust(sources))
            .min()
            .unwrap_or(Confidence::Unverified)
    }

    /// Returns the figures of sources that disagree with the strictest, each once, in rising order.
    #[must_use]
    pub fn disagreeing(&self) -> Vec<f64> {
        let mut others: Vec<f64> =
            self.claims.iter().filter(|claim| !self.uses(claim)).map(|claim| claim.value).collect();
        others.sort_by(f64::total_cmp);
        others.dedup();
        others
    }
}

impl Claim {
    /// Returns how far this figure can be trusted.
    #[must_use]
    pub fn trust(&self, sources: &Sources) -> Confidence {
        self.confidence
            .or_else(|| sources.get(&self.source).map(|s| s.confidence))
            .unwrap_or(Confidence::Unverified)
    }
}
