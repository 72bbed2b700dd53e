//! All earlier mornings at all gauges, each with what was known then.

use ndarray::Array2;

use super::climate::Climate;
use super::morning::{Almanac, Region};
use super::{HORIZONS, RAIN};
use crate::domain::PlaceId;
use crate::domain::time::{IssuedAt, date_of_epoch_day};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;

/// What was measured, as it was known at a cut (mm), by gauge.
#[derive(Debug)]
pub(super) struct Truth {
    /// The gauges, in the order of their names.
    pub gauges: Vec<PlaceId>,
    /// First epoch day of the values.
    pub first: i64,
    /// The first epoch day not known.
    pub end: i64,
    values: Vec<Vec<f64>>,
}

impl Truth {
    /// Returns everything measured before the day of the cut.
    pub fn at(panel: &Panel, gauges: Vec<PlaceId>, cut: &Known<'_>) -> Self {
        let end = cut.today();
        let spans = gauges.iter().filter_map(|g| panel.get(RAIN, g)?.span());
        let first = spans.map(|(first, _)| first).min().unwrap_or(end).min(end);
        let value = |gauge: &PlaceId| {
            let series = cut.series(RAIN, gauge);
            (first..end).map(|day| series.on(day).unwrap_or(f64::NAN)).collect()
        };
        let values = gauges.iter().map(value).collect();
        Self { gauges, first, end, values }
    }

    /// Returns the amount of an epoch day (mm), NaN where none was known.
    pub fn on(&self, gauge: usize, day: i64) -> f64 {
        let index = usize::try_from(day - self.first).ok();
        index.and_then(|i| self.values[gauge].get(i)).copied().unwrap_or(f64::NAN)
    }
}

/// The mornings of a span of days, one row for each gauge whose newest day was known.
#[derive(Debug)]
pub(super) struct Mornings {
    /// Columns (rows = gauge × morning in the order of the days).
    pub rows: Array2<f64>,
    /// Gauge and newest epoch day of each row.
    pub of: Vec<(usize, i64)>,
}

impl Mornings {
    /// Returns the mornings of the epoch days `from..to`, seen with the eyes of a climate.
    pub fn read(
        panel: &Panel,
        truth: &Truth,
        climate: &Climate,
        (from, to): (i64, i64),
    ) -> Result<Self, ForecastError> {
        let almanac = Almanac::new(climate, &truth.gauges);
        let (mut values, mut of) = (Vec::new(), Vec::new());
        for today in from..to {
            let known = Known::at(panel, IssuedAt::morning_of(date_of_epoch_day(today))?);
            let region = Region::read(&known, &almanac);
            for (index, gauge) in truth.gauges.iter().enumerate() {
                if let Some(row) = region.row(&almanac, gauge) {
                    values.extend(row);
                    of.push((index, today - 1));
                }
            }
        }
        let rows = Array2::from_shape_vec((of.len(), almanac.columns()), values)
            .unwrap_or_else(|_| Array2::zeros((0, almanac.columns())));
        Ok(Self { rows, of })
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// Returns, for each row, the amount `lead` days after its newest day, where that day is before
    /// `end`; NaN otherwise.
    pub fn due(&self, truth: &Truth, lead: usize, end: i64) -> Vec<f64> {
        let due = |(gauge, newest): &(usize, i64)| {
            let day = newest + lead as i64;
            if day < end { truth.on(*gauge, day) } else { f64::NAN }
        };
        debug_assert!((1..=HORIZONS).contains(&lead), "leads are days ahead");
        self.of.iter().map(due).collect()
    }
}
