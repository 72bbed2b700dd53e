//! World prices from a workbook, market prices from a table.

use std::collections::BTreeMap;

use jiff::Timestamp;
use muavu::domain::time;
use muavu::sources::gather::ParseContext;
use muavu::sources::{wfp, world_bank};

use super::{context, fixture, observed, reasons, text};
use crate::support;

#[test]
fn the_pink_sheet_workbook_equals_the_tidy_copy_of_it() {
    let Some(xlsx) = support::shared("data/market/CMO-Historical-Data-Monthly.xlsx") else {
        return;
    };
    let Some(tidy) = support::shared("data/market/pink_sheet_monthly.csv") else { return };
    let archived = ParseContext { live: false, ..context() };
    let parsed = world_bank::read_file(&xlsx, &archived).unwrap();
    assert_eq!(reasons(&parsed), [] as [&str; 0]);
    assert_eq!(parsed.observations.len(), 13_890);
    let got: BTreeMap<(String, Timestamp), (f64, String)> = parsed
        .observations
        .iter()
        .map(|o| ((o.place.to_string(), o.valid_time), (o.value, o.unit.to_string())))
        .collect();
    let mut reader = csv::Reader::from_path(tidy).unwrap();
    let mut rows = 0;
    for row in reader.deserialize::<(String, String, String, f64)>() {
        let (date, series, unit, price) = row.unwrap();
        let place = format!("world:{}", muavu::domain::place::slug(&series));
        let at = time::day_start(date.parse().unwrap()).unwrap();
        let (value, stored) = &got[&(place, at)];
        assert!((value - price).abs() <= 1e-9 * price, "{series} {date}: {value} for {price}");
        assert_eq!(stored.strip_prefix("USD/"), Some(&*unit.replace("$/", "").replace("mt", "t")));
        rows += 1;
    }
    assert_eq!(rows, 13_890);
    let last = parsed.observations.iter().map(|o| o.available_at).max().unwrap();
    assert_eq!(last.to_string(), "2021-01-05T00:00:00Z");
}

#[test]
fn the_workbooks_header_is_found_wherever_it_stands() {
    let parsed =
        world_bank::parse(&fixture("market.world_bank.pink_sheet/normal.xlsx"), &context());
    assert_eq!(reasons(&parsed), [] as [&str; 0]);
    // 21 series over three months, one price not yet there.
    assert_eq!(parsed.observations.len(), 62);
    let rice = observed(&parsed, "price_usd_t", "world:rice_viet_namese_5", "2026-10-01");
    assert_eq!((rice.value, &*rice.unit), (374.5, "USD/t"));
    let potash = observed(&parsed, "price_usd_t", "world:potassium_chloride", "2026-08-01");
    assert_eq!(potash.value, 330.0);
    assert_eq!(
        observed(&parsed, "price_usd_bbl", "world:crude_oil_brent", "2026-08-01").value,
        72.9
    );
    let five = world_bank::parse(&fixture("market.world_bank.pink_sheet/late.xlsx"), &context());
    assert_eq!(five.observations.len(), 41);
}

#[test]
fn a_cut_or_foreign_workbook_is_one_issue() {
    let whole = fixture("market.world_bank.pink_sheet/normal.xlsx");
    for end in [0, 4, 100, whole.len() / 2, whole.len() - 10] {
        let parsed = world_bank::parse(&whole[..end], &context());
        assert_eq!(
            (reasons(&parsed), parsed.good()),
            (vec!["unparsable×1".to_owned()], 0),
            "{end}"
        );
    }
}

#[test]
fn market_prices_are_a_kilogram_each_and_forecasts_are_dropped() {
    let parsed = wfp::parse(&fixture("market.wfp.food_prices/normal.csv"), &context());
    assert_eq!(reasons(&parsed), ["forecast_row×1", "unit_changed×2"]);
    let price = |place: &str| observed(&parsed, "price_month_vnd_kg", place, "2026-09-01").value;
    assert_eq!(price("market:an_giang.rice"), 12_410.0);
    assert_eq!(price("market:cao_lanh.rice"), 12_300.0);
    assert_eq!(price("market:ha_noi.rice.retail"), 16_900.0);
    let dollars = observed(&parsed, "price_usd_kg", "market:cao_lanh.rice", "2026-09-01");
    assert!((dollars.value - 0.468).abs() < 1e-12);
    assert!(
        parsed.observations.iter().all(|o| o.valid_time < "2026-09-30T17:00:00Z".parse().unwrap())
    );
    // Two months after the month is over: known on 1 December, though seen in November.
    let row = observed(&parsed, "price_month_vnd_kg", "market:an_giang.rice", "2026-09-01");
    assert_eq!(row.available_at.to_string(), "2026-11-30T17:00:00Z");
}

#[test]
fn prices_in_foreign_money_or_odd_units_are_not_taken_for_dong() {
    let Some(path) = support::shared("knowledge/interfaces/samples/wfp/wfp_food_prices_blr.csv")
    else {
        return;
    };
    let parsed = wfp::parse(&std::fs::read(path).unwrap(), &context());
    assert!(parsed.observations.iter().all(|o| &*o.variable == "price_usd_kg"));
    assert!(parsed.observations.len() > 20, "{}", parsed.observations.len());
    assert!(reasons(&parsed).iter().any(|r| r.starts_with("unit_unknown")));

    let eggs = text("market.wfp.food_prices/normal.csv").replace(",100 KG,", ",10 pcs,");
    let parsed = wfp::parse(eggs.as_bytes(), &context());
    assert!(reasons(&parsed).contains(&"unit_unknown×2".to_owned()), "{:?}", reasons(&parsed));
}

#[test]
fn a_price_file_with_a_renamed_column_says_which() {
    let body = text("market.wfp.food_prices/normal.csv").replacen("priceflag", "flag", 1);
    let parsed = wfp::parse(body.as_bytes(), &context());
    assert_eq!((reasons(&parsed), parsed.good()), (vec!["field_missing×1".to_owned()], 0));
    assert_eq!(parsed.issues[0].field, "priceflag");
}
