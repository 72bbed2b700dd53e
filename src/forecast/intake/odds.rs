//! From a forecast and the size of past errors to odds.

use std::f64::consts::PI;

/// Degrees of freedom of the errors' Student distribution: salt fronts err by much now and then.
/// Five leaves a finite fourth moment and tails near what the inner origins showed.
const NU: f64 = 5.0;

/// Returns the probability that a quantity lies below `limit` when it was forecast at `centre`
/// with errors of standard size `scale` (all in the same unit; `scale` above 0).
///
/// Student's distribution with five degrees of freedom in closed form (Abramowitz and Stegun
/// 26.7.4).
#[must_use]
pub fn probability_below(limit: f64, centre: f64, scale: f64) -> f64 {
    let t = (limit - centre) / scale;
    let q = 1.0 + t * t / NU;
    let root = t / NU.sqrt();
    0.5 + (root / q * (1.0 + 2.0 / (3.0 * q)) + root.atan()) / PI
}

/// Student's quantiles with five degrees of freedom at the levels every forecast carries (5 to
/// 95 %): R, `qt(p, 5)`.
pub(super) const T_QUANTILES: [f64; 7] = [
    -2.015_048_373,
    -1.475_884_049,
    -0.726_686_844,
    0.0,
    0.726_686_844,
    1.475_884_049,
    2.015_048_373,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantiles_have_their_odds() {
        for (t, level) in T_QUANTILES.into_iter().zip(crate::domain::LEVELS) {
            assert!((probability_below(t, 0.0, 1.0) - level).abs() < 1e-8, "{level}");
        }
    }

    #[test]
    fn the_odds_are_students() {
        // R: pt(c(-2, -1, 0, 0.5, 3), 5)
        let expected = [
            (-2.0, 0.050_969_74),
            (-1.0, 0.181_608_73),
            (0.0, 0.5),
            (0.5, 0.680_850_6),
            (3.0, 0.984_950_4),
        ];
        for (t, p) in expected {
            assert!((probability_below(t, 0.0, 1.0) - p).abs() < 1e-6, "{t}");
            assert!((probability_below(3.0 * t + 1.0, 1.0, 3.0) - p).abs() < 1e-6, "{t} scaled");
        }
    }
}
