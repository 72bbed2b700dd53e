//! What the stream counts, in the text format of Prometheus (`/metrics`).

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::outputs::{Outputs, What};
use crate::storage::journal::Numbered;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Named {
    name: String,
}

type Seconds = Gauge<f64, AtomicU64>;

/// The counters of one stream.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    messages: Counter,
    readings: Counter,
    repeats: Counter,
    flags: Family<Named, Counter>,
    issues: Family<Named, Counter>,
    alarms: Family<Named, Counter>,
    lateness: Histogram,
    rows: Counter,
    commit_seconds: Histogram,
    newest_arrival: Seconds,
    /// Messages that wait to be written.
    pub waiting: Gauge,
    /// Whether the broker is connected.
    pub broker_up: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("muavu_stream"),
            messages: Counter::default(),
            readings: Counter::default(),
            repeats: Counter::default(),
            flags: Family::default(),
            issues: Family::default(),
            alarms: Family::default(),
            // A second (a radio hop) to twelve days.
            lateness: Histogram::new(exponential_buckets(1.0, 4.0, 11)),
            rows: Counter::default(),
            commit_seconds: Histogram::new(exponential_buckets(0.01, 2.0, 10)),
            newest_arrival: Seconds::default(),
            waiting: Gauge::default(),
            broker_up: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let r = &mut self.registry;
        r.register("messages", "messages taken in", self.messages.clone());
        r.register("readings", "new readings", self.readings.clone());
        r.register("repeats", "readings told before", self.repeats.clone());
        r.register("qc_flags", "quality flags set, by flag", self.flags.clone());
        r.register("issues", "what was no reading, by reason", self.issues.clone());
        r.register("alarm_changes", "changes of alarms, by turn", self.alarms.clone());
        r.register(
            "lateness_seconds",
            "from the time a reading tells to its arrival",
            self.lateness.clone(),
        );
        r.register("rows_stored", "rows committed to the lake", self.rows.clone());
        r.register("commit_seconds", "time a flush took", self.commit_seconds.clone());
        r.register(
            "newest_arrival_timestamp_seconds",
            "arrival of the newest message",
            self.newest_arrival.clone(),
        );
        r.register("messages_waiting", "messages that wait to be written", self.waiting.clone());
        r.register("broker_up", "1 while the broker is connected", self.broker_up.clone());
    }

    /// Counts what a record gave.
    pub fn count(&self, record: &Numbered, outputs: &Outputs) {
        let named = |name: &str| Named { name: name.to_owned() };
        if record.arrival.channel != super::TICK {
            self.messages.inc();
            self.newest_arrival.set(record.arrival.arrived_at.as_duration().as_secs_f64());
        }
        self.repeats.inc_by(outputs.repeats);
        for event in &outputs.events {
            match &event.what {
                What::Reading { event_time, arrived_at, qc, .. } => {
                    self.readings.inc();
                    self.lateness.observe(arrived_at.duration_since(*event_time).as_secs_f64());
                    for flag in qc.iter() {
                        self.flags.get_or_create(&named(flag.as_str())).inc();
                    }
                }
                What::Alarm(change) => {
                    self.alarms.get_or_create(&named(change.turn.as_str())).inc();
                }
                What::Forecast { .. } => {}
            }
        }
        for issue in &outputs.issues {
            self.issues.get_or_create(&named(&issue.reason)).inc();
        }
    }

    /// Counts a commit.
    pub fn flushed(&self, rows: usize, took: Duration) {
        self.rows.inc_by(rows as u64);
        self.commit_seconds.observe(took.as_secs_f64());
    }

    /// Returns the counters as Prometheus reads them.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a text does not fail.
        let _never = encode(&mut text, &self.registry);
        text
    }
}
