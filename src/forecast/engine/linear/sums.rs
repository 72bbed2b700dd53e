//! Sums over many rows at once. Lags of one series share most of their products: a sum over a
//! shifted window is the sum over the window, plus and minus its ends.

use std::ops::Range;

use super::gram::{Gram, dot};
use super::shape::Shape;

/// One group of dummies: its season, and the phase of the first row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dummies {
    /// Phases; 0 for no dummies.
    pub season: usize,
    /// Phase of the first row of the window.
    pub phase: usize,
}

impl Dummies {
    /// Returns the column of the dummy that is 1 in row `k` of the window.
    pub(super) const fn column(&self, shape: &Shape, k: usize) -> usize {
        shape.first_dummy() + (self.phase + k) % self.season
    }
}

/// Adds the products of all lags with each other and with the target.
///
/// Pairs of lags as far apart share one dot product, moved: `O(distances · n + pairs · reach)`.
pub(super) fn add_lags(
    gram: &mut Gram,
    w: &[f64],
    shape: &Shape,
    from: usize,
    to: usize,
    base: &mut Vec<f64>,
) {
    // For each distance: the lag of the pair last summed, and its sum.
    base.clear();
    base.resize(2 * (shape.reach() + 1), f64::NAN);
    let lag_of = |k: usize| if k == 0 { 0 } else { shape.lags[k - 1] };
    for b in 0..=shape.lags.len() {
        for a in 0..=b {
            let (near, far) = (lag_of(a), lag_of(b));
            let apart = far - near;
            let product = |t: usize| w[t - near] * w[t - far];
            let (last, sum) = (base[2 * apart], base[2 * apart + 1]);
            let sum = if sum.is_nan() {
                dot(&w[from - near..to - near], &w[from - far..to - far])
            } else {
                // The window of this pair begins `shift` steps before that of the last.
                let shift = near - last as usize;
                let more: f64 = (from..from + shift).map(product).sum();
                let less: f64 = (to..to + shift).map(product).sum();
                sum + more - less
            };
            (base[2 * apart], base[2 * apart + 1]) = (near as f64, sum);
            match (a, b) {
                (0, 0) => gram.total += sum,
                (0, _) => gram.moment[b - 1] += sum,
                _ => *gram.at(a - 1, b - 1) += sum,
            }
        }
    }
}

/// Adds the products of lags and target with the constant and the dummies, and those of the
/// constant and the dummies with each other.
pub(super) fn add_lag_phases(
    gram: &mut Gram,
    w: &[f64],
    shape: &Shape,
    dummies: &Dummies,
    from: usize,
    to: usize,
    sums: &mut Vec<f64>,
) {
    let (season, constant) = (dummies.season, shape.constant());
    let mut all = phase_sums(&w[from..to], season, sums);
    gram.moment[constant] += all;
    for (k, sum) in sums.iter().enumerate() {
        gram.moment[dummies.column(shape, k)] += sum;
    }
    let mut moved = 0;
    for (j, lag) in shape.lags.iter().enumerate() {
        // Row `k` of the window meets the value `lag` steps before it: phase `k - lag`.
        for back in moved + 1..=*lag {
            let (enters, leaves) = (w[from - back], w[to - back]);
            all += enters - leaves;
            if season > 0 {
                sums[(season - back % season) % season] += enters;
                sums[(to - from + season - back % season) % season] -= leaves;
            }
        }
        moved = *lag;
        *gram.at(constant, j) += all;
        for (k, sum) in sums.iter().enumerate() {
            *gram.at(dummies.column(shape, (k + lag) % season), j) += sum;
        }
    }
    let n = to - from;
    *gram.at(constant, constant) += n as f64;
    for k in 0..season {
        let count = (n / season + usize::from(k < n % season)) as f64;
        let dummy = dummies.column(shape, k);
        *gram.at(dummy, dummy) += count;
        *gram.at(dummy, constant) += count;
    }
}

/// Adds the products of all lags with one wave (its sine stands at extra column `wave.0` and turns
/// by `wave.1` a step, its cosine stands next): a lag turns a wave, so one sum each will do.
pub(super) fn add_wave_lags(
    gram: &mut Gram,
    w: &[f64],
    shape: &Shape,
    wave: (usize, f64),
    (sine, cosine): (&[f64], &[f64]),
    rows: Range<usize>,
) {
    let Range { start: from, end: to } = rows;
    let mut sum = (dot(&sine[from..to], &w[from..to]), dot(&cosine[from..to], &w[from..to]));
    let at = shape.lags.len() + wave.0;
    let mut moved = 0;
    for (j, lag) in shape.lags.iter().enumerate() {
        for back in moved + 1..=*lag {
            let (enters, leaves) = (from - back, to - back);
            sum.0 += sine[enters] * w[enters] - sine[leaves] * w[leaves];
            sum.1 += cosine[enters] * w[enters] - cosine[leaves] * w[leaves];
        }
        moved = *lag;
        let (turned_sine, turned_cosine) = (wave.1 * *lag as f64).sin_cos();
        *gram.at(at, j) += turned_cosine * sum.0 + turned_sine * sum.1;
        *gram.at(at + 1, j) += turned_cosine * sum.1 - turned_sine * sum.0;
    }
}

/// Writes the sums of a column by phase of a season (first entry: phase of its first row) and
/// returns the sum of all.
pub(super) fn phase_sums(column: &[f64], season: usize, sums: &mut Vec<f64>) -> f64 {
    sums.clear();
    sums.resize(season, 0.0);
    if season == 0 {
        return column.iter().sum();
    }
    let seasons = column.chunks_exact(season);
    sums.iter_mut().zip(seasons.remainder()).for_each(|(sum, value)| *sum = *value);
    for values in seasons {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value;
        }
    }
    sums.iter().sum()
}
