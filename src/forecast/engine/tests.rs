//! Tests of the engine as a whole: hostile panels, any order of work, rows that go on.

use std::num::NonZeroUsize;
use std::sync::Arc;

use arrow::array::{Date32Array, Float64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use proptest::prelude::{ProptestConfig, prop, prop_assert, prop_assert_eq, prop_assume, proptest};

use super::linear::gram::{Factor, Gram, solve};
use super::linear::live::{Plan, Scratch};
use super::linear::{Difference, Linear, shape::mean_and_spread};
use super::*;

type Row = (String, Option<i32>, Option<f64>, Option<f64>);

/// A panel of dates with one exogenous column.
fn batch(rows: &[Row]) -> RecordBatch {
    let schema = Schema::new(vec![
        Field::new("unique_id", DataType::Utf8, false),
        Field::new("ds", DataType::Date32, true),
        Field::new("y", DataType::Float64, true),
        Field::new("x", DataType::Float64, true),
    ]);
    let ids: StringArray = rows.iter().map(|r| Some(r.0.as_str())).collect();
    let days: Date32Array = rows.iter().map(|r| r.1).collect();
    let y: Float64Array = rows.iter().map(|r| r.2).collect();
    let x: Float64Array = rows.iter().map(|r| r.3).collect();
    let columns: Vec<Arc<dyn arrow::array::Array>> =
        vec![Arc::new(ids), Arc::new(days), Arc::new(y), Arc::new(x)];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

fn question(horizon: usize, threads: usize) -> Question {
    let threads = NonZeroUsize::new(threads).unwrap();
    Question { horizon, seasons: None, freq: None, levels: vec![80.0, 95.0], threads }
}

fn fast(pilot: &[Block], ask: &Ask) -> Box<dyn super::Strategy> {
    Box::new(LinearMix::prepare(pilot, ask))
}

fn gathered(rows: &[Row], question: &Question) -> Forecasts {
    let batch = batch(rows);
    let layout = Layout::of(&batch.schema()).unwrap();
    let mut columns = Rows::none(&layout);
    columns.push(&layout, &batch).unwrap();
    forecast_gathered(columns, layout, question, &fast).unwrap()
}

/// Noise without a generator: the fraction of a product with an irrational number.
fn noise(k: usize) -> f64 {
    (k as f64 * 0.618_033_988_749_895).fract() - 0.5
}

/// A wavy series of `n` days with a weekly bump.
fn wavy(n: usize, seed: usize) -> Vec<f64> {
    let day = |t: usize| f64::from(u8::from(t % 7 == 3)) * 4.0 + (t as f64 / 30.0).sin() * 3.0;
    (0..n).map(|t| 50.0 + seed as f64 + day(t) + noise(t * 17 + seed * 1009)).collect()
}

fn panel(series: usize, n: usize) -> Vec<Row> {
    let of = |s: usize| {
        wavy(n, s)
            .into_iter()
            .enumerate()
            .map(move |(t, y)| (format!("s{s}"), Some(19_000 + t as i32), Some(y), None))
    };
    (0..series).flat_map(of).collect()
}

/// All numbers of the answers, as bits.
fn bits(forecasts: &Forecasts) -> Vec<u64> {
    let factors = forecasts.factors.clone();
    let answers = forecasts.blocks.iter().flat_map(|b| (0..b.len()).map(move |i| (b, i)));
    answers
        .flat_map(|(block, i)| {
            let o = block.outlook(i, &factors);
            [o.point].into_iter().chain(o.lower).chain(o.upper).flatten().map(f64::to_bits)
        })
        .collect()
}

#[test]
fn the_numbers_are_the_same_for_any_threads_streamed_or_gathered() {
    let rows = panel(400, 700);
    let one = bits(&gathered(&rows, &question(9, 1)));
    assert_eq!(one.len(), 400 * 9 * 5);
    for threads in [2, 5] {
        assert_eq!(bits(&gathered(&rows, &question(9, threads))), one);
    }
    let mut layout = Layout::of(&batch(&rows[..1]).schema()).unwrap();
    let plain = bits(&gathered(&rows, &question(9, 2)));
    layout.exogenous.clear();
    let batches = rows.chunks(997).map(|part| Ok::<_, EngineError>(batch(part)));
    let batches: Vec<_> = batches.collect();
    let streamed = forecast_streamed(batches.into_iter(), layout, &question(9, 3), &fast).unwrap();
    assert!(streamed.blocks.len() > 2, "the panel must be cut for this test to mean something");
    assert_eq!(bits(&streamed), plain);
}

#[test]
fn rows_of_a_series_that_stand_apart_are_noticed_when_streamed_and_gathered_otherwise() {
    let rows = panel(200, 700);
    let mut mixed: Vec<Row> = rows[100..].to_vec();
    mixed.extend_from_slice(&rows[..100]);
    let mut layout = Layout::of(&batch(&rows[..1]).schema()).unwrap();
    layout.exogenous.clear();
    let batches: Vec<_> = mixed.chunks(5000).map(|p| Ok::<_, EngineError>(batch(p))).collect();
    let streamed = forecast_streamed(batches.into_iter(), layout, &question(3, 2), &fast);
    assert!(matches!(streamed, Err(EngineError::Scattered { id }) if id == "s0"));
    let forecasts = gathered(&mixed, &question(3, 1));
    let ordered = gathered(&rows, &question(3, 1));
    assert_eq!(bits(&forecasts), bits(&ordered), "the order of rows must not matter");
}

#[test]
fn every_bad_series_has_a_reason_or_a_forecast() {
    let mut rows = panel(8, 300);
    let mut add = |id: &str, day: Option<i32>, y: f64| {
        rows.push((id.to_owned(), day, (!y.is_nan()).then_some(y), None));
    };
    add("duplicate", Some(19_000), 1.0);
    add("duplicate", Some(19_000), 2.0);
    add("point", Some(19_000), 7.0);
    (0..40).for_each(|t| add("constant", Some(19_000 + t), 7.0));
    (0..40).for_each(|t| add("missing", Some(19_000 + t), f64::NAN));
    add("infinite", Some(19_000), f64::INFINITY);
    (0..60).for_each(|t| add("backwards", Some(19_100 - t), f64::from(t % 7)));
    (0..400).for_each(|t| add("decade", Some(19_000 + t + 3650 * (t / 200)), f64::from(t % 7)));
    add("no stamp", None, 1.0);
    let forecasts = gathered(&rows, &question(5, 2));
    let reasons: Vec<_> = forecasts.blocks.iter().flat_map(|b| b.refused.clone()).collect();
    let reason = |id: &str| reasons.iter().find(|(i, _)| i == id).map(|(_, why)| why.clone());
    assert_eq!(reason("duplicate"), Some(Refusal::Duplicate { ds: "2022-01-08".to_owned() }));
    assert_eq!(reason("missing"), Some(Refusal::AllMissing));
    assert_eq!(reason("infinite"), Some(Refusal::Infinite { count: 1 }));
    assert_eq!(reason("no stamp"), Some(Refusal::NoStamp { count: 1 }));
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    let factors = forecasts.factors.clone();
    let outlook = |id: &str| {
        let block = &forecasts.blocks[0];
        let i = (0..block.len()).find(|i| block.ids.text(*i) == id).unwrap();
        block.outlook(i, &factors)
    };
    assert_eq!(outlook("point").point, [7.0; 5]);
    assert!(outlook("point").lower.iter().flatten().all(|bound| bound.is_nan()));
    assert_eq!((outlook("constant").point[4], outlook("constant").lower[1][4]), (7.0, 7.0));
    for (h, y) in outlook("backwards").point.iter().enumerate() {
        // The day after the last had `t` = -1, and values fall from day to day.
        assert!((y - (6 - h) as f64).abs() < 1.0, "{h}: {y}");
    }
    assert!((outlook("decade").point[0] - f64::from(400 % 7)).abs() < 1.0);
}

#[test]
fn a_covariate_known_for_the_future_moves_the_forecast() {
    let x = |t: usize| noise(t * t + 11 * t) * 8.0;
    let mut rows: Vec<Row> = Vec::new();
    for t in 0..210 {
        let y = 20.0 + 3.0 * x(t) + 0.01 * noise(7 * t);
        rows.push(("a".to_owned(), Some(19_000 + t as i32), (t < 200).then_some(y), Some(x(t))));
    }
    let forecasts = gathered(&rows, &question(10, 1));
    for (h, y) in forecasts.blocks[0].point.iter().enumerate() {
        let wanted = 20.0 + 3.0 * x(200 + h);
        assert!((y - wanted).abs() < 0.8, "step {h}: {y} for {wanted}");
    }
    rows.truncate(205);
    let without = gathered(&rows, &question(10, 1));
    assert_ne!(without.blocks[0].point, forecasts.blocks[0].point, "not known for all steps");
}

fn ask() -> Ask {
    Ask { horizon: 12, seasons: vec![7], levels: vec![80.0], freq: Freq::DAILY }
}

/// Least squares written out row by row, as the model says it is.
fn by_rows(y: &[f64], linear: &Linear, horizon: usize) -> Vec<f64> {
    let (mean, spread) = mean_and_spread(y);
    let mut w: Vec<f64> = y.iter().map(|y| (y - mean) / spread).collect();
    let lags = [1, 2, 3, 4, 5, 6, 7, 14, 21, 28];
    let row = |w: &[f64], t: usize| {
        let mut row: Vec<f64> = lags.iter().map(|lag| w[t - lag]).collect();
        row.push(1.0);
        row.extend((0..7).map(|k| f64::from(u8::from((t + 5) % 7 == k))));
        row
    };
    let mut gram = Gram::default();
    gram.reset(18);
    (28..y.len()).for_each(|t| gram.add_row(&row(&w, t), w[t]));
    let mut penalty = vec![4.0 * linear.ridge; 18];
    penalty[10] = 1e-6;
    let mut prior = vec![0.0; 18];
    prior[0] = 0.5;
    let mut weights = Vec::new();
    solve(&gram, &penalty, &prior, &mut Factor::default(), &mut weights);
    for t in y.len()..y.len() + horizon {
        let value = row(&w, t).iter().zip(&weights).map(|(x, b)| x * b).sum();
        w.push(value);
    }
    w[y.len()..].iter().map(|w| w * spread + mean).collect()
}

#[test]
fn shared_sums_give_the_path_of_least_squares_written_out() {
    let y = wavy(400, 3);
    let linear = Linear { difference: Difference::None, log: false, ridge: 1.0 };
    let mut path = vec![0.0; 12];
    let series = Regular { y: &y, start: 5, known: Vec::new() };
    linear.path(&series, &ask(), &mut path).unwrap();
    for (given, wanted) in path.iter().zip(by_rows(&y, &linear, 12)) {
        assert!((given - wanted).abs() < 1e-9, "{given} {wanted}");
    }
}

#[test]
fn contributions_add_up_to_the_path() {
    let y = wavy(900, 1);
    let series = Regular { y: &y, start: 100, known: Vec::new() };
    for linear in Linear::family(&ask()) {
        let mut path = vec![0.0; 12];
        linear.path(&series, &ask(), &mut path).unwrap();
        let parts = linear.contributions(&series, &ask(), &[series.y.len()]).unwrap();
        for (h, y) in path.iter().enumerate() {
            let sum: f64 = parts.iter().map(|part| part[h]).sum();
            assert!((sum - y).abs() < 1e-9 * y.abs(), "{linear:?} step {h}: {sum} for {y}");
        }
        assert!(parts[2].iter().any(|v| *v != 0.0) || linear.difference == Difference::Season);
    }
}

#[test]
fn one_new_row_gives_what_a_fit_on_all_rows_gives() {
    let y = wavy(500, 2);
    for linear in Linear::family(&ask()) {
        let early = Regular { y: &y[..497], start: 3, known: Vec::new() };
        let end = linear.end(&early, &ask()).unwrap();
        let plan = Plan::new(&linear, end.shape.clone(), &ask());
        let (mut numbers, mut scratch) = (Vec::new(), Scratch::default());
        plan.append(&end, &mut Factor::default(), &mut numbers);
        assert_eq!(numbers.len(), plan.size());
        for (t, y) in (500..).zip(&y[497..]) {
            plan.push(&mut numbers, t, *y, &mut scratch);
        }
        let mut path = vec![0.0; 12];
        let sigma = plan.path(&numbers, 503, &mut path, &mut scratch);
        let whole = Regular { y: &y, start: 3, known: Vec::new() };
        let (mut paths, mut sigmas) = (vec![0.0; 24], [0.0; 2]);
        linear.run_all(&whole, &ask(), &[497, 500], &mut paths, &mut sigmas);
        for (given, wanted) in path.iter().zip(&paths[12..]) {
            assert!((given - wanted).abs() < 1e-9 * wanted.abs(), "{linear:?} {given} {wanted}");
        }
        assert!((sigma - sigmas[1]).abs() < 1e-9 * sigma, "{linear:?}");
    }
}

fn live_panel() -> LivePanel {
    let mut rows = Rows::none(&Layout::of(&batch(&[]).schema()).unwrap());
    let mut layout = Layout::of(&batch(&[]).schema()).unwrap();
    layout.exogenous.clear();
    rows.exogenous.clear();
    rows.push(&layout, &batch(&panel(20, 200))).unwrap();
    let blocks = [Block::new(&rows, &layout, &ask())];
    let mix = LinearMix::prepare(&blocks, &ask());
    let mut pool = Pool::new(12);
    let _ = Answers::of(&blocks[0], &ask(), &mix, &mut pool);
    let (live, rejected) = LivePanel::fit(&blocks, &ask(), &layout, mix, vec![pool.factors(80.0)]);
    assert_eq!((live.len(), rejected.len()), (20, 0));
    live
}

#[test]
fn a_stored_panel_comes_back_as_it_was_and_others_say_why_not() {
    let live = live_panel();
    let bytes = live.to_bytes().unwrap();
    assert_eq!(LivePanel::from_bytes(&bytes).unwrap(), live);
    let refused = |bytes: &[u8]| LivePanel::from_bytes(bytes).unwrap_err().to_string();
    assert!(refused(b"PK\x03\x04 something").contains("something else"));
    assert!(refused(&bytes[..bytes.len() / 2]).contains("damaged"));
    let mut other = bytes.clone();
    other[12] = 9;
    assert!(refused(&other).contains("format 9, this build reads formats 1 and 2"));
    let mut flipped = bytes;
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    assert!(refused(&flipped).contains("damaged"));
}

#[test]
fn a_panel_stored_in_format_1_goes_on_as_it_would_have_then() {
    // Written, with these forecasts of the steps 140 to 142, by the last build of format 1.
    let bytes = include_bytes!("../../../tests/golden/formats/panel-1.muavu");
    let live = LivePanel::from_bytes(bytes).unwrap();
    assert_eq!((live.len(), live.ids.text(0).as_str(), live.ask.horizon), (2, "north", 3));
    let answers = &live.forecast(NonZeroUsize::MIN)[0];
    let wanted = [12.555951122206118, 12.930495554855616, 12.111743112552972];
    for (given, wanted) in answers.point.iter().zip(wanted) {
        assert!((given - wanted).abs() < 1e-9, "{given} for {wanted}");
    }
    let (low, high) = answers.interval(0, 0, live.factors[0][0]);
    assert!((low - 11.459855962257702).abs() < 1e-9 && (high - 13.652046282154533).abs() < 1e-9);
    assert_eq!(LivePanel::from_bytes(&live.to_bytes().unwrap()).unwrap(), live);
    let mut damaged = bytes.to_vec();
    damaged[bytes.len() / 2] ^= 1;
    assert!(LivePanel::from_bytes(&damaged).unwrap_err().to_string().contains("damaged"));
}

#[test]
fn rows_that_do_not_go_on_are_returned_and_change_nothing() {
    let mut live = live_panel();
    let layout = live.layout.clone();
    let before = live.clone();
    let update = |live: &mut LivePanel, rows: &[Row]| {
        let mut columns = Rows::none(&layout);
        columns.push(&layout, &batch(rows)).unwrap();
        live.update(columns)
    };
    let row = |id: &str, day: i32| (id.to_owned(), Some(day), Some(50.0), None);
    let bad = [row("s3", 19_199), row("nobody", 19_200), row("s4", 19_200 + 9999)];
    let rejected = update(&mut live, &bad);
    assert_eq!(rejected.len(), 3, "{rejected:?}");
    assert_eq!(live, before);
    assert!(update(&mut live, &[row("s3", 19_202), row("s7", 19_200)]).is_empty());
    let one = NonZeroUsize::MIN;
    let answers = live.forecast(one);
    let first = |i: usize| answers[0].stamps(i, live.ask.freq).next().unwrap() / 86_400_000_000;
    assert_eq!((first(0), first(3), first(7)), (19_200, 19_203, 19_201));
    let two = live.forecast(NonZeroUsize::new(2).unwrap());
    let points = |parts: &[Answers]| parts.iter().flat_map(|p| p.point.clone()).collect::<Vec<_>>();
    assert_eq!(points(&two), points(&answers));
}

#[test]
fn days_taken_up_one_by_one_and_stored_between_are_all_days_at_once() {
    let all = panel(20, 230);
    let rows = |from: i32, to: i32, reversed: bool| {
        let mut some: Vec<Row> = all.clone();
        some.retain(|(_, day, _, _)| (19_000 + from..19_000 + to).contains(&day.unwrap()));
        if reversed {
            some.reverse();
        }
        let mut columns = Rows::none(&live_panel().layout);
        columns.push(&live_panel().layout, &batch(&some)).unwrap();
        columns
    };
    let mut daily = live_panel();
    for day in 200..230 {
        assert!(daily.update(rows(day, day + 1, day % 2 == 0)).is_empty());
        daily = LivePanel::from_bytes(&daily.to_bytes().unwrap()).unwrap();
    }
    let mut at_once = live_panel();
    assert!(at_once.update(rows(200, 230, true)).is_empty());
    assert_eq!(daily, at_once);
    assert_eq!(daily.forecast(NonZeroUsize::MIN), at_once.forecast(NonZeroUsize::MIN));
}

#[test]
fn a_backtest_forecasts_from_what_was_known_then() {
    let rows = panel(30, 300);
    let layout = || Layout { exogenous: vec![], ..Layout::of(&batch(&[]).schema()).unwrap() };
    let columns = |rows: &[Row]| {
        let mut columns = Rows::none(&layout());
        columns.push(&layout(), &batch(rows)).unwrap();
        columns
    };
    let run =
        |rows: &[Row]| backtest(columns(rows), &layout(), &question(7, 2), (4, 7), &fast).unwrap();
    let scores = run(&rows);
    assert_eq!((scores.all.n, scores.steps.len()), (30 * 4 * 7, 7));
    assert!(scores.all.mase < scores.all.mase_naive, "{:?}", scores.all);
    assert!((0.7..=0.95).contains(&scores.all.coverage[0]), "{:?}", scores.all.coverage);
    let ask = ask();
    let block = Block::new(&columns(&rows), &layout(), &ask);
    let changed: Vec<Row> = rows
        .iter()
        .map(|(id, day, y, x)| {
            (id.clone(), *day, if *day >= Some(19_290) { Some(1e6) } else { *y }, *x)
        })
        .collect();
    let other = Block::new(&columns(&changed), &layout(), &ask);
    let mix = LinearMix::prepare(&[block.earlier(10)], &ask);
    assert_eq!(mix, LinearMix::prepare(&[other.earlier(10)], &ask));
    let answers = |block: &Block| Answers::of(block, &ask, &mix, &mut Pool::new(12));
    assert_eq!(answers(&block.earlier(10)), answers(&other.earlier(10)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_panel_however_hostile_stops_the_others(
        series in prop::collection::vec(
            (0_usize..5, prop::collection::vec((0_i32..900, 0_u8..12, -1e3_f64..1e3), 0..120)),
            1..8,
        ),
        horizon in 1_usize..20,
        scale in prop::sample::select(vec![1.0, 1e-280, 1e300, 0.0]),
    ) {
        let mut rows = Vec::new();
        let mut ids = std::collections::BTreeSet::new();
        for (kind, values) in &series {
            let id = format!("{kind}");
            for (i, (day, special, y)) in values.iter().enumerate() {
                ids.insert(id.clone());
                let day = if *kind == 0 { *day } else { i as i32 };
                let y = match special {
                    0 => None,
                    1 if *kind == 1 => Some(f64::INFINITY),
                    2 => Some(0.0),
                    _ => Some(y * scale),
                };
                let day = (*special != 11 || *kind != 2).then_some(day * if *kind == 3 { 40 } else { 1 });
                rows.push((id.clone(), day, y, Some(1.0)));
            }
        }
        prop_assume!(!rows.is_empty());
        let forecasts = gathered(&rows, &question(horizon, 2));
        let factors = forecasts.factors.clone();
        let answered: usize = forecasts.blocks.iter().map(Answers::len).sum();
        let refused: usize = forecasts.blocks.iter().map(|b| b.refused.len()).sum();
        prop_assert_eq!(answered + refused, ids.len());
        for block in &forecasts.blocks {
            for i in 0..block.len() {
                let outlook = block.outlook(i, &factors);
                prop_assert!(outlook.point.iter().all(|y| y.is_finite()));
                for (low, high) in outlook.lower.iter().flatten().zip(outlook.upper.iter().flatten()) {
                    prop_assert!(low <= high || low.is_nan());
                }
            }
        }
        for batch in forecasts.batches() {
            prop_assert!(batch.is_ok());
        }
    }
}
