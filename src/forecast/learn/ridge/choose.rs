//! Chooses each target's penalty from a list.

use ndarray::{Array1, Array2, ArrayView1, Axis};

use super::params::Penalty;
use super::system::{Products, System};
use crate::forecast::learn::cholesky::Cholesky;
use crate::forecast::learn::error::{LearnError, Result};
use crate::forecast::learn::guard::check_len;
use crate::forecast::learn::standard::total_weight;

/// Returns the penalty of each target.
///
/// # Errors
/// [`LearnError::Collinear`] when no candidate makes the equations solvable.
pub(super) fn choose(penalty: &Penalty, system: &System<'_>) -> Result<Vec<f64>> {
    let (candidates, errors) = match penalty {
        Penalty::Fixed(penalty) => return Ok(vec![*penalty; system.levels.len()]),
        Penalty::LeaveOneOut(candidates) => (candidates, leave_one_out(candidates, system)),
        Penalty::Generalised(candidates) => (candidates, generalised(candidates, system)),
        Penalty::TimeBlocks { candidates, blocks } => {
            let rows = system.sample.rows();
            system.sample.need_rows(2 * blocks, "for two in each block")?;
            let blocks: Vec<Vec<usize>> = (0..*blocks)
                .map(|b| (b * rows / blocks..(b + 1) * rows / blocks).collect())
                .collect();
            (candidates, held_out(candidates, system, &blocks))
        }
        Penalty::GivenBlocks { candidates, block_of_row } => {
            let blocks = given_blocks(block_of_row, system)?;
            (candidates, held_out(candidates, system, &blocks))
        }
    };
    errors.columns().into_iter().map(|column| least(candidates, column, system)).collect()
}

/// Returns the candidate of least error, the first of equals.
fn least(candidates: &[f64], errors: ArrayView1<'_, f64>, system: &System<'_>) -> Result<f64> {
    let mut best: Option<(f64, f64)> = None;
    for (&candidate, &error) in candidates.iter().zip(errors) {
        if error.is_finite() && best.is_none_or(|(_, least)| error < least) {
            best = Some((candidate, error));
        }
    }
    match best {
        Some((candidate, _)) => Ok(candidate),
        None => system.factor(candidates[0]).map(|_| candidates[0]),
    }
}

fn given_blocks(block_of_row: &[usize], system: &System<'_>) -> Result<Vec<Vec<usize>>> {
    check_len("the list of blocks", block_of_row.len(), system.sample.kept.total)?;
    let mut blocks = std::collections::BTreeMap::<usize, Vec<usize>>::new();
    for row in 0..system.sample.rows() {
        blocks.entry(block_of_row[system.sample.kept.original(row)]).or_default().push(row);
    }
    if blocks.len() < 2 {
        let (name, given) = ("number of blocks", blocks.len().to_string());
        return Err(LearnError::Param { name, given, allowed: "at least 2 with rows that weigh" });
    }
    Ok(blocks.into_values().collect())
}

/// Returns errors (rows = candidates, cols = targets) from the `error` of each target under the
/// factor of each candidate; `inf` where there is no factor.
///
/// `prepare` does once for a candidate what all targets share.
fn errors_by_candidate<P>(
    candidates: &[f64],
    products: &Products,
    prepare: impl Fn(f64, &Cholesky) -> P,
    error: impl Fn(&P, Array1<f64>, usize) -> f64,
) -> Array2<f64> {
    let targets = products.cross.ncols();
    let mut errors = Array2::from_elem((candidates.len(), targets), f64::INFINITY);
    for (&penalty, mut errors) in candidates.iter().zip(errors.rows_mut()) {
        let Ok(factor) = products.factor(penalty) else { continue };
        let prepared = prepare(penalty, &factor);
        for (target, slot) in errors.iter_mut().enumerate() {
            *slot = error(&prepared, products.solve(&factor, target), target);
        }
    }
    errors
}

fn leave_one_out(candidates: &[f64], system: &System<'_>) -> Array2<f64> {
    errors_by_candidate(
        candidates,
        &system.products,
        |_, factor| system.leverages(factor),
        |leverages, beta, target| {
            system.left_out(leverages, beta.view(), target).mapv(|e| e * e).sum()
        },
    )
}

/// `RSS / (n − trace H)²`; the trace is that of the level, 1, and of the shrunk coefficients.
fn generalised(candidates: &[f64], system: &System<'_>) -> Array2<f64> {
    let rows = total_weight(None, system.sample.rows());
    let columns = total_weight(None, system.z.ncols());
    errors_by_candidate(
        candidates,
        &system.products,
        |penalty, factor| rows - 1.0 - columns + penalty * factor.trace_of_inverse(),
        |&free, beta, target| {
            let squares = system.residuals(beta.view(), target).mapv(|e| e * e).sum();
            if free > 0.0 { squares / (free * free) } else { f64::INFINITY }
        },
    )
}

/// Returns squared errors on each block under the fit to the others, added up.
///
/// The products of the others are those of all rows less the block's, moved to the others' means;
/// the scale of the features stays that of all rows.
pub(super) fn held_out(
    candidates: &[f64],
    system: &System<'_>,
    blocks: &[Vec<usize>],
) -> Array2<f64> {
    let mut errors = Array2::zeros((candidates.len(), system.levels.len()));
    for rows in blocks {
        let fold = Fold::new(system, rows);
        errors += &errors_by_candidate(
            candidates,
            &fold.others,
            |_, _| (),
            |(), beta, target| fold.squares(beta.view(), target),
        );
    }
    errors
}

/// A block, and the products of all rows outside it.
struct Fold {
    z: Array2<f64>,
    y: Array2<f64>,
    root_weights: Array1<f64>,
    /// Means over the others, of standardised features and of centred targets.
    z_means: Array1<f64>,
    y_means: Array1<f64>,
    others: Products,
}

impl Fold {
    fn new(system: &System<'_>, rows: &[usize]) -> Self {
        let z = system.z.select(Axis(0), rows);
        let y = system.y.select(Axis(0), rows);
        let root_weights: Array1<f64> = rows.iter().map(|&row| system.root_weight(row)).collect();
        let weight = system.total_weight - root_weights.mapv(|r| r * r).sum();
        // Over all rows the standardised sums are zero, so the others' are the block's, negated.
        let z_means = -root_weights.dot(&z) / weight;
        let y_means = -root_weights.dot(&y) / weight;
        let column = z_means.view().insert_axis(Axis(1));
        let moved = |means: &Array1<f64>| column.dot(&means.view().insert_axis(Axis(0))) * weight;
        let others = Products {
            gram: &system.products.gram - &z.t().dot(&z) - moved(&z_means),
            cross: &system.products.cross - &z.t().dot(&y) - moved(&y_means),
        };
        Self { z, y, root_weights, z_means, y_means, others }
    }

    fn squares(&self, beta: ArrayView1<'_, f64>, target: usize) -> f64 {
        let level = self.y_means[target] - self.z_means.dot(&beta);
        let forecast = self.z.dot(&beta) + &self.root_weights * level;
        (&self.y.column(target) - &forecast).mapv(|e| e * e).sum()
    }
}
