//! What the names devices use mean: a table an installer can read and add to.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::registry::RegistryError;
use crate::domain::{Variable, variable::Variables};
use crate::sources::units::{Scale, scale};

const EMBEDDED: &str = include_str!("../../../data/reference/sensor_fields.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    variable: String,
    unit: String,
    #[serde(rename = "source")]
    _source: String,
}

/// A known name: the variable it gives and how its unit becomes the canonical one.
#[derive(Debug, Clone)]
pub struct Field {
    /// The variable.
    pub variable: Arc<Variable>,
    /// From the device's unit to the variable's.
    pub scale: Scale,
}

/// All names that are understood.
#[derive(Debug, Clone)]
pub struct Fields(BTreeMap<String, Field>);

impl Fields {
    /// Returns the shipped table.
    ///
    /// # Errors
    /// [`RegistryError`] when it is broken (a test keeps it whole).
    pub fn shipped(variables: &Variables) -> Result<Self, RegistryError> {
        Self::from_toml(EMBEDDED, variables)
    }

    fn from_toml(text: &str, variables: &Variables) -> Result<Self, RegistryError> {
        let broken = |reason: String| RegistryError::Broken { what: "sensor_fields.toml", reason };
        let rows: BTreeMap<String, Row> =
            toml::from_str(text).map_err(|e| broken(e.to_string()))?;
        let mut fields = BTreeMap::new();
        for (name, row) in rows {
            let variable = variables.get(&row.variable).map_err(|e| broken(e.to_string()))?;
            let scale = scale(&row.unit, &variable.unit).ok_or_else(|| {
                broken(format!("{name}: {} does not become {}", row.unit, variable.unit))
            })?;
            fields.insert(name, Field { variable: Arc::clone(variable), scale });
        }
        Ok(Self(fields))
    }

    /// Returns the field of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.0.get(name)
    }

    /// Returns every name that is understood.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}
