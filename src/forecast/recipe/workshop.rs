//! Rolls the candidates of a recipe through earlier blocks ([`rolling`]).

use std::collections::BTreeMap;

use super::Ground;
use super::archive::{Archive, History, Origin};
use super::linear::RidgeSums;
use super::members::{Hindcast, Members};
use crate::domain::PlaceId;
use crate::forecast::ForecastError;
use crate::forecast::rolling::{self, Blocks};

/// Fits and blocks kept: those of a backtest of five years with five blocks held out each.
pub(super) const KEPT: usize = 12;

/// Hindcasts of one block by place, oldest first.
pub(super) type Held = BTreeMap<PlaceId, Vec<Hindcast>>;

/// Everything made so far.
pub(super) type Workshop = rolling::Workshop<i32, RidgeSums, Members, Held>;

/// A recipe's archive, as it is rolled through.
pub(super) struct Past<'a> {
    /// What stays the same for all fits.
    pub ground: &'a Ground<'a>,
    /// Every earlier morning.
    pub archive: &'a Archive,
}

impl Blocks for Past<'_> {
    type Block = i32;
    type Sums = RidgeSums;
    type Members = Members;
    type Held = Held;

    fn held_out(&self) -> Vec<i32> {
        // Blocks of teachers alone say nothing of the places that are issued.
        let issued = |block: &i32| {
            let histories = self.archive.histories.iter();
            let mut places = histories.filter(|h| (self.ground.issued)(&h.place));
            places.any(|h| !h.origins(*block).is_empty())
        };
        let before = self.archive.blocks_before(self.archive.until).rev();
        let mut last: Vec<i32> =
            before.filter(issued).take(self.ground.settings.held_out).collect();
        last.reverse();
        last
    }

    fn until(&self) -> i32 {
        self.archive.until
    }

    fn next(block: i32) -> i32 {
        block + 1
    }

    fn fingerprint(&self, block: i32) -> u64 {
        self.archive.fingerprint(block)
    }

    fn fit(&self, block: i32, sums: &mut RidgeSums) -> Result<Members, ForecastError> {
        Members::fit(self.ground, self.archive, block, sums)
    }

    fn hindcast(&self, block: i32, members: &Members) -> Result<Held, ForecastError> {
        let mut held = Held::new();
        let held_out = |h: &&History| members.know(&h.place) && (self.ground.issued)(&h.place);
        for history in self.archive.histories.iter().filter(held_out) {
            let origins: Vec<&Origin> = history.origins(block).iter().collect();
            let hindcasts = members.forecast(self.ground, &history.place, &origins)?;
            held.insert(history.place.clone(), hindcasts);
        }
        Ok(held)
    }
}
