//! What one target makes of weather: published science, run day by day through a season.

use crate::agronomy::phenology::Normals;
use crate::forecast::ForecastError;

use super::fields::Field;
use super::weather::{Day, Reads};

/// One season of one field.
#[derive(Debug, Clone, Copy)]
pub struct Season<'a> {
    /// The field.
    pub field: &'a Field,
    /// Epoch day on which it started.
    pub start: i64,
    /// The usual temperature of its weather point, where a year of it is known.
    pub usual: Option<&'a Normals>,
}

/// A horizon and what is said for it, in the target's unit.
pub type Answer = (u8, f64);

/// How weather becomes a forecast.
///
/// The same functions run on the weather that was seen, on each member of the ensemble ahead and on
/// the weather that came, so that a record of them tells how good the weather ahead is, not how good
/// the science is.
pub trait Science: Copy + Send + Sync + 'static {
    /// Where a field stands after some days.
    type State;

    /// Returns the target's name.
    fn name(&self) -> &'static str;

    /// Returns the variable without which nothing is said.
    fn variable(&self) -> &'static str;

    /// Returns the unit.
    fn unit(&self) -> &'static str;

    /// Returns the number of horizons.
    fn horizons(&self) -> u8;

    /// Returns the thresholds whose odds matter.
    fn thresholds(&self) -> &'static [f64] {
        &[]
    }

    /// Returns the lowest and highest value there is.
    fn bounds(&self) -> (f64, f64);

    /// Returns whether it speaks of a field.
    fn speaks_of(&self, field: &Field) -> bool;

    /// Returns the parts that one field is forecast in, each a place of its own named `<field>.<part>`;
    /// by default none, and the field itself is the place.
    fn parts(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns how many days from its start a season is spoken of.
    fn season_days(&self, field: &Field) -> i64;

    /// Returns how many days of weather ahead (from today on) it takes, `age` days into a season.
    fn ahead_days(&self, field: &Field, age: i64) -> i64 {
        let _ = (field, age);
        i64::from(self.horizons())
    }

    /// Returns how many days lie between the mornings it is issued on: 1, or 7 for Mondays.
    fn step_days(&self) -> i64 {
        1
    }

    /// Returns the day that `horizon` speaks of, issued on the morning of `today`.
    fn valid_day(&self, today: i64, horizon: u8) -> i64 {
        today - 1 + i64::from(horizon)
    }

    /// Returns whether it needs the usual temperature of the point.
    fn needs_usual(&self) -> bool {
        false
    }

    /// Returns where the field stands after these days, the first being that of the start.
    ///
    /// # Errors
    /// Errors of the science.
    fn observe(
        &self,
        season: &Season<'_>,
        part: &str,
        seen: &[Day],
    ) -> Result<Self::State, ForecastError>;

    /// Returns whether the season is over.
    fn is_over(&self, _state: &Self::State) -> bool {
        false
    }

    /// Returns the value of each of the days that follow.
    ///
    /// # Errors
    /// Errors of the science.
    fn ahead(
        &self,
        season: &Season<'_>,
        state: &Self::State,
        ahead: &[Day],
    ) -> Result<Vec<f64>, ForecastError>;

    /// Returns what is said on the morning of `today` of values that begin on the day `first`: by
    /// default the value of each day ahead that is still of this season.
    fn answers(&self, season: &Season<'_>, today: i64, first: i64, values: &[f64]) -> Vec<Answer> {
        let end = season.start + self.season_days(season.field);
        let days = (1..=self.horizons()).map(|h| (h, today - 1 + i64::from(h)));
        let of_season = days.take_while(|(_, day)| *day < end);
        of_season
            .filter_map(|(h, day)| Some((h, *values.get(usize::try_from(day - first).ok()?)?)))
            .collect()
    }

    /// Returns whether answers are told relative to other years, so that the truth needs these too.
    fn is_relative(&self) -> bool {
        false
    }

    /// Returns whether values follow the weather smoothly, so that what the last days' weather would
    /// bring may move the members.
    fn leans(&self) -> bool {
        true
    }

    /// Returns what of the weather it reads.
    fn reads(&self) -> Reads;

    /// Returns answers as they are told, given those of the same season in other years; by default
    /// as they are.
    fn told(&self, answers: Vec<Answer>, _others: &[Vec<Answer>]) -> Vec<Answer> {
        answers
    }
}
