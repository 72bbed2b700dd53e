//! What the calendar adds to what was asked: the week, the year, the columns of the regressions.

use crate::forecast::engine::classical::regression::{Design, Waves};
use crate::forecast::engine::series::Ask;

/// Harmonics of a season, at most; half the season where that is less than 13 (every phase free).
const HARMONICS_MAX: usize = 8;
const SEASON_FREE_MAX: usize = 24;

/// Harmonics of a season beyond the first.
const LONG_HARMONICS: usize = 6;

/// Harmonics of the year: its course and the two halves and thirds of it.
const YEAR_HARMONICS: usize = 3;

/// Years that must be known before the first origin: less than this is extrapolated blindly.
const YEARS_MIN: f64 = 1.4;

/// Steps of a year for its harmonics to be more than a season.
const YEAR_STEPS_MIN: f64 = 40.0;

/// Adds the week to the seasons where steps are shorter than a day and only the day was asked for.
#[must_use]
pub fn with_week(ask: &Ask) -> Ask {
    let mut ask = ask.clone();
    if let (Some(year), [day]) = (ask.freq.year(), ask.seasons.as_slice()) {
        let days = year / *day as f64;
        if (360.0..370.0).contains(&days) && *day > 1 {
            ask.seasons.push(7 * day);
        }
    }
    ask
}

/// Returns the steps of a year, where `known` values are long enough for its harmonics and no season
/// asked for is about as long.
#[must_use]
pub fn year_steps(ask: &Ask, known: usize) -> Option<f64> {
    let longest = ask.seasons.last().copied().unwrap_or(1) as f64;
    let wanted = |year: &f64| {
        *year >= YEAR_STEPS_MIN && longest < 0.5 * year && known as f64 >= YEARS_MIN * year
    };
    ask.freq.year().filter(wanted)
}

/// Returns the columns of the regressions of a series whose first fit ends at `first`.
#[must_use]
pub fn design(steps: usize, first: usize, ask: &Ask) -> Design {
    let seasons: Vec<Waves> = ask
        .seasons
        .iter()
        .enumerate()
        .map(|(i, season)| {
            let free = if *season <= SEASON_FREE_MAX { season / 2 } else { HARMONICS_MAX };
            let harmonics = if i == 0 { free } else { LONG_HARMONICS.min(season / 2) };
            Waves { period: *season as f64, harmonics }
        })
        .collect();
    let year = year_steps(ask, first).map(|period| Waves { period, harmonics: YEAR_HARMONICS });
    Design::new(steps, &seasons, year)
}
