//! Rolls the members through earlier seasons ([`rolling`]).

use std::collections::BTreeMap;

use super::adapt::Hindcasts;
use super::archive::Archive;
use super::members::{Ground, Members};
use super::ridge::SeasonSums;
use crate::domain::PlaceId;
use crate::forecast::ForecastError;
use crate::forecast::rolling::{self, Blocks};

/// Fits and seasons kept; a backtest of five years with eight seasons each needs 13.
pub(super) const KEPT: usize = 24;

/// Hindcasts of all main stations in one season.
pub(super) type Season = BTreeMap<PlaceId, Hindcasts>;

/// Everything made so far.
pub(super) type Workshop = rolling::Workshop<i16, SeasonSums, Members, Season>;

/// The archive of seasons, as it is rolled through.
pub(super) struct Past<'a> {
    /// Every earlier morning.
    pub archive: &'a Archive,
    /// What stays the same for all fits.
    pub ground: Ground<'a>,
    /// Last seasons that are held out.
    pub held_out: usize,
}

impl Blocks for Past<'_> {
    type Block = i16;
    type Sums = SeasonSums;
    type Members = Members;
    type Held = Season;

    fn held_out(&self) -> Vec<i16> {
        let before = self.archive.years_before(self.archive.until);
        let mut years: Vec<i16> = before.rev().take(self.held_out).collect();
        years.reverse();
        years
    }

    fn until(&self) -> i16 {
        self.archive.until
    }

    fn next(year: i16) -> i16 {
        year + 1
    }

    fn fingerprint(&self, year: i16) -> u64 {
        self.archive.fingerprint(year)
    }

    fn fit(&self, year: i16, sums: &mut SeasonSums) -> Result<Members, ForecastError> {
        Members::fit(self.archive, self.ground, year, sums)
    }

    fn hindcast(&self, year: i16, members: &Members) -> Result<Season, ForecastError> {
        let mut season = Season::new();
        for place in self.archive.truth().keys().filter(|place| members.know(place)) {
            let mut hindcasts = Hindcasts::new();
            for origin in self.archive.origins(year, place) {
                hindcasts.insert(origin.day, members.forecast(self.ground, place, origin)?);
            }
            season.insert(place.clone(), hindcasts);
        }
        Ok(season)
    }
}
