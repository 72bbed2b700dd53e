//! The candidates of the automatic choice.

use serde::{Deserialize, Serialize};

use super::pooled::Footing;
use crate::forecast::engine::linear::{Difference, Linear};
use crate::forecast::engine::series::{Ask, SeriesModel as _};

/// One way to forecast a series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Candidate {
    /// The last season again.
    SeasonalNaive,
    /// The last turn of the longest season again, where several are asked for.
    LongNaive,
    /// Smoothed level, no season, no trend.
    Level,
    /// Smoothed level and season.
    LevelSeason,
    /// Smoothed level, damped trend and season.
    TrendSeason,
    /// Smoothed logarithms (the values themselves where they are not positive): level, season and
    /// an autocorrelated remainder.
    LogLevelSeason,
    /// Dynamic optimised theta, season taken out where it stands out.
    Theta,
    /// Autoregression about a fixed profile of the longest season.
    ProfileAutoregression,
    /// Autoregression of the steps between (logarithms of) values, about their season.
    DifferenceAutoregression,
    /// Harmonics of the seasons with an autoregressive remainder.
    Harmonic,
    /// The same about a straight line.
    HarmonicLine,
    /// Harmonics of the seasons and of the year.
    Year,
    /// The same about a straight line.
    YearLine,
    /// The linear model of the whole panel.
    Pooled(Footing),
    /// Least squares on lags, the calendar and the columns known for the future.
    Linear(Linear),
}

impl Candidate {
    /// Returns the candidates for what is asked; twins of others are left out.
    #[must_use]
    pub fn all(ask: &Ask, has_year: bool, has_known: bool) -> Vec<Self> {
        let mut all = vec![Self::SeasonalNaive, Self::Level, Self::TrendSeason];
        all.extend([Self::LogLevelSeason, Self::Theta, Self::ProfileAutoregression]);
        all.extend([Self::DifferenceAutoregression, Self::HarmonicLine]);
        if !ask.seasons.is_empty() {
            all.extend([Self::LevelSeason, Self::Harmonic]);
        }
        if ask.seasons.len() > 1 {
            all.push(Self::LongNaive);
        }
        if has_year {
            all.extend([Self::Year, Self::YearLine]);
        }
        all.extend(Footing::ALL.map(Self::Pooled));
        all.push(Self::Linear(STEPS));
        if !ask.seasons.is_empty() {
            all.push(Self::Linear(SEASON_STEPS));
        }
        if has_known {
            all.push(Self::Linear(LEVELS));
        }
        all
    }

    /// Returns the name, as it stands in the `model` column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SeasonalNaive => "seasonal_naive",
            Self::LongNaive => "long_naive",
            Self::Level => "level",
            Self::LevelSeason => "level_season",
            Self::TrendSeason => "trend_season",
            Self::LogLevelSeason => "log_level_season",
            Self::Theta => "theta",
            Self::ProfileAutoregression => "profile_ar",
            Self::DifferenceAutoregression => "difference_ar",
            Self::Harmonic => "harmonic_ar",
            Self::HarmonicLine => "harmonic_line_ar",
            Self::Year => "year_ar",
            Self::YearLine => "year_line_ar",
            Self::Pooled(Footing::Series) => "pooled",
            Self::Pooled(Footing::Season) => "pooled_season",
            Self::Linear(linear) => linear.name(),
        }
    }
}

/// The two linear models of a series that helped on most of 23 panels, both firmly held: on steps
/// (of logarithms) and on steps from season to season. On levels they lost up to 17 % (commodity
/// prices).
const STEPS: Linear = Linear { difference: Difference::Step, log: true, ridge: 8.0 };
const SEASON_STEPS: Linear = Linear { difference: Difference::Season, log: false, ridge: 8.0 };

/// Where columns are known for the future, their effect on the level itself is worth a try.
const LEVELS: Linear = Linear { difference: Difference::None, log: false, ridge: 1.0 };
