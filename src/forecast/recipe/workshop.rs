//! Rolls the candidates through earlier blocks, and keeps what was made: the fit of one block is the
//! hindcast of the next fit.
//!
//! What is kept is found again only by a fingerprint of everything it was made from, so keeping it
//! changes no number, only the time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Ground;
use super::archive::{Archive, History, Origin};
use super::linear::RidgeSums;
use super::members::{Hindcast, Members};
use crate::domain::PlaceId;
use crate::forecast::ForecastError;

/// Fits and blocks kept: those of a backtest of five years with five blocks held out each.
const KEPT: usize = 12;

/// A block, and the fingerprint of everything before it.
type Key = (i32, u64);

/// Hindcasts of one block by place, oldest first.
pub(super) type Held = BTreeMap<PlaceId, Vec<Hindcast>>;

/// The candidates of one cut, and what those of earlier blocks would have forecast.
#[derive(Debug)]
pub(super) struct Rolled {
    /// Fitted on all blocks of the archive.
    pub members: Arc<Members>,
    /// The blocks held out, each hindcast by the candidates fitted on those before it.
    pub blocks: BTreeMap<i32, Arc<Held>>,
    /// Those candidates.
    pub held_by: BTreeMap<i32, Arc<Members>>,
}

/// Everything made so far.
#[derive(Debug)]
pub(super) struct Workshop(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    sums: Option<(Key, RidgeSums)>,
    members: BTreeMap<Key, Arc<Members>>,
    blocks: BTreeMap<Key, Arc<Held>>,
}

impl Workshop {
    /// Returns an empty workshop.
    pub const fn new() -> Self {
        Self(Mutex::new(Kept { sums: None, members: BTreeMap::new(), blocks: BTreeMap::new() }))
    }

    /// Returns the candidates fitted on all blocks of the archive, and the hindcasts of its last
    /// blocks, without those that had too little before them.
    pub fn roll(&self, ground: &Ground<'_>, archive: &Archive) -> Result<Rolled, ForecastError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held_out = ground.settings.held_out;
        let issued = |block: &i32| {
            let mut places = archive.histories.iter().filter(|h| (ground.issued)(&h.place));
            places.any(|h| !h.origins(*block).is_empty())
        };
        let before = archive.blocks_before(archive.until).rev();
        let mut last: Vec<i32> = before.filter(issued).take(held_out).collect();
        last.reverse();
        let (mut blocks, mut held_by) = (BTreeMap::new(), BTreeMap::new());
        for block in last {
            let members = match kept.members(ground, archive, block) {
                Err(ForecastError::TooLittle { .. }) => continue,
                other => other?,
            };
            let key = (block, archive.fingerprint(block + 1));
            let held = match kept.blocks.get(&key) {
                Some(held) => Arc::clone(held),
                None => Arc::new(hindcast(ground, archive, block, &members)?),
            };
            kept.blocks.insert(key, Arc::clone(&held));
            blocks.insert(block, held);
            held_by.insert(block, members);
        }
        let members = kept.members(ground, archive, archive.until)?;
        kept.tidy();
        Ok(Rolled { members, blocks, held_by })
    }
}

impl Kept {
    fn members(
        &mut self,
        ground: &Ground<'_>,
        archive: &Archive,
        block: i32,
    ) -> Result<Arc<Members>, ForecastError> {
        let key = (block, archive.fingerprint(block));
        if let Some(members) = self.members.get(&key) {
            return Ok(Arc::clone(members));
        }
        let usable = |(at, print): &Key| *at <= block && archive.fingerprint(*at) == *print;
        let mut sums = match self.sums.take() {
            Some((at, sums)) if usable(&at) => sums,
            _ => RidgeSums::default(),
        };
        let fitted = Members::fit(ground, archive, block, &mut sums);
        self.sums = Some((key, sums));
        let members = Arc::new(fitted?);
        self.members.insert(key, Arc::clone(&members));
        Ok(members)
    }

    /// Forgets the oldest blocks beyond what is kept.
    fn tidy(&mut self) {
        while self.members.len() > KEPT {
            self.members.pop_first();
        }
        while self.blocks.len() > KEPT {
            self.blocks.pop_first();
        }
    }
}

fn hindcast(
    ground: &Ground<'_>,
    archive: &Archive,
    block: i32,
    members: &Members,
) -> Result<Held, ForecastError> {
    let mut held = Held::new();
    let held_out = |h: &&History| members.know(&h.place) && (ground.issued)(&h.place);
    for history in archive.histories.iter().filter(held_out) {
        let origins: Vec<&Origin> = history.origins(block).iter().collect();
        let hindcasts = members.forecast(ground, &history.place, &origins)?;
        held.insert(history.place.clone(), hindcasts);
    }
    Ok(held)
}
