//! The baselines: the newest value, the smoothed day of the year, values so many days before.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Ground;
use super::archive::{Archive, History};
use crate::domain::time::date_of_epoch_day;
use crate::domain::{LEVELS, PlaceId};
use crate::forecast::baselines::quantile_sorted;

/// The newest value stays.
pub(in crate::forecast) const PERSISTENCE: &str = "persistence";
/// What the days around this one have brought in other years.
pub(super) const CLIMATOLOGY: &str = "climatology";

/// Days between the nodes of a climatology, which is linear between them.
const NODE_DAYS: i64 = 5;
/// Nodes of a year of 365 days; the 366th is taken as the last.
const NODES: usize = 73;
/// Days on either side that a node looks at, weighing less the further they are.
const AROUND_DAYS: i64 = 10;
/// Values a node needs.
const NODE_VALUES_MIN: usize = 10;
/// Days before a fit whose errors give the quantiles of a baseline: methods and rivers change.
const ERROR_DAYS: i64 = 6 * 365;
/// Errors at a place below which those of all places are taken, and those of all places below which
/// older ones are: of a young record's first weeks the elders beside it know more.
const ERRORS_MIN: usize = 100;
/// Errors below which a baseline is not told: nobody could say how sure it is.
const ERRORS_TOLD: usize = 10;
/// How far from its day a value so many days before may be taken.
const LAG_PATIENCE_DAYS: i64 = 3;

/// Quantiles of past errors by horizon; none where there were hardly any.
type Offsets = Vec<Option<[f64; 7]>>;

/// The baselines, learned from all that was known before a block; everything is scaled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Rivals {
    /// By baseline (persistence, then the lags) for all places, then for each.
    everyone: Vec<Offsets>,
    places: BTreeMap<PlaceId, Vec<Offsets>>,
    climatology: Climatology,
    climatologies: BTreeMap<PlaceId, Climatology>,
}

impl Rivals {
    /// Returns the baselines of all that was observed before the first day of `block`.
    pub fn before(ground: &Ground<'_>, archive: &Archive, block: i32) -> Self {
        let end = ground.settings.period.first_day(block);
        let mut all = no_errors(ground);
        let (mut places, mut climatologies) = (BTreeMap::new(), BTreeMap::new());
        for history in &archive.histories {
            let own = errors(ground, history, (end - ERROR_DAYS)..end);
            add(&mut all, &own, usize::MAX);
            if own[0][0].len() >= ERRORS_MIN {
                places.insert(history.place.clone(), own.into_iter().map(offsets).collect());
            }
            let own = Climatology::of(history.truth.before(end));
            climatologies.insert(history.place.clone(), own);
        }
        if all.iter().flatten().any(|errors| errors.len() < ERRORS_MIN) {
            let mut elder = no_errors(ground);
            for history in &archive.histories {
                add(&mut elder, &errors(ground, history, i64::MIN..(end - ERROR_DAYS)), usize::MAX);
            }
            add(&mut all, &elder, ERRORS_MIN);
        }
        let everything = archive.histories.iter().flat_map(|h| h.truth.before(end));
        let climatology = Climatology::of(everything);
        let everyone = all.into_iter().map(offsets).collect();
        Self { everyone, places, climatology, climatologies }
    }

    /// Returns the mean of the days around a day of the year at a place.
    pub fn mean(&self, place: &PlaceId, day: i64) -> Option<f64> {
        self.climatologies.get(place).unwrap_or(&self.climatology).at(day).map(|q| q[3])
    }

    /// Returns the forecasts of all baselines for one day: `own` is the newest value, `past` knows
    /// older ones. A day of the year hardly ever seen has no climatology, and a baseline with hardly any
    /// past errors is not told.
    pub fn forecasts(
        &self,
        ground: &Ground<'_>,
        place: &PlaceId,
        (day, horizon): (i64, usize),
        own: f64,
        past: &dyn Fn(i64) -> Option<f64>,
    ) -> Vec<(&'static str, [f64; 7])> {
        let offsets = self.places.get(place).unwrap_or(&self.everyone);
        let around = |kind: usize, point: f64| {
            offsets[kind][horizon - 1].map(|offsets| offsets.map(|offset| point + offset))
        };
        let mut forecasts = Vec::new();
        forecasts.extend(around(0, own).map(|quantiles| (PERSISTENCE, quantiles)));
        for (lag, (name, back)) in ground.settings.lag_baselines.iter().enumerate() {
            let old = before(day, *back, horizon as i64, past);
            let quantiles = around(lag + 1, old.unwrap_or(own));
            forecasts.extend(quantiles.map(|quantiles| (*name, quantiles)));
        }
        let climatology = self.climatologies.get(place).unwrap_or(&self.climatology);
        forecasts.extend(climatology.at(day).map(|quantiles| (CLIMATOLOGY, quantiles)));
        forecasts
    }

    /// Returns whether the lengths are those of a ground.
    pub fn fits(&self, ground: &Ground<'_>) -> bool {
        let kinds = 1 + ground.settings.lag_baselines.len();
        let good = |all: &Vec<Offsets>| {
            all.len() == kinds && all.iter().all(|o| o.len() == ground.horizons)
        };
        let nodes = |c: &Climatology| c.0.is_empty() || c.0.len() == NODES;
        good(&self.everyone)
            && self.places.values().all(good)
            && nodes(&self.climatology)
            && self.climatologies.values().all(nodes)
    }
}

/// Errors by baseline (persistence, then the lags) and horizon.
type Errors = Vec<Vec<Vec<f64>>>;

fn no_errors(ground: &Ground<'_>) -> Errors {
    vec![vec![Vec::new(); ground.horizons]; 1 + ground.settings.lag_baselines.len()]
}

/// Returns the errors of the baselines at one place, of what came on these days.
#[expect(clippy::needless_range_loop, reason = "the horizon is also a number of days")]
fn errors(ground: &Ground<'_>, history: &History, days: Range<i64>) -> Errors {
    let mut errors = no_errors(ground);
    let recent = history.truth.before(days.end).skip_while(|(day, _)| *day < days.start);
    for (day, value) in recent {
        for k in 0..ground.horizons {
            let Some(newest) = history.truth.on(day - k as i64 - 1) else { continue };
            errors[0][k].push(value - newest);
            for (lag, (_, back)) in ground.settings.lag_baselines.iter().enumerate() {
                let old = before(day, *back, k as i64 + 1, &|d| history.truth.on(d));
                errors[lag + 1][k].push(value - old.unwrap_or(newest));
            }
        }
    }
    errors
}

/// Adds errors where there are fewer than `below`.
fn add(all: &mut Errors, more: &Errors, below: usize) {
    let short = all.iter_mut().flatten().zip(more.iter().flatten());
    short.filter(|(all, _)| all.len() < below).for_each(|(all, more)| all.extend_from_slice(more));
}

/// Returns the value `back` days before `day`, or the nearest to it, if it is known `horizon` days
/// ahead.
fn before(day: i64, back: i64, horizon: i64, past: &dyn Fn(i64) -> Option<f64>) -> Option<f64> {
    let nearest = (0..=LAG_PATIENCE_DAYS).flat_map(|d| [day - back - d, day - back + d]);
    nearest.filter(|d| *d <= day - horizon).find_map(past)
}

fn offsets(by_horizon: Vec<Vec<f64>>) -> Offsets {
    let quantiles = |mut errors: Vec<f64>| {
        if errors.len() < ERRORS_TOLD {
            return None;
        }
        errors.sort_by(f64::total_cmp);
        // The median stays the rule itself, so that it is judged as the rule it is.
        let at = |i: usize| quantile_sorted(&errors, LEVELS[i]).unwrap_or(0.0);
        Some(std::array::from_fn(|i| match i {
            0..3 => at(i).min(0.0),
            3 => 0.0,
            _ => at(i).max(0.0),
        }))
    };
    by_horizon.into_iter().map(quantiles).collect()
}

/// Mean and quantiles of each fifth day of the year.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Climatology(Vec<Option<[f64; 7]>>);

impl Climatology {
    /// Returns the climatology of values by epoch day: none before a year has gone by, when "the days
    /// around this one" would be the last ten of the same season.
    fn of(rows: impl IntoIterator<Item = (i64, f64)>) -> Self {
        let mut days: Vec<Vec<f64>> = vec![Vec::new(); NODES * NODE_DAYS as usize];
        let year = days.len() as i64;
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for (day, value) in rows {
            days[day_of_year(day) as usize].push(value);
            (first, last) = (first.min(day), last.max(day));
        }
        if last.saturating_sub(first) < year - AROUND_DAYS {
            return Self::default();
        }
        let node = |n: usize| {
            let centre = n as i64 * NODE_DAYS;
            let mut values: Vec<(f64, f64)> = (-AROUND_DAYS..=AROUND_DAYS)
                .flat_map(|k| {
                    let weight = 1.0 - k.abs() as f64 / (AROUND_DAYS + 1) as f64;
                    let day = (centre + k).rem_euclid(year) as usize;
                    days[day].iter().map(move |v| (*v, weight))
                })
                .collect();
            (values.len() >= NODE_VALUES_MIN).then(|| summary(&mut values))
        };
        Self((0..NODES).map(node).collect())
    }

    fn at(&self, day: i64) -> Option<[f64; 7]> {
        let day = day_of_year(day);
        let (n, share) = ((day / NODE_DAYS) as usize, (day % NODE_DAYS) as f64 / NODE_DAYS as f64);
        let left = (*self.0.get(n)?)?;
        let right = self.0.get((n + 1) % NODES).copied().flatten().unwrap_or(left);
        Some(std::array::from_fn(|i| left[i] + share * (right[i] - left[i])))
    }
}

/// Returns the quantiles of values with weights, with the mean in the middle, as in the table of
/// shared/data/README.md, section 3.
fn summary(values: &mut [(f64, f64)]) -> [f64; 7] {
    let total: f64 = values.iter().map(|(_, w)| w).sum();
    let mean = values.iter().map(|(v, w)| v * w).sum::<f64>() / total;
    let quantiles = LEVELS.map(|level| weighted_quantile(values, level));
    std::array::from_fn(|i| match i {
        0..3 => quantiles[i].min(mean),
        3 => mean,
        _ => quantiles[i].max(mean),
    })
}

/// Sorts values (value, weight) and returns a quantile of them, linear between the middles of their
/// weights; zero of no values.
pub(super) fn weighted_quantile(values: &mut [(f64, f64)], level: f64) -> f64 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = values.iter().map(|(_, w)| w).sum();
    let wanted = level * total;
    let (mut sum, mut last) = (0.0, None);
    for (value, weight) in values.iter() {
        let middle = sum + 0.5 * weight;
        if middle >= wanted {
            let Some((at, before)) = last else { return *value };
            return before + (wanted - at) / (middle - at) * (value - before);
        }
        last = Some((middle, *value));
        sum += weight;
    }
    last.map_or(0.0, |(_, value)| value)
}

fn day_of_year(day: i64) -> i64 {
    i64::from(date_of_epoch_day(day).day_of_year() - 1).min(NODES as i64 * NODE_DAYS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_days_before_is_never_one_of_the_days_between() {
        let past = |day: i64| (day % 2 == 0).then_some(day as f64);
        assert_eq!(before(100, 15, 1, &past), Some(84.0));
        // 100 - 3 is unknown; 98 is nearest but lies between the newest day (97) and the day ahead.
        assert_eq!(before(100, 3, 3, &past), Some(96.0));
        assert_eq!(before(100, 30, 1, &|_| None), None);
    }

    #[test]
    fn a_climatology_is_smooth_over_new_year_and_silent_where_nothing_was_seen() {
        let years = (0..8).flat_map(|year| {
            let first = 10_957 + 365 * year;
            (first..first + 120).map(|day| (day, f64::from(i32::try_from(day % 2).unwrap_or(0))))
        });
        let climatology = Climatology::of(years);
        let middle = climatology.at(10_957 + 60).unwrap();
        assert!((middle[3] - 0.5).abs() < 0.05 && middle[0] == 0.0 && middle[6] == 1.0);
        assert!(climatology.at(10_957 + 200).is_none());
    }

    #[test]
    fn a_record_has_no_climatology_before_a_year_has_gone_by() {
        let of = |days: i64| Climatology::of((0..days).map(|day| (10_957 + day, 1.0)));
        assert!(of(200).at(10_957 + 200).is_none(), "the last ten days are no other year's");
        assert!(of(365).at(10_957 + 365).is_some());
    }

    #[test]
    fn where_a_young_record_knows_few_errors_its_elders_do_and_where_nobody_does_nothing_is_told() {
        let mut all = vec![vec![vec![0.1; 4], vec![0.2; 200], vec![]]];
        let elder = vec![vec![[-3.0, 3.0].repeat(100), vec![9.0; 50], vec![1.0; 3]]];
        add(&mut all, &elder, ERRORS_MIN);
        assert_eq!(all[0].iter().map(Vec::len).collect::<Vec<_>>(), [204, 200, 3]);
        let told = offsets(all.remove(0));
        assert!(told[0].unwrap()[5] > 2.0 && told[1].is_some() && told[2].is_none());
    }

    #[test]
    fn quantiles_count_weights() {
        let mut values = [(1.0, 1.0), (2.0, 1.0), (9.0, 2.0)];
        assert!((weighted_quantile(&mut values, 0.5) - 4.333_333).abs() < 1e-5);
        assert_eq!(weighted_quantile(&mut values, 1.0), 9.0);
        assert_eq!(weighted_quantile(&mut [], 0.5), 0.0);
    }
}
