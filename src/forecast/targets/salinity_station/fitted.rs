//! The fitted target: issues forecasts, and is stored as bytes.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::adapt::{Hindcasts, Widths, corrected};
use super::archive::{Archive, first_day};
use super::calibrate::calibrate;
use super::design::Waves;
use super::intervals::Intervals;
use super::members::{Ground, Hindcast, Members};
use super::morning::{Morning, Origin, SALINITY};
use super::rivals::{ANALOGUE_DAYS, Rivals};
use super::tides::Tides;
use super::workshop::{Rolled, Workshop};
use super::{HORIZONS, ROLLED_SEASONS};
use crate::domain::time::{IssuedAt, date_of_epoch_day};
use crate::domain::{PlaceId, Quantiles};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::gate::{PUBLISHED, Verdict};
use crate::forecast::learn::LearnError;
use crate::forecast::targets::{Fitted, Issued};

/// The version of stored models that this build writes and reads.
const FORMAT: u32 = 1;

/// Days of a running season that an issue looks back on: the salt stays seven months.
const SEASON_DAYS: i64 = 250;

static WAVES: LazyLock<Waves> = LazyLock::new(Waves::new);

/// The models of one season, with everything learned from the seasons before.
#[derive(Debug, Serialize, Deserialize)]
pub struct FittedSalinity {
    format: u32,
    /// The first day the models do not know (epoch day).
    cut_day: i64,
    members: Arc<Members>,
    intervals: Intervals,
    widths: BTreeMap<PlaceId, Widths>,
    rivals: Rivals,
    verdicts: Vec<Verdict>,
    #[serde(skip)]
    memory: Mutex<Memory>,
}

/// What was computed before, found again by place, day and fingerprint of all that was read.
#[derive(Debug, Default)]
struct Memory {
    tides: Option<Arc<Tides>>,
    hindcasts: BTreeMap<(PlaceId, i64), (u64, Hindcast)>,
}

impl FittedSalinity {
    /// Returns the models fitted without anything kept of earlier fits: the same, only later.
    ///
    /// # Errors
    /// As [`super::SalinityStation::fit_salinity`].
    pub fn fit_alone(panel: &Panel, cut: IssuedAt) -> Result<Self, ForecastError> {
        Self::fit(panel, cut, &Workshop::new())
    }

    /// Returns the models fitted on the seasons before the year of `cut`.
    pub(super) fn fit(
        panel: &Panel,
        cut: IssuedAt,
        workshop: &Workshop,
    ) -> Result<Self, ForecastError> {
        let archive = Archive::before(panel, cut)?;
        let (first, last) = archive.span().unwrap_or((0, 0));
        let tides = Tides::between(first, last);
        let ground = Ground { tides: &tides, waves: &WAVES };
        let Rolled { members, seasons } = workshop.roll(&archive, ground, ROLLED_SEASONS)?;
        let rivals = Rivals::before(&archive, first_day(archive.until))?;
        let calibration = calibrate(&archive, &seasons)?;
        Ok(Self {
            format: FORMAT,
            cut_day: first_day(archive.until),
            members,
            intervals: calibration.intervals,
            widths: calibration.widths,
            rivals,
            verdicts: calibration.verdicts,
            memory: Mutex::default(),
        })
    }

    /// Returns the models as bytes to be stored.
    ///
    /// # Errors
    /// [`ForecastError::Learn`] when they cannot be written, which no fitted model should bring
    /// about.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ForecastError> {
        serde_json::to_vec(self).map_err(|e| damaged(&e))
    }

    /// Returns the models from bytes that [`FittedSalinity::to_bytes`] made.
    ///
    /// # Errors
    /// [`ForecastError::Learn`] for an unknown format and for models that contradict themselves.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ForecastError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let head: Head = serde_json::from_slice(bytes).map_err(|e| damaged(&e))?;
        if head.format != FORMAT {
            let given = head.format;
            return Err(damaged(&format!(
                "salinity model format {given} is unknown, this build reads format {FORMAT}"
            )));
        }
        let fitted: Self = serde_json::from_slice(bytes).map_err(|e| damaged(&e))?;
        if !fitted.members.sound() || !fitted.intervals.sound() {
            return Err(damaged(&"coefficients are not as many as the columns"));
        }
        Ok(fitted)
    }

    /// Returns the hindcasts of this season at one station, up to the morning itself.
    fn season(
        &self,
        known: &Known<'_>,
        place: &PlaceId,
        origin: &Origin,
    ) -> Result<Hindcasts, ForecastError> {
        let today = origin.day;
        let first = (self.cut_day - 1).max(today - SEASON_DAYS).min(today);
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

    fn own_quantiles(
        &self,
        known: &Known<'_>,
        place: &PlaceId,
        origin: &Origin,
    ) -> Result<[[f64; 7]; HORIZONS], ForecastError> {
        let hindcasts = self.season(known, place, origin)?;
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

impl Fitted for FittedSalinity {
    fn gate(&self) -> Vec<Verdict> {
        self.verdicts.clone()
    }

    fn issue(&self, known: &Known<'_>, place: &PlaceId) -> Result<Vec<Issued>, ForecastError> {
        let Some(origin) = Morning::read(known).origin(place) else { return Ok(Vec::new()) };
        let own = self.own_quantiles(known, place, &origin)?;
        let series = known.series(SALINITY, place);
        let mut issued = Vec::new();
        for (k, own) in own.into_iter().enumerate() {
            let (horizon, due) = (k + 1, origin.day + k as i64 + 1);
            let old = series.on(due - ANALOGUE_DAYS);
            let today = origin.own * origin.own;
            let baselines = self.rivals.forecasts(place, (due, horizon), today, old)?;
            let held_back = self
                .verdicts
                .iter()
                .find(|verdict| usize::from(verdict.horizon) == horizon && !verdict.passes)
                .and_then(|verdict| baselines.iter().find(|(n, _)| *n == verdict.best_baseline));
            let published = match held_back {
                Some((_, quantiles)) => *quantiles,
                None => Quantiles::rearranged(own)?,
            };
            let all = std::iter::once((PUBLISHED, published)).chain(baselines);
            issued.extend(all.map(|(model, quantiles)| Issued {
                horizon: horizon as u8,
                model,
                quantiles,
            }));
        }
        Ok(issued)
    }
}

fn damaged(detail: &impl std::fmt::Display) -> ForecastError {
    LearnError::Damaged { detail: detail.to_string() }.into()
}
