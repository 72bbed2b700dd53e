//! Brown planthoppers in light traps, weekly counts 1 to 6 weeks ahead.
//!
//! ```text
//!  weeks ─► counts    log1p counts of a trap; sudden zeros and repeated stretches told apart
//!             │
//!           usual     the usual level of each week of the year, with its spread over the years
//!             │
//!           looks     what a morning sees: newest counts, against the usual level, last year's
//!             │
//!           models    a robust ridge on the trap's own weeks, and boosted trees on those of all
//!             │       pests in the station's traps; the forecast lies between them
//!           trial     rolled through the years: widths, the gate
//!             │
//!           fitted    issues quantiles; stored as bytes
//! ```
//!
//! Issued on the morning a new week's count becomes known, two weeks after that week began;
//! horizon 1 is the week after it. All learning is on log1p, the quantiles are counts a week.
//! There are no counts for Viet Nam: the traps are Indian (Maruteru in the Godavari delta first).

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Alone, Fitted, Target};
use crate::domain::PlaceId;
use crate::domain::time::{IssuedAt, date_of_epoch_day};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;

mod candidates;
mod counts;
mod fitted;
mod looks;
mod models;
mod robust;
#[cfg(test)]
mod tests;
mod trial;
mod usual;
mod weeks;

pub use fitted::FittedPlanthopper;

use counts::Trap;
use weeks::{Week, newest_week};

/// The target's name in tables and messages.
const NAME: &str = "planthopper";

/// Weekly counts, of whatever the place names (data/reference/variables.toml).
const COUNT: &str = "pest_count";

/// Weeks ahead: a generation of the pest (about 28 days,
/// shared/knowledge/tables/bph_degree_days.csv) and two more.
const HORIZONS: u8 = 6;

/// How a place of the target ends: station, pest, method (data/reference/manifest.toml).
const PEST_AND_METHOD: &str = ".brown_planthopper.light_trap";

/// How a place of any pest in a light trap ends.
const METHOD: &str = ".light_trap";

/// The target.
#[derive(Debug, Clone, Copy)]
pub struct Planthopper;

/// What was known of every light trap at one moment, by place.
#[derive(Debug)]
struct Traps(BTreeMap<PlaceId, Trap>);

impl Traps {
    /// Returns the counts known in all light traps.
    fn read(known: &Known<'_>) -> Self {
        let until = newest_week(known.today()) + 1;
        let traps = known.places_of(COUNT).filter(|place| place.id().ends_with(METHOD));
        let read = traps.filter_map(|p| Some((p.clone(), Trap::read(known, p, until)?)));
        Self(read.collect())
    }

    /// Returns the traps the target speaks of.
    fn own(&self) -> impl Iterator<Item = (&PlaceId, &Trap)> {
        self.0.iter().filter(|(place, _)| is_ours(place))
    }

    /// Returns the other pests in the traps of the same station.
    fn kin<'a>(&'a self, place: &'a PlaceId) -> impl Iterator<Item = &'a Trap> {
        let others = self.0.iter().filter(move |(other, _)| *other != place);
        others.filter(|(other, _)| station(other) == station(place)).map(|(_, trap)| trap)
    }
}

fn is_ours(place: &PlaceId) -> bool {
    place.id().ends_with(PEST_AND_METHOD)
}

fn station(place: &PlaceId) -> &str {
    place.id().split_once('.').map_or(place.id(), |(station, _)| station)
}

impl Planthopper {
    /// Returns the fitted models as their own type.
    ///
    /// # Errors
    /// As [`Target::fit`].
    pub fn fit_traps(
        &self,
        panel: &Panel,
        cut: IssuedAt,
    ) -> Result<FittedPlanthopper, ForecastError> {
        FittedPlanthopper::fit(panel, cut)
    }
}

impl Target for Planthopper {
    fn name(&self) -> &'static str {
        NAME
    }

    fn variable(&self) -> &'static str {
        COUNT
    }

    fn unit(&self) -> &'static str {
        "count/week"
    }

    fn horizons(&self) -> u8 {
        HORIZONS
    }

    /// None: advice asks for the peak's week, not for a count that differs from trap to trap.
    fn thresholds(&self) -> &'static [f64] {
        &[]
    }

    fn refit_day(&self, day: Date) -> Date {
        Date::constant(day.year(), 1, 1)
    }

    fn inputs(&self) -> &'static [&'static str] {
        &[COUNT]
    }

    fn places(&self, panel: &Panel) -> Vec<PlaceId> {
        panel.places_of(COUNT).filter(|place| is_ours(place)).cloned().collect()
    }

    /// On the first morning that knows the newest week's count, unless it is a sudden zero or one of
    /// a row that repeats last year's: what is no count is not forecast from.
    fn issues_on(&self, known: &Known<'_>, place: &PlaceId) -> bool {
        let week = newest_week(known.today());
        let Ok(before) = IssuedAt::morning_of(date_of_epoch_day(known.today() - 1)) else {
            return false;
        };
        let told = |known: &Known<'_>| {
            known.series(COUNT, place).on(weeks::first_day(week)).is_some_and(is_count)
        };
        told(known)
            && !known.earlier(before).is_some_and(|known| told(&known))
            && Trap::read(known, place, week + 1).is_some_and(|trap| trap.trusts(week))
    }

    /// A forecast stands until the next week's count, nine days at the end of a leap year.
    fn patience_days(&self) -> i64 {
        9
    }

    fn valid_day(&self, today: i64, _place: &PlaceId, horizon: u8) -> i64 {
        weeks::first_day(newest_week(today) + Week::from(horizon))
    }

    fn fit(&self, panel: &Panel, cut: IssuedAt) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(self.fit_traps(panel, cut)?))
    }

    fn candidates(
        &self,
        panel: &Panel,
        cut: IssuedAt,
    ) -> Result<Option<Box<dyn Alone>>, ForecastError> {
        Ok(Some(Box::new(candidates::Candidates::fit(&Known::at(panel, cut))?)))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(FittedPlanthopper::from_bytes(bytes)?))
    }
}

/// Returns whether a value can be a count.
fn is_count(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}
