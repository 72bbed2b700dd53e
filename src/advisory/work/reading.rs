//! What is told of a commune's field: quantities by day.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::advisory::basis::Basis;
use crate::advisory::rule::{Limit, Side};
use crate::domain::{PlaceId, Quantiles};

/// Odds of what is certain: never 0 or 1, as [`Quantiles::probability_above`] has it.
const CERTAIN: f64 = 0.99;

/// The quantiles that bound the 80 % interval, as positions in [`crate::domain::LEVELS`].
const INTERVAL_80: (usize, usize) = (1, 5);

/// What is said of one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A forecast amount.
    Range(Quantiles),
    /// The odds of an event, 0 to 1.
    Odds(f64),
    /// Counted, measured or reckoned.
    Exact(f64),
}

/// What is said of one day, and by whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What is said.
    pub value: Value,
    /// Where it comes from, with the distance of a stand-in.
    pub basis: Arc<Basis>,
    /// Age of the newest data behind it, hours at issue.
    pub data_age_h: f64,
    /// The forecast it was read from, where there is one.
    #[serde(default)]
    pub origin: Option<Arc<Origin>>,
}

/// The rows of the forecast table that a reading was taken from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Their target.
    pub target: String,
    /// Their place.
    pub place: PlaceId,
    /// What was taken off their values, in their unit.
    pub less: f64,
}

/// The quantities of one field, by name and day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Readings(BTreeMap<Arc<str>, Arc<BTreeMap<Date, Reading>>>);

impl Value {
    /// Returns the odds of being on the harmful side of a limit; a counted value on the limit is.
    #[must_use]
    pub fn beyond(&self, limit: &Limit) -> f64 {
        let certain = |holds: bool| if holds { CERTAIN } else { 1.0 - CERTAIN };
        match (self, limit.side) {
            (Self::Range(quantiles), _) => limit.beyond(quantiles),
            (Self::Odds(odds), Side::Above) => odds.clamp(1.0 - CERTAIN, CERTAIN),
            (Self::Odds(odds), Side::Below) => (1.0 - odds).clamp(1.0 - CERTAIN, CERTAIN),
            (Self::Exact(value), Side::Above) => certain(*value >= limit.value()),
            (Self::Exact(value), Side::Below) => certain(*value <= limit.value()),
        }
    }

    /// Returns the middle and the ends of the 80 % interval.
    #[must_use]
    pub const fn middle_low_high(&self) -> (f64, f64, f64) {
        match self {
            Self::Range(q) => {
                let values = q.values();
                (q.median(), values[INTERVAL_80.0], values[INTERVAL_80.1])
            }
            Self::Odds(value) | Self::Exact(value) => (*value, *value, *value),
        }
    }

    /// Returns the sum of two days, quantile by quantile: as if all days erred the same way, which
    /// is wider than the truth. `None` for odds, which have no sum.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let sum = |a: &Quantiles, b: [f64; 7]| {
            let own = a.values();
            Quantiles::new(std::array::from_fn(|i| own[i] + b[i])).ok().map(Self::Range)
        };
        match (self, other) {
            (Self::Range(a), Self::Range(b)) => sum(a, b.values()),
            (Self::Range(a), Self::Exact(b)) | (Self::Exact(b), Self::Range(a)) => sum(a, [*b; 7]),
            (Self::Exact(a), Self::Exact(b)) => Some(Self::Exact(a + b)),
            (Self::Odds(_), _) | (_, Self::Odds(_)) => None,
        }
    }
}

impl Readings {
    /// Puts in what is said of a quantity, instead of what was.
    pub fn put(&mut self, quantity: &str, days: Arc<BTreeMap<Date, Reading>>) {
        if !days.is_empty() {
            self.0.insert(quantity.into(), days);
        }
    }

    /// Returns the days of a quantity from `first` to `last` of which something is said.
    pub fn between(
        &self,
        quantity: &str,
        first: Date,
        last: Date,
    ) -> impl Iterator<Item = (Date, &Reading)> {
        let days = self.0.get(quantity).filter(|_| first <= last);
        days.into_iter().flat_map(move |d| d.range(first..=last)).map(|(day, r)| (*day, r))
    }

    /// Returns whether nothing at all is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names of what is said.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|name| &**name)
    }
}
