//! `muavu backtest --panel`: how good the engine would have been on a panel of yours.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::forecast::panel::{PanelQuestion, rows};
use crate::cli::{Context, Failure, Format, show};
use crate::forecast::engine::backtest::{Backtest, Score, backtest};
use crate::forecast::engine::table::Layout;
use crate::forecast::engine::{Ask, Block};
use crate::pipeline::PipelineError;
use crate::storage::panel_file::PanelFile;

/// Backtests the panel over this many origins, a horizon apart, and prints the scores.
pub(super) async fn run(
    context: &Context,
    asked: PanelQuestion,
    windows: usize,
    format: Format,
) -> Result<ExitCode, Failure> {
    let found = tokio::task::spawn_blocking(move || {
        let panel = asked.panel.clone().unwrap_or_default();
        score(&asked, &panel, windows)
    })
    .await
    .map_err(PipelineError::from)??;
    context.say(format!(
        "{} origins, steps of {}, seasons {:?}; MASE below the naive's is better than the seasonal naive",
        found.windows, found.freq, found.seasons
    ));
    match format {
        Format::Json => show::json(&found),
        Format::Csv => csv(&found),
        Format::Table => table(&found),
    }
    Ok(ExitCode::SUCCESS)
}

fn score(asked: &PanelQuestion, panel: &Path, windows: usize) -> Result<Backtest, Failure> {
    let file = PanelFile::open(panel)?;
    let layout = Layout::of(file.schema())?;
    let question = asked.question()?;
    let rows = rows(&file, &layout)?;
    let prepare = |pilot: &[Block], ask: &Ask| asked.mode.prepare(pilot, ask);
    Ok(backtest(rows, &layout, &question, (windows, question.horizon), &prepare)?)
}

/// The line over all steps, then one a step.
fn lines(found: &Backtest) -> impl Iterator<Item = (String, &Score)> {
    let steps = (1..).zip(&found.steps).map(|(step, score)| (step.to_string(), score));
    std::iter::once(("all".to_owned(), &found.all)).chain(steps)
}

fn table(found: &Backtest) {
    let covers: Vec<String> = found.levels.iter().map(|l| format!("{l} % covers")).collect();
    let mut heads = vec!["step", "n", "MASE", "naive's", "RMSSE", "sMAPE"];
    heads.extend(covers.iter().map(String::as_str));
    let mut table = show::table(&heads);
    for (step, s) in lines(found) {
        let mut row = vec![step, s.n.to_string()];
        row.extend([s.mase, s.mase_naive, s.rmsse, s.smape].map(|v| format!("{v:.3}")));
        row.extend(s.coverage.iter().map(|c| format!("{:.1}", 100.0 * c)));
        table.add_row(row);
    }
    println!("{table}");
}

fn csv(found: &Backtest) {
    let covers: Vec<String> = found.levels.iter().map(|l| format!("coverage_{l}")).collect();
    println!("step,n,mase,mase_naive,rmsse,smape,{}", covers.join(","));
    for (step, s) in lines(found) {
        let covers: Vec<String> = s.coverage.iter().map(|c| format!("{c:.4}")).collect();
        let covers = covers.join(",");
        let (n, mase, naive, rmsse, smape) = (s.n, s.mase, s.mase_naive, s.rmsse, s.smape);
        println!("{step},{n},{mase:.4},{naive:.4},{rmsse:.4},{smape:.4},{covers}");
    }
}
