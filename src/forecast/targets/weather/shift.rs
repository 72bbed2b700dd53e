//! A late product made punctual: its days are moved on by what it is late, so that the engine, which
//! starts from yesterday's value, starts from the newest there is.
//!
//! The days moved are an axis of their own: a forecast `late + h` days ahead on it speaks of the day
//! `h` days ahead. When each value became known stays as it was.

use super::air::Air;
use crate::domain::time::{IssuedAt, date_of_epoch_day};
use crate::features::{DailySeries, Known, Panel, SeriesKey};
use crate::forecast::ForecastError;
use crate::forecast::recipe::Recipe;

/// Days that an issue may look back on: a season of verified forecasts and what those read.
const LOOK_BACK_DAYS: i64 = 160;

/// Returns the day that a moved day was.
pub(super) const fn back(moved: i64, late_days: i64) -> i64 {
    moved - late_days
}

/// Returns the series that a late product's engine reads, with their days moved on, as known at a cut,
/// with the moment each became known. The cities that teach it are moved alike: only days ahead count.
pub(super) fn moved(panel: &Panel, air: &Air, cut: IssuedAt) -> Panel {
    let (at_us, late_days) = (cut.0.as_microsecond(), air.late_days());
    let series = panel.iter().filter_map(|(key, series)| {
        let key = air.read_as(key)?;
        let (first, last) = series.span().unwrap_or((0, -1));
        let row = |day| {
            let available = series.available_us(day, at_us)?;
            Some((day + late_days, available, series.at(day, at_us)?))
        };
        let rows: Vec<_> = (first..=last).filter_map(row).collect();
        Some((key, DailySeries::from_rows(&rows)))
    });
    series.collect()
}

/// Returns the same of what is known now, for an issue: the newest days, each taken to have become
/// known when the product usually is, so that the mornings before can be replayed. Nobody is taught
/// any more.
pub(super) fn moved_now(known: &Known<'_>, air: &Air) -> Result<Panel, ForecastError> {
    let (today, late_days) = (known.today(), air.late_days());
    let mut panel = Panel::default();
    for place in known.places_of(air.variable()).filter(|place| air.holds(place)) {
        let series = known.series(air.variable(), place);
        let mut rows = Vec::new();
        for day in today - LOOK_BACK_DAYS..today {
            let Some(value) = series.on(day) else { continue };
            let usual = IssuedAt::morning_of(date_of_epoch_day(day + late_days + 1))?;
            rows.push((day + late_days, usual.0.as_microsecond(), value));
        }
        let key = SeriesKey { variable: air.variable().into(), place: place.clone() };
        panel.insert(key, DailySeries::from_rows(&rows));
    }
    Ok(panel)
}
