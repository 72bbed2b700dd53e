//! The quantities that rules may read: names, units and where they come from, as data.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::advisory::AdvisoryError;

/// The list as it is shipped.
const EMBEDDED: &str = include_str!("quantities.toml");

/// Where a quantity comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The morning's forecasts: that it is not there is said to people.
    Forecast,
    /// The calendar of crops, sun and moon: always known where a crop is.
    Calendar,
    /// Somebody went and looked, or a bulletin said so: rules on it speak only when it is there.
    Observed,
}

/// A quantity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    /// Its unit, as in the forecast table.
    pub unit: String,
    /// Where it comes from.
    pub kind: Kind,
    /// What it is, for the people who write rules.
    pub about: String,
}

/// All quantities by name.
pub type Quantities = BTreeMap<String, Quantity>;

static SHIPPED: LazyLock<Result<Quantities, String>> =
    LazyLock::new(|| toml::from_str(EMBEDDED).map_err(|e| e.to_string()));

/// Returns the quantities shipped with the program.
///
/// # Errors
/// [`AdvisoryError::Rule`] when the shipped file is broken (a test keeps it whole).
pub fn shipped() -> Result<&'static Quantities, AdvisoryError> {
    SHIPPED.as_ref().map_err(|reason| AdvisoryError::Rule {
        file: "quantities.toml".into(),
        reason: reason.clone(),
    })
}
