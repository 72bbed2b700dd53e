//! The catalogue of variables: one canonical unit each, a physical range, and how it may be
//! resampled. The table itself is data, `data/reference/variables.toml`, so that an agronomist
//! can read and correct it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

/// The catalogue as it is shipped.
const EMBEDDED: &str = include_str!("../../data/reference/variables.toml");

/// The time step a variable is reported in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Single readings at any instant.
    Instant,
    /// One value an hour.
    Hour,
    /// One value a local day.
    Day,
    /// One value a week.
    Week,
    /// One value a month.
    Month,
    /// One value a crop season.
    Season,
    /// One value a year.
    Year,
}

impl Step {
    /// Returns whether a year of one place holds many values (instants, hours, days): such
    /// variables are stored by year, the others in one piece.
    #[must_use]
    pub const fn is_dense(self) -> bool {
        matches!(self, Self::Instant | Self::Hour | Self::Day)
    }
}

/// How a variable may be taken to a longer step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resample {
    /// Amounts add up.
    Sum,
    /// Levels average.
    Mean,
    /// Extremes keep the highest.
    Max,
    /// Extremes keep the lowest.
    Min,
    /// The last value stands.
    Last,
    /// Directions average on the circle.
    Circular,
    /// It has no meaning on another step.
    Never,
}

/// One quantity: name, canonical unit, physical range, step, resampling and source.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// The name in tables; ends in its unit. Set from the table's key.
    #[serde(skip)]
    pub name: Arc<str>,
    /// The one unit values are stored in.
    pub unit: Arc<str>,
    /// The lowest value that can be real, in that unit.
    pub min: f64,
    /// The highest value that can be real, in that unit.
    pub max: f64,
    /// The step values are reported in.
    pub step: Step,
    /// How values may be resampled.
    pub resample: Resample,
    /// What it is and where the range comes from.
    pub meaning: String,
}

impl Variable {
    /// Returns whether `value` (canonical unit) can be real.
    #[must_use]
    pub fn is_possible(&self, value: f64) -> bool {
        value.is_finite() && self.min <= value && value <= self.max
    }
}

/// A catalogue that cannot be used, or a name it does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// The TOML text does not have the catalogue's shape.
    #[error("variable catalogue cannot be read: {reason}")]
    Catalogue {
        /// What the parser said.
        reason: String,
    },
    /// A name that is not in the catalogue.
    #[error("variable {given:?} is unknown{}", .near.as_deref().map(|n| format!("; did you mean {n:?}?")).unwrap_or_default())]
    Unknown {
        /// The name as given.
        given: String,
        /// The nearest known name.
        near: Option<String>,
    },
}

/// All known variables by name.
#[derive(Debug, Clone)]
pub struct Variables(BTreeMap<Arc<str>, Arc<Variable>>);

impl Variables {
    /// Returns the catalogue shipped with the program.
    ///
    /// # Errors
    /// [`VariableError::Catalogue`] when the shipped table is broken (a test keeps it whole).
    pub fn shipped() -> Result<Self, VariableError> {
        Self::from_toml(EMBEDDED)
    }

    /// Returns the catalogue written in `text`.
    ///
    /// # Errors
    /// [`VariableError::Catalogue`] when the text is not a table of variables or a range is empty.
    pub fn from_toml(text: &str) -> Result<Self, VariableError> {
        let broken = |reason: String| VariableError::Catalogue { reason };
        let table: BTreeMap<String, Variable> =
            toml::from_str(text).map_err(|e| broken(e.to_string()))?;
        let mut all = BTreeMap::new();
        for (name, mut variable) in table {
            if variable.min.is_nan() || variable.max.is_nan() || variable.min >= variable.max {
                return Err(broken(format!("{name}: min must be below max")));
            }
            let name: Arc<str> = name.into();
            variable.name = Arc::clone(&name);
            all.insert(name, Arc::new(variable));
        }
        Ok(Self(all))
    }

    /// Returns the variable of this name.
    ///
    /// # Errors
    /// [`VariableError::Unknown`], with the nearest known name.
    pub fn get(&self, name: &str) -> Result<&Arc<Variable>, VariableError> {
        self.0.get(name).ok_or_else(|| VariableError::Unknown {
            given: name.to_owned(),
            near: self.nearest(name),
        })
    }

    /// Returns all variables in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Variable>> {
        self.0.values()
    }

    fn nearest(&self, name: &str) -> Option<String> {
        let shared =
            |other: &str| name.split('_').filter(|w| other.split('_').any(|o| o == *w)).count();
        self.0.keys().filter(|k| shared(k) > 0).max_by_key(|k| shared(k)).map(ToString::to_string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_catalogue_is_whole() {
        let all = Variables::shipped().unwrap();
        let salinity = all.get("salinity_max_g_l").unwrap();
        assert_eq!(&*salinity.unit, "g/L");
        assert!(salinity.is_possible(0.1) && !salinity.is_possible(-9999.0));
        for variable in all.iter() {
            assert!(!variable.meaning.is_empty(), "{} says nothing of itself", variable.name);
        }
    }

    #[test]
    fn unknown_names_are_answered_with_the_nearest() {
        let error = Variables::shipped().unwrap().get("salinity_g_per_l").unwrap_err().to_string();
        assert!(error.contains("salinity"), "{error}");
    }
}
