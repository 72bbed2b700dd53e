//! What is said on one morning: the season so far, continued by the weather of other years.
//!
//! Each other year lends its weather of the same days, and of a week earlier and later, as a member:
//! the "resampled years" of ensemble streamflow prediction (Day 1985, Proceedings of the ASCE
//! specialty conference "Computerized decision support systems for water managers"). Nothing is known
//! ahead, so the spread of the years is the uncertainty.

use super::science::{Answer, Science, Season};
use super::weather::{Day, Weather};
use crate::domain::time::{date_of_epoch_day, epoch_day};
use crate::forecast::ForecastError;

/// Days by which a year's weather is moved to make more members of few years.
const MOVES_DAYS: [i64; 3] = [-7, 0, 7];
/// Days whose mean weather is taken to go on, as persistence has it: a day alone is mostly noise.
const PERSISTENCE_DAYS: usize = 7;

/// Which other years lend their weather.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// Those before the season, as on a real morning.
    Before,
    /// All but the season's, as in a rehearsal on an archive that was known as a whole.
    All,
}

/// A morning in a season.
#[derive(Debug, Clone, Copy)]
pub struct Morning<'a> {
    /// The season.
    pub season: Season<'a>,
    /// The part of the field.
    pub part: &'a str,
    /// The day of issue.
    pub today: i64,
    /// The newest day whose weather is known.
    pub last: i64,
    /// The weather.
    pub weather: &'a Weather,
    /// Who lends.
    pub others: Others,
    /// The fewest years that must lend.
    pub years_min: usize,
}

/// What each forecaster says.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// The season so far, continued by the weather of other years.
    pub members: Vec<Vec<Answer>>,
    /// The same season in other years, nothing of this one.
    pub climatology: Vec<Vec<Answer>>,
    /// The season so far, continued by the last days' mean.
    pub persistence: Vec<Answer>,
    /// The season so far, continued by the usual weather: the mean of all members' days.
    pub normals: Vec<Answer>,
}

impl Morning<'_> {
    /// Returns what each forecaster says; `None` when the season is over, has a hole, or no other year
    /// can lend.
    ///
    /// # Errors
    /// Errors of the science.
    pub fn outlook<S: Science>(&self, science: &S) -> Result<Option<Outlook>, ForecastError> {
        let Season { field, start, .. } = self.season;
        let Some(seen) = self.weather.between(start, self.last) else { return Ok(None) };
        let state = science.observe(&self.season, self.part, &seen)?;
        let ahead_days = science.ahead_days(field, self.today - start);
        let to = self.today - 1 + ahead_days;
        if self.last + 1 < start || science.is_over(&state) || ahead_days < 1 {
            return Ok(None);
        }
        let Some(lent) = self.lent(to) else { return Ok(None) };
        let others = self.other_seasons(science, to)?;
        let say = |ahead: &[Day]| -> Result<Vec<Answer>, ForecastError> {
            let values = science.ahead(&self.season, &state, ahead)?;
            let answers = science.answers(&self.season, self.today, self.last + 1, &values);
            Ok(science.told(answers, &others))
        };
        let length = lent[0].len();
        let usual: Vec<Day> = (0..length)
            .filter_map(|k| Day::mean(&lent.iter().map(|days| days[k]).collect::<Vec<_>>()))
            .collect();
        let recent = Day::mean(&seen[seen.len().saturating_sub(PERSISTENCE_DAYS)..]);
        let recent: Vec<Day> = recent.map_or_else(|| usual.clone(), |day| vec![day; length]);
        Ok(Some(Outlook {
            members: lent.iter().map(|days| say(days)).collect::<Result<_, _>>()?,
            persistence: say(&recent)?,
            normals: say(&usual)?,
            climatology: others.iter().map(|o| science.told(o.clone(), &others)).collect(),
        }))
    }

    /// Returns what came of it: what the science says of the weather of this day and the `ahead_days`
    /// from it, or as many as are known; nothing while they are not.
    ///
    /// # Errors
    /// Errors of the science.
    pub fn came<S: Science>(
        &self,
        science: &S,
        ahead_days: i64,
    ) -> Result<Vec<Answer>, ForecastError> {
        let start = self.season.start;
        let Some(seen) = self.weather.between(start, self.last) else { return Ok(Vec::new()) };
        let state = science.observe(&self.season, self.part, &seen)?;
        let to = self.today - 1 + ahead_days;
        let to = self.weather.last().map_or(to, |last| to.min(last));
        let Some(ahead) = self.weather.between(self.last + 1, to) else { return Ok(Vec::new()) };
        if science.is_over(&state) || ahead.is_empty() {
            return Ok(Vec::new());
        }
        let values = science.ahead(&self.season, &state, &ahead)?;
        let answers = science.answers(&self.season, self.today, self.last + 1, &values);
        let others =
            if science.is_relative() { self.other_seasons(science, to)? } else { Vec::new() };
        Ok(science.told(answers, &others))
    }

    /// Returns the days by which this season must be moved to lie in each other year, nearest first.
    fn shifts(&self) -> Vec<i64> {
        let start = date_of_epoch_day(self.season.start);
        let (Some(first), Some(last)) = (self.weather.first(), self.weather.last()) else {
            return Vec::new();
        };
        // The season of the year before the first may reach into it.
        let years = date_of_epoch_day(first).year() - 1..=date_of_epoch_day(last).year();
        let wanted = years.filter(|year| match self.others {
            Others::Before => *year < start.year(),
            Others::All => *year != start.year(),
        });
        wanted
            .filter_map(|year| {
                // Starts are never 29 February (fields.rs).
                let there = start.with().year(year).build().ok()?;
                Some(epoch_day(there) - self.season.start)
            })
            .collect()
    }

    /// Returns the weather of the days ahead, up to `to`, of each year that has it; `None` when too few
    /// years do.
    fn lent(&self, to: i64) -> Option<Vec<Vec<Day>>> {
        let lend = |by: i64| self.weather.between(self.last + 1 + by, to + by);
        let mut shifts = self.shifts();
        shifts.retain(|shift| lend(*shift).is_some());
        let lent = shifts.iter().flat_map(|shift| MOVES_DAYS.map(|days| shift + days));
        (shifts.len() >= self.years_min).then(|| lent.filter_map(lend).collect())
    }

    /// Returns the answers of the same season in each other year that has its weather.
    fn other_seasons<S: Science>(
        &self,
        science: &S,
        to: i64,
    ) -> Result<Vec<Vec<Answer>>, ForecastError> {
        let mut others = Vec::new();
        for shift in self.shifts() {
            let season = Season { start: self.season.start + shift, ..self.season };
            let last = self.last + shift;
            let Some(seen) = self.weather.between(season.start, last) else { continue };
            let Some(ahead) = self.weather.between(last + 1, to + shift) else { continue };
            let state = science.observe(&season, self.part, &seen)?;
            if !science.is_over(&state) {
                let values = science.ahead(&season, &state, &ahead)?;
                others.push(science.answers(&season, self.today + shift, last + 1, &values));
            }
        }
        Ok(others)
    }
}
