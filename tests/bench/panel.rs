//! The daily round of a panel through the library: fitted once, then every day one new row of each
//! series and a new forecast with intervals; and the backtest with refit. Not a test: it says what it
//! measured, on one thread, on the synthetic panel that `gen_synth.py` of the peers' side documents.
//!
//! ```sh
//! cargo bench --bench panel -- update 10000 730 20     # series, days known, days that follow
//! cargo bench --bench panel -- saved 10000 730 20      # the same from files to files, as the command does
//! cargo bench --bench panel -- backtest 1000 730 8     # series, days, windows
//! cargo bench --bench panel -- write 1000000 730 F     # a panel for panel.py --scaling, block by block
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on must stop where it is, and asks the clock"
)]

use std::f64::consts::TAU;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{Date32Array, Float64Array, Int32Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use muavu::forecast::engine::{
    Answers, Ask, Block, Forecasts, Layout, LinearMix, LivePanel, Question, Rows, Strategy,
    backtest, forecast_and_keep,
};
use muavu::storage::panel_file::{PanelFile, PanelWriter};

/// Series written at a time: 6 MB of rows.
const BLOCK: usize = 500;

const HORIZON: usize = 14;
/// 2024-01-01, the first day of the panel, in days since 1970-01-01.
const FIRST_DAY: i32 = 19_723;
const SEED: u64 = 20_261_121;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let number = |i: usize, usual: usize| args.get(i).map_or(usual, |text| text.parse().unwrap());
    match args.first().map_or("update", String::as_str) {
        "update" => update(number(1, 10_000), number(2, 730), number(3, 20)),
        "saved" => saved(number(1, 10_000), number(2, 730), number(3, 20)),
        "backtest" => backtests(number(1, 1000), number(2, 730), number(3, 8)),
        "write" => write(number(1, 1000), number(2, 730), args.get(3).unwrap().as_ref()),
        other => println!("{other:?} is none of update, saved, backtest and write"),
    }
}

/// Fits the days that are known and keeps the models.
fn fitted(panel: &[Vec<f64>], days: usize) -> LivePanel {
    let layout = layout();
    let mut first = Rows::none(&layout);
    first.push(&layout, &batch((0, panel), 0, days)).unwrap();
    let start = Watch::start();
    let (_, live, rejected) = forecast_and_keep(first, layout, &question()).unwrap();
    println!(
        "{} series of {days} days fitted and kept in {}: {}, {} without a model",
        panel.len(),
        start.read(),
        live.mix.name(),
        rejected.len()
    );
    live
}

/// Forecasts as record batches, with intervals.
fn forecasts(live: &LivePanel) -> Forecasts {
    let (ask, layout, factors) = (live.ask.clone(), live.layout.clone(), live.factors.clone());
    Forecasts { ask, layout, blocks: live.forecast(NonZeroUsize::MIN), factors }
}

/// Reads kept models and a day's rows, writes forecasts and the models again.
fn saved(series: usize, days: usize, more: usize) {
    let panel = panel(0..series, days + more);
    let folder = tempfile::tempdir().unwrap();
    let [models, day_file, output] =
        ["models", "day.parquet", "forecast.parquet"].map(|name| folder.path().join(name));
    std::fs::write(&models, fitted(&panel, days).to_bytes().unwrap()).unwrap();
    println!("{} MB of models", std::fs::metadata(&models).unwrap().len() >> 20);
    let mut rounds = Vec::new();
    for day in days..days + more {
        let batch = batch((0, &panel), day, day + 1);
        let mut writer = PanelWriter::create(&day_file, &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
        let all = Watch::start();
        let mut live = LivePanel::from_bytes(&std::fs::read(&models).unwrap()).unwrap();
        let mut rows = Rows::none(&live.layout);
        let file = PanelFile::open(&day_file).unwrap();
        for batch in file.batches(&["unique_id", "ds", "y"]).unwrap() {
            rows.push(&live.layout, &batch.unwrap()).unwrap();
        }
        assert!(live.update(rows).is_empty());
        let made = forecasts(&live);
        let schema = Answers::schema(&made.layout, &made.ask);
        let mut writer = PanelWriter::create(&output, &schema.into()).unwrap();
        made.batches().for_each(|batch| writer.write(&batch.unwrap()).unwrap());
        writer.finish().unwrap();
        std::fs::write(&models, live.to_bytes().unwrap()).unwrap();
        rounds.push(all.ms());
    }
    rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ((least, _), (middle, wall)) = (rounds[0], rounds[rounds.len() / 2]);
    println!("from files to files: least {least:.0} ms CPU, middle {middle:.0} ({wall:.0} wall)");
}

fn update(series: usize, days: usize, more: usize) {
    let panel = panel(0..series, days + more);
    let layout = layout();
    let mut live = fitted(&panel, days);
    let mut rounds = Vec::new();
    for day in days..days + more {
        let batch = batch((0, &panel), day, day + 1);
        let mut parts = Vec::new();
        let all = Watch::start();
        let part = Watch::start();
        let mut rows = Rows::none(&layout);
        rows.push(&layout, &batch).unwrap();
        parts.push(part.ms());
        let part = Watch::start();
        assert!(live.update(rows).is_empty());
        parts.push(part.ms());
        let part = Watch::start();
        let made = forecasts(&live);
        parts.push(part.ms());
        let part = Watch::start();
        let written: usize = made.batches().map(|batch| batch.unwrap().num_rows()).sum();
        assert_eq!(written, series * HORIZON);
        parts.push(part.ms());
        rounds.push((all.ms(), parts));
    }
    rounds.sort_by(|a, b| a.0.0.total_cmp(&b.0.0));
    for (name, (all, parts)) in [("least", &rounds[0]), ("middle", &rounds[rounds.len() / 2])] {
        let names = ["rows read", "updated", "forecast", "record batches with intervals"];
        let parts: Vec<String> =
            names.iter().zip(parts).map(|(n, (cpu, _))| format!("{n} {cpu:.1}")).collect();
        println!(
            "{name} of {more} days: {:.1} ms CPU, {:.1} wall ({})",
            all.0,
            all.1,
            parts.join(", ")
        );
    }
}

fn backtests(series: usize, days: usize, windows: usize) {
    let panel = panel(0..series, days);
    let layout = layout();
    let prepare = |pilot: &[Block], ask: &Ask| -> Box<dyn Strategy> {
        Box::new(LinearMix::prepare(pilot, ask))
    };
    let mut least = f64::INFINITY;
    for _ in 0..5 {
        let mut rows = Rows::none(&layout);
        rows.push(&layout, &batch((0, &panel), 0, days)).unwrap();
        let watch = Watch::start();
        let done = backtest(rows, &layout, &question(), (windows, HORIZON), &prepare).unwrap();
        println!("{}: MASE {:.4} over {} forecasts", watch.read(), done.all.mase, done.all.n);
        least = least.min(watch.ms().0);
    }
    println!("{series} series × {windows} windows, everything fitted again: {least:.0} ms CPU");
}

fn write(series: usize, days: usize, file: &Path) {
    let schema = batch((0, &[]), 0, days).schema();
    let mut writer = PanelWriter::create(file, &schema).unwrap();
    for first in (0..series).step_by(BLOCK) {
        let panel = panel(first..(first + BLOCK).min(series), days);
        writer.write(&batch((first, &panel), 0, days)).unwrap();
    }
    writer.finish().unwrap();
}

/// CPU time of this thread and wall time since a moment.
struct Watch {
    cpu_ns: u64,
    wall: Instant,
}

impl Watch {
    fn start() -> Self {
        Self { cpu_ns: cpu_ns(), wall: Instant::now() }
    }

    /// CPU and wall milliseconds.
    fn ms(&self) -> (f64, f64) {
        let cpu = (cpu_ns() - self.cpu_ns) as f64 / 1e6;
        (cpu, self.wall.elapsed().as_secs_f64() * 1e3)
    }

    fn read(&self) -> String {
        let (cpu, wall) = self.ms();
        format!("{cpu:.0} ms CPU, {wall:.0} ms wall")
    }
}

fn cpu_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

fn question() -> Question {
    let (seasons, levels) = (Some(vec![7]), vec![80.0, 95.0]);
    Question { horizon: HORIZON, seasons, freq: None, levels, threads: NonZeroUsize::MIN }
}

fn layout() -> Layout {
    Layout { id: DataType::Int32, ds: DataType::Date32, exogenous: Vec::new() }
}

/// The rows of some series, the first of this number, from one day to another.
fn batch((first, panel): (usize, &[Vec<f64>]), from: usize, to: usize) -> RecordBatch {
    let each = to - from;
    let ids = (0..panel.len()).flat_map(|s| std::iter::repeat_n((first + s) as i32, each));
    let days = (0..panel.len()).flat_map(|_| (from..to).map(|day| FIRST_DAY + day as i32));
    let y = panel.iter().flat_map(|series| series[from..to].iter().copied());
    let schema = Schema::new(vec![
        Field::new("unique_id", DataType::Int32, false),
        Field::new("ds", DataType::Date32, false),
        Field::new("y", DataType::Float64, false),
    ]);
    let (ids, days) = (Int32Array::from_iter_values(ids), Date32Array::from_iter_values(days));
    let y = Float64Array::from_iter_values(y);
    RecordBatch::try_new(Arc::new(schema), vec![Arc::new(ids), Arc::new(days), Arc::new(y)])
        .unwrap()
}

/// The synthetic panel: level, trend, week, year, rain's effect and autocorrelated noise.
fn panel(series: Range<usize>, days: usize) -> Vec<Vec<f64>> {
    series.map(|s| one((s as u64) << 20, days)).collect()
}

fn one(base: u64, days: usize) -> Vec<f64> {
    let p: Vec<f64> = (0..8).map(|k| uniform(base + k)).collect();
    let level = 20.0 + 180.0 * p[0];
    let trend = (p[1] - 0.5) * 0.2 * level;
    let week = level * (0.05 + 0.15 * p[2]);
    let year = level * (0.05 + 0.25 * p[4]);
    let sigma = level * (0.02 + 0.06 * p[6]);
    let effect = -(0.02 + 0.08 * p[7]) * level / 12.0;
    let (mut noise, mut rain_before) = (0.0, 0.0);
    let day = |t: usize| {
        let counter = base + 64 + 4 * t as u64;
        let u = |k: u64| uniform(counter + k);
        let turn = t as f64 / 365.25;
        let z = (-2.0 * (1.0 - u(0)).ln()).sqrt() * (TAU * u(1)).cos();
        noise = 0.6 * noise + sigma * z;
        let dry = u(2) >= 0.35 + 0.25 * (TAU * turn).sin();
        let rain = if dry { 0.0 } else { (-1200.0 * (1.0 - u(3)).ln()).round() / 100.0 };
        let weekday = (t % 7) as f64;
        let season = week * (TAU * (weekday / 7.0 + p[3])).sin()
            + 0.5 * week * f64::from(u8::from(t % 7 == 6))
            + year * (TAU * (turn + p[5])).sin()
            + 0.3 * year * (2.0 * TAU * (turn + p[5])).cos();
        let wet = effect * (0.6 * rain + 0.4 * rain_before);
        rain_before = rain;
        let y = level + trend * turn + season + wet + noise;
        (y.max(0.0) * 1000.0).round() / 1000.0
    };
    (0..days).map(day).collect()
}

/// Noise by counter, in [0, 1): splitmix64.
fn uniform(counter: u64) -> f64 {
    let step = (counter + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut z = SEED.wrapping_add(step);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 * (0.5_f64).powi(53)
}
