//! The notebooks run from the first cell to the last, without Jupyter: on the sample home, on a
//! small archive of real measurements, and on a home that has records of prices.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt as _;

use crate::command::{Said, muavu, said};
use crate::support::{python, shared};

const IMPORTS: &str = "import polars, deltalake, matplotlib.pyplot, numpy";

/// Returns the runner on this home, or `None` after saying why it is skipped.
fn runner(home: &Path, window: &str) -> Option<Command> {
    let mut command = Command::new(python(IMPORTS)?);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MUAVU")) {
        command.env_remove(name);
    }
    let program = Command::cargo_bin("muavu").unwrap();
    command
        .arg(notebooks().join("run.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("MPLCONFIGDIR", home.join("matplotlib"))
        .env("MUAVU_HOME", home)
        .env("MUAVU_BIN", program.get_program())
        .env("MUAVU_WINDOW", window);
    Some(command)
}

fn notebooks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("notebooks")
}

fn import(home: &Path, archive: &Path) {
    let imported = said(muavu(home).args(["import", "-q"]).arg(archive));
    assert_eq!(imported.code, 0, "{}", imported.err);
}

/// Asserts that these notebooks ran through.
fn assert_ran(said: &Said, names: &[&str]) {
    assert_eq!(said.code, 0, "{}\n{}", said.err, said.out);
    for name in names {
        assert!(said.out.contains(&format!("ok: {name}.ipynb")), "{name}: {}", said.out);
    }
}

#[test]
fn every_notebook_runs_on_the_sample_and_says_that_it_is_one() {
    let home = tempfile::tempdir().unwrap();
    let Some(mut runner) = runner(home.path(), "2026-02-09..2026-03-08") else { return };
    let said = said(&mut runner);
    assert_ran(&said, &["a_season", "prices_and_production", "salinity_record"]);
    assert_eq!(said.out.matches("SAMPLE, made up").count(), 3, "{}", said.out);
    assert_eq!(said.out.matches("NO RECORD").count(), 7, "no price, no harvest: {}", said.out);
}

#[test]
fn the_salinity_notebooks_run_on_real_measurements() {
    let Some(data) = shared("data/salinity/daily.csv") else { return };
    let archive = data.parent().unwrap().parent().unwrap();
    let home = tempfile::tempdir().unwrap();
    let Some(mut runner) = runner(home.path(), "2010-05-24..2010-06-25") else { return };
    let small = tempfile::tempdir().unwrap();
    for file in ["salinity/daily.csv", "hydrology/discharge_stungtreng.csv"] {
        let copy = small.path().join(file);
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::copy(archive.join(file), copy).unwrap();
    }
    import(home.path(), small.path());
    let names = ["a_season", "salinity_record"];
    runner.args(names.map(|name| notebooks().join(format!("{name}.ipynb"))));
    let said = said(&mut runner);
    assert_ran(&said, &names);
    assert!(!said.out.contains("SAMPLE"), "{}", said.out);
    assert!(said.out.contains("may_open_sluice_on_ebb"), "the end of the season: {}", said.out);
}

#[test]
fn prices_are_held_against_naive_where_a_record_exists() {
    let home = tempfile::tempdir().unwrap();
    let Some(mut runner) = runner(home.path(), "2015-01-01..2016-12-31") else { return };
    let measured = tempfile::tempdir().unwrap();
    std::fs::create_dir(measured.path().join("salinity")).unwrap();
    let one_day = "station_id,date,ec_us_cm,salinity_g_l\n37,2010-03-01,9000.0,4.5\n";
    std::fs::write(measured.path().join("salinity/daily.csv"), one_day).unwrap();
    import(home.path(), measured.path());
    // Newer than the lake, so the program is not asked for it again.
    let file = "rice_price_export_2015-01-01_2016-12-31.csv";
    std::fs::write(home.path().join(file), prices()).unwrap();
    runner.env("MUAVU_RECORDS", home.path());
    let said = said(runner.arg(notebooks().join("prices_and_production.ipynb")));
    assert_ran(&said, &["prices_and_production"]);
    assert_eq!(said.out.matches("NO RECORD").count(), 6, "{}", said.out);
    // We are off by 5 where naive is off by 10: half of its error is saved, at every month ahead.
    let better = "rice_price_export: better than every simple guess at months ahead [1, 2, 3]";
    assert!(said.out.contains(better), "{}", said.out);
    let row = said.out.lines().find(|line| line.starts_with("│ 3 ")).unwrap();
    let cells: Vec<&str> = row.split(['│', '┆']).map(str::trim).collect();
    assert_eq!(cells[1..8], ["3", "24", "5.00", "10.00", "naive", "50", "100.00"], "{row}");
}

/// Returns a backtest file of two years of a made-up price: what comes is 400 and 410 in turn,
/// ours says 405, naive the other of the two.
fn prices() -> String {
    let mut text = "target,place,issued_at,valid_time,horizon,model,\
                    q05,q10,q25,q50,q75,q90,q95,y\n"
        .to_owned();
    for month in 0..24 {
        for horizon in 1..=3 {
            let valid = month + horizon - 1;
            let came = 400 + 10 * (valid % 2);
            for (model, median) in [("published", 405), ("naive", 810 - came)] {
                let [q05, q10, q25, q75, q90, q95] = [-12, -8, -4, 4, 8, 12].map(|d| median + d);
                writeln!(
                    text,
                    "rice_price_export,world:rice_viet_namese_5,\
                     {}-{:02}-07T07:00:00+07:00,{}-{:02}-01T00:00:00+07:00,{horizon},{model},\
                     {q05},{q10},{q25},{median},{q75},{q90},{q95},{came}",
                    2015 + month / 12,
                    month % 12 + 1,
                    2015 + valid / 12,
                    valid % 12 + 1,
                )
                .unwrap();
            }
        }
    }
    text
}

#[test]
fn a_cell_that_fails_is_named_and_stored_outputs_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let book = home.path().join("broken.ipynb");
    let cell = |source: &str, outputs: &str| {
        format!(
            r##"{{"cells": [{{"cell_type": "markdown", "source": ["# Broken"]}},
            {{"cell_type": "code", "execution_count": null, "outputs": [{outputs}],
              "source": ["x = 1\n", "{source}"]}}]}}"##
        )
    };
    for (text, expected) in [
        (cell("x / 0", ""), ["broken.ipynb, cell 2, line 2: x / 0", "ZeroDivisionError"]),
        (cell("x", "1"), ["broken.ipynb, cell 2", "clear the outputs"]),
    ] {
        std::fs::write(&book, text).unwrap();
        let Some(mut runner) = runner(home.path(), "") else { return };
        let said = said(runner.arg(&book));
        assert_eq!(said.code, 1, "{}", said.err);
        assert!(expected.iter().all(|words| said.err.contains(words)), "{}", said.err);
    }
}
