//! The odds of a lost crop: a yield below 70 % of the median of the five years before.
//!
//! In two steps, because whole losses are rare (three in 620 crops of 1998-2015): the odds that a
//! crop falls short by 10 %, and the odds that such a shortfall is a loss. Both rise by the same
//! slope with the dryness of the river where salt reaches, and never fall.

use ndarray::{Array2, array};
use serde::{Deserialize, Serialize};

use super::calendar::salt_exposed;
use super::ledger::History;
use super::level::median;
use crate::domain::PlaceId;
use crate::forecast::learn::LearnError;
use crate::forecast::learn::normal::Normal;

/// A crop is lost below this share of the five-year median (the definition).
pub(super) const LOST_SHARE: f64 = 0.7;

/// The first step: a shortfall of 10 %, which one crop in twenty-five has.
const SHORT: f64 = 0.1;

/// Years of the five before that must be known.
const YEARS_MIN: usize = 3;

/// First step, second step, where salt reaches, slope with dryness.
const WIDTH: usize = 4;

/// What is believed before any harvest is seen, in log odds. The slope is that of the river: a
/// logistic regression of the days of February to April above 4 g/L on the dryness of the year,
/// by station, gives 0.51 to 0.54 in every window of 1996-2015 (`salinity/daily.csv`, 75 to 144
/// station years); half of it goes to each step.
const PRIOR: [f64; WIDTH] = [-3.0, -2.0, 0.0, 0.26];

/// How firmly: the steps loosely, the slope with a standard deviation of 0.25.
const PENALTY: [f64; WIDTH] = [0.1, 0.1, 1.0, 16.0];

/// Newton steps; eight suffice.
const ROUNDS: usize = 25;

/// Returns the median yield of the five years before, the measure of a loss.
pub(super) fn usual_yield(history: &History, year: i16) -> Option<f64> {
    let before: Vec<f64> = history.between(year - 5, year).map(|(_, h)| h.yield_t_ha).collect();
    if before.len() < YEARS_MIN {
        return None;
    }
    median(before)
}

/// Returns whether the crop of a year was lost; `None` where nobody can say.
pub(super) fn lost(history: &History, year: i16) -> Option<bool> {
    let share = history.get(year)?.yield_t_ha / usual_yield(history, year)?;
    Some(share < LOST_SHARE)
}

/// One crop of the past: how it stood, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Past {
    stand: Stand,
    /// Minus the log of the yield as a share of the usual one.
    shortfall: f64,
}

/// What the odds depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stand {
    exposed: f64,
    dry: f64,
}

impl Stand {
    /// Returns how a crop stands; a river nobody read is an ordinary one.
    pub fn of(place: &PlaceId, dryness: Option<f64>) -> Self {
        let exposed = f64::from(u8::from(salt_exposed(place)));
        Self { exposed, dry: exposed * dryness.unwrap_or(0.0).max(0.0) }
    }

    fn row(self, step: usize) -> [f64; WIDTH] {
        let of = |n| f64::from(u8::from(step == n));
        [of(0), of(1), self.exposed, self.dry]
    }
}

impl Past {
    /// Returns the crop of a year, if both it and its five years before are known.
    pub fn of(history: &History, year: i16, stand: Stand) -> Option<Self> {
        let share = history.get(year)?.yield_t_ha / usual_yield(history, year)?;
        Some(Self { stand, shortfall: -share.ln() })
    }

    /// Returns whether it was lost.
    pub fn lost(&self) -> bool {
        self.shortfall > -LOST_SHARE.ln()
    }
}

/// The learned odds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Odds([f64; WIDTH]);

impl Odds {
    /// Returns the odds learned from these crops.
    ///
    /// # Errors
    /// [`LearnError::Collinear`] for rows that are not numbers.
    pub fn fit(past: &[Past]) -> Result<Self, LearnError> {
        let mut rows = Vec::new();
        for crop in past {
            let short = crop.shortfall > SHORT;
            rows.push((crop.stand.row(0), f64::from(u8::from(short))));
            if short {
                rows.push((crop.stand.row(1), f64::from(u8::from(crop.lost()))));
            }
        }
        let mut odds = Self(PRIOR);
        for _ in 0..ROUNDS {
            odds = odds.newton(&rows)?;
        }
        odds.0[3] = odds.0[3].max(0.0);
        Ok(odds)
    }

    /// Returns one step of Newton's method: least squares on the linearised log odds.
    fn newton(self, rows: &[([f64; WIDTH], f64)]) -> Result<Self, LearnError> {
        let mut sums = Normal::new(WIDTH);
        let mut x = Array2::zeros((rows.len(), WIDTH));
        let mut y = Vec::with_capacity(rows.len());
        for (i, (row, happened)) in rows.iter().enumerate() {
            let logit = self.logit(row);
            let p = probability(logit);
            let weight = (p * (1.0 - p)).max(1e-6);
            let root = weight.sqrt();
            x.row_mut(i).assign(&(array![row[0], row[1], row[2], row[3]] * root));
            y.push(root * (logit + (happened - p) / weight));
        }
        sums.add(x.view(), &y);
        let mut next = [0.0; WIDTH];
        next.copy_from_slice(&sums.solve(&PENALTY, Some(&PRIOR))?);
        Ok(Self(next))
    }

    fn logit(&self, row: &[f64; WIDTH]) -> f64 {
        row.iter().zip(self.0).map(|(x, b)| x * b).sum()
    }

    /// Returns the probability of a loss.
    pub fn of(&self, stand: Stand) -> f64 {
        (0..2).map(|step| probability(self.logit(&stand.row(step)))).product()
    }

    /// Returns whether all numbers are finite.
    pub fn sound(&self) -> bool {
        self.0.iter().all(|b| b.is_finite())
    }
}

fn probability(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stand(exposed: f64, dry: f64) -> Stand {
        Stand { exposed, dry }
    }

    #[test]
    fn odds_rise_with_dryness_only_where_salt_reaches() {
        let coast = "old_province:ben_tre.winter_spring".parse().unwrap();
        let inland = "old_province:an_giang.winter_spring".parse().unwrap();
        let odds = Odds::fit(&[]).unwrap();
        let at = |place, dryness| odds.of(Stand::of(place, Some(dryness)));
        assert!(at(&coast, 3.0) > 2.0 * at(&coast, 0.0));
        assert_eq!(at(&coast, -2.0), at(&coast, 0.0));
        assert_eq!(at(&inland, 3.0), at(&inland, 0.0));
        assert_eq!(odds.of(Stand::of(&coast, None)), at(&coast, 0.0));
    }

    #[test]
    fn losses_in_dry_years_raise_the_odds_and_losses_in_wet_years_do_not_turn_the_slope() {
        let crop = |dry: f64, shortfall: f64| Past { stand: stand(1.0, dry), shortfall };
        let many = |dry_loss: f64, wet_loss: f64| {
            let past: Vec<Past> = (0..400)
                .map(|i| match i {
                    0..10 => crop(3.0, dry_loss),
                    10..60 => crop(0.0, wet_loss),
                    _ => crop(if i % 8 == 0 { 3.0 } else { 0.0 }, -0.05),
                })
                .collect();
            Odds::fit(&past).unwrap()
        };
        let (learned, against) = (many(0.9, -0.05), many(-0.05, 0.9));
        assert!(learned.of(stand(1.0, 3.0)) > 0.08, "{learned:?}");
        assert!(against.0[3] >= 0.0);
        let fitted = learned.of(stand(1.0, 3.0)) / learned.of(stand(1.0, 0.0));
        assert!(fitted > 5.0, "{fitted}");
    }

    #[test]
    fn a_loss_is_below_seventy_percent_of_the_usual_yield() {
        assert!(Past { stand: stand(0.0, 0.0), shortfall: 0.357 }.lost());
        assert!(!Past { stand: stand(0.0, 0.0), shortfall: 0.356 }.lost());
    }
}
