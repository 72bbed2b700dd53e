//! Roots: how deep they reach and how evenly they take up water.
//!
//! AquaCrop reference manual, chapter 3, "Effective rooting depth".

use super::crop::RiceCrop;
use super::soil::Profile;
use super::stress::bent;

/// Per cent of the depth at emergence from which the curve of deepening starts.
const START_PCT: f64 = 70.0;
/// Bend of the curve by which thirst slows deepening.
const THIRST_SHAPE: f64 = -6.0;

/// The roots.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Roots {
    /// Effective depth (m).
    pub(super) depth_m: f64,
    /// How much denser the bottom is for roots that could not deepen (1: as usual).
    pub(super) crowding: f64,
}

/// Returns the depth (m) that unhindered roots reach at a time.
fn unhindered_m(crop: &RiceCrop, time_gdd: f64) -> f64 {
    let start = (crop.emergence_gdd / 2.0).round();
    let (shallow, deep) = crop.root_m;
    let from = shallow * START_PCT / 100.0;
    let depth = if time_gdd >= crop.deepest_roots_gdd {
        deep
    } else if time_gdd <= start {
        from
    } else {
        let share = (time_gdd - start) / (crop.deepest_roots_gdd - start);
        from + (deep - from) * share.powf(1.0 / crop.root_shape)
    };
    depth.max(shallow)
}

impl Roots {
    /// Returns the roots at sowing.
    pub(super) fn new(crop: &RiceCrop) -> Self {
        Self { depth_m: crop.root_m.0, crowding: 1.0 }
    }

    /// Deepens the roots for a day; `transpired` is the share of its demand that the crop met the day
    /// before.
    pub(super) fn step(
        &mut self,
        crop: &RiceCrop,
        profile: &Profile,
        time_gdd: f64,
        gdd: f64,
        transpired: f64,
    ) {
        let could = unhindered_m(crop, time_gdd);
        let mut deeper = could - unhindered_m(crop, time_gdd - gdd);
        if transpired < 0.9999 {
            deeper *= (transpired * THIRST_SHAPE).exp_m1() / THIRST_SHAPE.exp_m1();
        }
        if deeper > 0.001 {
            deeper *= self.wetness_ahead(crop, profile, deeper);
        }
        self.depth_m += deeper;
        self.crowding = 1.0;
        if self.depth_m < could - 1e-12 {
            let (top, bottom) = crop.uptake_ends();
            let spread = could / self.depth_m * (top + bottom) - top;
            self.crowding = (spread / bottom * transpired).max(1.0);
        }
    }

    /// Returns how far the soil ahead lets roots in (0 to 1).
    fn wetness_ahead(&self, crop: &RiceCrop, profile: &Profile, deeper: f64) -> f64 {
        let reach = self.depth_m + deeper;
        let ahead = profile.compartments.iter().zip(&profile.water);
        let Some((c, water)) = ahead.into_iter().find(|(c, _)| c.bottom_m >= reach - 1e-9) else {
            return 0.0;
        };
        // Half-way between where stomata begin to close and wilting.
        let limit = f64::midpoint(crop.stomata.upper, 1.0);
        let available = c.capacity - c.wilting;
        let missing = (c.capacity - water) / available;
        if missing <= limit {
            1.0
        } else if missing >= 1.0 {
            0.0
        } else {
            bent((missing - limit) / (1.0 - limit), crop.stomata.shape)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::soil::PaddySoil;
    use super::*;

    #[test]
    fn roots_reach_their_depth_in_moist_soil_and_stop_in_dry() {
        let crop = RiceCrop::paddy_rice();
        let mut profile = Profile::new(&PaddySoil::aquacrop_paddy()).expect("a plain soil");
        let deepen = |profile: &Profile| {
            let mut roots = Roots::new(&crop);
            for day in 1..=30 {
                roots.step(&crop, profile, f64::from(day) * 19.0, 19.0, 1.0);
            }
            roots
        };
        let moist = deepen(&profile);
        assert!((moist.depth_m - 0.5).abs() < 1e-9 && (moist.crowding - 1.0).abs() < 1e-12);
        profile.water = profile.compartments.iter().map(|c| c.wilting).collect();
        let dry = deepen(&profile);
        assert!(dry.depth_m < 0.35 && dry.crowding > 1.0, "{dry:?}");
    }
}
