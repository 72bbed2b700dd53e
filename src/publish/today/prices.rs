//! The price fan that a farmer is shown: what is published of the rice prices, the months ahead.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::Crop;
use crate::domain::time::local_date;
use crate::frames::Forecast;

/// The price targets in the order in which they are preferred: one in dong for a kilogram says
/// more to a farmer than one in dollars at the port.
pub const TARGETS: [&str; 2] = ["rice_price_wholesale", "rice_price_export"];

/// Months of prices shown.
const MONTHS: usize = 3;

/// The forecast price of one good in one month.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceAhead {
    /// The target.
    pub target: String,
    /// The market.
    pub place: String,
    /// First day of the month.
    pub month: Date,
    /// Lower end of the 80 % interval, in `unit`.
    pub low: f64,
    /// Median, in `unit`.
    pub mid: f64,
    /// Upper end, in `unit`.
    pub high: f64,
    /// `VND/kg` or `USD/t`.
    pub unit: String,
    /// Local day of issue.
    pub issued: Date,
}

impl PriceAhead {
    /// Returns whether it says something to the grower of a crop.
    #[must_use]
    pub fn concerns(&self, crop: Crop) -> bool {
        matches!(crop, Crop::Rice | Crop::RiceShrimp) && self.target.starts_with("rice")
    }
}

/// Returns the months ahead of the newest issue of the first target that has one, its first market.
#[must_use]
pub fn ahead(rows: &[Forecast]) -> Vec<PriceAhead> {
    // Of two runs of one morning the later has read no less.
    let mark = |r: &Forecast| (r.issued_at, r.data_cut, r.run_id.clone());
    for target in TARGETS {
        let published = || rows.iter().filter(|r| &*r.target == target && r.published);
        let Some(newest) = published().map(mark).max() else { continue };
        let of_newest = || published().filter(|r| mark(r) == newest);
        let Some(place) = of_newest().map(|r| &r.place).min() else { continue };
        let mut here: Vec<&Forecast> = of_newest().filter(|r| r.place == *place).collect();
        here.sort_by_key(|r| r.horizon);
        return here.into_iter().map(|r| told(target, r)).collect();
    }
    Vec::new()
}

/// Returns what a grower is shown of the months ahead: this one and the next ones.
#[must_use]
pub fn shown(prices: &[PriceAhead], crop: Crop, now: Timestamp) -> Vec<&PriceAhead> {
    let this_month = local_date(now).first_of_month();
    let ours = prices.iter().filter(|p| p.month >= this_month && p.concerns(crop));
    ours.take(MONTHS).collect()
}

fn told(target: &str, r: &Forecast) -> PriceAhead {
    PriceAhead {
        target: target.to_owned(),
        place: r.place.to_string(),
        month: local_date(r.valid_time),
        low: r.q10,
        mid: r.q50,
        high: r.q90,
        unit: r.unit.to_string(),
        issued: local_date(r.issued_at),
    }
}
