//! One engine for daily targets: a recipe says what is known, the engine does the rest.
//!
//! ```text
//!  recipe ─► archive     every earlier morning at every place, read through the leakage guard
//!              │
//!  impute ─────┤         what a linear model is told where nothing was known
//!              ▼
//!  linear · trees · methods · rivals      candidates, pooled over places and with each place's share
//!              │
//!  members ────┤         all candidates of one fit; workshop rolls them through earlier blocks
//!              ▼
//!  blend · intervals · track              weights, scale and shape, and this season's corrections
//!              │
//!  calibrate ──┤         learns those on blocks held out, and holds the gate
//!              ▼
//!  daily · fitted        `Target` and `Fitted`; stored as bytes
//! ```
//!
//! A block is a year or a month ([`Period`]): models are fitted again at its first day on all that
//! was known then, and the last blocks before a fit are forecast by models fitted before each, which
//! gives honest errors. A target is a type that implements [`Recipe`] and a static [`Daily`] of it.

use crate::domain::PlaceId;
use crate::features::{Known, Panel};

mod alone;
mod archive;
mod blend;
mod calibrate;
pub mod daily;
mod fitted;
mod impute;
mod intervals;
mod layout;
mod linear;
mod members;
mod methods;
pub(in crate::forecast) mod rivals;
pub mod scale;
pub mod settings;
mod track;
mod trees;
mod unrest;
mod workshop;

pub use daily::Daily;
pub use fitted::FittedDaily;
pub use layout::Column;
pub use scale::Scale;
pub use settings::{Period, Settings, Shrink};

/// One day ahead, seen from one morning at one place.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The place.
    pub place: &'a PlaceId,
    /// The newest day known, the day before the morning (epoch day).
    pub newest: i64,
    /// Days ahead of the newest: 1 is the day of the morning.
    pub horizon: i64,
    /// The day ahead (epoch day).
    pub day: i64,
    /// What [`Recipe::origin`] wrote; for linear candidates with gaps filled.
    pub origin: &'a [f64],
}

/// What a daily target forecasts, and from what.
///
/// Everything is learned as departures from the newest value (of the day before the morning) on the
/// recipe's [`Scale`]. Trees are pooled over places, so give a place's own past and its neighbours'
/// as differences from the newest value; give interactions to the linear candidates alone.
pub trait Recipe: Clone + std::fmt::Debug + Send + Sync + 'static {
    /// What is known of any day without data, past or future: tide, sun, calendar.
    type Days: Send + Sync;

    /// Returns the target's name.
    fn name(&self) -> &'static str;

    /// Returns the variable that is forecast.
    fn variable(&self) -> &'static str;

    /// Returns its unit.
    fn unit(&self) -> &'static str;

    /// Returns the variables whose series are read.
    fn inputs(&self) -> &'static [&'static str];

    /// Returns the days ahead; 1 is the day of the morning.
    fn horizons(&self) -> u8;

    /// Returns the scale on which errors are about equally large at every level.
    fn scale(&self) -> Scale {
        Scale::Identity
    }

    /// Returns the least and greatest value there can be, in the unit.
    fn range(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, f64::INFINITY)
    }

    /// Returns the thresholds whose odds matter, in the unit.
    fn thresholds(&self) -> &'static [f64] {
        &[]
    }

    /// Returns the places it is issued for.
    fn places(&self, panel: &Panel) -> Vec<PlaceId> {
        panel.places_of(self.variable()).cloned().collect()
    }

    /// Returns whether a place is issued for; one that is not only teaches the others, and is neither
    /// held out nor judged. By default every place is.
    fn issues_for(&self, _place: &PlaceId) -> bool {
        true
    }

    /// Returns how it is learned.
    fn settings(&self) -> Settings {
        Settings::default()
    }

    /// Returns what is told of an epoch day's usual value (scaled), but for a constant: its change to
    /// the day ahead is added to what is learned, so that nothing learned can stretch it.
    fn usual(&self, _day: i64) -> f64 {
        0.0
    }

    /// Returns the columns that are the same for all days ahead of a morning.
    fn origin_columns(&self) -> Vec<Column>;

    /// Returns the columns of the day ahead.
    fn ahead_columns(&self) -> Vec<Column>;

    /// Returns what is known without data of the epoch days `first..=last`: the newest days of
    /// mornings and all days ahead of them.
    fn days(&self, first: i64, last: i64) -> Self::Days;

    /// Adds one number for each of the origin columns, NaN for what was not known.
    fn origin(&self, known: &Known<'_>, place: &PlaceId, out: &mut Vec<f64>);

    /// Adds one number for each of the columns of the day ahead.
    fn ahead(&self, days: &Self::Days, step: &Step<'_>, out: &mut Vec<f64>);
}

/// The non-generic face of a recipe that the engine works with.
struct Ground<'a> {
    name: &'static str,
    variable: &'static str,
    horizons: usize,
    scale: Scale,
    settings: &'a Settings,
    layout: &'a layout::Layout,
    issued: &'a dyn Fn(&PlaceId) -> bool,
    origin: &'a dyn Fn(&Known<'_>, &PlaceId, &mut Vec<f64>),
    ahead: &'a dyn Fn(&Step<'_>, &mut Vec<f64>),
    usual: &'a dyn Fn(i64) -> f64,
}

impl Ground<'_> {
    /// Returns what a day ahead would bring if nothing but the usual season moved the newest value
    /// (scaled): departures from this are learned.
    fn carried(&self, own: f64, newest: i64, day: i64) -> f64 {
        own + (self.usual)(day) - (self.usual)(newest)
    }
}
