//! The price fans that a farmer is shown: what is published of rice and of fertilisers, the months
//! ahead.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::Crop;
use crate::domain::time::local_date;
use crate::frames::Forecast;

/// The rice targets in the order in which they are preferred: one in dong for a kilogram says
/// more to a farmer than one in dollars at the port.
const RICE: [&str; 2] = ["rice_price_wholesale", "rice_price_export"];
/// Fertilisers on the world market; what a shop asks follows them.
const FERTILISER: &str = "fertiliser_price";
/// The goods in the order in which they are told: nitrogen first, which every crop takes most of.
const FERTILISERS: [&str; 3] = ["world:urea", "world:dap", "world:potassium_chloride"];

/// The targets that are read.
pub const TARGETS: [&str; 3] = [RICE[0], RICE[1], FERTILISER];

/// Months of prices shown.
const MONTHS: usize = 3;

/// The forecast price of one good in one month.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceAhead {
    /// The target.
    pub target: String,
    /// The market, or the good on the world market.
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
    /// The plain forecast that is published because no model beats it: `naive` is the newest price
    /// itself.
    pub baseline: Option<String>,
}

/// Returns the months ahead of the newest issue: of the first rice target that has one, its first
/// market, and of each fertiliser.
#[must_use]
pub fn ahead(rows: &[Forecast]) -> Vec<PriceAhead> {
    let rice = RICE.into_iter().find_map(|target| {
        let of_newest = newest(rows, target)?;
        let place = of_newest.iter().filter(|r| r.published).map(|r| r.place.clone()).min()?;
        Some(told(target, &of_newest, place.as_str()))
    });
    let fertilisers = newest(rows, FERTILISER).unwrap_or_default();
    let fertilisers = FERTILISERS.iter().flat_map(|good| told(FERTILISER, &fertilisers, good));
    rice.into_iter().flatten().chain(fertilisers).collect()
}

/// Returns the rows of a target's newest issue, baselines too; of two runs of one morning the later has
/// read no less.
fn newest<'a>(rows: &'a [Forecast], target: &str) -> Option<Vec<&'a Forecast>> {
    let mark = |r: &Forecast| (r.issued_at, r.data_cut, r.run_id.clone());
    let ours = || rows.iter().filter(|r| &*r.target == target);
    let newest = ours().filter(|r| r.published).map(mark).max()?;
    Some(ours().filter(|r| mark(r) == newest).collect())
}

fn told(target: &str, rows: &[&Forecast], place: &str) -> Vec<PriceAhead> {
    let here = || rows.iter().filter(|r| r.place.as_str() == place);
    let mut published: Vec<&&Forecast> = here().filter(|r| r.published).collect();
    published.sort_by_key(|r| r.horizon);
    let quantiles = |r: &Forecast| [r.q05, r.q10, r.q25, r.q50, r.q75, r.q90, r.q95];
    let one = |r: &&Forecast| {
        let same =
            |b: &&&Forecast| !b.published && b.horizon == r.horizon && quantiles(b) == quantiles(r);
        PriceAhead {
            target: target.to_owned(),
            place: place.to_owned(),
            month: local_date(r.valid_time),
            low: r.q10,
            mid: r.q50,
            high: r.q90,
            unit: r.unit.to_string(),
            issued: local_date(r.issued_at),
            baseline: here().find(same).map(|b| b.model.to_string()),
        }
    };
    published.into_iter().map(one).collect()
}

/// Returns what a grower is shown of the price of the crop: this month and the next ones.
#[must_use]
pub fn shown(prices: &[PriceAhead], crop: Crop, now: Timestamp) -> Vec<&PriceAhead> {
    let ours = matches!(crop, Crop::Rice | Crop::RiceShrimp);
    coming(prices.iter().filter(|p| ours && RICE.contains(&p.target.as_str())), now)
}

/// Returns what a grower is shown of each fertiliser, in the order in which they are told: this month
/// and the next ones; nothing to who feeds and does not fertilise.
#[must_use]
pub fn fertilisers(prices: &[PriceAhead], crop: Crop, now: Timestamp) -> Vec<Vec<&PriceAhead>> {
    if matches!(crop, Crop::Shrimp | Crop::Clam) {
        return Vec::new();
    }
    let of = |good: &&str| coming(prices.iter().filter(|p| p.place == **good), now);
    FERTILISERS.iter().map(of).filter(|months| !months.is_empty()).collect()
}

fn coming<'a>(prices: impl Iterator<Item = &'a PriceAhead>, now: Timestamp) -> Vec<&'a PriceAhead> {
    let this_month = local_date(now).first_of_month();
    prices.filter(|p| p.month >= this_month).take(MONTHS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(target: &str, place: &str, month: i8, model: &str, mid: f64) -> Forecast {
        Forecast {
            target: target.into(),
            period: "2026".into(),
            place: place.parse().unwrap(),
            issued_at: "2026-03-06T23:00:00Z".parse().unwrap(),
            valid_time: format!("2026-{month:02}-01T00:00:00+07:00").parse().unwrap(),
            horizon: i64::from(month) - 2,
            model: model.into(),
            published: model == "published",
            unit: "USD/t".into(),
            q05: mid * 0.8,
            q10: mid * 0.9,
            q25: mid * 0.95,
            q50: mid,
            q75: mid * 1.05,
            q90: mid * 1.1,
            q95: mid * 1.2,
            data_cut: "2026-03-06T23:00:00Z".parse().unwrap(),
            run_id: "run-1".into(),
        }
    }

    #[test]
    fn fertilisers_are_told_to_growers_and_say_when_they_are_the_last_price() {
        let mut rows = Vec::new();
        for month in 3..=8 {
            for (place, mid) in [("world:dap", 600.0), ("world:urea", 400.0)] {
                rows.push(row(FERTILISER, place, month, "published", mid));
                rows.push(row(FERTILISER, place, month, "naive", mid));
                rows.push(row(FERTILISER, place, month, "drift", mid + 9.0));
            }
            rows.push(row(RICE[1], "world:rice_viet_namese_5", month, "published", 380.0));
            rows.push(row(RICE[1], "world:rice_viet_namese_5", month, "naive", 390.0));
        }
        let prices = ahead(&rows);
        let now = "2026-04-02T00:00:00Z".parse().unwrap();
        let goods = fertilisers(&prices, Crop::Durian, now);
        let told: Vec<(&str, usize)> =
            goods.iter().map(|months| (months[0].place.as_str(), months.len())).collect();
        assert_eq!(told, [("world:urea", 3), ("world:dap", 3)]);
        let april = goods[0][0];
        assert_eq!((april.month.month(), april.mid, april.high), (4, 400.0, 440.00000000000006));
        assert!(goods.iter().flatten().all(|p| p.baseline.as_deref() == Some("naive")));
        assert!(fertilisers(&prices, Crop::Shrimp, now).is_empty());

        // A model's own forecast is no baseline, and is told to rice growers alone.
        let rice = shown(&prices, Crop::Rice, now);
        assert_eq!((rice.len(), rice[0].mid, &rice[0].baseline), (3, 380.0, &None));
        assert!(shown(&prices, Crop::Durian, now).is_empty());
    }
}
