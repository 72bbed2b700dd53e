//! Boosted trees on one file of features, for `trees.py`: how long a fit takes and what it is off by.
//! Not a test: it says what it measured.
//!
//! ```sh
//! cargo bench --bench trees -- FILE.parquet      # f0 … f7, y, later (1 for rows to be forecast)
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on must stop where it is, and asks the clock"
)]

use std::path::Path;

use arrow::array::AsArray as _;
use arrow::datatypes::Float64Type;
use linfa::Dataset;
use linfa::traits::{Fit as _, Predict as _};
use muavu::forecast::learn::{Booster, Loss};
use muavu::storage::panel_file::PanelFile;
use ndarray::{Array1, Array2};

const FEATURES: usize = 8;
const LEVELS: [f64; 4] = [0.05, 0.1, 0.9, 0.95];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let Some(file) = args.first() else { return println!("which file? trees.py makes one") };
    let columns = read(file.as_ref());
    let part = |later: f64| {
        let rows: Vec<usize> = (0..columns[0].len())
            .filter(|row| (columns[FEATURES + 1][*row] - later).abs() < 0.5)
            .collect();
        let x = Array2::from_shape_fn((rows.len(), FEATURES), |(i, f)| columns[f][rows[i]]);
        (x, rows.iter().map(|row| columns[FEATURES][*row]).collect::<Array1<f64>>())
    };
    let ((x, y), (later_x, later_y)) = (part(0.0), part(1.0));
    println!("{} rows by {FEATURES}, {} later ones", y.len(), later_y.len());
    let seen = Dataset::new(x.clone(), y.clone());
    let squared = Booster::params();
    let (mut model, mut least_s) = (None, f64::INFINITY);
    for _ in 0..5 {
        let before = cpu_s();
        model = Some(squared.fit(&seen).unwrap());
        least_s = least_s.min(cpu_s() - before);
    }
    let model: Booster = model.unwrap();
    let off = |x: &Array2<f64>, y: &Array1<f64>| {
        let apart = model.predict(x) - y;
        (&apart * &apart).mean().unwrap().sqrt()
    };
    println!(
        "squared: {least_s:.2} CPU s, RMSE {:.4}, later {:.4}",
        off(&x, &y),
        off(&later_x, &later_y)
    );
    for level in LEVELS {
        let before = cpu_s();
        let model = Booster::params().loss(Loss::Quantile(level)).fit(&seen).unwrap();
        let took_s = cpu_s() - before;
        let share = |x: &Array2<f64>, y: &Array1<f64>| {
            let below = model.predict(x).iter().zip(y).filter(|(f, y)| y <= f).count();
            100.0 * below as f64 / y.len() as f64
        };
        let (seen, later) = (share(&x, &y), share(&later_x, &later_y));
        println!(
            "quantile {level}: {took_s:.2} CPU s, above {seen:.1} %, of later rows {later:.1} %"
        );
    }
}

fn read(file: &Path) -> Vec<Vec<f64>> {
    let names: Vec<String> = (0..FEATURES).map(|f| format!("f{f}")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.extend(["y", "later"]);
    let mut columns = vec![Vec::new(); names.len()];
    for batch in PanelFile::open(file).unwrap().batches(&names).unwrap() {
        let batch = batch.unwrap();
        for (name, column) in names.iter().zip(&mut columns) {
            let values = batch.column_by_name(name).unwrap().as_primitive::<Float64Type>();
            column.extend_from_slice(values.values());
        }
    }
    columns
}

/// CPU time of this thread.
fn cpu_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}
