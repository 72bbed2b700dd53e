//! The province's policy: which classes of advisory may go out without a person.

use serde::Deserialize;

use super::ReviewError;
use crate::domain::Severity;
use crate::frames::Advisory;

/// The policy as it is shipped; a province replaces it through its settings.
const EMBEDDED: &str = include_str!("policy.toml");

/// The layout of the policy file that this program reads.
const VERSION: u32 = 1;

/// How a line of [`Advisory::sources`] starts when it rests on an unverified figure (written by
/// `advisory`; an integration test holds both rooms to the same mark).
pub const UNVERIFIED_MARK: &str = "unverified: ";

/// The whole policy.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Layout of the file.
    pub version: u32,
    /// Vietnamese mark of what is sent before review.
    pub mark_vi: String,
    /// English mark of what is sent before review.
    pub mark_en: String,
    /// The classes; the first that fits decides.
    #[serde(rename = "class")]
    pub classes: Vec<Class>,
}

/// One class of advisories. What is left out fits everything.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Name, as it stands in the log: `policy:<name>`.
    pub name: String,
    /// Made from the sample or not.
    pub sample: Option<bool>,
    /// Its severities.
    pub severities: Option<Vec<Severity>>,
    /// Its hazards.
    pub hazards: Option<Vec<String>>,
    /// Its rules.
    pub rules: Option<Vec<String>>,
    /// What is done with it.
    pub decision: Decision,
    /// Different persons who must approve when it is held.
    pub persons: u8,
    /// Odds it needs to go out without a person.
    pub confidence_min: Option<f64>,
    /// Oldest measurement it may rest on to go out without a person, hours.
    pub data_age_h_max: Option<f64>,
    /// Whether unverified figures may go out without a person; only for the sample.
    #[serde(default)]
    pub allow_unverified: bool,
}

/// What the policy does with a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// A person must approve it.
    Hold,
    /// It is approved at once.
    Approve,
    /// It is approved at once and marked as not yet reviewed.
    SendFirst,
}

impl Policy {
    /// Returns the policy shipped with the program.
    ///
    /// # Errors
    /// [`ReviewError::Policy`] when the shipped file is broken (a test keeps it whole).
    pub fn shipped() -> Result<Self, ReviewError> {
        Self::from_toml(EMBEDDED)
    }

    /// Returns the policy written in `text`.
    ///
    /// # Errors
    /// [`ReviewError::Policy`] when the text breaks the schema, a class needs no or more than two
    /// persons, real data may go out unverified, or some advisory would fit no class.
    pub fn from_toml(text: &str) -> Result<Self, ReviewError> {
        let broken = |reason: String| ReviewError::Policy { reason };
        let policy: Self = toml::from_str(text).map_err(|e| broken(e.to_string()))?;
        if policy.version != VERSION {
            return Err(broken(format!(
                "version {} is unknown; known is {VERSION}",
                policy.version
            )));
        }
        for class in &policy.classes {
            if !(1..=2).contains(&class.persons) {
                let (name, persons) = (&class.name, class.persons);
                return Err(broken(format!(
                    "class {name}: persons is {persons}, allowed are 1, 2"
                )));
            }
            if class.allow_unverified && class.sample != Some(true) {
                let name = &class.name;
                return Err(broken(format!("class {name}: allow_unverified needs sample = true")));
            }
            if class.confidence_min.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
                return Err(broken(format!("class {}: confidence_min is not 0 to 1", class.name)));
            }
        }
        match policy.classes.last() {
            Some(last) if last.fits_everything() => Ok(policy),
            _ => Err(broken(
                "the last class must fit everything, so that nothing slips through".into(),
            )),
        }
    }

    /// Returns the class of an advisory: the first that fits. The last fits everything.
    #[must_use]
    pub fn class(&self, advisory: &Advisory) -> Option<&Class> {
        self.classes.iter().find(|class| class.fits(advisory))
    }
}

impl Class {
    fn fits_everything(&self) -> bool {
        self.sample.is_none()
            && self.severities.is_none()
            && self.hazards.is_none()
            && self.rules.is_none()
    }

    fn fits(&self, advisory: &Advisory) -> bool {
        self.sample.is_none_or(|sample| sample == advisory.sample)
            && self.severities.as_ref().is_none_or(|all| all.contains(&advisory.severity))
            && self.hazards.as_ref().is_none_or(|all| all.contains(&advisory.hazard))
            && self.rules.as_ref().is_none_or(|all| all.contains(&advisory.rule))
    }

    /// Returns why this advisory must wait for a person, None when it need not.
    #[must_use]
    pub fn must_wait(&self, advisory: &Advisory) -> Option<String> {
        if self.decision == Decision::Hold {
            return Some(format!("class {} is held for a person", self.name));
        }
        if advisory.evidence.is_empty() || advisory.sources.is_empty() {
            return Some("it has no evidence or no source".into());
        }
        let unverified = advisory.sources.iter().find(|line| line.starts_with(UNVERIFIED_MARK));
        if let Some(line) = unverified.filter(|_| !self.allow_unverified) {
            return Some(format!("it rests on an unverified figure ({line})"));
        }
        if let Some(min) = self.confidence_min.filter(|min| advisory.confidence < *min) {
            return Some(format!("its odds are {:.2}, {min} are needed", advisory.confidence));
        }
        let age_h = advisory.evidence.iter().map(|e| e.data_age_h).fold(0.0, f64::max);
        self.data_age_h_max
            .filter(|max| age_h > *max)
            .map(|max| format!("its measurements are {age_h:.0} h old, {max:.0} h are allowed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_policy_lets_nothing_real_out_but_the_emergency_class() {
        let policy = Policy::shipped().unwrap();
        for class in policy.classes.iter().filter(|class| class.sample != Some(true)) {
            let expected =
                if class.name == "emergency" { Decision::SendFirst } else { Decision::Hold };
            assert_eq!(class.decision, expected, "class {}", class.name);
        }
        assert_eq!(policy.classes.iter().find(|c| c.name == "emergency").unwrap().persons, 2);
    }

    #[test]
    fn a_policy_with_a_gap_or_a_loophole_is_refused() {
        let edit = |from: &str, to: &str| {
            Policy::from_toml(&EMBEDDED.replace(from, to)).unwrap_err().to_string()
        };
        assert!(
            edit("name = \"everything_else\"", "name = \"rest\"\nhazards = [\"salt\"]")
                .contains("fit everything")
        );
        assert!(edit("persons = 2", "persons = 3").contains("allowed are 1, 2"));
        assert!(edit("sample = true\n", "").contains("allow_unverified"));
        assert!(edit("version = 1", "version = 2").contains("version 2"));
        assert!(edit("decision = \"hold\"", "decision = \"holt\"").contains("holt"));
    }
}
