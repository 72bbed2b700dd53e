//! One trap's weekly counts on log1p, as known at one moment, with what may not be believed told
//! apart. Nothing here changes what a forecast is scored against.
//!
//! Three things in the records are no counts. *Sudden zeros*: from a hundred thousand insects to
//! none within a week, for four to twelve weeks, in the season, for every pest of the station at
//! once: the trap stood still (Maruteru 1996, 1997, 1998, 2001, 2003). *Zeros before the first
//! insect*: Maruteru 1994, 48 weeks. *Repeated stretches*: weeks 23 to 52 of 2005 at Maruteru are
//! those of 2004, number by number, for every pest.

use super::weeks::{Week, YEAR, first_day};
use super::{COUNT, is_count};
use crate::domain::PlaceId;
use crate::features::Known;

/// The first week looked for: the oldest counts of the archive are of 1959.
const START: Week = 1959 * YEAR;

/// Least count (log1p of 50) from which a fall to zero within one week is not believed: below it
/// such falls are followed by counts as often as by zeros.
const FALL_FROM: f64 = 3.93;

/// Usual level (log1p of 20) of the weeks around below which a zero is the season's and no fault.
const SEASON_MIN: f64 = 3.04;

/// Weeks on each side that tell the usual level of the season.
const SEASON_WEEKS: usize = 2;

/// Weeks of a year, as a distance in a record.
const YEAR_WEEKS: usize = 52;

/// Weeks for which the last count that can be believed stands in for those missing.
const CARRY_WEEKS: usize = 8;

/// Counts above zero in a row that equal those of the year before, from which they are a copy.
const COPY_MIN: usize = 6;

/// One trap's record, from its first week on.
#[derive(Debug, Clone)]
pub(super) struct Trap {
    first: Week,
    /// log1p of the count; NaN where none is known.
    told: Vec<f64>,
    /// The same for use as an input: without sudden zeros, short gaps bridged.
    believed: Vec<f64>,
    /// Whether a week may teach.
    teaches: Vec<bool>,
    /// Whether it was plain on the week's own morning that it repeats the year before.
    repeats: Vec<bool>,
}

impl Trap {
    /// Returns what was known of a trap before the week `until`, up to its last count; `None` without any count.
    pub fn read(known: &Known<'_>, place: &PlaceId, until: Week) -> Option<Self> {
        let series = known.series(COUNT, place);
        let count = |week| series.on(first_day(week)).filter(|count| is_count(*count));
        let first = (START..until).find(|week| count(*week).is_some())?;
        let until = (first..until).rfind(|week| count(*week).is_some())? + 1;
        let told = |week| count(week).map_or(f64::NAN, f64::ln_1p);
        Some(Self::of(first, (first..until).map(told).collect()))
    }

    /// Returns the record of log1p counts from the week `first` on; NaN where none is known.
    pub fn of(first: Week, told: Vec<f64>) -> Self {
        let sudden = sudden_zeros(&told);
        let begun = told.iter().position(|v| *v > 0.0).unwrap_or(told.len());
        let (copied, repeats) = copies(&told);
        let teaches = (0..told.len())
            .map(|i| told[i].is_finite() && i >= begun && !sudden[i] && !copied[i])
            .collect();
        let mut believed = told.clone();
        let mut since = CARRY_WEEKS;
        for i in 0..believed.len() {
            if believed[i].is_finite() && !sudden[i] {
                since = 0;
                continue;
            }
            since += 1;
            let bridge = i > 0 && since <= CARRY_WEEKS;
            believed[i] = if bridge { believed[i - 1] } else { f64::NAN };
        }
        Self { first, told, believed, teaches, repeats }
    }

    /// Returns the part known before the week `until`.
    pub fn before(&self, until: Week) -> Option<Self> {
        let length = usize::try_from(until - self.first).ok()?.min(self.told.len());
        let told = self.told[..length].to_vec();
        told.iter().any(|v| v.is_finite()).then(|| Self::of(self.first, told))
    }

    /// Returns the weeks of the record.
    pub fn weeks(&self) -> std::ops::Range<Week> {
        self.first..self.first + Week::try_from(self.told.len()).unwrap_or(0)
    }

    /// Returns the log1p count of a week as it was told.
    pub fn told(&self, week: Week) -> Option<f64> {
        self.at(&self.told, week)
    }

    /// Returns the log1p count of a week as an input: sudden zeros and short gaps bridged.
    pub fn believed(&self, week: Week) -> Option<f64> {
        self.at(&self.believed, week)
    }

    /// Returns whether the count of a week is known and can be believed, so that one may forecast
    /// from it.
    pub fn trusts(&self, week: Week) -> bool {
        let repeats = self.flag(&self.repeats, week);
        !repeats && self.told(week).is_some() && self.told(week) == self.believed(week)
    }

    /// Returns whether the count of a week may teach, and errors of forecasts of it count.
    pub fn teaches(&self, week: Week) -> bool {
        self.flag(&self.teaches, week)
    }

    /// Returns week and log1p count of all weeks that teach.
    pub fn lessons(&self) -> impl Iterator<Item = (Week, f64)> {
        let weeks = (self.first..).zip(&self.told).zip(&self.teaches);
        weeks.filter(|(_, teaches)| **teaches).map(|((week, value), _)| (week, *value))
    }

    /// Returns the mean input of the `weeks` up to `week`, of those known.
    pub fn mean(&self, week: Week, weeks: Week) -> Option<f64> {
        let known = (week - weeks + 1..=week).filter_map(|week| self.believed(week));
        let (sum, n) = known.fold((0.0, 0_u32), |(sum, n), v| (sum + v, n + 1));
        (n > 0).then(|| sum / f64::from(n))
    }

    fn flag(&self, flags: &[bool], week: Week) -> bool {
        let index = usize::try_from(week - self.first).ok();
        index.and_then(|i| flags.get(i)).is_some_and(|flag| *flag)
    }

    fn at(&self, values: &[f64], week: Week) -> Option<f64> {
        let value = *values.get(usize::try_from(week - self.first).ok()?)?;
        value.is_finite().then_some(value)
    }
}

/// Returns which zeros follow a high count by one week, in a season that is no season of zeros.
/// Each is judged by what was told before it.
fn sudden_zeros(told: &[f64]) -> Vec<bool> {
    let mut sudden = vec![false; told.len()];
    let mut in_run = false;
    for i in 1..told.len() {
        if told[i].is_nan() {
            continue;
        }
        let falls = told[i] == 0.0 && (in_run || told[i - 1] >= FALL_FROM);
        in_run = falls && usual_before(told, i).is_none_or(|usual| usual >= SEASON_MIN);
        sudden[i] = in_run;
    }
    sudden
}

/// Returns the median of the weeks around the same week in earlier years.
fn usual_before(told: &[f64], index: usize) -> Option<f64> {
    let mut values = Vec::new();
    for same_week in (0..index).rev().skip(YEAR_WEEKS - 1).step_by(YEAR_WEEKS) {
        let from = same_week.saturating_sub(SEASON_WEEKS);
        values.extend(told[from..=same_week + SEASON_WEEKS].iter().filter(|v| v.is_finite()));
    }
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Returns which weeks belong to a stretch that repeats the year before, and in which of them that
/// was plain from what had been told by then.
fn copies(told: &[f64]) -> (Vec<bool>, Vec<bool>) {
    let (mut copied, mut plain) = (vec![false; told.len()], vec![false; told.len()]);
    let mut begin = YEAR_WEEKS;
    while begin < told.len() {
        let repeats = |i: &usize| *i < told.len() && told[*i] == told[*i - YEAR_WEEKS];
        let end = (begin..).find(|i| !repeats(i)).unwrap_or(told.len());
        let counts = (begin..end).filter(|i| told[*i] > 0.0);
        if let Some(noticed) = counts.clone().nth(COPY_MIN - 1) {
            copied[begin..end].fill(true);
            plain[noticed..end].fill(true);
        }
        begin = end + 1;
    }
    (copied, plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Week = 2000 * YEAR;

    /// Two years of counts that rise and fall, never the same in both.
    fn two_years() -> Vec<f64> {
        let level = |i: u32| 6.0 + 2.0 * (f64::from(i) / 8.0).sin() + f64::from(i) / 100.0;
        (0..104).map(level).collect()
    }

    #[test]
    fn a_sudden_zero_is_told_but_neither_believed_nor_taught() {
        let mut told = two_years();
        told[70..74].fill(0.0);
        let before = told[69];
        let trap = Trap::of(FIRST, told);
        for week in FIRST + 70..FIRST + 74 {
            assert_eq!((trap.told(week), trap.teaches(week)), (Some(0.0), false));
            assert_eq!((trap.believed(week), trap.trusts(week)), (Some(before), false));
        }
        assert!(trap.teaches(FIRST + 69) && trap.teaches(FIRST + 74));
        assert_eq!(trap.lessons().count(), 100);
    }

    #[test]
    fn zeros_of_a_season_without_the_pest_are_counts() {
        let mut told = two_years();
        told[18..22].fill(0.0);
        told[70..74].fill(0.0);
        let trap = Trap::of(FIRST, told);
        assert!((FIRST + 70..FIRST + 74).all(|week| trap.teaches(week)));
        assert_eq!(trap.believed(FIRST + 70), Some(0.0));
    }

    #[test]
    fn a_year_that_repeats_the_one_before_teaches_once() {
        let mut told = two_years();
        for i in 80..90 {
            told[i] = told[i - 52];
        }
        // Three equal counts in a row may be chance.
        for i in 60..63 {
            told[i] = told[i - 52];
        }
        let trap = Trap::of(FIRST, told);
        assert!((FIRST + 28..FIRST + 38).all(|week| trap.teaches(week)));
        assert!((FIRST + 80..FIRST + 90).all(|week| !trap.teaches(week)));
        assert!((FIRST + 60..FIRST + 63).all(|week| trap.teaches(week)));
        assert!(trap.believed(FIRST + 85).is_some());
        // Nobody forecasts from it once it is plain: from the sixth equal count on, until the last.
        let trusted = (FIRST + 78..FIRST + 92).filter(|week| trap.trusts(*week));
        let expected = (FIRST + 78..FIRST + 85).chain(FIRST + 90..FIRST + 92);
        assert!(trusted.eq(expected));
    }

    #[test]
    fn zeros_before_the_first_insect_do_not_teach() {
        let mut told = two_years();
        told[..40].fill(0.0);
        let trap = Trap::of(FIRST, told);
        assert!(!trap.teaches(FIRST + 39) && trap.teaches(FIRST + 40));
    }

    #[test]
    fn a_gap_is_bridged_for_eight_weeks() {
        let mut told = two_years();
        told[30..45].fill(f64::NAN);
        let trap = Trap::of(FIRST, told);
        assert_eq!(trap.believed(FIRST + 37), trap.told(FIRST + 29));
        assert_eq!((trap.believed(FIRST + 38), trap.told(FIRST + 30)), (None, None));
    }

    #[test]
    fn what_is_believed_of_a_week_does_not_hang_on_later_weeks() {
        let mut told = two_years();
        told[70..74].fill(0.0);
        told[90] = 0.0;
        (60..68).for_each(|i| told[i] = told[i - 52]);
        let whole = Trap::of(FIRST, told);
        for until in FIRST + 55..FIRST + 104 {
            let part = whole.before(until).unwrap();
            assert!((FIRST..until).all(|week| part.believed(week) == whole.believed(week)));
            assert!((FIRST..until).all(|week| part.trusts(week) == whole.trusts(week)));
        }
    }
}
