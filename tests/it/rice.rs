//! Rice by province: what a forecast may know, that its parts add up, that the odds of a loss rise
//! in dry years, and the baselines of `shared/data/README.md`.

use std::sync::OnceLock;

use jiff::civil::{Date, date};
use muavu::domain::PlaceId;
use muavu::domain::place::slug;
use muavu::domain::time::{date_of_epoch_day, epoch_day};
use muavu::features::{Known, Panel};
use muavu::forecast::backtest::{self, Refit, Row, Window};
use muavu::forecast::gate::PUBLISHED;
use muavu::forecast::scores::rmse;
use muavu::forecast::targets::rice::{RICE_AREA, RICE_LOSS, RICE_PRODUCTION, RICE_YIELD, Rice};
use muavu::forecast::targets::{Issued, Target};

use crate::support::{DAY_US, Rows, bits, morning, noise, panel_of, shared, spoiled};

const SEASONS: [&str; 3] = ["winter_spring", "summer_autumn", "main_season"];
const PROVINCES: [&str; 5] = ["an_giang", "ben_tre", "soc_trang", "tra_vinh", "vinh_long"];

/// The day a season's numbers stand on and the day they are known (`data/reference/manifest.toml`).
fn dated(season: &str, year: i16) -> (i64, i64) {
    let (start, known) = match season {
        "winter_spring" => (date(year - 1, 11, 15), date(year, 6, 15)),
        "summer_autumn" => (date(year, 4, 15), date(year + 1, 3, 31)),
        _ => (date(year, 5, 15), date(year + 1, 2, 28)),
    };
    (epoch_day(start), epoch_day(known))
}

fn harvest(rows: &mut Rows, (province, season, year): (&str, &str, i16), area: f64, yields: f64) {
    let (day, known) = dated(season, year);
    let place = format!("old_province:{province}.{season}");
    for (variable, value) in [
        ("rice_area_kha", area),
        ("rice_yield_t_ha", yields),
        ("rice_production_kt", area * yields),
    ] {
        rows.entry((variable, place.clone())).or_default().push((day, known * DAY_US, value));
    }
}

fn level(rows: &mut Rows, day: i64, level_m: f64) {
    let key = ("water_level_m", "river:tan_chau".to_owned());
    rows.entry(key).or_default().push((day, (day + 1) * DAY_US, level_m));
}

/// How low the river of a water year is: one year costs the crop at the coast, the last is drier.
fn dry(year: i16) -> f64 {
    match year {
        2004 => 2.4,
        2016 => 3.0,
        _ => 2.0 * noise(i64::from(year)) - 1.0,
    }
}

/// Twenty-two years of five provinces whose yields grow and, where salt reaches, fall with a dry
/// river.
fn synthetic() -> &'static Panel {
    static PANEL: OnceLock<Panel> = OnceLock::new();
    PANEL.get_or_init(|| {
        let mut rows = Rows::new();
        for year in 1995..=2016_i16 {
            for (i, province) in (0_i64..).zip(PROVINCES) {
                for (j, season) in (0_i64..).zip(SEASONS) {
                    let n = 1_000 * i64::from(year) + 10 * i + j;
                    let salt = ["ben_tre", "soc_trang", "tra_vinh"].contains(&province) && j != 1;
                    let kept = if salt { 1.0 - 0.15 * dry(year).max(0.0) } else { 1.0 };
                    let usual = 4.0 + 0.05 * f64::from(year - 1995) + 0.4 * (noise(n) - 0.5);
                    let grown = kept * usual;
                    let area = 50.0 + 20.0 * i as f64 + noise(7 * n);
                    harvest(&mut rows, (province, season, year), area, grown);
                }
            }
        }
        for day in epoch_day(date(1994, 1, 1))..epoch_day(date(2016, 12, 31)) {
            let year = date_of_epoch_day(day + 61).year();
            level(&mut rows, day, 2.0 - 0.3 * dry(year) + 0.01 * noise(day));
        }
        panel_of(rows)
    })
}

fn issue(target: &Rice, panel: &Panel, on: Date, place: &str) -> Vec<Issued> {
    let fitted = target.fit(panel, morning(on)).unwrap();
    fitted.issue(&Known::at(panel, morning(on)), &place.parse().unwrap()).unwrap()
}

fn published(issued: &[Issued]) -> [f64; 7] {
    issued.iter().find(|i| i.model == PUBLISHED).unwrap().quantiles.values()
}

#[test]
fn forecasts_are_bit_identical_when_everything_later_is_garbage() {
    let panel = synthetic();
    let mut held = 0;
    for draw in 0..6 {
        let month = 1 + (noise(draw) * 12.0) as i8;
        let on = date(2009 + (noise(99 + draw) * 7.0) as i16, month.min(12), 1);
        let spoiled = spoiled(panel, morning(on));
        for target in [&RICE_YIELD, &RICE_AREA, &RICE_PRODUCTION, &RICE_LOSS] {
            let clean = target.fit(panel, morning(on)).unwrap();
            let blind = target.fit(&spoiled, morning(on)).unwrap();
            assert_eq!(clean.to_bytes().unwrap(), blind.to_bytes().unwrap(), "{on}");
            for place in target.places(panel) {
                let clean = clean.issue(&Known::at(panel, morning(on)), &place).unwrap();
                let blind = blind.issue(&Known::at(&spoiled, morning(on)), &place).unwrap();
                assert_eq!(bits(&clean), bits(&blind), "{place} on {on}");
                held += clean.len();
            }
        }
    }
    assert!(held > 400, "only {held} forecasts were compared");
}

#[test]
fn the_leakage_test_can_fail() {
    let (panel, on) = (synthetic(), date(2012, 7, 1));
    let too_early = spoiled(panel, morning(date(2012, 6, 1)));
    let place = "old_province:tra_vinh.main_season";
    let clean = issue(&RICE_YIELD, panel, on, place);
    assert_ne!(bits(&clean), bits(&issue(&RICE_YIELD, &too_early, on, place)));
}

#[test]
fn a_crop_is_issued_on_the_first_of_each_month_from_sowing_to_harvest() {
    let panel = synthetic();
    let place: PlaceId = "province:vinh_long.winter_spring".parse().unwrap();
    let mut horizons = Vec::new();
    for day in epoch_day(date(2010, 10, 1))..epoch_day(date(2011, 6, 1)) {
        let on = date_of_epoch_day(day);
        if RICE_YIELD.issues_on(&Known::at(panel, morning(on)), &place) {
            let issued = issue(&RICE_YIELD, panel, on, place.as_str());
            let horizon = issued[0].horizon;
            assert!(issued.iter().all(|i| i.horizon == horizon));
            assert_eq!(RICE_YIELD.valid_day(day, &place, horizon), dated(SEASONS[0], 2011).0);
            horizons.push((on.to_string(), horizon));
        }
    }
    let expected = [("2010-12-01", 4), ("2011-01-01", 3), ("2011-02-01", 2), ("2011-03-01", 1)];
    assert_eq!(horizons, expected.map(|(on, h)| (on.to_owned(), h)));
}

#[test]
fn area_times_yield_is_production_and_the_parts_add_up() {
    let (panel, on) = (synthetic(), date(2013, 6, 1));
    let median = |target: &Rice, place: &str| published(&issue(target, panel, on, place))[3];
    let parts =
        ["ben_tre", "tra_vinh", "vinh_long"].map(|p| format!("old_province:{p}.main_season"));
    let whole = "province:vinh_long.main_season";
    for place in parts.iter().map(String::as_str).chain([whole]) {
        let product = median(&RICE_AREA, place) * median(&RICE_YIELD, place);
        let production = median(&RICE_PRODUCTION, place);
        assert!((product / production - 1.0).abs() < 1e-9, "{place}: {product} {production}");
    }
    for target in [&RICE_AREA, &RICE_PRODUCTION] {
        let sum: f64 = parts.iter().map(|place| median(target, place)).sum();
        assert!((sum / median(target, whole) - 1.0).abs() < 1e-9);
    }
}

#[test]
fn odds_of_a_loss_rise_before_harvest_in_a_dry_year_at_the_coast_and_only_there() {
    let panel = synthetic();
    let odds = |year, place: &str| {
        let place = format!("old_province:{place}.winter_spring");
        published(&issue(&RICE_LOSS, panel, date(year, 1, 1), &place))[3]
    };
    let wet = (2006..2016).find(|year| dry(*year) < -0.5).unwrap();
    for coastal in ["ben_tre", "tra_vinh", "soc_trang"] {
        let (salt, rain) = (odds(2016, coastal), odds(wet, coastal));
        assert!(salt > 1.5 * rain, "{coastal}: {salt} {rain} in {wet}");
    }
    assert!(odds(2016, "an_giang") <= odds(wet, "an_giang"));
}

#[test]
fn without_a_river_there_is_still_a_forecast_and_without_harvests_a_reason() {
    let only = |keep: &dyn Fn(&str) -> bool| -> Panel {
        let kept = synthetic().iter().filter(|(key, _)| keep(&key.variable));
        kept.map(|(key, series)| (key.clone(), series.clone())).collect()
    };
    let (on, place) = (date(2012, 12, 1), "old_province:ben_tre.winter_spring");
    let dry = only(&|variable| variable != "water_level_m");
    for target in [&RICE_YIELD, &RICE_AREA, &RICE_PRODUCTION, &RICE_LOSS] {
        assert_eq!(
            issue(target, &dry, on, place).len(),
            issue(target, synthetic(), on, place).len()
        );
    }
    let river = only(&|variable| variable == "water_level_m");
    let Err(refused) = RICE_YIELD.fit(&river, morning(on)) else { panic!("nothing was known") };
    assert!(refused.to_string().contains("rice_yield"), "{refused}");
}

#[test]
fn three_years_of_harvests_publish_a_baseline() {
    let (on, place) = (date(1997, 12, 1), "old_province:ben_tre.winter_spring");
    for (target, stand_in) in [(&RICE_YIELD, "last_year"), (&RICE_LOSS, "climatology")] {
        let issued = issue(target, synthetic(), on, place);
        let baseline = issued.iter().find(|i| i.model == stand_in).unwrap();
        assert_eq!(baseline.quantiles.values(), published(&issued));
        assert!(target.fit(synthetic(), morning(on)).unwrap().gate().iter().all(|v| !v.passes));
    }
}

#[test]
fn stored_models_say_the_same_and_those_of_another_target_or_format_are_refused() {
    let (panel, on) = (synthetic(), date(2012, 12, 1));
    let place: PlaceId = "old_province:ben_tre.winter_spring".parse().unwrap();
    let known = Known::at(panel, morning(on));
    let fitted = RICE_YIELD.fit(panel, morning(on)).unwrap();
    let bytes = fitted.to_bytes().unwrap();
    let loaded = RICE_YIELD.load(&bytes).unwrap();
    let both = [&fitted, &loaded].map(|f| bits(&f.issue(&known, &place).unwrap()));
    assert_eq!(both[0], both[1]);
    let Err(refused) = RICE_AREA.load(&bytes) else { panic!("another target's models") };
    assert!(refused.to_string().contains("rice_yield"), "{refused}");
    let other = String::from_utf8(bytes).unwrap().replacen("\"format\":1", "\"format\":8", 1);
    let Err(refused) = RICE_YIELD.load(other.as_bytes()) else { panic!("another format") };
    assert!(refused.to_string().contains("format 8"), "{refused}");
}

/// The archive of 1995-2016.
fn measured() -> Option<Panel> {
    let (crops, levels) = (
        shared("data/crop/rice_province_season.csv")?,
        shared("data/hydrology/waterlevel_daily.csv")?,
    );
    let mut rows = Rows::new();
    for row in csv::Reader::from_path(crops).unwrap().records().map(Result::unwrap) {
        let at = (slug(&row[0]), row[2].to_owned(), row[1].parse().unwrap());
        let (area, yields) = (row[3].parse().unwrap(), row[6].parse().unwrap());
        harvest(&mut rows, (&at.0, &at.1, at.2), area, yields);
    }
    for row in csv::Reader::from_path(levels).unwrap().records().map(Result::unwrap) {
        if let Ok(value) = row[2].parse() {
            level(&mut rows, epoch_day(row[0].parse().unwrap()), value);
        }
    }
    Some(panel_of(rows))
}

/// Forecasts made in the month of harvest, of the old provinces.
fn last_issues(target: &Rice, panel: &Panel) -> Vec<Row> {
    let (from, to) = (date(2009, 1, 1), date(2016, 11, 1));
    let places = target.places(panel).into_iter().filter(|p| p.kind() == "old_province").collect();
    let window = Window {
        from,
        to,
        refit: Refit::Yearly,
        places: Some(places),
        kind: None,
        candidates: false,
    };
    let mut rows = backtest::run(target, panel, &window, |_| ()).unwrap();
    rows.retain(|row| row.horizon == 1);
    rows
}

#[test]
fn the_baselines_are_those_of_the_readme_and_the_model_is_below_the_median_of_five_years() {
    let Some(panel) = measured() else { return };
    let rows = last_issues(&RICE_YIELD, &panel);
    let score = |model: &str, before: Date| {
        let rows = rows.iter().filter(|row| row.model == model && row.valid_day < before);
        let pairs: Vec<(f64, f64)> = rows.map(|row| (row.quantiles.median(), row.y)).collect();
        (pairs.len(), rmse(&pairs))
    };
    let (salt_shock, end) = (date(2015, 11, 1), date(2017, 1, 1));
    for (model, without, with) in [
        ("last_year", 0.331, 0.541),
        ("mean_5", 0.483, 0.628),
        ("median_5", 0.470, 0.619),
        ("trend_10", 0.352, 0.603),
    ] {
        assert_eq!((score(model, salt_shock).0, score(model, end).0), (231, 264));
        assert!((score(model, salt_shock).1 - without).abs() < 0.0006, "{model}");
        assert!((score(model, end).1 - with).abs() < 0.0006, "{model}");
    }
    for before in [salt_shock, end] {
        assert!(score(PUBLISHED, before).1 < 0.94 * score("median_5", before).1);
        assert!(score(PUBLISHED, before).1 < score("last_year", before).1);
    }
}

#[test]
fn the_odds_of_a_loss_have_skill_over_the_base_rate_and_were_up_in_the_salt_year() {
    let Some(panel) = measured() else { return };
    let rows = last_issues(&RICE_LOSS, &panel);
    let brier = |model: &str| {
        let rows = rows.iter().filter(|row| row.model == model);
        let pairs: Vec<(f64, f64)> = rows.map(|row| (row.quantiles.median(), row.y)).collect();
        rmse(&pairs).powi(2)
    };
    assert!(brier(PUBLISHED) < brier("climatology"));
    let odds = |year: i16| {
        let (day, _) = dated("winter_spring", year);
        let is = |row: &&Row| {
            row.model == PUBLISHED
                && row.place.as_str() == "old_province:ben_tre.winter_spring"
                && epoch_day(row.valid_day) == day
        };
        rows.iter().find(is).map(|row| (row.quantiles.median(), row.y)).unwrap()
    };
    assert_eq!(odds(2016).1, 1.0);
    assert!(odds(2016).0 > 2.0 * odds(2012).0, "{:?} {:?}", odds(2016), odds(2012));
}
