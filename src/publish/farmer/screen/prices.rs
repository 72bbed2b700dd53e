//! The months ahead of prices: rice to who grows it, fertilisers to every grower; no advice to buy or to
//! sell.

use super::View;
use crate::publish::today::PriceAhead;
use crate::publish::today::prices::{fertilisers, shown};

/// A table of prices: of one good by month, or of several goods with the months as columns.
pub(super) struct PriceBox {
    pub title: String,
    /// The months, where they are columns.
    pub months: Vec<String>,
    pub rows: Vec<PriceLine>,
    pub how: String,
}

pub(super) struct PriceLine {
    /// The month, or the good.
    pub name: String,
    pub cells: Vec<PriceCell>,
}

pub(super) struct PriceCell {
    pub mid: String,
    pub range: String,
}

/// Returns the tables of prices; none where nothing is forecast of any. What holds for both is said
/// once, under the last.
pub(super) fn prices(view: &View<'_>) -> Vec<PriceBox> {
    let mut all: Vec<PriceBox> = rice(view).into_iter().chain(of_fertilisers(view)).collect();
    if let [first, last] = all.as_mut_slice()
        && first.how == last.how
    {
        first.how.clear();
    }
    all
}

/// Says that the price of the crop itself is not forecast; nothing where it is.
pub(super) fn none(view: &View<'_>) -> String {
    if view.crop.is_none() || rice(view).is_some() {
        return String::new();
    }
    view.w.say("price-none", &[("crop", &view.crop_name)])
}

fn rice(view: &View<'_>) -> Option<PriceBox> {
    let w = view.w;
    let months = shown(&view.today.prices, view.crop?.crop, view.now);
    let first = months.first()?;
    let place = match first.place.as_str() {
        "market:an_giang.rice" => w.t("price-an_giang"),
        "market:dong_thap.rice" => w.t("price-dong_thap"),
        _ => String::new(),
    };
    let row = |p: &&PriceAhead| PriceLine { name: month(view, p), cells: vec![cell(view, p)] };
    Some(PriceBox {
        title: w.say(&format!("price-{}", first.target), &[("place", &place)]),
        months: Vec::new(),
        rows: months.iter().map(row).collect(),
        how: how(view, &months),
    })
}

fn of_fertilisers(view: &View<'_>) -> Option<PriceBox> {
    let w = view.w;
    let goods = fertilisers(&view.today.prices, view.crop?.crop, view.now);
    let first = goods.first()?;
    let row = |months: &Vec<&PriceAhead>| {
        let good = months.first().map_or("", |p| p.place.as_str());
        let name = w.t(&format!("price-{}", good.trim_start_matches("world:")));
        PriceLine { name, cells: months.iter().map(|p| narrow(view, p)).collect() }
    };
    Some(PriceBox {
        title: w.t("price-fertiliser"),
        // On a narrow phone a month may break, but at its slash only.
        months: first.iter().map(|p| p.month.strftime("%m/\u{200b}%Y").to_string()).collect(),
        rows: goods.iter().map(row).collect(),
        how: how(view, &goods.concat()),
    })
}

fn month(view: &View<'_>, price: &PriceAhead) -> String {
    let month = price.month.strftime("%m/%Y").to_string();
    view.w.say("price-month", &[("month", &month)])
}

fn cell(view: &View<'_>, price: &PriceAhead) -> PriceCell {
    let w = view.w;
    let [low, high] = [price.low, price.high].map(|value| w.price(value));
    PriceCell {
        mid: w.price(price.mid),
        range: w.say("price-range", &[("low", &low), ("high", &high)]),
    }
}

/// Returns a cell for a column of several: three of them stand beside a name at 320 px.
fn narrow(view: &View<'_>, price: &PriceAhead) -> PriceCell {
    let w = view.w;
    let range = format!("{}–{}", w.price(price.low), w.price(price.high));
    PriceCell { mid: w.price(price.mid), range }
}

/// Says what the figures are and, where no model beats it, that the middle is but the newest price.
fn how(view: &View<'_>, months: &[&PriceAhead]) -> String {
    let w = view.w;
    let Some(first) = months.first() else { return String::new() };
    let how = w.say("price-how", &[("date", &w.date(first.issued))]);
    let all = |is: fn(&str) -> bool| months.iter().all(|p| p.baseline.as_deref().is_some_and(is));
    if all(|baseline| baseline == "naive") {
        return format!("{how} {}", w.t("price-naive"));
    }
    if all(|_| true) { format!("{how} {}", w.t("price-simple")) } else { how }
}
