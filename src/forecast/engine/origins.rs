//! The past origins a series is forecast from, to choose models and to measure errors.

use super::series::Ask;

/// Horizons a series must hold before its origins stand a whole horizon apart; in shorter series
/// they overlap by two thirds, or there would be too few.
const HORIZONS_FOR_APART: usize = 10;

/// Share of a series that is never forecast, only learned from.
const LEARN_SHARE: usize = 3;

/// Values any origin must have before it, and seasons.
const VALUES_MIN: usize = 8;
const SEASONS_MIN: usize = 2;

/// Returns at most `wanted` numbers of values after which a forecast is issued whose whole horizon
/// was observed, ascending; the last is the length less the horizon.
///
/// Empty for a series too short to look back. Seasons longer than a third of it are not waited for.
#[must_use]
pub fn origins(length: usize, ask: &Ask, wanted: usize) -> Vec<usize> {
    let apart = length > HORIZONS_FOR_APART * ask.horizon;
    let stride = if apart { ask.horizon } else { (ask.horizon / 3).max(1) };
    let seasons = SEASONS_MIN * ask.season() + SEASONS_MIN * 2;
    let first = VALUES_MIN.max(length / LEARN_SHARE).max(seasons.min(length / 2));
    let back = (0..wanted).map(|k| length.checked_sub(ask.horizon + k * stride));
    let mut cutoffs: Vec<usize> = back.map_while(|c| c.filter(|c| *c >= first)).collect();
    cutoffs.reverse();
    cutoffs
}
