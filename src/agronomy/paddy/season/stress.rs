//! Lack of water as a number between 1 (none) and 0 (the process stops).

use super::crop::{RiceCrop, StressCurve};
use super::soil::Depletion;

/// Per cent by which the threshold of early senescence falls once it has begun; AquaCrop default.
const RELIEF_PCT: f64 = 12.0;

/// How much each process is left of; AquaCrop reference manual, "Stresses".
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stress {
    /// Growth of leaves.
    pub(super) expansion: f64,
    /// Opening of stomata, on a straight line.
    pub(super) stomata: f64,
    /// Life of leaves.
    pub(super) senescence: f64,
}

/// Returns a threshold as a day of other demand than 5 mm moves it; reference manual, "Stresses".
pub(super) fn by_demand(threshold: f64, et0_mm: f64) -> f64 {
    threshold + 0.04 * (5.0 - et0_mm) * (10.0 - 9.0 * threshold).log10()
}

/// Returns how far depletion lies between the thresholds of a curve (0 to 1), by the day's demand.
fn between(curve: StressCurve, relief: f64, depletion: Depletion, et0_mm: f64) -> f64 {
    let upper = (by_demand(curve.upper, et0_mm) * relief).clamp(0.0, 1.0);
    let lower = by_demand(curve.lower, et0_mm).clamp(0.0, 1.0);
    let share = depletion.missing_mm / depletion.available_mm;
    if share <= upper {
        0.0
    } else if share < lower {
        (share - upper) / (lower - upper)
    } else {
        1.0
    }
}

/// Returns what is left of a process whose curve bends.
pub(super) fn bent(relative: f64, shape: f64) -> f64 {
    1.0 - ((relative * shape).exp() - 1.0) / (shape.exp() - 1.0)
}

impl Stress {
    /// Returns the stress of a day; `relieved` when early senescence has begun and its threshold falls.
    pub(super) fn of(crop: &RiceCrop, depletion: Depletion, et0_mm: f64, relieved: bool) -> Self {
        let relief = if relieved { 1.0 - RELIEF_PCT / 100.0 } else { 1.0 };
        let left = |curve: StressCurve, relief: f64| {
            bent(between(curve, relief, depletion, et0_mm), curve.shape)
        };
        Self {
            expansion: left(crop.expansion, 1.0),
            stomata: 1.0 - between(crop.stomata, 1.0, depletion, et0_mm),
            senescence: left(crop.senescence, relief),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wet_soil_does_not_stress_and_dry_soil_stops_all() {
        let crop = RiceCrop::paddy_rice();
        let at = |missing_mm| {
            Stress::of(&crop, Depletion { missing_mm, available_mm: 90.0 }, 5.0, false)
        };
        assert_eq!(at(-10.0), Stress { expansion: 1.0, stomata: 1.0, senescence: 1.0 });
        let dry = at(90.0);
        assert!(dry.expansion.abs() + dry.stomata.abs() + dry.senescence.abs() < 1e-12);
        let half = at(45.0 + 1e-9);
        assert!(half.expansion < 0.01 && half.stomata > 0.99, "{half:?}");
    }
}
