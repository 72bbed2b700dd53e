//! The test of Diebold and Mariano (1995) for equal accuracy of two forecasters, with the small
//! sample correction of Harvey, Leybourne and Newbold (1997).

/// The least number of forecasts for which anything is said: beside the correction, the variance
/// needs a few.
const FORECASTS_MIN: usize = 8;

/// What the test found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DieboldMariano {
    /// Forecasts compared.
    pub n: usize,
    /// Mean loss of the first forecaster less that of the second: below 0 the first is better.
    pub mean_difference: f64,
    /// The corrected statistic, Student's t with `n - 1` degrees of freedom under equal accuracy.
    pub statistic: f64,
    /// Probability of a statistic as far from 0 on either side if both were equally accurate.
    pub p_value: f64,
}

/// Returns the test of two forecasters' losses on the same forecasts, in the order of time, of
/// `horizon` steps ahead (1 or more).
///
/// The variance counts the autocovariances below the horizon, as errors of overlapping forecasts
/// need; where that sum is not positive, Bartlett's weights make it so. `None` for fewer than eight
/// forecasts, no more than the horizon, lengths that differ, or losses that never differ.
#[must_use]
pub fn diebold_mariano(first: &[f64], second: &[f64], horizon: usize) -> Option<DieboldMariano> {
    let n = first.len();
    if n != second.len() || n < FORECASTS_MIN || n <= horizon || horizon == 0 {
        return None;
    }
    let difference: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
    let count = n as f64;
    let mean = difference.iter().sum::<f64>() / count;
    let covariance = |lag: usize| {
        let pairs = difference.iter().zip(&difference[lag..]);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / count
    };
    let own = covariance(0);
    let lags: Vec<f64> = (1..horizon).map(covariance).collect();
    let plain = own + 2.0 * lags.iter().sum::<f64>();
    let variance = if plain > 1e-9 * own {
        plain
    } else {
        let weight = |k: usize| 1.0 - (k + 1) as f64 / horizon as f64;
        own + 2.0 * lags.iter().enumerate().map(|(k, c)| weight(k) * c).sum::<f64>()
    };
    if variance.is_nan() || variance <= 0.0 {
        return None;
    }
    let h = horizon as f64;
    let correction = (count + 1.0 - 2.0 * h + h * (h - 1.0) / count) / count;
    let statistic = correction.max(0.0).sqrt() * mean / (variance / count).sqrt();
    let p_value = student_two_sided(statistic, count - 1.0);
    Some(DieboldMariano { n, mean_difference: mean, statistic, p_value })
}

/// Returns the probability that Student's t with `degrees` of freedom is at least as far from 0.
fn student_two_sided(t: f64, degrees: f64) -> f64 {
    incomplete_beta(degrees / 2.0, degrees / (degrees + t * t))
}

/// Returns the regularised incomplete beta function of `a` and one half at `x`, by its continued
/// fraction (Abramowitz and Stegun 26.5.8), to ten digits.
fn incomplete_beta(a: f64, x: f64) -> f64 {
    let b = 0.5;
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let front =
        (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x) / a
    } else {
        1.0 - front * fraction(b, a, 1.0 - x) / b
    }
}

/// Returns the continued fraction by the method of Lentz (1976).
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let guard = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let (mut c, mut value) = (1.0, d);
    for m in 1..300 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / guard(1.0 + term * d);
            c = guard(1.0 + term / c);
            step = d * c;
            value *= step;
        }
        if (step - 1.0).abs() < 1e-12 {
            break;
        }
    }
    value
}

/// Returns the logarithm of the gamma function for `x` above 0, by Stirling's series after moving
/// `x` beyond 10: an error below 1e-12.
fn ln_gamma(x: f64) -> f64 {
    let mut shift = 0.0;
    let mut x = x;
    while x < 10.0 {
        shift -= x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / (x * x);
    let series =
        (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse * (1.0 / 1_260.0 - inverse / 1_680.0))) / x;
    shift + (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn student_odds_are_those_of_the_tables() {
        // Two-sided 5 % points of Student's t.
        for (degrees, t) in [(1.0, 12.706_204_736), (9.0, 2.262_157_163), (30.0, 2.042_272_456)] {
            assert!((student_two_sided(t, degrees) - 0.05).abs() < 1e-9, "{degrees}");
        }
        assert!((student_two_sided(0.0, 5.0) - 1.0).abs() < 1e-12);
    }

    /// Differences 1, -1, 2, 0, 1, 1, 0, 2, 1, 1 at horizon 1: mean 0.8, variance 0.76 (over n), so
    /// the statistic is 0.8 / sqrt(0.076) times sqrt(9/10).
    #[test]
    fn a_case_that_can_be_checked_by_hand() {
        let first = [1.0, -1.0, 2.0, 0.0, 1.0, 1.0, 0.0, 2.0, 1.0, 1.0];
        let found = diebold_mariano(&first, &[0.0; 10], 1).unwrap();
        assert!((found.mean_difference - 0.8).abs() < 1e-12);
        assert!((found.statistic - 0.8 / 0.076_f64.sqrt() * 0.9_f64.sqrt()).abs() < 1e-12);
        assert!(found.p_value > 0.01 && found.p_value < 0.03, "{found:?}");
        let swapped = diebold_mariano(&[0.0; 10], &first, 1).unwrap();
        assert!((swapped.statistic + found.statistic).abs() < 1e-12);
        assert!((swapped.p_value - found.p_value).abs() < 1e-12);
    }

    #[test]
    fn overlapping_forecasts_count_for_less_than_their_number() {
        // Runs of six equal differences: sixty forecasts, ten pieces of news.
        let first: Vec<f64> =
            (0..60).map(|i| f64::from((i / 6) * 7 % 5) - 1.5 + 0.01 * f64::from(i % 6)).collect();
        let zero = vec![0.0; 60];
        let alone = diebold_mariano(&first, &zero, 1).unwrap();
        let overlapping = diebold_mariano(&first, &zero, 6).unwrap();
        assert!(overlapping.statistic.abs() < 0.7 * alone.statistic.abs());
        assert!(overlapping.p_value > alone.p_value);
    }

    #[test]
    fn nothing_is_said_of_too_few_or_equal_forecasts() {
        assert_eq!(diebold_mariano(&[1.0; 5], &[0.0; 5], 1), None);
        assert_eq!(diebold_mariano(&[1.0; 20], &[1.0; 20], 1), None);
        assert_eq!(diebold_mariano(&[1.0; 20], &[0.0; 19], 1), None);
        assert_eq!(diebold_mariano(&[1.0; 12], &[0.0; 12], 12), None);
    }
}
