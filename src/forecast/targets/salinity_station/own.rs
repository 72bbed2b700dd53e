//! The model's own forecast on one morning: the blend, corrected and widened by its season so far.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::HORIZONS;
use super::adapt::{Hindcasts, Widths, corrected};
use super::fitted::WAVES;
use super::intervals::Intervals;
use super::members::{Ground, Hindcast, Members};
use super::morning::{Morning, Origin, SALINITY};
use super::tides::Tides;
use crate::domain::PlaceId;
use crate::domain::time::{IssuedAt, date_of_epoch_day};
use crate::features::Known;
use crate::forecast::ForecastError;

/// Days of a running season that an issue looks back on: the salt stays seven months.
const SEASON_DAYS: i64 = 250;

/// The models of one season and what the seasons held out taught of their errors.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Own {
    members: Arc<Members>,
    intervals: Intervals,
    widths: BTreeMap<PlaceId, Widths>,
    #[serde(skip)]
    memory: Mutex<Memory>,
}

/// What was computed before, found again by place, day and fingerprint of all that was read.
#[derive(Debug, Default)]
struct Memory {
    tides: Option<Arc<Tides>>,
    hindcasts: BTreeMap<(PlaceId, i64), (u64, Hindcast)>,
}

impl Own {
    pub(super) fn new(
        members: Arc<Members>,
        intervals: Intervals,
        widths: BTreeMap<PlaceId, Widths>,
    ) -> Self {
        Self { members, intervals, widths, memory: Mutex::default() }
    }

    /// Returns whether the parts fit this build and each other.
    pub(super) fn sound(&self) -> bool {
        self.members.sound() && self.intervals.sound()
    }

    /// Returns the hindcasts of this season at one station, up to the morning itself.
    fn season(
        &self,
        known: &Known<'_>,
        place: &PlaceId,
        origin: &Origin,
        cut_day: i64,
    ) -> Result<Hindcasts, ForecastError> {
        let today = origin.day;
        let first = (cut_day - 1).max(today - SEASON_DAYS).min(today);
        let tides = self.tides(first, today + HORIZONS as i64);
        let series = known.series(SALINITY, place);
        let mut hindcasts = Hindcasts::new();
        for day in (first..today).filter(|day| series.on(*day).is_some()) {
            let morning = IssuedAt::morning_of(date_of_epoch_day(day + 1))?;
            let Some(then) = known.earlier(morning) else { continue };
            // A value that came in late could not be issued from on its own morning.
            if then.series(SALINITY, place).on(day).is_none() {
                continue;
            }
            if let Some(origin) = Morning::read(&then).origin(place) {
                hindcasts.insert(day, self.hindcast(&tides, place, &origin)?);
            }
        }
        hindcasts.insert(today, self.hindcast(&tides, place, origin)?);
        Ok(hindcasts)
    }

    fn hindcast(
        &self,
        tides: &Tides,
        place: &PlaceId,
        origin: &Origin,
    ) -> Result<Hindcast, ForecastError> {
        let (key, print) = ((place.clone(), origin.day), origin.fingerprint());
        let lock = || self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, hindcast)) = lock().hindcasts.get(&key).filter(|(p, _)| *p == print) {
            return Ok(hindcast.clone());
        }
        let hindcast = self.members.forecast(Ground { tides, waves: &WAVES }, place, origin)?;
        lock().hindcasts.insert(key, (print, hindcast.clone()));
        Ok(hindcast)
    }

    fn tides(&self, first: i64, last: i64) -> Arc<Tides> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tides) = memory.tides.as_ref().filter(|tides| tides.hold(first, last)) {
            return Arc::clone(tides);
        }
        let tides = Arc::new(Tides::between(first, first + 2 * SEASON_DAYS));
        memory.tides = Some(Arc::clone(&tides));
        tides
    }

    /// Returns the quantiles (g/L) of all horizons for one station, with everything this season,
    /// since `cut_day`, has taught so far.
    pub(super) fn quantiles(
        &self,
        known: &Known<'_>,
        place: &PlaceId,
        origin: &Origin,
        cut_day: i64,
    ) -> Result<[[f64; 7]; HORIZONS], ForecastError> {
        let hindcasts = self.season(known, place, origin, cut_day)?;
        let series = known.series(SALINITY, place);
        let outcome = |day| series.on(day).map(|g_l| g_l.max(0.0).sqrt());
        let scaled = corrected(&hindcasts, outcome)
            .iter()
            .map(|(day, centres)| (*day, self.intervals.scaled(place, &hindcasts[day], centres)))
            .collect();
        let learned = self.widths.get(place).copied();
        let start = if self.members.know(place) { Widths::CALIBRATED } else { Widths::NEW_STATION };
        let issued = learned.unwrap_or(start).run(&scaled, outcome);
        Ok(issued[&origin.day])
    }
}
