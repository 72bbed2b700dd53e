//! What weather does to crops: stage, harvest, disease and thirst, carried by published science.
//!
//! ```text
//!  fields ─► weather      zone × crop × sowing, and the weather of its former province's town
//!               │
//!  science ─────┤         a season run day by day (agronomy), one file a target
//!               ▼
//!  outlook                the season so far, continued by each other year's weather
//!               ▼
//!  rehearsal              archive seasons played again: spread, baselines, gate
//!               ▼
//!  fitted                 issues; stored as bytes
//! ```
//!
//! No weather forecast is taken in: the weather ahead is that of other years. What came is the same
//! science run on the weather that came. So the record shows what not knowing the weather costs, and
//! nothing of how well the science tells the field, which nobody measured here.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Fitted, Target};
use crate::domain::PlaceId;
use crate::domain::time::IssuedAt;
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;

mod fields;
mod fitted;
pub(super) mod growth;
mod outlook;
mod rehearsal;
pub(super) mod science;
#[cfg(test)]
mod tests;
pub(super) mod weather;

pub use fields::{Field, named as field_at, zones_of};
pub use fitted::FittedSeasons;
pub use science::Science;

use outlook::{Morning, Others};
use science::Season;
use weather::{INPUTS, Weather};

/// Fewest years of weather at a point: among four, one odd year moves every quantile (as
/// `agronomy::epirice::potential` has it for ranks).
const YEARS_MIN: usize = 5;
/// Days that the newest weather may be old: the archive of the province comes five days late.
const LATE_DAYS_MAX: i64 = 7;
/// Days of a year, at least.
const YEAR_DAYS: i64 = 365;

/// A target that runs a science through the seasons of the fields.
#[derive(Debug, Clone, Copy)]
pub struct Seasons<S>(S);

impl<S: Science> Seasons<S> {
    /// Returns the target of a science.
    pub const fn new(science: S) -> Self {
        Self(science)
    }
}

/// Returns the field of a place and which part of it is meant; `None` for a place of another kind.
fn field_of<S: Science>(science: &S, place: &PlaceId) -> Option<(&'static Field, &'static str)> {
    if science.parts().is_empty() {
        return fields::named(place).map(|field| (field, ""));
    }
    let (whole, last) = place.as_str().rsplit_once('.')?;
    let part = science.parts().iter().find(|part| **part == last)?;
    Some((fields::named(&whole.parse().ok()?)?, part))
}

/// Returns the places of a field: itself, or one for each part.
fn places_of<S: Science>(science: &S, field: &Field) -> Vec<PlaceId> {
    let named = |part: &&str| {
        if part.is_empty() {
            Some(field.place.clone())
        } else {
            format!("{}.{part}", field.place).parse().ok()
        }
    };
    rehearsal::parts(science).iter().filter_map(named).collect()
}

/// Returns the fields that can be spoken of: whose weather was measured for years.
fn fields_with_weather<S: Science>(science: &S, panel: &Panel) -> Vec<&'static Field> {
    let long = |point: &PlaceId| {
        let span = panel.get(science.variable(), point).and_then(|series| series.span());
        span.is_some_and(|(first, last)| last - first >= YEARS_MIN as i64 * YEAR_DAYS)
    };
    let spoken_of = fields::all().iter().filter(|field| science.speaks_of(field));
    spoken_of.filter(|field| field.points.iter().any(long)).collect()
}

impl<S: Science> Target for Seasons<S> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn variable(&self) -> &'static str {
        self.0.variable()
    }

    fn unit(&self) -> &'static str {
        self.0.unit()
    }

    fn horizons(&self) -> u8 {
        self.0.horizons()
    }

    fn thresholds(&self) -> &'static [f64] {
        self.0.thresholds()
    }

    /// 1 January: archives grow by a year, and nothing in a season hangs on the day.
    fn refit_day(&self, day: Date) -> Date {
        Date::constant(day.year(), 1, 1)
    }

    fn inputs(&self) -> &'static [&'static str] {
        &INPUTS
    }

    fn places(&self, panel: &Panel) -> Vec<PlaceId> {
        let fields = fields_with_weather(&self.0, panel);
        fields.iter().flat_map(|field| places_of(&self.0, field)).collect()
    }

    /// The longest weather record among the field's points: the shorter ones lie years apart.
    fn span(&self, panel: &Panel, place: &PlaceId) -> Option<(i64, i64)> {
        let (field, _) = field_of(&self.0, place)?;
        let at = |point| panel.get(self.0.variable(), point)?.span();
        field.points.iter().filter_map(at).max_by_key(|(first, last)| last - first)
    }

    /// In the season, while weather comes in; weekly targets on Mondays.
    fn issues_on(&self, known: &Known<'_>, place: &PlaceId) -> bool {
        let Some((field, _)) = field_of(&self.0, place) else { return false };
        let today = known.today();
        // 1970-01-05, epoch day 4, was a Monday.
        let due = (today - 4).rem_euclid(self.0.step_days()) == 0;
        let age = today - field.start(today);
        due && (1..self.0.season_days(field)).contains(&age)
            && field.points.iter().any(|point| {
                let series = known.series(self.0.variable(), point);
                series.last(today - 1, LATE_DAYS_MAX).is_some_and(|(day, _)| day >= today - age)
            })
    }

    fn patience_days(&self) -> i64 {
        if self.0.step_days() > 1 { self.0.step_days() - 1 } else { 3 }
    }

    fn valid_day(&self, today: i64, _place: &PlaceId, horizon: u8) -> i64 {
        self.0.valid_day(today, horizon)
    }

    /// What the same science says of the weather that came.
    fn truth(&self, panel: &Panel, place: &PlaceId, day: i64) -> Option<f64> {
        let (field, part) = field_of(&self.0, place)?;
        let start = field.start(day);
        let ahead_days =
            if self.0.step_days() > 1 { self.0.ahead_days(field, day - start) } else { 1 };
        let needs_years = self.0.is_relative() || self.0.needs_usual();
        let from = if needs_years { i64::MIN } else { start };
        let whole = Known::at(panel, IssuedAt(Timestamp::MAX));
        field.points.iter().find_map(|point| {
            whole.series(self.0.variable(), point).on(day)?;
            let span = (from, day - 1 + ahead_days);
            let weather = Weather::read(&whole, point, span, self.0.reads());
            let usual = weather.normals(start).ok()?;
            let morning = Morning {
                season: Season { field, start, usual: usual.as_ref() },
                part,
                today: day,
                last: day - 1,
                weather: &weather,
                others: Others::Before,
                years_min: YEARS_MIN,
            };
            morning.came(&self.0, ahead_days).ok()?.first().map(|(_, value)| *value)
        })
    }

    fn fit(&self, panel: &Panel, cut: IssuedAt) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(FittedSeasons::fit(self.0, panel, cut)?))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(FittedSeasons::from_bytes(self.0, bytes)?))
    }
}
