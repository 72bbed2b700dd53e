//! `muavu backtest`: hold a target's forecasts against what happened, as it was known then.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;

use super::forecast::panel::PanelQuestion;
use super::{Context, Failure, Format, show};
use crate::domain::PlaceId;
use crate::forecast::backtest::{self, Refit, Row, Window};
use crate::forecast::card;
use crate::forecast::table::{self, ScoreLine, score_lines};
use crate::forecast::targets::{self, Target};
use crate::frames::forecasts::{MONTH, SCORE};
use crate::ops::clock;
use crate::pipeline::{Home, PipelineError, series};

mod all;
mod intake;
mod panel;
mod report;

/// Hold a target's forecasts against what happened, day by day, as it was known then
#[derive(Debug, Args)]
#[command(
    after_help = "Examples: muavu backtest salinity_station --from 2010-01-01 --to 2014-06-30\n          \
                  muavu backtest --all\n          \
                  muavu backtest --panel sales.parquet --horizon 14"
)]
pub struct Backtest {
    /// What was forecast
    #[arg(required_unless_present_any = ["all", "panel"], conflicts_with = "panel")]
    target: Option<String>,
    /// Every target, each over the last third of its record: the score table
    #[arg(long, conflicts_with_all = ["target", "from", "to", "forecasts", "places"])]
    all: bool,
    /// First issue day (by default the last third of the record)
    #[arg(long, value_name = "DATE", requires = "to")]
    from: Option<Date>,
    /// Last issue day
    #[arg(long, value_name = "DATE", requires = "from")]
    to: Option<Date>,
    /// How often models are fitted again
    #[arg(long, value_enum, default_value = "yearly")]
    refit: RefitArg,
    /// Only these places, parted by commas
    #[arg(long, value_delimiter = ',', value_name = "PLACE")]
    places: Vec<PlaceId>,
    /// Only places of this kind, such as city, over the last third of their own record; the card has
    /// their scores apart
    #[arg(long, value_name = "KIND", conflicts_with_all = ["all", "places", "panel"])]
    kind: Option<String>,
    /// Also write every forecast to this CSV file
    #[arg(long, value_name = "FILE")]
    forecasts: Option<PathBuf>,
    /// Also run each candidate alone, to see what it adds
    #[arg(long)]
    candidates: bool,
    /// Store the scores, so that the API serves them
    #[arg(long)]
    keep: bool,
    /// Write the scores into the target's model card in this folder
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "models")]
    write_card: Option<PathBuf>,
    #[command(flatten)]
    asked: PanelQuestion,
    /// Origins of the panel's backtest, a horizon apart
    #[arg(long, default_value = "3", requires = "panel")]
    windows: usize,
    /// How to write the scores
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RefitArg {
    /// Before each season
    Yearly,
    /// Once, before the window
    Never,
}

#[derive(Serialize)]
struct Report<'a> {
    target: &'a str,
    unit: &'a str,
    from: Date,
    to: Date,
    forecasts: usize,
    scores: &'a [ScoreLine],
}

impl Backtest {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        if self.asked.panel.is_some() {
            return panel::run(context, self.asked, self.windows, self.format).await;
        }
        let home = Home::open(context.home()).await?;
        if self.all {
            return all::run(&self, context, &home).await;
        }
        if self.target.as_deref() == Some(crate::forecast::intake::NAME) {
            return intake::run(&self, context, &home).await;
        }
        let target = targets::named(self.target.as_deref().unwrap_or_default())?;
        let done = self.one(context, &home, target).await?;
        match self.format {
            Format::Json => show::json(&Report {
                target: target.name(),
                unit: target.unit(),
                from: done.from,
                to: done.to,
                forecasts: done.rows.len(),
                scores: &done.lines,
            }),
            Format::Csv => report::print_csv(&done.lines),
            Format::Table => report::print_table(&done.lines, target),
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Backtests one target, and writes its forecasts, scores and card where asked to.
    async fn one(
        &self,
        context: &Context,
        home: &Home,
        target: &'static dyn Target,
    ) -> Result<Done, Failure> {
        let panel = series::panel(&home.lake, &[target]).await?;
        show::sample(context, &panel);
        let (from, to) = match self.from.zip(self.to) {
            Some(window) => window,
            None => backtest::last_third(target, &panel, self.kind.as_deref())?,
        };
        let window = Window {
            from,
            to,
            refit: match self.refit {
                RefitArg::Yearly => Refit::Yearly,
                RefitArg::Never => Refit::Never,
            },
            places: (!self.places.is_empty()).then(|| BTreeSet::from_iter(self.places.clone())),
            kind: self.kind.clone(),
            candidates: self.candidates,
        };
        let bar = show::bar(context, target.name());
        let walking = bar.clone();
        let rows = tokio::task::spawn_blocking(move || {
            backtest::run(target, &panel, &window, |share| show::share(&walking, share))
        })
        .await
        .map_err(PipelineError::from)??;
        bar.finish_and_clear();
        let lines = score_lines(&rows, target.kind(), target.thresholds());
        if let Some(path) = &self.forecasts {
            report::write_csv(path, target, &rows)?;
            context.say(format!("{} forecasts are in {}", rows.len(), path.display()));
        }
        if self.keep {
            let window = format!("{from}..{to}");
            let (name, now) = (target.name(), clock::now().to_string());
            let mut kept = table::rows(&lines, name, &window, &now);
            for (month, lines) in table::by_month(&rows, target.kind()) {
                let window = format!("{window}{MONTH}{month}");
                kept.extend(table::rows(&lines, name, &window, &now));
            }
            home.lake.append(&SCORE, &kept).await?;
        }
        let done = Done { from, to, rows, lines };
        if let Some(folder) = &self.write_card {
            write_card(context, folder, (target, self.kind.as_deref()), &done)?;
        }
        Ok(done)
    }
}

/// A backtest that was run.
struct Done {
    from: Date,
    to: Date,
    rows: Vec<Row>,
    lines: Vec<ScoreLine>,
}

fn write_card(
    context: &Context,
    folder: &Path,
    (target, kind): (&dyn Target, Option<&str>),
    done: &Done,
) -> Result<(), Failure> {
    let path = folder.join(target.name()).join("card.md");
    let text = std::fs::read_to_string(&path).map_err(report::file_error(&path))?;
    let window = format!("{} to {}", done.from, done.to);
    match card::with_scores(&text, (target, kind), &done.lines, &window) {
        Some(card) => {
            std::fs::write(&path, card).map_err(report::file_error(&path))?;
            let plot = path.with_file_name(card::plot_name(kind));
            std::fs::write(&plot, report::plot(&done.lines, target))
                .map_err(report::file_error(&plot))?;
            context.say(format!("the card {} is up to date", path.display()));
        }
        None => context.say(format!("{} has no marks for scores, left alone", path.display())),
    }
    Ok(())
}
