//! Evaporation from the pond, then from the wet surface at full rate, then from drying soil.
//!
//! AquaCrop reference manual, chapter 3, "Soil evaporation".

use super::canopy::Canopy;
use super::crop::RiceCrop;
use super::soil::Profile;

/// Evaporation of a wet bare surface over reference evapotranspiration; program default.
const WET_BARE: f64 = 1.10;
/// Per cent by which withered leaves shelter the soil; program default.
const SHELTER_PCT: f64 = 50.0;
/// Least and greatest thickness (m) of the layer that evaporates; program default.
const LAYER_M: (f64, f64) = (0.15, 0.30);
/// Bend of the falling rate in drying soil; program default.
const FALLING_SHAPE: f64 = 4.0;
/// Wetness of the layer at which it begins to thicken; program default.
const THICKENS_AT: f64 = 0.4;
/// Steps of a day in drying soil.
const STEPS: u32 = 20;

/// The surface and how dry it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Surface {
    /// Water (mm) that still evaporates at full rate.
    full_rate_mm: f64,
    /// Wetness of the layer at which the falling rate began.
    falling_from: f64,
    /// Thickness of the layer (m).
    layer_m: f64,
}

/// Water (mm) in the layer that evaporates.
struct LayerWater {
    saturation: f64,
    capacity: f64,
    dry: f64,
    actual: f64,
}

/// Returns what a day could evaporate (mm) under a canopy.
pub(super) fn potential_mm(crop: &RiceCrop, canopy: &Canopy, time_gdd: f64, et0_mm: f64) -> f64 {
    let shelter = SHELTER_PCT / 100.0;
    let under = |cover: f64| WET_BARE * et0_mm * (1.0 - Canopy::advective(cover));
    let most = WET_BARE * et0_mm * (1.0 - canopy.withered_from * shelter);
    let mut potential = under(canopy.cover);
    if time_gdd > crop.senescence_gdd && canopy.cover_max > 0.0 {
        let half = canopy.cover_max / 2.0;
        let withered = ((canopy.cover_max - canopy.cover) / half).clamp(0.0, 1.0);
        potential *= 1.0 - canopy.cover_max * shelter * withered;
        potential = potential.max(under(canopy.cover_max).max(0.0)).min(most);
    }
    if canopy.early { potential.min(most) } else { potential }
}

impl Surface {
    /// Returns a surface that begins in the falling rate, as the program has it on the first day.
    pub(super) fn new(profile: &Profile, readily_mm: f64) -> Self {
        let mut surface = Self { full_rate_mm: 0.0, falling_from: 0.0, layer_m: LAYER_M.0 };
        surface.falling_from = surface.wetness(profile, readily_mm);
        surface
    }

    fn layer(&self, profile: &Profile) -> LayerWater {
        let mut sum = LayerWater { saturation: 0.0, capacity: 0.0, dry: 0.0, actual: 0.0 };
        for (c, water) in profile.compartments.iter().zip(&profile.water) {
            let share = c.share_above(self.layer_m);
            sum.saturation += share * c.mm(c.saturation);
            sum.capacity += share * c.mm(c.capacity);
            sum.dry += share * c.mm(c.dry());
            sum.actual += share * c.mm(*water);
        }
        sum
    }

    /// Returns the wetness above what is readily lost, in hundredths as the program keeps it.
    fn wetness(&self, profile: &Profile, readily_mm: f64) -> f64 {
        let layer = self.layer(profile);
        let floor = layer.capacity - readily_mm;
        let wetness = (layer.actual - floor) / (layer.saturation - floor);
        ((wetness * 100.0).round() / 100.0).max(0.0)
    }

    /// Evaporates up to `potential_mm`: first from the pond, then from the soil; returns what did.
    ///
    /// `soaked_mm` is the rain and irrigation of the day that did not run off.
    pub(super) fn step(
        &mut self,
        profile: &mut Profile,
        pond_mm: &mut f64,
        readily_mm: f64,
        soaked_mm: f64,
        potential_mm: f64,
    ) -> f64 {
        if soaked_mm > 0.0 {
            self.rewet(soaked_mm.min(readily_mm));
        }
        let from_pond = potential_mm.min(*pond_mm).max(0.0);
        if *pond_mm > 0.0 && *pond_mm <= potential_mm {
            self.rewet(readily_mm);
        }
        *pond_mm -= from_pond;
        let mut wanted = potential_mm - from_pond;
        let at_full_rate = wanted.min(self.full_rate_mm);
        if at_full_rate > 0.0 {
            let got = Self::take(profile, at_full_rate, LAYER_M.0);
            wanted -= got;
            self.full_rate_mm -= got;
            if got < at_full_rate - 1e-4 || self.full_rate_mm < 1e-4 {
                self.full_rate_mm = 0.0;
                self.falling_from = self.wetness(profile, readily_mm);
            }
        }
        let from_soil = potential_mm - from_pond - wanted;
        from_pond + from_soil + self.falling_rate(profile, readily_mm, wanted)
    }

    fn rewet(&mut self, full_rate_mm: f64) {
        *self = Self { full_rate_mm, falling_from: 0.0, layer_m: LAYER_M.0 };
    }

    /// Returns the wetness of the layer between dry (0) and where the falling rate began (1).
    fn relative(&self, profile: &Profile, readily_mm: f64) -> f64 {
        let layer = self.layer(profile);
        let floor = layer.capacity - readily_mm;
        let upper = self.falling_from * (layer.saturation - floor) + floor;
        (layer.actual - layer.dry) / (upper - layer.dry)
    }

    fn falling_rate(&mut self, profile: &mut Profile, readily_mm: f64, wanted_mm: f64) -> f64 {
        if wanted_mm <= 0.0 {
            return 0.0;
        }
        let mut got = 0.0;
        for _ in 0..STEPS {
            let mut relative = self.relative(profile, readily_mm);
            // The layer thickens by a millimetre at a time as it dries.
            while self.layer_m < LAYER_M.1 - 1e-9
                && relative < THICKENS_AT * (LAYER_M.1 - self.layer_m) / (LAYER_M.1 - LAYER_M.0)
            {
                self.layer_m += 0.001;
                relative = self.relative(profile, readily_mm);
            }
            let rate =
                ((FALLING_SHAPE * relative).exp_m1() / FALLING_SHAPE.exp_m1()).clamp(0.0, 1.0);
            got += Self::take(profile, rate * wanted_mm / f64::from(STEPS), self.layer_m);
        }
        got
    }

    /// Takes water (mm) from the top of the soil down to a depth, and returns what there was.
    fn take(profile: &mut Profile, wanted_mm: f64, depth_m: f64) -> f64 {
        let mut left = wanted_mm;
        for (c, water) in profile.compartments.iter().zip(&mut profile.water) {
            let share = c.share_above(depth_m);
            if left <= 0.0 || share <= 0.0 {
                break;
            }
            let there = (c.mm(*water - c.dry()) * share).max(0.0);
            let taken = there.min(left);
            *water -= taken / (1_000.0 * c.thickness_m);
            left -= taken;
        }
        wanted_mm - left
    }
}

#[cfg(test)]
mod tests {
    use super::super::soil::PaddySoil;
    use super::*;

    #[test]
    fn a_pond_evaporates_first_and_dry_soil_ever_less() {
        let mut profile = Profile::new(&PaddySoil::aquacrop_paddy()).expect("a plain soil");
        let mut surface = Surface::new(&profile, 10.0);
        let mut pond = 8.0;
        let total = profile.total_mm();
        assert!((surface.step(&mut profile, &mut pond, 10.0, 8.0, 5.0) - 5.0).abs() < 1e-12);
        assert!((pond - 3.0).abs() < 1e-12 && (profile.total_mm() - total).abs() < 1e-12);
        let days: Vec<f64> =
            (0..40).map(|_| surface.step(&mut profile, &mut pond, 10.0, 0.0, 5.0)).collect();
        assert!((days[0] - 5.0).abs() < 1e-9 && pond.abs() < 1e-12);
        assert!(days[39] < 1.0 && days.windows(2).all(|d| d[1] <= d[0] + 1e-9), "{days:?}");
        let lost = total - profile.total_mm();
        assert!((lost + 3.0 - days.iter().sum::<f64>()).abs() < 1e-6);
    }
}
