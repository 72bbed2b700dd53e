//! Recursions that take one value after the other and can forecast at any moment.

/// A fitted recursion that stands after some value of its series.
pub trait Online {
    /// Takes the next values (NaN where missing) without fitting again.
    fn advance(&mut self, y: &[f64]);

    /// Writes the forecast of the next `path.len()` steps.
    fn forecast(&self, path: &mut [f64]);
}

/// Writes one path for each cutoff (rows = cutoffs, ascending; cols = horizon): `model` is fitted
/// on what came before the first cutoff and then only takes the values in between.
pub fn roll(
    mut model: impl Online,
    y: &[f64],
    cutoffs: &[usize],
    horizon: usize,
    paths: &mut [f64],
) {
    let mut at = cutoffs.first().copied().unwrap_or(0);
    for (cutoff, path) in cutoffs.iter().zip(paths.chunks_exact_mut(horizon)) {
        model.advance(&y[at..*cutoff]);
        at = *cutoff;
        model.forecast(path);
    }
}
