//! Rice phenology: how warmth carries a crop from emergence (0) over flowering (1) to maturity (2).
//!
//! WOFOST's development stage (DVS): each day adds the day's thermal units over the thermal sum of
//! the phase the crop is in; the day that reaches flowering starts the second phase at exactly 1.
//! Equal to PCSE's `Wofost72_PP` for four rice varieties (`tests/it/phenology.rs`, DVS within 1e-6,
//! days exact). Sources: de Wit et al. 2019, Agricultural Systems 168, 154–167, doi
//! 10.1016/j.agsy.2018.06.018; temperature response and thermal sums from the WOFOST rice
//! parameters, `shared/knowledge/tables/crop_model_parameters.csv`.
//!
//! Day length acts in none of those parameter sets (their switch IDSL is 0) nor in the short
//! varieties of the delta; for local photoperiod-sensitive rice [`season`] refuses to guess.
//!
//! | file | what |
//! |---|---|
//! | [`normals`] | the usual temperature of each day of the year |
//! | [`varieties`] | durations of the province's varieties, with source and doubt |
//! | [`season`] | heading and harvest windows of a sowing, and its stage on a day |

pub mod normals;
pub mod season;
pub mod varieties;

use jiff::civil::Date;

pub use normals::Normals;
pub use season::{DateWindow, SeasonDates, season_dates};
pub use varieties::{PhenologyError, Varieties, Variety};

use super::AgronomyError;
use super::error::checked;
use crate::domain::time::add_days;

/// Development stage at flowering, where the second phase begins.
pub const DVS_FLOWERING: f64 = 1.0;
/// Development stage at maturity of every rice parameter set.
pub const DVS_MATURITY: f64 = 2.0;

/// Thermal units of a day (°C d) at mean temperatures (°C), linear between and level outside: the
/// DTSMTB of the IRRI varieties. 24 at 30 °C is a little more than the 22 above the base of 8.
const THERMAL_UNITS: [(f64, f64); 4] = [(0.0, 0.0), (8.0, 0.0), (30.0, 24.0), (42.5, 0.0)];

/// Rounding allowed at the end of a phase: sums of a hundred days stay well within.
const PHASE_ROUNDING: f64 = 1e-9;

/// What a variety needs from emergence on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Phenology {
    /// Thermal sum from DVS 0 to flowering (°C d), TSUM1.
    pub to_flowering_c_d: f64,
    /// Thermal sum from flowering to maturity (°C d), TSUM2.
    pub to_maturity_c_d: f64,
    /// Development stage on the day of emergence (DVSI), 0 to 1; above 0 for seedlings that were
    /// transplanted or measured later.
    pub dvs_emergence: f64,
}

/// The development of one crop.
#[derive(Debug, Clone, PartialEq)]
pub struct Development {
    emergence: Date,
    dvs: Vec<f64>,
    flowering: Option<usize>,
}

impl Development {
    /// Returns the development stage at the start of each day, from the day of emergence to
    /// maturity or to the day after the last temperature.
    #[must_use]
    pub fn dvs(&self) -> &[f64] {
        &self.dvs
    }

    /// Returns the first day at stage 1, or `None` when temperatures end before it.
    #[must_use]
    pub fn flowering(&self) -> Option<Date> {
        self.flowering.map(|index| self.date(index))
    }

    /// Returns the first day at stage 2, or `None` when temperatures end before it.
    #[must_use]
    pub fn maturity(&self) -> Option<Date> {
        let last = self.dvs.len().checked_sub(1)?;
        (self.dvs[last] >= DVS_MATURITY).then(|| self.date(last))
    }

    fn date(&self, index: usize) -> Date {
        add_days(self.emergence, i64::try_from(index).unwrap_or(i64::MAX))
    }
}

/// Returns the thermal units (°C d) of a day of this mean temperature (°C), the mean of its lowest
/// and highest.
#[must_use]
pub fn thermal_units_c_d(mean_c: f64) -> f64 {
    let above = THERMAL_UNITS.partition_point(|point| point.0 < mean_c);
    if above == 0 || above == THERMAL_UNITS.len() {
        return THERMAL_UNITS[above.min(THERMAL_UNITS.len() - 1)].1;
    }
    let ((x0, y0), (x1, y1)) = (THERMAL_UNITS[above - 1], THERMAL_UNITS[above]);
    y0 + (y1 - y0) * (mean_c - x0) / (x1 - x0)
}

/// Returns the development of a crop that emerges on `emergence`, from the mean temperatures (°C)
/// of that day and the following ones; those after maturity are not looked at.
///
/// # Errors
/// [`AgronomyError::OutOfRange`] for a temperature outside −50 to 60 °C, a thermal sum that is not
/// positive, or a stage at emergence outside 0 to 1.
pub fn develop(
    phenology: &Phenology,
    emergence: Date,
    mean_c: impl IntoIterator<Item = f64>,
) -> Result<Development, AgronomyError> {
    for sum_c_d in [phenology.to_flowering_c_d, phenology.to_maturity_c_d] {
        checked("thermal sum (°C d)", sum_c_d, 1.0..=1e5, "1 to 100,000")?;
    }
    checked("development stage at emergence", phenology.dvs_emergence, 0.0..=0.999, "0 to 0.999")?;
    let mut stage = phenology.dvs_emergence;
    let mut development = Development { emergence, dvs: vec![stage], flowering: None };
    for mean_c in mean_c {
        checked("mean temperature (°C)", mean_c, -50.0..=60.0, "-50 to 60")?;
        let units_c_d = thermal_units_c_d(mean_c);
        if development.flowering.is_none() {
            stage += units_c_d / phenology.to_flowering_c_d;
            if stage >= DVS_FLOWERING - PHASE_ROUNDING {
                stage = DVS_FLOWERING;
                development.flowering = Some(development.dvs.len());
            }
        } else {
            stage += units_c_d / phenology.to_maturity_c_d;
            if stage >= DVS_MATURITY - PHASE_ROUNDING {
                development.dvs.push(DVS_MATURITY);
                break;
            }
        }
        development.dvs.push(stage);
    }
    Ok(development)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const SHORT: Phenology =
        Phenology { to_flowering_c_d: 48.0, to_maturity_c_d: 24.0, dvs_emergence: 0.0 };

    #[test]
    fn a_day_is_worth_most_at_thirty_degrees_and_nothing_in_cold_or_heat() {
        let units = [-5.0, 8.0, 19.0, 30.0, 36.25, 42.5, 50.0].map(thermal_units_c_d);
        assert_eq!(units, [0.0, 0.0, 12.0, 24.0, 12.0, 0.0, 0.0]);
    }

    #[test]
    fn a_crop_at_thirty_degrees_can_be_counted_by_hand() {
        let crop = develop(&SHORT, date(2026, 2, 27), [30.0; 9]).unwrap();
        assert_eq!(crop.dvs(), [0.0, 0.5, 1.0, 2.0]);
        assert_eq!(crop.flowering(), Some(date(2026, 3, 1)));
        assert_eq!(crop.maturity(), Some(date(2026, 3, 2)));
    }

    #[test]
    fn warmth_beyond_flowering_is_not_carried_into_the_next_phase() {
        let crop = develop(&SHORT, date(2026, 1, 1), [30.0, 19.0, 30.0, 19.0, 30.0]).unwrap();
        assert_eq!(crop.dvs(), [0.0, 0.5, 0.75, 1.0, 1.5, 2.0]);
    }

    #[test]
    fn a_crop_still_growing_has_no_date_yet() {
        let crop = develop(&SHORT, date(2026, 1, 1), [30.0]).unwrap();
        assert_eq!((crop.dvs().len(), crop.flowering(), crop.maturity()), (2, None, None));
        let unseen = develop(&SHORT, date(2026, 1, 1), []).unwrap();
        assert_eq!((unseen.dvs(), unseen.maturity()), ([0.0].as_slice(), None));
    }

    #[test]
    fn impossible_parameters_and_temperatures_are_refused() {
        let start = date(2026, 1, 1);
        assert!(develop(&SHORT, start, [f64::NAN]).is_err());
        assert!(develop(&Phenology { to_flowering_c_d: 0.0, ..SHORT }, start, []).is_err());
        assert!(develop(&Phenology { dvs_emergence: 1.0, ..SHORT }, start, []).is_err());
    }
}
