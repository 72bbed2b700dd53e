//! A rice season, day by day, by the equations of AquaCrop: canopy, evaporation, transpiration,
//! ponding, drainage.
//!
//! Source: Raes, Steduto, Hsiao and Fereres, "AquaCrop reference manual", chapter 3, and FAO Irrigation
//! and Drainage Paper 66; program defaults as the PyPI package aquacrop 3.1.0 lists them. Yield,
//! groundwater, salt, weeds and fertility are not modelled. Everything is in mm over the field.

mod canopy;
mod crop;
mod evaporation;
mod flow;
mod roots;
mod soil;
mod stress;
mod transpiration;

pub use crop::{RiceCrop, StressCurve};
pub use soil::{Layer, PaddySoil};

use canopy::{Canopy, CanopyDay};
use evaporation::Surface;
use roots::Roots;
use soil::Profile;
use stress::Stress;

use crate::agronomy::AgronomyError;
use crate::agronomy::error::checked;

/// Water (mm) that a crop which empties the pond leaves on the field, as the program does.
const POND_LEFT_MM: f64 = 0.1;

/// What a day brings to the field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeasonDay {
    /// Lowest temperature (°C).
    pub tmin_c: f64,
    /// Highest temperature (°C).
    pub tmax_c: f64,
    /// Rain (mm).
    pub rain_mm: f64,
    /// Irrigation (mm).
    pub irrigation_mm: f64,
    /// Reference evapotranspiration (mm).
    pub et0_mm: f64,
}

/// What a day did to the water of the field (mm).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SeasonWater {
    /// Evaporation from pond and soil.
    pub evaporation_mm: f64,
    /// Evaporation that a wet surface would have had.
    pub evaporation_potential_mm: f64,
    /// Transpiration from pond and soil.
    pub transpiration_mm: f64,
    /// Transpiration that water enough would have had.
    pub transpiration_potential_mm: f64,
    /// Water that entered the soil.
    pub infiltration_mm: f64,
    /// Water that ran over the bunds.
    pub runoff_mm: f64,
    /// Water that drained below the profile.
    pub drainage_mm: f64,
    /// Water that stands on the field in the evening.
    pub pond_mm: f64,
    /// Green canopy cover (0 to 1).
    pub cover: f64,
}

/// A paddy from sowing on.
#[derive(Debug, Clone, PartialEq)]
pub struct PaddySeason {
    crop: RiceCrop,
    readily_mm: f64,
    bund_mm: f64,
    co2_ppm: f64,
    profile: Profile,
    pond_mm: f64,
    canopy: Canopy,
    roots: Roots,
    surface: Surface,
    time_gdd: f64,
    days_full: u32,
    transpired: f64,
}

impl PaddySeason {
    /// Returns a paddy at sowing: soil at field capacity, water (mm) on the field, bunds of a height
    /// (mm), carbon dioxide of the year (ppm).
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] names the first parameter that cannot be; bunds may be 0 to
    /// 1,000 mm high and hold the water given, carbon dioxide 250 to 550 ppm.
    pub fn new(
        crop: RiceCrop,
        soil: &PaddySoil,
        bund_mm: f64,
        pond_mm: f64,
        co2_ppm: f64,
    ) -> Result<Self, AgronomyError> {
        crop.check()?;
        checked("height of the bunds (mm)", bund_mm, 0.0..=1_000.0, "0 to 1000")?;
        checked("water on the field (mm)", pond_mm, 0.0..=bund_mm, "0 to the height of the bunds")?;
        checked("carbon dioxide (ppm)", co2_ppm, 250.0..=550.0, "250 to 550")?;
        let profile = Profile::new(soil)?;
        let readily_mm = soil.readily_evaporable_mm;
        Ok(Self {
            canopy: Canopy::new(&crop),
            roots: Roots::new(&crop),
            surface: Surface::new(&profile, readily_mm),
            crop,
            readily_mm,
            bund_mm,
            co2_ppm,
            profile,
            pond_mm,
            time_gdd: 0.0,
            days_full: 0,
            transpired: 1.0,
        })
    }

    /// Returns the water in the soil profile (mm).
    #[must_use]
    pub fn soil_mm(&self) -> f64 {
        self.profile.total_mm()
    }

    /// Returns the water that stands on the field (mm).
    #[must_use]
    pub const fn pond_mm(&self) -> f64 {
        self.pond_mm
    }

    /// Returns the degree days since sowing.
    #[must_use]
    pub const fn time_gdd(&self) -> f64 {
        self.time_gdd
    }

    /// Takes the field through a day.
    ///
    /// # Errors
    /// [`AgronomyError::OutOfRange`] when weather or irrigation is not finite or cannot be.
    pub fn step(&mut self, day: &SeasonDay) -> Result<SeasonWater, AgronomyError> {
        check_day(day)?;
        let gdd = self.crop.degree_days(day.tmin_c, day.tmax_c);
        self.time_gdd += gdd;
        if !self.canopy.dead {
            self.roots.step(&self.crop, &self.profile, self.time_gdd, gdd, self.transpired);
        }
        let mut water = self.wet(day.rain_mm + day.irrigation_mm);
        let cover_before = self.canopy.cover;
        self.grow(gdd, day.et0_mm);

        let soaked = day.rain_mm + day.irrigation_mm - water.runoff_mm;
        let potential =
            evaporation::potential_mm(&self.crop, &self.canopy, self.time_gdd, day.et0_mm);
        water.evaporation_potential_mm = potential;
        water.evaporation_mm = self.surface.step(
            &mut self.profile,
            &mut self.pond_mm,
            self.readily_mm,
            soaked,
            potential,
        );
        self.transpire(gdd, day.et0_mm, &mut water);
        if water.transpiration_mm <= 0.0 && self.canopy.cover - cover_before > 0.005 {
            // A canopy that finds no water does not grow.
            self.canopy.cover = cover_before;
        }
        if self.time_gdd > self.crop.full_canopy_gdd() {
            self.days_full += 1;
        }
        water.pond_mm = self.pond_mm;
        water.cover = self.canopy.cover;
        Ok(water)
    }

    /// Drains the soil and lets rain and pond soak in; what does not fit behind the bunds runs off.
    fn wet(&mut self, given_mm: f64) -> SeasonWater {
        let mut flows = self.profile.drain();
        let drained = flows.last().copied().unwrap_or(0.0);
        let standing = given_mm + self.pond_mm;
        let conducts = self.profile.compartments.first().map_or(0.0, |c| c.conductivity_mm);
        let enters = standing.min(conducts);
        let over_bund = |pond: f64| (pond - self.bund_mm).max(0.0);
        let first = over_bund(standing - enters);
        let mut pond = standing - enters - first;
        let (back, through) = self.profile.soak(enters, &mut flows);
        pond += back;
        let second = over_bund(pond);
        self.pond_mm = pond - second;
        SeasonWater {
            infiltration_mm: enters - back,
            runoff_mm: first + second,
            drainage_mm: drained + through,
            ..SeasonWater::default()
        }
    }

    fn grow(&mut self, gdd: f64, et0_mm: f64) {
        let depletion = self.profile.depletion((self.roots.depth_m * 100.0).round() / 100.0);
        let early = self.canopy.early_gdd > 0.0;
        let day = CanopyDay {
            time_gdd: self.time_gdd,
            gdd,
            stress: Stress::of(&self.crop, depletion, et0_mm, early),
            onset_senescence: Stress::of(&self.crop, depletion, et0_mm, false).senescence,
        };
        self.canopy.step(&self.crop, &day);
    }

    fn transpire(&mut self, gdd: f64, et0_mm: f64, water: &mut SeasonWater) {
        let (crop, canopy) = (&self.crop, &self.canopy);
        let potential =
            transpiration::potential_mm(crop, canopy, self.days_full, self.co2_ppm, gdd, et0_mm);
        let from_pond = if self.pond_mm > potential {
            potential
        } else {
            (self.pond_mm - POND_LEFT_MM).max(0.0)
        };
        self.pond_mm -= from_pond;
        let mut got = from_pond;
        if potential > from_pond {
            let depletion = self.profile.depletion((self.roots.depth_m * 100.0).round() / 100.0);
            let early = self.canopy.early_gdd > 0.0;
            let stress = Stress::of(&self.crop, depletion, et0_mm, early);
            let wanted = (potential - from_pond) * stress.stomata;
            let (crop, profile) = (&self.crop, &mut self.profile);
            got += transpiration::take_up(crop, profile, &self.roots, et0_mm, wanted);
        }
        self.transpired = if potential > 0.0 { (got / potential).clamp(0.0, 1.0) } else { 1.0 };
        water.transpiration_mm = got;
        water.transpiration_potential_mm = potential;
    }
}

fn check_day(day: &SeasonDay) -> Result<(), AgronomyError> {
    checked("highest temperature (°C)", day.tmax_c, -60.0..=60.0, "-60 to 60")?;
    let lowest = -60.0..=day.tmax_c;
    checked("lowest temperature (°C)", day.tmin_c, lowest, "-60 to the highest of the day")?;
    checked("rain (mm)", day.rain_mm, 0.0..=2_000.0, "0 to 2000")?;
    checked("irrigation (mm)", day.irrigation_mm, 0.0..=2_000.0, "0 to 2000")?;
    checked("reference evapotranspiration (mm)", day.et0_mm, 0.0..=25.0, "0 to 25")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn season(rain_mm: impl Fn(u32) -> f64) -> (f64, SeasonWater) {
        let crop = RiceCrop::paddy_rice();
        let soil = PaddySoil::aquacrop_paddy();
        let mut field = PaddySeason::new(crop, &soil, 200.0, 0.0, 369.4).expect("a plain paddy");
        let before = field.soil_mm();
        let mut sum = SeasonWater::default();
        for day in 0..104 {
            let rain_mm = rain_mm(day);
            let weather =
                SeasonDay { tmin_c: 24.0, tmax_c: 32.0, rain_mm, irrigation_mm: 0.0, et0_mm: 4.5 };
            let water = field.step(&weather).expect("plain weather");
            sum.evaporation_mm += water.evaporation_mm;
            sum.transpiration_mm += water.transpiration_mm;
            sum.infiltration_mm += water.infiltration_mm;
            sum.runoff_mm += water.runoff_mm;
            sum.drainage_mm += water.drainage_mm;
            sum.transpiration_potential_mm += water.transpiration_potential_mm;
            sum.pond_mm = water.pond_mm;
        }
        (field.soil_mm() - before, sum)
    }

    #[test]
    fn no_water_is_made_or_lost_in_wet_and_dry_seasons() {
        for (period, rain) in [(1, 8.0), (5, 30.0), (12, 90.0), (30, 20.0), (200, 0.0)] {
            let given: f64 = (0..104).filter(|d| d % period == 0).map(|_| rain).sum();
            let (change, sum) = season(|day| if day % period == 0 { rain } else { 0.0 });
            let spent = sum.evaporation_mm + sum.transpiration_mm + sum.drainage_mm + sum.runoff_mm;
            let gap = given - spent - sum.pond_mm - change;
            assert!(gap.abs() < 1e-6, "every {period} days: {gap} mm");
        }
    }

    #[test]
    fn a_flooded_crop_is_not_thirsty_and_a_dry_one_is() {
        let (_, wet) = season(|_| 12.0);
        assert!((wet.transpiration_mm - wet.transpiration_potential_mm).abs() < 1e-6);
        let (_, dry) = season(|_| 0.0);
        assert!(dry.transpiration_mm < 0.6 * wet.transpiration_mm, "{dry:?}");
    }

    #[test]
    fn wild_weather_leaves_everything_finite() {
        let crop = RiceCrop::paddy_rice();
        let soil = PaddySoil::aquacrop_paddy();
        let mut field = PaddySeason::new(crop, &soil, 100.0, 100.0, 420.0).expect("plain");
        for day in 0..400_u32 {
            let weather = SeasonDay {
                tmin_c: if day % 7 == 0 { -20.0 } else { 20.0 },
                tmax_c: if day % 11 == 0 { 50.0 } else { 30.0 },
                rain_mm: if day % 50 == 0 { 2_000.0 } else { 0.0 },
                irrigation_mm: if day % 30 == 0 { 300.0 } else { 0.0 },
                et0_mm: f64::from(day % 26),
            };
            let water = field.step(&weather).expect("allowed, if wild");
            let all = [water.evaporation_mm, water.transpiration_mm, water.pond_mm, water.cover];
            assert!(all.iter().all(|v| v.is_finite() && *v >= 0.0), "day {day}: {water:?}");
            assert!(water.pond_mm <= 100.0 && water.cover <= 1.0);
        }
    }

    #[test]
    fn water_above_the_bunds_runs_off() {
        let (_, sum) = season(|day| if day == 20 { 600.0 } else { 0.0 });
        assert!(sum.runoff_mm > 380.0, "{sum:?}");
    }
}
