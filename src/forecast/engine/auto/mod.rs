//! The automatic choice: every candidate looks back, the panel and the series say who counts.
//!
//! ```text
//! pilot series ─► all candidates at past origins ─► covariance of their errors ─► Plan
//! any series   ─► kept candidates at past origins ─► weights (own errors, held by the plan's)
//!              ─► kept candidates at the end      ─► weighted path + errors of the weighted path
//! ```
//!
//! No family of models wins on every panel; a positive combination whose covariance is shrunk to
//! the panel's is taken instead of a choice (inner origins of M3 monthly: MASE 0.861, the equal
//! mean 0.876, the panel's best family 0.952). A candidate is fitted
//! twice a series: on what came before the first origin, then on everything.

pub mod calendar;
pub mod candidates;
mod lookback;
mod pilot;
pub mod pooled;
pub mod prepare;
pub mod stretch;
pub mod weights;
pub mod windows;
mod yardstick;

use serde::{Deserialize, Serialize};

use self::calendar::{with_week, year_steps};
use self::candidates::Candidate;
use self::lookback::{LookBack, first_origin};
use self::pooled::{Footing, Pooled};
use self::prepare::Ready;
use self::stretch::{Rolls, Stretch};
use self::weights::{Covariance, worth_a_fit};
use super::classical::regression::Design;
use super::explain::{Explain, Part, Source};
use super::series::{Ask, Path, Refusal, Regular, Strategy};

/// A candidate whose weight in the panel is below this is not run on the rest of the series.
const WEIGHT_MIN: f64 = 0.03;

/// Names in the `model` column, at most.
const NAMES_MAX: usize = 3;

/// What a panel has taught: which candidates it deserves and how their errors go together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    candidates: Vec<Candidate>,
    /// Covariance of their errors over the panel.
    panel: Covariance,
    /// Weights of a series that cannot look back.
    weights: Vec<f64>,
    pools: Pools,
}

/// The models of the panel as they were at the first origins and as they are now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Pools {
    back: Vec<Pooled>,
    now: Vec<Pooled>,
}

impl Plan {
    /// Learns from some series of a panel (a few hundred evenly taken ones say as much as all).
    ///
    /// Without any series the plan keeps every candidate that suits and holds them all equal.
    /// O(candidates × values) a series; the same for every order of threads, since series are
    /// taken one after the other.
    #[must_use]
    pub fn learn(pilot: &[Regular<'_>], ask: &Ask) -> Self {
        let ask = &with_week(ask);
        let ready: Vec<Ready<'_>> = pilot.iter().filter_map(|s| Ready::new(s, ask).ok()).collect();
        let first = |r: &Ready<'_>| first_origin(r.y.len(), ask);
        let year = ready.is_empty() || ready.iter().any(|r| year_steps(ask, first(r)).is_some());
        let known = pilot.iter().any(|series| !series.known.is_empty());
        let candidates = Candidate::all(ask, year, known);
        let back: Vec<(&Ready<'_>, usize)> = ready.iter().map(|r| (r, first(r))).collect();
        let now: Vec<(&Ready<'_>, usize)> = ready.iter().map(|r| (r, r.y.len())).collect();
        let pools = Pools { back: pool(&back, ask), now: pool(&now, ask) };
        let seen: Vec<Covariance> = ready
            .iter()
            .filter_map(|r| {
                LookBack::new(r, ask, &candidates, &pools).products?.covariance(|_| true)
            })
            .collect();
        let panel = Covariance::of_panel(candidates.len(), &seen);
        let weights = panel.weights();
        let kept: Vec<usize> = (0..candidates.len())
            .filter(|i| seen.is_empty() || weights[*i] >= WEIGHT_MIN)
            .collect();
        let panel = panel.of_kept(&kept);
        let weights = panel.weights();
        let candidates: Vec<Candidate> = kept.iter().map(|i| candidates[*i]).collect();
        let pools = if candidates.iter().any(|c| matches!(c, Candidate::Pooled(_))) {
            pools
        } else {
            Pools::default()
        };
        Self { candidates, panel, weights, pools }
    }

    /// Returns the candidates that are run on each series.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// Forecasts one series, says how its forecasts did at past origins, and which model gives what.
    ///
    /// # Errors
    /// A [`Refusal`] when every value is missing or one is infinite.
    pub fn path(&self, series: &Regular<'_>, ask: &Ask) -> Result<Path, Refusal> {
        let ask = &with_week(ask);
        let ready = Ready::new(series, ask)?;
        let back = LookBack::new(&ready, ask, &self.candidates, &self.pools);
        let held = back.products.as_ref().and_then(|all| all.covariance(|_| true));
        let weights = match held {
            Some(own) => own.weights_within(&self.panel, &self.weights),
            None => self.weights.clone(),
        };
        let weights = worth_a_fit(&weights);
        let (point, parts) = self.combine_now(&ready, &back.design, &weights, ask);
        let errors = back.errors(&ready, &weights, self, ask);
        if point.iter().any(|v| !v.is_finite()) {
            return Err(Refusal::NotFinite);
        }
        let scale = yardstick::of(&ready, ready.y.len(), ask);
        Ok(Path { point, scale, errors, model: names(&parts), parts })
    }

    /// Returns the weighted path after the last value and its parts, one a model that gave one.
    fn combine_now(
        &self,
        ready: &Ready<'_>,
        design: &Design,
        weights: &[f64],
        ask: &Ask,
    ) -> (Vec<f64>, Vec<Part>) {
        let n = ready.y.len();
        let stretch = Stretch::new(ready, design, n, ask).with_pooled(&self.pools.now);
        let (low, high) = ready.bounds(n, ask.horizon);
        let mut parts: Vec<Part> = Vec::new();
        let mut point = vec![0.0; ask.horizon];
        let mut path = vec![0.0; ask.horizon];
        for (i, candidate) in self.candidates.iter().enumerate() {
            if weights[i] <= 0.0 {
                continue;
            }
            let mut rolls = Rolls { origins: &[n], horizon: ask.horizon, paths: &mut path };
            if stretch.paths(*candidate, &mut rolls).is_none() {
                continue;
            }
            let values: Vec<f64> =
                path.iter().map(|value| weights[i] * value.clamp(low, high)).collect();
            point.iter_mut().zip(&values).for_each(|(sum, value)| *sum += value);
            parts.push(Part::of_model(candidate.name(), weights[i], values));
        }
        let total: f64 = parts.iter().map(|part| part.weight).sum();
        if total > 0.0 {
            let values = parts.iter_mut().flat_map(|part| &mut part.values);
            point.iter_mut().chain(values).for_each(|value| *value /= total);
            parts.iter_mut().for_each(|part| part.weight /= total);
        } else {
            super::classical::naive::repeat(&ready.filled, ask.season(), &mut point);
            parts = vec![Part::of_model(Candidate::SeasonalNaive.name(), 1.0, point.clone())];
        }
        (point, parts)
    }
}

/// Joins the names of the heaviest models.
fn names(parts: &[Part]) -> String {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|a, b| parts[*b].weight.total_cmp(&parts[*a].weight).then(a.cmp(b)));
    let name = |i: &usize| match &parts[*i].source {
        Source::Model(name) => name.as_str(),
        _ => "",
    };
    order.iter().take(NAMES_MAX).map(name).collect::<Vec<_>>().join("+")
}

/// Returns the models of a panel that can be fitted on so many first values of its series.
fn pool(series: &[(&Ready<'_>, usize)], ask: &Ask) -> Vec<Pooled> {
    Footing::ALL.into_iter().filter_map(|footing| Pooled::fit(series, footing, ask)).collect()
}

impl Strategy for Plan {
    fn forecast(&self, series: &Regular<'_>, ask: &Ask) -> Result<Path, Refusal> {
        Ok(Path { parts: Vec::new(), ..self.path(series, ask)? })
    }
}

impl Explain for Plan {
    fn explained(&self, series: &Regular<'_>, ask: &Ask) -> Result<Path, Refusal> {
        self.path(series, ask)
    }
}

#[cfg(test)]
mod tests;
