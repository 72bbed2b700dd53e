//! Why a forecast is what it is: the parts it is the sum of, step by step.
//!
//! The fast way is made of groups of features (level, history, season, year, covariates), the
//! automatic one of models with weights. Parts are in the unit of the series and add up to the
//! forecast, so that none of it is left unexplained; nothing is sampled or approximated.

mod linear;
mod rows;

pub use rows::{explanations, schema};

use super::series::{Ask, Path, Refusal, Regular, Strategy};

/// What one source gives to each step of a forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Where it comes from.
    pub source: Source,
    /// The weight of a model among its fellows (all add up to 1), NaN for what has none.
    pub weight: f64,
    /// One value a step, in the unit of the series.
    pub values: Vec<f64>,
}

/// Where a part of a forecast comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A group of features of the fast way.
    Group(Group),
    /// A covariate, by its place among those of the series (in an answer: of the panel).
    Covariate(usize),
    /// A model of the automatic way, or a naive rule, by name; its part is weight times path.
    Model(String),
}

/// Groups of features every linear model has, and what is done to its path afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The mean level, or the mean step where differences are modelled.
    Level,
    /// The last values, as far as steps look back at them.
    History,
    /// The seasons of the clock (weekday, month).
    Season,
    /// The waves of the year.
    Year,
    /// What was cut off because the path left what the series has ever shown.
    Limits,
    /// What was moved so that parts and sums agree.
    Reconciliation,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Level, Self::History, Self::Season, Self::Year, Self::Limits, Self::Reconciliation];

    /// Returns the name in the `part` column.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::History => "history",
            Self::Season => "season",
            Self::Year => "year",
            Self::Limits => "limits",
            Self::Reconciliation => "reconciliation",
        }
    }
}

impl Part {
    /// Returns the part of a group.
    #[must_use]
    pub const fn of_group(group: Group, values: Vec<f64>) -> Self {
        Self { source: Source::Group(group), weight: f64::NAN, values }
    }

    /// Returns the part of a model whose path counts by `weight`; `values` are weighted already.
    #[must_use]
    pub fn of_model(name: &str, weight: f64, values: Vec<f64>) -> Self {
        Self { source: Source::Model(name.to_owned()), weight, values }
    }
}

/// A strategy that can say what its forecasts are made of.
pub trait Explain: Strategy {
    /// Forecasts as [`Strategy::forecast`] does, the same numbers, with [`Path::parts`] filled.
    ///
    /// # Errors
    /// Those of [`Strategy::forecast`].
    fn explained(&self, series: &Regular<'_>, ask: &Ask) -> Result<Path, Refusal>;
}

/// A strategy whose every forecast is explained.
#[derive(Debug)]
pub struct Explained<S>(pub S);

impl<S: Explain> Strategy for Explained<S> {
    fn forecast(&self, series: &Regular<'_>, ask: &Ask) -> Result<Path, Refusal> {
        self.0.explained(series, ask)
    }
}

#[cfg(test)]
mod tests;
