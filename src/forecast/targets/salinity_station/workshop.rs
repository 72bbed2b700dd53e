//! Rolls the members through earlier seasons, and keeps what was made: the fit of one season is the
//! hindcast of the next fit.
//!
//! What is kept is found again only by a fingerprint of everything it was made from, so keeping it
//! changes no number, only the time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::adapt::Hindcasts;
use super::archive::Archive;
use super::members::{Ground, Members};
use super::ridge::SeasonSums;
use crate::domain::PlaceId;
use crate::forecast::ForecastError;

/// Fits and seasons kept; a backtest of five years with eight seasons each needs 13.
const KEPT: usize = 24;

/// Members that were fitted on the seasons before a year, with the fingerprint of those.
type Key = (i16, u64);

/// Hindcasts of all main stations in one season.
pub(super) type Season = BTreeMap<PlaceId, Hindcasts>;

/// The members of one year, and what those of earlier years would have forecast.
#[derive(Debug)]
pub(super) struct Rolled {
    /// Fitted on all seasons of the archive.
    pub members: Arc<Members>,
    /// The seasons held out, each hindcast by the members fitted on those before it.
    pub seasons: BTreeMap<i16, Arc<Season>>,
}

/// Everything made so far.
#[derive(Debug)]
pub(super) struct Workshop(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    sums: Option<(Key, SeasonSums)>,
    members: BTreeMap<Key, Arc<Members>>,
    seasons: BTreeMap<Key, Arc<Season>>,
}

impl Workshop {
    /// Returns an empty workshop.
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Kept { sums: None, members: BTreeMap::new(), seasons: BTreeMap::new() }))
    }

    /// Returns the members fitted on all seasons of the archive, and the hindcasts of its last
    /// `count` seasons, without those that had too little before them.
    pub(super) fn roll(
        &self,
        archive: &Archive,
        ground: Ground<'_>,
        count: usize,
    ) -> Result<Rolled, ForecastError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut years: Vec<i16> = archive.years_before(archive.until).rev().take(count).collect();
        years.reverse();
        let mut seasons = BTreeMap::new();
        for year in years {
            let members = match kept.members(archive, ground, year) {
                Err(ForecastError::TooLittle { .. }) => continue,
                other => other?,
            };
            let key = (year, archive.fingerprint(year + 1));
            let season = match kept.seasons.get(&key) {
                Some(season) => Arc::clone(season),
                None => Arc::new(hindcast(archive, ground, year, &members)?),
            };
            kept.seasons.insert(key, Arc::clone(&season));
            seasons.insert(year, season);
        }
        let members = kept.members(archive, ground, archive.until)?;
        kept.tidy();
        Ok(Rolled { members, seasons })
    }
}

impl Kept {
    fn members(
        &mut self,
        archive: &Archive,
        ground: Ground<'_>,
        year: i16,
    ) -> Result<Arc<Members>, ForecastError> {
        let key = (year, archive.fingerprint(year));
        if let Some(members) = self.members.get(&key) {
            return Ok(Arc::clone(members));
        }
        let usable = |(at, print): &Key| *at <= year && archive.fingerprint(*at) == *print;
        let mut sums = match self.sums.take() {
            Some((at, sums)) if usable(&at) => sums,
            _ => SeasonSums::default(),
        };
        let fitted = Members::fit(archive, ground, year, &mut sums);
        self.sums = Some((key, sums));
        let members = Arc::new(fitted?);
        self.members.insert(key, Arc::clone(&members));
        Ok(members)
    }

    /// Forgets the oldest seasons beyond what is kept.
    fn tidy(&mut self) {
        while self.members.len() > KEPT {
            self.members.pop_first();
        }
        while self.seasons.len() > KEPT {
            self.seasons.pop_first();
        }
    }
}

fn hindcast(
    archive: &Archive,
    ground: Ground<'_>,
    year: i16,
    members: &Members,
) -> Result<Season, ForecastError> {
    let mut season = Season::new();
    for place in archive.truth().keys().filter(|place| members.know(place)) {
        let mut hindcasts = Hindcasts::new();
        for origin in archive.origins(year, place) {
            hindcasts.insert(origin.day, members.forecast(ground, place, origin)?);
        }
        season.insert(place.clone(), hindcasts);
    }
    Ok(season)
}
