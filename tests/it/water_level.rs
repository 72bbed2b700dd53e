//! Levels at the delta's gauges: blind to the future, as good without an input as can be, and ready
//! for the floods of 2000 to 2002.

use std::sync::OnceLock;

use jiff::civil::Date;
use muavu::domain::PlaceId;
use muavu::domain::time::{IssuedAt, date_of_epoch_day, epoch_day};
use muavu::features::{DailySeries, Known, Panel, SeriesKey};
use muavu::forecast::backtest::{self, Refit, Row, Window};
use muavu::forecast::recipe::daily::Trial;
use muavu::forecast::recipe::settings::default_trees;
use muavu::forecast::recipe::{Daily, FittedDaily, Recipe as _, Settings};
use muavu::forecast::targets::water_level::WaterLevel;
use muavu::forecast::targets::{Fitted, Issued, Target};

use crate::support::shared;

const DAY_US: i64 = 86_400_000_000;
const CUT: Date = Date::constant(2000, 1, 1);
const LEVEL: &str = "water_level_m";

/// The levels to the end of 2002, without the straight lines that the import flags.
fn measured() -> Option<&'static Panel> {
    static PANEL: OnceLock<Option<Panel>> = OnceLock::new();
    let read = || {
        let path = shared("data/hydrology/waterlevel_daily.csv")?;
        let mut reader = csv::Reader::from_path(path).unwrap();
        let heads = reader.headers().unwrap().clone();
        let rows: Vec<_> =
            reader.records().map(Result::unwrap).take_while(|r| &r[0] < "2003").collect();
        let days: Vec<i64> = rows.iter().map(|r| epoch_day(r[0].parse().unwrap())).collect();
        let mut panel = Panel::default();
        for column in 1..heads.len() {
            if ["duc_xuyen_m", "kontum_m", "ban_don_m"].contains(&&heads[column]) {
                continue;
            }
            let values: Vec<f64> = rows.iter().map(|r| r[column].parse().unwrap()).collect();
            let told: Vec<_> = (0..values.len())
                .filter(|i| !on_a_line(&values, *i))
                .map(|i| (days[i], (days[i] + 1) * DAY_US, values[i]))
                .collect();
            let place = PlaceId::new("river", heads[column].trim_end_matches("_m")).unwrap();
            let key = SeriesKey { variable: LEVEL.into(), place };
            panel.insert(key, DailySeries::from_rows(&told));
        }
        Some(panel)
    };
    PANEL.get_or_init(read).as_ref()
}

/// Whether a value lies on a straight line of at least five, as data/reference/manifest.toml flags.
fn on_a_line(values: &[f64], i: usize) -> bool {
    (i.saturating_sub(4)..=i).any(|from| {
        values
            .get(from..from + 5)
            .is_some_and(|run| run.windows(3).all(|w| (w[2] - 2.0 * w[1] + w[0]).abs() < 1e-9))
    })
}

fn morning(day: i64) -> IssuedAt {
    IssuedAt::morning_of(date_of_epoch_day(day)).unwrap()
}

/// One target for all tests, so that fits are made once.
fn target() -> &'static Daily<WaterLevel> {
    &muavu::forecast::targets::water_level::WATER_LEVEL
}

/// Fitted with a tenth of the trees and half the years held out, which blinds nobody.
fn light_fit(panel: &Panel) -> Vec<u8> {
    let trees = Some(default_trees().n_trees(30));
    let settings = Some(Settings { trees, held_out: 2, ..WaterLevel.settings() });
    let target = Daily::trial(WaterLevel, Trial { settings, ..Trial::default() });
    target.fit_daily(panel, morning(epoch_day(CUT))).unwrap().to_bytes().unwrap()
}

fn stored() -> Option<&'static Vec<u8>> {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    let panel = measured()?;
    Some(BYTES.get_or_init(|| light_fit(panel)))
}

fn issue(panel: &Panel, at: IssuedAt, place: &PlaceId) -> Vec<Issued> {
    let fitted = FittedDaily::from_bytes(&WaterLevel, stored().unwrap()).unwrap();
    fitted.issue(&Known::at(panel, at), place).unwrap()
}

fn bits(issued: &[Issued]) -> Vec<(u8, &'static str, [u64; 7])> {
    let bits = |i: &Issued| (i.horizon, i.model, i.quantiles.values().map(f64::to_bits));
    issued.iter().map(bits).collect()
}

fn spoiled(panel: &Panel, after: IssuedAt) -> Panel {
    let at_us = after.0.as_microsecond();
    let garbage = |day: i64| (day * 7_919 % 1_000) as f64 * 1e3;
    panel.iter().map(|(k, s)| (k.clone(), s.with_garbage_after(at_us, garbage))).collect()
}

#[test]
fn forecasts_are_bit_identical_when_everything_later_is_garbage() {
    let Some(panel) = measured() else { return };
    let mut held = 0;
    for k in 0..5 {
        let at = morning(epoch_day(CUT) + 40 + 61 * k);
        let spoiled = spoiled(panel, at);
        for place in target().places(panel) {
            let clean = issue(panel, at, &place);
            assert_eq!(bits(&clean), bits(&issue(&spoiled, at, &place)), "{place}");
            held += clean.len();
        }
    }
    assert!(held > 800, "only {held} forecasts were compared");
    let at = morning(epoch_day(CUT) + 200);
    let place = "river:tan_chau".parse().unwrap();
    let too_early = spoiled(panel, morning(epoch_day(CUT) + 198));
    assert_ne!(bits(&issue(panel, at, &place)), bits(&issue(&too_early, at, &place)));
}

#[test]
fn a_fit_knows_nothing_later_than_its_cut() {
    let (Some(panel), Some(bytes)) = (measured(), stored()) else { return };
    let other = light_fit(&spoiled(panel, morning(epoch_day(CUT))));
    assert!(*bytes == other, "two fits of the same past differ");
}

#[test]
fn a_river_without_its_upper_gauges_is_still_forecast() {
    let Some(panel) = measured() else { return };
    let delta: Panel = panel
        .iter()
        .filter(|(key, _)| target().places(panel).contains(&key.place))
        .map(|(key, series)| (key.clone(), series.clone()))
        .collect();
    let place: PlaceId = "river:tan_chau".parse().unwrap();
    let truth = panel.get(LEVEL, &place).unwrap();
    let (mut held, mut worst) = (0, 0.0_f64);
    for k in 0..14 {
        let day = epoch_day(Date::constant(2000, 7, 1)) + 7 * k;
        let issued = issue(&delta, morning(day), &place);
        let week = issued.iter().find(|i| i.horizon == 7 && i.model == "published");
        // Days on filled-in lines are neither forecast from nor held against a forecast.
        let (Some(week), Some(y)) = (week, truth.truth(day + 6)) else { continue };
        held += 1;
        worst = worst.max((week.quantiles.median() - y).abs());
    }
    // Put back to their yearly means, the upper gauges would pull a river in flood down by metres.
    assert!(held >= 8 && worst < 1.0, "{held} forecasts, {worst} m off at worst");
}

#[test]
fn the_floods_of_2000_to_2002_are_seen_coming() {
    let Some(panel) = measured() else { return };
    let place: PlaceId = "river:tan_chau".parse().unwrap();
    for (year, peak) in [(2000, 5.05), (2001, 4.7), (2002, 4.7)] {
        let (from, to) = (Date::constant(year, 7, 1), Date::constant(year, 11, 30));
        let places = Some([place.clone()].into());
        let window =
            Window { from, to, refit: Refit::Yearly, places, kind: None, candidates: false };
        let rows = backtest::run(target(), panel, &window, |_| ()).unwrap();
        let at = |model: &'static str, h: u8| -> Vec<&Row> {
            rows.iter().filter(|r| r.model == model && r.horizon == h).collect()
        };
        let top = at("published", 3).into_iter().max_by(|a, b| a.y.total_cmp(&b.y)).unwrap();
        assert!((top.y - peak).abs() < 0.2, "the peak of {year} is {}", top.y);
        let error = (top.quantiles.median() - top.y).abs();
        assert!(error < 0.15, "{year}: {error} m off the peak three days before");
        let mae = |rows: Vec<&Row>| {
            let errors = rows.iter().map(|r| (r.quantiles.median() - r.y).abs());
            errors.sum::<f64>() / rows.len() as f64
        };
        let (own, stays) = (mae(at("published", 5)), mae(at("persistence", 5)));
        assert!(own < 0.7 * stays, "{year}: {own} m against {stays} m of persistence");
    }
}
