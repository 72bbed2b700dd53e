//! `muavu backtest --all`: the score table of every target, over the last third of each record.

use std::process::ExitCode;

use serde::Serialize;

use super::{Backtest, Done};
use crate::cli::{Context, Failure, Format, show};
use crate::forecast::card::horizons;
use crate::forecast::gate::PUBLISHED;
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
    mae: f64,
    best_baseline: &'static str,
    baseline_mae: f64,
    /// Share of the best baseline's pinball loss that is saved, above 0 is better.
    pinball_skill: f64,
    coverage_80: f64,
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
                "target,window,horizon,n,unit,mae,best_baseline,baseline_mae,pinball_skill,coverage_80"
            );
            for l in &table {
                println!(
                    "{},{},{},{},{},{:.4},{},{:.4},{:.4},{:.4}",
                    l.target,
                    l.window,
                    l.horizon,
                    l.n,
                    l.unit,
                    l.mae,
                    l.best_baseline,
                    l.baseline_mae,
                    l.pinball_skill,
                    l.coverage_80
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
        let best = others.min_by(|a, b| a.pinball.total_cmp(&b.pinball))?;
        Some(Line {
            target: target.name(),
            window: format!("{}..{}", done.from, done.to),
            horizon,
            n: own.n,
            unit: target.unit(),
            mae: own.mae,
            best_baseline: best.model,
            baseline_mae: best.mae,
            pinball_skill: 1.0 - own.pinball / best.pinball,
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
        "MAE",
        "best baseline",
        "its MAE",
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
            format!("{:.3}", l.mae),
            l.best_baseline.to_owned(),
            format!("{:.3}", l.baseline_mae),
            format!("{:+.0} %", 100.0 * l.pinball_skill),
            format!("{:.0}", 100.0 * l.coverage_80),
        ]);
    }
    show::keep_first_whole(&mut table);
    println!("{table}");
}
