//! The usual level of each week of the year, on log1p, with its spread over the years.

use serde::{Deserialize, Serialize};

use super::counts::Trap;
use super::weeks::{Week, YEAR, of_year};
use crate::domain::LEVELS;

/// Width (weeks) of the bell by which neighbouring weeks lend their counts. With one its error on
/// 1998-2001 was 4 % higher, with three 1 % lower.
const BELL_WEEKS: f64 = 2.0;

/// Neighbours beyond this many widths lend nothing.
const BELL_REACH: f64 = 4.0;

/// Counts below which a week has no usual level.
const COUNTS_MIN: usize = 3;

/// Weeks that teach below which a trap has no usual levels: a year.
const LESSONS_MIN: usize = 52;

/// How far back the years count.
#[derive(Debug, Clone, Copy)]
pub(super) enum Memory {
    /// All the same: the baseline.
    All,
    /// A year half as much as one four years later: the level of the trap moves (1994-1999 at
    /// Maruteru it rose). Years that do not fade had 5 % higher errors on 1998-2001, a half-life of
    /// two years 2 % lower ones, which the rise alone may explain.
    Fading,
}

/// Years after which a year counts half.
const HALF_LIFE_YEARS: f64 = 4.0;

/// Quantiles at [`LEVELS`] by week of the year, on log1p.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Usual(Vec<[f64; 7]>);

impl Usual {
    /// Returns the usual levels of a trap, without those of the year `without`; `None` where too
    /// little was counted.
    pub fn of(trap: &Trap, memory: Memory, without: Option<Week>) -> Option<Self> {
        let lessons: Vec<(Week, f64)> =
            trap.lessons().filter(|(week, _)| Some(week.div_euclid(YEAR)) != without).collect();
        if lessons.len() < LESSONS_MIN {
            return None;
        }
        let newest = (trap.weeks().end - 1).div_euclid(YEAR);
        (0..YEAR)
            .map(|week| quantiles(&lessons, week, newest, memory))
            .collect::<Option<_>>()
            .map(Self)
    }

    /// Returns the median of a week.
    pub fn median(&self, week: Week) -> f64 {
        self.levels(week)[3]
    }

    /// Returns the quantiles of a week, at [`LEVELS`].
    pub fn levels(&self, week: Week) -> [f64; 7] {
        self.0[of_year(week)]
    }

    /// Returns whether all weeks are there, finite and in rising order.
    pub fn sound(&self) -> bool {
        let rising = |q: &[f64; 7]| {
            q.iter().all(|v| v.is_finite()) && q.windows(2).all(|pair| pair[0] <= pair[1])
        };
        self.0.len() == of_year(YEAR - 1) + 1 && self.0.iter().all(rising)
    }
}

fn quantiles(
    lessons: &[(Week, f64)],
    week: Week,
    newest: Week,
    memory: Memory,
) -> Option<[f64; 7]> {
    let mut near: Vec<(f64, f64)> = Vec::new();
    for (other, value) in lessons {
        let apart = (other - week).rem_euclid(YEAR);
        let apart = f64::from(apart.min(YEAR - apart)) / BELL_WEEKS;
        if apart > BELL_REACH {
            continue;
        }
        let fading = match memory {
            Memory::All => 1.0,
            Memory::Fading => {
                0.5_f64.powf(f64::from(newest - other.div_euclid(YEAR)) / HALF_LIFE_YEARS)
            }
        };
        near.push((*value, fading * (-0.5 * apart * apart).exp()));
    }
    if near.len() < COUNTS_MIN {
        return None;
    }
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = near.iter().map(|(_, weight)| weight).sum();
    let highest = near[near.len() - 1].0;
    let mut levels = [highest; 7];
    for (level, out) in LEVELS.iter().zip(&mut levels) {
        let mut sum = 0.0;
        let reached = near.iter().find(|(_, weight)| {
            sum += weight;
            sum >= level * total
        });
        *out = reached.map_or(highest, |(value, _)| *value);
    }
    Some(levels)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A trap whose count depends on the week alone, but for one wild year.
    fn trap() -> Trap {
        let level = |week: u32| 4.0 + f64::from(week % 52) / 26.0;
        let mut told: Vec<f64> = (0..5 * 52).map(level).collect();
        told[104..156].iter_mut().for_each(|v| *v = 11.0);
        Trap::of(2000 * YEAR, told)
    }

    #[test]
    fn the_median_stands_against_one_wild_year_and_the_width_shows_it() {
        let usual = Usual::of(&trap(), Memory::All, None).unwrap();
        assert!(usual.sound());
        let levels = usual.levels(2010 * YEAR + 26);
        assert!((levels[3] - 5.0).abs() < 0.15, "{levels:?}");
        assert_eq!(levels[6], 11.0);
    }

    #[test]
    fn a_year_left_out_is_left_out() {
        let usual = Usual::of(&trap(), Memory::Fading, Some(2002)).unwrap();
        assert!(usual.levels(26)[6] < 6.0);
    }

    #[test]
    fn newer_years_weigh_more_where_memory_fades() {
        let told = (0..10).flat_map(|year| [f64::from(year) + 1.0; 52]).collect();
        let trap = Trap::of(1990 * YEAR, told);
        let median = |memory| Usual::of(&trap, memory, None).unwrap().median(0);
        assert!(median(Memory::Fading) > median(Memory::All));
    }

    #[test]
    fn less_than_a_year_has_no_usual_level() {
        let trap = Trap::of(2000 * YEAR, vec![3.0; 51]);
        assert_eq!(Usual::of(&trap, Memory::All, None), None);
    }
}
