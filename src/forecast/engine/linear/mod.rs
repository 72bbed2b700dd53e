//! One linear model a series: ridge regression on its own lags, the calendar and covariates.
//!
//! The series is (in logarithms and) differenced as asked, standardised, and regressed on a few
//! lags, one dummy a phase of each season, waves of the year and what is known of the future.
//! Paths are recursive. Everything about a series lies in sums of products ([`gram::Gram`]) that
//! grow row by row, so that past origins, a new day and the whole history are one computation.
//!
//! Direct regressions (one for each step of the horizon) were not tried: the recursion was below the
//! best peer on the synthetic panel and both tourism panels already.

pub mod fit;
pub mod gram;
pub mod live;
pub mod shape;
mod sums;
pub mod transform;

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

pub use fit::Workspace;
pub use shape::Shape;
pub use transform::{Difference, Transform};

use super::series::{Ask, Refusal, Regular, SeriesModel};

/// Weight of lag 1 that the ridge pulls towards when levels are modelled: half-way between no
/// memory and a random walk.
const PRIOR_LEVELS: f64 = 0.5;

/// Pull on the constant: next to nothing, only to keep it apart from the dummies.
const PENALTY_CONSTANT: f64 = 1e-6;

/// Rows the pull on dummies and waves is worth, at the weak ridge.
const RIDGE_CALENDAR: f64 = 4.0;

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

/// The settings of a linear model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Linear {
    /// Which difference is modelled.
    pub difference: Difference,
    /// Whether logarithms are taken first; series with a value of 0 or less are then refused.
    pub log: bool,
    /// Strength of the ridge: rows the pull is worth, in multiples of 4.
    pub ridge: f64,
}

impl Linear {
    /// Returns the models worth comparing on any panel: differences by logarithms by two ridges.
    ///
    /// Two ridges 8 times apart: weak for long series, strong for short ones (of differences, the
    /// strong one has 8 to 14 % less error on two yearly panels; of levels, the weak one has 2 %
    /// less on the synthetic daily panel).
    #[must_use]
    pub fn family(ask: &Ask) -> Vec<Self> {
        let mut differences = vec![Difference::None, Difference::Step];
        if ask.season() > 1 {
            differences.push(Difference::Season);
        }
        let mut family = Vec::new();
        for difference in differences {
            for log in [false, true] {
                family.extend([1.0, 8.0].map(|ridge| Self { difference, log, ridge }));
            }
        }
        family
    }

    /// Writes how firmly each weight is held, and to which value.
    pub(super) fn hold(&self, shape: &Shape, penalty: &mut Vec<f64>, prior: &mut Vec<f64>) {
        penalty.clear();
        penalty.resize(shape.width(), RIDGE_CALENDAR * self.ridge);
        penalty[shape.constant()] = PENALTY_CONSTANT;
        prior.clear();
        prior.resize(shape.width(), 0.0);
        if self.difference == Difference::None && !shape.lags.is_empty() {
            prior[0] = PRIOR_LEVELS;
        }
    }

    /// Writes a path and a sigma for each cutoff, the last of which is the end of the series; NaN
    /// where it cannot be fitted. The end is fitted apart when it has columns the first has not.
    pub fn run_all(
        &self,
        series: &Regular<'_>,
        ask: &Ask,
        cutoffs: &[usize],
        paths: &mut [f64],
        sigmas: &mut [f64],
    ) {
        let split = self.split(series, ask, cutoffs);
        let (early, late) = paths.split_at_mut(split * ask.horizon);
        let (early_sigmas, late_sigmas) = sigmas.split_at_mut(split);
        let run = |cutoffs: &[usize], paths: &mut [f64], sigmas: &mut [f64]| {
            if self.run(series, ask, cutoffs, paths, sigmas).is_err() {
                paths.fill(f64::NAN);
                sigmas.fill(f64::NAN);
            }
        };
        if split > 0 {
            run(&cutoffs[..split], early, early_sigmas);
        }
        run(&cutoffs[split..], late, late_sigmas);
    }

    /// Returns how many cutoffs are fitted apart from the end, which has columns they have not.
    fn split(&self, series: &Regular<'_>, ask: &Ask, cutoffs: &[usize]) -> usize {
        match cutoffs {
            [first, .., last]
                if self.shape(series, ask, *first) != self.shape(series, ask, *last) =>
            {
                cutoffs.len() - 1
            }
            _ => 0,
        }
    }

    /// Returns the columns of a series of which `known` values are known.
    pub(super) fn shape(&self, series: &Regular<'_>, ask: &Ask, known: usize) -> Shape {
        let lag = Transform::new(self.log, self.difference, ask).lag;
        Shape::new(ask, known.saturating_sub(lag), series.known.len(), lag < 2)
    }

    /// Returns what each group of columns gives to the path of a series: level, history, season,
    /// year, then each covariate (rows = groups, cols = horizon). They add up to the path that
    /// [`Linear::run_all`] gives at the last of the same cutoffs, the end of the series.
    ///
    /// # Errors
    /// The [`Refusal`]s of [`Workspace::run`], and [`Refusal::NotFinite`] for a path without sigma.
    pub fn contributions(
        &self,
        series: &Regular<'_>,
        ask: &Ask,
        cutoffs: &[usize],
    ) -> Result<Vec<Vec<f64>>, Refusal> {
        let cutoffs = &cutoffs[self.split(series, ask, cutoffs)..];
        let mut paths = vec![0.0; cutoffs.len() * ask.horizon];
        let mut sigmas = vec![0.0; cutoffs.len()];
        WORKSPACE.with_borrow_mut(|ws| {
            let fit = ws.run(self, series, ask, cutoffs, &mut paths, &mut sigmas)?;
            if sigmas.last().is_none_or(|sigma| !sigma.is_finite()) {
                return Err(Refusal::NotFinite);
            }
            Ok(ws.contributions(&fit, series.start + series.y.len() as i64, ask.horizon))
        })
    }

    /// Fits on all of a series and returns what can go on row by row.
    ///
    /// # Errors
    /// The [`Refusal`]s of [`Workspace::run`], and [`Refusal::FutureUnknown`] for a series with
    /// covariates, which would have to come with every new row.
    pub fn end(&self, series: &Regular<'_>, ask: &Ask) -> Result<live::End, Refusal> {
        if !series.known.is_empty() {
            return Err(Refusal::FutureUnknown { column: "a covariate".to_owned() });
        }
        let (n, mut path) = (series.y.len(), vec![0.0; ask.horizon]);
        WORKSPACE.with_borrow_mut(|ws| {
            let fit = ws.run(self, series, ask, &[n], &mut path, &mut [0.0])?;
            Ok(ws.end(fit))
        })
    }

    /// Runs with this thread's scratch memory; see [`Workspace::run`].
    pub(super) fn run(
        &self,
        series: &Regular<'_>,
        ask: &Ask,
        cutoffs: &[usize],
        paths: &mut [f64],
        sigmas: &mut [f64],
    ) -> Result<fit::Fit, Refusal> {
        WORKSPACE.with_borrow_mut(|ws| ws.run(self, series, ask, cutoffs, paths, sigmas))
    }
}

impl SeriesModel for Linear {
    fn name(&self) -> &'static str {
        match (self.difference, self.log) {
            (Difference::None, false) => "linear",
            (Difference::None, true) => "linear_log",
            (Difference::Step, false) => "linear_step",
            (Difference::Step, true) => "linear_step_log",
            (Difference::Season, false) => "linear_season",
            (Difference::Season, true) => "linear_season_log",
        }
    }

    fn path(&self, series: &Regular<'_>, ask: &Ask, path: &mut [f64]) -> Result<(), Refusal> {
        self.run(series, ask, &[series.y.len()], path, &mut [0.0])?;
        if path.iter().all(|y| y.is_finite()) { Ok(()) } else { Err(Refusal::NotFinite) }
    }

    fn rolling(&self, series: &Regular<'_>, ask: &Ask, cutoffs: &[usize], paths: &mut [f64]) {
        let mut sigmas = vec![0.0; cutoffs.len()];
        if self.run(series, ask, cutoffs, paths, &mut sigmas).is_err() {
            paths.fill(f64::NAN);
        }
    }
}
