//! Finds the best cut of a leaf from its histogram.

use super::bins::MISSING;
use super::histogram::{Cell, FeatureCells, Histogram};

/// Scores closer than this share are equal but for rounding, and the first one wins. The losses with
/// few different gradients have many such ties; without this a weight of two and two rows of weight
/// one could grow different trees.
pub(super) const TIE_SHARE: f64 = 1e-12;

/// A cut of a leaf in two.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Split<const N: usize> {
    /// The feature's place in the tree's list.
    pub(super) place: usize,
    /// The last bin that goes left.
    pub(super) bin: usize,
    /// Whether rows without the value go left.
    pub(super) missing_left: bool,
    /// The gain: how much the sum of squared gradients per weight rises.
    pub(super) gain: f64,
    /// Sums of the left child.
    pub(super) left: Cell<N>,
    /// Sums of the right child.
    pub(super) right: Cell<N>,
}

/// What a child must have, and how gains are shrunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) min_rows: f64,
    pub(super) min_hessian: f64,
    pub(super) min_gain: f64,
    pub(super) l2: f64,
}

impl Limits {
    fn score<const N: usize>(&self, sums: &Cell<N>) -> f64 {
        sums[0] * sums[0] / (sums[1] + self.l2)
    }

    fn allow<const N: usize>(&self, sums: &Cell<N>) -> bool {
        sums[N - 1] >= self.min_rows && sums[1] >= self.min_hessian
    }

    /// Returns whether a leaf with these sums may have two children at all.
    pub(super) fn divisible<const N: usize>(&self, total: &Cell<N>) -> bool {
        total[N - 1] >= 2.0 * self.min_rows
    }
}

/// Returns the cut with the highest gain, the first of equals; none if no cut is allowed.
///
/// `last_bins` has the highest bin of each feature in the tree's list.
pub(super) fn best_split<const N: usize>(
    histogram: &Histogram<N>,
    last_bins: &[usize],
    total: &Cell<N>,
    limits: Limits,
) -> Option<Split<N>> {
    let floor = limits.score(total) + limits.min_gain;
    let mut best: Option<Split<N>> = None;
    for (place, &last_bin) in last_bins.iter().enumerate() {
        let cells = histogram.feature(place);
        let missing = cells[usize::from(MISSING)];
        let any_missing = missing[N - 1] > 0.0;
        let mut scan = Scan { cells, last_bin, total, limits, best_score: floor, found: None };
        if let Some(split) = &best {
            scan.best_score = split.gain + limits.score(total);
        }
        scan.run([0.0; N], false);
        if any_missing {
            scan.run(missing, true);
        }
        let (score, Some(found)) = (scan.best_score, scan.found) else { continue };
        let right = minus(*total, found.left);
        let missing_left = if any_missing { found.missing_left } else { found.left[1] >= right[1] };
        let gain = score - limits.score(total);
        best = Some(Split { place, bin: found.bin, missing_left, gain, left: found.left, right });
    }
    best
}

struct Found<const N: usize> {
    bin: usize,
    missing_left: bool,
    left: Cell<N>,
}

struct Scan<'a, const N: usize> {
    cells: &'a FeatureCells<N>,
    last_bin: usize,
    total: &'a Cell<N>,
    limits: Limits,
    best_score: f64,
    found: Option<Found<N>>,
}

impl<const N: usize> Scan<'_, N> {
    /// Tries every bin as the last one of the left child, which starts with the sums `left`.
    fn run(&mut self, mut left: Cell<N>, missing_left: bool) {
        let Self { total, limits, .. } = *self;
        let mut to_beat = self.best_score * (1.0 + TIE_SHARE);
        for (i, cell) in self.cells[1..=self.last_bin].iter().enumerate() {
            // Row counts are exact; an empty bin's other sums may hold rounding left by subtraction.
            if cell[N - 1] == 0.0 {
                continue;
            }
            for (sum, value) in left.iter_mut().zip(cell) {
                *sum += value;
            }
            if !limits.allow(&left) {
                continue;
            }
            let right = minus(*total, left);
            if !limits.allow(&right) {
                break;
            }
            // The sum of both children's scores as a fraction, so that only what wins is divided.
            let (below_left, below_right) = (left[1] + limits.l2, right[1] + limits.l2);
            let above = left[0] * left[0] * below_right + right[0] * right[0] * below_left;
            let below = below_left * below_right;
            if above > to_beat * below {
                self.best_score = above / below;
                to_beat = self.best_score * (1.0 + TIE_SHARE);
                self.found = Some(Found { bin: i + 1, missing_left, left });
            }
        }
    }
}

fn minus<const N: usize>(mut a: Cell<N>, b: Cell<N>) -> Cell<N> {
    for (x, y) in a.iter_mut().zip(b) {
        *x -= y;
    }
    a
}
