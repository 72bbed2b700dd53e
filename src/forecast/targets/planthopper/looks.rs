//! What a morning sees of a trap and a week ahead, as numbers for the models, on log1p.

use super::counts::Trap;
use super::usual::Usual;
use super::weeks::{Week, YEAR, angle};

/// Columns of the robust ridge.
pub(super) const RIDGE: [&str; 17] = [
    "count",
    "count_1_before",
    "count_2_before",
    "count_3_before",
    "mean_4",
    "mean_8",
    "usual_now",
    "usual_ahead",
    "above_usual_4",
    "above_usual_13",
    "above_usual_26",
    "above_usual_52",
    "year_sine",
    "year_cosine",
    "half_year_sine",
    "half_year_cosine",
    "last_year_ahead",
];

/// Columns of the trees; all but four against the usual level of the week ahead or of its own week.
pub(super) const TREES: [&str; 22] = [
    "count",
    "count_1_before",
    "count_2_before",
    "count_3_before",
    "mean_4",
    "mean_8",
    "mean_13",
    "usual_now",
    "usual_ahead",
    "above_usual",
    "above_usual_4",
    "above_usual_8",
    "above_usual_13",
    "above_usual_26",
    "above_usual_52",
    "horizon",
    "last_year_ahead",
    "year_before_last_ahead",
    "rise",
    "rise_before",
    "count_itself",
    "year_angle",
];

/// Share of this week's departure from the usual level that is left a week later; the trees learn
/// what is beyond that. 0.7 and 0.9 gave the same error on 1998-2001 within 1 %.
const LEFT_A_WEEK: f64 = 0.8;

/// One trap seen from one week, for one week ahead.
#[derive(Debug)]
pub(super) struct Look<'a> {
    trap: &'a Trap,
    usual: &'a Usual,
    origin: Week,
    horizon: u8,
    newest: f64,
}

impl<'a> Look<'a> {
    /// Returns the look from the week `origin`; `None` where no count near it can be believed.
    pub fn new(trap: &'a Trap, usual: &'a Usual, origin: Week, horizon: u8) -> Option<Self> {
        let newest = trap.believed(origin)?;
        Some(Self { trap, usual, origin, horizon, newest })
    }

    /// Returns the newest count that can be believed.
    pub fn newest(&self) -> f64 {
        self.newest
    }

    /// Returns the row of the robust ridge, in the order of [`RIDGE`].
    pub fn ridge(&self) -> [f64; 17] {
        let angle = angle(self.ahead());
        [
            self.newest,
            self.count(1),
            self.count(2),
            self.count(3),
            self.mean(4),
            self.mean(8),
            self.usual.median(self.origin),
            self.usual_ahead(),
            self.above(4),
            self.above(13),
            self.above(26),
            self.above(52),
            angle.sin(),
            angle.cos(),
            (2.0 * angle).sin(),
            (2.0 * angle).cos(),
            self.years_before(1),
        ]
    }

    /// Returns the row of the trees, in the order of [`TREES`].
    pub fn trees(&self) -> [f64; 22] {
        let usual = self.usual_ahead();
        [
            self.newest - usual,
            self.count(1) - usual,
            self.count(2) - usual,
            self.count(3) - usual,
            self.mean(4) - usual,
            self.mean(8) - usual,
            self.mean(13) - usual,
            self.usual.median(self.origin) - usual,
            usual,
            self.above(1),
            self.above(4),
            self.above(8),
            self.above(13),
            self.above(26),
            self.above(52),
            f64::from(self.horizon),
            self.years_before(1) - usual,
            self.years_before(2) - usual,
            self.newest - self.count(1),
            self.count(1) - self.count(2),
            self.newest,
            angle(self.ahead()),
        ]
    }

    /// Returns what the trees start from: the usual level, and what is left of the departure.
    pub fn start(&self) -> f64 {
        let left = LEFT_A_WEEK.powi(i32::from(self.horizon));
        self.usual_ahead() + left * self.above(1)
    }

    fn ahead(&self) -> Week {
        self.origin + Week::from(self.horizon)
    }

    fn usual_ahead(&self) -> f64 {
        self.usual.median(self.ahead())
    }

    /// Returns the count some weeks before the newest; the usual one ahead where it is unknown.
    fn count(&self, before: Week) -> f64 {
        self.trap.believed(self.origin - before).unwrap_or_else(|| self.usual_ahead())
    }

    fn mean(&self, weeks: Week) -> f64 {
        self.trap.mean(self.origin, weeks).unwrap_or_else(|| self.usual_ahead())
    }

    /// Returns by how much the counts of the last `weeks` were above their usual levels.
    fn above(&self, weeks: Week) -> f64 {
        let all = self.origin - weeks + 1..=self.origin;
        let above = all.filter_map(|w| Some(self.trap.believed(w)? - self.usual.median(w)));
        let (sum, n) = above.fold((0.0, 0_u32), |(sum, n), v| (sum + v, n + 1));
        if n == 0 { 0.0 } else { sum / f64::from(n) }
    }

    /// Returns the mean of the three weeks around the one ahead, some years before.
    fn years_before(&self, years: Week) -> f64 {
        let last = self.ahead() - years * YEAR + 1;
        self.trap.mean(last, 3).unwrap_or_else(|| self.usual_ahead())
    }
}
