//! The fitted target: archives of weather and what rehearsals taught; issues, and is stored as bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::outlook::{Morning, Others};
use super::rehearsal::{Lesson, NORMALS};
use super::science::{Science, Season};
use super::weather::Weather;
use super::{LATE_DAYS_MAX, YEARS_MIN, field_of, fields_with_weather};
use crate::domain::time::IssuedAt;
use crate::domain::{PlaceId, Quantiles};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::gate::{PUBLISHED, Verdict};
use crate::forecast::stored::{self, damaged};
use crate::forecast::targets::{Fitted, Issued};

/// The version of stored models that this build writes and reads.
const FORMAT: u32 = 1;

/// What is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Models {
    format: u32,
    target: String,
    /// What was known of each weather point at the cut.
    archives: BTreeMap<PlaceId, Weather>,
    lesson: Lesson,
}

/// A science with its archives, fitted at one moment.
#[derive(Debug)]
pub struct FittedSeasons<S> {
    science: S,
    models: Models,
}

impl<S: Science> FittedSeasons<S> {
    /// Returns the archives known at the cut and what they teach. Nothing is an error: without an
    /// archive nothing will be issued.
    pub(super) fn fit(science: S, panel: &Panel, cut: IssuedAt) -> Result<Self, ForecastError> {
        let known = Known::at(panel, cut);
        let fields = fields_with_weather(&science, panel);
        let mut archives = BTreeMap::new();
        for point in fields.iter().flat_map(|field| &field.points) {
            if !archives.contains_key(point) {
                let days = (i64::MIN, known.today() - 1);
                let weather = Weather::read(&known, point, days, science.reads());
                if weather.last().is_some() {
                    archives.insert(point.clone(), weather);
                }
            }
        }
        let lesson = Lesson::learn(&science, &archives, &fields)?;
        let target = science.name().to_owned();
        Ok(Self { science, models: Models { format: FORMAT, target, archives, lesson } })
    }

    /// Returns the models from bytes that `to_bytes` made.
    ///
    /// # Errors
    /// [`ForecastError::Learn`] for another format or target, and for models that contradict
    /// themselves.
    pub(super) fn from_bytes(science: S, bytes: &[u8]) -> Result<Self, ForecastError> {
        let models: Models = stored::read(bytes, science.name(), FORMAT)?;
        if !models.lesson.is_sound() {
            return Err(damaged("spreads are not finite or not in rising order"));
        }
        Ok(Self { science, models })
    }

    /// Returns the weather of a point up to what was known: the archive and the days since.
    fn weather(&self, known: &Known<'_>, point: &PlaceId) -> Option<Weather> {
        let archive = self.models.archives.get(point)?;
        let days = (archive.last()? + 1, known.today() - 1);
        let weather = archive.with(&Weather::read(known, point, days, self.science.reads()));
        (weather.last()? >= known.today() - 1 - LATE_DAYS_MAX).then_some(weather)
    }
}

impl<S: Science> Fitted for FittedSeasons<S> {
    fn gate(&self) -> Vec<Verdict> {
        self.models.lesson.verdicts.clone()
    }

    fn issue(&self, known: &Known<'_>, place: &PlaceId) -> Result<Vec<Issued>, ForecastError> {
        let Some((field, part)) = field_of(&self.science, place) else { return Ok(Vec::new()) };
        let weather = field.points.iter().find_map(|point| self.weather(known, point));
        let Some((weather, last)) = weather.and_then(|w| w.last().map(|last| (w, last))) else {
            return Ok(Vec::new());
        };
        let start = field.start(known.today());
        let usual = weather.normals(start)?;
        let morning = Morning {
            season: Season { field, start, usual: usual.as_ref() },
            part,
            today: known.today(),
            last,
            weather: &weather,
            others: Others::Before,
            years_min: YEARS_MIN,
        };
        let Some(outlook) = morning.outlook(&self.science)? else { return Ok(Vec::new()) };
        let lesson = &self.models.lesson;
        let mut issued = Vec::new();
        for (horizon, sayings) in outlook.sayings() {
            let [own, baselines @ ..] = lesson.all(horizon, &sayings, self.science.bounds());
            let verdict = lesson.verdicts.iter().find(|v| v.horizon == horizon);
            let best = verdict.map_or(NORMALS, |v| v.best_baseline.as_str());
            let stand_in =
                baselines.iter().find(|(name, _)| *name == best).unwrap_or(&baselines[0]);
            let published = if verdict.is_some_and(|v| v.passes) { own.1 } else { stand_in.1 };
            for (model, values) in std::iter::once((PUBLISHED, published)).chain(baselines) {
                issued.push(Issued { horizon, model, quantiles: Quantiles::rearranged(values)? });
            }
        }
        Ok(issued)
    }

    fn to_bytes(&self) -> Result<Vec<u8>, ForecastError> {
        stored::write(&self.models)
    }
}
