//! All communes' [`Today`] in memory, made anew when the record store or the lake has changed.
//!
//! Whether they have is told by the files' marks ([`Stamp`](crate::storage::Stamp)), asked at every
//! reading: what was withdrawn is gone within half a second. Then only the parts that changed are
//! read again.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::record::SaidByCommune;
use super::{
    CropToday, IntakeHours, Neighbours, PriceAhead, Probe, SURE, Standing, Today, Window, prices,
    record,
};
use crate::domain::time::local_date;
use crate::domain::{CommuneCode, Crop, PlaceId, Stage};
use crate::frames::forecasts::{FORECAST, SCORE};
use crate::frames::{AdvisoryState, Forecast, Score};
use crate::publish::api::Shelf;
use crate::storage::verdicts::Over;
use crate::storage::{Filter, StorageError};

/// How old the last issue of hours at a probe may be to be shown: a tide. Older odds are those of a
/// probe that has fallen silent.
const HOURS_STAND: SignedDuration = SignedDuration::from_hours(12);

/// How long a count of what farmers said stands, seconds: a record of years need not be counted anew
/// at every answer, of which ten thousand may come in an hour.
const SAID_STANDS_SECS: i64 = 600;

/// Every commune as of one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What it was made from; another mark means that something has changed.
    pub mark: String,
    /// The stores' stamp and the local day it was looked at with.
    seen: (u64, Date),
    /// When it was put together.
    pub made_at: Timestamp,
    /// By commune.
    pub communes: Arc<BTreeMap<CommuneCode, Today>>,
}

/// By commune and crop, what stands published, newest issue only, most urgent first.
type Standings = BTreeMap<(CommuneCode, Crop), Vec<Standing>>;

/// One part with the mark of what it was made from.
#[derive(Debug, Default)]
struct Part<T> {
    mark: String,
    value: Arc<T>,
}

/// The parts that change at different times: a stream adds forecasts by the minute, while scores
/// stand for months.
#[derive(Debug, Default)]
struct Parts {
    desk: Part<Desk>,
    hours: Part<Vec<Forecast>>,
    prices: Part<Vec<PriceAhead>>,
    scores: Part<Vec<Score>>,
    said: Part<SaidByCommune>,
    /// When it was counted, in spans of [`SAID_STANDS_SECS`].
    said_counted: Option<i64>,
}

#[derive(Debug, Default)]
struct Desk {
    standings: Standings,
    waiting: BTreeMap<String, i64>,
    newest_run: Option<Timestamp>,
    sample: bool,
}

/// The communes' screens, kept up to date.
pub struct Board {
    shelf: Shelf,
    neighbours: Arc<dyn Neighbours>,
    shown: RwLock<Option<Arc<Snapshot>>>,
    parts: Mutex<Parts>,
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Board").field("shelf", &self.shelf).finish_non_exhaustive()
    }
}

impl Board {
    /// Returns the board of a home; nothing is read yet.
    #[must_use]
    pub fn new(shelf: Shelf, neighbours: Arc<dyn Neighbours>) -> Arc<Self> {
        Arc::new(Self { shelf, neighbours, shown: RwLock::default(), parts: Mutex::default() })
    }

    /// Returns what it reads of.
    #[must_use]
    pub const fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Returns what the other rooms know.
    #[must_use]
    pub fn neighbours(&self) -> &dyn Neighbours {
        &*self.neighbours
    }

    /// Returns every commune as it stands. When a store cannot be read what was read last stands,
    /// with its own age on it, and the log says so.
    ///
    /// # Errors
    /// [`StorageError`] when nothing was ever read and a store cannot be.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, StorageError> {
        if let Some(shown) = self.shown().filter(|shown| shown.seen == self.sees()) {
            return Ok(shown);
        }
        let mut parts = self.parts.lock().await;
        // Before anything is read: what changes meanwhile is seen the next time.
        let seen = self.sees();
        let shown = self.shown();
        // Somebody else may have looked while this one waited.
        if let Some(shown) = shown.as_ref().filter(|shown| shown.seen == seen) {
            return Ok(Arc::clone(shown));
        }
        if let Err(error) = self.refresh(&mut parts).await {
            tracing::error!(%error, "the screens could not be brought up to date");
            return shown.ok_or(error);
        }
        let mark = format!("{}/{}", parts.mark(), seen.1);
        let made = match shown.filter(|shown| shown.mark == mark) {
            Some(same) => {
                Snapshot { mark, seen, made_at: same.made_at, communes: same.communes.clone() }
            }
            None => {
                let (made_at, communes) = ((self.shelf.now)(), Arc::new(self.compose(&parts)));
                Snapshot { mark, seen, made_at, communes }
            }
        };
        let made = Arc::new(made);
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&made));
        Ok(made)
    }

    fn shown(&self) -> Option<Arc<Snapshot>> {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stages go by the day, so a new day makes new screens.
    fn sees(&self) -> (u64, Date) {
        (self.shelf.stamp.now(), local_date((self.shelf.now)()))
    }

    async fn refresh(&self, parts: &mut Parts) -> Result<(), StorageError> {
        let Shelf { lake, records, .. } = &self.shelf;
        let now = (self.shelf.now)();
        let desk = records.mark().await?;
        if parts.desk.mark != desk {
            parts.desk = Part { mark: desk, value: Arc::new(self.desk().await?) };
        }
        let version = |version: Option<u64>| format!("v{}", version.unwrap_or_default());
        let forecasts = version(lake.version_of(&FORECAST).await?);
        if parts.hours.mark != forecasts {
            let of = |target: &str| Filter::all().and("target", [target]);
            let since = now.saturating_sub(HOURS_STAND).unwrap_or(now);
            let hours =
                lake.rows_since(&FORECAST, &of("intake_window"), "issued_at", since).await?;
            parts.hours = Part { mark: forecasts.clone(), value: Arc::new(hours) };
            let filter = Filter::all().and("target", prices::TARGETS);
            let rows: Vec<Forecast> = lake.rows(&FORECAST, &filter).await?;
            parts.prices = Part { mark: forecasts, value: Arc::new(prices::ahead(&rows)) };
        }
        let scores = version(lake.version_of(&SCORE).await?);
        if parts.scores.mark != scores {
            let filter = Filter::all().and("target", ["salinity_station"]);
            let rows = record::newest(lake.rows(&SCORE, &filter).await?);
            parts.scores = Part { mark: scores, value: Arc::new(rows) };
        }
        let counted = now.as_second().div_euclid(SAID_STANDS_SECS);
        if parts.said_counted != Some(counted) {
            let mut said = records.verdicts(Over::Commune, None).await?;
            said.extend(records.verdicts(Over::All, None).await?);
            // Other words make other screens, the passing of ten minutes does not.
            if *parts.said.value != said {
                parts.said = Part { mark: counted.to_string(), value: Arc::new(said) };
            }
            parts.said_counted = Some(counted);
        }
        Ok(())
    }

    async fn desk(&self) -> Result<Desk, StorageError> {
        let records = &self.shelf.records;
        let mut standings: Standings = BTreeMap::new();
        let published = records.advisories_in(AdvisoryState::Published).await?;
        for (advisory, log) in records.with_their_logs(published).await? {
            let key = (advisory.commune.clone(), advisory.crop);
            if let Some(standing) = Standing::of(advisory, &log) {
                standings.entry(key).or_default().push(standing);
            }
        }
        for list in standings.values_mut() {
            let newest = list.iter().map(|s| s.advisory.get().issued_at).max();
            list.retain(|s| Some(s.advisory.get().issued_at) == newest);
            list.sort_by_key(|s| std::cmp::Reverse(s.advisory.get().severity));
        }
        let run = records.newest_run().await?;
        Ok(Desk {
            standings,
            waiting: records.drafts_by_commune().await?,
            newest_run: run.as_ref().map(|r| r.issued_at),
            sample: run.is_some_and(|r| r.sample),
        })
    }

    fn compose(&self, parts: &Parts) -> BTreeMap<CommuneCode, Today> {
        let geography = &self.shelf.geography;
        let today = local_date((self.shelf.now)());
        let probes = self.neighbours.probes();
        let hours = newest_hours(&parts.hours.value, (self.shelf.now)());
        let desk = &parts.desk.value;
        let one = |commune: &crate::domain::geography::Commune| {
            let code = &commune.code;
            let probes = probes.get(code).map(Vec::as_slice).unwrap_or_default();
            let mut fields: BTreeMap<Crop, Stage> = BTreeMap::new();
            for (crop, stage) in self.neighbours.crops(code, today) {
                fields.entry(crop).or_insert(stage);
            }
            // What is advised is shown, whatever the list of crops says.
            for (_, crop) in desk.standings.keys().filter(|(of, _)| of == code) {
                fields.entry(*crop).or_insert(Stage::Any);
            }
            let crop = |(crop, stage): (Crop, Stage)| {
                let mut standing = desk.standings.get(&(code.clone(), crop)).cloned();
                let mut standing = standing.iter_mut().flat_map(|s| s.drain(..));
                let advice = standing.next();
                let hours = self.hours(probes, &hours, crop, stage);
                CropToday { crop, stage, advice, also: standing.collect(), hours }
            };
            let today = Today {
                commune: commune.clone(),
                water: geography.water.get(code).cloned(),
                crops: fields.into_iter().map(crop).collect(),
                waiting: desk.waiting.get(code.as_str()).copied().unwrap_or_default(),
                newest_run: desk.newest_run,
                sample: desk.sample,
                record: record::here(geography, commune, &parts.scores.value),
                said: record::said(&parts.said.value, code),
                prices: Arc::clone(&parts.prices.value),
            };
            (code.clone(), today)
        };
        geography.communes.iter().map(one).collect()
    }

    fn hours(
        &self,
        probes: &[Probe],
        hours: &BTreeMap<PlaceId, Vec<&Forecast>>,
        crop: Crop,
        stage: Stage,
    ) -> Vec<IntakeHours> {
        let day = local_date((self.shelf.now)());
        let Some(limit) = self.neighbours.intake_limit(crop, stage, day) else { return Vec::new() };
        let at = |probe: &Probe| {
            let rows = hours.get(&probe.place)?;
            let odds: Vec<(Timestamp, f64)> = rows
                .iter()
                .filter_map(|r| {
                    let below = 1.0 - r.quantiles().ok()?.probability_above(limit);
                    Some((r.valid_time, below))
                })
                .collect();
            let (first, last) = (rows.first()?, rows.last()?);
            let windows: Vec<Window> = self.neighbours.windows(&odds, SURE);
            Some(IntakeHours {
                probe: probe.name.clone(),
                issued_at: first.issued_at,
                limit_g_l: limit,
                windows,
                reach: last.valid_time.saturating_add(SignedDuration::from_hours(1)).ok()?,
            })
        };
        probes.iter().filter_map(at).collect()
    }
}

impl Parts {
    fn mark(&self) -> String {
        let Self { desk, hours, scores, said, .. } = self;
        [&desk.mark, &hours.mark, &scores.mark, &said.mark].map(String::as_str).join("/")
    }
}

/// Returns the hours of each probe's newest issue, in order, where it is not too old.
fn newest_hours(rows: &[Forecast], now: Timestamp) -> BTreeMap<PlaceId, Vec<&Forecast>> {
    let since = now.saturating_sub(HOURS_STAND).unwrap_or(now);
    let known = || rows.iter().filter(|r| r.published && (since..=now).contains(&r.issued_at));
    let mut newest: BTreeMap<&PlaceId, Timestamp> = BTreeMap::new();
    for row in known() {
        let at = newest.entry(&row.place).or_insert(row.issued_at);
        *at = row.issued_at.max(*at);
    }
    let mut hours: BTreeMap<PlaceId, Vec<&Forecast>> = BTreeMap::new();
    for row in known().filter(|r| newest.get(&r.place) == Some(&r.issued_at)) {
        hours.entry(row.place.clone()).or_default().push(row);
    }
    for rows in hours.values_mut() {
        rows.sort_by_key(|r| r.valid_time);
        rows.dedup_by_key(|r| r.valid_time);
    }
    hours
}
