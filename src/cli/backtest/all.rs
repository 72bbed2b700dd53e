//! `muavu backtest --all`: the score table of every target, over the last third of each record.

use std::process::ExitCode;

use serde::Serialize;

use super::{Backtest, Done};
use crate::cli::{Context, Failure, Format, show};
use crate::forecast::card::horizons;
use crate::forecast::gate::PUBLISHED;
use crate::forecast::scores::skill;
use crate::forecast::table::ScoreLine;
use crate::forecast::targets::{self, ALONE, Target};
use crate::pipeline::Home;

/// One line of the score table: the published forecast beside the best baseline.
#[derive(Debug, Serialize)]
struct Line {
    target: &'static str,
    window: String,
    horizon: u8,
    n: usize,
    unit: &'static str,
    /// Mean absolute error in the unit; of an event the Brier score.
    error: f64,
    best_baseline: &'static str,
    baseline_error: f64,
    /// Share of the best baseline's pinball loss (of an event, Brier score) that is saved.
    skill: f64,
    /// `None` for an event, which has no interval.
    coverage_80: Option<f64>,
}

/// Backtests every target that was ever measured and prints the table; one that cannot be is named
/// on stderr.
pub(super) async fn run(
    command: &Backtest,
    context: &Context,
    home: &Home,
) -> Result<ExitCode, Failure> {
    let mut table = Vec::new();
    for target in targets::all() {
        match command.one(context, home, target).await {
            Ok(done) => table.extend(lines(target, &done)),
            Err(Failure(fault)) => context.say(format!("{}: {fault}", target.name())),
        }
    }
    match command.format {
        Format::Json => show::json(&table),
        Format::Csv => {
            println!(
                "target,window,horizon,n,unit,error,best_baseline,baseline_error,skill,coverage_80"
            );
            for l in &table {
                println!(
                    "{},{},{},{},{},{:.4},{},{:.4},{:.4},{}",
                    l.target,
                    l.window,
                    l.horizon,
                    l.n,
                    l.unit,
                    l.error,
                    l.best_baseline,
                    l.baseline_error,
                    l.skill,
                    l.coverage_80.map_or(String::new(), |c| format!("{c:.4}"))
                );
            }
        }
        Format::Table => print(&table),
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(target: &'static dyn Target, done: &Done) -> Vec<Line> {
    let pooled: Vec<&ScoreLine> =
        done.lines.iter().filter(|l| l.place.is_none() && !l.model.starts_with(ALONE)).collect();
    let at = |horizon: u8| {
        let here = || pooled.iter().filter(move |l| l.horizon == horizon);
        let own = here().find(|l| l.model == PUBLISHED)?;
        let others = here().filter(|l| l.model != PUBLISHED);
        let best = others.min_by(|a, b| a.loss().total_cmp(&b.loss()))?;
        Some(Line {
            target: target.name(),
            window: format!("{}..{}", done.from, done.to),
            horizon,
            n: own.n,
            unit: target.unit(),
            error: own.error(),
            best_baseline: best.model,
            baseline_error: best.error(),
            skill: skill(own.loss(), best.loss()),
            coverage_80: own.coverage_80,
        })
    };
    horizons(&done.lines).into_iter().filter_map(at).collect()
}

fn print(lines: &[Line]) {
    let heads = [
        "target",
        "window",
        "ahead",
        "n",
        "unit",
        "error",
        "best baseline",
        "its error",
        "skill",
        "80 %",
    ];
    let mut table = show::table(&heads);
    for l in lines {
        table.add_row([
            l.target.to_owned(),
            l.window.clone(),
            l.horizon.to_string(),
            l.n.to_string(),
            l.unit.to_owned(),
            format!("{:.3}", l.error),
            l.best_baseline.to_owned(),
            format!("{:.3}", l.baseline_error),
            format!("{:+.0} %", 100.0 * l.skill),
            l.coverage_80.map_or("–".to_owned(), |c| format!("{:.0}", 100.0 * c)),
        ]);
    }
    show::keep_first_whole(&mut table);
    println!("{table}");
}
