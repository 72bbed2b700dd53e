//! Which nodes add up to which, as lists of places.

use super::wrong;
use crate::forecast::engine::error::EngineError;

/// Which nodes add up to which: aggregates first, then bottom nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    /// The bottom nodes of each aggregate, by their place among the bottom nodes, ascending.
    pub(super) members: Vec<Vec<usize>>,
    pub(super) bottoms: usize,
}

impl Structure {
    /// Returns the structure in which aggregate `k` is the sum of the bottom nodes `members[k]`.
    ///
    /// # Errors
    /// [`EngineError::Structure`] when an aggregate is empty or names a bottom node twice or one
    /// that is not there.
    pub fn new(mut members: Vec<Vec<usize>>, bottoms: usize) -> Result<Self, EngineError> {
        for (k, nodes) in members.iter_mut().enumerate() {
            nodes.sort_unstable();
            let reason = match nodes.last() {
                None => format!("aggregate {k} is the sum of nothing"),
                Some(last) if *last >= bottoms => {
                    format!("aggregate {k} names bottom node {last} of {bottoms}")
                }
                _ if nodes.windows(2).any(|pair| pair[0] == pair[1]) => {
                    format!("aggregate {k} names a bottom node twice")
                }
                _ => continue,
            };
            return wrong(reason);
        }
        Ok(Self { members, bottoms })
    }

    /// Returns how many nodes there are, aggregates and bottom nodes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.members.len() + self.bottoms
    }

    /// Returns whether there is no node.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many aggregates there are.
    #[must_use]
    pub const fn aggregates(&self) -> usize {
        self.members.len()
    }

    /// Makes aggregates the sums of their bottom nodes in one column of nodes.
    pub fn sum_up(&self, column: &mut [f64]) {
        let (above, below) = column.split_at_mut(self.members.len());
        for (total, nodes) in above.iter_mut().zip(&self.members) {
            *total = nodes.iter().map(|node| below[*node]).sum();
        }
    }

    /// Writes how far each aggregate of a column stands above the sum of its bottom nodes.
    pub(super) fn gaps(&self, column: &[f64], gaps: &mut [f64]) {
        let (above, below) = column.split_at(self.members.len());
        for ((gap, total), nodes) in gaps.iter_mut().zip(above).zip(&self.members) {
            *gap = total - nodes.iter().map(|node| below[*node]).sum::<f64>();
        }
    }
}
