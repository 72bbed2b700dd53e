//! What a parser returns: good rows and issues, never an error for a single bad row.

use std::collections::BTreeMap;

use crate::frames::{Guidance, Issue, Observation, Place};

/// The rows of one artefact (a file or an answer).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parsed {
    /// Measured or reported numbers.
    pub observations: Vec<Observation>,
    /// Other people's forecasts.
    pub guidance: Vec<Guidance>,
    /// Places described.
    pub places: Vec<Place>,
    /// What was quarantined and why.
    pub issues: Vec<Issue>,
}

impl Parsed {
    /// Adds the rows of `other` at the end.
    pub fn append(&mut self, mut other: Self) {
        self.observations.append(&mut other.observations);
        self.guidance.append(&mut other.guidance);
        self.places.append(&mut other.places);
        self.issues.append(&mut other.issues);
    }

    /// Returns the number of good rows.
    #[must_use]
    pub fn good(&self) -> usize {
        self.observations.len() + self.guidance.len() + self.places.len()
    }

    /// Returns how often each reason for quarantine occurs.
    #[must_use]
    pub fn reasons(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for issue in &self.issues {
            *counts.entry(&*issue.reason).or_default() += 1;
        }
        counts
    }

    /// Returns how often each quality flag occurs among the observations.
    #[must_use]
    pub fn flags(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for flag in self.observations.iter().flat_map(|o| o.qc.iter()) {
            *counts.entry(flag.as_str()).or_default() += 1;
        }
        counts
    }
}
