//! What candidates share on one stretch of a series, and how each of them walks it.

use super::candidates::Candidate;
use super::pooled::{Footing, Pooled};
use super::prepare::{Logarithms, Ready};
use crate::forecast::engine::classical::autoregression::Autoregression;
use crate::forecast::engine::classical::naive;
use crate::forecast::engine::classical::online::{Online, roll};
use crate::forecast::engine::classical::regression::{Design, Gram, Harmonic, Uses};
use crate::forecast::engine::classical::season::{Form, Profile, is_seasonal};
use crate::forecast::engine::classical::smoothing::{Build, Smoothing};
use crate::forecast::engine::classical::theta::Theta;
use crate::forecast::engine::linear::Linear;
use crate::forecast::engine::series::{Ask, SeriesModel as _};

/// Lags of the autoregressions, at most: one season and one step, within 13 (a year of months and
/// a step) and 28 (four weeks of days, a day of hours and a little).
const ORDER_MIN: usize = 13;
const ORDER_MAX: usize = 28;

/// Everything candidates share when they are fitted on the first `upto` values.
#[derive(Debug)]
pub struct Stretch<'a> {
    ready: &'a Ready<'a>,
    design: &'a Design,
    gram: Gram,
    ask: &'a Ask,
    pooled: &'a [Pooled],
    upto: usize,
    season: usize,
    longest: usize,
    order_max: usize,
    additive: Profile,
    /// The values without the profile of the longest season.
    flat: Flat,
}

/// A series without the profile of its longest season.
#[derive(Debug)]
struct Flat {
    profile: Profile,
    y: Vec<f64>,
    filled: Vec<f64>,
}

impl Flat {
    fn new(y: &[f64], filled: &[f64], upto: usize, season: usize) -> Self {
        let profile = Profile::of(&filled[..upto], season, Form::Additive);
        let remove = |values: &[f64]| -> Vec<f64> {
            values.iter().enumerate().map(|(at, v)| profile.remove(*v, at)).collect()
        };
        let (y, filled) = (remove(y), remove(filled));
        Self { profile, y, filled }
    }
}

/// Where the paths of a candidate go: one row for each origin (ascending), the first of which is
/// where the fit ends.
#[derive(Debug)]
pub struct Rolls<'a> {
    /// How many values were known.
    pub origins: &'a [usize],
    /// Columns of `paths`.
    pub horizon: usize,
    /// Rows = origins, cols = horizon.
    pub paths: &'a mut [f64],
}

impl Rolls<'_> {
    fn online(&mut self, model: impl Online, y: &[f64]) {
        roll(model, y, self.origins, self.horizon, self.paths);
    }

    /// Applies `change(value, step)` to every value of every path.
    fn change(&mut self, change: impl Fn(f64, usize) -> f64) {
        for (origin, path) in self.origins.iter().zip(self.paths.chunks_exact_mut(self.horizon)) {
            for (ahead, value) in path.iter_mut().enumerate() {
                *value = change(*value, origin + ahead);
            }
        }
    }
}

impl<'a> Stretch<'a> {
    /// Prepares the first `upto` values.
    #[must_use]
    pub fn new(ready: &'a Ready<'a>, design: &'a Design, upto: usize, ask: &'a Ask) -> Self {
        let season = ask.season();
        let longest = ask.seasons.last().copied().unwrap_or(1);
        Self {
            ready,
            design,
            gram: Gram::new(design, upto),
            ask,
            pooled: &[],
            upto,
            season,
            longest,
            order_max: (season + 1).clamp(ORDER_MIN, ORDER_MAX),
            additive: Profile::of(&ready.filled[..upto], season, Form::Additive),
            flat: Flat::new(&ready.y, &ready.filled, upto, longest),
        }
    }

    /// Adds the models of the panel, fitted on no more than this stretch of each series.
    #[must_use]
    pub fn with_pooled(mut self, pooled: &'a [Pooled]) -> Self {
        self.pooled = pooled;
        self
    }

    /// Writes the paths of `candidate`; `None` where it cannot be fitted.
    pub fn paths(&self, candidate: Candidate, rolls: &mut Rolls<'_>) -> Option<()> {
        match candidate {
            Candidate::SeasonalNaive => self.naive(self.season, rolls),
            Candidate::LongNaive => self.naive(self.longest, rolls),
            Candidate::Level => self.smoothing(&Profile::none(), false, rolls)?,
            Candidate::LevelSeason => self.smoothing(&self.additive, false, rolls)?,
            Candidate::TrendSeason => self.smoothing(&self.additive, true, rolls)?,
            Candidate::LogLevelSeason => self.log_smoothing(rolls)?,
            Candidate::Theta => self.theta(rolls)?,
            Candidate::ProfileAutoregression => self.profile_autoregression(rolls),
            Candidate::DifferenceAutoregression => self.differences(rolls)?,
            Candidate::Harmonic => self.harmonic(Uses { line: false, year: false }, rolls)?,
            Candidate::HarmonicLine => self.harmonic(Uses { line: true, year: false }, rolls)?,
            Candidate::Year => self.harmonic(Uses { line: false, year: true }, rolls)?,
            Candidate::YearLine => self.harmonic(Uses { line: true, year: true }, rolls)?,
            Candidate::Pooled(footing) => self.pooled(footing, rolls)?,
            Candidate::Linear(linear) => self.linear(linear, rolls)?,
        }
        rolls.paths.iter().all(|v| v.is_finite()).then_some(())
    }

    fn naive(&self, season: usize, rolls: &mut Rolls<'_>) {
        for (origin, path) in rolls.origins.iter().zip(rolls.paths.chunks_exact_mut(rolls.horizon))
        {
            naive::repeat(&self.ready.filled[..*origin], season, path);
        }
    }

    fn smoothing(&self, profile: &Profile, trend: bool, rolls: &mut Rolls<'_>) -> Option<()> {
        let (y, filled) = (&self.ready.y, &self.ready.filled[..self.upto]);
        let build = Build { trend, autocorrelated: false };
        let model = Smoothing::fit(&y[..self.upto], filled, profile, build)?;
        rolls.online(model, y);
        Some(())
    }

    fn log_smoothing(&self, rolls: &mut Rolls<'_>) -> Option<()> {
        let build = Build { trend: false, autocorrelated: true };
        let log = self.ready.log.as_ref();
        let (y, filled) =
            log.map_or((&self.ready.y, &self.ready.filled), |Logarithms { y, filled }| (y, filled));
        let fit = |y: &[f64], filled: &[f64]| {
            let own = Profile::of(&filled[..self.upto], self.season, Form::Additive);
            Smoothing::fit(&y[..self.upto], &filled[..self.upto], &own, build)
        };
        if self.longest > self.season {
            let flat = Flat::new(y, filled, self.upto, self.longest);
            rolls.online(fit(&flat.y, &flat.filled)?, &flat.y);
            rolls.change(|value, at| flat.profile.restore(value, at));
        } else {
            rolls.online(fit(y, filled)?, y);
        }
        if log.is_some() {
            rolls.change(|value, _| value.exp());
        }
        Some(())
    }

    fn theta(&self, rolls: &mut Rolls<'_>) -> Option<()> {
        let filled = &self.ready.filled[..self.upto];
        let profile = if !is_seasonal(filled, self.season) {
            Profile::none()
        } else if self.ready.positive {
            Profile::of(filled, self.season, Form::Multiplicative)
        } else {
            self.additive.clone()
        };
        rolls.online(Theta::fit(filled, profile)?, &self.ready.y);
        Some(())
    }

    fn profile_autoregression(&self, rolls: &mut Rolls<'_>) {
        let flat = &self.flat;
        let mean = flat.filled[..self.upto].iter().sum::<f64>() / self.upto as f64;
        let centred: Vec<f64> = flat.filled.iter().map(|v| v - mean).collect();
        let model = Autoregression::fit(&centred[..self.upto], self.order_max);
        for (origin, path) in rolls.origins.iter().zip(rolls.paths.chunks_exact_mut(rolls.horizon))
        {
            model.forecast(&centred[..*origin], path);
        }
        rolls.change(|value, at| flat.profile.restore(value + mean, at));
    }

    fn differences(&self, rolls: &mut Rolls<'_>) -> Option<()> {
        let log = self.ready.log.as_ref();
        let filled = log.map_or(&self.ready.filled, |log| &log.filled);
        let steps: Vec<f64> = filled.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let uses = Uses { line: false, year: false };
        let known = self.upto.checked_sub(1)?;
        let mut model =
            Harmonic::fit(self.design, &self.gram, &steps[..known], uses, self.order_max)?;
        let mut at = known;
        for (origin, path) in rolls.origins.iter().zip(rolls.paths.chunks_exact_mut(rolls.horizon))
        {
            model.advance(&steps[at..origin - 1]);
            at = origin - 1;
            model.forecast(path);
            let mut level = filled[at];
            for value in path {
                level += *value;
                *value = if log.is_some() { level.exp() } else { level };
            }
        }
        Some(())
    }

    fn pooled(&self, footing: Footing, rolls: &mut Rolls<'_>) -> Option<()> {
        let model = self.pooled.iter().find(|model| model.footing() == footing)?;
        for (origin, path) in rolls.origins.iter().zip(rolls.paths.chunks_exact_mut(rolls.horizon))
        {
            model.path(self.ready, *origin, path)?;
        }
        Some(())
    }

    fn linear(&self, linear: Linear, rolls: &mut Rolls<'_>) -> Option<()> {
        let linear = Linear { log: linear.log && self.ready.log.is_some(), ..linear };
        let series = self.ready.regular();
        if let [origin] = rolls.origins {
            return linear.path(&series.prefix(*origin), self.ask, rolls.paths).ok();
        }
        linear.rolling(&series, self.ask, rolls.origins, rolls.paths);
        Some(())
    }

    fn harmonic(&self, uses: Uses, rolls: &mut Rolls<'_>) -> Option<()> {
        let filled = &self.ready.filled[..self.upto];
        let model = Harmonic::fit(self.design, &self.gram, filled, uses, self.order_max)?;
        rolls.online(model, &self.ready.y);
        Some(())
    }
}
