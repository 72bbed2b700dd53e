//! Sums of derivatives by bin: built row by row for the smaller child, by subtraction for the other.
//!
//! A cell is `[gradient, hessian]` when every row weighs one (then the hessian is the row count),
//! and `[gradient, hessian, rows]` otherwise: `N` is 2 or 3 throughout, and the row count is always
//! the last number.

/// Bins of one feature: 255 and the one for missing values, so that a byte is always inside.
const BINS: usize = 256;

/// Features whose rows are added together: enough that equal bins in neighbouring rows do not
/// wait for one another, few enough that their cells stay in the first-level cache.
const TOGETHER: usize = 4;

/// Sums over the rows of one bin.
pub(super) type Cell<const N: usize> = [f64; N];

/// The cells of one feature.
pub(super) type FeatureCells<const N: usize> = [Cell<N>; BINS];

/// Derivatives of the loss by row.
pub(super) trait Derivatives<const N: usize> {
    /// Returns what the row adds to its bin.
    fn cell(&self, row: usize) -> Cell<N>;

    /// Sets the gradient of every row from `slope`, which is then weighted.
    fn set(&mut self, slope: impl Fn(usize) -> f64);
}

/// Rows that all weigh one.
pub(super) struct Unweighted {
    gradients: Vec<f64>,
}

impl Unweighted {
    /// Returns this many rows.
    pub(super) fn new(rows: usize) -> Self {
        Self { gradients: vec![0.0; rows] }
    }
}

impl Derivatives<2> for Unweighted {
    #[inline]
    fn cell(&self, row: usize) -> Cell<2> {
        [self.gradients[row], 1.0]
    }

    fn set(&mut self, slope: impl Fn(usize) -> f64) {
        for (row, gradient) in self.gradients.iter_mut().enumerate() {
            *gradient = slope(row);
        }
    }
}

/// Rows with weights.
pub(super) struct Weighted<'a> {
    gradients: Vec<f64>,
    weights: &'a [f64],
}

impl<'a> Weighted<'a> {
    /// Returns rows with these weights.
    pub(super) fn new(weights: &'a [f64]) -> Self {
        Self { gradients: vec![0.0; weights.len()], weights }
    }
}

impl Derivatives<3> for Weighted<'_> {
    #[inline]
    fn cell(&self, row: usize) -> Cell<3> {
        [self.gradients[row], self.weights[row], 1.0]
    }

    fn set(&mut self, slope: impl Fn(usize) -> f64) {
        for (row, (gradient, weight)) in self.gradients.iter_mut().zip(self.weights).enumerate() {
            *gradient = slope(row) * weight;
        }
    }
}

/// The cells of all features that a tree may use, in the order of its feature list.
#[derive(Debug)]
pub(super) struct Histogram<const N: usize> {
    features: Vec<FeatureCells<N>>,
}

impl<const N: usize> Histogram<N> {
    /// Returns empty cells for this many features.
    pub(super) fn new(features: usize) -> Self {
        Self { features: vec![[[0.0; N]; BINS]; features] }
    }

    /// Returns the cells of the feature at this place in the tree's list.
    pub(super) fn feature(&self, place: usize) -> &FeatureCells<N> {
        &self.features[place]
    }

    /// Replaces the cells by the sums over `rows` of `columns` (bins by row, one per feature).
    pub(super) fn fill(
        &mut self,
        columns: &[&[u8]],
        rows: &[u32],
        derivatives: &impl Derivatives<N>,
    ) {
        let blocks = columns.chunks(TOGETHER).zip(self.features.chunks_mut(TOGETHER));
        for (columns, cells) in blocks {
            cells.fill([[0.0; N]; BINS]);
            match (columns, cells) {
                ([a, b, c, d], [ca, cb, cc, cd]) => {
                    add_rows([a, b, c, d], [ca, cb, cc, cd], rows, derivatives);
                }
                (columns, cells) => {
                    for (column, cells) in columns.iter().zip(cells) {
                        add_rows([column], [cells], rows, derivatives);
                    }
                }
            }
        }
    }

    /// Takes a child's sums from its parent's, which leaves the other child's.
    pub(super) fn subtract(&mut self, child: &Self) {
        for (parent, child) in self.features.iter_mut().zip(&child.features) {
            for (p, c) in parent.as_flattened_mut().iter_mut().zip(child.as_flattened()) {
                *p -= c;
            }
        }
    }
}

#[inline]
#[expect(clippy::needless_pass_by_value, reason = "an array of exclusive borrows")]
fn add_rows<const N: usize, const F: usize>(
    columns: [&[u8]; F],
    cells: [&mut FeatureCells<N>; F],
    rows: &[u32],
    derivatives: &impl Derivatives<N>,
) {
    for &row in rows {
        let row = row as usize;
        let add = derivatives.cell(row);
        for f in 0..F {
            let cell = &mut cells[f][usize::from(columns[f][row])];
            for (sum, value) in cell.iter_mut().zip(add) {
                *sum += value;
            }
        }
    }
}
