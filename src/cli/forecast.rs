//! `muavu forecast`: forecast a panel of yours, many series in one go.

use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{Context, Failure, Format, show};
use crate::forecast::engine::table::{DS, ID, Y};
use crate::forecast::engine::{
    Block, EngineError, Forecasts, Freq, Layout, LinearMix, Question, Rows, Strategy,
    forecast_gathered, forecast_streamed,
};
use crate::forecast::engine::series::Ask;
use crate::storage::panel_file::{PanelFile, PanelFileError, PanelWriter, write_csv};

/// Rows of a table on the terminal at most; the rest is for files.
const TABLE_ROWS_MAX: usize = 60;

/// Series without a forecast that are named on stderr at most.
const REFUSED_SHOWN_MAX: usize = 10;

/// Forecast a panel: a file of many series with the columns unique_id, ds and y
#[derive(Debug, Args)]
#[command(
    after_help = "Example: muavu forecast --panel sales.parquet --horizon 14 --output forecast.parquet"
)]
pub struct Forecast {
    /// Panel to forecast, .csv or .parquet: unique_id, ds, y and exogenous columns
    #[arg(long, value_name = "FILE")]
    panel: PathBuf,
    /// Steps to forecast after the last value of each series
    #[arg(long, value_name = "STEPS")]
    horizon: usize,
    /// Season lengths in steps, parted by commas; 1 for none [default: those of the calendar]
    #[arg(long, value_delimiter = ',', value_name = "STEPS")]
    season: Vec<usize>,
    /// Step of ds: D, B, W, MS, QS, YS, h, 15min, or a whole number [default: as found]
    #[arg(long)]
    freq: Option<String>,
    /// Levels of the intervals in percent
    #[arg(long, value_delimiter = ',', default_value = "80,95")]
    levels: Vec<f64>,
    /// How each series is forecast
    #[arg(long, value_enum, default_value = "auto")]
    mode: Mode,
    /// Exogenous values of the steps to come, .csv or .parquet: unique_id, ds and their columns
    #[arg(long, value_name = "FILE")]
    future: Option<PathBuf>,
    /// Threads that forecast [default: one a core]
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// Write the forecasts to this file, .csv or .parquet, instead of to stdout
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How to write the forecasts to stdout
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// How series are forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// A mix of linear models, the same for all series: over 10,000 series a second.
    Fast,
    /// Chosen and averaged series by series by errors at past origins.
    Auto,
}

impl Forecast {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let (forecasts, this) = tokio::task::spawn_blocking(move || {
            let forecasts = self.forecast();
            forecasts.map(|forecasts| (forecasts, self))
        })
        .await
        .map_err(crate::pipeline::PipelineError::from)??;
        this.tell(context, &forecasts);
        match &this.output {
            Some(path) => this.write(path, &forecasts)?,
            None => this.print(&forecasts)?,
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Streams the panel where it can; gathers it where covariates come from a second file or the
    /// rows of a series stand apart.
    fn forecast(&self) -> Result<Forecasts, Failure> {
        let question = self.question()?;
        let file = PanelFile::open(&self.panel)?;
        let mut layout = Layout::of(file.schema())?;
        if self.future.is_none() && file.is_complete(Y) {
            layout.exogenous.clear();
        }
        let prepare = |pilot: &[Block], ask: &Ask| self.mode.prepare(pilot, ask);
        if self.future.is_none() {
            let batches = batches(&file, &layout)?;
            match forecast_streamed(batches, layout.clone(), &question, &prepare) {
                Err(Reading::Engine(EngineError::Scattered { .. })) => {}
                done => return Ok(done?),
            }
        }
        let mut rows = Rows::none(&layout);
        for batch in batches(&file, &layout)? {
            rows.push(&layout, &batch?)?;
        }
        if let Some(path) = &self.future {
            let future = PanelFile::open(path)?;
            for batch in batches(&future, &layout)? {
                rows.push(&layout, &batch?)?;
            }
        }
        Ok(forecast_gathered(rows, layout, &question, &prepare)?)
    }

    fn question(&self) -> Result<Question, EngineError> {
        let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Ok(Question {
            horizon: self.horizon,
            seasons: (!self.season.is_empty()).then(|| self.season.clone()),
            freq: self.freq.as_deref().map(Freq::parse).transpose()?,
            levels: self.levels.clone(),
            threads: self.threads.unwrap_or_else(cores),
        })
    }

    /// Says on stderr what was found and what has no forecast.
    fn tell(&self, context: &Context, forecasts: &Forecasts) {
        let ask = &forecasts.ask;
        let series: usize = forecasts.blocks.iter().map(|b| b.len()).sum();
        let shortened: usize = forecasts.blocks.iter().map(|b| b.shortened).sum();
        let refused: Vec<_> = forecasts.blocks.iter().flat_map(|b| &b.refused).collect();
        context.say(format!(
            "{series} series forecast for {} steps of {}, seasons {:?}",
            ask.horizon, ask.freq, ask.seasons
        ));
        if shortened > 0 {
            context.say(format!("{shortened} series begin after a gap too long to be spanned"));
        }
        for (id, why) in refused.iter().take(REFUSED_SHOWN_MAX) {
            context.say(format!("series {id} has no forecast: {why}"));
        }
        if refused.len() > REFUSED_SHOWN_MAX {
            let more = refused.len() - REFUSED_SHOWN_MAX;
            context.say(format!("{more} more series have no forecast (all in --format json)"));
        }
    }

    fn write(&self, path: &Path, forecasts: &Forecasts) -> Result<(), Failure> {
        let schema = crate::forecast::engine::Answers::schema(&forecasts.layout, &forecasts.ask);
        let mut writer = PanelWriter::create(path, &schema.into())?;
        for batch in forecasts.batches() {
            writer.write(&batch?)?;
        }
        Ok(writer.finish()?)
    }

    fn print(&self, forecasts: &Forecasts) -> Result<(), Failure> {
        match self.format {
            Format::Table => print_table(forecasts),
            Format::Json => print_json(forecasts),
            Format::Csv => print_csv(forecasts),
        }
    }
}

impl Mode {
    fn prepare(self, pilot: &[Block], ask: &Ask) -> Box<dyn Strategy> {
        match self {
            Self::Fast | Self::Auto => Box::new(LinearMix::prepare(pilot, ask)),
        }
    }
}

/// What may fail while a panel streams by.
#[derive(Debug, thiserror::Error)]
enum Reading {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    File(#[from] PanelFileError),
}

impl From<Reading> for Failure {
    fn from(reading: Reading) -> Self {
        match reading {
            Reading::Engine(error) => error.into(),
            Reading::File(error) => error.into(),
        }
    }
}

fn batches(
    file: &PanelFile,
    layout: &Layout,
) -> Result<impl Iterator<Item = Result<RecordBatch, Reading>> + Send, PanelFileError> {
    let mut columns = vec![ID, DS, Y];
    columns.extend(layout.exogenous.iter().map(String::as_str));
    Ok(file.batches(&columns)?.map(|batch| batch.map_err(Reading::File)))
}

/// The cells of a batch as text; a null is empty.
fn cells(batch: &RecordBatch) -> Result<Vec<Vec<String>>, EngineError> {
    let options = FormatOptions::default();
    let columns = batch.columns().iter();
    let columns = columns.map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let row = |i: usize| columns.iter().map(|c| c.value(i).to_string()).collect();
    Ok((0..batch.num_rows()).map(row).collect())
}

fn print_table(forecasts: &Forecasts) -> Result<(), Failure> {
    let schema = crate::forecast::engine::Answers::schema(&forecasts.layout, &forecasts.ask);
    let heads: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    let mut table = show::table(&heads);
    let rows: usize = forecasts.blocks.iter().map(|b| b.point.len()).sum();
    let mut left = TABLE_ROWS_MAX;
    for batch in forecasts.batches() {
        let batch = batch?;
        for row in cells(&batch.slice(0, batch.num_rows().min(left)))? {
            table.add_row(row.into_iter().enumerate().map(|(i, cell)| {
                if i < 2 { cell } else { cell.parse::<f64>().map_or(cell, |v| format!("{v:.3}")) }
            }));
            left -= 1;
        }
        if left == 0 {
            break;
        }
    }
    println!("{table}");
    if rows > TABLE_ROWS_MAX {
        println!("{} more rows: write them with --output FILE", rows - TABLE_ROWS_MAX);
    }
    Ok(())
}

fn print_csv(forecasts: &Forecasts) -> Result<(), Failure> {
    let schema = crate::forecast::engine::Answers::schema(&forecasts.layout, &forecasts.ask);
    let mut writer = csv::Writer::from_writer(std::io::stdout().lock());
    let stdout = Path::new("stdout");
    let failed = |source| PanelFileError::Path {
        doing: "write to",
        path: stdout.to_owned(),
        source,
    };
    let heads = schema.fields().iter().map(|f| f.name());
    writer.write_record(heads).map_err(|e| failed(e.into()))?;
    for batch in forecasts.batches() {
        write_csv(&mut writer, &batch?, stdout)?;
    }
    writer.flush().map_err(failed)?;
    Ok(())
}

/// One series as JSON.
#[derive(Serialize)]
struct SeriesJson<'a> {
    unique_id: String,
    model: String,
    forecast: &'a [f64],
    intervals: Vec<IntervalJson>,
}

#[derive(Serialize)]
struct IntervalJson {
    level: f64,
    lower: Vec<Option<f64>>,
    upper: Vec<Option<f64>>,
}

#[derive(Serialize)]
struct RefusedJson<'a> {
    unique_id: &'a str,
    reason: String,
}

#[derive(Serialize)]
struct PanelJson<'a> {
    freq: String,
    seasons: &'a [usize],
    horizon: usize,
    series: Vec<SeriesJson<'a>>,
    refused: Vec<RefusedJson<'a>>,
}

fn print_json(forecasts: &Forecasts) -> Result<(), Failure> {
    let factors = forecasts.factors();
    let ask = &forecasts.ask;
    let some = |path: Vec<f64>| path.into_iter().map(|y| (!y.is_nan()).then_some(y)).collect();
    let mut series = Vec::new();
    for block in &forecasts.blocks {
        for i in 0..block.len() {
            let outlook = block.outlook(i, &factors);
            let bounds = ask.levels.iter().zip(outlook.lower.into_iter().zip(outlook.upper));
            series.push(SeriesJson {
                unique_id: block.ids.text(i),
                model: outlook.model,
                forecast: &block.point[i * ask.horizon..(i + 1) * ask.horizon],
                intervals: bounds
                    .map(|(level, (lower, upper))| IntervalJson {
                        level: *level,
                        lower: some(lower),
                        upper: some(upper),
                    })
                    .collect(),
            });
        }
    }
    let refused = forecasts.blocks.iter().flat_map(|block| &block.refused);
    let refused = refused.map(|(id, why)| RefusedJson { unique_id: id, reason: why.to_string() });
    show::json(&PanelJson {
        freq: ask.freq.to_string(),
        seasons: &ask.seasons,
        horizon: ask.horizon,
        series,
        refused: refused.collect(),
    });
    std::io::stdout().flush().map_err(|source| PanelFileError::Path {
        doing: "write to",
        path: PathBuf::from("stdout"),
        source,
    })?;
    Ok(())
}
