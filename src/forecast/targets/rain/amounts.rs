//! From odds on the ladder of amounts to quantiles.

use super::climate::{LADDER_MM, RUNGS};
use super::logistic::chance;
use crate::domain::LEVELS;

/// Rungs the signal is learned at; between them it is linear in the logarithm of the amount.
pub(super) const ANCHORS: [usize; 3] = [1, 5, 9];

/// The odds of reaching each rung of the ladder, never rising with the amount.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Odds([f64; RUNGS]);

impl Odds {
    /// Returns the odds of logits.
    pub fn of(logits: [f64; RUNGS]) -> Self {
        let mut odds = logits.map(chance);
        for rung in 1..RUNGS {
            odds[rung] = odds[rung].min(odds[rung - 1]);
        }
        Self(odds)
    }

    /// Returns the climate's odds moved by a signal at each of the [`ANCHORS`] (logits).
    pub fn moved(climate: &[f64; RUNGS], signal: [f64; ANCHORS.len()]) -> Self {
        Self::of(std::array::from_fn(|rung| climate[rung] + between(signal, rung)))
    }

    /// Returns the odds of reaching `mm`, exponential between rungs and beyond the last.
    pub fn reaching(&self, mm: f64) -> f64 {
        if mm <= 0.0 {
            return 1.0;
        }
        let above = LADDER_MM.partition_point(|rung| *rung < mm);
        if above == 0 {
            return self.0[0];
        }
        let above = above.min(RUNGS - 1);
        let (low, high) = (LADDER_MM[above - 1], LADDER_MM[above]);
        let (from, to) = (
            self.0[above - 1].max(f64::MIN_POSITIVE).ln(),
            self.0[above].max(f64::MIN_POSITIVE).ln(),
        );
        (from + (mm - low) / (high - low) * (to - from)).exp()
    }

    /// Returns the amounts (mm) at the seven levels: zero as long as a dry day is likelier.
    pub fn quantiles(&self) -> [f64; 7] {
        LEVELS.map(|level| self.reached_with(1.0 - level))
    }

    /// Returns the amount that is reached with these odds.
    fn reached_with(&self, odds: f64) -> f64 {
        let above = self.0.partition_point(|reached| *reached >= odds);
        if above == 0 {
            return 0.0;
        }
        let above = above.min(RUNGS - 1);
        let (low, high) = (LADDER_MM[above - 1], LADDER_MM[above]);
        let (from, to) = (
            self.0[above - 1].max(f64::MIN_POSITIVE).ln(),
            self.0[above].max(f64::MIN_POSITIVE).ln(),
        );
        let share = if from > to { (from - odds.ln()) / (from - to) } else { 1.0 };
        low + share.clamp(0.0, 1.0) * (high - low)
    }
}

/// Returns the signal at a rung.
fn between(signal: [f64; ANCHORS.len()], rung: usize) -> f64 {
    let above = ANCHORS.partition_point(|anchor| *anchor < rung);
    match (above.checked_sub(1), signal.get(above)) {
        (None, _) => signal[0],
        (_, None) => signal[ANCHORS.len() - 1],
        (Some(below), Some(next)) => {
            let at = |rung: usize| LADDER_MM[rung].ln();
            let (low, high) = (at(ANCHORS[below]), at(ANCHORS[above]));
            signal[below] + (at(rung) - low) / (high - low) * (next - signal[below])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Odds that fall by the exponential law from 0.6 at the first rung, with mean 12 mm.
    fn exponential() -> Odds {
        let logit = |p: f64| (p / (1.0 - p)).ln();
        Odds::of(LADDER_MM.map(|mm| logit(0.6 * (-(mm - 0.1) / 12.0).exp())))
    }

    #[test]
    fn quantiles_and_odds_are_each_others_inverse() {
        let odds = exponential();
        for (level, mm) in LEVELS.into_iter().zip(odds.quantiles()) {
            if mm > 0.0 {
                assert!((odds.reaching(mm) - (1.0 - level)).abs() < 1e-9, "{level} {mm}");
                assert!((mm - (0.1 + 12.0 * (0.6 / (1.0 - level)).ln())).abs() < 1e-9, "{mm}");
            }
        }
        assert_eq!(odds.quantiles()[..3], [0.0; 3], "the day is dry with 40 %");
    }

    #[test]
    fn a_signal_moves_all_rungs_and_never_turns_them_over() {
        let climate: [f64; RUNGS] = std::array::from_fn(|r| 0.5 - 0.4 * r as f64);
        let dry = Odds::moved(&climate, [-1.0, -1.0, -1.0]);
        let wet = Odds::moved(&climate, [1.0, 1.0, 1.0]);
        assert!(dry.0.iter().zip(wet.0).all(|(d, w)| *d < w));
        assert!(dry.quantiles().iter().zip(wet.quantiles()).all(|(d, w)| *d <= w));
        let crossing = Odds::moved(&climate, [-3.0, 3.0, 9.0]);
        assert!(crossing.0.windows(2).all(|w| w[0] >= w[1]), "{crossing:?}");
        assert_eq!(Odds::moved(&climate, [0.0; 3]), Odds::of(climate));
    }

    #[test]
    fn between_two_anchors_the_signal_lies_between_theirs() {
        let signal = [0.0, 1.0, 5.0];
        assert_eq!(between(signal, 0), 0.0);
        assert_eq!(between(signal, RUNGS - 1), 5.0);
        assert!((1..=9).map(|r| between(signal, r)).is_sorted());
        assert_eq!(between(signal, ANCHORS[1]), 1.0);
    }

    #[test]
    fn beyond_the_ladder_odds_keep_falling() {
        let odds = exponential();
        assert!(odds.reaching(400.0) < odds.reaching(150.0));
        assert_eq!(odds.reaching(0.0), 1.0);
        assert!(odds.reaching(0.05) == odds.reaching(0.1));
    }
}
