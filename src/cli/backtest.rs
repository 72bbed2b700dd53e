//! `muavu backtest`: hold a target's forecasts against what happened, as it was known then.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;

use super::{Context, Failure, Format, show};
use crate::domain::PlaceId;
use crate::domain::quantiles::COLUMNS;
use crate::domain::time::local_text;
use crate::forecast::backtest::{self, Refit, Row, Window, valid_time};
use crate::forecast::card;
use crate::forecast::table::{self, ScoreLine, score_lines};
use crate::forecast::targets::{self, Target};
use crate::frames::forecasts::SCORE;
use crate::ops::clock;
use crate::pipeline::{Home, PipelineError, series};

/// Hold a target's forecasts against what happened, day by day, as it was known then
#[derive(Debug, Args)]
#[command(
    after_help = "Example: muavu backtest salinity_station --from 2010-01-01 --to 2014-06-30"
)]
pub struct Backtest {
    /// What was forecast
    target: String,
    /// First issue day
    #[arg(long, value_name = "DATE")]
    from: Date,
    /// Last issue day
    #[arg(long, value_name = "DATE")]
    to: Date,
    /// How often models are fitted again
    #[arg(long, value_enum, default_value = "yearly")]
    refit: RefitArg,
    /// Only these places, parted by commas
    #[arg(long, value_delimiter = ',', value_name = "PLACE")]
    places: Vec<PlaceId>,
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
        let target = targets::named(&self.target)?;
        let home = Home::open(context.home()).await?;
        let panel = series::panel(&home.lake, target).await?;
        let bar = show::bar(context, "backtest");
        let window = Window {
            from: self.from,
            to: self.to,
            refit: match self.refit {
                RefitArg::Yearly => Refit::Yearly,
                RefitArg::Never => Refit::Never,
            },
            places: (!self.places.is_empty()).then(|| BTreeSet::from_iter(self.places.clone())),
            candidates: self.candidates,
        };
        let walking = bar.clone();
        let rows = tokio::task::spawn_blocking(move || {
            backtest::run(target, &panel, &window, |share| show::share(&walking, share))
        })
        .await
        .map_err(PipelineError::from)??;
        bar.finish_and_clear();
        let lines = score_lines(&rows, target.thresholds());
        if let Some(path) = &self.forecasts {
            write_csv(path, target, &rows)?;
            context.say(format!("{} forecasts are in {}", rows.len(), path.display()));
        }
        if self.keep {
            let window = format!("{}..{}", self.from, self.to);
            let kept = table::rows(&lines, target.name(), &window, &clock::now().to_string());
            home.lake.append(&SCORE, &kept).await?;
        }
        if let Some(folder) = &self.write_card {
            self.write_card(context, folder, target, &lines)?;
        }
        self.print(target, &rows, &lines);
        Ok(ExitCode::SUCCESS)
    }

    fn print(&self, target: &dyn Target, rows: &[Row], lines: &[ScoreLine]) {
        match self.format {
            Format::Json => show::json(&Report {
                target: target.name(),
                unit: target.unit(),
                from: self.from,
                to: self.to,
                forecasts: rows.len(),
                scores: lines,
            }),
            Format::Csv => print_csv(lines),
            Format::Table => print_table(lines),
        }
    }

    fn write_card(
        &self,
        context: &Context,
        folder: &Path,
        target: &dyn Target,
        lines: &[ScoreLine],
    ) -> Result<(), Failure> {
        let path = folder.join(target.name()).join("card.md");
        let text = std::fs::read_to_string(&path).map_err(file_error(&path))?;
        let window = format!("{} to {}", self.from, self.to);
        match card::with_scores(&text, lines, &window, target.unit()) {
            Some(card) => {
                std::fs::write(&path, card).map_err(file_error(&path))?;
                context.say(format!("the card {} is up to date", path.display()));
            }
            None => context.say(format!("{} has no marks for scores, left alone", path.display())),
        }
        Ok(())
    }
}

fn file_error(path: &Path) -> impl Fn(std::io::Error) -> PipelineError {
    move |source| PipelineError::Folder { path: path.to_owned(), source }
}

/// Writes every forecast, one row a place, day, horizon and model; times are local with their
/// offset, so that the date in `valid_time` is the local day forecast.
fn write_csv(path: &Path, target: &dyn Target, rows: &[Row]) -> Result<(), Failure> {
    let failed = |e: csv::Error| match e.into_kind() {
        csv::ErrorKind::Io(source) => file_error(path)(source),
        other => file_error(path)(std::io::Error::other(format!("{other:?}"))),
    };
    let mut csv = csv::Writer::from_path(path).map_err(failed)?;
    let mut head = vec!["target", "place", "issued_at", "valid_time", "horizon", "model"];
    head.extend(COLUMNS);
    head.push("y");
    csv.write_record(&head).map_err(failed)?;
    for row in rows {
        let mut record = vec![
            target.name().to_owned(),
            row.place.to_string(),
            local_text(row.issued_at.0),
            local_text(valid_time(row)?),
            row.horizon.to_string(),
            row.model.to_owned(),
        ];
        record.extend(row.quantiles.values().iter().map(|q| format!("{q:.4}")));
        record.push(row.y.to_string());
        csv.write_record(&record).map_err(failed)?;
    }
    csv.flush().map_err(file_error(path))?;
    Ok(())
}

fn print_table(lines: &[ScoreLine]) {
    let mut table =
        show::table(&["place", "days", "forecaster", "n", "MAE", "pinball", "80 %", "90 %", "CSI"]);
    for line in lines.iter().filter(|l| [1, 3, 7, 14].contains(&l.horizon)) {
        let csi = line.events.last().map_or(String::new(), |e| format!("{:.2}", e.csi));
        table.add_row([
            line.place.as_ref().map_or_else(|| "all".to_owned(), ToString::to_string),
            line.horizon.to_string(),
            line.model.to_owned(),
            line.n.to_string(),
            format!("{:.3}", line.mae),
            format!("{:.3}", line.pinball),
            format!("{:.0}", 100.0 * line.coverage_80),
            format!("{:.0}", 100.0 * line.coverage_90),
            csi,
        ]);
    }
    println!("{table}");
}

fn print_csv(lines: &[ScoreLine]) {
    println!("place,horizon,model,n,mae,rmse,bias,pinball,coverage_80,coverage_90");
    for l in lines {
        let place = l.place.as_ref().map_or("all", |p| p.as_str());
        println!(
            "{place},{},{},{},{:.4},{:.4},{:.4},{:.4},{:.4},{:.4}",
            l.horizon, l.model, l.n, l.mae, l.rmse, l.bias, l.pinball, l.coverage_80, l.coverage_90
        );
    }
}
