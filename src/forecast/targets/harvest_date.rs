//! Days until a batch of rice is ripe, told every Monday from sowing on.
//!
//! The same phenology as [`super::crop_stage`], carried to the end of the season. A horizon is the week
//! of the season (1 is the first after sowing), so that a record tells how the date firms up as the
//! season passes; the day it speaks of is that of the issue, from which the days are counted.

use super::crop::growth::{Crop, SEASON_DAYS};
use super::crop::science::{Answer, Science, Season};
use super::crop::weather::{Day, Reads};
use super::crop::{Field, Seasons};
use crate::agronomy::phenology::DVS_MATURITY;
use crate::domain::Crop as Grown;
use crate::forecast::ForecastError;

/// The target.
pub static HARVEST_DATE: Seasons<HarvestDate> = Seasons::new(HarvestDate);

/// Weeks of a season: by the fifteenth every crop is ripe in usual weather.
const WEEKS: u8 = 15;
/// Days of a week.
const WEEK_DAYS: i64 = 7;

/// The science of the harvest.
#[derive(Debug, Clone, Copy)]
pub struct HarvestDate;

impl Science for HarvestDate {
    type State = Crop;

    fn name(&self) -> &'static str {
        "harvest_date"
    }

    fn variable(&self) -> &'static str {
        "temp_max_c"
    }

    fn unit(&self) -> &'static str {
        "d"
    }

    fn horizons(&self) -> u8 {
        WEEKS
    }

    /// Whether it is more than two weeks off: the time to order a harvester and a buyer (ours).
    fn thresholds(&self) -> &'static [f64] {
        &[14.0]
    }

    fn bounds(&self) -> (f64, f64) {
        (0.0, SEASON_DAYS as f64)
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

    fn ahead_days(&self, _field: &Field, age: i64) -> i64 {
        SEASON_DAYS - age
    }

    fn step_days(&self) -> i64 {
        WEEK_DAYS
    }

    fn valid_day(&self, today: i64, _horizon: u8) -> i64 {
        today
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

    /// The stage of a day is that of its end: the crop is cut on the day after the one that ripened it.
    fn answers(&self, season: &Season<'_>, today: i64, first: i64, values: &[f64]) -> Vec<Answer> {
        let week = u8::try_from((today - season.start) / WEEK_DAYS + 1).unwrap_or(u8::MAX);
        let ripened = values.iter().position(|stage| *stage >= DVS_MATURITY);
        let days = ripened.map(|index| (first + index as i64 + 1 - today) as f64);
        days.filter(|_| week <= WEEKS).map(|days| (week, days.max(0.0))).into_iter().collect()
    }
}
