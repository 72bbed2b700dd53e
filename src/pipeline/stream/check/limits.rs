//! The limits of the checks: `data/reference/sensor_checks.toml`, one entry a variable.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::pipeline::PipelineError;

const EMBEDDED: &str = include_str!("../../../../data/reference/sensor_checks.toml");

/// A jump between neighbouring readings.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How many times the lower the higher is.
    pub ratio: f64,
    /// And how far apart at least, canonical unit.
    pub apart: f64,
    /// Within how many minutes.
    pub minutes: f64,
}

/// A reading apart from both sides, or from a neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spike {
    /// How many times the other it is, or the other is it.
    pub ratio: f64,
    /// And how far apart at least, canonical unit.
    pub apart: f64,
    /// Within how many minutes from one side to the other.
    pub minutes: f64,
}

/// A channel that stands still.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flat {
    /// For at least so many readings.
    pub rows: usize,
    /// And so many hours.
    pub hours: f64,
}

/// A swing with the tide that fades.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// Days of swing needed before the newest.
    pub days_min: usize,
    /// The swing those days must have had, canonical unit.
    pub swing_min: f64,
    /// The newest swing over theirs, below which it has faded.
    pub faded_below: f64,
    /// The newest tide over theirs, from which the tide is no reason.
    pub tide_at_least: f64,
}

/// The limits of one variable; a check without limits is not made.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Where the limits come from.
    pub source: String,
    /// Numbers that are codes for "no value".
    pub sentinels: Vec<f64>,
    /// Whether a zero means that nothing was measured.
    pub zero_is_missing: bool,
    /// Jumps.
    pub step: Option<Step>,
    /// Spikes.
    pub spike: Option<Spike>,
    /// Standing still.
    pub flat: Option<Flat>,
    /// Less than this no river water gives: the probe is out of it.
    pub out_of_water_below: Option<f64>,
    /// Hours in the water after which a probe that was out of it is trusted again.
    pub settle_hours: Option<f64>,
    /// Barred readings in a row that make a channel dead.
    pub dead_rows: Option<usize>,
    /// Fouling.
    pub drift: Option<Drift>,
    /// Against neighbours in the same water.
    pub neighbours: Option<Spike>,
    /// A battery below this is too low, V.
    pub low: Option<f64>,
}

/// The limits of every variable.
#[derive(Debug, Clone)]
pub struct LimitsTable(BTreeMap<String, Limits>, Limits);

impl LimitsTable {
    /// Returns the shipped table.
    ///
    /// # Errors
    /// [`PipelineError::Reference`] when it is broken (a test keeps it whole).
    pub fn shipped() -> Result<Self, PipelineError> {
        let table = toml::from_str(EMBEDDED).map_err(|e| PipelineError::Reference {
            table: "sensor_checks.toml",
            reason: e.to_string(),
        })?;
        Ok(Self(table, Limits::default()))
    }

    /// Returns every entry.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Limits)> {
        self.0.iter().map(|(name, limits)| (name.as_str(), limits))
    }

    /// Returns the limits of a variable; of one without an entry only the range is checked.
    #[must_use]
    pub fn of(&self, variable: &str) -> &Limits {
        self.0.get(variable).unwrap_or(&self.1)
    }
}
