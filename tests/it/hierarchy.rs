//! Parts and sums of a panel that agree, and forecasts that say what they are made of: through the
//! command, and beside the numbers of the Python library hierarchicalforecast.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use muavu::forecast::engine::reconcile::{Method, PastErrors, Projection, Structure};
use serde::Deserialize;

use crate::command::{Said, muavu, said};

/// A small case that hierarchicalforecast reconciled (`tests/bench/hierarchy.py --fixture`).
#[derive(Deserialize)]
struct Fixture {
    groups: Vec<Vec<usize>>,
    bottoms: usize,
    horizon: usize,
    base: Vec<f64>,
    residuals_by_moment: Vec<f64>,
    reconciled: BTreeMap<String, Vec<f64>>,
}

#[test]
fn every_method_gives_the_numbers_of_hierarchicalforecast() {
    let text = include_str!("../fixtures/hierarchy/hierarchicalforecast.json");
    let fixture: Fixture = serde_json::from_str(text).unwrap();
    let structure = Structure::new(fixture.groups, fixture.bottoms).unwrap();
    let errors = PastErrors::of_rows(fixture.residuals_by_moment, structure.len());
    for method in Method::ALL {
        let mut found = fixture.base.clone();
        let projection = Projection::new(&structure, method, &errors).unwrap();
        projection.apply_all(&mut found, fixture.horizon).unwrap();
        let wanted = &fixture.reconciled[method.name()];
        // Theirs adds 2e-8 to every variance, and with it moves results by 3e-8.
        let apart = found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(apart < 1e-7, "{}: {apart}", method.name());
    }
}

const REGIONS: [&str; 3] = ["đông", "tây", "nam"];
const CROPS: [&str; 2] = ["lúa", "dừa"];

/// Twelve monthly series of four years with their region and crop, and a covariate.
fn panel(months: usize) -> String {
    let mut text = "unique_id,ds,y,region,crop,rain\n".to_owned();
    for k in 0..12 {
        for t in 0..months {
            let noise = ((t * 17 + k * 1009) as f64 * 0.618_033_988_749_895).fract() - 0.5;
            let rain = (t * 7 + k) % 5;
            let wave = (t as f64 / 12.0 * std::f64::consts::TAU).sin();
            let y = (20.0 + k as f64) * (1.0 + 0.3 * wave + 0.4 * noise) + 2.0 * rain as f64;
            let (year, month) = (2020 + t / 12, 1 + t % 12);
            let (region, crop) = (REGIONS[k % 3], CROPS[k / 3 % 2]);
            writeln!(text, "s{k:02},{year}-{month:02}-01,{y},{region},{crop},{rain}").unwrap();
        }
    }
    text
}

struct Run {
    said: Said,
    forecast: Vec<BTreeMap<String, String>>,
    explained: Vec<BTreeMap<String, String>>,
}

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    if !path.exists() {
        return Vec::new();
    }
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let header: Vec<String> = lines.next().unwrap().collect();
    lines.map(|row| header.iter().cloned().zip(row).collect()).collect()
}

fn run(files: &[(&str, &str)], args: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let base = ["forecast", "--panel", "panel.csv", "--horizon", "6", "--output", "out.csv"];
    let mut command = muavu(folder.path());
    let said = said(command.current_dir(folder.path()).args(base).args(args));
    let [forecast, explained] = ["out.csv", "why.csv"].map(|name| rows(&folder.path().join(name)));
    Run { said, forecast, explained }
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// The forecasts of one node, step by step.
fn node(run: &Run, id: &str, column: &str) -> Vec<f64> {
    let rows = run.forecast.iter().filter(|row| row["unique_id"] == id);
    rows.map(|row| number(row, column)).collect()
}

fn sum(run: &Run, series: impl Fn(usize) -> bool) -> Vec<f64> {
    let mut sums = vec![0.0; 6];
    for k in (0..12).filter(|k| series(*k)) {
        let own = node(run, &format!("s{k:02}"), "forecast");
        sums.iter_mut().zip(own).for_each(|(sum, y)| *sum += y);
    }
    sums
}

fn assert_close(given: &[f64], wanted: &[f64], what: &str) {
    assert_eq!(given.len(), wanted.len(), "{what}");
    for (a, b) in given.iter().zip(wanted) {
        assert!((a - b).abs() <= 1e-9 * b.abs(), "{what}: {given:?} for {wanted:?}");
    }
}

#[test]
fn all_levels_of_a_panel_add_up_by_every_method_in_both_modes() {
    let panel = panel(48);
    let levels = "total,region,region/crop";
    for (mode, method) in [
        ("fast", "bottom_up"),
        ("fast", "ols"),
        ("fast", "wls_struct"),
        ("fast", "wls_var"),
        ("fast", "mint_shrink"),
        ("auto", "mint_shrink"),
    ] {
        let args = ["--mode", mode, "--hierarchy", levels, "--reconcile", method];
        let found = run(&[("panel.csv", &panel)], &args);
        assert_eq!(found.said.code, 0, "{}", found.said.err);
        assert!(found.said.err.contains(&format!("reconciled by {method}")), "{}", found.said.err);
        assert_eq!(found.forecast.len(), (1 + 3 + 6 + 12) * 6);
        assert_eq!(found.forecast[0]["unique_id"], "total");
        assert_close(&node(&found, "total", "forecast"), &sum(&found, |_| true), method);
        assert_close(&node(&found, "tây", "forecast"), &sum(&found, |k| k % 3 == 1), method);
        let wanted = sum(&found, |k| k % 3 == 2 && k / 3 % 2 == 0);
        assert_close(&node(&found, "nam/lúa", "forecast"), &wanted, method);
        for row in &found.forecast {
            let [low, y, high] = ["lo-80", "forecast", "hi-80"].map(|column| number(row, column));
            assert!(low < y && y < high && number(row, "lo-95") < low, "{row:?}");
        }
        // Errors of parts cancel in part: a sum is known better than if they all erred together.
        let width = |id: &str| node(&found, id, "hi-80")[0] - node(&found, id, "lo-80")[0];
        let parts: f64 = (0..12).map(|k| width(&format!("s{k:02}"))).sum();
        assert!(width("total") < parts, "{} of {parts}", width("total"));
    }
}

#[test]
fn the_same_hierarchy_as_columns_as_a_matrix_and_as_pairs_gives_the_same_numbers() {
    let panel = panel(40);
    let columns = run(&[("panel.csv", &panel)], &["--mode", "fast", "--hierarchy", "total,region"]);
    let mut matrix = "unique_id".to_owned();
    (0..12).for_each(|k| write!(matrix, ",s{k:02}").unwrap());
    for (name, of) in [("total", None), ("đông", Some(0)), ("tây", Some(1)), ("nam", Some(2))] {
        write!(matrix, "\n{name}").unwrap();
        for k in 0..12 {
            write!(matrix, ",{}", u8::from(of.is_none_or(|r| k % 3 == r))).unwrap();
        }
    }
    let mut pairs = "parent,child\n".to_owned();
    REGIONS.iter().for_each(|region| writeln!(pairs, "total,{region}").unwrap());
    (0..12).for_each(|k| writeln!(pairs, "{},s{k:02}", REGIONS[k % 3]).unwrap());
    // The labels are text: without --hierarchy of columns they are not looked at.
    for (file, text) in [("s.csv", &matrix), ("tree.csv", &pairs)] {
        let args = ["--mode", "fast", "--hierarchy", file, "--threads", "3"];
        let found = run(&[("panel.csv", &panel), (file, text)], &args);
        assert_eq!(found.said.code, 0, "{}", found.said.err);
        assert_eq!(found.forecast, columns.forecast, "{file}");
    }
}

/// Every part, by series and step, and the forecast it explains.
fn add_up(explained: &[BTreeMap<String, String>]) -> BTreeMap<(String, String), (f64, f64)> {
    let mut sums: BTreeMap<(String, String), (f64, f64)> = BTreeMap::new();
    for row in explained {
        let key = (row["unique_id"].clone(), row["ds"].clone());
        let sum = sums.entry(key).or_insert((0.0, number(row, "forecast")));
        sum.0 += number(row, "contribution");
    }
    sums
}

#[test]
fn explanations_add_up_to_the_forecasts_that_are_written_beside_them() {
    let panel = panel(48);
    let mut future = "unique_id,ds,rain\n".to_owned();
    for k in 0..12 {
        (1..=6).for_each(|m| writeln!(future, "s{k:02},2024-{m:02}-01,{}", (m + k) % 5).unwrap());
    }
    let files = [("panel.csv", panel.as_str()), ("future.csv", future.as_str())];
    for (args, part) in [
        (vec!["--mode", "fast"], "history"),
        (vec!["--mode", "fast", "--future", "future.csv"], "rain"),
        (vec!["--mode", "auto"], ""),
        (vec!["--mode", "fast", "--hierarchy", "total,region"], "reconciliation"),
        (
            vec!["--mode", "auto", "--hierarchy", "total", "--future", "future.csv"],
            "reconciliation",
        ),
    ] {
        let plain = run(&files, &args);
        let found = run(&files, &[args.as_slice(), &["--explain", "why.csv"]].concat());
        assert_eq!(found.said.code, 0, "{}", found.said.err);
        assert_eq!(found.forecast, plain.forecast, "{args:?}: explaining changes nothing");
        let sums = add_up(&found.explained);
        assert_eq!(sums.len(), found.forecast.len(), "{args:?}");
        for row in &found.forecast {
            let (sum, of) = sums[&(row["unique_id"].clone(), row["ds"].clone())];
            assert_eq!(of, number(row, "forecast"));
            assert!((sum - of).abs() <= 1e-9 * of.abs(), "{args:?} {row:?}: {sum} for {of}");
        }
        let named = found.explained.iter().any(|row| row["part"] == part);
        assert!(part.is_empty() || named, "{args:?} has no part {part}");
        let weighed = found.explained.iter().all(|row| !row["weight"].is_empty());
        assert_eq!(weighed, args == ["--mode", "auto"], "{args:?}: models alone have weights");
    }
}

#[test]
fn a_wrong_hierarchy_is_answered_with_what_is_wrong() {
    let panel = panel(40);
    let cut = panel.replace("s03,2023-04-01", "s03,2033-04-01");
    let short = cut.lines().filter(|line| !line.contains("2033")).collect::<Vec<_>>().join("\n");
    let moved = panel.replacen("đông", "tây", 1);
    let cycle = "parent,child\nall,n\nn,m\nm,n\nm,s00\n";
    let matrix = "unique_id,s00,s99\nall,1,1\n";
    for (panel, files, args, words) in [
        (&panel, "", vec!["--hierarchy", "total,province"], vec!["province", "region"]),
        (&panel, "", vec!["--hierarchy", "total,,region"], vec!["names no column"]),
        (&panel, cycle, vec!["--hierarchy", "spec.csv"], vec!["n > m > n"]),
        (&panel, matrix, vec!["--hierarchy", "spec.csv"], vec!["\"s99\"", "not in the panel"]),
        (&panel, "", vec!["--hierarchy", "missing.csv"], vec!["missing.csv"]),
        (&short, "", vec!["--hierarchy", "total"], vec!["\"s03\"", "ends 1 steps before"]),
        (&moved, "", vec!["--hierarchy", "region"], vec!["\"s00\"", "two labels", "region"]),
        (&panel, "", vec!["--reconcile", "ols"], vec!["--hierarchy"]),
        (&panel, "", vec!["--explain", "out.csv"], vec!["--explain", "--output"]),
        (&panel, "", vec!["--explain", "why.xlsx"], vec!["why.xlsx", ".parquet"]),
        (&panel, "", vec!["--explain", "why.csv", "--save", "m"], vec!["cannot be used with"]),
    ] {
        let found = run(&[("panel.csv", panel), ("spec.csv", files)], &args);
        assert_ne!(found.said.code, 0, "{args:?}");
        for word in words {
            assert!(found.said.err.contains(word), "{args:?}: {}", found.said.err);
        }
        assert!(found.forecast.is_empty(), "{args:?}: nothing is written");
    }
}

#[test]
fn what_was_never_below_zero_is_not_after_reconciling() {
    let mut text = "unique_id,ds,y\n".to_owned();
    for t in 0..60 {
        // One tiny, mostly empty series beside large ones that err.
        let noise = |k: usize| ((t * 13 + k * 7) as f64 * 0.754_877_666).fract() - 0.5;
        let small = if t % 9 == 0 { 1.0 } else { 0.0 };
        let rows = [
            ("big", 500.0 + 300.0 * noise(1)),
            ("wide", 400.0 - 280.0 * noise(2)),
            ("tiny", small),
        ];
        rows.iter().for_each(|(id, y)| writeln!(text, "{id},{t},{y}").unwrap());
        // A total of its own that says far less than its parts.
        writeln!(text, "all,{t},{}", 300.0 + 10.0 * noise(3)).unwrap();
    }
    let pairs = "parent,child\nall,big\nall,wide\nall,tiny\n";
    let args = ["--mode", "fast", "--season", "1", "--hierarchy", "tree.csv", "--reconcile", "ols"];
    let found = run(&[("panel.csv", &text), ("tree.csv", pairs)], &args);
    assert_eq!(found.said.code, 0, "{}", found.said.err);
    assert!(found.said.err.contains("raised to 0"), "{}", found.said.err);
    assert!(found.forecast.iter().all(|row| number(row, "forecast") >= 0.0));
    let mut sums = vec![0.0; 6];
    for id in ["big", "wide", "tiny"] {
        let own = node(&found, id, "forecast");
        sums.iter_mut().zip(own).for_each(|(sum, y)| *sum += y);
    }
    assert_close(&node(&found, "all", "forecast"), &sums, "raised");
}
