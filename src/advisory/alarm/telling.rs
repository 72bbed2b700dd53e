//! Whether and when people are told of a change.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::policy::Telling;
use super::{Tell, Turn};
use crate::domain::{Severity, time};

/// What one place was told on one local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct ToldToday {
    date: Option<Date>,
    count: u32,
}

impl ToldToday {
    /// Decides, and counts what is told.
    pub(super) fn decide(
        &mut self,
        rules: &Telling,
        turn: Turn,
        severity: Severity,
        known_at: Timestamp,
    ) -> Tell {
        let at = due(rules, severity, known_at);
        let date = time::local_date(at);
        if self.date != Some(date) {
            *self = Self { date: Some(date), count: 0 };
        }
        let must = matches!(turn, Turn::Raised | Turn::Cleared);
        if self.count >= rules.daily_cap && !must {
            return Tell::Held;
        }
        self.count += 1;
        if at == known_at { Tell::Now } else { Tell::At(at) }
    }
}

/// Returns when a change known at `known_at` may be told: at once, or when the quiet is over.
fn due(rules: &Telling, severity: Severity, known_at: Timestamp) -> Timestamp {
    if severity >= rules.quiet_spares {
        return known_at;
    }
    let local = time::LOCAL_OFFSET.to_datetime(known_at);
    let (from, to, now) = (rules.quiet_from, rules.quiet_to, local.time());
    let over_midnight = from > to;
    let quiet = if over_midnight { now >= from || now < to } else { now >= from && now < to };
    if !quiet {
        return known_at;
    }
    let day =
        if over_midnight && now >= from { time::add_days(local.date(), 1) } else { local.date() };
    time::local_instant(day, to).unwrap_or(known_at)
}
