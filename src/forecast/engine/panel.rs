//! A whole panel, from record batches to answers, block by block on several threads.
//!
//! Rows that stand series by series are streamed: one thread reads, the others forecast, and only
//! the answers stay in memory. Rows in any other order are gathered first. Blocks are cut by rows,
//! never by threads, so the numbers are the same however many threads there are.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher as _};
use std::num::NonZeroUsize;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};

use arrow::array::RecordBatch;

use super::answers::Answers;
use super::clock::Freq;
use super::error::EngineError;
use super::frame::Block;
use super::intervals::Pool;
use super::live::{LivePanel, Rejected};
use super::mix::LinearMix;
use super::series::{Ask, Regular, Strategy};
use super::table::{Layout, Rows};

/// Rows of a block: 90 series of two years of days. Small enough that two threads share a panel of
/// a few hundred series, large enough that passing it on costs nothing.
const BLOCK_ROWS: usize = 1 << 16;

/// Blocks that make the pilot on which a strategy is prepared.
const PILOT_BLOCKS: usize = 4;

/// Blocks that wait for each thread at most.
const BLOCKS_WAITING: usize = 2;

/// What is asked of a panel; what is not given is found in its first rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Steps to forecast.
    pub horizon: usize,
    /// Season lengths in steps; those of the calendar if not given.
    pub seasons: Option<Vec<usize>>,
    /// The step; the most common distance of two stamps if not given.
    pub freq: Option<Freq>,
    /// Levels of the intervals in percent.
    pub levels: Vec<f64>,
    /// Threads that forecast, beside the one that reads.
    pub threads: NonZeroUsize,
}

impl Question {
    /// Returns what is asked, with step and seasons as these rows show them.
    ///
    /// # Errors
    /// [`EngineError::Ask`] when the horizon, a season or a level is not allowed, and
    /// [`EngineError::Freq`] when the step is not one of this kind of stamps.
    pub fn ask(&self, layout: &Layout, rows: &Rows) -> Result<Ask, EngineError> {
        let wrong = |what, given: String, allowed: &str| {
            Err(EngineError::Ask { what, given, allowed: allowed.to_owned() })
        };
        if !(1..=HORIZON_MAX).contains(&self.horizon) {
            let allowed = format!("1 to {HORIZON_MAX}");
            return wrong("the horizon", self.horizon.to_string(), &allowed);
        }
        let series = (0..rows.ends.len()).map(|run| &rows.stamps[rows.run(run)]);
        let freq = self.freq.unwrap_or_else(|| Freq::detect(layout.times(), series));
        if layout.times() == matches!(freq, Freq::Integer { .. }) {
            return Err(EngineError::Freq { given: freq.to_string() });
        }
        let mut seasons = self.seasons.clone().unwrap_or_else(|| freq.seasons());
        seasons.retain(|season| *season != 1);
        seasons.sort_unstable();
        seasons.dedup();
        if let Some(season) = seasons.iter().find(|s| !(2..=SEASON_MAX).contains(*s)) {
            return wrong("a season", season.to_string(), &format!("1 to {SEASON_MAX}"));
        }
        let mut levels = self.levels.clone();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        if let Some(level) = levels.iter().find(|l| !(**l > 0.0 && **l < 100.0)) {
            return wrong("a level", level.to_string(), "above 0 and below 100 percent");
        }
        Ok(Ask { horizon: self.horizon, seasons, levels, freq })
    }
}

/// Longest horizon and season: a year of hours.
const HORIZON_MAX: usize = 8784;
const SEASON_MAX: usize = 8784;

/// The answers to a whole panel.
#[derive(Debug)]
pub struct Forecasts {
    /// What was asked, with what was found.
    pub ask: Ask,
    /// The columns of the panel.
    pub layout: Layout,
    /// The answers, block by block, in the order of the panel.
    pub blocks: Vec<Answers>,
    /// Factors of all intervals, one list a level of the [`Ask`].
    pub factors: Vec<Vec<(f64, f64)>>,
}

impl Forecasts {
    /// Returns the forecasts as record batches, one a block, in the order of the panel.
    pub fn batches(&self) -> impl Iterator<Item = Result<RecordBatch, EngineError>> + '_ {
        let some = self.blocks.iter().filter(|block| !block.is_empty());
        some.map(move |block| block.batch(&self.layout, &self.ask, &self.factors))
    }
}

/// Prepares a strategy on the first blocks of a panel.
pub type Prepare<'p> = dyn Fn(&[Block], &Ask) -> Box<dyn Strategy> + 'p;

/// Returns at most `most` series of a pilot, evenly taken.
#[must_use]
pub(super) fn sample<'b>(pilot: &'b [Block], ask: &Ask, most: usize) -> Vec<Regular<'b>> {
    let count: usize = pilot.iter().map(Block::len).sum();
    let all = pilot.iter().flat_map(|block| (0..block.len()).map(move |i| (block, i)));
    let every = all.step_by(count.div_ceil(most.max(1)).max(1));
    every.filter_map(|(block, i)| block.series(i, ask.horizon).ok()).collect()
}

/// Forecasts a panel that stands series by series, in memory bounded by the answers.
///
/// `O(rows)` reading beside what the strategy takes.
///
/// # Errors
/// [`EngineError::Scattered`] when rows of a series stand apart (then use [`forecast_gathered`]),
/// and what reading and [`Question::ask`] give.
pub fn forecast_streamed<E: From<EngineError> + Send>(
    batches: impl Iterator<Item = Result<RecordBatch, E>> + Send,
    layout: Layout,
    question: &Question,
    prepare: &Prepare<'_>,
) -> Result<Forecasts, E> {
    let mut stream = Stream::new(batches, layout.clone());
    let mut pilot = Vec::new();
    while pilot.len() < PILOT_BLOCKS
        && let Some(rows) = stream.next()
    {
        pilot.push(rows?);
    }
    let rest = pilot.into_iter().map(Ok).collect::<Vec<Result<Rows, E>>>();
    run(rest, stream, layout, question, prepare)
}

/// Forecasts a panel whose rows stand in any order, all of them in memory.
///
/// # Errors
/// What [`Question::ask`] gives.
pub fn forecast_gathered(
    rows: Rows,
    layout: Layout,
    question: &Question,
    prepare: &Prepare<'_>,
) -> Result<Forecasts, EngineError> {
    let mut parts = rows.gather().into_parts(BLOCK_ROWS).into_iter().map(Ok);
    let pilot = parts.by_ref().take(PILOT_BLOCKS).collect();
    run(pilot, parts, layout, question, prepare)
}

fn run<E: From<EngineError> + Send>(
    pilot: Vec<Result<Rows, E>>,
    rest: impl Iterator<Item = Result<Rows, E>> + Send,
    layout: Layout,
    question: &Question,
    prepare: &Prepare<'_>,
) -> Result<Forecasts, E> {
    let pilot = pilot.into_iter().collect::<Result<Vec<Rows>, E>>()?;
    let first = pilot.first().ok_or(EngineError::Empty)?;
    let ask = question.ask(&layout, first)?;
    let blocks: Vec<Block> = pilot.iter().map(|rows| Block::new(rows, &layout, &ask)).collect();
    drop(pilot);
    let strategy = prepare(&blocks, &ask);
    let mut pool = Pool::new(ask.horizon);
    let answer = |work: Work, pool: &mut Pool| {
        let block = match work {
            Work::Block(block) => block,
            Work::Rows(rows) => Block::new(&rows, &layout, &ask),
        };
        Answers::of(&block, &ask, strategy.as_ref(), pool)
    };
    let work =
        blocks.into_iter().map(|b| Ok(Work::Block(b))).chain(rest.map(|r| r.map(Work::Rows)));
    let blocks = in_threads(work, question.threads.get(), &mut pool, answer)?;
    let factors = ask.levels.iter().map(|level| pool.factors(*level)).collect();
    Ok(Forecasts { ask, layout, blocks, factors })
}

/// Forecasts a panel with a [`LinearMix`] and returns its models too, ready for new rows, with the
/// series that cannot go on.
///
/// # Errors
/// What [`Question::ask`] gives.
pub fn forecast_and_keep(
    rows: Rows,
    layout: Layout,
    question: &Question,
) -> Result<(Forecasts, LivePanel, Vec<Rejected>), EngineError> {
    let parts = rows.gather().into_parts(BLOCK_ROWS);
    let ask = question.ask(&layout, parts.first().ok_or(EngineError::Empty)?)?;
    let blocks: Vec<Block> = parts.iter().map(|rows| Block::new(rows, &layout, &ask)).collect();
    drop(parts);
    let mix = LinearMix::prepare(&blocks[..blocks.len().min(PILOT_BLOCKS)], &ask);
    let mut pool = Pool::new(ask.horizon);
    let work = blocks.iter().map(|block| Ok::<_, EngineError>(block.clone()));
    let answers = in_threads(work, question.threads.get(), &mut pool, |block, pool| {
        Answers::of(&block, &ask, &mix, pool)
    })?;
    let factors: Vec<_> = ask.levels.iter().map(|level| pool.factors(*level)).collect();
    let (live, rejected) = LivePanel::fit(&blocks, &ask, &layout, mix, factors.clone());
    Ok((Forecasts { ask, layout, blocks: answers, factors }, live, rejected))
}

/// A block to forecast, made regular or not yet.
enum Work {
    Block(Block),
    Rows(Rows),
}

/// Maps items on `threads` threads and returns the results in the order of the items.
pub(super) fn in_threads<T: Send, R: Send, E: Send>(
    mut items: impl Iterator<Item = Result<T, E>> + Send,
    threads: usize,
    pool: &mut Pool,
    map: impl Fn(T, &mut Pool) -> R + Sync,
) -> Result<Vec<R>, E> {
    if threads == 1 {
        return items.map(|item| Ok(map(item?, pool))).collect();
    }
    let (send, receive) = sync_channel::<(usize, T)>(threads * BLOCKS_WAITING);
    let receive = Arc::new(Mutex::new(receive));
    let done = Mutex::new((Vec::new(), Vec::new()));
    let empty = Pool::new(pool.horizon());
    let failed = std::thread::scope(|scope| {
        for _ in 0..threads {
            let receive = Arc::clone(&receive);
            let (map, empty, done) = (&map, &empty, &done);
            scope.spawn(move || {
                let (mut own, mut results) = (empty.clone(), Vec::new());
                loop {
                    let next = receive.lock().map_or(None, |queue| queue.recv().ok());
                    let Some((at, item)) = next else { break };
                    results.push((at, map(item, &mut own)));
                }
                if let Ok(mut done) = done.lock() {
                    done.0.extend(results);
                    done.1.push(own);
                }
            });
        }
        // Only the threads hold the queue now: should all of them fail, sending fails too.
        drop(receive);
        let mut failed = None;
        for (at, item) in items.by_ref().enumerate() {
            match item {
                Ok(item) => {
                    if send.send((at, item)).is_err() {
                        break;
                    }
                }
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        drop(send);
        failed
    });
    if let Some(error) = failed {
        return Err(error);
    }
    let (mut results, pools) = done.into_inner().unwrap_or_default();
    results.sort_by_key(|(at, _)| *at);
    pools.iter().for_each(|own| pool.merge(own));
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// Cuts batches into blocks of whole series, as long as series stand together.
struct Stream<I> {
    batches: I,
    layout: Layout,
    rows: Rows,
    seen: HashSet<u64>,
    ended: bool,
}

impl<I> Stream<I> {
    fn new(batches: I, layout: Layout) -> Self {
        let rows = Rows::none(&layout);
        Self { batches, layout, rows, seen: HashSet::new(), ended: false }
    }

    /// Notes the series of a finished block; an id seen before is an error.
    fn note(&mut self, rows: &Rows) -> Result<(), EngineError> {
        for i in 0..rows.ids.len() {
            let mut hasher = DefaultHasher::new();
            rows.ids.hash(i, &mut hasher);
            if !self.seen.insert(hasher.finish()) {
                return Err(EngineError::Scattered { id: rows.ids.text(i) });
            }
        }
        Ok(())
    }
}

impl<I, E> Iterator for Stream<I>
where
    I: Iterator<Item = Result<RecordBatch, E>>,
    E: From<EngineError>,
{
    type Item = Result<Rows, E>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended && (self.rows.y.len() < BLOCK_ROWS || self.rows.ends.len() < 2) {
            match self.batches.next() {
                Some(Ok(batch)) => {
                    if let Err(error) = self.rows.push(&self.layout, &batch) {
                        self.ended = true;
                        return Some(Err(error.into()));
                    }
                }
                Some(Err(error)) => {
                    self.ended = true;
                    return Some(Err(error));
                }
                None => self.ended = true,
            }
        }
        if self.rows.y.is_empty() {
            return None;
        }
        let rows = if self.ended {
            std::mem::replace(&mut self.rows, Rows::none(&self.layout))
        } else {
            self.rows.take_whole()
        };
        Some(self.note(&rows).map(|()| rows).map_err(E::from))
    }
}
