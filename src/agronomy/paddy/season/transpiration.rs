//! Transpiration: what the canopy asks for, and what the pond and the roots give.
//!
//! AquaCrop reference manual, chapter 3, "Crop transpiration". Rice under water does not lack air.

use super::canopy::Canopy;
use super::crop::RiceCrop;
use super::roots::Roots;
use super::soil::Profile;
use super::stress::{bent, by_demand};

/// Carbon dioxide (ppm by volume) of the reference year 2000; AquaCrop's Mauna Loa file.
const CO2_REFERENCE_PPM: f64 = 369.41;
/// Days after full cover from which leaves age.
const AGEING_AFTER_DAYS: u32 = 5;
/// Ends of the logistic curve by which cold slows transpiration; program default.
const COLD_CURVE: (f64, f64) = (0.02, 1.0);

/// Returns how far cold leaves transpiration (0 to 1), by the degree days of the day.
fn cold(crop: &RiceCrop, gdd: f64) -> f64 {
    if gdd >= crop.cold_gdd {
        return 1.0;
    }
    if gdd <= 0.0 {
        return 0.0;
    }
    let (low, high) = COLD_CURVE;
    let steepness = -((low * high - 0.98 * low) / (0.98 * (high - low))).ln();
    let relative = gdd / crop.cold_gdd;
    let logistic = high * low / (low + (high - low) * (-steepness * relative).exp());
    logistic - low * (1.0 - relative)
}

/// Returns what the canopy would transpire with water enough (mm).
pub(super) fn potential_mm(
    crop: &RiceCrop,
    canopy: &Canopy,
    days_full: u32,
    co2_ppm: f64,
    gdd: f64,
    et0_mm: f64,
) -> f64 {
    let aged = days_full.saturating_sub(AGEING_AFTER_DAYS);
    let mut kcb = crop.kcb - f64::from(aged) * crop.ageing_pct_day / 100.0 * canopy.withered_from;
    if co2_ppm > CO2_REFERENCE_PPM {
        kcb *= 1.0 - 0.05 * (co2_ppm - CO2_REFERENCE_PPM) / (550.0 - CO2_REFERENCE_PPM);
    }
    let mut potential = kcb * Canopy::advective(canopy.cover) * et0_mm * cold(crop, gdd);
    // A dying canopy transpires less than its green cover would.
    if canopy.cover < canopy.withered_from && canopy.cover > 0.001 {
        potential *= canopy.cover / canopy.withered_from;
    }
    potential
}

/// Takes water (mm) for transpiration by the roots and returns what they found.
pub(super) fn take_up(
    crop: &RiceCrop,
    profile: &mut Profile,
    roots: &Roots,
    et0_mm: f64,
    wanted_mm: f64,
) -> f64 {
    let root_m = (roots.depth_m.max(crop.root_m.0) * 100.0).round() / 100.0;
    let (top, bottom) = crop.uptake_ends();
    let bottom = bottom * roots.crowding;
    let critical_share = by_demand(crop.stomata.upper, et0_mm);
    let mut left = wanted_mm;
    let mut upper_end = top;
    for (c, water) in profile.compartments.iter().zip(&mut profile.water) {
        let share = c.share_above(root_m);
        if left <= 0.0 || share <= 0.0 {
            break;
        }
        // Uptake falls on a straight line to the tips of the roots.
        let lower_end = bottom + (top - bottom) * ((root_m - c.bottom_m) / root_m).max(0.0);
        let most = f64::midpoint(upper_end, lower_end);
        upper_end = lower_end;
        let available = c.capacity - c.wilting;
        let missing = (c.capacity - *water) / available;
        let open = if missing <= critical_share {
            1.0
        } else if missing < 1.0 {
            let curve = crop.stomata;
            let relative = (missing - curve.upper) / (curve.lower - curve.upper);
            bent(relative.clamp(0.0, 1.0), curve.shape)
        } else {
            0.0
        };
        let asked = left / (1_000.0 * c.thickness_m);
        let sink = (open * most * share).min(asked).min((*water - c.dry()).max(0.0));
        *water -= sink;
        left -= c.mm(sink);
    }
    wanted_mm - left
}

#[cfg(test)]
mod tests {
    use super::super::soil::PaddySoil;
    use super::*;

    #[test]
    fn cold_days_stop_transpiration_smoothly() {
        let crop = RiceCrop::paddy_rice();
        let days: Vec<f64> = (0..=11).map(|gdd| cold(&crop, f64::from(gdd))).collect();
        assert!(days[0].abs() < 1e-12 && (days[10] - 1.0).abs() < 1e-12);
        assert!(days.windows(2).all(|d| d[1] >= d[0]), "{days:?}");
        assert!((days[9] - days[10]).abs() < 0.05);
    }

    #[test]
    fn roots_find_all_in_moist_soil_and_nothing_below_wilting() {
        let crop = RiceCrop::paddy_rice();
        let mut profile = Profile::new(&PaddySoil::aquacrop_paddy()).expect("a plain soil");
        let roots = Roots::new(&crop);
        assert!((take_up(&crop, &mut profile, &roots, 5.0, 5.0) - 5.0).abs() < 1e-12);
        profile.water = profile.compartments.iter().map(|c| c.wilting).collect();
        assert!(take_up(&crop, &mut profile, &roots, 5.0, 5.0).abs() < 1e-12);
    }
}
