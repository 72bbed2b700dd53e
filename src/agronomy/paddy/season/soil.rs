//! The soil under a paddy in compartments, and how empty its root zone is.

use crate::agronomy::AgronomyError;
use crate::agronomy::error::checked;

/// Depth (m) of the top soil whose wetness can spare a crop stress; AquaCrop's default compartment.
const TOP_SOIL_M: f64 = 0.1;

/// A layer of soil.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Layer {
    /// Thickness (m).
    pub thickness_m: f64,
    /// Water content at the wilting point (m³/m³).
    pub wilting_point: f64,
    /// Water content at field capacity (m³/m³).
    pub field_capacity: f64,
    /// Water content when full (m³/m³).
    pub saturation: f64,
    /// Water that passes the full layer (mm/day).
    pub conductivity_mm_day: f64,
}

/// The soil of a paddy.
#[derive(Debug, Clone, PartialEq)]
pub struct PaddySoil {
    /// Layers from the top; the last may reach below the profile.
    pub layers: Vec<Layer>,
    /// Depth of the profile that is reckoned (m).
    pub depth_m: f64,
    /// Thickness of one compartment (m).
    pub compartment_m: f64,
    /// Water that evaporates from the wet surface at full rate (mm).
    pub readily_evaporable_mm: f64,
}

impl PaddySoil {
    /// Returns AquaCrop's own soil file "Paddy": half a metre of 15 mm/day over a pan of 2 mm/day; PyPI
    /// package aquacrop 3.1.0, `soil.py`, and `shared/knowledge/tables/crop_model_parameters.csv`.
    #[must_use]
    pub fn aquacrop_paddy() -> Self {
        let upper = Layer {
            thickness_m: 0.5,
            wilting_point: 0.32,
            field_capacity: 0.50,
            saturation: 0.54,
            conductivity_mm_day: 15.0,
        };
        let pan = Layer {
            thickness_m: 1.5,
            wilting_point: 0.39,
            field_capacity: 0.54,
            saturation: 0.55,
            conductivity_mm_day: 2.0,
        };
        Self {
            layers: vec![upper, pan],
            depth_m: 1.2,
            compartment_m: 0.1,
            readily_evaporable_mm: 10.0,
        }
    }
}

/// A slice of the profile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Compartment {
    pub(super) thickness_m: f64,
    pub(super) bottom_m: f64,
    pub(super) wilting: f64,
    pub(super) capacity: f64,
    pub(super) saturation: f64,
    pub(super) conductivity_mm: f64,
    /// Drainage characteristic: the part of the water above field capacity that leaves a full layer in
    /// a day; AquaCrop reference manual, "Soil water balance".
    pub(super) tau: f64,
}

impl Compartment {
    /// Returns the depth of water (mm) that a content (m³/m³) makes here.
    pub(super) fn mm(&self, content: f64) -> f64 {
        1_000.0 * content * self.thickness_m
    }

    /// Returns the water content when air-dry.
    pub(super) fn dry(&self) -> f64 {
        self.wilting / 2.0
    }

    /// Returns the share of this compartment that lies above a depth (m).
    pub(super) fn share_above(&self, depth_m: f64) -> f64 {
        (1.0 - (self.bottom_m - depth_m) / self.thickness_m).clamp(0.0, 1.0)
    }
}

/// The profile with its water.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Profile {
    pub(super) compartments: Vec<Compartment>,
    /// Water content of each compartment (m³/m³).
    pub(super) water: Vec<f64>,
}

/// How empty a part of the profile is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Depletion {
    /// Water missing to field capacity (mm); below 0 when wetter.
    pub(super) missing_mm: f64,
    /// Water between field capacity and wilting (mm).
    pub(super) available_mm: f64,
}

impl Depletion {
    fn share(self) -> f64 {
        self.missing_mm / self.available_mm
    }
}

impl Profile {
    /// Returns the profile of a soil at field capacity.
    ///
    /// # Errors
    /// When a layer's contents are not in order, a thickness or conductivity cannot be, or the layers
    /// do not reach the depth.
    pub(super) fn new(soil: &PaddySoil) -> Result<Self, AgronomyError> {
        check(soil)?;
        let mut compartments = Vec::new();
        let mut layers = soil.layers.iter();
        let mut layer = layers.next();
        let mut layer_bottom = layer.map_or(0.0, |l| l.thickness_m);
        let mut bottom_m = 0.0;
        while bottom_m < soil.depth_m - 1e-9 {
            let thickness_m = soil.compartment_m.min(soil.depth_m - bottom_m);
            bottom_m += thickness_m;
            while bottom_m > layer_bottom + 1e-9 {
                layer = layers.next();
                layer_bottom += layer.map_or(f64::INFINITY, |l| l.thickness_m);
            }
            let Some(layer) = layer.or(soil.layers.last()) else { break };
            compartments.push(Compartment {
                thickness_m,
                bottom_m,
                wilting: layer.wilting_point,
                capacity: layer.field_capacity,
                saturation: layer.saturation,
                conductivity_mm: layer.conductivity_mm_day,
                tau: tau(layer.conductivity_mm_day),
            });
        }
        let water = compartments.iter().map(|c| c.capacity).collect();
        Ok(Self { compartments, water })
    }

    /// Returns the water in the profile (mm).
    pub(super) fn total_mm(&self) -> f64 {
        self.compartments.iter().zip(&self.water).map(|(c, w)| c.mm(*w)).sum()
    }

    /// Returns how empty the profile is down to a depth (m).
    fn depletion_above(&self, depth_m: f64) -> Depletion {
        let (mut missing_mm, mut available_mm) = (0.0, 0.0);
        for (c, water) in self.compartments.iter().zip(&self.water) {
            let share = c.share_above(depth_m);
            missing_mm += share * c.mm(c.capacity - water);
            available_mm += share * c.mm(c.capacity - c.wilting);
        }
        Depletion { missing_mm: missing_mm.min(available_mm), available_mm }
    }

    /// Returns how empty the root zone is, or the top soil where that is wetter.
    pub(super) fn depletion(&self, root_m: f64) -> Depletion {
        let roots = self.depletion_above(root_m);
        let top = self.depletion_above(TOP_SOIL_M);
        if roots.share() <= top.share() { roots } else { top }
    }
}

/// AquaCrop reference manual, "Soil water balance"; to two decimals as the program keeps it.
fn tau(conductivity_mm: f64) -> f64 {
    ((0.0866 * conductivity_mm.powf(0.35) * 100.0).round() / 100.0).clamp(0.0, 1.0)
}

fn check(soil: &PaddySoil) -> Result<(), AgronomyError> {
    let reach: f64 = soil.layers.iter().map(|l| l.thickness_m).sum();
    checked(
        "depth of the profile (m)",
        soil.depth_m,
        0.1..=reach + 1e-9,
        "0.1 to that of the layers",
    )?;
    checked("compartment (m)", soil.compartment_m, 0.02..=0.5, "0.02 to 0.5")?;
    let easily = soil.readily_evaporable_mm;
    checked("readily evaporable water (mm)", easily, 0.0..=30.0, "0 to 30")?;
    for layer in &soil.layers {
        checked("saturation (m³/m³)", layer.saturation, 0.1..=0.9, "0.1 to 0.9")?;
        let below = 0.05..=layer.saturation - 1e-3;
        checked("field capacity (m³/m³)", layer.field_capacity, below, "0.05 to below saturation")?;
        let below = 0.0..=layer.field_capacity - 1e-3;
        checked("wilting point (m³/m³)", layer.wilting_point, below, "0 to below field capacity")?;
        let rates = 0.1..=5_000.0;
        checked("conductivity (mm/day)", layer.conductivity_mm_day, rates, "0.1 to 5000")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paddy_soil_is_cut_into_twelve_with_the_pan_below_the_fifth() {
        let profile = Profile::new(&PaddySoil::aquacrop_paddy()).expect("a plain soil");
        assert_eq!(profile.compartments.len(), 12);
        assert!((profile.compartments[4].tau - 0.22).abs() < 1e-12);
        assert!((profile.compartments[5].tau - 0.11).abs() < 1e-12);
        assert!((profile.total_mm() - (250.0 + 378.0)).abs() < 1e-9);
        let depletion = profile.depletion(0.3);
        assert!(depletion.missing_mm.abs() < 1e-9);
        assert!((depletion.available_mm - 54.0).abs() < 1e-9);
    }

    #[test]
    fn a_soil_out_of_order_is_refused() {
        let mut soil = PaddySoil::aquacrop_paddy();
        soil.layers[0].wilting_point = 0.6;
        assert!(Profile::new(&soil).is_err());
        let mut soil = PaddySoil::aquacrop_paddy();
        soil.depth_m = 3.0;
        assert!(Profile::new(&soil).is_err());
    }
}
