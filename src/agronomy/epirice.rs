//! EPIRICE: how far weather alone lets five rice diseases go, day by day.
//!
//! A crop is a number of sites (pieces of leaf, tillers or plants, by disease). Each day sites grow
//! and age, and healthy ones are infected by infectious ones: healthy → latent → infectious →
//! removed. Infection needs a wet day, and its rate falls away from the disease's best crop age and
//! temperature. With `H`, `L`, `I`, `R` the sites in each state at the start of day `d`, counted
//! from 1 at emergence, and `D = L + I + R`:
//!
//! - wet `W = 1` when humidity ≥ [`WET_HUMIDITY_PCT`] or rain ≥ [`WET_RAIN_MM`], else 0;
//! - rate `Rc = RcOpt · RcA(d − 1) · RcT(temperature) · W`;
//! - sites left to infect `C = 1 − D / (H + D)`, to the power `a` of the disease's aggregation;
//! - new infections `N = I · Rc · C^a` after the onset day, the first infection on it, 0 before;
//! - growth `RRG · H · (1 − (H + D) / Sx)`, senescence `RRS · H` and the sites that cease to be
//!   infectious this day;
//! - a site is latent for `p` days after the day it enters that state, then infectious for `i`.
//!
//! Source: Savary, Nelson, Willocquet, Pangga and Aunario 2012, Crop Protection 34, 6–17, doi
//! 10.1016/j.cropro.2011.11.009, in the reading of `shared/knowledge/agronomy.md` 4.1, whose
//! numbers are those of the original program (`tests/it/epirice.rs`). Never calibrated in the
//! Mekong Delta and blind to variety, nitrogen and hoppers: compare a season with the place's own
//! earlier ones ([`potential`]), never with a fixed threshold.

mod diseases;
pub mod potential;

pub use diseases::{Curve, Disease, Parameters};

use super::AgronomyError;
use super::error::checked;

/// Daily mean relative humidity (%) from which a day is wet (`epirice_parameters.csv`, rhlim).
pub const WET_HUMIDITY_PCT: f64 = 90.0;
/// Daily rain (mm) from which a day is wet (`epirice_parameters.csv`, rainlim).
pub const WET_RAIN_MM: f64 = 5.0;

/// What the model needs to know of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayWeather {
    /// Mean air temperature (°C).
    pub mean_c: f64,
    /// Mean relative humidity (%).
    pub humidity_pct: f64,
    /// Rain (mm).
    pub rain_mm: f64,
}

/// Sites in each state at the start of a day, and what moves during it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayState {
    /// Healthy sites.
    pub healthy: f64,
    /// Infected sites that do not infect others yet.
    pub latent: f64,
    /// Infectious sites.
    pub infectious: f64,
    /// Sites that are infectious no more.
    pub removed: f64,
    /// Sites lost to age or to disease before this day.
    pub senesced: f64,
    /// Sites infected on this day.
    pub infections: f64,
    /// Sites that become infectious at the end of this day.
    pub transfers: f64,
    /// Sites grown on this day.
    pub growth: f64,
    /// Sites lost on this day.
    pub senescence: f64,
    /// Latent, infectious and removed sites together.
    pub diseased: f64,
    /// Share of the living sites that are diseased (0 to 1).
    pub intensity: f64,
}

/// A disease in one crop, day by day from emergence.
#[derive(Debug, Clone, PartialEq)]
pub struct Epidemic {
    days: Vec<DayState>,
}

impl Epidemic {
    /// Returns the days, the first being the day of emergence.
    #[must_use]
    pub fn days(&self) -> &[DayState] {
        &self.days
    }

    /// Returns the area under the curve of intensity (share × days), by trapezoids of one day.
    #[must_use]
    pub fn audpc(&self) -> f64 {
        self.days.windows(2).map(|pair| f64::midpoint(pair[0].intensity, pair[1].intensity)).sum()
    }

    /// Returns the first day of the highest intensity, counted from 1 at emergence, and that
    /// intensity; (0, 0) for no day.
    #[must_use]
    pub fn peak(&self) -> (usize, f64) {
        let mut peak = (0, 0.0);
        for (day, state) in (1..).zip(&self.days) {
            if peak.0 == 0 || state.intensity > peak.1 {
                peak = (day, state.intensity);
            }
        }
        peak
    }
}

/// Returns the course of `disease` in a crop that emerged on the first day of `weather`, one state
/// for each of its days. The published season has 120 days; a shorter crop gets fewer.
///
/// # Errors
/// [`AgronomyError::OutOfRange`] for temperatures outside −50 to 60 °C, humidities outside 0 to
/// 105 % (archives round above 100) and rain outside 0 to 2,000 mm.
pub fn epidemic(disease: Disease, weather: &[DayWeather]) -> Result<Epidemic, AgronomyError> {
    let parameters = disease.parameters();
    let mut days: Vec<DayState> = Vec::with_capacity(weather.len());
    let (mut healthy, mut senesced) = (parameters.healthy_sites, 0.0);
    for (age, day) in weather.iter().enumerate() {
        check(day)?;
        let state =
            state(parameters, &days, healthy, senesced, infection_rate(parameters, age, day));
        healthy += state.growth - state.infections - state.senescence;
        senesced += state.senescence;
        days.push(state);
    }
    Ok(Epidemic { days })
}

fn check(day: &DayWeather) -> Result<(), AgronomyError> {
    checked("mean temperature (°C)", day.mean_c, -50.0..=60.0, "-50 to 60")?;
    checked("mean relative humidity (%)", day.humidity_pct, 0.0..=105.0, "0 to 105")?;
    checked("daily rain (mm)", day.rain_mm, 0.0..=2_000.0, "0 to 2,000")?;
    Ok(())
}

/// Returns the rate of infection (per infectious site and day) at a crop age (days).
fn infection_rate(parameters: &Parameters, age: usize, day: &DayWeather) -> f64 {
    if day.humidity_pct < WET_HUMIDITY_PCT && day.rain_mm < WET_RAIN_MM {
        return 0.0;
    }
    let age = age as f64;
    parameters.rate_per_day
        * parameters.rate_by_age.at(age)
        * parameters.rate_by_temperature.at(day.mean_c)
}

/// Returns the state of the day after `earlier` and what moves on it.
fn state(
    parameters: &Parameters,
    earlier: &[DayState],
    healthy: f64,
    senesced: f64,
    rate_per_day: f64,
) -> DayState {
    // As the original counts, a site is found in its state at `p + 1` (`i + 1`) starts of a day,
    // the last of which moves it on.
    let stay = |days: usize| days + 1;
    let newest = |days: usize| &earlier[earlier.len().saturating_sub(stay(days))..];
    let left = |days: usize| earlier.len().checked_sub(stay(days)).map(|day| &earlier[day]);
    let latent: f64 = newest(parameters.latent_days).iter().map(|d| d.infections).sum();
    let infectious: f64 = newest(parameters.infectious_days).iter().map(|d| d.transfers).sum();
    let expired = earlier.len().saturating_sub(stay(parameters.infectious_days));
    let removed: f64 = earlier[..expired].iter().map(|d| d.transfers).sum();
    let transfers = left(parameters.latent_days).map_or(0.0, |d| d.infections);
    let expiring = left(parameters.infectious_days).map_or(0.0, |d| d.transfers);

    let diseased = latent + infectious + removed;
    let sites = healthy + diseased;
    let day = earlier.len() + 1;
    let infections = match day.cmp(&parameters.onset_day) {
        std::cmp::Ordering::Less => 0.0,
        std::cmp::Ordering::Equal => parameters.first_infections,
        std::cmp::Ordering::Greater => {
            infectious * rate_per_day * (1.0 - diseased / sites).powf(parameters.aggregation)
        }
    };
    DayState {
        healthy,
        latent,
        infectious,
        removed,
        senesced,
        infections,
        transfers,
        growth: parameters.growth_per_day * healthy * (1.0 - sites / parameters.sites_max),
        senescence: parameters.senescence_per_day * healthy + expiring,
        diseased,
        intensity: (diseased - removed) / (sites - removed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WET: DayWeather = DayWeather { mean_c: 27.0, humidity_pct: 95.0, rain_mm: 0.0 };
    const DRY: DayWeather = DayWeather { mean_c: 27.0, humidity_pct: 70.0, rain_mm: 0.0 };

    #[test]
    fn nothing_spreads_without_a_wet_day_and_nothing_before_onset() {
        for disease in Disease::ALL {
            let dry = epidemic(disease, &[DRY; 120]).unwrap();
            let infected: f64 = dry.days().iter().map(|d| d.infections).sum();
            assert!((infected - 1.0).abs() < 1e-15, "{disease}: only the first infection");
            let onset = disease.parameters().onset_day;
            let wet = epidemic(disease, &[WET; 120]).unwrap();
            assert!(wet.days()[..onset].iter().all(|d| d.diseased == 0.0), "{disease}");
            assert!(wet.audpc() > dry.audpc(), "{disease}");
        }
    }

    #[test]
    fn rain_makes_a_day_as_wet_as_humid_air_does() {
        let rainy = DayWeather { humidity_pct: 70.0, rain_mm: 5.0, ..WET };
        let humid = epidemic(Disease::SheathBlight, &[WET; 100]).unwrap();
        assert_eq!(epidemic(Disease::SheathBlight, &[rainy; 100]).unwrap(), humid);
    }

    #[test]
    fn states_stay_shares_of_a_crop_in_any_steady_weather() {
        for disease in Disease::ALL {
            for mean_c in [5.0, 15.0, 20.0, 25.0, 28.0, 31.0, 35.0, 44.0] {
                let epidemic = epidemic(disease, &[DayWeather { mean_c, ..WET }; 120]).unwrap();
                for (day, state) in (1..).zip(epidemic.days()) {
                    assert!(state.healthy > 0.0, "{disease} at {mean_c} on day {day}: {state:?}");
                    assert!((0.0..=1.0).contains(&state.intensity), "{disease}: {state:?}");
                }
            }
        }
    }

    #[test]
    fn a_first_day_can_be_checked_by_hand_and_no_day_has_no_peak() {
        let first = epidemic(Disease::BacterialBlight, &[WET]).unwrap();
        let state = first.days()[0];
        assert_eq!((state.healthy, state.growth, state.senescence), (100.0, 9.6875, 1.0));
        assert_eq!((first.audpc(), first.peak()), (0.0, (1, 0.0)));
        assert_eq!(epidemic(Disease::Tungro, &[]).unwrap().peak(), (0, 0.0));
    }

    #[test]
    fn impossible_weather_is_refused_by_name() {
        for (bad, named) in [
            (DayWeather { mean_c: f64::NAN, ..WET }, "temperature"),
            (DayWeather { humidity_pct: -1.0, ..WET }, "humidity"),
            (DayWeather { rain_mm: -999.0, ..WET }, "rain"),
        ] {
            let refused = epidemic(Disease::BrownSpot, &[WET, bad]).unwrap_err().to_string();
            assert!(refused.contains(named), "{refused}");
        }
    }
}
