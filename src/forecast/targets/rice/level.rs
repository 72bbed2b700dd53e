//! The yield and area to expect: the recent median moved on by few pooled numbers.
//!
//! On the log scale. A yield is the median of the years since the last break, plus a share of how
//! far the last two years lie from it, plus a share of the region's growth since then, less what a
//! dry river takes where salt reaches. An area is the last one plus a share of its own trend. The
//! shares are the same for all places: 741 rows do not carry more (by season was worse).

use ndarray::Array2;

use super::Measure;
use super::calendar::{Season, salt_exposed};
use super::ledger::{History, Ledger};
use crate::domain::PlaceId;
use crate::forecast::learn::LearnError;
use crate::forecast::learn::normal::Normal;

/// Numbers of one forecast beside its base.
pub(super) const WIDTH: usize = 3;

/// How far (log) the newest years may pull: a lost crop says little of the next one. 0.12, 0.16 and
/// 0.2 gave the same score on 2003-2008.
const PULL_MAX: f64 = 0.16;

/// Years of the region's growth; 5 to 20 gave the same score on 2003-2008.
const GROWTH_YEARS: i16 = 10;

/// The steepest trend of an area (log a year) that is carried on.
const TREND_MAX: f64 = 0.06;

/// What is believed before any row is seen: half of the departure of the last years lasts, growth
/// goes on, drought does nothing.
const YIELD_PRIOR: [f64; WIDTH] = [0.5, 1.0, 0.0];

/// How firmly, in units of the features' sums of squares. Drought is a thing of years, not of rows,
/// and few years are dry: its pull to zero is 30 times a dry row.
const YIELD_PENALTY: [f64; WIDTH] = [0.5, 0.05, 30.0];

/// An area stays as it is before any row is seen.
const AREA_PRIOR: [f64; WIDTH] = [0.0; WIDTH];

/// How firmly; only the trend is used.
const AREA_PENALTY: [f64; WIDTH] = [0.1, 1e9, 1e9];

/// Errors (log) beyond which a row loses weight (Huber 1964): about the middle of the errors, for
/// a yield and for an area.
const ROBUST: (f64, f64) = (0.1, 0.05);

/// Rounds of reweighting; the shares settle in five.
const ROUNDS: usize = 10;

/// What a forecast starts from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Start {
    /// Log of the base.
    base: f64,
    /// What the shares apply to.
    x: [f64; WIDTH],
}

/// The pooled shares of a measure.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Shares(pub [f64; WIDTH]);

/// Returns the region's growth of yields of a season before `year`: median log change a year.
pub(super) fn growth(ledger: &Ledger, season: Season, year: i16) -> f64 {
    let of = |(_, history): (_, &History)| {
        history.changes(Measure::Yield, year - GROWTH_YEARS, year).collect::<Vec<_>>()
    };
    median(ledger.old(season).flat_map(of).collect()).unwrap_or(0.0)
}

impl Start {
    /// Returns where the yield of `year` starts from, `dryness` as [`super::drought`] gives it.
    pub fn of_yield(
        place: &PlaceId,
        history: &History,
        year: i16,
        growth: f64,
        dryness: Option<f64>,
    ) -> Option<Self> {
        let recent = history.recent(year);
        let logs: Vec<f64> = recent.iter().map(|(_, h)| h.yield_t_ha.ln()).collect();
        let base = median(logs.clone())?;
        let years = recent.iter().map(|(y, _)| f64::from(*y)).collect();
        let pull = |value: f64| (value - base).clamp(-PULL_MAX, PULL_MAX);
        let newest = pull(*logs.last()?);
        let last_two = &logs[logs.len().saturating_sub(2)..];
        let lately = pull(last_two.iter().sum::<f64>() / last_two.len() as f64);
        let dry = if salt_exposed(place) { dryness.unwrap_or(0.0).max(0.0) } else { 0.0 };
        let since = f64::from(year) - median(years)?;
        Some(Self { base, x: [(2.0 * newest + lately) / 3.0, growth * since, dry] })
    }

    /// Returns where the area of `year` starts from.
    pub fn of_area(history: &History, year: i16) -> Option<Self> {
        let recent = history.recent(year);
        let (first, last) = (recent.first()?, recent.last()?);
        let years = f64::from(last.0 - first.0).max(1.0);
        let trend = (last.1.area_kha / first.1.area_kha).ln() / years;
        let x = [trend.clamp(-TREND_MAX, TREND_MAX), 0.0, 0.0];
        Some(Self { base: last.1.area_kha.ln(), x })
    }

    /// Returns the forecast.
    pub fn forecast(&self, shares: Shares) -> f64 {
        let moved: f64 = self.x.iter().zip(shares.0).map(|(x, share)| x * share).sum();
        (self.base + moved).exp()
    }
}

impl Shares {
    /// Returns the shares of yields, from starts and what came of them.
    ///
    /// Drought never helps: where the rows say so, it does nothing.
    ///
    /// # Errors
    /// [`LearnError::Collinear`] for rows that are not numbers.
    pub fn of_yields(rows: &[(Start, f64)]) -> Result<Self, LearnError> {
        let free = robust(rows, &YIELD_PRIOR, YIELD_PENALTY, ROBUST.0)?;
        if free[2] <= 0.0 {
            return Ok(Self(free));
        }
        let without = [YIELD_PENALTY[0], YIELD_PENALTY[1], 1e9];
        let mut shares = robust(rows, &YIELD_PRIOR, without, ROBUST.0)?;
        shares[2] = 0.0;
        Ok(Self(shares))
    }

    /// Returns the share of areas, from starts and what came of them.
    ///
    /// # Errors
    /// [`LearnError::Collinear`] for rows that are not numbers.
    pub fn of_areas(rows: &[(Start, f64)]) -> Result<Self, LearnError> {
        robust(rows, &AREA_PRIOR, AREA_PENALTY, ROBUST.1).map(Self)
    }
}

/// Returns the coefficients with the least Huber loss and penalised distance to the prior.
fn robust(
    rows: &[(Start, f64)],
    prior: &[f64; WIDTH],
    penalty: [f64; WIDTH],
    limit: f64,
) -> Result<[f64; WIDTH], LearnError> {
    let mut shares = *prior;
    for _ in 0..ROUNDS {
        let mut sums = Normal::new(WIDTH);
        let mut x = Array2::zeros((rows.len(), WIDTH));
        let mut y = Vec::with_capacity(rows.len());
        for (i, (start, amount)) in rows.iter().enumerate() {
            let error = amount.ln() - start.forecast(Shares(shares)).ln();
            let root = (limit / error.abs().max(limit)).sqrt();
            start.x.iter().enumerate().for_each(|(j, v)| x[[i, j]] = root * v);
            y.push(root * (amount.ln() - start.base));
        }
        sums.add(x.view(), &y);
        shares.copy_from_slice(&sums.solve(&penalty, Some(prior))?);
    }
    Ok(shares)
}

/// Returns the median; the mean of the middle two of an even number.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    let upper = *values.get(n / 2)?;
    Some(if n.is_multiple_of(2) { (values[n / 2 - 1] + upper) / 2.0 } else { upper })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(x: [f64; WIDTH]) -> Start {
        Start { base: 1.0, x }
    }

    #[test]
    fn shares_stay_with_the_prior_without_rows_and_follow_many() {
        assert_eq!(Shares::of_yields(&[]).unwrap(), Shares(YIELD_PRIOR));
        let truth = Shares([0.8, 0.5, -0.02]);
        let rows: Vec<(Start, f64)> = (0..4_000)
            .map(|i| {
                let wave = |k: f64| (f64::from(i) * k).sin();
                let start = start([0.1 * wave(1.0), 0.05 * wave(1.7), 2.0 * wave(2.3).max(0.0)]);
                (start, start.forecast(truth))
            })
            .collect();
        let found = Shares::of_yields(&rows).unwrap();
        let near = found.0.iter().zip(truth.0).all(|(a, b)| (a - b).abs() < 0.02);
        assert!(near, "{found:?}");
    }

    #[test]
    fn drought_never_helps_and_a_lost_crop_does_not_turn_the_shares() {
        let dry: Vec<(Start, f64)> =
            (0..200).map(|_| (start([0.0, 0.0, 2.0]), 1.2_f64.exp())).collect();
        assert_eq!(Shares::of_yields(&dry).unwrap().0[2], 0.0);
        let mut rows: Vec<(Start, f64)> = (0..60)
            .map(|i| {
                let start = start([0.1 * f64::from(i % 5 - 2), 0.0, 0.0]);
                (start, start.forecast(Shares(YIELD_PRIOR)))
            })
            .collect();
        rows.push((start([0.1, 0.0, 0.0]), 0.05));
        let share = Shares::of_yields(&rows).unwrap().0[0];
        assert!((share - 0.5).abs() < 0.35, "{share}");
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }
}
