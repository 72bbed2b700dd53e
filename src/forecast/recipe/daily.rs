//! A recipe as a [`Target`].

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;

use super::alone::AloneDaily;
use super::fitted::FittedDaily;
use super::layout::Layout;
use super::settings::Settings;
use super::workshop::{KEPT, Workshop};
use super::{Ground, Recipe, Step};
use crate::domain::PlaceId;
use crate::domain::time::{IssuedAt, date_of_epoch_day, epoch_day};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;
use crate::forecast::targets::{Alone, Fitted, Target};

/// Days without data are computed for so many more than asked for, so that the next mornings find
/// them.
const DAYS_AHEAD: i64 = 200;

/// What of a recipe is left out or set otherwise, to see what it adds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trial {
    /// Groups of columns no candidate reads.
    pub without: BTreeSet<&'static str>,
    /// Other settings than the recipe's.
    pub settings: Option<Settings>,
}

/// A daily target made from a recipe.
#[derive(Debug)]
pub struct Daily<R: Recipe> {
    recipe: R,
    trial: Trial,
    workshop: Workshop,
}

impl<R: Recipe> Daily<R> {
    /// Returns the target of a recipe.
    #[must_use]
    pub const fn new(recipe: R) -> Self {
        let trial = Trial { without: BTreeSet::new(), settings: None };
        Self { recipe, trial, workshop: Workshop::keeping(KEPT) }
    }

    /// Returns the target with parts left out, for the card's tables of what each adds.
    #[must_use]
    pub const fn trial(recipe: R, trial: Trial) -> Self {
        Self { recipe, trial, workshop: Workshop::keeping(KEPT) }
    }

    /// Returns the recipe.
    #[must_use]
    pub const fn recipe(&self) -> &R {
        &self.recipe
    }

    /// Returns the fitted models as their own type.
    ///
    /// # Errors
    /// As [`Target::fit`].
    pub fn fit_daily(&self, panel: &Panel, cut: IssuedAt) -> Result<FittedDaily<R>, ForecastError> {
        FittedDaily::fit(&self.recipe, &self.trial, panel, cut, &self.workshop)
    }
}

impl<R: Recipe> Target for Daily<R> {
    fn name(&self) -> &'static str {
        self.recipe.name()
    }

    fn variable(&self) -> &'static str {
        self.recipe.variable()
    }

    fn unit(&self) -> &'static str {
        self.recipe.unit()
    }

    fn horizons(&self) -> u8 {
        self.recipe.horizons()
    }

    fn thresholds(&self) -> &'static [f64] {
        self.recipe.thresholds()
    }

    fn refit_day(&self, day: Date) -> Date {
        let period =
            self.trial.settings.as_ref().map_or(self.recipe.settings().period, |s| s.period);
        date_of_epoch_day(period.first_day(period.block_of(epoch_day(day))))
    }

    fn inputs(&self) -> &'static [&'static str] {
        self.recipe.inputs()
    }

    fn places(&self, panel: &Panel) -> Vec<PlaceId> {
        self.recipe.places(panel)
    }

    fn fit(&self, panel: &Panel, cut: IssuedAt) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(self.fit_daily(panel, cut)?))
    }

    fn candidates(
        &self,
        panel: &Panel,
        cut: IssuedAt,
    ) -> Result<Option<Box<dyn Alone>>, ForecastError> {
        match AloneDaily::fit(&self.recipe, &self.trial, panel, cut) {
            Ok(candidates) => Ok(Some(Box::new(candidates))),
            Err(ForecastError::TooLittle { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(FittedDaily::from_bytes(&self.recipe, bytes)?))
    }
}

/// A recipe with its columns, its settings and the days it has looked up.
#[derive(Debug)]
pub(super) struct Kitchen<R: Recipe> {
    pub recipe: R,
    settings: Settings,
    layout: Layout,
    days: Mutex<Option<Lookup<R>>>,
}

/// Days looked up, from the first to the last.
struct Lookup<R: Recipe> {
    first: i64,
    last: i64,
    days: Arc<R::Days>,
}

impl<R: Recipe> std::fmt::Debug for Lookup<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "days {}..={}", self.first, self.last)
    }
}

impl<R: Recipe> Kitchen<R> {
    pub fn new(recipe: &R, trial: &Trial) -> Self {
        let settings = trial.settings.clone().unwrap_or_else(|| recipe.settings());
        let layout = Layout::new(recipe.origin_columns(), recipe.ahead_columns(), &trial.without);
        Self { recipe: recipe.clone(), settings, layout, days: Mutex::new(None) }
    }

    /// Calls `work` with the ground; without a span of days nothing can be asked of a day ahead.
    pub fn with_ground<T>(
        &self,
        span: Option<(i64, i64)>,
        work: impl FnOnce(&Ground<'_>) -> T,
    ) -> T {
        let days = span.map(|(first, last)| self.days(first, last));
        let origin = |known: &Known<'_>, place: &PlaceId, out: &mut Vec<f64>| {
            self.recipe.origin(known, place, out);
        };
        let ahead = |step: &Step<'_>, out: &mut Vec<f64>| {
            if let Some(days) = &days {
                self.recipe.ahead(days, step, out);
            }
        };
        let issued = |place: &PlaceId| self.recipe.issues_for(place);
        let usual = |day: i64| self.recipe.usual(day);
        work(&Ground {
            name: self.recipe.name(),
            variable: self.recipe.variable(),
            horizons: usize::from(self.recipe.horizons()),
            scale: self.recipe.scale(),
            settings: &self.settings,
            layout: &self.layout,
            issued: &issued,
            origin: &origin,
            ahead: &ahead,
            usual: &usual,
        })
    }

    fn days(&self, first: i64, last: i64) -> Arc<R::Days> {
        let mut kept = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_ref().filter(|k| k.first <= first && last <= k.last) {
            return Arc::clone(&kept.days);
        }
        let last = last + DAYS_AHEAD;
        let days = Arc::new(self.recipe.days(first, last));
        *kept = Some(Lookup { first, last, days: Arc::clone(&days) });
        days
    }
}
