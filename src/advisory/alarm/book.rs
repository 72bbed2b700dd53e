//! The book of open alarms: what is told to it, what changes.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::policy::AlarmPolicy;
use super::telling::ToldToday;
use super::{AlarmChange, Hazard, Tell, Turn};
use crate::domain::{PlaceId, Severity};

/// An alarm that has begun and is not over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenAlarm {
    /// Place, hazard and the time it began.
    pub id: String,
    /// How severe it is.
    pub severity: Severity,
    /// When it began to be true.
    pub opened_at: Timestamp,
    /// The highest reading since.
    pub peak: Option<f64>,
    told_peak: f64,
    step: u32,
    /// The last time each level's clearing limit was reached, mildest level first.
    last_above: Vec<Option<Timestamp>>,
    good: u32,
    /// Whether anybody was told of it.
    told: bool,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Entry {
    open: Option<OpenAlarm>,
    /// Readings in a row at or above a higher level than the open one, and the lowest such level.
    rising: Option<(u32, usize)>,
}

/// All open alarms and what each place was told today.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Book {
    /// By place and hazard; written as a list, since JSON keys are texts.
    #[serde(with = "crate::domain::as_list")]
    entries: BTreeMap<(PlaceId, Hazard), Entry>,
    /// By place and whether it was for farmers: the faults of a device use up no farmer's messages.
    #[serde(with = "crate::domain::as_list")]
    told: BTreeMap<(PlaceId, bool), ToldToday>,
}

impl Book {
    /// Returns the open alarms.
    pub fn open(&self) -> impl Iterator<Item = (&PlaceId, Hazard, &OpenAlarm)> {
        self.entries.iter().filter_map(|((p, h), e)| e.open.as_ref().map(|o| (p, *h, o)))
    }

    /// Tells the book a trusted reading of salinity, newer than all before it at this place.
    pub fn salt(
        &mut self,
        policy: &AlarmPolicy,
        place: &PlaceId,
        event_time: Timestamp,
        known_at: Timestamp,
        salinity_g_l: f64,
    ) -> Option<AlarmChange> {
        let levels = &policy.salt.levels;
        let reached = levels.iter().rposition(|l| salinity_g_l >= l.raise_g_l);
        let entry = self.entries.entry((place.clone(), Hazard::Salt)).or_default();
        if let Some(open) = &mut entry.open {
            open.peak = Some(open.peak.map_or(salinity_g_l, |p| p.max(salinity_g_l)));
            for (level, last) in levels.iter().zip(&mut open.last_above) {
                if salinity_g_l >= level.clear_g_l {
                    *last = Some(event_time);
                }
            }
        }
        let confirmed = entry.confirm(policy, reached);
        let (turn, index) = match (&mut entry.open, confirmed) {
            (None, Some(index)) => {
                entry.open = Some(OpenAlarm {
                    id: id(place, Hazard::Salt, event_time),
                    severity: levels[index].severity,
                    opened_at: event_time,
                    peak: Some(salinity_g_l),
                    told_peak: salinity_g_l,
                    step: 0,
                    last_above: levels
                        .iter()
                        .map(|l| (salinity_g_l >= l.clear_g_l).then_some(event_time))
                        .collect(),
                    good: 0,
                    told: false,
                });
                (Turn::Opened, index)
            }
            (None, None) => return None,
            (Some(_), Some(index)) => (Turn::Raised, index),
            (Some(open), None) => open.ease(policy, event_time, salinity_g_l)?,
        };
        let open = entry.open.as_mut()?;
        if turn != Turn::Cleared {
            open.severity = levels[index].severity;
        }
        if turn != Turn::Eased {
            open.told_peak = open.told_peak.max(salinity_g_l);
        }
        let was_told = open.told;
        let change = open.change(place, Hazard::Salt, turn, event_time, known_at);
        let limit = match turn {
            // What it has not reached for long: the limit of the level it left, not of where it is.
            Turn::Eased => levels.get(index + 1).unwrap_or(&levels[index]).clear_g_l,
            Turn::Cleared => levels[index].clear_g_l,
            Turn::Opened | Turn::Raised | Turn::Updated => levels[index].raise_g_l,
        };
        if turn == Turn::Cleared {
            entry.open = None;
        }
        let change = AlarmChange { value: Some(salinity_g_l), limit: Some(limit), ..change };
        Some(self.told(policy, change, was_told))
    }

    /// Tells the book that a device's fault is (`bad`) or is not there.
    pub fn fault(
        &mut self,
        policy: &AlarmPolicy,
        place: &PlaceId,
        hazard: Hazard,
        bad: bool,
        event_time: Timestamp,
        known_at: Timestamp,
    ) -> Option<AlarmChange> {
        let key = (place.clone(), hazard);
        if !bad && !self.entries.contains_key(&key) {
            return None;
        }
        let entry = self.entries.entry(key.clone()).or_default();
        let turn = match &mut entry.open {
            None if bad => {
                entry.open = Some(OpenAlarm {
                    id: id(place, hazard, event_time),
                    severity: Severity::Notice,
                    opened_at: event_time,
                    peak: None,
                    told_peak: 0.0,
                    step: 0,
                    last_above: Vec::new(),
                    good: 0,
                    told: false,
                });
                Turn::Opened
            }
            None => return None,
            Some(open) => {
                open.good = if bad { 0 } else { open.good + 1 };
                // Silence is over with the first word.
                let needed = if hazard == Hazard::Silent { 1 } else { policy.fault_clear_readings };
                if open.good < needed {
                    return None;
                }
                Turn::Cleared
            }
        };
        let open = entry.open.as_mut()?;
        let was_told = open.told;
        let change = open.change(place, hazard, turn, event_time, known_at);
        if turn == Turn::Cleared {
            self.entries.remove(&key);
        }
        Some(self.told(policy, change, was_told))
    }

    /// Decides whether a change is told. The end of what nobody was told of is told to nobody.
    fn told(&mut self, policy: &AlarmPolicy, change: AlarmChange, was_told: bool) -> AlarmChange {
        if change.turn == Turn::Cleared && !was_told {
            return AlarmChange { tell: Tell::Held, ..change };
        }
        let whom = (change.place.clone(), change.hazard.is_for_farmers());
        let told = self.told.entry(whom).or_default();
        let tell = told.decide(&policy.telling, change.turn, change.severity, change.known_at);
        let key = (change.place.clone(), change.hazard);
        if let Some(open) = self.entries.get_mut(&key).and_then(|e| e.open.as_mut()) {
            open.told |= tell != Tell::Held;
        }
        AlarmChange { tell, ..change }
    }
}

impl Entry {
    /// Counts readings in a row above the open level; returns the level they all reached when
    /// they are enough.
    fn confirm(&mut self, policy: &AlarmPolicy, reached: Option<usize>) -> Option<usize> {
        let levels = &policy.salt.levels;
        let open = self.open.as_ref().map(|o| o.severity);
        let higher = reached.filter(|i| open.is_none_or(|open| levels[*i].severity > open));
        self.rising = higher.map(|index| match self.rising {
            Some((count, lowest)) => (count + 1, lowest.min(index)),
            None => (1, index),
        });
        let (_, lowest) = self.rising.filter(|(n, _)| *n >= policy.salt.confirm_readings)?;
        self.rising = None;
        Some(lowest)
    }
}

impl OpenAlarm {
    /// Whether it has become milder or is over, or clearly worse within its level.
    fn ease(
        &self,
        policy: &AlarmPolicy,
        now: Timestamp,
        salinity_g_l: f64,
    ) -> Option<(Turn, usize)> {
        let levels = &policy.salt.levels;
        let index = levels.iter().position(|l| l.severity == self.severity)?;
        let hold = SignedDuration::from_hours(policy.salt.clear_hours);
        let holds = |i: &usize| {
            let last = self.last_above.get(*i).copied().flatten();
            last.is_some_and(|last| now.duration_since(last) < hold)
        };
        if holds(&index) {
            let worse = salinity_g_l >= self.told_peak * policy.salt.update_ratio;
            return worse.then_some((Turn::Updated, index));
        }
        match (0..index).rev().find(holds) {
            Some(milder) => Some((Turn::Eased, milder)),
            None => Some((Turn::Cleared, 0)),
        }
    }

    fn change(
        &mut self,
        place: &PlaceId,
        hazard: Hazard,
        turn: Turn,
        event_time: Timestamp,
        known_at: Timestamp,
    ) -> AlarmChange {
        self.step += 1;
        AlarmChange {
            alarm: self.id.clone(),
            step: self.step,
            place: place.clone(),
            hazard,
            turn,
            severity: self.severity,
            opened_at: self.opened_at,
            event_time,
            known_at,
            value: None,
            peak: self.peak,
            limit: None,
            tell: Tell::Now,
        }
    }
}

fn id(place: &PlaceId, hazard: Hazard, opened_at: Timestamp) -> String {
    format!("{place}/{}/{}", hazard.as_str(), opened_at.strftime("%Y%m%dT%H%M%SZ"))
}
