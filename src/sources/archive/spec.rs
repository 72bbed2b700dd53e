//! The words of the manifest: what one set of files is, column by column, as plain data.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

pub use super::rules::{
    DeadRule, FlagRule, FlatRule, LineRule, OrderRule, RepeatRule, SkipRule, SpikeRule, StepRule,
    ZeroRule,
};

/// One set: the files that hold it and how each becomes rows of our tables.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetSpec {
    /// Short name, printed with the counts: `salinity.daily`.
    pub name: Arc<str>,
    /// Paths inside the archive folder; `*` stands for any characters but `/`.
    pub files: Vec<String>,
    /// What it is, in one sentence.
    pub about: String,
    /// Why the file is not imported, when it is only known.
    pub known: Option<String>,
    /// The `source` column of its rows; empty for known files.
    #[serde(default)]
    pub source: Arc<str>,
    /// How the bytes are read.
    #[serde(default)]
    pub format: Format,
    /// Which table its rows belong to.
    #[serde(default)]
    pub table: TableKind,
    /// Where the time stands.
    pub time: Option<TimeSpec>,
    /// Start and first publication of each season, for [`TimeSpec::Season`].
    #[serde(default)]
    pub season: BTreeMap<String, SeasonSpec>,
    /// Where the place stands.
    pub place: Option<PlaceSpec>,
    /// When anyone could have known a value.
    pub available: Option<Lag>,
    /// When a forecast was issued (guidance only).
    pub issued: Option<Lag>,
    /// The columns that hold values.
    #[serde(default)]
    pub value: Vec<ValueSpec>,
    /// Columns that are known and not stored.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Columns that must not be used, with the reason.
    #[serde(default)]
    pub exclude: BTreeMap<String, String>,
    /// Rows that are not data.
    #[serde(default)]
    pub skip: Vec<SkipRule>,
    /// Flags for rows that share a property.
    #[serde(default)]
    pub flag: Vec<FlagRule>,
    /// Columns of which one must never be below another.
    #[serde(default)]
    pub order: Vec<OrderRule>,
    /// How polls that repeat the reading before them are recognised.
    pub repeat: Option<RepeatRule>,
    /// How the places of the rows are described.
    pub describe: Option<DescribeSpec>,
    /// Places that no column describes.
    #[serde(default)]
    pub station: Vec<StationSpec>,
}

/// How the bytes of a file are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// UTF-8 CSV with one header row.
    #[default]
    Csv,
    /// The World Bank's monthly workbook.
    PinkSheetXlsx,
}

/// Which table the rows of a set belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// Measured or reported numbers.
    #[default]
    Observation,
    /// Other people's forecasts.
    Guidance,
    /// Descriptions of places.
    Place,
}

/// Where the time stands and what a stamp means.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum TimeSpec {
    /// A date; the value is true for that local day.
    Day {
        /// The column.
        column: String,
        /// How it is written (`%d-%m-%Y`); ISO when absent.
        layout: Option<String>,
        /// Days from the written date to the day the value is true for.
        #[serde(default)]
        shift_days: i64,
    },
    /// A date anywhere in the month the value is true for.
    Month {
        /// The column.
        column: String,
    },
    /// A single moment.
    Instant {
        /// The column.
        column: String,
        /// The zone of stamps that do not carry one, `+07:00`.
        zone: Option<String>,
    },
    /// A year.
    Year {
        /// The column.
        column: String,
    },
    /// Week 1 starts on 1 January, week n is 7 (n − 1) days later.
    Week {
        /// The column of the year.
        year: String,
        /// The column of the week, 1–53.
        week: String,
    },
    /// A crop season of a year.
    Season {
        /// The column of the year.
        year: String,
        /// The column of the season, a key of [`SetSpec::season`].
        season: String,
    },
    /// Three months named by their initials (`JFM`), on the centre month; the year follows from
    /// the month of issue.
    SeasonCentre {
        /// The column of the initials.
        season: String,
        /// The column of the month of issue (`2026-04`).
        issued: String,
    },
}

/// A season's start and first publication, counted from 1 January of its year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeasonSpec {
    /// First day of the sowing window.
    pub start: Lag,
    /// When its figures are first published.
    pub known: Lag,
}

/// A rule from one time to a later one: `{ months = 2, day = 10 }` is the tenth of the second
/// month after; parts are applied in the order of the fields.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lag {
    /// Count from this column (a date, a month or a moment) and not from the valid time.
    pub column: Option<String>,
    /// Count from the first of the month in these two columns (year, month).
    pub year_month: Option<[String; 2]>,
    /// Count from the date in the file's name: a pattern with one group of eight digits.
    pub file_date: Option<String>,
    /// Use the season's own `known` rule.
    #[serde(default)]
    pub season: bool,
    /// Years to add.
    #[serde(default)]
    pub years: i16,
    /// Month of the year to go to.
    pub month: Option<i8>,
    /// Months to add.
    #[serde(default)]
    pub months: i32,
    /// Day of the month to go to.
    pub day: Option<i8>,
    /// Working day (Monday to Friday) of the month to go to.
    pub working_day: Option<i8>,
    /// Days to add.
    #[serde(default)]
    pub days: i64,
    /// Time of the day, `07:00` when absent.
    pub at: Option<String>,
    /// The zone of `at`, `+07:00` when absent.
    pub zone: Option<String>,
    /// Minutes to add to the moment itself; the day's rules above are then not used.
    pub minutes: Option<i64>,
}

/// Where the place stands.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceSpec {
    /// One place for every row.
    pub fixed: Option<String>,
    /// The kind, before the colon.
    #[serde(default)]
    pub kind: String,
    /// The columns that make the id, joined by a dot, each as a slug.
    #[serde(default)]
    pub id: Vec<String>,
    /// Take the id as it is written (codes with dots and capitals).
    #[serde(default)]
    pub verbatim: bool,
    /// Slugs to replace: other spellings, or `kind:id` for another kind.
    #[serde(default)]
    pub alias: BTreeMap<String, String>,
    /// The only first parts there can be (a decree's list); any when empty.
    #[serde(default)]
    pub only: Vec<String>,
    /// The place by the local date of the row, for devices that moved.
    #[serde(default)]
    pub periods: Vec<PlacePeriod>,
}

/// Where a device was until a date.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacePeriod {
    /// The first local date at which it was no longer there; open when absent.
    pub before: Option<String>,
    /// The place.
    pub place: String,
}

/// How the cells of a value column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Number {
    /// Digits with a decimal point.
    #[default]
    Plain,
    /// Dots between thousands (`15.000`).
    DotThousands,
    /// One of 16 points of the compass (`NNE`), stored as degrees.
    Compass,
    /// A code kept as text (guidance only).
    Text,
}

/// One column (or a family of columns) of values.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueSpec {
    /// The column; with `places_from` a pattern with one group.
    pub column: String,
    /// Take every column that matches, the group being the id of the place of this kind.
    pub places_from: Option<String>,
    /// The variable.
    #[serde(default)]
    pub variable: String,
    /// The unit the column is in.
    #[serde(default)]
    pub unit: String,
    /// Which variable, by the text of another column (a unit).
    pub variable_by: Option<VariableBy>,
    /// How cells are written.
    #[serde(default)]
    pub number: Number,
    /// Rows whose bare numbers are thousands: column and texts ([`Number::DotThousands`] only).
    pub bare_thousands: Option<ColumnIn>,
    /// A word added to the place's id.
    pub place_part: Option<String>,
    /// Days from the row's valid time to this column's.
    #[serde(default)]
    pub shift_days: i64,
    /// This column's own publication rule.
    pub available: Option<Lag>,
    /// Numbers that mean "missing".
    #[serde(default)]
    pub sentinels: Vec<f64>,
    /// When a zero is a missing value.
    pub zero: Option<ZeroRule>,
    /// When a constant is a dead sensor.
    pub dead: Option<DeadRule>,
    /// The network's lowest reported step, in the column's unit.
    pub censored_at: Option<f64>,
    /// When equal values in a row are a stuck reading.
    pub flat: Option<FlatRule>,
    /// When values on a straight line were filled in.
    pub line: Option<LineRule>,
    /// When a value stands apart from its neighbours.
    pub spike: Option<SpikeRule>,
    /// When a value jumped.
    pub step: Option<StepRule>,
}

/// The variable by the text of a column.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableBy {
    /// The column, usually the unit.
    pub column: String,
    /// Text to variable.
    pub map: BTreeMap<String, String>,
}

/// A column and the texts that count.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnIn {
    /// The column.
    pub column: String,
    /// The texts.
    pub equals: Vec<String>,
}

/// How a row describes its place.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribeSpec {
    /// The column of the name.
    pub name: String,
    /// The column of the latitude (degrees north).
    pub lat: Option<String>,
    /// The column of the longitude (degrees east).
    pub lon: Option<String>,
    /// Columns kept as attributes; in a set of places every other column is.
    #[serde(default)]
    pub attributes: Vec<String>,
}

/// A place that no column describes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationSpec {
    /// Which place.
    pub place: String,
    /// Its name.
    pub name: String,
    /// Degrees north.
    pub lat: Option<f64>,
    /// Degrees east.
    pub lon: Option<f64>,
}
