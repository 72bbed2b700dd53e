//! Scores of point, quantile and probability forecasts. Checked against `properscoring` and
//! `scores` (tests/it/scores.rs). Every function returns NaN for no forecasts.

use crate::domain::quantiles::LEVELS;

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0_u32), |(sum, n), v| (sum + v, n + 1));
    sum / f64::from(n)
}

/// Returns the mean absolute error of pairs (forecast, observed), in their unit.
#[must_use]
pub fn mae(pairs: &[(f64, f64)]) -> f64 {
    mean(pairs.iter().map(|(f, y)| (f - y).abs()))
}

/// Returns the root mean squared error of pairs (forecast, observed), in their unit.
#[must_use]
pub fn rmse(pairs: &[(f64, f64)]) -> f64 {
    mean(pairs.iter().map(|(f, y)| (f - y).powi(2))).sqrt()
}

/// Returns the mean error (forecast minus observed), in their unit.
#[must_use]
pub fn bias(pairs: &[(f64, f64)]) -> f64 {
    mean(pairs.iter().map(|(f, y)| f - y))
}

/// Returns the pinball loss of one quantile forecast at level `alpha` (0 to 1).
#[must_use]
pub fn pinball(alpha: f64, forecast: f64, observed: f64) -> f64 {
    let error = observed - forecast;
    if error >= 0.0 { alpha * error } else { (alpha - 1.0) * error }
}

/// Returns the mean pinball loss over the seven levels and all forecasts; twice this value
/// approaches the CRPS as levels are added (Gneiting and Raftery 2007).
#[must_use]
pub fn mean_pinball(pairs: &[([f64; 7], f64)]) -> f64 {
    mean(pairs.iter().flat_map(|(q, y)| {
        LEVELS.iter().zip(q).map(move |(alpha, forecast)| pinball(*alpha, *forecast, *y))
    }))
}

/// Returns the share of observations inside [lower, upper], for triples (lower, upper, observed).
#[must_use]
pub fn coverage(triples: &[(f64, f64, f64)]) -> f64 {
    mean(triples.iter().map(|(low, high, y)| f64::from(u8::from(low <= y && y <= high))))
}

/// Returns the Brier score of pairs (probability, happened).
#[must_use]
pub fn brier(pairs: &[(f64, bool)]) -> f64 {
    mean(pairs.iter().map(|(p, happened)| (p - f64::from(u8::from(*happened))).powi(2)))
}

/// Returns the skill `1 - score / reference`: above 0 is better than the reference.
#[must_use]
pub fn skill(score: f64, reference: f64) -> f64 {
    1.0 - score / reference
}

/// Returns the CRPS of an ensemble by its empirical distribution (Hersbach 2000).
#[must_use]
pub fn crps_ensemble(members: &[f64], observed: f64) -> f64 {
    let n = members.len() as f64;
    let spread: f64 = members.iter().flat_map(|a| members.iter().map(move |b| (a - b).abs())).sum();
    mean(members.iter().map(|m| (m - observed).abs())) - spread / (2.0 * n * n)
}

/// Hits, misses, false alarms and correct negatives of a yes/no forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Contingency {
    /// Forecast and happened.
    pub hits: u32,
    /// Happened, not forecast.
    pub misses: u32,
    /// Forecast, did not happen.
    pub false_alarms: u32,
    /// Neither forecast nor happened.
    pub correct_negatives: u32,
}

impl Contingency {
    /// Returns the table of pairs (forecast, happened).
    #[must_use]
    pub fn of(pairs: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut table = Self::default();
        for pair in pairs {
            match pair {
                (true, true) => table.hits += 1,
                (false, true) => table.misses += 1,
                (true, false) => table.false_alarms += 1,
                (false, false) => table.correct_negatives += 1,
            }
        }
        table
    }

    /// Returns the probability of detection, hits among events.
    #[must_use]
    pub fn pod(&self) -> f64 {
        f64::from(self.hits) / f64::from(self.hits + self.misses)
    }

    /// Returns the false-alarm ratio, false alarms among forecasts of the event.
    #[must_use]
    pub fn far(&self) -> f64 {
        f64::from(self.false_alarms) / f64::from(self.hits + self.false_alarms)
    }

    /// Returns the critical success index, hits among all but correct negatives.
    #[must_use]
    pub fn csi(&self) -> f64 {
        f64::from(self.hits) / f64::from(self.hits + self.misses + self.false_alarms)
    }
}
