//! Monthly prices: what a forecast may know, what is published where nothing beats the last price,
//! and the last price's errors of `shared/data/README.md`.

use std::sync::OnceLock;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use muavu::domain::PlaceId;
use muavu::domain::place::slug;
use muavu::domain::time::{date_of_epoch_day, epoch_day};
use muavu::features::{Known, Panel};
use muavu::forecast::backtest::{self, Refit, Row, Window};
use muavu::forecast::gate::PUBLISHED;
use muavu::forecast::scores::mae;
use muavu::forecast::targets::Target;
use muavu::forecast::targets::prices::{
    FERTILISER_PRICE, Price, RICE_PRICE_EXPORT, RICE_PRICE_WHOLESALE,
};

use crate::support::{DAY_US, Rows, bits, morning, noise, panel_of, shared, spoiled};

const WORLD: [&str; 13] = [
    "rice_viet_namese_5",
    "rice_thai_5",
    "rice_thai_25",
    "rice_thai_a_1",
    "maize",
    "wheat_us_hrw",
    "soybean_meal",
    "urea",
    "dap",
    "potassium_chloride",
    "tsp",
    "phosphate_rock",
    "crude_oil_brent",
];
const BASELINES: [&str; 3] = ["naive", "drift", "seasonal_naive"];

/// Adds a month's price that is known on the sixth of the month `lag` months later.
fn tell(
    rows: &mut Rows,
    variable: &'static str,
    place: &str,
    (month, lag): (Date, i8),
    price: f64,
) {
    let known = epoch_day(month.saturating_add(i32::from(lag).months())) + 5;
    let row = (epoch_day(month), known * DAY_US, price);
    rows.entry((variable, place.to_owned())).or_default().push(row);
}

fn variable(place: &str) -> &'static str {
    if place == "crude_oil_brent" { "price_usd_bbl" } else { "price_usd_t" }
}

/// Thirty years of prices whose changes go on for half a month in the mean (`momentum` 0.5) or do
/// not; wholesale prices follow the export price.
fn synthetic(momentum: f64) -> Panel {
    let mut rows = Rows::new();
    for (i, place) in (0_i64..).zip(WORLD) {
        let (mut log, mut change) = (5.0, 0.0);
        for k in 0..372_i64 {
            let month = date(1970, 1, 1).saturating_add(k.months());
            change = momentum * change + 0.08 * (noise(1_000 * i + k) - 0.5);
            log += change;
            let world = format!("world:{place}");
            tell(&mut rows, variable(place), &world, (month, 1), f64::exp(log));
            if i == 0 && month.year() >= 1992 {
                for (j, market) in (0_i64..).zip(["an_giang", "dong_thap"]) {
                    let own = log + 3.0 + 0.02 * noise(77 * j + k);
                    let place = format!("market:{market}.rice");
                    tell(&mut rows, "price_month_vnd_kg", &place, (month, 3), f64::exp(own));
                    tell(&mut rows, "exchange_vnd_usd", &place, (month, 3), 20_000.0);
                }
            }
        }
    }
    panel_of(rows)
}

fn moving() -> &'static Panel {
    static PANEL: OnceLock<Panel> = OnceLock::new();
    PANEL.get_or_init(|| synthetic(0.5))
}

#[test]
fn forecasts_are_bit_identical_when_everything_later_is_garbage() {
    let mut held = 0;
    let targets = [&RICE_PRICE_EXPORT, &FERTILISER_PRICE, &RICE_PRICE_WHOLESALE];
    for (draw, target) in (0_i64..).zip(targets) {
        let on = date(1992 + (noise(draw) * 8.0) as i16, 1 + (noise(9 + draw) * 11.0) as i8, 7);
        let spoiled = spoiled(moving(), morning(on));
        let clean = target.fit(moving(), morning(on)).unwrap();
        let blind = target.fit(&spoiled, morning(on)).unwrap();
        assert_eq!(clean.to_bytes().unwrap(), blind.to_bytes().unwrap(), "{on}");
        for place in target.places(moving()) {
            let known = [Known::at(moving(), morning(on)), Known::at(&spoiled, morning(on))];
            let clean = clean.issue(&known[0], &place).unwrap();
            assert_eq!(bits(&clean), bits(&blind.issue(&known[1], &place).unwrap()), "{place}");
            held += clean.len();
        }
    }
    assert!(held > 150, "only {held} forecasts were compared");
}

#[test]
fn the_leakage_test_can_fail() {
    let on = date(1996, 3, 7);
    let too_early = spoiled(moving(), morning(date(1996, 1, 7)));
    let place: PlaceId = "world:urea".parse().unwrap();
    let fitted = FERTILISER_PRICE.fit(moving(), morning(on)).unwrap();
    let issue = |panel| bits(&fitted.issue(&Known::at(panel, morning(on)), &place).unwrap());
    assert_ne!(issue(moving()), issue(&too_early));
}

#[test]
fn prices_are_issued_on_the_seventh_with_every_baseline_at_every_month() {
    let place: PlaceId = "market:an_giang.rice".parse().unwrap();
    let days = epoch_day(date(1996, 1, 1))..epoch_day(date(1996, 4, 1));
    let at = |day: i64| morning(date_of_epoch_day(day));
    let mornings: Vec<i64> = days
        .filter(|day| RICE_PRICE_WHOLESALE.issues_on(&Known::at(moving(), at(*day)), &place))
        .collect();
    assert_eq!(mornings, [1, 2, 3].map(|month| epoch_day(date(1996, month, 7))));
    let first = RICE_PRICE_WHOLESALE.valid_day(mornings[0], &place, 1);
    assert_eq!(date_of_epoch_day(first), date(1996, 1, 1));
    let fitted = RICE_PRICE_WHOLESALE.fit(moving(), at(mornings[0])).unwrap();
    let issued = fitted.issue(&Known::at(moving(), at(mornings[0])), &place).unwrap();
    for model in BASELINES.into_iter().chain([PUBLISHED]) {
        let months: Vec<u8> =
            issued.iter().filter(|i| i.model == model).map(|i| i.horizon).collect();
        assert_eq!(months, (1..=12).collect::<Vec<u8>>(), "{model}");
    }
    assert!(issued.iter().all(|i| i.quantiles.values()[0] > 0.0));
}

fn window(target: &Price, panel: &Panel, from: Date, to: Date) -> Vec<Row> {
    let window =
        Window { from, to, refit: Refit::Yearly, places: None, kind: None, candidates: false };
    backtest::run(target, panel, &window, |_| ()).unwrap()
}

fn error(rows: &[Row], model: &str, horizon: u8) -> f64 {
    let rows = rows.iter().filter(|row| row.model == model && row.horizon == horizon);
    mae(&rows.map(|row| (row.quantiles.median(), row.y)).collect::<Vec<_>>())
}

#[test]
fn momentum_is_found_where_there_is_some_and_a_random_walk_is_left_alone() {
    let (from, to) = (date(1996, 1, 1), date(1999, 12, 31));
    let rows = window(&FERTILISER_PRICE, moving(), from, to);
    assert!(error(&rows, PUBLISHED, 1) < 0.92 * error(&rows, "naive", 1));
    let walk = synthetic(0.0);
    let rows = window(&FERTILISER_PRICE, &walk, from, to);
    for horizon in [1, 6, 12] {
        let (own, naive) = (error(&rows, PUBLISHED, horizon), error(&rows, "naive", horizon));
        assert!(own < 1.03 * naive, "{horizon}: {own} {naive}");
    }
}

#[test]
fn the_test_against_the_naive_forecast_tells_momentum_from_a_walk() {
    let cut = morning(date(2000, 1, 1));
    let first = |panel: &Panel| {
        FERTILISER_PRICE.fit_prices(panel, cut).unwrap().against_naive()[0].unwrap()
    };
    let momentum = first(moving());
    assert!(momentum.statistic < -3.0 && momentum.p_value < 0.01, "{momentum:?}");
    let walk = first(&synthetic(0.0));
    assert!(walk.statistic > -2.5, "{walk:?}");
}

#[test]
fn where_the_model_is_held_back_the_last_price_is_published_whatever_else_did_best() {
    let walk = synthetic(0.0);
    let on = date(2000, 1, 7);
    let fitted = FERTILISER_PRICE.fit(&walk, morning(on)).unwrap();
    let held_back: Vec<u8> =
        fitted.gate().iter().filter(|verdict| !verdict.passes).map(|v| v.horizon).collect();
    assert!(!held_back.is_empty());
    assert!(fitted.gate().iter().all(|v| v.passes || v.best_baseline == "naive"));
    let known = Known::at(&walk, morning(on));
    let issued = fitted.issue(&known, &"world:urea".parse().unwrap()).unwrap();
    for horizon in held_back {
        let of = |model| issued.iter().find(|i| i.model == model && i.horizon == horizon).unwrap();
        assert_eq!(of(PUBLISHED).quantiles, of("naive").quantiles, "{horizon}");
    }
}

#[test]
fn a_market_just_opened_publishes_the_last_price_and_an_empty_archive_says_why() {
    let on = date(2008, 6, 7);
    let mut rows = Rows::new();
    let place = "market:an_giang.rice";
    for month in 1..=3 {
        let at = (date(2008, month, 1), 3);
        tell(&mut rows, "price_month_vnd_kg", place, at, 6_000.0 + f64::from(month));
    }
    let panel = panel_of(rows);
    let fitted = RICE_PRICE_WHOLESALE.fit(&panel, morning(on)).unwrap();
    let issued = fitted.issue(&Known::at(&panel, morning(on)), &place.parse().unwrap()).unwrap();
    let medians = issued.iter().filter(|i| i.model == PUBLISHED).map(|i| i.quantiles.median());
    assert!(medians.map(|price| (price - 6_003.0).abs()).all(|off| off < 1e-6));
    let Err(refused) = RICE_PRICE_EXPORT.fit(&panel, morning(on)) else { panic!("no world price") };
    assert!(refused.to_string().contains("rice_price_export"), "{refused}");
}

#[test]
fn stored_models_say_the_same_and_those_of_another_target_or_format_are_refused() {
    let on = date(1997, 5, 7);
    let place: PlaceId = "world:rice_viet_namese_5".parse().unwrap();
    let known = Known::at(moving(), morning(on));
    let fitted = RICE_PRICE_EXPORT.fit(moving(), morning(on)).unwrap();
    let bytes = fitted.to_bytes().unwrap();
    let loaded = RICE_PRICE_EXPORT.load(&bytes).unwrap();
    let both = [&fitted, &loaded].map(|f| bits(&f.issue(&known, &place).unwrap()));
    assert_eq!(both[0], both[1]);
    let Err(refused) = FERTILISER_PRICE.load(&bytes) else { panic!("another target's models") };
    assert!(refused.to_string().contains("rice_price_export"), "{refused}");
    let other = String::from_utf8(bytes).unwrap().replacen("\"format\":2", "\"format\":8", 1);
    let Err(refused) = RICE_PRICE_EXPORT.load(other.as_bytes()) else { panic!("another format") };
    assert!(refused.to_string().contains("format 8"), "{refused}");
}

#[test]
fn the_last_price_errs_as_the_readme_says_and_is_never_beaten_by_what_is_published_instead() {
    let Some(path) = shared("data/market/pink_sheet_monthly.csv") else { return };
    let mut rows = Rows::new();
    for row in csv::Reader::from_path(path).unwrap().records().map(Result::unwrap) {
        let name = slug(&row[1]);
        if WORLD.contains(&name.as_str()) {
            let at = (row[0].parse().unwrap(), 1);
            let place = format!("world:{name}");
            tell(&mut rows, variable(&name), &place, at, row[3].parse().unwrap());
        }
    }
    let panel = panel_of(rows);
    let rows = window(&RICE_PRICE_EXPORT, &panel, date(2010, 1, 1), date(2020, 12, 31));
    for horizon in 1..=12 {
        let (own, naive) = (error(&rows, PUBLISHED, horizon), error(&rows, "naive", horizon));
        assert!(own < 1.005 * naive, "{horizon}: {own} {naive}");
    }
    let late: Vec<Row> = rows.into_iter().filter(|row| row.valid_day.year() >= 2016).collect();
    for (horizon, readme) in [(1, 9.6), (3, 23.0), (6, 33.7), (12, 46.2)] {
        let naive = error(&late, "naive", horizon);
        assert!((naive - readme).abs() < 0.06, "{horizon}: {naive}");
    }
}
