//! The rice crop: its calendar in degree days, its canopy, roots, and where lack of water begins to hurt.

use crate::agronomy::AgronomyError;
use crate::agronomy::error::checked;

/// Bounds of the share of available water that may be gone before a process suffers, and the bend of
/// the curve between them; AquaCrop reference manual, chapter 3, "Stresses".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StressCurve {
    /// Depletion at which the process begins to suffer.
    pub upper: f64,
    /// Depletion at which it stops.
    pub lower: f64,
    /// Bend: 0 straight, above 0 convex.
    pub shape: f64,
}

/// A rice crop as AquaCrop describes one, with times in degree days after sowing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiceCrop {
    /// Temperature (°C) below which nothing develops.
    pub base_c: f64,
    /// Temperature (°C) above which development is no faster.
    pub upper_c: f64,
    /// Degree days from sowing to emergence.
    pub emergence_gdd: f64,
    /// Degree days from sowing to the deepest roots.
    pub deepest_roots_gdd: f64,
    /// Degree days from sowing to the first flowers.
    pub flowering_gdd: f64,
    /// Degree days that flowering takes.
    pub flowering_length_gdd: f64,
    /// Degree days from sowing to the decline of the canopy.
    pub senescence_gdd: f64,
    /// Degree days from sowing to maturity.
    pub maturity_gdd: f64,
    /// Cover (0 to 1) at emergence.
    pub cover_initial: f64,
    /// Greatest cover (0 to 1).
    pub cover_max: f64,
    /// Growth of the canopy (per degree day).
    pub canopy_growth: f64,
    /// Decline of the canopy (per degree day).
    pub canopy_decline: f64,
    /// Transpiration coefficient at full cover.
    pub kcb: f64,
    /// Its decline with age (% of cover a day).
    pub ageing_pct_day: f64,
    /// Degree days of a day below which transpiration suffers from cold.
    pub cold_gdd: f64,
    /// Effective depth of the roots (m) at emergence and at full growth.
    pub root_m: (f64, f64),
    /// Root of the curve by which roots deepen.
    pub root_shape: f64,
    /// Greatest uptake (m³/m³/day) at the top and bottom of the roots.
    pub uptake: (f64, f64),
    /// When leaves stop growing.
    pub expansion: StressCurve,
    /// When stomata close.
    pub stomata: StressCurve,
    /// When leaves die early.
    pub senescence: StressCurve,
}

impl RiceCrop {
    /// Returns the transplanted paddy rice of 1,900 degree days (104 days) of AquaCrop's own crop file
    /// "PaddyRiceGDD"; the figures are those of the PyPI package aquacrop 3.1.0, `crop_params.py`, and of
    /// `shared/knowledge/tables/crop_model_parameters.csv`.
    #[must_use]
    pub const fn paddy_rice() -> Self {
        Self {
            base_c: 8.0,
            upper_c: 30.0,
            emergence_gdd: 50.0,
            deepest_roots_gdd: 370.0,
            flowering_gdd: 1_150.0,
            flowering_length_gdd: 350.0,
            senescence_gdd: 1_300.0,
            maturity_gdd: 1_900.0,
            // A million plants a hectare of 6 cm² each.
            cover_initial: 0.06,
            cover_max: 0.95,
            canopy_growth: 0.007_004,
            canopy_decline: 0.005_003,
            kcb: 1.1,
            ageing_pct_day: 0.15,
            cold_gdd: 10.0,
            root_m: (0.3, 0.5),
            root_shape: 2.5,
            uptake: (0.048, 0.012),
            expansion: StressCurve { upper: 0.0, lower: 0.4, shape: 3.0 },
            stomata: StressCurve { upper: 0.5, lower: 1.0, shape: 3.0 },
            senescence: StressCurve { upper: 0.55, lower: 1.0, shape: 3.0 },
        }
    }

    /// Returns nothing if every parameter can be.
    pub(super) fn check(&self) -> Result<(), AgronomyError> {
        let order = [
            ("degree days to emergence", 0.0, self.emergence_gdd),
            ("degree days to flowering", self.emergence_gdd, self.flowering_gdd),
            ("degree days to canopy decline", self.emergence_gdd, self.senescence_gdd),
            ("degree days to maturity", self.senescence_gdd, self.maturity_gdd),
        ];
        for (what, after, value) in order {
            checked(what, value, after..=10_000.0, "after the stage before, to 10000")?;
        }
        checked("greatest canopy cover", self.cover_max, 0.01..=1.0, "0.01 to 1")?;
        let initial = 1e-6..=self.cover_max / 2.0;
        checked("initial canopy cover", self.cover_initial, initial, "0 to half the greatest")?;
        checked("canopy growth (per degree day)", self.canopy_growth, 1e-4..=1.0, "0.0001 to 1")?;
        checked(
            "canopy decline (per degree day)",
            self.canopy_decline,
            1e-5..=1.0,
            "0.00001 to 1",
        )?;
        checked(
            "root depth at emergence (m)",
            self.root_m.0,
            0.05..=self.root_m.1,
            "0.05 to the full",
        )?;
        checked("full root depth (m)", self.root_m.1, 0.05..=3.0, "0.05 to 3")?;
        checked("transpiration coefficient", self.kcb, 0.1..=1.6, "0.1 to 1.6")?;
        Ok(())
    }

    /// Returns the degree days of a day: the highest temperature is held between base and upper, the
    /// lowest below upper, and their mean above base; AquaCrop's method 3.
    #[must_use]
    pub fn degree_days(&self, tmin_c: f64, tmax_c: f64) -> f64 {
        let high = tmax_c.clamp(self.base_c, self.upper_c);
        let low = tmin_c.min(self.upper_c);
        (f64::midpoint(high, low) - self.base_c).max(0.0)
    }

    /// Returns the degree days at which the canopy no longer grows: mid-flowering, for a crop whose
    /// growth ends with it.
    pub(super) fn canopy_end_gdd(&self) -> f64 {
        (self.flowering_gdd + self.flowering_length_gdd / 2.0).round()
    }

    /// Returns the degree days at which an unstressed canopy reaches 98 % of its greatest cover.
    pub(super) fn full_canopy_gdd(&self) -> f64 {
        let ratio = 0.25 * self.cover_max / (self.cover_initial * 0.02);
        (self.emergence_gdd + ratio.ln() / self.canopy_growth).round()
    }

    /// Returns the uptake (m³/m³/day) at the very top and bottom, from the means of the top and bottom
    /// quarters that crop files give; AquaCrop reference manual, "Crop transpiration".
    pub(super) fn uptake_ends(&self) -> (f64, f64) {
        let (top, bottom) = self.uptake;
        let (high, low) = if top >= bottom { (top, bottom) } else { (bottom, top) };
        if (high - low).abs() < f64::EPSILON {
            return (top, bottom);
        }
        let x = 3.0 * low / (high - low);
        let (outer, inner) = if x < 0.5 {
            (4.0 / 3.5 * high, 0.0)
        } else {
            ((x + 3.5) * high / (x + 3.0), (x - 0.5) * low / x)
        };
        if top >= bottom { (outer, inner) } else { (inner, outer) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warm_days_count_at_most_upper_less_base() {
        let crop = RiceCrop::paddy_rice();
        assert!((crop.degree_days(24.0, 36.0) - 19.0).abs() < 1e-12);
        assert!((crop.degree_days(31.0, 36.0) - 22.0).abs() < 1e-12);
        assert!(crop.degree_days(-5.0, 5.0).abs() < 1e-12);
    }

    #[test]
    fn uptake_at_the_ends_is_wider_than_its_means() {
        let (top, bottom) = RiceCrop::paddy_rice().uptake_ends();
        assert!((top - 0.054).abs() < 1e-12 && (bottom - 0.006).abs() < 1e-12, "{top} {bottom}");
    }
}
