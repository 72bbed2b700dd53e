//! Advisories and the append-only log of what people did with them (kept in the record store).

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{CommuneCode, Crop, PlaceId, Severity, Stage};

/// The states an advisory passes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdvisoryState {
    /// Written by the engine, waiting for an agronomist.
    Draft,
    /// Approved by a person, or by the policy for its class.
    Approved,
    /// Sent out.
    Published,
    /// Refused, with a reason.
    Rejected,
    /// Taken back after publishing, with a reason.
    Withdrawn,
    /// Past its expiry.
    Expired,
    /// Replaced by a newer one.
    Superseded,
}

impl AdvisoryState {
    /// Returns the name used in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
        }
    }
}

impl fmt::Display for AdvisoryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One input held against one threshold: why an advisory says what it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was forecast or measured.
    pub quantity: String,
    /// The median forecast or the measured value, in `unit`.
    pub value: f64,
    /// The lower end of the 80 % interval, in `unit`.
    pub low: f64,
    /// The upper end of the 80 % interval, in `unit`.
    pub high: f64,
    /// The threshold it was held against, in `unit`.
    pub threshold: f64,
    /// Unit of the four numbers.
    pub unit: String,
    /// Probability that the quantity is above the threshold.
    pub probability: f64,
    /// Local day the value is for.
    pub day: jiff::civil::Date,
    /// Where the value comes from (model and stations), for people.
    pub basis: String,
    /// The same in Vietnamese; an advisory of an older build has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis_vi: String,
    /// Age of the newest measurement behind it, hours at issue.
    pub data_age_h: f64,
    /// The forecast it was read from; an advisory of an older build has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_from: Option<ReadFrom>,
}

/// The rows of the forecast table that a piece of evidence was read from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadFrom {
    /// Their target.
    pub target: String,
    /// Their place.
    pub place: PlaceId,
    /// The threshold on their scale: a level above an alarm is held against the alarm. None where the
    /// threshold is of a total of several days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
}

/// One piece of work of the week, beside or without a salt answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedWork {
    /// The rule that advises it.
    pub rule: String,
    /// The hazard, for alarms and grouping.
    pub hazard: String,
    /// What to do: a stable key, for example `drain_now`.
    pub action: String,
    /// How urgent, on our own scale.
    pub severity: Severity,
    /// The local day it speaks of.
    pub day: jiff::civil::Date,
    /// The last local day on which it can still be done.
    pub due: jiff::civil::Date,
    /// How sure, 0 to 1: the odds of the least likely condition.
    pub confidence: f64,
    /// Why: inputs against thresholds.
    pub evidence: Vec<Evidence>,
    /// Issuer, document, number and date of every threshold used; disagreements named.
    pub sources: Vec<String>,
    /// The same in Vietnamese; an advisory of an older build has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources_vi: Vec<String>,
    /// Whether it rests on a figure that nobody verified.
    pub unverified: bool,
    /// The conflicts with other work that changed it, by name.
    pub resolved: Vec<String>,
    /// Vietnamese text.
    pub text_vi: String,
    /// English text.
    pub text_en: String,
}

/// Work that was left out for something else, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// The conflict that decided.
    pub conflict: String,
    /// The action left out.
    pub action: String,
    /// Vietnamese text.
    pub text_vi: String,
    /// English text.
    pub text_en: String,
}

/// The week's work in one field, in the order of what can still be saved.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WeekPlan {
    /// What is to be done.
    pub work: Vec<PlannedWork>,
    /// What was left out for something else.
    pub set_aside: Vec<SetAside>,
    /// Quantities that rules would have read and no forecast speaks of here today.
    pub missing: Vec<String>,
}

impl WeekPlan {
    /// Returns whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.work.is_empty() && self.set_aside.is_empty()
    }
}

/// What a farmer is told, and everything needed to stand behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advisory {
    /// Stable id: the same inputs give the same id.
    pub id: String,
    /// The commune it is for.
    pub commune: CommuneCode,
    /// The crop it is for.
    pub crop: Crop,
    /// The stage it is for.
    pub stage: Stage,
    /// The rule that wrote it.
    pub rule: String,
    /// The hazard, for alarms and grouping (for example `salt`).
    pub hazard: String,
    /// How urgent, on our own scale.
    pub severity: Severity,
    /// What to do: a stable key, for example `close_sluice`.
    pub action: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// First instant it speaks of.
    pub valid_from: Timestamp,
    /// When it stops being true.
    pub expires_at: Timestamp,
    /// Why: inputs against thresholds.
    pub evidence: Vec<Evidence>,
    /// How sure, 0 to 1: the probability behind the decision.
    pub confidence: f64,
    /// Issuer, document, number and date of every threshold used; disagreements named.
    pub sources: Vec<String>,
    /// The same in Vietnamese; an advisory of an older build has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources_vi: Vec<String>,
    /// The rest of the week's work; an advisory of an older build has none.
    #[serde(default, skip_serializing_if = "WeekPlan::is_empty")]
    pub plan: WeekPlan,
    /// Vietnamese text.
    pub text_vi: String,
    /// English text.
    pub text_en: String,
    /// Where it stands.
    pub state: AdvisoryState,
    /// The advisory this one replaces.
    pub supersedes: Option<String>,
    /// Whether it was made from the shipped sample and not from measurements.
    pub sample: bool,
    /// The run that wrote it.
    pub run_id: String,
}

/// The words and figures of an advisory that a reviewer may change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wording {
    /// Vietnamese text.
    pub text_vi: String,
    /// English text.
    pub text_en: String,
    /// The value of each line of evidence, in its unit.
    pub values: Vec<f64>,
}

impl Wording {
    /// Returns the words and figures of an advisory.
    #[must_use]
    pub fn of(advisory: &Advisory) -> Self {
        Self {
            text_vi: advisory.text_vi.clone(),
            text_en: advisory.text_en.clone(),
            values: advisory.evidence.iter().map(|e| e.value).collect(),
        }
    }
}

/// One thing that was done to an advisory; never changed, never deleted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewEvent {
    /// The advisory.
    pub advisory: String,
    /// Position in that advisory's log, from 1.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// Who: a person's sign-in name, or `policy:<class>`, or `engine`.
    pub who: String,
    /// The state before.
    pub from: AdvisoryState,
    /// The state after.
    pub to: AdvisoryState,
    /// Why, in the person's own words.
    pub reason: String,
    /// The words before a reviewer changed them; only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Box<Wording>>,
}
