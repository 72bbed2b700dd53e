//! The one step of the stream: a record of the journal in, rows and changes out.
//!
//! Pure but for its own state: the same records give the same outputs whether they come one by
//! one, all at once, or again after a kill. Time is the records' own (`arrived_at`); what falls
//! due between two records (an hour that closes, a device that stays silent) is done first, at the
//! moment it fell due.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::channel::{self, Kept};
use super::check::{At, LimitsTable};
use super::device::Device;
use super::hours::{Hours, start_of};
use super::nowcast::{self, Fits, Fitted};
use super::outputs::{Event, Outputs, What};
use super::rows;
use crate::advisory::alarm::{AlarmChange, AlarmPolicy, Book, Hazard};
use crate::agronomy::salinity_units::HYDROMET_US_CM_PER_G_L;
use crate::domain::{PlaceId, QcFlag, QcFlags};
use crate::pipeline::PipelineError;
use crate::publish::heard::{Heard, silent_after};
use crate::sources::sensor::{self, Arrived, Fields, Reading, Registry, WhoseClock};
use crate::storage::journal::Numbered;

/// The variable salt alarms rest on.
const CONDUCTIVITY: &str = "ec_us_cm";

/// How often a device reports that nobody entered, minutes: the usual step of water loggers.
const EVERY_MINUTES: f64 = 10.0;

/// A clock set back by more than this is believed; less is wander, and time stands meanwhile.
const CLOCK_BACK_MAX: SignedDuration = SignedDuration::from_mins(10);

/// What never changes while a stream runs.
#[derive(Debug)]
pub struct Rules {
    /// Which device stands where.
    pub registry: Registry,
    /// What the names mean.
    pub fields: Fields,
    /// The limits of the checks.
    pub limits: LimitsTable,
    /// When a reading becomes an alarm.
    pub policy: AlarmPolicy,
}

/// Everything the stream remembers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Memory {
    /// The last record that was taken in.
    pub number: u64,
    /// The time of the stream: the latest arrival.
    pub now: Option<Timestamp>,
    devices: BTreeMap<Arc<str>, Device>,
    hours: Hours,
    alarms: Book,
    /// When each place's newest forecast was issued.
    issued: BTreeMap<PlaceId, Timestamp>,
    /// The last line that was told: record, and which of its lines.
    told: Option<(u64, u32)>,
    /// The model by which each place's forecast is issued.
    models: BTreeMap<PlaceId, Fitted>,
    /// As of when all models were fitted last.
    fitted_at: Option<Timestamp>,
    /// How far each recording was played, by its channel.
    played: BTreeMap<String, Timestamp>,
}

impl Memory {
    /// Returns how far each recording was played, by its channel.
    #[must_use]
    pub fn played(&self) -> &BTreeMap<String, Timestamp> {
        &self.played
    }

    /// Returns the last line that was told: record, and which of its lines.
    #[must_use]
    pub fn told(&self) -> Option<(u64, u32)> {
        self.told
    }

    /// Returns as of when all models were fitted last.
    #[must_use]
    pub fn fitted_at(&self) -> Option<Timestamp> {
        self.fitted_at
    }
}

/// The stream's engine.
#[derive(Debug)]
pub struct Engine {
    rules: Rules,
    memory: Memory,
    /// When to look whether a device has fallen silent: never later than it does.
    silences: BTreeSet<(Timestamp, Arc<str>)>,
}

impl Rules {
    /// Returns the shipped rules with this registry.
    ///
    /// # Errors
    /// [`PipelineError`] when a shipped table is broken (tests keep them whole).
    pub fn shipped(registry: Registry) -> Result<Self, PipelineError> {
        let variables = crate::domain::variable::Variables::shipped()?;
        Ok(Self {
            registry,
            fields: Fields::shipped(&variables)?,
            limits: LimitsTable::shipped()?,
            policy: AlarmPolicy::shipped()?,
        })
    }
}

impl Engine {
    /// Returns an engine that goes on from `memory`.
    #[must_use]
    pub fn new(rules: Rules, memory: Memory) -> Self {
        let heard = memory.devices.iter().filter(|(_, d)| !d.silent);
        let silences = heard.map(|(name, d)| (d.heard_at, Arc::clone(name))).collect();
        Self { rules, memory, silences }
    }

    /// Returns what is remembered.
    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Returns the rules.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Returns each device as it was last heard.
    pub fn heard(&self) -> impl Iterator<Item = Heard> {
        self.memory.devices.iter().map(|(name, device)| Heard {
            device: name.to_string(),
            place: device.place.clone(),
            heard_at: device.heard_at,
            every_minutes: self.every_minutes(name),
        })
    }

    fn every_minutes(&self, device: &str) -> f64 {
        self.rules.registry.find(device, None).map_or(EVERY_MINUTES, |(_, d)| d.every_minutes)
    }

    /// Takes in one record. Records are taken in order; one that was taken before gives nothing.
    pub fn step(&mut self, record: &Numbered) -> Outputs {
        if record.number <= self.memory.number {
            return Outputs::default();
        }
        self.memory.number = record.number;
        let channel = &record.arrival.channel;
        if channel == super::FIT {
            self.learn(&record.arrival.payload);
        }
        // What was learned and what is asked of the store come as of the past, and move no time.
        if channel == super::FIT || channel == super::SETTLE {
            return Outputs::default();
        }
        let mut out = self.advance(record.arrival.arrived_at);
        if channel.starts_with(super::REPLAY) {
            self.memory.played.insert(channel.clone(), record.arrival.arrived_at);
        }
        if channel != super::TICK {
            self.hear(record, &mut out);
        }
        for (part, event) in (0..).zip(&mut out.events) {
            (event.number, event.part) = (record.number, part);
            self.memory.told = Some((record.number, part));
        }
        out
    }

    /// Takes over fitted models. Those of another version of this program are left: new ones come
    /// within a day.
    fn learn(&mut self, payload: &[u8]) {
        match Fits::read(payload) {
            Ok(fits) => {
                self.memory.fitted_at = fits.last.then_some(fits.at).or(self.memory.fitted_at);
                let models = fits.models.into_iter().map(|fitted| (fitted.place.clone(), fitted));
                self.memory.models.extend(models);
            }
            Err(error) => tracing::warn!(%error, "fitted models of the journal cannot be read"),
        }
    }

    fn hear(&mut self, record: &Numbered, out: &mut Outputs) {
        let at = self.memory.now.unwrap_or(record.arrival.arrived_at);
        let decoded = sensor::decode(&record.arrival.channel, &record.arrival.payload);
        let arrived = Arrived {
            at,
            retained: record.arrival.channel.starts_with(super::RETAINED),
            registry: &self.rules.registry,
            fields: &self.rules.fields,
        };
        let mut readings = Vec::new();
        let mut troubles = decoded.troubles;
        for uplink in &decoded.uplinks {
            let (more, trouble) = sensor::readings(uplink, &arrived);
            readings.extend(more);
            troubles.extend(trouble);
        }
        for (row, trouble) in (1..).zip(&troubles) {
            out.issues.push(rows::issue(trouble, row, &record.arrival.channel, at));
        }
        for reading in readings {
            self.take(reading, out);
        }
    }

    /// Does what falls due up to `now`, each at its own moment.
    fn advance(&mut self, now: Timestamp) -> Outputs {
        let mut out = Outputs::default();
        let before = self.memory.now;
        if let Some(before) = before
            && now < before
            && before.duration_since(now) <= CLOCK_BACK_MAX
        {
            return out;
        }
        self.memory.now = Some(now);
        while let Some((due, name)) = self.next_silence(now) {
            out.hours.extend(self.memory.hours.close(due));
            self.fall_silent(&name, due, &mut out);
        }
        out.hours.extend(self.memory.hours.close(now));
        out
    }

    /// Returns the next moment at which something may fall due without a record.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let silence = self.silences.first().map(|(look, _)| *look);
        silence.into_iter().chain(self.memory.hours.next_closing()).min()
    }

    /// Returns the device whose silence falls due first by `now`, if one does.
    fn next_silence(&mut self, now: Timestamp) -> Option<(Timestamp, Arc<str>)> {
        while self.silences.first().is_some_and(|(look, _)| *look <= now) {
            let (look, name) = self.silences.pop_first()?;
            let Some(device) = self.memory.devices.get(&name) else { continue };
            let wait = silent_after(self.every_minutes(&name));
            let due = device.heard_at.saturating_add(wait).unwrap_or(look);
            if due <= look {
                return Some((due, name));
            }
            // It was heard meanwhile: look again when its silence would be too long.
            self.silences.insert((due, name));
        }
        None
    }

    fn fall_silent(&mut self, name: &Arc<str>, due: Timestamp, out: &mut Outputs) {
        let Some(device) = self.memory.devices.get_mut(name) else { return };
        device.silent = true;
        let (place, since) = (device.place.clone(), device.heard_at);
        let book = &mut self.memory.alarms;
        let change = book.fault(&self.rules.policy, &place, Hazard::Silent, true, since, due);
        out.alarm(change);
    }

    fn take(&mut self, reading: Reading, out: &mut Outputs) {
        let at = reading.arrived_at;
        let limits = self.rules.limits.of(&reading.variable.name);
        let device = self.memory.devices.entry(Arc::clone(&reading.device)).or_insert_with(|| {
            self.silences.insert((at, Arc::clone(&reading.device)));
            Device::new(reading.place.clone(), at)
        });
        device.heard_at = at;
        if std::mem::take(&mut device.silent) {
            self.silences.insert((at, Arc::clone(&reading.device)));
        }
        device.place = reading.place.clone();
        let ahead = reading.qc.has(QcFlag::ClockSuspect);
        let clock_wrong =
            reading.clock == WhoseClock::Device && device.clock_is_wrong(reading.told, at, ahead);
        let channel = device.channels.entry(Arc::clone(&reading.variable.name)).or_default();
        let now = At { time: reading.event_time, value: reading.value };
        let heard = channel.hear(limits, &reading.variable, now, reading.told, reading.qc);
        match heard {
            channel::Heard::Repeat => out.repeats += 1,
            channel::Heard::Old(qc) => out.old.push(rows::observation(&reading, qc)),
            channel::Heard::New { qc, in_order, turned } => {
                let qc = self.against_neighbours(&reading, qc);
                out.observations.push(rows::observation(&reading, qc));
                out.reading(&reading, qc);
                if let Some(spike) = turned {
                    self.correct(&reading, spike.kept, out);
                }
                if !qc.is_doubtful() {
                    let hours = &mut self.memory.hours;
                    let (place, variable) = (&reading.place, &reading.variable);
                    out.hours.extend(hours.add(place, variable, now.time, now.value, at));
                    if !in_order {
                        self.mark_changed(&reading, out);
                    }
                }
                if in_order {
                    self.alarms(&reading, qc, clock_wrong, out);
                    self.issue(&reading, qc, out);
                }
            }
        }
    }

    /// Holds a reading against the neighbours of its device in the same water.
    fn against_neighbours(&mut self, reading: &Reading, qc: QcFlags) -> QcFlags {
        let limits = self.rules.limits.of(&reading.variable.name);
        let entered = self.rules.registry.find(&reading.device, None);
        let (Some(rule), Some((_, entered))) = (limits.neighbours, entered) else { return qc };
        if qc.is_barred() {
            return qc;
        }
        let now = At { time: reading.event_time, value: reading.value };
        let devices = &self.memory.devices;
        let apart = entered.neighbours.iter().any(|name| {
            let channel = devices.get(&**name).and_then(|d| d.channels.get(&reading.variable.name));
            let theirs = channel.and_then(|c| c.usable().next_back());
            theirs.is_some_and(|kept| super::check::disagree(rule, kept.at, now))
        });
        if !apart {
            return qc;
        }
        let device = self.memory.devices.get_mut(&reading.device);
        if let Some(c) = device.and_then(|d| d.channels.get_mut(&reading.variable.name)) {
            c.flag_newest(QcFlag::Disagrees);
        }
        qc.with(QcFlag::Disagrees)
    }

    /// An earlier reading turned out to be a spike: its row gets a new revision, its hour is put
    /// right.
    fn correct(&mut self, now: &Reading, spike: Kept, out: &mut Outputs) {
        let row = rows::revised(now, spike);
        let start = start_of(row.valid_time);
        let channel =
            self.memory.devices.get(&now.device).and_then(|d| d.channels.get(&now.variable.name));
        let usable: Vec<f64> = channel
            .into_iter()
            .flat_map(|c| c.usable())
            .filter(|k| start_of(k.at.time) == start && k.at.time != now.event_time)
            .map(|k| k.at.value)
            .collect();
        out.observations.push(row);
        let hours = &mut self.memory.hours;
        let at = now.arrived_at;
        let corrected = hours.correct(&now.place, &now.variable, start, usable.into_iter(), at);
        out.hours.extend(corrected);
    }

    /// A late reading: says which issued forecasts would have read it.
    fn mark_changed(&self, reading: &Reading, out: &mut Outputs) {
        let Some(issued) = self.memory.issued.get(&reading.place) else { return };
        if *issued > reading.event_time {
            out.issues.push(rows::changed(reading, *issued));
        }
    }

    fn alarms(&mut self, reading: &Reading, qc: QcFlags, clock_wrong: bool, out: &mut Outputs) {
        let (policy, book) = (&self.rules.policy, &mut self.memory.alarms);
        let (place, time, at) = (&reading.place, reading.event_time, reading.arrived_at);
        let mut say = |change: Option<AlarmChange>| out.alarm(change);
        say(book.fault(policy, place, Hazard::Silent, false, time, at));
        if reading.clock == WhoseClock::Device {
            say(book.fault(policy, place, Hazard::Clock, clock_wrong, time, at));
        }
        if &*reading.variable.name == "battery_v" {
            let low = qc.has(QcFlag::LowBattery);
            say(book.fault(policy, place, Hazard::LowBattery, low, time, at));
        }
        if &*reading.variable.name != CONDUCTIVITY {
            return;
        }
        for (hazard, flag) in [
            (Hazard::DeadChannel, QcFlag::DeadChannel),
            (Hazard::FlatLine, QcFlag::FlatLine),
            (Hazard::Drift, QcFlag::Drift),
            (Hazard::Disagrees, QcFlag::Disagrees),
        ] {
            // A barred reading is no sign of health for the fault before it.
            if qc.has(flag) || !qc.is_barred() {
                say(book.fault(policy, place, hazard, qc.has(flag), time, at));
            }
        }
        // Readings of places nobody entered are kept and shown; alarms need a place that is known.
        if !qc.is_doubtful() && !qc.has(QcFlag::PlaceUnsure) {
            let salinity_g_l = reading.value / HYDROMET_US_CM_PER_G_L;
            say(book.salt(policy, place, time, at, salinity_g_l));
        }
    }

    /// Issues the place's forecast anew, when there is a model for it.
    fn issue(&mut self, reading: &Reading, qc: QcFlags, out: &mut Outputs) {
        if &*reading.variable.name != CONDUCTIVITY || qc.is_doubtful() {
            return;
        }
        let Some(fitted) = self.memory.models.get(&reading.place) else { return };
        let at = reading.arrived_at;
        let last = self.memory.issued.get(&reading.place);
        if last.is_some_and(|last| at.duration_since(*last) < nowcast::EVERY) {
            return;
        }
        let device = self.memory.devices.get(&reading.device);
        let channel = device.and_then(|d| d.channels.get(&reading.variable.name));
        let rows = channel.map(|c| fitted.issue(c.cells(), at)).unwrap_or_default();
        if let Some(first) = rows.first() {
            self.memory.issued.insert(reading.place.clone(), at);
            let target = Arc::clone(&first.target);
            out.event(&reading.place, What::Forecast { target, issued_at: at });
            out.forecasts.extend(rows);
        }
    }
}

impl Outputs {
    fn event(&mut self, place: &PlaceId, what: What) {
        self.events.push(Event { number: 0, part: 0, place: place.clone(), what });
    }

    fn alarm(&mut self, change: Option<AlarmChange>) {
        let Some(change) = change else { return };
        self.event(&change.place.clone(), What::Alarm(Box::new(change.clone())));
        self.alarms.push(change);
    }

    fn reading(&mut self, reading: &Reading, qc: QcFlags) {
        let what = What::Reading {
            device: Arc::clone(&reading.device),
            variable: Arc::clone(&reading.variable.name),
            value: reading.value,
            unit: Arc::clone(&reading.variable.unit),
            event_time: reading.event_time,
            arrived_at: reading.arrived_at,
            qc,
        };
        self.event(&reading.place, what);
    }
}
