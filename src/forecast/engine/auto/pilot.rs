//! Which series of a panel a plan learns from.

use super::Plan;
use crate::forecast::engine::frame::Block;
use crate::forecast::engine::panel::sample;
use crate::forecast::engine::series::Ask;

/// Series of a pilot, at most: their mean covariance is known to a few percent, and weights hang
/// on its differences. With it the numbers of the model card were measured.
const PILOT_SERIES_MAX: usize = 300;

impl Plan {
    /// Learns from evenly taken series of a panel's first blocks. See [`Plan::learn`].
    #[must_use]
    pub fn prepare(blocks: &[Block], ask: &Ask) -> Self {
        Self::learn(&sample(blocks, ask, PILOT_SERIES_MAX), ask)
    }
}
