//! How far weather would let each of five rice diseases go by each of the 10 days ahead, as a rank
//! among the place's own earlier years.
//!
//! EPIRICE ([`crate::agronomy::epirice`]) from emergence on; what is ranked is the area under its curve
//! of intensity. A rank says that a season is wetter or warmer for a disease than most were. It is no
//! level of risk: the model was never calibrated here and knows neither variety nor nitrogen nor spray.

use super::crop::growth::duration_days;
use super::crop::science::{Answer, Science, Season};
use super::crop::weather::{Day, Reads};
use super::crop::{Field, Seasons};
use crate::agronomy::epirice::{DayWeather, Disease, epidemic};
use crate::agronomy::phenology::season::EMERGENCE_DAYS;
use crate::domain::Crop as Grown;
use crate::forecast::ForecastError;

/// The target.
pub static DISEASE_POTENTIAL: Seasons<DiseasePotential> = Seasons::new(DiseasePotential);

/// Fewest earlier years that a rank is given among, as `agronomy::epirice::potential` has it.
const YEARS_MIN: usize = 5;
/// The diseases, as the last part of a place names them.
const NAMES: [&str; 5] = [
    Disease::ALL[0].as_str(),
    Disease::ALL[1].as_str(),
    Disease::ALL[2].as_str(),
    Disease::ALL[3].as_str(),
    Disease::ALL[4].as_str(),
];

/// The science of the potential.
#[derive(Debug, Clone, Copy)]
pub struct DiseasePotential;

/// A disease in a crop some days after sowing.
#[derive(Debug, Clone)]
pub struct Sick {
    disease: Disease,
    days: Vec<DayWeather>,
}

impl Science for DiseasePotential {
    type State = Sick;

    fn name(&self) -> &'static str {
        "disease_potential"
    }

    fn variable(&self) -> &'static str {
        "humidity_mean_pct"
    }

    fn unit(&self) -> &'static str {
        "1"
    }

    fn horizons(&self) -> u8 {
        10
    }

    /// Above four years in five (ours; a rank, not a level of risk).
    fn thresholds(&self) -> &'static [f64] {
        &[0.8]
    }

    fn bounds(&self) -> (f64, f64) {
        (0.0, 1.0)
    }

    fn reads(&self) -> Reads {
        Reads::Air
    }

    fn is_relative(&self) -> bool {
        true
    }

    fn speaks_of(&self, field: &Field) -> bool {
        field.crop == Grown::Rice
    }

    fn parts(&self) -> &'static [&'static str] {
        &NAMES
    }

    fn season_days(&self, _field: &Field) -> i64 {
        duration_days(0)
    }

    fn observe(
        &self,
        _season: &Season<'_>,
        part: &str,
        seen: &[Day],
    ) -> Result<Sick, ForecastError> {
        let disease = Disease::ALL.into_iter().find(|disease| disease.as_str() == part);
        // Parts come from the list above.
        let disease = disease.unwrap_or(Disease::LeafBlast);
        Ok(Sick { disease, days: seen.iter().map(weather_of).collect() })
    }

    fn ahead(
        &self,
        _season: &Season<'_>,
        state: &Sick,
        ahead: &[Day],
    ) -> Result<Vec<f64>, ForecastError> {
        let days = state.days.iter().copied().chain(ahead.iter().map(weather_of));
        let emerged: Vec<DayWeather> = days.skip(EMERGENCE_DAYS as usize).collect();
        let epidemic = epidemic(state.disease, &emerged)?;
        let mut area = 0.0;
        let mut areas = vec![0.0];
        for pair in epidemic.days().windows(2) {
            area += f64::midpoint(pair[0].intensity, pair[1].intensity);
            areas.push(area);
        }
        // Sowing to emergence and the days seen are behind; before emergence nobody is sick.
        let behind = state.days.len();
        let of = |day: usize| {
            let index = day.checked_sub(EMERGENCE_DAYS as usize);
            index.and_then(|index| areas.get(index)).copied().unwrap_or(0.0)
        };
        Ok((behind..behind + ahead.len()).map(of).collect())
    }

    /// The share of other years that had less, ties counted half; nothing while nobody can have any.
    fn told(&self, answers: Vec<Answer>, others: &[Vec<Answer>]) -> Vec<Answer> {
        let rank = |(horizon, area): Answer| {
            let same = others.iter().filter_map(|o| o.iter().find(|(h, _)| *h == horizon));
            let areas: Vec<f64> = same.map(|(_, area)| *area).collect();
            let share = |holds: &dyn Fn(f64) -> bool| {
                areas.iter().filter(|a| holds(**a)).count() as f64 / areas.len() as f64
            };
            let (below, equal) = (share(&|a| a < area), share(&|a| a == area));
            let none_yet = area == 0.0 && equal >= 1.0;
            (areas.len() >= YEARS_MIN && !none_yet).then_some((horizon, below + 0.5 * equal))
        };
        answers.into_iter().filter_map(rank).collect()
    }
}

fn weather_of(day: &Day) -> DayWeather {
    DayWeather { mean_c: day.mean_c, humidity_pct: day.humidity_pct, rain_mm: day.rain_mm }
}
