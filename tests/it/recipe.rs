//! The engine of daily targets on a made-up recipe: it looks at nothing later, learns what there is
//! to learn, and without history gives baselines.

use std::f64::consts::TAU;
use std::sync::OnceLock;

use jiff::civil::Date;
use muavu::domain::PlaceId;
use muavu::domain::time::{IssuedAt, date_of_epoch_day, epoch_day};
use muavu::features::{DailySeries, Known, Panel, SeriesKey};
use muavu::forecast::backtest::{self, Refit, Window};
use muavu::forecast::recipe::settings::default_trees;
use muavu::forecast::recipe::{
    Column, Daily, FittedDaily, Period, Recipe, Scale, Settings, Shrink, Step,
};
use muavu::forecast::targets::{Fitted, Issued, Target};

const DAY_US: i64 = 86_400_000_000;
const FIRST: Date = Date::constant(2020, 1, 1);
const CUT: Date = Date::constant(2021, 6, 1);
const WET: &str = "rain_mm";
const GUIDE: &str = "wind_mean_m_s";

/// Follows a second series three days later; the day of the year is all it knows of the future.
#[derive(Debug, Clone, Copy)]
struct Follower;

impl Recipe for Follower {
    type Days = ();

    fn name(&self) -> &'static str {
        "follower"
    }

    fn variable(&self) -> &'static str {
        WET
    }

    fn unit(&self) -> &'static str {
        "mm"
    }

    fn inputs(&self) -> &'static [&'static str] {
        &[WET, GUIDE]
    }

    fn horizons(&self) -> u8 {
        4
    }

    fn scale(&self) -> Scale {
        Scale::Log1p
    }

    fn range(&self) -> (f64, f64) {
        (0.0, 60.0)
    }

    fn settings(&self) -> Settings {
        Settings {
            period: Period::Month,
            held_out: 4,
            shrink: &[Shrink { pooled: 3.0, place: 30.0 }],
            trees: Some(default_trees().n_trees(40)),
            rows_min: 400,
            ..Settings::default()
        }
    }

    fn origin_columns(&self) -> Vec<Column> {
        let guide = |k| Column::all("guide", format!("guide {k} back"));
        let own = [Column::all("own", "own"), Column::all("own", "change")];
        own.into_iter().chain((0..4).map(guide)).collect()
    }

    fn ahead_columns(&self) -> Vec<Column> {
        vec![Column::all("guide", "guide three days before")]
    }

    fn days(&self, _first: i64, _last: i64) {}

    fn origin(&self, known: &Known<'_>, place: &PlaceId, out: &mut Vec<f64>) {
        let own: [f64; 2] = known.series(WET, place).window(known.today() - 1);
        let own = own.map(|v| if v.is_finite() { Scale::Log1p.of(v) } else { f64::NAN });
        out.extend([own[0], own[0] - own[1]]);
        let guide: [f64; 4] = known.series(GUIDE, place).window(known.today() - 1);
        out.extend(guide);
    }

    fn ahead(&self, (): &(), step: &Step<'_>, out: &mut Vec<f64>) {
        let back = 3 - step.horizon;
        out.push(if back >= 0 { step.origin[2 + back as usize] } else { f64::NAN });
    }
}

/// A random number from 0 to 1 fixed by `n`.
fn noise(n: i64) -> f64 {
    let mut z = n.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

/// Twenty months at two places, and three weeks at a third.
fn panel() -> Panel {
    let first = epoch_day(FIRST);
    let mut panel = Panel::default();
    for (n, place) in (1_i64..).zip(["city:a", "city:b", "city:new"]) {
        let guide = |day: i64| 6.0 * noise(97 * day + n);
        let wet = |day: i64| {
            let season = 1.0 + (TAU * day as f64 / 365.25).sin();
            (guide(day - 3) + season + noise(31 * day + n) - 0.5).max(0.0)
        };
        let from = if place == "city:new" { epoch_day(CUT) - 10 } else { first };
        for (variable, value) in [(WET, &wet as &dyn Fn(i64) -> f64), (GUIDE, &guide)] {
            // A tenth of the days is missing, known to nobody.
            let days = (from..first + 600).filter(|d| noise(13 * d + n) > 0.1);
            let rows: Vec<_> = days.map(|d| (d, (d + 1) * DAY_US, value(d))).collect();
            let key = SeriesKey { variable: variable.into(), place: place.parse().unwrap() };
            panel.insert(key, DailySeries::from_rows(&rows));
        }
    }
    panel
}

fn morning(day: i64) -> IssuedAt {
    IssuedAt::morning_of(date_of_epoch_day(day)).unwrap()
}

fn stored() -> &'static (Panel, Vec<u8>) {
    static STORED: OnceLock<(Panel, Vec<u8>)> = OnceLock::new();
    STORED.get_or_init(|| {
        let panel = panel();
        let fitted = Daily::new(Follower).fit_daily(&panel, morning(epoch_day(CUT))).unwrap();
        (panel, fitted.to_bytes().unwrap())
    })
}

/// The models read back from bytes: they remember nothing of earlier issues.
fn issue(panel: &Panel, at: IssuedAt, place: &PlaceId) -> Vec<Issued> {
    let fitted = FittedDaily::from_bytes(&Follower, &stored().1).unwrap();
    fitted.issue(&Known::at(panel, at), place).unwrap()
}

fn spoiled(panel: &Panel, after: IssuedAt) -> Panel {
    let at_us = after.0.as_microsecond();
    let garbage = |day: i64| 1e6 * (noise(day) - 0.5);
    panel.iter().map(|(k, s)| (k.clone(), s.with_garbage_after(at_us, garbage))).collect()
}

fn bits(issued: &[Issued]) -> Vec<(u8, &'static str, [u64; 7])> {
    let bits = |i: &Issued| (i.horizon, i.model, i.quantiles.values().map(f64::to_bits));
    issued.iter().map(bits).collect()
}

#[test]
fn forecasts_are_bit_identical_when_everything_later_is_garbage() {
    let (panel, _) = stored();
    let mut held = 0;
    for draw in 0..12 {
        let at = morning(epoch_day(CUT) + (80.0 * noise(draw)) as i64);
        let spoiled = spoiled(panel, at);
        for place in panel.places_of(WET) {
            let clean = issue(panel, at, place);
            assert_eq!(bits(&clean), bits(&issue(&spoiled, at, place)), "{place}");
            held += clean.len();
        }
    }
    assert!(held > 300, "only {held} forecasts were compared");
}

#[test]
fn the_leakage_test_can_fail() {
    let (panel, _) = stored();
    let place = "city:a".parse().unwrap();
    let days = epoch_day(CUT) + 20..epoch_day(CUT) + 40;
    let differs = |day: i64| {
        let clean = issue(panel, morning(day), &place);
        !clean.is_empty()
            && bits(&clean) != bits(&issue(&spoiled(panel, morning(day - 2)), morning(day), &place))
    };
    assert!(days.into_iter().any(differs));
}

#[test]
fn a_fit_knows_nothing_later_than_its_cut() {
    let (panel, bytes) = stored();
    let cut = morning(epoch_day(CUT));
    let alone = Daily::new(Follower).fit_daily(&spoiled(panel, cut), cut).unwrap();
    assert!(*bytes == alone.to_bytes().unwrap(), "two fits of the same past differ");
}

#[test]
fn what_can_be_learned_is_learned_and_beats_every_baseline() {
    let (panel, _) = stored();
    let target = Daily::new(Follower);
    let (from, to) = (Date::constant(2021, 3, 1), Date::constant(2021, 7, 31));
    let window =
        Window { from, to, refit: Refit::Yearly, places: None, kind: None, candidates: false };
    let rows = backtest::run(&target, panel, &window, |_| ()).unwrap();
    let mae = |model: &str, horizon: u8| {
        let own = rows.iter().filter(|r| r.model == model && r.horizon == horizon);
        let errors = own.map(|r| (r.quantiles.median() - r.y).abs());
        let (sum, n) = errors.fold((0.0, 0), |(sum, n), e| (sum + e, n + 1));
        sum / f64::from(n)
    };
    for horizon in 1..=2 {
        let best = ["persistence", "climatology", "seasonal_naive"].map(|m| mae(m, horizon));
        let best = best.into_iter().fold(f64::INFINITY, f64::min);
        // The guide is known three days before the day; noise of 0.25 mm remains.
        assert!(mae("published", horizon) < 0.6 * best, "{} {best}", mae("published", horizon));
    }
    let inside = rows.iter().filter(|r| r.model == "published");
    let (sum, n) = inside.fold((0, 0), |(sum, n), r| {
        let [_, low, .., high, _] = r.quantiles.values();
        (sum + i32::from((low..=high).contains(&r.y)), n + 1)
    });
    let share = f64::from(sum) / f64::from(n);
    assert!((0.72..0.88).contains(&share), "80 % intervals cover {share}");
    assert!(rows.iter().all(|r| (0.0..=60.0).contains(&r.quantiles.values()[0])));
}

#[test]
fn too_little_history_publishes_persistence_and_says_so() {
    let (panel, _) = stored();
    let cut = morning(epoch_day(FIRST) + 40);
    let fitted = Daily::new(Follower).fit_daily(panel, cut).unwrap();
    assert!(fitted.gate().iter().all(|v| !v.passes && v.model_loss.is_none()));
    assert_eq!(fitted.gate().len(), 4);
    let place = "city:a".parse().unwrap();
    let day =
        (epoch_day(FIRST) + 45..).find(|d| panel.get(WET, &place).unwrap().truth(d - 1).is_some());
    let issued = fitted.issue(&Known::at(panel, morning(day.unwrap())), &place).unwrap();
    let of = |model: &str| issued.iter().filter(|i| i.model == model).collect::<Vec<_>>();
    assert_eq!(of("published").len(), 4);
    for (published, persistence) in of("published").into_iter().zip(of("persistence")) {
        assert_eq!(published.quantiles, persistence.quantiles);
    }
}

#[test]
fn a_place_of_yesterday_is_forecast_and_one_without_yesterday_is_not() {
    let (panel, _) = stored();
    let place = "city:new".parse().unwrap();
    let known = |day: i64| panel.get(WET, &place).unwrap().truth(day - 1).is_some();
    let days = epoch_day(CUT) + 3..epoch_day(CUT) + 40;
    let (with, without): (Vec<i64>, Vec<i64>) = days.partition(|d| known(*d));
    assert!(!with.is_empty() && !without.is_empty());
    assert!(with.iter().all(|d| !issue(panel, morning(*d), &place).is_empty()));
    assert!(without.iter().all(|d| issue(panel, morning(*d), &place).is_empty()));
}

#[test]
fn models_of_another_format_or_target_are_refused() {
    let text = String::from_utf8(stored().1.clone()).unwrap();
    for (from, to) in [("\"format\":1", "\"format\":7"), ("\"follower\"", "\"leader\"")] {
        let other = text.replacen(from, to, 1);
        let refused = FittedDaily::from_bytes(&Follower, other.as_bytes()).unwrap_err();
        assert!(refused.to_string().contains(to.trim_matches('"').trim_start_matches("format\":")));
    }
    assert!(FittedDaily::from_bytes(&Follower, &stored().1[..1_000]).is_err());
}

#[test]
fn candidates_are_compared_one_by_one() {
    let (panel, _) = stored();
    let target = Daily::new(Follower);
    let alone = target.candidates(panel, morning(epoch_day(CUT))).unwrap().unwrap();
    let place = "city:a".parse().unwrap();
    let day = (epoch_day(CUT)..).find(|d| panel.get(WET, &place).unwrap().truth(d - 1).is_some());
    let points = alone.points(&Known::at(panel, morning(day.unwrap())), &place).unwrap();
    for name in ["ridge", "trees", "linfa_least_squares", "linfa_elastic_net", "linfa_pls"] {
        let name = format!("alone.{name}");
        assert_eq!(points.iter().filter(|(_, n, _)| *n == name).count(), 4, "{name}");
    }
    assert!(points.iter().all(|(_, _, point)| point.is_finite()));
}
