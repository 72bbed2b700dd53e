//! Scores of point, quantile and probability forecasts. Checked against `properscoring` and
//! `scores` (tests/it/scores.rs, tests/it/verification.rs, rel 1e-12). Every mean returns NaN for no
//! forecasts.

use std::f64::consts::PI;

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

/// Returns the mean absolute scaled error: that of pairs (forecast, observed) over the mean step of
/// the history from the value `season` steps earlier (Hyndman and Koehler 2006).
#[must_use]
pub fn mase(pairs: &[(f64, f64)], history: &[f64], season: usize) -> f64 {
    let later = history.get(season..).unwrap_or_default();
    let steps: f64 = later.iter().zip(history).map(|(now, before)| (now - before).abs()).sum();
    mae(pairs) / (steps / later.len() as f64)
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

/// Returns the interval score of a central interval of `coverage` (0 to 1): its width, and for an
/// observation outside 2 / (1 − coverage) times its distance (Gneiting and Raftery 2007).
#[must_use]
pub fn interval_score(lower: f64, upper: f64, observed: f64, coverage: f64) -> f64 {
    let outside = (lower - observed).max(0.0) + (observed - upper).max(0.0);
    upper - lower + 2.0 / (1.0 - coverage) * outside
}

/// Returns the Brier score of pairs (probability, happened).
#[must_use]
pub fn brier(pairs: &[(f64, bool)]) -> f64 {
    mean(pairs.iter().map(|(p, happened)| (p - f64::from(u8::from(*happened))).powi(2)))
}

/// Returns the ranked probability score of probabilities of ordered classes, when class `observed`
/// (from 0) came (Epstein 1969; not divided by the number of classes).
#[must_use]
pub fn rps(probabilities: &[f64], observed: usize) -> f64 {
    let mut ahead = 0.0;
    let squares = probabilities.iter().enumerate().map(|(class, probability)| {
        ahead += probability - f64::from(u8::from(class == observed));
        ahead * ahead
    });
    squares.sum()
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

/// Returns the CRPS of an ensemble as a sample of a larger one: unbiased for few members (Ferro
/// 2014). NaN below two members.
#[must_use]
pub fn crps_ensemble_fair(members: &[f64], observed: f64) -> f64 {
    let count = members.len() as f64;
    let error: f64 = members.iter().map(|member| (member - observed).abs()).sum();
    let spread: f64 = members.iter().flat_map(|a| members.iter().map(move |b| (a - b).abs())).sum();
    error / count - spread / (2.0 * count * (count - 1.0))
}

/// Returns the CRPS of a normal distribution (Gneiting et al. 2005).
#[must_use]
pub fn crps_gaussian(mean: f64, standard_deviation: f64, observed: f64) -> f64 {
    let z = (observed - mean) / standard_deviation;
    let density = (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
    let central = error_function(z / std::f64::consts::SQRT_2);
    standard_deviation * (z * central + 2.0 * density - 1.0 / PI.sqrt())
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

    /// Returns the Heidke skill score: the share of right forecasts beyond chance, 1 perfect, 0
    /// chance, NaN when event or forecast never vary.
    #[must_use]
    pub fn hss(&self) -> f64 {
        let [hits, misses, false_alarms, negatives] =
            [self.hits, self.misses, self.false_alarms, self.correct_negatives].map(f64::from);
        let by_chance = (hits + misses) * (misses + negatives)
            + (hits + false_alarms) * (false_alarms + negatives);
        2.0 * (hits * negatives - misses * false_alarms) / by_chance
    }

    /// Returns how often the event was forecast for each time it happened.
    #[must_use]
    pub fn frequency_bias(&self) -> f64 {
        f64::from(self.hits + self.false_alarms) / f64::from(self.hits + self.misses)
    }
}

/// Returns erf(x) to the last digits: the series of Abramowitz and Stegun 7.1.6, whose terms are all
/// positive, and ±1 beyond 6, where erf differs from it by less than 1e-16.
fn error_function(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum();
    }
    let (mut term, mut sum) = (x, x);
    for step in 1..200 {
        term *= 2.0 * x * x / f64::from(2 * step + 1);
        sum += term;
        if term.abs() <= sum.abs() * 1e-17 {
            break;
        }
    }
    2.0 / PI.sqrt() * (-x * x).exp() * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_function_has_the_values_of_the_tables() {
        // Abramowitz and Stegun, table 7.1 and 7.3 in full precision.
        for (x, erf) in [
            (0.0, 0.0),
            (0.5, 0.520_499_877_813_046_5),
            (1.0, 0.842_700_792_949_714_9),
            (2.0, 0.995_322_265_018_952_7),
            (-3.0, -0.999_977_909_503_001_4),
            (7.0, 1.0),
        ] {
            assert!((error_function(x) - erf).abs() < 1e-15, "{x}: {}", error_function(x));
        }
        assert!(error_function(f64::NAN).is_nan());
    }

    #[test]
    fn chance_has_no_skill_and_perfection_all() {
        let table = |hits, misses, false_alarms, correct_negatives| Contingency {
            hits,
            misses,
            false_alarms,
            correct_negatives,
        };
        assert_eq!(table(5, 0, 0, 7).hss(), 1.0);
        assert_eq!(table(1, 3, 3, 9).hss(), 0.0);
        assert!(table(0, 0, 0, 9).hss().is_nan());
        assert_eq!(table(4, 4, 8, 1).frequency_bias(), 1.5);
    }

    #[test]
    fn a_miss_by_two_classes_costs_more_than_by_one() {
        assert_eq!(rps(&[0.0, 0.0, 1.0], 2), 0.0);
        assert_eq!([rps(&[0.0, 1.0, 0.0], 2), rps(&[1.0, 0.0, 0.0], 2)], [1.0, 2.0]);
    }

    #[test]
    fn an_observation_outside_pays_for_its_distance() {
        assert_eq!(interval_score(1.0, 3.0, 2.0, 0.8), 2.0);
        assert!((interval_score(1.0, 3.0, 3.5, 0.8) - 7.0).abs() < 1e-12);
        assert!((interval_score(1.0, 3.0, 0.5, 0.8) - 7.0).abs() < 1e-12);
    }

    #[test]
    fn fair_crps_of_two_members_can_be_checked_by_hand() {
        assert_eq!(crps_ensemble_fair(&[0.0, 2.0], 1.0), 0.0);
        assert!(crps_ensemble_fair(&[1.0], 1.0).is_nan());
    }
}
