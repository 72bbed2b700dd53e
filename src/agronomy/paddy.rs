//! Water of a paddy field: the pond behind its bunds day by day, and a whole season of rice.
//!
//! [`PaddyField`] is the plain balance that daily advice needs: rain, irrigation, crop
//! evapotranspiration by a coefficient, percolation, overflow. [`season`] grows the canopy itself, by the
//! equations of AquaCrop, and asks for temperatures instead of a coefficient.
//!
//! Level is water: above 0 mm stands on the field, below 0 is what the soil lacks to be full.

pub mod season;

use serde::{Deserialize, Serialize};

use super::AgronomyError;
use super::error::checked;

/// How a paddy is built and how its soil holds water.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaddyField {
    /// Height of the bunds (mm): water above runs off.
    pub bund_mm: f64,
    /// Water that percolates and seeps from a full soil (mm/day).
    pub percolation_mm_day: f64,
    /// Water in the soil between full and wilting, down to the roots (mm).
    pub soil_mm: f64,
    /// Share of it that the crop takes up without stress; FAO-56 table 22: 0.20 of saturation for rice.
    pub depletion_share: f64,
    /// Water that leaves the soil while the table falls, as a share of the fall: drainable porosity.
    pub drainable_share: f64,
}

/// How the farmer keeps the water.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PondRule {
    /// Water table (mm above the soil, negative below) at which water is let in.
    pub refill_at_mm: f64,
    /// Pond (mm) to which the field is filled.
    pub refill_to_mm: f64,
}

/// What a day did to a paddy (mm of water).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PaddyDay {
    /// Evapotranspiration.
    pub et_mm: f64,
    /// Percolation and seepage.
    pub percolation_mm: f64,
    /// Water over the bunds.
    pub overflow_mm: f64,
    /// Level in the evening: on the field, or lacking (negative).
    pub level_mm: f64,
    /// What stress left of transpiration (0 to 1).
    pub ks: f64,
}

impl PaddyField {
    /// Returns nothing if every figure can be.
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] names the first that cannot.
    pub fn check(&self) -> Result<(), AgronomyError> {
        checked("height of the bunds (mm)", self.bund_mm, 0.0..=1_000.0, "0 to 1000")?;
        checked("percolation (mm/day)", self.percolation_mm_day, 0.0..=50.0, "0 to 50")?;
        checked("water of the soil (mm)", self.soil_mm, 10.0..=1_000.0, "10 to 1000")?;
        checked("depletion share", self.depletion_share, 0.05..=0.95, "0.05 to 0.95")?;
        checked("drainable share", self.drainable_share, 0.01..=0.5, "0.01 to 0.5")?;
        Ok(())
    }

    /// Returns the water table (mm above the soil, negative below) of a level.
    #[must_use]
    pub fn table_mm(&self, level_mm: f64) -> f64 {
        if level_mm >= 0.0 { level_mm } else { level_mm / self.drainable_share }
    }

    /// Returns the level of a water table (mm above the soil, negative below).
    #[must_use]
    pub fn level_of_table_mm(&self, table_mm: f64) -> f64 {
        if table_mm >= 0.0 { table_mm } else { table_mm * self.drainable_share }
    }

    /// Returns the irrigation (mm) that a rule asks for on a morning's level, with the evapotranspiration
    /// and rain expected that day.
    ///
    /// Water is let in when the table would end the day at or below the rule's mark; as much as brings
    /// the field to its pond in the evening.
    #[must_use]
    pub fn irrigation_mm(
        &self,
        rule: &PondRule,
        level_mm: f64,
        et_crop_mm: f64,
        rain_mm: f64,
    ) -> f64 {
        let evening = self.day(level_mm, et_crop_mm, rain_mm).level_mm;
        if self.table_mm(evening) > rule.refill_at_mm {
            return 0.0;
        }
        // Full soil percolates all day; the pond wanted stands in the evening.
        let target = rule.refill_to_mm.min(self.bund_mm);
        (target - level_mm + et_crop_mm + self.percolation_mm_day - rain_mm).max(0.0)
    }

    /// Returns what a day does to a level with water (rain and irrigation, mm) given.
    #[must_use]
    pub fn day(&self, level_mm: f64, et_crop_mm: f64, water_mm: f64) -> PaddyDay {
        let start = level_mm + water_mm;
        // Eq. 84 of FAO-56, counted from a full soil.
        let lacking = (-start).clamp(0.0, self.soil_mm);
        let easily = self.depletion_share * self.soil_mm;
        let ks = ((self.soil_mm - lacking) / (self.soil_mm - easily)).clamp(0.0, 1.0);
        let et_mm = (ks * et_crop_mm).min(start + self.soil_mm).max(0.0);
        // Under a pond the full rate; as the soil above it empties of what drains, ever less (ours).
        let moist = start - et_mm;
        let wet_share = (1.0 + moist.min(0.0) / easily).clamp(0.0, 1.0);
        let percolation_mm = (self.percolation_mm_day * wet_share).min((moist + easily).max(0.0));
        let left = start - et_mm - percolation_mm;
        let overflow_mm = (left - self.bund_mm).max(0.0);
        PaddyDay { et_mm, percolation_mm, overflow_mm, level_mm: left - overflow_mm, ks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: PaddyField = PaddyField {
        bund_mm: 200.0,
        percolation_mm_day: 2.0,
        soil_mm: 110.0,
        depletion_share: 0.2,
        drainable_share: 0.1,
    };
    const KEEP_FLOODED: PondRule = PondRule { refill_at_mm: 20.0, refill_to_mm: 50.0 };
    const WET_AND_DRY: PondRule = PondRule { refill_at_mm: -150.0, refill_to_mm: 50.0 };

    fn irrigation(rule: PondRule) -> f64 {
        let (mut level, mut sum) = (50.0, 0.0);
        for _ in 0..90 {
            let given = FIELD.irrigation_mm(&rule, level, 5.0, 0.0);
            let day = FIELD.day(level, 5.0, given);
            assert!(given <= 0.0 || (day.level_mm - rule.refill_to_mm).abs() < 1e-9, "{day:?}");
            sum += given;
            level = day.level_mm;
        }
        sum
    }

    #[test]
    fn water_is_conserved_on_and_below_the_field() {
        for start in [-60.0, -10.0, 0.0, 30.0, 190.0] {
            for water in [0.0, 7.0, 150.0] {
                let day = FIELD.day(start, 6.0, water);
                let spent = day.et_mm + day.percolation_mm + day.overflow_mm;
                assert!((start + water - spent - day.level_mm).abs() < 1e-9, "{start} {water}");
                assert!(day.level_mm <= FIELD.bund_mm && day.level_mm >= -FIELD.soil_mm - 1e-9);
            }
        }
    }

    #[test]
    fn letting_the_field_dry_between_saves_water() {
        let (flooded, dried) = (irrigation(KEEP_FLOODED), irrigation(WET_AND_DRY));
        assert!((flooded - 630.0).abs() < 40.0, "5 + 2 mm a day for 90 days: {flooded}");
        assert!(dried < flooded - 10.0, "{dried} {flooded}");
    }

    #[test]
    fn rain_is_used_before_the_canal() {
        assert!(FIELD.irrigation_mm(&KEEP_FLOODED, 25.0, 5.0, 30.0).abs() < 1e-12);
        let need = FIELD.irrigation_mm(&KEEP_FLOODED, 25.0, 5.0, 1.0);
        assert!((need - (50.0 - 25.0 + 7.0 - 1.0)).abs() < 1e-12, "{need}");
    }

    #[test]
    fn a_dry_paddy_transpires_less() {
        assert!((FIELD.day(-22.0, 5.0, 0.0).ks - 1.0).abs() < 1e-12);
        assert!(FIELD.day(-80.0, 5.0, 0.0).ks < 0.4);
        assert!((FIELD.table_mm(-15.0) + 150.0).abs() < 1e-9);
        assert!((FIELD.level_of_table_mm(-150.0) + 15.0).abs() < 1e-9);
    }
}
