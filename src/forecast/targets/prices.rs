//! Monthly prices, 1 to 12 months ahead: export rice, wholesale rice, fertilisers.
//!
//! ```text
//!  panel ─► months    the log price of each month known at one moment, short gaps bridged
//!             │
//!  market ────┤       which prices, with which kin; the eight features of each
//!             ▼
//!  trial              a ridge by step ahead, pooled over kin, halfway to the naive forecast;
//!             │       rolled through the years: widths, the gate, the test against naive
//!             ▼
//!  fitted             issues quantiles; stored as bytes
//! ```
//!
//! Issued on the seventh of each month; horizon 1 is the month of the issue. The newest world price
//! is then that of the month before, the newest wholesale price that of three months before.

use jiff::civil::Date;

use super::{Fitted, Target};
use crate::domain::PlaceId;
use crate::domain::time::{IssuedAt, date_of_epoch_day};
use crate::features::{Known, Panel};
use crate::forecast::ForecastError;

mod fitted;
mod market;
mod months;
mod trial;

pub use fitted::FittedPrices;

use market::{Board, EXCHANGE, OIL, WHOLESALE, WORLD};
use months::month_of;

/// The export price of Vietnamese rice, 5 % broken, dollars a tonne.
pub static RICE_PRICE_EXPORT: Price = Price(Board::Export);
/// Wholesale rice in An Giang and Đồng Tháp, dong a kilogram.
pub static RICE_PRICE_WHOLESALE: Price = Price(Board::Wholesale);
/// Urea, diammonium phosphate and potassium chloride, dollars a tonne.
pub static FERTILISER_PRICE: Price = Price(Board::Fertiliser);

/// Months ahead.
const HORIZONS: u8 = 12;

/// The day of the month on which prices are issued: the world prices come out on the second working
/// day in Washington, which new year and a weekend put off to the sixth here at the latest.
const ISSUE_DAY: i8 = 7;

/// One of the price targets.
#[derive(Debug, Clone, Copy)]
pub struct Price(Board);

impl Price {
    /// Returns the fitted models as their own type.
    ///
    /// # Errors
    /// As [`Target::fit`].
    pub fn fit_prices(&self, panel: &Panel, cut: IssuedAt) -> Result<FittedPrices, ForecastError> {
        FittedPrices::fit(panel, cut, self.0)
    }
}

impl Target for Price {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn variable(&self) -> &'static str {
        self.0.variable()
    }

    fn unit(&self) -> &'static str {
        if self.0 == Board::Wholesale { "VND/kg" } else { "USD/t" }
    }

    fn horizons(&self) -> u8 {
        HORIZONS
    }

    fn thresholds(&self) -> &'static [f64] {
        &[]
    }

    /// The first of each quarter: the wholesale prices are few, and each quarter adds to them.
    fn refit_day(&self, day: Date) -> Date {
        let quarter = (day.month() - 1) / 3;
        Date::constant(day.year(), 1 + 3 * quarter, 1)
    }

    fn inputs(&self) -> &'static [&'static str] {
        if self.0 == Board::Wholesale { &[WHOLESALE, EXCHANGE, WORLD, OIL] } else { &[WORLD, OIL] }
    }

    fn places(&self, panel: &Panel) -> Vec<PlaceId> {
        let ours = |place: &&PlaceId| self.0.published().contains(&place.as_str());
        panel.places_of(self.variable()).filter(ours).cloned().collect()
    }

    /// On the seventh, where a price of the last half year is known.
    fn issues_on(&self, known: &Known<'_>, place: &PlaceId) -> bool {
        let today = date_of_epoch_day(known.today());
        if today.day() != ISSUE_DAY {
            return false;
        }
        let newest = month_of(known.today()) - self.0.lag();
        let series = known.series(self.variable(), place);
        (0..=6).any(|back| series.on(months::first_day(newest - back)).is_some())
    }

    /// A month's forecast stands until the next.
    fn patience_days(&self) -> i64 {
        31
    }

    fn valid_day(&self, today: i64, _place: &PlaceId, horizon: u8) -> i64 {
        fitted::valid_day(today, horizon)
    }

    fn fit(&self, panel: &Panel, cut: IssuedAt) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(self.fit_prices(panel, cut)?))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ForecastError> {
        Ok(Box::new(FittedPrices::from_bytes(bytes, self.0)?))
    }
}
