//! Which series of a panel a plan learns from.

use super::Plan;
use crate::forecast::engine::frame::Block;
use crate::forecast::engine::series::{Ask, Regular};

/// Series of a pilot, at most: their mean covariance is known to a few percent, and weights hang
/// on its differences. Only 100 and 150 were tried.
const PILOT_SERIES_MAX: usize = 150;

impl Plan {
    /// Learns from evenly taken series of a panel's first blocks. See [`Plan::learn`].
    #[must_use]
    pub fn prepare(blocks: &[Block], ask: &Ask) -> Self {
        let count: usize = blocks.iter().map(Block::len).sum();
        let all = blocks.iter().flat_map(|block| (0..block.len()).map(move |i| (block, i)));
        let taken = all.step_by(count.div_ceil(PILOT_SERIES_MAX).max(1));
        let pilot: Vec<Regular<'_>> =
            taken.filter_map(|(block, i)| block.series(i, ask.horizon).ok()).collect();
        Self::learn(&pilot, ask)
    }
}
