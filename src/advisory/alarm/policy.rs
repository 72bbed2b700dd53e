//! The province's policy on alarms, as data (`alarms.toml`): limits, hysteresis and manners.

use jiff::civil::Time;
use serde::Deserialize;

use crate::advisory::AdvisoryError;
use crate::domain::Severity;

const EMBEDDED: &str = include_str!("alarms.toml");

/// A level of the salt alarm.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// How severe.
    pub severity: Severity,
    /// From here on it holds, g/L.
    pub raise_g_l: f64,
    /// Below here it no longer does, g/L.
    pub clear_g_l: f64,
    /// Where the limit comes from.
    pub source: String,
}

/// How the salt alarm opens, changes and closes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Salt {
    /// Levels, the mildest first.
    pub levels: Vec<Level>,
    /// Readings in a row that must say so.
    pub confirm_readings: u32,
    /// Hours without a reading at or above the clearing limit before it is over.
    pub clear_hours: i64,
    /// How many times the told peak a new one must be to be told.
    pub update_ratio: f64,
}

/// When people are told.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telling {
    /// Quiet from this local time.
    pub quiet_from: Time,
    /// Until this local time.
    pub quiet_to: Time,
    /// From this severity on the quiet hours do not hold.
    pub quiet_spares: Severity,
    /// Messages a place and local day, to farmers and to those who keep its devices each; what is
    /// more severe than told before, and the all-clear, go out beyond it.
    pub daily_cap: u32,
}

/// The whole policy.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmPolicy {
    /// The salt alarm.
    pub salt: Salt,
    /// Good readings in a row after which a device's fault is over.
    pub fault_clear_readings: u32,
    /// From this severity on farmers are told before a person has seen the alarm, and it says so.
    pub before_review: Severity,
    /// When people are told.
    pub telling: Telling,
}

impl AlarmPolicy {
    /// Returns the policy shipped with the program.
    ///
    /// # Errors
    /// [`AdvisoryError::Rule`] when it is broken (a test keeps it whole).
    pub fn shipped() -> Result<Self, AdvisoryError> {
        Self::from_toml(EMBEDDED)
    }

    /// Returns the policy written in `text`.
    ///
    /// # Errors
    /// [`AdvisoryError::Rule`] when it is not one, or its levels are not in order with each
    /// clearing limit below its raising one.
    pub fn from_toml(text: &str) -> Result<Self, AdvisoryError> {
        let broken =
            |reason: String| AdvisoryError::Rule { file: "alarms.toml".to_owned(), reason };
        let policy: Self = toml::from_str(text).map_err(|e| broken(e.to_string()))?;
        let levels = &policy.salt.levels;
        if levels.is_empty() {
            return Err(broken("the salt alarm needs a level".to_owned()));
        }
        for level in levels {
            if level.clear_g_l >= level.raise_g_l {
                return Err(broken(format!(
                    "{}: clear_g_l {} must lie below raise_g_l {}, or the alarm flutters",
                    level.severity, level.clear_g_l, level.raise_g_l
                )));
            }
        }
        let rising = |w: &[Level]| {
            w[0].raise_g_l < w[1].raise_g_l
                && w[0].clear_g_l < w[1].clear_g_l
                && w[0].severity < w[1].severity
        };
        if !levels.windows(2).all(rising) {
            return Err(broken("levels must rise in severity and in both limits".to_owned()));
        }
        Ok(policy)
    }
}
