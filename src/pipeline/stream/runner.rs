//! Runs the stream: the engine on its own thread, fed by the journal, storing as it goes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::ingest::Ingest;
use super::metrics::Metrics;
use super::outputs::{Event, Outputs};
use super::{Engine, Fits, Pending, Rules, Store, TICK, alarms, snapshot};
use crate::advisory::words::Words;
use crate::pipeline::PipelineError;
use crate::publish::feed::{Feed, Line, LineId};
use crate::publish::heard;
use crate::storage::journal::{self, Numbered};
use crate::storage::{Journal, Records};

/// Groups of records that may wait for the engine; each holds what one sync wrote.
const GROUPS_WAITING_MAX: usize = 64;

/// How the stream stores.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Rows are stored when this many wait, and the engine waits with every source until they are;
    pub flush_rows: usize,
    /// … or so long after the last time.
    pub flush_every: Duration,
    /// How often the memory is kept; the journal is read from there after a kill.
    pub remember_every: Duration,
    /// The clock, by which time passes when no message comes; `None` while a recording is played,
    /// whose time is its own.
    pub clock: Option<fn() -> Timestamp>,
}

/// What a running stream is given.
#[derive(Debug)]
pub struct Parts {
    /// Where it stores.
    pub store: Store,
    /// Where alarms are kept.
    pub records: Records,
    /// Whether alarms are announced: a recording is the past, and nobody is told of it.
    pub announces: bool,
    /// Who listens.
    pub feed: Feed,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// How often it stores.
    pub pace: Pace,
}

/// A running stream.
#[derive(Debug)]
pub struct Running {
    /// The way in.
    pub ingest: Ingest,
    /// How far each recording was played before.
    pub played: BTreeMap<String, Timestamp>,
    /// As of when the models were fitted last, as far as is known at the start.
    pub fitted_at: Option<Timestamp>,
    /// The last record whose rows are stored.
    pub stored: watch::Receiver<u64>,
    writer: JoinHandle<()>,
    engine: JoinHandle<Result<(), PipelineError>>,
}

/// Starts the stream: opens the journal, takes messages at once, and makes again what the journal
/// holds and the memory does not.
///
/// # Errors
/// [`PipelineError`] when the journal or a shipped table cannot be used.
pub async fn start(rules: Rules, parts: Parts) -> Result<Running, PipelineError> {
    let folder = parts.store.journal();
    let memory = snapshot::read(&parts.store.folder).unwrap_or_else(|error| {
        tracing::warn!(%error, "starting from the journal alone");
        super::Memory::default()
    });
    // A journal begun anew goes on counting where the lake stands, or the lake would take its
    // records for old ones.
    let known = parts.store.stored_through().await?.max(memory.number);
    let journal = Journal::open(&folder, known + 1)?;
    let begins_after = journal.next_number() - 1;
    // Only a recording asks how far it was played; a live start does not read the journal twice.
    let (played, fitted_at) = match parts.pace.clock {
        None => played(&memory, &folder)?,
        Some(_) => (BTreeMap::new(), memory.fitted_at()),
    };
    parts.feed.begins_after(memory.told().map(|(number, part)| LineId(number, part)));
    let (tell_stored, stored) = watch::channel(memory.number);
    let (to_engine, from_journal) = sync_channel(GROUPS_WAITING_MAX);
    let (ingest, writer) = Ingest::start(journal, to_engine)?;
    let engine = Engine::new(rules, memory);
    let mut worker = Worker {
        engine,
        words: Words::shipped()?,
        pending: Pending::default(),
        flushed_at: Instant::now(),
        remembered_at: Instant::now(),
        handle: Handle::current(),
        tell_stored,
        parts,
    };
    let weak = ingest.downgrade();
    let engine = std::thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || worker.run(begins_after, &from_journal, &weak))
        .map_err(|source| PipelineError::Folder { path: folder, source })?;
    Ok(Running { ingest, played, fitted_at, stored, writer, engine })
}

/// Returns how far each recording was played, and as of when models were fitted: what is
/// remembered, then what the journal adds.
fn played(
    memory: &super::Memory,
    journal: &Path,
) -> Result<(BTreeMap<String, Timestamp>, Option<Timestamp>), PipelineError> {
    let (mut played, mut fitted_at) = (memory.played().clone(), memory.fitted_at());
    for record in journal::records_from(journal, memory.number + 1)? {
        let arrival = record?.arrival;
        if arrival.channel.starts_with(super::REPLAY) {
            played.insert(arrival.channel, arrival.arrived_at);
        } else if arrival.channel == super::FIT {
            let fits = Fits::read(&arrival.payload).ok().filter(|fits| fits.last);
            fitted_at = fits.map(|fits| fits.at).or(fitted_at);
        }
    }
    Ok((played, fitted_at))
}

impl Running {
    /// Ends the stream: what was taken in is stored, then the memory is kept.
    ///
    /// # Errors
    /// What stopped the engine, if something did.
    pub async fn finish(self) -> Result<(), PipelineError> {
        let Self { ingest, writer, engine, .. } = self;
        drop(ingest);
        tokio::task::spawn_blocking(move || {
            let lost = |_| PipelineError::Reference {
                table: "stream",
                reason: "a thread of the stream died; the log says why".to_owned(),
            };
            writer.join().map_err(lost)?;
            engine.join().map_err(lost)?
        })
        .await?
    }
}

struct Worker {
    engine: Engine,
    words: Words,
    pending: Pending,
    flushed_at: Instant,
    remembered_at: Instant,
    handle: Handle,
    tell_stored: watch::Sender<u64>,
    parts: Parts,
}

impl Worker {
    fn run(
        &mut self,
        begins_after: u64,
        from_journal: &Receiver<Vec<Numbered>>,
        ingest: &super::ingest::WeakIngest,
    ) -> Result<(), PipelineError> {
        let from = self.engine.memory().number + 1;
        for record in journal::records_from(&self.parts.store.journal(), from)? {
            let record = record?;
            if record.number > begins_after {
                break;
            }
            self.take(&record);
        }
        loop {
            match from_journal.recv_timeout(Duration::from_secs(1)) {
                Ok(group) => {
                    for record in &group {
                        self.take(record);
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.tick(ingest),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.flushed_at.elapsed() >= self.parts.pace.flush_every
                && let Err(error) = self.flush()
            {
                let rows = self.pending.rows();
                tracing::error!(%error, rows, "rows could not be stored yet; they are kept");
            }
        }
        // What cannot be stored now stands in the journal and is stored at the next start.
        self.flush()?;
        self.remember();
        Ok(())
    }

    /// When something fell due and nothing comes, the passing of time is a record too.
    fn tick(&self, ingest: &super::ingest::WeakIngest) {
        let Some(now) = self.parts.pace.clock.map(|clock| clock()) else { return };
        if self.engine.next_due().is_some_and(|due| due <= now)
            && let Some(ingest) = ingest.upgrade()
        {
            self.handle.spawn(async move {
                // Refused ticks come again in a second.
                let _refused = ingest.hand_in(now, TICK.to_owned(), Vec::new()).await;
            });
        }
    }

    fn take(&mut self, record: &Numbered) {
        let mut outputs = self.engine.step(record);
        self.parts.metrics.count(record, &outputs);
        self.keep_alarms(&outputs);
        for event in outputs.events.drain(..) {
            self.tell(&event);
        }
        self.pending.add(record.number, &mut outputs);
        let asked = record.arrival.channel == super::SETTLE;
        if asked || self.pending.rows() >= self.parts.pace.flush_rows {
            retried("rows could not be stored", || self.flush());
        }
    }

    fn tell(&self, event: &Event) {
        match serde_json::to_string(event) {
            Ok(json) => self.parts.feed.tell(Line {
                id: LineId(event.number, event.part),
                kind: event.what.name(),
                place: event.place.clone(),
                json,
            }),
            Err(error) => tracing::error!(%error, "an event could not be written"),
        }
    }

    /// Alarms are kept before anything else is done: they are few, and people act on them.
    fn keep_alarms(&self, outputs: &Outputs) {
        for change in &outputs.alarms {
            let rules = self.engine.rules();
            let keep = alarms::keep(&self.parts, &self.words, rules, change);
            retried("an alarm could not be kept", || self.handle.block_on(keep()));
        }
    }

    /// Stores what waits; a lake that refuses leaves it waiting.
    fn flush(&mut self) -> Result<(), PipelineError> {
        let through = self.engine.memory().number;
        self.flushed_at = Instant::now();
        if self.pending.rows() == 0 {
            self.tell_stored.send_replace(through);
            return Ok(());
        }
        let started = Instant::now();
        let stored = self.handle.block_on(self.parts.store.flush(&self.pending, through))?;
        self.parts.metrics.flushed(stored.rows, started.elapsed());
        self.pending.clear();
        self.tell_stored.send_replace(through);
        let heard: Vec<_> = self.engine.heard().collect();
        let path = self.parts.store.folder.join(heard::HEARD_FILE);
        if let Err(error) = heard::write(&path, &heard) {
            tracing::error!(%error, "who was heard could not be written");
        }
        if self.remembered_at.elapsed() >= self.parts.pace.remember_every {
            self.remember();
        }
        Ok(())
    }

    /// Keeps the memory, which must not run ahead of what is stored, and lets the journal forget.
    fn remember(&mut self) {
        if self.pending.rows() > 0 {
            return;
        }
        self.remembered_at = Instant::now();
        let memory = self.engine.memory();
        let kept = self.parts.store.remember(memory);
        let forgotten = kept.and_then(|()| {
            Ok(journal::forget_through(&self.parts.store.journal(), memory.number)?)
        });
        if let Err(error) = forgotten {
            tracing::error!(%error, "the stream's memory could not be kept; the journal grows");
        }
    }
}

/// Tries until it works, with longer and longer waits up to half a minute, saying so each time.
fn retried(what: &str, mut work: impl FnMut() -> Result<(), PipelineError>) {
    let mut wait = Duration::from_millis(100);
    while let Err(error) = work() {
        tracing::error!(%error, "{what}; trying again");
        std::thread::sleep(wait);
        wait = (wait * 2).min(Duration::from_secs(30));
    }
}
