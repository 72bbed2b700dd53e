//! Planthoppers in the light traps of the shared archive: the published baselines come out, and the
//! forecast is better on years it has not seen.

use std::collections::BTreeMap;

use jiff::civil::Date;
use muavu::domain::PlaceId;
use muavu::domain::time::epoch_day;
use muavu::features::{DailySeries, Panel, SeriesKey};
use muavu::forecast::backtest::{self, Refit, Row, Window};
use muavu::forecast::targets::planthopper::Planthopper;

use crate::support;

const TRAP: &str = "pest:maruteru.brown_planthopper.light_trap";

/// The names of the pests used here in the catalogue of places.
const PESTS: [(&str, &str); 4] = [
    ("Brownplanthopper", "brown_planthopper"),
    ("Whitebackedplanthopper", "white_backed_planthopper"),
    ("Greenleafhopper", "green_leafhopper"),
    ("Yellowstemborer", "yellow_stem_borer"),
];

fn first_day(year: i16, week: i64) -> i64 {
    epoch_day(Date::constant(year, 1, 1)) + 7 * (week - 1)
}

/// Returns Maruteru's light traps as the pipeline would give them.
fn panel() -> Option<Panel> {
    let path = support::shared("data/crop/aicrip_pest_weekly.csv")?;
    let mut rows: BTreeMap<PlaceId, BTreeMap<i64, f64>> = BTreeMap::new();
    for record in csv::Reader::from_path(path).unwrap().records() {
        let record = record.unwrap();
        let pest = PESTS.iter().find(|(name, _)| *name == &record[1]);
        let Some((_, pest)) = pest.filter(|_| &record[0] == "Maruteru") else { continue };
        if &record[5] == "Number/Light trap" {
            let day = first_day(record[2].parse().unwrap(), record[3].parse().unwrap());
            let place = format!("pest:maruteru.{pest}.light_trap").parse().unwrap();
            rows.entry(place).or_default().insert(day, record[4].parse().unwrap());
        }
    }
    // Known at 07:00 local, 00:00 UTC, two weeks after the week began.
    let told = |(day, count): (i64, f64)| (day, (day + 14) * 86_400_000_000, count);
    let series = |(place, counts): (PlaceId, BTreeMap<i64, f64>)| {
        let rows: Vec<_> = counts.into_iter().map(told).collect();
        (SeriesKey { variable: "pest_count".into(), place }, DailySeries::from_rows(&rows))
    };
    Some(rows.into_iter().map(series).collect())
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
    sum / n
}

/// shared/data/README.md, section 3: log1p MAE at 1 and 4 weeks 0.949 and 1.928, mean of week 2.195.
#[test]
fn published_baselines_of_the_archive_are_reproduced() {
    let Some(panel) = panel() else { return };
    let trap = panel.get("pest_count", &TRAP.parse().unwrap()).unwrap();
    let log = |year, week| Some(trap.truth(first_day(year, week))?.ln_1p());
    let weeks = || (2002..=2006).flat_map(|year| (1..=52).map(move |week| (year, week)));
    let before = |(year, week): (i16, i64), lag: i64| {
        if week > lag { log(year, week - lag) } else { log(year - 1, week - lag + 52) }
    };
    for (lag, expected) in [(1, 0.949), (4, 1.928)] {
        let errors = weeks().filter_map(|at| Some((log(at.0, at.1)? - before(at, lag)?).abs()));
        let found = mean(errors);
        assert!((found - expected).abs() < 0.0006, "{lag}: {found}");
    }
    let usual = |week| mean((1994..2002).filter_map(|year| log(year, week)));
    let found = mean(weeks().filter_map(|(y, week)| Some((log(y, week)? - usual(week)).abs())));
    assert!((found - 2.195).abs() < 0.0006, "{found}");
}

#[test]
fn years_not_seen_are_forecast_better_than_by_any_baseline_and_covered() {
    let Some(panel) = panel() else { return };
    let window = Window {
        from: Date::constant(2002, 1, 1),
        to: Date::constant(2006, 12, 31),
        refit: Refit::Yearly,
        places: None,
        kind: None,
        candidates: false,
    };
    let rows = backtest::run(&Planthopper, &panel, &window, |_| ()).unwrap();
    let of = |model: &str, horizon: u8| -> Vec<&Row> {
        rows.iter().filter(|r| r.model == model && r.horizon == horizon).collect()
    };
    let error = |rows: &[&Row]| {
        mean(rows.iter().map(|r| (r.quantiles.median().ln_1p() - r.y.ln_1p()).abs()))
    };
    for horizon in [1, 2, 4, 6] {
        let own = of("published", horizon);
        // 26 weeks of 2005 repeat 2004, and nothing is issued from most of them.
        assert!(own.len() > 220, "{}", own.len());
        for baseline in ["persistence", "climatology", "seasonal_naive"] {
            let (own, other) = (error(&own), error(&of(baseline, horizon)));
            assert!(own < other, "{horizon} weeks: {own} against {baseline} {other}");
        }
        let covered = |r: &&Row| {
            let q = r.quantiles.values();
            f64::from(u8::from(q[1] <= r.y && r.y <= q[5]))
        };
        let share = mean(own.iter().map(covered));
        assert!((0.70..0.90).contains(&share), "{horizon} weeks: {share}");
    }
}
