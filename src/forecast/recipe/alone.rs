//! Each candidate on its own, with linfa's linear methods beside those of the blend: what a card
//! compares.

use super::archive::{Archive, Origin};
use super::daily::{Kitchen, Trial};
use super::linear::RidgeSums;
use super::members::Members;
use super::{Ground, Recipe};
use crate::domain::PlaceId;
use crate::domain::time::IssuedAt;
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::learn::LinearMethod;
use crate::forecast::targets::Alone;

/// linfa's methods that every card compares. Penalties and components are usual ones, not tuned.
const METHODS: &[LinearMethod] = &[
    LinearMethod::LeastSquares,
    LinearMethod::ElasticNet { penalty: 0.01, l1_ratio: 0.5 },
    LinearMethod::Pls(8),
];

/// Names of ridges in the order of their penalties.
const RIDGES: [&str; 3] = ["alone.ridge", "alone.ridge_second", "alone.ridge_third"];

/// The candidates of a recipe.
#[derive(Debug)]
pub(super) struct AloneDaily<R: Recipe> {
    kitchen: Kitchen<R>,
    members: Members,
    names: Vec<&'static str>,
}

impl<R: Recipe> AloneDaily<R> {
    /// Returns the candidates fitted on what was known at the cut.
    ///
    /// # Errors
    /// [`ForecastError::TooLittle`] without enough to learn from, and errors of the models.
    pub fn fit(
        recipe: &R,
        trial: &Trial,
        panel: &Panel,
        cut: IssuedAt,
    ) -> Result<Self, ForecastError> {
        let mut settings = trial.settings.clone().unwrap_or_else(|| recipe.settings());
        settings.methods = METHODS;
        let without = trial.without.clone();
        let kitchen = Kitchen::new(recipe, &Trial { without, settings: Some(settings) });
        let places = recipe.places(panel);
        let archive =
            kitchen.with_ground(None, |ground| Archive::before(ground, panel, places, cut))?;
        let (members, names) = kitchen.with_ground(Some(archive.span()), |ground| {
            let mut sums = RidgeSums::default();
            let members = Members::fit(ground, &archive, archive.until, &mut sums)?;
            Ok::<_, ForecastError>((members, names(ground)))
        })?;
        Ok(Self { kitchen, members, names })
    }
}

/// Returns the names of the learned candidates, in the order of their forecasts.
fn names(ground: &Ground<'_>) -> Vec<&'static str> {
    let method = |method: &LinearMethod| match method {
        LinearMethod::LeastSquares => "alone.linfa_least_squares",
        LinearMethod::Ridge(_) => "alone.linfa_ridge",
        LinearMethod::ElasticNet { .. } => "alone.linfa_elastic_net",
        LinearMethod::Pls(_) => "alone.linfa_pls",
    };
    let ridges = RIDGES.into_iter().chain(std::iter::repeat("alone.ridge_further"));
    let ridges = ridges.take(ground.settings.shrink.len());
    let trees = ground.settings.trees.iter().map(|_| "alone.trees");
    ridges.chain(ground.settings.methods.iter().map(method)).chain(trees).collect()
}

impl<R: Recipe> Alone for AloneDaily<R> {
    fn points(
        &self,
        known: &Known<'_>,
        place: &PlaceId,
    ) -> Result<Vec<(u8, &'static str, f64)>, ForecastError> {
        let recipe = &self.kitchen.recipe;
        let (low, high) = recipe.range();
        let (first, last) = (known.today() - 2, known.today() + i64::from(recipe.horizons()));
        self.kitchen.with_ground(Some((first, last)), |ground| {
            let Some(origin) = Origin::read(ground, known, place) else { return Ok(Vec::new()) };
            let hindcasts = self.members.forecast(ground, place, &[&origin])?;
            let mut points = Vec::new();
            for hindcast in &hindcasts {
                for k in 0..ground.horizons {
                    for (name, scaled) in self.names.iter().zip(hindcast.at(k)) {
                        let point = ground.scale.back(*scaled).clamp(low, high);
                        points.push((k as u8 + 1, *name, point));
                    }
                }
            }
            Ok(points)
        })
    }
}
