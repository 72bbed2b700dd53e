//! A corrected outside forecast as one more candidate: held against the others on the days that have
//! come, behind the same gate.
//!
//! The older half of the verified days gives the quantiles of its errors, the newer half is judged:
//! neither the correction ([`Verified::corrected`]) nor the quantiles knew what they are judged on.

use std::collections::BTreeSet;

use super::Verified;
use crate::domain::{LEVELS, Quantiles};
use crate::forecast::ForecastError;
use crate::forecast::baselines::quantile_sorted;
use crate::forecast::gate::{Losses, Verdict};
use crate::forecast::scores::mean_pinball;

/// Verified days of a source and lead below which its forecast is no candidate: a month, of which
/// half is learned from and half is judged. Our own choice; running corrections of public weather
/// services look back two weeks to a month and a half \[U\].
pub const DAYS_MIN: usize = 30;

/// The name under which the gate judges guidance.
pub const GUIDANCE: &str = "guidance";

/// What another forecaster said of the same place and day on the same morning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Says {
    /// A point, whose quantiles are those of its errors on the older half of the days.
    Point(f64),
    /// Quantiles as they were issued.
    Quantiles([f64; 7]),
}

/// Another forecaster's name, and what it said.
pub type Rival = (&'static str, Says);

/// How one source stands at one lead.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// First and last day verified (epoch days).
    pub days: (i64, i64),
    /// Days verified.
    pub day_count: usize,
    /// Forecasts verified, over all places.
    pub forecasts: usize,
    /// Mean of forecast minus observed, as told.
    pub bias: f64,
    /// Mean absolute error as told.
    pub raw_mae: f64,
    /// Mean absolute error with the corrections that could have been made.
    pub corrected_mae: f64,
    /// What the gate found; `None` below [`DAYS_MIN`] days, and where nobody else spoke.
    pub verdict: Option<Verdict>,
    /// Quantiles of the errors (observed less corrected) of all days.
    offsets: [f64; 7],
}

impl Standing {
    /// Returns how a source stands at one lead, from all that was verified of it; `None` of nothing.
    ///
    /// `rivals` returns what the others said on the same morning of the same place and day; judged
    /// are the forecasts of which all of them spoke who ever did. `horizon` is what the verdict names.
    #[must_use]
    pub fn of(
        verified: &[Verified],
        horizon: u8,
        rivals: &dyn Fn(&Verified) -> Vec<Rival>,
    ) -> Option<Self> {
        let days: BTreeSet<i64> = verified.iter().map(|v| v.valid_step).collect();
        let span = (*days.first()?, *days.last()?);
        let mean = |of: &dyn Fn(&Verified) -> f64| {
            verified.iter().map(of).sum::<f64>() / verified.len() as f64
        };
        let verdict = if days.len() < DAYS_MIN {
            None
        } else {
            let half = days.iter().nth(days.len() / 2).copied().unwrap_or(span.1);
            judge(verified, half, horizon, rivals)
        };
        Some(Self {
            days: span,
            day_count: days.len(),
            forecasts: verified.len(),
            bias: mean(&|v| v.forecast - v.observed),
            raw_mae: mean(&|v| (v.forecast - v.observed).abs()),
            corrected_mae: mean(&|v| (v.corrected - v.observed).abs()),
            verdict,
            offsets: offsets(verified.iter().map(|v| v.observed - v.corrected)),
        })
    }

    /// Returns whether the corrected forecast beat everybody else.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.verdict.as_ref().is_some_and(|v| v.passes)
    }

    /// Returns the quantiles of a corrected forecast, kept in the variable's range.
    ///
    /// # Errors
    /// [`ForecastError::Quantiles`] when the forecast is not finite.
    pub fn around(&self, corrected: f64, range: (f64, f64)) -> Result<Quantiles, ForecastError> {
        let value = |offset: f64| (corrected + offset).clamp(range.0, range.1);
        Ok(Quantiles::rearranged(self.offsets.map(value))?)
    }
}

fn judge(
    verified: &[Verified],
    half: i64,
    horizon: u8,
    rivals: &dyn Fn(&Verified) -> Vec<Rival>,
) -> Option<Verdict> {
    let others: Vec<Vec<Rival>> = verified.iter().map(rivals).collect();
    let names: BTreeSet<&str> = others.iter().flatten().map(|(name, _)| *name).collect();
    let pairs = || verified.iter().zip(&others).filter(|(_, others)| others.len() == names.len());
    let own = offsets(
        pairs().filter(|(v, _)| v.valid_step < half).map(|(v, _)| v.observed - v.corrected),
    );
    let of_points = |wanted: &str| {
        let older = pairs().filter(|(v, _)| v.valid_step < half);
        offsets(older.flat_map(|(v, others)| {
            others.iter().filter_map(move |(name, says)| match says {
                Says::Point(point) if *name == wanted => Some(v.observed - point),
                _ => None,
            })
        }))
    };
    let points: Vec<(&str, [f64; 7])> = names.iter().map(|name| (*name, of_points(name))).collect();
    let (mut losses, mut judged) = (Losses::default(), BTreeSet::new());
    for (v, others) in pairs().filter(|(v, _)| v.valid_step >= half) {
        judged.insert(v.valid_step);
        let mut push = |name, quantiles: [f64; 7]| {
            losses.push(horizon, name, mean_pinball(&[(quantiles, v.observed)]));
        };
        push(GUIDANCE, own.map(|o| v.corrected + o));
        for (name, says) in others {
            match says {
                Says::Quantiles(quantiles) => push(name, *quantiles),
                Says::Point(point) => {
                    let around = points.iter().find(|(n, _)| n == name).map(|(_, o)| *o);
                    push(name, around.unwrap_or_default().map(|o| point + o));
                }
            }
        }
    }
    let enough = judged.len() >= DAYS_MIN / 2;
    losses.judge(GUIDANCE).into_iter().next().filter(|_| enough)
}

/// Returns the quantiles of errors, with 0 in the middle so that the forecast stays what it is.
fn offsets(errors: impl Iterator<Item = f64>) -> [f64; 7] {
    let mut errors: Vec<f64> = errors.collect();
    errors.sort_by(f64::total_cmp);
    let at = |i: usize| quantile_sorted(&errors, LEVELS[i]).unwrap_or(0.0);
    std::array::from_fn(|i| match i {
        0..3 => at(i).min(0.0),
        3 => 0.0,
        _ => at(i).max(0.0),
    })
}

#[cfg(test)]
mod tests {
    use super::super::GuidanceKey;
    use super::*;
    use crate::domain::PlaceId;

    /// Returns forecasts of 60 days whose errors are ±`size`, of two places.
    fn verified(days: i64, size: f64) -> Vec<Verified> {
        let one = |n: i64| {
            let place: PlaceId = format!("commune:{}", n % 2).parse().unwrap();
            let key = GuidanceKey {
                variable: "temp_max_c".into(),
                source: "weather.someone".into(),
                lead: 2,
                place,
            };
            let wave = if (n * 7_919) % 10 < 5 { size } else { -size };
            let observed = 30.0;
            let corrected = observed + wave;
            Verified { key, valid_step: n / 2, forecast: corrected + 1.0, corrected, observed }
        };
        (0..2 * days).map(one).collect()
    }

    fn persistence(error: f64) -> impl Fn(&Verified) -> Vec<Rival> {
        move |v| {
            let sign = if v.valid_step % 3 == 0 { 1.0 } else { -1.0 };
            vec![("persistence", Says::Point(v.observed + sign * error))]
        }
    }

    #[test]
    fn it_passes_only_where_it_beats_everybody_and_only_after_a_month() {
        let good = verified(60, 0.5);
        let standing = Standing::of(&good, 3, &persistence(2.0)).unwrap();
        assert!(standing.passes(), "{standing:?}");
        assert_eq!((standing.day_count, standing.forecasts, standing.days), (60, 120, (0, 59)));
        assert!((standing.corrected_mae - 0.5).abs() < 1e-9);
        assert!((standing.bias - 1.0).abs() < 0.2);
        assert!(!Standing::of(&good, 3, &persistence(0.1)).unwrap().passes());
        let young = Standing::of(&verified(29, 0.5), 3, &persistence(2.0)).unwrap();
        assert_eq!(young.verdict, None);
        let sharp = |v: &Verified| {
            let mut all = persistence(2.0)(v);
            all.push(("published", Says::Quantiles([v.observed; 7])));
            all
        };
        let beaten = Standing::of(&good, 3, &sharp).unwrap();
        assert_eq!(beaten.verdict.unwrap().best_baseline, "published");
    }

    #[test]
    fn nobody_to_be_held_against_is_no_victory() {
        assert_eq!(Standing::of(&verified(60, 0.5), 3, &|_| Vec::new()).unwrap().verdict, None);
        assert!(Standing::of(&[], 3, &|_| Vec::new()).is_none());
    }

    #[test]
    fn its_quantiles_are_those_of_its_errors_within_the_range() {
        let standing = Standing::of(&verified(60, 0.5), 3, &persistence(2.0)).unwrap();
        let quantiles = standing.around(99.8, (0.0, 100.0)).unwrap().values();
        assert!((quantiles[0] - 99.3).abs() < 1e-9 && quantiles[6] == 100.0, "{quantiles:?}");
        assert!((quantiles[3] - 99.8).abs() < 1e-9);
    }
}
