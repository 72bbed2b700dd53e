//! Parameters of a crop on a soil, and how they run through the season.

use serde::{Deserialize, Serialize};

use super::{AgronomyError, COVER_MAX, checked};

/// Which crop the reference evapotranspiration is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceCrop {
    /// Grass, as FAO-56 has it.
    Short,
    /// Alfalfa.
    Tall,
}

/// Lengths of the four stages (days).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageDays {
    /// From planting to a tenth of the ground covered.
    pub initial: u32,
    /// To full cover.
    pub development: u32,
    /// To the start of ripening.
    pub mid: u32,
    /// To harvest.
    pub late: u32,
}

impl StageDays {
    /// Returns the length of the season (days).
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.initial + self.development + self.mid + self.late
    }
}

/// A crop coefficient through the season; between the levels it changes evenly (FAO-56 figure 34).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CropCoefficients {
    /// In the initial stage.
    pub initial: f64,
    /// In the mid-season.
    pub mid: f64,
    /// At the end of the late season.
    pub end: f64,
}

impl CropCoefficients {
    /// Returns the coefficient a number of days after planting; after harvest that of the end.
    #[must_use]
    pub fn at(&self, stages: &StageDays, days: u32) -> f64 {
        let into = |days: u32, length: u32| f64::from(days) / f64::from(length.max(1));
        let development = stages.initial + stages.development;
        let mid = development + stages.mid;
        if days <= stages.initial {
            self.initial
        } else if days <= development {
            let share = into(days - stages.initial, stages.development);
            self.initial + (self.mid - self.initial) * share
        } else if days <= mid {
            self.mid
        } else if days <= stages.total() {
            self.mid + (self.end - self.mid) * into(days - mid, stages.late)
        } else {
            self.end
        }
    }
}

/// The soil under a crop.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoilLayer {
    /// Water content at field capacity (m³/m³).
    pub field_capacity: f64,
    /// Water content at the wilting point (m³/m³).
    pub wilting_point: f64,
    /// Depth of the layer that evaporates (m); FAO-56 page 144: 0.10 to 0.15.
    pub evaporating_m: f64,
    /// Water that evaporates at full rate after wetting (mm, REW); FAO-56 table 19.
    pub readily_evaporable_mm: f64,
}

/// A crop on a soil.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DualKcParams {
    /// Basal coefficients (Kcb); FAO-56 table 17.
    pub kcb: CropCoefficients,
    /// Coefficient of dry bare soil (Kc min); FAO-56 page 149: 0.15 to 0.20.
    pub kc_bare: f64,
    /// Lengths of the stages.
    pub stages: StageDays,
    /// Height (m) at planting and at full growth.
    pub height_m: (f64, f64),
    /// Depth of the roots (m) at planting and at full growth; FAO-56 table 22.
    pub root_m: (f64, f64),
    /// Share of the available water taken up without stress at 5 mm/day (p); FAO-56 table 22.
    pub depletion_share: f64,
    /// The soil.
    pub soil: SoilLayer,
    /// What the reference evapotranspiration is of.
    pub reference: ReferenceCrop,
}

impl DualKcParams {
    /// Returns nothing if every parameter can be.
    pub(super) fn check(&self) -> Result<(), AgronomyError> {
        let soil = &self.soil;
        for kcb in [self.kcb.initial, self.kcb.mid, self.kcb.end] {
            checked("basal crop coefficient", kcb, 0.0..=1.6, "0 to 1.6")?;
        }
        checked("coefficient of bare soil", self.kc_bare, 0.0..=0.5, "0 to 0.5")?;
        checked(
            "length of the season (days)",
            f64::from(self.stages.total()),
            1.0..=1_000.0,
            "1 to 1000",
        )?;
        checked(
            "height at planting (m)",
            self.height_m.0,
            0.0..=self.height_m.1,
            "0 to full height",
        )?;
        checked("full height (m)", self.height_m.1, 0.0..=40.0, "0 to 40")?;
        checked(
            "root depth at planting (m)",
            self.root_m.0,
            0.001..=self.root_m.1,
            "0.001 to full depth",
        )?;
        checked("full root depth (m)", self.root_m.1, 0.001..=5.0, "0.001 to 5")?;
        checked("depletion share", self.depletion_share, 0.1..=0.8, "0.1 to 0.8")?;
        checked("field capacity (m³/m³)", soil.field_capacity, 0.0..=0.8, "0 to 0.8")?;
        let below = 0.0..=soil.field_capacity - 0.01;
        checked(
            "wilting point (m³/m³)",
            soil.wilting_point,
            below,
            "0 to field capacity less 0.01",
        )?;
        checked("evaporating layer (m)", soil.evaporating_m, 0.01..=0.3, "0.01 to 0.3")?;
        let easily = 0.0..=self.evaporable_mm() - 0.001;
        let allowed = "0 to below the evaporable water of the layer";
        checked("readily evaporable water (mm)", soil.readily_evaporable_mm, easily, allowed)?;
        Ok(())
    }

    /// Eq. 73: water (mm) that the surface layer can lose (TEW).
    pub(super) fn evaporable_mm(&self) -> f64 {
        let soil = &self.soil;
        1_000.0 * (soil.field_capacity - 0.5 * soil.wilting_point) * soil.evaporating_m
    }

    /// Eq. 82: water (mm) between field capacity and wilting down to a depth (TAW).
    pub(super) fn available_mm(&self, root_m: f64) -> f64 {
        1_000.0 * (self.soil.field_capacity - self.soil.wilting_point) * root_m
    }

    /// Returns how far the crop has grown (0 to 1): height and roots follow the basal coefficient up to
    /// the mid-season (FAO-56 page 279).
    pub(super) fn growth(&self, days: u32) -> f64 {
        CropCoefficients { initial: 0.0, mid: 1.0, end: 1.0 }.at(&self.stages, days)
    }

    /// Eq. 76: share of the ground that the canopy covers.
    pub(super) fn cover(&self, kcb: f64, kc_max: f64, height_m: f64) -> f64 {
        let span = kc_max - self.kc_bare;
        if span <= 0.0 {
            return COVER_MAX;
        }
        let share = ((kcb - self.kc_bare) / span).max(0.0);
        share.powf(1.0 + 0.5 * height_m).clamp(0.0, COVER_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_run_level_up_level_and_down() {
        let stages = StageDays { initial: 10, development: 20, mid: 30, late: 40 };
        let kc = CropCoefficients { initial: 0.2, mid: 1.2, end: 0.4 };
        for (days, expected) in [
            (0, 0.2),
            (10, 0.2),
            (20, 0.7),
            (30, 1.2),
            (60, 1.2),
            (80, 0.8),
            (100, 0.4),
            (400, 0.4),
        ] {
            assert!((kc.at(&stages, days) - expected).abs() < 1e-12, "day {days}");
        }
    }
}
