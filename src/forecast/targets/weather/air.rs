//! The recipe of one quantity in one product: what is known on a morning, and the season ahead.

use std::f64::consts::TAU;

use super::{HORIZONS, shift};
use crate::agronomy::et0::radiation::extraterrestrial_mj;
use crate::domain::PlaceId;
use crate::domain::time::date_of_epoch_day;
use crate::features::{Known, Panel};
use crate::forecast::recipe::{Column, Period, Recipe, Settings, Shrink, Step};

/// Every variable that a recipe reads.
pub(super) const INPUTS: [&str; 11] = [
    "temp_max_c",
    "temp_min_c",
    "humidity_mean_pct",
    "cloud_pct",
    "pressure_msl_hpa",
    "rain_mm",
    "wind_mean_m_s",
    "wind_max_m_s",
    "dew_point_c",
    "shortwave_mj_m2",
    "et0_mm",
];

/// Provinces of the south (since 2025), which share the delta's monsoon; the north has a winter.
const SOUTH: [&str; 8] = [
    "an_giang",
    "ca_mau",
    "can_tho",
    "dong_nai",
    "dong_thap",
    "ho_chi_minh",
    "tay_ninh",
    "vinh_long",
];

/// Days the reanalysis comes later than the next morning (data/reference/manifest.toml: five days
/// for ERA5; the product does not say which it is).
const PROVINCES_LATE_DAYS: i64 = 4;

/// Latitude the season's radiation is computed for: the middle of the delta.
const LAT_DEG: f64 = 10.0;

/// Days back whose departure from the newest value is given, and lengths of means.
const BACK: [usize; 7] = [1, 2, 3, 4, 5, 7, 10];
const MEANS: [usize; 4] = [5, 10, 20, 30];
/// Days read back.
const READ: usize = 30;
/// Harmonics of the year, where it was seen more than once.
const WAVES: usize = 3;

/// A quantity of the weather.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    HighestTemperature,
    LowestTemperature,
    Humidity,
    MeanWind,
    HighestWind,
    Radiation,
    Evapotranspiration,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::HighestTemperature => "tmax",
            Self::LowestTemperature => "tmin",
            Self::Humidity => "humidity",
            Self::MeanWind => "wind",
            Self::HighestWind => "wind_max",
            Self::Radiation => "radiation",
            Self::Evapotranspiration => "et0",
        }
    }

    pub const fn variable(self) -> &'static str {
        match self {
            Self::HighestTemperature => "temp_max_c",
            Self::LowestTemperature => "temp_min_c",
            Self::Humidity => "humidity_mean_pct",
            Self::MeanWind => "wind_mean_m_s",
            Self::HighestWind => "wind_max_m_s",
            Self::Radiation => "shortwave_mj_m2",
            Self::Evapotranspiration => "et0_mm",
        }
    }

    pub const fn unit(self) -> &'static str {
        match self {
            Self::HighestTemperature | Self::LowestTemperature => "degC",
            Self::Humidity => "%",
            Self::MeanWind | Self::HighestWind => "m/s",
            Self::Radiation => "MJ/m2",
            Self::Evapotranspiration => "mm",
        }
    }

    /// Hot weather begins at 35 °C, spraying stops at 4 m/s (shared/knowledge/agronomy.md, "Heat
    /// classes" and "Spraying" \[U\]).
    pub const fn thresholds(self) -> &'static [f64] {
        match self {
            Self::HighestTemperature => &[35.0],
            Self::MeanWind => &[4.0],
            _ => &[],
        }
    }

    const fn range(self) -> (f64, f64) {
        match self {
            Self::HighestTemperature | Self::LowestTemperature => {
                (f64::NEG_INFINITY, f64::INFINITY)
            }
            Self::Humidity => (0.0, 100.0),
            _ => (0.0, f64::INFINITY),
        }
    }
}

/// The recipe of a quantity in one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Air {
    kind: Kind,
    /// Kind of the product's places.
    places: &'static str,
    late_days: i64,
}

impl Air {
    /// Returns the recipe for the cities' product.
    pub const fn cities(kind: Kind) -> Self {
        Self { kind, places: "city", late_days: 0 }
    }

    /// Returns the recipe for the provinces' product.
    pub const fn provinces(kind: Kind) -> Self {
        Self { kind, places: "province", late_days: PROVINCES_LATE_DAYS }
    }

    /// Returns how many days later than the next morning a value is known.
    pub const fn late_days(&self) -> i64 {
        self.late_days
    }

    /// Returns the kind of the product's places.
    pub const fn places_kind(&self) -> &'static str {
        self.places
    }

    /// Returns the days ahead of today that an engine's horizon means; none for the days between a
    /// late value and today.
    pub fn real(&self, horizon: u8) -> Option<u8> {
        horizon.checked_sub(self.late_days as u8).filter(|h| *h > 0)
    }

    /// Returns whether a place belongs to the product.
    /// Returns the last horizon a model of its own is published at.
    ///
    /// The provinces' record is under a year: no model of it has seen the season that comes, and
    /// temperature and humidity drift with the season. Fitted on July to December, the lowest
    /// temperature of January to March was 11 % worse than persistence at 7 days and 48 % at 14,
    /// though it had won on the months held out; at 3 days it was better.
    pub fn trusted_until(&self) -> u8 {
        let drifts = matches!(
            self.kind,
            Kind::HighestTemperature | Kind::LowestTemperature | Kind::Humidity
        );
        if drifts && self.late_days > 0 { 3 } else { u8::MAX }
    }

    pub fn holds(&self, place: &PlaceId) -> bool {
        place.kind() == self.places && (self.years_seen() || SOUTH.contains(&place.id()))
    }

    /// Returns whether the product has seen seasons more than once.
    fn years_seen(&self) -> bool {
        self.late_days == 0
    }
}

impl Recipe for Air {
    type Days = ();

    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn variable(&self) -> &'static str {
        self.kind.variable()
    }

    fn unit(&self) -> &'static str {
        self.kind.unit()
    }

    fn inputs(&self) -> &'static [&'static str] {
        &INPUTS
    }

    /// In the engine's eyes a late value is yesterday's (see [`shift`]), so the days between count
    /// as days ahead.
    fn horizons(&self) -> u8 {
        HORIZONS + self.late_days as u8
    }

    fn range(&self) -> (f64, f64) {
        self.kind.range()
    }

    fn thresholds(&self) -> &'static [f64] {
        self.kind.thresholds()
    }

    fn places(&self, panel: &Panel) -> Vec<PlaceId> {
        let all = panel.places_of(self.kind.variable());
        all.filter(|place| self.holds(place)).cloned().collect()
    }

    fn settings(&self) -> Settings {
        let common = Settings { trees: None, ..Settings::default() };
        if self.years_seen() {
            let shrink: &[Shrink] = &[Shrink { pooled: 100.0, place: 1_000.0 }];
            return Settings { held_out: 3, shrink, ..common };
        }
        let shrink: &[Shrink] = &[Shrink { pooled: 30.0, place: 3_000.0 }];
        // Without a year behind it "the same day last year" is nothing.
        let none: &[(&str, i64)] = &[];
        Settings { period: Period::Month, held_out: 4, lag_baselines: none, shrink, ..common }
    }

    fn origin_columns(&self) -> Vec<Column> {
        let own = "own history";
        let mut columns: Vec<Column> =
            MEANS.map(|n| Column::all(own, format!("own mean of {n}"))).into();
        columns.push(Column::all("neighbours", "all places less own"));
        if !self.years_seen() {
            return columns;
        }
        columns.push(Column::all("neighbours", "all places change over 1"));
        columns.push(Column::all("neighbours", "all places change over 3"));
        columns.push(Column::all(own, "own"));
        columns.extend(BACK.map(|k| Column::all(own, format!("own {k} back"))));
        for variable in INPUTS {
            columns.push(Column::all("other quantities", variable));
            columns.push(Column::all("other quantities", format!("{variable} less mean of 5")));
        }
        columns
    }

    fn ahead_columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        if self.years_seen() {
            columns.push(Column::all("season", "radiation above the air"));
            for wave in 1..=WAVES {
                columns.push(Column::linear("season", format!("sin {wave}")));
                columns.push(Column::linear("season", format!("cos {wave}")));
            }
        }
        columns
    }

    fn days(&self, _first: i64, _last: i64) -> Self::Days {}

    fn origin(&self, known: &Known<'_>, place: &PlaceId, out: &mut Vec<f64>) {
        let newest = known.today() - 1;
        let past: [f64; READ] = known.series(self.kind.variable(), place).window(newest);
        let own = past[0];
        out.extend(MEANS.map(|n| mean(&past[..n]) - own));
        let all = |day: i64| {
            let places = known.places_of(self.kind.variable()).filter(|p| self.holds(p));
            let values = places.filter_map(|p| known.series(self.kind.variable(), p).on(day));
            let (sum, n) = values.fold((0.0, 0_u32), |(sum, n), v| (sum + v, n + 1));
            if n > 0 { sum / f64::from(n) } else { f64::NAN }
        };
        let here = all(newest);
        out.push(here - own);
        if !self.years_seen() {
            return;
        }
        out.extend([here - all(newest - 1), here - all(newest - 3), own]);
        out.extend(BACK.map(|k| past[k] - own));
        for variable in INPUTS {
            let past: [f64; 5] = known.series(variable, place).window(newest);
            let past = if variable == "rain_mm" { past.map(f64::ln_1p) } else { past };
            // Its own quantity is there already.
            let other = variable != self.kind.variable();
            let value = if other { past[0] } else { f64::NAN };
            out.extend([value, value - mean(&past)]);
        }
    }

    fn ahead(&self, _days: &Self::Days, step: &Step<'_>, out: &mut Vec<f64>) {
        if self.years_seen() {
            let day = date_of_epoch_day(shift::back(step.day, self.late_days)).day_of_year();
            out.push(extraterrestrial_mj(LAT_DEG, day.unsigned_abs()));
            for wave in 1..=WAVES {
                let (sin, cos) = (TAU * wave as f64 * f64::from(day) / 365.25).sin_cos();
                out.extend([sin, cos]);
            }
        }
    }
}

/// Returns the mean of the known values when at least half of them are known.
fn mean(values: &[f64]) -> f64 {
    let known = values.iter().filter(|v| v.is_finite());
    let (sum, n) = known.fold((0.0, 0), |(sum, n), v| (sum + v, n + 1));
    if 2 * n >= values.len() { sum / n as f64 } else { f64::NAN }
}
