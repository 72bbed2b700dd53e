//! The fast way: a mean of a few linear models, the same few for every series of a panel.
//!
//! Which few is chosen on a pilot of the panel, by the error of their mean at past origins: one
//! series has too few origins to choose by (choosing per series was worse on every panel tried),
//! a panel has enough.

use serde::{Deserialize, Serialize};

use super::frame::Block;
use super::linear::Linear;
use super::origins::origins;
use super::panel::sample;
use super::series::{Ask, Errors, Path, Refusal, Regular, SeriesModel as _, Strategy};

/// Values and series of a pilot at most: the error of a mean of 200 long series is known to a few
/// percent, and its differences between models, which are paired, to less.
const PILOT_VALUES_MAX: usize = 150_000;
const PILOT_SERIES_MAX: usize = 1000;

/// Past origins of each series in the pilot.
const PILOT_ORIGINS: usize = 4;

/// Parts of the pilot; the mix is chosen once without each of them, and the choices are added up,
/// so that no choice hangs on a few series (bagged ensemble selection, Caruana et al. 2004).
const PARTS: usize = 4;

/// Members of one choice at most, counting repeats.
const MEMBERS_MAX: usize = 5;

/// What another member must take off the pilot's error to be let in, relative to it.
const GAIN_MIN: f64 = 0.002;

/// Scaled errors each step of the horizon should have for its interval, and past origins a series
/// at least and at most gives to them.
const SCORES_WANTED: usize = 2000;
const ORIGINS_MIN: usize = 2;
const ORIGINS_MAX: usize = 64;

/// Ranges of its history (and once more that for each length of it forecast) that a path may leave
/// the history by: an unstable recursion is stopped there.
const RANGES_MAX: f64 = 1.0;

/// A mean of linear models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinearMix {
    /// The models and how often each was let in.
    pub members: Vec<(Linear, f64)>,
    /// Past origins of each series.
    pub origins: usize,
}

impl LinearMix {
    /// Chooses the members on a pilot, the panel's first blocks: from the empty mix, again and
    /// again the model whose addition lowers the scaled mean absolute error most.
    ///
    /// `O(pilot · models · n width²)`.
    #[must_use]
    pub fn prepare(pilot: &[Block], ask: &Ask) -> Self {
        let values: usize = pilot.iter().map(Block::values).sum();
        let count: usize = pilot.iter().map(Block::len).sum();
        let mean_length = values.div_ceil(count.max(1)).max(1);
        let wanted = (PILOT_VALUES_MAX / mean_length).clamp(1, PILOT_SERIES_MAX);
        Self::learn(&sample(pilot, ask, wanted), count, ask)
    }

    /// Chooses the members on some series of a panel's first `count`. See [`LinearMix::prepare`].
    #[must_use]
    pub fn learn(series: &[Regular<'_>], count: usize, ask: &Ask) -> Self {
        let family = Linear::family(ask);
        let series = series.iter().filter_map(|series| Pilot::of(&family, series, ask));
        let counts = choose(&series.collect::<Vec<_>>(), family.len());
        let members = family.into_iter().zip(counts).filter(|(_, count)| *count > 0.0).collect();
        let origins = SCORES_WANTED.div_ceil(count.max(1)).clamp(ORIGINS_MIN, ORIGINS_MAX);
        Self { members, origins }
    }

    /// Returns the names of the members, joined.
    #[must_use]
    pub fn name(&self) -> String {
        let mut names: Vec<&str> = self.members.iter().map(|(m, _)| m.name()).collect();
        names.dedup();
        names.join("+")
    }
}

impl Strategy for LinearMix {
    fn forecast(&self, series: &Regular<'_>, ask: &Ask) -> Result<Path, Refusal> {
        let mut cutoffs = origins(series.y.len(), ask, self.origins);
        cutoffs.push(series.y.len());
        let mut mean = Mean::new(cutoffs.len(), ask.horizon);
        for (member, weight) in &self.members {
            mean.add(member, *weight, series, ask, &cutoffs);
        }
        let Some((mut paths, mut scales)) = mean.finish() else {
            return Ok(naive(series, ask));
        };
        let bounds = Bounds::of(series.y, ask.horizon);
        let last = (cutoffs.len() - 1) * ask.horizon;
        paths[last..].iter_mut().for_each(|y| *y = bounds.hold(*y));
        let point = paths.split_off(last);
        let scale = scales.pop().unwrap_or(f64::NAN);
        for (cutoff, path) in cutoffs.iter().zip(paths.chunks_exact_mut(ask.horizon)) {
            for (f, y) in path.iter_mut().zip(&series.y[*cutoff..]) {
                *f = y - bounds.hold(*f);
            }
        }
        let back = cutoffs[..scales.len()].iter().map(|cutoff| series.y.len() - cutoff).collect();
        // The yardstick of an origin is of its own time: moved towards that of the end, the 80 %
        // intervals were 5.3 points off on the inner ends of 21 panels, so they are 2.8 off.
        let errors = Errors { values: paths, scales, back };
        Ok(Path { point, scale, errors, model: self.name(), parts: Vec::new() })
    }
}

/// The weighted mean of several models' paths from several origins.
struct Mean {
    paths: Vec<f64>,
    sigmas: Vec<f64>,
    weights: Vec<f64>,
    path: Vec<f64>,
    sigma: Vec<f64>,
    horizon: usize,
}

impl Mean {
    fn new(cutoffs: usize, horizon: usize) -> Self {
        Self {
            paths: vec![0.0; cutoffs * horizon],
            sigmas: vec![0.0; cutoffs],
            weights: vec![0.0; cutoffs],
            path: vec![0.0; cutoffs * horizon],
            sigma: vec![0.0; cutoffs],
            horizon,
        }
    }

    /// Adds a model wherever its path is finite.
    fn add(&mut self, m: &Linear, weight: f64, series: &Regular<'_>, ask: &Ask, cutoffs: &[usize]) {
        m.run_all(series, ask, cutoffs, &mut self.path, &mut self.sigma);
        for (k, path) in self.path.chunks_exact(self.horizon).enumerate() {
            if self.sigma[k].is_finite() && path.iter().all(|y| y.is_finite()) {
                let sum = &mut self.paths[k * self.horizon..(k + 1) * self.horizon];
                sum.iter_mut().zip(path).for_each(|(sum, y)| *sum += weight * y);
                self.sigmas[k] += weight * self.sigma[k];
                self.weights[k] += weight;
            }
        }
    }

    /// Returns the means of paths and sigmas (NaN at an origin without any), or `None` when there
    /// is none at the last origin.
    fn finish(mut self) -> Option<(Vec<f64>, Vec<f64>)> {
        self.weights.last().filter(|w| **w > 0.0)?;
        for (k, path) in self.paths.chunks_exact_mut(self.horizon).enumerate() {
            let weight = if self.weights[k] > 0.0 { self.weights[k] } else { f64::NAN };
            path.iter_mut().for_each(|y| *y /= weight);
            self.sigmas[k] /= weight;
        }
        Some((self.paths, self.sigmas))
    }
}

/// How far a path may go: some ranges beyond the history, and not below 0 where the history stands
/// on 0 but never below it (rain, counts).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    low: f64,
    high: f64,
}

impl Bounds {
    pub(super) fn of(y: &[f64], horizon: usize) -> Self {
        let seen = || y.iter().copied().filter(|y| !y.is_nan());
        let low = seen().fold(f64::INFINITY, f64::min);
        let high = seen().fold(f64::NEG_INFINITY, f64::max);
        Self::between(low, high, y.len(), horizon)
    }

    /// Returns the bounds of a history of `length` values between `low` and `high`.
    pub(super) fn between(low: f64, high: f64, length: usize, horizon: usize) -> Self {
        let more = (high - low) * (RANGES_MAX + 2.0 * horizon as f64 / length as f64);
        Self { low: if low == 0.0 { 0.0 } else { low - more }, high: high + more }
    }

    pub(super) fn hold(&self, y: f64) -> f64 {
        y.max(self.low).min(self.high)
    }
}

/// Returns the forecast of a series too short for any model: a season ago, or the last value.
fn naive(series: &Regular<'_>, ask: &Ask) -> Path {
    let (n, season) = (series.y.len(), ask.season());
    let last_season = n.checked_sub(season).map(|from| &series.y[from..]);
    let repeat = last_season.filter(|values| season > 1 && values.iter().all(|y| !y.is_nan()));
    let last = series.y.last().copied().unwrap_or(f64::NAN);
    let point = (0..ask.horizon).map(|h| repeat.map_or(last, |values| values[h % season]));
    let steps = series.y.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).filter(|s| !s.is_nan());
    let count = steps.clone().count();
    Path {
        point: point.collect(),
        scale: (steps.sum::<f64>() / count as f64).sqrt(),
        errors: Errors::default(),
        model: if repeat.is_some() { "seasonal_naive" } else { "last_value" }.to_owned(),
        parts: Vec::new(),
    }
}

/// What every model said at past origins of one pilot series, in units of its own naive error.
struct Pilot {
    /// Errors of each model, NaN where it could not be fitted.
    errors: Vec<Vec<f64>>,
}

impl Pilot {
    fn of(family: &[Linear], series: &Regular<'_>, ask: &Ask) -> Option<Self> {
        let cutoffs = origins(series.y.len(), ask, PILOT_ORIGINS);
        let before = &series.y[..*cutoffs.first()?];
        let season = ask.season();
        let steps = before.windows(season + 1).map(|w| (w[season] - w[0]).abs());
        let steps: Vec<f64> = steps.filter(|d| !d.is_nan()).collect();
        let scale = steps.iter().sum::<f64>() / steps.len() as f64;
        if !(scale > 0.0 && scale.is_finite()) {
            return None;
        }
        let bounds = Bounds::of(before, ask.horizon);
        let mut errors = Vec::with_capacity(family.len());
        for model in family {
            let mut paths = vec![f64::NAN; cutoffs.len() * ask.horizon];
            model.rolling(series, ask, &cutoffs, &mut paths);
            for (cutoff, path) in cutoffs.iter().zip(paths.chunks_exact_mut(ask.horizon)) {
                for (f, y) in path.iter_mut().zip(&series.y[*cutoff..]) {
                    *f = if f.is_finite() { (y - bounds.hold(*f)) / scale } else { f64::NAN };
                }
            }
            errors.push(paths);
        }
        Some(Self { errors })
    }

    /// Returns the mean absolute error of the mean of members, each as often as counted.
    fn error(&self, counts: &[f64]) -> Option<f64> {
        let (mut sum, mut n) = (0.0, 0.0);
        for at in 0..self.errors[0].len() {
            let (mut mean, mut weight) = (0.0, 0.0);
            for (errors, count) in self.errors.iter().zip(counts) {
                if *count > 0.0 && !errors[at].is_nan() {
                    mean += count * errors[at];
                    weight += count;
                }
            }
            if weight > 0.0 {
                sum += (mean / weight).abs();
                n += 1.0;
            }
        }
        (n > 0.0).then(|| sum / n)
    }
}

/// Returns how often each model stands in the mix. Without any pilot, all stand in it once.
fn choose(pilot: &[Pilot], models: usize) -> Vec<f64> {
    let mut counts = vec![0.0; models];
    for part in 0..PARTS {
        let others = |i: &usize| pilot.len() < PARTS || i % PARTS != part;
        let kept: Vec<&Pilot> = (0..pilot.len()).filter(others).map(|i| &pilot[i]).collect();
        for (sum, count) in counts.iter_mut().zip(greedy(&kept, models)) {
            *sum += count;
        }
    }
    counts
}

/// Adds, again and again, the model that lowers the error of the mean most.
fn greedy(pilot: &[&Pilot], models: usize) -> Vec<f64> {
    if pilot.is_empty() {
        return vec![1.0; models];
    }
    let mut counts = vec![0.0; models];
    let mut best = f64::INFINITY;
    for _ in 0..MEMBERS_MAX {
        let with = |i: usize| {
            let mut counts = counts.clone();
            counts[i] += 1.0;
            // A mix that answers for fewer series must not win by that: the others count as naive.
            let error = |p: &&Pilot| p.error(&counts).unwrap_or(1.0);
            pilot.iter().map(error).sum::<f64>() / pilot.len() as f64
        };
        let candidates: Vec<f64> = (0..models).map(with).collect();
        let Some(i) = (0..models).min_by(|a, b| candidates[*a].total_cmp(&candidates[*b])) else {
            break;
        };
        if candidates[i] >= best * (1.0 - GAIN_MIN) {
            break;
        }
        best = candidates[i];
        counts[i] += 1.0;
    }
    let total: f64 = counts.iter().sum();
    counts.iter().map(|count| count / total).collect()
}
