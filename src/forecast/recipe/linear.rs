//! Ridge regressions: one solution for all places, and each place's departure from it.

use std::collections::BTreeMap;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::archive::{Archive, History, Origin};
use super::impute::{Filler, FillerSums};
use super::{Ground, Shrink, Step};
use crate::domain::PlaceId;
use crate::forecast::learn::LearnError;
use crate::forecast::learn::normal::Normal;

/// A column whose variance is below this share of its square is constant but for rounding.
const CONSTANT_SHARE: f64 = 1e-12;
/// Share of the rows that the level bears as a penalty: none, but the sums must be solvable.
const FREE_SHARE: f64 = 1e-6;

/// Sums of one place at one horizon.
#[derive(Debug, Clone)]
struct Sums {
    normal: Normal,
    rows: f64,
    columns: Vec<(f64, f64)>,
    squared_departures: f64,
}

/// Sums of one place up to a block.
#[derive(Debug)]
struct PlaceSums {
    next: i32,
    horizons: Vec<Sums>,
    filler: FillerSums,
    level: (f64, f64),
}

/// Sums over the blocks so far.
#[derive(Debug, Default)]
pub(super) struct RidgeSums(BTreeMap<PlaceId, PlaceSums>);

/// The columns of one day ahead for the linear candidates, the level last.
pub(super) fn columns(
    ground: &Ground<'_>,
    step: &Step<'_>,
    full: &mut Vec<f64>,
    out: &mut Vec<f64>,
) {
    full.clear();
    full.extend_from_slice(step.origin);
    (ground.ahead)(step, full);
    debug_assert_eq!(full.len(), ground.layout.width, "{}: one number a column", ground.name);
    // What no filler could know, a day ahead that is not known, counts as zero.
    out.extend(
        ground.layout.linear.iter().map(|i| if full[*i].is_finite() { full[*i] } else { 0.0 }),
    );
    out.push(1.0);
}

impl RidgeSums {
    /// Brings the sums of all places up to the blocks before `block`.
    pub fn advance(&mut self, ground: &Ground<'_>, archive: &Archive, block: i32) {
        let width = ground.layout.linear.len() + 1;
        for history in &archive.histories {
            let sums = self.0.entry(history.place.clone()).or_insert_with(|| PlaceSums {
                next: i32::MIN,
                horizons: vec![Sums::new(width); ground.horizons],
                filler: FillerSums::new(ground.layout.origin),
                level: (0.0, 0.0),
            });
            let next = sums.next;
            for block in archive.blocks_before(block).filter(|b| *b >= next) {
                sums.add(ground, history, block);
            }
            sums.next = sums.next.max(block);
        }
    }

    /// Returns the forecasts that fell due so far, over all places and horizons.
    pub fn rows(&self) -> usize {
        self.0.values().flat_map(|p| &p.horizons).map(|s| s.rows as usize).sum()
    }

    /// Returns the ridges, one for each pair of penalties.
    pub fn solve(&self, ground: &Ground<'_>) -> Result<Vec<Ridge>, LearnError> {
        let width = ground.layout.linear.len() + 1;
        let pooled: Vec<Sums> = (0..ground.horizons)
            .map(|k| {
                let mut all = Sums::new(width);
                self.0.values().for_each(|place| all.merge(&place.horizons[k]));
                all
            })
            .collect();
        let (shrink, stays) = (ground.settings.shrink, ground.settings.level);
        shrink.iter().map(|shrink| self.ridge(&pooled, *shrink, stays)).collect()
    }

    fn ridge(&self, pooled: &[Sums], shrink: Shrink, stays: f64) -> Result<Ridge, LearnError> {
        let everyone = pooled
            .iter()
            .map(|sums| sums.normal.solve(&sums.penalty(shrink.pooled, stays), None))
            .collect::<Result<Vec<_>, _>>()?;
        let mut places = BTreeMap::new();
        for (place, sums) in self.0.iter().filter(|(_, sums)| sums.horizons[0].rows > 0.0) {
            let own = sums.horizons.iter().zip(pooled).zip(&everyone);
            let own = own.map(|((own, all), prior)| {
                own.normal.solve(&all.penalty(shrink.place, stays), Some(prior))
            });
            places.insert(place.clone(), own.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Ridge { everyone, places })
    }

    /// Returns what fills the gaps at each place that has rows, and at all others.
    pub fn fillers(&self) -> BTreeMap<PlaceId, Filler> {
        let known = self.0.iter().filter(|(_, sums)| sums.horizons[0].rows > 0.0);
        known.map(|(place, sums)| (place.clone(), sums.filler.filler())).collect()
    }

    /// Returns by place the mean level and, by horizon, the size of departures from the newest
    /// value; last those of all places.
    pub fn sizes(&self) -> (BTreeMap<PlaceId, Size>, Vec<f64>) {
        let size = |squares: f64, rows: f64| (squares / rows.max(1.0)).sqrt();
        let places = self.0.iter().filter(|(_, sums)| sums.horizons[0].rows > 0.0);
        let places = places.map(|(place, sums)| {
            let spreads = sums.horizons.iter().map(|s| size(s.squared_departures, s.rows));
            let level = sums.level.0 / sums.level.1.max(1.0);
            (place.clone(), Size { level, spreads: spreads.collect() })
        });
        let horizons = self.0.values().next().map_or(0, |p| p.horizons.len());
        let all = |k: usize| {
            let sums = self.0.values().map(|p| &p.horizons[k]);
            let (squares, rows) =
                sums.fold((0.0, 0.0), |(a, b), s| (a + s.squared_departures, b + s.rows));
            size(squares, rows)
        };
        (places.collect(), (0..horizons).map(all).collect())
    }
}

/// How large the values of a place are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Size {
    /// Mean value, scaled.
    pub level: f64,
    /// Root mean square of the departures from the newest value by horizon, scaled.
    pub spreads: Vec<f64>,
}

impl PlaceSums {
    /// Adds all forecasts whose day fell in a block.
    fn add(&mut self, ground: &Ground<'_>, history: &History, block: i32) {
        let period = ground.settings.period;
        let (first, end) = (period.first_day(block), period.first_day(block + 1));
        let mut origins =
            history.origins_between(first - ground.horizons as i64, end - 1).peekable();
        if origins.peek().is_none() {
            return;
        }
        let width = ground.layout.linear.len() + 1;
        let mut rows = vec![Vec::new(); ground.horizons];
        let mut targets = vec![Vec::new(); ground.horizons];
        let (mut filler, mut full): (Option<Filler>, _) = (None, Vec::new());
        for origin in origins {
            let filled = fill(origin, || self.filler.filler(), &mut filler);
            for k in 0..ground.horizons {
                let horizon = k as i64 + 1;
                let day = origin.day + horizon;
                let Some(outcome) = history.truth.on(day).filter(|_| (first..end).contains(&day))
                else {
                    continue;
                };
                let (place, newest) = (&history.place, origin.day);
                let step = Step { place, newest, horizon, day, origin: &filled };
                columns(ground, &step, &mut full, &mut rows[k]);
                targets[k].push(outcome - ground.carried(origin.own, newest, day));
            }
        }
        for origin in history.origins(block) {
            self.filler.add(&origin.row);
            self.level = (self.level.0 + origin.own, self.level.1 + 1.0);
        }
        for ((sums, rows), targets) in self.horizons.iter_mut().zip(rows).zip(targets) {
            if let Ok(rows) = Array2::from_shape_vec((targets.len(), width), rows) {
                sums.age(ground.settings.ageing);
                sums.add(&rows, &targets);
            }
        }
    }
}

/// Returns the origin's columns with gaps filled; the filler is made only when it is needed.
pub(super) fn fill(
    origin: &Origin,
    make: impl FnOnce() -> Filler,
    kept: &mut Option<Filler>,
) -> Vec<f64> {
    let mut row = origin.row.clone();
    if row.iter().any(|v| !v.is_finite()) {
        kept.get_or_insert_with(make).fill(&mut row);
    }
    row
}

impl Sums {
    fn new(width: usize) -> Self {
        let columns = vec![(0.0, 0.0); width];
        Self { normal: Normal::new(width), rows: 0.0, columns, squared_departures: 0.0 }
    }

    fn age(&mut self, factor: f64) {
        if factor < 1.0 {
            self.normal.age(factor);
            self.rows *= factor;
            self.squared_departures *= factor;
            self.columns.iter_mut().for_each(|(a, b)| (*a, *b) = (*a * factor, *b * factor));
        }
    }

    fn add(&mut self, rows: &Array2<f64>, targets: &[f64]) {
        self.normal.add(rows.view(), targets);
        self.rows += targets.len() as f64;
        self.squared_departures += targets.iter().map(|t| t * t).sum::<f64>();
        for ((sum, square), column) in self.columns.iter_mut().zip(rows.columns()) {
            *sum += column.sum();
            *square += column.dot(&column);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.normal.merge(&other.normal);
        self.rows += other.rows;
        self.squared_departures += other.squared_departures;
        for ((sum, square), (a, b)) in self.columns.iter_mut().zip(&other.columns) {
            *sum += a;
            *square += b;
        }
    }

    /// Returns the penalty of each column: in its variance, so that units do not matter; of the level
    /// `stays`, or next to none.
    fn penalty(&self, strength: f64, stays: f64) -> Vec<f64> {
        let rows = self.rows.max(1.0);
        let level = self.columns.len() - 1;
        let column = |(i, (sum, square)): (usize, &(f64, f64))| {
            let mean = sum / rows;
            let variance = square / rows - mean * mean;
            if i == level {
                stays.max(FREE_SHARE * rows)
            } else if variance <= CONSTANT_SHARE * mean * mean || variance <= f64::MIN_POSITIVE {
                rows * (1.0 + mean * mean) / CONSTANT_SHARE
            } else {
                strength * variance
            }
        };
        self.columns.iter().enumerate().map(column).collect()
    }
}

/// One ridge: coefficients by horizon for every place, and for each place that was learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Ridge {
    everyone: Vec<Vec<f64>>,
    places: BTreeMap<PlaceId, Vec<Vec<f64>>>,
}

impl Ridge {
    /// Returns the coefficients by horizon for a place, the level last.
    pub fn coefficients(&self, place: &PlaceId) -> &[Vec<f64>] {
        self.places.get(place).unwrap_or(&self.everyone)
    }

    /// Returns whether the lengths are those of a layout.
    pub fn fits(&self, horizons: usize, width: usize) -> bool {
        let good = |c: &Vec<Vec<f64>>| c.len() == horizons && c.iter().all(|c| c.len() == width);
        good(&self.everyone) && self.places.values().all(good)
    }
}
