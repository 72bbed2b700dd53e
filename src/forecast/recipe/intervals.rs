//! How wrong a forecast may be: a scale that follows the situation, and the shape of the errors in
//! that scale, by place and horizon.

use std::collections::BTreeMap;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::rivals::weighted_quantile;
use super::unrest::{Unrest, year};
use crate::domain::{LEVELS, PlaceId};
use crate::forecast::learn::LearnError;
use crate::forecast::learn::normal::Normal;

/// Numbers of the situation: the candidates' spread, how restless the series is, and the season.
const SITUATION: usize = 6;
/// Where the season's begin.
const YEAR: usize = 2;
/// Forecasts that no effect of the situation weighs against.
const PENALTY: f64 = 40.0;
/// How far spread and restlessness may lie from their means (relative) before they are cut.
const RELATIVE_MAX: f64 = 2.0;
/// The scale's limits, as shares of a place's mean error.
const SCALE_LIMITS: (f64, f64) = (0.4, 3.0);
/// Errors count at most as so many times the mean when the scale is learned.
const ERROR_CAP: f64 = 5.0;
/// What the neighbouring horizons count in a shape.
const NEIGHBOUR: f64 = 0.5;
/// How much wider the intervals of a place are that was never learned.
const NEW_PLACE: f64 = 1.5;

/// The situation of one forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Situation {
    /// How far the candidates lie apart.
    pub spread: f64,
    /// How restless the series has been; NaN when not known.
    pub volatility: f64,
    /// The day ahead (epoch day).
    pub day: i64,
}

/// One forecast of a block held out, and how wrong it was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample<'a> {
    pub place: &'a PlaceId,
    pub k: usize,
    pub situation: Situation,
    /// Observed less forecast, scaled.
    pub error: f64,
    pub weight: f64,
}

/// A forecast with its scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scaled {
    /// The forecast.
    pub centre: f64,
    /// Its scale.
    pub sigma: f64,
    /// Quantiles of the errors in that scale.
    pub shape: [f64; 7],
}

impl Scaled {
    /// Returns the quantiles, the lower and upper ones stretched from the median by these factors.
    pub fn quantiles(&self, lower: f64, upper: f64) -> [f64; 7] {
        let middle = self.shape[3];
        std::array::from_fn(|i| {
            let stretch = if i < 3 { lower } else { upper };
            self.centre + self.sigma * (middle + stretch * (self.shape[i] - middle))
        })
    }
}

/// Scale and shape at one place and horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Width {
    error: f64,
    spread: f64,
    volatility: f64,
    effects: [f64; SITUATION],
    unrest: Unrest,
    shape: [f64; 7],
}

/// Scales and shapes by place and horizon, last those of all places.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Intervals {
    places: BTreeMap<PlaceId, Vec<Width>>,
    everyone: Vec<Width>,
}

/// What errors are asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Asked {
    /// To which side forecasts err.
    pub sides: Sides,
    /// In which part of the year.
    pub year: Year,
}

/// In which part of the year forecasts err more than in another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Year {
    /// In that in which they did.
    Seen,
    /// In that in which others change more: a few months tell nothing of a year.
    Told(Unrest),
}

/// On which sides of a forecast errors are taken to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sides {
    /// On those where they lay.
    AsSeen,
    /// On either alike: how wrong, but not to which side.
    Both,
}

impl Intervals {
    /// Returns what the errors of blocks held out teach; `None` without any.
    pub fn fit(
        samples: &[Sample<'_>],
        horizons: usize,
        asked: Asked,
    ) -> Result<Option<Self>, LearnError> {
        if samples.is_empty() {
            return Ok(None);
        }
        let mut by_place: BTreeMap<&PlaceId, Vec<Vec<Sample<'_>>>> = BTreeMap::new();
        let mut all = vec![Vec::new(); horizons];
        for sample in samples {
            let place = by_place.entry(sample.place);
            place.or_insert_with(|| vec![Vec::new(); horizons])[sample.k].push(*sample);
            all[sample.k].push(*sample);
        }
        let mut places = BTreeMap::new();
        for (place, samples) in by_place {
            places.insert(place.clone(), widths(&samples, asked)?);
        }
        Ok(Some(Self { places, everyone: widths(&all, asked)? }))
    }

    /// Returns a forecast of one place with its scale.
    pub fn scaled(&self, place: &PlaceId, k: usize, centre: f64, situation: &Situation) -> Scaled {
        let own = self.places.get(place);
        let width = own.map_or(&self.everyone[k], |own| &own[k]);
        let widen = if own.is_some() { 1.0 } else { NEW_PLACE };
        Scaled { centre, sigma: widen * width.sigma(situation), shape: width.shape }
    }

    /// Returns whether the lengths are those given.
    pub fn fits(&self, horizons: usize) -> bool {
        self.everyone.len() == horizons && self.places.values().all(|w| w.len() == horizons)
    }
}

fn widths(by_horizon: &[Vec<Sample<'_>>], asked: Asked) -> Result<Vec<Width>, LearnError> {
    let mut widths: Vec<Width> = by_horizon
        .iter()
        .map(|samples| Width::fit(samples, asked.year))
        .collect::<Result<_, _>>()?;
    for k in 0..widths.len() {
        let near = k.saturating_sub(1)..=(k + 1).min(widths.len() - 1);
        let mut errors: Vec<(f64, f64)> = near
            .flat_map(|m| {
                let weight = if m == k { 1.0 } else { NEIGHBOUR };
                let width = &widths[m];
                let scaled =
                    move |s: &Sample<'_>| (s.error / width.sigma(&s.situation), weight * s.weight);
                by_horizon[m].iter().map(scaled)
            })
            .collect();
        if asked.sides == Sides::Both {
            errors.extend_from_within(..);
            let half = errors.len() / 2;
            errors[half..].iter_mut().for_each(|(error, _)| *error = -*error);
        }
        widths[k].shape = LEVELS.map(|level| weighted_quantile(&mut errors, level));
    }
    Ok(widths)
}

impl Width {
    fn fit(samples: &[Sample<'_>], year: Year) -> Result<Self, LearnError> {
        let unrest = if let Year::Told(unrest) = year { unrest } else { Unrest::default() };
        let size = |s: &Sample<'_>| s.error.abs() / unrest.on(s.situation.day);
        let mean = |of: &dyn Fn(&Sample<'_>) -> f64| {
            let known = samples.iter().map(|s| (of(s), s.weight)).filter(|(v, _)| v.is_finite());
            let (sum, n) = known.fold((0.0, 0.0), |(sum, n), (v, w)| (sum + v * w, n + w));
            if n > 0.0 { sum / n } else { 0.0 }
        };
        let mut width = Self {
            // A series that never errs still gets intervals, however small.
            error: mean(&size).max(1e-9),
            spread: mean(&|s| s.situation.spread),
            volatility: mean(&|s| s.situation.volatility),
            effects: [0.0; SITUATION],
            unrest,
            shape: [0.0; 7],
        };
        if samples.is_empty() {
            return Ok(width);
        }
        let mut rows = Array2::zeros((samples.len(), SITUATION));
        let mut targets = Vec::with_capacity(samples.len());
        for (mut row, sample) in rows.rows_mut().into_iter().zip(samples) {
            let root = sample.weight.sqrt();
            let mut columns = width.columns(&sample.situation);
            if year != Year::Seen {
                columns[YEAR..].fill(0.0);
            }
            row.iter_mut().zip(columns).for_each(|(to, from)| *to = root * from);
            targets.push(root * ((size(sample) / width.error).min(ERROR_CAP) - 1.0));
        }
        let mut sums = Normal::new(SITUATION);
        sums.add(rows.view(), &targets);
        let effects = sums.solve(&[PENALTY; SITUATION], None)?;
        width.effects.iter_mut().zip(effects).for_each(|(to, from)| *to = from);
        Ok(width)
    }

    fn columns(&self, situation: &Situation) -> [f64; SITUATION] {
        let relative = |value: f64, mean: f64| {
            let ratio = value / mean - 1.0;
            if ratio.is_finite() { ratio.clamp(-1.0, RELATIVE_MAX) } else { 0.0 }
        };
        let [sine, cosine, sine_2, cosine_2] = year(situation.day);
        let spread = relative(situation.spread, self.spread);
        let volatility = relative(situation.volatility, self.volatility);
        [spread, volatility, sine, cosine, sine_2, cosine_2]
    }

    fn sigma(&self, situation: &Situation) -> f64 {
        let columns = self.columns(situation);
        let effect: f64 = self.effects.iter().zip(columns).map(|(e, c)| e * c).sum();
        let scale = (1.0 + effect).clamp(SCALE_LIMITS.0, SCALE_LIMITS.1);
        self.error * scale * self.unrest.on(situation.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_follows_the_situation_and_four_in_five_errors_lie_inside() {
        let place: PlaceId = "river:a".parse().unwrap();
        let sample = |n: usize| {
            // Candidates that differ by 0.2 are four times as wrong as candidates that differ by 0.05.
            let spread = if n.is_multiple_of(2) { 0.05 } else { 0.2 };
            let error = 4.0 * spread * ((n * 7_919 % 1_009) as f64 / 504.5 - 1.0);
            let situation = Situation { spread, volatility: f64::NAN, day: n as i64 };
            Sample { place: &place, k: n % 3, situation, error, weight: 1.0 }
        };
        let samples: Vec<Sample<'_>> = (0..6_000).map(sample).collect();
        let intervals =
            Intervals::fit(&samples, 3, Asked { sides: Sides::AsSeen, year: Year::Seen })
                .unwrap()
                .unwrap();
        let at = |s: &Sample<'_>| intervals.scaled(&place, s.k, 0.0, &s.situation);
        let inside = samples.iter().filter(|s| {
            let quantiles = at(s).quantiles(1.0, 1.0);
            (quantiles[1]..=quantiles[5]).contains(&s.error)
        });
        let share = inside.count() as f64 / samples.len() as f64;
        assert!((share - 0.8).abs() < 0.02, "{share}");
        let ratio = at(&sample(3)).sigma / at(&sample(0)).sigma;
        assert!((ratio - 4.0).abs() < 0.5, "{ratio}");
        let stranger = intervals.scaled(&"river:b".parse().unwrap(), 0, 0.0, &samples[0].situation);
        assert!(stranger.sigma > 1.3 * at(&samples[0]).sigma);
    }

    #[test]
    fn errors_of_one_season_do_not_move_the_forecast_but_widen_it() {
        let place: PlaceId = "province:a".parse().unwrap();
        let situation = |day| Situation { spread: 0.0, volatility: f64::NAN, day };
        let error = |day: i64| -1.0 + 0.1 * ((day * 7 % 11) as f64 / 5.0 - 1.0);
        let sample = |day: i64| Sample {
            place: &place,
            k: 0,
            situation: situation(day),
            error: error(day),
            weight: 1.0,
        };
        let samples: Vec<Sample<'_>> = (0..30).map(sample).collect();
        let quantiles = |sides| {
            let intervals =
                Intervals::fit(&samples, 1, Asked { sides, year: Year::Told(Unrest::default()) })
                    .unwrap()
                    .unwrap();
            intervals.scaled(&place, 0, 24.0, &situation(40)).quantiles(1.0, 1.0)
        };
        let (seen, both) = (quantiles(Sides::AsSeen), quantiles(Sides::Both));
        assert!((seen[3] - 23.0).abs() < 0.2 && (both[3] - 24.0).abs() < 0.2, "{seen:?} {both:?}");
        assert!(both[1] < 23.2 && both[5] > 24.8, "{both:?}");
    }

    #[test]
    fn errors_of_a_calm_season_are_told_wider_where_others_change_more() {
        let place: PlaceId = "province:a".parse().unwrap();
        let situation = |day| Situation { spread: 0.0, volatility: f64::NAN, day };
        // 1 July 2025 and 1 January 2026; elsewhere January changes three times as much.
        let (july, january) = (20_270, 20_454);
        let samples: Vec<Sample<'_>> = (0..30)
            .map(|n| Sample {
                place: &place,
                k: 0,
                situation: situation(july + n % 3),
                error: (n * 7 % 11) as f64 / 5.0 - 1.0,
                weight: 1.0,
            })
            .collect();
        let unrest = Unrest::of_sizes([0.0, 0.5, 0.0, 0.0]);
        let asked = Asked { sides: Sides::Both, year: Year::Told(unrest) };
        let intervals = Intervals::fit(&samples, 1, asked).unwrap().unwrap();
        let size = |day| {
            let quantiles = intervals.scaled(&place, 0, 0.0, &situation(day)).quantiles(1.0, 1.0);
            quantiles[5] - quantiles[1]
        };
        assert!((size(january) / size(july) - 3.0).abs() < 0.05);
        assert!((size(july) - 1.6).abs() < 0.3, "as seen: {}", size(july));
    }

    #[test]
    fn no_errors_give_no_intervals() {
        assert!(
            Intervals::fit(&[], 3, Asked { sides: Sides::Both, year: Year::Seen })
                .unwrap()
                .is_none()
        );
    }
}
