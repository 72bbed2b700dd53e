//! Scores of yes/no forecasts by lead, with intervals.

use std::collections::BTreeMap;

use super::bootstrap::{Bootstrap, Interval};
use crate::forecast::scores::Contingency;

/// One yes/no forecast for one place and day, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventPair {
    /// The local day of issue (epoch day).
    pub issued_day: i64,
    /// Days from there to the day it speaks of; 0 is the day of issue.
    pub lead_days: i64,
    /// Whether the event was forecast.
    pub forecast: bool,
    /// Whether it happened.
    pub happened: bool,
}

/// The scores of one lead.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventScores {
    /// Hits, misses, false alarms and correct negatives.
    pub table: Contingency,
    /// Issue days in it.
    pub issue_days: usize,
    /// Share of the events that were forecast.
    pub pod: Interval,
    /// Share of the forecasts of the event that were false.
    pub far: Interval,
    /// Hits among all but correct negatives.
    pub csi: Interval,
    /// Heidke skill score: 0 for chance, 1 for perfect.
    pub hss: Interval,
    /// Forecasts of the event for each time it happened; above 1 it was forecast too often.
    pub frequency_bias: Interval,
}

/// Returns the scores of each lead (days).
#[must_use]
pub fn by_lead(pairs: &[EventPair], bootstrap: &Bootstrap) -> BTreeMap<i64, EventScores> {
    let mut days: BTreeMap<i64, BTreeMap<i64, Contingency>> = BTreeMap::new();
    for pair in pairs {
        let day = days.entry(pair.lead_days).or_default().entry(pair.issued_day).or_default();
        *day = plus(*day, Contingency::of([(pair.forecast, pair.happened)]));
    }
    days.into_iter().map(|(lead, days)| (lead, scores(&days, bootstrap))).collect()
}

fn scores(days: &BTreeMap<i64, Contingency>, bootstrap: &Bootstrap) -> EventScores {
    let days: Vec<Contingency> = days.values().copied().collect();
    let sum = |days: &mut dyn Iterator<Item = &Contingency>| {
        days.fold(Contingency::default(), |sum, day| plus(sum, *day))
    };
    let [pod, far, csi, hss, frequency_bias] = bootstrap.intervals(&days, |days| {
        let table = sum(days);
        [table.pod(), table.far(), table.csi(), table.hss(), table.frequency_bias()]
    });
    let table = sum(&mut days.iter());
    EventScores { table, issue_days: days.len(), pod, far, csi, hss, frequency_bias }
}

fn plus(a: Contingency, b: Contingency) -> Contingency {
    Contingency {
        hits: a.hits + b.hits,
        misses: a.misses + b.misses,
        false_alarms: a.false_alarms + b.false_alarms,
        correct_negatives: a.correct_negatives + b.correct_negatives,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thirty issue days of ten places: perfect at lead 0, false alarms and misses at lead 1.
    fn pairs() -> Vec<EventPair> {
        let all = (0..30).flat_map(|day| (0..10).map(move |place| (day, place)));
        all.flat_map(|(issued_day, place)| {
            let happened = (issued_day + place) % 5 == 0;
            let later = (issued_day + place) % 4 == 0;
            [(0, happened), (1, later)].map(|(lead_days, forecast)| EventPair {
                issued_day,
                lead_days,
                forecast,
                happened,
            })
        })
        .collect()
    }

    #[test]
    fn each_lead_has_its_own_table_and_a_perfect_one_no_doubt() {
        let scores = by_lead(&pairs(), &Bootstrap::default());
        assert_eq!(scores.keys().copied().collect::<Vec<_>>(), [0, 1]);
        let perfect = &scores[&0];
        assert_eq!((perfect.table.hits, perfect.table.correct_negatives), (60, 240));
        assert_eq!(perfect.issue_days, 30);
        for interval in [perfect.pod, perfect.csi, perfect.hss, perfect.frequency_bias] {
            assert_eq!((interval.low, interval.value, interval.high), (1.0, 1.0, 1.0));
        }
        let chance = &scores[&1];
        assert!(chance.hss.low < 0.0 && chance.hss.high > 0.0, "{:?}", chance.hss);
        assert!(chance.far.low > 0.6 && chance.frequency_bias.value > 1.2);
    }

    #[test]
    fn the_order_of_the_pairs_does_not_matter() {
        let mut reversed = pairs();
        reversed.reverse();
        let bootstrap = Bootstrap::default();
        assert_eq!(by_lead(&reversed, &bootstrap), by_lead(&pairs(), &bootstrap));
        assert!(by_lead(&[], &bootstrap).is_empty());
    }

    #[test]
    fn places_of_one_day_are_drawn_together() {
        let width = |places: i64| {
            let pairs: Vec<EventPair> = (0..30)
                .flat_map(|day| (0..places).map(move |_| day))
                .map(|issued_day| EventPair {
                    issued_day,
                    lead_days: 1,
                    forecast: issued_day % 2 == 0,
                    happened: issued_day % 3 == 0,
                })
                .collect();
            let pod = by_lead(&pairs, &Bootstrap::default())[&1].pod;
            pod.high - pod.low
        };
        assert_eq!(width(1), width(40), "forty copies of a place are no more proof than one");
    }
}
