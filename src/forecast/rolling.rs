//! Rolls candidates through the earlier blocks (years, months) of an archive, and keeps what was
//! made: the fit of one block is the hindcast of the next fit.
//!
//! What is kept is found again only by a fingerprint of everything it was made from, so keeping it
//! changes no number, only the time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::ForecastError;

/// An archive cut into blocks, and how candidates are fitted and tried on it.
pub(super) trait Blocks {
    /// A year, or any number that grows with time by one a block.
    type Block: Copy + Ord;
    /// What a fit leaves behind that the fit of a later block goes on from.
    type Sums: Default;
    /// Fitted candidates.
    type Members;
    /// What they would have forecast in one block.
    type Held;

    /// Returns the blocks to be held out, oldest first.
    fn held_out(&self) -> Vec<Self::Block>;

    /// Returns the first block the archive does not hold.
    fn until(&self) -> Self::Block;

    /// Returns the block after this one.
    fn next(block: Self::Block) -> Self::Block;

    /// Returns a number that differs when anything before `block` differs.
    fn fingerprint(&self, block: Self::Block) -> u64;

    /// Returns the candidates fitted on the blocks before `block`.
    fn fit(
        &self,
        block: Self::Block,
        sums: &mut Self::Sums,
    ) -> Result<Self::Members, ForecastError>;

    /// Returns what the candidates would have forecast in `block`.
    fn hindcast(
        &self,
        block: Self::Block,
        members: &Self::Members,
    ) -> Result<Self::Held, ForecastError>;
}

/// The candidates of one cut, and what those of earlier blocks would have forecast.
#[derive(Debug)]
pub(super) struct Rolled<B, M, H> {
    /// Fitted on all blocks of the archive.
    pub members: Arc<M>,
    /// The blocks held out, each hindcast by the candidates fitted on those before it.
    pub held: BTreeMap<B, Arc<H>>,
    /// Those candidates.
    pub held_by: BTreeMap<B, Arc<M>>,
}

/// A block, and the fingerprint of everything before it.
type Key<B> = (B, u64);

/// Everything made so far; at most so many fits and as many hindcasts are kept.
#[derive(Debug)]
pub(super) struct Workshop<B, S, M, H> {
    most: usize,
    kept: Mutex<Kept<B, S, M, H>>,
}

#[derive(Debug)]
struct Kept<B, S, M, H> {
    sums: Option<(Key<B>, S)>,
    members: BTreeMap<Key<B>, Arc<M>>,
    held: BTreeMap<Key<B>, Arc<H>>,
}

impl<B: Copy + Ord, S: Default, M, H> Workshop<B, S, M, H> {
    /// Returns an empty workshop.
    pub const fn keeping(most: usize) -> Self {
        let kept = Kept { sums: None, members: BTreeMap::new(), held: BTreeMap::new() };
        Self { most, kept: Mutex::new(kept) }
    }

    /// Returns the candidates fitted on all blocks of the archive, and the hindcasts of the blocks
    /// held out, without those that had too little before them.
    pub fn roll<A>(&self, archive: &A) -> Result<Rolled<B, M, H>, ForecastError>
    where
        A: Blocks<Block = B, Sums = S, Members = M, Held = H>,
    {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut all, mut held_by) = (BTreeMap::new(), BTreeMap::new());
        for block in archive.held_out() {
            let members = match kept.members(archive, block) {
                Err(ForecastError::TooLittle { .. }) => continue,
                other => other?,
            };
            let key = (block, archive.fingerprint(A::next(block)));
            let held = match kept.held.get(&key) {
                Some(held) => Arc::clone(held),
                None => Arc::new(archive.hindcast(block, &members)?),
            };
            kept.held.insert(key, Arc::clone(&held));
            all.insert(block, held);
            held_by.insert(block, members);
        }
        let members = kept.members(archive, archive.until())?;
        kept.tidy(self.most);
        Ok(Rolled { members, held: all, held_by })
    }
}

impl<B: Copy + Ord, S: Default, M, H> Kept<B, S, M, H> {
    fn members<A>(&mut self, archive: &A, block: B) -> Result<Arc<M>, ForecastError>
    where
        A: Blocks<Block = B, Sums = S, Members = M, Held = H>,
    {
        let key = (block, archive.fingerprint(block));
        if let Some(members) = self.members.get(&key) {
            return Ok(Arc::clone(members));
        }
        let usable = |(at, print): &Key<B>| *at <= block && archive.fingerprint(*at) == *print;
        let mut sums = match self.sums.take() {
            Some((at, sums)) if usable(&at) => sums,
            _ => S::default(),
        };
        let fitted = archive.fit(block, &mut sums);
        self.sums = Some((key, sums));
        let members = Arc::new(fitted?);
        self.members.insert(key, Arc::clone(&members));
        Ok(members)
    }

    /// Forgets the oldest blocks beyond what is kept.
    fn tidy(&mut self, most: usize) {
        while self.members.len() > most {
            self.members.pop_first();
        }
        while self.held.len() > most {
            self.held.pop_first();
        }
    }
}
