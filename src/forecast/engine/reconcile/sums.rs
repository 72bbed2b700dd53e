//! The histories of the nodes a panel does not hold: sums of what they contain.

use std::collections::HashMap;

use arrow::datatypes::DataType;

use super::hierarchy::Hierarchy;
use super::wrong;
use crate::forecast::engine::error::EngineError;
use crate::forecast::engine::table::{Ids, Layout, NO_STAMP, Rows};

/// Returns the rows of all nodes, aggregates first, and how many of these were summed; an aggregate
/// that is a series of the panel keeps its own rows. Ids become text in `layout`.
///
/// A series adds nothing before its first value, as in hierarchicalforecast; from then on a sum is
/// known only where all its series are. The covariates of a sum are the means of those known.
/// `O(rows · depth)`.
///
/// # Errors
/// [`EngineError::Structure`] when the bottom nodes are not the series of the panel.
pub fn with_sums(
    rows: Rows,
    layout: &mut Layout,
    hierarchy: &Hierarchy,
) -> Result<(Rows, usize), EngineError> {
    let rows = rows.gather();
    let runs = places(&rows, hierarchy)?;
    if layout.id.is_integer() {
        layout.id = DataType::Utf8;
    }
    let sums = Sums::new(&rows, &runs[hierarchy.aggregates.len()..]);
    let mut all = Rows::none(layout);
    let mut summed = 0;
    let names = hierarchy.aggregates.iter().chain(&hierarchy.bottoms);
    for (node, (name, run)) in names.zip(&runs).enumerate() {
        match run {
            Some(run) => copy(&rows, *run, &mut all),
            None => {
                sums.write(&hierarchy.structure.members[node], &mut all);
                summed += 1;
            }
        }
        all.ends.push(all.y.len());
        if let Ids::Text { text, ends } = &mut all.ids {
            text.push_str(name);
            ends.push(text.len());
        }
    }
    Ok((all, summed))
}

/// Returns the run of each node, none for aggregates that are to be summed.
fn places(rows: &Rows, hierarchy: &Hierarchy) -> Result<Vec<Option<usize>>, EngineError> {
    let mut runs: HashMap<String, usize> =
        (0..rows.ids.len()).map(|run| (rows.ids.text(run), run)).collect();
    let mut found = Vec::with_capacity(hierarchy.structure.len());
    found.extend(hierarchy.aggregates.iter().map(|name| runs.remove(name)));
    for name in &hierarchy.bottoms {
        match runs.remove(name) {
            Some(run) => found.push(Some(run)),
            None => return wrong(format!("series {name:?} of the hierarchy is not in the panel")),
        }
    }
    // The first in the order of the panel, so that the words are the same on every run.
    match runs.into_iter().min_by_key(|(_, run)| *run) {
        Some((name, _)) => wrong(format!("series {name:?} of the panel is not in the hierarchy")),
        None => Ok(found),
    }
}

fn copy(rows: &Rows, run: usize, into: &mut Rows) {
    let run = rows.run(run);
    into.stamps.extend_from_slice(&rows.stamps[run.clone()]);
    into.y.extend_from_slice(&rows.y[run.clone()]);
    for (into, x) in into.exogenous.iter_mut().zip(&rows.exogenous) {
        into.extend_from_slice(&x[run.clone()]);
    }
}

/// Adds up series stamp by stamp.
struct Sums<'a> {
    rows: &'a Rows,
    /// The run of each bottom node.
    runs: Vec<usize>,
    /// All stamps of the panel, ascending.
    stamps: Vec<i64>,
    /// The place of each row's stamp among them.
    places: Vec<usize>,
    /// The place of the first value of each bottom node; the number of stamps where it has none.
    firsts: Vec<usize>,
}

impl<'a> Sums<'a> {
    fn new(rows: &'a Rows, runs: &[Option<usize>]) -> Self {
        let runs: Vec<usize> = runs.iter().flatten().copied().collect();
        let mut stamps = rows.stamps.clone();
        stamps.sort_unstable();
        stamps.dedup();
        stamps.retain(|stamp| *stamp != NO_STAMP);
        let place = |stamp: &i64| stamps.binary_search(stamp).unwrap_or(stamps.len());
        let places: Vec<usize> = rows.stamps.iter().map(place).collect();
        let first = |run: &usize| {
            let observed = rows.run(*run).filter(|row| !rows.y[*row].is_nan());
            observed.map(|row| places[row]).min().unwrap_or(stamps.len())
        };
        let firsts = runs.iter().map(first).collect();
        Self { rows, runs, stamps, places, firsts }
    }

    /// Appends the rows of the sum of these bottom nodes, from the first value of any.
    fn write(&self, members: &[usize], into: &mut Rows) {
        let count = self.stamps.len();
        let mut begun = vec![0_usize; count + 1];
        members.iter().for_each(|node| begun[self.firsts[*node]] += 1);
        let (y, seen) = self.add(members, &self.rows.y);
        let from = begun.iter().position(|n| *n > 0).unwrap_or(count).min(count);
        let mut expected = 0;
        for at in from..count {
            expected += begun[at];
            into.stamps.push(self.stamps[at]);
            into.y.push(if seen[at] == expected { y[at] } else { f64::NAN });
        }
        for (into, x) in into.exogenous.iter_mut().zip(&self.rows.exogenous) {
            let (sums, seen) = self.add(members, x);
            // Of none the mean is 0 / 0: missing.
            into.extend((from..count).map(|at| sums[at] / seen[at] as f64));
        }
    }

    /// Returns the sum of a column over nodes at each stamp, and how many were known.
    fn add(&self, members: &[usize], column: &[f64]) -> (Vec<f64>, Vec<usize>) {
        let mut sums = vec![0.0; self.stamps.len()];
        let mut seen = vec![0; self.stamps.len()];
        for node in members {
            for row in self.rows.run(self.runs[*node]) {
                let at = self.places[row];
                if at < sums.len() && !column[row].is_nan() {
                    sums[at] += column[row];
                    seen[at] += 1;
                }
            }
        }
        (sums, seen)
    }
}
