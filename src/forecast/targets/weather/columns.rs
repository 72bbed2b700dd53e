//! The columns of a recipe of the weather: what is known on a morning, and the season ahead.

use std::f64::consts::TAU;

use super::air::{Air, DIRECTION, OF_CITIES, SPEED};
use super::kind::Season;
use super::shift;
use crate::agronomy::et0::radiation::extraterrestrial_mj;
use crate::domain::PlaceId;
use crate::domain::time::date_of_epoch_day;
use crate::features::Known;
use crate::forecast::recipe::{Column, Recipe as _, Step};

/// Latitude the season's radiation is computed for: the middle of the delta.
const LAT_DEG: f64 = 10.0;

/// Days back whose departure from the newest value is given, and lengths of means.
const BACK: [usize; 7] = [1, 2, 3, 4, 5, 7, 10];
const MEANS: [usize; 4] = [5, 10, 20, 30];
/// Days read back.
const READ: usize = 30;
/// Harmonics of the year, where it was seen more than once, and where it is the cities' year that
/// is told to the provinces: the less of its detail is carried over the better.
const WAVES: usize = 3;
const WAVES_LENT: usize = 2;

impl Air {
    /// Returns the columns of what is known on a morning.
    pub(super) fn known_columns(&self) -> Vec<Column> {
        let own = "own history";
        let mut columns: Vec<Column> =
            MEANS.map(|n| Column::all(own, format!("own mean of {n}"))).into();
        columns.push(Column::all("neighbours", "all places less own"));
        if self.season() != Season::Seen {
            return columns;
        }
        columns.push(Column::all("neighbours", "all places change over 1"));
        columns.push(Column::all("neighbours", "all places change over 3"));
        columns.push(Column::all(own, "own"));
        columns.extend(BACK.map(|k| Column::all(own, format!("own {k} back"))));
        for variable in self.others() {
            columns.push(Column::all("other quantities", variable));
            columns.push(Column::all("other quantities", format!("{variable} less mean of 5")));
            columns.push(Column::all("the region's air", format!("all places {variable}")));
        }
        for part in ["east", "north"] {
            columns.push(Column::all("other quantities", format!("wind to the {part}")));
            columns.push(Column::all("the region's air", format!("all places wind to the {part}")));
        }
        columns
    }

    /// Returns the columns of the season of the day ahead.
    pub(super) fn season_columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        if self.season() == Season::Seen {
            columns.push(Column::all("season", "radiation above the air"));
        }
        for wave in 1..=self.waves() {
            columns.push(Column::linear("season", format!("sin {wave}")));
            columns.push(Column::linear("season", format!("cos {wave}")));
        }
        columns
    }

    /// Adds what is known on a morning at a place.
    pub(super) fn known(&self, known: &Known<'_>, place: &PlaceId, out: &mut Vec<f64>) {
        let newest = known.today() - 1;
        let mut past: [f64; READ] = known.series(self.kind.variable(), place).window(newest);
        let days = (0..).map(|back| newest - back);
        past.iter_mut().zip(days).for_each(|(value, day)| *value -= self.usual(day));
        let own = past[0];
        out.extend(MEANS.map(|n| mean(&past[..n]) - own));
        let all = |day| self.all_places(known, self.kind.variable(), place, day);
        let here = all(newest);
        out.push(here - self.usual(newest) - own);
        if self.season() != Season::Seen {
            return;
        }
        out.extend([here - all(newest - 1), here - all(newest - 3), own]);
        out.extend(BACK.map(|k| past[k] - own));
        for variable in self.others() {
            let past: [f64; 5] = known.series(variable, place).window(newest);
            let scaled = |value: f64| if variable == "rain_mm" { value.ln_1p() } else { value };
            let past = past.map(scaled);
            let all = scaled(self.all_places(known, variable, place, newest));
            out.extend([past[0], past[0] - mean(&past), all]);
        }
        let [here, all] = self.wind(known, place, newest);
        out.extend([here.0, all.0, here.1, all.1]);
    }

    /// Adds the season of the day ahead.
    pub(super) fn season_ahead(&self, step: &Step<'_>, out: &mut Vec<f64>) {
        let day = date_of_epoch_day(shift::back(step.day, self.late_days())).day_of_year();
        if self.season() == Season::Seen {
            out.push(extraterrestrial_mj(LAT_DEG, day.unsigned_abs()));
        }
        for wave in 1..=self.waves() {
            let (sin, cos) = (TAU * wave as f64 * f64::from(day) / 365.25).sin_cos();
            out.extend([sin, cos]);
        }
    }

    /// Returns the harmonics of the year that are read.
    fn waves(&self) -> usize {
        match self.season() {
            Season::Seen => WAVES,
            Season::Cities => WAVES_LENT,
            Season::Untold | Season::Temperature => 0,
        }
    }

    /// Returns the cities' other quantities.
    fn others(&self) -> impl Iterator<Item = &'static str> {
        OF_CITIES.into_iter().filter(|variable| *variable != self.kind.variable())
    }

    /// Returns the mean of a day over all places of the product; NaN of none.
    fn all_places(&self, known: &Known<'_>, variable: &str, place: &PlaceId, day: i64) -> f64 {
        let places = known.places_of(variable).filter(|other| self.beside(place, other));
        average(places.filter_map(|other| known.series(variable, other).on(day)))
    }

    /// Returns the wind to the east and to the north (m/s) of a day, at a place and over all places.
    fn wind(&self, known: &Known<'_>, place: &PlaceId, day: i64) -> [(f64, f64); 2] {
        let at = |place: &PlaceId| {
            let speed = known.series(SPEED, place).on(day)?;
            let (sin, cos) = known.series(DIRECTION, place).on(day)?.to_radians().sin_cos();
            Some((-speed * sin, -speed * cos))
        };
        let places = known.places_of(SPEED).filter(|other| self.beside(place, other));
        let all: Vec<(f64, f64)> = places.filter_map(at).collect();
        let parts = [|w: &(f64, f64)| w.0, |w: &(f64, f64)| w.1];
        let [east, north] = parts.map(|part| average(all.iter().map(part)));
        [at(place).unwrap_or((f64::NAN, f64::NAN)), (east, north)]
    }
}

/// Returns the mean of values; NaN of none.
fn average(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0_u32), |(sum, n), value| (sum + value, n + 1));
    if n > 0 { sum / f64::from(n) } else { f64::NAN }
}

/// Returns the mean of the known values when at least half of them are known.
fn mean(values: &[f64]) -> f64 {
    let known = values.iter().filter(|v| v.is_finite());
    if known.clone().count() * 2 >= values.len() { average(known.copied()) } else { f64::NAN }
}
