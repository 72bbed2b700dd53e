//! Development stage of rice, by batch, for each of the 14 days ahead: 0 emerges, 1 flowers, 2 is ripe.
//!
//! WOFOST's phenology ([`crate::agronomy::phenology`]) on the warmth of the season so far and of other
//! years ahead ([`super::crop`]). Rice of the shrimp fields follows day length and is left out.

use super::crop::growth::{Crop, SEASON_DAYS};
use super::crop::science::{Science, Season};
use super::crop::weather::{Day, Reads};
use super::crop::{Field, Seasons};
use crate::agronomy::phenology::{DVS_FLOWERING, DVS_MATURITY};
use crate::domain::Crop as Grown;
use crate::forecast::ForecastError;

/// The target.
pub static CROP_STAGE: Seasons<CropStage> = Seasons::new(CropStage);

/// The science of the stage.
#[derive(Debug, Clone, Copy)]
pub struct CropStage;

impl Science for CropStage {
    type State = Crop;

    fn name(&self) -> &'static str {
        "crop_stage"
    }

    fn variable(&self) -> &'static str {
        "temp_max_c"
    }

    fn unit(&self) -> &'static str {
        "1"
    }

    fn horizons(&self) -> u8 {
        14
    }

    /// Whether it will have flowered.
    fn thresholds(&self) -> &'static [f64] {
        &[DVS_FLOWERING]
    }

    fn bounds(&self) -> (f64, f64) {
        (0.0, DVS_MATURITY)
    }

    fn reads(&self) -> Reads {
        Reads::Air
    }

    fn needs_usual(&self) -> bool {
        true
    }

    fn speaks_of(&self, field: &Field) -> bool {
        field.crop == Grown::Rice
    }

    fn season_days(&self, _field: &Field) -> i64 {
        SEASON_DAYS
    }

    fn observe(
        &self,
        season: &Season<'_>,
        _part: &str,
        seen: &[Day],
    ) -> Result<Crop, ForecastError> {
        Crop::observe(season, seen)
    }

    fn is_over(&self, state: &Crop) -> bool {
        state.is_ripe()
    }

    fn ahead(
        &self,
        season: &Season<'_>,
        state: &Crop,
        ahead: &[Day],
    ) -> Result<Vec<f64>, ForecastError> {
        state.stages(season, ahead)
    }
}
