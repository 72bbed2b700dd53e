//! The recipe of one quantity in one product: its places, who teaches it, how it is learned.

use super::kind::{Kind, Season};
use super::{HORIZONS, shift, usual};
use crate::domain::PlaceId;
use crate::features::{Known, Panel, SeriesKey};
use crate::forecast::recipe::{Column, Period, Recipe, Settings, Shrink, Step};

/// Every variable that a recipe reads.
pub(super) const INPUTS: [&str; 11] = [
    "temp_max_c",
    "temp_min_c",
    "humidity_mean_pct",
    "cloud_pct",
    "pressure_msl_hpa",
    "rain_mm",
    SPEED,
    DIRECTION,
    "wind_max_m_s",
    "shortwave_mj_m2",
    "et0_mm",
];

/// What the cities have; their wind has a direction too.
pub(super) const OF_CITIES: [&str; 7] = [
    "temp_max_c",
    "temp_min_c",
    "humidity_mean_pct",
    "cloud_pct",
    "pressure_msl_hpa",
    "rain_mm",
    SPEED,
];
pub(super) const SPEED: &str = "wind_mean_m_s";
pub(super) const DIRECTION: &str = "wind_direction_deg";
/// Kind of the places with years of record.
const CITY: &str = "city";

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

/// Forecasts that the belief in a level which stays weighs against in a record under a year: what
/// these months rose or fell by is the season's, and the next months' season is another.
const LEVEL_STAYS: f64 = 3_000.0;

/// The recipe of a quantity in one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Air {
    pub(super) kind: Kind,
    /// Kind of the product's places.
    places: &'static str,
    late_days: i64,
}

impl Air {
    /// Returns the recipe for the cities' product.
    pub const fn cities(kind: Kind) -> Self {
        Self { kind, places: CITY, late_days: 0 }
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
    pub fn holds(&self, place: &PlaceId) -> bool {
        place.kind() == self.places && (self.years_seen() || SOUTH.contains(&place.id()))
    }

    /// Returns the steps in which the product tells the quantity; none where they are fine.
    pub fn step(&self) -> Option<f64> {
        if self.years_seen() { self.kind.city_step() } else { None }
    }

    /// Returns under which key the engine of a late product reads a series: one of its own, or of a
    /// city that teaches it; `None` for one it does not read.
    pub fn read_as(&self, key: &SeriesKey) -> Option<SeriesKey> {
        let own = self.holds(&key.place) && *key.variable == *self.kind.variable();
        let taught = self.is_teacher(&key.place) && self.kind.taught_by() == Some(&key.variable);
        (own || taught)
            .then(|| SeriesKey { variable: self.kind.variable().into(), place: key.place.clone() })
    }

    /// Returns whether a place only teaches: a city, where the record is young.
    fn is_teacher(&self, place: &PlaceId) -> bool {
        !self.years_seen() && self.kind.taught_by().is_some() && place.kind() == CITY
    }

    /// Returns whether a place is one of the same product as another.
    pub fn beside(&self, place: &PlaceId, other: &PlaceId) -> bool {
        place.kind() == other.kind() && (self.holds(other) || self.is_teacher(other))
    }

    /// Returns what the record tells of the season, or is told of it.
    pub const fn season(&self) -> Season {
        if self.years_seen() { Season::Seen } else { self.kind.season() }
    }

    /// Returns whether the product has seen seasons more than once.
    const fn years_seen(&self) -> bool {
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
        all.filter(|place| self.holds(place) || self.is_teacher(place)).cloned().collect()
    }

    fn issues_for(&self, place: &PlaceId) -> bool {
        self.holds(place)
    }

    fn settings(&self) -> Settings {
        if self.years_seen() {
            let shrink: &[Shrink] = &[Shrink { pooled: 100.0, place: 1_000.0 }];
            return Settings { shrink, ..Settings::default() };
        }
        let shrink: &[Shrink] = &[Shrink { pooled: 30.0, place: 3_000.0 }];
        // Without a year behind it "the same day last year" is nothing.
        let (lag_baselines, period): (&[(&str, i64)], _) = (&[], Period::Month);
        // Who is taught by years of others can be judged on more of its own months.
        let taught = self.kind.taught_by().is_some();
        let held_out = if taught { 6 } else { 4 };
        let (level, trees) = (LEVEL_STAYS, None);
        let common = Settings::default();
        Settings { period, held_out, taught, lag_baselines, shrink, level, trees, ..common }
    }

    /// The product's own usual year. The cities' months of teaching do not stretch it to their year,
    /// which is another (the highest temperature's is twice as large there).
    fn usual(&self, day: i64) -> f64 {
        match self.season() {
            Season::Temperature => usual::temperature_c(shift::back(day, self.late_days)),
            Season::Seen | Season::Cities | Season::Untold => 0.0,
        }
    }

    fn origin_columns(&self) -> Vec<Column> {
        self.known_columns()
    }

    fn ahead_columns(&self) -> Vec<Column> {
        self.season_columns()
    }

    fn days(&self, _first: i64, _last: i64) -> Self::Days {}

    fn origin(&self, known: &Known<'_>, place: &PlaceId, out: &mut Vec<f64>) {
        self.known(known, place, out);
    }

    fn ahead(&self, _days: &Self::Days, step: &Step<'_>, out: &mut Vec<f64>) {
        self.season_ahead(step, out);
    }
}
