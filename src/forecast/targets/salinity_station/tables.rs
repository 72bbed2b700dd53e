//! The rows of the two boosters; what is missing is NaN there.

use super::morning::{Origin, season};
use super::tides::{FIGURES, SPECIES, Tides, figure};
use crate::domain::PlaceId;
use crate::domain::time::date_of_epoch_day;

/// Adds the row of the booster that forecasts departures from persistence. `station` is the
/// station's mean root salinity, the booster's only sign of which station it is; `mains` are the
/// stations whose newest values stand in columns of their own.
pub(super) fn differences(
    out: &mut Vec<f64>,
    (origin, station): (&Origin, f64),
    tides: &Tides,
    horizon: usize,
    mains: &[&PlaceId],
) {
    let day = origin.day + horizon as i64;
    let (own, river) = (origin.own, &origin.river);
    let (now, then) = (tides.raw(origin.day), tides.raw(day));
    out.extend([station, horizon as f64, own, origin.level, day_of_year(day)]);
    out.extend([1, 2, 3, 5, 7, 10, 14].map(|back| origin.past[back - 1]));
    out.extend(&origin.past[16..]);
    out.extend([15, 14, 29].map(|back| origin.on(day - back) - own));
    for level in 0..4 {
        out.extend([-3, -1, 0, 1, 3].map(|k| then[figure(level, k)]));
        if level != 1 {
            out.extend([-2, 0, 2].map(|k| now[figure(level, k)]));
        }
        out.push(then[figure(level, 0)] - now[figure(level, 0)]);
    }
    out.extend(&then[SPECIES..FIGURES]);
    out.extend([0, 1, 4, 5].map(|k| now[SPECIES + k]));
    out.extend(river.slow);
    out.push(river.my_thuan_7);
    out.extend(origin.neighbours);
    out.extend(mains.iter().map(|place| origin.newest_of(place) - own));
}

/// Adds the row of the booster that forecasts levels, lean so that it differs from the others.
pub(super) fn levels(
    out: &mut Vec<f64>,
    (origin, station): (&Origin, f64),
    tides: &Tides,
    horizon: usize,
    mains: &[&PlaceId],
) {
    let day = origin.day + horizon as i64;
    out.extend([station, horizon as f64]);
    out.extend([0, 1, 2, 3, 6, 13, 14].map(|back| origin.window[back]));
    out.push(origin.on(day - 15));
    let (now, then) = (tides.raw(origin.day), tides.raw(day));
    for level in [0, 2] {
        for back in [0, -2] {
            out.extend([now[figure(level, back)], then[figure(level, back)]]);
        }
    }
    out.extend(origin.river.flow);
    out.extend(origin.river.tan_chau);
    out.extend(&season(day)[..2]);
    out.extend(mains.iter().map(|place| origin.newest_of(place)));
}

fn day_of_year(day: i64) -> f64 {
    f64::from(date_of_epoch_day(day).day_of_year())
}
