//! Rice from sowing to harvest, for the targets of stage and harvest.

use std::sync::LazyLock;

use super::science::Season;
use super::weather::Day;
use crate::agronomy::phenology::season::{EMERGENCE_DAYS, RIPENING_DAYS};
use crate::agronomy::phenology::{DVS_MATURITY, Phenology, Varieties, develop, thermal_units_c_d};
use crate::domain::time::{add_days, date_of_epoch_day};
use crate::forecast::ForecastError;

/// The variety that stands for all: its 95 to 100 days are the middle of the calendar's 90 to 105, and
/// its source is named (data/reference/rice_varieties.toml). Others differ by a constant few days.
pub const VARIETY: &str = "om18";
/// Days after sowing by which every crop is ripe: the longest variety takes 110, and a cool season
/// puts it off by a few (`agronomy::phenology::season`).
pub const SEASON_DAYS: i64 = 125;

#[expect(clippy::expect_used, reason = "the shipped table is whole: a test reads it")]
static VARIETIES: LazyLock<Varieties> = LazyLock::new(|| {
    let text = include_str!("../../../../data/reference/rice_varieties.toml");
    Varieties::from_toml(text).expect("a test keeps the shipped table whole")
});

/// A crop some days after sowing.
#[derive(Debug, Clone)]
pub struct Crop {
    phenology: Phenology,
    /// Mean temperature of each day from sowing on (°C).
    means_c: Vec<f64>,
    stage: f64,
}

/// Returns the usual days from sowing to harvest of the variety, sown on this epoch day.
#[must_use]
pub fn duration_days(start: i64) -> i64 {
    let month = date_of_epoch_day(start).month();
    let days = VARIETIES.named(VARIETY).map_or([97, 97], |variety| variety.duration_days(month));
    i64::midpoint(days[0], days[1])
}

impl Crop {
    /// Returns the crop after these days. The warmth it needs is what its duration gives in the usual
    /// weather of its own weather point, as `agronomy::phenology::season` has it, so that a point that
    /// reads too warm does not hurry the crop.
    ///
    /// # Errors
    /// [`ForecastError::Agronomy`] for temperatures that cannot be.
    pub fn observe(season: &Season<'_>, seen: &[Day]) -> Result<Self, ForecastError> {
        let sowing = date_of_epoch_day(season.start);
        // Without a year of its own, a point is taken to be as warm as the province is.
        let usual = season.usual.unwrap_or(&VARIETIES.normals);
        let days = duration_days(season.start);
        let warmth = |from: i64, to: i64| -> f64 {
            (from..to).map(|k| thermal_units_c_d(usual.on(add_days(sowing, k)))).sum()
        };
        let heading = days - RIPENING_DAYS;
        let phenology = Phenology {
            to_flowering_c_d: warmth(EMERGENCE_DAYS, heading),
            to_maturity_c_d: warmth(heading, days),
            dvs_emergence: 0.0,
        };
        let means_c = seen.iter().map(|day| day.mean_c).collect();
        let mut crop = Self { phenology, means_c, stage: 0.0 };
        crop.stage = crop.stages(season, &[])?.pop().unwrap_or(0.0);
        Ok(crop)
    }

    /// Returns whether it is ripe.
    #[must_use]
    pub fn is_ripe(&self) -> bool {
        self.stage >= DVS_MATURITY
    }

    /// Returns the development stage at the end of each of the days that follow; with none, that at the
    /// end of the last day seen.
    ///
    /// # Errors
    /// As [`Self::observe`].
    pub fn stages(&self, season: &Season<'_>, ahead: &[Day]) -> Result<Vec<f64>, ForecastError> {
        let skipped = EMERGENCE_DAYS as usize;
        let means = self.means_c.iter().copied().chain(ahead.iter().map(|day| day.mean_c));
        let emergence = add_days(date_of_epoch_day(season.start), EMERGENCE_DAYS);
        let grown = develop(&self.phenology, emergence, means.skip(skipped))?;
        let newest = self.means_c.len() + ahead.len();
        let first = if ahead.is_empty() { newest } else { self.means_c.len() + 1 };
        let stage = |days: usize| {
            let index = days.saturating_sub(skipped).min(grown.dvs().len() - 1);
            grown.dvs()[index]
        };
        Ok((first..=newest).map(stage).collect())
    }
}
