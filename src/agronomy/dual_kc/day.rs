//! A day of the dual-coefficient balance: what it brings, what is reckoned, where it leaves the field.

use serde::{Deserialize, Serialize};

use super::{AgronomyError, checked};

/// Water given to the field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watering {
    /// Depth over the whole field (mm) that reaches the soil.
    pub depth_mm: f64,
    /// Share of the surface that it wets (0 exclusive to 1); FAO-56 table 20: sprinkler and basin 1,
    /// furrow 0.6 to 1, drip 0.3 to 0.4.
    pub wetted_share: f64,
}

/// What a day brings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DualKcDay {
    /// Reference evapotranspiration (mm).
    pub et_ref_mm: f64,
    /// Wind at 2 m (m/s).
    pub wind_2m_m_s: f64,
    /// Lowest relative humidity (%).
    pub rhmin_pct: f64,
    /// Rain that does not run off (mm).
    pub rain_mm: f64,
    /// Irrigation, if any.
    pub watering: Option<Watering>,
}

/// Where the field stands after a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DualKcState {
    /// Days since the start that have been reckoned.
    pub days: u32,
    /// Depletion of the root zone (mm below field capacity).
    pub root_depletion_mm: f64,
    /// Depletion of the layer that evaporates (mm below field capacity).
    pub surface_depletion_mm: f64,
    /// Share of the surface that the last water wetted.
    pub wetted_share: f64,
    /// Height of the crop (m); it does not shrink.
    pub height_m: f64,
    /// Depth of the roots (m); they do not shrink.
    pub root_m: f64,
}

/// What was reckoned for a day; the symbols of FAO-56 stand in brackets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DualKcOutput {
    /// Basal coefficient (Kcb).
    pub kcb: f64,
    /// Highest coefficient that weather allows (Kc max).
    pub kc_max: f64,
    /// Share of the ground that the canopy covers (fc).
    pub cover: f64,
    /// Share of the ground that is bare and wet (few).
    pub bare_wet: f64,
    /// Reduction of evaporation as the surface dries (Kr).
    pub kr: f64,
    /// Coefficient of evaporation (Ke).
    pub ke: f64,
    /// Reduction of transpiration for lack of water (Ks), as the day began.
    pub ks: f64,
    /// The same as the day ended.
    pub ks_end: f64,
    /// Evaporation (mm).
    pub evaporation_mm: f64,
    /// Transpiration (mm).
    pub transpiration_mm: f64,
    /// Evapotranspiration without stress (mm, ETc).
    pub et_crop_mm: f64,
    /// Drainage below the surface layer (mm, DPe).
    pub surface_drainage_mm: f64,
    /// Drainage below the roots (mm, DP).
    pub drainage_mm: f64,
    /// Water the root zone holds between field capacity and wilting (mm, TAW).
    pub available_mm: f64,
    /// Of this, what is taken up without stress (mm, RAW).
    pub readily_mm: f64,
    /// The share of it (p), by the day's demand.
    pub depletion_share: f64,
}

impl DualKcOutput {
    /// Returns the evapotranspiration (mm), stress included.
    #[must_use]
    pub fn et_actual_mm(&self) -> f64 {
        self.evaporation_mm + self.transpiration_mm
    }
}

/// Returns nothing if the day can be.
pub(super) fn check_day(day: &DualKcDay) -> Result<(), AgronomyError> {
    checked("reference evapotranspiration (mm)", day.et_ref_mm, 0.0..=25.0, "0 to 25")?;
    checked("wind (m/s)", day.wind_2m_m_s, 0.0..=100.0, "0 to 100")?;
    checked("lowest relative humidity (%)", day.rhmin_pct, 0.0..=100.0, "0 to 100")?;
    checked("rain (mm)", day.rain_mm, 0.0..=2_000.0, "0 to 2000")?;
    if let Some(water) = day.watering {
        checked("irrigation (mm)", water.depth_mm, 0.0..=2_000.0, "0 to 2000")?;
        let shares = f64::MIN_POSITIVE..=1.0;
        checked("wetted share", water.wetted_share, shares, "above 0, to 1")?;
    }
    Ok(())
}
