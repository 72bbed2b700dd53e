//! `muavu forecast --panel`: forecast a panel of yours, many series in one go.

use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::explain::ExplainTo;
use super::hierarchy::HierarchyOf;
use crate::cli::{Context, Failure, Format, show};
use crate::forecast::engine::auto::Plan;
use crate::forecast::engine::table::{DS, ID, Y};
use crate::forecast::engine::{
    Answers, Ask, Block, EngineError, Forecasts, Freq, Layout, LinearMix, LivePanel, Question,
    Rows, Strategy, forecast_and_keep, forecast_gathered, forecast_streamed,
};
use crate::storage::panel_file::{PanelFile, PanelFileError, PanelWriter, write_csv};

/// Rows of a table on the terminal at most; the rest is for files.
const TABLE_ROWS_MAX: usize = 60;

/// Series without a forecast that are named on stderr at most.
const REFUSED_SHOWN_MAX: usize = 10;

/// A panel of series and what is asked of it.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct PanelQuestion {
    /// A panel of yours, .csv or .parquet: unique_id, ds, y and exogenous columns
    #[arg(long, value_name = "FILE")]
    pub panel: Option<PathBuf>,
    /// Steps to forecast after the last value of each series
    #[arg(long, value_name = "STEPS", requires = "panel")]
    horizon: Option<usize>,
    /// Season lengths in steps, parted by commas; 1 for none [default: those of the calendar]
    #[arg(long, value_delimiter = ',', value_name = "STEPS", requires = "panel")]
    season: Vec<usize>,
    /// Step of ds: D, B, W, MS, QS, YS, h, 15min, or a whole number [default: as found]
    #[arg(long, requires = "panel")]
    freq: Option<String>,
    /// Levels of the intervals in percent
    #[arg(long, value_delimiter = ',', default_value = "80,95")]
    levels: Vec<f64>,
    /// How each series is forecast
    #[arg(long, value_enum, default_value = "auto")]
    pub mode: Mode,
    /// Threads that forecast [default: one a core]
    #[arg(long)]
    threads: Option<NonZeroUsize>,
}

/// What a forecast of a panel takes and keeps beside the question.
#[derive(Debug, Clone, Args)]
pub(super) struct PanelForecast {
    #[command(flatten)]
    asked: PanelQuestion,
    /// Exogenous values of the steps to come, .csv or .parquet: unique_id, ds and their columns
    #[arg(long, value_name = "FILE", requires = "panel")]
    future: Option<PathBuf>,
    /// Keep the fitted models in this file, so that later rows need no history (fast, no covariates)
    #[arg(long, value_name = "FILE", requires = "panel", conflicts_with = "future")]
    save: Option<PathBuf>,
    /// Go on from kept models: the panel holds only new rows; the models are kept again
    #[arg(long, value_name = "FILE", requires = "panel",
          conflicts_with_all = ["save", "future", "horizon", "season"])]
    models: Option<PathBuf>,
    /// Write the forecasts to this file, .csv or .parquet, instead of to stdout
    #[arg(long, value_name = "FILE", requires = "panel")]
    output: Option<PathBuf>,
    #[command(flatten)]
    explain: ExplainTo,
    #[command(flatten)]
    hierarchy: HierarchyOf,
}

/// How series are forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Mode {
    /// A mix of linear models, the same for all series: over 10,000 series a second.
    Fast,
    /// Chosen and averaged series by series by errors at past origins.
    Auto,
}

impl PanelForecast {
    pub(super) async fn run(self, context: &Context, format: Format) -> Result<ExitCode, Failure> {
        let panel = self.asked.panel.clone().unwrap_or_default();
        self.explain.check(self.output.as_deref())?;
        let (forecasts, notes, this) = tokio::task::spawn_blocking(move || {
            let done = if self.hierarchy.is_asked() {
                self.hierarchy.forecast(&self.asked, self.future.as_deref(), &self.explain)
            } else {
                self.forecast(&panel).map(|forecasts| (forecasts, Vec::new()))
            };
            done.map(|(forecasts, notes)| (forecasts, notes, self))
        })
        .await
        .map_err(crate::pipeline::PipelineError::from)??;
        this.tell(context, &forecasts);
        notes.into_iter().for_each(|note| context.say(note));
        this.explain.write(&forecasts)?;
        match &this.output {
            Some(path) => this.write(path, &forecasts)?,
            None => print(&forecasts, format)?,
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Streams the panel where it can; gathers it where covariates come from a second file or the
    /// rows of a series stand apart.
    fn forecast(&self, panel: &Path) -> Result<Forecasts, Failure> {
        let file = PanelFile::open(panel)?;
        let mut layout = Layout::of(file.schema())?;
        if let Some(models) = &self.models {
            return self.go_on(models, &file, layout);
        }
        let question = self.asked.question()?;
        if let Some(models) = &self.save {
            return save(models, &file, layout, &question);
        }
        if self.future.is_none() && file.is_complete(Y) {
            layout.exogenous.clear();
        }
        let prepare =
            |pilot: &[Block], ask: &Ask| self.explain.prepare(self.asked.mode, pilot, ask);
        if self.future.is_none() {
            let batches = batches(&file, &layout)?;
            match forecast_streamed(batches, layout.clone(), &question, &prepare) {
                Err(Reading::Engine(EngineError::Scattered { .. })) => {}
                done => return Ok(done?),
            }
        }
        let rows = gathered(&file, &layout, self.future.as_deref())?;
        Ok(forecast_gathered(rows, layout, &question, &prepare)?)
    }

    /// Takes new rows up into kept models and forecasts from them.
    fn go_on(&self, path: &Path, file: &PanelFile, layout: Layout) -> Result<Forecasts, Failure> {
        let bytes = std::fs::read(path).map_err(file_error("read", path))?;
        let mut live = LivePanel::from_bytes(&bytes)?;
        let layout = Layout { exogenous: Vec::new(), ..layout };
        let rejected = live.update(rows(file, &layout)?);
        let mut blocks = live.forecast(self.asked.threads());
        if let Some(block) = blocks.first_mut() {
            block.refused.extend(rejected);
        }
        write_whole(path, &live.to_bytes()?)?;
        let LivePanel { ask, layout, factors, .. } = live;
        Ok(Forecasts { ask, layout, blocks, factors })
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
        let schema = Answers::schema(&forecasts.layout, &forecasts.ask);
        let mut writer = PanelWriter::create(path, &schema.into())?;
        for batch in forecasts.batches() {
            writer.write(&batch?)?;
        }
        Ok(writer.finish()?)
    }
}

fn print(forecasts: &Forecasts, format: Format) -> Result<(), Failure> {
    match format {
        Format::Table => print_table(forecasts),
        Format::Json => print_json(forecasts),
        Format::Csv => print_csv(forecasts),
    }
}

impl PanelQuestion {
    fn threads(&self) -> NonZeroUsize {
        let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.threads.unwrap_or_else(cores)
    }

    pub(in crate::cli) fn question(&self) -> Result<Question, EngineError> {
        Ok(Question {
            horizon: self.horizon.unwrap_or(0),
            seasons: (!self.season.is_empty()).then(|| self.season.clone()),
            freq: self.freq.as_deref().map(Freq::parse).transpose()?,
            levels: self.levels.clone(),
            threads: self.threads(),
        })
    }
}

impl Mode {
    /// Returns the strategy of this mode, learned from a pilot of the panel.
    pub fn prepare(self, pilot: &[Block], ask: &Ask) -> Box<dyn Strategy> {
        match self {
            Self::Fast => Box::new(LinearMix::prepare(pilot, ask)),
            Self::Auto => Box::new(Plan::prepare(pilot, ask)),
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

/// Reads every row of a panel file.
pub(in crate::cli) fn rows(file: &PanelFile, layout: &Layout) -> Result<Rows, Failure> {
    let mut rows = Rows::none(layout);
    for batch in batches(file, layout)? {
        rows.push(layout, &batch?)?;
    }
    Ok(rows)
}

/// Reads every row of a panel file and of the file of its future, where there is one.
pub(super) fn gathered(
    file: &PanelFile,
    layout: &Layout,
    future: Option<&Path>,
) -> Result<Rows, Failure> {
    let mut rows = rows(file, layout)?;
    if let Some(path) = future {
        for batch in batches(&PanelFile::open(path)?, layout)? {
            rows.push(layout, &batch?)?;
        }
    }
    Ok(rows)
}

/// Forecasts the panel and keeps its models in a file.
fn save(
    path: &Path,
    file: &PanelFile,
    layout: Layout,
    question: &Question,
) -> Result<Forecasts, Failure> {
    let layout = Layout { exogenous: Vec::new(), ..layout };
    let rows = rows(file, &layout)?;
    let (mut forecasts, live, rejected) = forecast_and_keep(rows, layout, question)?;
    if let Some(block) = forecasts.blocks.first_mut() {
        let known = |id: &str| block.refused.iter().any(|(refused, _)| refused == id);
        let rejected: Vec<_> = rejected.into_iter().filter(|(id, _)| !known(id)).collect();
        block.refused.extend(rejected);
    }
    write_whole(path, &live.to_bytes()?)?;
    Ok(forecasts)
}

/// Writes a file under a temporary name beside it, then gives it its own.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), PanelFileError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    std::fs::write(&part, bytes).map_err(file_error("write", path))?;
    std::fs::rename(&part, path).map_err(file_error("write", path))
}

fn file_error(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> PanelFileError {
    let path = path.to_owned();
    move |source| PanelFileError::Path { doing, path, source }
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
    let schema = Answers::schema(&forecasts.layout, &forecasts.ask);
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
    let schema = Answers::schema(&forecasts.layout, &forecasts.ask);
    let mut writer = csv::Writer::from_writer(std::io::stdout().lock());
    let stdout = Path::new("stdout");
    let failed =
        |source| PanelFileError::Path { doing: "write to", path: stdout.to_owned(), source };
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
    let factors = &forecasts.factors;
    let ask = &forecasts.ask;
    let some = |path: Vec<f64>| path.into_iter().map(|y| (!y.is_nan()).then_some(y)).collect();
    let mut series = Vec::new();
    for block in &forecasts.blocks {
        for i in 0..block.len() {
            let outlook = block.outlook(i, factors);
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
